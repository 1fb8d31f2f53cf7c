//! How the tensors of each model type are called in files.
//!
//! Operators name their weights as most models do, relative to their layer. What a model type calls otherwise is data:
//! renames, first of tensors by the end of their path, then of names by their beginning. Weights that get one name in a
//! file are one tensor there, stacked row by row.

/// How a model type's tensors are called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    /// What stands before all names in some safetensors files.
    pub(crate) prefixes: &'static [&'static str],
    /// What names begin with, and lack in files of the model without what stands on top of it.
    pub(crate) base: &'static str,
    /// What the names of a layer's modules begin with; `*` is its number.
    pub(crate) layer: &'static str,
    /// What safetensors files call otherwise.
    modules: &'static [(&'static str, &'static str)],
    /// What GGUF files call otherwise.
    gguf: &'static [(&'static str, &'static str)],
}

impl Names {
    /// A name in safetensors files, relative to its layer, of the weight with that path and usual name.
    pub(crate) fn module(&self, path: &str, name: &str) -> String {
        renamed(self.modules, path, name)
    }

    /// A name in GGUF files, likewise.
    pub(crate) fn gguf(&self, path: &str, name: &str) -> String {
        renamed(self.gguf, path, name)
    }
}

/// What some GGUF files call what others do not: latent attention's up-projections as one tensor, experts one by one.
pub(crate) const GGUF_ALTERNATIVES: &[(&str, &str)] = &[
    ("blk.*.attn_k_b.weight", "blk.*.attn_kv_b.weight"),
    ("blk.*.attn_v_b.weight", "blk.*.attn_kv_b.weight"),
    ("blk.*.ffn_gate_exps.weight", "blk.*.ffn_gate.*.weight"),
    ("blk.*.ffn_up_exps.weight", "blk.*.ffn_up.*.weight"),
    ("blk.*.ffn_down_exps.weight", "blk.*.ffn_down.*.weight"),
    ("blk.*.exp_probs_b.bias", "blk.*.exp_probs_b"),
    // Qwen3-Next's first files.
    ("blk.*.attn_qkv.weight", "blk.*.ssm_in.weight"),
    ("blk.*.attn_gate.weight", "blk.*.ssm_in.weight"),
];

/// What some safetensors files call what others do not: the scale and shift of norms as TensorFlow has them.
pub(crate) const MODULE_ALTERNATIVES: &[(&str, &str)] =
    &[("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")];

/// What files hold a second time: the embedding table as the head that it is, and the head's shift.
pub(crate) const TIED_COPIES: &[&str] = &[
    "lm_head.weight",
    "embed_out.weight",
    "lm_head.decoder.weight",
    "lm_head.decoder.bias",
    "predictions.decoder.weight",
    "predictions.decoder.bias",
];

fn renamed(renames: &[(&str, &str)], path: &str, name: &str) -> String {
    let ends = |part: &str| path.strip_suffix(part).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    renames
        .iter()
        .find_map(|(from, to)| {
            let rest = if ends(from) { Some("") } else { name.strip_prefix(from) };
            rest.map(|rest| format!("{to}{rest}"))
        })
        .unwrap_or_else(|| name.to_owned())
}

/// The names of a model type.
pub(crate) fn names(model_type: &str) -> Names {
    NAMES.iter().find(|(types, _)| types.contains(&model_type)).map_or(USUAL, |(_, names)| *names)
}

const USUAL: Names =
    Names { prefixes: &["", "language_model."], base: "", layer: "model.layers.*.", modules: &[], gguf: &[] };

