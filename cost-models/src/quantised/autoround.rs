//! `AutoRound` (arXiv:2309.05516): integers packed as GPTQ or AWQ pack them, or microscaled numbers, with settings of single
//! layers in `extra_config` (`AutoRoundConfig` of transformers, `auto_round/export` of <https://github.com/intel/auto-round>).

use cost_core::cost::Stored;
use cost_core::format::{Class, Format};
use serde_json::Value;

use super::Quantised;
use super::methods::{grouped, number};
use super::modules::{Modules, few, listed, matching, named, plain};
use crate::config::{Fields, unexpected};
use crate::error::Error;

pub(super) fn read(fields: &mut Fields) -> Result<Quantised, Error> {
    fields.passed(HARMLESS);
    let packing = fields.text_or("packing_format", "auto_round:auto_gptq")?;
    if !PACKINGS.contains(&packing.trim_start_matches("auto_round:")) {
        return Err(unexpected("packing_format", &Value::from(packing), &format!("one of {}", PACKINGS.join(", "))));
    }
    let own = Settings::of(fields, None)?;
    let mut rules = own.exceptions(fields)?;
    let left = listed(fields, "modules_to_not_convert")?;
    rules.extend(left.into_iter().map(|modules| (modules, None)));
    // With a list of blocks only what is in them is quantised, which is what is linear but for the head all the same.
    rules.push((Modules::Linear, own.stored()?));
    let whole_groups = (own.data_type == "int").then_some("quantization_config.group_size");
    Ok(Quantised { rules: rules.into_iter().collect(), whole_groups, ..Quantised::default() })
}

const PACKINGS: &[&str] = &[
    "auto_gptq",
    "auto_awq",
    "auto_round",
    "gptq",
    "awq",
    "gptqv2",
    "fp8",
    "fp8_static",
    "llm_compressor",
    "mx_fp",
    "nv_fp",
];

/// Settings of the calibration and of kernels.
const HARMLESS: &[&str] = &[
    "act_bits",
    "act_data_type",
    "act_dynamic",
    "act_group_size",
    "act_sym",
    "amp",
    "autoround_version",
    "backend",
    "batch_size",
    "block_name_to_quantize",
    "dataset",
    "desc_act",
    "damp_percent",
    "enable_alg_ext",
    "enable_minmax_tuning",
    "enable_norm_bias_tuning",
    "enable_quanted_input",
    "gradient_accumulate_steps",
    "iters",
    "low_gpu_mem_usage",
    "lr",
    "minmax_lr",
    "model_free",
    "nblocks",
    "nsamples",
    "quant_block_list",
    "scale_dtype",
    "seqlen",
    "super_bits",
    "super_group_size",
    "static_groups",
    "sym",
    "to_quant_block_names",
    "true_sequential",
    "train_bs",
    "version",
];

/// How a layer is stored.
#[derive(Clone)]
struct Settings {
    bits: i64,
    group: i64,
    data_type: String,
    multiply: Option<Class>,
}

impl Settings {
    /// Those that are given, where others don't stand in.
    fn of(fields: &mut Fields, others: Option<&Self>) -> Result<Self, Error> {
        let own = |fields: &mut Fields, field: &str, other: Option<i64>| match other {
            Some(other) if !fields.has(field) => Ok(other),
            _ => number(fields, field),
        };
        let activations = fields.optional_size("act_bits")?;
        Ok(Self {
            bits: own(fields, "bits", others.map(|it| it.bits))?,
            group: own(fields, "group_size", others.map(|it| it.group))?,
            data_type: fields.text_or("data_type", others.map_or("int", |it| &it.data_type))?,
            multiply: match (activations, others) {
                (None, Some(others)) => others.multiply,
                (Some(4), _) => Some(Class::F4),
                (Some(8), _) => Some(Class::F8),
                _ => None,
            },
        })
    }

    /// Layers with settings of their own, by name or expression.
    fn exceptions(&self, fields: &mut Fields) -> Result<Vec<(Modules, Option<Stored>)>, Error> {
        const FIELD: &str = "extra_config";
        let layers = match fields.value(FIELD) {
            None => return Ok(Vec::new()),
            Some(Value::Object(layers)) => layers,
            Some(other) => return Err(unexpected(FIELD, &other, "an object of layers and their settings")),
        };
        few(FIELD, layers.keys().filter(|name| !plain(name)).count())?;
        let rule = |(name, settings): (&String, &Value)| {
            let mut settings = Fields::of_value(name, settings)?;
            settings.passed(HARMLESS);
            let stored = Self::of(&mut settings, Some(self)).and_then(|own| own.stored());
            let stored = stored.and_then(|stored| settings.known().map(|()| stored));
            let stored = stored.map_err(|error| error.inside(name).inside(FIELD))?;
            Ok((if plain(name) { named(FIELD, name)? } else { matching(FIELD, name)? }, stored))
        };
        layers.iter().map(rule).collect()
    }

    /// What is stored; nothing if it stays as it is.
    fn stored(&self) -> Result<Option<Stored>, Error> {
        let Self { bits, group, data_type, multiply } = self;
        let wide = *bits >= 16;
        let format = match data_type.as_str() {
            _ if wide => return Ok(None),
            "int" | "int_asym_dq" | "int_sym_dq" => return grouped(*bits, *group).map(|format| Some(format.into())),
            "mx_fp" | "mx_fp4" | "mx_fp8" | "mx_fp_rceil" if *bits == 4 => Format::known("mxfp4"),
            "mx_fp" | "mx_fp4" | "mx_fp8" | "mx_fp_rceil" if *bits == 8 => Format::known("mxfp8"),
            "nv_fp" | "nv_fp4" | "nv_fp4_with_static_gs" if *bits == 4 => Format::known("fp4:g16:fp8:tensor:f32"),
            "fp" | "fp8" | "fp8_sym" if *bits == 8 && *group == -1 => Format::known("fp8:row:bf16"),
            "fp" | "fp8" | "fp8_sym" if *bits == 8 && *group == 0 => Format::known("fp8:tensor:bf16"),
            _ => {
                let found = Value::from(format!("{data_type}, {bits} bits, groups of {group}"));
                return Err(unexpected("data_type", &found, "int, mx_fp, nv_fp or fp8 of as many bits as it has"));
            }
        };
        Ok(Some(Stored { multiply: *multiply, ..format.into() }))
    }
}
