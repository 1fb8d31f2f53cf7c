//! What fields that a family doesn't read do to the cost.

/// What a field does to the cost.
pub(super) enum Effect {
    /// Nothing: positions, sampling, training, bookkeeping.
    None,
    /// Something: a family that doesn't read it would be wrong about the model.
    Cost,
    /// Nobody knows.
    Unknown,
}

/// What a field does to the cost, by its name.
pub(super) fn effect(field: &str) -> Effect {
    if HARMLESS.contains(&field) {
        Effect::None
    } else if COSTLY.iter().any(|part| field.contains(part)) {
        Effect::Cost
    } else {
        Effect::Unknown
    }
}

/// Fields without effect on shapes, operations or formats.
const HARMLESS: &[&str] = &[
    "_attn_implementation",
    "_name_or_path",
    "architectures",
    "attention_dropout",
    "attn_pdrop",
    "auto_map",
    "bos_token_id",
    "dtype",
    "embd_pdrop",
    "eos_token_id",
    "hidden_dropout",
    "initializer_range",
    "max_position_embeddings",
    "max_sequence_length",
    "model_type",
    "original_max_position_embeddings",
    "output_attentions",
    "output_hidden_states",
    "pad_token_id",
    "pretraining_tp",
    "reorder_and_upcast_attn",
    "resid_pdrop",
    "return_dict",
    "scale_attn_by_inverse_layer_idx",
    "scale_attn_weights",
    "summary_activation",
    "summary_first_dropout",
    "summary_proj_to_labels",
    "summary_type",
    "summary_use_proj",
    "task_specific_params",
    "layer_norm_epsilon",
    "rms_norm_eps",
    "rope_interleaved",
    "rope_parameters",
    "rope_scaling",
    "rope_theta",
    "torch_dtype",
    "transformers_version",
    "unk_token_id",
    "use_cache",
    "aux_loss_alpha",
    "ep_size",
    "n_group",
    "norm_topk_prob",
    "output_router_logits",
    "rope_local_base_freq",
    "routed_scaling_factor",
    "router_aux_loss_coef",
    "router_jitter_noise",
    "router_z_loss_coef",
    "rotary_dim",
    "seq_aux",
    "swa_rope_theta",
    "topk_group",
    "layernorm_epsilon",
    "image_token_index",
    "boi_token_index",
    "eoi_token_index",
    "prefix",
    "layer_norm_eps",
];

/// Parts of names of fields that change what is computed or stored.
const COSTLY: &[&str] = &[
    "attn",
    "bias",
    "block_types",
    "compress",
    "conv",
    "cross",
    "dim",
    "experts",
    "ffn",
    "head",
    "hidden",
    "indexer",
    "intermediate",
    "layer",
    "linear",
    "lora",
    "mamba",
    "mlp",
    "moe",
    "mtp",
    "nextn",
    "norm",
    "quantization",
    "rank",
    "router",
    "size",
    "sliding",
    "softcapping",
    "sparse",
    "state",
    "window",
];
