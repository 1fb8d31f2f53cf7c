//! Compile errors are tested in `tests/ui.rs`; here is nothing.
