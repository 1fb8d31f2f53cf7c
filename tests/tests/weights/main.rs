//! Weights files: what their headers say, and what is wrong with those that lie.

mod architectures;
mod bad;
mod cases;
mod changes;
mod checkpoints;
mod further;
mod headers;
mod headers_win;
mod models;
mod released;
