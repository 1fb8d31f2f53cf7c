//! Document 002: From MHA to MQA, GQA and MLA.

use cost_core::Operator;
use cost_core::cost::{Flops, Kernel, Operand, Options, Origin, Shaped, Work, tensors};
use cost_core::expr::{Expr, Ratio};
use cost_core::format::{CLASSES, Class, Format};
use cost_core::hardware::{self, Hardware};
use cost_core::op::{Op, Role, Shape};
use cost_core::roofline::{self, Bound, Time};

use super::devices::{A100, A100_ROUNDED, Device, GPUS, H100};
use super::digits::{GIBI, GIGA, MILLI, grouped, printed};
use super::findings::Findings;
use super::measure::{dense, formats, formulas, int, matmul, ratio_text, text};
use super::models::{llama_2_7b, llama_2_7b_with};
use super::row::Document::Heads;
use super::row::Row;
use super::verdict::Verdict::{Convention, Derive, Erratum, Exact, Rounded};
use crate::error::Error;
use crate::families::decoder::{Decoder, DecoderLayer};
use crate::model::{Model, Phase, Workload};
use crate::ops::{CachedStep, GqaAttention, Linear, UncachedStep, UnfusedAttention};

/// Elements that one token of one sequence adds to the caches of a model, in the axes of the architecture.
fn cache_formula() -> Result<Findings, Error> {
    let (axes, model) = (Decoder::OP.axes, llama_2_7b_with(32));
    let one = |axis: u16| ["b", "s", "t", "o"].contains(axes.get(usize::from(axis))?).then(|| int(1));
    let sizes: Vec<Expr> =
        model.symbols(Phase::Decode)?.iter().map(|size| size.substitute(&one)).collect::<cost_core::Result<_>>()?;
    let owned = tensors(Decoder::OP, &sizes, &Options::default())?;
    let caches = owned.iter().filter(|tensor| tensor.role == Role::Cache);
    let elements = caches.map(|it| it.elements.mul(&it.copies)).try_fold(Expr::default(), |sum, it| sum.add(&it?))?;
    Ok(Findings::new()
        .formula(&text(&elements, axes), "2·n·k·l")
        .note("in elements of P byte: l layers, n key/value heads of k"))
}

/// Bytes of the caches of a batch of sequences of that many tokens.
fn cache(model: &Model, batch: u64, tokens: u64, format: &str) -> Result<f64, Error> {
    let bits = model.cache_bits(&Workload::decode(batch, tokens - 1), &formats("f16", format)?)?;
    Ok(bits as f64 / 8.0)
}

fn cache_of_a_token() -> Result<Findings, Error> {
    let model = llama_2_7b()?;
    let (half, full) = (cache(&model, 1, 1, "f16")?, cache(&model, 1, 1, "f32")?);
    let text = format!("{} byte at FP16; {} at FP32", grouped(half), grouped(full));
    Ok(Findings::new().under_convention(full * 4096.0, half * 4096.0, printed("2").of(GIBI), text))
}

fn cache_of_a_context() -> Result<Findings, Error> {
    let model = llama_2_7b()?;
    let (half, full) = (cache(&model, 1, 4096, "f16")?, cache(&model, 1, 4096, "f32")?);
    let text = format!("{} GiB at FP16; {} GiB at FP32", half / GIBI, full / GIBI);
    Ok(Findings::new().under_convention(full, half, printed("2").of(GIBI), text))
}

fn cache_of_a_batch() -> Result<Findings, Error> {
    let model = llama_2_7b()?;
    let (of_32, of_64) = (cache(&model, 32, 4096, "f16")?, cache(&model, 64, 4096, "f16")?);
    let memory = hardware::find(A100.known)?.figures.memory_gb.unwrap_or_default() * GIGA;
    Ok(Findings::new()
        .fact(of_64 > memory, format!("{} GiB at 32; {} GiB at 64 > {} GB", of_32 / GIBI, of_64 / GIBI, memory / GIGA)))
}

