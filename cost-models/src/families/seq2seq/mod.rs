//! Blocks of models that read a source and decode another text from it (arXiv:1706.03762): an encoder of the source, `src`
//! positions long, and a decoder whose layers attend to what comes of it.

mod attention;
mod cores;
mod front;
mod mixture;

pub use attention::{
    BiasedCrossAttention, CrossAttention, OwnRelativeSourceAttention, OwnRelativeTargetAttention,
    RelativeLocalAttention, RelativeSourceAttention, RelativeTargetAttention, SourceAttention, TargetAttention,
    ValueBiasedCrossAttention,
};
pub use cores::{BiasedLocalCore, BiasedSourceCore, BiasedTargetCore, CrossCore};
pub use front::SpeechFront;
pub use mixture::{RoutedFeedForward, RoutedMlp};
