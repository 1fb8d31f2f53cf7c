fn Recurrent<b, s, d, r>(x: Act<b, s, d>, state: State<b, r, d>, taps: Weight<r, d>) -> Act<b, s, d> {
    let rows = slide::<s, r>(state, x);
    update(state, rows);
    silu(sum::<r>(rows * taps)) + RmsNorm { b, s, d }(x)
}
