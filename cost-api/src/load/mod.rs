//! From requests to models, operators, devices and options.

mod devices;
mod family;
mod mesh;
mod model;
mod operators;
mod options;
mod read;
mod subject;
mod times;
mod whole;

pub(crate) use devices::{devices, each_once};
pub(crate) use mesh::{Asked, asked, counted, mesh, of_one_kind, timed};
pub(crate) use model::{check_strict, model, told};
pub(crate) use options::{
    format, formats_of, logits, masking, multiply, options, options_leaving, options_of, routing, set, weight_format,
};
pub(crate) use read::{check_read, check_read_of};
pub(crate) use subject::{Subject, own_operator, subject};
pub(crate) use times::times;

use crate::error::{Error, Result};

/// The most bytes of a file of devices, requests, a tree or a declaration.
pub(crate) const FILE_LIMIT: u64 = 1 << 24;

/// An error if a number that has to be positive isn't.
pub(crate) fn positive(option: &str, number: Option<u64>) -> Result<()> {
    if number == Some(0) { Err(Error::found(option, 0, "at least 1")) } else { Ok(()) }
}
