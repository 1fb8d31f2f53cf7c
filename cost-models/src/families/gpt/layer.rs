//! The layer.

use cost_macros::cost;

use crate::ops::{AffineNorm, AlibiAttention, GqaAttention, Mlp};

/// One layer of `n` key/value heads with `g` queries each: attention, then a feed-forward network, each on a normalised
/// input and added to it.
///
/// With `parallel` both see the layer's input and are added to it together. The network has a norm of its own where
/// `mlp_norm` is 1, else its input is what attention's is; with `post_norm` norms follow the sums instead. Positions are
/// rotated in (`rotary`) or lower the scores (`alibi`: a head's `slopes` times the `places` of keys). `attn_bias` and
/// `mlp_bias` are 1 where projections have biases, `affine` where norms have weights; `gelu`, `gelu_tanh` and `relu` choose
/// the network's function.
#[cost(part = attention)]
pub fn GptLayer<
    b,
    s,
    t,
    d,
    n,
    g,
    k,
    f,
    rotary,
    alibi,
    attn_bias,
    mlp_bias,
    affine,
    parallel,
    mlp_norm,
    post_norm,
    gelu,
    gelu_tanh,
    relu,
>(
    x: Act<b, s, d>,
    slopes: Act<n, g>,
    places: Act<t>,
    #[part(norm)]
    #[hf("self_attn_layer_norm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    attn_scale: Weight<d>,
    #[part(norm)]
    #[hf("self_attn_layer_norm.bias")]
    #[gguf("blk.*.attn_norm.bias")]
    attn_shift: Weight<d>,
    #[hf("self_attn.q_proj.weight")]
    #[gguf("blk.*.attn_qkv.weight")]
    wq: Weight<d, n, g, k>,
    #[hf("self_attn.q_proj.bias")]
    #[gguf("blk.*.attn_qkv.bias")]
    bq: Weight<n, g, k>,
    #[hf("self_attn.k_proj.weight")]
    #[gguf("blk.*.attn_qkv.weight")]
    wk: Weight<d, n, k>,
    #[hf("self_attn.k_proj.bias")]
    #[gguf("blk.*.attn_qkv.bias")]
    bk: Weight<n, k>,
    #[hf("self_attn.v_proj.weight")]
    #[gguf("blk.*.attn_qkv.weight")]
    wv: Weight<d, n, k>,
    #[hf("self_attn.v_proj.bias")]
    #[gguf("blk.*.attn_qkv.bias")]
    bv: Weight<n, k>,
    #[hf("self_attn.out_proj.weight")]
    #[gguf("blk.*.attn_output.weight")]
    wo: Weight<n, g, k, d>,
    #[hf("self_attn.out_proj.bias")]
    #[gguf("blk.*.attn_output.bias")]
    bo: Weight<d>,
    #[part(norm)]
    #[hf("final_layer_norm.weight")]
    #[gguf("blk.*.ffn_norm.weight")]
    ffn_scale: Weight<d>,
    #[part(norm)]
    #[hf("final_layer_norm.bias")]
    #[gguf("blk.*.ffn_norm.bias")]
    ffn_shift: Weight<d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, d> {
    let attn_in = x;
    if !post_norm {
        attn_in = AffineNorm { .. }(x, attn_scale, attn_shift);
    }
    let q = dot::<d>(attn_in, wq);
    let new_keys = dot::<d>(attn_in, wk);
    let new_values = dot::<d>(attn_in, wv);
    if attn_bias {
        q = q + bq;
        new_keys = new_keys + bk;
        new_values = new_values + bv;
    }
    if rotary {
        q = rope(q);
        new_keys = rope(new_keys);
    }
    let keys = append::<t>(keys, new_keys);
    let values = append::<t>(values, new_values);
    let attended = q;
    if alibi {
        attended = AlibiAttention { .. }(q, slopes, places, keys, values);
    }
    if !alibi {
        attended = GqaAttention { .. }(q, keys, values);
    }
    let attn_out = dot::<(n, g, k)>(attended, wo);
    if attn_bias {
        attn_out = attn_out + bo;
    }
    if !parallel {
        attn_out = x + attn_out;
    }
    let ffn_in = attn_in;
    if post_norm {
        attn_out = AffineNorm { .. }(attn_out, attn_scale, attn_shift);
        ffn_in = attn_out;
    }
    if mlp_norm {
        if parallel {
            ffn_in = AffineNorm { .. }(x, ffn_scale, ffn_shift);
        }
        if !parallel {
            ffn_in = AffineNorm { .. }(attn_out, ffn_scale, ffn_shift);
        }
    }
    let ffn = Mlp { b, s, d, f, bias: mlp_bias, gelu, gelu_tanh, relu }(ffn_in);
    let y = attn_out + ffn;
    if parallel {
        y = x + y;
    }
    if post_norm {
        y = AffineNorm { .. }(y, ffn_scale, ffn_shift);
    }
    y
}
