//! BERT and the encoders of its form: all positions see all, nothing is cached, and a step takes whole texts.

mod heads;
mod layer;
mod model;
mod names;
mod read;

pub use heads::{Classifier, MaskedLmHead, Pooler};
pub use layer::{EncoderLayer, SharedLayers};
pub use model::{Encoder, SharedEncoder};

pub(crate) use read::{read_albert, read_bert, read_roberta};
