//! Reports: what is in memory, whose number formats count, which formula belongs to which kernel, operators at sizes.
#![allow(missing_docs)]

use cost_core::cost::Formats;
use cost_core::format::Format;
use cost_core::{Error, Operator, Options, hardware};
use cost_macros::cost;
use cost_models::ops::{GqaAttention, Linear, RmsNorm};
use cost_models::report::{Memory, Report, report, report_operator};
use cost_models::{Model, Workload, catalogue};

/// Published numbers of parameters at 2 byte each; keys and values of all layers, heads and tokens likewise.
#[test]
fn what_is_in_memory_adds_up() {
    for (name, parameters, cached) in [
        ("llama-2-7b", 6_738_415_616, 2 * 32 * 32 * 128 * 4097),
        // Tied: one table for both ends.
        ("gpt2", 124_439_808, 2 * 12 * 768 * 1001),
        // All experts, whichever a token goes through.
        ("mixtral-8x7b", 46_702_792_704, 2 * 32 * 8 * 128 * 4097),
        // 26 layers, 22 of which keep 511 tokens besides the next.
        ("gemma-3-1b", 999_885_952, 2 * 256 * (4 * 4097 + 22 * 511)),
    ] {
        let model = catalogue::find(name).unwrap();
        let step = Workload::decode(3, if name == "gpt2" { 1000 } else { 4096 });
        let report = report(&model, &step, &Options::default(), &[hardware::find("h100").unwrap()]).unwrap();
        let Memory { weights, cache, activations, total, host } = report.memory;
        assert!(host.is_zero());
        assert_eq!(weights.whole(), Some(2 * parameters), "{name}");
        assert_eq!(cache.whole(), Some(3 * 2 * cached), "{name}");
        assert_eq!(total.bits(), weights.bits() + cache.bits() + activations.bits(), "{name}");
        assert_eq!(activations.bits(), model.peak(&step, &Options::default()).unwrap(), "{name}");
        assert_eq!(report.hardware[0].fits, Some(total.to_f64() <= 80e9), "{name}");
    }
}

const FP8: &str = r#"{"model_type": "llama", "hidden_size": 256, "intermediate_size": 512, "num_attention_heads": 4,
    "num_key_value_heads": 4, "num_hidden_layers": 2, "vocab_size": 1000, "quantization_config":
    {"quant_method": "fp8", "weight_block_size": [128, 128]}}"#;

/// A layer has 4·256² + 3·256·512 quantised weights, with a scale for each 128 × 128 of them; embedding and head of
/// 1000·256 and the norms stay in 16 bits.
#[test]
fn a_models_own_formats_count_unless_others_are_asked_for() {
    let model = Model::from_config("quantised", FP8).unwrap();
    let step = Workload::decode(1, 10);
    let quantised: u128 = 2 * (4 * 256 * 256 + 3 * 256 * 512);
    let others: u128 = 2 * 1000 * 256 + 5 * 256;
    let own = quantised + quantised / (128 * 128) * 4 + 2 * others;
    let asked = |formats| Options { formats, ..Options::default() };
    let int8 = Formats { weights: Some(Format::known("int8")), ..Formats::default() };
    let cache = Formats { cache: Some(Format::known("int8")), ..Formats::default() };
    for (options, weights, shown, cached) in [
        (Options::default(), own, "fp8:b128x128:f32+bf16", 2),
        (asked(model.formats().clone()), own, "fp8:b128x128:f32+bf16", 2),
        (model.options(&Options::default()).into_owned(), own, "fp8:b128x128:f32+bf16", 2),
        (asked(cache), own, "fp8:b128x128:f32+bf16", 1),
        (asked(int8), quantised + others, "int8", 2),
    ] {
        let report = report(&model, &step, &options, &[]).unwrap();
        assert_eq!(report.formats.weights, shown);
        assert_eq!(report.memory.weights.whole(), Some(weights), "{shown}");
        assert_eq!(report.memory.cache.whole(), Some(cached * 2 * 2 * 256 * 11), "{shown}");
        // Of the table a row is read.
        let moved = model.plan(&cost_models::Steps::decode(), &options).unwrap();
        let moved = moved.summary::<u128>().at(&[1, 10]).unwrap();
        assert_eq!(report.bytes.weights.bits(), moved.bits.weights, "{shown}");
    }
}

