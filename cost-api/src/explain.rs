//! Where a kernel's figures come from.

use cost_core::cost::{Rule, axes};
use cost_core::expr::{Expr, Notation};
use cost_core::format::{Class, Format};
use cost_core::hardware::Hardware;
use cost_core::roofline;
use cost_core::text::short;
use cost_models::report::{Bytes, Explanation, bytes_of, explain_operator, explain_step};

use crate::at;
use crate::error::{Error, Kind, Result};
use crate::load::{self, Subject};
use crate::report::{seeing_of, workload_of};
use crate::request::{ExplainRequest, ReportRequest};
use crate::response::{Explain, ExplainedOperand, ExplainedStep, ExplainedTime, ExplainedUnit};
use crate::sources::Sources;

/// Where the figures of a kernel come from: its steps, what they are counted by, and what is moved of each tensor.
pub fn explain(request: &ExplainRequest, sources: &dyn Sources) -> Result<Explain> {
    load::positive("batch", request.batch)?;
    load::positive("tokens", request.tokens)?;
    // What is wrong with a request is wrong with a report of the same.
    let asked = ReportRequest {
        at: request.at.clone(),
        phase: request.phase,
        batch: request.batch,
        past: request.past,
        tokens: request.tokens,
        on: request.on.clone(),
        mesh: request.mesh.clone(),
        counting: request.counting.clone(),
        logits: request.logits,
        reading: request.reading.clone(),
        ..ReportRequest::of(request.what.clone())
    };
    let report = crate::report(&asked, sources)?;
    let mesh = load::mesh(&request.mesh)?;
    let pick = |paths: &[String]| picked(paths, &request.kernel);
    let given = request.counting.formats.weights.is_some();
    let (explained, notes) = match load::subject(&request.what, &request.reading, given, sources)? {
        Subject::Operator(it) => {
            let options = load::options(&request.counting)?;
            let sizes = it.with(|op| at::all(op, &request.at))?;
            let (it, ranks) = match &mesh {
                Some(mesh) => mesh.cut(&it).map(|(cut, placed)| (cut, placed.axes))?,
                None => (it, Vec::new()),
            };
            let explained = it.with(|op| {
                let mut all: Vec<u128> = sizes.iter().map(|size| u128::from(*size)).collect();
                all.extend(ranks.iter().map(|(_, ranks)| u128::from(*ranks)));
                all.resize(op.axes.len(), 0);
                explain_operator(op, (&all, &axes(op)), &options, &pick)
            })?;
            (explained, Vec::new())
        }
        Subject::Model(model) => {
            let model = seeing_of(&asked, *model)?;
            let (workload, options) = (workload_of(&asked, &model), load::options_of(&model, &request.counting)?);
            let model = match &mesh {
                Some(mesh) => model.on_mesh(mesh)?,
                None => model,
            };
            (explain_step(&model, &workload, &options, &pick)?, model.notes.clone())
        }
    };
    let of = crate::roofline::title(&report);
    match explained {
        Ok(it) => Ok(shown(of, &it, report.devices(), notes)?),
        Err(paths) => Err(unknown(&request.kernel, &of, &paths)),
    }
}

/// The kernel of that path; or the only one whose path ends in it, after a dot.
fn picked(paths: &[String], name: &str) -> Option<usize> {
    let ends = |path: &String| path.strip_suffix(name).is_some_and(|before| before.ends_with('.'));
    let exact = paths.iter().position(|path| path == name);
    exact.or_else(|| match paths.iter().filter(|path| ends(path)).count() {
        1 => paths.iter().position(ends),
        _ => None,
    })
}

fn unknown(name: &str, of: &str, paths: &[String]) -> Error {
    let name = short(name, 100);
    let ends: Vec<&str> = paths.iter().filter(|path| path.ends_with(&format!(".{name}"))).map(String::as_str).collect();
    if !ends.is_empty() {
        let message = format!("`{name}` ends several kernels of {of}; expected one of {}", ends.join(", "));
        return Error { field: Some("kernel".to_owned()), found: Some(name), ..Error::new(Kind::Unknown, message) };
    }
    // What was meant may be the end of a path, as long as it likes.
    let ends: Vec<(&str, usize)> = paths
        .iter()
        .enumerate()
        .flat_map(|(at, path)| {
            let starts = path.match_indices('.').map(|(dot, _)| dot + 1);
            std::iter::once(0).chain(starts).map(move |start| (&path[start..], at))
        })
        .collect();
    let near = cost_core::nearest(&name, ends.iter().map(|(end, _)| *end));
    let near = near.and_then(|near| ends.iter().find(|(end, _)| *end == near)).map(|(_, at)| paths[*at].as_str());
    let hint = near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
    let shown: Vec<&str> = paths.iter().take(40).map(String::as_str).collect();
    let more = if paths.len() > shown.len() { ", …" } else { "" };
    let expected = format!("one of {}{more}", shown.join(", "));
    let message = format!("{of} has no kernel `{name}`{hint}; expected {expected}");
    let error = Error::new(Kind::Unknown, message);
    Error { field: Some("kernel".to_owned()), found: Some(name), expected: Some(expected), ..error }.near(near)
}

