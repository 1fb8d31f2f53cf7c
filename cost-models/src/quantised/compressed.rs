//! compressed-tensors: <https://github.com/vllm-project/compressed-tensors>, `quant_args.py` and `quant_scheme.py` for what
//! its fields mean, its compressors for what is stored.

use cost_core::cost::Stored;
use cost_core::format::{Class, Format};
use serde_json::Value;

use super::Quantised;
use super::methods::{format, pair};
use super::modules::{Modules, few, listed, named, plain};
use crate::config::{Fields, unexpected};
use crate::error::Error;

pub(super) fn read(fields: &mut Fields, dtype: &str) -> Result<Quantised, Error> {
    fields.passed(&["global_compression_ratio", "version"]);
    fields.only("quantization_status", "compressed", &["compressed", "frozen"])?;
    for field in ["sparsity_config", "transform_config"] {
        dense(fields, field)?;
    }
    let layout = fields.text_or("format", "dense")?;
    let mut rules: Vec<_> = listed(fields, "ignore")?.into_iter().map(|modules| (modules, None)).collect();
    let groups = match fields.value("config_groups") {
        // Without groups only caches are quantised.
        Some(Value::Object(groups)) if !groups.is_empty() || fields.has("kv_cache_scheme") => groups,
        other => {
            return Err(unexpected("config_groups", &other.unwrap_or_default(), "an object of at least one group"));
        }
    };
    let mut classes = Vec::new();
    for (name, group) in &groups {
        few("config_groups", rules.iter().filter(|(modules, _)| matches!(modules, Modules::Matching(_))).count())?;
        let field = format!("config_groups.{name}");
        let mut group = Fields::of_value(&field, group)?;
        let read = group_of(&mut group, &layout, dtype).and_then(|read| group.known().map(|()| read));
        let (targets, format) = read.map_err(|error| error.inside(&field))?;
        for target in targets {
            // Names come before classes.
            let rules = if matches!(target, Modules::Linear) { &mut classes } else { &mut rules };
            rules.push((target, format));
        }
    }
    rules.extend(classes);
    let rules = rules.into_iter().collect();
    let whole_groups = Some("quantization_config.config_groups.weights.group_size");
    Ok(Quantised { rules, cache: cache(fields)?, whole_groups, ..Quantised::default() })
}

/// Something that would change sizes or work, and must say that it doesn't.
fn dense(fields: &mut Fields, field: &str) -> Result<(), Error> {
    match fields.value(field) {
        None => Ok(()),
        Some(Value::Object(entries)) if entries.is_empty() => Ok(()),
        Some(Value::Object(entries)) if entries.get("format").and_then(Value::as_str) == Some("dense") => Ok(()),
        Some(other) => Err(unexpected(field, &other, "nothing, or {\"format\": \"dense\"}")),
    }
}

/// The modules of a group, and how their weights are stored; nothing if they stay as they are.
fn group_of(group: &mut Fields, layout: &str, dtype: &str) -> Result<(Vec<Modules>, Option<Stored>), Error> {
    const EXPECTED: &str = "a list of at least one of \"Linear\", names of modules or expressions";
    // Activations are quantised as they are used.
    group.passed(&["output_activations"]);
    let multiply = activations(group)?;
    let targets = match group.value("targets") {
        Some(Value::Array(names)) if !names.is_empty() => names,
        other => return Err(unexpected("targets", &other.unwrap_or_default(), EXPECTED)),
    };
    few("targets", targets.iter().filter(|name| name.as_str().is_some_and(|name| !plain(name))).count())?;
    let targets = targets.iter().map(|name| match name.as_str() {
        Some("Linear") => Ok(Modules::Linear),
        Some(name) => named("targets", name),
        None => Err(unexpected("targets", name, EXPECTED)),
    });
    let targets = targets.collect::<Result<_, _>>()?;
    let layout = group.text_or("format", layout)?;
    let weights = group.value("weights").unwrap_or_default();
    let mut weights = Fields::of_value("weights", &weights)?;
    let format = weight(&mut weights, &layout, dtype).and_then(|format| weights.known().map(|()| format));
    let format = format.map_err(|error| error.inside("weights"))?;
    // What is narrower than the weights is widened to them.
    let multiply = multiply.map(|class| match class {
        Class::I4 if format.base.bits > 4 => Class::I8,
        Class::F4 if format.base.bits > 4 => Class::F8,
        class => class,
    });
    Ok((targets, Some(Stored { multiply, ..format.into() })))
}

/// The class of numbers that activations are quantised to, and products then multiply in; nothing if they stay as they
/// are, and weights are widened.
fn activations(group: &mut Fields) -> Result<Option<Class>, Error> {
    const FIELD: &str = "input_activations";
    let Some(value) = group.value(FIELD) else { return Ok(None) };
    let mut fields = Fields::of_value(FIELD, &value)?;
    fields.passed(ACTIVATIONS_HARMLESS);
    let read = |fields: &mut Fields| {
        let kind = fields.only("type", "int", &["int", "float"])?;
        let bits = fields.optional_size("num_bits")?.unwrap_or(8);
        let class = match (kind.as_str(), bits) {
            ("float", 8) => Class::F8,
            ("float", 4) => Class::F4,
            ("int", 8) => Class::I8,
            ("int", 4) => Class::I4,
            ("float" | "int", 16) => return Ok(None),
            _ => return Err(unexpected("num_bits", &Value::from(bits), "4, 8 or 16")),
        };
        fields.known().map(|()| Some(class))
    };
    read(&mut fields).map_err(|error| error.inside(FIELD))
}

