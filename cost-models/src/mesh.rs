//! A model on a mesh of devices.

use cost_core::cost::{Collective, Options, collectives};
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
}

/// Which axes of a model the axes of a mesh cut unless something else is asked for, by name: heads (`n`, and `g` of them for each
/// key/value head; `h` of latent attention and of state-space layers), widths of feed-forward networks and experts, the
/// vocabulary; copies of experts; sequences; positions.
pub const DEFAULTS: &[(&str, &[&str])] =
    &[("tp", &["n", "g", "h", "ln", "lg", "f", "m", "z", "zs", "v"]), ("ep", &["e"]), ("dp", &["b"]), ("cp", &["s"])];

/// Axes of blocks that have a name of [`DEFAULTS`] and are something else.
const OTHERS: &[(&str, &str)] =
    &[("Mamba2Mixer", "n"), ("MambaMixer", "n"), ("ChannelScan", "n"), ("SelectiveScan", "n")];

impl Mesh {
    /// How many devices it has.
    pub fn devices(&self) -> Option<u64> {
        self.axes.iter().try_fold(1_u64, |product, (_, ranks)| product.checked_mul(*ranks))
    }

    /// What is cut over which axes of the mesh, by an operator's axis: as asked for, and as [`DEFAULTS`] says of the others.
    pub fn cuts(&self, op: &Op<'_>, size: &dyn Fn(&str) -> Option<u64>) -> Result<Vec<(String, Vec<String>)>, Error> {
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
        for (mesh, axes) in DEFAULTS.iter().filter(|(mesh, _)| self.axes.iter().any(|(own, _)| own == mesh)) {
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
    /// [`Self::collectives`] are what the devices exchange.
    pub fn on_mesh(&self, mesh: &Mesh) -> Result<Self, Error> {
        let sized = |axis: &str| self.axis_named(axis).and_then(|axis| self.size_of(axis));
        let cuts = self.architecture().with(|op| mesh.cuts(op, &sized))?;
        let (axes, cuts) = split(&mesh.axes, cuts, &sized);
        let shard = |(axis, over): (String, Vec<String>)| Shard { axis, over };
        let scattered = if mesh.scattered {
            let over = axes.iter().filter(|(name, _)| name.starts_with("tp")).map(|(name, _)| name.clone()).collect();
            vec![Shard { axis: "s".to_owned(), over }]
        } else {
            Vec::new()
        };
        let of = mesh::Mesh {
            axes: axes.iter().map(|(name, _)| name.clone()).collect(),
            cuts: cuts.into_iter().map(shard).collect(),
            scattered,
            kept: vec!["b".to_owned()],
            leave_cut: mesh.leave_cut,
        };
        let architecture = mesh::cut(self.architecture(), &of)?;
        Ok(self.clone().spread(architecture, &axes))
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
) -> (Vec<(String, u64)>, Vec<(String, Vec<String>)>) {
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
