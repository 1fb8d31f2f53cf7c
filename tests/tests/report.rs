//! What a report says of a step.
#![allow(missing_docs)]

use cost_core::Options;
use cost_macros::cost;
use cost_models::report::{Report, report};
use cost_models::{Model, Workload};

#[cost]
pub fn Scaled<b, s, d>(x: Act<b, s, d>, w: Weight<d>) -> Act<b, s, d> {
    x * w
}

#[cost]
pub fn Widened<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>, back: Weight<f, d>) -> Act<b, s, d> {
    let h = store(dot::<d>(x, w));
    dot::<f>(h, back)
}

/// Rounds that may be none, and after them calls of the same operators with the same names.
#[cost]
pub fn Tapering<b, s, d, f, l>(x: Act<b, s, d>) -> Act<b, s, d> {
    let y = store(x * 2.0);
    for _ in 0..l - 2 {
        y = Scaled { b, s, d }(y);
        y = Widened { b, s, d, f }(y);
    }
    y = Scaled { b, s, d }(y);
    y = Widened { b, s, d, f: 2 * f }(y);
    y
}

fn decode(model: &Model, options: &Options) -> Report {
    report(model, &Workload::decode(3, 0), options, &[]).unwrap()
}

/// By hand: `Scaled` is a product for each element, `Widened` two times 2·d·f for each token.
#[test]
fn each_kernel_has_its_own_formula() {
    let doubled = [("y", "b·s·d")];
    let first = [("scaled.y", "b·s·d"), ("widened.h", "2·b·s·d·f"), ("widened.y", "2·b·s·d·f")];
    let last = [("scaled.y", "b·s·d"), ("widened.h", "4·b·s·d·f"), ("widened.y", "4·b·s·d·f")];
    let numbered = [("scaled.y#2", "b·s·d"), ("widened.h#2", "4·b·s·d·f"), ("widened.y#2", "4·b·s·d·f")];
    for (l, expected) in [(2, [&doubled[..], &last].concat()), (5, [&doubled[..], &first, &numbered].concat())] {
        let model = Model::new(&Tapering { b: 1, s: 1, d: 64, f: 100, l });
        let found = decode(&model, &Options::default()).kernels;
        let found: Vec<_> = found.iter().map(|it| (it.path.as_str(), it.flops_formula.as_str())).collect();
        assert_eq!(found, expected, "l = {l}");
    }
}
