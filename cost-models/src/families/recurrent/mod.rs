//! Layers with a state of fixed size, beyond those of [`crate::ops`], and what stands beside them in hybrids.

mod griffin;
mod kimi;
mod lightning;
mod mamba;
mod parallel;
mod rwkv;
mod short_conv;
mod squared;
mod xlstm;

pub use griffin::{GatedRecurrence, GatedRecurrentMixer};
pub use kimi::{KimiDeltaAttention, KimiDeltaRule};
pub use lightning::LightningAttention;
pub use mamba::{ChannelScan, MambaMixer};
pub use parallel::{AttentionBranch, ParallelMixer};
pub use rwkv::{RwkvChannelMix, RwkvTimeMix, Wkv4};
pub use short_conv::ShortConv;
pub use squared::{LatentSquaredMoe, SquaredExpert, SquaredFeedForward, SquaredMlp, SquaredMoe, SquaredShared};
pub use xlstm::{BiasedNormFeedForward, MlstmCell, MlstmMixer};
