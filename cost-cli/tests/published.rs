//! The ledger of published figures: every figure is in it, each comes out as it says, and the page is current.

use std::process::{Command, Output};
use std::sync::LazyLock;

use cost_models::Error;
use cost_models::published::{self, Document, Findings, Outcome, Row, Verdict, markdown};

/// Every figure: its id, the text that is printed, what the operators give, and the verdict. Held to the documents and to
/// figures that were worked out by hand; no command rewrites it.
const LEDGER: &[(&str, &str, Option<&str>, &str)] = &[
    ("000-mla-q1", "164.22641509433961", Some("164.22641509433961"), "exact"),
    ("000-mla-q2", "280.7741935483871", Some("248.68571428571428"), "erratum"),
    ("000-gqa-q1", "7.699", Some("7.877"), "erratum"),
    ("000-gqa-q4", "30.118", Some("30.118"), "exact"),
    ("000-gqa-q8", "58.514", Some("56.889"), "erratum"),
    ("000-gqa-q16", "110.703", Some("102.400"), "erratum"),
    ("000-gqa-q32", "199.805", Some("170.667"), "erratum"),
    ("000-gqa-q48", "273.067", Some("219.429"), "erratum"),
    ("000-gqa-q64", "334.367", Some("256.000"), "erratum"),
    ("000-ridge-h100", "295.224 (295.2238805970149)", Some("295.2238805970149"), "exact"),
    ("000-ridge-h20", "37.000", Some("37.000"), "exact"),
    ("000-ridge-5090", "116.760", Some("116.7598"), "rounded"),
    ("000-ridge-aimax", "200.000", Some("200.000"), "exact"),
    (
        "000-bound-table",
        "28 cells; q=64 on H100 compute bound",
        Some("27 of 28 cells; q=64 on H100 is memory bound (256.0 < 295.2)"),
        "erratum",
    ),
    ("000-balance", "q=2 (280.77 ≈ 295.22)", Some("2.884; 1.221 as C → ∞"), "erratum"),
    ("001-gemm-macs", "M·N·K", Some("M·K·N"), "exact"),
    ("001-dequant-f32", "2B/(5B+8): 0.4 (B→∞), 0.39 (B=64)", Some("2·B / (5·B + 8); 0.4; 0.3902439"), "rounded"),
    ("001-dequant-f16", "2B/(3B+8): 0.67 (B→∞), 0.64 (B=64)", Some("2·B / (3·B + 8); 0.6666667; 0.64"), "rounded"),
    ("001-dequant-overhead", "0.125 (B=64), 0.004 (B=2048)", Some("0.125; 0.00390625"), "rounded"),
    ("001-dequant-fused", "no write and re-read of wide weights", Some("4·d·f byte less, the same FLOPs"), "derive"),
    ("001-kvq", "1/2, 1/4", Some("1/2; 1/4"), "exact"),
    (
        "001-scores",
        "[b, n_heads, s, s]; 32K × 32K",
        Some("12·b·s·t·n·g byte more than fused, the same FLOPs; 32K × 32K scores: 2 GiB a head"),
        "derive",
    ),
    (
        "001-decode-weights",
        "attn_q, attn_k, attn_v, attn_output, norms, ffn, KV cache",
        Some("31,206,293,504 byte of 11 tensors a layer, 1,074,003,968 of cache"),
        "derive",
    ),
    ("001-attn-params", "4·d²", Some("4·d²"), "exact"),
    ("001-ffn-params", "8·d²", Some("8·d²; 8·d²"), "exact"),
    ("001-ffn-ratio", "2× (standard), equal (SwiGLU)", Some("2; 2"), "erratum"),
    ("001-l7b-ffn", "45.1M each", Some("45,088,768; 3 of them"), "rounded"),
    ("001-l7b-ffn-total", "135.3M", Some("135,266,304"), "rounded"),
    ("001-l7b-attn", "16.8M, 67.1M", Some("16,777,216; 4 of them; 67,108,864"), "rounded"),
    ("001-l7b-flops", "90.1 MFLOP", Some("90,177,536"), "rounded"),
    ("001-l7b-flops-total", "270.3 MFLOP", Some("270,532,608"), "erratum"),
    ("001-l7b-acts", "8.2 + 22 + 8.2 = 38.4 KB", Some("8,192 + 22,016 + 8,192; 38,400"), "exact"),
    ("001-l7b-intensity", "2.0 FLOP/byte", Some("1.999432"), "rounded"),
    ("001-h100-threshold", "295 FLOP/byte", Some("295.2239"), "rounded"),
    ("001-gpt2", "2.36 MB, 4.72 MB, 2.36 MB; 2", Some("2,359,296; 4,718,592; 2,359,296; 2"), "rounded"),
    (
        "001-32b",
        "severe bandwidth bottleneck",
        Some("unfused 163.9 GB, 48.9 ms on H100; fused 36.0 GB, 10.7 ms on H100"),
        "derive",
    ),
    ("002-kv-formula", "2 · n_layers · n_kv_heads · d_head · P", Some("2·n·k·l"), "exact"),
    ("002-kv-l7b", "(lost in the text); FP32 (4 bytes)", Some("524,288 byte at FP16; 1,048,576 at FP32"), "convention"),
    ("002-kv-4096", "2 G", Some("2 GiB at FP16; 4 GiB at FP32"), "convention"),
    ("002-kv-batch", "(lost); batch 64 does not fit 80 GB", Some("64 GiB at 32; 128 GiB at 64 > 80 GB"), "exact"),
    ("002-mqa", "32", Some("32"), "exact"),
    ("002-gqa", "4", Some("4"), "exact"),
    ("002-group", "n_heads / n_kv_heads", Some("g"), "exact"),
    ("002-recompute", "99; 4,095", Some("99; 4,095"), "exact"),
    (
        "002-shapes",
        "[b,h,L,d_h], [b,h,L,L], [b,L,d]; GEMV in decode",
        Some("q [b, s, n, g, k], scores [b, s, n, g, t], out [b, s, d]; s = 1 in decode"),
        "exact",
    ),
    (
        "002-gpus",
        "900/125, 672/130, 2039/312, 1008/160, 3352/989, 1008/330",
        Some("ridge points 138.9, 193.5, 153.0, 158.7, 295.0, 327.4"),
        "exact",
    ),
    ("002-wall-move", "7.5 ms", Some("7.5; 7.36 ms at 2,039 GB/s"), "rounded"),
    ("002-wall-compute", "0.04 ms", Some("0.04487179"), "rounded"),
    ("002-wall-ratio", "187.5", Some("163.946"), "erratum"),
    (
        "002-prefill-bound",
        "statement",
        Some(
            "A100: 5 of 6 kernels compute bound in prefill, 0 in decode; H100: 5 of 6 kernels compute bound in prefill, 0 in decode",
        ),
        "derive",
    ),
    ("003-ridge-a100", "142.51", Some("153.016"), "erratum"),
    (
        "003-matmul",
        "2nmp; O(nm+mp+np); O(1/(1/n+1/m+1/p))",
        Some("2·n·m·p; n·m + n·p + m·p; n·m·p / (n·m + n·p + m·p); the factor is 1 at 2 byte an element"),
        "exact",
    ),
    (
        "003-linear",
        "2BTH²; O(BTH+H²); O(1/(1/H+1/(BT)))",
        Some("2·B·T·H²; 2·B·T·H + H²; B·T·H / (2·B·T + H)"),
        "convention",
    ),
    (
        "003-attn",
        "2BT²ND twice, 4BT²N; O(BTND+BT²N); O((1+1/D)/(1/D+1/T))",
        Some("4·B·T²·N·D; 4·B·T²·N; 6·B·T²·N + 4·B·T·N·D; (T·D + T) / (3·T + 2·D)"),
        "convention",
    ),
    ("003-prefill-linear", "2730.7", Some("2730.667; 2187.925"), "erratum"),
    ("003-prefill-attn", "114.7", Some("114.6667"), "rounded"),
    ("003-prefill-other", "1", Some("②⑦ 1; 0.9998779"), "rounded"),
    (
        "003-prefill-bound",
        "statement",
        Some("①④⑥⑧ compute bound; ②③⑤⑦⑨ memory bound; a layer in all 648 FLOP/byte: compute bound"),
        "derive",
    ),
    ("003-decode-linear", "8.0", Some("7.984405; 7.978618"), "rounded"),
    ("003-decode-attn", "1.0", Some("0.9990319"), "rounded"),
    ("003-decode-norm", "O(1/(1+1/B)) = O(1)", Some("0.8888889"), "rounded"),
    (
        "003-kvcache",
        "algorithm of 10 lines",
        Some("17.07 TFLOP with the cache, 3909 without; 7.23 times faster; a step from 2 tokens on"),
        "derive",
    ),
    (
        "003-flash",
        "statement",
        Some(
            "2.28 GB in blocks of 64; 1.21 GB in blocks of 128; 0.67 GB in blocks of 256; 0.27 GB in blocks of 1024; 3.49 GB unfused",
        ),
        "derive",
    ),
    (
        "003-paged",
        "statement",
        Some("1231 GB copied on append; none in blocks; 0.004 GB wasted in blocks of 16"),
        "derive",
    ),
    ("003-batching", "two grids", Some("static: 26 of 32 slots, 81.25 %; continuous: 32 of 32 slots, 100 %"), "exact"),
    (
        "003-chunked",
        "statement",
        Some(
            "4 chunks of 256 tokens do the prompt's work; 24.5 ms less beside 7 answers than after them; compute bound from 210 tokens on",
        ),
        "derive",
    ),
    (
        "003-spec",
        "2×",
        Some(
            "3 tokens: acceptance 0.718, 2.60 a round; 4 tokens: acceptance 0.706, 2.80 a round; 5 tokens: acceptance 0.710, 3.01 a round",
        ),
        "empirical",
    ),
    (
        "003-cascade",
        "statement",
        Some("2.24 times faster if half of each model's answers are accepted; faster from 14.3 % on"),
        "derive",
    ),
    ("003-nar", "statement", Some("256 × 1: 1.77 s; 64 × 4: 0.47 s; 1 × 256: 0.04 s"), "derive"),
    ("003-medusa", "2.2×", Some("2.296 tokens a round, acceptance 0.744"), "empirical"),
    (
        "003-exit",
        "2.00×; 1.79× to 2.54×",
        Some("2.000; 2.000; 2.000; mean exit after layer 4.72 to 6.70 of 12"),
        "empirical",
    ),
    (
        "003-mod",
        "up to 50 %",
        Some(
            "44.0 % saved by 12.5 % capacity in every other layer, at most 50.00 %; 50 % by 51.0 % capacity in all layers",
        ),
        "derive",
    ),
    (
        "004-factors",
        "all-reduce 2(n-1)/n·S/B, all-gather (n-1)/n·S/B",
        Some("2 ranks: 1.0000, 0.5000; 8 ranks: 1.7500, 0.8750; 72 ranks: 1.9722, 0.9861"),
        "exact",
    ),
    ("004-gather", "1.04 ms", Some("1.043916"), "rounded"),
    ("004-gather-small", "65 us; 75 us", Some("65.24473; 74.5654"), "rounded"),
    (
        "004-levels",
        "node 514 GB/s, leaf 413 GB/s, spine 17.1 TB/s",
        Some("514285714286; 412903225806; 17066666666667"),
        "rounded",
    ),
    ("004-batch", "40 M tokens", Some("39,600,000"), "rounded"),
    ("004-batch-moe", "79,200 tokens", Some("79,200"), "exact"),
    ("004-batch-h800", "3300 tokens, 6.7 M", Some("4,950; 10,137,600"), "erratum"),
    ("004-batch-b200", "2500 and 5625", Some("2,500; 5625.000"), "exact"),
    ("004-ranks", "F/1995 = 14.37", Some("13.033"), "erratum"),
    ("004-ranks-beyond", "about 11", Some("11.31313"), "rounded"),
    ("004-torus-gather", "23 us", Some("23.30169"), "rounded"),
    ("004-torus-reduce", "4BD/W = 190 us", Some("11.65 µs; 186.4 µs of the whole array"), "erratum"),
    ("004-lite-gather", "377 us; 560 us", Some("372.8 µs; 559.2 µs"), "convention"),
    ("004-serving", "112 GB; 22; 17 ms", Some("113.5 GB; 26.2; 17.32347"), "convention"),
    ("004-dispatch", "120.96 us", Some("109.67 µs"), "convention"),
    ("004-speed", "241.92 us; 14.76 ms; 67 tokens/s", Some("219.34 µs; 12.72 ms; 78.61 tokens/s"), "convention"),
    ("004-caches", "70.272 / 327.680 / 516.096 KB", Some("70,272; 327,680; 516,096"), "exact"),
    (
        "004-layer",
        "8·b·s·h·(t-1)/t elements",
        Some("2 a layer forward; 176160768 elements forward and backward"),
        "exact",
    ),
    (
        "004-step",
        "2 all-reduces a layer, 1 after the embedding, 1 gather",
        Some("161 all-reduces of 16,384 byte, a gather of 256,512"),
        "exact",
    ),
];

