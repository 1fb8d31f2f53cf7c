//! Decoders and encoders with LayerNorm against counts of the real ones: parameters, caches, products, names of tensors,
//! bad configs.

use cost_core::Options;
use cost_core::cost::Masking;
use cost_core::op::Role;
use cost_models::report::{Params, Report, params, report};
use cost_models::{Logits, Model, Phase, Steps, Workload};

// Released configs, without what repeats a default of every config or says how to train.

/// openai-community/gpt2.
const GPT2: &str = r#"{"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
    "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256, "initializer_range": 0.02,
    "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12,
    "n_positions": 1024, "resid_pdrop": 0.1, "summary_activation": null, "summary_first_dropout": 0.1,
    "summary_proj_to_labels": true, "summary_type": "cls_index", "summary_use_proj": true,
    "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}}, "vocab_size": 50257}"#;

/// bigcode/starcoder.
const STARCODER: &str = r#"{"activation_function": "gelu", "architectures": ["GPTBigCodeForCausalLM"],
    "attention_softmax_in_fp32": true, "multi_query": true, "attn_pdrop": 0.1, "bos_token_id": 0, "embd_pdrop": 0.1,
    "eos_token_id": 0, "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gpt_bigcode",
    "n_embd": 6144, "n_head": 48, "n_inner": 24576, "n_layer": 40, "n_positions": 8192, "resid_pdrop": 0.1,
    "scale_attention_softmax_in_fp32": true, "scale_attn_weights": true, "summary_first_dropout": 0.1,
    "summary_proj_to_labels": true, "summary_type": "cls_index", "summary_use_proj": true, "torch_dtype": "float32",
    "use_cache": true, "vocab_size": 49152}"#;

/// bigcode/starcoderbase-1b, as mlc-llm's `model_preset.py` has it.
const STARCODERBASE_1B: &str = r#"{"activation_function": "gelu_pytorch_tanh", "attention_softmax_in_fp32": true,
    "multi_query": true, "model_type": "gpt_bigcode", "n_embd": 2048, "n_head": 16, "n_inner": 8192, "n_layer": 24,
    "n_positions": 2048, "runner_max_sequence_length": null, "scale_attention_softmax_in_fp32": true,
    "scale_attn_weights": true, "vocab_size": 49280}"#;

/// facebook/opt-6.7b.
const OPT_6_7B: &str = r#"{"_remove_final_layer_norm": false, "activation_dropout": 0.0, "activation_function": "relu",
    "architectures": ["OPTForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 2, "do_layer_norm_before": true,
    "dropout": 0.1, "eos_token_id": 2, "ffn_dim": 16384, "hidden_size": 4096, "init_std": 0.02, "layerdrop": 0.0,
    "max_position_embeddings": 2048, "model_type": "opt", "num_attention_heads": 32, "num_hidden_layers": 32,
    "pad_token_id": 1, "prefix": "</s>", "torch_dtype": "float16", "use_cache": true, "vocab_size": 50272,
    "word_embed_proj_dim": 4096}"#;

/// facebook/opt-350m, the one with norms after and a narrow table.
const OPT_350M: &str = r#"{"activation_dropout": 0.0, "activation_function": "relu", "architectures": ["OPTForCausalLM"],
    "attention_dropout": 0.0, "bos_token_id": 2, "do_layer_norm_before": false, "dropout": 0.1, "eos_token_id": 2,
    "ffn_dim": 4096, "hidden_size": 1024, "init_std": 0.02, "layerdrop": 0.0, "max_position_embeddings": 2048,
    "model_type": "opt", "num_attention_heads": 16, "num_hidden_layers": 24, "pad_token_id": 1, "prefix": "</s>",
    "torch_dtype": "float16", "transformers_version": "4.19.2", "use_cache": true, "vocab_size": 50272,
    "word_embed_proj_dim": 512}"#;

/// bigscience/bloom: the sizes of its model card.
const BLOOM: &str = r#"{"architectures": ["BloomForCausalLM"], "model_type": "bloom", "vocab_size": 250880,
    "n_embed": 14336, "n_layer": 70, "num_attention_heads": 112, "seq_length": 2048, "pretraining_tp": 4,
    "slow_but_exact": false, "apply_residual_connection_post_layernorm": false, "masked_softmax_fusion": true,
    "bias_dropout_fusion": true, "attention_softmax_in_fp32": true, "skip_bias_add": true, "skip_bias_add_qkv": false,
    "n_inner": null, "offset_alibi": 100}"#;

