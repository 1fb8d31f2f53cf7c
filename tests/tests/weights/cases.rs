//! Small models of every type and quantisation method as safetensors files.

use std::sync::atomic::{AtomicUsize, Ordering};

use cost_models::Model;
use cost_tests::files::{Tensor, safetensors, tensor};

use crate::headers::directory;
use crate::models::bytes;

/// Tensors by name (one `*` for layers, another one for experts), shape and type.
pub(crate) type Row = (&'static str, &'static [u64], &'static str);

/// Tensors of so many layers from the first one on, and of so many experts.
pub(crate) fn tensors(rows: &[Row], layers: std::ops::Range<u64>, experts: u64) -> Vec<Tensor> {
    let mut found = Vec::new();
    for (name, shape, kind) in rows {
        let layers = if name.contains('*') { layers.clone() } else { 0..1 };
        for layer in layers {
            let name = name.replacen('*', &layer.to_string(), 1);
            let experts = if name.contains('*') { experts } else { 1 };
            found.extend((0..experts).map(|e| tensor(&name.replacen('*', &e.to_string(), 1), shape, kind)));
        }
    }
    found
}

/// A model in safetensors files: its config and its tensors.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) config: String,
    pub(crate) tensors: Vec<Tensor>,
    /// Bytes that are in the file and not in the model: orders, sizes, tables.
    pub(crate) aside: u64,
}

pub(crate) fn case(name: &'static str, config: &str, tensors: Vec<Tensor>, aside: u64) -> Case {
    Case { name, config: config.to_owned(), tensors, aside }
}

/// Llama with 2 layers, 4 heads of 32 and 2 key/value heads.
pub(crate) const LLAMA: &str = r#""model_type": "llama", "hidden_size": 128, "intermediate_size": 256, "num_attention_heads": 4,
    "num_key_value_heads": 2, "num_hidden_layers": 2, "vocab_size": 512"#;

pub(crate) const LLAMA_ENDS: &[Row] = &[
    ("model.embed_tokens.weight", &[512, 128], "BF16"),
    ("model.norm.weight", &[128], "BF16"),
    ("lm_head.weight", &[512, 128], "BF16"),
    ("model.layers.*.input_layernorm.weight", &[128], "BF16"),
    ("model.layers.*.post_attention_layernorm.weight", &[128], "BF16"),
];

const LLAMA_MATRICES: &[(&str, u64, u64)] = &[
    ("self_attn.q_proj", 128, 128),
    ("self_attn.k_proj", 64, 128),
    ("self_attn.v_proj", 64, 128),
    ("self_attn.o_proj", 128, 128),
    ("mlp.gate_proj", 256, 128),
    ("mlp.up_proj", 256, 128),
    ("mlp.down_proj", 128, 256),
];

/// Llama's tensors, its matrices made of several each.
pub(crate) fn llama(of: impl Fn(u64, u64) -> Vec<(&'static str, Vec<u64>, &'static str)>) -> Vec<Tensor> {
    let mut found = tensors(LLAMA_ENDS, 0..2, 1);
    for layer in 0..2 {
        for (name, rows, row) in LLAMA_MATRICES {
            let parts = of(*rows, *row);
            found.extend(
                parts
                    .iter()
                    .map(|(end, shape, kind)| tensor(&format!("model.layers.{layer}.{name}.{end}"), shape, kind)),
            );
        }
    }
    found
}

