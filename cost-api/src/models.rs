//! The built-in models.

use cost_core::Options;
use cost_models::report::{Bytes, params};
use cost_models::{Model, Workload, catalogue};

use crate::error::Result;
use crate::load;
use crate::request::ModelsRequest;
use crate::response::ModelEntry;

/// The built-in models.
pub fn models(request: &ModelsRequest) -> Result<Vec<ModelEntry>> {
    let each = catalogue::ENTRIES.iter().map(|entry| {
        let model = entry.model()?;
        load::check_strict(request.strict, entry.name, &model)?;
        Ok(listed(entry, model)?)
    });
    each.collect()
}

fn listed(entry: &catalogue::Entry, model: Model) -> cost_core::Result<ModelEntry> {
    let (step, options) = (Workload::decode(1, 0), Options::default());
    let params = params(&model, &step, &options)?;
    Ok(ModelEntry {
        name: entry.name,
        params: params.total,
        active: params.active,
        cache_bytes_per_token: Bytes::of_bits(model.cache_bits(&step, &options)?),
        context: model.context,
        model_type: model.model_type,
        source: entry.source,
        notes: model.notes,
    })
}
