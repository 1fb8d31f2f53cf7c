//! What the tests share: random operators, and the comparison of derived with counted costs.

pub mod counted;
pub mod random;
