//! Published figures from derived formulas. Every figure is typed by hand from the source that its comment names.

use cost_core::cost::{Formats, Masking, Totals, totals};
use cost_core::expr::{Expr, Ratio};
use cost_core::format::Format;
use cost_core::op::Op;
use cost_core::{Operator, Options};
use cost_macros::cost;
use cost_models::families::decoder::Decoder;
use cost_models::ops::{Linear, SwiGlu};
use cost_models::report::{Bytes, Params, params, report};
use cost_models::{Logits, Model, Workload, catalogue};
use cost_tests::counted::in_elements;

// --- At compile time -------------------------------------------------------------------------------------------------

/// Llama-2-7B at one decode step over 4095 cached tokens (arXiv:2307.09288, and its released config).
const LLAMA2_7B: Decoder =
    Decoder { b: 1, s: 1, t: 4096, o: 1, d: 4096, n: 32, g: 1, k: 128, f: 11008, v: 32000, l: 32, tied: 0 };

// Parameters of the released checkpoint, embedding and head apart.
const _: () = assert!(LLAMA2_7B.params() == 6_738_415_616);
// 2 FLOP for each multiply-add of the weights but the embedding's and the norms', and 4·4096·4096 a layer in attention.
const _: () = assert!(LLAMA2_7B.flops().matmul == 15_361_638_400);

// --- Models ----------------------------------------------------------------------------------------------------------

/// The result, or a panic that names the case.
#[track_caller]
fn ok<T, E: std::fmt::Display>(result: Result<T, E>, case: &str) -> T {
    result.unwrap_or_else(|error| panic!("{case}: {error}"))
}

fn model(name: &str) -> Model {
    ok(catalogue::find(name), name)
}

/// Figures by hand for one step of Llama-2-7B with 4095 tokens in the cache.
#[test]
fn llama_2_7b_decodes_past_4095() {
    let (model, step, options) = (model("llama-2-7b"), Workload::decode(1, 4095), Options::default());
    let report = ok(report(&model, &step, &options, &[]), "report");
    assert_eq!(report.params.total, 6_738_415_616);
    assert_eq!(report.cache.bytes_per_token.whole(), Some(524_288));
    assert_eq!(report.flops.matmul, 15_361_638_400);
    let (mut products, mut attention) = (0, 0);
    for kernel in &report.kernels {
        let sum = if kernel.path.ends_with(".attended") { &mut attention } else { &mut products };
        *sum += kernel.matmul * kernel.repeat;
    }
    assert_eq!(products, 13_214_154_752);
    assert_eq!(attention, 2_147_483_648);
    // All weights at 2 byte but the embedding's 32000 rows of 4096, of which one is gathered.
    assert_eq!(report.bytes.weights.whole(), Some(2 * (6_738_415_616 - 131_072_000) + 2 * 4096));
    // Keys and values of 4096 tokens are read; those of one token are written.
    assert_eq!(report.bytes.cache_read.whole(), Some(4096 * 524_288));
    assert_eq!(report.bytes.cache_written.whole(), Some(524_288));
    assert_eq!(report.cache.bytes_total.whole(), Some(4096 * 524_288));
}

/// Document 001: the feed-forward network of one layer of Llama-2-7B with INT8 weights, at batch 1
/// (001-l7b-ffn-total, 001-l7b-flops, 001-l7b-flops-total, 001-l7b-intensity).
#[test]
fn llama_2_7b_feed_forward_in_int8() {
    let layer = SwiGlu { b: 1, s: 1, d: 4096, f: 11008 };
    let formats = Formats { weights: Some(Format::known("int8")), ..Formats::default() };
    let options = Options { formats, ..Options::default() };
    let totals = ok(layer.totals(&options), "SwiGlu");
    // Three products of 4096 × 11008, each 90,177,536 FLOP; the document's 270.3 M is 3 × the truncated 90.1 M.
    assert_eq!(ok(totals.flops.matmul(), "matmul"), 270_532_608);
    assert_eq!(layer.flops().matmul, 3 * 90_177_536);
    assert_eq!(totals.bits.weights, 8 * 135_266_304);
    assert_eq!(layer.params(), 135_266_304);
    // 4096 in and out at 2 byte; what SwiGLU gives is written and read (the document counts its 22,016 byte once).
    assert_eq!(totals.bits.acts_read, 8 * (8_192 + 22_016));
    assert_eq!(totals.bits.acts_written, 8 * (22_016 + 8_192));
}

