//! What one step of a model costs, as one object that serialises to the documented JSON.

use cost_core::Result;
use cost_core::cost::{Kernel, Options, Totals, Traffic, totals};
use cost_core::expr::{Expr, Notation, Rational};
use cost_core::format::{Class, Format};
use cost_core::hardware::Hardware;
use cost_core::op::Role;
use cost_core::roofline::{self, intensity};
use serde::{Serialize, Serializer};

use crate::model::{Model, Workload};
use crate::note::Note;

/// The answer to "what does this step cost?".
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The model's name.
    pub model: String,
    /// `prefill` or `decode`.
    pub phase: &'static str,
    /// Number of sequences.
    pub batch: u64,
    /// Tokens in the cache.
    pub past: u64,
    /// New tokens.
    pub tokens: u64,
    /// Number formats by role.
    pub formats: FormatNames,
    /// Parameters.
    pub params: Params,
    /// Caches.
    pub cache: Cache,
    /// FLOPs of the step.
    pub flops: Flops,
    /// Bytes that the step moves.
    pub bytes: MovedBytes,
    /// FLOP per byte.
    pub intensity: f64,
    /// Its kernels.
    pub kernels: Vec<KernelReport>,
    /// How long it takes at least, by device.
    pub hardware: Vec<HardwareReport>,
    /// Every parameter and cache that the step reads, in order; only where it is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tensors: Vec<TensorRead>,
    /// Bytes of activations in memory at the fullest moment; not in the JSON.
    #[serde(skip)]
    pub peak: Bytes,
    /// What is to be said beside the numbers.
    pub notes: Vec<Note>,
    /// The version of this object's layout: larger with every change that can break a reader.
    pub schema: u32,
}

/// The version of the JSON's layout. 2 added `notes`.
pub const SCHEMA: u32 = 2;

/// Number formats, as they are written on the command line.
#[derive(Clone, Debug, Serialize)]
pub struct FormatNames {
    /// Of parameters.
    pub weights: String,
    /// Of activations.
    pub acts: String,
    /// Of caches.
    pub cache: String,
}

/// Numbers of parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Params {
    /// All of them.
    pub total: u128,
    /// Those that one token uses: `top` experts of each routed layer, the whole embedding and head.
    pub active: u128,
    /// Of the embedding table.
    pub embedding: u128,
    /// Of the head; 0 where it is the embedding table.
    pub lm_head: u128,
    /// Of attention, biases included.
    pub attention: u128,
    /// Of feed-forward networks.
    pub ffn: u128,
    /// Of normalisations.
    pub norm: u128,
    /// Of everything else.
    pub other: u128,
    /// Of the modules that predict further tokens, in none of the other numbers; left out of the JSON if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub mtp: u128,
    /// What files hold and kernels read but is no parameter, in none of the other numbers; left out of the JSON if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub buffers: u128,
}

/// Cache sizes.
#[derive(Clone, Debug, Serialize)]
pub struct Cache {
    /// Bytes that one token of one sequence adds while no window is full.
    pub bytes_per_token: Bytes,
    /// Bytes of all sequences, new tokens and recurrent states included.
    pub bytes_total: Bytes,
    /// Bytes of them that are recurrent states, which don't grow with tokens; left out of the JSON if 0.
    #[serde(skip_serializing_if = "Bytes::is_zero")]
    pub state_bytes: Bytes,
}

/// FLOPs by unit.
#[derive(Clone, Debug, Serialize)]
pub struct Flops {
    /// All of them.
    pub total: u128,
    /// In summed products, 2 for each multiply-add.
    pub matmul: u128,
    /// In everything else.
    pub vector: u128,
}

/// Bytes moved, by role and direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MovedBytes {
    /// All of them.
    pub total: Bytes,
    /// Parameters read.
    pub weights: Bytes,
    /// Activations and token ids read.
    pub acts_read: Bytes,
    /// Activations written.
    pub acts_written: Bytes,
    /// Caches and states read.
    pub cache_read: Bytes,
    /// Caches and states written.
    pub cache_written: Bytes,
}

impl MovedBytes {
    /// The traffic, from bits.
    pub fn of_bits(bits: &Traffic<u128>) -> Result<Self> {
        Ok(Self {
            total: Bytes::of_bits(bits.total()?),
            weights: Bytes::of_bits(bits.weights),
            acts_read: Bytes::of_bits(bits.acts_read),
            acts_written: Bytes::of_bits(bits.acts_written),
            cache_read: Bytes::of_bits(bits.cache_read),
            cache_written: Bytes::of_bits(bits.cache_written),
        })
    }
}

/// One kernel; figures are for one repetition.
#[derive(Clone, Debug, Serialize)]
pub struct KernelReport {
    /// The enclosing calls and what it computes.
    pub path: String,
    /// How often it runs.
    pub repeat: u128,
    /// All its FLOPs.
    pub flops: u128,
    /// Its FLOPs in summed products.
    pub matmul: u128,
    /// The class of numbers that most of them multiply in ([`Class::name`]), for which times are bounds; nothing if there
    /// are none.
    pub class: Option<&'static str>,
    /// Bytes that it moves.
    pub bytes: Bytes,
    /// FLOP per byte.
    pub intensity: f64,
    /// Its FLOPs in the axes of the architecture.
    pub flops_formula: String,
    /// Its bytes in the axes of the architecture.
    pub bytes_formula: String,
}