pub(crate) fn quantised(config: &str, quantised: &str) -> String {
    format!(r#"{config}, "torch_dtype": "bfloat16", "quantization_config": {quantised}"#)
}

/// Llama, plain and in the formats of every method, as its own tools store them.
pub(crate) fn methods() -> Vec<Case> {
    let matrices = 7 * 2;
    vec![
        case("plain", LLAMA, llama(|rows, row| vec![("weight", vec![rows, row], "BF16")]), 0),
        case("float", LLAMA, llama(|rows, row| vec![("weight", vec![rows, row], "F32")]), 0),
        case(
            "fp8 blocks",
            &quantised(LLAMA, r#"{"quant_method": "fp8", "weight_block_size": [48, 100]}"#),
            llama(|rows, row| {
                let blocks = vec![rows.div_ceil(48), row.div_ceil(100)];
                vec![("weight", vec![rows, row], "F8_E4M3"), ("weight_scale_inv", blocks, "F32")]
            }),
            0,
        ),
        case(
            "fp8 tensors",
            &quantised(LLAMA, r#"{"quant_method": "fp8", "activation_scheme": "static"}"#),
            llama(|rows, row| {
                let scales = [("weight_scale", vec![], "F32"), ("input_scale", vec![], "F32")];
                [vec![("weight", vec![rows, row], "F8_E4M3")], scales.to_vec()].concat()
            }),
            4 * matrices,
        ),
        case(
            "gptq",
            &quantised(LLAMA, r#"{"quant_method": "gptq", "bits": 4, "group_size": 32, "desc_act": false}"#),
            llama(|rows, row| {
                vec![
                    ("qweight", vec![row / 8, rows], "I32"),
                    ("qzeros", vec![row / 32, rows / 8], "I32"),
                    ("scales", vec![row / 32, rows], "F16"),
                    ("g_idx", vec![row], "I32"),
                ]
            }),
            4 * 2 * (6 * 128 + 256),
        ),
        case(
            "awq",
            &quantised(LLAMA, r#"{"quant_method": "awq", "bits": 4, "group_size": 64, "version": "gemm"}"#),
            llama(|rows, row| {
                vec![
                    ("qweight", vec![row, rows / 8], "I32"),
                    ("qzeros", vec![row / 64, rows / 8], "I32"),
                    ("scales", vec![row / 64, rows], "F16"),
                ]
            }),
            0,
        ),
        case(
            "nf4",
            &quantised(
                LLAMA,
                r#"{"load_in_4bit": true, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": true}"#,
            ),
            llama(|rows, row| {
                let scales = rows * row / 64;
                vec![
                    ("weight", vec![rows * row / 2, 1], "U8"),
                    ("weight.absmax", vec![scales], "U8"),
                    ("weight.nested_absmax", vec![scales.div_ceil(256)], "F32"),
                    ("weight.quant_map", vec![16], "F32"),
                    ("weight.nested_quant_map", vec![256], "F32"),
                    ("weight.quant_state.bitsandbytes__nf4", vec![100], "U8"),
                ]
            }),
            (16 * 4 + 256 * 4 + 100) * matrices,
        ),
        case(
            "int8",
            &quantised(LLAMA, r#"{"load_in_8bit": true}"#),
            llama(|rows, row| vec![("weight", vec![rows, row], "I8"), ("SCB", vec![rows], "F32")]),
            0,
        ),
    ]
}

/// Llama as compressed-tensors stores it.
pub(crate) fn compressed() -> Vec<Case> {
    let matrices = 7 * 2;
    vec![
        case(
            "packed",
            &quantised(
                LLAMA,
                r#"{"quant_method": "compressed-tensors", "format": "pack-quantized", "ignore": ["lm_head"],
                    "config_groups": {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "int",
                    "strategy": "group", "group_size": 64, "symmetric": false}}}}"#,
            ),
            llama(|rows, row| {
                vec![
                    ("weight_packed", vec![rows, row / 8], "I32"),
                    ("weight_scale", vec![rows, row / 64], "BF16"),
                    ("weight_zero_point", vec![rows / 8, row / 64], "I32"),
                    ("weight_shape", vec![2], "I64"),
                ]
            }),
            16 * matrices,
        ),
        case(
            "nvfp4",
            &quantised(
                LLAMA,
                r#"{"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized", "ignore": ["lm_head"],
                    "config_groups": {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "float",
                    "strategy": "tensor_group", "group_size": 16}}}}"#,
            ),
            llama(|rows, row| {
                vec![
                    ("weight_packed", vec![rows, row / 2], "U8"),
                    ("weight_scale", vec![rows, row / 16], "F8_E4M3"),
                    ("weight_global_scale", vec![1], "F32"),
                    ("input_global_scale", vec![1], "F32"),
                ]
            }),
            4 * matrices,
        ),
    ]
}