/// How activations are quantised, which changes neither what is stored nor the class that they multiply in.
const ACTIVATIONS_HARMLESS: &[&str] = &[
    "actorder",
    "block_structure",
    "dynamic",
    "group_size",
    "observer",
    "observer_kwargs",
    "scale_dtype",
    "strategy",
    "symmetric",
    "zp_dtype",
];

/// What a layout makes of a weight of `bits` bits whose scales are for `group`: its number type, the type of its zero
/// points, and its scales if they aren't plain.
fn layout_of(layout: &str, bits: u64) -> Option<(String, &'static str, Option<&'static str>)> {
    let integer = |bits: u64| format!("int{bits}");
    match (layout, bits) {
        // Eight of 4 bits or four of 8 in an `int32`, zero points too.
        ("pack-quantized", 4) => Some((integer(4), "int4", None)),
        ("pack-quantized", 8) | ("int-quantized" | "naive-quantized", ..=8) => Some((integer(8), "int8", None)),
        ("float-quantized", 8) => Some(("fp8".to_owned(), "", None)),
        ("nvfp4-pack-quantized", 4) => Some(("fp4".to_owned(), "", Some("fp8:tensor:f32"))),
        ("mxfp4-pack-quantized", 4) => Some(("fp4".to_owned(), "", Some("e8m0"))),
        _ => None,
    }
}

const LAYOUTS: &[&str] = &[
    "pack-quantized",
    "int-quantized",
    "naive-quantized",
    "float-quantized",
    "nvfp4-pack-quantized",
    "mxfp4-pack-quantized",
];

fn weight(fields: &mut Fields, layout: &str, dtype: &str) -> Result<Format, Error> {
    fields.passed(&["actorder", "dynamic", "observer", "observer_kwargs", "zp_dtype"]);
    if !LAYOUTS.contains(&layout) {
        return Err(unexpected("format", &Value::from(layout), &format!("one of {}", LAYOUTS.join(", "))));
    }
    let bits = fields.optional_size("num_bits")?.unwrap_or(8);
    // Floating-point numbers of 8 bits may also come in the layout for everything.
    let float = fields.only("type", "int", &["int", "float"])? == "float";
    let layout = if float && layout == "naive-quantized" { "float-quantized" } else { layout };
    let found = layout_of(layout, bits).filter(|(base, ..)| float != base.starts_with("int"));
    let Some((base, zero, scales)) = found else {
        let expected = format!("as many, and of the type, as the format \"{layout}\" has");
        return Err(unexpected("num_bits", &Value::from(bits), &expected));
    };
    let (strategy, group) = strategy(fields)?;
    let own = fields.value("scale_dtype").map(|value| scale(&value)).transpose()?;
    let scales = scales.unwrap_or_else(|| own.unwrap_or(dtype));
    let zero = if fields.flag("symmetric", true)? { String::new() } else { format!(":{zero}") };
    format("strategy", &strategy, &format!("{base}:{group}:{scales}{zero}"))
}

/// Which weights share a scale: its name, and how formats write it.
fn strategy(fields: &mut Fields) -> Result<(String, String), Error> {
    let (size, block) = (fields.value("group_size"), fields.value("block_structure"));
    let implied = match &size {
        None => "tensor",
        Some(size) if size.as_i64() == Some(-1) => "channel",
        Some(_) => "group",
    };
    let strategy = fields.only("strategy", implied, &["tensor", "channel", "group", "tensor_group", "block"])?;
    let group = match strategy.as_str() {
        "tensor" => "tensor".to_owned(),
        "channel" => "row".to_owned(),
        "block" => {
            let block = block.unwrap_or_default();
            let (rows, columns) =
                pair(&block).ok_or_else(|| unexpected("block_structure", &block, "two positive whole numbers"))?;
            format!("b{rows}x{columns}")
        }
        _ => {
            let size = size.unwrap_or_default();
            let number = size.as_u64().filter(|size| (1..=65_536).contains(size));
            format!("g{}", number.ok_or_else(|| unexpected("group_size", &size, "a whole number from 1 to 65536"))?)
        }
    };
    Ok((strategy, group))
}

/// A type of PyTorch's as formats write it.
fn scale(value: &Value) -> Result<&'static str, Error> {
    match value.as_str().map(|name| name.trim_start_matches("torch.")) {
        Some("float32") => Ok("f32"),
        Some("float16") => Ok("f16"),
        Some("bfloat16") => Ok("bf16"),
        Some("float8_e4m3fn") => Ok("fp8"),
        Some("uint8" | "float8_e8m0fnu") => Ok("e8m0"),
        _ => Err(unexpected("scale_dtype", value, "a floating-point type such as \"torch.bfloat16\"")),
    }
}

/// The format of key/value caches. Their scales, one for a layer's keys and one for its values, are not counted.
pub(super) fn cache(fields: &mut Fields) -> Result<Option<Format>, Error> {
    const FIELD: &str = "kv_cache_scheme";
    let Some(value) = fields.value(FIELD) else { return Ok(None) };
    let mut scheme = Fields::of_value(FIELD, &value)?;
    let bits = scheme.optional_size("num_bits").map_err(|error| error.inside(FIELD))?;
    let kind = scheme.only("type", "int", &["int", "float"]).map_err(|error| error.inside(FIELD))?;
    match (kind.as_str(), bits.unwrap_or(8)) {
        ("float", 8) => Ok(Some(Format::known("fp8"))),
        ("int", 8) => Ok(Some(Format::known("int8"))),
        (_, bits) => Err(unexpected("num_bits", &Value::from(bits), "8").inside(FIELD)),
    }
}
