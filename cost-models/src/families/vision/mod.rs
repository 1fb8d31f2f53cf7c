//! Towers: encoders of images, whose tokens are patches, and what makes tokens of a language model of their results.

mod blocks;
mod front;
mod projectors;
mod tops;

pub use blocks::{VisionFeedForward, VisionSelfAttention, WindowAttention, WindowSelfAttention};
pub use front::{ClassRows, PatchEmbedding};
pub use projectors::{
    DeepProjector, GatedProjector, LinearProjector, MergingProjector, MlpProjector, NewlineProjector, PoolingProjector,
};
pub use tops::{FirstNorm, FirstProjection, ImageScores, ProbePooling};