/// Llama in the formats of tools that are no part of transformers.
pub(crate) fn further() -> Vec<Case> {
    let matrices = 7 * 2;
    let with = |field: &str, text: &str| format!(r#"{LLAMA}, "torch_dtype": "bfloat16", "{field}": {text}"#);
    // MLX packs whatever is a matrix, the embedding table too.
    let mlx = |rows: u64, row: u64| {
        let scales = vec![rows, row / 64];
        vec![("weight", vec![rows, row / 8], "U32"), ("scales", scales.clone(), "BF16"), ("biases", scales, "BF16")]
    };
    let packed = |named: &str, (rows, row)| {
        let parts = mlx(rows, row).into_iter();
        parts.map(|(end, shape, kind)| tensor(&format!("{named}.{end}"), &shape, kind)).collect::<Vec<_>>()
    };
    let ends: Vec<Tensor> = ["model.embed_tokens", "lm_head"].iter().flat_map(|it| packed(it, (512, 128))).collect();
    let all = |of: Vec<Tensor>| {
        let rest = of.into_iter().filter(|it| !it.name.contains("embed_tokens") && !it.name.contains("lm_head"));
        rest.chain(ends.clone()).collect::<Vec<_>>()
    };
    let moe = r#""model_type": "qwen3_moe", "hidden_size": 128, "intermediate_size": 256, "head_dim": 32,
        "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 2, "vocab_size": 512, "num_experts": 4,
        "num_experts_per_tok": 2, "moe_intermediate_size": 64, "torch_dtype": "bfloat16",
        "quantization": {"group_size": 64, "bits": 4, "model.layers.0.mlp.gate": false, "model.layers.1.mlp.gate": false}"#;
    let mut stacked = tensors(LLAMA_ENDS, 0..2, 1);
    for layer in 0..2 {
        let named = |name: &str| format!("model.layers.{layer}.{name}");
        for (name, rows) in [("q_proj", 128), ("k_proj", 64), ("v_proj", 64), ("o_proj", 128)] {
            stacked.extend(packed(&named(&format!("self_attn.{name}")), (rows, 128)));
        }
        stacked.extend(["q_norm", "k_norm"].map(|it| tensor(&named(&format!("self_attn.{it}.weight")), &[32], "BF16")));
        stacked.push(tensor(&named("mlp.gate.weight"), &[4, 128], "BF16"));
        for (name, rows, row) in [("gate_proj", 64, 128), ("up_proj", 64, 128), ("down_proj", 128, 64)] {
            let parts = mlx(rows, row).into_iter();
            let parts = parts.map(|(end, shape, kind)| (end, [vec![4], shape].concat(), kind));
            stacked.extend(
                parts.map(|(end, shape, kind)| tensor(&named(&format!("mlp.switch_mlp.{name}.{end}")), &shape, kind)),
            );
        }
    }
    vec![
        case("mlx", &with("quantization", r#"{"group_size": 64, "bits": 4}"#), all(llama(mlx)), 0),
        case("mlx experts", moe, all(stacked), 0),
        case(
            "modelopt fp8",
            &with("hf_quant_config.json", r#"{"quant_algo": "FP8", "exclude_modules": ["lm_head"]}"#),
            llama(|rows, row| {
                let scales = [("weight_scale", vec![], "F32"), ("input_scale", vec![], "F32")];
                [vec![("weight", vec![rows, row], "F8_E4M3")], scales.to_vec()].concat()
            }),
            4 * matrices,
        ),
        case(
            "modelopt nvfp4",
            &quantised(LLAMA, r#"{"quant_method": "modelopt", "quant_algo": "NVFP4", "ignore": ["lm_head"]}"#),
            llama(|rows, row| {
                let scales = [("weight_scale_2", vec![], "F32"), ("input_scale", vec![], "F32")];
                let parts =
                    vec![("weight", vec![rows, row / 2], "U8"), ("weight_scale", vec![rows, row / 16], "F8_E4M3")];
                [parts, scales.to_vec()].concat()
            }),
            4 * matrices,
        ),
        case(
            "eetq",
            &quantised(LLAMA, r#"{"quant_method": "eetq", "weights": "int8"}"#),
            llama(|rows, row| vec![("weight", vec![row, rows], "I8"), ("weight_scales", vec![rows], "F16")]),
            0,
        ),
        case(
            "bitnet",
            &quantised(LLAMA, r#"{"quant_method": "bitnet", "modules_to_not_convert": null}"#),
            llama(|rows, row| vec![("weight", vec![rows / 4, row], "U8"), ("weight_scale", vec![1], "BF16")]),
            0,
        ),
    ]
}

/// BERT's, saved without what stands on top, in TensorFlow's words, with a buffer.
const BERT: &[Row] = &[
    ("embeddings.word_embeddings.weight", &[512, 128], "F32"),
    ("embeddings.position_embeddings.weight", &[64, 128], "F32"),
    ("embeddings.token_type_embeddings.weight", &[2, 128], "F32"),
    ("embeddings.position_ids", &[1, 64], "I64"),
    ("embeddings.LayerNorm.gamma", &[128], "F32"),
    ("embeddings.LayerNorm.beta", &[128], "F32"),
    ("encoder.layer.*.attention.self.query.weight", &[128, 128], "F32"),
    ("encoder.layer.*.attention.self.query.bias", &[128], "F32"),
    ("encoder.layer.*.attention.self.key.weight", &[128, 128], "F32"),
    ("encoder.layer.*.attention.self.key.bias", &[128], "F32"),
    ("encoder.layer.*.attention.self.value.weight", &[128, 128], "F32"),
    ("encoder.layer.*.attention.self.value.bias", &[128], "F32"),
    ("encoder.layer.*.attention.output.dense.weight", &[128, 128], "F32"),
    ("encoder.layer.*.attention.output.dense.bias", &[128], "F32"),
    ("encoder.layer.*.attention.output.LayerNorm.gamma", &[128], "F32"),
    ("encoder.layer.*.attention.output.LayerNorm.beta", &[128], "F32"),
    ("encoder.layer.*.intermediate.dense.weight", &[512, 128], "F32"),
    ("encoder.layer.*.intermediate.dense.bias", &[512], "F32"),
    ("encoder.layer.*.output.dense.weight", &[128, 512], "F32"),
    ("encoder.layer.*.output.dense.bias", &[128], "F32"),
    ("encoder.layer.*.output.LayerNorm.gamma", &[128], "F32"),
    ("encoder.layer.*.output.LayerNorm.beta", &[128], "F32"),
    ("pooler.dense.weight", &[128, 128], "F32"),
    ("pooler.dense.bias", &[128], "F32"),
];

/// Falcon's, with the embedding table a second time, as the head that it is.
const FALCON: &[Row] = &[
    ("transformer.word_embeddings.weight", &[512, 128], "BF16"),
    ("transformer.h.*.ln_attn.weight", &[128], "BF16"),
    ("transformer.h.*.ln_attn.bias", &[128], "BF16"),
    ("transformer.h.*.ln_mlp.weight", &[128], "BF16"),
    ("transformer.h.*.ln_mlp.bias", &[128], "BF16"),
    ("transformer.h.*.self_attention.query_key_value.weight", &[256, 128], "BF16"),
    ("transformer.h.*.self_attention.dense.weight", &[128, 128], "BF16"),
    ("transformer.h.*.mlp.dense_h_to_4h.weight", &[512, 128], "BF16"),
    ("transformer.h.*.mlp.dense_4h_to_h.weight", &[128, 512], "BF16"),
    ("transformer.ln_f.weight", &[128], "BF16"),
    ("transformer.ln_f.bias", &[128], "BF16"),
    ("lm_head.weight", &[512, 128], "BF16"),
];

/// Models of other types, with the names that their released files have.
pub(crate) fn families() -> Vec<Case> {
    let mixtral = r#""model_type": "mixtral", "hidden_size": 128, "intermediate_size": 64, "num_attention_heads": 4,
        "num_key_value_heads": 2, "num_hidden_layers": 2, "vocab_size": 512, "num_local_experts": 3,
        "num_experts_per_tok": 2"#;
    let attention: &[Row] = &[
        ("model.layers.*.self_attn.q_proj.weight", &[128, 128], "BF16"),
        ("model.layers.*.self_attn.k_proj.weight", &[64, 128], "BF16"),
        ("model.layers.*.self_attn.v_proj.weight", &[64, 128], "BF16"),
        ("model.layers.*.self_attn.o_proj.weight", &[128, 128], "BF16"),
    ];
    let experts: &[Row] = &[
        ("model.layers.*.block_sparse_moe.gate.weight", &[3, 128], "BF16"),
        ("model.layers.*.block_sparse_moe.experts.*.w1.weight", &[64, 128], "BF16"),
        ("model.layers.*.block_sparse_moe.experts.*.w2.weight", &[128, 64], "BF16"),
        ("model.layers.*.block_sparse_moe.experts.*.w3.weight", &[64, 128], "BF16"),
    ];
    let phi = r#""model_type": "phi3", "hidden_size": 128, "intermediate_size": 256, "num_attention_heads": 4,
        "num_key_value_heads": 2, "num_hidden_layers": 2, "vocab_size": 512, "sliding_window": null"#;
    let joined: &[Row] = &[
        ("model.layers.*.self_attn.qkv_proj.weight", &[256, 128], "BF16"),
        ("model.layers.*.self_attn.o_proj.weight", &[128, 128], "BF16"),
        ("model.layers.*.mlp.gate_up_proj.weight", &[512, 128], "BF16"),
        ("model.layers.*.mlp.down_proj.weight", &[128, 256], "BF16"),
    ];
    let gemma = r#""model_type": "gemma2", "hidden_size": 128, "intermediate_size": 256, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 64, "num_hidden_layers": 2, "vocab_size": 512,
        "hidden_activation": "gelu_pytorch_tanh""#;
    let norms: &[Row] = &[
        ("model.embed_tokens.weight", &[512, 128], "BF16"),
        ("model.norm.weight", &[128], "BF16"),
        ("model.layers.*.input_layernorm.weight", &[128], "BF16"),
        ("model.layers.*.post_attention_layernorm.weight", &[128], "BF16"),
        ("model.layers.*.pre_feedforward_layernorm.weight", &[128], "BF16"),
        ("model.layers.*.post_feedforward_layernorm.weight", &[128], "BF16"),
        ("model.layers.*.self_attn.q_proj.weight", &[256, 128], "BF16"),
        ("model.layers.*.self_attn.k_proj.weight", &[128, 128], "BF16"),
        ("model.layers.*.self_attn.v_proj.weight", &[128, 128], "BF16"),
        ("model.layers.*.self_attn.o_proj.weight", &[128, 256], "BF16"),
        ("model.layers.*.mlp.gate_proj.weight", &[256, 128], "BF16"),
        ("model.layers.*.mlp.up_proj.weight", &[256, 128], "BF16"),
        ("model.layers.*.mlp.down_proj.weight", &[128, 256], "BF16"),
    ];
    let oss = r#""model_type": "gpt_oss", "hidden_size": 128, "intermediate_size": 64, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 32, "num_hidden_layers": 2, "vocab_size": 512, "num_local_experts": 3,
        "num_experts_per_tok": 2, "sliding_window": 16, "quantization_config": {"quant_method": "mxfp4",
        "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router", "lm_head"]}"#;
    let blocks: &[Row] = &[
        ("model.layers.*.self_attn.q_proj.bias", &[128], "BF16"),
        ("model.layers.*.self_attn.k_proj.bias", &[64], "BF16"),
        ("model.layers.*.self_attn.v_proj.bias", &[64], "BF16"),
        ("model.layers.*.self_attn.o_proj.bias", &[128], "BF16"),
        ("model.layers.*.self_attn.sinks", &[4], "BF16"),
        ("model.layers.*.mlp.router.weight", &[3, 128], "BF16"),
        ("model.layers.*.mlp.router.bias", &[3], "BF16"),
        ("model.layers.*.mlp.experts.gate_up_proj_blocks", &[3, 128, 4, 16], "U8"),
        ("model.layers.*.mlp.experts.gate_up_proj_scales", &[3, 128, 4], "U8"),
        ("model.layers.*.mlp.experts.gate_up_proj_bias", &[3, 128], "BF16"),
        ("model.layers.*.mlp.experts.down_proj_blocks", &[3, 128, 2, 16], "U8"),
        ("model.layers.*.mlp.experts.down_proj_scales", &[3, 128, 2], "U8"),
        ("model.layers.*.mlp.experts.down_proj_bias", &[3, 128], "BF16"),
    ];
    let gpt2 = r#""model_type": "gpt2", "n_embd": 128, "n_head": 4, "n_layer": 2, "n_positions": 64, "vocab_size": 512,
        "activation_function": "gelu_new""#;
    let conv: &[Row] = &[
        ("wte.weight", &[512, 128], "F32"),
        ("wpe.weight", &[64, 128], "F32"),
        ("ln_f.weight", &[128], "F32"),
        ("ln_f.bias", &[128], "F32"),
        ("h.*.ln_1.weight", &[128], "F32"),
        ("h.*.ln_1.bias", &[128], "F32"),
        ("h.*.ln_2.weight", &[128], "F32"),
        ("h.*.ln_2.bias", &[128], "F32"),
        // Its class has inputs before outputs, and a buffer with the causal mask.
        ("h.*.attn.c_attn.weight", &[128, 384], "F32"),
        ("h.*.attn.c_attn.bias", &[384], "F32"),
        ("h.*.attn.c_proj.weight", &[128, 128], "F32"),
        ("h.*.attn.c_proj.bias", &[128], "F32"),
        ("h.*.attn.bias", &[1, 1, 64, 64], "F32"),
        ("h.*.mlp.c_fc.weight", &[128, 512], "F32"),
        ("h.*.mlp.c_fc.bias", &[512], "F32"),
        ("h.*.mlp.c_proj.weight", &[512, 128], "F32"),
        ("h.*.mlp.c_proj.bias", &[128], "F32"),
    ];
    let bert = r#""model_type": "bert", "hidden_size": 128, "num_attention_heads": 4, "num_hidden_layers": 2,
        "intermediate_size": 512, "vocab_size": 512, "max_position_embeddings": 64"#;
    let falcon = r#""model_type": "falcon", "hidden_size": 128, "num_attention_heads": 4, "num_hidden_layers": 2,
        "vocab_size": 512, "new_decoder_architecture": true, "num_kv_heads": 2"#;
    let all = |rows: &[&[Row]]| tensors(&rows.concat(), 0..2, 3);
    vec![
        case("bert", bert, all(&[BERT]), 64 * 8),
        case("falcon", falcon, all(&[FALCON]), 512 * 128 * 2),
        case("mixtral", mixtral, all(&[LLAMA_ENDS, attention, experts]), 0),
        case("phi3", phi, all(&[LLAMA_ENDS, joined]), 0),
        case("gemma2", gemma, all(&[norms]), 0),
        case("gpt_oss", oss, all(&[LLAMA_ENDS, attention, blocks]), 0),
        case("gpt2", gpt2, all(&[conv]), 2 * 64 * 64 * 4),
    ]
}

/// Mixtures with names of their own, and layers of two kinds.
pub(crate) fn mixtures() -> Vec<Case> {
    let sizes = r#""hidden_size": 128, "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 2,
        "head_dim": 32, "vocab_size": 512, "num_experts_per_tok": 2"#;
    let all = |rows: &[&[Row]]| tensors(&rows.concat(), 0..2, 3);
    let attention: &[Row] = &[
        ("model.layers.*.self_attn.q_proj.weight", &[128, 128], "BF16"),
        ("model.layers.*.self_attn.k_proj.weight", &[64, 128], "BF16"),
        ("model.layers.*.self_attn.v_proj.weight", &[64, 128], "BF16"),
        ("model.layers.*.self_attn.o_proj.weight", &[128, 128], "BF16"),
    ];
    let biases: &[Row] = &[
        ("model.layers.*.self_attn.q_proj.bias", &[128], "BF16"),
        ("model.layers.*.self_attn.k_proj.bias", &[64], "BF16"),
        ("model.layers.*.self_attn.v_proj.bias", &[64], "BF16"),
    ];
    let experts: &[Row] = &[
        ("model.layers.*.mlp.gate.weight", &[3, 128], "BF16"),
        ("model.layers.*.mlp.experts.*.gate_proj.weight", &[64, 128], "BF16"),
        ("model.layers.*.mlp.experts.*.up_proj.weight", &[64, 128], "BF16"),
        ("model.layers.*.mlp.experts.*.down_proj.weight", &[128, 64], "BF16"),
    ];
    let shared: &[Row] = &[
        ("model.layers.*.mlp.shared_expert_gate.weight", &[1, 128], "BF16"),
        ("model.layers.*.mlp.shared_expert.gate_proj.weight", &[96, 128], "BF16"),
        ("model.layers.*.mlp.shared_expert.up_proj.weight", &[96, 128], "BF16"),
        ("model.layers.*.mlp.shared_expert.down_proj.weight", &[128, 96], "BF16"),
    ];
    let qwen = format!(
        r#""model_type": "qwen2_moe", {sizes}, "intermediate_size": 256, "num_experts": 3, "moe_intermediate_size": 64,
            "shared_expert_intermediate_size": 96"#
    );
    let wide: &[Row] = &[
        ("model.layers.*.self_attn.q_norm.weight", &[128], "BF16"),
        ("model.layers.*.self_attn.k_norm.weight", &[64], "BF16"),
        ("model.layers.*.block_sparse_moe.e_score_correction_bias", &[3], "F32"),
        ("model.layers.*.block_sparse_moe.gate.weight", &[3, 128], "F32"),
        ("model.layers.*.block_sparse_moe.experts.*.w1.weight", &[64, 128], "BF16"),
        ("model.layers.*.block_sparse_moe.experts.*.w2.weight", &[128, 64], "BF16"),
        ("model.layers.*.block_sparse_moe.experts.*.w3.weight", &[64, 128], "BF16"),
    ];
    let minimax = format!(r#""model_type": "minimax_m2", {sizes}, "intermediate_size": 64, "num_local_experts": 3"#);
    // Its experts have inputs before outputs, gates and values side by side.
    let fed: &[Row] = &[
        ("model.layers.*.feed_forward.router.weight", &[3, 128], "BF16"),
        ("model.layers.*.feed_forward.experts.gate_up_proj", &[3, 128, 128], "BF16"),
        ("model.layers.*.feed_forward.experts.down_proj", &[3, 64, 128], "BF16"),
        ("model.layers.*.feed_forward.shared_expert.gate_proj.weight", &[64, 128], "BF16"),
        ("model.layers.*.feed_forward.shared_expert.up_proj.weight", &[64, 128], "BF16"),
        ("model.layers.*.feed_forward.shared_expert.down_proj.weight", &[128, 64], "BF16"),
    ];
    let llama4 = format!(
        r#""model_type": "llama4_text", {sizes}, "intermediate_size": 64, "intermediate_size_mlp": 256,
            "num_local_experts": 3"#
    );
    let state: &[Row] = &[
        ("model.layers.*.linear_attn.A_log", &[4], "BF16"),
        ("model.layers.*.linear_attn.dt_bias", &[4], "BF16"),
        ("model.layers.*.linear_attn.conv1d.weight", &[384, 1, 4], "BF16"),
        ("model.layers.*.linear_attn.in_proj_ba.weight", &[8, 128], "BF16"),
        ("model.layers.*.linear_attn.in_proj_qkvz.weight", &[640, 128], "BF16"),
        ("model.layers.*.linear_attn.norm.weight", &[64], "BF16"),
        ("model.layers.*.linear_attn.out_proj.weight", &[128, 256], "BF16"),
    ];
    let gated: &[Row] = &[
        ("model.layers.*.self_attn.q_proj.weight", &[256, 128], "BF16"),
        ("model.layers.*.self_attn.q_norm.weight", &[32], "BF16"),
        ("model.layers.*.self_attn.k_norm.weight", &[32], "BF16"),
    ];
    let next = format!(
        r#""model_type": "qwen3_next", {sizes}, "intermediate_size": 256, "num_experts": 3, "moe_intermediate_size": 64,
            "shared_expert_intermediate_size": 96, "full_attention_interval": 2, "linear_conv_kernel_dim": 4,
            "linear_key_head_dim": 32, "linear_num_key_heads": 2, "linear_num_value_heads": 4,
            "linear_value_head_dim": 64"#
    );
    let linear = tensors(state, 0..1, 1);
    let full = tensors(&[gated, &attention[1..]].concat(), 1..2, 1);
    let further = tensors(&[("mtp.layers.*.mlp.gate.weight", &[3, 128], "BF16")], 0..1, 1);
    let mixer: &[Row] = &[
        ("backbone.embeddings.weight", &[512, 128], "F32"),
        ("backbone.norm_f.weight", &[128], "F32"),
        ("lm_head.weight", &[512, 128], "F32"),
        ("backbone.layers.*.norm.weight", &[128], "F32"),
        ("backbone.layers.*.mixer.A_log", &[8], "F32"),
        ("backbone.layers.*.mixer.D", &[8], "F32"),
        ("backbone.layers.*.mixer.dt_bias", &[8], "F32"),
        ("backbone.layers.*.mixer.conv1d.weight", &[384, 1, 4], "F32"),
        ("backbone.layers.*.mixer.conv1d.bias", &[384], "F32"),
        ("backbone.layers.*.mixer.in_proj.weight", &[648, 128], "F32"),
        ("backbone.layers.*.mixer.norm.weight", &[256], "F32"),
        ("backbone.layers.*.mixer.out_proj.weight", &[128, 256], "F32"),
    ];
    let mamba = r#""model_type": "mamba2", "hidden_size": 128, "num_hidden_layers": 2, "num_heads": 8, "head_dim": 32,
        "n_groups": 2, "state_size": 32, "conv_kernel": 4, "expand": 2, "vocab_size": 512"#;
    let next_tensors = [all(&[LLAMA_ENDS, experts, shared]), linear, full, further].concat();
    vec![
        case("qwen2_moe", &qwen, all(&[LLAMA_ENDS, attention, biases, experts, shared]), 0),
        case("minimax_m2", &minimax, all(&[LLAMA_ENDS, attention, wide]), 0),
        case("llama4", &llama4, all(&[LLAMA_ENDS, attention, fed]), 0),
        case("qwen3_next", &next, next_tensors, 3 * 128 * 2),
        case("mamba2", mamba, all(&[mixer]), 0),
    ]
}

/// Reads a case from a directory of its own.
pub(crate) fn opened(case: &Case) -> Result<Model, String> {
    static OPENED: AtomicUsize = AtomicUsize::new(0);
    let path = directory(&format!("model {}", OPENED.fetch_add(1, Ordering::Relaxed)));
    std::fs::write(path.join("config.json"), format!("{{{}}}", case.config)).unwrap();
    safetensors(&case.tensors).save(&path.join("model.safetensors"));
    Model::from_path(&path).map_err(|error| error.to_string())
}

#[test]
fn safetensors_of_every_method_and_type_have_their_bytes() {
    let quantised = methods().into_iter().chain(compressed()).chain(further());
    for case in quantised.chain(families()).chain(mixtures()) {
        let model = opened(&case).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(model.warnings().count(), 0, "{}: {:?}", case.name, model.notes);
        let data = safetensors(&case.tensors).data;
        assert_eq!(bytes(&model), u128::from(data - case.aside), "{}", case.name);
    }
}
