//! What stands around the layers of a model: embedding, last norm, head.
//!
//! A frame is an operator that calls [`Layers`] where its layers stand. A [stack](super) puts them in its place.

use cost_core::Operator;
use cost_core::op::Op;
use cost_macros::cost;

use super::{encoder, gpt, seq2seq, towers};
use crate::ops::{AffineLogits, JoinNext, LayerNorm, LmHead, PartialNorm, RmsNorm};

/// Where the layers of a frame stand: of `s` new tokens over `t` in all, fewer than `u`.
#[cost(window(s, t, u))]
pub fn Layers<b, s, t, u, d>(x: Act<b, s, d>, seen: Cache<b, t, d>) -> Act<b, s, d> {
    dot::<t>(softmax::<t>(dot::<d>(x, seen)), seen)
}

/// A decoder that gives the logits of the last `o` of `s` new tokens, out of `t` in all; `u` is more than these.
///
/// Axes that are 0 or 1:
///
/// - `embed_scale` where embeddings are scaled, `embed_norm` where they are normalised, without a learned scale;
/// - `learned` where rows of a table of `places` rows, one a position, are added to them, `sinusoidal` where those rows
///   are constant;
/// - `layer_norm`, `unscaled` and `shifted` say what the last norm is, as in [`crate::families::decoder::SelfAttention`];
///   `unnormed` where there is none;
/// - `tied` where the head is the embedding table, `head_bias` where it has a bias, `logit_scale` where logits are scaled,
///   `head_cap` where they go through a tanh.
#[cost]
pub fn Decoder<
    b,
    s,
    t,
    o,
    u,
    d,
    v,
    places,
    embed_scale,
    embed_norm,
    learned,
    sinusoidal,
    layer_norm,
    unscaled,
    shifted,
    unnormed,
    head_bias,
    logit_scale,
    head_cap,
    tied,
>(
    ids: Ids<b, s>,
    positions: Ids<s>,
    #[part(embedding)]
    #[hf("model.embed_tokens.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(other)]
    #[hf("model.embed_positions.weight")]
    #[gguf("position_embd.weight")]
    position_table: Weight<places, d>,
    #[part(buffer)] position_rows: Weight<places, d>,
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
    #[part(lm_head)]
    #[hf("lm_head.bias")]
    #[gguf("output.bias")]
    head_shift: Weight<v>,
) -> Act<b, o, v> {
    let embedded = gather::<v>(embed, ids);
    if embed_scale {
        embedded = scale(embedded);
    }
    if learned {
        embedded = embedded + gather::<places>(position_table, positions);
    }
    if sinusoidal {
        embedded = embedded + gather::<places>(position_rows, positions);
    }
    if embed_norm {
        embedded = rms_norm::<d>(embedded);
    }
    let x = Layers { b, s, t, u, d }(embedded);
    let head_in = x;
    if !unnormed {
        if layer_norm {
            head_in = PartialNorm { b, s, d, unscaled, shifted }(x, norm, norm_shift);
        } else {
            if unscaled {
                head_in = store(rms_norm::<d>(x));
            } else {
                head_in = RmsNorm { b, s, d }(x, norm);
            }
        }
    }
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    if head_bias {
        logits = AffineLogits { b, o, v, biased: 1, scaled: logit_scale }(logits, head_shift);
    } else {
        if logit_scale {
            logits = AffineLogits { b, o, v, biased: 0, scaled: 1 }(logits, head_shift);
        }
    }
    if head_cap {
        logits = tanh(logits / 30.0) * 30.0;
    }
    logits
}

/// The module that predicts one token further: layers between [`JoinNext`] and a head.
#[cost]
pub fn Predictor<b, s, t, o, u, d, v>(
    ids: Ids<b, s>,
    hidden: Act<b, s, d>,
    #[part(norm)]
    #[hf("shared_head.norm.weight")]
    #[gguf("blk.*.nextn.shared_head_norm.weight")]
    norm: Weight<d>,
    #[part(lm_head)]
    #[hf("shared_head.head.weight")]
    #[gguf("blk.*.nextn.shared_head_head.weight")]
    head: Weight<v, d>,
) -> Act<b, o, v> {
    let joined = JoinNext { b, s, d, v }(ids, hidden);
    let x = Layers { b, s, t, u, d }(joined);
    let head_in = RmsNorm { b, s, d }(x, norm);
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    logits
}

