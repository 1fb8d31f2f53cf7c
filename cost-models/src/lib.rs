//! Language models as `#[cost]` operators, read from their `config.json`.
//!
//! [`ops`] holds the operators that architectures share, [`families`] blocks of layers, [`stack`] what stands around layers;
//! a [`Family`] says how a model type is read from a config; [`catalogue`] the built-in models. A [`Model`] is an architecture with its sizes, [`report`] says what a step
//! of it costs, and [`decode`] what whole generations cost, by the method that decodes.

pub mod catalogue;
mod config;
pub mod decode;
mod error;
pub mod families;
mod family;
pub mod file;
pub mod fit;
mod head;
pub mod mesh;
mod model;
mod names;
mod note;
pub mod offload;
mod operators;
pub mod ops;
mod plan;
pub mod published;
mod quantised;
mod read;
pub mod report;
mod source;
pub mod stack;
pub mod sweep;
mod tower;
pub mod weights;
mod wholes;
mod wrapped;

pub use cost_core;
pub use cost_macros::cost_of_models as cost;
pub use error::{Error, TensorDifferences};
pub use family::{Family, Field, Holds, markdown as model_types_page};
pub use mesh::Mesh;
pub use model::{Logits, Model, Phase, Workload};
pub use note::{Level, Note};
pub use operators::operators;
pub use plan::Steps;
pub use read::Reading;
pub use tower::Tower;
