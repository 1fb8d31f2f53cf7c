//! BERT and the encoders of its form: all positions see all, nothing is cached, and a step takes whole texts.

mod blocks;
mod heads;
mod layer;
mod tops;

pub use blocks::{
    EncoderFeedForward, EncoderMlp, EncoderNorm, EncoderSelfAttention, FourierMixing, GroupedEncoderAttention,
    LocalEncoderAttention, LocalSelfAttention, RelativeEncoderAttention, RelativeSelfAttention,
};
pub use heads::{Classifier, Pooler};
pub use layer::{EncoderLayer, SharedLayers};
pub use tops::{Bottleneck, TokenTransform, WordHead, WordScores};
