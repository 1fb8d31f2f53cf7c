//! The models of a sweep.

use cost_models::sweep::Grid;
use cost_models::{Model, catalogue};

use crate::error::{Error, Kind, Result};
use crate::listener::Listener;
use crate::load;
use crate::request::{SweepRequest, What};
use crate::sources::Sources;

/// The models that are named. `all` are the built-in ones that can take the steps.
pub(super) fn models(
    request: &SweepRequest,
    grid: &Grid,
    sources: &dyn Sources,
    listener: &dyn Listener,
) -> Result<Vec<Model>> {
    let reading = &request.reading;
    if request.models.is_empty() {
        let said = "MODELS: found none, expected names, paths or configs of models";
        return Err(Error { field: Some("models".to_owned()), ..Error::new(Kind::Request, said) });
    }
    let given = !request.counting.weights.is_empty();
    let mut found = Vec::new();
    for what in &request.models {
        if *what != What::from("all") {
            found.push(load::told(what, reading, given, sources, listener)?);
            continue;
        }
        let about = [
            ("weights_file", reading.weights_file.is_some()),
            ("mla", reading.mla.is_some()),
            ("source", reading.source.is_some()),
        ];
        if let Some((option, _)) = about.into_iter().find(|(_, given)| *given) {
            let said = "--weights-file, --mla and --source are about some models, found `all`; expected their names";
            return Err(Error { field: Some(option.to_owned()), ..Error::new(Kind::Request, said) });
        }
        for entry in catalogue::ENTRIES {
            let model = catalogue::find(entry.name)?;
            load::check_strict(reading.strict, entry.name, &model)?;
            if grid.fits(&model).is_ok() {
                found.push(model);
            }
        }
    }
    Ok(found)
}

/// Says once which models have steps that they were not made for.
pub(super) fn warn_of_long_steps(models: &[Model], grid: &Grid, listener: &dyn Listener) {
    const NAMED: usize = 3;
    let short = models.iter().filter(|model| model.context.is_some_and(|context| context < grid.longest()));
    let names: Vec<&str> = short.map(|model| model.name.as_str()).collect();
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if !names.is_empty() {
        let named = names[..names.len().min(NAMED)].join(", ");
        listener.told(&format!(
            "warning: {named}{more}: some steps have more tokens than the model was made for; --where within_context \
             leaves them out"
        ));
    }
}
