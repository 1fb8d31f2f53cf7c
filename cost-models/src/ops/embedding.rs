//! Into and out of the vocabulary.

use cost_macros::cost;

/// Logits of the last `o` of `s` positions: `o = 1` to generate, `o = s` to score a whole text.
#[cost(part = lm_head)]
pub fn LmHead<b, s, o, d, v>(
    x: Act<b, s, d>,
    #[hf("lm_head.weight")]
    #[gguf("output.weight")]
    head: Weight<v, d>,
) -> Act<b, o, v> {
    dot::<d>(last::<s, o>(x), head)
}

/// Logits with a bias where `biased` is 1, scaled where `scaled` is.
#[cost(part = lm_head)]
pub fn AffineLogits<b, o, v, biased, scaled>(
    logits: Act<b, o, v>,
    #[hf("lm_head.bias")]
    #[gguf("output.bias")]
    shift: Weight<v>,
) -> Act<b, o, v> {
    let y = logits;
    if biased {
        y = y + shift;
    }
    if scaled {
        y = scale(y);
    }
    // Unnamed, so that the kernel goes by what the caller calls it.
    store(y)
}