/// What PyTorch's counters give for one model: parameters, cache, and FLOPs of matrix products by part for each workload.
struct Published {
    name: &'static str,
    params: Params,
    cache_per_token: u128,
    /// Attention with the whole rectangle, projections, feed-forward, head.
    flops: [[u128; 4]; 6],
    /// Attention of the two prefills, existing pairs only.
    exact: [u128; 2],
}

/// The workloads that were counted: two prefills with all logits and four decode steps.
const WORKLOADS: [Workload; 6] = [
    Workload { logits: Logits::All, ..Workload::prefill(1, 2048) },
    Workload { logits: Logits::All, ..Workload::prefill(8, 1024) },
    Workload::decode(1, 2048),
    Workload::decode(32, 2048),
    Workload::decode(1, 4096),
    Workload::decode(32, 4096),
];

/// Counted on PyTorch's meta device by `FlopCounterMode` (torch 2.15.0, transformers 5.23.0) from the released configs.
const PUBLISHED: [Published; 4] = [
    Published {
        name: "llama-2-7b",
        params: Params {
            total: 6_738_415_616,
            active: 6_738_415_616,
            embedding: 131_072_000,
            lm_head: 131_072_000,
            attention: 2_147_483_648,
            ffn: 4_328_521_728,
            norm: 266_240,
            other: 0,
            mtp: 0,
            buffers: 0,
        },
        cache_per_token: 524_288,
        flops: [
            [2_199_023_255_552, 8_796_093_022_208, 17_729_624_997_888, 536_870_912_000],
            [4_398_046_511_104, 35_184_372_088_832, 70_918_499_991_552, 2_147_483_648_000],
            [1_074_266_112, 4_294_967_296, 8_657_043_456, 262_144_000],
            [34_376_515_584, 137_438_953_472, 277_025_390_592, 8_388_608_000],
            [2_148_007_936, 4_294_967_296, 8_657_043_456, 262_144_000],
            [68_736_253_952, 137_438_953_472, 277_025_390_592, 8_388_608_000],
        ],
        exact: [1_100_048_498_688, 2_201_170_739_200],
    },
    Published {
        name: "llama-2-70b",
        params: Params {
            total: 68_976_648_192,
            active: 68_976_648_192,
            embedding: 262_144_000,
            lm_head: 262_144_000,
            attention: 12_079_595_520,
            ffn: 56_371_445_760,
            norm: 1_318_912,
            other: 0,
            mtp: 0,
            buffers: 0,
        },
        cache_per_token: 327_680,
        flops: [
            [10_995_116_277_760, 49_478_023_249_920, 230_897_441_832_960, 1_073_741_824_000],
            [21_990_232_555_520, 197_912_092_999_680, 923_589_767_331_840, 4_294_967_296_000],
            [5_371_330_560, 24_159_191_040, 112_742_891_520, 524_288_000],
            [171_882_577_920, 773_094_113_280, 3_607_772_528_640, 16_777_216_000],
            [10_740_039_680, 24_159_191_040, 112_742_891_520, 524_288_000],
            [343_681_269_760, 773_094_113_280, 3_607_772_528_640, 16_777_216_000],
        ],
        exact: [5_500_242_493_440, 11_005_853_696_000],
    },
    Published {
        name: "llama-3.1-8b",
        params: Params {
            total: 8_030_261_248,
            active: 8_030_261_248,
            embedding: 525_336_576,
            lm_head: 525_336_576,
            attention: 1_342_177_280,
            ffn: 5_637_144_576,
            norm: 266_240,
            other: 0,
            mtp: 0,
            buffers: 0,
        },
        cache_per_token: 131_072,
        flops: [
            [2_199_023_255_552, 5_497_558_138_880, 23_089_744_183_296, 2_151_778_615_296],
            [4_398_046_511_104, 21_990_232_555_520, 92_358_976_733_184, 8_607_114_461_184],
            [1_074_266_112, 2_684_354_560, 11_274_289_152, 1_050_673_152],
            [34_376_515_584, 85_899_345_920, 360_777_252_864, 33_621_540_864],
            [2_148_007_936, 2_684_354_560, 11_274_289_152, 1_050_673_152],
            [68_736_253_952, 85_899_345_920, 360_777_252_864, 33_621_540_864],
        ],
        exact: [1_100_048_498_688, 2_201_170_739_200],
    },
    Published {
        name: "mistral-7b-v0.1",
        params: Params {
            total: 7_241_732_096,
            active: 7_241_732_096,
            embedding: 131_072_000,
            lm_head: 131_072_000,
            attention: 1_342_177_280,
            ffn: 5_637_144_576,
            norm: 266_240,
            other: 0,
            mtp: 0,
            buffers: 0,
        },
        cache_per_token: 131_072,
        flops: [
            [2_199_023_255_552, 5_497_558_138_880, 23_089_744_183_296, 536_870_912_000],
            [4_398_046_511_104, 21_990_232_555_520, 92_358_976_733_184, 2_147_483_648_000],
            [1_074_266_112, 2_684_354_560, 11_274_289_152, 262_144_000],
            [34_376_515_584, 85_899_345_920, 360_777_252_864, 8_388_608_000],
            // Past 4096 the window of 4096 is full: 4096 keys, not 4097.
            [2_147_483_648, 2_684_354_560, 11_274_289_152, 262_144_000],
            [68_719_476_736, 85_899_345_920, 360_777_252_864, 8_388_608_000],
        ],
        exact: [1_100_048_498_688, 2_201_170_739_200],
    },
];

