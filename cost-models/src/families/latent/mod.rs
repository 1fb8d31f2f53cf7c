//! Decoders with latent attention: DeepSeek V2, V3 and V3.2, Kimi K2.

mod blocks;

pub use blocks::{IndexedMla, IndexedMlaBlock, Mla, MlaBlock};

use cost_macros::cost;

use crate::families::decoder::{FeedForward, MoeFeedForward};
use crate::ops::{JoinNext, LmHead, RmsNorm};

/// A decoder that gives the logits of the last `o` of `s` new tokens, out of `t` in all: `l` layers with a dense
/// feed-forward network and `sparse` ones with a mixture, and as many kinds again with an indexer.
#[cost]
pub fn LatentDecoder<
    b,
    s,
    t,
    o,
    w,
    d,
    r,
    c,
    h,
    k,
    vh,
    p,
    i,
    z,
    f,
    e,
    top,
    m,
    zs,
    v,
    l,
    sparse,
    indexed,
    indexed_sparse,
    absorbed,
    low_rank,
    sigmoid_router,
    correction,
    shared,
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
        x = MlaBlock { v: vh, .. }(x);
        x = FeedForward { b, s, d, f, pre_norm: 1, post_norm: 0, mlp_bias: 0, gelu: 0 }(x);
    }
    'sparse: for _ in 0..sparse {
        x = MlaBlock { v: vh, .. }(x);
        x = MoeFeedForward { z: zs, router_bias: 0, shared_gate: 0, expert_bias: 0, limited: 0, .. }(x);
    }
    'indexed: for _ in 0..indexed {
        x = IndexedMlaBlock { v: vh, .. }(x);
        x = FeedForward { b, s, d, f, pre_norm: 1, post_norm: 0, mlp_bias: 0, gelu: 0 }(x);
    }
    'indexed_sparse: for _ in 0..indexed_sparse {
        x = IndexedMlaBlock { v: vh, .. }(x);
        x = MoeFeedForward { z: zs, router_bias: 0, shared_gate: 0, expert_bias: 0, limited: 0, .. }(x);
    }
    let head_in = RmsNorm { b, s, d }(x, norm);
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    logits
}

/// The module that predicts one token further: one more layer with a mixture between [`JoinNext`] and a head.
#[cost]
pub fn LatentPredictor<
    b,
    s,
    t,
    o,
    w,
    d,
    r,
    c,
    h,
    k,
    vh,
    p,
    i,
    z,
    e,
    top,
    m,
    zs,
    v,
    sparse,
    indexed_sparse,
    absorbed,
    low_rank,
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
    'sparse: for _ in 0..sparse {
        x = MlaBlock { v: vh, .. }(x);
        x = MoeFeedForward { z: zs, router_bias: 0, shared_gate: 0, expert_bias: 0, limited: 0, .. }(x);
    }
    'indexed_sparse: for _ in 0..indexed_sparse {
        x = IndexedMlaBlock { v: vh, .. }(x);
        x = MoeFeedForward { z: zs, router_bias: 0, shared_gate: 0, expert_bias: 0, limited: 0, .. }(x);
    }
    let head_in = RmsNorm { b, s, d }(x, norm);
    let logits = LmHead { b, s, o, d, v }(head_in, head);
    logits
}
