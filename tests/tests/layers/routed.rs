//! What experts and what routes tokens to them cost, by hand.

use cost_core::Operator;

use crate::cases::{Case, Figures, NO_BYTES, case};
use crate::experts::{
    BiasedExpert, BiasedMoe, DeepSeekMoe, ExpertChoice, GShard, GeluNetwork, MixtureOfDepths, ReluNetwork, SoftMoe,
    StackedMoe, Switch, SwitchWithCapacity,
};

pub(crate) const CASES: &[Case] = &[
    case!(DeepSeekMoe { b: 2, s: 3, d: 5, f: 4, e: 7, top: 2, shared: 2 }, {
        // Of an expert: three matrices; a SiLU and a product in the middle.
        let (matrices, inside) = (3 * d * f, (4 + 1) * f);
        Figures {
            matmul: 2 * b * s * (d * e + (top + shared) * matrices),
            // Softmax; the experts; a weight and a sum for each routed one, a sum for each shared one, the residual.
            vector: b * s * (3 * e + (top + shared) * inside + 2 * top * d + shared * d + d),
            params: d * e + (e + shared) * matrices,
            // 6 tokens through 2 experts each touch all 7.
            weights: Some(2 * (d * e + (e + shared) * matrices)),
            ..NO_BYTES
        }
    }),
    case!(DeepSeekMoe { b: 1, s: 2, d: 5, f: 4, e: 7, top: 2, shared: 1 }, {
        let (matrices, inside) = (3 * d * f, (4 + 1) * f);
        Figures {
            matmul: 2 * b * s * (d * e + (top + shared) * matrices),
            vector: b * s * (3 * e + (top + shared) * inside + 2 * top * d + shared * d + d),
            params: d * e + (e + shared) * matrices,
            // 2 tokens through 2 experts each touch at most 4.
            weights: Some(2 * (d * e + (4 + shared) * matrices)),
            ..NO_BYTES
        }
    }),
    case!(
        BiasedExpert { b: 2, s: 3, d: 5, f: 4 },
        Figures {
            matmul: 3 * 2 * b * s * d * f,
            vector: b * s * (2 * f + (4 + 1) * f + d),
            params: 3 * d * f + 2 * f + d,
            ..NO_BYTES
        }
    ),
    case!(BiasedMoe { b: 1, s: 3, d: 5, f: 4, e: 7, top: 2 }, {
        let expert = 3 * d * f + 2 * f + d;
        Figures {
            matmul: 2 * b * s * (d * e + top * 3 * d * f),
            // The router's bias and a look at each logit, softmax of the chosen ones; the experts, weighed and added.
            vector: b * s * ((1 + 1) * e + 3 * top + top * (7 * f + d) + 2 * top * d),
            params: d * e + e + e * expert,
            // 3 tokens reach 6 of the experts, and with them their biases.
            weights: Some(2 * (d * e + e + 6 * expert)),
            ..NO_BYTES
        }
    }),
    case!(
        ReluNetwork { b: 2, s: 3, d: 5, f: 4 },
        Figures { matmul: 2 * 2 * b * s * d * f, vector: b * s * f, params: 2 * d * f, ..NO_BYTES }
    ),
    case!(
        Switch { b: 2, s: 3, d: 5, f: 4, e: 7 },
        Figures {
            matmul: 2 * b * s * (d * e + 2 * d * f),
            vector: b * s * (3 * e + f + 2 * d),
            params: d * e + e * 2 * d * f,
            // Six tokens reach six experts at most.
            weights: Some(2 * (d * e + 6 * 2 * d * f)),
            ..NO_BYTES
        }
    ),
    // Six tokens, of which each of three experts has room for ⌈1.25 · 6 / 3⌉ = 3: rows that are empty are computed on as well.
    case!(SwitchWithCapacity { b: 2, s: 3, d: 5, f: 4, e: 3 }, {
        let (tokens, rows) = (b * s, 3);
        Figures {
            matmul: 2 * (tokens * d * e + e * rows * 2 * d * f),
            // Softmax, rectifiers of all rows; each token's result is weighed and added.
            vector: 3 * tokens * e + e * rows * f + 2 * tokens * d,
            params: d * e + e * 2 * d * f,
            weights: Some(2 * (d * e + e * 2 * d * f)),
            ..NO_BYTES
        }
    }),
    // Two tokens, and room for one in each of seven experts: all of them are read and computed.
    case!(SwitchWithCapacity { b: 1, s: 2, d: 5, f: 4, e: 7 }, {
        let (tokens, rows) = (b * s, 1);
        Figures {
            matmul: 2 * (tokens * d * e + e * rows * 2 * d * f),
            vector: 3 * tokens * e + e * rows * f + 2 * tokens * d,
            params: d * e + e * 2 * d * f,
            weights: Some(2 * (d * e + e * 2 * d * f)),
            ..NO_BYTES
        }
    }),
    // Of five tokens two experts each, four of which have room for ⌈2 · 5 / 4⌉ = 3.
    case!(GShard { b: 1, s: 5, d: 3, f: 4, e: 4 }, {
        let rows = 3;
        Figures {
            matmul: 2 * (b * s * d * e + e * rows * 2 * d * f),
            vector: 3 * b * s * e + e * rows * f + 2 * 2 * b * s * d,
            params: d * e + e * 2 * d * f,
            weights: Some(2 * (d * e + e * 2 * d * f)),
            ..NO_BYTES
        }
    }),
    case!(
        GeluNetwork { b: 2, s: 3, d: 5, f: 4 },
        Figures { matmul: 2 * 2 * b * s * d * f, vector: 5 * b * s * f, params: 2 * d * f, ..NO_BYTES }
    ),
    // Whoever is chosen, it is c tokens for each expert; of each the result is weighed and added.
    case!(
        ExpertChoice { b: 2, s: 4, d: 5, f: 3, e: 3, c: 2 },
        Figures {
            matmul: 2 * (b * s * d * e + e * c * 2 * d * f),
            vector: 3 * b * s * e + e * c * 5 * f + e * c * 2 * d,
            params: d * e + e * 2 * d * f,
            weights: Some(2 * (d * e + e * 2 * d * f)),
            ..NO_BYTES
        }
    ),
    // As experts with tensors of their own: 3 tokens reach 6 of 7 slices.
    case!(StackedMoe { b: 1, s: 3, d: 5, f: 4, e: 7, top: 2 }, {
        let expert = 3 * d * f + 2 * f + d;
        Figures {
            matmul: 2 * b * s * (d * e + top * 3 * d * f),
            vector: b * s * ((1 + 1) * e + 3 * top + top * (7 * f + d) + 2 * top * d),
            params: d * e + e + e * expert,
            weights: Some(2 * (d * e + e + 6 * expert)),
            ..NO_BYTES
        }
    }),
    case!(
        SoftMoe { b: 2, s: 3, d: 5, e: 4, p: 2, f: 6 },
        Figures {
            // Logits, slots and results; the experts.
            matmul: 3 * 2 * b * s * d * e * p + 2 * 2 * b * e * p * d * f,
            vector: 2 * 3 * b * s * e * p + 5 * b * e * p * f,
            params: d * e * p + e * 2 * d * f,
            // Every expert sees slots, however few tokens there are.
            weights: Some(2 * (d * e * p + e * 2 * d * f)),
            ..NO_BYTES
        }
    ),
    case!(
        MixtureOfDepths { b: 2, s: 7, c: 3, d: 4, f: 5 },
        Figures {
            matmul: 2 * b * s * d + 2 * b * c * 3 * d * f,
            // A look at each weight; of each chosen token gates, the product with its weight and a sum.
            vector: b * s + b * c * (5 * f + 2 * d),
            params: d + 3 * d * f,
            weights: Some(2 * (d + 3 * d * f)),
            ..NO_BYTES
        }
    ),
];