/// A parameter or cache that a kernel reads; bytes are for one repetition.
#[derive(Clone, Debug, Serialize)]
pub struct TensorRead {
    /// Its name in GGUF files, or its path where it has none.
    pub name: String,
    /// `weight`, `cache` or `state`.
    pub role: &'static str,
    /// Its number format.
    pub format: String,
    /// The kernel that reads it.
    pub kernel: String,
    /// How often.
    pub repeat: u128,
    /// Bytes, scales and zero points included.
    pub bytes: Bytes,
}

/// A device's verdict.
#[derive(Clone, Debug, Serialize)]
pub struct HardwareReport {
    /// The device's id.
    pub name: String,
    /// Its ridge point for most of the step's products, FLOP per byte.
    pub ridge: f64,
    /// Seconds that the step takes at least.
    pub lower_bound_s: f64,
    /// What the step waits for: `memory` or `compute`.
    pub bound: &'static str,
    /// Each kernel's verdict.
    pub kernels: Vec<KernelVerdict>,
}

/// A kernel's verdict on a device, for one repetition.
#[derive(Clone, Debug, Serialize)]
pub struct KernelVerdict {
    /// The kernel's path.
    pub path: String,
    /// What it waits for.
    pub bound: &'static str,
    /// Seconds that it takes at least.
    pub lower_bound_s: f64,
}

/// A number of bytes, exact to the bit: formats narrower than a byte can leave a fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes {
    bits: u128,
}

impl Bytes {
    /// That many bits.
    pub const fn of_bits(bits: u128) -> Self {
        Self { bits }
    }

    /// Whether there are none.
    pub const fn is_zero(&self) -> bool {
        self.bits == 0
    }

    /// The number, if it is whole.
    pub const fn whole(self) -> Option<u128> {
        if self.bits.is_multiple_of(8) { Some(self.bits / 8) } else { None }
    }

    /// The number as floating point.
    pub fn to_f64(self) -> f64 {
        self.bits as f64 / 8.0
    }
}

/// A whole number, or a number with the fraction of a byte while that is exact.
impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole() {
            Some(bytes) => bytes.serialize(serializer),
            // A double holds eighths exactly up to 2^50; beyond, the fraction of a byte is rounded up.
            None if self.bits < 1 << 53 => self.to_f64().serialize(serializer),
            None => self.bits.div_ceil(8).serialize(serializer),
        }
    }
}

/// Counts a step of a model and judges it on devices.
pub fn report(model: &Model, workload: &Workload, options: &Options, devices: &[Hardware]) -> Result<Report> {
    let kernels = model.kernels(workload, options)?;
    let Totals { flops, bits } = totals(&kernels)?;
    let (matmul, moved) = (flops.matmul()?, bits.total()?);
    let formulas = model.formulas(workload.phase, options)?;
    let axes = model.op().axes;
    let described = kernels.iter().map(|kernel| {
        let formula = formula_of(kernel, &formulas, model.op().name)?;
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
    });
    let described = described.collect::<Result<Vec<_>>>()?;
    let (caches, states) = (model.cache_bits(workload, options)?, model.state_bits(workload, options)?);
    let held = caches.checked_add(states).ok_or(cost_core::Error::Overflow { counting: "cache bytes" })?;
    let one = Workload { batch: 1, past: 0, tokens: 1, ..*workload };
    Ok(Report {
        model: model.name.clone(),
        phase: workload.phase.name(),
        batch: workload.batch,
        past: workload.past,
        tokens: workload.tokens,
        formats: FormatNames {
            weights: weight_formats(model, workload, options)?,
            acts: options.formats.acts.to_string(),
            cache: options.formats.cache.to_string(),
        },
        params: params(model, workload, options)?,
        cache: Cache {
            bytes_per_token: Bytes::of_bits(model.cache_bits(&one, options)?),
            bytes_total: Bytes::of_bits(held),
            state_bytes: Bytes::of_bits(states),
        },
        flops: Flops { total: flops.total()?, matmul, vector: flops.vector },
        intensity: finite(intensity(flops.total()?, moved)),
        bytes: MovedBytes::of_bits(&bits)?,
        hardware: devices.iter().map(|device| verdict(&kernels, device, flops.class())).collect::<Result<_>>()?,
        kernels: described,
        tensors: Vec::new(),
        peak: Bytes::of_bits(model.peak(workload, options)?),
        notes: model.notes.clone(),
        schema: SCHEMA,
    })
}

