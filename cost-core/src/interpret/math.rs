//! What the primitives compute.

use crate::op::{Map, Norm, Reduce, Zip};

/// Calls a function with every combination of positions of some axes; the other positions are 0.
pub(super) fn each(axes: &[u8], sizes: &[usize], then: &mut impl FnMut(&[usize])) {
    if axes.iter().any(|axis| sizes[usize::from(*axis)] == 0) {
        return;
    }
    let mut index = vec![0; sizes.len()];
    loop {
        then(&index);
        let mut at = axes.len();
        loop {
            let Some(next) = at.checked_sub(1) else { return };
            at = next;
            let axis = usize::from(axes[at]);
            index[axis] += 1;
            if index[axis] < sizes[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
}

pub(super) fn zip(zip: Zip, a: f64, b: f64) -> f64 {
    match zip {
        Zip::Add => a + b,
        Zip::Sub => a - b,
        Zip::Mul => a * b,
        Zip::Div => a / b,
        Zip::Maximum => a.max(b),
        Zip::Minimum => a.min(b),
    }
}

/// `partner` is the other number of the pair that `rope` rotates.
pub(super) fn map(map: Map, x: f64, partner: f64) -> f64 {
    match map {
        Map::Scale => x * 0.5,
        // A fixed rotation stands for the one by position.
        Map::Rope => x * 0.8 - partner * 0.6,
        Map::Silu => x / (1.0 + (-x).exp()),
        Map::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Map::Gelu | Map::GeluTanh => 0.5 * x * (1.0 + (0.797_884_560_8 * (x + 0.044_715 * x * x * x)).tanh()),
        Map::Relu => x.max(0.0),
        Map::Clamp => x.clamp(-1.0, 1.0),
        Map::Tanh => x.tanh(),
        Map::Exp => x.exp(),
        Map::Softplus => x.exp().ln_1p(),
        Map::Sqrt => x.sqrt(),
        Map::Rsqrt => 1.0 / x.sqrt(),
        Map::Square => x * x,
        Map::Abs => x.abs(),
        Map::Log => x.ln(),
        Map::Round => x.round(),
        Map::Sin => x.sin(),
        Map::Cos => x.cos(),
        Map::Neg => -x,
    }
}

/// A reduction of a list of numbers.
pub(super) fn reduce(reduce: Reduce, numbers: &[f64]) -> f64 {
    let sum: f64 = numbers.iter().sum();
    match reduce {
        Reduce::Sum => sum,
        Reduce::Mean => sum / numbers.len().max(1) as f64,
        Reduce::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    }
}

/// A normalisation of a list of numbers, in place.
pub(super) fn normalise(norm: Norm, numbers: &mut [f64]) {
    const EPSILON: f64 = 1e-6;
    let n = numbers.len().max(1) as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    match norm {
        Norm::Softmax => {
            let top = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            for x in numbers.iter_mut() {
                *x = (*x - top).exp();
            }
            let sum: f64 = numbers.iter().sum();
            for x in numbers.iter_mut() {
                *x /= sum;
            }
        }
        Norm::RmsNorm => {
            let square = numbers.iter().map(|x| x * x).sum::<f64>() / n;
            for x in numbers.iter_mut() {
                *x /= (square + EPSILON).sqrt();
            }
        }
        Norm::LayerNorm => {
            let variance = numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            for x in numbers.iter_mut() {
                *x = (*x - mean) / (variance + EPSILON).sqrt();
            }
        }
    }
}
