//! What one step of a model costs, or an operator at sizes, as one object that serialises to the documented JSON.

mod answer;
mod bytes;
mod explain;
mod memory;
mod mesh;
mod parameters;
mod step;
mod time;

use cost_core::cost::{
    At, Kernel, Options, Tensor, Totals, check_routing, derive, kernels, tensors, tensors_of, totals,
};
use cost_core::expr::{Expr, Notation, Rational};
use cost_core::format::Class;
use cost_core::hardware::Hardware;
use cost_core::op::{Op, Role};
use cost_core::roofline::{self, intensity};
use cost_core::{Error, Result};

use crate::model::{Model, Workload};
use crate::offload::Offload;
use crate::tower::Run;

pub use answer::{
    AtSizes, Cache, Flops, FormatNames, HardwareReport, KernelReport, KernelVerdict, MovedBytes, Params, Report,
    SCHEMA, Step, TensorRead,
};
pub use bytes::Bytes;
pub use explain::{Explanation, explain_operator, explain_step};
pub use memory::Memory;
pub use mesh::{CollectiveReport, OnMesh, PipelineReport, Timing, report_on_mesh, report_operator_on_mesh};
pub use parameters::{params, weight_formats};
pub use time::{CalibratedTime, Timed};

/// Counts a step of a model, in its own number formats but for those that are asked for, and judges it on devices.
pub fn report(model: &Model, workload: &Workload, options: &Options, devices: &[Hardware]) -> Result<Report> {
    report_beside(model, workload, options, devices, None)
}

/// As [`report`], on devices of which each has such a host, whose memory holds the weights that the formats leave there.
pub fn report_beside(
    model: &Model,
    workload: &Workload,
    options: &Options,
    devices: &[Hardware],
    offload: Option<&Offload<'_>>,
) -> Result<Report> {
    report_timed(model, workload, options, devices, offload, None)
}

/// As [`report_beside`], with calibrated times beside the bounds where they are asked for.
pub fn report_timed(
    model: &Model,
    workload: &Workload,
    options: &Options,
    devices: &[Hardware],
    offload: Option<&Offload<'_>>,
    timed: Option<Timed<'_>>,
) -> Result<Report> {
    model.takes(workload.phase, Some(workload.past))?;
    model.check_routing(Some(workload), options)?;
    let options = &*model.options(options);
    let of = Step {
        model: model.name.clone(),
        phase: workload.phase.name(),
        batch: workload.batch,
        past: workload.past,
        tokens: workload.tokens,
        tower_tokens: model.tower_tokens(),
    };
    let (sizes, symbols) = (model.sizes(workload)?, model.symbols(workload.phase)?);
    let (owned, one) = (model.owned_sizes(workload)?, model.sizes_of_one(workload)?);
    let counted = |op: &Op<'_>| Counted { op, sizes, owned, symbols, one: Some(one), options }.part();
    let mut parts = Vec::new();
    for run in model.beside(workload)? {
        parts.push(beside(&run, options)?);
    }
    parts.push(model.architecture().with(counted)?);
    let mut report = put_together(of, parts, options, devices, (offload, timed))?;
    report.params.mtp = parameters::further(model, workload)?;
    report.notes.clone_from(&model.notes);
    report.notes.extend(model.source_note(workload));
    report.notes.extend(step::ignored(model, workload, options)?);
    Ok(report)
}

/// Counts an operator at a size for each of its axes, and judges it on devices. Sizes that it declares in terms of others are
/// computed, whatever `sizes` says.
///
/// ```
/// use cost_core::{Operator, Options};
/// use cost_models::{ops::Linear, report::report_operator};
///
/// let report = report_operator(Linear::OP, &[1, 2, 3, 4], &Options::default(), &[])?;
/// assert_eq!(report.of.at[3], ("f".to_owned(), 4));
/// assert_eq!(report.flops.total, 2 * 2 * 3 * 4);
/// assert_eq!(report.memory.weights.whole(), Some(2 * 3 * 4));
/// # Ok::<(), cost_core::Error>(())
/// ```
pub fn report_operator(op: &Op<'_>, sizes: &[u64], options: &Options, devices: &[Hardware]) -> Result<Report<AtSizes>> {
    report_operator_timed(op, sizes, options, devices, None)
}

