//! The smallest configs of model types, made from their declarations.

use cost_models::{Family, Holds};
use serde_json::{Map, Value, json};

/// Sizes that fit each other, where 2 won't do.
const SIZES: &[(&str, u64)] = &[
    ("hidden_size", 8),
    ("dim", 8),
    ("d_model", 8),
    ("n_embd", 8),
    ("num_attention_heads", 4),
    ("n_head", 4),
    ("n_heads", 4),
    ("num_heads", 4),
    ("head_dim", 4),
    ("num_hidden_layers", 4),
    ("n_layer", 4),
    ("n_layers", 4),
    ("linear_num_value_heads", 4),
    ("swa_num_attention_heads", 4),
    ("qk_head_dim", 4),
    ("vocab_size", 6),
    ("num_experts", 4),
    ("num_local_experts", 4),
    ("n_routed_experts", 4),
    ("max_position_embeddings", 64),
];

/// A config of a model type in which every field that isn't a list says what it means, all of it small.
pub fn tiny(model_type: &str) -> Map<String, Value> {
    let family = Family::built_in(model_type).expect("it is declared").expect("it can be read");
    let mut config = Map::new();
    config.insert("model_type".to_owned(), json!(model_type));
    for field in family.fields() {
        let size = SIZES.iter().find(|(name, _)| *name == field.name).map_or(2, |(_, size)| *size);
        let value = match &field.holds {
            Holds::Size => json!(size),
            Holds::Count if field.name == "shared_intermediate_size" => json!(0),
            Holds::Count => json!(1),
            Holds::Flag => json!(true),
            Holds::Cap => json!(30.0),
            Holds::Text(texts) => json!(texts[0]),
            Holds::Names(_) | Holds::Numbers | Holds::Layers => continue,
        };
        config.insert(field.name.to_owned(), value);
    }
    config
}
