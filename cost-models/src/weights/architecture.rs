//! The architecture that a GGUF file says it has, as the config that its model type would have.
//!
//! What a field of the config is made of is data: a key of the metadata, or whether a tensor is there. The config then goes
//! through the reading that every config of its model type goes through, and the file's tensors are compared with what
//! comes of it, so that a key that is misunderstood doesn't go unnoticed.

use serde_json::Value as Json;

use super::{Stored, Value, WeightsFile, wrong};
use crate::error::Error;

/// What a field of a config is made of.
#[derive(Clone, Copy)]
enum Source {
    /// A key of the metadata, after the architecture's name and a dot; nothing if it isn't there.
    Key(&'static str),
    /// The first of these keys that is there.
    Either(&'static str, &'static str),
    /// One key less another, which is 0 if it isn't there.
    Less(&'static str, &'static str),
    /// Whether a tensor is there.
    Has(&'static str),
    /// Whether it isn't.
    Lacks(&'static str),
    /// How many rows a tensor has.
    Rows(&'static str),
    /// `null`.
    Null,
}

use Source::{Either, Has, Key, Lacks, Less, Null, Rows};

/// A field of a config and what it is made of.
type Field = (&'static str, Source);

/// An architecture of GGUF files.
struct Architecture {
    /// What `general.architecture` says.
    name: &'static str,
    /// A tensor that tells it from others of that name.
    has: Option<&'static str>,
    model_type: &'static str,
    fields: &'static [Field],
}

/// What every config has.
const COMMON: &[Field] = &[
    ("hidden_size", Key("embedding_length")),
    ("num_attention_heads", Key("attention.head_count")),
    ("num_key_value_heads", Key("attention.head_count_kv")),
    ("max_position_embeddings", Key("context_length")),
    ("tie_word_embeddings", Lacks("output.weight")),
    ("vocab_size", Rows("token_embd.weight")),
];

const LAYERS: Field = ("num_hidden_layers", Key("block_count"));
const WIDTH: Field = ("intermediate_size", Key("feed_forward_length"));
const HEAD: Field = ("head_dim", Key("attention.key_length"));
const BIAS: Field = ("attention_bias", Has("blk.0.attn_q.bias"));
const TOP: Field = ("num_experts_per_tok", Key("expert_used_count"));
const EXPERT_WIDTH: Field = ("moe_intermediate_size", Key("expert_feed_forward_length"));
const WINDOW: Field = ("sliding_window", Key("attention.sliding_window"));

/// The fields of latent attention. Files for attention over the latent vector itself have its sizes in the plain keys.
const LATENT: &[Field] = &[
    LAYERS,
    WIDTH,
    TOP,
    EXPERT_WIDTH,
    ("n_routed_experts", Key("expert_count")),
    ("n_shared_experts", Key("expert_shared_count")),
    ("first_k_dense_replace", Key("leading_dense_block_count")),
    ("q_lora_rank", Key("attention.q_lora_rank")),
    ("kv_lora_rank", Key("attention.kv_lora_rank")),
    ("qk_rope_head_dim", Key("rope.dimension_count")),
    ("qk_head_dim", Either("attention.key_length_mla", "attention.key_length")),
    ("v_head_dim", Either("attention.value_length_mla", "attention.value_length")),
];

const ARCHITECTURES: &[Architecture] = &[
    Architecture {
        name: "llama",
        has: Some("blk.0.ffn_gate_inp.weight"),
        model_type: "mixtral",
        fields: &[LAYERS, WIDTH, HEAD, TOP, ("num_local_experts", Key("expert_count")), ("sliding_window", Null)],
    },
    Architecture {
        name: "llama",
        has: None,
        model_type: "llama",
        fields: &[LAYERS, WIDTH, HEAD, BIAS, ("mlp_bias", Has("blk.0.ffn_gate.bias"))],
    },
    Architecture { name: "qwen2", has: None, model_type: "qwen2", fields: &[LAYERS, WIDTH, HEAD] },
    Architecture {
        name: "qwen2moe",
        has: None,
        model_type: "qwen2_moe",
        fields: &[
            LAYERS,
            WIDTH,
            TOP,
            ("num_experts", Key("expert_count")),
            ("moe_intermediate_size", Key("expert_feed_forward_length")),
            ("shared_expert_intermediate_size", Rows("blk.0.ffn_up_shexp.weight")),
            ("qkv_bias", Has("blk.0.attn_q.bias")),
        ],
    },
    Architecture { name: "qwen3", has: None, model_type: "qwen3", fields: &[LAYERS, WIDTH, HEAD, BIAS] },
    Architecture {
        name: "qwen3moe",
        has: None,
        model_type: "qwen3_moe",
        fields: &[LAYERS, WIDTH, HEAD, BIAS, TOP, EXPERT_WIDTH, ("num_experts", Key("expert_count"))],
    },
    Architecture {
        name: "gemma2",
        has: None,
        model_type: "gemma2",
        fields: &[
            LAYERS,
            WIDTH,
            HEAD,
            WINDOW,
            ("attn_logit_softcapping", Key("attn_logit_softcapping")),
            ("final_logit_softcapping", Key("final_logit_softcapping")),
        ],
    },
    Architecture {
        name: "gemma3",
        has: None,
        model_type: "gemma3_text",
        fields: &[
            LAYERS,
            WIDTH,
            HEAD,
            WINDOW,
            ("sliding_window_pattern", Key("attention.sliding_window_pattern")),
            ("final_logit_softcapping", Key("final_logit_softcapping")),
        ],
    },
    Architecture { name: "phi3", has: None, model_type: "phi3", fields: &[LAYERS, WIDTH, WINDOW] },
    Architecture { name: "olmo2", has: None, model_type: "olmo2", fields: &[LAYERS, WIDTH, BIAS] },
    Architecture {
        name: "gpt-oss",
        has: None,
        model_type: "gpt_oss",
        fields: &[
            LAYERS,
            HEAD,
            TOP,
            WINDOW,
            ("attention_bias", Has("blk.0.attn_q.bias")),
            ("intermediate_size", Key("expert_feed_forward_length")),
            ("num_local_experts", Key("expert_count")),
        ],
    },
    Architecture {
        name: "glm4moe",
        has: None,
        model_type: "glm4_moe",
        fields: &[
            ("num_hidden_layers", Less("block_count", "nextn_predict_layers")),
            WIDTH,
            HEAD,
            BIAS,
            TOP,
            EXPERT_WIDTH,
            ("use_qk_norm", Has("blk.0.attn_q_norm.weight")),
            ("n_routed_experts", Key("expert_count")),
            ("n_shared_experts", Key("expert_shared_count")),
            ("first_k_dense_replace", Key("leading_dense_block_count")),
            ("num_nextn_predict_layers", Key("nextn_predict_layers")),
        ],
    },
    Architecture { name: "deepseek2", has: Some("exp_probs_b.bias"), model_type: "deepseek_v3", fields: LATENT },
    Architecture { name: "deepseek2", has: None, model_type: "deepseek_v2", fields: LATENT },
    Architecture {
        name: "minimax-m2",
        has: None,
        model_type: "minimax_m2",
        fields: &[
            LAYERS,
            HEAD,
            TOP,
            ("intermediate_size", Key("expert_feed_forward_length")),
            ("num_local_experts", Key("expert_count")),
            ("use_qk_norm", Has("blk.0.attn_q_norm.weight")),
            ("use_routing_bias", Has("blk.0.exp_probs_b.bias")),
        ],
    },
];

/// Beginnings of keys that say nothing of sizes or operations, or nothing that the shapes of tensors don't say as well,
/// after the architecture's name and a dot.
const HARMLESS: &[&str] = &[
    "attention.causal",
    "attention.key_length",
    "attention.layer_norm_epsilon",
    "attention.layer_norm_rms_epsilon",
    "attention.scale",
    "attention.value_length",
    "expert_gating_func",
    "expert_group_count",
    "expert_group_used_count",
    "expert_shared_feed_forward_length",
    "expert_weights_norm",
    "expert_weights_scale",
    "feed_forward_length",
    "rope.",
    "tensor_data_layout",
    "vocab_size",
];

/// The config of a GGUF file: its fields, and warnings of keys of which nothing is known.
pub(crate) type Config = (Vec<(String, Json)>, Vec<String>);

/// The config of a GGUF file.
///
/// An error names the key, what was found and what was expected.
pub(crate) fn config(file: &WeightsFile) -> Result<Config, Error> {
    const KEY: &str = "general.architecture";
    let name = match file.metadata.get(KEY) {
        Some(Value::Text(name)) => name,
        other => return Err(wrong(KEY, &other.map_or("nothing".to_owned(), shown), "the name of an architecture")),
    };
    let fits = |it: &&Architecture| it.name == name && it.has.is_none_or(|end| tensor(file, end).is_some());
    let Some(architecture) = ARCHITECTURES.iter().find(fits) else {
        let mut known: Vec<&str> = ARCHITECTURES.iter().map(|it| it.name).collect();
        known.dedup();
        return Err(wrong(KEY, &format!("\"{name}\""), format!("one of {}", known.join(", "))));
    };
    let mut entries = vec![("model_type".to_owned(), Json::from(architecture.model_type))];
    let fields = COMMON.iter().chain(architecture.fields);
    for (field, source) in fields.clone() {
        if let Some(value) = value(file, name, *source)? {
            // A window of no tokens is none.
            let none = *field == "sliding_window" && value.as_u64() == Some(0);
            entries.push(((*field).to_owned(), if none { Json::Null } else { value }));
        }
    }
    if architecture.fields.iter().any(|(field, _)| *field == "qk_head_dim") {
        split_head(&mut entries)?;
    }
    let read: Vec<String> = fields.flat_map(|(_, source)| keys(*source)).map(|key| format!("{name}.{key}")).collect();
    let own = |key: &&String| key.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
    let harmless = |key: &&String| HARMLESS.iter().any(|part| key[name.len() + 1..].starts_with(part));
    let unknown = file.metadata.keys().filter(own).filter(|key| !harmless(key) && !read.contains(key));
    Ok((entries, unknown.map(|key| format!("unknown key {key} is not accounted for")).collect()))
}

/// The keys that a field is made of.
fn keys(source: Source) -> Vec<&'static str> {
    match source {
        Key(key) => vec![key],
        Either(first, second) | Less(first, second) => vec![first, second],
        Has(_) | Lacks(_) | Rows(_) | Null => Vec::new(),
    }
}

/// The first tensor whose name ends so.
fn tensor<'f>(file: &'f WeightsFile, end: &str) -> Option<&'f Stored> {
    file.tensors.iter().find(|tensor| tensor.name.ends_with(end))
}

fn value(file: &WeightsFile, name: &str, source: Source) -> Result<Option<Json>, Error> {
    let of = |key: &str| {
        let key = format!("{name}.{key}");
        file.metadata.get(&key).map(|value| json(&key, value)).transpose()
    };
    let named = |end: &str| file.tensors.iter().find(|tensor| tensor.name == end);
    Ok(match source {
        Key(key) => of(key)?,
        Either(first, second) => match of(first)? {
            Some(value) => Some(value),
            None => of(second)?,
        },
        Less(whole, part) => match (of(whole)?, of(part)?) {
            (Some(whole), Some(part)) => match (whole.as_u64(), part.as_u64()) {
                (Some(all), Some(some)) if all >= some => Some(Json::from(all - some)),
                _ => {
                    return Err(wrong(
                        &format!("{name}.{key}", key = keys(source)[1]),
                        &part,
                        format!("at most {whole}"),
                    ));
                }
            },
            (whole, _) => whole,
        },
        Has(tensor) => Some(Json::from(named(tensor).is_some())),
        Lacks(tensor) => Some(Json::from(named(tensor).is_none())),
        Rows(tensor) => named(tensor).and_then(|tensor| tensor.shape.first().copied()).map(Json::from),
        Null => Some(Json::Null),
    })
}

/// A value of metadata as one of a config. A list by layers is its entry, if they are all the same.
fn json(key: &str, value: &Value) -> Result<Json, Error> {
    match value {
        Value::Integer(number) => match (u64::try_from(*number), i64::try_from(*number)) {
            (Ok(number), _) => Ok(Json::from(number)),
            (_, Ok(number)) => Ok(Json::from(number)),
            _ => Err(wrong(key, number, "a number of 64 bits")),
        },
        Value::Float(number) => Ok(Json::from(*number)),
        Value::Flag(flag) => Ok(Json::from(*flag)),
        Value::Text(text) => Ok(Json::from(text.as_str())),
        Value::List(list) if list.first().is_some_and(|first| list.iter().all(|other| other == first)) => {
            json(key, &list[0])
        }
        other => Err(wrong(key, &shown(other), "one value, or the same for every layer")),
    }
}

/// A head's size without the part that is rotated, in place of the whole.
fn split_head(entries: &mut Vec<(String, Json)>) -> Result<(), Error> {
    let size = |field: &str| {
        let found = entries.iter().find(|(key, _)| key == field).and_then(|(_, value)| value.as_u64());
        found.ok_or_else(|| wrong(field, &"nothing", "a positive whole number"))
    };
    let (head, rotated) = (size("qk_head_dim")?, size("qk_rope_head_dim")?);
    let Some(rest) = head.checked_sub(rotated) else {
        return Err(wrong("rope.dimension_count", &rotated, format!("at most a head's size, {head}")));
    };
    entries.push(("qk_nope_head_dim".to_owned(), Json::from(rest)));
    if !entries.iter().any(|(key, _)| key == "q_lora_rank") {
        entries.push(("q_lora_rank".to_owned(), Json::Null));
    }
    Ok(())
}

/// A value of metadata as text.
fn shown(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Text(text) => format!("\"{}\"", text.chars().take(40).collect::<String>()),
        Value::List(list) => format!("a list of {} values that differ", list.len()),
        Value::Long(length) => format!("{length} values or bytes"),
    }
}
