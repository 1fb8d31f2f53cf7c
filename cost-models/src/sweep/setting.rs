//! A model in number formats: what one plan is compiled from.

use cost_core::Options;
use cost_core::cost::{Formats, Pattern};
use cost_core::format::Format;
use cost_core::op::Role;

use crate::Workload;
use crate::error::Error;
use crate::model::{Model, Phase};
use crate::report::weight_formats;
use crate::weights::WeightFormat;

/// A model in number formats, and what these are called.
#[derive(Clone, Debug)]
pub struct Setting {
    pub(super) model: Model,
    pub(super) options: Options,
    pub(super) weights: String,
    pub(super) acts: String,
    pub(super) cache: String,
}

/// Number formats to try: every combination. Where none is given, the model's own.
#[derive(Clone, Debug, Default)]
pub struct FormatChoices {
    /// Of parameters.
    pub weights: Vec<WeightFormat>,
    /// Of activations.
    pub acts: Vec<Format>,
    /// Of caches and states.
    pub cache: Vec<Format>,
    /// Exceptions, in all combinations.
    pub set: Vec<(Pattern, Format)>,
}

impl Setting {
    /// A model counted in this way.
    pub fn new(model: Model, options: Options) -> Result<Self, Error> {
        // An encoder takes nothing but whole texts; the formats are those of any step.
        let step =
            if model.takes(Phase::Decode, Some(1)).is_ok() { Workload::decode(1, 1) } else { Workload::prefill(1, 1) };
        let options = model.counted_by(options);
        let weights = weight_formats(&model, &step, &options)?;
        let [acts, cache] = [Role::Act, Role::Cache].map(|role| options.formats.of(role).to_string());
        Ok(Self { model, options, weights, acts, cache })
    }

    /// A model in each combination of formats, counted as `options` say but for the formats.
    pub fn each(model: &Model, choices: &FormatChoices, options: &Options) -> Result<Vec<Self>, Error> {
        let mut found = Vec::new();
        for weights in or_own(&choices.weights) {
            for acts in or_own(&choices.acts) {
                for cache in or_own(&choices.cache) {
                    let formats = Formats { acts, cache, ..model.asking(weights, &choices.set)? };
                    found.push(Self::new(model.clone(), Options { formats, ..options.clone() })?);
                }
            }
        }
        Ok(found)
    }
}

/// What is given, or nothing once, which stands for the model's own.
fn or_own<T: Copy>(given: &[T]) -> Vec<Option<T>> {
    if given.is_empty() { vec![None] } else { given.iter().copied().map(Some).collect() }
}
