//! Windows to both sides, and models whose tokens see later ones too.

use cost_core::cost::{Masking, Routing, counts};
use cost_core::expr::Expr;
use cost_core::{Error, Operator, Options, Plan};
use cost_models::ops::AroundAttention;
use cost_models::report::{Report, report};
use cost_models::{Model, Phase, Workload, catalogue};
use cost_tests::counted::{agree, most_agrees};
use serde_json::{Value, json};

/// One head of one number, so that a pair is 4 FLOP in products.
const fn around(s: u64, t: u64, w: u64) -> AroundAttention {
    AroundAttention { b: 1, s, t, w, n: 1, g: 1, k: 1, h: 1, capped: 0, sinks: 0 }
}

/// Queries, positions and a window's reach; how many keys the queries see, and which ones any of them sees.
const BY_HAND: [(u64, u64, u64, u64, u64); 9] = [
    // Positions 0 to 5, two to either side: 3 + 4 + 5 + 5 + 4 + 3.
    (6, 6, 3, 24, 6),
    // One to either side: 2 + 3 + 3 + 3 + 3 + 2.
    (6, 6, 2, 16, 6),
    // Its own only.
    (6, 6, 1, 6, 6),
    // The first and the last don't reach each other: 36 − 2.
    (6, 6, 5, 34, 6),
    // All, just so and by far.
    (6, 6, 6, 36, 6),
    (6, 6, 100, 36, 6),
    // Positions 4 and 5 of 6: 2 to 5, and 3 to 5.
    (2, 6, 3, 7, 4),
    // Positions 5, 6 and 7 of 8, three to either side: 2 to 7, 3 to 7 and 4 to 7.
    (3, 8, 4, 15, 6),
    // Nothing comes after the last: as in a window that looks back.
    (1, 9, 4, 4, 4),
];

#[test]
fn pairs_are_those_counted_by_hand() {
    let options = Options::default();
    let formula = |found: fn(&cost_core::cost::Totals<Expr>) -> Expr| {
        found(&cost_core::cost::totals(&AroundAttention::formulas(&options).unwrap()).unwrap())
    };
    let products = formula(|totals| totals.flops.matmul().unwrap());
    let read = formula(|totals| totals.bits.cache_read.clone());
    let plan = Plan::new(AroundAttention::OP, AroundAttention::OP.axes, &axes(), &options).unwrap();
    for (s, t, w, pairs, keys) in BY_HAND {
        let (op, pairs, keys) = (around(s, t, w), u128::from(pairs), u128::from(keys));
        let totals = op.totals(&options).unwrap();
        assert_eq!(totals.flops.matmul().unwrap(), 4 * pairs, "{s} of {t}, {w}");
        // Scaled, and three for the softmax.
        assert_eq!(totals.flops.vector, 4 * pairs, "{s} of {t}, {w}");
        assert_eq!(totals.bits.cache_read, 2 * 16 * keys, "{s} of {t}, {w}");
        let dense = op.totals(&Options { masking: Masking::Dense, ..Options::default() }).unwrap();
        assert_eq!(dense.flops.matmul().unwrap(), 4 * u128::from(s) * keys, "{s} of {t}, {w}");
        let sizes = op.sizes().unwrap();
        assert_eq!(counts(AroundAttention::OP, &sizes).unwrap().matmul, 4 * pairs, "{s} of {t}, {w}");
        let at = |formula: &Expr| formula.value(&sizes).unwrap().whole().unwrap().unsigned_abs();
        assert_eq!((at(&products), at(&read)), (4 * pairs, 2 * 16 * keys), "{s} of {t}, {w}");
        let planned = plan.summary::<u128>().at(&sizes).unwrap();
        assert_eq!(planned.flops.matmul().unwrap(), 4 * pairs, "{s} of {t}, {w}");
        let small: Vec<usize> = sizes.iter().map(|size| usize::try_from(*size).unwrap()).collect();
        let counted = agree(AroundAttention::OP, &small, Routing::Worst);
        assert_eq!(counted.and_then(|()| most_agrees(AroundAttention::OP, &small)), Ok(()), "{s} of {t}, {w}");
    }
}

