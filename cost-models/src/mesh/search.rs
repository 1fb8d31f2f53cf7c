//! Which mesh to take: all that make sense are costed, and those are kept that no other is better than.

use cost_core::Options;
use cost_core::Plan;
use cost_core::hardware::Hardware;
use cost_core::plan::{Column, Count};
use serde::Serialize;

use super::stages::{Stage, parts, step_s};
use super::{Mesh, PIPELINE, Placed, link};
use crate::error::Error;
use crate::model::{Logits, Model, Phase, Workload};
use crate::plan::Steps;
use crate::report::{Bytes, Timing};

/// What meshes are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Search<'h> {
    /// How many devices there are at most.
    pub devices: u64,
    /// The device.
    pub device: &'h Hardware,
    /// What steps do.
    pub phase: Phase,
    /// Sequences in all; nothing for as many as are best.
    pub batch: Option<u64>,
    /// Tokens of each in the cache.
    pub past: u64,
    /// New tokens of each.
    pub tokens: u64,
    /// The most seconds that a step may take.
    pub within: Option<f64>,
    /// How exchanges are timed.
    pub timing: Timing,
}

/// A mesh and what a step takes on it, at least.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Found {
    /// The ranks along each axis.
    pub mesh: Vec<(String, u64)>,
    /// Axes that are cut otherwise than by default.
    pub shard: Vec<(String, Vec<String>)>,
    /// How many devices there are.
    pub devices: u64,
    /// Sequences in all.
    pub batch: u64,
    /// Seconds that a step takes at least.
    pub step_s: f64,
    /// Seconds of that which exchanges take at least by themselves.
    pub link_s: f64,
    /// New tokens a second, of all sequences.
    pub tokens_per_s: f64,
    /// The same for each device.
    pub tokens_per_s_per_device: f64,
    /// What is in the memory of the busiest device.
    pub memory: Bytes,
}

/// The meshes that no other is better than: with as many devices or fewer, in as little time and with as many tokens a second.
/// An error if the model fits none.
pub fn search(model: &Model, options: &Options, of: &Search<'_>) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    let mut least: Option<u128> = None;
    for mesh in candidates(model, of.devices) {
        tried(model, options, of, &mesh, &mut found, &mut least)?;
    }
    if found.is_empty() {
        let memory = least.map_or_else(|| "more than there is".to_owned(), gigabytes);
        let (devices, id) = (of.devices, &of.device.id);
        let expected = match of.within {
            Some(within) => format!("a mesh of at most {devices} {id} whose memory is enough, in {within} s"),
            None => format!("a mesh of at most {devices} {id} whose memory is enough; the least takes {memory} of one"),
        };
        return Err(Error::field("mesh", "none", expected));
    }
    let best: Vec<Found> = found.iter().filter(|it| !found.iter().any(|other| beats(other, it))).cloned().collect();
    Ok(best)
}

fn gigabytes(bits: u128) -> String {
    format!("{:.1} GB", bits as f64 / 8e9)
}

/// Whether one is at least as good in everything, and better in something.
fn beats(a: &Found, b: &Found) -> bool {
    let no_worse = a.devices <= b.devices && a.step_s <= b.step_s && a.tokens_per_s >= b.tokens_per_s;
    let better = a.devices < b.devices || a.step_s < b.step_s || a.tokens_per_s > b.tokens_per_s;
    no_worse && better
}

/// Meshes of stages, data and tensor parallel ranks, and for mixtures experts over the tensor parallel ranks or over all of a stage.
fn candidates(model: &Model, most: u64) -> Vec<Mesh> {
    let size = |axis: &str| model.axis_named(axis).and_then(|axis| model.size_of(axis));
    let heads = ["h", "ln"].into_iter().find_map(size).or_else(|| Some(size("n")? * size("g").unwrap_or(1)));
    let experts = size("e").filter(|experts| *experts > 1);
    let counts = (0..64).map(|power| 1_u64 << power).take_while(|count| *count < most).chain([most]);
    let layers = model.architecture().with(|op| {
        let axes = cost_core::mesh::layers(op).into_iter();
        axes.filter_map(|(axis, _)| size(op.axes[usize::from(axis)])).sum::<u64>()
    });
    let mut meshes = Vec::new();
    let piped = counts.flat_map(|all| {
        let stages = (0..5).map(|power| 1_u64 << power);
        stages.filter(move |pp| all.is_multiple_of(*pp) && (*pp == 1 || *pp <= layers)).map(move |pp| (pp, all / pp))
    });
    for (pp, count) in piped {
        for tp in (1..=count.min(heads.unwrap_or(1))).filter(|tp| count.is_multiple_of(*tp)) {
            let dp = count / tp;
            let named = [(PIPELINE, pp), ("dp", dp), ("tp", tp)].into_iter().filter(|(_, ranks)| *ranks > 1);
            let axes: Vec<(String, u64)> = named.map(|(name, ranks)| (name.to_owned(), ranks)).collect();
            let over = |names: &[&str]| -> Vec<(String, Vec<String>)> {
                let names = names.iter().filter(|name| axes.iter().any(|(own, _)| own == *name));
                vec![("e".to_owned(), names.map(|name| (*name).to_owned()).collect())]
            };
            let mut add = |shards| meshes.push(Mesh { axes: axes.clone(), shards, ..Mesh::default() });
            add(Vec::new());
            if let Some(experts) = experts {
                if tp > 1 && tp <= experts {
                    add(over(&["tp"]));
                }
                if dp > 1 && count <= experts {
                    add(over(&["dp", "tp"]));
                }
            }
        }
    }
    meshes
}

