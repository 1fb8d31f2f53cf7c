//! Operators that architectures share.

mod attention;
mod embedding;
mod feed_forward;
mod linear;
mod norm;
mod quantised;

pub use attention::{
    Attention, CachedStep, FlashAttention, GqaAttention, Merge, MlaAbsorbed, MlaAbsorbedAttention, MlaAbsorbedFlash,
    MlaAbsorbedUnfused, MlaPlain, MlaPlainAttention, MlaPlainFlash, MlaPlainUnfused, MlaSplitAttention,
    QuantisedCacheAttention, SplitAttention, UncachedStep, UnfusedAttention,
};
pub use embedding::LmHead;
pub use feed_forward::{GatedMlp, GeluMlp, SwiGlu};
pub use linear::Linear;
pub use norm::{LayerNorm, RmsNorm};
pub use quantised::{Dequantise, FusedDequantLinear, UnfusedDequantLinear};
