//! Which mesh to take.

use cost_core::text::short;
use cost_models::mesh::search::{Found, Search, search};
use cost_models::report::SCHEMA;
use cost_models::{Logits, Phase, Workload};

use crate::error::{Error, Result};
use crate::load;
use crate::request::search::Aim;
use crate::request::{MeshRequest, choice};
use crate::response::Meshes;
use crate::sources::Sources;

/// Which meshes of devices a model runs best on, and what its steps take there at least.
pub fn mesh(request: &MeshRequest, sources: &dyn Sources) -> Result<Meshes> {
    load::positive("batch", request.batch)?;
    load::positive("tokens", request.tokens)?;
    let model = load::model(&request.model, &request.reading, request.counting.formats.weights.is_some(), sources)?;
    let (devices, device) = load::of_one_kind(&request.on, sources)?;
    let (phase, past, tokens) = match request.phase {
        Some(choice::Phase::Prefill) => (Phase::Prefill, 0, 2048),
        Some(choice::Phase::Decode) | None => (Phase::Decode, 4096, 1),
    };
    let (past, tokens) = (request.past.unwrap_or(past), request.tokens.unwrap_or(tokens));
    let options = load::options_of(&model, &request.counting)?;
    let one = Workload { phase, batch: request.batch.unwrap_or(1), past, tokens, logits: Logits::Last };
    load::check_read_of(&options, &model, &one)?;
    let within = request.within.as_deref().map(seconds).transpose()?;
    let timing = load::timed(&request.timing);
    let of = Search { devices, device: &device, phase, batch: request.batch, past, tokens, within, timing };
    let mut found = search(&model, &options, &of)?;
    let by = |it: &Found| match request.aim.unwrap_or(Aim::Latency) {
        Aim::Latency => [it.step_s, it.devices as f64],
        Aim::Throughput => [-it.tokens_per_s_per_device, it.step_s],
        Aim::Memory => [it.devices as f64, it.memory.to_f64()],
    };
    found.sort_by(|a, b| by(a).partial_cmp(&by(b)).unwrap_or(std::cmp::Ordering::Equal));
    Ok(Meshes {
        model: model.name,
        device: device.id.to_string(),
        past,
        tokens,
        found,
        notes: model.notes,
        schema: SCHEMA,
    })
}

/// A time, as in `50ms`.
fn seconds(text: &str) -> Result<f64> {
    const UNITS: [(&str, f64); 4] = [("ms", 1e-3), ("us", 1e-6), ("µs", 1e-6), ("s", 1.0)];
    let wrong = || Error::found("within", short(text, 100), "a time, as in 50ms");
    let found = UNITS.iter().find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, *scale)));
    let (number, scale) = found.ok_or_else(wrong)?;
    let number: f64 = number.trim().parse().map_err(|_| wrong())?;
    if number > 0.0 && number.is_finite() { Ok(number * scale) } else { Err(wrong()) }
}
