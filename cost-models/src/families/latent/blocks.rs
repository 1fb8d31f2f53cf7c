//! Latent attention with its projections, in the form that the axis `absorbed` chooses.

use cost_macros::cost;

use crate::ops::{
    Indexer, MlaAbsorbedAttention, MlaPlainAttention, RmsNorm, SelectedAbsorbedAttention, SelectedPlainAttention,
};

/// Latent attention of a normalised input (DeepSeek-V2, arXiv:2405.04434), with an indexer or without.
macro_rules! latent_attention {
    (
        $(#[$doc:meta])* $name:ident, [$($index:ident),*], $absorbed:ident, $plain:ident, [$($limit:ident),*],
        [$(let $chosen:ident = $indexer:expr;)?]
    ) => {
        $(#[$doc])*
        ///
        /// `low` is what queries are projected from, of width `r`. The cache holds a latent vector of width `c` and a
        /// rotary key of width `p` for each token. Where `absorbed` is 1, queries are brought into the latent space and
        /// the cache serves as keys and values of all `h` heads; else keys (width `k`) and values (`v`) of every head
        /// are expanded from the cache, past tokens included.
        #[cost(part = attention)]
        pub fn $name<b, s, t, d, r, c, h, k, v, p, absorbed $(, $index)*>(
            x: Act<b, s, d>,
            low: Act<b, s, r>,
            #[hf("self_attn.q_b_proj.weight")]
            #[gguf("blk.*.attn_q_b.weight")]
            q_up: Weight<r, h, k>,
            #[hf("self_attn.q_b_proj.weight")]
            #[gguf("blk.*.attn_q_b.weight")]
            q_up_rope: Weight<r, h, p>,
            #[hf("self_attn.kv_a_proj_with_mqa.weight")]
            #[gguf("blk.*.attn_kv_a_mqa.weight")]
            kv_down: Weight<d, c>,
            #[hf("self_attn.kv_a_proj_with_mqa.weight")]
            #[gguf("blk.*.attn_kv_a_mqa.weight")]
            k_rope: Weight<d, p>,
            #[part(norm)]
            #[hf("self_attn.kv_a_layernorm.weight")]
            #[gguf("blk.*.attn_kv_a_norm.weight")]
            kv_norm: Weight<c>,
            #[hf("self_attn.kv_b_proj.weight")]
            #[gguf("blk.*.attn_k_b.weight")]
            k_up: Weight<h, k, c>,
            #[hf("self_attn.kv_b_proj.weight")]
            #[gguf("blk.*.attn_v_b.weight")]
            v_up: Weight<c, h, v>,
            #[hf("self_attn.o_proj.weight")]
            #[gguf("blk.*.attn_output.weight")]
            out: Weight<h, v, d>,
            latent: Cache<b, t, c>,
            rope_keys: Cache<b, t, p>,
        ) -> Act<b, s, d> {
            let latent = append::<t>(latent, rms_norm::<c>(dot::<d>(x, kv_down)) * kv_norm);
            let rope_keys = append::<t>(rope_keys, rope(dot::<d>(x, k_rope)));
            $(let $chosen = $indexer;)?
            let o = x;
            if absorbed {
                let q = dot::<k>(dot::<r>(low, q_up), k_up);
                let q_rope = rope(dot::<r>(low, q_up_rope));
                let attended = $absorbed { b, s, t, h, c, p $(, $limit)* }(q, q_rope, latent, rope_keys $(, $chosen)?);
                let values = store(dot::<c>(attended, v_up));
                o = dot::<(h, v)>(values, out);
            } else {
                let q = dot::<r>(low, q_up);
                let q_rope = rope(dot::<r>(low, q_up_rope));
                let keys = dot::<c>(latent, k_up);
                let values = dot::<c>(latent, v_up);
                let attended =
                    $plain { b, s, t, h, k, v, p $(, $limit)* }(q, q_rope, keys, rope_keys, values $(, $chosen)?);
                o = dot::<(h, v)>(attended, out);
            }
            o
        }
    };
}

latent_attention! {
    /// Latent attention over all cached tokens.
    Mla, [], MlaAbsorbedAttention, MlaPlainAttention, [], []
}

latent_attention! {
    /// Latent attention over the `w` tokens that an indexer of `i` heads of width `z` chooses for each query.
    IndexedMla, [w, i, z], SelectedAbsorbedAttention, SelectedPlainAttention, [w],
    [let chosen = Indexer { b, s, t, d, r, i, z, w }(x, low);]
}

/// The first half of a layer: latent attention on a normalised input, added to it. Queries come from a low-rank vector of
/// width `r` where `low_rank` is 1, else from the input itself.
#[cost(part = attention)]
pub fn MlaBlock<b, s, t, d, r, c, h, k, v, p, absorbed, low_rank>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[hf("self_attn.q_a_proj.weight")]
    #[gguf("blk.*.attn_q_a.weight")]
    q_down: Weight<d, r>,
    #[part(norm)]
    #[hf("self_attn.q_a_layernorm.weight")]
    #[gguf("blk.*.attn_q_a_norm.weight")]
    q_norm: Weight<r>,
) -> Act<b, s, d> {
    let attn_in = RmsNorm { b, s, d }(x, norm);
    let o = x;
    if low_rank {
        let low = store(rms_norm::<r>(dot::<d>(attn_in, q_down)) * q_norm);
        o = Mla { .. }(attn_in, low);
    } else {
        o = Mla { r: d, .. }(attn_in, attn_in);
    }
    let attn_out = x + o;
    attn_out
}

/// [`MlaBlock`] with an indexer; its queries always are low-rank.
#[cost(part = attention)]
pub fn IndexedMlaBlock<b, s, t, d, r, c, h, k, v, p, absorbed, w, i, z>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[hf("self_attn.q_a_proj.weight")]
    #[gguf("blk.*.attn_q_a.weight")]
    q_down: Weight<d, r>,
    #[part(norm)]
    #[hf("self_attn.q_a_layernorm.weight")]
    #[gguf("blk.*.attn_q_a_norm.weight")]
    q_norm: Weight<r>,
) -> Act<b, s, d> {
    let attn_in = RmsNorm { b, s, d }(x, norm);
    let low = store(rms_norm::<r>(dot::<d>(attn_in, q_down)) * q_norm);
    let o = IndexedMla { .. }(attn_in, low);
    let attn_out = x + o;
    attn_out
}