/// A step's FLOPs in matrix products: attention, projections, feed-forward, head.
fn by_part(model: &Model, workload: &Workload, masking: Masking) -> [u128; 4] {
    let options = Options { masking, ..Options::default() };
    let mut sums = [0; 4];
    for kernel in ok(model.kernels(workload, &options), &model.name) {
        let part = match kernel.path.as_str() {
            path if path.ends_with(".attended") => 0,
            path if path.contains("gated_mlp") => 2,
            path if path.starts_with("lm_head") => 3,
            _ => 1,
        };
        sums[part] += ok(kernel.flops.matmul(), &model.name) * kernel.repeat;
    }
    sums
}

#[test]
fn models_count_what_pytorch_counts() {
    for published in &PUBLISHED {
        let (model, options) = (model(published.name), Options::default());
        let params = ok(params(&model, &WORKLOADS[0], &options), published.name);
        assert_eq!(params, published.params, "{}", published.name);
        let one = ok(model.cache_bits(&Workload::decode(1, 0), &options), published.name);
        assert_eq!(one, 8 * published.cache_per_token, "{}", published.name);
        for (workload, flops) in WORKLOADS.iter().zip(published.flops) {
            let counted = by_part(&model, workload, Masking::Dense);
            assert_eq!(counted, flops, "{}: {workload:?}", published.name);
        }
        for (workload, exact) in WORKLOADS.iter().zip(published.exact) {
            assert_eq!(by_part(&model, workload, Masking::Exact)[0], exact, "{}: {workload:?}", published.name);
        }
    }
}

/// Bytes of a model's cache after a decode step that leaves `context` tokens of one sequence behind it.
#[track_caller]
fn check_cache(name: &str, context: u64, bytes: u128) {
    let cache = ok(model(name).cache_bits(&Workload::decode(1, context - 1), &Options::default()), name);
    assert_eq!(Bytes::of_bits(cache).whole(), Some(bytes), "{name} at {context}");
}

#[test]
fn caches_take_what_transformers_fills() {
    // Bytes of the cache tensors that transformers 5.23 fills at bf16.
    check_cache("llama-2-7b", 1024, 536_870_912);
    // 002-kv-4096: 2 GiB at 16 bits.
    check_cache("llama-2-7b", 4096, 2_147_483_648);
    check_cache("llama-2-7b", 16384, 8_589_934_592);
    check_cache("llama-2-70b", 4096, 1_342_177_280);
    check_cache("llama-3.1-8b", 16384, 2_147_483_648);
    check_cache("mistral-7b-v0.1", 2048, 268_435_456);
    // A full window keeps all but the token that falls out of it next.
    check_cache("mistral-7b-v0.1", 8192, 536_739_840);
    check_cache("mistral-7b-v0.1", 16384, 536_739_840);
}

// --- Document 003 ----------------------------------------------------------------------------------------------------

/// (n×m)·(m×p).
#[cost]
fn Product<n, m, p>(a: Act<n, m>, b: Act<m, p>) -> Act<n, p> {
    dot::<m>(a, b)
}

