//! Decoders of layers with RMSNorm, grouped-query attention and a gated feed-forward network or a mixture of experts.
//!
//! One architecture serves all of them: layers of several kinds, how many of each, and conditions for what only some
//! have. A model type is a reading of its config as sizes of these axes.

mod blocks;
mod both_ways;
pub(crate) mod read;

pub use blocks::{ChunkedSelfAttention, FeedForward, MoeFeedForward, SelfAttention};
pub(crate) use both_ways::{both_ways, not_causal};
pub(crate) use read::{MOST_LAYERS, further_layers};

use cost_macros::cost;

use crate::ops::{JoinNext, LmHead, RmsNorm};

/// A layer of the plainest kind, Llama's: norms before attention and the feed-forward network, no biases.
#[cost]
pub fn DecoderLayer<b, s, t, w, d, n, g, k, f>(x: Act<b, s, d>) -> Act<b, s, d> {
    let attn_out = SelfAttention {
        b,
        s,
        t,
        w,
        d,
        n,
        g,
        k,
        h: k,
        pre_norm: 1,
        post_norm: 0,
        qkv_bias: 0,
        o_bias: 0,
        head_norm: 0,
        wide_norm: 0,
        unit_norm: 0,
        rotary: 1,
        gated: 0,
        capped: 0,
        sinks: 0,
    }(x);
    FeedForward { b, s, d, f, pre_norm: 1, post_norm: 0, mlp_bias: 0, gelu: 0 }(attn_out)
}

/// A decoder that gives the logits of the last `o` of `s` new tokens, out of `t` in all.
///
/// It has `l` layers of full attention (window `u`) and a dense feed-forward network, and with labels those of sliding
/// windows (`w` tokens, `sn` key/value heads with `sg` queries each), of chunks, and their like with mixtures of experts
/// instead. Layers of one kind stand together, whatever their order in the model, which no cost depends on.
#[cost]
pub fn Decoder<
    b,
    s,
    t,
    o,
    u,
    w,
    d,
    n,
    g,
    k,
    h,
    sn,
    sg,
    f,
    e,
    top,
    m,
    z,
    v,
    l,
    sliding,
    chunked,
    sparse,
    sliding_sparse,
    chunked_sparse,
    pre_norm,
    post_norm,
    qkv_bias,
    o_bias,
    head_norm,
    wide_norm,
    unit_norm,
    full_rotary,
    capped,
    sinks,
    full_sinks,
    mlp_bias,
    gelu,
    sigmoid_router,
    router_bias,
    correction,
    shared,
    shared_gate,
    expert_bias,
    limited,
    embed_scale,
    head_cap,
    tied,
>(
    ids: Ids<b, s>,
    #[part(embedding)]
    #[hf("model.embed_tokens.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
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
    let embedded = gather::<v>(embed, ids);
    if embed_scale {
        embedded = scale(embedded);
    }
    let x = embedded;
    for _ in 0..l {
        x = SelfAttention { w: u, unit_norm: 0, rotary: full_rotary, gated: 0, sinks: full_sinks, .. }(x);
        x = FeedForward { .. }(x);
    }
    'sliding: for _ in 0..sliding {
        x = SelfAttention { n: sn, g: sg, unit_norm: 0, rotary: 1, gated: 0, .. }(x);
        x = FeedForward { .. }(x);
    }
    'chunked: for _ in 0..chunked {
        x = ChunkedSelfAttention { rotary: 1, gated: 0, .. }(x);
        x = FeedForward { .. }(x);
    }
    'sparse: for _ in 0..sparse {
        x = SelfAttention { w: u, unit_norm: 0, rotary: full_rotary, gated: 0, sinks: full_sinks, .. }(x);
        x = MoeFeedForward { .. }(x);
    }
    'sliding_sparse: for _ in 0..sliding_sparse {
        x = SelfAttention { n: sn, g: sg, unit_norm: 0, rotary: 1, gated: 0, .. }(x);
        x = MoeFeedForward { .. }(x);
    }
    'chunked_sparse: for _ in 0..chunked_sparse {
        x = ChunkedSelfAttention { rotary: 1, gated: 0, .. }(x);
        x = MoeFeedForward { .. }(x);
    }
    let head_in = RmsNorm { b, s, d }(x, norm);
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    if head_cap {
        logits = tanh(logits / 30.0) * 30.0;
    }
    logits
}

/// The module that predicts one token further: one more layer with a mixture between [`JoinNext`] and a head.
#[cost]
pub fn Predictor<
    b,
    s,
    t,
    o,
    w,
    d,
    n,
    g,
    k,
    h,
    e,
    top,
    m,
    z,
    v,
    qkv_bias,
    head_norm,
    sigmoid_router,
    correction,
    shared,
>(
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
    let x = JoinNext { b, s, d, v }(ids, hidden);
    let attn_out = SelfAttention {
        pre_norm: 1,
        post_norm: 0,
        o_bias: 0,
        wide_norm: 0,
        unit_norm: 0,
        rotary: 1,
        gated: 0,
        capped: 0,
        sinks: 0,
        ..
    }(x);
    let ffn_out = MoeFeedForward { router_bias: 0, shared_gate: 0, expert_bias: 0, limited: 0, .. }(attn_out);
    let head_in = RmsNorm { b, s, d }(ffn_out, norm);
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    logits
}

impl Decoder {
    /// A decoder without layers and with nothing that only some have: what a model doesn't say of itself.
    pub const PLAIN: Self = Self {
        b: 1,
        s: 1,
        t: 1,
        o: 1,
        u: 1,
        w: 1,
        d: 1,
        n: 1,
        g: 1,
        k: 1,
        h: 1,
        sn: 1,
        sg: 1,
        f: 1,
        e: 1,
        top: 1,
        m: 1,
        z: 1,
        v: 1,
        l: 0,
        sliding: 0,
        chunked: 0,
        sparse: 0,
        sliding_sparse: 0,
        chunked_sparse: 0,
        pre_norm: 1,
        post_norm: 0,
        qkv_bias: 0,
        o_bias: 0,
        head_norm: 0,
        wide_norm: 0,
        unit_norm: 0,
        full_rotary: 1,
        capped: 0,
        sinks: 0,
        full_sinks: 0,
        mlp_bias: 0,
        gelu: 0,
        sigmoid_router: 0,
        router_bias: 0,
        correction: 0,
        shared: 0,
        shared_gate: 0,
        expert_bias: 0,
        limited: 0,
        embed_scale: 0,
        head_cap: 0,
        tied: 0,
    };
}
