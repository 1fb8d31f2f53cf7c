//! The decoders around the layers.

use cost_macros::cost;

use super::GptLayer;
use crate::ops::{AffineNorm, LmHead};

/// A decoder of `l` layers that gives the logits of the last `o` of `s` new tokens, out of `t` in all.
///
/// Positions are learned, `m` of them, where `learned` is 1. `embed_norm` is 1 where what is looked up is normalised,
/// `final_norm` where what the layers give is, `tied` where the head is the embedding table; for the rest see [`GptLayer`].
#[cost]
pub fn GptDecoder<
    b,
    s,
    t,
    o,
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
    embed_norm,
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
>(
    ids: Ids<b, s>,
    positions: Ids<s>,
    slopes: Act<n, g>,
    places: Act<t>,
    #[part(embedding)]
    #[hf("model.decoder.embed_tokens.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(other)]
    #[hf("model.decoder.embed_positions.weight")]
    #[gguf("position_embd.weight")]
    position_table: Weight<m, d>,
    #[part(norm)]
    #[hf("model.decoder.embed_layer_norm.weight")]
    #[gguf("token_embd_norm.weight")]
    embed_scale: Weight<d>,
    #[part(norm)]
    #[hf("model.decoder.embed_layer_norm.bias")]
    #[gguf("token_embd_norm.bias")]
    embed_shift: Weight<d>,
    #[part(norm)]
    #[hf("model.decoder.final_layer_norm.weight")]
    #[gguf("output_norm.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("model.decoder.final_layer_norm.bias")]
    #[gguf("output_norm.bias")]
    shift: Weight<d>,
    #[part(lm_head)]
    #[hf("lm_head.weight")]
    #[gguf("output.weight")]
    #[tied(embed, tied)]
    head: Weight<v, d>,
) -> Act<b, o, v> {
    let embedded = gather::<v>(embed, ids);
    if learned {
        embedded = embedded + gather::<m>(position_table, positions);
    }
    if embed_norm {
        embedded = AffineNorm { .. }(embedded, embed_scale, embed_shift);
    }
    let x = embedded;
    for _ in 0..l {
        x = GptLayer { .. }(x, slopes, places);
    }
    let head_in = x;
    if final_norm {
        head_in = AffineNorm { .. }(x, scale, shift);
    }
    let logits = LmHead { .. }(head_in, head);
    logits
}

/// [`GptDecoder`] whose table has rows of width `r`, projected to the layers' width `d` and back before the head.
#[cost]
pub fn ProjectedGptDecoder<
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
>(
    ids: Ids<b, s>,
    positions: Ids<s>,
    slopes: Act<n, g>,
    places: Act<t>,
    #[part(embedding)]
    #[hf("model.decoder.embed_tokens.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, r>,
    #[part(other)]
    #[hf("model.decoder.project_in.weight")]
    project_in: Weight<r, d>,
    #[part(other)]
    #[hf("model.decoder.embed_positions.weight")]
    #[gguf("position_embd.weight")]
    position_table: Weight<m, d>,
    #[part(norm)]
    #[hf("model.decoder.final_layer_norm.weight")]
    #[gguf("output_norm.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("model.decoder.final_layer_norm.bias")]
    #[gguf("output_norm.bias")]
    shift: Weight<d>,
    #[part(other)]
    #[hf("model.decoder.project_out.weight")]
    project_out: Weight<d, r>,
    #[part(lm_head)]
    #[hf("lm_head.weight")]
    #[gguf("output.weight")]
    #[tied(embed, tied)]
    head: Weight<v, r>,
) -> Act<b, o, v> {
    let embedded = dot::<r>(gather::<v>(embed, ids), project_in);
    if learned {
        embedded = embedded + gather::<m>(position_table, positions);
    }
    let x = embedded;
    for _ in 0..l {
        x = GptLayer { .. }(x, slopes, places);
    }
    let normed = x;
    if final_norm {
        normed = AffineNorm { .. }(x, scale, shift);
    }
    let head_in = dot::<d>(normed, project_out);
    let logits = LmHead { b, s, o, d: r, v }(head_in, head);
    logits
}
