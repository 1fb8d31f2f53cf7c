//! `cost models`

use std::ops::RangeInclusive;

use cost_core::Options;
use cost_core::text::short;
use cost_models::report::{Bytes, Memory, params};
use cost_models::{Model, Note, Workload, catalogue, families, model_types_page};
use serde::Serialize;

use crate::args::ModelsArgs;
use crate::failure::{Result, text};
use crate::table::{grouped, headings, table};
use crate::{load, output};

#[derive(Serialize)]
struct Row {
    name: &'static str,
    model_type: String,
    params: u128,
    active: u128,
    cache_bytes_per_token: Bytes,
    context: Option<u64>,
    source: &'static str,
    /// What is to be said beside the numbers.
    notes: Vec<Note>,
}

pub(crate) fn run(args: &ModelsArgs) -> Result<()> {
    if args.types {
        return output::print(&model_types_page().map_err(text)?);
    }
    let wanted = Wanted::of(args)?;
    let mut rows = Vec::new();
    for entry in catalogue::ENTRIES {
        let model = entry.model().map_err(text)?;
        if wanted.takes(&model).map_err(text)? {
            load::check_strict(args.strict, entry.name, &model)?;
            rows.push(row(entry, model).map_err(text)?);
        }
    }
    if args.output.json {
        return output::json(&rows);
    }
    if rows.is_empty() {
        return output::print("no built-in model is like that\n");
    }
    let cells = rows.iter().map(|row| {
        vec![
            row.name.to_owned(),
            row.model_type.clone(),
            grouped(row.params),
            if row.active == row.params { "all".to_owned() } else { grouped(row.active) },
            row.cache_bytes_per_token.whole().map_or_else(String::new, grouped),
            row.context.map_or_else(|| "?".to_owned(), |context| grouped(context.into())),
        ]
    });
    let columns = headings(&["model", "type", "parameters", "active", "cache", "context"]);
    output::print(
        &(table(columns, 2, cells)
            + "cache: byte a token at bf16; a path to a config.json or its directory works wherever a name does\n"),
    )
}

fn row(entry: &catalogue::Entry, model: Model) -> cost_core::Result<Row> {
    let (step, options) = (Workload::decode(1, 0), Options::default());
    let params = params(&model, &step, &options)?;
    Ok(Row {
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

/// Which of the models are asked for.
struct Wanted {
    model_type: Option<String>,
    params: RangeInclusive<u128>,
    /// The memory that they are to fit.
    bits: Option<u128>,
}

impl Wanted {
    fn of(args: &ModelsArgs) -> Result<Self> {
        let bound = |flag, value: &Option<String>| value.as_deref().map(|value| params_of(flag, value)).transpose();
        let (least, most) = (bound("min-params", &args.min_params)?, bound("max-params", &args.max_params)?);
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            let (least, most) = (grouped(least), grouped(most));
            return Err(format!("--min-params: found {least}, expected at most the {most} of --max-params"));
        }
        let model_type = args.model_type.as_deref().map(type_of).transpose()?;
        let bits = args.fits.as_deref().map(memory_of).transpose()?;
        Ok(Self { model_type, params: least.unwrap_or(0)..=most.unwrap_or(u128::MAX), bits })
    }

    fn takes(&self, model: &Model) -> cost_core::Result<bool> {
        if self.model_type.as_ref().is_some_and(|it| *it != model.model_type) {
            return Ok(false);
        }
        let (step, options) = (Workload::decode(1, 0), Options::default());
        if !self.params.contains(&params(model, &step, &options)?.total) {
            return Ok(false);
        }
        let Some(bits) = self.bits else { return Ok(true) };
        let memory = Memory::of_step(model, &step, &options)?;
        Ok(memory.weights.bits().checked_add(memory.cache.bits()).is_some_and(|needed| needed <= bits))
    }
}

/// A type that a model can be of.
fn type_of(given: &str) -> Result<String> {
    if families::model_types().any(|known| known == given) {
        return Ok(given.to_owned());
    }
    let found = short(given, 80);
    Err(match cost_core::nearest(given, families::model_types()) {
        Some(near) => format!("--type: found `{found}`, expected a model type; did you mean `{near}`?"),
        None => {
            let mut known: Vec<&str> = families::model_types().collect();
            known.sort_by_key(|known| known.to_lowercase());
            format!("--type: found `{found}`, expected one of {}", known.join(", "))
        }
    })
}

/// A number of parameters: digits, perhaps with a fraction, a power of ten or a unit.
fn params_of(flag: &str, given: &str) -> Result<u128> {
    const UNITS: [(char, f64); 4] = [('K', 1e3), ('M', 1e6), ('B', 1e9), ('T', 1e12)];
    let unit = UNITS.iter().find_map(|(unit, scale)| {
        let number = given.strip_suffix(*unit).or_else(|| given.strip_suffix(unit.to_ascii_lowercase()))?;
        Some((number, *scale))
    });
    let (number, scale) = unit.unwrap_or((given, 1.0));
    // Names of numbers, as in `inf`, are none here.
    let plain = number.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let value = number.parse::<f64>().ok().filter(|_| plain).map(|number| (number * scale).round());
    match value {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1e18")]
        Some(value) if (0.0..=1e18).contains(&value) => Ok(value as u128),
        _ => Err(format!(
            "--{flag}: found `{}`, expected a number of parameters up to 1e18, as in 7e9, 7B or 350M",
            short(given, 80)
        )),
    }
}

/// The bits of a device's memory.
fn memory_of(name: &str) -> Result<u128> {
    let devices = load::devices(&[name.to_owned()]).map_err(|error| format!("--fits: {error}"))?;
    let found = short(name, 80);
    match devices.as_slice() {
        [device] => device.memory_bits().ok_or_else(|| {
            format!("--fits: found {found}, whose memory isn't known; expected a device with memory_gb")
        }),
        _ => Err(format!("--fits: found {} devices in {found}, expected one", devices.len())),
    }
}