/// How many times less cache the same model takes with that many key/value heads.
fn less_cache(heads: u64) -> Result<f64, Error> {
    Ok(cache(&llama_2_7b()?, 1, 4096, "f16")? / cache(&llama_2_7b_with(heads), 1, 4096, "f16")?)
}

/// Query elements over key elements of one token.
fn group() -> Result<Findings, Error> {
    let sizes = [int(1), int(1), int(1), Expr::axis(3), Expr::axis(4), Expr::axis(5)];
    let kernels = formulas::<GqaAttention>(&sizes, &dense())?;
    let bits = |path: &str| -> Expr {
        let found = kernels.iter().flat_map(|kernel| &kernel.operands).find(|operand| operand.path == path);
        found.map_or_else(Expr::default, |operand| operand.bits.clone())
    };
    let ratio = Ratio::new(&bits("q"), &bits("keys"))?;
    Ok(Findings::new()
        .formula(&ratio_text(&ratio, GqaAttention::OP.axes), "g")
        .note("n key/value heads serve n·g query heads"))
}

/// Rows of K and V that a step over `t` tokens without a cache computes beyond the one that a step with a cache does.
fn recomputed(t: u64) -> Result<f64, Error> {
    let (b, s, d, n, g, k) = (1, 1, 4096, 32, 1, 128);
    let with = matmul(&CachedStep { b, s, t, d, n, g, k })?;
    let without = matmul(&UncachedStep { b, s, t, d, n, g, k })?;
    let row_of_both = 2.0 * matmul(&Linear { b, s, d, f: n * k })?;
    Ok((without - with) / row_of_both)
}

fn recompute() -> Result<Findings, Error> {
    let sum = (1..=100).map(recomputed).sum::<Result<f64, Error>>()?;
    Ok(Findings::new()
        .exact(recomputed(100)?, printed("99"))
        .exact(recomputed(4096)?, printed("4095"))
        .note(format!("a generation of L tokens recomputes L(L−1)/2 rows: {sum} for 100")))
}

/// A shape by the names of its axes.
fn axes_of(op: &Op<'_>, shape: &Shape) -> String {
    let names: Vec<&str> = shape.axes().iter().map(|axis| op.axes[usize::from(*axis)]).collect();
    format!("[{}]", names.join(", "))
}

/// The axes of an input or of a value that a `let` is bound to.
fn value(op: &Op<'_>, name: &str) -> String {
    let input = op.inputs.iter().find(|input| input.name == name).map(|input| input.shape);
    let step = op.steps.iter().position(|step| step.name == name).map(|step| op.shapes[op.inputs.len() + step]);
    input.or(step).map_or_else(String::new, |shape| axes_of(op, &shape))
}

fn shapes() -> Result<Findings, Error> {
    let (q, scores) = (value(UnfusedAttention::OP, "q"), value(UnfusedAttention::OP, "scores"));
    let out = axes_of(DecoderLayer::OP, &DecoderLayer::OP.outputs[0].shape);
    let holds = q == "[b, s, n, g, k]" && scores == "[b, s, n, g, t]" && out == "[b, s, d]";
    // In decoding there is one query a head: its product with the keys reads them for one vector.
    let step = GqaAttention { b: 1, s: 1, t: 4096, n: 32, g: 1, k: 128 }.totals(&Options::default())?;
    let intensity = roofline::intensity(step.flops.matmul()?, step.bits.total()?);
    Ok(Findings::new()
        .fact(holds && intensity < 1.0, format!("q {q}, scores {scores}, out {out}; s = 1 in decode"))
        .note(format!("h = n·g heads, L = s = t in prefill; decode's intensity at 4,096 tokens is {intensity:.4}")))
}

/// Whether a device's peak is the library's or, with 16-bit accumulation, twice it, and its bandwidth within 0.1 %.
fn as_known(device: &Device) -> Result<bool, Error> {
    let known = hardware::find(device.known)?;
    let (own, theirs) = (device.hardware(), |hardware: &Hardware| hardware.peak(Class::F16) / 1e12);
    let near = |factor: f64| (theirs(&own) - factor * theirs(&known)).abs() < 0.5;
    Ok((near(1.0) || near(2.0)) && (own.bandwidth() / known.bandwidth() - 1.0).abs() < 1e-3)
}

