//! Models with recurrent states against counts of the real ones: parameters, caches, products by group, bad configs.

use cost_core::cost::{Masking, Options};
use cost_core::{Operator, Result};
use cost_models::ops::{GatedDeltaRule, SelectiveScan};
use cost_models::report::{Report, report};
use cost_models::{Logits, Model, Workload};

/// state-spaces/mamba2-2.7b, and the defaults of `mamba_ssm` for what its config leaves out.
const MAMBA2_2_7B: &str = r#"{"model_type": "mamba2", "hidden_size": 2560, "num_hidden_layers": 64, "state_size": 128,
    "num_heads": 80, "head_dim": 64, "expand": 2, "n_groups": 1, "conv_kernel": 4, "chunk_size": 256, "use_bias": false,
    "use_conv_bias": true, "rms_norm": true, "vocab_size": 50288, "tie_word_embeddings": true, "hidden_act": "silu"}"#;

/// mistralai/Mamba-Codestral-7B-v0.1: what its config says of the shapes, and what no JSON parser reads.
const CODESTRAL: &str = r#"{"model_type": "mamba2", "hidden_size": 4096, "num_hidden_layers": 64, "state_size": 128,
    "num_heads": 128, "head_dim": 64, "expand": 2, "intermediate_size": 8192, "n_groups": 8, "conv_kernel": 4,
    "chunk_size": 256, "use_bias": false, "use_conv_bias": true, "rms_norm": true, "norm_before_gate": true,
    "time_step_rank": 256, "time_step_limit": [0.0, Infinity], "vocab_size": 32768, "tie_word_embeddings": false,
    "residual_in_fp32": true, "hidden_act": "silu", "_name_or_path": "\"Infinity\\"}"#;

/// Qwen/Qwen3-Next-80B-A3B-Instruct.
const QWEN3_NEXT: &str = r#"{"model_type": "qwen3_next", "attention_dropout": 0.0, "decoder_sparse_step": 1,
    "full_attention_interval": 4, "head_dim": 256, "hidden_act": "silu", "hidden_size": 2048, "intermediate_size": 5120,
    "linear_conv_kernel_dim": 4, "linear_key_head_dim": 128, "linear_num_key_heads": 16, "linear_num_value_heads": 32,
    "linear_value_head_dim": 128, "max_position_embeddings": 262144, "mlp_only_layers": [], "moe_intermediate_size": 512,
    "norm_topk_prob": true, "num_attention_heads": 16, "num_experts": 512, "num_experts_per_tok": 10,
    "num_hidden_layers": 48, "num_key_value_heads": 2, "partial_rotary_factor": 0.25, "rope_scaling": null,
    "rope_theta": 10000000, "shared_expert_intermediate_size": 512, "tie_word_embeddings": false,
    "use_sliding_window": false, "vocab_size": 151936}"#;

/// What a config's model has; FLOPs are those of matrix products, for [`STEPS`] in order.
struct Counted {
    config: &'static str,
    total: u128,
    active: u128,
    attention: u128,
    /// Bytes that a token adds to the caches, and bytes of the states.
    cache: (u128, u128),
    products: &'static [(&'static str, [u128; 4])],
}

/// Prompts of 2048 tokens and of 8 × 1024, decode steps of 1 and 32 sequences over 2048 and 4096 tokens.
const STEPS: [Workload; 4] = [
    Workload { logits: Logits::All, ..Workload::prefill(1, 2048) },
    Workload { logits: Logits::All, ..Workload::prefill(8, 1024) },
    Workload::decode(1, 2048),
    Workload::decode(32, 4096),
];

