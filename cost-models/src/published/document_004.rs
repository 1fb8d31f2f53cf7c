//! Document 004: what has been published about many devices, gathered from several sources.

use cost_core::Operator;
use cost_core::cost::{Collective, Exchanged, Options, collectives, tensors, totals};
use cost_core::hardware::{self, Figures, Hardware};
use cost_core::library::Source;
use cost_core::op::Role;

use super::digits::{KILO, MEGA, MILLI, printed};
use super::findings::Findings;
use super::operators::{Array, RoutedProducts, TwoProducts};
use super::row::Document::Devices;
use super::row::Row;
use super::verdict::Verdict::{Convention, Erratum, Exact, Rounded};
use crate::catalogue;
use crate::error::Error;
use crate::mesh::link::{self, Latency};
use crate::mesh::{Mesh, Placed};
use crate::model::{Logits, Model, Phase, Workload};

const MICRO: f64 = 1e-6;

/// A device of which nothing is known but its links: GB/s one way, and whether switches add.
fn linked(giga: f64, switched: bool) -> Hardware {
    let figures = Figures { link_gb_s: Some(giga), link_reduces: Some(switched), ..Figures::NONE };
    Hardware {
        id: "device".into(),
        aliases: Vec::new(),
        name: "device".into(),
        year: None,
        figures,
        source: "the row's inputs".into(),
        link_source: "the row's inputs".into(),
        host_source: "".into(),
        note: "".into(),
        times: None,
    }
}

/// What an operator's devices exchange at sizes, with one axis cut over so many ranks.
fn exchanged<O: Operator>(sizes: &[u64], axis: &str, ranks: u64) -> Result<(Collective<u128>, Placed), Error> {
    let axes = vec![("x".to_owned(), ranks)];
    let mesh = Mesh { axes, shards: vec![(axis.to_owned(), vec!["x".to_owned()])], ..Mesh::default() };
    let (cut, placed) = mesh.cut(&Source::Declared(O::OP))?;
    let mut all: Vec<u128> = sizes.iter().chain([&ranks]).map(|size| u128::from(*size)).collect();
    let found = cut.with(|op| {
        all.resize(op.axes.len(), 0);
        collectives(op, &all, &Options::default())
    })?;
    let one = found.into_iter().next().ok_or_else(|| Error::field(axis, "no exchange", "one"))?;
    Ok((one, placed))
}

/// Seconds of an all-gather of so many rows and columns of two bytes, and its bytes.
fn gathered(rows: u64, columns: u64, ranks: u64, giga: f64) -> Result<(f64, f64), Error> {
    let (it, placed) = exchanged::<Array>(&[rows, columns], "n", ranks)?;
    Ok((link::time(&it, &placed, &linked(giga, false), Latency::None)?, it.bits as f64 / 8.0))
}

/// The same of an all-reduce.
fn reduced(rows: u64, columns: u64, ranks: u64, giga: f64) -> Result<(f64, f64), Error> {
    let (it, placed) = exchanged::<TwoProducts>(&[rows, columns, ranks], "f", ranks)?;
    Ok((link::time(&it, &placed, &linked(giga, false), Latency::None)?, it.bits as f64 / 8.0))
}

fn factors() -> Result<Findings, Error> {
    let mut findings = Findings::new();
    for (ranks, reduce, gather) in [(2, 1.0, 0.5), (8, 1.75, 0.875), (72, 142.0 / 72.0, 71.0 / 72.0)] {
        let ((sum_s, sum), (whole_s, whole)) = (reduced(64, 72, ranks, 1.0)?, gathered(72, 64, ranks, 1.0)?);
        let found = (sum_s * 1e9 / sum, whole_s * 1e9 / whole);
        let same = (found.0 - reduce).abs() < 1e-12 && (found.1 - gather).abs() < 1e-12;
        findings = findings.fact(same, format!("{ranks} ranks: {:.4}, {:.4}", found.0, found.1));
    }
    Ok(findings)
}

fn quiz() -> Result<Findings, Error> {
    let giga = hardware::find("h100")?.figures.link_gb_s.unwrap_or(f64::NAN);
    Ok(Findings::new().rounded(gathered(4096, 65_536, 8, giga)?.0, printed("1.04").of(MILLI)))
}

fn pop_quiz() -> Result<Findings, Error> {
    let giga = hardware::find("h100")?.figures.link_gb_s.unwrap_or(f64::NAN);
    let (seconds, bytes) = gathered(1024, 16_384, 8, giga)?;
    let whole = bytes / (giga * 1e9);
    Ok(Findings::new().rounded(seconds, printed("65").of(MICRO)).rounded(whole, printed("75").of(MICRO)))
}