/// A decoder without attention, so that a step costs the same however many tokens came before.
#[cost]
pub fn Recurrent<b, s, o, d, v, tied>(
    ids: Ids<b, s>,
    #[part(embedding)]
    #[hf("backbone.embeddings.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(norm)]
    #[hf("backbone.norm_f.weight")]
    #[gguf("output_norm.weight")]
    norm: Weight<d>,
    #[part(lm_head)]
    #[hf("lm_head.weight")]
    #[gguf("output.weight")]
    #[tied(embed, tied)]
    head: Weight<v, d>,
) -> Act<b, o, v> {
    let embedded = gather::<v>(embed, ids);
    let x = Layers { b, s, t: s, u: s, d }(embedded);
    let head_in = RmsNorm { b, s, d }(x, norm);
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    logits
}

/// [`Recurrent`] with a LayerNorm at the end (RWKV).
#[cost]
pub fn RecurrentLayerNorm<b, s, o, d, v, tied>(
    ids: Ids<b, s>,
    #[part(embedding)]
    #[hf("rwkv.embeddings.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(norm)]
    #[hf("rwkv.ln_out.weight")]
    #[gguf("output_norm.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("rwkv.ln_out.bias")]
    #[gguf("output_norm.bias")]
    norm_shift: Weight<d>,
    #[part(lm_head)]
    #[hf("head.weight")]
    #[gguf("output.weight")]
    #[tied(embed, tied)]
    head: Weight<v, d>,
) -> Act<b, o, v> {
    let embedded = gather::<v>(embed, ids);
    let x = Layers { b, s, t: s, u: s, d }(embedded);
    let head_in = LayerNorm { b, s, d }(x, norm, norm_shift);
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    logits
}

/// Where layers stand that have embeddings of their own, made of the tokens and of what these are embedded as.
#[cost(window(s, t, u))]
pub fn EmbeddedLayers<b, s, t, u, d, p, v>(
    x: Act<b, s, d>,
    ids: Ids<b, s>,
    embedded: Act<b, s, d>,
    projection_norm: Weight<p>,
    table: Weight<v, d>,
    seen: Cache<b, t, d>,
) -> Act<b, s, d> {
    let y = x + embedded * sum::<p>(projection_norm) + gather::<v>(table, ids);
    dot::<t>(softmax::<t>(dot::<d>(y, seen)), seen)
}

/// [`Decoder`] with scaled embeddings, whose layers have embeddings of width `p` of their own (Gemma 4).
#[cost]
pub fn EmbeddedDecoder<b, s, t, o, u, d, v, p, head_cap, tied>(
    ids: Ids<b, s>,
    #[part(embedding)]
    #[hf("model.embed_tokens.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(norm)]
    #[hf("model.per_layer_projection_norm.weight")]
    #[gguf("per_layer_proj_norm.weight")]
    projection_norm: Weight<p>,
    #[part(norm)]
    #[hf("model.norm.weight")]
    #[gguf("output_norm.weight")]
    norm: Weight<d>,
    #[part(lm_head)]
    #[hf("lm_head.weight")]
    #[gguf("output.weight")]
    #[tied(embed, tied)]
    head: Weight<v, d>,
) -> Act<b, o, v> {
    let embedded = store(scale(gather::<v>(embed, ids)));
    let x = EmbeddedLayers { b, s, t, u, d, p, v }(embedded, ids, embedded, projection_norm);
    let head_in = RmsNorm { b, s, d }(x, norm);
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    if head_cap {
        logits = tanh(logits / 30.0) * 30.0;
    }
    logits
}

/// Where layers stand that have several streams of hidden states, of which the first is apart, and embeddings of their own.
#[cost(window(s, t, u))]
pub fn StreamLayers<b, s, t, u, d, j, p, v>(
    x: Act<b, s, d>,
    side: Act<b, s, j, d>,
    ids: Ids<b, s>,
    embedded: Act<b, s, d>,
    projection_norm: Weight<p>,
    table: Weight<v, d>,
    seen: Cache<b, t, d>,
) -> (Act<b, s, d>, Act<b, s, j, d>) {
    let y = x + embedded * sum::<p>(projection_norm) + gather::<v>(table, ids);
    let next = dot::<t>(softmax::<t>(dot::<d>(y, seen)), seen);
    (next, side + y)
}

