//! Document 003: Decoding efficiency and acceleration algorithms.

mod methods;

use cost_core::Operator;
use cost_core::cost::{Options, totals};
use cost_core::expr::{Expr, Ratio, Rational};
use cost_core::roofline::{self, Bound};

use crate::error::Error;
use crate::families::decoder::DecoderLayer;
use crate::ops::{FlashAttention, GqaAttention, Linear, UnfusedAttention};
use crate::published::devices::{A100, Device};
use crate::published::digits::{GIBI, GIGA, printed};
use crate::published::findings::Findings;
use crate::published::measure::{bytes, dense, dense_elements, formulas, int, order_of_growth, ratio_text, text};
use crate::published::operators::{AddNorm, GatedProduct, MatMul, Rotation};
use crate::published::row::Document::Acceleration;
use crate::published::row::Row;
use crate::published::verdict::Verdict::{Convention, Derive, Empirical, Erratum, Exact, Rounded};

/// The document's sizes: sequences, tokens, width, width of a head, and a feed-forward width that it doesn't give.
const BATCH: u64 = 8;
const TOKENS: u64 = 1024;
const WIDTH: u64 = 4096;
const HEAD: u64 = 128;
const INNER: u64 = 11_008;

/// Names for axes that stand for the document's letters.
const LETTERS: &[&str] = &["B", "T", "N", "D"];

fn ridge_a100() -> Findings {
    let mut binary = A100.hardware();
    binary.figures.bandwidth_gb_s = binary.figures.bandwidth_gb_s.map(|giga| giga * GIBI / GIGA);
    Findings::new().erratum(A100.ridge(), binary.ridge(A100.class), printed("142.51"))
}

fn matrices() -> Result<Findings, Error> {
    let (sizes, names) = ([Expr::axis(0), Expr::axis(1), Expr::axis(2)], MatMul::OP.axes);
    let sum = totals(&formulas::<MatMul>(&sizes, &dense_elements())?)?;
    let intensity = MatMul::intensity(&Options::default())?;
    Ok(Findings::new()
        .formula(&text(&sum.flops.matmul()?, names), "2·n·m·p")
        .formula(&text(&bytes(&sum)?, names), "n·m + n·p + m·p")
        .formula(&ratio_text(&intensity, names), "n·m·p / (n·m + n·p + m·p)")
        .fact(intensity == order_of_growth::<MatMul>(&sizes)?, "the factor is 1 at 2 byte an element"))
}

/// An operator's order of growth over axes that all have names, then at these sizes.
fn grown<O: Operator>(sizes: &[u64]) -> Result<f64, Error> {
    let named: Vec<Expr> = (0..).map(Expr::axis).take(sizes.len()).collect();
    Ok(order_of_growth::<O>(&named)?.value(sizes)?.to_f64())
}

/// A projection from the model's width to another.
fn linear(tokens: u64, to: u64) -> Result<f64, Error> {
    grown::<Linear>(&[BATCH, tokens, WIDTH, to])
}

/// A projection from the model's width to itself: both are one axis.
fn square_linear(tokens: u64) -> Result<f64, Error> {
    let width = Expr::axis(2);
    let ratio = order_of_growth::<Linear>(&[Expr::axis(0), Expr::axis(1), width.clone(), width])?;
    Ok(ratio.value(&[BATCH, tokens, WIDTH])?.to_f64())
}

/// Bytes of that many elements of 16 bits.
fn at_two_bytes(elements: &Expr) -> Result<Expr, Error> {
    Ok(elements.scaled(Rational::int(2))?)
}

fn square() -> Result<Findings, Error> {
    let (names, h) = (["B", "T", "H"], Expr::axis(2));
    let sizes = [Expr::axis(0), Expr::axis(1), h.clone(), h];
    let sum = totals(&formulas::<Linear>(&sizes, &dense_elements())?)?;
    let (flops, elements) = (sum.flops.matmul()?, bytes(&sum)?);
    let intensity = ratio_text(&order_of_growth::<Linear>(&sizes)?, &names);
    let exact = ratio_text(&Ratio::new(&flops, &at_two_bytes(&elements)?)?, &names);
    Ok(Findings::new()
        .formula(&text(&flops, &names), "2·B·T·H²")
        .formula_under_convention(&text(&elements, &names), &text(&elements.order(), &names), "B·T·H + H²")
        .formula_under_convention(&exact, &intensity, "B·T·H / (B·T + H)"))
}

