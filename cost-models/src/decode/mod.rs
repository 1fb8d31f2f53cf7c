//! What the methods that speed decoding up cost: FLOPs, bytes, steps and the least time they take on a device.
//!
//! Each method is a function from a [`Deployment`] (a model, its number formats, a device), a [`Task`] and the method's
//! own parameters to a result that serialises to JSON. What a step costs is derived from the model's operators in one
//! place, [`step`]; everything else here only decides which steps are run, how often, or how likely.

pub mod batching;
mod binomial;
pub mod cascade;
mod compare;
mod cost;
pub mod early_exit;
pub mod flash;
mod generation;
mod layers;
mod lengths;
mod memory;
pub mod mixture_of_depths;
pub mod paged;
pub mod parallel;
pub mod speculative;
pub mod step;
mod table;
mod task;

use cost_core::Operator;
use cost_core::op::Op;

pub use compare::{Row, RowCost, Steps};
pub use cost::{Cost, Mean};
pub use generation::{Formulas, Generation, closed_form, generation};
pub use lengths::Lengths;
pub use memory::{Fit, fit};
pub use step::{Deployment, Part};
pub use task::Task;

/// The operators that only methods have.
pub(crate) const OPERATORS: [&Op<'static>; 6] = [
    flash::AttentionTile::OP,
    flash::LatentTile::OP,
    speculative::MedusaHead::OP,
    early_exit::ExitClassifier::OP,
    mixture_of_depths::Router::OP,
    mixture_of_depths::Weighted::OP,
];
