//! What each layer costs, by hand.

use cost_core::Operator;
use cost_core::op::Op;

use crate::mixer::{
    AdaptiveGate, AdaptiveNorm, BucketedAttention, CrossAttention, DitBlock, MixerBlock, SelfAttention, T5SelfAttention,
};

/// A layer at sizes.
pub(crate) struct Case {
    pub(crate) of: &'static Op<'static>,
    /// The sizes of its axes; 0 for those given in terms of others.
    pub(crate) sizes: fn() -> Vec<u64>,
    pub(crate) figures: Figures,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// FLOPs of summed products.
    pub(crate) matmul: u128,
    /// All others.
    pub(crate) vector: u128,
    pub(crate) params: u128,
    /// Bytes of weights read, of 16 bits each.
    pub(crate) weights: Option<u128>,
    /// Bytes of caches and states, read and written; of 16 bits each unless the layer says otherwise.
    pub(crate) kept: Option<(u128, u128)>,
}

const NO_BYTES: Figures = Figures { matmul: 0, vector: 0, params: 0, weights: None, kept: None };

/// A layer at sizes, and its figures in terms of them.
macro_rules! case {
    ($layer:ident { $($axis:ident: $size:literal),+ }, $figures:expr) => {{
        $(#[allow(unused_variables, reason = "an axis that no figure depends on")] let $axis: u128 = $size;)+
        Case { of: $layer::OP, sizes: || $layer { $($axis: $size),+ }.given(), figures: $figures }
    }};
}

pub(crate) const CASES: &[Case] = &[
    case!(
        MixerBlock { b: 2, s: 5, c: 3, p: 7, f: 11 },
        Figures {
            matmul: 2 * b * c * (s * p + p * s) + 2 * b * s * (c * f + f * c),
            // Two norms of 7 and two residuals an element; of each network a bias and GELU inside, a bias outside.
            vector: (2 * 7 + 2) * b * s * c + b * c * (6 * p + s) + b * s * (6 * f + c),
            params: 2 * 2 * c + (s * p + p + p * s + s) + (c * f + f + f * c + c),
            ..NO_BYTES
        }
    ),
    case!(
        BucketedAttention { b: 2, s: 3, t: 4, n: 2, k: 5, r: 6 },
        Figures {
            // Scores and values.
            matmul: 2 * 2 * b * n * s * t * k,
            // A bias and softmax for each pair and head.
            vector: (1 + 3) * b * n * s * t,
            params: r * n,
            ..NO_BYTES
        }
    ),
    case!(
        T5SelfAttention { b: 2, s: 3, d: 6, n: 2, k: 5, r: 4 },
        Figures {
            matmul: 4 * 2 * b * s * d * n * k + 2 * 2 * b * n * s * s * k,
            vector: (1 + 3) * b * n * s * s,
            params: 4 * d * n * k + r * n,
            // Nine pairs look up no more than the four rows of the table.
            weights: Some(2 * (4 * d * n * k + r * n)),
            ..NO_BYTES
        }
    ),
    case!(
        CrossAttention { b: 2, s: 1, m: 7, d: 6, n: 2, k: 5, bias: 0 },
        Figures {
            // Keys and values are there already: two projections.
            matmul: 2 * 2 * b * s * d * n * k + 2 * 2 * b * n * s * m * k,
            vector: 3 * b * n * s * m,
            params: 2 * d * n * k,
            weights: Some(2 * 2 * d * n * k),
            kept: Some((2 * 2 * b * m * n * k, 0)),
        }
    ),
    case!(
        CrossAttention { b: 2, s: 1, m: 7, d: 6, n: 2, k: 5, bias: 1 },
        Figures {
            matmul: 2 * 2 * b * s * d * n * k + 2 * 2 * b * n * s * m * k,
            // Queries get a bias and are scaled, results get a bias.
            vector: 3 * b * n * s * m + 2 * b * s * n * k + b * s * d,
            params: 2 * d * n * k + n * k + d,
            ..NO_BYTES
        }
    ),
    case!(
        SelfAttention { b: 2, s: 3, d: 6, n: 2, k: 5 },
        Figures {
            matmul: 4 * 2 * b * s * d * n * k + 2 * 2 * b * n * s * s * k,
            // Scale and softmax for each pair and head; biases of queries, keys, values and results.
            vector: (1 + 3) * b * n * s * s + 3 * b * s * n * k + b * s * d,
            params: 4 * d * n * k + 3 * n * k + d,
            ..NO_BYTES
        }
    ),
    case!(
        AdaptiveNorm { b: 2, s: 3, c: 5, d: 4 },
        Figures {
            matmul: 2 * 2 * b * c * d,
            // Norm, scale and shift an element; two biases and the 1 beside the scale for each sequence.
            vector: (5 + 2) * b * s * d + (2 + 1) * b * d,
            params: 2 * (c * d + d),
            ..NO_BYTES
        }
    ),
    case!(
        AdaptiveGate { b: 2, s: 3, c: 5, d: 4 },
        Figures { matmul: 2 * b * c * d, vector: 2 * b * s * d + b * d, params: c * d + d, ..NO_BYTES }
    ),
    case!(
        DitBlock { b: 2, s: 3, d: 4, n: 2, k: 5 },
        Figures {
            // Six products with the condition, attention, and the network from d to 4·d and back.
            matmul: 6 * 2 * b * d * d
                + (4 * 2 * b * s * d * n * k + 2 * 2 * b * n * s * s * k)
                + 2 * 2 * b * s * d * (4 * d),
            // SiLU of the condition, two norms, two gates, attention, and the network with GELU in its tanh form.
            vector: 4 * b * d
                + 2 * (7 * b * s * d + 3 * b * d)
                + 2 * (2 * b * s * d + b * d)
                + (4 * b * n * s * s + 3 * b * s * n * k + b * s * d)
                + ((1 + 9) * b * s * (4 * d) + b * s * d),
            params: 6 * (d * d + d) + (4 * d * n * k + 3 * n * k + d) + (2 * d * (4 * d) + 4 * d + d),
            ..NO_BYTES
        }
    ),
];
