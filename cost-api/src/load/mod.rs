//! From requests to models, operators, devices and options.
//!
//! What is public is for sweeps, which the command line makes by itself.

mod devices;
mod family;
mod model;
mod operators;
mod options;
mod read;
mod subject;

pub use devices::{devices, each_once};
pub use model::{check_strict, model};
pub use options::{format, logits, masking, multiply, routing, set, weight_format};
pub(crate) use options::{formats_of, options, options_leaving, options_of};
pub(crate) use read::check_read;
pub use read::check_read_of;
pub(crate) use subject::{Subject, subject};

use crate::error::{Error, Result};

/// The most bytes of a file of devices, requests, a tree or a declaration.
pub(crate) const FILE_LIMIT: u64 = 1 << 24;

/// An error if a number that has to be positive isn't.
pub(crate) fn positive(option: &str, number: Option<u64>) -> Result<()> {
    if number == Some(0) { Err(Error::found(option, 0, "at least 1")) } else { Ok(()) }
}
