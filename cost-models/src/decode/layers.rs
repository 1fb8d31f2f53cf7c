//! Some of a model's layers.

use super::cost::Mean;
use super::step::{Deployment, Part};
use crate::error::Error;

/// A model of equal layers, taken apart: what its kernels derive to with no layer and with one.
pub(super) struct Layers {
    /// How many layers the model has.
    pub(super) count: u64,
    /// The model without layers: what comes before and after them.
    pub(super) none: Deployment,
    one: Deployment,
}

impl Layers {
    /// An error if the model's layers aren't all alike, so that `l` isn't their number.
    pub(super) fn of(deployment: &Deployment) -> Result<Self, Error> {
        let model = &deployment.model;
        let count = model.fixed().find(|(axis, _)| *axis == "l").map(|(_, count)| count);
        let with = |layers| model.resized("l", layers).map(|model| deployment.with(model));
        match (count, with(0), with(1)) {
            (Some(count), Some(none), Some(one)) => Ok(Self { count, none, one }),
            _ => {
                let axes: Vec<&str> = model.fixed().map(|(axis, _)| axis).collect();
                let found = format!("an architecture with the axes {}", axes.join(", "));
                Err(Error::field(&model.name, found, "layers that are all alike, `l` of them"))
            }
        }
    }

    /// One layer.
    pub(super) fn layer(&self, part: &Part) -> Result<Mean, Error> {
        let part = core::slice::from_ref(part);
        Ok(Mean::from(&self.one.step(part)?).minus(&Mean::from(&self.none.step(part)?)))
    }

    /// What comes before and after the layers.
    pub(super) fn around(&self, part: &Part) -> Result<Mean, Error> {
        Ok(Mean::from(&self.none.step(core::slice::from_ref(part))?))
    }
}