#[test]
fn operators_are_counted_at_sizes() {
    let device = [hardware::find("h100").unwrap()];
    let found = report_operator(Linear::OP, &[2, 3, 4, 5], &Options::default(), &device).unwrap();
    assert_eq!(found.of.operator, "Linear");
    assert_eq!(found.flops.matmul, 2 * 2 * 3 * 4 * 5);
    assert_eq!(found.bytes.total.whole(), Some(2 * (2 * 3 * 4 + 4 * 5 + 2 * 3 * 5)));
    assert_eq!(found.params.total, 20);
    assert_eq!(found.kernels[0].flops_formula, "2·b·s·d·f");
    assert_eq!(found.hardware[0].fits, Some(true));
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["operator"], "Linear");
    assert_eq!(json["at"], serde_json::json!({"b": 2, "s": 3, "d": 4, "f": 5}));
    assert!(json.get("model").is_none() && json.get("batch").is_none());
    // Caches: 2 of 2 heads of 8 numbers for each of 7 tokens of 3 sequences.
    let found = report_operator(GqaAttention::OP, &[3, 1, 7, 2, 4, 8], &Options::default(), &[]).unwrap();
    assert_eq!(found.memory.cache.whole(), Some(2 * 2 * 2 * 8 * 7 * 3));
    assert_eq!(found.cache.bytes_per_token.whole(), Some(2 * 2 * 2 * 8));
    let wrong = report_operator(RmsNorm::OP, &[1, 2], &Options::default(), &[]).unwrap_err();
    assert!(matches!(wrong, Error::Sizes { expected: 3, found: 2, .. }), "{wrong}");
    let wrong = report_operator(GqaAttention::OP, &[1, 8, 7, 1, 1, 1], &Options::default(), &[]).unwrap_err();
    assert!(matches!(wrong, Error::Causal(_)), "{wrong}");
}

#[cost]
pub fn Scaled<b, s, d>(x: Act<b, s, d>, w: Weight<d>) -> Act<b, s, d> {
    x * w
}

#[cost]
pub fn Widened<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>, back: Weight<f, d>) -> Act<b, s, d> {
    let h = store(dot::<d>(x, w));
    dot::<f>(h, back)
}

/// Rounds that may be none, and after them calls of the same operators with the same names.
#[cost]
pub fn Tapering<b, s, d, f, l>(x: Act<b, s, d>) -> Act<b, s, d> {
    let y = store(x * 2.0);
    for _ in 0..l - 2 {
        y = Scaled { b, s, d }(y);
        y = Widened { b, s, d, f }(y);
    }
    y = Scaled { b, s, d }(y);
    y = Widened { b, s, d, f: 2 * f }(y);
    y
}

fn decode(model: &Model, options: &Options) -> Report {
    report(model, &Workload::decode(3, 0), options, &[]).unwrap()
}

/// By hand: `Scaled` is a product for each element, `Widened` two times 2·d·f for each token.
#[test]
fn each_kernel_has_its_own_formula() {
    let doubled = [("y", "b·s·d")];
    let first = [("scaled.y", "b·s·d"), ("widened.h", "2·b·s·d·f"), ("widened.y", "2·b·s·d·f")];
    let last = [("scaled.y", "b·s·d"), ("widened.h", "4·b·s·d·f"), ("widened.y", "4·b·s·d·f")];
    let numbered = [("scaled.y#2", "b·s·d"), ("widened.h#2", "4·b·s·d·f"), ("widened.y#2", "4·b·s·d·f")];
    for (l, expected) in [(2, [&doubled[..], &last].concat()), (5, [&doubled[..], &first, &numbered].concat())] {
        let model = Model::new(&Tapering { b: 1, s: 1, d: 64, f: 100, l });
        let found = decode(&model, &Options::default()).kernels;
        let found: Vec<_> = found.iter().map(|it| (it.path.as_str(), it.flops_formula.as_str())).collect();
        assert_eq!(found, expected, "l = {l}");
    }
}

/// An operator that has no axis for what is asked is no model of it, and that is said.
#[test]
fn axes_that_a_step_needs_are_missed() {
    let model = Model::new(&Linear { b: 1, s: 1, d: 8, f: 8 });
    let notes = |step: &Workload| report(&model, step, &Options::default(), &[]).unwrap().notes;
    let said: Vec<String> = notes(&Workload::decode(2, 100)).iter().map(ToString::to_string).collect();
    assert_eq!(said, ["warning: Linear has no axis `t`, so that how many cached tokens there are changes nothing"]);
    assert!(notes(&Workload::prefill(2, 100)).is_empty());
}
