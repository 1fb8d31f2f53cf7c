//! What fields that a family doesn't read do to the cost.

use serde_json::Value;

/// What a field does to the cost.
pub(super) enum Effect {
    /// Nothing: positions, sampling, training, bookkeeping.
    None,
    /// Something, unless it is off: a field of some config class that is known by its whole name.
    Known,
    /// Something, by a part of its name: a family that doesn't read it would be wrong about the model.
    Cost,
    /// Nobody knows.
    Unknown,
}

/// What a field does to the cost, by its name.
pub(super) fn effect(field: &str) -> Effect {
    // Of an object's field its own name counts.
    let field = field.rsplit('.').next().unwrap_or(field);
    if holds(field).is_some() || field.contains("dropout") {
        Effect::None
    } else if KNOWN.contains(&field) {
        Effect::Known
    } else if COSTLY.iter().any(|part| field.contains(part)) {
        Effect::Cost
    } else {
        Effect::Unknown
    }
}

/// What a field without effect should hold, if it holds something else. What is null says nothing.
pub(super) fn misfit(field: &str, value: &Value) -> Option<&'static str> {
    holds(field).filter(|holds| !value.is_null() && !holds.fits(value)).map(Holds::expected)
}

/// Whether a field has no effect, whatever it holds.
pub(crate) fn harmless(field: &str) -> bool {
    matches!(effect(field), Effect::None)
}

/// What fields of a name hold.
#[derive(Clone, Copy)]
enum Holds {
    Flag,
    /// A whole number, 0 or more.
    Count,
    /// A whole number above 0.
    Size,
    /// A number, 0 or more; or a word for one that JSON has no digits for.
    Amount,
    Text,
    Object,
    Anything,
}

impl Holds {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Flag => value.is_boolean(),
            Self::Count => value.as_u64().is_some(),
            Self::Size => value.as_u64().is_some_and(|size| size > 0),
            Self::Amount => value.as_f64().is_some_and(|amount| amount >= 0.0) || value == "Infinity",
            Self::Text => value.is_string(),
            Self::Object => value.is_object(),
            Self::Anything => true,
        }
    }

    const fn expected(self) -> &'static str {
        match self {
            Self::Flag => "true or false",
            Self::Count => "a whole number, 0 or more",
            Self::Size => "a positive whole number",
            Self::Amount => "a number, 0 or more",
            Self::Text => "a text",
            Self::Object => "an object",
            Self::Anything => "anything",
        }
    }
}

/// What a field without effect on shapes, operations or formats holds; nothing if it may have one.
fn holds(field: &str) -> Option<Holds> {
    let field = field.rsplit('.').next().unwrap_or(field);
    HARMLESS.iter().find(|(_, fields)| fields.contains(&field)).map(|(holds, _)| *holds)
}