/// Numbers worked out by hand in full, and where they are among a row's derived figures.
const NUMBERS: &[(&str, usize, f64)] = &[
    ("000-mla-q1", 0, 164.226_415_094_339_61),
    ("000-mla-q2", 0, 248.685_714_285_714_28),
    ("000-gqa-q1", 0, 7.876_923_076_923_077),
    ("000-gqa-q4", 0, 30.117_647_058_823_53),
    ("000-gqa-q8", 0, 56.888_888_888_888_886),
    ("000-gqa-q16", 0, 102.4),
    ("000-gqa-q32", 0, 170.666_666_666_666_66),
    ("000-gqa-q48", 0, 219.428_571_428_571_42),
    ("000-gqa-q64", 0, 256.0),
    ("000-ridge-h100", 0, 295.223_880_597_014_9),
    ("000-ridge-5090", 0, 116.759_776_536_312_85),
    ("000-balance", 0, 2.884),
    ("001-dequant-f32", 1, 0.4),
    ("001-dequant-f32", 2, 128.0 / 328.0),
    ("001-dequant-f16", 1, 2.0 / 3.0),
    ("001-dequant-f16", 2, 0.64),
    ("001-l7b-intensity", 0, 1.999_43),
    ("002-wall-compute", 0, 0.044_871_8),
    ("002-wall-ratio", 0, 163.946_4),
    ("003-ridge-a100", 0, 153.016),
    ("003-prefill-linear", 0, 2_730.666_7),
    ("003-prefill-linear", 1, 2_187.9),
    ("003-prefill-attn", 0, 114.666_7),
    ("003-prefill-other", 1, 0.999_88),
    ("003-decode-linear", 0, 7.984_4),
    ("003-decode-linear", 1, 7.978_6),
    ("003-decode-attn", 0, 0.999_03),
    ("003-decode-norm", 0, 0.888_9),
    ("004-gather", 0, 7.0 / 8.0 * 536_870_912.0 / 450e9 * 1e3),
    ("004-ranks", 0, 28_672.0 / 2_200.0),
    ("004-ranks-beyond", 0, 28_000.0 / 2_475.0),
    ("004-torus-gather", 0, 2_097_152.0 / 90e9 * 1e6),
];

