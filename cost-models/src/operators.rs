//! The operators that can be asked for by name.

use cost_core::Operator;
use cost_core::op::Op;

use crate::decode;
use crate::families::decoder::{
    AttentionExpert, ChunkedSelfAttention, DecoderLayer, FeedForward, HeadAttention, MixtureAttention, MoeFeedForward,
    ParallelLayer, SelfAttention,
};
use crate::families::encoder::{
    Bottleneck, Classifier, EncoderFeedForward, EncoderLayer, EncoderMlp, EncoderNorm, EncoderSelfAttention,
    FourierMixing, GroupedEncoderAttention, LocalEncoderAttention, LocalSelfAttention, MaskedLmHead, Pooler,
    RelativeEncoderAttention, RelativeSelfAttention, SharedLayers, TokenTransform, WordHead, WordScores,
};
use crate::families::gpt::GptLayer;
use crate::families::latent::{IndexedMla, IndexedMlaBlock, Mla, MlaBlock};
use crate::ops::{
    AffineLogits, AffineNorm, AlibiAttention, AroundAttention, Attention, CachedStep, ChunkedAttention, Dequantise,
    EncoderAttention, Expert, FlashAttention, FusedDequantLinear, GatedDeltaNet, GatedDeltaRule, GatedMlp,
    GqaAttention, Indexer, Join, JoinNext, LayerNorm, Linear, LmHead, Mamba2Mixer, Merge, MlaAbsorbed,
    MlaAbsorbedAttention, MlaAbsorbedFlash, MlaAbsorbedUnfused, MlaPlain, MlaPlainAttention, MlaPlainFlash,
    MlaPlainUnfused, MlaSplitAttention, Mlp, Moe, PartialNorm, QuantisedCacheAttention, RmsNorm,
    SelectedAbsorbedAttention, SelectedPlainAttention, SelectiveScan, SharedExpert, SplitAttention, SwiGlu,
    UncachedStep, UnfusedAttention, UnfusedDequantLinear, UngatedMlp,
};

/// The descriptions of the operators that can be asked for by name: those of [`crate::ops`], the layers, and those of
/// [`crate::decode`].
pub fn operators() -> impl Iterator<Item = &'static Op<'static>> + Clone {
    [
        Linear::OP,
        RmsNorm::OP,
        LayerNorm::OP,
        AffineNorm::OP,
        PartialNorm::OP,
        GqaAttention::OP,
        AlibiAttention::OP,
        EncoderAttention::OP,
        Attention::OP,
        AroundAttention::OP,
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
        Mla::OP,
        MlaBlock::OP,
        Indexer::OP,
        SelectedAbsorbedAttention::OP,
        SelectedPlainAttention::OP,
        IndexedMla::OP,
        IndexedMlaBlock::OP,
        Join::OP,
        JoinNext::OP,
        SelectiveScan::OP,
        Mamba2Mixer::OP,
        GatedDeltaRule::OP,
        GatedDeltaNet::OP,
        Dequantise::OP,
        FusedDequantLinear::OP,
        UnfusedDequantLinear::OP,
        SwiGlu::OP,
        GatedMlp::OP,
        Expert::OP,
        SharedExpert::OP,
        Moe::OP,
        Mlp::OP,
        UngatedMlp::OP,
        LmHead::OP,
        AffineLogits::OP,
        DecoderLayer::OP,
        SelfAttention::OP,
        ChunkedSelfAttention::OP,
        ParallelLayer::OP,
        HeadAttention::OP,
        AttentionExpert::OP,
        MixtureAttention::OP,
        FeedForward::OP,
        MoeFeedForward::OP,
        GptLayer::OP,
        EncoderLayer::OP,
        SharedLayers::OP,
        Pooler::OP,
        Classifier::OP,
        MaskedLmHead::OP,
        EncoderNorm::OP,
        GroupedEncoderAttention::OP,
        LocalEncoderAttention::OP,
        RelativeEncoderAttention::OP,
        EncoderSelfAttention::OP,
        LocalSelfAttention::OP,
        RelativeSelfAttention::OP,
        EncoderMlp::OP,
        EncoderFeedForward::OP,
        FourierMixing::OP,
        WordHead::OP,
        WordScores::OP,
        Bottleneck::OP,
        TokenTransform::OP,
    ]
    .into_iter()
    .chain(decode::OPERATORS)
}
