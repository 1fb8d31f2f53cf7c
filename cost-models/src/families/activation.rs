//! The functions inside feed-forward networks, by the names that configs give them.

use crate::config::Fields;
use crate::error::Error;

/// A function of [`crate::ops::Mlp`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Activation {
    /// By the error function.
    Gelu,
    /// In its tanh form.
    GeluTanh,
    Relu,
}

/// The names in `transformers/activations.py`, `ACT2CLS`.
const NAMES: [(&str, Activation); 8] = [
    ("gelu", Activation::Gelu),
    ("gelu_python", Activation::Gelu),
    ("gelu_new", Activation::GeluTanh),
    ("gelu_fast", Activation::GeluTanh),
    ("gelu_pytorch_tanh", Activation::GeluTanh),
    ("gelu_python_tanh", Activation::GeluTanh),
    ("gelu_accurate", Activation::GeluTanh),
    ("relu", Activation::Relu),
];

impl Activation {
    /// Reads a field that names a function.
    pub(super) fn read(fields: &mut Fields, field: &str, default: Self) -> Result<Self, Error> {
        let allowed = NAMES.map(|(name, _)| name);
        let found = fields.only(field, "", &allowed)?;
        Ok(NAMES.iter().find(|(name, _)| *name == found).map_or(default, |(_, activation)| *activation))
    }

    /// The axes `gelu`, `gelu_tanh` and `relu`.
    pub(super) fn axes(self) -> [u64; 3] {
        [Self::Gelu, Self::GeluTanh, Self::Relu].map(|one| u64::from(one == self))
    }
}
