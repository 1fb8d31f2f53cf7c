//! Models from GGUF files alone: tensors by the names of llama.cpp (`gguf-py/gguf/constants.py`), metadata by its keys.

use std::sync::atomic::{AtomicUsize, Ordering};

use cost_models::{Model, Workload, report};
use cost_tests::files::{GGUF3, Tensor, Value, ggml_bytes, gguf, tensor};
use cost_tests::said;
use proptest::prelude::*;

use crate::cases::{Row, tensors};
use crate::headers::directory;
use crate::models::bytes;

/// An architecture in a file.
struct Case {
    name: &'static str,
    model_type: &'static str,
    keys: &'static [(&'static str, u32)],
    layers: u64,
    rows: &'static [&'static [Row]],
}

const ENDS: &[Row] = &[
    ("token_embd.weight", &[512, 128], "Q8_0"),
    ("output_norm.weight", &[128], "F32"),
    ("blk.*.attn_norm.weight", &[128], "F32"),
];
const HEAD: &[Row] = &[("output.weight", &[512, 128], "Q5_0")];
const FFN_NORM: &[Row] = &[("blk.*.ffn_norm.weight", &[128], "F32")];
const POST_NORM: &[Row] = &[("blk.*.post_attention_norm.weight", &[128], "F32")];
const ATTENTION: &[Row] = &[
    ("blk.*.attn_q.weight", &[128, 128], "Q4_0"),
    ("blk.*.attn_k.weight", &[64, 128], "Q4_0"),
    ("blk.*.attn_v.weight", &[64, 128], "Q5_1"),
    ("blk.*.attn_output.weight", &[128, 128], "Q4_0"),
];
const BIASES: &[Row] =
    &[("blk.*.attn_q.bias", &[128], "F32"), ("blk.*.attn_k.bias", &[64], "F32"), ("blk.*.attn_v.bias", &[64], "F32")];
const HEAD_NORMS: &[Row] = &[("blk.*.attn_q_norm.weight", &[32], "F32"), ("blk.*.attn_k_norm.weight", &[32], "F32")];
const WIDE_NORMS: &[Row] = &[("blk.*.attn_q_norm.weight", &[128], "F32"), ("blk.*.attn_k_norm.weight", &[64], "F32")];
const FFN: &[Row] = &[
    ("blk.*.ffn_gate.weight", &[256, 128], "IQ4_NL"),
    ("blk.*.ffn_up.weight", &[256, 128], "Q4_1"),
    ("blk.*.ffn_down.weight", &[128, 256], "IQ3_S"),
];
const MIXTURE: &[Row] = &[
    ("blk.*.ffn_gate_inp.weight", &[4, 128], "F32"),
    ("blk.*.ffn_gate_exps.weight", &[4, 64, 128], "MXFP4"),
    ("blk.*.ffn_up_exps.weight", &[4, 64, 128], "MXFP4"),
    ("blk.*.ffn_down_exps.weight", &[4, 128, 64], "Q5_0"),
];
const SHARED: &[Row] = &[
    ("blk.*.ffn_gate_shexp.weight", &[64, 128], "Q8_0"),
    ("blk.*.ffn_up_shexp.weight", &[64, 128], "Q8_0"),
    ("blk.*.ffn_down_shexp.weight", &[128, 64], "Q8_0"),
];

/// Keys of most architectures.
const SIZES: &[(&str, u32)] = &[
    ("context_length", 4096),
    ("embedding_length", 128),
    ("block_count", 2),
    ("attention.head_count", 4),
    ("attention.head_count_kv", 2),
];

/// One tensor of queries, keys and values, so many rows, with its shift and what is behind it.
macro_rules! joined {
    ($rows:expr) => {
        &[
            ("blk.*.attn_qkv.weight", &[$rows, 128], "Q4_0"),
            ("blk.*.attn_qkv.bias", &[$rows], "F32"),
            ("blk.*.attn_output.weight", &[128, 128], "Q4_0"),
            ("blk.*.attn_output.bias", &[128], "F32"),
        ]
    };
}

