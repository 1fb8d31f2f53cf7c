//! Configs: released ones in which fields are missing, doubled, renamed, nested, of another model, or extreme.

use cost_core::random::Random;
use cost_models::{Model, catalogue};
use serde_json::Value;

use super::pick::{self, below, one, one_in};
use super::{LARGEST, bytes, evaluate};

/// JSON that may have a key twice, and anything as a value.
#[derive(Clone, Debug)]
enum Json {
    Raw(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Array(list) => Self::List(list.iter().map(Self::from).collect()),
            Value::Object(fields) => {
                Self::Object(fields.iter().map(|(key, value)| (key.clone(), value.into())).collect())
            }
            other => Self::Raw(other.to_string()),
        }
    }
}

impl Json {
    fn write(&self, to: &mut String) {
        match self {
            Self::Raw(text) => to.push_str(text),
            Self::List(list) => {
                to.push('[');
                for (i, value) in list.iter().enumerate() {
                    to.push_str(if i > 0 { ", " } else { "" });
                    value.write(to);
                }
                to.push(']');
            }
            Self::Object(fields) => {
                to.push('{');
                for (i, (key, value)) in fields.iter().enumerate() {
                    to.push_str(if i > 0 { ", " } else { "" });
                    to.push_str(&quoted(key));
                    to.push_str(": ");
                    value.write(to);
                }
                to.push('}');
            }
        }
    }

    /// About how long it is as text.
    fn len(&self) -> usize {
        match self {
            Self::Raw(text) => text.len(),
            Self::List(list) => list.iter().map(|value| value.len() + 2).sum::<usize>() + 2,
            Self::Object(fields) => fields.iter().map(|(key, value)| key.len() + value.len() + 6).sum::<usize>() + 2,
        }
        .max(1)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut text = String::new();
        self.write(&mut text);
        text.into_bytes()
    }

