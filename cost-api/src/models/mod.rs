//! The built-in models.

mod wanted;

use cost_core::Options;
use cost_models::report::{Bytes, params};
use cost_models::{Model, Workload, catalogue};

use crate::error::Result;
use crate::load;
use crate::request::ModelsRequest;
use crate::response::ModelEntry;
use crate::sources::Sources;
use wanted::Wanted;

/// The built-in models that are asked for.
pub fn models(request: &ModelsRequest, sources: &dyn Sources) -> Result<Vec<ModelEntry>> {
    load::positive("top", request.top.map(u64::from))?;
    let wanted = Wanted::of(request, sources)?;
    let mut found = Vec::new();
    for entry in catalogue::ENTRIES {
        let model = entry.model()?;
        if wanted.takes(&model)? {
            load::check_strict(request.strict, entry.name, &model)?;
            found.push(listed(entry, model)?);
        }
    }
    if let Some(top) = request.top {
        // Of several that are as large, the one that is listed first.
        found.sort_by_key(|it: &ModelEntry| std::cmp::Reverse(it.params));
        found.truncate(usize::try_from(top).unwrap_or(usize::MAX));
    }
    Ok(found)
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
