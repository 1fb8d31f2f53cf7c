//! NVIDIA's Model Optimizer: `hf_quant_config.json`, or a `quantization_config` with a `quant_algo`.
//!
//! What its algorithms are and how their settings are called: `modelopt/torch/export/convert_hf_config.py` of
//! <https://github.com/NVIDIA/Model-Optimizer>; what is stored: `create_weights` in `modelopt.py` of vLLM's
//! `layers/quantization`. Scales of activations, and of caches, a number for each layer, aren't counted.

use cost_core::cost::Stored;
use cost_core::format::{Class, Format};
use serde_json::Value;

use super::methods::{format, number};
use super::modules::{Modules, few, plain, wild, wilds};
use super::{Quantised, compressed};
use crate::config::{Fields, unexpected};
use crate::error::Error;

/// An algorithm: its name, the numbers, the elements of a group unless the config says how many, its scales, and the
/// class that products multiply in where activations are quantised too.
struct Algorithm(&'static str, &'static str, Grouped, &'static str, Option<Class>);

/// What shares a scale.
#[derive(Clone, Copy)]
enum Grouped {
    /// Always this.
    As(&'static str),
    /// So many elements, unless `group_size` says otherwise.
    By(i64),
}

use Grouped::{As, By};

const ALGORITHMS: &[Algorithm] = &[
    Algorithm("FP8", "fp8", As("tensor"), "f32", Some(Class::F8)),
    Algorithm("FP8_PER_CHANNEL_PER_TOKEN", "fp8", As("row"), "f32", Some(Class::F8)),
    Algorithm("FP8_PB_WO", "fp8", As("b128x128"), "f32", None),
    Algorithm("FP8_BLOCK_SCALES", "fp8", As("b128x128"), "f32", Some(Class::F8)),
    Algorithm("NVFP4", "fp4", By(16), "fp8:tensor:f32", Some(Class::F4)),
    Algorithm("NVFP4_AWQ", "fp4", By(16), "fp8:tensor:f32", Some(Class::F4)),
    Algorithm("W4A16_NVFP4", "fp4", By(16), "fp8:tensor:f32", None),
    Algorithm("W4A8_NVFP4_FP8", "fp4", By(16), "fp8:tensor:f32", Some(Class::F8)),
    Algorithm("MXFP4", "fp4", By(32), "e8m0", Some(Class::F4)),
    Algorithm("W4A8_MXFP4_FP8", "fp4", By(32), "e8m0", Some(Class::F8)),
    Algorithm("MXFP8", "fp8", By(32), "e8m0", Some(Class::F8)),
    Algorithm("W4A16_AWQ", "int4", By(128), "f32", None),
    Algorithm("W4A8_AWQ", "int4", By(128), "f32", Some(Class::F8)),
    Algorithm("W8A16", "int8", As("row"), "f32", None),
    Algorithm("W8A8_SQ_PER_CHANNEL", "int8", As("row"), "f32", Some(Class::I8)),
];

pub(super) fn read(fields: &mut Fields, _: &str) -> Result<Quantised, Error> {
    // What the same settings look like to compressed-tensors, and which linear layers of the files vLLM merges.
    fields.passed(&[
        "config_groups",
        "packed_modules_mapping",
        "producer",
        "quant_type",
        "weights",
        "input_activations",
    ]);
    if let Some(inner) = fields.value("quantization") {
        let mut inner = Fields::of_value("quantization", &inner)?;
        let read = settings(&mut inner).and_then(|read| inner.known().map(|()| read));
        return read.map_err(|error| error.inside("quantization"));
    }
    settings(fields)
}

fn settings(fields: &mut Fields) -> Result<Quantised, Error> {
    fields.passed(AWQ);
    let algorithm = fields.text("quant_algo")?.to_ascii_uppercase();
    let left = [wilds(fields, "exclude_modules")?, wilds(fields, "ignore")?].concat();
    let mut rules: Vec<(Modules, Option<Stored>)> = left.into_iter().map(|modules| (modules, None)).collect();
    let mixed = algorithm == "MIXED_PRECISION";
    rules.extend(layers(fields, mixed)?);
    if mixed {
        fields.passed(&["group_size"]);
    } else {
        let stored = stored(fields, "quant_algo", &algorithm)?;
        rules.extend([Modules::Linear, Modules::Head].map(|modules| (modules, Some(stored))));
    }
    let (rules, cache) = (rules.into_iter().collect(), cache(fields)?);
    Ok(Quantised { rules, cache, embeddings: mixed, ..Quantised::default() })
}

/// Settings of AWQ's smoothing, which go into what stands before a product, and are not counted.
const AWQ: &[&str] = &["has_zero_point", "pre_quant_scale", "awq_block_size", "lora_rank"];

/// The algorithms of single layers.
fn layers(fields: &mut Fields, needed: bool) -> Result<Vec<(Modules, Option<Stored>)>, Error> {
    const FIELD: &str = "quantized_layers";
    let layers = match fields.value(FIELD) {
        None if !needed => return Ok(Vec::new()),
        Some(Value::Object(layers)) => layers,
        other => return Err(unexpected(FIELD, &other.unwrap_or_default(), "an object of layers and their algorithms")),
    };
    few(FIELD, layers.keys().filter(|name| !plain(name)).count())?;
    let rule = |(name, settings): (&String, &Value)| {
        let mut settings = Fields::of_value(name, settings)?;
        settings.passed(AWQ);
        let algorithm = settings.text("quant_algo")?.to_ascii_uppercase();
        let none = matches!(algorithm.as_str(), "NONE" | "UNQUANTIZED");
        let stored = if none { None } else { Some(stored(&mut settings, "quant_algo", &algorithm)?) };
        settings.known().map(|()| (wild(FIELD, name), stored))
    };
    let rules = layers.iter().map(|entry| {
        let (modules, stored) = rule(entry).map_err(|error| error.inside(entry.0).inside(FIELD))?;
        Ok((modules?, stored))
    });
    rules.collect()
}

/// What an algorithm stores, with the settings beside its name.
fn stored(fields: &mut Fields, field: &str, name: &str) -> Result<Stored, Error> {
    let Some(Algorithm(_, base, group, scales, multiply)) = ALGORITHMS.iter().find(|it| it.0 == name) else {
        let known: Vec<&str> = ALGORITHMS.iter().map(|it| it.0).collect();
        let expected = format!("one of {} or MIXED_PRECISION", known.join(", "));
        return Err(unexpected(field, &Value::from(name), &expected));
    };
    let group = match group {
        As(group) => {
            fields.passed(&["group_size"]);
            (*group).to_owned()
        }
        By(size) if !fields.has("group_size") => format!("g{size}"),
        By(_) => format!("g{}", number(fields, "group_size")?),
    };
    let format = format("group_size", &group, &format!("{base}:{group}:{scales}"))?;
    Ok(Stored { multiply: *multiply, ..format.into() })
}

/// The format of caches, under the name that it has in either file.
fn cache(fields: &mut Fields) -> Result<Option<Format>, Error> {
    const FIELD: &str = "kv_cache_quant_algo";
    let scheme = match fields.value("kv_cache_scheme") {
        Some(Value::String(algorithm)) => of_cache("kv_cache_scheme", &algorithm)?,
        Some(_) => compressed::cache(fields)?,
        None => None,
    };
    match fields.value(FIELD) {
        None => Ok(scheme),
        Some(Value::String(algorithm)) => of_cache(FIELD, &algorithm),
        Some(other) => Err(unexpected(FIELD, &other, "a text")),
    }
}

fn of_cache(field: &str, algorithm: &str) -> Result<Option<Format>, Error> {
    match algorithm.to_ascii_uppercase().as_str() {
        // As whoever runs it likes.
        "AUTO" | "NONE" => Ok(None),
        "FP8" => Ok(Some(Format::known("fp8"))),
        "INT8" => Ok(Some(Format::known("int8"))),
        "NVFP4" | "NVFP4_AFFINE" => Ok(Some(Format::known("nvfp4"))),
        _ => Err(unexpected(field, &Value::from(algorithm), "FP8, INT8, NVFP4 or NVFP4_AFFINE")),
    }
}
