//! Reports of one device of a mesh.

use std::collections::BTreeMap;

use cost_core::cost::{Collective, Options, collectives};
use cost_core::hardware::Hardware;
use cost_core::library::Source;
use serde::Serialize;

use super::{AtSizes, Bytes, Report, Step, report, report_operator};
use crate::error::Error;
use crate::mesh::link::{self, Algorithm, Latency};
use crate::mesh::{Mesh, Placed};
use crate::model::{Model, Workload};

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

/// A step of a model as the busiest device of a mesh runs it; `params.total` alone is the whole model's.
pub fn report_on_mesh(
    model: &Model,
    mesh: &Mesh,
    workload: &Workload,
    options: &Options,
    devices: &[Hardware],
    timing: Timing,
) -> Result<Report<Step>, Error> {
    let (on, placed) = model.placed_on(mesh)?;
    one_token(&placed, workload)?;
    let mut report = report(&on, workload, options, devices)?;
    report.params.total = super::params(model, workload, options)?.total;
    let exchanged = on.collectives(workload, options)?;
    finish(&mut report, mesh, &placed, &exchanged, devices, timing)?;
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
) -> Result<Report<AtSizes>, Error> {
    let (cut, placed) = mesh.cut(source)?;
    let all: Vec<u64> = sizes.iter().copied().chain(placed.axes.iter().map(|(_, ranks)| *ranks)).collect();
    cut.with(|op| {
        let mut all = all;
        all.resize(op.axes.len(), 0);
        let mut report = report_operator(op, &all, options, devices)?;
        report.of.at.truncate(sizes.len());
        report.params.total = source.with(|op| report_operator(op, sizes, options, &[]))?.params.total;
        let wide: Vec<u128> = all.iter().map(|size| u128::from(*size)).collect();
        finish(&mut report, mesh, &placed, &collectives(op, &wide, options)?, devices, timing)?;
        Ok(report)
    })
}

/// An error if keys are cut and several queries see some of them: which rank is the busiest then depends on the window.
pub(crate) fn one_token(placed: &Placed, workload: &Workload) -> Result<(), Error> {
    if workload.tokens > 1 && placed.cuts.iter().any(|(axis, _)| axis == "t") {
        let expected = "1 new token, as t is cut; of a longer prompt cut s";
        return Err(Error::field("tokens", workload.tokens, expected));
    }
    Ok(())
}

fn finish<Of>(
    report: &mut Report<Of>,
    mesh: &Mesh,
    placed: &Placed,
    exchanged: &[Collective<u128>],
    devices: &[Hardware],
    timing: Timing,
) -> Result<(), Error> {
    let algorithm = devices.first().map_or(Algorithm::Switch, Algorithm::of);
    for (device, on) in devices.iter().zip(&mut report.hardware) {
        let link_s = link::total(exchanged, &placed.axes, device, timing.latency)?;
        if link_s > on.lower_bound_s {
            on.bound = "link";
        }
        on.lower_bound_s = if timing.in_turn { on.lower_bound_s + link_s } else { on.lower_bound_s.max(link_s) };
        on.link_s = Some(link_s);
    }
    report.on_mesh = Some(OnMesh {
        mesh: mesh.axes.iter().cloned().collect(),
        devices: mesh.devices().unwrap_or(u64::MAX),
        shard: placed.cuts.iter().cloned().collect(),
        collectives: exchanged.iter().map(|it| described(it, algorithm)).collect(),
    });
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