/// Costs a mesh at the batches that fit.
fn tried(
    model: &Model,
    options: &Options,
    of: &Search<'_>,
    mesh: &Mesh,
    found: &mut Vec<Found>,
    least: &mut Option<u128>,
) -> Result<(), Error> {
    let stages = if mesh.axes.is_empty() {
        let (model, placed) = (model.clone(), Placed { axes: Vec::new(), cuts: Vec::new(), stage: None });
        vec![Stage { number: 0, of: 1, layers: 0, model, placed }]
    } else {
        model.stages(mesh)?
    };
    let steps =
        Steps { phase: of.phase, batch: None, tokens: Some(of.tokens), past: Some(of.past), logits: Logits::Last };
    // Of stages that are alike one is enough.
    let plans: Vec<Option<Plan>> = (0..stages.len())
        .map(|at| {
            let alike = at > 0 && stages[at - 1].model.same_stage(&stages[at].model);
            (!alike).then(|| stages[at].model.plan_with_memory(&steps, options)).transpose()
        })
        .collect::<Result<_, _>>()?;
    let wanted = [Column::Count(Count::Held), Column::LowerBound(of.device)];
    let mut columns = Vec::new();
    for plan in &plans {
        columns.push(plan.as_ref().map(|plan| plan.columns(&wanted)).transpose()?);
    }
    let dp = mesh.axes.iter().find(|(name, _)| name == "dp").map_or(1, |(_, ranks)| *ranks);
    let powers = (0..24).map(|power| dp << power);
    let batches: Vec<u64> = of.batch.map_or_else(|| powers.collect(), |batch| vec![batch]);
    for batch in batches {
        let parts = parts(mesh, stages.len() as u64, batch)?;
        let workload =
            Workload { phase: of.phase, batch: batch / parts, past: of.past, tokens: of.tokens, logits: Logits::Last };
        let (mut held, mut seconds): (f64, Vec<(f64, f64)>) = (0.0, Vec::new());
        let mut exchanged = Vec::new();
        for (stage, columns) in stages.iter().zip(&mut columns) {
            let Some(columns) = columns else {
                let (local_s, _) = seconds.last().copied().unwrap_or_default();
                seconds.push((local_s, link::total(&exchanged, &stage.placed, of.device, of.timing.latency)?));
                continue;
            };
            let mut at = [0.0; 2];
            columns.at(&[batch as f64], &mut at)?;
            held = held.max(at[0]);
            if parts > 1 {
                columns.at(&[workload.batch as f64], &mut at)?;
            }
            exchanged = if mesh.axes.is_empty() { Vec::new() } else { stage.model.collectives(&workload, options)? };
            let link_s = if exchanged.is_empty() {
                0.0
            } else {
                link::total(&exchanged, &stage.placed, of.device, of.timing.latency)?
            };
            seconds.push((at[1], link_s));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bits")]
        let held = held.round() as u128;
        if of.device.memory_bits().is_some_and(|memory| held > memory) {
            *least = Some(least.map_or(held, |least| least.min(held)));
            break;
        }
        let in_turn = of.timing.in_turn;
        let each: Vec<f64> =
            seconds.iter().map(|(local, link)| if in_turn { local + link } else { local.max(*link) }).collect();
        let (step_s, _) = step_s(of.phase, &each, parts);
        if of.within.is_some_and(|within| step_s > within) {
            break;
        }
        let devices = mesh.devices().unwrap_or(u64::MAX);
        let tokens_per_s = batch as f64 * of.tokens as f64 / step_s;
        found.push(Found {
            mesh: mesh.axes.clone(),
            shard: mesh.shards.clone(),
            devices,
            batch,
            step_s,
            link_s: seconds.iter().map(|(_, link)| *link).fold(0.0, f64::max) * parts as f64,
            tokens_per_s,
            tokens_per_s_per_device: tokens_per_s / devices as f64,
            memory: Bytes::of_bits(held),
        });
    }
    Ok(())
}
