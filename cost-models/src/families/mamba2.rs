//! Mamba-2: a stack of state spaces, without attention and feed-forward networks.

use cost_macros::cost;

use crate::ops::{LmHead, Mamba2Mixer, RmsNorm};

/// A decoder of `l` mixers with `g` groups of `h` heads of `p` numbers, each with a state of `n`, and `w` taps.
///
/// It has no axis of all tokens: a step costs the same however many came before. `bias`, `conv_bias` and `tied` are 1
/// where the projections or the convolution have biases, and where the head is the embedding table.
#[cost]
pub fn Mamba2<b, s, o, d, g, h, p, n, w, v, l, bias, conv_bias, tied>(
    ids: Ids<b, s>,
    #[part(embedding)]
    #[hf("backbone.embeddings.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(norm)]
    #[hf("backbone.norm_f.weight")]
    #[gguf("output_norm.weight")]
    norm: Weight<d>,
    #[part(lm_head)]
    #[hf("lm_head.weight")]
    #[gguf("output.weight")]
    #[tied(embed, tied)]
    head: Weight<v, d>,
) -> Act<b, o, v> {
    let embedded = gather::<v>(embed, ids);
    let x = embedded;
    for _ in 0..l {
        x = Mamba2Mixer { .. }(x);
    }
    let head_in = RmsNorm { b, s, d }(x, norm);
    LmHead { b, s, o, d, v }(head_in, head)
}