/// bigscience/bloomz-7b1.
const BLOOMZ_7B1: &str = r#"{"model_type": "bloom", "architectures": ["BloomForCausalLM"], "vocab_size": 250880,
    "hidden_size": 4096, "n_layer": 30, "n_head": 32, "seq_length": 2048, "attention_softmax_in_fp32": true,
    "masked_softmax_fusion": true, "bias_dropout_fusion": true}"#;

/// tiiuae/falcon-7b: `num_kv_heads` is 71 there and means nothing.
const FALCON_7B: &str = r#"{"alibi": false, "apply_residual_connection_post_layernorm": false,
    "architectures": ["FalconForCausalLM"], "attention_dropout": 0.0, "bias": false, "bos_token_id": 11,
    "eos_token_id": 11, "hidden_dropout": 0.0, "hidden_size": 4544, "initializer_range": 0.02,
    "layer_norm_epsilon": 1e-05, "model_type": "falcon", "multi_query": true, "new_decoder_architecture": false,
    "num_attention_heads": 71, "num_hidden_layers": 32, "num_kv_heads": 71, "parallel_attn": true,
    "torch_dtype": "bfloat16", "transformers_version": "4.28.1", "use_cache": true, "vocab_size": 65024}"#;

/// The same, from before Falcon was part of transformers.
const REFINED_WEB_7B: &str = r#"{"alibi": false, "architectures": ["RWForCausalLM"], "bias": false, "hidden_size": 4544,
    "model_type": "RefinedWebModel", "multi_query": true, "n_head": 71, "n_layer": 32, "parallel_attn": true,
    "vocab_size": 65024}"#;

/// tiiuae/falcon-40b-instruct.
const FALCON_40B: &str = r#"{"architectures": ["FalconForCausalLM"], "model_type": "RefinedWeb", "bias": false,
    "hidden_size": 8192, "layer_norm_epsilon": 1e-05, "n_head": 128, "n_head_kv": 8, "n_layer": 60,
    "new_decoder_architecture": true, "num_kv_heads": 8, "parallel_attn": true, "vocab_size": 65024}"#;

/// tiiuae/falcon-180B.
const FALCON_180B: &str = r#"{"architectures": ["FalconForCausalLM"], "model_type": "falcon", "num_hidden_layers": 80,
    "num_attention_heads": 232, "num_kv_heads": 8, "hidden_size": 14848, "vocab_size": 65024, "bias": false,
    "parallel_attn": true, "new_decoder_architecture": true}"#;

/// EleutherAI/gpt-neox-20b.
const GPT_NEOX_20B: &str = r#"{"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "vocab_size": 50432,
    "hidden_size": 6144, "num_hidden_layers": 44, "num_attention_heads": 64, "intermediate_size": 24576,
    "hidden_act": "gelu_fast", "rotary_pct": 0.25, "rotary_emb_base": 10000, "max_position_embeddings": 2048,
    "initializer_range": 0.02, "layer_norm_eps": 1e-05, "tie_word_embeddings": false, "use_parallel_residual": true}"#;

/// EleutherAI/pythia-6.9b.
const PYTHIA_6_9B: &str = r#"{"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "hidden_size": 4096,
    "intermediate_size": 16384, "num_attention_heads": 32, "num_hidden_layers": 32, "max_position_embeddings": 2048,
    "rotary_pct": 0.25, "tie_word_embeddings": false, "use_parallel_residual": true, "vocab_size": 50432}"#;

/// togethercomputer/RedPajama-INCITE-Base-3B-v1: attention, then the network.
const REDPAJAMA_3B: &str = r#"{"architectures": ["GPTNeoXForCausalLM"], "hidden_act": "gelu", "hidden_size": 2560,
    "intermediate_size": 10240, "layer_norm_eps": 1e-05, "max_position_embeddings": 2048, "model_type": "gpt_neox",
    "num_attention_heads": 32, "num_hidden_layers": 32, "rotary_emb_base": 10000, "rotary_pct": 1.0,
    "tie_word_embeddings": false, "use_parallel_residual": false, "vocab_size": 50432}"#;

/// google-bert/bert-base-uncased but for its class, which [`with`] adds.
const BERT_BASE: &str = r#"{"attention_probs_dropout_prob": 0.1, "gradient_checkpointing": false, "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1, "hidden_size": 768, "initializer_range": 0.02, "intermediate_size": 3072,
    "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "model_type": "bert", "num_attention_heads": 12,
    "num_hidden_layers": 12, "pad_token_id": 0, "position_embedding_type": "absolute", "type_vocab_size": 2,
    "use_cache": true, "vocab_size": 30522, "directionality": "bidi", "pooler_fc_size": 768,
    "pooler_num_attention_heads": 12, "pooler_num_fc_layers": 3, "pooler_size_per_head": 128,
    "pooler_type": "first_token_transform", "pruned_heads": {}, "chunk_size_feed_forward": 0}"#;