const CASES: &[Case] = &[
    Case {
        name: "llama",
        model_type: "llama",
        keys: &[("feed_forward_length", 256), ("rope.dimension_count", 32)],
        layers: 2,
        rows: &[ENDS, HEAD, FFN_NORM, ATTENTION, FFN],
    },
    // Experts one by one, as the first files had them.
    Case {
        name: "llama",
        model_type: "mixtral",
        keys: &[("feed_forward_length", 64), ("expert_count", 4), ("expert_used_count", 2)],
        layers: 2,
        rows: &[
            ENDS,
            HEAD,
            FFN_NORM,
            ATTENTION,
            &[
                ("blk.*.ffn_gate_inp.weight", &[4, 128], "F16"),
                ("blk.*.ffn_gate.*.weight", &[64, 128], "Q4_0"),
                ("blk.*.ffn_up.*.weight", &[64, 128], "Q4_0"),
                ("blk.*.ffn_down.*.weight", &[128, 64], "Q4_0"),
            ],
        ],
    },
    Case {
        name: "llama",
        model_type: "mixtral",
        keys: &[("feed_forward_length", 64), ("expert_count", 4), ("expert_used_count", 2)],
        layers: 2,
        rows: &[ENDS, HEAD, FFN_NORM, ATTENTION, MIXTURE],
    },
    Case {
        name: "qwen2",
        model_type: "qwen2",
        keys: &[("feed_forward_length", 256)],
        layers: 2,
        rows: &[ENDS, FFN_NORM, ATTENTION, BIASES, FFN],
    },
    Case {
        name: "qwen2moe",
        model_type: "qwen2_moe",
        keys: &[
            ("feed_forward_length", 256),
            ("expert_count", 4),
            ("expert_used_count", 2),
            ("expert_feed_forward_length", 64),
            ("expert_shared_feed_forward_length", 64),
        ],
        layers: 2,
        rows: &[
            ENDS,
            HEAD,
            FFN_NORM,
            ATTENTION,
            BIASES,
            MIXTURE,
            SHARED,
            &[("blk.*.ffn_gate_inp_shexp.weight", &[128], "F32")],
        ],
    },
    Case {
        name: "qwen3",
        model_type: "qwen3",
        keys: &[("feed_forward_length", 256), ("attention.key_length", 32), ("attention.value_length", 32)],
        layers: 2,
        rows: &[ENDS, FFN_NORM, ATTENTION, HEAD_NORMS, FFN],
    },
    Case {
        name: "qwen3moe",
        model_type: "qwen3_moe",
        keys: &[
            ("feed_forward_length", 256),
            ("attention.key_length", 32),
            ("expert_count", 4),
            ("expert_used_count", 2),
            ("expert_feed_forward_length", 64),
        ],
        layers: 2,
        rows: &[ENDS, HEAD, FFN_NORM, ATTENTION, HEAD_NORMS, MIXTURE],
    },
    Case {
        name: "gemma2",
        model_type: "gemma2",
        keys: &[("feed_forward_length", 256), ("attention.key_length", 32), ("attention.sliding_window", 64)],
        layers: 2,
        rows: &[ENDS, FFN_NORM, POST_NORM, ATTENTION, FFN, &[("blk.*.post_ffw_norm.weight", &[128], "F32")]],
    },
    Case {
        name: "gemma3",
        model_type: "gemma3_text",
        keys: &[("feed_forward_length", 256), ("attention.key_length", 32), ("attention.sliding_window", 64)],
        layers: 2,
        rows: &[
            ENDS,
            FFN_NORM,
            POST_NORM,
            ATTENTION,
            HEAD_NORMS,
            FFN,
            &[("blk.*.post_ffw_norm.weight", &[128], "F32")],
        ],
    },
    Case {
        name: "phi3",
        model_type: "phi3",
        keys: &[("feed_forward_length", 256), ("attention.sliding_window", 0)],
        layers: 2,
        rows: &[
            ENDS,
            HEAD,
            FFN_NORM,
            &[
                ("blk.*.attn_qkv.weight", &[256, 128], "Q5_0"),
                ("blk.*.attn_output.weight", &[128, 128], "Q4_0"),
                ("blk.*.ffn_up.weight", &[512, 128], "Q4_0"),
                ("blk.*.ffn_down.weight", &[128, 256], "Q6_K"),
                ("rope_factors_long.weight", &[16], "F32"),
                ("rope_factors_short.weight", &[16], "F32"),
            ],
        ],
    },
    Case {
        name: "olmo2",
        model_type: "olmo2",
        keys: &[("feed_forward_length", 256)],
        layers: 2,
        rows: &[
            &[("token_embd.weight", &[512, 128], "Q8_0"), ("output_norm.weight", &[128], "F32")],
            HEAD,
            POST_NORM,
            ATTENTION,
            WIDE_NORMS,
            FFN,
            &[("blk.*.post_ffw_norm.weight", &[128], "F32")],
        ],
    },
    Case {
        name: "gpt-oss",
        model_type: "gpt_oss",
        keys: &[
            ("feed_forward_length", 64),
            ("attention.key_length", 32),
            ("attention.sliding_window", 64),
            ("expert_count", 4),
            ("expert_used_count", 2),
            ("expert_feed_forward_length", 64),
        ],
        layers: 2,
        rows: &[
            ENDS,
            HEAD,
            POST_NORM,
            ATTENTION,
            BIASES,
            MIXTURE,
            &[
                ("blk.*.attn_output.bias", &[128], "F32"),
                ("blk.*.attn_sinks.weight", &[4], "F32"),
                ("blk.*.ffn_gate_inp.bias", &[4], "F32"),
                ("blk.*.ffn_gate_exps.bias", &[4, 64], "F32"),
                ("blk.*.ffn_up_exps.bias", &[4, 64], "F32"),
                ("blk.*.ffn_down_exps.bias", &[4, 128], "F32"),
            ],
        ],
    },
    Case {
        name: "minimax-m2",
        model_type: "minimax_m2",
        keys: &[
            ("feed_forward_length", 64),
            ("attention.key_length", 32),
            ("expert_count", 4),
            ("expert_used_count", 2),
            ("expert_feed_forward_length", 64),
            ("expert_gating_func", 2),
        ],
        layers: 2,
        rows: &[ENDS, HEAD, FFN_NORM, ATTENTION, WIDE_NORMS, MIXTURE, &[("blk.*.exp_probs_b.bias", &[4], "F32")]],
    },
];

