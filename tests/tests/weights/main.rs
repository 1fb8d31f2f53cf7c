//! Weights files: what their headers say, and what is wrong with those that lie.

mod architectures;
mod bad;
mod headers;
mod models;
