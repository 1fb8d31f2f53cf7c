//! The encoders around the layers.

use cost_macros::cost;

use super::{Classifier, EncoderLayer, MaskedLmHead, Pooler, SharedLayers};
use crate::ops::LayerNorm;

/// An encoder of `l` layers that gives the last one's states: words, `m` learned positions and `c` token types are looked
/// up, added and normalised.
///
/// On top of it, where the axis is 1: `pooler`, behind it `pooled_scores` of `labels` labels for a sequence; `token_scores`
/// of as many for each token; `masked_lm`, with the embedding table as its head.
#[cost]
pub fn Encoder<
    b,
    s,
    d,
    n,
    k,
    f,
    v,
    m,
    c,
    l,
    labels,
    pooler,
    pooled_scores,
    token_scores,
    masked_lm,
    gelu,
    gelu_tanh,
    relu,
>(
    ids: Ids<b, s>,
    positions: Ids<s>,
    types: Ids<b, s>,
    #[part(embedding)]
    #[hf("bert.embeddings.word_embeddings.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(other)]
    #[hf("bert.embeddings.position_embeddings.weight")]
    #[gguf("position_embd.weight")]
    position_table: Weight<m, d>,
    #[part(other)]
    #[hf("bert.embeddings.token_type_embeddings.weight")]
    #[gguf("token_types.weight")]
    type_table: Weight<c, d>,
    #[part(norm)]
    #[hf("bert.embeddings.LayerNorm.weight")]
    #[gguf("token_embd_norm.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("bert.embeddings.LayerNorm.bias")]
    #[gguf("token_embd_norm.bias")]
    shift: Weight<d>,
) -> Act<b, s, d> {
    let looked_up = gather::<v>(embed, ids) + gather::<m>(position_table, positions) + gather::<c>(type_table, types);
    let embedded = LayerNorm { b, s, d }(looked_up, scale, shift);
    let x = embedded;
    for _ in 0..l {
        x = EncoderLayer { .. }(x);
    }
    if pooler {
        let pooled = Pooler { b, s, o: 1, d, r: d }(x);
        if pooled_scores {
            let _scores = Classifier { b, s: 1, d, c: labels }(pooled);
        }
    }
    if token_scores {
        let _scores = Classifier { b, s, d, c: labels }(x);
    }
    if masked_lm {
        let _logits = MaskedLmHead { b, s, d, r: d, v, gelu, gelu_tanh, relu }(x, embed);
    }
    x
}

/// [`Encoder`] whose table has rows of width `r`, projected to the layers' width, and which has `l` layers that are each
/// applied `rounds` times (ALBERT, arXiv:1909.11942).
#[cost]
pub fn SharedEncoder<
    b,
    s,
    r,
    d,
    n,
    k,
    f,
    v,
    m,
    c,
    l,
    rounds,
    labels,
    pooler,
    pooled_scores,
    token_scores,
    masked_lm,
    gelu,
    gelu_tanh,
    relu,
>(
    ids: Ids<b, s>,
    positions: Ids<s>,
    types: Ids<b, s>,
    #[part(embedding)]
    #[hf("bert.embeddings.word_embeddings.weight")]
    embed: Weight<v, r>,
    #[part(other)]
    #[hf("bert.embeddings.position_embeddings.weight")]
    position_table: Weight<m, r>,
    #[part(other)]
    #[hf("bert.embeddings.token_type_embeddings.weight")]
    type_table: Weight<c, r>,
    #[part(norm)]
    #[hf("bert.embeddings.LayerNorm.weight")]
    scale: Weight<r>,
    #[part(norm)]
    #[hf("bert.embeddings.LayerNorm.bias")]
    shift: Weight<r>,
    #[part(other)]
    #[hf("albert.encoder.embedding_hidden_mapping_in.weight")]
    widen: Weight<r, d>,
    #[part(other)]
    #[hf("albert.encoder.embedding_hidden_mapping_in.bias")]
    widen_bias: Weight<d>,
) -> Act<b, s, d> {
    let looked_up = gather::<v>(embed, ids) + gather::<m>(position_table, positions) + gather::<c>(type_table, types);
    let embedded = LayerNorm { b, s, d: r }(looked_up, scale, shift);
    let widened = dot::<r>(embedded, widen) + widen_bias;
    let x = widened;
    for _ in 0..l {
        x = SharedLayers { .. }(x);
    }
    if pooler {
        let pooled = Pooler { b, s, o: 1, d, r: d }(x);
        if pooled_scores {
            let _scores = Classifier { b, s: 1, d, c: labels }(pooled);
        }
    }
    if token_scores {
        let _scores = Classifier { b, s, d, c: labels }(x);
    }
    if masked_lm {
        let _logits = MaskedLmHead { .. }(x, embed);
    }
    x
}
