//! What stands on top of encoders beside BERT's own heads.

use cost_macros::cost;

use super::EncoderNorm;

/// Logits of every position over the vocabulary, for masked words: a projection to the width `r` of a table, a function, a
/// norm, and the product with the table. The function is one of `gelu`, `gelu_tanh`, `relu` and `silu`.
///
/// Axes that are 0 or 1: `dense_bias` and `word_bias` where the projection and the product have biases, `normed` where there is a
/// norm, `shifted` where that has a shift.
#[cost(part = lm_head)]
pub fn WordHead<b, s, d, r, v, dense_bias, normed, shifted, word_bias, gelu, gelu_tanh, relu, silu>(
    x: Act<b, s, d>,
    table: Weight<v, r>,
    #[hf("cls.predictions.transform.dense.weight")] weight: Weight<d, r>,
    #[hf("cls.predictions.transform.dense.bias")] bias: Weight<r>,
    #[hf("cls.predictions.transform.LayerNorm.weight")] scale: Weight<r>,
    #[hf("cls.predictions.transform.LayerNorm.bias")] shift: Weight<r>,
    #[hf("cls.predictions.bias")] word_bias_of: Weight<v>,
) -> Act<b, s, v> {
    let z = dot::<d>(x, weight);
    if dense_bias {
        z = z + bias;
    }
    if gelu {
        z = gelu(z);
    }
    if gelu_tanh {
        z = gelu_tanh(z);
    }
    if relu {
        z = relu(z);
    }
    if silu {
        z = silu(z);
    }
    let head_in = store(z);
    if normed {
        head_in = EncoderNorm { b, s, d: r, rms: 0, shifted }(head_in, scale, shift);
    }
    let logits = dot::<r>(head_in, table);
    if word_bias {
        logits = logits + word_bias_of;
    }
    logits
}

/// What is made of the last `o` positions before they are scored: a projection to width `r`, a function and a norm, as in [`WordHead`].
#[cost]
pub fn TokenTransform<b, s, o, d, r, dense_bias, normed, shifted, gelu, gelu_tanh, relu, silu>(
    x: Act<b, s, d>,
    #[hf("classifier.dense.weight")] weight: Weight<d, r>,
    #[hf("classifier.dense.bias")] bias: Weight<r>,
    #[hf("classifier.norm.weight")] scale: Weight<r>,
    #[hf("classifier.norm.bias")] shift: Weight<r>,
) -> Act<b, o, r> {
    let z = dot::<d>(last::<s, o>(x), weight);
    if dense_bias {
        z = z + bias;
    }
    if gelu {
        z = gelu(z);
    }
    if gelu_tanh {
        z = gelu_tanh(z);
    }
    if relu {
        z = relu(z);
    }
    if silu {
        z = silu(z);
    }
    let y = store(z);
    if normed {
        y = EncoderNorm { b, s: o, d: r, rms: 0, shifted }(y, scale, shift);
    }
    y
}

/// Logits of every position by a table alone, with a bias where `word_bias` is 1.
#[cost(part = lm_head)]
pub fn WordScores<b, s, d, v, word_bias>(
    x: Act<b, s, d>,
    table: Weight<v, d>,
    #[hf("lm_head.bias")] bias: Weight<v>,
) -> Act<b, s, v> {
    let logits = dot::<d>(x, table);
    if word_bias {
        logits = logits + bias;
    }
    logits
}

/// Two projections through a width `p` with GELU in its tanh form after each.
#[cost(part = lm_head)]
pub fn Bottleneck<b, s, d, p>(
    x: Act<b, s, d>,
    #[hf("head.linear1.weight")] narrow: Weight<d, p>,
    #[hf("head.linear2.weight")] widen: Weight<p, d>,
) -> Act<b, s, d> {
    let h = store(gelu_tanh(dot::<d>(x, narrow)));
    let y = gelu_tanh(dot::<p>(h, widen));
    y
}
