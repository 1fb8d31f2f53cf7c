//! What stands on top of an encoder.

use cost_macros::cost;

use crate::ops::LayerNorm;

/// A projection with tanh of `o` positions of each sequence: the first one's, which stands for all.
#[cost]
pub fn Pooler<b, s, o, d, r>(
    x: Act<b, s, d>,
    #[hf("bert.pooler.dense.weight")] weight: Weight<d, r>,
    #[hf("bert.pooler.dense.bias")] bias: Weight<r>,
) -> Act<b, o, r> {
    // The last positions stand for the first: as many are read.
    let pooled = tanh(dot::<d>(last::<s, o>(x), weight) + bias);
    pooled
}

/// Scores of `c` labels for each position.
#[cost]
pub fn Classifier<b, s, d, c>(
    x: Act<b, s, d>,
    #[hf("classifier.weight")]
    #[gguf("cls.weight")]
    weight: Weight<d, c>,
    #[hf("classifier.bias")]
    #[gguf("cls.bias")]
    bias: Weight<c>,
) -> Act<b, s, c> {
    let scores = dot::<d>(x, weight) + bias;
    scores
}

/// Logits of every position over the vocabulary, for masked words: a projection to the width `r` of the embedding table, a
/// function, a norm, and the product with the table.
#[cost(part = lm_head)]
pub fn MaskedLmHead<b, s, d, r, v, gelu, gelu_tanh, relu>(
    x: Act<b, s, d>,
    embed: Weight<v, r>,
    #[hf("cls.predictions.transform.dense.weight")] weight: Weight<d, r>,
    #[hf("cls.predictions.transform.dense.bias")] bias: Weight<r>,
    #[hf("cls.predictions.transform.LayerNorm.weight")] scale: Weight<r>,
    #[hf("cls.predictions.transform.LayerNorm.bias")] shift: Weight<r>,
    #[hf("cls.predictions.bias")] word_bias: Weight<v>,
) -> Act<b, s, v> {
    let z = dot::<d>(x, weight) + bias;
    if gelu {
        z = gelu(z);
    }
    if gelu_tanh {
        z = gelu_tanh(z);
    }
    if relu {
        z = relu(z);
    }
    let transformed = store(z);
    let head_in = LayerNorm { b, s, d: r }(transformed, scale, shift);
    let logits = dot::<r>(head_in, embed) + word_bias;
    logits
}
