//! Blocks of decoders: RMSNorm, grouped-query attention, a gated feed-forward network or a mixture of experts.

mod blocks;
mod both_ways;
mod mixed_attention;
pub(crate) mod read;

pub use blocks::{AlibiLayer, ChunkedSelfAttention, FeedForward, MoeFeedForward, ParallelLayer, SelfAttention};
pub(crate) use both_ways::{both_ways, not_causal};
pub use mixed_attention::{AttentionExpert, HeadAttention, MixtureAttention};
pub(crate) use read::{MOST_LAYERS, further_layers};

use cost_macros::cost;

use crate::ops::{LmHead, RmsNorm};

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
        layer_norm: 0,
        unscaled: 0,
        shifted: 0,
        qkv_bias: 0,
        o_bias: 0,
        clipped: 0,
        head_norm: 0,
        wide_norm: 0,
        unit_norm: 0,
        head_affine: 0,
        each_norm: 0,
        rotary: 1,
        gated: 0,
        soft_gated: 0,
        head_gated: 0,
        head_sigmoid: 0,
        capped: 0,
        sinks: 0,
        sub_norm: 0,
        multiplied: 0,
        sum_norm: 0,
    }(x);
    FeedForward {
        b,
        s,
        d,
        f,
        pre_norm: 1,
        post_norm: 0,
        sum_norm: 0,
        layer_norm: 0,
        unscaled: 0,
        shifted: 0,
        mlp_bias: 0,
        ungated: 0,
        gelu: 0,
        gelu_erf: 0,
        relu: 0,
        relu2: 0,
        silu: 0,
        xielu: 0,
        sub_norm: 0,
        multiplied: 0,
    }(attn_out)
}

/// A decoder of `l` such layers that gives the logits of the last `o` of `s` new tokens, out of `t` in all: what Llama is,
/// as one constant. Models that are read from configs have the blocks that theirs say.
///
/// ```
/// use cost_models::families::decoder::Decoder;
///
/// const LLAMA2_7B: Decoder =
///     Decoder { b: 1, s: 1, t: 4096, o: 1, d: 4096, n: 32, g: 1, k: 128, f: 11008, v: 32000, l: 32, tied: 0 };
/// const _: () = assert!(LLAMA2_7B.params() == 6_738_415_616);
/// ```
#[cost]
pub fn Decoder<b, s, t, o, d, n, g, k, f, v, l, tied>(
    ids: Ids<b, s>,
    #[part(embedding)] embed: Weight<v, d>,
    #[part(norm)] norm: Weight<d>,
    #[part(lm_head)]
    #[tied(embed, tied)]
    head: Weight<v, d>,
) -> Act<b, o, v> {
    let embedded = gather::<v>(embed, ids);
    let x = embedded;
    for _ in 0..l {
        x = DecoderLayer { w: t + 1, .. }(x);
    }
    let head_in = RmsNorm { b, s, d }(x, norm);
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    logits
}
