//! A model on a mesh of devices.

pub mod link;
pub mod search;
pub mod stages;

use cost_core::cost::{Collective, Options, collectives};
use cost_core::library::Source;
use cost_core::mesh::{self, Shard};
use cost_core::op::{self, Op};

use crate::error::Error;
use crate::model::{Model, Workload};

/// How a model's devices are arranged: the ranks along each axis of the mesh, and which axes of the model each cuts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mesh {
    /// Its axes and how many ranks there are along each.
    pub axes: Vec<(String, u64)>,
    /// Axes of the model that are cut otherwise than [`DEFAULTS`] says, and over which axes of the mesh: over none for one that is
    /// whole.
    pub shards: Vec<(String, Vec<String>)>,
    /// Whether what is between two products is cut over positions (`sp`).
    pub scattered: bool,
    /// Whether results are left as they fall.
    pub leave_cut: bool,
    /// In how many parts sequences go through the stages of a pipeline; nothing for as many as are of use.
    pub microbatches: Option<u64>,
}

/// The axis of a mesh whose ranks are stages of a pipeline: each has some layers.
pub const PIPELINE: &str = "pp";

/// Which axes of a model the axes of a mesh cut unless something else is asked for, by name: heads (`n`, and `g` of them for each
/// key/value head; `h` of latent attention and of state-space layers), widths of feed-forward networks and experts, the
/// vocabulary; copies of experts; sequences; positions.
pub const DEFAULTS: &[(&str, &[&str])] =
    &[("tp", &["n", "g", "h", "ln", "lg", "f", "m", "z", "zs", "v"]), ("ep", &["e"]), ("dp", &["b"]), ("cp", &["s"])];

/// Axes of blocks that have a name of [`DEFAULTS`] and are something else.
const OTHERS: &[(&str, &str)] =
    &[("Mamba2Mixer", "n"), ("MambaMixer", "n"), ("ChannelScan", "n"), ("SelectiveScan", "n")];

/// Over which axes of the mesh each axis is cut.
type Cuts = Vec<(String, Vec<String>)>;

impl Mesh {
    /// How many devices it has.
    pub fn devices(&self) -> Option<u64> {
        self.axes.iter().try_fold(1_u64, |product, (_, ranks)| product.checked_mul(*ranks))
    }

    /// What is cut over which axes of the mesh, by an operator's axis: as asked for, and as [`DEFAULTS`] says of the others.
    pub fn cuts(
        &self,
        op: &Op<'_>,
        size: &dyn Fn(&str) -> Option<u64>,
        defaults: bool,
    ) -> Result<Vec<(String, Vec<String>)>, Error> {
        for (axis, over) in &self.shards {
            if op.axis_named(axis).is_none() {
                let axes = op.axes.join(", ");
                return Err(Error::field("shard", axis, format!("an axis of {}: one of {axes}", op.name)));
            }
            if let Some(unknown) = over.iter().find(|name| !self.axes.iter().any(|(own, _)| own == *name)) {
                let names: Vec<&str> = self.axes.iter().map(|(name, _)| name.as_str()).collect();
                return Err(Error::field(
                    "shard",
                    unknown,
                    format!("an axis of the mesh: one of {}", names.join(", ")),
                ));
            }
        }
        let asked = |axis: &str| self.shards.iter().find(|(own, _)| own == axis).map(|(_, over)| over.clone());
        let experts = asked("e").unwrap_or_default();
        let mut cuts: Vec<(String, Vec<String>)> =
            self.shards.iter().filter(|(_, over)| !over.is_empty()).cloned().collect();
        let defaults = if defaults { DEFAULTS } else { &[] };
        for (mesh, axes) in defaults.iter().filter(|(mesh, _)| self.axes.iter().any(|(own, _)| own == mesh)) {
            for axis in axes.iter().filter(|axis| op.axis_named(axis).is_some() && asked(axis).is_none()) {
                // An expert that one rank of some holds isn't cut between them as well.
                let held = *axis == "m" && experts.iter().any(|own| own == mesh);
                let several = size(axis).is_none_or(|size| size > 1);
                if !held && several && !is_other(op, axis) {
                    cuts.push(((*axis).to_owned(), vec![(*mesh).to_owned()]));
                }
            }
        }
        Ok(cuts)
    }

    /// An operator as one device of the mesh runs it, cut along the axes that are asked for, and which those are.
    pub fn cut(&self, source: &Source) -> Result<(Source, Placed), Error> {
        self.cut_by(source, &|_| None, false, None)
    }