fn axes() -> Vec<Expr> {
    cost_core::cost::axes(AroundAttention::OP)
}

// The compiler counts the same.
const _: () = assert!(around(6, 6, 3).flops().matmul == 4 * 24);
const _: () = assert!(around(3, 8, 4).flops().matmul == 4 * 15);

#[test]
fn a_query_sees_at_least_itself() {
    let error = around(2, 3, 0).totals(&Options::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "AroundAttention has a window with w = 0; expected at least 1, a query's own position"
    );
    assert_eq!(counts(AroundAttention::OP, &around(2, 3, 0).sizes().unwrap()), None);
    assert!(matches!(around(4, 3, 2).totals(&Options::default()), Err(Error::Causal(_))));
}

/// EmbeddingGemma's sizes, as in the `config.json` of google/embeddinggemma-300m.
fn embedding_gemma() -> Value {
    let layers = |i: u64| if (i + 1).is_multiple_of(6) { "full_attention" } else { "sliding_attention" };
    json!({
        "architectures": ["Gemma3TextModel"], "model_type": "gemma3_text", "dtype": "float32",
        "hidden_size": 768, "intermediate_size": 1152, "num_hidden_layers": 24, "num_attention_heads": 3,
        "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 262_144, "max_position_embeddings": 2048,
        "layer_types": (0..24).map(layers).collect::<Vec<_>>(), "_sliding_window_pattern": 6, "sliding_window": 512,
        "use_bidirectional_attention": true, "hidden_activation": "gelu_pytorch_tanh", "attention_bias": false,
        "attention_dropout": 0.0, "attn_logit_softcapping": null, "final_logit_softcapping": null,
        "query_pre_attn_scalar": 256, "rms_norm_eps": 1e-6, "rope_local_base_freq": 10_000.0, "rope_scaling": null,
        "rope_theta": 1_000_000.0, "use_cache": true
    })
}

fn of(config: &Value, tokens: u64) -> Report {
    let model = Model::from_config("it", &config.to_string()).unwrap();
    report(&model, &Workload::prefill(1, tokens), &Options::default(), &[]).unwrap()
}

#[test]
fn embedding_gemma_sees_both_ways() {
    // A layer has 2·768·768 + 2·768·256 parameters in attention, 3·768·1152 in the feed-forward network and 4·768 + 2·256
    // in norms; 24 of them, 262,144 rows of 768 and the last norm are 302,863,104.
    let found = of(&embedding_gemma(), 2048);
    assert_eq!(found.params.total, 302_863_104);
    // 2·101,449,728 FLOP a token in the layers' matrices, and 4·3·256 for each pair. In 4 layers there are 2048² pairs. In 20
    // a token sees 256 = 512 / 2 to either side and itself, but for the first and last 256 tokens, which lack
    // 256 + 255 + … + 1 = 32,896: 2048·513 − 2·32,896 = 984,832 pairs.
    let pairs = 4 * 2048 * 2048 + 20 * 984_832;
    assert_eq!(found.flops.matmul, 2048 * 2 * 101_449_728 + 3072 * pairs);
    assert_eq!(found.flops.matmul, 527_585_771_520);
    // In 128 tokens all see all.
    assert_eq!(of(&embedding_gemma(), 128).flops.matmul, 128 * 2 * 101_449_728 + 3072 * 24 * 128 * 128);
    let note = found.notes.iter().find(|note| note.field.as_deref() == Some("use_bidirectional_attention")).unwrap();
    assert!(note.text.contains("a step takes whole texts"), "{}", note.text);
}

