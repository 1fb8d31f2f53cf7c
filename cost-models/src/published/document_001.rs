//! Document 001: The memory bandwidth bottleneck of attention in LLM inference frameworks.

use cost_core::Operator;
use cost_core::cost::{Formats, Kernel, Options, Tensor, totals};
use cost_core::expr::{Expr, Limit, Ratio, Rational};
use cost_core::format::Format;
use cost_core::op::Role;
use cost_core::roofline::{self, Bound};

use super::devices::{A100, H100};
use super::digits::{GIBI, GIGA, KILO, MEGA, MILLI, Printed, grouped, printed};
use super::findings::Findings;
use super::measure::{bytes, dense, formats, formulas, int, matmul, matrices, ratio_text, text};
use super::models::{QWEN3_32B_WIDTH, gpt2, llama_2_7b, qwen3_32b};
use super::operators::MatMul;
use super::row::Document::Bandwidth;
use super::row::Row;
use super::row::Verdict::{Derive, Erratum, Exact, Rounded};
use crate::error::Error;
use crate::families::llama::DecoderLayer;
use crate::model::{Model, Workload};
use crate::ops::{
    Dequantise, FusedDequantLinear, GeluMlp, GqaAttention, Linear, QuantisedCacheAttention, SwiGlu, UnfusedAttention,
    UnfusedDequantLinear,
};

fn gemm() -> Result<Findings, Error> {
    let sum = totals(&formulas::<MatMul>(&[Expr::axis(0), Expr::axis(1), Expr::axis(2)], &dense())?)?;
    let (flops, names) = (sum.flops.matmul()?, ["M", "K", "N"]);
    let macs = text(&flops.scaled(Rational::new(1, 2)?)?, &names);
    Ok(Findings::new().formula(&macs, "M·K·N").note(format!("{} FLOP", text(&flops, &names))))
}

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

/// Bytes of scales and zero points for each element, for blocks of this length.
fn overhead(block: u32) -> Result<f64, Error> {
    let operator = Dequantise { d: 1, f: u64::from(block) * 8 };
    let weight = |format: &str| -> Result<f64, Error> {
        let tensor = operator.tensors(&formats(format, "f32")?)?.remove(0);
        Ok(tensor.bits as f64 / 8.0 / tensor.elements as f64)
    };
    Ok(weight(&format!("int8:g{block}:f32:f32"))? - weight("int8")?)
}

fn fused() -> Result<Findings, Error> {
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
        let formats = Formats { cache: format, ..Formats::default() };
        let kernels = operator.kernels(&Options { formats, ..Options::default() })?;
        let read = kernels.iter().flat_map(|kernel| &kernel.operands).filter(|operand| operand.path == "keys");
        Ok(read.map(|operand| i128::try_from(operand.bits).unwrap_or(i128::MAX)).sum())
    };
    Ok(Rational::new(keys(format.parse()?)?, keys("f16".parse()?)?)?)
}

