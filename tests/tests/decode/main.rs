//! Methods that speed decoding up: laws, closed forms against simulations, figures worked out by hand.

mod batching;
mod generation;
mod setup;
mod speculative;
mod step;