/// As [`report_operator`], with calibrated times beside the bounds where they are asked for.
pub fn report_operator_timed(
    op: &Op<'_>,
    sizes: &[u64],
    options: &Options,
    devices: &[Hardware],
    timed: Option<Timed<'_>>,
) -> Result<Report<AtSizes>> {
    if sizes.len() != op.axes.len() {
        return Err(Error::Sizes { op: op.name.to_owned(), expected: op.axes.len(), found: sizes.len() });
    }
    let mut wide: Vec<u128> = sizes.iter().map(|size| u128::from(*size)).collect();
    derive(op, &mut wide)?;
    let narrow = |size: &u128| u64::try_from(*size).map_err(|_| Error::Overflow { counting: "sizes" });
    let sizes = &wide.iter().map(narrow).collect::<Result<Vec<u64>>>()?;
    let at = op.axes.iter().zip(sizes).map(|(axis, size)| ((*axis).to_owned(), *size)).collect();
    // A size of a condition or of a loop is more telling than its name.
    let shown = |axis: u8| op.inputs.iter().any(|input| input.shape.has(axis));
    let symbols = (0_u8..).zip(sizes).map(|(axis, size)| match size {
        0 => Expr::int(0),
        1 if !shown(axis) => Expr::int(1),
        _ => Expr::axis(u16::from(axis)),
    });
    let symbols = symbols.collect();
    // What steps change, as a model does: all else stays.
    let one = op.axis_named("t").map(|_| {
        let one =
            |(axis, size): (&&str, &u64)| if matches!(*axis, "b" | "s" | "t" | "o") { 1 } else { u128::from(*size) };
        op.axes.iter().zip(sizes).map(one).collect()
    });
    check_routing(op, &wide, options)?;
    let part = Counted { op, sizes: wide.clone(), owned: wide, symbols, one, options }.part()?;
    put_together(AtSizes { operator: op.name.to_owned(), at }, vec![part], options, devices, (None, timed))
}

/// An operator and how it is counted.
struct Counted<'a> {
    op: &'a Op<'a>,
    sizes: Vec<u128>,
    /// The same for what it owns, used in this step or in others.
    owned: Vec<u128>,
    /// The axes of its formulas.
    symbols: Vec<Expr>,
    /// Its sizes for one token of one sequence; nothing if it doesn't know of tokens.
    one: Option<Vec<u128>>,
    options: &'a Options,
}

/// What an operator costs, of which there may be others in a report.
struct Part {
    kernels: Vec<Kernel<u128>>,
    described: Vec<KernelReport>,
    weights: String,
    params: Params,
    memory: Memory,
    /// Bits of caches that a token adds, and of states.
    token_bits: u128,
    state_bits: u128,
}

/// What runs for the images of a step, or is only held in it.
fn beside(run: &Run<'_>, options: &Options) -> Result<Part> {
    let (sizes, symbols) = (run.model.sizes(&run.workload)?, run.model.symbols(run.workload.phase)?);
    let options = &*run.model.options(options);
    let counted = |op: &Op<'_>| Counted { op, sizes: sizes.clone(), owned: sizes, symbols, one: None, options }.part();
    let mut part = run.model.architecture().with(counted)?;
    if !run.runs {
        part.kernels.clear();
        part.described.clear();
        part.memory = Memory::of_bits(part.memory.weights.bits(), 0, 0)?;
    }
    for path in part.kernels.iter_mut().map(|it| &mut it.path).chain(part.described.iter_mut().map(|it| &mut it.path)) {
        *path = format!("{}.{path}", run.name);
    }
    Ok(part)
}

