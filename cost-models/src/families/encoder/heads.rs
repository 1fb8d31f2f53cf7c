//! What stands on top of an encoder.

use cost_macros::cost;

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