/// Attention as the document counts it: no mask, every intermediate written and read.
#[cost(unfused)]
fn UnfusedAttention<b, s, t, n, k>(
    q: Act<b, s, n, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, k> {
    let scores = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(scores), values)
}

/// What gate and up take together.
#[cost]
fn GateUp<b, s, d, f>(x: Act<b, s, d>, gate: Weight<d, f>, up: Weight<d, f>) -> Act<b, s, f> {
    silu(dot::<d>(x, gate)) * dot::<d>(x, up)
}

/// The residual sum and its normalisation.
#[cost]
fn AddNorm<b, s, d>(x: Act<b, s, d>, y: Act<b, s, d>, weight: Weight<d>) -> Act<b, s, d> {
    rms_norm::<d>(x + y) * weight
}

/// An expression in an operator's axes, from its terms: a factor and the axes that it is multiplied by.
fn sum(op: &Op<'_>, terms: &[(i128, &[&str])]) -> Expr {
    terms.iter().fold(Expr::default(), |sum, (factor, axes)| {
        let product = axes.iter().fold(Expr::int(*factor), |product, axis| ok(product.mul(&named(op, axis)), axis));
        ok(sum.add(&product), op.name)
    })
}

fn named(op: &Op<'_>, axis: &str) -> Expr {
    let index = op.axis_named(axis).unwrap_or_else(|| panic!("{} has no axis {axis}", op.name));
    Expr::axis(u16::from(index))
}

/// What one byte an element gives: bytes are elements.
fn in_formulas<O: Operator>() -> Totals<Expr> {
    ok(O::formulas(&in_elements()).and_then(|kernels| totals(&kernels)), O::OP.name)
}

/// 003-matmul, 003-linear, 003-attn: FLOPs as closed formulas.
#[test]
fn document_003_formulas() {
    let product = in_formulas::<Product>();
    assert_eq!(ok(product.flops.total(), "Product"), sum(Product::OP, &[(2, &["n", "m", "p"])]));
    let elements = sum(Product::OP, &[(8, &["n", "m"]), (8, &["m", "p"]), (8, &["n", "p"])]);
    assert_eq!(ok(product.bits.total(), "Product"), elements);
    // At 2 byte an element the factor before 1/(1/n + 1/m + 1/p) is exactly 1.
    let intensity = ok(Product::intensity(&Options::default()), "Product");
    assert_eq!(intensity.numerator, sum(Product::OP, &[(1, &["n", "m", "p"])]));
    assert_eq!(intensity.denominator, sum(Product::OP, &[(1, &["n", "m"]), (1, &["n", "p"]), (1, &["m", "p"])]));

    let linear = in_formulas::<Linear>();
    assert_eq!(ok(linear.flops.total(), "Linear"), sum(Linear::OP, &[(2, &["b", "s", "d", "f"])]));
    // The document drops the 2 of 2BTH + H².
    let elements = sum(Linear::OP, &[(8, &["b", "s", "d"]), (8, &["d", "f"]), (8, &["b", "s", "f"])]);
    assert_eq!(ok(linear.bits.total(), "Linear"), elements);

    // Two products of 2BT²ND each; softmax (3 a score) and the scale together 4BT²N.
    let attention = in_formulas::<UnfusedAttention>();
    let matmul = sum(UnfusedAttention::OP, &[(4, &["b", "s", "t", "n", "k"])]);
    assert_eq!(ok(attention.flops.matmul(), "attention"), matmul);
    assert_eq!(attention.flops.vector, sum(UnfusedAttention::OP, &[(4, &["b", "s", "t", "n"])]));
}

/// An axis of an operator and what stands for it: a number or another axis.
type Equal<'a> = (&'a str, &'a str);

