//! BLOOM (arXiv:2211.05100): ALiBi, a norm after the embedding. Defaults as in transformers' `configuration_bloom.py`.

use super::{COMMON, GptDecoder, layers, names};
use crate::config::Fields;
use crate::error::Error;
use crate::model::Model;

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    // Sums of slices instead of one product.
    fields.off("slow_but_exact")?;
    // Whether the normalised input is what is added: the same sum. How Megatron fuses, pads and rounds.
    fields.passed(&["apply_residual_connection_post_layernorm", "attention_softmax_in_fp32", "bias_dropout_fusion"]);
    fields.passed(&["masked_softmax_fusion", "offset_alibi", "skip_bias_add", "skip_bias_add_qkv", "seq_length"]);
    let (width, head) = (
        fields.size_by(&["hidden_size", "n_embed"], Some(64))?,
        fields.size_by(&["n_head", "num_attention_heads"], Some(8))?,
    );
    let f = Fields::times(4, width)?;
    if let Some(found) = fields.optional_size("n_inner")?.filter(|found| *found != f) {
        return Err(Error::field("n_inner", found, format!("{f}, four times {}", width.0)));
    }
    let decoder = GptDecoder {
        d: width.1,
        n: head.1,
        k: Fields::quotient(width, head)?,
        f,
        v: fields.size_or("vocab_size", Some(250_880))?,
        l: layers(fields, &["n_layer", "num_hidden_layers"], Some(2))?,
        alibi: 1,
        embed_norm: 1,
        gelu_tanh: 1,
        tied: fields.axis("tie_word_embeddings", true)?,
        ..COMMON
    };
    Ok(Model::new(&decoder).named_by(names::BLOOM))
}
