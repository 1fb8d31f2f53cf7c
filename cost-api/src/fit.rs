//! What fits the memory of devices.

use cost_core::Options;
use cost_core::op::Role;
use cost_models::fit::{self as search, Headroom, Wanted};
use cost_models::report::{Bytes, FormatNames, SCHEMA, weight_formats};
use cost_models::{Model, Note, Workload};

use crate::error::{Error, Result};
use crate::load;
use crate::request::FitRequest;
use crate::response::{DeviceFit, Fits};
use crate::sources::Sources;

/// How many sequences, or how long a context, fit the memory of devices, and what takes it.
pub fn fit(request: &FitRequest, sources: &dyn Sources) -> Result<Fits> {
    if request.on.is_empty() {
        return Err(Error::found("on", "none", "at least one device"));
    }
    load::positive("batch", request.batch)?;
    let mut model = load::model(&request.model, &request.reading, request.formats.weights.is_some(), sources)?;
    let mesh = load::mesh(&request.mesh)?;
    let devices = load::counted(&request.on, mesh.as_ref(), sources)?;
    let headroom = headroom(request.headroom())?;
    let options = Options {
        formats: load::formats_of(&model, &request.formats, &request.set, &request.offload)?,
        ..Options::default()
    };
    // Of stages the one decides that fits least.
    let mut stages = Vec::new();
    if let Some(mesh) = &mesh {
        stages = model.stages(mesh)?.into_iter().map(|stage| stage.model).collect();
        model = model.on_mesh(mesh)?;
    }
    let one = if model.is_encoder() { Workload::prefill(1, 1) } else { Workload::decode(1, 1) };
    load::check_read_of(&options, &model, &one)?;
    let wanted = wanted(request, &model)?;
    if let ([Wanted::Batch { context }], Some(most)) = (wanted.as_slice(), model.context)
        && *context > most
    {
        let text = format!("{context} tokens are more than the {most} that it was made for");
        model.notes.push(Note::warning(text).about("max_position_embeddings"));
    }
    let mut fits = Vec::new();
    for device in &devices {
        for wanted in &wanted {
            let all = if stages.is_empty() { core::slice::from_ref(&model) } else { &stages };
            let found = all.iter().map(|stage| search::fit(stage, device, &options, headroom, *wanted));
            let found = found.collect::<core::result::Result<Vec<_>, _>>();
            let found = found.map_err(|error| Error::from(error).about(&model.name))?;
            let least = |it: &search::Fit| (it.batch, it.context, core::cmp::Reverse(it.memory.total));
            let Some(fit) = found.into_iter().min_by_key(least) else { continue };
            let bytes = device.memory_bits().map(Bytes::of_bits);
            fits.push(DeviceFit { name: device.id.to_string(), bytes, fit });
        }
    }
    let formats = &model.options(&options).formats;
    let formats = FormatNames {
        weights: weight_formats(&model, &one, &options)?,
        acts: formats.of(Role::Act).to_string(),
        cache: formats.of(Role::Cache).to_string(),
    };
    Ok(Fits { model: model.name, context: model.context, formats, fits, notes: model.notes, schema: SCHEMA, devices })
}

/// What is asked: one of the two, or else the longest context by itself and how many sequences there can be of some.
fn wanted(request: &FitRequest, model: &Model) -> Result<Vec<Wanted>> {
    const FEW: [u64; 4] = [2048, 8192, 32_768, 131_072];
    if let Some(batch) = request.batch {
        if request.past.is_some() {
            return Err(Error::found("past", "--batch beside it", "one of them"));
        }
        return Ok(vec![Wanted::Context { batch }]);
    }
    if let Some(past) = request.past {
        if model.is_encoder() {
            let said = format!("found {past}, but {} caches nothing; expected --batch", model.name);
            return Err(Error::option("past", said));
        }
        let context = past.checked_add(1).ok_or_else(|| Error::found("past", past, "less"))?;
        return Ok(vec![Wanted::Batch { context }]);
    }
    let contexts: Vec<u64> = match model.context {
        Some(most) => FEW.into_iter().filter(|few| *few < most).chain([most.max(1)]).collect(),
        None => FEW.to_vec(),
    };
    let longest = Wanted::Context { batch: 1 };
    Ok([longest].into_iter().chain(contexts.into_iter().map(|context| Wanted::Batch { context })).collect())
}

/// The value of `--headroom`.
fn headroom(text: &str) -> Result<Headroom> {
    const UNITS: [(&str, f64); 8] = [
        ("KiB", 1024.0),
        ("MiB", 1_048_576.0),
        ("GiB", 1_073_741_824.0),
        ("kB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("%", 0.0),
        ("B", 1.0),
    ];
    let expected = "a share from 0% to less than 100% or an amount, as in 2GB";
    let wrong = || Error::found("headroom", format_args!("`{text}`"), expected);
    let unit = UNITS.iter().find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, *unit, *scale)));
    // Nothing is nothing in any unit.
    let (number, unit, scale) = unit.or_else(|| (text == "0").then_some((text, "B", 1.0))).ok_or_else(wrong)?;
    let number: f64 = number.trim().parse().map_err(|_| wrong())?;
    match unit {
        "%" if (0.0..100.0).contains(&number) => Ok(Headroom::Percent(number)),
        "%" => Err(wrong()),
        _ if number >= 0.0 && number * scale < 1e18 => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1e18")]
            let bytes = (number * scale).ceil() as u64;
            Ok(Headroom::Bytes(bytes))
        }
        _ => Err(wrong()),
    }
}