/// Unfused multi-head attention with `s` queries a sequence, heads and widths as letters.
fn attention(s: &Expr) -> [Expr; 6] {
    [Expr::axis(0), s.clone(), Expr::axis(1), Expr::axis(2), int(1), Expr::axis(3)]
}

fn attention_formulas() -> Result<Findings, Error> {
    let sizes = attention(&Expr::axis(1));
    let sum = totals(&formulas::<UnfusedAttention>(&sizes, &dense_elements())?)?;
    let elements = bytes(&sum)?;
    let exact = ratio_text(&Ratio::new(&sum.flops.total()?, &at_two_bytes(&elements)?)?, LETTERS);
    let intensity = ratio_text(&order_of_growth::<UnfusedAttention>(&sizes)?, LETTERS);
    Ok(Findings::new()
        .formula(&text(&sum.flops.matmul()?, LETTERS), "4·B·T²·N·D")
        .formula(&text(&sum.flops.vector, LETTERS), "4·B·T²·N")
        .formula_under_convention(&text(&elements, LETTERS), &text(&elements.order(), LETTERS), "B·T²·N + B·T·N·D")
        .formula_under_convention(&exact, &intensity, "(T·D + T) / (T + D)"))
}

/// The order of growth of attention's intensity at the document's sizes.
fn attention_at(queries: &Expr) -> Result<f64, Error> {
    let ratio = order_of_growth::<UnfusedAttention>(&attention(queries))?;
    Ok(ratio.value(&[BATCH, TOKENS, WIDTH / HEAD, HEAD])?.to_f64())
}

fn prefill_linear() -> Result<Findings, Error> {
    let (square, inner) = (square_linear(TOKENS)?, linear(TOKENS, INNER)?);
    Ok(Findings::new().rounded(square, printed("2730.7")).erratum(inner, square, printed("2730.7")))
}

fn add_norm(tokens: u64) -> Result<f64, Error> {
    grown::<AddNorm>(&[BATCH, tokens, WIDTH])
}

fn rotation(tokens: u64) -> Result<f64, Error> {
    grown::<Rotation>(&[BATCH, tokens, WIDTH / HEAD, HEAD])
}

fn gated_product(tokens: u64) -> Result<f64, Error> {
    grown::<GatedProduct>(&[BATCH, tokens, INNER])
}

fn prefill_other() -> Result<Findings, Error> {
    let (rope, product, norm) = (rotation(TOKENS)?, gated_product(TOKENS)?, add_norm(TOKENS)?);
    let ones = printed("1").is(rope) && printed("1").is(product);
    Ok(Findings::new().statement(ones, format!("②⑦ {rope}")).rounded(norm, printed("1")).note(format!("⑤⑨ {norm:.5}")))
}

fn prefill_bound() -> Result<Findings, Error> {
    let ridge = A100.ridge();
    let linears = [square_linear(TOKENS)?, linear(TOKENS, INNER)?];
    let others = [attention_at(&Expr::axis(1))?, rotation(TOKENS)?, add_norm(TOKENS)?, gated_product(TOKENS)?];
    let split = linears.iter().all(|it| *it > ridge) && others.iter().all(|it| *it < ridge);
    let (intensity, bound) = layer(&A100)?;
    Ok(Findings::new().statement(split, "①④⑥⑧ compute bound; ②③⑤⑦⑨ memory bound").statement(
        intensity > ridge && bound == Bound::Compute,
        format!("a layer in all {intensity:.0} FLOP/byte: compute bound"),
    ))
}

/// The exact intensity of a decoder layer with unfused attention at the document's sizes, and what bounds it.
fn layer(device: &Device) -> Result<(f64, Bound), Error> {
    let (b, s, t, w, d, n, g, k, f) = (BATCH, TOKENS, TOKENS, TOKENS, WIDTH, WIDTH / HEAD, 1, HEAD, INNER);
    let layer = DecoderLayer { b, s, t, w, d, n, g, k, f };
    let fused = layer.kernels(&dense())?;
    let mut kernels: Vec<_> = fused.into_iter().filter(|kernel| !kernel.path.contains("attention.attended")).collect();
    kernels.extend(UnfusedAttention { b, s, t, n, g, k }.kernels(&dense())?);
    let sum = totals(&kernels)?;
    let intensity = roofline::intensity(sum.flops.total()?, sum.bits.total()?);
    Ok((intensity, roofline::total_time(&kernels, &device.hardware())?.bound()))
}