/// Those of the families with `LayerNorm`.
const CLASSIC: &[Case] = &[
    Case {
        name: "gpt2",
        model_type: "gpt2",
        keys: &[("feed_forward_length", 512)],
        layers: 2,
        rows: &[ENDS, SHIFTS, PLACES, MLP_NORM, joined![384], MLP, MLP_BIASES, HEAD],
    },
    Case {
        name: "starcoder",
        model_type: "gpt_bigcode",
        keys: &[("feed_forward_length", 512)],
        layers: 2,
        rows: &[ENDS, SHIFTS, PLACES, MLP_NORM, joined![192], MLP, MLP_BIASES],
    },
    Case {
        name: "bloom",
        model_type: "bloom",
        keys: &[("feed_forward_length", 512)],
        layers: 2,
        rows: &[
            ENDS,
            SHIFTS,
            MLP_NORM,
            joined![384],
            MLP,
            MLP_BIASES,
            &[("token_embd_norm.weight", &[128], "F32"), ("token_embd_norm.bias", &[128], "F32")],
        ],
    },
    Case {
        name: "gptneox",
        model_type: "gpt_neox",
        keys: &[("feed_forward_length", 512)],
        layers: 2,
        rows: &[ENDS, SHIFTS, MLP_NORM, joined![384], MLP, MLP_BIASES, HEAD],
    },
    // Falcon-7B has one norm and one key/value head, Falcon-40B two norms and several.
    Case {
        name: "falcon",
        model_type: "falcon",
        keys: &[("feed_forward_length", 512)],
        layers: 2,
        rows: &[ENDS, SHIFTS, JOINED_ALONE, MLP, HEAD],
    },
    Case {
        name: "falcon",
        model_type: "falcon",
        keys: &[("feed_forward_length", 512)],
        layers: 2,
        rows: &[
            ENDS,
            SHIFTS,
            &[("blk.*.attn_norm_2.weight", &[128], "F32"), ("blk.*.attn_norm_2.bias", &[128], "F32")],
            &[("blk.*.attn_qkv.weight", &[256, 128], "Q4_0"), ("blk.*.attn_output.weight", &[128, 128], "Q4_0")],
            MLP,
            HEAD,
        ],
    },
    Case {
        name: "mamba2",
        model_type: "mamba2",
        keys: &[
            ("feed_forward_length", 0),
            ("ssm.conv_kernel", 4),
            ("ssm.inner_size", 256),
            ("ssm.state_size", 32),
            ("ssm.time_step_rank", 8),
            ("ssm.group_count", 2),
        ],
        layers: 2,
        rows: &[
            ENDS,
            // Gates and values, two groups' keys and queries, and steps; all but the gates and steps are convolved.
            &[
                ("blk.*.ssm_in.weight", &[256 + 256 + 4 * 32 + 8, 128], "Q4_0"),
                ("blk.*.ssm_conv1d.weight", &[256 + 4 * 32, 4], "F32"),
                ("blk.*.ssm_conv1d.bias", &[256 + 4 * 32], "F32"),
                ("blk.*.ssm_dt.bias", &[8], "F32"),
                ("blk.*.ssm_a", &[8, 1], "F32"),
                ("blk.*.ssm_d", &[8, 1], "F32"),
                ("blk.*.ssm_norm.weight", &[2, 128], "F32"),
                ("blk.*.ssm_out.weight", &[128, 256], "Q4_0"),
            ],
        ],
    },
];

