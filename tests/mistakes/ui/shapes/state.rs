use cost_macros::cost;

#[cost]
fn NoState<b, s, d>(x: Act<b, s, d>, w: Weight<d>) -> Act<b, s, d> {
    x + before::<s>(w)
}

#[cost]
fn OtherState<b, s, c, r>(x: Act<b, s, c>, state: State<b, r>) -> Act<b, s, c> {
    sum::<r>(slide::<s, r>(state, x))
}

#[cost]
fn OtherUpdate<b, s, d, k>(x: Act<b, s, d>, state: State<b, d, k>) -> Act<b, s, d> {
    let before = sum::<k>(before::<s>(state));
    update(state, x);
    before
}

fn main() {}