/// google-bert/bert-large-uncased, likewise.
const BERT_LARGE: &str = r#"{"attention_probs_dropout_prob": 0.1, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
    "hidden_size": 1024, "intermediate_size": 4096, "layer_norm_eps": 1e-12, "max_position_embeddings": 512,
    "model_type": "bert", "num_attention_heads": 16, "num_hidden_layers": 24, "type_vocab_size": 2, "vocab_size": 30522}"#;

/// FacebookAI/roberta-base, likewise.
const ROBERTA_BASE: &str = r#"{"attention_probs_dropout_prob": 0.1, "bos_token_id": 0, "classifier_dropout": null,
    "eos_token_id": 2, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 768, "initializer_range": 0.02,
    "intermediate_size": 3072, "layer_norm_eps": 1e-05, "max_position_embeddings": 514, "model_type": "roberta",
    "num_attention_heads": 12, "num_hidden_layers": 12, "pad_token_id": 1, "position_embedding_type": "absolute",
    "type_vocab_size": 1, "vocab_size": 50265}"#;

/// albert/albert-base-v2, likewise.
const ALBERT_BASE: &str = r#"{"attention_probs_dropout_prob": 0, "bos_token_id": 2, "classifier_dropout_prob": 0.1,
    "down_scale_factor": 1, "embedding_size": 128, "eos_token_id": 3, "gap_size": 0, "hidden_act": "gelu_new",
    "hidden_dropout_prob": 0, "hidden_size": 768, "initializer_range": 0.02, "inner_group_num": 1,
    "intermediate_size": 3072, "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "model_type": "albert",
    "net_structure_type": 0, "num_attention_heads": 12, "num_hidden_groups": 1, "num_hidden_layers": 12,
    "num_memory_blocks": 0, "pad_token_id": 0, "type_vocab_size": 2, "vocab_size": 30000}"#;

/// albert/albert-xxlarge-v2, likewise.
const ALBERT_XXLARGE: &str = r#"{"embedding_size": 128, "hidden_act": "gelu_new", "hidden_size": 4096,
    "inner_group_num": 1, "intermediate_size": 16384, "max_position_embeddings": 512, "model_type": "albert",
    "num_attention_heads": 64, "num_hidden_groups": 1, "num_hidden_layers": 12, "type_vocab_size": 2,
    "vocab_size": 30000}"#;

// --- Parameters ------------------------------------------------------------------------------------------------------

