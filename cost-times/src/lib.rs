//! From measured times to the constants of a device.
//!
//! [`read()`] makes of a CSV file rows that know the kernels of what was measured, derived from an operator; [`fit()`] finds for each
//! kind of work and class of numbers the few constants of [`cost_core::time`], says how far off they are on rows held out by
//! shape, and which rows are faster than their bound.

mod error;
mod exchange;
mod fit;
mod group;
mod operators;
mod read;
mod search;
mod source;

pub use error::{Error, Result};
pub use fit::{Answer, ExchangeAnswer, FEWEST, Faster, GroupAnswer, SummaryAnswer, fit};
pub use read::{Exchanged, Measured, Resolve, Rows, read};
pub use source::Source;