#[test]
fn what_sees_both_ways_takes_whole_texts() {
    let model = Model::from_config("it", &embedding_gemma().to_string()).unwrap();
    assert!(model.is_encoder());
    let error = model.kernels(&Workload::decode(1, 100), &Options::default()).unwrap_err().to_string();
    assert!(error.contains("found decode over 100 cached tokens"), "{error}");
}

#[test]
fn full_layers_have_plain_formulas() {
    let model = Model::from_config("it", &embedding_gemma().to_string()).unwrap();
    let kernels = model.formulas(Phase::Prefill, &Options::default()).unwrap();
    let attended = kernels.iter().find(|kernel| kernel.path == "self_attention.attention.attended").unwrap();
    let axes: Vec<&str> = model.architecture().axes().collect();
    let shown = attended.flops.matmul().unwrap().show(&axes, cost_core::expr::Notation::Text).to_string();
    assert_eq!(shown, "4·b·s·t·g·k");
}

#[test]
fn small_models_count_what_they_do() {
    let mut config = embedding_gemma();
    for (field, size) in [("hidden_size", 4), ("intermediate_size", 3), ("num_hidden_layers", 2), ("head_dim", 2)] {
        config[field] = json!(size);
    }
    for (field, size) in [("num_attention_heads", 2), ("vocab_size", 7), ("sliding_window", 4)] {
        config[field] = json!(size);
    }
    config["layer_types"] = json!(["sliding_attention", "full_attention"]);
    config["architectures"] = json!(["Gemma3ForCausalLM"]);
    let model = Model::from_config("it", &config.to_string()).unwrap();
    for tokens in [1, 2, 5] {
        let sizes = model.sizes(&Workload::prefill(2, tokens)).unwrap();
        let sizes: Vec<usize> = sizes.into_iter().map(|size| usize::try_from(size).unwrap()).collect();
        assert_eq!(model.architecture().with(|op| agree(op, &sizes, Routing::Worst)), Ok(()), "{tokens}");
    }
}

/// A built-in config with another value of a field.
fn edited(name: &str, field: &str, value: Value) -> Value {
    let entry = catalogue::ENTRIES.iter().find(|entry| entry.name == name).unwrap();
    let mut config: Value = serde_json::from_str(entry.config).unwrap();
    config[field] = value;
    config
}

#[test]
fn decoders_that_are_not_causal_see_both_ways() {
    // 8192 tokens see each other, the causal ones 8192·8193 / 2 pairs: 4·128 for each of 32 heads in 32 layers.
    let products = |causal| of(&edited("llama-2-7b", "is_causal", json!(causal)), 8192).flops.matmul;
    assert_eq!(products(false) - products(true), 524_288 * (8192 * 8192 - 33_558_528));
    // With a window of 4096 those up to 4096 away: 8192·8193 pairs but for 4096·4097 / 2 at either end, where the causal ones
    // are 4096·4097 / 2 + 4096².
    let products = |causal| of(&edited("mistral-7b-v0.1", "is_causal", json!(causal)), 8192).flops.matmul;
    assert_eq!(products(false) - products(true), 524_288 * (50_335_744 - 25_167_872));
}

#[test]
fn what_is_not_known_to_see_both_ways_is_refused() {
    for (name, field, value, expected) in [
        ("gemma-2-2b", "use_bidirectional_attention", json!(true), "found true, expected false"),
        ("gemma-3-1b", "use_bidirectional_attention", json!("all"), "expected true or false"),
        ("deepseek-v3", "is_causal", json!(false), "found false, expected true"),
        ("llama-4-scout", "is_causal", json!(false), "found false, expected true"),
        ("llama-2-7b", "use_bidirectional_attention", json!(true), "use_bidirectional_attention"),
    ] {
        let error = Model::from_config("it", &edited(name, field, value).to_string()).unwrap_err().to_string();
        assert!(error.contains(field) && error.contains(expected), "{name}: {error}");
    }
}
