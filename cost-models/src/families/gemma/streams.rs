//! Gemma 3n: several streams of hidden states, of which layers compute on one and predict and correct the others (alternating
//! updates, arXiv:2301.13310).

use cost_macros::cost;

use super::{GatedLayerEmbedding, KeepingAttention, LayerEmbedding, SharingAttention};
use crate::ops::RmsNorm;

/// A gated network with GELU; where `sparse` is 1, of the gate only what is well above its mean goes on.
#[cost(part = ffn)]
pub fn SparseGatedMlp<b, s, d, f, sparse>(
    x: Act<b, s, d>,
    #[hf("mlp.gate_proj.weight")]
    #[gguf("blk.*.ffn_gate.weight")]
    gate: Weight<d, f>,
    #[hf("mlp.up_proj.weight")]
    #[gguf("blk.*.ffn_up.weight")]
    up: Weight<d, f>,
    #[hf("mlp.down_proj.weight")]
    #[gguf("blk.*.ffn_down.weight")]
    down: Weight<f, d>,
) -> Act<b, s, d> {
    let g = dot::<d>(x, gate);
    if sparse {
        let middle = mean::<f>(g);
        let spread = sqrt(mean::<f>(square(g - middle)));
        g = relu(g - (middle + spread * 1.6448));
    }
    let h = store(gelu_tanh(g) * dot::<d>(x, up));
    dot::<f>(h, down)
}

/// A learned residual of rank `r` of an input that is normalised already.
#[cost]
pub fn LowRankResidual<b, s, d, r>(
    x: Act<b, s, d>,
    #[hf("laurel.linear_left.weight")]
    #[gguf("blk.*.laurel_l.weight")]
    left: Weight<d, r>,
    #[hf("laurel.linear_right.weight")]
    #[gguf("blk.*.laurel_r.weight")]
    right: Weight<r, d>,
    #[part(norm)]
    #[hf("laurel.post_laurel_norm.weight")]
    #[gguf("blk.*.laurel_post_norm.weight")]
    norm: Weight<d>,
) -> Act<b, s, d> {
    x + rms_norm::<d>(dot::<r>(dot::<d>(x, left), right)) * norm
}

/// What the streams are predicted to be: each a mixture of all, whose shares depend on the one that is computed on. `x` is
/// that one, `side` are the `j` others, `i` all of them.
#[cost(one = 1, e = d, q = j)]
pub fn PredictStreams<b, s, d, i, j, one, e, q>(
    x: Act<b, s, d>,
    side: Act<b, s, j, d>,
    modes: Act<b, s, i>,
    #[hf("altup.prediction_coefs.weight")]
    #[gguf("blk.*.altup_predict_coef.weight")]
    own_to_own: Weight<i, one>,
    #[hf("altup.prediction_coefs.weight")]
    #[gguf("blk.*.altup_predict_coef.weight")]
    own_to_side: Weight<i, one, j>,
    #[hf("altup.prediction_coefs.weight")]
    #[gguf("blk.*.altup_predict_coef.weight")]
    side_to_own: Weight<i, j>,
    #[hf("altup.prediction_coefs.weight")]
    #[gguf("blk.*.altup_predict_coef.weight")]
    side_to_side: Weight<i, j, q>,
) -> (Act<b, s, d>, Act<b, s, j, d>) {
    let own = split::<d, (one, e)>(x);
    let of_own = rename::<e, d>(dot::<one>(own, dot::<i>(modes, own_to_own)));
    let to_side = rename::<e, d>(dot::<one>(own, dot::<i>(modes, own_to_side)));
    let of_side = dot::<j>(side, dot::<i>(modes, side_to_own));
    let among = rename::<q, j>(dot::<j>(side, dot::<i>(modes, side_to_side)));
    (x + of_own + of_side, side + to_side + among)
}

/// The shares of `i` streams that depend on one of them.
#[cost]
pub fn StreamModes<b, s, d, i>(x: Act<b, s, d>, norm: Weight<d>, router: Weight<d, i>) -> Act<b, s, i> {
    tanh(dot::<d>(scale(rms_norm::<d>(x) * norm), router))
}

/// What stands before attention in a layer of streams: their prediction, and the normalised input.
#[cost]
pub fn BeforeStreams<b, s, d, i, j>(
    x: Act<b, s, d>,
    side: Act<b, s, j, d>,
    router_norm: Weight<d>,
    router: Weight<d, i>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
) -> (Act<b, s, d>, Act<b, s, j, d>, Act<b, s, d>) {
    let modes = StreamModes { b, s, d, i }(x, router_norm, router);
    let (own, others) = PredictStreams { b, s, d, i, j }(x, side, modes);
    let attn_in = RmsNorm { b, s, d }(own, norm);
    (own, others, attn_in)
}