/// Parameters and states of the classes of transformers 5.23.0 on PyTorch's meta device, in bf16; products as PyTorch's
/// own counter has them (2 for each multiply-add, the whole rectangle of queries and keys), but for the recurrent cores,
/// which are 2 for each number of the states and product with them: one with `C`, or with the key and the query.
const COUNTED: &[Counted] = &[
    Counted {
        config: MAMBA2_2_7B,
        total: 2_702_599_680,
        active: 2_702_599_680,
        attention: 2_573_368_320,
        cache: (0, 170_524_672),
        products: &[
            ("linear projection", [10_533_407_293_440, 42_133_629_173_760, 5_143_265_280, 164_584_488_960]),
            ("linear core", [2048 * 83_886_080, 8192 * 83_886_080, 83_886_080, 32 * 83_886_080]),
            ("head", [527_307_898_880, 2_109_231_595_520, 257_474_560, 8_239_185_920]),
        ],
    },
    Counted {
        config: QWEN3_NEXT,
        total: 79_674_391_296,
        active: 3_874_929_408,
        attention: 327_155_712 + 1_213_860_096,
        cache: (24_576, 77_856_768),
        products: &[
            ("attention projection", [1_340_029_796_352, 5_360_119_185_408, 654_311_424, 20_937_965_568]),
            ("attention core", [824_633_720_832, 1_649_267_441_664, 402_849_792, 25_776_095_232]),
            ("linear projection", [4_967_129_677_824, 19_868_518_711_296, 2_425_356_288, 77_611_401_216]),
            ("linear core", [2048 * 75_497_472, 8192 * 75_497_472, 75_497_472, 32 * 75_497_472]),
            ("router", [206_561_083_392, 826_244_333_568, 100_859_904, 3_227_516_928]),
            ("experts", [6_184_752_906_240, 24_739_011_624_960, 3_019_898_880, 96_636_764_160]),
            ("shared expert", [618_475_290_624, 2_473_901_162_496, 301_989_888, 9_663_676_416]),
            ("head", [1_274_531_545_088, 5_098_126_180_352, 622_329_856, 19_914_555_392]),
        ],
    },
    // 7,285,403,648 parameters by its announcement; states of 64 layers, 4 byte for each of 8192·128 numbers and 2 for
    // each of 4 rows of 8192 + 2·8·128.
    Counted {
        config: CODESTRAL,
        total: 7_285_403_648,
        active: 7_285_403_648,
        attention: 7_285_403_648 - 2 * 134_217_728 - 64 * (4096 + 8192) - 4096,
        cache: (0, 64 * (4 * 8192 * 128 + 2 * 4 * 10_240)),
        products: &[],
    },
    // What its class has for a config that says nothing.
    Counted {
        config: r#"{"model_type": "mamba2"}"#,
        total: 7_285_403_648,
        active: 7_285_403_648,
        attention: 7_285_403_648 - 2 * 134_217_728 - 64 * (4096 + 8192) - 4096,
        cache: (0, 64 * (4 * 8192 * 128 + 2 * 4 * 10_240)),
        products: &[],
    },
    Counted {
        config: r#"{"model_type": "qwen3_next"}"#,
        total: 79_674_391_296,
        active: 3_874_929_408,
        attention: 327_155_712 + 1_213_860_096,
        cache: (24_576, 77_856_768),
        products: &[],
    },
];

/// What a kernel's products are for, by its path; nothing for a kernel that has none.
const GROUPS: &[(&str, &[&str])] = &[
    ("linear projection", &["mamba2_mixer.gate+", "gated_delta_net.q+", ".mixer_out"]),
    ("linear core", &["selective_scan.", "gated_delta_rule."]),
    ("attention projection", &["self_attention.q+", ".attn_out"]),
    ("attention core", &[".attended"]),
    ("experts", &["moe.expert."]),
    ("shared expert", &["moe.shared_expert."]),
    ("router", &["moe.gates", "moe.y"]),
    ("head", &["lm_head."]),
];

fn group(path: &str) -> &'static str {
    GROUPS.iter().find(|(_, parts)| parts.iter().any(|part| path.contains(part))).map_or("none", |(name, _)| name)
}

fn model(config: &str) -> Model {
    Model::from_config("model", config).unwrap_or_else(|error| panic!("{config}: {error}"))
}

/// As PyTorch's counter counts.
fn dense(config: &str, step: &Workload) -> Report {
    let options = Options { masking: Masking::Dense, ..Options::default() };
    report(&model(config), step, &options, &[]).unwrap()
}

#[test]
fn models_hold_and_multiply_what_the_real_ones_do() {
    for Counted { config, total, active, attention, cache, products } in COUNTED {
        assert_eq!(model(config).warnings().count(), 0, "{config}");
        for (i, step) in STEPS.iter().enumerate() {
            let report = dense(config, step);
            let found = (report.params.total, report.params.active, report.params.attention);
            assert_eq!(found, (*total, *active, *attention), "{config}");
            let sequences = u128::from(step.batch);
            let held = sequences * (cache.0 * u128::from(step.past + step.tokens) + cache.1);
            assert_eq!(report.cache.bytes_per_token.whole(), Some(cache.0), "{config}");
            assert_eq!(report.cache.state_bytes.whole(), Some(sequences * cache.1), "{config}");
            assert_eq!(report.cache.bytes_total.whole(), Some(held), "{config} {step:?}");
            // The states are read and written once, whatever came before.
            let written = sequences * (cache.0 * u128::from(step.tokens) + cache.1);
            assert_eq!(report.bytes.cache_written.whole(), Some(written), "{config} {step:?}");
            if products.is_empty() {
                continue;
            }
            for (name, counts) in *products {
                let kernels = report.kernels.iter().filter(|kernel| group(&kernel.path) == *name);
                let sum: u128 = kernels.map(|kernel| kernel.matmul * kernel.repeat).sum();
                assert_eq!(sum, counts[i], "{name} {step:?}");
            }
            let all: u128 = products.iter().map(|(_, counts)| counts[i]).sum();
            assert_eq!(report.flops.matmul, all, "{step:?}");
        }
    }
}