/// The bandwidth at which an array of all ranks' shares seems to be gathered.
fn levels() -> Result<Findings, Error> {
    let seen = |ranks: u64, giga: f64| -> Result<f64, Error> {
        let (seconds, bytes) = gathered(ranks, 4096, ranks, giga)?;
        Ok(bytes / seconds)
    };
    Ok(Findings::new()
        .rounded(seen(8, 450.0)?, printed("514").of(1e9))
        .rounded(seen(32, 400.0)?, printed("413").of(1e9))
        .rounded(seen(4, 12_800.0)?, printed("17.1").of(1e12)))
}

/// Tokens a device at which its products take as long as its weights do over a link.
fn tokens(flops: f64, bytes: f64, tera: f64, giga: f64) -> f64 {
    (bytes / (giga * 1e9)) / (flops / (tera * 1e12))
}

/// Of two products: FLOPs of a token, and bytes of weights.
fn dense(tera: f64, giga: f64) -> Result<f64, Error> {
    counted::<TwoProducts>(&[1, 4096, 16_384], tera, giga)
}

fn counted<O: Operator>(sizes: &[u128], tera: f64, giga: f64) -> Result<f64, Error> {
    let options = Options::default();
    let flops = totals(&cost_core::cost::kernels(O::OP, sizes, &options)?)?.flops.matmul()?;
    let owned = tensors(O::OP, sizes, &options)?;
    let bits: u128 = owned.iter().filter(|it| it.role == Role::Weight).map(|it| it.bits * it.copies).sum();
    Ok(tokens(flops as f64, bits as f64 / 8.0, tera, giga))
}

fn many() -> Result<Findings, Error> {
    Ok(Findings::new().rounded(dense(990.0, 400.0)? * 16_000.0, printed("40").of(MEGA)))
}

fn mixture() -> Result<Findings, Error> {
    // 4 of 128 experts; a router's product is in neither.
    let tokens = counted::<RoutedProducts>(&[1, 64, 256, 128, 4], 990.0, 400.0)?;
    Ok(Findings::new().exact(tokens, printed("79200")))
}

fn deepseek() -> Result<Findings, Error> {
    let giga = hardware::find("h800")?.figures.link_gb_s.unwrap_or(f64::NAN);
    let (right, mistaken) = (dense(990.0, giga)?, dense(990.0, 300.0)?);
    Ok(Findings::new().erratum(right, mistaken, printed("3300")).erratum(
        right * 2048.0,
        mistaken * 2048.0,
        printed("6.7").of(MEGA),
    ))
}

fn blackwell() -> Result<Findings, Error> {
    Ok(Findings::new().exact(dense(2250.0, 900.0)?, printed("2500")).exact(dense(2250.0, 400.0)?, printed("5625")))
}

/// How many ranks may cut the width between two products before their exchange, a gather and a scatter of the rows, takes longer
/// than they do.
fn most_ranks(width: u64, tera: f64, giga: f64) -> Result<f64, Error> {
    let (it, _) = exchanged::<TwoProducts>(&[64, 4096, width], "f", 2)?;
    let sizes = [64, 4096, u128::from(width)];
    let flops = totals(&cost_core::cost::kernels(TwoProducts::OP, &sizes, &Options::default())?)?.flops.matmul()?;
    Ok((flops as f64 / (tera * 1e12)) / (2.0 * it.bits as f64 / 8.0 / (giga * 1e9)))
}

fn ranks_of_llama() -> Result<Findings, Error> {
    Ok(Findings::new().erratum(most_ranks(28_672, 990.0, 450.0)?, 28_672.0 / 1995.0, printed("14.37")))
}

fn ranks_beyond() -> Result<Findings, Error> {
    let inside = most_ranks(28_000, 990.0, 450.0)?;
    Ok(Findings::new()
        .rounded(most_ranks(28_000, 990.0, 400.0)?, printed("11"))
        .note(format!("within a node {inside:.1}")))
}

fn torus_gather() -> Result<Findings, Error> {
    let (seconds, bytes) = gathered(1024, 1024, 4, 90.0)?;
    Ok(Findings::new()
        .rounded(bytes / 9e10, printed("23").of(MICRO))
        .note(format!("the three quarters that come from others take {:.2} µs", seconds / MICRO)))
}