/// By model type; names of modules as in Hugging Face transformers and released files, of GGUF as in `gguf-py/gguf/constants.py`
/// of llama.cpp.
const NAMES: &[(&[&str], Names)] = &[
    (
        &["deepseek_v2", "deepseek_v3", "deepseek_v32", "kimi_k2"],
        Names { modules: &[("mlp.shared_expert.", "mlp.shared_experts.")], ..USUAL },
    ),
    (
        &["glm4_moe"],
        Names {
            modules: &[("mlp.shared_expert.", "mlp.shared_experts.")],
            gguf: &[("feed_forward.norm", "blk.*.post_attention_norm.weight"), POST_NORM_OF_MIXTURE],
            ..USUAL
        },
    ),
    (
        &["gemma2", "gemma3_text"],
        Names { modules: &[("feed_forward.norm", "pre_feedforward_layernorm.weight")], ..USUAL },
    ),
    // Of layers that several rounds share there is one in each group.
    (&["albert"], Names { base: "albert.", layer: "albert.encoder.albert_layer_groups.*.albert_layers.0.", ..USUAL }),
    (&["bert"], Names { base: "bert.", layer: "bert.encoder.layer.*.", ..USUAL }),
    (&["roberta"], Names { base: "roberta.", layer: "roberta.encoder.layer.*.", ..USUAL }),
    (
        &["bloom", "falcon", "gpt2", "gpt_bigcode", "RefinedWeb", "RefinedWebModel"],
        Names { base: "transformer.", layer: "transformer.h.*.", ..USUAL },
    ),
    (&["gpt_neox"], Names { base: "gpt_neox.", layer: "gpt_neox.layers.*.", ..USUAL }),
    (&["mamba2"], Names { layer: "backbone.layers.*.", ..USUAL }),
    (&["opt"], Names { base: "model.", layer: "model.decoder.layers.*.", ..USUAL }),
    (
        &["gpt_oss"],
        Names {
            modules: &[
                ("mlp.gate.", "mlp.router."),
                ("mlp.experts.*.gate_proj.weight", "mlp.experts.gate_up_proj"),
                ("mlp.experts.*.up_proj.weight", "mlp.experts.gate_up_proj"),
                ("mlp.experts.*.down_proj.weight", "mlp.experts.down_proj"),
                ("mlp.experts.*.gate_proj.bias", "mlp.experts.gate_up_proj_bias"),
                ("mlp.experts.*.up_proj.bias", "mlp.experts.gate_up_proj_bias"),
                ("mlp.experts.*.down_proj.bias", "mlp.experts.down_proj_bias"),
            ],
            gguf: &[POST_NORM_OF_MIXTURE],
            ..USUAL
        },
    ),
    (
        &["llama4_text"],
        Names {
            modules: &[
                ("mlp.gate.", "feed_forward.router."),
                ("mlp.experts.*.gate_proj.weight", "feed_forward.experts.gate_up_proj"),
                ("mlp.experts.*.up_proj.weight", "feed_forward.experts.gate_up_proj"),
                ("mlp.experts.*.down_proj.weight", "feed_forward.experts.down_proj"),
                ("mlp.", "feed_forward."),
            ],
            ..USUAL
        },
    ),
    (&["mimo_v2_flash"], Names { modules: &[("self_attn.sinks", "self_attn.attention_sink_bias")], ..USUAL }),
    (
        &["minimax_m2", "mixtral"],
        Names {
            modules: &[
                ("mlp.gate.e_score_correction_bias", "block_sparse_moe.e_score_correction_bias"),
                ("mlp.gate.", "block_sparse_moe.gate."),
                ("mlp.experts.*.gate_proj.", "block_sparse_moe.experts.*.w1."),
                ("mlp.experts.*.down_proj.", "block_sparse_moe.experts.*.w2."),
                ("mlp.experts.*.up_proj.", "block_sparse_moe.experts.*.w3."),
            ],
            ..USUAL
        },
    ),
    (&["qwen3_next"], Names { gguf: &[POST_NORM_OF_MIXTURE], ..USUAL }),
    (
        &["phi3"],
        Names {
            modules: &[
                ("self_attn.q_proj.", "self_attn.qkv_proj."),
                ("self_attn.k_proj.", "self_attn.qkv_proj."),
                ("self_attn.v_proj.", "self_attn.qkv_proj."),
                ("mlp.gate_proj.", "mlp.gate_up_proj."),
                ("mlp.up_proj.", "mlp.gate_up_proj."),
            ],
            gguf: &[
                ("blk.*.attn_q.", "blk.*.attn_qkv."),
                ("blk.*.attn_k.", "blk.*.attn_qkv."),
                ("blk.*.attn_v.", "blk.*.attn_qkv."),
                ("blk.*.ffn_gate.", "blk.*.ffn_up."),
            ],
            ..USUAL
        },
    ),
];

/// What stands before a mixture is the norm after attention.
const POST_NORM_OF_MIXTURE: (&str, &str) = ("moe_feed_forward.norm", "blk.*.post_attention_norm.weight");
