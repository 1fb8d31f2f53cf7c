//! The methods that have few settings, each with the sizes that its own code stores.

use cost_core::cost::Stored;
use cost_core::format::{Class, Format};
use serde_json::Value;

use super::modules::{Modules, few, listed, matching, named, plain};
use super::{Quantised, autoround, compressed, mlx, modelopt, quark, torchao, trellis};
use crate::config::{Fields, unexpected};
use crate::error::Error;

/// A method's name and what reads the rest of its config; `dtype` is the type of everything else.
type Method = (&'static str, fn(&mut Fields, &str) -> Result<Quantised, Error>);

const METHODS: &[Method] = &[
    ("fp8", |fields, _| fp8(fields)),
    ("fbgemm_fp8", |fields, _| fbgemm(fields)),
    ("gptq", |fields, _| gptq(fields)),
    ("awq", |fields, _| awq(fields)),
    ("mxfp4", |fields, _| mxfp4(fields)),
    ("compressed-tensors", compressed::read),
    ("bitsandbytes", |fields, _| bitsandbytes(fields)),
    ("modelopt", modelopt::read),
    ("mlx", mlx::read),
    ("auto-round", |fields, _| autoround::read(fields)),
    ("torchao", torchao::read),
    ("quark", quark::read),
    ("hqq", trellis::hqq),
    ("exl2", |fields, _| trellis::exl2(fields)),
    ("exl3", |fields, _| trellis::exl3(fields)),
    ("aqlm", |fields, _| trellis::aqlm(fields)),
    ("eetq", |fields, _| trellis::eetq(fields)),
    ("bitnet", trellis::bitnet),
];

/// Other names of methods.
const SAME: &[(&str, &str)] = &[
    ("auto_round", "auto-round"),
    ("autoround", "auto-round"),
    ("intel/auto-round", "auto-round"),
    ("modelopt_fp4", "modelopt"),
    ("modelopt_fp8", "modelopt"),
    ("modelopt_mixed", "modelopt"),
    ("modelopt_mxfp8", "modelopt"),
];

/// Methods whose formats aren't read: said apart from slips.
const OTHERS: &[&str] = &["fp_quant", "higgs", "quanto", "spqr", "vptq"];

pub(super) fn read(fields: &mut Fields, dtype: &str) -> Result<Quantised, Error> {
    let implied = implied(fields);
    let method = match fields.value("quant_method") {
        None if implied.is_some() => implied.unwrap_or_default().to_owned(),
        Some(Value::String(method)) => method,
        other => return Err(unexpected("quant_method", &other.unwrap_or_default(), "a text")),
    };
    let name = SAME.iter().find(|(other, _)| *other == method).map_or(method.as_str(), |(_, name)| *name);
    let Some((_, read)) = METHODS.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = METHODS.iter().map(|(name, _)| *name).collect();
        let what = if OTHERS.contains(&name) { " (a method whose formats are not known here)" } else { "" };
        let expected = format!(
            "one of {}{what}; where `--weights` gives a format for all weights, the config is not asked for theirs",
            known.join(", ")
        );
        return Err(unexpected("quant_method", &Value::String(method), &expected));
    };
    read(fields, dtype)
}

/// The method of a config that doesn't say which it is of: older ones of bitsandbytes, those of `ModelOpt`, those of MLX.
fn implied(fields: &Fields) -> Option<&'static str> {
    const TELLING: [(&str, &str); 4] = [
        ("load_in_4bit", "bitsandbytes"),
        ("load_in_8bit", "bitsandbytes"),
        ("quant_algo", "modelopt"),
        ("group_size", "mlx"),
    ];
    TELLING.iter().find(|(field, _)| fields.has(field)).map(|(_, method)| *method)
}

/// Rules that leave some modules alone and store all other linear layers in one way.
pub(super) fn but(skipped: Vec<Modules>, stored: impl Into<Stored>) -> Quantised {
    let skipped = skipped.into_iter().map(|modules| (modules, None));
    Quantised { rules: skipped.chain([(Modules::Linear, Some(stored.into()))]).collect(), ..Quantised::default() }
}

/// A format from its text, of which a field decides a part.
pub(super) fn format(field: &str, found: &str, text: &str) -> Result<Format, Error> {
    text.parse::<Format>()
        .map_err(|_| Error::field(field, found, format!("one that makes a number format ({text} is none)")))
}

