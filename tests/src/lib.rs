//! What the tests share: random operators, and the comparison of derived with counted costs.

pub mod conditions;
pub mod counted;
pub mod random;
pub mod steps;

/// The README's examples, compiled and run as documentation tests.
#[doc = include_str!("../../README.md")]
#[cfg(doctest)]
pub struct Readme;