    /// One of the objects in it, itself among them.
    fn object(&mut self, random: &mut Random) -> Option<&mut Vec<(String, Self)>> {
        let Self::Object(fields) = self else { return None };
        let inner: Vec<usize> =
            (0..fields.len()).filter(|i| matches!(&fields[*i].1, Self::Object(inner) if !inner.is_empty())).collect();
        if inner.is_empty() || !one_in(random, 3) {
            return Some(fields);
        }
        let at = *one(random, &inner);
        fields[at].1.object(random)
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn parsed(text: &[u8]) -> Option<Json> {
    serde_json::from_slice::<Value>(text).ok().as_ref().map(Json::from)
}

/// A released config.
fn released(random: &mut Random, seeds: &[Vec<u8>]) -> Json {
    let own = one_in(random, 2).then(|| seeds.get(below(random, seeds.len()))).flatten();
    let built_in = one(random, catalogue::ENTRIES).config.as_bytes();
    own.and_then(|seed| parsed(seed)).or_else(|| parsed(built_in)).unwrap_or(Json::Object(Vec::new()))
}

/// A config.
pub(super) fn config(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let (mut config, other) = (released(random, seeds), released(random, seeds));
    for _ in 0..random.below(4) {
        mutate(random, &mut config, &other);
    }
    bytes::sometimes(random, 12, config.bytes())
}

/// A small config with a block on how its weights are stored.
pub(super) fn quantisation(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let draw = |random: &mut Random| seeds.get(below(random, seeds.len())).and_then(|seed| parsed(seed));
    let mut block = draw(random).unwrap_or(Json::Object(Vec::new()));
    let other = draw(random).unwrap_or(Json::Object(Vec::new()));
    for _ in 0..random.below(3) {
        mutate(random, &mut block, &other);
    }
    if let Json::Object(fields) = &mut block
        && one_in(random, 3)
    {
        let list = Json::List((0..pick::count(random, 2000)).map(|_| Json::Raw(quoted(&module(random)))).collect());
        let field = *one(random, &["modules_to_not_convert", "ignore", "ignored_layers", "llm_int8_skip_modules"]);
        fields.retain(|(key, _)| key != field);
        fields.push((field.to_owned(), list));
    }
    bytes::sometimes(random, 12, block.bytes())
}

/// A name of modules, or an expression for some.
fn module(random: &mut Random) -> String {
    const PARTS: [&str; 16] = [
        "model",
        "layers",
        "0",
        "1",
        "self_attn",
        "q_proj",
        "k_proj",
        "mlp",
        "experts",
        "gate",
        "up_proj",
        "down_proj",
        "lm_head",
        "embed_tokens",
        "weight",
        "shared_expert",
    ];
    const SIGNS: [&str; 14] =
        [".*", "\\.", "(a|b)", "[0-9]+", "(?:x)?", "{2,3}", "(", "[", "\\d", "^", "$", "(a*)*", "{1000}", "(?=x)"];
    let mut text = if one_in(random, 3) { "re:".to_owned() } else { String::new() };
    for i in 0..=random.below(4) {
        text.push_str(if i > 0 && !one_in(random, 8) { "." } else { "" });
        let list = if text.starts_with("re:") && one_in(random, 2) { &SIGNS[..] } else { &PARTS[..] };
        text.push_str(one::<&str>(random, list));
    }
    text
}

/// Changes one thing.
fn mutate(random: &mut Random, config: &mut Json, other: &Json) {
    let taken = match other {
        Json::Object(fields) if !fields.is_empty() => Some(one(random, fields).clone()),
        _ => None,
    };
    let strange = value(random, 0);
    let Some(fields) = config.object(random) else { return };
    let at = below(random, fields.len());
    if fields.is_empty() {
        fields.extend(taken);
        return;
    }
    match random.below(12) {
        0 => drop(fields.swap_remove(at)),
        1 => fields.push(fields[at].clone()),
        2 => fields[at].0 = renamed(random, &fields[at].0),
        3 => {
            let with = below(random, fields.len());
            let (a, b) = (fields[at].1.clone(), fields[with].1.clone());
            (fields[at].1, fields[with].1) = (b, a);
        }
        4 => fields.extend(taken),
        5 => {
            // The value that another model has there.
            if let Some((_, value)) = taken {
                fields[at].1 = value;
            }
        }
        6 => fields[at].1 = Json::List(vec![fields[at].1.clone()]),
        7 => {
            let inside = core::mem::take(fields);
            let kept = inside.iter().find(|(key, _)| key == "model_type").cloned();
            fields.push((
                if one_in(random, 3) { "x".to_owned() } else { "text_config".to_owned() },
                Json::Object(inside),
            ));
            fields.extend(kept);
        }
        8 => numbers(random, fields),
        _ => fields[at].1 = strange,
    }
}

/// Makes some numbers extreme, and keeps what must divide what.
fn numbers(random: &mut Random, fields: &mut [(String, Json)]) {
    let factor = 1_u64 << random.below(40);
    for (_, value) in fields {
        if let Json::Raw(text) = value
            && let Ok(number) = text.parse::<u64>()
            && one_in(random, 2)
        {
            *text = number.saturating_mul(factor).to_string();
        }
    }
}

fn renamed(random: &mut Random, key: &str) -> String {
    const KEYS: [&str; 12] = [
        "num_hidden_layers",
        "num_nextn_predict_layers",
        "sliding_window",
        "layer_types",
        "quantization_config",
        "tied",
        "first_k_dense_replace",
        "max_position_embeddings",
        "head_dim",
        "mlp_only_layers",
        "text_config",
        "moe_layer_freq",
    ];
    match random.below(3) {
        0 => (*one(random, &KEYS)).to_owned(),
        1 => format!("{key}{}", pick::text(random)),
        _ => key.chars().skip(1).collect(),
    }
}

/// Anything.
fn value(random: &mut Random, depth: u32) -> Json {
    const WORDS: [&str; 16] = [
        "null",
        "true",
        "false",
        "\"silu\"",
        "\"gelu\"",
        "\"relu\"",
        "\"full_attention\"",
        "\"sliding_attention\"",
        "\"fp8\"",
        "\"gptq\"",
        "\"float16\"",
        "\"auto\"",
        "{}",
        "[]",
        "\"softmax\"",
        "\"re:.*\"",
    ];
    match random.below(12) {
        0..=3 => Json::Raw(pick::size(random).to_string()),
        4 => Json::Raw(pick::number(random)),
        5 => Json::Raw(quoted(&pick::text(random))),
        6 if depth < 3 => {
            let each = value(random, depth + 1);
            let same = one_in(random, 2);
            // No more than an input has room for.
            let count = pick::count(random, 100_000 >> (6 * depth)).min(LARGEST / 2 / each.len());
            Json::List((0..count).map(|_| if same { each.clone() } else { value(random, depth + 1) }).collect())
        }
        7 if depth < 3 => {
            let fields = (0..random.below(4)).map(|i| (format!("k{i}"), value(random, depth + 1)));
            Json::Object(fields.collect())
        }
        8 => {
            let number = random.below(2);
            let length = below(random, 130);
            Json::List(vec![Json::Raw(number.to_string()); length])
        }
        _ => Json::Raw((*one(random, &WORDS)).to_owned()),
    }
}

/// Reads a config and evaluates its model.
pub(super) fn run_config(input: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(input) else { return false };
    match Model::from_config("fuzzed", text) {
        Ok(model) => {
            evaluate::model(&model, &mut evaluate::choices(input));
            true
        }
        Err(error) => evaluate::refused(&error),
    }
}

/// Reads a block in configs of a dense model, a mixture and one with latent attention.
pub(super) fn run_quantisation(input: &[u8]) -> bool {
    const MODELS: [&str; 3] = [
        r#"{"model_type": "llama", "hidden_size": 256, "intermediate_size": 512, "num_attention_heads": 4,
            "num_key_value_heads": 2, "num_hidden_layers": 3, "vocab_size": 1024"#,
        r#"{"model_type": "qwen3_moe", "hidden_size": 256, "intermediate_size": 512, "num_attention_heads": 4,
            "num_key_value_heads": 2, "num_hidden_layers": 3, "vocab_size": 1024, "head_dim": 64, "num_experts": 8,
            "num_experts_per_tok": 2, "moe_intermediate_size": 128, "mlp_only_layers": [1]"#,
        r#"{"model_type": "llama", "hidden_size": 256, "intermediate_size": 512, "num_attention_heads": 4,
            "num_key_value_heads": 2, "num_hidden_layers": 65536, "vocab_size": 1024"#,
    ];
    let Ok(block) = core::str::from_utf8(input) else { return false };
    let mut choices = evaluate::choices(input);
    // The longest takes as long as many others.
    let config = if one_in(&mut choices, 30) { MODELS[2] } else { one(&mut choices, &MODELS[..2]) };
    match Model::from_config("fuzzed", &format!("{config}, \"quantization_config\": {block}}}")) {
        Ok(model) => {
            evaluate::model(&model, &mut choices);
            true
        }
        Err(error) => evaluate::refused(&error),
    }
}
