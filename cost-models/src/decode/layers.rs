//! Some of a model's layers.

use cost_core::op::Dim;

use super::cost::Mean;
use super::step::{Deployment, Part};
use crate::error::Error;
use crate::families::decoder::MOST_LAYERS;

/// A model taken apart into its layers: what its kernels derive to with none of them, and with those of each kind.
pub(super) struct Layers {
    /// How many layers the model has.
    pub(super) count: u64,
    none: Deployment,
    kinds: Vec<Kind>,
}

/// Some of a model's layers: how many of each kind.
pub(super) struct Chosen(Vec<usize>);

/// A kind of layers: a loop of the architecture.
struct Kind {
    /// The model with all layers of this kind and no others.
    all: Deployment,
    /// Which layers are of this kind, counted from 0.
    places: Vec<u64>,
}

impl Layers {
    /// An error if the model has no layers, or if it isn't known which of them are of which kind.
    pub(super) fn of(deployment: &Deployment) -> Result<Self, Error> {
        let model = deployment.model();
        if model.reads_source() {
            return Err(Error::field(&model.name, "layers of an encoder beside others", "layers that all decode"));
        }
        let loops = model.architecture().with(|op| {
            let loops = op.loops.iter().filter(|it| !it.guard).filter_map(|it| match it.times {
                Dim::Axis(axis) => {
                    let name = op.axes[usize::from(axis)].to_owned();
                    Some((it.label.to_owned(), name, model.size_of(axis.into())?))
                }
                Dim::Sum(_) => None,
            });
            loops.filter(|(.., times)| *times > 0).collect::<Vec<_>>()
        });
        let without =
            |model: &crate::Model| loops.iter().try_fold(model.clone(), |model, (_, axis, _)| model.resized(axis, 0));
        let wrong =
            || Error::field(&model.name, format!("{} kinds of layers", loops.len()), "layers whose order is known");
        let none = without(model).filter(|_| !loops.is_empty()).ok_or_else(wrong)?;
        // Layers that share their weights are rounds of a loop of their own.
        let rounds = model.fixed().find(|(axis, _)| *axis == "rounds").map_or(1, |(_, rounds)| rounds);
        let mut kinds = Vec::with_capacity(loops.len());
        for (label, axis, times) in &loops {
            let count = times.checked_mul(rounds).filter(|count| *count <= MOST_LAYERS).ok_or_else(wrong)?;
            // What is listed are the layers that have weights: of rounds it says nothing.
            let listed = model.layers.iter().find(|(own, _)| own == label && rounds == 1);
            let listed = listed.map(|(_, places)| places.clone());
            let places = listed.or_else(|| (loops.len() == 1).then(|| (0..count).collect())).ok_or_else(wrong)?;
            if places.len() as u64 != count {
                return Err(wrong());
            }
            let all = none.resized(axis, *times).ok_or_else(wrong)?;
            kinds.push(Kind { all: deployment.with_rounds(all, |place| place == *label), places });
        }
        let count = loops.iter().map(|(.., times)| times * rounds).sum();
        Ok(Self { count, none: deployment.with(none), kinds })
    }

    /// What comes before and after the layers.
    pub(super) fn around(&self, part: &Part) -> Result<Mean, Error> {
        Ok(Mean::from(&self.none.step(core::slice::from_ref(part))?))
    }

    /// Some of the layers, counted from 0: those that are chosen.
    pub(super) fn choose(&self, chosen: impl Fn(u64) -> bool) -> Chosen {
        let count = |kind: &Kind| kind.places.iter().filter(|place| chosen(**place)).count();
        Chosen(self.kinds.iter().map(count).collect())
    }

    /// Those of the layers that are chosen.
    pub(super) fn those(&self, part: &Part, chosen: &Chosen) -> Result<Mean, Error> {
        let mut sum = Mean::default();
        for (kind, count) in self.kinds.iter().zip(&chosen.0) {
            let count = *count;
            if count > 0 {
                // Where layers of a kind differ in their formats, each counts as the mean of them.
                let all = Mean::from(&kind.all.step(core::slice::from_ref(part))?).minus(&self.around(part)?);
                sum = sum.plus_share(count as f64 / kind.places.len() as f64, &all);
            }
        }
        Ok(sum)
    }
}
