//! Llama 1, 2 and 3, and models of the same form, Mistral's and Qwen3's: RMSNorm, grouped-query attention with rotary
//! positions, SwiGLU; biases, query and key norms, sliding windows and tied embeddings by config.

use cost_macros::cost;

use crate::config::Fields;
use crate::error::Error;
use crate::model::Model;
use crate::ops::{Attention, GatedMlp, LmHead, RmsNorm};

/// One decoder layer: attention over a window of `w` tokens (`w > t` for all), then a gated feed-forward network, each
/// on a normalised input and added to it. `attn_bias` and `mlp_bias` are 1 where the projections have biases, `qk_norm`
/// where queries and keys are normalised by head, else 0.
#[cost(part = attention, window(s, t, w))]
pub fn DecoderLayer<b, s, t, w, d, n, g, k, f, attn_bias, qk_norm, mlp_bias>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    attn_norm: Weight<d>,
    #[hf("self_attn.q_proj.weight")]
    #[gguf("blk.*.attn_q.weight")]
    wq: Weight<d, n, g, k>,
    #[hf("self_attn.q_proj.bias")]
    #[gguf("blk.*.attn_q.bias")]
    bq: Weight<n, g, k>,
    #[hf("self_attn.k_proj.weight")]
    #[gguf("blk.*.attn_k.weight")]
    wk: Weight<d, n, k>,
    #[hf("self_attn.k_proj.bias")]
    #[gguf("blk.*.attn_k.bias")]
    bk: Weight<n, k>,
    #[hf("self_attn.v_proj.weight")]
    #[gguf("blk.*.attn_v.weight")]
    wv: Weight<d, n, k>,
    #[hf("self_attn.v_proj.bias")]
    #[gguf("blk.*.attn_v.bias")]
    bv: Weight<n, k>,
    #[part(norm)]
    #[hf("self_attn.q_norm.weight")]
    #[gguf("blk.*.attn_q_norm.weight")]
    q_norm: Weight<k>,
    #[part(norm)]
    #[hf("self_attn.k_norm.weight")]
    #[gguf("blk.*.attn_k_norm.weight")]
    k_norm: Weight<k>,
    #[hf("self_attn.o_proj.weight")]
    #[gguf("blk.*.attn_output.weight")]
    wo: Weight<n, g, k, d>,
    #[hf("self_attn.o_proj.bias")]
    #[gguf("blk.*.attn_output.bias")]
    bo: Weight<d>,
    #[part(norm)]
    #[hf("post_attention_layernorm.weight")]
    #[gguf("blk.*.ffn_norm.weight")]
    ffn_norm: Weight<d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, d> {
    let attn_in = RmsNorm { b, s, d }(x, attn_norm);
    let q = dot::<d>(attn_in, wq);
    let new_keys = dot::<d>(attn_in, wk);
    let new_values = dot::<d>(attn_in, wv);
    if attn_bias {
        q = q + bq;
        new_keys = new_keys + bk;
        new_values = new_values + bv;
    }
    if qk_norm {
        q = rms_norm::<k>(q) * q_norm;
        new_keys = rms_norm::<k>(new_keys) * k_norm;
    }
    let q = rope(q);
    let keys = append::<t>(keys, rope(new_keys));
    let values = append::<t>(values, new_values);
    let attended = Attention { b, s, t, w, n, g, k }(q, keys, values);
    let o = dot::<(n, g, k)>(attended, wo);
    if attn_bias {
        o = o + bo;
    }
    let attn_out = x + o;
    let ffn_in = RmsNorm { b, s, d }(attn_out, ffn_norm);
    let ffn = GatedMlp { b, s, d, f, bias: mlp_bias }(ffn_in);
    attn_out + ffn
}

/// A decoder of `l` layers that gives the logits of the last `o` of `s` new tokens, out of `t` in all.
#[cost]
pub fn Decoder<b, s, t, w, o, d, n, g, k, f, v, l, attn_bias, qk_norm, mlp_bias>(
    ids: Ids<b, s>,
    #[part(embedding)]
    #[hf("model.embed_tokens.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(norm)]
    #[hf("model.norm.weight")]
    #[gguf("output_norm.weight")]
    norm: Weight<d>,
) -> Act<b, o, v> {
    let embedded = gather::<v>(embed, ids);
    let x = embedded;
    for _ in 0..l {
        x = DecoderLayer { .. }(x);
    }
    let head_in = RmsNorm { b, s, d }(x, norm);
    let logits = LmHead { b, s, o, d, v }(head_in);
    logits
}

