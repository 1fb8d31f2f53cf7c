//! GPT-2: LayerNorm with shifts, learned positions, one projection for queries, keys and values, GELU, a tied head.

use cost_macros::cost;

use crate::config::Fields;
use crate::error::Error;
use crate::model::Model;
use crate::ops::{GeluMlp, GqaAttention, LayerNorm, LmHead};

/// One layer: multi-head attention of `n` heads, then a feed-forward network, each on a normalised input and added to it.
/// Queries, keys and values are parts of one tensor in released files.
#[cost(part = attention)]
pub fn Gpt2Layer<b, s, t, d, n, k, f>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("ln_1.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    attn_norm: Weight<d>,
    #[part(norm)]
    #[hf("ln_1.bias")]
    #[gguf("blk.*.attn_norm.bias")]
    attn_shift: Weight<d>,
    #[hf("attn.c_attn.weight")]
    #[gguf("blk.*.attn_qkv.weight")]
    wq: Weight<d, n, k>,
    #[hf("attn.c_attn.bias")]
    #[gguf("blk.*.attn_qkv.bias")]
    bq: Weight<n, k>,
    #[hf("attn.c_attn.weight")]
    #[gguf("blk.*.attn_qkv.weight")]
    wk: Weight<d, n, k>,
    #[hf("attn.c_attn.bias")]
    #[gguf("blk.*.attn_qkv.bias")]
    bk: Weight<n, k>,
    #[hf("attn.c_attn.weight")]
    #[gguf("blk.*.attn_qkv.weight")]
    wv: Weight<d, n, k>,
    #[hf("attn.c_attn.bias")]
    #[gguf("blk.*.attn_qkv.bias")]
    bv: Weight<n, k>,
    #[hf("attn.c_proj.weight")]
    #[gguf("blk.*.attn_output.weight")]
    wo: Weight<n, k, d>,
    #[hf("attn.c_proj.bias")]
    #[gguf("blk.*.attn_output.bias")]
    bo: Weight<d>,
    #[part(norm)]
    #[hf("ln_2.weight")]
    #[gguf("blk.*.ffn_norm.weight")]
    ffn_norm: Weight<d>,
    #[part(norm)]
    #[hf("ln_2.bias")]
    #[gguf("blk.*.ffn_norm.bias")]
    ffn_shift: Weight<d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, d> {
    let attn_in = LayerNorm { b, s, d }(x, attn_norm, attn_shift);
    let q = dot::<d>(attn_in, wq) + bq;
    let keys = append::<t>(keys, dot::<d>(attn_in, wk) + bk);
    let values = append::<t>(values, dot::<d>(attn_in, wv) + bv);
    let attended = GqaAttention { b, s, t, n, g: 1, k }(q, keys, values);
    let attn_out = x + dot::<(n, k)>(attended, wo) + bo;
    let ffn_in = LayerNorm { b, s, d }(attn_out, ffn_norm, ffn_shift);
    let ffn = GeluMlp { b, s, d, f }(ffn_in);
    attn_out + ffn
}

/// A decoder of `l` layers with `m` learned positions, whose head is its embedding table.
#[cost]
pub fn Gpt2<b, s, t, o, d, n, k, f, v, m, l>(
    ids: Ids<b, s>,
    positions: Ids<s>,
    #[part(embedding)]
    #[hf("wte.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(other)]
    #[hf("wpe.weight")]
    #[gguf("position_embd.weight")]
    places: Weight<m, d>,
    #[part(norm)]
    #[hf("ln_f.weight")]
    #[gguf("output_norm.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("ln_f.bias")]
    #[gguf("output_norm.bias")]
    shift: Weight<d>,
) -> Act<b, o, v> {
    let embedded = gather::<v>(embed, ids) + gather::<m>(places, positions);
    let x = embedded;
    for _ in 0..l {
        x = Gpt2Layer { .. }(x);
    }
    let head_in = LayerNorm { b, s, d }(x, norm, shift);
    let logits = LmHead { b, s, o, d, v }(head_in, embed);
    logits
}

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("activation_function", "gelu_new", &["gelu_new"])?;
    fields.off("add_cross_attention")?;
    if !fields.flag("tie_word_embeddings", true)? {
        let field = "tie_word_embeddings".to_owned();
        return Err(Error::Field { field, found: "false".to_owned(), expected: "true".to_owned() });
    }
    let (d, n) = (fields.size("n_embd")?, fields.size("n_head")?);
    let k = Fields::quotient(("n_embd", d), ("n_head", n))?;
    let f = match fields.optional_size("n_inner")? {
        Some(f) => f,
        None => d.checked_mul(4).ok_or_else(|| Error::Field {
            field: "n_embd".to_owned(),
            found: d.to_string(),
            expected: "a size whose fourfold fits 64 bits".to_owned(),
        })?,
    };
    let (v, m, l) = (fields.size("vocab_size")?, fields.size("n_positions")?, fields.size("n_layer")?);
    fields.passed(&["n_ctx"]);
    Ok(Model::new(&Gpt2 { b: 1, s: 1, t: 1, o: 1, d, n, k, f, v, m, l }))
}
