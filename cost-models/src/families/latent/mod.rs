//! Blocks of decoders with latent attention: DeepSeek V2, V3 and V3.2, Kimi K2.

mod blocks;

pub use blocks::{IndexedMla, IndexedMlaBlock, Mla, MlaBlock};
