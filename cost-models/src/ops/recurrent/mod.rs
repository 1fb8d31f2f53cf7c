//! Layers that keep a state of fixed size instead of a cache that grows: state spaces and gated delta nets.
//!
//! Both cores are written in the recurrent form, one token after the other, and count what that does: the state stays on
//! chip, is read once and written once for all new tokens, and every token decays it, adds an outer product to it and
//! reads it out. Chunked scans of a prompt trade the elementwise work for larger products, by how much depends on the
//! chunk; counters that run such a scan count those products instead.
//!
//! States are kept as reference implementations keep them: the recurrent one in single precision, and of the convolution
//! as many rows as it has taps, in the cache's format.

mod delta;
mod space;

pub use delta::{GatedDeltaNet, GatedDeltaRule};
pub use space::{Mamba2Mixer, SelectiveScan};