/// What the mistake of an erratum gives, in full where the document prints it in full.
const MISTAKES: &[(&str, &str)] = &[
    ("000-mla-q2", "280.7741935483871"),
    ("000-gqa-q1", "7.699"),
    ("000-gqa-q8", "58.514"),
    ("000-gqa-q16", "110.703"),
    ("000-gqa-q32", "199.805"),
    ("000-gqa-q48", "273.067"),
    ("000-gqa-q64", "334.367"),
    ("000-balance", "2.148"),
    ("001-ffn-ratio", "1"),
    ("001-l7b-flops-total", "270.300"),
    ("002-wall-ratio", "187.500"),
    ("003-ridge-a100", "142.507"),
    ("003-prefill-linear", "2730.667"),
    ("004-batch-h800", "3,300"),
    ("004-batch-h800", "6,758,400"),
    ("004-ranks", "14.372"),
];

/// The whole ledger, derived once for all tests.
fn outcomes() -> &'static [Outcome] {
    static OUTCOMES: LazyLock<Vec<Outcome>> = LazyLock::new(|| published::rows().map(Row::outcome).collect());
    &OUTCOMES
}

fn outcome(id: &str) -> &'static Outcome {
    outcomes().iter().find(|outcome| outcome.id == id).unwrap_or_else(|| panic!("no row {id}"))
}

