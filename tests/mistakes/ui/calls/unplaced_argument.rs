use cost_macros::cost;

#[cost]
fn Ffn<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {
    dot::<f>(silu(dot::<d>(x, up)), down)
}

#[cost]
fn Model<b, s, d, f>(x: Act<b, s, d>, keys: Cache<b, s, d>) -> Act<b, s, d> {
    Ffn { b, s, d, f }(x, keys)
}

fn main() {}
