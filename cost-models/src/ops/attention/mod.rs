//! Attention in its forms.

mod grouped;
mod latent;
mod split;
mod step;

pub use grouped::{Attention, FlashAttention, GqaAttention, QuantisedCacheAttention, UnfusedAttention};
pub use latent::{MlaAbsorbed, MlaAbsorbedAttention, MlaPlain, MlaPlainAttention};
pub use split::{Merge, SplitAttention};
pub use step::{CachedStep, UncachedStep};
