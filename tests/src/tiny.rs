//! The smallest configs of model types, made from their declarations.

use cost_models::{Family, Holds};
use serde_json::{Map, Value, json};

/// Sizes that fit each other, where 2 won't do.
const SIZES: &[(&str, u64)] = &[
    ("hidden_size", 8),
    ("dim", 8),
    ("d_model", 8),
    ("n_embd", 8),
    ("n_embed", 8),
    ("n_inner", 32),
    ("num_attention_heads", 4),
    ("n_head", 4),
    ("n_heads", 4),
    ("num_heads", 4),
    ("attention_heads", 4),
    ("encoder_attention_heads", 4),
    ("decoder_attention_heads", 4),
    ("encoder_layers", 4),
    ("d_kv", 4),
    ("head_dim", 4),
    ("num_hidden_layers", 4),
    ("num_layers", 4),
    ("n_layer", 4),
    ("n_layers", 4),
    ("linear_num_value_heads", 4),
    ("swa_num_attention_heads", 4),
    ("qk_head_dim", 4),
    ("vocab_size", 6),
    ("output_vocab_size", 6),
    ("num_experts", 4),
    ("num_local_experts", 4),
    ("n_routed_experts", 4),
    ("moe_num_experts", 4),
    ("output_vocab_size", 6),
    ("max_position_embeddings", 64),
    ("n_positions", 64),
    ("embedding_dim", 8),
    ("num_blocks", 4),
    ("attention_head_dim", 4),
    ("mamba_d_head", 8),
    ("mamba_d_ssm", 16),
    ("lru_width", 8),
    ("moe_layer_freq", 1),
    ("block_multiple_of", 4),
    ("vocab_size_per_layer_input", 6),
    ("image_size", 8),
    ("window_size", 4),
    ("encoder_layers", 4),
    ("encoder_attention_heads", 4),
    ("embed_dim", 8),
    ("mm_tokens_per_image", 4),
];

/// Lists of layers, where there would be only one kind without them.
const LISTS: &[(&str, &str, &[u64])] = &[
    ("bamba", "attn_layer_indices", &[1]),
    ("gemma3n_text", "intermediate_size", &[2, 2, 2, 2]),
    ("lfm2", "full_attn_idxs", &[1]),
    ("lfm2_moe", "full_attn_idxs", &[1]),
];

/// Lists of all layers, likewise.
const NAMES: &[(&str, &str, &[&str])] = &[
    ("gemma3n_text", "layer_types", &["sliding_attention", "full_attention", "sliding_attention", "full_attention"]),
    ("gemma4_text", "layer_types", &["sliding_attention", "full_attention", "sliding_attention", "full_attention"]),
    ("laguna", "layer_types", &["sliding_attention", "full_attention", "sliding_attention", "full_attention"]),
    ("mellum", "layer_types", &["sliding_attention", "full_attention", "sliding_attention", "full_attention"]),
    ("mellum", "mlp_layer_types", &["dense", "sparse", "dense", "sparse"]),
    ("lfm3", "layer_types", &["conv", "sliding_attention", "full_attention", "conv"]),
    ("granitemoehybrid", "layer_types", &["mamba", "attention", "mamba", "attention"]),
];

/// What a type has to have, though others have something else.
fn own(model_type: &str) -> Vec<(&'static str, Value)> {
    match model_type {
        "fsmt" => vec![("tie_word_embeddings", json!(false))],
        // Its positions are made one so that they are as wide as its networks.
        "voxtral_encoder" => vec![("intermediate_size", json!(16)), ("encoder_ffn_dim", json!(16))],
        "yoso" => vec![("conv_window", json!(0))],
        _ => Vec::new(),
    }
}

/// A config of a model type in which every field that isn't a list says what it means, all of it small.
pub fn tiny(model_type: &str) -> Map<String, Value> {
    let family = Family::built_in(model_type).expect("it is declared").expect("it can be read");
    let mut config = fields(&family);
    config.insert("model_type".to_owned(), json!(model_type));
    let lists = LISTS.iter().map(|(own, field, list)| (own, field, json!(list)));
    let names = NAMES.iter().map(|(own, field, list)| (own, field, json!(list)));
    for (_, field, list) in lists.chain(names).filter(|(own, ..)| **own == model_type) {
        config.insert((*field).to_owned(), list);
    }
    config.extend(own(model_type).into_iter().map(|(field, value)| (field.to_owned(), value)));
    config
}

/// The fields of a declaration that aren't lists, all of them small.
pub fn fields(family: &Family) -> Map<String, Value> {
    let mut config = Map::new();
    for field in family.fields() {
        let size = SIZES.iter().find(|(name, _)| *name == field.name).map_or(2, |(_, size)| *size);
        let value = match &field.holds {
            Holds::Size => json!(size),
            Holds::Count
                if ["attention_types", "shared_intermediate_size", "altup_active_idx"].contains(&field.name) =>
            {
                json!(0)
            }
            Holds::Count => json!(1),
            Holds::Flag => json!(true),
            Holds::Cap => json!(30.0),
            Holds::Share => json!(1.0),
            Holds::Text(texts) => json!(texts[0]),
            Holds::Names(_) | Holds::Numbers | Holds::Layers => continue,
        };
        config.insert(field.name.to_owned(), value);
    }
    config
}
