//! Sizes in terms of others, and views along other axes: what they cost, counted in every way.

use cost_core::cost::{Routing, counts, kernels, totals};
use cost_core::expr::{Expr, Notation};
use cost_core::library::Source;
use cost_core::op::Op;
use cost_core::{Error, Operator, Options};
use cost_macros::cost;
use cost_tests::counted::{agree, most_agrees};

/// A feed-forward network four times as wide inside; `m` of its blocks of three.
#[cost(f = 4 * d, m = ceil(f / 3))]
fn Mlp<b, d, f, m>(x: Act<b, d>, up: Weight<d, f>, down: Weight<f, d>, blocks: Weight<m>) -> Act<b, d> {
    dot::<f>(relu(dot::<d>(x, up)), down) * sum::<m>(blocks)
}

/// What it calls has sizes of its own, of which nothing is seen here.
#[cost]
fn Block<b, d>(x: Act<b, d>) -> Act<b, d> {
    x + Mlp { b, d }(x)
}

/// The callee's axes are those of the same sizes here, whatever their names.
#[cost(g = 4 * d, n = (g + 2) / 3)]
fn Outer<b, d, g, n>(x: Act<b, d>, up: Weight<d, g>, down: Weight<g, d>, blocks: Weight<n>) -> Act<b, d> {
    Mlp { b, d, m: n }(x, up, down, blocks)
}

/// A square matrix.
#[cost(e = d)]
fn Square<b, d, e>(x: Act<b, d>, w: Weight<d, e>) -> Act<b, e> {
    dot::<d>(x, w)
}

/// The same matrix time and again.
#[cost(e = d)]
fn Power<b, d, e, l>(x: Act<b, d>, w: Weight<d, e>) -> Act<b, d> {
    let y = x;
    for _ in 0..l {
        y = rename::<e, d>(Square { .. }(y, w));
    }
    y
}

#[cost]
fn Pair<b, j, i, d>(x: Act<b, j, d>, y: Act<b, i, d>) -> Act<b, j, i> {
    dot::<d>(x, y)
}

/// All products of the rows of one tensor.
#[cost(i = j)]
fn Gram<b, j, i, d>(x: Act<b, j, d>) -> Act<b, j, i> {
    Pair { .. }(x, rename::<j, i>(x))
}

/// The same in one kernel.
#[cost(i = j)]
fn OwnGram<b, j, i, d>(x: Act<b, j, d>) -> Act<b, j, i> {
    dot::<d>(x, rename::<j, i>(x))
}

/// Tokens that attend to themselves.
#[cost(causal(s, t), t = s)]
fn SelfAttention<b, s, t, d>(x: Act<b, s, d>) -> Act<b, s, d> {
    let keys = rename::<s, t>(x);
    dot::<t>(softmax::<t>(dot::<d>(x, keys)), keys)
}

/// Blocks of `l` tokens, of which each is one at the end.
#[cost(t = m * l)]
fn Blocks<b, t, m, l, d, w>(x: Act<b, t, d>, w1: Weight<l, w>) -> Act<b, m, d, w> {
    dot::<l>(split::<t, (m, l)>(x), w1)
}

/// Heads side by side.
#[cost(d = n * k)]
fn Heads<b, n, k, d, f>(x: Act<b, n, k>, w: Weight<d, f>) -> Act<b, n, k> {
    let y = dot::<d>(merge::<(n, k), d>(relu(x)), w);
    x * sum::<f>(y)
}

fn small(op: &Op<'_>, sizes: &[usize]) {
    assert_eq!(agree(op, sizes, Routing::Worst).and_then(|()| most_agrees(op, sizes)), Ok(()), "{} {sizes:?}", op.name);
}

#[test]
fn every_way_of_counting_agrees() {
    for sizes in [[2, 3, 1, 2], [1, 1, 9, 9], [3, 4, 5, 3]] {
        for op in [Mlp::OP, Outer::OP, Power::OP, Gram::OP, OwnGram::OP, SelfAttention::OP] {
            small(op, &sizes);
        }
    }
    small(Block::OP, &[2, 5]);
    small(Square::OP, &[2, 3, 0]);
    small(Blocks::OP, &[2, 0, 3, 2, 2, 4]);
    small(Heads::OP, &[2, 3, 2, 0, 4]);
}

