//! Decoders in which most layers keep a state of fixed size and the others attend to all tokens.

use cost_macros::cost;

use super::decoder::layers::{Kind, Label, among, kinds, placed};
use super::decoder::qwen::sparse_layers;
use super::decoder::read::{Defaults, sizes};
use super::decoder::{FeedForward, MoeFeedForward, SelfAttention};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;
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

const LABELS: [Label; 4] = [
    ("", Kind::Full, false),
    ("linear", Kind::Linear, false),
    ("sparse", Kind::Full, true),
    ("linear_sparse", Kind::Linear, true),
];

/// Reads a config of `Qwen3NextConfig`, with its defaults: every fourth layer attends, all have mixtures.
pub(crate) fn read_qwen3_next(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    // It would be one of the gates as well.
    fields.off("attention_bias")?;
    let defaults = Defaults {
        hidden_size: Some(2048),
        heads: Some(16),
        kv_heads: Some(2),
        head_dim: Some(256),
        layers: Some(48),
        vocab: Some(151_936),
    };
    let sizes = sizes(fields, defaults)?;
    let ln = fields.size_or("linear_num_key_heads", Some(16))?;
    let heads = fields.size_or("linear_num_value_heads", Some(32))?;
    let lg = Fields::quotient(("linear_num_value_heads", heads), ("linear_num_key_heads", ln))?;
    let lk = fields.size_or("linear_key_head_dim", Some(128))?;
    let lh = fields.size_or("linear_value_head_dim", Some(128))?;
    let w = fields.size_or("linear_conv_kernel_dim", Some(4))?;
    let (e, top) = fields.experts("num_experts", "num_experts_per_tok", (Some(512), Some(10)))?;
    let m = fields.size_or("moe_intermediate_size", Some(512))?;
    let z = fields.size_or("shared_expert_intermediate_size", Some(512))?;
    let f = fields.size_or("intermediate_size", Some(5632))?;
    let tied = u64::from(fields.flag("tie_word_embeddings", false)?);
    // A list of all layers is the better word.
    let every = if fields.value("layer_types").is_some() {
        fields.optional_size("full_attention_interval")?.unwrap_or(4)
    } else {
        fields.every("full_attention_interval", Some(4), sizes.layers)?
    };
    let attends = |i: u64| if (i + 1).is_multiple_of(every) { Kind::Full } else { Kind::Linear };
    let kinds = kinds(fields, sizes.layers, &[Kind::Full, Kind::Linear], attends)?;
    let loops = placed(&LABELS, &kinds, among(&sparse_layers(fields, sizes.layers)?))?;
    let count = |i: usize| loops[i].1.len() as u64;
    let decoder = HybridDecoder {
        b: 1,
        s: 1,
        t: 1,
        o: 1,
        u: 1,
        d: sizes.d,
        n: sizes.n,
        g: sizes.g,
        k: sizes.k,
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
        v: sizes.v,
        l: count(0),
        linear: count(1),
        sparse: count(2),
        linear_sparse: count(3),
        tied,
    };
    Ok(Model::new(&decoder).unlimited("u").alias("lh", "lk").placed(loops))
}
