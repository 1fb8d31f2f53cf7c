use cost_models::cost;
use cost_models::ops::{Linear, RmsNorm as Norm};

/// A gate.
#[cost(part = ffn)]
pub fn Gated<b, s, d, f, biased>(x: Act<b, s, d>, #[part(other)] bias: Weight<f>) -> Act<b, s, d> {
    let h = Norm { b, s, d }(x);
    let gate = sigmoid(Linear { b, s, d, f }(h));
    if biased {
        gate = gate + bias;
    } else {
        gate = gate * 2.0;
    }
    x + Linear { b, s, d: f, f: d }(gate * Linear { b, s, d, f }(h))
}

#[cost]
pub fn Block<b, s, d, f, l, e, top, biased>(
    x: Act<b, s, d>,
    #[format("int8:g128:f16")] router: Weight<d, e>,
) -> Act<b, s, d> {
    let y = x;
    'layers: for _ in 0..l - 1 {
        y = Gated { .. }(y);
    }
    let gates = softmax::<top>(top::<e, top>(dot::<d>(y, router)));
    y + experts::<e, top>(Gated { biased: 0, .. }(y), gates)
}