fn cost(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).arg("published").args(arguments).output().expect("it runs")
}

fn printed(arguments: &[&str]) -> String {
    let output = cost(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn every_figure_is_there_once_and_in_order() {
    let typed: Vec<&str> = LEDGER.iter().map(|(id, ..)| *id).collect();
    let rows: Vec<&str> = published::rows().map(|row| row.id).collect();
    assert_eq!(rows, typed);
    assert_eq!(typed.len(), 91);
    let mut ids = typed;
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 91);
}

#[test]
fn every_row_says_where_it_is_from_and_why_it_is_wrong() {
    for row in published::rows() {
        assert!(row.id.starts_with(row.document.number()), "{}", row.id);
        assert!(!row.place.is_empty() && !row.figure.is_empty() && !row.published.is_empty(), "{}", row.id);
        assert_eq!(row.check.is_none(), row.verdict == Verdict::Pending, "{}", row.id);
        assert!(row.verdict != Verdict::Erratum || !row.reason.is_empty(), "{} without a reason", row.id);
        assert!(row.verdict != Verdict::Convention || !row.convention.is_empty(), "{} without a convention", row.id);
    }
}

#[test]
fn every_row_is_what_was_typed_and_holds() {
    for (outcome, (id, published, derived, verdict)) in outcomes().iter().zip(LEDGER) {
        assert_eq!(outcome.published, *published, "{id}");
        assert_eq!(outcome.derived.as_deref(), *derived, "{id}");
        assert_eq!(outcome.verdict.name(), *verdict, "{id}");
        assert_eq!(outcome.holds, (*verdict != "pending").then_some(true), "{id}: {}", outcome.note);
    }
}

#[test]
fn derived_numbers_are_those_worked_out_by_hand() {
    for (id, at, number) in NUMBERS {
        let derived = outcome(id).derived.as_deref().expect("a derived figure");
        let part = derived.split("; ").nth(*at).expect("as many figures");
        let digits = part.trim_start_matches(|c: char| !c.is_ascii_digit());
        let places = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let value: f64 = digits.parse().expect("a number");
        let slack = if places >= 12 { 0.0 } else { 5e-4 * number };
        assert!((value - number).abs() <= slack, "{id}: {value}, {number}");
    }
}

#[test]
fn mistakes_give_the_printed_digits() {
    for (id, digits) in MISTAKES {
        let note = &outcome(id).note;
        let said = format!("the mistake gives {digits}");
        assert!(note.split("; ").any(|part| part == said), "{id}: {note}");
    }
    let errata = published::rows().filter(|row| row.verdict == Verdict::Erratum).map(|row| row.id);
    let left: Vec<&str> = errata.filter(|id| MISTAKES.iter().all(|(known, _)| known != id)).collect();
    assert_eq!(left, ["000-bound-table", "004-torus-reduce"], "errata without a number");
}

/// The row of that id with another verdict and check.
fn altered(id: &str, verdict: Verdict, check: Option<fn() -> Result<Findings, Error>>) -> Outcome {
    let row = published::rows().find(|row| row.id == id).expect("a row");
    let Row { document, place, figure, published, inputs, convention, reason, .. } = *row;
    let id = row.id;
    let row = Row { id, document, place, figure, published, inputs, convention, verdict, reason, check };
    Box::leak(Box::new(row)).outcome()
}

#[test]
fn a_row_with_the_wrong_verdict_does_not_hold() {
    for row in published::rows().filter(|row| row.check.is_some()) {
        for verdict in Verdict::ALL {
            let holds = altered(row.id, *verdict, row.check).holds;
            assert_eq!(holds, Some(*verdict == row.verdict), "{} as {}", row.id, verdict.name());
        }
    }
}

#[test]
fn a_derivation_that_fails_does_not_hold() {
    let outcome = altered("000-mla-q1", Verdict::Exact, Some(|| Err(Error::Json("broken".to_owned()))));
    assert_eq!((outcome.derived, outcome.holds), (None, Some(false)));
    assert!(outcome.note.contains("the derivation failed"), "{}", outcome.note);
}

#[test]
fn the_page_is_current() {
    let page = markdown(outcomes());
    assert!(page == include_str!("../../PUBLISHED.md"), "run `cargo cost published --markdown > PUBLISHED.md`");
}

#[test]
fn the_table_fits_100_columns() {
    let table = printed(&[]);
    for line in table.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    insta::assert_snapshot!("published", table);
}

/// Whether a value is the figure with this text: a number where the text is one, else the text.
fn is_figure(value: &serde_json::Value, text: Option<&str>) -> bool {
    let Some(text) = text else { return value.is_null() };
    match text.replace(',', "").parse::<f64>() {
        Ok(number) => value.as_f64().is_some_and(|value| (value - number).abs() <= 1e-15 * number.abs()),
        Err(_) => value.as_str() == Some(text),
    }
}

#[test]
fn json_has_the_documented_fields() {
    let json: serde_json::Value = serde_json::from_str(&printed(&["--json"])).expect("JSON");
    let rows = json.as_array().expect("an array");
    assert_eq!(rows.len(), LEDGER.len());
    for (row, (id, published, derived, verdict)) in rows.iter().zip(LEDGER) {
        let mut keys: Vec<&str> = row.as_object().expect("an object").keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["derived", "document", "holds", "id", "note", "published", "verdict"]);
        assert_eq!(row["id"], *id);
        assert_eq!(row["document"], id[..3]);
        assert!(is_figure(&row["published"], Some(published)), "{id}");
        assert!(is_figure(&row["derived"], *derived), "{id}");
        assert_eq!(row["verdict"], *verdict);
        assert_eq!(row["holds"].as_bool(), derived.map(|_| true));
    }
}

