//! Gemma 3n and 4: keys and values that layers share, embeddings by layer.

mod attention;
mod network;
mod streams;

pub use attention::{KeepingAttention, KeepingMixer, SharingAttention, SharingMixer};
pub use network::{BesideMoe, GatedLayerEmbedding, LayerEmbedding, PerLayerFeedForward};
pub use streams::{
    AfterStreams, BeforeStreams, KeepingStreamLayer, LowRankResidual, PredictStreams, SharingStreamLayer,
    SparseGatedMlp, StreamModes,
};
