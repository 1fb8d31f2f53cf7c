use cost_macros::cost;

#[cost]
fn Ffn<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {
    dot::<f>(silu(dot::<d>(x, up)), down)
}

#[cost]
fn Moe<b, s, d, f, e, top>(x: Act<b, s, d>) -> Act<b, s, d> {
    experts::<e, top>(Ffn { b, s, d, f }(x), capacity = 0)
}

fn main() {}
