//! Methods whose numbers are looked up, or packed in ways of their own: HQQ, EXL2, EXL3, AQLM, EETQ, BitNet.

use cost_core::cost::Stored;
use cost_core::format::{Class, Format};
use serde_json::Value;

use super::Quantised;
use super::methods::{but, format, number};
use super::modules::{Modules, listed, named};
use crate::config::{Fields, unexpected};
use crate::error::Error;
use crate::note::Note;

/// HQQ (<https://github.com/mobiusml/hqq>, `core/quantize.py`): integers with a scale and a shift for each group, both of
/// the type of everything else; ten of 3 bits in a word of 32. With a config by names only what they name is quantised.
pub(super) fn hqq(fields: &mut Fields, dtype: &str) -> Result<Quantised, Error> {
    const FIELD: &str = "quant_config";
    let skipped = listed(fields, "skip_modules")?;
    let config = match fields.value(FIELD) {
        Some(Value::Object(config)) => config,
        other => return Err(unexpected(FIELD, &other.unwrap_or_default(), "an object with weight_quant_params")),
    };
    let whole = Value::Object(config.clone());
    let of = |settings: &Value| hqq_of(settings, dtype).map_err(|error| error.inside(FIELD));
    if config.contains_key("weight_quant_params") {
        return Ok(but(skipped, of(&whole)?));
    }
    let mut rules: Vec<(Modules, Option<Stored>)> = skipped.into_iter().map(|modules| (modules, None)).collect();
    for (name, settings) in &config {
        let stored = of(settings).map_err(|error| error.inside(name))?;
        rules.push((named(FIELD, name)?, Some(stored.into())));
    }
    Ok(Quantised { rules: rules.into_iter().collect(), ..Quantised::default() })
}

fn hqq_of(settings: &Value, dtype: &str) -> Result<Format, Error> {
    let mut settings = Fields::of_value("quant_config", settings)?;
    settings.passed(&["offload_meta"]);
    for field in ["scale_quant_params", "zero_quant_params"] {
        if let Some(other) = settings.value(field) {
            return Err(unexpected(field, &other, "null: scales that are quantised themselves are not known here"));
        }
    }
    let Some(weights) = settings.value("weight_quant_params") else {
        return Err(unexpected("weight_quant_params", &Value::Null, "an object with nbits and group_size"));
    };
    let mut weights = Fields::of_value("weight_quant_params", &weights)?;
    // Groups along one axis are as many as along the other.
    weights.passed(&["axis", "bitpack", "channel_wise", "optimize", "round_zero", "view_as_float"]);
    let read = |weights: &mut Fields| {
        let bits = number(weights, "nbits")?;
        if !matches!(bits, 1 | 2 | 3 | 4 | 8) {
            return Err(unexpected("nbits", &Value::from(bits), "1, 2, 3, 4 or 8"));
        }
        let group = match weights.value("group_size") {
            None => "row".to_owned(),
            Some(_) => {
                let group = number(weights, "group_size")?;
                // A fifth of a bit each that words of 32 leave.
                if bits == 3 { format!("g{group}+{}", group.saturating_add(4) / 5) } else { format!("g{group}") }
            }
        };
        let text = format!("int{bits}:{group}:{dtype}:{dtype}");
        weights.known()?;
        format("group_size", &group, &text)
    };
    read(&mut weights).map_err(|error| error.inside("weight_quant_params"))
}

/// EXL2 (<https://github.com/turboderp-org/exllamav2>): `bits` on average over all linear layers, with what scales them;
/// which layer has how many is in the files alone.
pub(super) fn exl2(fields: &mut Fields) -> Result<Quantised, Error> {
    fields.passed(&["calibration", "version"]);
    let (bits, head) = (average(fields, "bits", None)?, average(fields, "head_bits", Some(6.0))?);
    Ok(on_average("exl2", bits, head))
}

/// EXL3 (<https://github.com/turboderp-org/exllamav3>, after QTIP, arXiv:2406.11235): trellis codes of `bits` on average
/// and signs and scales for each row and column, of which those of rows are counted.
pub(super) fn exl3(fields: &mut Fields) -> Result<Quantised, Error> {
    fields.passed(&["calibration", "codebook", "out_scales", "tensor_storage", "version", "format", "method"]);
    let (bits, head) = (average(fields, "bits", None)?, average(fields, "head_bits", Some(6.0))?);
    Ok(on_average("exl3", bits, head))
}

