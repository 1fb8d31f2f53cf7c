//! Stages of a pipeline: which layers each has, and how long a step of all of them takes.

use cost_core::cost::Options;
use cost_core::library::Source;
use cost_core::mesh;
use cost_core::op::Op;

use super::{Mesh, PIPELINE, Placed};
use crate::error::Error;
use crate::model::{Model, Phase, Workload};

/// A model as the devices of one stage run it, or of all where there are no stages.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Which stage it is, counted from 0.
    pub number: u64,
    /// How many there are.
    pub of: u64,
    /// How many layers it has.
    pub layers: u64,
    /// What one of its devices runs, the busiest.
    pub model: Model,
    /// What the mesh cuts.
    pub placed: Placed,
}

/// Loops of layers that are cut into stages.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    /// The axis of the mesh.
    over: String,
    pub(crate) stages: u64,
    /// Each loop: the axis of how many rounds it has, and its label.
    loops: Vec<(String, String)>,
}

/// The most layers that are put on stages.
const MOST_LAYERS: usize = 1 << 16;

/// The layers of one stage: how many of each axis, and where they stand in the model.
pub(crate) struct Share {
    pub(crate) counts: Vec<(String, u64)>,
    places: Vec<(String, Vec<u64>)>,
}

impl Share {
    /// How many layers there are.
    pub(crate) fn layers(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

impl Mesh {
    /// The pipeline that it makes of an operator's layers, if it does: over the axis that is asked for, or over
    /// [`PIPELINE`] where `defaults` are.
    pub(crate) fn pipeline(&self, op: &Op<'_>, defaults: bool) -> Result<Option<Pipeline>, Error> {
        let all: Vec<(String, String)> = mesh::layers(op)
            .into_iter()
            .map(|(axis, label)| (op.axes[usize::from(axis)].to_owned(), label.to_owned()))
            .collect();
        let asked =
            self.shards.iter().filter(|(axis, over)| !over.is_empty() && all.iter().any(|(own, _)| own == axis));
        let asked: Vec<_> = asked.collect();
        let over = match asked.first() {
            Some((axis, over)) => match over.as_slice() {
                [one] if asked.iter().all(|(_, other)| other == over) => one.clone(),
                _ => {
                    let expected =
                        "one axis of the mesh, the same for all layers, as stages follow each other along it";
                    return Err(Error::field("shard", format!("{axis}={}", over.join("+")), expected));
                }
            },
            None if defaults => PIPELINE.to_owned(),
            None => return Ok(None),
        };
        let Some((_, stages)) = self.axes.iter().find(|(name, _)| *name == over) else { return Ok(None) };
        let loops: Vec<(String, String)> =
            all.into_iter().filter(|(axis, _)| asked.is_empty() || asked.iter().any(|(own, _)| own == axis)).collect();
        if loops.is_empty() {
            return Err(Error::field(
                "mesh",
                &over,
                format!("layers to cut into stages: {} has no loop of any", op.name),
            ));
        }
        if let Some((axis, _)) = loops
            .iter()
            .enumerate()
            .find(|(at, (axis, _))| loops[..*at].iter().any(|(own, _)| own == axis))
            .map(|(_, it)| it)
        {
            let expected = "an axis of one loop of layers each: several loops have as many rounds";
            return Err(Error::field("shard", format!("{axis}={over}"), expected));
        }
        if *stages == 1 {
            return Ok(None);
        }
        Ok(Some(Pipeline { over, stages: *stages, loops }))
    }
}

impl Pipeline {
    /// The layers of each stage, as many as the others or one more, in the order in which they run: of each loop `size` says how
    /// many layers it has, and `places` which they are.
    pub(crate) fn shares(
        &self,
        size: &dyn Fn(&str) -> Option<u64>,
        places: &[(String, Vec<u64>)],
    ) -> Result<Vec<Share>, Error> {
        let mut layers: Vec<(u64, usize)> = Vec::new();
        for (at, (axis, label)) in self.loops.iter().enumerate() {
            let count = size(axis).ok_or_else(|| Error::field("shard", axis, "a number of layers that is known"))?;
            let most = (MOST_LAYERS - layers.len()) as u64;
            if count > most {
                return Err(Error::field(
                    "shard",
                    format!("{axis} = {count}"),
                    format!("at most {MOST_LAYERS} layers in all"),
                ));
            }
            let known = places.iter().find(|(own, _)| own == label).map(|(_, places)| places);
            match known.filter(|it| it.len() as u64 == count) {
                Some(own) => layers.extend(own.iter().map(|place| (*place, at))),
                None => {
                    let next = layers.len() as u64;
                    layers.extend((next..next + count).map(|place| (place, at)));
                }
            }
        }
        layers.sort_by_key(|(place, _)| *place);
        let all = layers.len();
        let Some(stages) = usize::try_from(self.stages).ok().filter(|stages| *stages <= all) else {
            let (found, plural) = (format!("{}={}", self.over, self.stages), if all == 1 { "" } else { "s" });
            return Err(Error::field("mesh", found, format!("at most {all}, as there are {all} layer{plural}")));
        };
        let (each, more) = (all / stages, all % stages);
        let begin = |stage: usize| stage * each + stage.min(more);
        Ok((0..stages)
            .map(|stage| {
                let own = &layers[begin(stage)..begin(stage + 1)];
                let of = |at: usize| own.iter().filter(move |(_, own)| *own == at).map(|(place, _)| *place);
                let loops = || self.loops.iter().enumerate();
                Share {
                    counts: loops().map(|(at, (axis, _))| (axis.clone(), of(at).count() as u64)).collect(),
                    places: loops().map(|(at, (_, label))| (label.clone(), of(at).collect())).collect(),
                }
            })
            .collect())
    }

    /// A stage of an operator.
    pub(crate) fn stage(&self, source: &Source, number: u64) -> Result<(Source, mesh::Stage), Error> {
        let stage = mesh::Stage {
            over: self.over.clone(),
            layers: self.loops.iter().map(|(axis, _)| axis.clone()).collect(),
            first: number == 0,
            last: number + 1 == self.stages,
        };
        Ok((mesh::staged(source, &stage)?, stage))
    }
}

/// An operator as one device of a stage runs it, what the mesh cuts, the sizes of its axes, and how many layers it has.
pub(crate) type OperatorStage = (Source, Placed, Vec<u64>, u64);

impl Mesh {
    /// An operator as the devices of each stage run it, at sizes of its axes: one where the mesh has no stages.
    pub(crate) fn operator_stages(&self, source: &Source, sizes: &[u64]) -> Result<Vec<OperatorStage>, Error> {
        let Some(pipeline) = source.with(|op| self.pipeline(op, false))? else {
            let (cut, placed) = self.cut(source)?;
            return Ok(vec![(cut, placed, sizes.to_vec(), 0)]);
        };
        let size = |axis: &str| source.axis_named(axis).and_then(|axis| sizes.get(axis).copied());
        let mut stages = Vec::new();
        for (number, share) in (0_u64..).zip(pipeline.shares(&size, &[])?) {
            let (staged, stage) = pipeline.stage(source, number)?;
            let (cut, placed) = self.cut_by(&staged, &|_| None, false, Some((stage, number)))?;
            let mut own = sizes.to_vec();
            for (axis, count) in &share.counts {
                if let Some(at) = source.axis_named(axis) {
                    own[at] = *count;
                }
            }
            stages.push((cut, placed, own, share.layers()));
        }
        Ok(stages)
    }
}

impl Model {
    /// The model as the devices of each stage of a mesh run it: one where the mesh has no stages. The layers of a stage are as
    /// many as those of another, or one more.
    ///
    /// An error if the mesh can't cut the model so, or has more stages than the model has layers.
    pub fn stages(&self, mesh: &Mesh) -> Result<Vec<Stage>, Error> {
        let sized = |model: &Self, axis: &str| model.axis_named(axis).and_then(|axis| model.size_in_any_phase(axis));
        let Some(pipeline) = self.architecture().with(|op| mesh.pipeline(op, true))? else {
            let (architecture, placed) = mesh.cut_by(self.architecture(), &|axis| sized(self, axis), true, None)?;
            let layers = self.layers.iter().map(|(_, places)| places.len() as u64).sum();
            let model = self.clone().spread(architecture, &placed.axes);
            return Ok(vec![Stage { number: 0, of: 1, layers, model, placed }]);
        };
        if !self.formats().rounds.is_empty() {
            let expected = "layers that are stored alike, as stages have only some of them";
            return Err(Error::field("mesh", &pipeline.over, expected));
        }
        let size = |axis: &str| sized(self, axis);
        let mut stages: Vec<Stage> = Vec::new();
        for (number, share) in (0_u64..).zip(pipeline.shares(&size, &self.layers)?) {
            let (first, last) = (number == 0, number + 1 == pipeline.stages);
            let alike = stages.last().filter(|it| it.number > 0 && !last && it.model.has_layers(&share.counts));
            if let Some(alike) = alike {
                let placed = Placed { stage: Some(number), ..alike.placed.clone() };
                stages.push(Stage { number, placed, ..alike.clone() });
                continue;
            }
            let (source, stage) = pipeline.stage(self.architecture(), number)?;
            let layers = share.layers();
            let model = self.clone().with_layers(&share.counts, share.places, first).of_architecture(source);
            let own = |axis: &str| sized(&model, axis);
            let (architecture, placed) = mesh.cut_by(model.architecture(), &own, true, Some((stage, number)))?;
            let model = model.clone().spread(architecture, &placed.axes);
            stages.push(Stage { number, of: pipeline.stages, layers, model, placed });
        }
        Ok(stages)
    }

    /// Whether it is the same stage as another, but for where it stands: neither the first nor the last, and with as many layers.
    pub(crate) fn same_stage(&self, other: &Self) -> bool {
        self.axis_sizes() == other.axis_sizes() && self.architecture().is(other.architecture())
    }

    /// Whether axes of layers have these sizes.
    fn has_layers(&self, counts: &[(String, u64)]) -> bool {
        counts.iter().all(|(axis, count)| self.axis_named(axis).and_then(|axis| self.size_of(axis)) == Some(*count))
    }
}

/// The stage that moves most in a step of decoding, or of an encoder in a whole text.
pub(crate) fn busiest(stages: Vec<Stage>) -> Result<Stage, Error> {
    let mut best: Option<(u128, Stage)> = None;
    for stage in stages {
        let model = &stage.model;
        let one = if model.is_encoder() { Workload::prefill(1, 128) } else { Workload::decode(1, 4096) };
        let bits = if stage.of == 1 { 0 } else { moved(model, &one)? };
        if best.as_ref().is_none_or(|(most, _)| bits > *most) {
            best = Some((bits, stage));
        }
    }
    best.map(|(_, stage)| stage).ok_or_else(|| Error::field("mesh", "no stages", "at least one"))
}

fn moved(model: &Model, workload: &Workload) -> Result<u128, Error> {
    let kernels = model.kernels(workload, &Options::default())?;
    let totals = cost_core::cost::totals(&kernels)?;
    Ok(totals.bits.total()?)
}

/// Seconds of a step whose sequences go through the stages in so many parts, each of which takes every stage so long: at least,
/// and how much of that the slowest stage waits.
///
/// A prompt's parts follow each other: the first one takes all stages' time, each further one the slowest stage's. Steps that decode
/// follow each other, too: a part begins its next one as soon as it has ended one and the first stage is free.
pub fn step_s(phase: Phase, stages: &[f64], parts: u64) -> (f64, f64) {
    let (all, most) = stages.iter().fold((0.0, 0.0_f64), |(sum, most), it| (sum + it, most.max(*it)));
    let parts = parts as f64;
    let whole = match phase {
        Phase::Prefill => all + (parts - 1.0) * most,
        Phase::Decode => all.max(parts * most),
    };
    (whole, whole - parts * most)
}

/// In how many parts the sequences of a step go through stages: as asked for, or as many as there are stages, or the most below
/// that the sequences come apart into alike.
pub fn parts(mesh: &Mesh, stages: u64, batch: u64) -> Result<u64, Error> {
    let across = mesh.axes.iter().find(|(name, _)| name == "dp").map_or(1, |(_, ranks)| *ranks);
    if let Some(asked) = mesh.microbatches {
        if stages == 1 {
            let expected = "stages of a pipeline, as in --mesh pp=4";
            return Err(Error::field("microbatches", asked, expected));
        }
        if asked == 0 || !batch.is_multiple_of(asked) {
            return Err(Error::field("microbatches", asked, format!("a divisor of {batch}, the number of sequences")));
        }
        return Ok(asked);
    }
    let most = stages.min((batch / across).max(1));
    Ok((1..=most).rev().find(|parts| batch.is_multiple_of(*parts)).unwrap_or(1))
}