/// A report of several operators that run one after the other; formats are those of the last one.
fn put_together<Of>(
    of: Of,
    parts: Vec<Part>,
    options: &Options,
    devices: &[Hardware],
    (offload, timed): (Option<&Offload<'_>>, Option<Timed<'_>>),
) -> Result<Report<Of>> {
    let (mut kernels, mut described) = (Vec::new(), Vec::new());
    let (mut params, mut memory) = (Params::default(), Memory::of_bits(0, 0, 0)?);
    let (mut weights, mut token_bits, mut state_bits) = (String::new(), 0, 0);
    for part in parts {
        kernels.extend(part.kernels);
        described.extend(part.described);
        params = parameters::sum(&params, &part.params)?;
        memory = memory.and(&part.memory)?;
        (weights, token_bits, state_bits) = (part.weights, part.token_bits, part.state_bits);
    }
    let Totals { flops, bits } = totals(&kernels)?;
    let class = flops.class();
    let judged = devices.iter().map(|device| verdict(&kernels, device, class, &memory, (offload, timed)));
    Ok(Report {
        of,
        formats: FormatNames {
            weights,
            acts: options.formats.of(Role::Act).to_string(),
            cache: options.formats.of(Role::Cache).to_string(),
        },
        params,
        cache: Cache {
            bytes_per_token: Bytes::of_bits(token_bits),
            bytes_total: memory.cache,
            state_bytes: Bytes::of_bits(state_bits),
        },
        memory,
        flops: Flops { total: flops.total()?, matmul: flops.matmul()?, vector: flops.vector },
        intensity: finite(intensity(flops.total()?, bits.total()?)),
        bytes: MovedBytes::of_bits(&bits)?,
        hardware: judged.collect::<Result<_>>()?,
        kernels: described,
        tensors: Vec::new(),
        notes: Vec::new(),
        on_mesh: None,
        schema: SCHEMA,
    })
}

impl Counted<'_> {
    fn part(&self) -> Result<Part> {
        At::with(self.op, &self.sizes, self.options, |at| {
            let kernels = at.kernels()?;
            let same = self.owned == self.sizes;
            let owned = if same { at.tensors()? } else { tensors(self.op, &self.owned, self.options)? };
            Ok(Part {
                described: self.described(&kernels)?,
                kernels,
                weights: parameters::formats(&owned, &self.options.formats),
                params: parameters::count(&owned)?,
                memory: Memory::of(at, &owned)?,
                token_bits: self.token_bits(&owned)?,
                state_bits: memory::held(&owned, Role::State)?,
            })
        })
    }

    /// Bits that one token of one sequence adds to caches.
    fn token_bits(&self, owned: &[Tensor<u128>]) -> Result<u128> {
        // What has no cache need not make sense for one token.
        let one = self.one.as_ref().filter(|_| owned.iter().any(|tensor| tensor.role == Role::Cache));
        one.map_or(Ok(0), |one| memory::held(&tensors_of(self.op, Role::Cache, one, self.options)?, Role::Cache))
    }

    /// Kernels with their formulas, which have all those that run at any sizes.
    fn described(&self, found: &[Kernel<u128>]) -> Result<Vec<KernelReport>> {
        let formulas = kernels(self.op, &self.symbols, self.options)?;
        let each = found.iter().map(|kernel| {
            let formula = formulas.iter().find(|formula| formula.origin == kernel.origin);
            let formula = formula.ok_or_else(|| Error::Description {
                op: self.op.name.to_owned(),
                message: format!("its kernel {} has no formula", kernel.path),
            })?;
            described(kernel, formula, self.op.axes)
        });
        each.collect()
    }
}