/// [`EmbeddedDecoder`] with `j` streams of hidden states beside the one that layers compute on (Gemma 3n): made of the
/// embeddings before the layers, and joined by their mean after them, at the magnitude of the one.
#[cost(e = d)]
pub fn StreamDecoder<b, s, t, o, u, d, e, v, p, j, head_cap, tied>(
    ids: Ids<b, s>,
    #[part(embedding)]
    #[hf("model.embed_tokens.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(norm)]
    #[hf("model.per_layer_projection_norm.weight")]
    #[gguf("per_layer_proj_norm.weight")]
    projection_norm: Weight<p>,
    #[part(embedding)]
    #[hf("model.altup_projections.*.weight")]
    #[gguf("altup_proj.weight")]
    spread: Weight<j, d, e>,
    #[part(embedding)]
    #[hf("model.altup_unembed_projections.*.weight")]
    #[gguf("altup_unembd_proj.weight")]
    gather_up: Weight<j, d, e>,
    #[part(norm)]
    #[hf("model.norm.weight")]
    #[gguf("output_norm.weight")]
    norm: Weight<d>,
    #[part(lm_head)]
    #[hf("lm_head.weight")]
    #[gguf("output.weight")]
    #[tied(embed, tied)]
    head: Weight<v, d>,
) -> Act<b, o, v> {
    let embedded = store(scale(gather::<v>(embed, ids)));
    let magnitude = sqrt(mean::<d>(square(embedded)));
    let spread_out = rename::<e, d>(dot::<d>(embedded, spread));
    let others = store(rms_norm::<d>(spread_out) * magnitude);
    let (x, side) = StreamLayers { b, s, t, u, d, j, p, v }(embedded, others, ids, embedded, projection_norm);
    let size = sqrt(mean::<d>(square(x)));
    let back = rename::<e, d>(dot::<d>(side, gather_up));
    let joined = store(scale(x + sum::<j>(rms_norm::<d>(back) * size)));
    let head_in = RmsNorm { b, s, d }(joined, norm);
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    if head_cap {
        logits = tanh(logits / 30.0) * 30.0;
    }
    logits
}

/// What stands where a stack's layers do: what it returns goes from each layer to the next.
pub(crate) const MARKS: &[&Op<'static>] =
    &[Layers::OP, EmbeddedLayers::OP, StreamLayers::OP, encoder::RelativeLayers::OP, gpt::AlibiLayers::OP];

/// The frame of declarations that name none.
pub(crate) const FIRST: &Op<'static> = Decoder::OP;

/// Frames by the names that declarations give them.
const FRAMES: &[(&str, &Op<'static>)] = &[
    ("decoder", Decoder::OP),
    ("predictor", Predictor::OP),
    ("embedded", EmbeddedDecoder::OP),
    ("recurrent", Recurrent::OP),
    ("streams", StreamDecoder::OP),
    ("recurrent_layer_norm", RecurrentLayerNorm::OP),
];

/// All frames by their names.
fn all() -> impl Iterator<Item = (&'static str, &'static Op<'static>)> + Clone {
    FRAMES.iter().chain(&encoder::FRAMES).chain(&gpt::FRAMES).chain(&seq2seq::FRAMES).chain(&towers::FRAMES).copied()
}

/// The frame of that name.
pub(crate) fn find(name: &str) -> Option<&'static Op<'static>> {
    all().find(|(known, _)| *known == name).map(|(_, op)| op)
}

/// Whether what stands in the frame takes whole texts, of which all tokens see each other.
pub(crate) fn is_encoder(frame: &Op<'_>) -> bool {
    encoder::FRAMES.iter().chain(&towers::FRAMES).any(|(_, op)| op.name == frame.name)
}

/// Whether what stands in the frame reads a source beside the text that it decodes.
pub(crate) fn reads_source(frame: &Op<'_>) -> bool {
    seq2seq::FRAMES.iter().any(|(_, op)| op.name == frame.name)
}

/// The names of frames.
pub(crate) fn names() -> impl Iterator<Item = &'static str> + Clone {
    all().map(|(name, _)| name)
}