fn shown(
    of: String,
    it: &Explanation,
    devices: &[Hardware],
    notes: Vec<cost_models::Note>,
) -> cost_core::Result<Explain> {
    let names: Vec<&str> = it.axes.iter().map(String::as_str).collect();
    let show = |formula: &Expr| formula.show(&names, Notation::Text).to_string();
    let in_bytes = |bits: &Expr| Ok::<_, cost_core::Error>(show(&bytes_of(bits)?));
    let (explained, formulas) = (&it.explained, &it.formulas);
    let renamed = formulas.axes.iter().map(|(name, size)| (name.clone(), show(size)));
    let used = |name: &String| {
        explained.steps.iter().any(|step| step.over.contains(name))
            || explained.moved.iter().any(|moved| moved.shape.contains(name))
    };
    let steps = explained.steps.iter().map(|step| {
        let formula = formulas.steps.iter().find(|formula| formula.step == step.step).map(|it| show(&it.flops));
        let only = [
            (step.masked, "the query–key pairs that the mask leaves"),
            (step.routed, "as often as tokens go through experts"),
        ];
        ExplainedStep {
            name: step.name.clone(),
            text: step.text.clone(),
            class: step.class.map(Class::name),
            per_element: step.per_element,
            why: step.why,
            over: step.over.clone(),
            only: only.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words).collect(),
            flops_formula: formula.unwrap_or_default(),
            flops: step.flops,
        }
    });
    let operands = explained.moved.iter().map(|moved| {
        let operand = &moved.operand;
        let same = formulas
            .moved
            .iter()
            .find(|other| (&other.operand.path, other.operand.written) == (&operand.path, operand.written));
        Ok(ExplainedOperand {
            path: operand.path.clone(),
            gguf: operand.gguf.clone(),
            hf: operand.hf.clone(),
            role: operand.role.name(),
            written: operand.written,
            shape: moved.shape.clone(),
            format: operand.format.to_string(),
            bits: bits(&operand.format),
            rule: rule(&moved.rule, moved.routed, operand.host),
            bytes_formula: same.map(|other| in_bytes(&other.operand.bits)).transpose()?.unwrap_or_default(),
            bytes: Bytes::of_bits(operand.bits),
        })
    });
    let (flops, moved) = (it.kernel.flops.total()?, it.kernel.bits()?.total()?);
    let intensity = roofline::intensity(flops, moved);
    Ok(Explain {
        of,
        kernel: it.kernel.path.clone(),
        operator: explained.operator.clone(),
        axes: renamed.filter(|(name, size)| name != size && used(name)).collect(),
        sizes: it.sizes.clone(),
        repeat_formula: show(&it.formula.repeat),
        repeat: it.kernel.repeat,
        steps: steps.collect(),
        operands: operands.collect::<cost_core::Result<_>>()?,
        flops_formula: show(&it.formula.flops.total()?),
        flops,
        bytes_formula: in_bytes(&it.formula.bits()?.total()?)?,
        bytes: Bytes::of_bits(moved),
        intensity: if intensity.is_finite() { intensity } else { 0.0 },
        hardware: devices.iter().map(|device| time(it, device)).collect::<cost_core::Result<_>>()?,
        notes,
    })
}

/// Bits of an element: `16`, or `8 + 16 for each 128`.
fn bits(format: &Format) -> String {
    let own = format.base.bits.to_string();
    match format.group_bits() {
        0 => own,
        group => format!("{own} + {group} for each {}", groups(format)),
    }
}

fn groups(format: &Format) -> String {
    use cost_core::format::Group;
    match format.group {
        Group::Tensor => "tensor".to_owned(),
        Group::Row => "row".to_owned(),
        Group::Of(n) => n.to_string(),
        Group::Block(rows, columns) => format!("block of {rows} × {columns}"),
    }
}

fn rule(rule: &Rule<u128>, routed: bool, host: bool) -> String {
    let mut words = match rule {
        Rule::Once => "each element once, however often it is used".to_owned(),
        Rule::Tiles(1) => "each element once: there is one tile".to_owned(),
        Rule::Tiles(times) => format!("each element again for each of {times} tiles"),
        Rule::Rows => "the rows that ids name, no more than there are".to_owned(),
        Rule::Windows => "each element that windows see once".to_owned(),
        Rule::Results => "what each token's experts return".to_owned(),
        Rule::Written => "written once, as something after the kernel needs it".to_owned(),
    };
    if routed && *rule != Rule::Results {
        words += ", of the experts that tokens go through";
    }
    if host {
        words += "; in the host's memory";
    }
    words
}

/// How long one repetition takes at least: products one class after the other, everything else, and bytes, all at once.
fn time(it: &Explanation, device: &Hardware) -> cost_core::Result<ExplainedTime> {
    let unit = |unit, amount: f64, rate: f64| ExplainedUnit { unit, amount, rate, seconds: amount / rate };
    let flops = &it.kernel.flops;
    let products = Class::ALL.into_iter().filter(|class| *flops.of(*class) > 0);
    let products = products.map(|class| unit(class.name(), *flops.of(class) as f64, device.peak(class)));
    let time = roofline::time(&it.kernel, device)?;
    let bytes = it.kernel.bits()?.total()? as f64 / 8.0;
    Ok(ExplainedTime {
        name: device.id.to_string(),
        products: products.collect(),
        vector: unit("vector", flops.vector as f64, device.vector_peak()),
        memory: unit("memory", bytes, device.bandwidth()),
        lower_bound_s: time.lower_bound_s,
        bound: time.bound().name(),
    })
}