/// Rules that store linear layers, and the head, in so many bits a number.
fn on_average(method: &str, bits: Format, head: Format) -> Quantised {
    let text =
        format!("{method} says how many bits linear layers have on average, not which has how many: all have {bits}");
    let rules = [(Modules::Head, Some(head.into())), (Modules::Linear, Some(bits.into()))];
    let notes = vec![Note::new(text).about("quantization_config.bits")];
    Quantised { rules: rules.into_iter().collect(), notes, ..Quantised::default() }
}

/// A number of bits that needn't be whole, as a format: the whole ones of each number, and what 128 of them have besides.
fn average(fields: &mut Fields, field: &str, default: Option<f64>) -> Result<Format, Error> {
    const GROUP: f64 = 128.0;
    let bits = fields.amount(field, default)?;
    if !(1.0..=8.0).contains(&bits) {
        return Err(unexpected(field, &Value::from(bits), "from 1 to 8"));
    }
    // There are no integers of 7 bits: 6, and one more.
    let whole = if (7.0..8.0).contains(&bits) { 6.0 } else { bits.floor() };
    let more = ((bits - whole) * GROUP).round();
    let text = if more > 0.0 { format!("int{whole}:g{GROUP}+{more}") } else { format!("int{whole}") };
    format(field, &bits.to_string(), &text)
}

/// AQLM (arXiv:2401.06118): sums of entries of codebooks, looked up for so many weights at once, and a 16-bit scale for
/// each row (`QuantizedLinear` of <https://github.com/Vahe1994/AQLM>). Codebooks, 16-bit and each layer's own, are not counted.
pub(super) fn aqlm(fields: &mut Fields) -> Result<Quantised, Error> {
    const SKIPPED: &str = "linear_weights_not_to_quantize";
    let size = |fields: &mut Fields, field: &str, default: u64| fields.size_or(field, Some(default));
    let (wide, high) = (size(fields, "in_group_size", 8)?, size(fields, "out_group_size", 1)?);
    let (books, bits) = (size(fields, "num_codebooks", 1)?, size(fields, "nbits_per_codebook", 16)?);
    let code = match bits {
        ..=8 => 8,
        9..=16 => 16,
        _ => return Err(unexpected("nbits_per_codebook", &Value::from(bits), "at most 16")),
    };
    let (all, weights) = (books.saturating_mul(code), wide.saturating_mul(high));
    let each = if all.is_multiple_of(weights) { all / weights } else { 0 };
    if !matches!(each, 1..=4) {
        let expected = "a number of codes that is 1, 2, 3 or 4 bits a weight";
        return Err(unexpected("num_codebooks", &Value::from(books), expected));
    }
    let format = format("num_codebooks", &books.to_string(), &format!("code{each}:row:f16"))?;
    let skipped = listed(fields, SKIPPED)?;
    let book = (1_u64 << bits).saturating_mul(books).saturating_mul(weights).saturating_mul(2);
    let text = format!("codebooks, {book} bytes of each quantised linear layer, are not counted");
    let notes = vec![Note::warning(text).about("quantization_config.num_codebooks")];
    Ok(Quantised { notes, ..but(skipped, format) })
}

/// EETQ (<https://github.com/NetEase-FuXi/EETQ>): 8-bit integers with a 16-bit scale for each row.
pub(super) fn eetq(fields: &mut Fields) -> Result<Quantised, Error> {
    fields.only("weights", "int8", &["int8"])?;
    Ok(but(listed(fields, "modules_to_not_convert")?, Format::known("int8:row:f16")))
}

/// BitNet b1.58 (arXiv:2402.17764): −1, 0 or 1, four of them in a byte, with one scale of the type of everything else;
/// activations are quantised to 8 bits as they are used (`integrations/bitnet.py` of transformers). Weights that are
/// quantised as they are used ("online") stay as they are, and multiply as those that were before.
pub(super) fn bitnet(fields: &mut Fields, dtype: &str) -> Result<Quantised, Error> {
    fields.passed(&["bits", "linear_class", "rms_norm_eps", "use_rms_norm"]);
    let mode = fields.only("quantization_mode", "offline", &["offline", "online"])?;
    let text = if mode == "online" { dtype.to_owned() } else { format!("int2:tensor:{dtype}") };
    let stored = Stored { multiply: Some(Class::I8), ..format("quantization_mode", &mode, &text)?.into() };
    Ok(but(listed(fields, "modules_to_not_convert")?, stored))
}
