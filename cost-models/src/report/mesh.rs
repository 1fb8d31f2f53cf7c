//! Reports of one device of a mesh.

use std::collections::BTreeMap;

use cost_core::cost::{Collective, Options, collectives};
use cost_core::hardware::Hardware;
use cost_core::library::Source;
use serde::Serialize;

use super::{AtSizes, Bytes, Memory, Report, Step, Timed, report_operator, report_operator_timed, report_timed};
use crate::error::Error;
use crate::mesh::link::{self, Algorithm, Latency};
use crate::mesh::{Mesh, Placed, stages};
use crate::model::{Model, Phase, Workload};

/// What a report says of a mesh.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OnMesh {
    /// The ranks along each axis of the mesh.
    pub mesh: BTreeMap<String, u64>,
    /// How many devices there are.
    pub devices: u64,
    /// Over which axes of the mesh each axis is cut.
    pub shard: BTreeMap<String, Vec<String>>,
    /// What the devices exchange.
    pub collectives: Vec<CollectiveReport>,
    /// Which stage of a pipeline the device is in; left out of the JSON where there are no stages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<PipelineReport>,
}

/// The stages of a pipeline, and the one that takes longest. Its exchanges and kernels are repeated for each part of the sequences.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PipelineReport {
    /// How many stages there are.
    pub stages: u64,
    /// Which of them takes longest, counted from 1: all figures but those of memory are of it.
    pub stage: u64,
    /// How many layers it has.
    pub layers: u64,
    /// Which has most in memory, counted from 1.
    pub fullest: u64,
    /// In how many parts sequences go through the stages.
    pub microbatches: u64,
}

/// An exchange, by all groups of ranks at once; figures are for one repetition.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CollectiveReport {
    /// The enclosing calls and what is exchanged.
    pub path: String,
    /// How often it takes place.
    pub repeat: u128,
    /// `all_reduce`, `all_gather`, `reduce_scatter` or `all_to_all`.
    pub kind: &'static str,
    /// The mesh axis; several are joined by `+`.
    pub mesh_axis: String,
    /// Ranks in a group.
    pub ranks: u128,
    /// Bytes of the whole array.
    pub bytes: Bytes,
    /// Bytes that cross one device's link at least.
    pub link_bytes: f64,
    /// `switch` where links add, as those of the first device do, else `ring`.
    pub algorithm: &'static str,
    /// Why it is needed.
    pub reason: String,
}

/// How exchanges are timed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// What counts beside bytes.
    pub latency: Latency,
    /// Whether exchanges wait for what is computed and the other way round; otherwise the longer of the two counts.
    pub in_turn: bool,
}

/// A step of a model as the busiest device of a mesh runs it; `params.total` alone is the whole model's. Of a pipeline it is of the
/// stage that takes longest on the first device, and memory that of the fullest one.
pub fn report_on_mesh(
    model: &Model,
    mesh: &Mesh,
    workload: &Workload,
    options: &Options,
    devices: &[Hardware],
    timing: Timing,
    timed: Option<Timed<'_>>,
) -> Result<Report<Step>, Error> {
    let stages = model.stages(mesh)?;
    not_in_stages(stages.len(), timed)?;
    let parts = stages::parts(mesh, stages.len() as u64, workload.batch)?;
    let part = Workload { batch: workload.batch / parts, ..*workload };
    let mut all: Vec<Counted<Step>> = Vec::with_capacity(stages.len());
    for (at, stage) in stages.iter().enumerate() {
        one_token(&stage.placed, workload)?;
        let before = at.checked_sub(1).map(|before| (&stages[before], &all[before]));
        if let Some((_, alike)) = before.filter(|(before, _)| before.model.same_stage(&stage.model)) {
            all.push(Counted { placed: stage.placed.clone(), ..alike.clone() });
            continue;
        }
        let mut report = report_timed(&stage.model, &part, options, devices, None, timed)?;
        if parts > 1 {
            let whole = Memory::of_step(&stage.model, workload, options)?;
            let activations = report.memory.activations.bits();
            report.memory = Memory::of_bits(whole.weights.bits(), whole.cache.bits(), activations)?;
            report.cache.bytes_total = whole.cache;
        }
        let exchanged = stage.model.collectives(&part, options)?;
        all.push(Counted { report, exchanged, placed: stage.placed.clone(), layers: stage.layers });
    }
    let mut report = finish(all, mesh, devices, timing, (workload.phase, parts))?;
    report.of.batch = workload.batch;
    report.params.total = super::params(model, workload, options)?.total;
    Ok(report)
}

