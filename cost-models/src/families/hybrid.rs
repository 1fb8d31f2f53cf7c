//! Decoders in which most layers keep a state of fixed size and the others attend to all tokens.

use cost_macros::cost;

use super::decoder::{FeedForward, MoeFeedForward, SelfAttention};
use crate::ops::{GatedDeltaNet, LmHead, RmsNorm};

/// A decoder of `l` layers of full attention (window `u`) with a dense feed-forward network, and with labels those of
/// gated delta nets and their like with mixtures of experts instead.
///
/// Attention has `n` key/value heads with `g` queries of `k` numbers each, whose results are gated, and norms of queries
/// and keys by head. The nets have `ln` key heads of `lk` numbers with `lg` value heads of `lh` numbers each, and `w` taps.
#[cost]
pub fn HybridDecoder<
    b,
    s,
    t,
    o,
    u,
    d,
    n,
    g,
    k,
    ln,
    lg,
    lk,
    lh,
    w,
    f,
    e,
    top,
    m,
    z,
    v,
    l,
    linear,
    sparse,
    linear_sparse,
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
    let x = embedded;
    for _ in 0..l {
        x = SelfAttention {
            w: u,
            h: k,
            pre_norm: 1,
            post_norm: 0,
            qkv_bias: 0,
            o_bias: 0,
            head_norm: 1,
            wide_norm: 0,
            unit_norm: 0,
            rotary: 1,
            gated: 1,
            capped: 0,
            sinks: 0,
            ..
        }(x);
        x = FeedForward { b, s, d, f, pre_norm: 1, post_norm: 0, mlp_bias: 0, gelu: 0 }(x);
    }
    'linear: for _ in 0..linear {
        x = GatedDeltaNet { b, s, d, n: ln, g: lg, k: lk, h: lh, w }(x);
        x = FeedForward { b, s, d, f, pre_norm: 1, post_norm: 0, mlp_bias: 0, gelu: 0 }(x);
    }
    'sparse: for _ in 0..sparse {
        x = SelfAttention {
            w: u,
            h: k,
            pre_norm: 1,
            post_norm: 0,
            qkv_bias: 0,
            o_bias: 0,
            head_norm: 1,
            wide_norm: 0,
            unit_norm: 0,
            rotary: 1,
            gated: 1,
            capped: 0,
            sinks: 0,
            ..
        }(x);
        x = MoeFeedForward {
            sigmoid_router: 0,
            router_bias: 0,
            correction: 0,
            shared: 1,
            shared_gate: 1,
            expert_bias: 0,
            limited: 0,
            ..
        }(x);
    }
    'linear_sparse: for _ in 0..linear_sparse {
        x = GatedDeltaNet { b, s, d, n: ln, g: lg, k: lk, h: lh, w }(x);
        x = MoeFeedForward {
            sigmoid_router: 0,
            router_bias: 0,
            correction: 0,
            shared: 1,
            shared_gate: 1,
            expert_bias: 0,
            limited: 0,
            ..
        }(x);
    }
    let head_in = RmsNorm { b, s, d }(x, norm);
    LmHead { b, s, o, d, v }(head_in, head)
}
