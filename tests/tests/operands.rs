//! What kernels read and write, counted by hand: every tensor once, whoever passes it, and no more of it than there is.

use cost_core::cost::{Formats, Kernel, Routing};
use cost_core::op::Role;
use cost_core::{Operator, Options};
use cost_macros::cost;

#[cost]
fn Embedding<b, s, v, d>(table: Weight<v, d>, ids: Ids<b, s>) -> Act<b, s, d> {
    gather::<v>(table, ids)
}

#[cost]
fn Scores<b, s, t, d>(q: Act<b, s, d>, keys: Act<b, t, d>, values: Act<b, t, d>) -> Act<b, s, d> {
    dot::<t>(softmax::<t>(dot::<d>(q, keys)), values)
}

/// One tensor as queries, keys and values.
#[cost]
fn SelfScores<b, s, d>(x: Act<b, s, d>) -> Act<b, s, d> {
    Scores { b, s, t: s, d }(x, x, x)
}

#[cost]
fn Kept<b, t, w>(x: Act<b, t>) -> Act<b, w> {
    let kept = top::<t, w>(x);
    kept
}

/// What `top` has kept, read by a kernel of another operator.
#[cost]
fn Doubled<b, w>(x: Act<b, w>) -> Act<b, w> {
    let y = x + x;
    y
}

#[cost]
fn KeptDoubled<b, t, w>(x: Act<b, t>) -> Act<b, w> {
    Doubled { b, w }(Kept { b, t, w }(x))
}

#[cost]
fn Expert<b, d, f>(x: Act<b, d>, common: Weight<d, f>, own: Weight<f, d>) -> Act<b, d> {
    let h = store(dot::<d>(x, common));
    dot::<f>(h, own)
}

/// A weight that all experts share, and one of each.
#[cost]
fn Sharing<b, d, f, e, top>(x: Act<b, d>, common: Weight<d, f>) -> Act<b, d> {
    experts::<e, top>(Expert { .. }(x, common))
}

#[cost]
fn Remembering<s, d>(x: Act<s, d>, w: Weight<d>, state: State<d>) -> Act<s, d> {
    let kept = update(state, x);
    x * w + before::<s>(kept)
}

#[cost]
fn Memories<s, d, e, top>(x: Act<s, d>) -> Act<s, d> {
    experts::<e, top>(Remembering { .. }(x))
}

/// Elements by role that kernels read, and that they write, all together.
fn moved(kernels: &[Kernel<u128>], role: Role) -> (u128, u128) {
    let of = |written| {
        let operands = kernels.iter().flat_map(|kernel| kernel.operands.iter().map(move |it| (kernel.repeat, it)));
        let own = operands.filter(|(_, it)| it.role == role && it.written == written);
        own.map(|(repeat, it)| repeat * it.bits / 8).sum()
    };
    (of(false), of(true))
}

fn check<O: Operator>(op: &O, expected: &[(Role, u128, u128)]) {
    let options = Options { formats: Formats::bytes(), routing: Routing::Worst, ..Options::default() };
    let kernels = op.kernels(&options).unwrap();
    for (role, read, written) in expected {
        assert_eq!(moved(&kernels, *role), (*read, *written), "{:?} of {} at {:?}", role, O::OP.name, op.given());
    }
}

#[test]
fn lookups_read_no_more_rows_than_there_are() {
    // 6 ids name at most 6 of 10 rows of 4, and 4 of 4.
    check(&Embedding { b: 2, s: 3, v: 10, d: 4 }, &[(Role::Weight, 24, 0), (Role::Ids, 6, 0), (Role::Act, 0, 24)]);
    check(&Embedding { b: 2, s: 3, v: 4, d: 4 }, &[(Role::Weight, 16, 0), (Role::Ids, 6, 0), (Role::Act, 0, 24)]);
}

#[test]
fn a_tensor_under_several_names_is_read_once() {
    check(&SelfScores { b: 2, s: 3, d: 5 }, &[(Role::Act, 30, 30)]);
}

#[test]
fn no_more_is_kept_than_there_is() {
    // Read 2·3, write 2·min(2, 3), read that and write as many.
    check(&KeptDoubled { b: 2, t: 3, w: 2 }, &[(Role::Act, 6 + 4, 4 + 4)]);
    check(&KeptDoubled { b: 2, t: 3, w: 7 }, &[(Role::Act, 6 + 6, 6 + 6)]);
    assert_eq!(KeptDoubled { b: 2, t: 3, w: 7 }.flops().vector, 6 + 6);
}

#[test]
fn experts_read_once_what_they_are_given() {
    let op = Sharing { b: 4, d: 3, f: 5, e: 4, top: 2 };
    // Of the shared 3·5 one, of their own 5·3 four.
    assert_eq!(op.params(), 15 + 4 * 15);
    // Four tokens touch min(4, 2·4) experts. Tokens of 3 enter once; 5 for each of two experts a token are written and
    // read; their results of 3 too, which the last kernel adds up.
    check(
        &op,
        &[(Role::Weight, 15 + 4 * 15, 0), (Role::Act, 4 * 3 + 4 * 2 * 5 + 4 * 2 * 3, 4 * 2 * 5 + 4 * 2 * 3 + 4 * 3)],
    );
}

#[test]
fn states_of_experts_move_for_those_that_are_touched() {
    // 6 tokens touch min(9, 2·6) = 9 experts or min(3, 2·6) = 3: each has a state and a weight of 4.
    check(&Memories { s: 6, d: 4, e: 9, top: 2 }, &[(Role::Weight, 36, 0), (Role::State, 36, 36)]);
    check(&Memories { s: 6, d: 4, e: 3, top: 2 }, &[(Role::Weight, 12, 0), (Role::State, 12, 12)]);
}