fn torus_reduce() -> Result<Findings, Error> {
    let of = |rows: u64, columns: u64| -> Result<f64, Error> { Ok(2.0 * reduced(rows, columns, 4, 90.0)?.1 / 9e10) };
    let (right, mistaken) = (of(256, 1024)?, of(1024, 4096)?);
    let holds = printed("19").of(10.0 * MICRO).is_about(mistaken) && !printed("19").of(10.0 * MICRO).is_about(right);
    let text = format!("{:.2} µs; {:.1} µs of the whole array", right / MICRO, mistaken / MICRO);
    Ok(Findings::new().erratum_in(holds, text))
}

fn lite_gather() -> Result<Findings, Error> {
    let (_, bytes) = gathered(2048, 8192, 4, 45.0)?;
    let (around, along) = (bytes / 9e10, 3.0 * bytes / 4.0 / 45e9);
    let text = |seconds: f64| format!("{:.1} µs", seconds / MICRO);
    Ok(Findings::new().under_convention(around, 34e6 / 9e10, printed("377").of(MICRO), text(around)).under_convention(
        along,
        3.0 * 8.4e6 / 45e9,
        printed("560").of(MICRO),
        text(along),
    ))
}

fn serving() -> Result<Findings, Error> {
    let model = catalogue::find("llama-3-70b")?;
    let options = super::measure::formats("int8", "int8")?;
    let step = Workload { phase: Phase::Decode, batch: 32, past: 8191, tokens: 1, logits: Logits::Last };
    let weights: u128 =
        model.tensors(&step, &options)?.iter().filter(|it| it.role == Role::Weight).map(|it| it.bits * it.copies).sum();
    let all = (weights + model.cache_bits(&step, &options)?) as f64 / 8.0;
    let taken = 70e9 + 32.0 * 8192.0 * 160e3;
    let v5e = hardware::find("tpu_v5e")?;
    // 45 GB/s a link, as the source has it, both ways around.
    let own = v5e.peak(cost_core::format::Class::F16) / 90e9;
    let (right, ranks) = (2.0 * 28_672.0 / own, 2.0 * 28_672.0 / 2550.0);
    let text = |value: f64, unit: &str| format!("{value:.1}{unit}");
    Ok(Findings::new()
        .under_convention(all, taken, printed("112").of(1e9), text(all / 1e9, " GB"))
        .under_convention(right, ranks, printed("22"), text(right, ""))
        .rounded(all / (8.0 * v5e.bandwidth()), printed("17").of(MILLI)))
}

/// Microseconds of a layer's dispatch in 8 bits and combination in 16, of 32 tokens on each of as many devices as there are
/// experts: derived, and as the source counts with rows of some width.
fn dispatched(width: f64) -> Result<(f64, f64), Error> {
    let model = catalogue::find("deepseek-v3")?;
    let mesh = Mesh {
        axes: vec![("dp".to_owned(), 256)],
        shards: vec![("e".to_owned(), vec!["dp".to_owned()])],
        ..Mesh::default()
    };
    let found = model.on_mesh(&mesh)?.collectives(&Workload::decode(32 * 256, 4096), &Options::default())?;
    let rows = found.iter().find(|it| it.kind == Exchanged::AllToAll);
    let bytes = rows.map_or(f64::NAN, |it| it.sent as f64 / 8.0);
    Ok(((bytes / 2.0 + bytes) / 50e9, 32.0 * 9.0 * width * 3.0 / 50e9))
}

fn dispatch() -> Result<Findings, Error> {
    let (derived, counted) = dispatched(7000.0)?;
    let text = format!("{:.2} µs", derived / MICRO);
    Ok(Findings::new().under_convention(derived, counted, printed("120.96").of(MICRO), text))
}

fn speed() -> Result<Findings, Error> {
    let (derived, counted) = dispatched(7000.0)?;
    let layers = |layers: f64, one: f64| 2.0 * one * layers;
    // 3 of 61 layers are dense and send nothing.
    let (step, said) = (layers(58.0, derived), layers(61.0, counted));
    let text = |value: f64, unit: &str| format!("{value:.2}{unit}");
    Ok(Findings::new()
        .under_convention(
            layers(1.0, derived),
            layers(1.0, counted),
            printed("241.92").of(MICRO),
            text(2.0 * derived / MICRO, " µs"),
        )
        .under_convention(step, said, printed("14.76").of(MILLI), text(step / MILLI, " ms"))
        .under_convention(1.0 / step, 1.0 / said, printed("67"), text(1.0 / step, " tokens/s")))
}

