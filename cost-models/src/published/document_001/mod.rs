//! Document 001: The memory bandwidth bottleneck of attention in LLM inference frameworks.

mod attention;
mod feed_forward;
mod params;
mod quantised;

use cost_core::cost::totals;
use cost_core::expr::{Expr, Rational};

use super::devices::H100;
use super::digits::printed;
use super::findings::Findings;
use super::measure::{dense, formulas, text};
use super::operators::MatMul;
use super::row::Document::Bandwidth;
use super::row::Row;
use super::verdict::Verdict::{Derive, Erratum, Exact, Rounded};
use crate::error::Error;

fn gemm() -> Result<Findings, Error> {
    let sum = totals(&formulas::<MatMul>(&[Expr::axis(0), Expr::axis(1), Expr::axis(2)], &dense())?)?;
    let (flops, names) = (sum.flops.matmul()?, ["M", "K", "N"]);
    let macs = text(&flops.scaled(Rational::new(1, 2)?)?, &names);
    Ok(Findings::new().formula(&macs, "M·K·N").note(format!("{} FLOP", text(&flops, &names))))
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
        .is(Rounded, quantised::dequant_f32),
    row("001-dequant-f16", "intensity of widening int8 to bf16", "2B/(3B+8): 0.67 (B→∞), 0.64 (B=64)")
        .at("per-block dequantisation")
        .given(BLOCK)
        .is(Rounded, quantised::dequant_f16),
    row("001-dequant-overhead", "bytes of scale and zero point an element", "0.125 (B=64), 0.004 (B=2048)")
        .at("per-block dequantisation")
        .given(BLOCK)
        .is(Rounded, quantised::overheads),
    row(
        "001-dequant-fused",
        "what fusing dequantisation into the product saves",
        "no write and re-read of wide weights",
    )
    .at("per-block dequantisation, mitigations")
    .given("any int8 weights, 16-bit activations")
    .is(Derive, quantised::fused),
    row("001-kvq", "traffic of the K cache in int8 and in int4, against fp16", "1/2, 1/4")
        .at("quantising the K cache")
        .given("one decode step over 4,096 tokens, 32 heads of 128")
        .is(Exact, quantised::cache_of_keys),
    row("001-scores", "unfused attention writes and reads the scores", "[b, n_heads, s, s]; 32K × 32K")
        .at("memory bound")
        .counting("dense masking")
        .is(Derive, attention::scores),
    row(
        "001-decode-weights",
        "tensors that a decode step reads",
        "attn_q, attn_k, attn_v, attn_output, norms, ffn, KV cache",
    )
    .at("the nine steps of a decoder layer")
    .given("Qwen3-32B, int8 weights, 4,096 cached tokens")
    .because("the document's input_norm and post_attn_norm are attn_norm and ffn_norm in GGUF files")
    .is(Derive, attention::decode_weights),
    row("001-attn-params", "parameters of a layer's attention", "4·d²")
        .at(FFN_SECTION)
        .given("multi-head attention, d = n·k")
        .is(Exact, params::attention_params),
    row("001-ffn-params", "parameters of an FFN", "8·d²")
        .at(FFN_SECTION)
        .given("two matrices with d_ff = 4d; three with d_ff = 8d/3")
        .is(Exact, params::feed_forward_params),
    row("001-ffn-ratio", "FFN against attention, standard and SwiGLU", "2× (standard), equal (SwiGLU)")
        .at(FFN_SECTION)
        .given("d_ff = 4d; d_ff = 8d/3")
        .because("d_ff is halved once more; the document's own 8·d² against 4·d² is 2 in both")
        .is(Erratum, params::feed_forward_ratio),
    row("001-l7b-ffn", "parameters of gate, up, down", "45.1M each")
        .at(FFN_SECTION)
        .given(LLAMA)
        .is(Rounded, feed_forward::llama_ffn),
    row("001-l7b-ffn-total", "parameters of the FFN, bytes in int8", "135.3M")
        .at(FFN_SECTION)
        .given(LLAMA)
        .is(Rounded, feed_forward::llama_ffn_total),
    row("001-l7b-attn", "parameters of attention, each and all", "16.8M, 67.1M")
        .at(FFN_SECTION)
        .given(LLAMA)
        .is(Rounded, feed_forward::llama_attention),
    row("001-l7b-flops", "FLOP of one projection", "90.1 MFLOP")
        .at(FFN_SECTION)
        .given("Llama-2-7B, one token")
        .because("cut, not rounded")
        .is(Rounded, feed_forward::projection_flops),
    row("001-l7b-flops-total", "FLOP of one layer's FFN", "270.3 MFLOP")
        .at(FFN_SECTION)
        .given("Llama-2-7B, one token")
        .counting("matrix products only")
        .because("3 × 90.1, which was already cut")
        .is(Erratum, feed_forward::ffn_flops),
    row("001-l7b-acts", "activations of one layer's FFN", "8.2 + 22 + 8.2 = 38.4 KB")
        .at(FFN_SECTION)
        .given("Llama-2-7B, one token, fp16")
        .counting("the stored product once; its two inputs not")
        .is(Exact, feed_forward::ffn_acts),
    row("001-l7b-intensity", "intensity of the FFN", "2.0 FLOP/byte")
        .at(FFN_SECTION)
        .given("Llama-2-7B, one token, int8 weights")
        .counting("matrix products only; activations as in 001-l7b-acts")
        .is(Rounded, feed_forward::ffn_intensity),
    row("001-h100-threshold", "ridge point of the H100", "295 FLOP/byte")
        .at(FFN_SECTION)
        .given("989 TFLOP/s, 3,350 GB/s")
        .is(Rounded, || Ok(Findings::new().rounded(H100.ridge(), printed("295")))),
    row("001-gpt2", "bytes of W1, of the FFN, of attention; their ratio", "2.36 MB, 4.72 MB, 2.36 MB; 2")
        .at("GPT-2 example")
        .given("GPT-2, width 768, int8, without biases")
        .is(Rounded, feed_forward::gpt2_sizes),
    row("001-32b", "a 32B dense model in int8 is bound by dequantisation's bandwidth", "severe bandwidth bottleneck")
        .at("per-block dequantisation")
        .given("Qwen3-32B, int8 in blocks of 64, one token; every matrix but the embedding")
        .is(Derive, quantised::dense_32b),
];
