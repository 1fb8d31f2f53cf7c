//! Decoders against PyTorch's counters.

use cost_core::Options;
use cost_core::cost::Masking;
use cost_models::report::{Params, Report, report};
use cost_models::{Logits, Model, Workload};

use crate::configs::{FALCON_7B, GPT2, OPT_6_7B, STARCODER};
use crate::model;

/// What PyTorch's counters give for a model: parameters of the embedding, the head, attention, feed-forward networks,
/// norms, and positions; bytes of cache a token; and FLOPs of matrix products, for [`STEPS`] in order.
struct Decoder {
    config: &'static str,
    groups: [u128; 6],
    cache: u128,
    matmul: [u128; 6],
}

const STEPS: [Workload; 6] = [
    Workload { logits: Logits::All, ..Workload::prefill(1, 2048) },
    Workload { logits: Logits::All, ..Workload::prefill(8, 1024) },
    Workload::decode(1, 2048),
    Workload::decode(32, 2048),
    Workload::decode(1, 4096),
    Workload::decode(32, 4096),
];

/// Parameters of the classes of transformers 5.23.0 on PyTorch 2.15's meta device, in bf16, and FLOPs as its
/// `FlopCounterMode` has them: 2 for each multiply-add, the whole rectangle of queries and keys.
const DECODERS: &[Decoder] = &[
    Decoder {
        config: GPT2,
        groups: [38_597_376, 0, 28_311_552 + 36_864, 56_623_104 + 46_080, 38_400, 786_432],
        cache: 36_864,
        matmul: [660_606_025_728, 2_333_186_457_600, 322_598_400, 10_323_148_800, 398_095_872, 12_739_067_904],
    },
    Decoder {
        config: STARCODER,
        groups: [301_989_888, 0, 3_082_813_440 + 501_760, 12_079_595_520 + 1_228_800, 995_328, 50_331_648],
        cache: 20_480,
        matmul: [
            67_465_346_285_568,
            261_615_047_933_952,
            32_943_046_656,
            1_054_177_492_992,
            34_956_312_576,
            1_118_602_002_432,
        ],
    },
    Decoder {
        config: OPT_6_7B,
        groups: [205_914_112, 0, 2_147_483_648 + 524_288, 4_294_967_296 + 655_360, 532_480, 8_396_800],
        cache: 524_288,
        matmul: [
            29_430_726_524_928,
            113_324_859_588_608,
            14_370_996_224,
            459_871_879_168,
            15_444_738_048,
            494_231_617_536,
        ],
    },
    Decoder {
        config: FALCON_7B,
        groups: [295_469_056, 0, 1_340_080_128, 5_285_871_616, 299_904, 0],
        cache: 8192,
        matmul: [
            30_789_681_020_928,
            118_279_641_235_456,
            15_034_605_568,
            481_107_378_176,
            16_225_787_904,
            519_225_212_928,
        ],
    },
];

/// As PyTorch's counter counts.
fn dense(model: &Model, step: &Workload) -> Report {
    let options = Options { masking: Masking::Dense, ..Options::default() };
    report(model, step, &options, &[]).unwrap()
}

#[test]
fn decoders_multiply_what_the_real_ones_do() {
    for Decoder { config, groups, cache, matmul } in DECODERS {
        let model = model(config);
        for (step, matmul) in STEPS.iter().zip(matmul) {
            let report = dense(&model, step);
            let Params { total, embedding, lm_head, attention, ffn, norm, other, .. } = report.params;
            assert_eq!([embedding, lm_head, attention, ffn, norm, other], *groups, "{config}");
            assert_eq!(total, groups.iter().sum::<u128>(), "{config}");
            assert_eq!(report.flops.matmul, *matmul, "{step:?} {config}");
            let held = u128::from(step.batch * (step.past + step.tokens)) * cache;
            assert_eq!(report.cache.bytes_total.whole(), Some(held), "{step:?} {config}");
        }
    }
}

