//! What the tests share: random operators, the comparison of derived with counted costs, a writer of weights files, and
//! random inputs of every kind.

pub mod browser;
pub mod conditions;
pub mod config;
pub mod counted;
pub mod files;
pub mod fuzz;
pub mod random;
pub mod ranks;
pub mod steps;
pub mod tiny;

/// What a model says beside its numbers.
pub fn said(model: &cost_models::Model) -> Vec<&str> {
    model.notes.iter().map(|note| note.text.as_str()).collect()
}

/// The README's examples, compiled and run as documentation tests.
#[doc = include_str!("../../README.md")]
#[cfg(doctest)]
pub struct Readme;