/// DeepSeek's (arXiv:2412.19437, section 3.3): E4M3 with 32-bit `weight_scale_inv` for each block, by rows and columns of
/// the weight, or for the whole tensor. `scale_fmt` restricts the values of the scales, not their bits.
fn fp8(fields: &mut Fields) -> Result<Quantised, Error> {
    const BLOCK: &str = "weight_block_size";
    fields.only("fmt", "e4m3", &["e4m3", "e5m2", "float8_e4m3fn", "float8_e5m2"])?;
    fields.only("scale_fmt", "", &["ue8m0"])?;
    // Activations are quantised as they are used, and products multiply 8 bits by 8 bits.
    fields.only("activation_scheme", "dynamic", &["dynamic", "static"])?;
    let skipped = [listed(fields, "modules_to_not_convert")?, listed(fields, "ignored_layers")?].concat();
    let text = match fields.value(BLOCK) {
        None => "fp8:tensor:f32".to_owned(),
        Some(value) => {
            let (rows, columns) =
                pair(&value).ok_or_else(|| unexpected(BLOCK, &value, "two positive whole numbers"))?;
            format!("fp8:b{rows}x{columns}:f32")
        }
    };
    Ok(but(skipped, Stored { multiply: Some(Class::F8), ..format(BLOCK, &text, &text)?.into() }))
}

/// FBGEMM's: E4M3 with a 32-bit scale for each row, and activations that are quantised row by row as they are used
/// (`FbgemmFp8Linear` of transformers).
fn fbgemm(fields: &mut Fields) -> Result<Quantised, Error> {
    fields.passed(&["activation_scale_ub"]);
    let stored = Stored { multiply: Some(Class::F8), ..Format::known("fp8:row:f32").into() };
    Ok(but(listed(fields, "modules_to_not_convert")?, stored))
}

/// GPTQ (arXiv:2210.17323) as AutoGPTQ and GPTQModel store it: packed integers, 16-bit scales, packed zero points even
/// where they are all the same. The 32-bit group of each input feature (`g_idx`), which only `desc_act` needs, isn't
/// counted.
fn gptq(fields: &mut Fields) -> Result<Quantised, Error> {
    fields.only("checkpoint_format", "gptq", &["gptq", "gptq_v2"])?;
    fields.only("pack_dtype", "int32", &["int32"])?;
    fields.off("is_marlin_format")?;
    fields.passed(GPTQ_HARMLESS);
    let (bits, group) = (number(fields, "bits")?, number(fields, "group_size")?);
    let all = Stored::from(grouped(bits, group)?);
    let mut rules = dynamic(fields, (bits, group))?;
    if fields.flag("lm_head", false)? {
        rules.push((Modules::Head, Some(all)));
    }
    // Inside the layers, if it says so, only these.
    match fields.value("modules_in_block_to_quantize") {
        None => rules.push((Modules::Linear, Some(all))),
        Some(Value::Array(lists)) => {
            const FIELD: &str = "modules_in_block_to_quantize";
            let flat = lists.iter().flat_map(|list| list.as_array().map_or(std::slice::from_ref(list), Vec::as_slice));
            few(FIELD, flat.clone().filter(|name| name.as_str().is_some_and(|name| !plain(name))).count())?;
            for name in flat {
                let Value::String(name) = name else { return Err(unexpected(FIELD, name, "names of modules")) };
                rules.push((named(FIELD, name)?, Some(all)));
            }
        }
        Some(other) => return Err(unexpected("modules_in_block_to_quantize", &other, "a list of names of modules")),
    }
    let whole_groups = Some("quantization_config.group_size");
    Ok(Quantised { rules: rules.into_iter().collect(), whole_groups, ..Quantised::default() })
}

/// Settings of the calibration and of kernels, which leave the sizes alone.
const GPTQ_HARMLESS: &[&str] = &[
    "act_group_aware",
    "backend",
    "batch_size",
    "block_name_to_quantize",
    "cache_block_outputs",
    "cache_examples_on_gpu",
    "damp_auto_increment",
    "damp_percent",
    "dataset",
    "desc_act",
    "disable_exllama",
    "exllama_config",
    "group_aware",
    "max_input_length",
    "meta",
    "model_file_base_name",
    "model_name_or_path",
    "model_seqlen",
    "module_name_preceding_first_block",
    "mse",
    "pad_token_id",
    "quantizer",
    "static_groups",
    "sym",
    "tokenizer",
    "true_sequential",
    "use_cuda_fp16",
    "use_exllama",
    "v2",
    "version",
];

/// GPTQModel's exceptions: `-:` leaves what an expression matches alone, `+:` or nothing gives it settings of its own.
fn dynamic(fields: &mut Fields, (bits, group): (i64, i64)) -> Result<Vec<(Modules, Option<Stored>)>, Error> {
    const FIELD: &str = "dynamic";
    let entries = match fields.value(FIELD) {
        None => return Ok(Vec::new()),
        Some(Value::Object(entries)) => entries,
        Some(other) => return Err(unexpected(FIELD, &other, "an object of expressions and settings")),
    };
    few(FIELD, entries.len())?;
    let rules = entries.iter().map(|(key, settings)| {
        if let Some(expression) = key.strip_prefix("-:") {
            return Ok((matching(FIELD, expression)?, None));
        }
        let mut settings = Fields::of_value(FIELD, settings)?;
        settings.passed(GPTQ_HARMLESS);
        let bits = if settings.has("bits") { number(&mut settings, "bits")? } else { bits };
        let group = if settings.has("group_size") { number(&mut settings, "group_size")? } else { group };
        settings.known().map_err(|error| error.inside(FIELD))?;
        Ok((matching(FIELD, key.strip_prefix("+:").unwrap_or(key))?, Some(grouped(bits, group)?.into())))
    });
    rules.collect()
}