/// Checks an intensity of document 003 under the documents' convention (growth of FLOPs over growth of elements) and
/// under the exact one (FLOP per byte at 16 bits), at H = 4096, H' = 11008, N = 32, D = 128 and the given B and T.
///
/// `equal` are the axes that are one in the document; its formulas are those of the order after that.
#[track_caller]
fn check<O: Operator>(figure: &str, equal: &[Equal<'_>], batch: u64, tokens: u64, documents: &str, exact: &str) {
    let axes = O::OP.axes;
    let with = |axis: u16| {
        let (_, to) = equal.iter().find(|(from, _)| *from == axes[usize::from(axis)])?;
        Some(to.parse().map_or_else(|_| named(O::OP, to), Expr::int))
    };
    let sizes: Vec<u64> = axes
        .iter()
        .map(|axis| match *axis {
            "b" => batch,
            "s" | "t" => tokens,
            "d" => 4096,
            "f" => 11008,
            "n" => 32,
            _ => 128,
        })
        .collect();
    let at = |options: &Options, order: bool| {
        let totals = ok(O::formulas(options).and_then(|kernels| totals(&kernels)), figure);
        let one = |formula: Expr| {
            let formula = ok(formula.substitute(&with), figure);
            if order { formula.order() } else { formula }
        };
        let (flops, bits) = (ok(totals.flops.total(), figure), ok(totals.bits.total(), figure));
        let ratio = ok(Ratio::new(&one(flops), &one(bits)), figure);
        ok(ratio.value(&sizes), figure).to_f64() * if order { 1.0 } else { 8.0 }
    };
    // Rounded to the digits that are typed.
    for (convention, found, expected) in [
        ("the documents' convention", at(&in_elements(), true), documents),
        ("the exact convention", at(&Options::default(), false), exact),
    ] {
        let digits = expected.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        assert_eq!(format!("{found:.digits$}"), expected, "{figure}, {convention}: derived {found}");
    }
}

/// Document 003 at B = 8, T = 1024, H = 4096, D = 128; H' = 11008 is Llama-2-7B's.
///
/// The exact column, by hand, at 2 byte an element:
/// - linear H × H: 2BTH² / 2(2BTH + H²) = 1/(2/H + 1/BT); H × H': 1/(1/H + 1/H' + 1/BT) as in the document;
/// - attention over T from S tokens: 4ST(D + 1) / 2(2SD + 2TD + 6ST), each intermediate written and read;
/// - Add&Norm: 5BTH / 2(3BTH + H).
#[test]
fn document_003_intensities() {
    let same = &[("f", "d")];
    // 003-prefill-linear. ⑥⑧ are printed as 2730.7 too, which leaves out H'.
    check::<Linear>("003-prefill-linear ①④", same, 8, 1024, "2730.67", "1638.40");
    check::<Linear>("003-prefill-linear ⑥⑧", &[], 8, 1024, "2187.9", "2187.9");
    // 003-prefill-attn: T(D + 1)/(D + T) = 1024·129/1152; exact 1024·129·4/(2·(4·128 + 6·1024)) = 528384/13312.
    check::<UnfusedAttention>("003-prefill-attn ③", &[("s", "t")], 8, 1024, "114.667", "39.692");
    // 003-prefill-other: 8192/8193; exact 5·8192/(2·(3·8192 + 1)) = 40960/49154.
    check::<AddNorm>("003-prefill-other ⑤⑨", &[], 8, 1024, "0.99988", "0.8333");
    // 003-decode-linear: 8·4096/4104; exact 1/(2/4096 + 1/8) = 8·4096/4112.
    check::<Linear>("003-decode-linear ①⑤", same, 8, 1, "7.984", "7.969");
    check::<Linear>("003-decode-linear ⑦⑨", &[], 8, 1, "7.979", "7.979");
    // 003-decode-attn: 1024·129/(1024·128 + 1024 + 128) = 132096/132224;
    // exact 4·1024·129/(2·(2·128 + 2·1024·128 + 6·1024)) = 528384/537088.
    check::<UnfusedAttention>("003-decode-attn ④", &[("s", "1")], 8, 1024, "0.99903", "0.98379");
    // 003-decode-norm: 8/9; exact 5·8/(2·25).
    check::<AddNorm>("003-decode-norm ⑥⑩", &[], 8, 1, "0.8889", "0.8000");
}

/// ⑥ as one kernel that reads its input once: (4·8192·4096·11008 + 5·8192·11008) / 2(8192·(4096 + 11008) + 2·4096·11008).
#[test]
fn gate_and_up_share_their_input() {
    let gate_up = GateUp { b: 8, s: 1024, d: 4096, f: 11008 };
    let totals = ok(gate_up.totals(&Options::default()), "GateUp");
    assert_eq!(ok(totals.flops.matmul(), "GateUp"), 4 * 8192 * 4096 * 11008);
    assert_eq!(totals.flops.vector, 5 * 8192 * 11008);
    assert_eq!(ok(totals.bits.total(), "GateUp"), 16 * (8192 * (4096 + 11008) + 2 * 4096 * 11008));
}