const SHIFTS: &[Row] = &[("output_norm.bias", &[128], "F32"), ("blk.*.attn_norm.bias", &[128], "F32")];
const PLACES: &[Row] = &[("position_embd.weight", &[4096, 128], "F32")];
const MLP_NORM: &[Row] = &[("blk.*.ffn_norm.weight", &[128], "F32"), ("blk.*.ffn_norm.bias", &[128], "F32")];
const JOINED_ALONE: &[Row] =
    &[("blk.*.attn_qkv.weight", &[192, 128], "Q4_0"), ("blk.*.attn_output.weight", &[128, 128], "Q4_0")];
const MLP: &[Row] = &[("blk.*.ffn_up.weight", &[512, 128], "Q4_0"), ("blk.*.ffn_down.weight", &[128, 512], "Q4_K")];
const MLP_BIASES: &[Row] = &[("blk.*.ffn_up.bias", &[512], "F32"), ("blk.*.ffn_down.bias", &[128], "F32")];

/// Writes a file and reads the model in it; also the bytes of the tensors that a step may read.
fn opened(name: &str, keys: &[(&str, u32)], tensors: &[Tensor]) -> Result<(Model, u64), String> {
    static OPENED: AtomicUsize = AtomicUsize::new(0);
    let path = directory(&format!("architecture {}", OPENED.fetch_add(1, Ordering::Relaxed))).join("model.gguf");
    let keys = keys.iter().map(|(key, value)| (format!("{name}.{key}"), Value::U32(*value)));
    let architecture = ("general.architecture".to_owned(), Value::Text(name.to_owned()));
    let written = gguf(GGUF3, &[architecture].into_iter().chain(keys).collect::<Vec<_>>(), tensors);
    written.save(&path);
    let read = tensors.iter().filter(|tensor| !tensor.name.starts_with("rope_factors"));
    Ok((Model::from_path(&path).map_err(|error| error.to_string())?, read.map(ggml_bytes).sum()))
}

