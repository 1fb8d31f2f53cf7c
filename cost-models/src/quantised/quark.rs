//! AMD Quark (<https://quark.docs.amd.com>): specifications of weights and activations for all linear layers, for some by
//! name, and for none of those that `exclude` lists (`quark/torch/quantization/config/config.py`; what is stored:
//! `layers/quantization/quark` of vLLM).

use cost_core::cost::Stored;
use cost_core::format::{Class, Format};
use serde_json::Value;

use super::Quantised;
use super::methods::{format, pair};
use super::modules::{Modules, few, plain, wild, wilds};
use crate::config::{Fields, unexpected};
use crate::error::Error;

pub(super) fn read(fields: &mut Fields, dtype: &str) -> Result<Quantised, Error> {
    fields.passed(&[
        "algo_config",
        "kv_cache_post_rope",
        "log_severity_level",
        "min_kv_scale",
        "packed_modules_mapping",
        "pre_quant_opt_config",
        "quant_mode",
        "softmax_quant_spec",
        "version",
    ]);
    let left = wilds(fields, "exclude")?.into_iter().map(|modules| (modules, None));
    let mut rules: Vec<(Modules, Option<Stored>)> = left.collect();
    for field in ["layer_quant_config", "layer_type_quant_config"] {
        let layers = match fields.value(field) {
            None => continue,
            Some(Value::Object(layers)) => layers,
            Some(other) => return Err(unexpected(field, &other, "an object of layers and their settings")),
        };
        few(field, layers.keys().filter(|name| !plain(name)).count())?;
        for (name, settings) in &layers {
            let stored = stored(name, settings, dtype).map_err(|error| error.inside(field))?;
            let types = field == "layer_type_quant_config";
            match name.as_str() {
                "Linear" | "nn.Linear" if types => rules.push((Modules::Linear, stored)),
                _ if types => return Err(unexpected(field, &Value::from(name.as_str()), "Linear")),
                _ => rules.push((wild(field, name)?, stored)),
            }
        }
    }
    if let Some(settings) =
        fields.value("global_quant_config").filter(|it| it.as_object().is_none_or(|it| !it.is_empty()))
    {
        rules.push((Modules::Linear, stored("global_quant_config", &settings, dtype)?));
    }
    let cache = cache(fields)?;
    if cache.is_none() && rules.iter().all(|(_, stored)| stored.is_none()) {
        let found = fields.value("global_quant_config").unwrap_or_default();
        return Err(unexpected("global_quant_config", &found, "an object with the settings of weights"));
    }
    Ok(Quantised { rules: rules.into_iter().collect(), cache, ..Quantised::default() })
}

/// What is stored by the settings of a layer; nothing if its weights stay as they are.
fn stored(name: &str, settings: &Value, dtype: &str) -> Result<Option<Stored>, Error> {
    let mut settings = Fields::of_value(name, settings)?;
    settings.passed(&["bias", "name", "output_tensors", "target_device"]);
    let read = |settings: &mut Fields| {
        let Some(weight) = settings.value("weight") else { return Ok(None) };
        let format = weights(&weight, dtype).map_err(|error| error.inside("weight"))?;
        let multiply = settings.value("input_tensors").map(|inputs| class(&inputs)).transpose();
        let multiply = multiply.map_err(|error| error.inside("input_tensors"))?.flatten();
        Ok(Some(Stored { multiply, ..format.into() }))
    };
    let read = read(&mut settings).and_then(|read| settings.known().map(|()| read));
    read.map_err(|error| error.inside(name))
}

/// The last of the stages that numbers go through is the one that they are stored after.
fn last(value: &Value) -> &Value {
    value.as_array().and_then(|stages| stages.last()).unwrap_or(value)
}

fn weights(value: &Value, dtype: &str) -> Result<Format, Error> {
    let mut fields = Fields::of_value("weight", last(value))?;
    let kind = fields.text("dtype")?;
    let base = match kind.as_str() {
        "fp8_e4m3" | "fp8_e5m2" | "float8" => "fp8",
        "fp4" | "fp4_e2m1" | "mx" => "fp4",
        "fp6_e3m2" | "fp6_e2m3" => "fp6",
        "int8" | "uint8" => "int8",
        "int4" | "uint4" => "int4",
        _ => {
            return Err(unexpected(
                "dtype",
                &Value::from(kind),
                "fp8_e4m3, fp4, fp6_e3m2, fp6_e2m3, int8, int4 or uint4",
            ));
        }
    };
    let group = match fields.text_or("qscheme", "per_tensor")?.as_str() {
        "per_tensor" => "tensor".to_owned(),
        "per_channel" => "row".to_owned(),
        "per_group" => format!("g{}", fields.size("group_size")?),
        "per_block" => block(&mut fields)?,
        other => {
            let expected = "per_tensor, per_channel, per_group or per_block";
            return Err(unexpected("qscheme", &Value::from(other), expected));
        }
    };
    let scales = match fields.text_or("scale_format", "")?.as_str() {
        "e8m0" => "e8m0",
        "e4m3" => "fp8",
        _ if base == "fp8" => "f32",
        _ => dtype,
    };
    let zero = if kind.starts_with('u') { format!(":{base}") } else { String::new() };
    format("dtype", &kind, &format!("{base}:{group}:{scales}{zero}"))
}

/// A block of rows by elements of each.
fn block(fields: &mut Fields) -> Result<String, Error> {
    const FIELD: &str = "block_size";
    let value = fields.value(FIELD).unwrap_or_default();
    match pair(&value) {
        Some((rows, columns)) => Ok(format!("b{rows}x{columns}")),
        None => Err(unexpected(FIELD, &value, "two positive whole numbers, as per_block needs")),
    }
}

/// The class of numbers that activations are quantised to.
fn class(value: &Value) -> Result<Option<Class>, Error> {
    let mut fields = Fields::of_value("input_tensors", last(value))?;
    let kind = fields.text("dtype")?;
    match kind.as_str() {
        "fp8_e4m3" | "fp8_e5m2" | "float8" | "fp6_e3m2" | "fp6_e2m3" => Ok(Some(Class::F8)),
        "fp4" | "fp4_e2m1" => Ok(Some(Class::F4)),
        "int8" | "uint8" => Ok(Some(Class::I8)),
        "int4" => Ok(Some(Class::I4)),
        "bfloat16" | "float16" => Ok(None),
        _ => Err(unexpected("dtype", &Value::from(kind), "fp8_e4m3, fp6_e3m2, fp4, int8 or int4")),
    }
}

/// The format of caches: that of what `kv_cache_group` names, if it names anything.
fn cache(fields: &mut Fields) -> Result<Option<Format>, Error> {
    const FIELD: &str = "kv_cache_quant_config";
    let named = fields.value("export").is_some_and(|export| {
        export.get("kv_cache_group").and_then(Value::as_array).is_some_and(|group| !group.is_empty())
    });
    let Some(Value::Object(groups)) = fields.value(FIELD) else {
        // Older configs say which layers' outputs are cached, all of them in this.
        return Ok(named.then(|| Format::known("fp8")));
    };
    let Some(settings) = groups.values().next() else { return Ok(None) };
    let spec = settings.get("output_tensors").filter(|spec| !spec.is_null()).unwrap_or(settings);
    match class(spec).map_err(|error| error.inside(FIELD))? {
        None => Ok(None),
        Some(Class::F8) => Ok(Some(Format::known("fp8"))),
        Some(Class::I8) => Ok(Some(Format::known("int8"))),
        Some(other) => Err(unexpected(FIELD, &Value::from(other.name()), "fp8_e4m3 or int8")),
    }
}
