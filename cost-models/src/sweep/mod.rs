//! Sweeps: what steps of many sizes cost, of many models, in many number formats, on many devices.
//!
//! A [`Sweep`] is a grid of rows. [`write()`] sends those that meet a condition to a file, chunk by chunk; [`top`] and
//! [`pareto`] keep the best ones only. Counts are evaluated in floating point by compiled [plans](cost_core::Plan).

mod axis;
#[cfg(feature = "arrow")]
mod batch;
mod chunk;
mod column;
mod error;
mod front;
mod grid;
mod lanes;
mod query;
mod rank;
mod rows;
mod run;
mod setting;
mod write;

pub use axis::Axis;
#[cfg(feature = "arrow")]
pub use batch::{Known, with_costs};
pub use column::{Column, Kind};
pub use error::Error;
pub use grid::{Grid, Sweep};
pub use query::Query;
pub use rank::{Order, pareto, top};
pub use rows::{MOST_COLLECTED, Rows, Values, collect};
pub use run::Watch;
pub use setting::{FormatChoices, Setting};
pub use write::{FileFormat, Output, write, write_rows};