fn cache_of_keys() -> Result<Findings, Error> {
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

fn scores() -> Result<Findings, Error> {
    let sizes: Vec<Expr> = (0..6).map(Expr::axis).collect();
    let unfused = totals(&formulas::<UnfusedAttention>(&sizes, &dense())?)?;
    let fused = totals(&formulas::<GqaAttention>(&sizes, &dense())?)?;
    let more = text(&bytes(&unfused)?.sub(&bytes(&fused)?)?, UnfusedAttention::OP.axes);
    let (s, t) = (32_768, 32_768);
    let kernels = UnfusedAttention { b: 1, s, t, n: 1, g: 1, k: 128 }.kernels(&dense())?;
    let matrix = kernels.iter().flat_map(|kernel| &kernel.operands).find(|operand| operand.path == "scores");
    let gib = matrix.map_or(0.0, |operand| operand.bits as f64 / 8.0 / GIBI);
    let same = unfused.flops.total()? == fused.flops.total()?;
    Ok(Findings::new()
        .statement(same, format!("{more} byte more than fused, the same FLOPs"))
        .statement(printed("2").is(gib), format!("32K × 32K scores: {gib} GiB a head")))
}

/// The weights of a layer that the document names, by their names in GGUF files.
const NAMED: [&str; 11] = [
    "attn_norm",
    "attn_q",
    "attn_k",
    "attn_v",
    "attn_q_norm",
    "attn_k_norm",
    "attn_output",
    "ffn_norm",
    "ffn_gate",
    "ffn_up",
    "ffn_down",
];

/// Bytes that a kernel list reads of the operands that are wanted, repetitions included.
fn read(kernels: &[Kernel<u128>], wanted: impl Fn(&str, Role) -> bool) -> f64 {
    let one = |kernel: &Kernel<u128>| -> u128 {
        let read = kernel.operands.iter().filter(|it| !it.written && wanted(it.gguf.as_deref().unwrap_or(""), it.role));
        read.map(|it| it.bits).sum::<u128>() * kernel.repeat
    };
    kernels.iter().map(|kernel| one(kernel) as f64 / 8.0).sum()
}

fn decode_weights() -> Result<Findings, Error> {
    let kernels = qwen3_32b().kernels(&Workload::decode(1, 4096), &formats("int8", "bf16")?)?;
    let each = NAMED.map(|name| (name, read(&kernels, |gguf, _| gguf == format!("blk.*.{name}.weight"))));
    let blocks = read(&kernels, |gguf, _| gguf.starts_with("blk."));
    let named: f64 = each.iter().map(|(_, bytes)| bytes).sum();
    let cache = read(&kernels, |_, role| role == Role::Cache);
    let all = each.iter().all(|(_, bytes)| *bytes > 0.0) && grouped(named) == grouped(blocks);
    let list: Vec<String> = each.iter().map(|(name, bytes)| format!("{name} {}", grouped(*bytes))).collect();
    Ok(Findings::new()
        .statement(
            all && cache > 0.0,
            format!("{} byte of 11 tensors a layer, {} of cache", grouped(named), grouped(cache)),
        )
        .note(format!("bytes over all layers: {}", list.join(", "))))
}

/// The width of a model in terms of its heads: `n·k`.
fn width() -> Result<Expr, Error> {
    Ok(Expr::axis(0).mul(&Expr::axis(1))?)
}

/// The elements of a layer's attention matrices in multi-head attention, over the square of the width.
fn attention_share() -> Result<Ratio, Error> {
    let (d, one) = (width()?, || int(1));
    let sizes =
        [one(), one(), one(), one(), d.clone(), Expr::axis(0), one(), Expr::axis(1), one(), int(0), int(0), int(0)];
    Ok(Ratio::new(&matrices(DecoderLayer::OP, &sizes, "attention")?, &d.mul(&d)?)?)
}

/// The elements of a feed-forward network's matrices over the square of its width; the network is two matrices of
/// `4·d`, or three of `share·d/3`.
fn feed_forward_share(gated: bool, share: u64) -> Result<Ratio, Error> {
    let third = Expr::axis(0);
    let (d, f) = (third.mul(&int(3))?, third.mul(&int(share))?);
    let sizes = [int(1), int(1), d.clone(), f];
    let op = if gated { SwiGlu::OP } else { GeluMlp::OP };
    Ok(Ratio::new(&matrices(op, &sizes, "ffn")?, &d.mul(&d)?)?)
}

fn in_squares(share: &Ratio) -> String {
    format!("{}·d²", ratio_text(share, &[]))
}

fn over(above: &Ratio, below: &Ratio) -> Result<f64, Error> {
    Ok(above.value(&[])?.div(below.value(&[])?)?.to_f64())
}

fn feed_forward_params() -> Result<Findings, Error> {
    Ok(Findings::new()
        .formula(&in_squares(&feed_forward_share(false, 12)?), "8·d²")
        .formula(&in_squares(&feed_forward_share(true, 8)?), "8·d²"))
}

fn feed_forward_ratio() -> Result<Findings, Error> {
    let attention = attention_share()?;
    let standard = over(&feed_forward_share(false, 12)?, &attention)?;
    let (right, mistaken) =
        (over(&feed_forward_share(true, 8)?, &attention)?, over(&feed_forward_share(true, 4)?, &attention)?);
    Ok(Findings::new().exact(standard, printed("2")).erratum(right, mistaken, printed("1")))
}

/// The weights of one layer of Llama-2-7B that count to a part, in 8 bits.
fn llama_layer(part: &str) -> Result<Vec<Tensor<u128>>, Error> {
    let tensors = llama_2_7b()?.tensors(&Workload::decode(1, 0), &formats("int8", "f16")?)?;
    Ok(tensors.into_iter().filter(|it| it.role == Role::Weight && it.part.as_deref() == Some(part)).collect())
}

/// The elements of one of these matrices, all of which are as large, and how many there are.
fn each_of(tensors: &[Tensor<u128>], each: Printed) -> Findings {
    let first = tensors.first().map_or(0.0, |it| it.elements as f64);
    let same = tensors.iter().all(|it| each.is_about(it.elements as f64));
    Findings::new().rounded(first, each).statement(same, format!("{} of them", tensors.len()))
}

fn llama_attention() -> Result<Findings, Error> {
    let tensors = llama_layer("attention")?;
    let sum: u128 = tensors.iter().map(|it| it.bits / 8).sum();
    Ok(each_of(&tensors, printed("16.8").of(MEGA)).rounded(sum as f64, printed("67.1").of(MEGA)))
}

fn llama_ffn_total() -> Result<Findings, Error> {
    let bytes: u128 = llama_layer("ffn")?.iter().map(|it| it.bits / 8).sum();
    Ok(Findings::new().rounded(bytes as f64, printed("135.3").of(MEGA)))
}

/// One token through one feed-forward network of Llama-2-7B.
const FFN: SwiGlu = SwiGlu { b: 1, s: 1, d: 4096, f: 11_008 };
/// One token through one of its projections.
const PROJECTION: Linear = Linear { b: 1, s: 1, d: 4096, f: 11_008 };
/// What the document prints for one projection.
const ONE_PROJECTION: Printed = printed("90.1").of(MEGA);

fn ffn_flops() -> Result<Findings, Error> {
    let mistaken = 3.0 * ONE_PROJECTION.cut(matmul(&PROJECTION)?) * MEGA;
    Ok(Findings::new().erratum(matmul(&FFN)?, mistaken, printed("270.3").of(MEGA)))
}

/// Bytes of the network's input, of the stored product and of its result, each once, and of its weights.
fn ffn_bytes() -> Result<([f64; 3], f64), Error> {
    let kernels = FFN.kernels(&formats("int8", "f16")?)?;
    let (mut acts, mut weights) = (Vec::new(), 0.0);
    for (i, kernel) in kernels.iter().enumerate() {
        for operand in &kernel.operands {
            let bytes = operand.bits as f64 / 8.0;
            match operand.role {
                Role::Weight => weights += bytes,
                _ if operand.written || i == 0 => acts.push(bytes),
                _ => {}
            }
        }
    }
    let acts = <[f64; 3]>::try_from(acts).unwrap_or_default();
    Ok((acts, weights))
}

fn ffn_acts() -> Result<Findings, Error> {
    let ([input, product, output], _) = ffn_bytes()?;
    let parts =
        printed("8.2").of(KILO).is(input) && printed("22").of(KILO).is(product) && printed("8.2").of(KILO).is(output);
    Ok(Findings::new()
        .statement(parts, format!("{} + {} + {}", grouped(input), grouped(product), grouped(output)))
        .exact(input + product + output, printed("38.4").of(KILO)))
}

fn ffn_intensity() -> Result<Findings, Error> {
    let (acts, weights) = ffn_bytes()?;
    let flops = matmul(&FFN)?;
    let value = flops / (weights + acts.iter().sum::<f64>());
    Ok(Findings::new()
        .rounded(value, printed("2.0"))
        .note(format!("{value:.5} with activations, {:.1} with weights only", flops / weights)))
}

fn gpt2_sizes() -> Result<Findings, Error> {
    let tensors = gpt2(12).tensors(&Workload::decode(1, 0), &formats("int8", "bf16")?)?;
    let of = |part: &str| -> Vec<f64> {
        let owned = tensors.iter().filter(|it| it.part.as_deref() == Some(part));
        let matrices = owned.filter(|it| it.hf.as_deref().is_some_and(|name| name.ends_with(".weight")));
        matrices.map(|it| it.bits as f64 / 8.0).collect()
    };
    let (ffn, attention) = (of("ffn"), of("attention").iter().sum::<f64>());
    let (one, all) = (ffn.first().copied().unwrap_or_default(), ffn.iter().sum::<f64>());
    Ok(Findings::new()
        .rounded(one, printed("2.36").of(MEGA))
        .rounded(all, printed("4.72").of(MEGA))
        .rounded(attention, printed("2.36").of(MEGA))
        .exact(all / attention, printed("2")))
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

struct Dequantised {
    bytes: f64,
    seconds: f64,
    memory: bool,
}

fn dense_32b() -> Result<Findings, Error> {
    let model = qwen3_32b();
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

const fn row(id: &'static str, figure: &'static str, published: &'static str) -> Row {
    Row::pending(Bandwidth, id, figure, published)
}

const BLOCK: &str = "a scale and a zero point of 4 byte each for a block of B";
const LLAMA: &str = "Llama-2-7B, one layer";
const FFN_SECTION: &str = "bandwidth of the FFN";

/// The rows of the document.
pub(super) const ROWS: &[Row] = &[
    row("001-gemm-macs", "multiply-adds of (M, K) × (K, N)", "M·N·K").at("compute bound").is(Exact, gemm),
    row("001-dequant-f32", "intensity of widening int8 to fp32", "2B/(5B+8): 0.4 (B→∞), 0.39 (B=64)")
        .at("per-block dequantisation")
        .given(BLOCK)
        .is(Rounded, || dequant("f32", "2·B / (5·B + 8)", printed("0.4"), printed("0.39"))),
    row("001-dequant-f16", "intensity of widening int8 to bf16", "2B/(3B+8): 0.67 (B→∞), 0.64 (B=64)")
        .at("per-block dequantisation")
        .given(BLOCK)
        .is(Rounded, || dequant("bf16", "2·B / (3·B + 8)", printed("0.67"), printed("0.64"))),
    row("001-dequant-overhead", "bytes of scale and zero point an element", "0.125 (B=64), 0.004 (B=2048)")
        .at("per-block dequantisation")
        .given(BLOCK)
        .is(Rounded, || {
            Ok(Findings::new().exact(overhead(64)?, printed("0.125")).rounded(overhead(2048)?, printed("0.004")))
        }),
    row(
        "001-dequant-fused",
        "what fusing dequantisation into the product saves",
        "no write and re-read of wide weights",
    )
    .at("per-block dequantisation, mitigations")
    .given("any int8 weights, 16-bit activations")
    .is(Derive, fused),
    row("001-kvq", "traffic of the K cache in int8 and in int4, against fp16", "1/2, 1/4")
        .at("quantising the K cache")
        .given("one decode step over 4,096 tokens, 32 heads of 128")
        .is(Exact, cache_of_keys),
    row("001-scores", "unfused attention writes and reads the scores", "[b, n_heads, s, s]; 32K × 32K")
        .at("memory bound")
        .counting("dense masking")
        .is(Derive, scores),
    row(
        "001-decode-weights",
        "tensors that a decode step reads",
        "attn_q, attn_k, attn_v, attn_output, norms, ffn, KV cache",
    )
    .at("the nine steps of a decoder layer")
    .given("Qwen3-32B, int8 weights, 4,096 cached tokens")
    .because("the document's input_norm and post_attn_norm are attn_norm and ffn_norm in GGUF files")
    .is(Derive, decode_weights),
    row("001-attn-params", "parameters of a layer's attention", "4·d²")
        .at(FFN_SECTION)
        .given("multi-head attention, d = n·k")
        .is(Exact, || Ok(Findings::new().formula(&in_squares(&attention_share()?), "4·d²"))),
    row("001-ffn-params", "parameters of an FFN", "8·d²")
        .at(FFN_SECTION)
        .given("two matrices with d_ff = 4d; three with d_ff = 8d/3")
        .is(Exact, feed_forward_params),
    row("001-ffn-ratio", "FFN against attention, standard and SwiGLU", "2× (standard), equal (SwiGLU)")
        .at(FFN_SECTION)
        .given("d_ff = 4d; d_ff = 8d/3")
        .because("d_ff is halved once more; the document's own 8·d² against 4·d² is 2 in both")
        .is(Erratum, feed_forward_ratio),
    row("001-l7b-ffn", "parameters of gate, up, down", "45.1M each")
        .at(FFN_SECTION)
        .given(LLAMA)
        .is(Rounded, || Ok(each_of(&llama_layer("ffn")?, printed("45.1").of(MEGA)))),
    row("001-l7b-ffn-total", "parameters of the FFN, bytes in int8", "135.3M")
        .at(FFN_SECTION)
        .given(LLAMA)
        .is(Rounded, llama_ffn_total),
    row("001-l7b-attn", "parameters of attention, each and all", "16.8M, 67.1M")
        .at(FFN_SECTION)
        .given(LLAMA)
        .is(Rounded, llama_attention),
    row("001-l7b-flops", "FLOP of one projection", "90.1 MFLOP")
        .at(FFN_SECTION)
        .given("Llama-2-7B, one token")
        .because("cut, not rounded")
        .is(Rounded, || Ok(Findings::new().rounded(matmul(&PROJECTION)?, ONE_PROJECTION))),
    row("001-l7b-flops-total", "FLOP of one layer's FFN", "270.3 MFLOP")
        .at(FFN_SECTION)
        .given("Llama-2-7B, one token")
        .counting("matrix products only")
        .because("3 × 90.1, which was already cut")
        .is(Erratum, ffn_flops),
    row("001-l7b-acts", "activations of one layer's FFN", "8.2 + 22 + 8.2 = 38.4 KB")
        .at(FFN_SECTION)
        .given("Llama-2-7B, one token, fp16")
        .counting("the stored product once; its two inputs not")
        .is(Exact, ffn_acts),
    row("001-l7b-intensity", "intensity of the FFN", "2.0 FLOP/byte")
        .at(FFN_SECTION)
        .given("Llama-2-7B, one token, int8 weights")
        .counting("matrix products only; activations as in 001-l7b-acts")
        .is(Rounded, ffn_intensity),
    row("001-h100-threshold", "ridge point of the H100", "295 FLOP/byte")
        .at(FFN_SECTION)
        .given("989 TFLOP/s, 3,350 GB/s")
        .is(Rounded, || Ok(Findings::new().rounded(H100.ridge(), printed("295")))),
    row("001-gpt2", "bytes of W1, of the FFN, of attention; their ratio", "2.36 MB, 4.72 MB, 2.36 MB; 2")
        .at("GPT-2 example")
        .given("GPT-2, width 768, int8, without biases")
        .is(Rounded, gpt2_sizes),
    row("001-32b", "a 32B dense model in int8 is bound by dequantisation's bandwidth", "severe bandwidth bottleneck")
        .at("per-block dequantisation")
        .given("Qwen3-32B, int8 in blocks of 64, one token; every matrix but the embedding")
        .is(Derive, dense_32b),
];
