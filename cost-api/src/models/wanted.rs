//! Which of the built-in models are asked for.

use std::ops::RangeInclusive;

use cost_core::Options;
use cost_core::text::short;
use cost_models::report::{Memory, params};
use cost_models::{Model, Workload, families};

use crate::error::{Error, Result};
use crate::load;
use crate::request::ModelsRequest;
use crate::sources::Sources;

/// Which of the models are asked for.
pub(super) struct Wanted {
    model_type: Option<String>,
    params: RangeInclusive<u128>,
    /// The memory that they are to fit.
    bits: Option<u128>,
}

impl Wanted {
    pub(super) fn of(request: &ModelsRequest, sources: &dyn Sources) -> Result<Self> {
        let bound = |flag, value: &Option<String>| value.as_deref().map(|value| params_of(flag, value)).transpose();
        let (least, most) = (bound("min-params", &request.min_params)?, bound("max-params", &request.max_params)?);
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            let (least, most) = (grouped(least), grouped(most));
            return Err(Error::found("min-params", least, format_args!("at most the {most} of --max-params")));
        }
        let model_type = request.model_type.as_deref().map(type_of).transpose()?;
        let bits = request.fits.as_deref().map(|name| memory_of(name, sources)).transpose()?;
        Ok(Self { model_type, params: least.unwrap_or(0)..=most.unwrap_or(u128::MAX), bits })
    }

    pub(super) fn takes(&self, model: &Model) -> cost_core::Result<bool> {
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
    let found = format!("`{}`", short(given, 80));
    let nearest = cost_core::nearest(given, families::model_types());
    let error = match nearest {
        Some(near) => Error::found("type", found, format_args!("a model type; did you mean `{near}`?")),
        None => {
            let mut known: Vec<&str> = families::model_types().collect();
            known.sort_by_key(|known| known.to_lowercase());
            Error::found("type", found, format_args!("one of {}", known.join(", ")))
        }
    };
    Err(error.near(nearest))
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
        _ => {
            let expected = "a number of parameters up to 1e18, as in 7e9, 7B or 350M";
            Err(Error::found(flag, format_args!("`{}`", short(given, 80)), expected))
        }
    }
}

/// The bits of a device's memory.
fn memory_of(name: &str, sources: &dyn Sources) -> Result<u128> {
    let devices = load::devices(&[name.to_owned()], sources).map_err(|error| error.of("fits"))?;
    let found = short(name, 80);
    match devices.as_slice() {
        [device] => device.memory_bits().ok_or_else(|| {
            let said = format!("found {found}, whose memory isn't known; expected a device with memory_gb");
            Error::option("fits", said)
        }),
        _ => Err(Error::found("fits", format_args!("{} devices in {found}", devices.len()), "one")),
    }
}

/// A whole number with its thousands apart: `6,738,415,616`.
fn grouped(value: u128) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
