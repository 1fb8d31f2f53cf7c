//! What some files call otherwise than most, whatever the model type.

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

/// What files that hold all experts of a layer in one tensor call them, as those of MLX do, by their names one by one.
pub(crate) const STACKED: &[(&str, &str)] = &[
    ("experts.*.gate_proj.", "switch_mlp.gate_proj."),
    ("experts.*.up_proj.", "switch_mlp.up_proj."),
    ("experts.*.down_proj.", "switch_mlp.down_proj."),
    ("experts.*.w1.", "switch_mlp.gate_proj."),
    ("experts.*.w3.", "switch_mlp.up_proj."),
    ("experts.*.w2.", "switch_mlp.down_proj."),
];

/// What files hold a second time: the embedding table as the head that it is, and the head's shift.
pub(crate) const TIED_COPIES: &[&str] = &[
    "lm_head.weight",
    "embed_out.weight",
    "lm_head.decoder.weight",
    "lm_head.decoder.bias",
    "predictions.decoder.weight",
    "predictions.decoder.bias",
    "encoder.embed_tokens.weight",
    "decoder.embed_tokens.weight",
    "proj_out.weight",
];