/// A file's tensors in every format, and no others, are the model's.
#[test]
fn every_architecture_is_read_from_its_own_file() {
    for case in CASES.iter().chain(CLASSIC) {
        let tensors = tensors(&case.rows.concat(), 0..case.layers, 4);
        let keys = [SIZES, case.keys].concat();
        let (model, data) =
            opened(case.name, &keys, &tensors).unwrap_or_else(|error| panic!("{}: {error}", case.model_type));
        assert_eq!(model.model_type, case.model_type);
        assert_eq!(bytes(&model), u128::from(data), "{}", case.model_type);
        assert_eq!(model.warnings().count(), 0, "{}: {:?}", case.model_type, model.notes);
        assert_eq!(model.context, Some(4096));
        let mut lacking = tensors.clone();
        let lost = lacking.remove(3).name;
        let error = opened(case.name, &keys, &lacking).err().unwrap_or_default();
        assert!(error.contains(&lost) || error.contains("expected"), "{} without {lost}: {error}", case.model_type);
    }
}

const LATENT: &[Row] = &[
    ("blk.*.attn_q_a.weight", &[64, 128], "Q4_0"),
    ("blk.*.attn_q_a_norm.weight", &[64], "F32"),
    ("blk.*.attn_q_b.weight", &[256, 64], "Q4_0"),
    ("blk.*.attn_kv_a_mqa.weight", &[96, 128], "Q4_0"),
    ("blk.*.attn_kv_a_norm.weight", &[64], "F32"),
    ("blk.*.attn_output.weight", &[128, 128], "Q4_0"),
];
const JOINED: &[Row] = &[("blk.*.attn_kv_b.weight", &[256, 64], "Q8_0")];
/// Keys' part has its rows along the heads' size.
const APART: &[Row] =
    &[("blk.*.attn_k_b.weight", &[4, 64, 32], "Q8_0"), ("blk.*.attn_v_b.weight", &[4, 32, 64], "Q8_0")];
const CORRECTION: &[Row] = &[("blk.*.exp_probs_b.bias", &[4], "F32")];

/// DeepSeek's, whose layers are not all alike, with up-projections as one tensor or two.
#[test]
fn latent_attention_is_read_in_both_forms() {
    let common = [
        SIZES,
        &[
            ("feed_forward_length", 256),
            ("attention.q_lora_rank", 64),
            ("attention.kv_lora_rank", 64),
            ("rope.dimension_count", 32),
            ("leading_dense_block_count", 1),
            ("expert_count", 4),
            ("expert_used_count", 2),
            ("expert_shared_count", 1),
            ("expert_feed_forward_length", 64),
        ],
    ]
    .concat();
    let plain = [("attention.key_length", 64), ("attention.value_length", 32)];
    let absorbed = [
        ("attention.key_length", 96),
        ("attention.value_length", 64),
        ("attention.key_length_mla", 64),
        ("attention.value_length_mla", 32),
    ];
    for (keys, up, correction, model_type) in [
        (&plain[..], JOINED, &[][..], "deepseek_v2"),
        (&plain, JOINED, CORRECTION, "deepseek_v3"),
        (&absorbed, APART, CORRECTION, "deepseek_v3"),
    ] {
        let everywhere = tensors(&[ENDS, HEAD, FFN_NORM, LATENT, up].concat(), 0..2, 1);
        let mixture = tensors(&[MIXTURE, SHARED, correction].concat(), 1..2, 1);
        let all = [everywhere, tensors(FFN, 0..1, 1), mixture].concat();
        let (model, data) =
            opened("deepseek2", &[&common, keys].concat(), &all).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((model.model_type.as_str(), bytes(&model)), (model_type, data.into()));
    }
}

