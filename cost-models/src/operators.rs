//! The operators that can be asked for by name.

use cost_core::Operator;
use cost_core::op::Op;

use crate::families::decoder::{ChunkedSelfAttention, DecoderLayer, FeedForward, SelfAttention, SparseFeedForward};
use crate::families::gpt2;
use crate::ops::{
    Attention, CachedStep, ChunkedAttention, Dequantise, Expert, FlashAttention, FusedDequantLinear, GatedMlp, GeluMlp,
    GqaAttention, LayerNorm, Linear, LmHead, Merge, Mixture, MlaAbsorbed, MlaAbsorbedAttention, MlaAbsorbedFlash,
    MlaAbsorbedUnfused, MlaPlain, MlaPlainAttention, MlaPlainFlash, MlaPlainUnfused, MlaSplitAttention,
    QuantisedCacheAttention, RmsNorm, SharedExpert, SplitAttention, SwiGlu, UncachedStep, UnfusedAttention,
    UnfusedDequantLinear,
};

/// The descriptions of the operators that can be asked for by name: those of [`crate::ops`], and the layers.
pub fn operators() -> impl Iterator<Item = &'static Op<'static>> + Clone {
    [
        Linear::OP,
        RmsNorm::OP,
        LayerNorm::OP,
        GqaAttention::OP,
        Attention::OP,
        ChunkedAttention::OP,
        UnfusedAttention::OP,
        FlashAttention::OP,
        QuantisedCacheAttention::OP,
        SplitAttention::OP,
        MlaSplitAttention::OP,
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
        Expert::OP,
        SharedExpert::OP,
        Mixture::OP,
        GeluMlp::OP,
        LmHead::OP,
        DecoderLayer::OP,
        SelfAttention::OP,
        ChunkedSelfAttention::OP,
        FeedForward::OP,
        SparseFeedForward::OP,
        gpt2::Gpt2Layer::OP,
    ]
    .into_iter()
}
