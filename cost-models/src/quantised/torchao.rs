//! torchao (<https://github.com/pytorch/ao>): a config of its own as JSON (`_type`, `_data`), or an older name of one with
//! its arguments (`TorchAoConfig` of transformers); what they store is in `torchao/quantization/quant_api.py`.

use cost_core::cost::Stored;
use cost_core::format::Class;
use serde_json::{Map, Value};

use super::Quantised;
use super::methods::{format, number};
use super::modules::{Modules, few, listed, matching, named};
use crate::config::{Fields, unexpected};
use crate::error::Error;

/// What a config stores: its names, the text of its format (`G` stands for what shares a scale, `T` for the type of
/// everything else), what shares a scale unless it says so, and the class that products multiply in.
struct Kind(&'static [&'static str], &'static str, &'static str, Option<Class>);

const KINDS: &[Kind] = &[
    // The scale and the shift that `tinygemm` takes are 16-bit each.
    Kind(&["Int4WeightOnlyConfig", "int4_weight_only"], "int4:G:bf16:bf16", "g128", None),
    Kind(&["Int8WeightOnlyConfig", "int8_weight_only"], "int8:G:T", "row", None),
    Kind(
        &["Int8DynamicActivationInt8WeightConfig", "int8_dynamic_activation_int8_weight"],
        "int8:G:T",
        "row",
        Some(Class::I8),
    ),
    Kind(&["Float8WeightOnlyConfig", "float8_weight_only"], "fp8:G:f32", "row", None),
    Kind(
        &[
            "Float8DynamicActivationFloat8WeightConfig",
            "float8_dynamic_activation_float8_weight",
            "Float8StaticActivationFloat8WeightConfig",
        ],
        "fp8:G:f32",
        "tensor",
        Some(Class::F8),
    ),
    // Numbers of fewer bits have a byte each (`IntxUnpackedToInt8Tensor`).
    Kind(&["IntxWeightOnlyConfig"], "int8:G:T:int8", "row", None),
    Kind(&["Int8DynamicActivationIntxWeightConfig"], "int8:G:T:int8", "g32", Some(Class::I8)),
    Kind(&["NVFP4WeightOnlyConfig"], "fp4:g16:fp8:tensor:f32", "", None),
    Kind(
        &["NVFP4InferenceConfig", "NVFP4DynamicActivationNVFP4WeightConfig"],
        "fp4:g16:fp8:tensor:f32",
        "",
        Some(Class::F4),
    ),
];

/// Configs that are a list of others by the names of modules.
const BY_NAME: &[&str] = &["ModuleFqnToConfig", "FqnToConfig"];

pub(super) fn read(fields: &mut Fields, dtype: &str) -> Result<Quantised, Error> {
    const FIELD: &str = "quant_type";
    fields.passed(&["include_input_output_embeddings", "untie_embedding_weights"]);
    let skipped = listed(fields, "modules_to_not_convert")?.into_iter().map(|modules| (modules, None));
    let mut rules: Vec<(Modules, Option<Stored>)> = skipped.collect();
    let arguments = fields.value("quant_type_kwargs");
    let config = match fields.value(FIELD) {
        Some(Value::String(name)) => {
            let data = arguments.unwrap_or_else(|| Value::Object(Map::new()));
            serde_json::json!({ "_type": name, "_data": data })
        }
        Some(Value::Object(outer)) if outer.len() == 1 && outer.contains_key("default") => outer["default"].clone(),
        other => {
            let expected = "the name of a config, or an object \"default\" that holds one";
            return Err(unexpected(FIELD, &other.unwrap_or_default(), expected));
        }
    };
    let by_name = rules_of(&config, dtype).map_err(|error| error.inside(FIELD))?;
    rules.extend(by_name);
    Ok(Quantised { rules: rules.into_iter().collect(), embeddings: true, ..Quantised::default() })
}

fn rules_of(config: &Value, dtype: &str) -> Result<Vec<(Modules, Option<Stored>)>, Error> {
    const FIELD: &str = "module_fqn_to_config";
    let kind = config.get("_type").and_then(Value::as_str).unwrap_or_default();
    if !BY_NAME.contains(&kind) {
        return Ok(vec![(Modules::Linear, Some(stored(config, dtype)?))]);
    }
    let data = config.get("_data").and_then(Value::as_object);
    let found = data.and_then(|data| data.get("fqn_to_config").or_else(|| data.get(FIELD)));
    let Some(Value::Object(modules)) = found else {
        return Err(unexpected(FIELD, found.unwrap_or(&Value::Null), "an object of modules and their configs"));
    };
    few(FIELD, modules.keys().filter(|name| name.starts_with("re:")).count())?;
    let mut rules = Vec::new();
    let mut rest = None;
    for (name, config) in modules {
        let stored = match config {
            Value::Null => None,
            other => Some(stored(other, dtype).map_err(|error| error.inside(name).inside(FIELD))?),
        };
        match name.strip_prefix("re:") {
            _ if name == "_default" => rest = Some((Modules::Linear, stored)),
            Some(expression) => rules.push((matching(FIELD, expression)?, stored)),
            None => rules.push((named(FIELD, name)?, stored)),
        }
    }
    rules.extend(rest);
    Ok(rules)
}

fn stored(config: &Value, dtype: &str) -> Result<Stored, Error> {
    let found = config.get("_type").unwrap_or(&Value::Null);
    let name = found.as_str().unwrap_or_default();
    let Some(Kind(_, text, group, multiply)) = KINDS.iter().find(|kind| kind.0.contains(&name)) else {
        let known: Vec<&str> = KINDS.iter().flat_map(|kind| kind.0.iter().copied()).chain(BY_NAME.to_vec()).collect();
        return Err(unexpected("_type", found, &format!("one of {}", known.join(", "))));
    };
    let data = config.get("_data").cloned().unwrap_or_else(|| Value::Object(Map::new()));
    let mut data = Fields::of_value("_data", &data)?;
    let given = shared(&mut data).map_err(|error| error.inside("_data"))?;
    let group = given.unwrap_or_else(|| (*group).to_owned());
    let format = format("group_size", &group, &text.replace('G', &group).replace('T', dtype))?;
    Ok(Stored { multiply: *multiply, ..format.into() })
}

/// What shares a scale, where a config says so: a number of elements, or a kind of granularity.
fn shared(data: &mut Fields) -> Result<Option<String>, Error> {
    if data.has("group_size") && data.value("group_size").is_some() {
        return number(data, "group_size")
            .map(|size| Some(if size < 0 { "row".to_owned() } else { format!("g{size}") }));
    }
    let field = if data.has("weight_granularity") { "weight_granularity" } else { "granularity" };
    let Some(mut value) = data.value(field) else { return Ok(None) };
    // Of activations and weights; both have the same.
    if let Value::Array(list) = &value {
        value = list.last().cloned().unwrap_or_default();
    }
    let size = value.get("_data").and_then(|data| data.get("group_size")).and_then(Value::as_u64);
    match (value.get("_type").and_then(Value::as_str), size) {
        (Some("PerRow" | "PerAxis"), _) => Ok(Some("row".to_owned())),
        (Some("PerTensor"), _) => Ok(Some("tensor".to_owned())),
        (Some("PerGroup"), Some(size)) => Ok(Some(format!("g{size}"))),
        _ => Err(unexpected(field, &value, "PerRow, PerAxis, PerTensor or PerGroup with a group_size")),
    }
}
