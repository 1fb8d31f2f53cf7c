//! Running operators step by step: caches handed from one step to the next.

use cost_core::Options;
use cost_core::interpret::{Array, inputs, run};
use cost_core::op::{Op, Role};

/// An operator's sizes by name.
pub fn sizes(op: &Op<'_>, named: &[(&str, usize)]) -> Vec<usize> {
    let size = |axis: &&str| named.iter().find(|(name, _)| name == axis).map_or(1, |(_, size)| *size);
    op.axes.iter().map(size).collect()
}

/// A size that an axis can have: few positions of many, conditions that hold or not.
pub fn usually(axis: &str, at: usize) -> u128 {
    match axis {
        "s" | "o" => 3,
        "t" | "e" | "v" => 8,
        "top" => 2,
        "w" | "b" | "n" | "g" | "d" | "k" | "h" | "f" | "r" | "c" => 4,
        _ => (at % 2) as u128,
    }
}

/// Numbers from a fixed sequence for each input, the same for inputs of the same name and size.
pub fn arrays(op: &Op<'_>, sizes: &[usize], seed: u64) -> Vec<Array> {
    let mut arrays = inputs(op, sizes, seed);
    for (input, array) in op.inputs.iter().zip(&mut arrays) {
        let seed = input.name.bytes().fold(seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut state = seed;
        for element in &mut array.data {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *element = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        }
    }
    arrays
}

/// What an operator returns for these arrays, and its inputs afterwards.
pub fn result(op: &Op<'_>, sizes: &[usize], inputs: &[Array]) -> (Array, Vec<Array>) {
    let outcome = run(op, sizes, inputs, &Options::default(), 1).expect("the operator runs");
    let [result] = <[Array; 1]>::try_from(outcome.results).expect("one result");
    (result, outcome.inputs)
}

/// Feeds the tokens of the activations (their axis `s`) one at a time to an operator with caches that grow along `t` and
/// states; gives what it returns for the last. The other inputs are the same in each step.
pub fn decode(op: &Op<'_>, named: &[(&str, usize)], tokens: usize, seed: u64) -> Array {
    decoded(op, named, tokens, seed).0
}

/// [`decode`], and the inputs after the last step.
pub fn decoded(op: &Op<'_>, named: &[(&str, usize)], tokens: usize, seed: u64) -> (Array, Vec<Array>) {
    let at = |t: usize, s: usize| {
        let mut named = named.to_vec();
        named.extend([("s", s), ("t", t)]);
        sizes(op, &named)
    };
    let all = arrays(op, &at(tokens, tokens), seed);
    let (mut caches, mut last): (Vec<Array>, Option<Array>) = (Vec::new(), None);
    for t in 1..=tokens {
        let now = at(t, 1);
        let given = op.inputs.iter().zip(&all).enumerate().map(|(i, (input, array))| {
            let grow = |name: &str| input.shape.axes().iter().position(|axis| op.axes[usize::from(*axis)] == name);
            match input.role {
                Role::Cache => {
                    let axis = grow("t").expect("caches grow along t");
                    resized(caches.get(i), &array.sizes, axis, t)
                }
                Role::State => caches.get(i).unwrap_or(array).clone(),
                Role::Act => picked(array, grow("s").expect("activations have tokens"), t - 1),
                _ => array.clone(),
            }
        });
        let given: Vec<Array> = given.collect();
        let (result, after) = self::result(op, &now, &given);
        (caches, last) = (after, Some(result));
    }
    (last.expect("at least one token"), caches)
}

/// An array with a longer axis: the old elements, then zeros.
fn resized(old: Option<&Array>, sizes: &[usize], axis: usize, length: usize) -> Array {
    let mut sizes = sizes.to_vec();
    sizes[axis] = length;
    let mut new = Array::zeros(sizes);
    if let Some(old) = old {
        let inner: usize = new.sizes[axis + 1..].iter().product();
        let outer: usize = new.sizes[..axis].iter().product();
        for o in 0..outer {
            for i in 0..old.sizes[axis] * inner {
                new.data[o * length * inner + i] = old.data[o * old.sizes[axis] * inner + i];
            }
        }
    }
    new
}

/// One position of an axis, which stays with size 1.
pub fn picked(array: &Array, axis: usize, position: usize) -> Array {
    let mut sizes = array.sizes.clone();
    let (outer, inner): (usize, usize) = (sizes[..axis].iter().product(), sizes[axis + 1..].iter().product());
    let length = core::mem::replace(&mut sizes[axis], 1);
    let data = (0..outer).flat_map(|o| {
        let start = (o * length + position) * inner;
        array.data[start..start + inner].to_vec()
    });
    Array { sizes, data: data.collect() }
}

/// Whether two arrays hold the same numbers up to 1e-10 relative to their size.
pub fn close(a: &Array, b: &Array) -> Result<(), String> {
    if a.data.len() != b.data.len() {
        return Err(format!("{:?} against {:?}", a.sizes, b.sizes));
    }
    let scale = a.data.iter().chain(&b.data).fold(1e-300, |most: f64, x| most.max(x.abs()));
    match a.data.iter().zip(&b.data).find(|(x, y)| (*x - *y).abs() > 1e-10 * scale) {
        None => Ok(()),
        Some((x, y)) => Err(format!("{x} against {y}")),
    }
}
