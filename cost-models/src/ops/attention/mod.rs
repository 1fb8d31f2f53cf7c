//! Attention in its forms.

mod encoder;
mod grouped;
mod latent;
mod selected;
mod split;
mod step;

pub use encoder::EncoderAttention;
pub use grouped::{
    AlibiAttention, AroundAttention, Attention, ChunkedAttention, FlashAttention, GqaAttention,
    QuantisedCacheAttention, UnfusedAttention,
};
pub use latent::{
    MlaAbsorbed, MlaAbsorbedAttention, MlaAbsorbedFlash, MlaAbsorbedUnfused, MlaPlain, MlaPlainAttention,
    MlaPlainFlash, MlaPlainUnfused,
};
pub use selected::{Indexer, SelectedAbsorbedAttention, SelectedPlainAttention};
pub use split::{Merge, MlaSplitAttention, SplitAttention};
pub use step::{CachedStep, UncachedStep};
