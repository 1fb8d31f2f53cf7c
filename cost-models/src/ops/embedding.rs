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