/// By hand.
#[test]
fn sizes_are_what_they_are_said_to_be() {
    let mlp = Mlp { b: 2, d: 5 };
    assert_eq!(mlp.sizes(), Ok(vec![2, 5, 20, 7]));
    assert_eq!(mlp.params(), 2 * 5 * 20 + 7);
    assert_eq!(mlp.flops().matmul, 2 * 2 * 2 * 5 * 20);
    assert_eq!(Block { b: 2, d: 5 }.params(), mlp.params());
    assert_eq!(Outer { b: 2, d: 5 }.params(), mlp.params());
    assert_eq!(Power { b: 3, d: 4, l: 5 }.params(), 16);
    assert_eq!(Power { b: 3, d: 4, l: 5 }.flops().matmul, 5 * 2 * 3 * 4 * 4);
    assert_eq!(Gram { b: 1, j: 7, d: 3 }.flops().matmul, 2 * 7 * 7 * 3);
    // Both operands are one tensor, which is read once.
    let gram = OwnGram { b: 1, j: 7, d: 3 }.totals(&Options::default()).unwrap();
    assert_eq!((gram.bits.acts_read, gram.bits.acts_written), (16 * 7 * 3, 16 * 7 * 7));
    // Pairs up to each token's own position.
    assert_eq!(SelfAttention { b: 1, s: 4, d: 8 }.flops().matmul, 2 * 2 * 8 * (4 * 5 / 2));
}

/// The same at compile time.
const _: () = assert!(Heads { b: 1, n: 2, k: 3, f: 5 }.params() == 30);

/// Descriptions that own their sizes say what the constant ones do.
#[test]
fn copies_are_the_same() {
    let copy = Source::Declared(Outer::OP).rewritten(&|_| {}).rewritten(&|_| {});
    for sizes in [[2, 3, 0, 0], [1, 64, 0, 0]] {
        let counted = |op: &Op<'_>| kernels(op, &sizes, &Options::default()).and_then(|all| totals(&all));
        assert_eq!(copy.with(counted), counted(Outer::OP));
    }
}

/// In formulas an axis is written out in the axes that it depends on.
#[test]
fn formulas_have_the_axes_that_are_given() {
    let formula = |op: &Op<'_>| {
        let all = kernels::<Expr>(op, &cost_core::cost::axes(op), &Options::default()).and_then(|all| totals(&all));
        all.unwrap().flops.total().unwrap().show(op.axes, Notation::Text).to_string()
    };
    assert_eq!(formula(Square::OP), "2·b·d²");
    assert_eq!(formula(Mlp::OP), "16·b·d² + 5·b·d + ceil_div(4·d, 3)");
}

/// Positions of windows of `r`, `q` apart.
#[cost(p = (h + 2 - r) / q + 1)]
fn Windows<h, r, q, p>(x: Act<h>, w: Weight<p, r>, v: Weight<q>) -> Act<h, p, r> {
    x * w * sum::<q>(v)
}

#[test]
fn a_size_that_is_none_is_an_error() {
    let none = |divided| Error::Derived { op: "Windows".to_owned(), axis: "p".to_owned(), divided };
    let at = |h, r, q| {
        let op = Windows { h, r, q };
        let found = op.totals(&Options::default()).map(drop);
        assert_eq!(op.sizes().map(drop), found);
        found
    };
    assert_eq!(Windows { h: 224, r: 3, q: 2 }.sizes(), Ok(vec![224, 3, 2, 112]));
    assert_eq!(at(2, 4, 3), Ok(()));
    assert_eq!(at(2, 5, 3), Err(none(false)));
    assert_eq!(at(2, 4, 0), Err(none(true)));
    assert_eq!(Mlp { b: 1, d: u64::MAX }.sizes(), Err(Error::Overflow { counting: "sizes" }));
}

/// Twice as many as are kept.
#[cost(f = 2 * w)]
fn Wide<b, t, w, f>(x: Act<b, t>, m: Weight<w, f>) -> Act<b, f> {
    dot::<w>(top::<t, w>(x), m)
}

/// A square matrix of what is kept.
#[cost]
fn KeptSquare<b, t, w>(x: Act<b, t>) -> Act<b, w> {
    Square { b, d: w }(top::<t, w>(x))
}

#[test]
fn what_top_keeps_is_no_more_than_there_is() {
    let options = Options::default();
    let error = Error::DerivedOfKept { op: "Wide".to_owned(), axis: "f".to_owned() };
    let wide = |w| Wide { b: 1, t: 5, w };
    assert_eq!(wide(3).totals(&options).map(|it| it.flops.vector), Ok(5));
    assert_eq!(wide(8).totals(&options).map(drop), Err(error));
    assert_eq!(counts(Wide::OP, &[1, 5, 3, 0]).map(|it| it.matmul), Some(2 * 3 * 6));
    assert_eq!(counts(Wide::OP, &[1, 5, 8, 0]), None);
    // In what is called, too.
    assert_eq!(KeptSquare { b: 1, t: 5, w: 3 }.flops().matmul, 2 * 3 * 3);
    small(KeptSquare::OP, &[1, 5, 3]);
    let error = Error::DerivedOfKept { op: "Square".to_owned(), axis: "e".to_owned() };
    assert_eq!(KeptSquare { b: 1, t: 5, w: 8 }.totals(&options).map(drop), Err(error));
    assert_eq!(counts(KeptSquare::OP, &[1, 5, 8]), None);
}
