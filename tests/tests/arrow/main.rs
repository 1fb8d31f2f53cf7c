//! Sweeps in files of every format, and record batches with costs.

mod batches;
mod files;
mod refused;
mod setup;
