//! Operators that architectures share.

mod attention;
mod embedding;
mod feed_forward;
mod linear;
mod mixture;
mod norm;
mod prediction;
mod quantised;
mod recurrent;

pub use attention::{
    AlibiAttention, AroundAttention, Attention, CachedStep, ChunkedAttention, EncoderAttention, FlashAttention,
    GqaAttention, Indexer, Merge, MlaAbsorbed, MlaAbsorbedAttention, MlaAbsorbedFlash, MlaAbsorbedUnfused, MlaPlain,
    MlaPlainAttention, MlaPlainFlash, MlaPlainUnfused, MlaSplitAttention, QuantisedCacheAttention,
    SelectedAbsorbedAttention, SelectedPlainAttention, SplitAttention, UncachedStep, UnfusedAttention,
};
pub use embedding::{AffineLogits, LmHead};
pub use feed_forward::{Expert, GatedMlp, SharedExpert, SwiGlu, UngatedMlp};
pub use linear::Linear;
pub use mixture::Moe;
pub use norm::{LayerNorm, PartialNorm, RmsNorm};
pub use prediction::{Join, JoinNext};
pub use quantised::{Dequantise, FusedDequantLinear, UnfusedDequantLinear};
pub use recurrent::{GatedDeltaNet, GatedDeltaRule, Mamba2Mixer, SelectiveScan};