/// What stands after attention in a layer of streams: a low-rank residual, the network, the correction of all streams, and
/// the layer's own embedding, which goes to the others.
#[cost]
pub fn AfterStreams<b, s, d, f, i, j, r, p, z, sparse>(
    own: Act<b, s, d>,
    others: Act<b, s, j, d>,
    attn_in: Act<b, s, d>,
    o: Act<b, s, d>,
    ids: Ids<b, s>,
    embedded: Act<b, s, d>,
    projection_norm: Weight<p>,
    router_norm: Weight<d>,
    router: Weight<d, i>,
    #[hf("altup.correction_coefs.weight")]
    #[gguf("blk.*.altup_correct_coef.weight")]
    own_correction: Weight<i>,
    #[hf("altup.correction_coefs.weight")]
    #[gguf("blk.*.altup_correct_coef.weight")]
    side_correction: Weight<i, j>,
    #[hf("altup.correct_output_scale")]
    #[gguf("blk.*.altup_correct_scale.weight")]
    output_scale: Weight<d>,
    #[part(norm)]
    #[hf("post_attention_layernorm.weight")]
    #[gguf("blk.*.post_attention_norm.weight")]
    attn_norm: Weight<d>,
    #[part(norm)]
    #[hf("pre_feedforward_layernorm.weight")]
    #[gguf("blk.*.ffn_norm.weight")]
    ffn_in_norm: Weight<d>,
    #[part(norm)]
    #[hf("post_feedforward_layernorm.weight")]
    #[gguf("blk.*.post_ffw_norm.weight")]
    ffn_norm: Weight<d>,
) -> (Act<b, s, d>, Act<b, s, j, d>) {
    let residual = LowRankResidual { b, s, d, r }(attn_in);
    let mixed = scale(own + rms_norm::<d>(o) * attn_norm + residual);
    let ffn_in = RmsNorm { b, s, d }(mixed, ffn_in_norm);
    let ffn = SparseGatedMlp { b, s, d, f, sparse }(ffn_in);
    let done = mixed + rms_norm::<d>(ffn) * ffn_norm;
    let modes = StreamModes { b, s, d, i }(done, router_norm, router);
    let change = done - own;
    let next = own + change * (dot::<i>(modes, own_correction) + 1.0);
    let next_side = others + change * (dot::<i>(modes, side_correction) + 1.0);
    let of_layer = LayerEmbedding { b, s, d, p, z }(ids, embedded, projection_norm);
    let more = GatedLayerEmbedding { b, s, d, p }(next * output_scale, of_layer);
    (next, next_side + more)
}

/// A layer on one of `i` streams that keeps keys and values: attention and network between a prediction of all streams and
/// their correction.
///
/// `x` is that stream, `side` are the `j` others. `sparse` is that of [`SparseGatedMlp`], `bias` that of [`KeepingAttention`].
#[cost(window(s, t, w))]
pub fn KeepingStreamLayer<b, s, t, w, d, n, g, k, f, i, j, r, p, z, bias, sparse>(
    x: Act<b, s, d>,
    side: Act<b, s, j, d>,
    ids: Ids<b, s>,
    embedded: Act<b, s, d>,
    projection_norm: Weight<p>,
    #[part(norm)]
    #[hf("altup.router_norm.weight")]
    #[gguf("blk.*.altup_router_norm.weight")]
    router_norm: Weight<d>,
    #[hf("altup.modality_router.weight")]
    #[gguf("blk.*.altup_router.weight")]
    router: Weight<d, i>,
) -> (Act<b, s, d>, Act<b, s, j, d>, Cache<b, t, n, k>, Cache<b, t, n, k>) {
    let (own, others, attn_in) = BeforeStreams { .. }(x, side, router_norm, router);
    let (o, keys, values) = KeepingAttention { one_for_both: 0, .. }(attn_in);
    let (next, next_side) =
        AfterStreams { .. }(own, others, attn_in, o, ids, embedded, projection_norm, router_norm, router);
    (next, next_side, keys, values)
}

/// [`KeepingStreamLayer`] that attends to keys and values that an earlier one keeps.
#[cost(window(s, t, w))]
pub fn SharingStreamLayer<b, s, t, w, d, n, g, k, f, i, j, r, p, z, bias, sparse>(
    x: Act<b, s, d>,
    side: Act<b, s, j, d>,
    ids: Ids<b, s>,
    embedded: Act<b, s, d>,
    projection_norm: Weight<p>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
    #[part(norm)]
    #[hf("altup.router_norm.weight")]
    #[gguf("blk.*.altup_router_norm.weight")]
    router_norm: Weight<d>,
    #[hf("altup.modality_router.weight")]
    #[gguf("blk.*.altup_router.weight")]
    router: Weight<d, i>,
) -> (Act<b, s, d>, Act<b, s, j, d>) {
    let (own, others, attn_in) = BeforeStreams { .. }(x, side, router_norm, router);
    let o = SharingAttention { .. }(attn_in, keys, values);
    AfterStreams { .. }(own, others, attn_in, o, ids, embedded, projection_norm, router_norm, router)
}
