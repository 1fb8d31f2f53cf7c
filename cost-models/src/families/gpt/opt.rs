//! OPT (arXiv:2205.01068) and Galactica (arXiv:2211.09085): learned positions, ReLU. Defaults as in transformers'
//! `configuration_opt.py`, what they mean as in `modeling_opt.py`.

use super::{COMMON, GptDecoder, ProjectedGptDecoder, layers};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::Activation;
use crate::model::Model;

/// Positions count from 2: the first two rows of the table are never looked up.
const POSITION_OFFSET: u64 = 2;

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    // Dropout, and layers left out in training; initial weights; what prompts begin with.
    fields.passed(&["dropout", "activation_dropout", "layerdrop", "init_std", "prefix"]);
    let d = fields.size_or("hidden_size", Some(768))?;
    let heads = fields.size_or("num_attention_heads", Some(12))?;
    let rows = fields.size_or("max_position_embeddings", Some(2048))?;
    let rows = rows.checked_add(POSITION_OFFSET).ok_or_else(|| {
        Error::field(
            "max_position_embeddings",
            rows.to_string(),
            format!("a size that fits 64 bits with {POSITION_OFFSET} more"),
        )
    })?;
    // Norms before, and one at the end, but for checkpoints fine-tuned with an early release; or norms after.
    let before = fields.axis("do_layer_norm_before", true)?;
    let removed = fields.flag("_remove_final_layer_norm", false)?;
    let bias = fields.axis("enable_bias", true)?;
    let narrow = fields.optional_size("word_embed_proj_dim")?.filter(|width| *width != d);
    let [gelu, gelu_tanh, relu] = Activation::read(fields, "activation_function", Activation::Relu)?.axes();
    let decoder = GptDecoder {
        d,
        n: heads,
        k: Fields::quotient(("hidden_size", d), ("num_attention_heads", heads))?,
        f: fields.size_or("ffn_dim", Some(3072))?,
        v: fields.size_or("vocab_size", Some(50_272))?,
        m: rows,
        l: layers(fields, &["num_hidden_layers"], Some(12))?,
        learned: 1,
        attn_bias: bias,
        mlp_bias: bias,
        affine: fields.axis("layer_norm_elementwise_affine", true)?,
        mlp_norm: before,
        post_norm: 1 - before,
        final_norm: if removed { 0 } else { before },
        gelu,
        gelu_tanh,
        relu,
        tied: fields.axis("tie_word_embeddings", true)?,
        ..COMMON
    };
    // The operators' own names are OPT's.
    Ok(match narrow {
        None => Model::new(&decoder),
        Some(r) => Model::new(&projected(&decoder, r)),
    })
}

/// The decoder with a table of another width.
fn projected(decoder: &GptDecoder, r: u64) -> ProjectedGptDecoder {
    let &GptDecoder { b, s, t, o, d, n, g, k, f, v, m, l, learned, rotary, alibi, .. } = decoder;
    let &GptDecoder { attn_bias, mlp_bias, affine, parallel, mlp_norm, post_norm, final_norm, .. } = decoder;
    let &GptDecoder { gelu, gelu_tanh, relu, tied, .. } = decoder;
    ProjectedGptDecoder {
        b,
        s,
        t,
        o,
        r,
        d,
        n,
        g,
        k,
        f,
        v,
        m,
        l,
        learned,
        rotary,
        alibi,
        attn_bias,
        mlp_bias,
        affine,
        parallel,
        mlp_norm,
        post_norm,
        final_norm,
        gelu,
        gelu_tanh,
        relu,
        tied,
    }
}
