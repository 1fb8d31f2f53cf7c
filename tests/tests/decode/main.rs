//! Methods that speed decoding up: laws, closed forms against simulations, figures worked out by hand.

mod batching;
mod cascades;
mod generation;
mod groups;
mod layers;
mod memory;
mod operators;
mod setup;
mod speculative;
mod step;
