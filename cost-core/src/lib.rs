//! What does this layer cost?
//!
//! An operator is described once, as tensor shapes and a body ([`op`]); `#[cost]` of the crate `cost-macros` writes the
//! description from a function. From it come the parameters, FLOPs and bytes, as exact integers at given sizes or as
//! closed formulas ([`cost`], [`expr`]), and how long it takes at least on some hardware ([`hardware`], [`roofline`]).

pub mod balance;
pub mod check;
pub mod cost;
pub mod count;
mod error;
pub mod expr;
pub mod format;
pub mod hardware;
#[cfg(feature = "interpret")]
pub mod interpret;
pub mod library;
pub mod mesh;
pub mod op;
#[cfg(feature = "plan")]
pub mod plan;
pub mod random;
pub mod roofline;
mod suggest;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod time;

pub use cost::{Operator, Options};
pub use error::{Error, Result, TwoSizes};
#[cfg(feature = "plan")]
pub use plan::Plan;
pub use suggest::nearest;