/// An operator as the busiest device of a mesh runs it, at a size for each of its axes.
pub fn report_operator_on_mesh(
    source: &Source,
    mesh: &Mesh,
    sizes: &[u64],
    options: &Options,
    devices: &[Hardware],
    timing: Timing,
    timed: Option<Timed<'_>>,
) -> Result<Report<AtSizes>, Error> {
    let mut all = Vec::new();
    let stages = mesh.operator_stages(source, sizes)?;
    not_in_stages(stages.len(), timed)?;
    for (cut, placed, sizes, layers) in stages {
        let mut wide: Vec<u64> = sizes.iter().copied().chain(placed.axes.iter().map(|(_, ranks)| *ranks)).collect();
        all.push(cut.with(|op| {
            wide.resize(op.axes.len(), 0);
            let report = report_operator_timed(op, &wide, options, devices, timed)?;
            let wide: Vec<u128> = wide.iter().map(|size| u128::from(*size)).collect();
            let exchanged = collectives(op, &wide, options)?;
            Ok::<_, Error>(Counted { report, exchanged, placed, layers })
        })?);
    }
    let parts = stages::parts(mesh, all.len() as u64, 1)?;
    let mut report = finish(all, mesh, devices, timing, (Phase::Prefill, parts))?;
    let whole = source.with(|op| report_operator(op, sizes, options, &[]))?;
    (report.of, report.params.total) = (whole.of, whole.params.total);
    Ok(report)
}

/// An error if calibrated times are asked for of a pipeline: what its stages wait for each other is known of bounds alone.
fn not_in_stages(stages: usize, timed: Option<Timed<'_>>) -> Result<(), Error> {
    if stages > 1 && timed.is_some() {
        return Err(Error::field("time", "calibrated", "bound, or a mesh without stages"));
    }
    Ok(())
}

/// An error if keys are cut and several queries see some of them: which rank is the busiest then depends on the window.
pub(crate) fn one_token(placed: &Placed, workload: &Workload) -> Result<(), Error> {
    if workload.tokens > 1 && placed.cuts.iter().any(|(axis, _)| axis == "t") {
        let expected = "1 new token, as t is cut; of a longer prompt cut s";
        return Err(Error::field("tokens", workload.tokens, expected));
    }
    Ok(())
}

/// What the devices of one stage compute and exchange, once.
#[derive(Clone)]
struct Counted<Of> {
    report: Report<Of>,
    exchanged: Vec<Collective<u128>>,
    placed: Placed,
    layers: u64,
}

impl<Of> Counted<Of> {
    /// Seconds of exchanges, and of all together, on one device, which has a place among those of the report.
    fn seconds(&self, at: usize, device: &Hardware, timing: Timing) -> Result<(f64, f64), Error> {
        let local_s = self.report.hardware[at].lower_bound_s;
        let link_s = link::total(&self.exchanged, &self.placed, device, timing.latency)?;
        Ok((link_s, if timing.in_turn { local_s + link_s } else { local_s.max(link_s) }))
    }
}

