//! A `config.json`'s fields: every one that changes cost is read, or the file is refused.

mod fields;
mod json;
mod known;

pub(crate) use fields::{Fields, shown, unexpected};
pub(crate) use json::object;
pub(crate) use known::harmless;