/// The kernel among formulas, which has all those that run at any sizes.
fn formula_of<'f>(kernel: &Kernel<u128>, formulas: &'f [Kernel<Expr>], op: &str) -> Result<&'f Kernel<Expr>> {
    formulas.iter().find(|formula| formula.origin == kernel.origin).ok_or_else(|| {
        let message = format!("its kernel {} has no formula", kernel.path);
        cost_core::Error::Description { op: op.to_owned(), message }
    })
}

/// The parameters and caches that a step reads, kernel by kernel. Parts of one tensor are put together.
pub fn tensors_read(model: &Model, workload: &Workload, options: &Options) -> Result<Vec<TensorRead>> {
    let mut rows: Vec<TensorRead> = Vec::new();
    for kernel in model.kernels(workload, options)? {
        let before = rows.len();
        for operand in kernel.operands.into_iter().filter(|operand| !operand.written) {
            let role = match operand.role {
                Role::Weight => "weight",
                Role::Cache => "cache",
                Role::State => "state",
                Role::Act | Role::Ids => continue,
            };
            let name = operand.gguf.unwrap_or(operand.path);
            match rows[before..].iter_mut().find(|row| row.name == name) {
                Some(row) => row.bytes = Bytes::of_bits(row.bytes.bits + operand.bits),
                None => rows.push(TensorRead {
                    name,
                    role,
                    format: operand.format.to_string(),
                    kernel: kernel.path.clone(),
                    repeat: kernel.repeat,
                    bytes: Bytes::of_bits(operand.bits),
                }),
            }
        }
    }
    Ok(rows)
}

/// The format of a model's weights; where its files or its config give it several, those by the bytes that they take.
pub fn weight_formats(model: &Model, workload: &Workload, options: &Options) -> Result<String> {
    if options.formats.own.is_empty() && options.formats.rounds.is_empty() {
        return Ok(options.formats.weights.to_string());
    }
    let mut found: Vec<(Format, u128)> = Vec::new();
    for tensor in model.tensors(workload, options)?.iter().filter(|tensor| tensor.role == Role::Weight) {
        let bits = tensor.bits.saturating_mul(tensor.copies);
        match found.iter_mut().find(|(format, _)| *format == tensor.format) {
            Some((_, sum)) => *sum = sum.saturating_add(bits),
            None => found.push((tensor.format, bits)),
        }
    }
    found.sort_by_key(|(_, bits)| std::cmp::Reverse(*bits));
    Ok(found.iter().map(|(format, _)| format.to_string()).collect::<Vec<_>>().join("+"))
}

/// Counts a model's parameters, by what they are for.
pub fn params(model: &Model, workload: &Workload, options: &Options) -> Result<Params> {
    let overflow = cost_core::Error::Overflow { counting: "parameters" };
    let mut sum = Params::default();
    for tensor in model.tensors(workload, options)?.iter().filter(|tensor| tensor.role == Role::Weight) {
        let all = tensor.elements.checked_mul(tensor.copies).ok_or_else(|| overflow.clone())?;
        let active = tensor.elements.checked_mul(tensor.active).ok_or_else(|| overflow.clone())?;
        let part = match tensor.part.as_deref() {
            Some("embedding") => &mut sum.embedding,
            Some("lm_head") => &mut sum.lm_head,
            Some("attention") => &mut sum.attention,
            Some("ffn") => &mut sum.ffn,
            Some("norm") => &mut sum.norm,
            Some("buffer") => {
                sum.buffers = sum.buffers.checked_add(all).ok_or_else(|| overflow.clone())?;
                continue;
            }
            _ => &mut sum.other,
        };
        for (sum, count) in [(part, all), (&mut sum.active, active)] {
            *sum = sum.checked_add(count).ok_or_else(|| overflow.clone())?;
        }
        sum.total = sum.total.checked_add(all).ok_or_else(|| overflow.clone())?;
    }
    if let Some((count, predictor)) = model.predictor() {
        let one = params(predictor, workload, options)?.total;
        sum.mtp = one.checked_mul(u128::from(count)).ok_or(overflow)?;
    }
    Ok(sum)
}

const fn is_zero(count: &u128) -> bool {
    *count == 0
}

/// A formula in bits as one in bytes.
pub fn bytes_of(bits: &Expr) -> Result<Expr> {
    bits.scaled(Rational::new(1, 8)?)
}

fn verdict(kernels: &[Kernel<u128>], device: &Hardware, class: Class) -> Result<HardwareReport> {
    let total = roofline::total_time(kernels, device)?;
    let each = kernels.iter().map(|kernel| {
        let time = roofline::time(kernel, device)?;
        Ok(KernelVerdict { path: kernel.path.clone(), bound: time.bound().name(), lower_bound_s: time.lower_bound_s })
    });
    Ok(HardwareReport {
        name: device.id.to_string(),
        ridge: device.ridge(class),
        lower_bound_s: total.lower_bound_s,
        bound: total.bound().name(),
        kernels: each.collect::<Result<_>>()?,
    })
}

/// JSON has no infinity: a kernel that moves nothing has intensity 0.
fn finite(intensity: f64) -> f64 {
    if intensity.is_finite() { intensity } else { 0.0 }
}
