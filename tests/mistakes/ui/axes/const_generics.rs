use cost_macros::cost;

#[cost]
fn Linear<const b: usize, const s: usize, const d: usize, const f: usize>(
    x: Act<b, s, d>,
    w: Weight<d, f>,
) -> Act<b, s, f> {
    dot::<d>(x, w)
}

fn main() {}
