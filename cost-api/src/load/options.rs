//! How to count, from texts.

use std::fmt::Display;
use std::str::FromStr;

use cost_core::Options;
use cost_core::cost::{Formats, Masking, Pattern, Routing};
use cost_core::format::{Class, Format};
use cost_models::weights::{FileType, WeightFormat};
use cost_models::{Logits, Model};

use crate::error::{Error, Result};
use crate::request::{CountingOptions, FormatOptions, OffloadOptions, SetOptions, choice};

/// How to count an operator.
pub(crate) fn options(of: &CountingOptions) -> Result<Options> {
    counted(formats(&of.formats, &of.rules.set)?, of)
}

/// How to count a model.
pub(crate) fn options_of(model: &Model, of: &CountingOptions) -> Result<Options> {
    options_leaving(model, of, &OffloadOptions::default())
}

/// How to count a model of which some weights are left in the host's memory.
pub(crate) fn options_leaving(model: &Model, of: &CountingOptions, offload: &OffloadOptions) -> Result<Options> {
    counted(formats_of(model, &of.formats, &of.rules.set, offload)?, of)
}

fn counted(formats: Formats, of: &CountingOptions) -> Result<Options> {
    let (masking, routing) = (masking(of.rules.masking), routing(of.rules.routing.as_deref())?);
    Ok(Options { formats, masking, routing, multiply: multiply(&of.rules.multiply)? })
}

/// The number formats that are asked for of an operator, whose weights are no file's.
fn formats(of: &FormatOptions, rules: &SetOptions) -> Result<Formats> {
    let weights = of.weights.as_deref().map(|text| match (text.parse::<Format>(), text.parse::<FileType>()) {
        (Err(_), Ok(file)) => {
            let found = format_args!("the type of file {}", file.name());
            Err(Error::found("weights", found, "a number format: only a model's tensors have names that it goes by"))
        }
        _ => format("weights", text),
    });
    let [acts, cache] = others(of)?;
    Ok(Formats { weights: weights.transpose()?, acts, cache, set: set(&rules.set)?, ..Formats::default() })
}

/// The number formats that are asked for of a model.
pub(crate) fn formats_of(
    model: &Model,
    of: &FormatOptions,
    rules: &SetOptions,
    offload: &OffloadOptions,
) -> Result<Formats> {
    let weights = of.weights.as_deref().map(weight_format).transpose()?;
    let [acts, cache] = others(of)?;
    let left: Vec<Pattern> = offload.offload.iter().map(|text| Pattern::new(text)).collect();
    Ok(Formats { acts, cache, ..model.leaving(weights, &set(&rules.set)?, &left)? })
}

/// Those of activations and caches.
fn others(of: &FormatOptions) -> Result<[Option<Format>; 2]> {
    let given = |option, text: &Option<String>| text.as_deref().map(|text| format(option, text)).transpose();
    Ok([given("acts", &of.acts)?, given("cache", &of.cache)?])
}

/// A value of `weights`: a number format, or a type of GGUF file.
pub(crate) fn weight_format(text: &str) -> Result<WeightFormat> {
    read("weights", text)
}

/// A number format.
pub(crate) fn format(option: &str, text: &str) -> Result<Format> {
    read(option, text)
}

/// The values of `set`.
pub(crate) fn set(values: &[String]) -> Result<Vec<(Pattern, Format)>> {
    let each = values.iter().map(|text| {
        let expected = "PATTERN=FORMAT, as in '*.keys=int8'";
        let split = text.rsplit_once('=');
        let (pattern, value) = split.ok_or_else(|| Error::found("set", format_args!("`{text}`"), expected))?;
        Ok((Pattern::new(pattern), read("set", value)?))
    });
    each.collect()
}

/// The values of `multiply`: a class for all products, or for those that a pattern names.
pub(crate) fn multiply(values: &[String]) -> Result<Vec<(Pattern, Class)>> {
    let each = values.iter().map(|text| {
        let (pattern, class) = text.rsplit_once('=').unwrap_or(("*", text));
        Ok((Pattern::new(pattern), read("multiply", class)?))
    });
    each.collect()
}

/// A value that has a text.
fn read<T: FromStr<Err: Display + Into<Error>>>(option: &str, text: &str) -> Result<T> {
    text.parse().map_err(|error: T::Err| error.into().of(option))
}

/// The value of `masking`.
pub(crate) const fn masking(of: Option<choice::Masking>) -> Masking {
    match of {
        None | Some(choice::Masking::Exact) => Masking::Exact,
        Some(choice::Masking::Dense) => Masking::Dense,
    }
}

/// The value of `routing`.
pub(crate) fn routing(of: Option<&str>) -> Result<Routing> {
    Ok(match of {
        None | Some("expected") => Routing::Expected,
        Some("worst") => Routing::Worst,
        Some(count) => Routing::Given(count.parse().map_err(|_| {
            let expected = "`expected`, `worst` or a number of distinct experts";
            Error::found("routing", format_args!("`{count}`"), expected)
        })?),
    })
}

/// The value of `logits`.
pub(crate) const fn logits(of: Option<choice::Logits>) -> Logits {
    match of {
        None | Some(choice::Logits::Last) => Logits::Last,
        Some(choice::Logits::All) => Logits::All,
    }
}