fn gpus() -> Result<Findings, Error> {
    let mut agree = true;
    for device in GPUS {
        agree &= as_known(device)?;
    }
    let ridges: Vec<String> = GPUS.iter().map(|device| format!("{:.1}", device.ridge())).collect();
    Ok(Findings::new().fact(agree, format!("ridge points {}", ridges.join(", "))))
}

/// The decode step that the document calculates with: 14 GB of weights, 1 GB of cache, 14 GFLOP.
fn wall(device: &Device) -> Result<Time, Error> {
    let (gigabyte, flops) = (8_000_000_000, 14_000_000_000);
    let operand = |path: &str, role, bits| {
        let (path, format) = (path.to_owned(), Format::BF16);
        Operand { path, gguf: None, hf: None, role, format, host: false, written: false, bits }
    };
    let mut by_class = [0; CLASSES];
    by_class[Class::F16 as usize] = flops;
    let step = Kernel {
        path: "decode".to_owned(),
        origin: Origin::default(),
        repeat: 1,
        flops: Flops { by_class, vector: 0 },
        shaped: Shaped { work: Work::Other, depth: 0, units: 0, width: 0 },
        operands: vec![operand("weights", Role::Weight, 14 * gigabyte), operand("cache", Role::Cache, gigabyte)],
    };
    Ok(roofline::time(&step, &device.hardware())?)
}

fn wall_move() -> Result<Findings, Error> {
    let (full, rounded) = (wall(&A100)?.memory_s, wall(&A100_ROUNDED)?.memory_s);
    Ok(Findings::new()
        .rounded(rounded, printed("7.5").of(MILLI))
        .statement(full < rounded, format!("{:.2} ms at 2,039 GB/s", full / MILLI)))
}

fn wall_ratio() -> Result<Findings, Error> {
    let (full, rounded) = (wall(&A100)?, wall(&A100_ROUNDED)?);
    let (moving, computing) = (printed("7.5").of(MILLI), printed("0.04").of(MILLI));
    let mistaken = moving.cut(rounded.memory_s) / computing.cut(full.compute_s);
    Ok(Findings::new()
        .erratum(full.memory_s / full.compute_s, mistaken, printed("187.5"))
        .note(format!("{:.1} at 2,000 GB/s", rounded.memory_s / rounded.compute_s)))
}

/// How many of a step's kernels with matrix products are bound by compute, of how many, and what the whole step is
/// bound by.
fn bounds(workload: &Workload, device: &Device) -> Result<(usize, usize, Bound), Error> {
    let (kernels, hardware) = (llama_2_7b()?.kernels(workload, &Options::default())?, device.hardware());
    let (mut compute, mut all) = (0, 0);
    for kernel in kernels.iter().filter(|kernel| kernel.flops.by_class.iter().any(|flops| *flops > 0)) {
        all += 1;
        compute += usize::from(roofline::time(kernel, &hardware)?.bound() == Bound::Compute);
    }
    Ok((compute, all, roofline::total_time(&kernels, &hardware)?.bound()))
}

fn prefill_bound() -> Result<Findings, Error> {
    let mut findings = Findings::new();
    for device in [A100, H100] {
        let (prefill, all, whole) = bounds(&Workload::prefill(1, 2048), &device)?;
        let (decode, _, step) = bounds(&Workload::decode(1, 2048), &device)?;
        let holds = whole == Bound::Compute && step == Bound::Memory && decode == 0;
        let text = format!("{}: {prefill} of {all} kernels compute bound in prefill, {decode} in decode", device.name);
        findings = findings.statement(holds, text);
    }
    Ok(findings.note("kernels with matrix products; the steps as a whole are compute and memory bound"))
}