    /// The same, cut along [`DEFAULTS`] too if that is asked for.
    fn cut_by(
        &self,
        source: &Source,
        size: &dyn Fn(&str) -> Option<u64>,
        defaults: bool,
        stage: Option<(mesh::Stage, u64)>,
    ) -> Result<(Source, Placed), Error> {
        let layers = stage.as_ref().map_or(&[][..], |(stage, _)| &stage.layers);
        let mut cuts = source.with(|op| self.cuts(op, size, defaults))?;
        cuts.retain(|(axis, _)| !layers.contains(axis));
        for (axis, ranks) in &self.axes {
            if *ranks == 0 {
                return Err(Error::field("mesh", format!("{axis}=0"), "at least one rank along each axis"));
            }
            let piped = stage.as_ref().is_some_and(|(stage, _)| stage.over == *axis);
            let used = piped || cuts.iter().any(|(_, over)| over.contains(axis)) || self.scattered && axis == "tp";
            if *ranks > 1 && !used {
                let expected = "an axis that cuts something: say what with --shard AXIS=MESH";
                return Err(Error::field("mesh", axis, format!("{expected}; {} has {}", source.name(), named(source))));
            }
        }
        let (axes, split) = split(&self.axes, cuts.clone(), size);
        let shard = |(axis, over): (String, Vec<String>)| Shard { axis, over };
        let scattered = if self.scattered {
            let over = axes.iter().filter(|(name, _)| Self::axis_named(name) == "tp").map(|(name, _)| name.clone());
            vec![Shard { axis: "s".to_owned(), over: over.collect() }]
        } else {
            Vec::new()
        };
        let of = mesh::Mesh {
            axes: axes.iter().map(|(name, _)| name.clone()).collect(),
            cuts: split.into_iter().map(shard).collect(),
            scattered,
            kept: vec!["b".to_owned()],
            known: conditions(source, size),
            leave_cut: self.leave_cut,
            stage: stage.as_ref().map(|(stage, _)| stage.clone()),
        };
        if let Some((stage, _)) = &stage {
            cuts.extend(stage.layers.iter().map(|axis| (axis.clone(), vec![stage.over.clone()])));
        }
        Ok((mesh::cut(source, &of)?, Placed { axes, cuts, stage: stage.map(|(_, number)| number) }))
    }

    /// The mesh axis, or axes, that parts of axes belong to: `tp` of `tp.n+tp.g`.
    pub(crate) fn axis_named(parts: &str) -> String {
        let mut names: Vec<&str> = parts.split('+').map(|part| part.split('.').next().unwrap_or(part)).collect();
        names.dedup();
        names.join("+")
    }
}

/// What a mesh has cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The ranks along each axis of the mesh, of which some are in parts.
    pub axes: Vec<(String, u64)>,
    /// Over which axes of the mesh each axis is cut.
    pub cuts: Vec<(String, Vec<String>)>,
    /// Which stage of a pipeline it is, counted from 0.
    pub stage: Option<u64>,
}

/// The axes that are 0 or 1.
fn conditions(source: &Source, size: &dyn Fn(&str) -> Option<u64>) -> Vec<(String, u64)> {
    let sized = source.axes().filter_map(|axis| Some((axis.to_owned(), size(axis).filter(|size| *size < 2)?)));
    sized.collect()
}

fn named(source: &Source) -> String {
    format!("the axes {}", source.axes().collect::<Vec<_>>().join(", "))
}

/// Whether an axis is something else than its name says, in a block that it is bound to.
fn is_other(op: &Op<'_>, axis: &str) -> bool {
    op.steps.iter().any(|step| {
        let op::Kind::Call(call) = step.kind else { return false };
        (0..call.op.axes.len()).any(|own| {
            let bound = op.bound(&call, own).and_then(|dim| dim.product());
            let same = bound.is_some_and(|axes| axes.rank() == 1 && op.axes[usize::from(axes.axis(0))] == axis);
            same && (OTHERS.contains(&(call.op.name, call.op.axes[own])) || is_other(call.op, call.op.axes[own]))
        })
    })
}

impl Model {
    /// The model as each device of a mesh runs it, the busiest: its sizes, tensors and kernels are that device's, and
    /// [`Self::collectives`] are what the devices exchange. Of a pipeline it is the stage that moves most in a step of decoding.
    pub fn on_mesh(&self, mesh: &Mesh) -> Result<Self, Error> {
        Ok(stages::busiest(self.stages(mesh)?)?.model)
    }

    /// What the devices exchange in a step, if the model is one [on a mesh](Self::on_mesh).
    pub fn collectives(&self, workload: &Workload, options: &Options) -> Result<Vec<Collective<u128>>, Error> {
        let sizes = self.sizes(workload)?;
        Ok(self.architecture().with(|op| collectives(op, &sizes, &self.options(options)))?)
    }
}

/// The axes of a mesh where key/value heads are fewer than the ranks that cut them: then those ranks cut the heads that share one,
/// too, each by a part of the axis.
fn split(
    axes: &[(String, u64)],
    mut cuts: Vec<(String, Vec<String>)>,
    size: &dyn Fn(&str) -> Option<u64>,
) -> (Vec<(String, u64)>, Cuts) {
    let mut axes = axes.to_vec();
    for (heads, shared) in [("n", "g"), ("ln", "lg")] {
        let over = |cuts: &[(String, Vec<String>)], axis: &str| {
            cuts.iter().find(|(own, _)| own == axis).map(|(_, over)| over.clone())
        };
        let (Some(own), Some(other)) = (over(&cuts, heads), over(&cuts, shared)) else { continue };
        let ([mesh], true) = (own.as_slice(), own == other) else { continue };
        let (Some(at), Some(heads_size)) = (axes.iter().position(|(name, _)| name == mesh), size(heads)) else {
            continue;
        };
        let ranks = axes[at].1;
        let across = (1..=ranks.min(heads_size.max(1))).rev().find(|it| ranks.is_multiple_of(*it)).unwrap_or(1);
        if across == ranks {
            cuts.retain(|(axis, _)| axis != shared);
            continue;
        }
        let (first, second) = (format!("{mesh}.{heads}"), format!("{mesh}.{shared}"));
        let mesh = mesh.clone();
        axes.splice(at..=at, [(first.clone(), across), (second.clone(), ranks / across)]);
        for (axis, over) in &mut cuts {
            if axis == heads {
                *over = vec![first.clone()];
            } else if axis == shared {
                *over = vec![second.clone()];
            } else if let Some(place) = over.iter().position(|own| *own == mesh) {
                over.splice(place..=place, [first.clone(), second.clone()]);
            }
        }
    }
    (axes, cuts)
}
