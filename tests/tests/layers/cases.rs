//! What each layer costs, by hand.

use cost_core::Operator;
use cost_core::op::Op;

use crate::mixer::{
    AdaptiveGate, AdaptiveNorm, BucketedAttention, CrossAttention, DitBlock, MixerBlock, SelfAttention, T5SelfAttention,
};
use crate::recurrent::{
    CausalConv, DynamicShift, GatedLinearAttention, KimiDeltaAttention, KimiDeltaRule, Mamba, Mlstm, Rwkv6TimeMix,
    Rwkv7TimeMix, SelectiveScan, StateSpaceDual, Wkv6, Wkv7,
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
    case!(
        CausalConv { b: 2, s: 3, c: 5, w: 4, bias: 1 },
        Figures {
            matmul: 0,
            // A product and a sum a tap, the bias and SiLU.
            vector: b * s * c * (2 * w + 1 + 4),
            params: c * w + c,
            weights: Some(2 * (c * w + c)),
            kept: Some((2 * b * c * w, 2 * b * c * w)),
        }
    ),
    case!(SelectiveScan { b: 2, s: 3, c: 4, n: 5, r: 2 }, {
        // Bias and softplus; -exp of A once.
        let steps = (1 + 3) * b * s * c + 2 * c * n;
        // Step · A, exp, decay, outer product, sum; step · x; the skipped product and sum.
        let scan = 5 * b * s * c * n + b * s * c + 2 * b * s * c;
        Figures {
            // Steps through rank r, inputs and outputs; each token reads the state out.
            matmul: 2 * b * s * c * (r + r + n + n) + 2 * b * s * c * n,
            vector: steps + scan,
            params: c * r + r * c + c + 2 * c * n + c * n + c,
            // In single precision, read and written once for all tokens.
            kept: Some((4 * b * c * n, 4 * b * c * n)),
            ..NO_BYTES
        }
    }),
    case!(Mamba { b: 2, s: 3, d: 17, n: 3, w: 4 }, {
        // Twice as wide inside, steps of rank ⌈17 / 16⌉.
        let (c, r) = (2 * d, 2);
        let convolution = (2 * w + 5) * b * s * c;
        let scan = 5 * b * s * c * n + 7 * b * s * c + 2 * c * n;
        Figures {
            // The paper's 3 projections of d × 2·d, and the scan.
            matmul: 3 * 2 * b * s * d * c + 2 * b * s * c * (2 * r + 2 * n) + 2 * b * s * c * n,
            // A norm with its scale and the residual; the gate.
            vector: (4 + 1) * b * s * d + convolution + scan + (4 + 1) * b * s * c,
            params: d + 3 * d * c + (c * w + c) + (2 * c * r + c + 3 * c * n + c),
            kept: Some((2 * b * c * w + 4 * b * c * n, 2 * b * c * w + 4 * b * c * n)),
            ..NO_BYTES
        }
    }),
    case!(
        StateSpaceDual { b: 2, s: 3, h: 4, p: 5, n: 3 },
        Figures {
            matmul: 2 * b * s * h * p * n,
            // Softplus, bias, product with A and exp for each head; decay, outer product and sum for each number of the state.
            vector: (1 + 3 + 1 + 1) * b * s * h + 2 * h + 3 * b * s * h * p * n + (1 + 2) * b * s * h * p,
            params: 3 * h,
            kept: Some((4 * b * h * p * n, 4 * b * h * p * n)),
            ..NO_BYTES
        }
    ),
    case!(
        DynamicShift { b: 2, s: 3, d: 5, r: 2 },
        Figures { matmul: 2 * 2 * b * s * d * r, vector: b * s * r + 3 * b * s * d, params: d + 2 * d * r, ..NO_BYTES }
    ),
    case!(
        Wkv6 { b: 2, s: 3, h: 2, k: 4, v: 5 },
        Figures {
            matmul: 2 * b * s * h * k * v,
            // Outer product, bonus, what is read, decay and sum.
            vector: 5 * b * s * h * k * v,
            params: h * k,
            kept: Some((4 * b * h * k * v, 4 * b * h * k * v)),
            ..NO_BYTES
        }
    ),
    case!(Rwkv6TimeMix { b: 2, s: 3, h: 2, k: 4, r: 3, z: 5 }, {
        let d = h * k;
        // The change and its mix; five shifts of rank r.
        let shifts = 3 * b * s * d + 5 * (b * s * r + 3 * b * s * d);
        // tanh of the rank; base, exp, minus, exp.
        let decay = b * s * z + 4 * b * s * d;
        let core = 5 * b * s * d * k;
        // Norm by head, scale, shift, the gate with its SiLU.
        let result = (5 + 1 + 1 + 1 + 4) * b * s * d;
        Figures {
            matmul: 5 * 2 * 2 * b * s * d * r + 2 * 2 * b * s * d * z + 5 * 2 * b * s * d * d + 2 * b * s * d * k,
            vector: shifts + decay + core + result,
            params: d + 5 * (d + 2 * d * r) + (2 * d * z + d) + 5 * d * d + d + 2 * d,
            kept: Some((2 * b * d + 4 * b * d * k, 2 * b * d + 4 * b * d * k)),
            ..NO_BYTES
        }
    }),
    case!(
        Wkv7 { b: 2, s: 3, h: 2, k: 4, v: 5 },
        Figures {
            // What is under the removal key, and what the receptance reads.
            matmul: 2 * 2 * b * s * h * k * v,
            // Decay, removal, outer product, difference and sum; the rate of the removal key.
            vector: 5 * b * s * h * k * v + b * s * h * k,
            params: 0,
            kept: Some((4 * b * h * k * v, 4 * b * h * k * v)),
            ..NO_BYTES
        }
    ),
    case!(Rwkv7TimeMix { b: 2, s: 3, h: 2, k: 4, rw: 2, ra: 3, rv: 5, rg: 7 }, {
        let (d, ranks) = (h * k, rw + ra + rv + rg);
        // The change and six shifts; tanh of the decays' rank, sigmoid of the gates'.
        let shifts = (1 + 6 * 2) * b * s * d + b * s * rw + 4 * b * s * rg;
        // A base and sigmoid each, and of the decay a constant and exp.
        let (decay, rate, share) = ((1 + 4 + 1 + 1) * b * s * d, (1 + 4) * b * s * d, (1 + 4) * b * s * d);
        // Scale, square, sum, product, and a root for each head; difference, two products, sum.
        let (removal, key) = (4 * b * s * d + b * s * h, 4 * b * s * d);
        // Difference, product, sum; two products and a sum, the product with the value.
        let (value, own) = (3 * b * s * d, 4 * b * s * d);
        let core = 5 * b * s * d * k + b * s * d;
        // Norm, scale, shift, the token's own, the gate.
        let result = (5 + 1 + 1 + 1 + 1) * b * s * d;
        Figures {
            matmul: 4 * 2 * b * s * d * d + 2 * 2 * b * s * d * ranks + 2 * 2 * b * s * d * k,
            vector: shifts + decay + rate + share + removal + key + value + own + core + result,
            params: 6 * d + 4 * d * d + 2 * d * ranks + 3 * d + 3 * d + 2 * d,
            kept: Some((2 * b * d + 4 * b * d * k, 2 * b * d + 4 * b * d * k)),
            ..NO_BYTES
        }
    }),
    case!(GatedLinearAttention { b: 2, m: 3, i: 4, h: 2, k: 5, v: 3 }, {
        let pairs = i * (i + 1) / 2;
        Figures {
            // Scores and values of the pairs within a chunk; what a chunk adds to the state and reads from it.
            matmul: 2 * b * m * h * pairs * (k + v) + 2 * 2 * b * m * i * h * k * v,
            // Queries and keys decayed, keys up to the chunk's end; the state's decay and sum; the two results.
            vector: 3 * b * m * i * h * k + 2 * b * m * h * k * v + b * m * i * h * v,
            params: 0,
            kept: Some((4 * b * h * k * v, 4 * b * h * k * v)),
            ..NO_BYTES
        }
    }),
    case!(
        KimiDeltaRule { b: 2, s: 3, h: 2, k: 4, v: 5 },
        Figures {
            matmul: 2 * 2 * b * s * h * k * v,
            // Decay, outer product and sum; difference and rate of the value.
            vector: 3 * b * s * h * k * v + 2 * b * s * h * v,
            params: 0,
            kept: Some((4 * b * h * k * v, 4 * b * h * k * v)),
            ..NO_BYTES
        }
    ),
    case!(KimiDeltaAttention { b: 2, s: 3, d: 7, h: 2, k: 4, w: 3 }, {
        let c = h * k;
        let convolutions = 3 * (2 * w + 4) * b * s * c;
        // Bias, softplus, product, exp for each key, and -exp for each head once; sigmoid for each head.
        let (decay, rate) = ((1 + 3 + 1 + 1) * b * s * c + 2 * h, 4 * b * s * h);
        // Queries and keys to unit length: square, sum, product, and a root for each head; queries are scaled.
        let unit = 2 * (3 * b * s * c + b * s * h) + b * s * c;
        let core = 3 * b * s * c * k + 2 * b * s * c;
        // Norm by head, its scale, the gate and its sigmoid.
        let result = (3 + 1 + 1 + 4) * b * s * c;
        Figures {
            // Queries, keys, values and results; decays and gates through rank k; rates; the core.
            matmul: 4 * 2 * b * s * d * c + 2 * 2 * b * s * (d * k + k * c) + 2 * b * s * d * h + 2 * 2 * b * s * c * k,
            vector: convolutions + decay + rate + unit + core + result,
            params: 4 * d * c + 2 * (d * k + k * c) + c + h + d * h + 3 * c * w + k,
            kept: Some((3 * 2 * b * c * w + 4 * b * c * k, 3 * 2 * b * c * w + 4 * b * c * k)),
            ..NO_BYTES
        }
    }),
    case!(Mlstm { b: 2, s: 3, h: 2, k: 4, v: 5 }, {
        // Sigmoid, log, sum, maximum; difference and exp of both; absolute, minus, exp, maximum.
        let gates = (4 + 1 + 1 + 1 + 2 * 2 + 1 + 2 + 1) * b * s * h;
        // Keys are scaled and gated; the normaliser decays and takes them up.
        let keys = 2 * b * s * h * k + 2 * b * s * h * k;
        // Decay, outer product and sum; the result is divided.
        let values = 3 * b * s * h * k * v + b * s * h * v;
        Figures {
            matmul: 2 * b * s * h * k * v + 2 * b * s * h * k,
            vector: gates + keys + values,
            params: 0,
            kept: Some((4 * b * h * (k * v + k + 1), 4 * b * h * (k * v + k + 1))),
            ..NO_BYTES
        }
    }),
];
