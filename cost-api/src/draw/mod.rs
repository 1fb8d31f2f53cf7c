//! What pictures have in common.

pub(crate) mod axis;
pub(crate) mod label;
pub(crate) mod scale;
pub(crate) mod style;
pub(crate) mod text;
