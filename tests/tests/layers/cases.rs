//! What each layer costs, by hand.

use cost_core::Operator;
use cost_core::op::Op;

use crate::attention::{
    CrossLayerAttention, DeepSeekSparseAttention, DifferentialAttention, FollowingAttention, GatedAttention,
    HeadMixing, KeyQueryConvolution, MultiTokenAttention, Scores, TalkingHeads,
};
use crate::experts::{LoraLinear, PerLayerEmbedding, PerLayerEmbeddings};
use crate::hyper::{MixStreams, Shifts, SinkhornRound, TokenShift};
use crate::mixer::{
    AdaptiveGate, AdaptiveNorm, BucketedAttention, CrossAttention, DitBlock, MixerBlock, SelfAttention,
    T5SelfAttention, WindowAttention,
};
use crate::quantised::{BitLinear, FirstCrossAttention, QuantisedCacheAttention, StoredBits};
use crate::recommend::{DotInteraction, EmbeddingBag, EmbeddingBags, TopLayer};
use crate::recurrent::{
    CausalConv, DynamicShift, GatedLinearAttention, KimiDeltaAttention, KimiDeltaRule, Mamba, Mlstm, Rwkv6TimeMix,
    Rwkv7TimeMix, SelectiveScan, StateSpaceDual, Wkv6, Wkv7,
};
use crate::shared::{CrossLayerPairs, Keeping, Project, SharedTail, Sharing};
use crate::training::{
    AdamW, ContrastiveLoss, CrossEntropy, FeedForward, Highway, LanguageModelLoss, NonLocal, StyleLoss,
};
use crate::vision::{
    Contracting, Convolution, DepthwiseCausal, DynamicConvolution, LocallyConnected, PatchEmbedding, Shortcut,
    StridedConvolution, Unfolded, WhisperFront,
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

pub(crate) const NO_BYTES: Figures = Figures { matmul: 0, vector: 0, params: 0, weights: None, kept: None };

/// A layer at sizes, and its figures in terms of them.
macro_rules! case {
    ($layer:ident { $($axis:ident: $size:literal),+ }, $figures:expr) => {{
        $(#[allow(unused_variables, reason = "an axis that no figure depends on")] let $axis: u128 = $size;)+
        Case { of: $layer::OP, sizes: || $layer { $($axis: $size),+ }.given(), figures: $figures }
    }};
}

pub(crate) use case;

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
        WindowAttention { b: 2, m: 3, w: 4, d: 6, n: 2, k: 5, r: 7 },
        Figures {
            // Pairs are those of 4 places in each of 3 windows.
            matmul: 4 * 2 * b * (m * w) * d * n * k + 2 * 2 * b * n * m * w * w * k,
            vector: (1 + 1 + 3) * b * n * m * w * w + 3 * b * (m * w) * n * k + b * (m * w) * d,
            params: 4 * d * n * k + 3 * n * k + d + r * n,
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
    case!(DifferentialAttention { b: 2, s: 3, t: 5, h: 2, k: 4 }, {
        // The last 3 of 5 tokens see 3, 4 and 5; values are 2·k wide.
        let (pairs, v) = (3 + 4 + 5, 2 * k);
        Figures {
            matmul: 2 * 2 * k + 2 * b * h * pairs * (k + k + v),
            // λ; for each pair scale and softmax twice, the second's weight, the difference; norm by head and two scales.
            vector: 4 + (2 * (1 + 3) + 2) * b * h * pairs + (3 + 2) * b * s * h * v,
            params: 4 * k + v,
            kept: Some((2 * b * t * h * (k + k + v), 0)),
            ..NO_BYTES
        }
    }),
    case!(GatedAttention { b: 2, s: 3, t: 5, d: 7, n: 2, g: 3, k: 4 }, {
        let pairs = 3 + 4 + 5;
        Figures {
            // Queries, gates and results of n·g heads, keys and values of n.
            matmul: 2 * b * s * d * k * (3 * n * g + 2 * n) + 2 * 2 * b * n * g * pairs * k,
            // Rotations, sigmoid, gate; scale and softmax.
            vector: (3 + 4 + 1) * b * s * n * g * k + 3 * b * s * n * k + (1 + 3) * b * n * g * pairs,
            params: d * k * (3 * n * g + 2 * n),
            kept: Some((2 * 2 * b * t * n * k, 2 * 2 * b * s * n * k)),
            ..NO_BYTES
        }
    }),
    case!(TalkingHeads { b: 2, s: 3, t: 5, h: 2, i: 3, j: 4, k: 5, v: 6 }, {
        let pairs = 3 + 4 + 5;
        Figures {
            matmul: 2 * b * pairs * (h * k + h * i + i * j + j * v),
            vector: b * pairs * (h + 3 * i),
            params: h * i + i * j,
            kept: Some((2 * b * t * (h * k + j * v), 0)),
            ..NO_BYTES
        }
    }),
    case!(Scores { b: 2, s: 3, t: 5, h: 2, k: 4 }, {
        let pairs = 3 + 4 + 5;
        Figures { matmul: 2 * b * h * pairs * k, vector: b * h * pairs, ..NO_BYTES }
    }),
    // Of 4 queries the windows of 3 see 1, 2, 3 and 3; of 4 keys those of 3 see 2, 3, 3 and 2.
    case!(
        KeyQueryConvolution { b: 2, s: 4, t: 4, h: 2, r: 3, u: 3 },
        Figures { matmul: 2 * b * h * 9 * 10, params: h * r * u, weights: Some(2 * h * r * u), ..NO_BYTES }
    ),
    // The published widths, 6 and 11, on a text of 12 tokens: of queries 1 to 6 and six times 6, of keys 6 to 10, 11 twice
    // and 10 to 6.
    case!(
        KeyQueryConvolution { b: 1, s: 12, t: 12, h: 2, r: 6, u: 11 },
        Figures { matmul: 2 * b * h * (21 + 36) * (40 + 22 + 40), params: h * r * u, ..NO_BYTES }
    ),
    case!(HeadMixing { b: 2, s: 3, t: 3, n: 2, g: 3, k: 4 }, {
        let pairs = 1 + 2 + 3;
        Figures {
            // Each share of a group's heads goes into each of as many; then values.
            matmul: 2 * b * pairs * (n * g * g + n * g * k),
            // Softmax; norm, gain and scale of what each head gives.
            vector: 3 * b * pairs * n * g + (3 + 1 + 1) * b * s * n * g * k,
            params: n * g * g + k,
            ..NO_BYTES
        }
    }),
    case!(MultiTokenAttention { b: 2, s: 4, d: 5, n: 2, g: 2, k: 3, r: 3, u: 3 }, {
        let (heads, pairs) = (n * g, 1 + 2 + 3 + 4);
        let params = 4 * d * heads * k + heads * r * u + n * g * g + k;
        Figures {
            matmul: 4 * 2 * b * s * d * heads * k
                + 2 * b * pairs * heads * k
                + 2 * b * heads * 9 * 10
                + 2 * b * pairs * (heads * g + heads * k),
            // Rotated queries and keys; scores are scaled.
            vector: 2 * 3 * b * s * heads * k
                + b * pairs * heads
                + 3 * b * pairs * heads
                + (3 + 1 + 1) * b * s * heads * k,
            params,
            weights: Some(2 * params),
            ..NO_BYTES
        }
    }),
    case!(DeepSeekSparseAttention { b: 2, s: 2, t: 7, d: 5, r: 3, c: 6, h: 2, k: 4, v: 3, p: 2, i: 3, z: 4, w: 3 }, {
        // The indexer scores 6 and 7 tokens, of which each query attends to 3.
        let (pairs, chosen) = (6 + 7, 3 + 3);
        let projections = d * r + r * h * (k + p) + d * (c + p) + h * k * c + c * h * v + h * v * d;
        let indexer = r * i * z + d * z + d * i;
        // Norms with their scales of low-rank queries and latents, and rotations.
        let vectors = 4 * r + 3 * h * p + 4 * c + 3 * p;
        // Rotated queries; keys normed, scaled, shifted and rotated; weights scaled.
        let indexed = 3 * i * z + (5 + 1 + 1 + 3) * z + i;
        Figures {
            matmul: 2 * b * s * (projections + indexer)
                + 2 * b * pairs * (i * z + i)
                + 2 * b * h * chosen * (c + p + c),
            // ReLU of each head's score and a look at the sum; the two parts of a score, scale and softmax.
            vector: b * s * (vectors + indexed) + b * pairs * (i + 1) + (1 + 1 + 3) * b * h * chosen,
            params: projections + r + c + indexer + 2 * z,
            // All keys of the indexer, and as many latents as two queries choose at most; a row of each a new token.
            kept: Some((2 * b * (t * z + chosen * (c + p)), 2 * b * s * (z + c + p))),
            ..NO_BYTES
        }
    }),
    case!(FollowingAttention { b: 2, s: 3, t: 5, d: 7, n: 2, g: 3, k: 4 }, {
        let pairs = 3 + 4 + 5;
        Figures {
            matmul: 2 * 2 * b * s * d * n * g * k + 2 * 2 * b * n * g * pairs * k,
            vector: 3 * b * s * n * g * k + 4 * b * n * g * pairs + b * s * d,
            params: 2 * d * n * g * k,
            kept: Some((2 * 2 * b * t * n * k, 0)),
            ..NO_BYTES
        }
    }),
    case!(CrossLayerAttention { b: 2, s: 3, t: 5, d: 7, n: 2, g: 3, k: 4, l: 3 }, {
        let pairs = 3 + 4 + 5;
        let layer = 2 * 2 * b * s * d * n * g * k + 2 * 2 * b * n * g * pairs * k;
        Figures {
            matmul: 2 * 2 * b * s * d * n * k + l * layer,
            vector: 3 * b * s * n * k + l * (3 * b * s * n * g * k + 4 * b * n * g * pairs + b * s * d),
            params: 2 * d * n * k + l * 2 * d * n * g * k,
            // Each layer reads the one cache, which is written once.
            kept: Some((l * 2 * 2 * b * t * n * k, 2 * 2 * b * s * n * k)),
            ..NO_BYTES
        }
    }),
    case!(
        LoraLinear { b: 2, s: 3, d: 5, f: 4, r: 2 },
        Figures {
            matmul: 2 * b * s * (d * f + r * (d + f)),
            vector: b * s * (r + f),
            params: d * f + r * (d + f),
            ..NO_BYTES
        }
    ),
    case!(PerLayerEmbedding { b: 2, s: 3, d: 5, p: 4, v: 9 }, {
        // Scale, norm and its scale; the row's scale; their sum and its scale; GELU and the product.
        let own = (1 + 3 + 1) + 1 + 2 + (9 + 1);
        Figures {
            matmul: 3 * 2 * b * s * d * p,
            vector: b * s * (own * p + (3 + 1 + 1) * d),
            params: v * p + 3 * d * p + p + d,
            // A row for each of 6 tokens.
            weights: Some(2 * (6 * p + 3 * d * p + p + d)),
            ..NO_BYTES
        }
    }),
    case!(
        PerLayerEmbeddings { b: 2, s: 3, d: 5, p: 4, v: 9, l: 3 },
        Figures {
            matmul: l * 3 * 2 * b * s * d * p,
            vector: l * b * s * (18 * p + 5 * d),
            params: l * (v * p + 3 * d * p + p + d),
            weights: Some(l * 2 * (6 * p + 3 * d * p + p + d)),
            ..NO_BYTES
        }
    ),
    case!(
        EmbeddingBag { b: 2, n: 3, v: 11, d: 4 },
        Figures { matmul: 0, vector: b * n * d, params: v * d, weights: Some(2 * b * n * d), ..NO_BYTES }
    ),
    case!(
        EmbeddingBag { b: 2, n: 3, v: 5, d: 4 },
        // Six ids name no more than the five rows that there are.
        Figures { matmul: 0, vector: b * n * d, params: v * d, weights: Some(2 * v * d), ..NO_BYTES }
    ),
    case!(
        EmbeddingBags { b: 2, j: 3, n: 2, v: 11, d: 4 },
        Figures { matmul: 0, vector: b * j * n * d, params: j * v * d, weights: Some(2 * b * j * n * d), ..NO_BYTES }
    ),
    case!(
        EmbeddingBags { b: 2, j: 3, n: 2, v: 3, d: 4 },
        // Of each table four ids name no more than its three rows.
        Figures { matmul: 0, vector: b * j * n * d, params: j * v * d, weights: Some(2 * j * v * d), ..NO_BYTES }
    ),
    case!(DotInteraction { b: 2, j: 4, d: 3 }, {
        let pairs = j * (j + 1) / 2;
        Figures { matmul: 2 * b * pairs * d, vector: 0, params: 0, ..NO_BYTES }
    }),
    case!(TopLayer { b: 2, j: 4, d: 3, f: 5 }, {
        let pairs = j * (j + 1) / 2;
        Figures {
            matmul: 2 * b * (d + pairs) * f,
            vector: (1 + 1 + 1) * b * f,
            params: (d + pairs) * f + f,
            ..NO_BYTES
        }
    }),
    case!(
        CrossEntropy { b: 2, s: 3, v: 7 },
        // Largest, difference, exp and sum of each logit; log and difference of each token.
        Figures { matmul: 0, vector: 4 * b * s * v + 2 * b * s, params: 0, ..NO_BYTES }
    ),
    case!(
        LanguageModelLoss { b: 2, s: 3, d: 5, v: 7 },
        Figures { matmul: 2 * b * s * d * v, vector: 4 * b * s * v + 2 * b * s + b * s, params: v * d, ..NO_BYTES }
    ),
    case!(ContrastiveLoss { i: 5, d: 3 }, {
        // Square, sum, product, and a root for each, of images and texts.
        let unit = 2 * (3 * i * d + i);
        // Temperature, exp and two sums for each pair; the temperature's exp.
        let pairs = 4 * i * i + 1;
        // Logs and means of both sides, their sum and half.
        let normalisers = 2 * (i + i) + 2;
        Figures {
            matmul: 2 * i * i * d,
            // The mean of the pairs' own logits and the difference.
            vector: unit + pairs + normalisers + i + 1,
            params: 1,
            ..NO_BYTES
        }
    }),
    case!(
        StyleLoss { b: 2, j: 4, p: 5 },
        Figures { matmul: 2 * b * j * j * p, vector: 3 * b * j * j + b, params: 0, ..NO_BYTES }
    ),
    case!(
        NonLocal { b: 2, s: 3, d: 5, k: 4 },
        Figures {
            matmul: 2 * b * s * s * (d + k) + 2 * 2 * b * s * d * k,
            vector: 3 * b * s * s + b * s * d,
            params: 2 * d * k,
            ..NO_BYTES
        }
    ),
    case!(
        Highway { b: 2, d: 5 },
        Figures {
            matmul: 2 * 2 * b * d * d,
            // Biases, ReLU, sigmoid; two products, a difference and a sum.
            vector: (2 + 1 + 4 + 4) * b * d,
            params: 2 * (d * d + d),
            ..NO_BYTES
        }
    ),
    case!(
        FeedForward { b: 2, s: 3, d: 5 },
        Figures {
            matmul: 2 * 2 * b * s * d * (4 * d),
            vector: 2 * b * s * (4 * d) + b * s * d,
            params: 8 * d * d + 4 * d + d,
            ..NO_BYTES
        }
    ),
    // The normalisation takes 3, abs, max, the division, round and the cast 1 each, clamp 2.
    case!(
        BitLinear { b: 2, s: 3, d: 8, f: 5 },
        Figures {
            matmul: 2 * b * s * d * f,
            vector: b * s * d * (3 + 5 + 2) + b * s * (1 + 1) + b * s * f,
            params: d * f + 1,
            // 2 bits each, and the scale's 32.
            weights: Some(d * f / 4 + 4),
            ..NO_BYTES
        }
    ),
    case!(
        StoredBits { b: 2, s: 3, d: 8, f: 5 },
        Figures { matmul: 2 * b * s * d * f, vector: b * s * d, params: d * f, weights: Some(d * f / 4), ..NO_BYTES }
    ),
    // A step of one token reads t keys and values of 8 bits, and their 16-bit scales, and writes one of each.
    case!(
        QuantisedCacheAttention { b: 2, s: 1, t: 6, n: 2, g: 3, k: 4 },
        Figures {
            matmul: 2 * 2 * b * n * g * t * k,
            // For new keys and values abs, max, the division, round and the cast; for a pair of tokens two products with
            // scales, the scale of all and the softmax.
            vector: 2 * (5 * b * s * n * k + b * s * n) + b * n * g * t * (2 + 1 + 3),
            kept: Some((2 * b * t * n * (k + 2), 2 * b * s * n * (k + 2))),
            ..NO_BYTES
        }
    ),
    case!(
        FirstCrossAttention { b: 2, s: 3, m: 5, d: 6, n: 2, k: 4 },
        Figures {
            matmul: 2 * 2 * b * m * d * n * k + 2 * 2 * b * s * m * n * k,
            vector: b * s * n * m * (1 + 3),
            params: 2 * d * n * k,
            kept: Some((2 * 2 * b * m * n * k, 2 * 2 * b * m * n * k)),
            ..NO_BYTES
        }
    ),
    // Four products and two sums for the moments and the square; root, sum, division, decay, sum, rate and difference.
    case!(
        AdamW { d: 6, f: 4 },
        Figures {
            vector: d * f * (4 + 2 + 1 + 7),
            params: d * f,
            // Read and written.
            weights: Some(2 * 2 * d * f),
            kept: Some((2 * 4 * d * f, 2 * 4 * d * f)),
            ..NO_BYTES
        }
    ),
    case!(
        Project { b: 2, s: 3, d: 4, n: 2, g: 3, k: 5 },
        Figures {
            matmul: 2 * b * s * d * n * k * (g + 2),
            params: d * n * k * (g + 2),
            weights: Some(2 * d * n * k * (g + 2)),
            ..NO_BYTES
        }
    ),
    case!(
        Keeping { b: 2, s: 1, t: 6, d: 4, n: 2, g: 3, k: 5 },
        Figures {
            matmul: 2 * b * s * d * n * k * (2 * g + 2) + 2 * 2 * b * n * g * t * k,
            vector: b * n * g * t * (1 + 3) + b * s * d,
            params: d * n * k * (2 * g + 2),
            weights: Some(2 * d * n * k * (2 * g + 2)),
            kept: Some((2 * 2 * b * t * n * k, 2 * 2 * b * s * n * k)),
        }
    ),
    case!(
        Sharing { b: 2, s: 1, t: 6, d: 4, n: 2, g: 3, k: 5 },
        Figures {
            matmul: 2 * b * s * d * n * k * (2 * g) + 2 * 2 * b * n * g * t * k,
            vector: b * n * g * t * (1 + 3) + b * s * d,
            params: d * n * k * (2 * g),
            weights: Some(2 * d * n * k * (2 * g)),
            kept: Some((2 * 2 * b * t * n * k, 0)),
        }
    ),
    // Both layers of a pair read one cache; the first adds to it.
    case!(
        CrossLayerPairs { b: 2, s: 1, t: 6, d: 4, n: 2, g: 3, k: 5, l: 3 },
        Figures {
            matmul: l * (2 * b * s * d * n * k * (4 * g + 2) + 2 * 2 * 2 * b * n * g * t * k),
            vector: b * s * d + l * 2 * (b * n * g * t * (1 + 3) + b * s * d),
            params: l * d * n * k * (4 * g + 2),
            weights: Some(2 * l * d * n * k * (4 * g + 2)),
            kept: Some((l * 2 * 2 * 2 * b * t * n * k, l * 2 * 2 * b * s * n * k)),
        }
    ),
    case!(
        SharedTail { b: 2, s: 1, t: 6, d: 4, n: 2, g: 3, k: 5, l: 3, r: 2 },
        Figures {
            matmul: l * 2 * b * s * d * n * k * (2 * g + 2)
                + r * 2 * b * s * d * n * k * (2 * g)
                + (l + r) * 2 * 2 * b * n * g * t * k,
            vector: b * s * d + (l + r) * (b * n * g * t * (1 + 3) + b * s * d),
            params: l * d * n * k * (2 * g + 2) + r * d * n * k * (2 * g),
            weights: Some(2 * (l * d * n * k * (2 * g + 2) + r * d * n * k * (2 * g))),
            kept: Some(((l + r) * 2 * 2 * b * t * n * k, l * 2 * 2 * b * s * n * k)),
        }
    ),
    // Each round sums and divides the matrix along both axes.
    case!(
        MixStreams { b: 2, s: 3, n: 4, d: 5, l: 20 },
        Figures { matmul: 2 * b * s * n * n * d, vector: b * s * n * n * (1 + 4 * l), ..NO_BYTES }
    ),
    // 3 by 2 patches.
    case!(
        PatchEmbedding { b: 2, c: 3, h: 12, w: 8, r: 4, u: 4, d: 5 },
        Figures { matmul: 2 * b * 6 * (c * r * u) * d, vector: b * 6 * d, params: c * r * u * d + d, ..NO_BYTES }
    ),
    // Of 3 positions for each of h, the first and the last see one less: 3·h − 2.
    case!(
        Convolution { b: 2, c: 3, h: 5, w: 7, r: 3, u: 3, o: 4 },
        Figures { matmul: 2 * b * c * o * (3 * h - 2) * (3 * w - 2), params: c * r * u * o, ..NO_BYTES }
    ),
    // Positions 0, 2 and 4 of 5 see 2, 3 and 2; of 7 also 3 in between.
    case!(
        StridedConvolution { b: 2, c: 3, h: 5, w: 7, r: 3, u: 3, o: 4 },
        Figures { matmul: 2 * b * c * o * 7 * 10, params: c * r * u * o, ..NO_BYTES }
    ),
    case!(
        Shortcut { b: 2, c: 3, h: 5, w: 7, o: 4 },
        Figures { matmul: 2 * b * c * o * 3 * 4, params: c * o, ..NO_BYTES }
    ),
    case!(
        Contracting { b: 1, c: 2, h: 8, w: 10, o: 3 },
        Figures {
            matmul: 2 * b * c * o * 9 * ((h - 2) * (w - 2) + (h - 4) * (w - 4)),
            // The rectifiers, and every position looked at for the largest.
            vector: b * o * (h - 2) * (w - 2) + b * c * (h - 4) * (w - 4) * 2,
            params: 2 * c * o * 9,
            ..NO_BYTES
        }
    ),
    // 3·t − 2 positions are seen by the first, 2 + 3 + 3 by the second of 6 frames: the last one sees no padding.
    case!(
        WhisperFront { b: 2, t: 6, c: 4, d: 5 },
        Figures {
            matmul: 2 * b * (c * d * (3 * t - 2) + d * d * 8),
            vector: b * d * (t + t / 2) * (1 + 5),
            params: 3 * c * d + d + 3 * d * d + d,
            ..NO_BYTES
        }
    ),
    // The first token sees one, the second two …: r·s less 3 + 2 + 1.
    case!(
        DepthwiseCausal { b: 2, s: 7, d: 3, r: 4 },
        Figures { matmul: 2 * b * d * (r * s - 6), vector: b * s * d * (1 + 4), params: d * r + d, ..NO_BYTES }
    ),
    case!(SinkhornRound { b: 2, s: 3, n: 4, m: 5 }, Figures { vector: 4 * b * s * n * m, ..NO_BYTES }),
    case!(TokenShift { b: 2, s: 3, d: 4 }, Figures { vector: 3 * b * s * d, params: d, ..NO_BYTES }),
    // One kernel reads the three weights and the state once.
    case!(
        Shifts { b: 2, s: 3, d: 4 },
        Figures {
            vector: 3 * 3 * b * s * d,
            params: 3 * d,
            weights: Some(2 * 3 * d),
            kept: Some((2 * b * d, 2 * b * d)),
            ..NO_BYTES
        }
    ),
    // Each position has weights of its own, all of which are read.
    case!(
        LocallyConnected { b: 2, h: 10, c: 3, o: 4 },
        Figures {
            matmul: 2 * b * (h - 2) * 3 * c * o,
            params: (h - 2) * 3 * c * o,
            weights: Some(2 * (h - 2) * 3 * c * o),
            ..NO_BYTES
        }
    ),
    case!(
        DynamicConvolution { b: 2, s: 10, n: 4, c: 3 },
        Figures { matmul: 2 * b * n * c * (3 * s - 2), vector: 3 * b * s * n * 3, ..NO_BYTES }
    ),
    // With zeros in memory nothing is left out.
    case!(
        Unfolded { b: 2, h: 8, c: 3, o: 4 },
        Figures { matmul: 2 * b * h * 3 * c * o, params: 3 * c * o, weights: Some(2 * 3 * c * o), ..NO_BYTES }
    ),
];
