//! The architecture that a GGUF file says it has, as the config that its model type would have.
//!
//! What a field of the config is made of is data: a key of the metadata, or whether a tensor is there. The config then goes
//! through the reading that every config of its model type goes through, and the file's tensors are compared with what
//! comes of it, so that a key that is misunderstood doesn't go unnoticed.

use serde_json::Value as Json;

use super::{Stored, Value, WeightsFile, wrong};
use crate::error::Error;
use crate::note::Note;

/// What a field of a config is made of.
#[derive(Clone, Copy)]
enum Source {
    /// A key of the metadata, after the architecture's name and a dot; nothing if it isn't there.
    Key(&'static str),
    /// The first of these keys that is there.
    Either(&'static str, &'static str),
    /// One key less another, which is 0 if it isn't there.
    Less(&'static str, &'static str),
    /// One key over another, which divides it.
    Over(&'static str, &'static str),
    /// Whether a tensor is there.
    Has(&'static str),
    /// Whether it isn't.
    Lacks(&'static str),
    /// How many rows a tensor has.
    Rows(&'static str),
    /// `null`.
    Null,
}

use Source::{Either, Has, Key, Lacks, Less, Null, Over, Rows};

/// A field of a config and what it is made of.
type Field = (&'static str, Source);

/// An architecture of GGUF files.
struct Architecture {
    /// What `general.architecture` says.
    name: &'static str,
    /// A tensor that tells it from others of that name.
    has: Option<&'static str>,
    model_type: &'static str,
    fields: &'static [&'static [Field]],
}

/// What every config has.
const COMMON: &[Field] = &[
    ("hidden_size", Key("embedding_length")),
    ("max_position_embeddings", Key("context_length")),
    ("tie_word_embeddings", Lacks("output.weight")),
    ("vocab_size", Rows("token_embd.weight")),
];

/// What those with attention and feed-forward networks have.
const DENSE: &[Field] =
    &[("num_hidden_layers", Key("block_count")), ("intermediate_size", Key("feed_forward_length")), HEADS, KV_HEADS];
/// The same where the width of experts is called that of a dense network.
const SPARSE: &[Field] = &[
    ("num_hidden_layers", Key("block_count")),
    ("intermediate_size", Key("expert_feed_forward_length")),
    ("num_local_experts", Key("expert_count")),
    HEADS,
    KV_HEADS,
    HEAD,
    TOP,
];
/// What GPT-2 and those like it have.
const GPT: &[Field] = &[("num_hidden_layers", Key("block_count")), ("n_inner", Key("feed_forward_length")), HEADS];

const HEADS: Field = ("num_attention_heads", Key("attention.head_count"));
const KV_HEADS: Field = ("num_key_value_heads", Key("attention.head_count_kv"));
const HEAD: Field = ("head_dim", Key("attention.key_length"));
const BIAS: Field = ("attention_bias", Has("blk.0.attn_q.bias"));
const EXPERTS: Field = ("num_experts", Key("expert_count"));
const TOP: Field = ("num_experts_per_tok", Key("expert_used_count"));
const EXPERT_WIDTH: Field = ("moe_intermediate_size", Key("expert_feed_forward_length"));
const SHARED_WIDTH: Field = ("shared_expert_intermediate_size", Rows("blk.0.ffn_up_shexp.weight"));
const WINDOW: Field = ("sliding_window", Key("attention.sliding_window"));
const CAP: Field = ("final_logit_softcapping", Key("final_logit_softcapping"));

/// The fields of latent attention. Files for attention over the latent vector itself have its sizes in the plain keys.
const LATENT: &[Field] = &[
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

/// An architecture that its name tells from others.
const fn plain(name: &'static str, model_type: &'static str, fields: &'static [&'static [Field]]) -> Architecture {
    Architecture { name, has: None, model_type, fields }
}

/// One that has a tensor whose name ends so, where others of its name have none.
const fn with(
    (name, has): (&'static str, &'static str),
    model_type: &'static str,
    fields: &'static [&'static [Field]],
) -> Architecture {
    Architecture { name, has: Some(has), model_type, fields }
}

/// In the order in which they are told apart.
const ARCHITECTURES: &[Architecture] = &[
    with(
        ("llama", "blk.0.ffn_gate_inp.weight"),
        "mixtral",
        &[DENSE, &[HEAD, TOP, ("num_local_experts", Key("expert_count")), ("sliding_window", Null)]],
    ),
    plain("llama", "llama", &[DENSE, &[HEAD, BIAS, ("mlp_bias", Has("blk.0.ffn_gate.bias"))]]),
    plain("qwen2", "qwen2", &[DENSE, &[HEAD]]),
    plain(
        "qwen2moe",
        "qwen2_moe",
        &[DENSE, &[EXPERTS, TOP, EXPERT_WIDTH, SHARED_WIDTH, ("qkv_bias", Has("blk.0.attn_q.bias"))]],
    ),
    plain("qwen3", "qwen3", &[DENSE, &[HEAD, BIAS]]),
    plain("qwen3moe", "qwen3_moe", &[DENSE, &[HEAD, BIAS, EXPERTS, TOP, EXPERT_WIDTH]]),
    plain(
        "qwen3next",
        "qwen3_next",
        &[
            DENSE,
            &[
                HEAD,
                EXPERTS,
                TOP,
                EXPERT_WIDTH,
                SHARED_WIDTH,
                ("full_attention_interval", Key("full_attention_interval")),
                ("linear_conv_kernel_dim", Key("ssm.conv_kernel")),
                ("linear_key_head_dim", Key("ssm.state_size")),
                ("linear_num_key_heads", Key("ssm.group_count")),
                ("linear_num_value_heads", Key("ssm.time_step_rank")),
                ("linear_value_head_dim", Over("ssm.inner_size", "ssm.time_step_rank")),
            ],
        ],
    ),
    plain(
        "gemma2",
        "gemma2",
        &[DENSE, &[HEAD, WINDOW, CAP, ("attn_logit_softcapping", Key("attn_logit_softcapping"))]],
    ),
    plain(
        "gemma3",
        "gemma3_text",
        &[DENSE, &[HEAD, WINDOW, CAP, ("sliding_window_pattern", Key("attention.sliding_window_pattern"))]],
    ),
    plain("phi3", "phi3", &[DENSE, &[WINDOW]]),
    plain("olmo2", "olmo2", &[DENSE, &[BIAS]]),
    plain("gpt-oss", "gpt_oss", &[SPARSE, &[WINDOW, BIAS]]),
    plain(
        "minimax-m2",
        "minimax_m2",
        &[
            SPARSE,
            &[("use_qk_norm", Has("blk.0.attn_q_norm.weight")), ("use_routing_bias", Has("blk.0.exp_probs_b.bias"))],
        ],
    ),
    plain(
        "glm4moe",
        "glm4_moe",
        &[&[
            ("num_hidden_layers", Less("block_count", "nextn_predict_layers")),
            ("intermediate_size", Key("feed_forward_length")),
            HEADS,
            KV_HEADS,
            HEAD,
            BIAS,
            TOP,
            EXPERT_WIDTH,
            ("use_qk_norm", Has("blk.0.attn_q_norm.weight")),
            ("n_routed_experts", Key("expert_count")),
            ("n_shared_experts", Key("expert_shared_count")),
            ("first_k_dense_replace", Key("leading_dense_block_count")),
            ("num_nextn_predict_layers", Key("nextn_predict_layers")),
        ]],
    ),
    with(("deepseek2", "exp_probs_b.bias"), "deepseek_v3", &[DENSE, LATENT]),
    plain("deepseek2", "deepseek_v2", &[DENSE, LATENT]),
    plain(
        "mamba2",
        "mamba2",
        &[&[
            ("num_hidden_layers", Key("block_count")),
            ("conv_kernel", Key("ssm.conv_kernel")),
            ("state_size", Key("ssm.state_size")),
            ("n_groups", Key("ssm.group_count")),
            ("num_heads", Key("ssm.time_step_rank")),
            ("head_dim", Over("ssm.inner_size", "ssm.time_step_rank")),
            ("expand", Over("ssm.inner_size", "embedding_length")),
            ("use_bias", Has("blk.0.ssm_in.bias")),
            ("use_conv_bias", Has("blk.0.ssm_conv1d.bias")),
        ]],
    ),
    plain("gpt2", "gpt2", &[GPT]),
    plain("starcoder", "gpt_bigcode", &[GPT]),
    plain("bloom", "bloom", &[GPT]),
    plain(
        "gptneox",
        "gpt_neox",
        &[&[
            ("num_hidden_layers", Key("block_count")),
            ("intermediate_size", Key("feed_forward_length")),
            ("use_parallel_residual", Key("use_parallel_residual")),
            ("attention_bias", Has("blk.0.attn_qkv.bias")),
            HEADS,
        ]],
    ),
    plain(
        "falcon",
        "falcon",
        &[&[
            ("num_hidden_layers", Key("block_count")),
            ("ffn_hidden_size", Key("feed_forward_length")),
            ("num_kv_heads", Key("attention.head_count_kv")),
            ("new_decoder_architecture", Has("blk.0.attn_norm_2.weight")),
            ("bias", Has("blk.0.attn_qkv.bias")),
            HEADS,
        ]],
    ),
];

/// Beginnings of keys that say nothing of sizes or operations, or nothing that the shapes of tensors don't say as well,
/// after the architecture's name and a dot.
const HARMLESS: &[&str] = &[
    "attention.causal",
    "attention.head_count",
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
pub(crate) type Config = (Vec<(String, Json)>, Vec<Note>);

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
    let fields = COMMON.iter().chain(architecture.fields.iter().copied().flatten());
    for (field, source) in fields.clone() {
        if let Some(value) = value(file, name, *source)? {
            // A window of no tokens is none.
            let none = *field == "sliding_window" && value.as_u64() == Some(0);
            entries.push(((*field).to_owned(), if none { Json::Null } else { value }));
        }
    }
    if entries.iter().any(|(field, _)| field == "qk_head_dim") {
        split_head(&mut entries)?;
    }
    let read: Vec<String> = fields.flat_map(|(_, source)| keys(*source)).map(|key| format!("{name}.{key}")).collect();
    let own = |key: &&String| key.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
    let harmless = |key: &&String| HARMLESS.iter().any(|part| key[name.len() + 1..].starts_with(part));
    let unknown = file.metadata.keys().filter(own).filter(|key| !harmless(key) && !read.contains(key));
    let warning = |key: &String| Note::warning(format!("unknown key {key} is not accounted for")).about(key);
    Ok((entries, unknown.map(warning).collect()))
}

/// The keys that a field is made of.
fn keys(source: Source) -> Vec<&'static str> {
    match source {
        Key(key) => vec![key],
        Either(first, second) | Less(first, second) | Over(first, second) => vec![first, second],
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
        Less(whole, part) | Over(whole, part) => match (of(whole)?, of(part)?) {
            (Some(all), Some(some)) => Some(combined(name, source, &all, &some)?),
            (all, _) => all.filter(|_| matches!(source, Less(..))),
        },
        Has(tensor) => Some(Json::from(named(tensor).is_some())),
        Lacks(tensor) => Some(Json::from(named(tensor).is_none())),
        Rows(tensor) => named(tensor).and_then(|tensor| tensor.shape.first().copied()).map(Json::from),
        Null => Some(Json::Null),
    })
}

/// One number less another, or over it.
fn combined(name: &str, source: Source, all: &Json, some: &Json) -> Result<Json, Error> {
    let numbers = all.as_u64().zip(some.as_u64());
    let (whole, part, expected, result) = match source {
        Less(whole, part) => (whole, part, "at most", numbers.and_then(|(all, some)| all.checked_sub(some))),
        Over(whole, part) => {
            let quotient =
                numbers.filter(|(all, some)| all.checked_rem(*some) == Some(0)).map(|(all, some)| all / some);
            (whole, part, "a divisor of", quotient)
        }
        _ => return Ok(all.clone()),
    };
    let wrong = || wrong(&format!("{name}.{part}"), some, format!("{expected} {whole}, which is {all}"));
    result.map(Json::from).ok_or_else(wrong)
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
