//! Which methods an option belongs to.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::request::DecodeRequest;
use crate::request::Method::{
    self, Cascade, Chunked, Continuous, EarlyExit, Flash, Grouped, Medusa, MixtureOfDepths, Mtp, NonAutoregressive,
    Paged, Speculative, Static, Tree,
};

const SCHEDULED: &[Method] = &[Static, Continuous, Chunked];
const OF_REQUESTS: &[Method] = &[Static, Continuous, Chunked, Paged];
const DRAFTED: &[Method] = &[Speculative, Tree, Medusa, Mtp];
/// The options that not all methods have.
const OPTIONS: &[(&str, &[Method])] = &[
    ("requests", OF_REQUESTS),
    ("draw", OF_REQUESTS),
    ("rate", OF_REQUESTS),
    ("prompts", OF_REQUESTS),
    ("outputs", OF_REQUESTS),
    ("seed", OF_REQUESTS),
    ("slots", SCHEDULED),
    ("budget", &[Chunked]),
    ("grid", SCHEDULED),
    ("draft", &[Speculative, Tree]),
    ("gamma", &[Speculative, Mtp]),
    ("acceptance", &[Speculative, Medusa, Mtp, Cascade]),
    ("tree", &[Tree, Medusa]),
    ("heads", &[Medusa]),
    ("goal", DRAFTED),
    ("before", &[Cascade]),
    ("classifier", &[Cascade]),
    ("group", &[Grouped]),
    ("refinements", &[Grouped, NonAutoregressive]),
    ("exits", &[EarlyExit]),
    ("classes", &[EarlyExit]),
    ("capacity", &[MixtureOfDepths]),
    ("every", &[MixtureOfDepths]),
    ("tiles", &[Flash]),
    ("block", &[Paged]),
    ("reserve", &[Paged]),
    ("shared", &[Paged]),
];

/// Options of all methods but these, which count no step, or only the attention of one.
const BUT: &[(&str, &[Method])] = &[
    ("output", &[Flash]),
    ("weights", &[Flash]),
    ("multiply", &[Paged]),
    ("masking", &[Paged]),
    ("routing", &[Flash, Paged]),
];

/// Options of some methods that are not read beside another one.
const REPLACED: &[(&str, &str, &[Method])] = &[
    ("batch", "draw", OF_REQUESTS),
    ("batch", "requests", OF_REQUESTS),
    ("prompt", "requests", OF_REQUESTS),
    ("output", "requests", OF_REQUESTS),
    ("prompt", "prompts", OF_REQUESTS),
    ("output", "outputs", OF_REQUESTS),
    ("acceptance", "heads", &[Medusa]),
    ("acceptance", "tree", &[Medusa]),
];

/// Options of requests that are drawn.
const OF_DRAWN: &[&str] = &["rate", "prompts", "outputs", "seed"];

/// Whether a method has an option.
fn reads(option: &str, method: Method) -> bool {
    let of = |table: &[(&str, &'static [Method])]| table.iter().find(|(known, _)| *known == option).map(|(_, of)| *of);
    of(OPTIONS).is_none_or(|of| of.contains(&method)) && of(BUT).is_none_or(|but| !but.contains(&method))
}

/// An error if an option that was given belongs to none of the methods, or is not read beside another.
pub(super) fn check(request: &DecodeRequest) -> Result<()> {
    let given = given(request);
    let has = |option: &str| given.iter().any(|given| given == option);
    let methods = request.methods();
    let names = |methods: &[Method]| methods.iter().map(|method| method.name()).collect::<Vec<&str>>();
    let (found, unread) = (names(methods).join(","), |option: &str| !methods.iter().any(|it| reads(option, *it)));
    let stray = OPTIONS
        .iter()
        .filter(|(option, _)| has(option) && unread(option))
        .map(|(option, of)| Error::found(option, format_args!("--method {found}"), names(of).join(" or ")));
    let but = BUT.iter().filter(|(option, _)| has(option) && unread(option));
    let but = but.map(|(option, _)| Error::found(option, format_args!("--method {found}"), "one that reads it"));
    let replaced = REPLACED.iter().filter(|(option, by, of)| {
        has(option) && has(by) && methods.iter().filter(|it| reads(option, **it)).all(|it| of.contains(it))
    });
    let replaced =
        replaced.map(|(option, by, _)| Error::found(option, format_args!("--{by} beside it"), "one of them"));
    let both = Some(Error::found("requests", "--draw beside it", "one of them"));
    let both = both.filter(|_| has("requests") && has("draw"));
    let alone = OF_DRAWN.iter().filter(|option| has(option) && !has("draw"));
    let alone = alone.map(|option| Error::found(option, "no --draw beside it", "--draw N"));
    // All of them in one message.
    let said = stray.chain(but).chain(replaced).chain(both).chain(alone);
    match said.reduce(|first, next| first.and(&format!("\n{next}"))) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// The names of the options that are given, rather than left at what they are by default.
fn given(request: &DecodeRequest) -> Vec<String> {
    let Ok(Value::Object(fields)) = serde_json::to_value(request) else { return Vec::new() };
    let filled = |value: &Value| match value {
        Value::Null => false,
        Value::Array(values) => !values.is_empty(),
        _ => true,
    };
    fields.into_iter().filter(|(_, value)| filled(value)).map(|(field, _)| field).collect()
}
