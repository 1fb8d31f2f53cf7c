//! Operators that architectures share.

mod attention;
mod embedding;
mod feed_forward;
mod linear;
mod norm;
mod quantised;

pub use attention::{
    Attention, CachedStep, FlashAttention, GqaAttention, Merge, MlaAbsorbed, MlaAbsorbedAttention, MlaAbsorbedFlash,
    MlaAbsorbedUnfused, MlaPlain, MlaPlainAttention, MlaPlainFlash, MlaPlainUnfused, QuantisedCacheAttention,
    SplitAttention, UncachedStep, UnfusedAttention,
};
pub use embedding::LmHead;
pub use feed_forward::{GatedMlp, GeluMlp, SwiGlu};
pub use linear::Linear;
pub use norm::{LayerNorm, RmsNorm};
pub use quantised::{Dequantise, FusedDequantLinear, UnfusedDequantLinear};

use cost_core::Operator;
use cost_core::op::Op;

/// The descriptions of the operators that can be asked for by name: those of this module, and the layers.
pub fn all() -> impl Iterator<Item = &'static Op<'static>> + Clone {
    [
        Linear::OP,
        RmsNorm::OP,
        LayerNorm::OP,
        GqaAttention::OP,
        Attention::OP,
        UnfusedAttention::OP,
        FlashAttention::OP,
        QuantisedCacheAttention::OP,
        SplitAttention::OP,
        Merge::OP,
        CachedStep::OP,
        UncachedStep::OP,
        MlaAbsorbedAttention::OP,
        MlaAbsorbedUnfused::OP,
        MlaAbsorbedFlash::OP,
        MlaPlainAttention::OP,
        MlaPlainUnfused::OP,
        MlaPlainFlash::OP,
        MlaAbsorbed::OP,
        MlaPlain::OP,
        Dequantise::OP,
        FusedDequantLinear::OP,
        UnfusedDequantLinear::OP,
        SwiGlu::OP,
        GatedMlp::OP,
        GeluMlp::OP,
        LmHead::OP,
        crate::families::llama::DecoderLayer::OP,
        crate::families::gpt2::Gpt2Layer::OP,
    ]
    .into_iter()
}