const fn row(id: &'static str, figure: &'static str, published: &'static str) -> Row {
    Row::pending(Heads, id, figure, published)
}

const CACHE: &str = "5.1 memory of the KV cache";
const WALL: &str = "5.2 memory bandwidth";
const LLAMA: &str = "Llama-2-7B: 32 layers, 32 heads of 128";
const STEP: &str = "14 GB of weights, 1 GB of cache, 14 GFLOP, A100";

/// The rows of the document.
pub(super) const ROWS: &[Row] = &[
    row("002-kv-formula", "bytes of cache a token", "2 · n_layers · n_kv_heads · d_head · P")
        .at(CACHE)
        .is(Exact, cache_formula),
    row("002-kv-l7b", "bytes of cache a token, Llama-2-7B", "(lost in the text); FP32 (4 bytes)")
        .at(CACHE)
        .given(LLAMA)
        .counting("FP16, whatever the text says (the 2 G that it goes on with are FP16)")
        .is(Convention, cache_of_a_token),
    row("002-kv-4096", "cache of one sequence of 4,096 tokens", "2 G")
        .at(CACHE)
        .given(LLAMA)
        .counting("FP16 where the text says FP32, and GiB")
        .is(Convention, cache_of_a_context),
    row("002-kv-batch", "cache of 32 and of 64 such sequences", "(lost); batch 64 does not fit 80 GB")
        .at(CACHE)
        .given("Llama-2-7B, FP16, before weights")
        .is(Exact, cache_of_a_batch),
    row("002-mqa", "MQA divides the cache by", "32")
        .at("6.1 MQA")
        .given("Llama-2-7B with 1 key/value head")
        .is(Exact, || Ok(Findings::new().exact(less_cache(1)?, printed("32")))),
    row("002-gqa", "GQA divides the cache by", "4")
        .at("6.2 GQA")
        .given("Llama-2-7B with 8 key/value heads")
        .is(Exact, || Ok(Findings::new().exact(less_cache(8)?, printed("4")))),
    row("002-group", "query heads for each key/value head", "n_heads / n_kv_heads").at("6.2 GQA").is(Exact, group),
    row("002-recompute", "K and V rows recomputed without a cache at t = 100 and 4,096", "99; 4,095")
        .at("4.2.1 without a KV cache")
        .given("one layer of Llama-2-7B")
        .is(Exact, recompute),
    row("002-shapes", "shapes in prefill and decode", "[b,h,L,d_h], [b,h,L,L], [b,L,d]; GEMV in decode")
        .at("4.1 MHA in prefill")
        .is(Exact, shapes),
    row(
        "002-gpus",
        "bandwidth and 16-bit peak of six devices",
        "900/125, 672/130, 2039/312, 1008/160, 3352/989, 1008/330",
    )
    .at(WALL)
    .given("V100, Titan RTX, A100, RTX 3090 Ti, H100 SXM, RTX 4090; GB/s and TFLOP/s")
    .because("160 and 330 are FP16 with FP16 accumulation, twice the rate with FP32 accumulation")
    .is(Exact, gpus),
    row("002-wall-move", "time to move a decode step's bytes", "7.5 ms")
        .at(WALL)
        .given(STEP)
        .because("the bandwidth is rounded to 2,000 GB/s")
        .is(Rounded, wall_move),
    row("002-wall-compute", "time to compute a decode step", "0.04 ms")
        .at(WALL)
        .given(STEP)
        .is(Rounded, || Ok(Findings::new().rounded(wall(&A100)?.compute_s, printed("0.04").of(MILLI)))),
    row("002-wall-ratio", "moving over computing", "187.5")
        .at(WALL)
        .given(STEP)
        .because("the quotient of two rounded figures")
        .is(Erratum, wall_ratio),
    row("002-prefill-bound", "prefill is GEMM and compute bound, decode GEMV and bandwidth bound", "statement")
        .at("3 the two stages of inference")
        .given("Llama-2-7B, batch 1, 2,048 tokens; A100 and H100")
        .is(Derive, prefill_bound),
];
