use cost_macros::cost;

#[cost]
fn Tied<b, d, v, tied>(
    x: Act<b, d>,
    #[tied(embde, tied)] a: Weight<v, d>,
    #[tied(x, tied)] c: Weight<v, d>,
    #[tied(a)] e: Weight<v, d>,
    #[tied(a, tide)] f: Weight<v, d>,
) -> Act<b, v> {
    dot::<d>(x, a) + dot::<d>(x, c) + dot::<d>(x, e) + dot::<d>(x, f)
}

fn main() {}