/// What PyTorch's counter finds in the cores of the two models is another way of computing them: in a prompt scans of
/// chunks, whose products are between all positions of a chunk, and in both phases convolutions of more positions than are
/// kept. With that taken into account, the figures are these.
#[test]
fn reference_scans_multiply_more_than_the_recurrence() -> Result<()> {
    // In one layer: 80 heads of 64 with states of 128 in chunks of 256; 32 heads of 128 with keys of 128 in chunks of 64.
    let scan = SelectiveScan { b: 1, s: 1, g: 1, h: 80, p: 64, n: 128 };
    let rule = GatedDeltaRule { b: 1, s: 1, n: 16, g: 2, k: 128, h: 128 };
    let [scan, rule] = [scan.totals(&Options::default())?, rule.totals(&Options::default())?];
    let [scan, rule] = [scan.flops.matmul()?, rule.flops.matmul()?];
    let convolution = |channels: u128, positions: u128| 2 * channels * 4 * positions;
    // A step: two positions of the convolution for one; the products with the states of gated delta nets are elementwise.
    assert_eq!(89_391_104, 64 * (scan + convolution(5376, 2)));
    assert_eq!(4_718_592, 36 * convolution(8192, 2));
    // A prompt: pairs within a chunk by `B` and `C` and by values; a state for each chunk and what is read of it; the states
    // of 9 chunks from those of 9 before. The convolution runs 3 positions past the end.
    let pairs = 2 * 2048 * 256 * 80 * (128 + 64);
    assert_eq!(1_386_829_709_312, 64 * (pairs + 2048 * 2 * scan + 2 * 9 * 9 * 80 * 64 * 128 + convolution(5376, 2051)));
    // Pairs within a chunk by keys, by queries and by values; three products with the state. The triangular systems are not
    // counted.
    let pairs = 2 * 2048 * 64 * 32 * (128 + 128 + 128);
    assert_eq!(352_731_267_072, 36 * (pairs + 2048 * 3 * rule / 2 + convolution(8192, 2051)));
    Ok(())
}

/// The layers of each loop: (label, layers).
#[test]
fn layers_are_where_the_config_says() {
    let types =
        |kinds: &[&str]| kinds.iter().map(|kind| format!("\"{kind}_attention\"")).collect::<Vec<_>>().join(", ");
    let four = QWEN3_NEXT.replace("\"num_hidden_layers\": 48", "\"num_hidden_layers\": 4");
    let listed = types(&["full", "linear", "linear", "full"]);
    let listed = four.replacen('{', &format!("{{\"layer_types\": [{listed}], "), 1);
    let cases: [(String, [&[u64]; 4]); 5] = [
        (four.clone(), [&[], &[], &[3], &[0, 1, 2]]),
        (four.replace("interval\": 4", "interval\": 2"), [&[], &[], &[1, 3], &[0, 2]]),
        (listed, [&[], &[], &[0, 3], &[1, 2]]),
        (four.replace("layers\": []", "layers\": [0, 3]"), [&[3], &[0], &[], &[1, 2]]),
        (four.replace("step\": 1", "step\": 2"), [&[], &[0, 2], &[3], &[1]]),
    ];
    for (config, loops) in cases {
        let found = model(&config).layers;
        let found: Vec<(&str, &[u64])> = found.iter().map(|(label, layers)| (label.as_str(), &**layers)).collect();
        // What no layer is of has no loop.
        let expected = ["", "linear", "sparse", "linear_sparse"].into_iter().zip(loops);
        let expected: Vec<(&str, &[u64])> = expected.filter(|(_, layers)| !layers.is_empty()).collect();
        assert_eq!(found, expected, "{config}");
    }
}

/// What a field adds to the parameters.
#[test]
fn biases_and_heads_are_counted() {
    let cases: [(&str, &str, &str, i128); 5] = [
        (MAMBA2_2_7B, "\"use_bias\": false", "\"use_bias\": true", 64 * (10_576 + 2560)),
        (MAMBA2_2_7B, "\"use_conv_bias\": true", "\"use_conv_bias\": false", -64 * 5376),
        (MAMBA2_2_7B, "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", 50_288 * 2560),
        (QWEN3_NEXT, "\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true", -151_936 * 2048),
        (QWEN3_NEXT, "\"linear_conv_kernel_dim\": 4", "\"linear_conv_kernel_dim\": 5", 36 * 8192),
    ];
    for (config, right, other, difference) in cases {
        let changed = config.replacen(right, other, 1);
        assert_ne!(changed, config, "{right}");
        let [before, after] = [config, &changed].map(|config| dense(config, &STEPS[2]).params.total.cast_signed());
        assert_eq!(after - before, difference, "{other}");
    }
}

