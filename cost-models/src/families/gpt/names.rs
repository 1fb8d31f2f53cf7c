//! What the model types call their tensors in released files. The operators' own names are OPT's.

/// A module's name in the operators and the one in its place.
type Names = &'static [(&'static str, &'static str)];

pub(super) const GPT2: Names = &[
    ("model.decoder.embed_tokens", "transformer.wte"),
    ("model.decoder.embed_positions", "transformer.wpe"),
    ("model.decoder.final_layer_norm", "transformer.ln_f"),
    ("self_attn_layer_norm", "ln_1"),
    ("self_attn.q_proj", "attn.c_attn"),
    ("self_attn.k_proj", "attn.c_attn"),
    ("self_attn.v_proj", "attn.c_attn"),
    ("self_attn.out_proj", "attn.c_proj"),
    ("final_layer_norm", "ln_2"),
    ("fc1", "mlp.c_fc"),
    ("fc2", "mlp.c_proj"),
];

pub(super) const BLOOM: Names = &[
    ("model.decoder.embed_tokens", "transformer.word_embeddings"),
    ("model.decoder.embed_layer_norm", "transformer.word_embeddings_layernorm"),
    ("model.decoder.final_layer_norm", "transformer.ln_f"),
    ("self_attn_layer_norm", "input_layernorm"),
    ("self_attn.q_proj", "self_attention.query_key_value"),
    ("self_attn.k_proj", "self_attention.query_key_value"),
    ("self_attn.v_proj", "self_attention.query_key_value"),
    ("self_attn.out_proj", "self_attention.dense"),
    ("final_layer_norm", "post_attention_layernorm"),
    ("fc1", "mlp.dense_h_to_4h"),
    ("fc2", "mlp.dense_4h_to_h"),
];

pub(super) const FALCON: Names = &[
    ("model.decoder.embed_tokens", "transformer.word_embeddings"),
    ("model.decoder.final_layer_norm", "transformer.ln_f"),
    ("self_attn_layer_norm", "input_layernorm"),
    ("self_attn.q_proj", "self_attention.query_key_value"),
    ("self_attn.k_proj", "self_attention.query_key_value"),
    ("self_attn.v_proj", "self_attention.query_key_value"),
    ("self_attn.out_proj", "self_attention.dense"),
    ("final_layer_norm", "post_attention_layernorm"),
    ("fc1", "mlp.dense_h_to_4h"),
    ("fc2", "mlp.dense_4h_to_h"),
];

/// With a norm for attention and one for the network, which in GGUF files has the name that attention's has elsewhere.
pub(super) const FALCON_TWO_NORMS: Names = &[
    ("model.decoder.embed_tokens", "transformer.word_embeddings"),
    ("model.decoder.final_layer_norm", "transformer.ln_f"),
    ("self_attn_layer_norm", "ln_attn"),
    ("blk.*.attn_norm", "blk.*.attn_norm_2"),
    ("self_attn.q_proj", "self_attention.query_key_value"),
    ("self_attn.k_proj", "self_attention.query_key_value"),
    ("self_attn.v_proj", "self_attention.query_key_value"),
    ("self_attn.out_proj", "self_attention.dense"),
    ("final_layer_norm", "ln_mlp"),
    ("blk.*.ffn_norm", "blk.*.attn_norm"),
    ("fc1", "mlp.dense_h_to_4h"),
    ("fc2", "mlp.dense_4h_to_h"),
];

pub(super) const GPT_NEOX: Names = &[
    ("model.decoder.embed_tokens", "gpt_neox.embed_in"),
    ("model.decoder.final_layer_norm", "gpt_neox.final_layer_norm"),
    ("lm_head", "embed_out"),
    ("self_attn_layer_norm", "input_layernorm"),
    ("self_attn.q_proj", "attention.query_key_value"),
    ("self_attn.k_proj", "attention.query_key_value"),
    ("self_attn.v_proj", "attention.query_key_value"),
    ("self_attn.out_proj", "attention.dense"),
    ("final_layer_norm", "post_attention_layernorm"),
    ("fc1", "mlp.dense_h_to_4h"),
    ("fc2", "mlp.dense_4h_to_h"),
];