/// Qwen3-Next's, whose layers are of two kinds, with the state's projection as one tensor or two.
#[test]
fn layers_of_two_kinds_are_read() {
    let keys = [
        ("feed_forward_length", 256),
        ("attention.key_length", 32),
        ("expert_count", 4),
        ("expert_used_count", 2),
        ("expert_feed_forward_length", 64),
        ("full_attention_interval", 2),
        ("ssm.conv_kernel", 4),
        ("ssm.state_size", 32),
        ("ssm.group_count", 2),
        ("ssm.time_step_rank", 4),
        ("ssm.inner_size", 256),
    ];
    // Two heads of 32 numbers for queries and for keys, four of 64 for values and for gates.
    let apart: &[Row] =
        &[("blk.*.attn_qkv.weight", &[384, 128], "Q4_0"), ("blk.*.attn_gate.weight", &[256, 128], "Q5_0")];
    let joined: &[Row] = &[("blk.*.ssm_in.weight", &[640, 128], "Q4_0")];
    let state: &[Row] = &[
        ("blk.*.ssm_ba.weight", &[8, 128], "F32"),
        ("blk.*.ssm_conv1d.weight", &[384, 4], "F32"),
        ("blk.*.ssm_dt.bias", &[4], "F32"),
        ("blk.*.ssm_a", &[4], "F32"),
        ("blk.*.ssm_norm.weight", &[64], "F32"),
        ("blk.*.ssm_out.weight", &[128, 256], "Q4_0"),
    ];
    let attention: &[Row] = &[
        ("blk.*.attn_q.weight", &[256, 128], "Q4_0"),
        ("blk.*.attn_k.weight", &[64, 128], "Q4_0"),
        ("blk.*.attn_v.weight", &[64, 128], "Q5_1"),
        ("blk.*.attn_output.weight", &[128, 128], "Q4_0"),
    ];
    let gate: &[Row] = &[("blk.*.ffn_gate_inp_shexp.weight", &[128], "F32")];
    for projection in [apart, joined] {
        let everywhere = tensors(&[ENDS, HEAD, POST_NORM, MIXTURE, SHARED, gate].concat(), 0..2, 1);
        let linear = tensors(&[projection, state].concat(), 0..1, 1);
        let full = tensors(&[attention, HEAD_NORMS].concat(), 1..2, 1);
        let all = [everywhere, linear, full].concat();
        let (model, data) =
            opened("qwen3next", &[SIZES, &keys].concat(), &all).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((model.model_type.as_str(), bytes(&model)), ("qwen3_next", data.into()));
    }
}

/// GLM-4.5's, whose last layer is the module that predicts one token further.
#[test]
fn a_last_layer_can_predict_further_tokens() {
    let keys = [
        ("block_count", 3),
        ("feed_forward_length", 256),
        ("attention.key_length", 32),
        ("leading_dense_block_count", 1),
        ("expert_count", 4),
        ("expert_used_count", 2),
        ("expert_shared_count", 1),
        ("expert_feed_forward_length", 64),
        ("nextn_predict_layers", 1),
    ];
    let keys = [&SIZES[..2], &SIZES[3..], &keys].concat();
    let layers = tensors(&[ENDS, HEAD, POST_NORM, ATTENTION, BIASES, HEAD_NORMS].concat(), 0..2, 1);
    let mixture = |layers| tensors(&[MIXTURE, SHARED, CORRECTION].concat(), layers, 1);
    let main = [layers, tensors(FFN, 0..1, 1), mixture(1..2)].concat();
    let further: &[Row] = &[
        ("blk.*.attn_norm.weight", &[128], "F32"),
        ("blk.*.nextn.eh_proj.weight", &[128, 256], "Q8_0"),
        ("blk.*.nextn.embed_tokens.weight", &[512, 128], "Q8_0"),
        ("blk.*.nextn.enorm.weight", &[128], "F32"),
        ("blk.*.nextn.hnorm.weight", &[128], "F32"),
        ("blk.*.nextn.shared_head_head.weight", &[512, 128], "Q8_0"),
        ("blk.*.nextn.shared_head_norm.weight", &[128], "F32"),
    ];
    let module = tensors(&[further, POST_NORM, ATTENTION, BIASES, HEAD_NORMS].concat(), 2..3, 1);
    let (_, data) = opened("glm4moe", &keys, &main).unwrap_or_else(|error| panic!("{error}"));
    let all = [main, module, mixture(2..3)].concat();
    let (model, _) = opened("glm4moe", &keys, &all).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(bytes(&model), data.into());
    let params = report::params(&model, &Workload::decode(1, 1), &cost_core::Options::default()).unwrap();
    assert!(params.mtp > 0);
}