/// AWQ (arXiv:2306.00978) as AutoAWQ stores it for its GEMM kernels: `qweight`, `qzeros` and 16-bit `scales`.
fn awq(fields: &mut Fields) -> Result<Quantised, Error> {
    fields.passed(&["backend", "do_fuse", "exllama_config", "fuse_max_seq_len", "modules_to_fuse"]);
    let version = fields.value("version").unwrap_or_else(|| Value::String("gemm".to_owned()));
    if !version.as_str().is_some_and(|version| version.eq_ignore_ascii_case("gemm")) {
        return Err(unexpected("version", &version, "\"gemm\", whose scales are not padded"));
    }
    if !fields.flag("zero_point", true)? {
        return Err(unexpected("zero_point", &Value::Bool(false), "true"));
    }
    let (bits, group) = if fields.has("w_bit") { ("w_bit", "q_group_size") } else { ("bits", "group_size") };
    let (bits, group) = (number(fields, bits)?, number(fields, group)?);
    let quantised = but(listed(fields, "modules_to_not_convert")?, grouped(bits, group)?);
    Ok(Quantised { whole_groups: Some("quantization_config.group_size"), ..quantised })
}

/// gpt-oss's: routed experts in MXFP4, everything else as it is (`Mxfp4GptOssExperts` of transformers).
fn mxfp4(fields: &mut Fields) -> Result<Quantised, Error> {
    let skipped = listed(fields, "modules_to_not_convert")?.into_iter().map(|modules| (modules, None));
    let rules = skipped.chain([(Modules::Experts, Some(Format::known("mxfp4").into()))]).collect();
    Ok(Quantised { rules, ..Quantised::default() })
}

/// bitsandbytes: 4-bit values with a 32-bit scale for 64 of them, or (QLoRA, arXiv:2305.14314, "double quantisation") an
/// 8-bit one and for 256 of these one of 32 bits; or (`LLM.int8`, arXiv:2208.07339) 8-bit integers and a 32-bit scale for
/// each row, which multiply activations that are quantised as they are used. The tables of values and the offsets of
/// scales, a few numbers each, are not counted; nor is that outliers multiply in 16 bits.
fn bitsandbytes(fields: &mut Fields) -> Result<Quantised, Error> {
    fields.passed(&[
        "_load_in_4bit",
        "_load_in_8bit",
        "bnb_4bit_compute_dtype",
        "bnb_4bit_quant_storage",
        "llm_int8_enable_fp32_cpu_offload",
        "llm_int8_threshold",
    ]);
    fields.off("llm_int8_has_fp16_weight")?;
    let (four, eight) = (fields.flag("load_in_4bit", false)?, fields.flag("load_in_8bit", false)?);
    let kind = fields.only("bnb_4bit_quant_type", "fp4", &["nf4", "fp4"])?;
    let double = fields.flag("bnb_4bit_use_double_quant", false)?;
    let (text, multiply) = match (four, eight) {
        (true, false) if double => (format!("{kind}:g64:int8:g256:f32"), None),
        (true, false) => (format!("{kind}:g64:f32"), None),
        (false, true) => ("int8:row:f32".to_owned(), Some(Class::I8)),
        (both, _) => return Err(unexpected("load_in_8bit", &Value::Bool(both), "this or load_in_4bit to be true")),
    };
    let format = format("bnb_4bit_quant_type", &kind, &text)?;
    Ok(but(listed(fields, "llm_int8_skip_modules")?, Stored { multiply, ..format.into() }))
}

/// Integers of so many bits in groups of so many, or in rows if it is −1.
pub(super) fn grouped(bits: i64, group: i64) -> Result<Format, Error> {
    let scaled = if group == -1 { "row".to_owned() } else { format!("g{group}") };
    if !matches!(bits, 2 | 3 | 4 | 8) {
        return Err(unexpected("bits", &Value::from(bits), "2, 3, 4 or 8"));
    }
    format("group_size", &group.to_string(), &format!("int{bits}:{scaled}:f16:int{bits}"))
}

/// A whole number that must be there.
pub(super) fn number(fields: &mut Fields, field: &str) -> Result<i64, Error> {
    let value = fields.value(field).unwrap_or_default();
    value.as_i64().ok_or_else(|| unexpected(field, &value, "a whole number"))
}

/// Two positive whole numbers.
pub(super) fn pair(value: &Value) -> Option<(u64, u64)> {
    match value.as_array()?.as_slice() {
        [first, second] => Some((first.as_u64().filter(|n| *n > 0)?, second.as_u64().filter(|n| *n > 0)?)),
        _ => None,
    }
}
