//! Layers that hand on more than one tensor, and keys and values that several layers share.

use cost_models::cost;
use cost_models::ops::GqaAttention;

/// Queries, keys and values of one head size from one input (arXiv:1706.03762).
#[cost]
pub fn Project<b, s, d, n, g, k>(
    x: Act<b, s, d>,
    wq: Weight<d, n, g, k>,
    wk: Weight<d, n, k>,
    wv: Weight<d, n, k>,
) -> (Act<b, s, n, g, k>, Act<b, s, n, k>, Act<b, s, n, k>) {
    (dot::<d>(x, wq), dot::<d>(x, wk), dot::<d>(x, wv))
}

/// A layer that keeps keys and values, and hands out what it keeps.
#[cost]
pub fn Keeping<b, s, t, d, n, g, k>(
    x: Act<b, s, d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
    wo: Weight<n, g, k, d>,
) -> (Act<b, s, d>, Cache<b, t, n, k>, Cache<b, t, n, k>) {
    let (q, key, value) = Project { .. }(x);
    let keys = append::<t>(keys, key);
    let values = append::<t>(values, value);
    let attended = GqaAttention { .. }(q, keys, values);
    (x + dot::<(n, g, k)>(attended, wo), keys, values)
}

/// A layer that attends to keys and values that another one keeps.
#[cost]
pub fn Sharing<b, s, t, d, n, g, k>(
    x: Act<b, s, d>,
    wq: Weight<d, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
    wo: Weight<n, g, k, d>,
) -> Act<b, s, d> {
    let attended = GqaAttention { .. }(dot::<d>(x, wq), keys, values);
    x + dot::<(n, g, k)>(attended, wo)
}

/// Cross-layer attention (arXiv:2405.12981): of two layers each the second shares what the first keeps, `l` times.
#[cost]
pub fn CrossLayerPairs<b, s, t, d, n, g, k, l>(x: Act<b, s, d>) -> Act<b, s, d> {
    let y = scale(x);
    for _ in 0..l {
        let (h, keys, values) = Keeping { .. }(y);
        y = Sharing { .. }(h, keys, values);
    }
    y
}

/// The last `r` layers share what the last of `l` before them keeps (Gemma 3n's second half).
#[cost]
pub fn SharedTail<b, s, t, d, n, g, k, l, r>(x: Act<b, s, d>) -> Act<b, s, d> {
    let y = scale(x);
    let (keys, values);
    for _ in 0..l {
        (y, keys, values) = Keeping { .. }(y);
    }
    for _ in 0..r {
        y = Sharing { .. }(y, keys, values);
    }
    y
}