/// Fields without effect on shapes, operations or formats, by what they hold.
const HARMLESS: &[(Holds, &[&str])] = &[
    (
        Holds::Flag,
        &[
            "_attn_implementation_autoset",
            "_flash_attn_2_enabled",
            "do_sample",
            "early_stopping",
            "is_hybrid",
            "norm_topk_prob",
            "output_attentions",
            "output_hidden_states",
            "output_router_logits",
            "output_scores",
            "remove_invalid_values",
            "reorder_and_upcast_attn",
            "return_dict",
            "return_dict_in_generate",
            "rope_interleave",
            "rope_interleaved",
            "scale_attn_by_inverse_layer_idx",
            "scale_attn_weights",
            "seq_aux",
            "summary_proj_to_labels",
            "summary_use_proj",
            "tf_legacy_loss",
            "torchscript",
            "use_bfloat16",
            "use_cache",
            "use_mrope",
        ],
    ),
    (
        Holds::Count,
        &[
            "down_scale_factor",
            "encoder_no_repeat_ngram_size",
            "gap_size",
            "max_window_layers",
            "min_length",
            "net_structure_type",
            "no_repeat_ngram_size",
            "num_logits_to_keep",
            "num_memory_blocks",
            "rotary_dim",
            "top_k",
        ],
    ),
    (
        Holds::Size,
        &[
            "ep_size",
            "max_length",
            "max_position_embeddings",
            "max_sequence_length",
            "n_group",
            "num_beam_groups",
            "num_beams",
            "num_return_sequences",
            "original_max_position_embeddings",
            "pretraining_tp",
            "topk_group",
        ],
    ),
    (
        Holds::Amount,
        &[
            "attention_dropout",
            "attn_pdrop",
            "aux_loss_alpha",
            "embd_pdrop",
            "hidden_dropout",
            "initializer_factor",
            "initializer_range",
            "layer_norm_eps",
            "layer_norm_epsilon",
            "layernorm_epsilon",
            "resid_pdrop",
            "rms_norm_eps",
            "rope_local_base_freq",
            "rope_theta",
            "routed_scaling_factor",
            "router_aux_loss_coef",
            "router_jitter_noise",
            "router_z_loss_coef",
            "summary_first_dropout",
            "swa_rope_theta",
            "temperature",
            "top_p",
            "typical_p",
        ],
    ),
    (
        Holds::Text,
        &[
            "_name_or_path",
            "finetuning_task",
            "model_type",
            "problem_type",
            "summary_activation",
            "summary_type",
            "tokenizer_class",
            "transformers_version",
        ],
    ),
    (Holds::Object, &["auto_map", "rope_parameters", "rope_scaling"]),
    (
        Holds::Anything,
        &[
            "_attn_implementation",
            "architectures",
            "attn_implementation",
            "bad_words_ids",
            "begin_suppress_tokens",
            "boi_token_index",
            "bos_token_id",
            "decoder_start_token_id",
            "diversity_penalty",
            "dtype",
            "eoi_token_index",
            "eos_token_id",
            "exponential_decay_length_penalty",
            "forced_bos_token_id",
            "forced_eos_token_id",
            "id2label",
            "image_token_index",
            "label2id",
            "length_penalty",
            "pad_token_id",
            "prefix",
            "repetition_penalty",
            "sep_token_id",
            "suppress_tokens",
            "task_specific_params",
            "torch_dtype",
            "unk_token_id",
        ],
    ),
];

/// Fields of config classes that change cost where they aren't off. They may be off in a config of any type: files are
/// written with the fields of all that their writer knows.
const KNOWN: &[&str] = &[
    "add_cross_attention",
    "attention_bias",
    "attention_k_eq_v",
    "attention_out_bias",
    "attn_logit_softcapping",
    "bias",
    "chunk_size_feed_forward",
    "clip_qkv",
    "cross_attention_hidden_size",
    "embedding_size",
    "enable_moe_block",
    "final_logit_softcapping",
    "head_dim",
    "is_decoder",
    "is_encoder_decoder",
    "key_bias",
    "lm_head_bias",
    "logit_scale",
    "mlp_bias",
    "mlp_only_layers",
    "moe_intermediate_size",
    "moe_layers",
    "n_inner",
    "n_shared_experts",
    "num_experts",
    "num_experts_per_tok",
    "num_kv_shared_layers",
    "num_local_experts",
    "num_mtp_layers",
    "num_nextn_predict_layers",
    "num_shared_experts",
    "pruned_heads",
    "q_lora_rank",
    "qk_layernorm",
    "qkv_bias",
    "quantization",
    "quantization_config",
    "residual_in_fp32",
    "router_bias",
    "shared_expert_intermediate_size",
    "shared_intermediate_size",
    "sliding_window",
    "sliding_window_size",
    "sparse_attention_config",
    "tie_encoder_decoder",
    "use_bias",
    "use_bidirectional_attention",
    "use_cross_attention",
    "use_encoder_attention",
    "use_mtp",
    "use_qk_norm",
    "use_qkv_bias",
    "use_sliding_window",
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
    "is_decoder",
    "encoder_decoder",
];