/// What is replaced in a right config, what stands for it, and what the message says.
type Wrong = (&'static str, &'static str, &'static str, &'static [&'static str]);

const WRONG: &[Wrong] = &[
    // Sizes that don't fit each other.
    (MAMBA2_2_7B, "\"head_dim\": 64", "\"head_dim\": 32", &["head_dim", "found 32", "num_heads, 80", "5120"]),
    (MAMBA2_2_7B, "\"expand\": 2", "\"expand\": 4", &["head_dim", "found 64", "expand · hidden_size, 10240"]),
    (MAMBA2_2_7B, "\"expand\": 2", "\"expand\": 9223372036854775807", &["expand", "fits 64 bits"]),
    (
        MAMBA2_2_7B,
        "\"n_groups\": 1",
        "\"n_groups\": 3",
        &["n_groups", "found 3", "a divisor of num_heads, which is 80"],
    ),
    (
        MAMBA2_2_7B,
        "\"expand\"",
        "\"intermediate_size\": 2560, \"expand\"",
        &["intermediate_size", "found 2560", "5120"],
    ),
    (MAMBA2_2_7B, "{", "{\"pad_vocab_size_multiple\": 9,", &["pad_vocab_size_multiple", "found 9", "vocab_size"]),
    (QWEN3_NEXT, "value_heads\": 32", "value_heads\": 24", &["linear_num_key_heads", "found 16", "which is 24"]),
    (QWEN3_NEXT, "per_tok\": 10", "per_tok\": 513", &["num_experts_per_tok", "found 513", "which is 512"]),
    (QWEN3_NEXT, "\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3", &["num_key_value_heads", "found 3"]),
    // Lists by layers.
    (QWEN3_NEXT, "{", "{\"layer_types\": [\"full_attention\"],", &["layer_types", "found 1 entries", "48"]),
    (QWEN3_NEXT, "{", "{\"layer_types\": [\"mamba\"],", &["layer_types[0]", "found \"mamba\"", "\"linear_attention\""]),
    (
        QWEN3_NEXT,
        "48, \"num_key_value_heads\": 2",
        "2, \"num_key_value_heads\": 2, \"layer_types\": [\"full_attention\", \"sliding_attention\"]",
        &["layer_types[1]", "found \"sliding_attention\"", "expected \"full_attention\" or \"linear_attention\""],
    ),
    (QWEN3_NEXT, "layers\": []", "layers\": \"0\"", &["mlp_only_layers", "found \"0\"", "a list of whole numbers"]),
    // Sizes that are none.
    (MAMBA2_2_7B, "\"state_size\": 128", "\"state_size\": 0", &["state_size", "found 0", "a positive whole number"]),
    (MAMBA2_2_7B, "2560", "NaN", &["hidden_size", "found \"NaN\"", "a positive whole number"]),
    (MAMBA2_2_7B, "2560", "-Infinity", &["hidden_size", "found \"-Infinity\"", "a positive whole number"]),
    (MAMBA2_2_7B, "layers\": 64", "layers\": 65537", &["num_hidden_layers", "found 65537", "at most 65536"]),
    (QWEN3_NEXT, "interval\": 4", "interval\": 0", &["full_attention_interval", "found 0", "a positive whole number"]),
    // What is another model.
    (MAMBA2_2_7B, "\"silu\"", "\"gelu\"", &["hidden_act", "found \"gelu\"", "expected \"silu\""]),
    (MAMBA2_2_7B, "\"rms_norm\": true", "\"rms_norm\": false", &["rms_norm", "found false", "expected true"]),
    (MAMBA2_2_7B, "{", "{\"attn_layer_idx\": [9],", &["attn_layer_idx", "found [9]", "\"mamba2\""]),
    (QWEN3_NEXT, "{", "{\"attention_bias\": true,", &["attention_bias", "found true", "expected false"]),
    (QWEN3_NEXT, "\"num_experts\"", "\"num_routed_experts\"", &["num_routed_experts", "found 512", "\"qwen3_next\""]),
    (QWEN3_NEXT, "window\": false", "window\": true", &["use_sliding_window", "found true", "\"qwen3_next\""]),
    (QWEN3_NEXT, "{", "{\"num_nextn_predict_layers\": 1,", &["num_nextn_predict_layers", "found 1"]),
];

#[test]
fn wrong_configs_are_refused() {
    for (config, right, wrong, said) in WRONG {
        let changed = config.replacen(right, wrong, 1);
        assert_ne!(changed, *config, "{right} is not in the config");
        let message = match Model::from_config("model", &changed) {
            Ok(_) => panic!("{wrong} is taken"),
            Err(error) => error.to_string(),
        };
        for part in *said {
            assert!(message.contains(part), "{wrong}: no {part:?} in {message}");
        }
    }
}
