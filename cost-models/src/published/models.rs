//! The models that the documents name.

use crate::catalogue;
use crate::error::Error;
use crate::families::decoder::Decoder;
use crate::model::Model;

/// Llama-2-7B.
pub(super) fn llama_2_7b() -> Result<Model, Error> {
    catalogue::find("llama-2-7b")
}

/// Llama-2-7B with another number of key/value heads.
pub(super) fn llama_2_7b_with(n: u64) -> Model {
    let (d, g, k, f, v, l) = (4096, 32 / n, 128, 11_008, 32_000, 32);
    Model::new(&Decoder { b: 1, s: 1, t: 1, o: 1, d, n, g, k, f, v, l, tied: 0 })
}

/// The width of Qwen3-32B.
pub(super) const QWEN3_32B_WIDTH: u64 = 5120;

/// Qwen3-32B.
pub(super) fn qwen3_32b() -> Result<Model, Error> {
    catalogue::find("qwen3-32b")
}

/// GPT-2 of width 768, or a stack of another number of its layers.
pub(super) fn gpt2(l: u64) -> Result<Model, Error> {
    let layers = || Error::field("l", "no axis", "the number of layers");
    catalogue::find("gpt2")?.resized("l", l).ok_or_else(layers)
}

/// BERT-base (arXiv:1810.04805).
pub(super) fn bert() -> Result<Model, Error> {
    encoder("bert", r#""vocab_size": 30522, "max_position_embeddings": 512, "hidden_act": "gelu""#)
}

/// RoBERTa-base (arXiv:1907.11692).
pub(super) fn roberta() -> Result<Model, Error> {
    encoder(
        "roberta",
        r#""vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1, "hidden_act": "gelu""#,
    )
}

/// ALBERT-base, second version (arXiv:1909.11942).
pub(super) fn albert() -> Result<Model, Error> {
    let own = r#""vocab_size": 30000, "max_position_embeddings": 512, "embedding_size": 128, "hidden_act": "gelu_new""#;
    encoder("albert", own)
}

/// An encoder of 12 layers of width 768 with fields of its own.
fn encoder(model_type: &str, own: &str) -> Result<Model, Error> {
    let shape = r#""num_hidden_layers": 12, "hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072"#;
    Model::from_config(model_type, &format!(r#"{{"model_type": "{model_type}", {shape}, {own}}}"#))
}