fn described(kernel: &Kernel<u128>, formula: &Kernel<Expr>, axes: &[&str]) -> Result<KernelReport> {
    let (flops, bits) = (kernel.flops.total()?, kernel.bits()?.total()?);
    Ok(KernelReport {
        path: kernel.path.clone(),
        repeat: kernel.repeat,
        flops,
        matmul: kernel.flops.matmul()?,
        class: kernel.class().map(Class::name),
        bytes: Bytes::of_bits(bits),
        intensity: finite(intensity(flops, bits)),
        flops_formula: formula.flops.total()?.show(axes, Notation::Text).to_string(),
        bytes_formula: bytes_of(&formula.bits()?.total()?)?.show(axes, Notation::Text).to_string(),
    })
}

/// The parameters, caches and states that kernels read, one by one. Parts of one tensor are put together.
pub fn tensors_read(kernels: &[Kernel<u128>]) -> Vec<TensorRead> {
    let mut rows: Vec<TensorRead> = Vec::new();
    for kernel in kernels {
        let before = rows.len();
        for operand in kernel.operands.iter().filter(|operand| !operand.written) {
            let role = match operand.role {
                Role::Weight => "weight",
                Role::Cache => "cache",
                Role::State => "state",
                Role::Act | Role::Ids => continue,
            };
            let name = operand.gguf.as_ref().unwrap_or(&operand.path);
            match rows[before..].iter_mut().find(|row| row.name == *name) {
                Some(row) => row.bytes = Bytes::of_bits(row.bytes.bits().saturating_add(operand.bits)),
                None => rows.push(TensorRead {
                    name: name.clone(),
                    role,
                    format: operand.format.to_string(),
                    kernel: kernel.path.clone(),
                    repeat: kernel.repeat,
                    bytes: Bytes::of_bits(operand.bits),
                }),
            }
        }
    }
    rows
}

/// A formula in bits as one in bytes.
pub fn bytes_of(bits: &Expr) -> Result<Expr> {
    bits.scaled(Rational::new(1, 8)?)
}

/// What something waits for, and seconds that it takes at least.
type Judged = (&'static str, f64);

fn verdict(
    kernels: &[Kernel<u128>],
    device: &Hardware,
    class: Class,
    memory: &Memory,
    (offload, timed): (Option<&Offload<'_>>, Option<Timed<'_>>),
) -> Result<HardwareReport> {
    let of_all = || -> Result<Judged> {
        Ok(match offload {
            Some(offload) => offload.total(kernels, device).map(|it| (it.bound(), it.lower_bound_s))?,
            None => roofline::total_time(kernels, device).map(|it| (it.bound().name(), it.lower_bound_s))?,
        })
    };
    let of_one = |kernel: &Kernel<u128>| -> Result<Judged> {
        Ok(match offload {
            Some(offload) => offload.time(kernel, device).map(|it| (it.bound(), it.lower_bound_s))?,
            None => roofline::time(kernel, device).map(|it| (it.bound().name(), it.lower_bound_s))?,
        })
    };
    let (bound, lower_bound_s) = of_all()?;
    let (calibrated, times) = match timed.map(|timed| timed.kernels(kernels, device)).transpose()? {
        Some((calibrated, times)) => (Some(calibrated), times),
        None => (None, Vec::new()),
    };
    let each = kernels.iter().enumerate().map(|(i, kernel)| {
        let (bound, lower_bound_s) = of_one(kernel)?;
        Ok(KernelVerdict { path: kernel.path.clone(), bound, lower_bound_s, calibrated_s: times.get(i).copied() })
    });
    Ok(HardwareReport {
        name: device.id.to_string(),
        ridge: device.ridge(class),
        lower_bound_s,
        bound,
        link_s: None,
        stages_s: Vec::new(),
        bubble_s: None,
        calibrated,
        memory: device.memory_bits().map(Bytes::of_bits),
        fits: memory.fits(device),
        kernels: each.collect::<Result<_>>()?,
    })
}

/// JSON has no infinity: a kernel that moves nothing has intensity 0.
fn finite(intensity: f64) -> f64 {
    if intensity.is_finite() { intensity } else { 0.0 }
}