/// What is wrong with the metadata, and what is said.
#[test]
fn wrong_metadata_is_named() {
    let tensors = tensors(&[ENDS, HEAD, FFN_NORM, ATTENTION, FFN].concat(), 0..2, 1);
    let llama = [SIZES, &[("feed_forward_length", 256)]].concat();
    let without = |key: &str| llama.iter().copied().filter(|(other, _)| *other != key).collect::<Vec<_>>();
    let with = |key: &'static str, value| [without(key), vec![(key, value)]].concat();
    for (name, keys, said) in [
        ("lama", llama.clone(), &["general.architecture: found \"lama\"", "expected one of bloom, deepseek2"][..]),
        ("llama", without("block_count"), &["num_hidden_layers: found nothing"]),
        ("llama", with("block_count", 3), &["9 missing: blk.2.attn_k.weight"]),
        ("llama", with("block_count", 1), &["9 that the model doesn't have: blk.1.attn_norm.weight"]),
        (
            "llama",
            with("embedding_length", 256),
            &["of another shape", "blk.0.attn_k.weight (found [64, 128], expected [128, 256])"],
        ),
        ("llama", with("attention.head_count", 0), &["num_attention_heads: found 0"]),
        ("llama", with("block_count", u32::MAX), &["num_hidden_layers", "at most"]),
        ("llama", with("block_count", 65_536), &["tensors of the model: found more than 262165", "the file has, 21"]),
    ] {
        let error = opened(name, &keys, &tensors).err().unwrap_or_default();
        for part in said {
            assert!(error.contains(part), "{name}: no {part:?} in {error}");
        }
    }
    let mamba = [SIZES, &[("ssm.inner_size", 256), ("ssm.time_step_rank", 7)]].concat();
    let error = opened("mamba2", &mamba, &tensors).err().unwrap_or_default();
    assert!(error.contains("mamba2.ssm.time_step_rank: found 7, expected a divisor of ssm.inner_size"), "{error}");
    let (model, _) = opened("llama", &with("attention.alibi_slopes", 1), &tensors).unwrap();
    assert_eq!(said(&model), ["unknown key llama.attention.alibi_slopes is not accounted for"]);
    let mut nameless = tensors.clone();
    nameless.push(tensor("rope_freqs.weight", &[16], "F32"));
    assert!(opened("llama", &llama, &nameless).is_ok());
}

/// A value of metadata, right or absurd.
fn absurd() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec![0, 1, 2, 3, 4, 32, 128, 512, 1 << 20, u32::MAX]).prop_map(Value::U32),
        any::<u16>().prop_map(Value::U16),
        any::<f32>().prop_map(Value::F32),
        any::<bool>().prop_map(Value::Bool),
        "[a-z]{0,3}".prop_map(Value::Text),
        prop::collection::vec(0..3_u32, 0..3).prop_map(Value::U32s),
        prop::collection::vec("[a-z]", 0..3).prop_map(Value::Texts),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 99, ..ProptestConfig::default() })]

    /// Metadata that say anything at all make a model that has the file's tensors, or an error.
    #[test]
    fn absurd_metadata_are_read_or_refused(
        at in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), absurd()), 1..4),
    ) {
        let all: Vec<&Case> = CASES.iter().chain(CLASSIC).collect();
        let case = all[at.index(all.len())];
        let tensors = tensors(&case.rows.concat(), 0..case.layers, 4);
        let keys = [SIZES, case.keys].concat();
        let mut metadata: Vec<(String, Value)> =
            keys.iter().map(|(key, value)| (format!("{}.{key}", case.name), Value::U32(*value))).collect();
        for (at, value) in changes {
            let at = at.index(metadata.len());
            metadata[at].1 = value;
        }
        metadata.push(("general.architecture".to_owned(), Value::Text(case.name.to_owned())));
        let path = directory("absurd").join("model.gguf");
        gguf(GGUF3, &metadata, &tensors).save(&path);
        if let Ok(model) = Model::from_path(&path) {
            let read = tensors.iter().filter(|tensor| !tensor.name.starts_with("rope_factors"));
            prop_assert_eq!(bytes(&model), read.map(|tensor| u128::from(ggml_bytes(tensor))).sum::<u128>());
        }
    }
}
