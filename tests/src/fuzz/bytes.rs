//! Mutations of bytes, whatever they mean.

use cost_core::random::Random;

use super::pick::{EXTREMES, NUMBERS, below, one, one_in};

/// An input in which some bytes are changed.
pub fn mutate(random: &mut Random, mut input: Vec<u8>) -> Vec<u8> {
    for _ in 0..=random.below(4) {
        once(random, &mut input);
    }
    input
}

/// An input that is changed one time of so many.
pub fn sometimes(random: &mut Random, times: u64, input: Vec<u8>) -> Vec<u8> {
    if one_in(random, times) { mutate(random, input) } else { input }
}

fn once(random: &mut Random, input: &mut Vec<u8>) {
    let at = below(random, input.len() + 1);
    let (from, to) = span(random, input.len());
    match random.below(9) {
        0 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(byte) = input.get_mut(at) {
                *byte = *one(random, &[0, 1, 9, 10, 13, 27, 34, 44, 45, 46, 48, 91, 92, 93, 123, 125, 127, 128, 255]);
            }
        }
        2 => input.truncate(at),
        3 => drop(input.drain(from..to)),
        4 => {
            // Something a second time.
            let part = input[from..to].to_vec();
            input.splice(at..at, part);
        }
        5 => {
            let bytes = one(random, &EXTREMES).to_le_bytes();
            let width = *one(random, &[2, 4, 8]);
            let end = (at + width).min(input.len());
            let places = at.min(end)..end;
            input[places].iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        }
        6 => {
            let text = one(random, &NUMBERS).bytes();
            input.splice(from..to.min(from + 8), text);
        }
        7 => input.insert(at, u8::try_from(random.below(256)).unwrap_or(0)),
        _ => {
            if let Some(byte) = input.get(at).copied() {
                // Many of the same, as brackets inside one another.
                let times = if one_in(random, 10) { 5000 } else { 20 };
                input.splice(at..at, std::iter::repeat_n(byte, times));
            }
        }
    }
}

/// Two places, mostly near each other.
fn span(random: &mut Random, length: usize) -> (usize, usize) {
    let from = below(random, length + 1);
    let most = if one_in(random, 4) { length } else { 16 };
    (from, (from + below(random, most + 1)).min(length))
}