fn decode_linear() -> Result<Findings, Error> {
    let (square, inner) = (square_linear(1)?, linear(1, INNER)?);
    Ok(Findings::new().rounded(square, printed("8.0")).rounded(inner, printed("8.0")))
}

/// Bytes of tiled attention over the document's prompt, by the number of queries in a block.
fn tiled(c: u64) -> Result<(f64, f64), Error> {
    let (b, s, t, n, g, k) = (BATCH, TOKENS, TOKENS, WIDTH / HEAD, 1, HEAD);
    let sum = FlashAttention { b, s, t, n, g, k, c }.totals(&dense())?;
    Ok((sum.flops.total()? as f64, sum.bits.total()? as f64 / 8.0))
}

fn flash() -> Result<Findings, Error> {
    let (b, s, t, n, g, k) = (BATCH, TOKENS, TOKENS, WIDTH / HEAD, 1, HEAD);
    let unfused = UnfusedAttention { b, s, t, n, g, k }.totals(&dense())?;
    let (flops, all) = (unfused.flops.total()? as f64, unfused.bits.total()? as f64 / 8.0);
    let fused = GqaAttention { b, s, t, n, g, k }.totals(&dense())?.bits.total()? as f64 / 8.0;
    let mut findings = Findings::new();
    let (mut before, mut shown) = (f64::INFINITY, Vec::new());
    for block in [64, 128, 256, TOKENS] {
        let (work, bytes) = tiled(block)?;
        let fewer = bytes < before && bytes < all && bytes >= fused;
        findings = findings
            .statement(fewer && printed("0").is(work - flops), format!("{:.2} GB in blocks of {block}", bytes / GIGA));
        shown.push(bytes);
        before = bytes;
    }
    let sizes: Vec<Expr> = (0..7).map(Expr::axis).collect();
    let closed = bytes(&totals(&formulas::<FlashAttention>(&sizes, &dense())?)?)?;
    Ok(findings.statement(shown.last() == Some(&fused), format!("{:.2} GB unfused", all / GIGA)).note(format!(
        "bytes in blocks of c queries: {}; the FLOPs are the same",
        text(&closed, FlashAttention::OP.axes)
    )))
}

const fn row(id: &'static str, figure: &'static str, published: &'static str) -> Row {
    Row::pending(Acceleration, id, figure, published)
}

const ESTIMATES: &str = "estimates of work, traffic and intensity";
const PREFILL: &str = "intensity of full decoding (prefill)";
const DECODE: &str = "intensity of incremental decoding";
const GENERATION: &str = "Llama-2-7B, 1024 + 256 tokens, A100";
const SIZES: &str = "B = 8, T = 1024, H = 4096, D = 128";
const SIZES_INNER: &str = "B = 8, T = 1024, H = 4096, D = 128; H' = 11008, which the document doesn't give";
const ORDER: &str = "orders of growth (every coefficient of the expanded formulas set to 1), dense masking";

