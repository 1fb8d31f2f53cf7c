//! The number formats of a sweep, and how it counts.

use cost_core::Options;
use cost_core::cost::{Formats, Pattern};
use cost_core::format::Format;
use cost_models::sweep::{FormatChoices, Grid, Setting};
use cost_models::weights::WeightFormat;
use cost_models::{Logits, Model};

use crate::error::{Error, Result};
use crate::load;
use crate::request::ChoiceOptions;

/// Each model in each combination of formats.
pub(super) fn settings(models: &[Model], asked: &ChoiceOptions, grid: &Grid) -> Result<Vec<Setting>> {
    let all = |option: &str, values: &[String]| -> Result<Vec<Format>> {
        let formats = values.iter().map(|value| load::format(option, value)).collect::<Result<Vec<_>>>()?;
        let names: Vec<String> = formats.iter().map(Format::to_string).collect();
        load::each_once(option, &format!("--{option}"), names.iter().map(String::as_str))?;
        Ok(formats)
    };
    let weights = asked.weights.iter().map(|value| load::weight_format(value)).collect::<Result<Vec<_>>>()?;
    let names: Vec<String> = weights.iter().map(WeightFormat::to_string).collect();
    load::each_once("weights", "--weights", names.iter().map(String::as_str))?;
    let choices = FormatChoices {
        weights,
        acts: all("acts", &asked.acts)?,
        cache: all("cache", &asked.cache)?,
        set: load::set(&asked.rules.set.set)?,
    };
    let (masking, routing) = (load::masking(asked.rules.masking), load::routing(asked.rules.routing.as_deref())?);
    let multiply = load::multiply(&asked.rules.multiply)?;
    let options = Options { masking, routing, multiply, ..Options::default() };
    let mut found = Vec::new();
    for model in models {
        grid.fits(model)?;
        found.extend(Setting::each(model, &choices, &options)?);
    }
    check_read(models, &choices, &options, grid)?;
    Ok(found)
}

/// Every option must be about something in one of the models, or it would change nothing in silence.
fn check_read(models: &[Model], choices: &FormatChoices, options: &Options, grid: &Grid) -> Result<()> {
    let of = |formats: Formats| Options { formats, ..Options::default() };
    let cache = choices.cache.iter().map(|format| Some(*format));
    let mut asked = vec![Options { masking: options.masking, ..Options::default() }];
    asked.extend(cache.map(|cache| of(Formats { cache, ..Formats::default() })));
    asked.extend(options.multiply.iter().map(|one| Options { multiply: vec![one.clone()], ..Options::default() }));
    let workload = grid.first();
    let each = |weights: Option<WeightFormat>, set: &[(Pattern, Format)]| -> Result<()> {
        let mut first = Ok(());
        for model in models {
            let check = model.asking(weights, set).map_err(Error::from);
            match check.and_then(|formats| load::check_read_of(&of(formats), model, &workload)) {
                Ok(()) => return Ok(()),
                Err(error) => first = first.and(Err(error)),
            }
        }
        first
    };
    choices.weights.iter().try_for_each(|weights| each(Some(*weights), &[]))?;
    choices.set.iter().try_for_each(|one| each(None, std::slice::from_ref(one)))?;
    for asked in asked {
        let mut checks = models.iter().map(|model| load::check_read_of(&asked, model, &workload));
        let first = checks.next().unwrap_or(Ok(()));
        if first.is_err() && checks.all(|check| check.is_err()) {
            return first;
        }
    }
    if grid.logits == Logits::All && !models.iter().any(Model::has_head) {
        return Err(Error::option("logits", "found all, but no model gives logits over the vocabulary token by token"));
    }
    Ok(())
}
