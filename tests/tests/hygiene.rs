//! What `#[cost]` writes depends on nothing that is in scope where it is used.

#![no_implicit_prelude]
#![allow(dead_code, missing_docs)]

use ::cost_macros::cost;

/// Names that the expansion must not pick up.
mod confusing {
    pub(crate) enum Option {}
    pub(crate) struct Vec;
    pub(crate) struct Op;
    pub(crate) trait Operator {}
}
#[allow(unused_imports)]
use confusing::{Op, Operator, Option, Vec};

/// Another path to the core.
mod deep {
    pub(crate) mod renamed {
        pub(crate) use ::cost_core::*;
    }
}

#[cost(causal(s, t), unfused, tile(s = 2 * k))]
fn Scores<b, s, t, k>(
    q: Act<b, s, k>,
    #[format(f32)]
    #[gguf("k")]
    keys: Cache<b, t, k>,
) -> Act<b, s, t> {
    softmax::<t>(dot::<k>(q, keys) * -0.5)
}

#[cost(crate = deep::renamed, part = ffn)]
fn Layers<b, s, d, f, l, e, top, bias>(x: Act<b, s, d>, shift: Weight<d>) -> Act<b, s, d> {
    let y = store(x);
    for _ in 0..2 * l - 1 {
        y = experts::<e, top>(Network { b, s, d, f: 2 * f }(y));
    }
    if bias {
        y = y + shift;
    }
    y
}

#[cost]
fn Network<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {
    dot::<f>(relu(dot::<d>(x, up)), down)
}

const LAYERS: Layers = Layers { b: 1, s: 1, d: 2, f: 3, l: 2, e: 4, top: 2, bias: 1 };
const _: () = ::core::assert!(LAYERS.params() == 3 * 4 * (2 * 2 * 6) + 2);

#[::core::prelude::v1::test]
fn operators_work_without_a_prelude() {
    let scores = Scores { b: 1, s: 2, t: 3, k: 4 };
    // 2·3 − 1 = 5 pairs exist; 2·4 FLOP each in the product, 1 for the factor and 3 for the softmax.
    ::core::assert_eq!(scores.flops(), ::cost_core::cost::Counts { matmul: 5 * 8, vector: 5 * 4 });
}
