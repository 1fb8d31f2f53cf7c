//! Operators that architectures share.

mod attention;
mod embedding;
mod feed_forward;
mod linear;
mod norm;

pub use attention::{Attention, GqaAttention};
pub use embedding::LmHead;
pub use feed_forward::{GatedMlp, SwiGlu};
pub use linear::Linear;
pub use norm::{LayerNorm, RmsNorm};

use cost_core::Operator;
use cost_core::op::Op;

/// The descriptions of the operators in this module.
pub fn all() -> impl Iterator<Item = &'static Op<'static>> + Clone {
    [
        Linear::OP,
        RmsNorm::OP,
        LayerNorm::OP,
        GqaAttention::OP,
        Attention::OP,
        SwiGlu::OP,
        GatedMlp::OP,
        LmHead::OP,
        crate::families::llama::DecoderLayer::OP,
    ]
    .into_iter()
}