/// Odd sizes and rare fields: a config, its parameters, elements of cache a token, and FLOPs of matrix products of a
/// prompt of 3 × 7 tokens and of a decode step of 2 sequences over 11 tokens; counted as [`DECODERS`] are, but run.
const ODD: &[(&str, u128, u128, [u128; 2])] = &[
    // The network's width left out, a head of its own.
    (
        r#"{"model_type": "gpt2", "vocab_size": 61, "n_embd": 30, "n_head": 3, "n_layer": 2, "n_positions": 29,
            "n_inner": null, "activation_function": "relu", "tie_word_embeddings": false}"#,
        26_970,
        120,
        [1_019_340, 99_480],
    ),
    // As many key/value heads as query heads.
    (
        r#"{"model_type": "gpt_bigcode", "vocab_size": 61, "n_embd": 30, "n_head": 5, "n_layer": 3, "n_positions": 29,
            "n_inner": 71, "multi_query": false}"#,
        27_363,
        180,
        [1_120_140, 110_280],
    ),
    // Norms after, a narrow table.
    (
        r#"{"model_type": "opt", "vocab_size": 61, "hidden_size": 30, "num_attention_heads": 3, "num_hidden_layers": 2,
            "ffn_dim": 47, "max_position_embeddings": 29, "do_layer_norm_before": false, "word_embed_proj_dim": 13}"#,
        15_977,
        120,
        [640_626, 63_412],
    ),
    // As the larger Galacticas: no biases, norms without weights.
    (
        r#"{"model_type": "opt", "vocab_size": 61, "hidden_size": 30, "num_attention_heads": 3, "num_hidden_layers": 2,
            "ffn_dim": 47, "max_position_embeddings": 29, "enable_bias": false, "layer_norm_elementwise_affine": false,
            "activation_function": "gelu"}"#,
        15_600,
        120,
        [651_420, 64_440],
    ),
    // Fine-tuned before transformers 4.20.1: no last norm.
    (
        r#"{"model_type": "opt", "vocab_size": 61, "hidden_size": 30, "num_attention_heads": 3, "num_hidden_layers": 2,
            "ffn_dim": 47, "max_position_embeddings": 29, "_remove_final_layer_norm": true, "tie_word_embeddings": false}"#,
        18_064,
        120,
        [651_420, 64_440],
    ),
    (
        r#"{"model_type": "bloom", "vocab_size": 61, "n_embed": 30, "n_head": 5, "n_layer": 3}"#,
        35_520,
        180,
        [1_490_580, 145_560],
    ),
    // Three key/value heads, two norms. Transformers repeats the heads in the cache, which nobody else does.
    (
        r#"{"model_type": "falcon", "vocab_size": 61, "hidden_size": 36, "num_attention_heads": 6,
            "num_hidden_layers": 2, "new_decoder_architecture": true, "num_kv_heads": 3, "ffn_hidden_size": 53}"#,
        17_964,
        72,
        [781_704, 77_328],
    ),
    // One norm in the new architecture, as Falcon 2.
    (
        r#"{"model_type": "falcon", "vocab_size": 61, "hidden_size": 36, "num_attention_heads": 6,
            "num_hidden_layers": 2, "new_decoder_architecture": true, "num_kv_heads": 2, "num_ln_in_parallel_attn": 1,
            "bias": true}"#,
        30_612,
        48,
        [1_295_784, 126_288],
    ),
    // As falcon-rw-1b: ALiBi, attention, then the network, biases.
    (
        r#"{"model_type": "falcon", "vocab_size": 61, "hidden_size": 36, "num_attention_heads": 6,
            "num_hidden_layers": 2, "alibi": true, "multi_query": false, "parallel_attn": false, "bias": true,
            "tie_word_embeddings": false}"#,
        36_504,
        144,
        [1_440_936, 140_112],
    ),
    (
        r#"{"model_type": "falcon", "vocab_size": 61, "hidden_size": 36, "num_attention_heads": 6,
            "num_hidden_layers": 2, "parallel_attn": false, "num_kv_heads": 5}"#,
        29_340,
        24,
        [1_259_496, 122_832],
    ),
    // Attention, then the network, no biases in attention, tied.
    (
        r#"{"model_type": "gpt_neox", "vocab_size": 61, "hidden_size": 36, "num_attention_heads": 6,
            "num_hidden_layers": 2, "intermediate_size": 53, "use_parallel_residual": false, "attention_bias": false,
            "tie_word_embeddings": true, "rotary_pct": 1.0}"#,
        20_734,
        144,
        [890_568, 87_696],
    ),
];

#[test]
fn decoders_of_odd_sizes_are_counted_exactly() {
    for (config, total, cache, matmul) in ODD {
        let model = model(config);
        let steps = [Workload { logits: Logits::All, ..Workload::prefill(3, 7) }, Workload::decode(2, 11)];
        for (step, matmul) in steps.iter().zip(matmul) {
            let report = dense(&model, step);
            assert_eq!((report.params.total, report.flops.matmul), (*total, *matmul), "{step:?} {config}");
            assert_eq!(report.cache.bytes_per_token.whole(), Some(2 * cache), "{config}");
        }
    }
}

/// What only some have costs vector FLOPs and bytes where they have it, and nothing elsewhere.
#[test]
fn what_only_some_have_costs_nothing_elsewhere() {
    let kernels = |config: &str| -> Vec<(String, u128, u128)> {
        let report = dense(&model(config), &Workload::decode(1, 8));
        let each = report.kernels.iter().map(|it| (it.path.clone(), it.flops - it.matmul, it.bytes.whole().unwrap()));
        each.filter(|(path, ..)| path.contains("_layer.")).collect()
    };
    let names = |kernels: &[(String, u128, u128)]| -> Vec<String> {
        kernels.iter().map(|(path, ..)| path.split_once("_layer.").unwrap().1.to_owned()).collect()
    };
    let base = r#"{"model_type": "falcon", "vocab_size": 61, "hidden_size": 36, "num_attention_heads": 6,
        "num_hidden_layers": 2, "parallel_attn": true, "multi_query": false"#;
    let plain = kernels(&format!("{base}}}"));
    let (norm, mlp) = (["partial_norm.attn_in"], ["ungated_mlp.h", "ungated_mlp.y", "y"]);
    let attention = ["q+keys+values", "attention.attended", "attn_out"];
    assert_eq!(names(&plain), [&norm[..], &attention, &mlp].concat());
    let alibi = kernels(&format!(r#"{base}, "alibi": true}}"#));
    assert_eq!(names(&alibi)[2], "alibi_attention.attended");
    // Queries and keys of 36 aren't rotated, at 3 each. 6 slopes times 9 positions, added to as many scores; both are read.
    assert_eq!((plain[1].1 - alibi[1].1, alibi[2].1 - plain[2].1), (3 * 2 * 36, 6 * 9 + 6 * 9));
    assert_eq!(alibi[2].2 - plain[2].2, 2 * (6 + 9));
    let serial = kernels(&format!("{}}}", base.replace("_attn\": true", "_attn\": false")));
    assert_eq!(names(&serial), [&norm[..], &attention, &["partial_norm.ffn_in"], &mlp].concat());
    // But for the norm it is the same work in another order.
    assert_eq!([&serial[..4], &serial[5..]].concat(), plain);
}