/// The rows of the document.
pub(super) const ROWS: &[Row] = &[
    row("003-ridge-a100", "ridge point of the A100", "142.51")
        .at("measures of efficiency")
        .given("312 TFLOP/s, 2,039 GB/s")
        .because("GB/s is read as GiB/s")
        .is(Erratum, || Ok(ridge_a100())),
    row("003-matmul", "work, traffic and intensity of (n×m)·(m×p)", "2nmp; O(nm+mp+np); O(1/(1/n+1/m+1/p))")
        .at(ESTIMATES)
        .is(Exact, matrices),
    row("003-linear", "work, traffic and intensity of [B,T,H]·[H,H]", "2BTH²; O(BTH+H²); O(1/(1/H+1/(BT)))")
        .at(ESTIMATES)
        .counting(ORDER)
        .because("the exact traffic is 2·B·T·H + H² elements")
        .is(Convention, square),
    row(
        "003-attn",
        "work, traffic and intensity of attention",
        "2BT²ND twice, 4BT²N; O(BTND+BT²N); O((1+1/D)/(1/D+1/T))",
    )
    .at(ESTIMATES)
    .counting(ORDER)
    .because("the FLOPs are exact; the traffic drops its constants")
    .is(Convention, attention_formulas),
    row("003-prefill-linear", "intensity of ①④⑥⑧ in prefill", "2730.7")
        .at(PREFILL)
        .given(SIZES_INNER)
        .counting(ORDER)
        .because("holds for ①④; ⑥⑧ are taken for square matrices too")
        .is(Erratum, prefill_linear),
    row("003-prefill-attn", "intensity of ③ in prefill", "114.7")
        .at(PREFILL)
        .given(SIZES)
        .counting(ORDER)
        .is(Rounded, || Ok(Findings::new().rounded(attention_at(&Expr::axis(1))?, printed("114.7")))),
    row("003-prefill-other", "intensity of ②⑤⑦⑨ in prefill", "1")
        .at(PREFILL)
        .given(SIZES)
        .counting(ORDER)
        .is(Rounded, prefill_other),
    row("003-prefill-bound", "prefill is compute bound on the A100", "statement")
        .at(PREFILL)
        .given(SIZES_INNER)
        .counting(ORDER)
        .because("only in total: attention and the other operations are memory bound by themselves")
        .is(Derive, prefill_bound),
    row("003-decode-linear", "intensity of ①⑤⑦⑨ in decode", "8.0")
        .at(DECODE)
        .given(SIZES_INNER)
        .counting(ORDER)
        .is(Rounded, decode_linear),
    row("003-decode-attn", "intensity of ④ in decode", "1.0")
        .at(DECODE)
        .given(SIZES)
        .counting(ORDER)
        .is(Rounded, || Ok(Findings::new().rounded(attention_at(&int(1))?, printed("1.0")))),
    row("003-decode-norm", "intensity of ⑥⑩ in decode", "O(1/(1+1/B)) = O(1)")
        .at(DECODE)
        .given(SIZES)
        .counting(ORDER)
        .is(Rounded, || Ok(Findings::new().rounded(add_norm(1)?, printed("1")))),
    row("003-kvcache", "greedy decoding with a KV cache", "algorithm of 10 lines")
        .at("decoding and the KV cache")
        .given(GENERATION)
        .is(Derive, methods::kv_cache),
    row("003-flash", "tiling and fusion remove the scores' traffic", "statement")
        .at("FlashAttention")
        .given(SIZES)
        .counting("dense masking")
        .is(Derive, flash),
    row("003-paged", "a paged cache isn't reallocated when it grows", "statement")
        .at("PagedAttention")
        .given("Llama-2-7B, 8 sequences of 1024 + 256 tokens")
        .is(Derive, methods::pages),
    row("003-batching", "static and continuous batching of 4 to 7 sequences in 4 slots", "two grids")
        .at("batch management")
        .given("5, 7, 4 and 6 tokens and END; S5, S6 and S7 at least 3, 2 and 1")
        .is(Exact, methods::grids),
    row("003-chunked", "chunks of prefill run beside decode steps", "statement")
        .at("dynamic splitting")
        .given("Llama-2-7B, T = 1024, 7 sequences over 1024 cached, A100")
        .is(Derive, methods::chunks),
    row("003-spec", "speculative decoding, a draft of 3–5 tokens", "2×")
        .at("speculative decoding")
        .given("Llama-2-70B, drafts of Llama-2-7B, 1024 + 256 tokens, A100")
        .because("measured; it implies an acceptance")
        .is(Empirical, methods::twice_as_fast),
    row("003-cascade", "models from small to large, a classifier between them", "statement")
        .at("cascade decoding")
        .given("Llama-2-7B, 13B and 70B, 1024 + 256 tokens, A100; judging costs nothing")
        .is(Derive, methods::cascades),
    row("003-nar", "groups of tokens at a time", "statement")
        .at("non- and semi-autoregressive decoding")
        .given(GENERATION)
        .is(Derive, methods::groups),
    row("003-medusa", "two further heads", "2.2×")
        .at("Medusa")
        .given(GENERATION)
        .because("measured; it implies how many tokens a round brings")
        .is(Empirical, methods::two_heads),
    row("003-exit", "early exit: 6 of 12 layers; 8 other rows of the table", "2.00×; 1.79× to 2.54×")
        .at("early exit, table")
        .given("BERT, RoBERTa and ALBERT of 12 layers, texts of 128 tokens")
        .because("the speed-ups are measured; each implies a mean exit layer of 12/s")
        .is(Empirical, methods::early_exit),
    row("003-mod", "mixture of depths saves compute", "up to 50 %")
        .at("mixture of depths")
        .given("Llama-2-7B, a prompt of 2048 tokens")
        .is(Derive, methods::depths),
];
