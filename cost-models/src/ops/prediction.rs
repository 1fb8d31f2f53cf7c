//! Multi-token prediction (DeepSeek-V3, arXiv:2412.19437, section 2.2).

use cost_macros::cost;

use super::RmsNorm;

/// A product of two inputs side by side with one matrix of twice their width.
#[cost]
pub fn Join<b, s, d, y>(
    first: Act<b, s, d>,
    second: Act<b, s, d>,
    #[hf("eh_proj.weight")]
    #[gguf("blk.*.nextn.eh_proj.weight")]
    upper: Weight<d, y>,
    #[hf("eh_proj.weight")]
    #[gguf("blk.*.nextn.eh_proj.weight")]
    lower: Weight<d, y>,
) -> Act<b, s, y> {
    let joined = dot::<d>(first, upper) + dot::<d>(second, lower);
    joined
}

/// The next token's embedding and the hidden state before it, both normalised, as one vector. Released files hold a copy
/// of the embedding table for it.
#[cost]
pub fn JoinNext<b, s, d, v>(
    ids: Ids<b, s>,
    hidden: Act<b, s, d>,
    #[part(embedding)]
    #[hf("embed_tokens.weight")]
    #[gguf("blk.*.nextn.embed_tokens.weight")]
    embed: Weight<v, d>,
    #[part(norm)]
    #[hf("enorm.weight")]
    #[gguf("blk.*.nextn.enorm.weight")]
    embed_norm: Weight<d>,
    #[part(norm)]
    #[hf("hnorm.weight")]
    #[gguf("blk.*.nextn.hnorm.weight")]
    hidden_norm: Weight<d>,
) -> Act<b, s, d> {
    let next = rms_norm::<d>(gather::<v>(embed, ids)) * embed_norm;
    let state = RmsNorm { b, s, d }(hidden, hidden_norm);
    let joined = Join { b, s, d, y: d }(next, state);
    joined
}
