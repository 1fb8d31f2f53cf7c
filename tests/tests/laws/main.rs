//! Laws that hold at all sizes, on random ones.

mod conditions;
mod edges;
mod expressions;
mod formats;
mod hardware;
mod operators;
mod overflow;
mod tensors;