fn caches() -> Result<Findings, Error> {
    let mut findings = Findings::new();
    for (name, digits) in [("deepseek-v3", "70.272"), ("qwen2.5-72b", "327.680"), ("llama-3.1-405b", "516.096")] {
        let bits = catalogue::find(name)?.cache_bits(&Workload::decode(1, 0), &Options::default())?;
        findings = findings.exact(bits as f64 / 8.0, printed(digits).of(KILO));
    }
    Ok(findings)
}

/// How often a model's layers are all-reduced in a step.
fn reductions(model: &Model, ranks: u64) -> Result<(u128, Vec<Collective<u128>>), Error> {
    let mesh = Mesh { axes: vec![("tp".to_owned(), ranks)], ..Mesh::default() };
    let found = model.on_mesh(&mesh)?.collectives(&Workload::decode(1, 4096), &Options::default())?;
    let sums = found.iter().filter(|it| it.kind == Exchanged::AllReduce).map(|it| it.repeat).sum();
    Ok((sums, found))
}

fn layer() -> Result<Findings, Error> {
    let (sums, _) = reductions(&catalogue::find("gpt2")?, 4)?;
    let (it, _) = exchanged::<TwoProducts>(&[2048, 12_288, 8], "f", 8)?;
    // Forward twice; backward as often, as each sum over a width that is cut has a copy of its operand as its counterpart.
    let elements = 4.0 * link::sent(&it, link::Algorithm::Ring) / 2.0;
    let text = format!("{} a layer forward; {elements:.0} elements forward and backward", (sums - 1) / 12);
    Ok(Findings::new().fact(sums == 2 * 12 + 1 && (elements - 176_160_768.0).abs() < 0.5, text))
}

fn step_of_llama() -> Result<Findings, Error> {
    let (sums, found) = reductions(&catalogue::find("llama-3-70b")?, 8)?;
    let gathers: Vec<u128> = found.iter().filter(|it| it.kind == Exchanged::AllGather).map(|it| it.bits / 8).collect();
    let rows = found.iter().filter(|it| it.kind == Exchanged::AllReduce).all(|it| it.bits / 8 == 8192 * 2);
    let h100 = hardware::find("h100")?.figures;
    let ring: f64 = found
        .iter()
        .filter(|it| it.kind == Exchanged::AllReduce)
        .map(|it| link::sent(it, link::Algorithm::Ring) * it.repeat as f64)
        .sum();
    let bandwidth = ring / (h100.link_gb_s.unwrap_or(f64::NAN) * 1e9) / MICRO;
    let waits = sums as f64 * h100.link_latency_us.unwrap_or(f64::NAN) * MICRO / MILLI;
    let holds = sums == 161 && rows && gathers == [128_256 * 2];
    Ok(Findings::new()
        .fact(holds, format!("{sums} all-reduces of 16,384 byte, a gather of 256,512"))
        .note(format!("on a ring {bandwidth:.1} µs of bandwidth, and {waits:.2} ms of measured latency")))
}

const fn row(id: &'static str, figure: &'static str, published: &'static str) -> Row {
    Row::pending(Devices, id, figure, published)
}

const GPUS: &str = "How to Scale Your Model (jax-ml.github.io/scaling-book), GPUs";
const SHARDING: &str = "How to Scale Your Model, sharded matrices";
const SERVING: &str = "How to Scale Your Model, applied inference";
const INSIGHTS: &str = "arXiv:2505.09343, section 2.3.2";
const NINE: &str = "eight routed experts and the shared one are each sent to, wherever they are; rows are 7,000 wide";