/// A config, its class if that isn't in it, and its parameters, typed from: [c] the model card; [t] the tensors of the
/// released architecture, counted by transformers 5.23.0 on PyTorch's meta device; [f] the released file.
const PUBLISHED: &[(&str, &str, u128, &str)] = &[
    (GPT2, "", 124_439_808, "[t]"),
    (STARCODER, "", 15_517_456_384, "[t]; 15.5B [c]"),
    (STARCODERBASE_1B, "", 1_124_886_528, "[t]"),
    (OPT_6_7B, "", 6_658_473_984, "[t]; 6.7B, arXiv:2205.01068"),
    (OPT_350M, "", 331_196_416, "[t]; 662,392,832 bytes of 16-bit numbers [f]"),
    (BLOOM, "", 176_247_271_424, "[c], of which 3,596,615,680 are the embedding's"),
    (BLOOMZ_7B1, "", 7_069_016_064, "[c]"),
    (FALCON_7B, "", 6_921_720_704, "[t]"),
    (REFINED_WEB_7B, "", 6_921_720_704, "[t] of falcon-7b"),
    (FALCON_40B, "", 41_303_293_952, "[t]; 40B [c]"),
    (FALCON_180B, "", 178_557_088_768, "179,522,565,120 [f], which has the table of 65024 · 14848 twice"),
    (GPT_NEOX_20B, "", 20_554_567_680, "[c]"),
    (PYTHIA_6_9B, "", 6_857_302_016, "[c]"),
    (REDPAJAMA_3B, "", 2_775_864_320, "[t]; 2.8B [c]"),
    // The 110M and 340M of arXiv:1810.04805 are those with the pooler alone.
    (BERT_BASE, "", 109_482_240, "[t]"),
    (BERT_BASE, "BertModel", 109_482_240, "[t]"),
    (BERT_BASE, "BertForMaskedLM", 109_514_298, "[t]"),
    (BERT_BASE, "BertForPreTraining", 110_106_428, "[f]"),
    (BERT_LARGE, "BertModel", 335_141_888, "[t]"),
    (BERT_LARGE, "BertForPreTraining", 336_226_108, "[f]; 336M [c]"),
    (ROBERTA_BASE, "RobertaModel", 124_645_632, "[t]"),
    (ROBERTA_BASE, "RobertaForMaskedLM", 124_697_433, "[f]; 125M, arXiv:1907.11692"),
    (ALBERT_BASE, "AlbertModel", 11_683_584, "[t]; 12M, arXiv:1909.11942"),
    (ALBERT_BASE, "AlbertForMaskedLM", 11_221_680, "[t]"),
    (ALBERT_BASE, "AlbertForPreTraining", 11_813_810, "[f]"),
    (ALBERT_XXLARGE, "AlbertForPreTraining", 223_158_450, "[f]"),
    // What the config classes of transformers have for a config that says nothing, [t].
    (r#"{"model_type": "gpt2"}"#, "", 124_439_808, "defaults"),
    (r#"{"model_type": "gpt_bigcode"}"#, "", 111_446_784, "defaults"),
    (r#"{"model_type": "opt"}"#, "", 125_239_296, "defaults"),
    (r#"{"model_type": "bloom"}"#, "", 16_156_544, "defaults"),
    (r#"{"model_type": "falcon"}"#, "", 6_921_720_704, "defaults"),
    (r#"{"model_type": "gpt_neox"}"#, "", 20_554_567_680, "defaults"),
    (r#"{"model_type": "bert"}"#, "", 109_482_240, "defaults"),
    (r#"{"model_type": "roberta"}"#, "", 124_644_864, "defaults"),
    (r#"{"model_type": "albert"}"#, "", 222_595_584, "defaults"),
];

/// The config with its class.
fn with(config: &str, class: &str) -> String {
    if class.is_empty() {
        config.to_owned()
    } else {
        config.replacen('{', &format!(r#"{{"architectures": ["{class}"], "#), 1)
    }
}

fn model(config: &str) -> Model {
    Model::from_config("model", config).unwrap_or_else(|error| panic!("{config}: {error}"))
}

fn counted(model: &Model) -> Params {
    params(model, &Workload::prefill(1, 1), &Options::default()).unwrap()
}

#[test]
fn models_have_as_many_parameters_as_was_published() {
    for (config, class, published, source) in PUBLISHED {
        let model = model(&with(config, class));
        let found = counted(&model);
        assert_eq!(found.total, *published, "{class} {source} {config}");
        assert_eq!(found.active, found.total, "{config}");
        assert_eq!(model.warnings, Vec::<String>::new(), "{config}");
    }
}

// --- Decoders --------------------------------------------------------------------------------------------------------

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
        each.filter(|(path, ..)| path.starts_with("gpt_layer")).collect()
    };
    let names = |kernels: &[(String, u128, u128)]| -> Vec<String> {
        kernels.iter().map(|(path, ..)| path.trim_start_matches("gpt_layer.").to_owned()).collect()
    };
    let base = r#"{"model_type": "falcon", "vocab_size": 61, "hidden_size": 36, "num_attention_heads": 6,
        "num_hidden_layers": 2, "parallel_attn": true, "multi_query": false"#;
    let plain = kernels(&format!("{base}}}"));
    let (norm, mlp) = (["affine_norm.attn_in"], ["mlp.h", "mlp.y", "y"]);
    let attention = ["q+keys+values", "gqa_attention.attended", "attn_out"];
    assert_eq!(names(&plain), [&norm[..], &attention, &mlp].concat());
    let alibi = kernels(&format!(r#"{base}, "alibi": true}}"#));
    assert_eq!(names(&alibi)[2], "alibi_attention.attended");
    // Queries and keys of 36 aren't rotated, at 3 each. 6 slopes times 9 positions, added to as many scores; both are read.
    assert_eq!((plain[1].1 - alibi[1].1, alibi[2].1 - plain[2].1), (3 * 2 * 36, 6 * 9 + 6 * 9));
    assert_eq!(alibi[2].2 - plain[2].2, 2 * (6 + 9));
    let serial = kernels(&format!("{}}}", base.replace("_attn\": true", "_attn\": false")));
    assert_eq!(names(&serial), [&norm[..], &attention, &["affine_norm.ffn_in"], &mlp].concat());
    // The layer's input is read with attention's result instead of at the end.
    assert_eq!((serial[3].2 - plain[3].2, plain[6].2 - serial[7].2), (2 * 36, 2 * 36));
}

// --- Encoders --------------------------------------------------------------------------------------------------------

/// A config with its class, and FLOPs of matrix products of 1 × 128 and of 8 × 384 tokens, counted as [`DECODERS`] are.
const ENCODERS: &[(&str, &str, [u128; 2])] = &[
    (BERT_BASE, "BertModel", [22_348_431_360, 565_334_507_520]),
    (BERT_BASE, "BertForMaskedLM", [28_499_116_032, 712_969_814_016]),
    (BERT_BASE, "BertForPreTraining", [28_500_298_752, 712_979_275_776]),
    (BERT_LARGE, "BertModel", [78_922_121_216, 1_971_406_766_080]),
    (BERT_LARGE, "BertForPreTraining", [87_191_719_936, 2_169_877_069_824]),
    (ROBERTA_BASE, "RobertaModel", [22_348_431_360, 565_334_507_520]),
    (ROBERTA_BASE, "RobertaForMaskedLM", [32_380_747_776, 806_128_975_872]),
    (ALBERT_BASE, "AlbertModel", [22_373_597_184, 565_938_487_296]),
    (ALBERT_BASE, "AlbertForMaskedLM", [23_380_623_360, 590_125_989_888]),
    (ALBERT_BASE, "AlbertForPreTraining", [23_381_806_080, 590_135_451_648]),
    (ALBERT_XXLARGE, "AlbertModel", [621_864_288_256, 15_078_824_869_888]),
];

#[test]
fn encoders_multiply_what_the_real_ones_do() {
    for (config, class, matmul) in ENCODERS {
        let model = model(&with(config, class));
        for (step, matmul) in [Workload::prefill(1, 128), Workload::prefill(8, 384)].iter().zip(matmul) {
            let report = report(&model, step, &Options::default(), &[]).unwrap();
            assert_eq!(report.flops.matmul, *matmul, "{class} {step:?}");
            assert_eq!(report.cache.bytes_total.whole(), Some(0), "{class}");
        }
    }
}

/// A config, its parameters, and FLOPs of matrix products of 1 × 17 and of 3 × 7 tokens; run and counted, likewise.
const ODD_ENCODERS: &[(&str, u128, [u128; 2])] = &[
    // Two groups of three layers, each applied to three of the six.
    (
        r#"{"model_type": "albert", "architectures": ["AlbertForMaskedLM"], "vocab_size": 61, "embedding_size": 13,
            "hidden_size": 30, "num_attention_heads": 3, "num_hidden_layers": 6, "num_hidden_groups": 2,
            "inner_group_num": 3, "intermediate_size": 47, "max_position_embeddings": 29}"#,
        42_554,
        [4_606_762, 5_237_106],
    ),
    (
        r#"{"model_type": "bert", "architectures": ["BertForSequenceClassification"], "vocab_size": 61,
            "hidden_size": 30, "num_attention_heads": 3, "num_hidden_layers": 2, "intermediate_size": 47,
            "max_position_embeddings": 29, "type_vocab_size": 3, "hidden_act": "relu",
            "id2label": {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e"}}"#,
        17_409,
        [508_020, 580_860],
    ),
    (
        r#"{"model_type": "roberta", "architectures": ["RobertaForSequenceClassification"], "vocab_size": 61,
            "hidden_size": 30, "num_attention_heads": 3, "num_hidden_layers": 2, "intermediate_size": 47,
            "max_position_embeddings": 29, "type_vocab_size": 1}"#,
        17_256,
        [507_840, 580_320],
    ),
    (
        r#"{"model_type": "bert", "architectures": ["BertForQuestionAnswering"], "vocab_size": 61, "hidden_size": 30,
            "num_attention_heads": 3, "num_hidden_layers": 2, "intermediate_size": 47, "max_position_embeddings": 29}"#,
        16_356,
        [507_960, 577_080],
    ),
];

#[test]
fn encoders_of_odd_sizes_are_counted_exactly() {
    for (config, total, matmul) in ODD_ENCODERS {
        for (step, matmul) in [Workload::prefill(1, 17), Workload::prefill(3, 7)].iter().zip(matmul) {
            let report = report(&model(config), step, &Options::default(), &[]).unwrap();
            assert_eq!((report.params.total, report.flops.matmul), (*total, *matmul), "{step:?} {config}");
        }
    }
}

/// ALBERT's one layer is read twelve times, and there once.
#[test]
fn shared_weights_are_read_each_time_and_held_once() {
    let read = |layers: u64| {
        let config = ALBERT_BASE.replace(r#""num_hidden_layers": 12"#, &format!(r#""num_hidden_layers": {layers}"#));
        let report = report(&model(&config), &Workload::prefill(1, 16), &Options::default(), &[]).unwrap();
        (report.params.total, report.bytes.weights.whole().unwrap())
    };
    let ((one, first), (all, twelve)) = (read(1), read(12));
    // Four matrices of 768 × 768 and two of 768 × 3072, their biases, two norms; at 2 byte.
    let layer = 4 * 768 * 769 + 768 * 3072 + 3072 + 3072 * 768 + 768 + 4 * 768;
    assert_eq!((one, twelve - first), (all, 11 * 2 * layer));
}

#[test]
fn encoders_take_whole_texts_only() {
    let model = model(BERT_BASE);
    let asked = [Workload::decode(1, 127), Workload::decode(1, 0), Workload { past: 9, ..Workload::prefill(1, 128) }];
    let found = ["decode over 127", "decode over 0", "prefill over 9"];
    for (step, found) in asked.iter().zip(found) {
        let error = model.kernels(step, &Options::default()).unwrap_err().to_string();
        let expected = "expected prefill with nothing cached, as an encoder takes whole texts";
        assert_eq!(error, format!("model: found {found} cached tokens, {expected}"));
    }
    let whole = model.plan(&Steps::prefill(), &Options::default());
    assert!(whole.is_ok(), "{whole:?}");
    for steps in [Steps::decode(), Steps::chunks(), Steps { phase: Phase::Decode, ..Steps::prefill() }] {
        assert!(model.plan(&steps, &Options::default()).is_err(), "{steps:?}");
    }
}

// --- Names -----------------------------------------------------------------------------------------------------------

/// The tensors of released files, relative to the layer where there is one: those that are in the layers of each kind of
/// name, as `transformers` 5.23.0 writes them; BLOOM's card, Falcon's and the others' files have the same.
const NAMES: &[(&str, &[&str])] = &[
    (
        r#"{"model_type": "gpt_bigcode"}"#,
        &[
            "attn.c_attn",
            "attn.c_proj",
            "ln_1",
            "ln_2",
            "mlp.c_fc",
            "mlp.c_proj",
            "transformer.ln_f",
            "transformer.wpe",
            "transformer.wte",
        ],
    ),
    (
        OPT_350M,
        &[
            "fc1",
            "fc2",
            "final_layer_norm",
            "model.decoder.embed_positions",
            "model.decoder.embed_tokens",
            "model.decoder.project_in",
            "model.decoder.project_out",
            "self_attn.k_proj",
            "self_attn.out_proj",
            "self_attn.q_proj",
            "self_attn.v_proj",
            "self_attn_layer_norm",
        ],
    ),
    (
        BLOOM,
        &[
            "input_layernorm",
            "mlp.dense_4h_to_h",
            "mlp.dense_h_to_4h",
            "post_attention_layernorm",
            "self_attention.dense",
            "self_attention.query_key_value",
            "transformer.ln_f",
            "transformer.word_embeddings",
            "transformer.word_embeddings_layernorm",
        ],
    ),
    (
        FALCON_7B,
        &[
            "input_layernorm",
            "mlp.dense_4h_to_h",
            "mlp.dense_h_to_4h",
            "self_attention.dense",
            "self_attention.query_key_value",
            "transformer.ln_f",
            "transformer.word_embeddings",
        ],
    ),
    (
        FALCON_40B,
        &[
            "ln_attn",
            "ln_mlp",
            "mlp.dense_4h_to_h",
            "mlp.dense_h_to_4h",
            "self_attention.dense",
            "self_attention.query_key_value",
            "transformer.ln_f",
            "transformer.word_embeddings",
        ],
    ),
    (
        GPT_NEOX_20B,
        &[
            "attention.dense",
            "attention.query_key_value",
            "embed_out",
            "gpt_neox.embed_in",
            "gpt_neox.final_layer_norm",
            "input_layernorm",
            "mlp.dense_4h_to_h",
            "mlp.dense_h_to_4h",
            "post_attention_layernorm",
        ],
    ),
    (
        r#"{"model_type": "bert", "architectures": ["BertForPreTraining"]}"#,
        &[
            "attention.output.LayerNorm",
            "attention.output.dense",
            "attention.self.key",
            "attention.self.query",
            "attention.self.value",
            "bert.embeddings.LayerNorm",
            "bert.embeddings.position_embeddings",
            "bert.embeddings.token_type_embeddings",
            "bert.embeddings.word_embeddings",
            "bert.pooler.dense",
            "cls.predictions",
            "cls.predictions.transform.LayerNorm",
            "cls.predictions.transform.dense",
            "cls.seq_relationship",
            "intermediate.dense",
            "output.LayerNorm",
            "output.dense",
        ],
    ),
    (
        r#"{"model_type": "roberta", "architectures": ["RobertaForSequenceClassification"]}"#,
        &[
            "attention.output.LayerNorm",
            "attention.output.dense",
            "attention.self.key",
            "attention.self.query",
            "attention.self.value",
            "classifier.dense",
            "classifier.out_proj",
            "intermediate.dense",
            "output.LayerNorm",
            "output.dense",
            "roberta.embeddings.LayerNorm",
            "roberta.embeddings.position_embeddings",
            "roberta.embeddings.token_type_embeddings",
            "roberta.embeddings.word_embeddings",
        ],
    ),
    (
        r#"{"model_type": "albert", "architectures": ["AlbertForPreTraining"]}"#,
        &[
            "albert.embeddings.LayerNorm",
            "albert.embeddings.position_embeddings",
            "albert.embeddings.token_type_embeddings",
            "albert.embeddings.word_embeddings",
            "albert.encoder.embedding_hidden_mapping_in",
            "albert.pooler",
            "attention.LayerNorm",
            "attention.dense",
            "attention.key",
            "attention.query",
            "attention.value",
            "ffn",
            "ffn_output",
            "full_layer_layer_norm",
            "predictions",
            "predictions.LayerNorm",
            "predictions.dense",
            "sop_classifier.classifier",
        ],
    ),
];

#[test]
fn tensors_have_their_names_in_released_files() {
    for (config, modules) in NAMES {
        let tensors = model(config).tensors(&Workload::prefill(1, 1), &Options::default()).unwrap();
        let names = tensors.iter().filter(|tensor| tensor.role == Role::Weight).map(|tensor| {
            let name = tensor.hf.as_deref().unwrap_or_else(|| panic!("{} has no name", tensor.path));
            let module = name.strip_suffix(".weight").or_else(|| name.strip_suffix(".bias"));
            module.unwrap_or_else(|| panic!("{name} is no weight and no bias"))
        });
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names, *modules, "{config}");
    }
    // In GGUF files the norms of Falcon 40B are the other way round.
    let tensors = model(FALCON_40B).tensors(&Workload::prefill(1, 1), &Options::default()).unwrap();
    let gguf = |hf: &str| tensors.iter().find(|tensor| tensor.hf.as_deref() == Some(hf)).and_then(|it| it.gguf.clone());
    assert_eq!(gguf("ln_attn.weight").as_deref(), Some("blk.*.attn_norm_2.weight"));
    assert_eq!(gguf("ln_mlp.weight").as_deref(), Some("blk.*.attn_norm.weight"));
}

// --- Bad configs -----------------------------------------------------------------------------------------------------

/// A model type, what its config says besides the defaults, and the error.
const WRONG: &[(&str, &str, &str)] = &[
    ("gpt2", r#""add_cross_attention": true"#, "add_cross_attention: found true, expected false"),
    ("gpt2", r#""n_head": 7"#, "n_head: found 7, expected a divisor of n_embd, which is 768"),
    ("gpt2", r#""n_embd": 768, "hidden_size": 1024"#, "hidden_size: found 1024, expected 768, as n_embd has it"),
    ("gpt2", r#""n_layer": 1000000"#, "n_layer: found 1000000, expected at most 65536"),
    (
        "gpt2",
        r#""n_embd": 9223372036854775808"#,
        "n_embd: found 9223372036854775808, expected a size that fits 64 bits 4 times",
    ),
    ("gpt2", r#""tie_word_embeddings": "yes""#, r#"tie_word_embeddings: found "yes", expected true or false"#),
    ("gpt_bigcode", r#""num_key_value_heads": 5"#, "num_key_value_heads: found 5, expected 1, as multi_query says"),
    ("gpt_bigcode", r#""multi_query": 1"#, "multi_query: found 1, expected true or false"),
    (
        "opt",
        r#""max_position_embeddings": 18446744073709551615"#,
        "max_position_embeddings: found 18446744073709551615, expected a size that fits 64 bits with 2 more",
    ),
    ("opt", r#""word_embed_proj_dim": 0"#, "word_embed_proj_dim: found 0, expected a positive whole number"),
    (
        "opt",
        r#""num_key_value_heads": 3"#,
        r#"num_key_value_heads: found 3, expected no such field in a config of model_type "opt", whose cost would change"#,
    ),
    ("bloom", r#""slow_but_exact": true"#, "slow_but_exact: found true, expected false"),
    ("bloom", r#""n_inner": 60"#, "n_inner: found 60, expected 256, four times hidden_size"),
    (
        "falcon",
        r#""new_decoder_architecture": true, "num_kv_heads": 8"#,
        "num_kv_heads: found 8, expected a divisor of num_attention_heads, which is 71",
    ),
    (
        "falcon",
        r#""new_decoder_architecture": true, "parallel_attn": false"#,
        "parallel_attn: found false, expected true, as new_decoder_architecture is",
    ),
    (
        "falcon",
        r#""num_ln_in_parallel_attn": 2"#,
        "num_ln_in_parallel_attn: found 2, expected 1, as new_decoder_architecture is false",
    ),
    (
        "falcon",
        r#""new_decoder_architecture": true, "num_ln_in_parallel_attn": 3"#,
        "num_ln_in_parallel_attn: found 3, expected 1 or 2",
    ),
    (
        "falcon",
        r#""multi_query": false, "num_kv_heads": 2"#,
        "num_kv_heads: found 2, expected 71, as num_attention_heads has it, where multi_query is false",
    ),
    ("RefinedWeb", r#""n_head": 128"#, "hidden_size: found nothing, expected a positive whole number"),
    (
        "gpt_neox",
        r#""rotary_pct": 1.5"#,
        "rotary_pct: found 1.5, expected a share of the head size, above 0 and at most 1",
    ),
    (
        "gpt_neox",
        r#""hidden_act": "silu""#,
        r#"hidden_act: found "silu", expected "gelu" or "gelu_python" or "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" or "gelu_python_tanh" or "gelu_accurate" or "relu""#,
    ),
    ("bert", r#""is_decoder": true"#, "is_decoder: found true, expected false"),
    ("bert", r#""add_cross_attention": true"#, "add_cross_attention: found true, expected false"),
    (
        "bert",
        r#""position_embedding_type": "relative_key""#,
        r#"position_embedding_type: found "relative_key", expected "absolute""#,
    ),
    (
        "bert",
        r#""architectures": ["BertLMHeadModel"]"#,
        r#"architectures: found "BertLMHeadModel", expected one of BertModel, BertForMaskedLM, BertForPreTraining, BertForNextSentencePrediction, BertForSequenceClassification, BertForMultipleChoice, BertForTokenClassification, BertForQuestionAnswering"#,
    ),
    ("bert", r#""architectures": ["BertModel", "BertForMaskedLM"]"#, "architectures: found 2 classes, expected one"),
    (
        "bert",
        r#""architectures": ["BertForMaskedLM"], "tie_word_embeddings": false"#,
        "tie_word_embeddings: found false, expected true in a model of masked words",
    ),
    (
        "bert",
        r#""architectures": ["BertForQuestionAnswering"], "num_labels": 3"#,
        "id2label: found 3 labels, expected 2, for where an answer begins and ends",
    ),
    ("bert", r#""id2label": ["a"]"#, r#"id2label: found ["a"], expected an object with a name for each label"#),
    ("bert", r#""id2label": {"0": "a"}, "num_labels": 2"#, "num_labels: found 2, expected 1, as id2label says"),
    ("bert", r#""type_vocab_size": 0"#, "type_vocab_size: found 0, expected a positive whole number"),
    (
        "bert",
        r#""chunk_size_feed_forward": 16"#,
        r#"chunk_size_feed_forward: found 16, expected no such field in a config of model_type "bert", whose cost would change"#,
    ),
    (
        "roberta",
        r#""architectures": ["RobertaForPreTraining"]"#,
        r#"architectures: found "RobertaForPreTraining", expected one of RobertaModel, RobertaForMaskedLM, RobertaForSequenceClassification, RobertaForMultipleChoice, RobertaForTokenClassification, RobertaForQuestionAnswering"#,
    ),
    (
        "roberta",
        r#""architectures": ["RobertaForMaskedLM"], "hidden_act": "relu""#,
        r#"hidden_act: found "relu", expected "gelu" or "gelu_python""#,
    ),
    (
        "albert",
        r#""num_hidden_groups": 5"#,
        "num_hidden_groups: found 5, expected a divisor of num_hidden_layers, which is 12",
    ),
    (
        "albert",
        r#""down_scale_factor": 2"#,
        "down_scale_factor: found 2, expected 1, as every released checkpoint says",
    ),
];

#[test]
fn wrong_configs_name_the_field() {
    for (model_type, fields, message) in WRONG {
        let config = format!(r#"{{"model_type": "{model_type}", {fields}}}"#);
        let error = Model::from_config("model", &config).unwrap_err().to_string();
        assert_eq!(error, *message, "{config}");
    }
}
