//! Widening quantised weights, and quantised caches.

use cost_core::Operator;
use cost_core::cost::{Formats, Options, totals};
use cost_core::expr::{Expr, Limit, Ratio, Rational};
use cost_core::format::Format;
use cost_core::op::Role;
use cost_core::roofline::{self, Bound};

use crate::error::Error;
use crate::model::{Model, Workload};
use crate::ops::{Dequantise, FusedDequantLinear, QuantisedCacheAttention, UnfusedDequantLinear};
use crate::published::devices::{A100, H100};
use crate::published::digits::{GIGA, MILLI, Printed, printed};
use crate::published::findings::Findings;
use crate::published::measure::{bytes, formats, formulas, int, ratio_text, text};
use crate::published::models::{QWEN3_32B_WIDTH, qwen3_32b};

/// Widening one block of `B` weights, as a formula in `B`: one scale and one zero point of 32 bits.
fn block_intensity(wide: &str) -> Result<Ratio, Error> {
    let sum = totals(&formulas::<Dequantise>(&[int(1), Expr::axis(1)], &formats("int8:tensor:f32:f32", wide)?)?)?;
    Ok(Ratio::new(&sum.flops.total()?, &bytes(&sum)?)?)
}

/// The limit of the intensity for wide blocks, and its value at 64, for weights of 4096 × 4096.
fn block_figures(wide: &str) -> Result<(Ratio, f64, f64), Error> {
    let closed = block_intensity(wide)?;
    let long = match closed.limit(1)? {
        Limit::Value(ratio) => ratio.value(&[])?.to_f64(),
        Limit::Infinite => f64::INFINITY,
    };
    let sum = Dequantise { d: 4096, f: 4096 }.totals(&formats("int8:g64:f32:f32", wide)?)?;
    let at_64 = roofline::intensity(sum.flops.total()?, sum.bits.total()?);
    Ok((closed, long, at_64))
}

fn dequant(wide: &str, closed: &str, long: Printed, at_64: Printed) -> Result<Findings, Error> {
    let (ratio, limit, value) = block_figures(wide)?;
    let text = ratio_text(&ratio, &["d", "B"]);
    Ok(Findings::new().formula(&text, closed).rounded(limit, long).rounded(value, at_64))
}

pub(super) fn dequant_f32() -> Result<Findings, Error> {
    dequant("f32", "2·B / (5·B + 8)", printed("0.4"), printed("0.39"))
}

pub(super) fn dequant_f16() -> Result<Findings, Error> {
    dequant("bf16", "2·B / (3·B + 8)", printed("0.67"), printed("0.64"))
}

/// Bytes of scales and zero points for each element, for blocks of this length.
fn overhead(block: u32) -> Result<f64, Error> {
    let operator = Dequantise { d: 1, f: u64::from(block) * 8 };
    let weight = |format: &str| -> Result<f64, Error> {
        let tensor = operator.tensors(&formats(format, "f32")?)?.remove(0);
        Ok(tensor.bits as f64 / 8.0 / tensor.elements as f64)
    };
    Ok(weight(&format!("int8:g{block}:f32:f32"))? - weight("int8")?)
}

pub(super) fn overheads() -> Result<Findings, Error> {
    Ok(Findings::new().exact(overhead(64)?, printed("0.125")).rounded(overhead(2048)?, printed("0.004")))
}

pub(super) fn fused() -> Result<Findings, Error> {
    let options = formats("int8:g64:f32:f32", "bf16")?;
    let sizes: Vec<Expr> = (0..4).map(Expr::axis).collect();
    let apart = totals(&formulas::<UnfusedDequantLinear>(&sizes, &options)?)?;
    let inside = totals(&formulas::<FusedDequantLinear>(&sizes, &options)?)?;
    let saved = bytes(&apart)?.sub(&bytes(&inside)?)?;
    let same = apart.flops.total()? == inside.flops.total()?;
    let text = text(&saved, FusedDequantLinear::OP.axes);
    Ok(Findings::new().statement(same && !saved.is_zero(), format!("{text} byte less, the same FLOPs")))
}

/// Bytes of the keys that a decode step reads, in this format, over those in 16 bits.
fn keys_against_16_bits(format: &str) -> Result<Rational, Error> {
    let operator = QuantisedCacheAttention { b: 1, s: 1, t: 4096, n: 32, g: 1, k: 128 };
    let keys = |format: Format| -> Result<i128, Error> {
        let formats = Formats { cache: Some(format), ..Formats::default() };
        let kernels = operator.kernels(&Options { formats, ..Options::default() })?;
        let read = kernels.iter().flat_map(|kernel| &kernel.operands).filter(|operand| operand.path == "keys");
        Ok(read.map(|operand| i128::try_from(operand.bits).unwrap_or(i128::MAX)).sum())
    };
    Ok(Rational::new(keys(format.parse()?)?, keys("f16".parse()?)?)?)
}

pub(super) fn cache_of_keys() -> Result<Findings, Error> {
    let grouped = |format: &str| keys_against_16_bits(format).map(|share| share.to_string());
    Ok(Findings::new()
        .formula(&keys_against_16_bits("int8")?.to_string(), "1/2")
        .formula(&keys_against_16_bits("int4")?.to_string(), "1/4")
        .note(format!(
            "with a 16-bit scale for 128 elements {} and {}",
            grouped("int8:g128:f16")?,
            grouped("int4:g128:f16")?
        )))
}

struct Dequantised {
    bytes: f64,
    seconds: f64,
    memory: bool,
}

/// Seconds and bytes of a decode step's products with every matrix of the model's layers and head, one by one.
fn dequantised<O: Operator>(model: &Model, with: impl Fn(u64, u64) -> O) -> Result<Dequantised, Error> {
    let options = formats("int8:g64:f32:f32", "bf16")?;
    let mut sum = Dequantised { bytes: 0.0, seconds: 0.0, memory: true };
    for tensor in model.tensors(&Workload::decode(1, 0), &options)? {
        let matrix =
            tensor.role == Role::Weight && tensor.shape.len() > 1 && tensor.part.as_deref() != Some("embedding");
        if !matrix {
            continue;
        }
        // One side of each of these matrices is the model's width.
        let other = u64::try_from(tensor.elements).unwrap_or(u64::MAX) / QWEN3_32B_WIDTH;
        let kernels = with(QWEN3_32B_WIDTH, other).kernels(&options)?;
        let copies = tensor.copies as f64;
        sum.bytes += totals(&kernels)?.bits.total()? as f64 / 8.0 * copies;
        sum.seconds += roofline::total_time(&kernels, &H100.hardware())?.lower_bound_s * copies;
        for device in [H100, A100] {
            for kernel in &kernels {
                sum.memory &= roofline::time(kernel, &device.hardware())?.bound() == Bound::Memory;
            }
        }
    }
    Ok(sum)
}

pub(super) fn dense_32b() -> Result<Findings, Error> {
    let model = qwen3_32b()?;
    let apart = dequantised(&model, |d, f| UnfusedDequantLinear { b: 1, s: 1, d, f })?;
    let inside = dequantised(&model, |d, f| FusedDequantLinear { b: 1, s: 1, d, f })?;
    let text = |name: &str, it: &Dequantised| {
        format!("{name} {:.1} GB, {:.1} ms on H100", it.bytes / GIGA, it.seconds / MILLI)
    };
    Ok(Findings::new()
        .statement(apart.memory && apart.bytes > inside.bytes, text("unfused", &apart))
        .statement(inside.memory, text("fused", &inside))
        .note("every kernel is memory bound on H100 and A100 at batch 1"))
}