/// The rows of the document.
pub(super) const ROWS: &[Row] = &[
    row("004-factors", "time of exchanges, of S bytes at B byte/s", "all-reduce 2(n-1)/n·S/B, all-gather (n-1)/n·S/B")
        .at("NVIDIA/nccl-tests, doc/PERFORMANCE.md")
        .given("2, 8 and 72 ranks; S is the whole array")
        .is(Exact, factors),
    row("004-gather", "all-gather over 8 H100", "1.04 ms")
        .at(GPUS)
        .given("bf16 [4096, 65536], 450 GB/s one way")
        .is(Rounded, quiz),
    row("004-gather-small", "all-gather over 8 H100, with and without (n-1)/n", "65 us; 75 us")
        .at(GPUS)
        .given("bf16 [1024, 16384], 450 GB/s one way")
        .is(Rounded, pop_quiz),
    row("004-levels", "bandwidth of an all-gather at each level", "node 514 GB/s, leaf 413 GB/s, spine 17.1 TB/s")
        .at(GPUS)
        .given("8 devices of 450 GB/s, 32 nodes of 400 GB/s, 4 units of 12.8 TB/s")
        .is(Rounded, levels),
    row("004-batch", "tokens from which 16,000 H100 compute longer than they exchange weights", "40 M tokens")
        .at(GPUS)
        .given("990 TFLOP/s, 400 GB/s")
        .is(Rounded, many),
    row("004-batch-moe", "the same a device for gpt-oss", "79,200 tokens")
        .at(GPUS)
        .given("4 of 128 experts, 990 TFLOP/s, 400 GB/s")
        .is(Exact, mixture),
    row("004-batch-h800", "the same a device, and on 2,048, for DeepSeek-V3", "3300 tokens, 6.7 M")
        .at(GPUS)
        .given("990 TFLOP/s; 2,048 H800")
        .because("an H800 has 400 GB/s both ways together, 200 one way; 300 was taken")
        .is(Erratum, deepseek),
    row("004-batch-b200", "the same a device for B200, in a node and beyond", "2500 and 5625")
        .at(GPUS)
        .given("2,250 TFLOP/s; 900 and 400 GB/s")
        .is(Exact, blackwell),
    row("004-ranks", "tensor parallel ranks until the exchange takes longer", "F/1995 = 14.37")
        .at(GPUS)
        .given("F = 28,672, 990 TFLOP/s, 450 GB/s")
        .because("990e12/450e9 is 2200; 1995 is in no other place")
        .is(Erratum, ranks_of_llama),
    row("004-ranks-beyond", "the same beyond a node", "about 11")
        .at(GPUS)
        .given("F = 28,000, 990 TFLOP/s, 400 GB/s")
        .is(Rounded, ranks_beyond),
    row("004-torus-gather", "all-gather along an axis of a TPU v4p", "23 us")
        .at(SHARDING)
        .given("bf16 [1024, 4096] cut 4 × 4, 90 GB/s both ways around; the whole array is divided by it")
        .is(Rounded, torus_gather),
    row("004-torus-reduce", "all-reduce along another axis", "4BD/W = 190 us")
        .at(SHARDING)
        .given("bf16 [1024, 4096] cut 4 × 4, 90 GB/s both ways around")
        .because("each device has a sixteenth of the array")
        .is(Erratum, torus_reduce),
    row("004-lite-gather", "all-gather over 4 TPU v5e, around and along", "377 us; 560 us")
        .at(SHARDING)
        .given("bf16 [2048, 8192], 45 GB/s one way")
        .counting("33,554,432 byte are taken as 34e6, a quarter of them as 8.4e6")
        .is(Convention, lite_gather),
    row("004-serving", "memory, ranks and least step of Llama 3 70B on 8 TPU v5e", "112 GB; 22; 17 ms")
        .at(SERVING)
        .given("int8, 32 sequences of 8,192 tokens")
        .counting("70e9 parameters, 160e3 byte of cache a token, and the ratio 2550 of another TPU")
        .is(Convention, serving),
    row("004-dispatch", "dispatch and combine of DeepSeek-V3, a layer", "120.96 us")
        .at(INSIGHTS)
        .given("32 tokens on each of 256 devices, one expert each, 8 bits there and 16 back, 50 GB/s")
        .counting(NINE)
        .is(Convention, dispatch),
    row(
        "004-speed",
        "two batches of that by turns: a layer, a step, tokens a second",
        "241.92 us; 14.76 ms; 67 tokens/s",
    )
    .at(INSIGHTS)
    .given("as 004-dispatch")
    .counting("the same, and that all 61 layers send, of which 3 are dense")
    .is(Convention, speed),
    row("004-caches", "cache a token of DeepSeek-V3, Qwen2.5-72B, Llama-3.1-405B", "70.272 / 327.680 / 516.096 KB")
        .at("arXiv:2505.09343, table 1")
        .given("bf16")
        .is(Exact, caches),
    row("004-layer", "tensor parallel exchange of a layer, forward and backward", "8·b·s·h·(t-1)/t elements")
        .at("arXiv:2104.04473, section 3.2; arXiv:2205.05198, section 4.2")
        .given("GPT-3 175B: b = 1, s = 2048, h = 12,288, t = 8")
        .is(Exact, layer),
    row("004-step", "a step of Llama 3 70B over 8 devices", "2 all-reduces a layer, 1 after the embedding, 1 gather")
        .at("row-parallel layers of vLLM, TensorRT-LLM and FasterTransformer")
        .given("one token; H100")
        .is(Exact, step_of_llama),
];