#[test]
fn rows_can_be_chosen() {
    let ids = |arguments: &[&str]| -> Vec<String> {
        let json: serde_json::Value = serde_json::from_str(&printed(arguments)).expect("JSON");
        let rows = json.as_array().expect("an array");
        rows.iter().map(|row| row["id"].as_str().expect("text").to_owned()).collect()
    };
    let wanted = |keep: &dyn Fn(&Row) -> bool| -> Vec<String> {
        published::rows().filter(|row| keep(row)).map(|row| row.id.to_owned()).collect()
    };
    let chosen = ids(&["--document", "002", "--verdict", "convention", "--json"]);
    assert_eq!(chosen, ["002-kv-l7b", "002-kv-4096"]);
    assert_eq!(ids(&["--document", "000", "--json"]), wanted(&|row| row.document == Document::Myth));
    assert_eq!(ids(&["--verdict", "pending", "--json"]), wanted(&|row| row.verdict == Verdict::Pending));
}

#[test]
fn an_unknown_choice_is_an_error_that_names_the_choices() {
    for (arguments, choices) in [
        (["--document", "005"], "000, 001, 002, 003"),
        (["--verdict", "wrong"], "derive, exact, rounded, convention, erratum, empirical, pending"),
    ] {
        let output = cost(&arguments);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(choices), "{message}");
    }
}