/// [`Decoder`] whose head is its embedding table.
#[cost]
pub fn TiedDecoder<b, s, t, w, o, d, n, g, k, f, v, l, attn_bias, qk_norm, mlp_bias>(
    ids: Ids<b, s>,
    #[part(embedding)]
    #[hf("model.embed_tokens.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(norm)]
    #[hf("model.norm.weight")]
    #[gguf("output_norm.weight")]
    norm: Weight<d>,
) -> Act<b, o, v> {
    let embedded = gather::<v>(embed, ids);
    let x = embedded;
    for _ in 0..l {
        x = DecoderLayer { .. }(x);
    }
    let head_in = RmsNorm { b, s, d }(x, norm);
    let logits = LmHead { b, s, o, d, v }(head_in, embed);
    logits
}

/// What distinguishes the model types of this form.
#[derive(Default)]
struct Variant {
    attn_bias: bool,
    qk_norm: bool,
    mlp_bias: bool,
    window: Option<u64>,
    /// Key/value heads where the config doesn't say, if not as many as query heads.
    heads: Option<u64>,
}

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    let (attn_bias, mlp_bias) = (fields.flag("attention_bias", false)?, fields.flag("mlp_bias", false)?);
    decoder(fields, &Variant { attn_bias, mlp_bias, ..Variant::default() })
}

pub(crate) fn read_mistral(fields: &mut Fields) -> Result<Model, Error> {
    // A Mistral config that leaves these out means its defaults; null means no window, and a key/value head for each head.
    let window = if fields.has("sliding_window") { fields.optional_size("sliding_window")? } else { Some(4096) };
    let heads = (!fields.has("num_key_value_heads")).then_some(8);
    decoder(fields, &Variant { window, heads, ..Variant::default() })
}

pub(crate) fn read_qwen3(fields: &mut Fields) -> Result<Model, Error> {
    let attn_bias = fields.flag("attention_bias", false)?;
    // The window's length and the layers that it starts from matter only where it is used.
    fields.off("use_sliding_window")?;
    fields.passed(&["sliding_window", "max_window_layers"]);
    fields.size("head_dim")?;
    fields.size("num_key_value_heads")?;
    decoder(fields, &Variant { attn_bias, qk_norm: true, ..Variant::default() })
}

fn decoder(fields: &mut Fields, variant: &Variant) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", &["silu"])?;
    let d = fields.size("hidden_size")?;
    let heads = fields.size("num_attention_heads")?;
    let n = fields.optional_size("num_key_value_heads")?.or(variant.heads).unwrap_or(heads);
    let g = Fields::quotient(("num_attention_heads", heads), ("num_key_value_heads", n))?;
    let k = match fields.optional_size("head_dim")? {
        Some(k) => k,
        None => Fields::quotient(("hidden_size", d), ("num_attention_heads", heads))?,
    };
    let (f, v, l) = (fields.size("intermediate_size")?, fields.size("vocab_size")?, fields.size("num_hidden_layers")?);
    let tied = fields.flag("tie_word_embeddings", false)?;
    let (attn_bias, qk_norm) = (u64::from(variant.attn_bias), u64::from(variant.qk_norm));
    let (mlp_bias, w) = (u64::from(variant.mlp_bias), variant.window.unwrap_or(1));
    // The workload sets b, s, t and o.
    let model = if tied {
        Model::new(&TiedDecoder { b: 1, s: 1, t: 1, o: 1, w, d, n, g, k, f, v, l, attn_bias, qk_norm, mlp_bias })
    } else {
        Model::new(&Decoder { b: 1, s: 1, t: 1, o: 1, w, d, n, g, k, f, v, l, attn_bias, qk_norm, mlp_bias })
    };
    Ok(if variant.window.is_none() { model.unlimited("w") } else { model })
}
