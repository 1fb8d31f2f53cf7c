//! How to count, from texts.

use std::fmt::Display;
use std::str::FromStr;

use cost_core::Options;
use cost_core::cost::{Formats, Masking, Pattern, Routing};
use cost_core::format::{Class, Format};
use cost_models::Logits;

use crate::error::{Error, Result};
use crate::request::{CountingOptions, FormatOptions, SetOptions, choice};

/// How to count.
pub(crate) fn options(of: &CountingOptions) -> Result<Options> {
    let formats = formats(&of.formats, &of.rules.set)?;
    let (masking, routing) = (masking(of.rules.masking), routing(of.rules.routing.as_deref())?);
    Ok(Options { formats, masking, routing, multiply: multiply(&of.rules.multiply)? })
}

/// The number formats that are asked for.
pub(crate) fn formats(of: &FormatOptions, rules: &SetOptions) -> Result<Formats> {
    let given = |option, text: &Option<String>| text.as_deref().map(|text| format(option, text)).transpose();
    let [weights, acts, cache] = [given("weights", &of.weights)?, given("acts", &of.acts)?, given("cache", &of.cache)?];
    Ok(Formats { weights, acts, cache, set: set(&rules.set)?, ..Formats::default() })
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
