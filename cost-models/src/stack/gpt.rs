//! What stands around the layers of GPT-like models that a [`Decoder`](super::frames::Decoder) doesn't have.

use cost_core::Operator;
use cost_core::op::Op;
use cost_macros::cost;

use super::frames::Layers;
use crate::ops::{LayerNorm, LmHead, PartialNorm};

/// Where layers stand that lower scores with distance, each head by its slope. Blocks that have what is named here beside
/// `x` are given it.
#[cost(window(s, t, u))]
pub fn AlibiLayers<b, s, t, u, d, n, g>(
    x: Act<b, s, d>,
    slopes: Act<n, g>,
    positions: Act<t>,
    seen: Cache<b, t, d>,
) -> Act<b, s, d> {
    let scores = dot::<d>(x, seen) + sum::<(n, g)>(slopes) * positions;
    dot::<t>(softmax::<t>(scores), seen)
}

/// A decoder whose layers know positions by lower scores alone (ALiBi), with `n` key/value heads of `g` queries each.
/// `embed_norm` is 1 where embeddings are normalised, with a scale and a shift (BLOOM, arXiv:2211.05100).
#[cost]
pub fn AlibiDecoder<b, s, t, o, u, d, v, n, g, embed_norm, tied>(
    ids: Ids<b, s>,
    slopes: Act<n, g>,
    positions: Act<t>,
    #[part(embedding)]
    #[hf("model.embed_tokens.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(norm)]
    #[hf("model.embed_norm.weight")]
    #[gguf("token_embd_norm.weight")]
    embed_norm_scale: Weight<d>,
    #[part(norm)]
    #[hf("model.embed_norm.bias")]
    #[gguf("token_embd_norm.bias")]
    embed_norm_shift: Weight<d>,
    #[part(norm)]
    #[hf("model.norm.weight")]
    #[gguf("output_norm.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("model.norm.bias")]
    #[gguf("output_norm.bias")]
    norm_shift: Weight<d>,
    #[part(lm_head)]
    #[hf("lm_head.weight")]
    #[gguf("output.weight")]
    #[tied(embed, tied)]
    head: Weight<v, d>,
) -> Act<b, o, v> {
    let embedded = gather::<v>(embed, ids);
    if embed_norm {
        embedded = LayerNorm { b, s, d }(embedded, embed_norm_scale, embed_norm_shift);
    }
    let x = AlibiLayers { b, s, t, u, d, n, g }(embedded, slopes, positions);
    let head_in = LayerNorm { b, s, d }(x, norm, norm_shift);
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    logits
}

/// A decoder whose embedding table has rows of width `r`, projected to the layers' width `d` and back before the head, with
/// a table of `places` positions (OPT-350M, arXiv:2205.01068).
///
/// `unscaled`, `shifted` and `unnormed` say what the last norm is, as in [`Decoder`](super::frames::Decoder).
#[cost]
pub fn ProjectedDecoder<b, s, t, o, u, r, d, v, places, unscaled, shifted, unnormed, tied>(
    ids: Ids<b, s>,
    positions: Ids<s>,
    #[part(embedding)]
    #[hf("model.embed_tokens.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, r>,
    #[part(other)]
    #[hf("model.project_in.weight")]
    project_in: Weight<r, d>,
    #[part(other)]
    #[hf("model.embed_positions.weight")]
    #[gguf("position_embd.weight")]
    position_table: Weight<places, d>,
    #[part(norm)]
    #[hf("model.norm.weight")]
    #[gguf("output_norm.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("model.norm.bias")]
    #[gguf("output_norm.bias")]
    norm_shift: Weight<d>,
    #[part(other)]
    #[hf("model.project_out.weight")]
    project_out: Weight<d, r>,
    #[part(lm_head)]
    #[hf("lm_head.weight")]
    #[gguf("output.weight")]
    #[tied(embed, tied)]
    head: Weight<v, r>,
) -> Act<b, o, v> {
    let embedded = dot::<r>(gather::<v>(embed, ids), project_in) + gather::<places>(position_table, positions);
    let x = Layers { b, s, t, u, d }(embedded);
    let normed = x;
    if !unnormed {
        normed = PartialNorm { b, s, d, unscaled, shifted }(x, norm, norm_shift);
    }
    let head_in = dot::<d>(normed, project_out);
    let logits = LmHead { b, s, o, d: r, v }(head_in, head);
    logits
}

/// Frames by the names that declarations give them.
pub(super) const FRAMES: [(&str, &Op<'static>); 2] =
    [("alibi_decoder", AlibiDecoder::OP), ("projected_decoder", ProjectedDecoder::OP)];