fn finish<Of>(
    mut all: Vec<Counted<Of>>,
    mesh: &Mesh,
    devices: &[Hardware],
    timing: Timing,
    (phase, parts): (Phase, u64),
) -> Result<Report<Of>, Error> {
    let algorithm = devices.first().map_or(Algorithm::Switch, Algorithm::of);
    let mut seconds: Vec<Vec<(f64, f64)>> = Vec::new();
    for (at, device) in devices.iter().enumerate() {
        seconds.push(all.iter().map(|stage| stage.seconds(at, device, timing)).collect::<Result<_, _>>()?);
    }
    // Of stages that take as long as each other the first.
    let most = |of: &dyn Fn(usize) -> f64| (0..all.len()).rev().max_by(|a, b| of(*a).total_cmp(&of(*b))).unwrap_or(0);
    let busiest = most(&|at| match seconds.first() {
        Some(stages) => stages[at].1,
        None => all[at].report.bytes.total.to_f64(),
    });
    let fullest = most(&|at| all[at].report.memory.total.to_f64());
    let memory = all[fullest].report.memory;
    let stages = all.len() as u64;
    let Counted { mut report, mut exchanged, placed, layers } = all.swap_remove(busiest);
    if parts > 1 {
        again(&mut report, parts)?;
        for it in &mut exchanged {
            it.repeat = it.repeat.saturating_mul(u128::from(parts));
        }
    }
    report.memory = memory;
    for ((device, on), stages) in devices.iter().zip(&mut report.hardware).zip(&seconds) {
        let (link_s, _) = stages[busiest];
        if link_s > on.lower_bound_s {
            on.bound = "link";
        }
        let each: Vec<f64> = stages.iter().map(|(_, seconds)| *seconds).collect();
        let (whole, bubble) = stages::step_s(phase, &each, parts);
        on.lower_bound_s = whole;
        on.link_s = Some(link_s * parts as f64);
        if let Some(calibrated) = &mut on.calibrated {
            calibrated.exchanging(&exchanged, &placed, device, timing)?;
        }
        on.fits = memory.fits(device);
        if each.len() > 1 {
            (on.stages_s, on.bubble_s) = (each, Some(bubble));
        }
    }
    report.on_mesh = Some(OnMesh {
        mesh: mesh.axes.iter().cloned().collect(),
        devices: mesh.devices().unwrap_or(u64::MAX),
        shard: placed.cuts.iter().cloned().collect(),
        collectives: exchanged.iter().map(|it| described(it, algorithm)).collect(),
        pipeline: (stages > 1).then(|| PipelineReport {
            stages,
            stage: busiest as u64 + 1,
            layers,
            fullest: fullest as u64 + 1,
            microbatches: parts,
        }),
    });
    Ok(report)
}

/// Makes of a report one of so many runs.
fn again<Of>(report: &mut Report<Of>, times: u64) -> Result<(), Error> {
    let times = u128::from(times);
    let more = |count: u128| {
        count.checked_mul(times).ok_or(cost_core::Error::Overflow { counting: "what all parts of the sequences cost" })
    };
    let (flops, bytes) = (&mut report.flops, &mut report.bytes);
    for count in [&mut flops.total, &mut flops.matmul, &mut flops.vector] {
        *count = more(*count)?;
    }
    let read = [&mut bytes.total, &mut bytes.weights, &mut bytes.acts_read];
    let written = [&mut bytes.acts_written, &mut bytes.cache_read, &mut bytes.cache_written];
    for moved in read.into_iter().chain(written) {
        *moved = Bytes::of_bits(more(moved.bits())?);
    }
    for kernel in &mut report.kernels {
        kernel.repeat = more(kernel.repeat)?;
    }
    Ok(())
}

fn described(it: &Collective<u128>, algorithm: Algorithm) -> CollectiveReport {
    CollectiveReport {
        path: it.path.clone(),
        repeat: it.repeat,
        kind: it.kind.name(),
        mesh_axis: Mesh::axis_named(&it.axis),
        ranks: it.ranks,
        bytes: Bytes::of_bits(it.bits),
        link_bytes: link::sent(it, algorithm),
        algorithm: algorithm.name(),
        reason: it.why.clone(),
    }
}
