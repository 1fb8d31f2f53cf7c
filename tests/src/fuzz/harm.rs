//! Inputs that do harm, to see that it is found.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cost_core::random::Random;

/// A number.
pub(super) fn make(random: &mut Random, _: &[Vec<u8>]) -> Vec<u8> {
    vec![u8::try_from(random.below(6)).unwrap_or(0)]
}

/// The harm of that number.
pub(super) fn run(input: &[u8]) -> bool {
    match input {
        [1] => panic!("harm"),
        [2] => drop(black_box(vec![1_u8; 400 << 20])),
        [3] => {
            // Until it is ended; on a busy machine that takes longer than what it gets of it.
            let began = Instant::now();
            while began.elapsed() < Duration::from_mins(1) {
                black_box(began);
            }
        }
        [4] => std::process::abort(),
        [5] => drop(black_box(black_box(u64::MAX) + 1)),
        _ => {}
    }
    true
}
