//! The operators that can be asked for by name.

use cost_core::Operator;
use cost_core::op::Op;

use crate::decode;
use crate::families::decoder::{ChunkedSelfAttention, DecoderLayer, FeedForward, MoeFeedForward, SelfAttention};
use crate::families::encoder::{Classifier, EncoderLayer, MaskedLmHead, Pooler, SharedLayers};
use crate::families::gemma::{
    BesideMoe, GatedLayerEmbedding, KeepingAttention, KeepingMixer, LayerEmbedding, PerLayerFeedForward,
    SharingAttention, SharingMixer,
};
use crate::families::gpt::GptLayer;
use crate::families::latent::{IndexedMla, IndexedMlaBlock, Mla, MlaBlock};
use crate::families::recurrent::{
    AttentionBranch, BiasedNormFeedForward, ChannelScan, GatedRecurrence, GatedRecurrentMixer, KimiDeltaAttention,
    KimiDeltaRule, LatentSquaredMoe, LightningAttention, Mamba2Branch, MambaMixer, MlstmCell, MlstmMixer,
    ParallelMixer, RwkvChannelMix, RwkvTimeMix, ShortConv, SquaredExpert, SquaredFeedForward, SquaredMlp, SquaredMoe,
    SquaredShared, Wkv4,
};
use crate::ops::{
    AffineNorm, AlibiAttention, AroundAttention, Attention, CachedStep, ChunkedAttention, Dequantise, EncoderAttention,
    Expert, FlashAttention, FusedDequantLinear, GatedDeltaNet, GatedDeltaRule, GatedMlp, GqaAttention, Indexer, Join,
    JoinNext, LayerNorm, Linear, LmHead, Mamba2Mixer, Merge, MlaAbsorbed, MlaAbsorbedAttention, MlaAbsorbedFlash,
    MlaAbsorbedUnfused, MlaPlain, MlaPlainAttention, MlaPlainFlash, MlaPlainUnfused, MlaSplitAttention, Mlp, Moe,
    QuantisedCacheAttention, RmsNorm, SelectedAbsorbedAttention, SelectedPlainAttention, SelectiveScan, SharedExpert,
    SplitAttention, SwiGlu, UncachedStep, UnfusedAttention, UnfusedDequantLinear,
};

/// The descriptions of the operators that can be asked for by name: those of [`crate::ops`], the layers, and those of
/// [`crate::decode`].
pub fn operators() -> impl Iterator<Item = &'static Op<'static>> + Clone {
    [
        Linear::OP,
        RmsNorm::OP,
        LayerNorm::OP,
        AffineNorm::OP,
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
        MambaMixer::OP,
        KeepingAttention::OP,
        KeepingMixer::OP,
        SharingAttention::OP,
        SharingMixer::OP,
        LayerEmbedding::OP,
        GatedLayerEmbedding::OP,
        BesideMoe::OP,
        PerLayerFeedForward::OP,
        ChannelScan::OP,
        ShortConv::OP,
        SquaredMlp::OP,
        SquaredExpert::OP,
        SquaredShared::OP,
        SquaredFeedForward::OP,
        SquaredMoe::OP,
        LatentSquaredMoe::OP,
        AttentionBranch::OP,
        Mamba2Branch::OP,
        ParallelMixer::OP,
        GatedRecurrence::OP,
        GatedRecurrentMixer::OP,
        Wkv4::OP,
        RwkvTimeMix::OP,
        RwkvChannelMix::OP,
        MlstmCell::OP,
        MlstmMixer::OP,
        BiasedNormFeedForward::OP,
        LightningAttention::OP,
        KimiDeltaRule::OP,
        KimiDeltaAttention::OP,
        Dequantise::OP,
        FusedDequantLinear::OP,
        UnfusedDequantLinear::OP,
        SwiGlu::OP,
        GatedMlp::OP,
        Expert::OP,
        SharedExpert::OP,
        Moe::OP,
        Mlp::OP,
        LmHead::OP,
        DecoderLayer::OP,
        SelfAttention::OP,
        ChunkedSelfAttention::OP,
        FeedForward::OP,
        MoeFeedForward::OP,
        GptLayer::OP,
        EncoderLayer::OP,
        SharedLayers::OP,
        Pooler::OP,
        Classifier::OP,
        MaskedLmHead::OP,
    ]
    .into_iter()
    .chain(decode::OPERATORS)
}
