//! Keys that stand for blocks of tokens, and blocks of keys that queries choose: counted one by one.

use cost_core::cost::{Masking, Routing, Totals, axes, counts, totals};
use cost_core::expr::Expr;
use cost_core::op::Op;
use cost_core::{Error, Operator, Options, Plan};
use cost_macros::cost;
use cost_tests::counted::{agree, most_agrees};

/// Attention to blocks of `l` tokens, one number wide.
#[cost(causal(s, m, stride = l), m = t / l)]
fn Ended<s, t, m, l>(q: Act<s>, keys: Cache<m>) -> Act<s> {
    sum::<m>(softmax::<m>(q * keys))
}

/// Attention to blocks of `l` tokens, of which one begins every 3, with room for one that hasn't ended.
#[cost(causal(s, m, stride = 3, width = l), m = ceil(t / 3))]
fn Overlapping<s, t, m, l>(q: Act<s>, keys: Cache<m>) -> Act<s> {
    sum::<m>(softmax::<m>(q * keys))
}

/// Attention to `w` blocks of `l` tokens that each query has chosen.
#[cost(selected(s, t, w, block = l))]
fn Chosen<s, t, w, l>(q: Act<s>, keys: Cache<t>, chosen: Act<s, w>) -> Act<s> {
    sum::<t>(softmax::<t>(among::<t, w>(q * keys, chosen)))
}

/// What is left of queries and keys: pairs, and keys that any query sees.
struct Left {
    pairs: u128,
    keys: u128,
}

/// Holds every way of counting against what is left: a pair takes a product, three FLOP in a softmax and one in a sum.
fn check(op: &'static Op<'static>, of: &[u64], left: &Left) {
    let options = Options::default();
    let mut sizes: Vec<u128> = of.iter().copied().map(u128::from).collect();
    cost_core::cost::derive(op, &mut sizes).unwrap();
    let at = |options: &Options| totals(&cost_core::cost::kernels(op, &sizes, options)?);
    let found = at(&options).unwrap();
    assert_eq!((found.flops.vector, found.bits.cache_read), (5 * left.pairs, 16 * left.keys), "{} {sizes:?}", op.name);
    let dense = at(&Options { masking: Masking::Dense, ..Options::default() }).unwrap();
    assert_eq!(dense.flops.vector, 5 * u128::from(of[0]) * left.keys, "{} {sizes:?}", op.name);
    assert_eq!(counts(op, of).unwrap().vector, found.flops.vector, "{} {sizes:?}", op.name);
    let plan = Plan::new(op, op.axes, &axes(op), &options).unwrap();
    assert_eq!(plan.summary::<u128>().at(of).unwrap(), found, "{} {sizes:?}", op.name);
    let small: Vec<u64> = sizes.iter().map(|size| u64::try_from(*size).unwrap()).collect();
    let formula = |part: fn(&Totals<Expr>) -> &Expr| {
        let formulas = cost_core::cost::kernels(op, &axes(op), &options).and_then(|all| totals(&all)).unwrap();
        part(&formulas).value(&small).unwrap().whole().unwrap().unsigned_abs()
    };
    assert_eq!(formula(|it| &it.flops.vector), found.flops.vector, "{} {sizes:?}", op.name);
    assert_eq!(formula(|it| &it.bits.cache_read), found.bits.cache_read, "{} {sizes:?}", op.name);
    let small: Vec<usize> = small.iter().map(|size| usize::try_from(*size).unwrap()).collect();
    // Where there is no key at all, what one would be multiplied with is counted to be read all the same.
    if left.keys > 0 {
        let counted = agree(op, &small, Routing::Worst).and_then(|()| most_agrees(op, &small));
        assert_eq!(counted, Ok(()), "{} {sizes:?}", op.name);
    }
}

/// Queries and positions: prefill, further tokens, decode.
fn steps(most: u64) -> impl Iterator<Item = (u64, u64)> {
    (1..=most).flat_map(|t| (1..=t).map(move |s| (s, t)))
}

#[test]
fn blocks_are_seen_once_they_have_ended() {
    let ended = |s: u64, t: u64, blocks: u64, stride: u64, width: u64| {
        let seen = |position: u64| (0..blocks).filter(|block| block * stride + width <= position + 1).count() as u128;
        Left { pairs: (t - s..t).map(seen).sum(), keys: seen(t - 1) }
    };
    for (l, (s, t)) in (1..5).flat_map(|l| steps(9).map(move |step| (l, step))) {
        check(Ended::OP, &[s, t, 0, l], &ended(s, t, t / l, l, l));
        check(Overlapping::OP, &[s, t, 0, l], &ended(s, t, t.div_ceil(3), 3, l));
    }
}

#[test]
fn a_query_sees_its_own_block_and_others() {
    for ((w, l), (s, t)) in
        (1..4).flat_map(|w| (1..4).map(move |l| (w, l))).flat_map(|it| steps(9).map(move |step| (it, step)))
    {
        let others = |position: u64| (position / l).min(w - 1);
        let pairs = (t - s..t).map(|position| u128::from(others(position) * l + position % l + 1)).sum();
        // Blocks before those that the queries are in, as many as all of them choose.
        let (first, own) = ((t - s) / l, t - (t - s) / l * l);
        let keys = u128::from(own + (s * (w - 1)).min(first) * l);
        check(Chosen::OP, &[s, t, w, l], &Left { pairs, keys });
    }
}

/// A block of one key is a key, and a block of all tokens is all that there are.
#[test]
fn blocks_of_one_are_keys() {
    for (w, (s, t)) in (1..4).flat_map(|w| steps(9).map(move |step| (w, step))) {
        let single = (t - s..t).map(|position| u128::from((position + 1).min(w))).sum();
        check(Chosen::OP, &[s, t, w, 1], &Left { pairs: single, keys: u128::from(t.min(s * w)) });
        let all = (t - s..t).map(|position| u128::from(position + 1)).sum();
        check(Chosen::OP, &[s, t, w, t], &Left { pairs: all, keys: u128::from(t) });
    }
}

// The compiler counts the same: 0 + 1 + 1 + 2 + 2 blocks, and 1 + 2 + 3 + 4 + 3 keys.
const _: () = assert!(Ended { s: 5, t: 5, l: 2 }.flops().vector == 5 * (1 + 1 + 2 + 2));
const _: () = assert!(Chosen { s: 5, t: 5, w: 2, l: 2 }.flops().vector == 5 * (1 + 2 + 3 + 4 + 3));

#[test]
fn sizes_that_are_none() {
    let error = |of: Result<_, Error>| of.map(|_: Totals<u128>| ()).unwrap_err().to_string();
    let options = Options::default();
    assert_eq!(
        error(Ended { s: 4, t: 3, l: 2 }.totals(&options)),
        "Ended has a mask with s = 4 new positions out of t = 3; expected s to be at most t"
    );
    assert_eq!(error(Chosen { s: 1, t: 3, w: 1, l: 0 }.totals(&options)), "tokens into blocks: division by zero");
    assert_eq!(
        error(Chosen { s: 1, t: 3, w: 0, l: 2 }.totals(&options)),
        "the description of Chosen is wrong: its queries choose w = 0 blocks; expected at least 1, their own"
    );
    assert_eq!(counts(Chosen::OP, &[1, 3, 0, 2]), None);
    // A description may say of any axis that it is the number of blocks.
    let few = Op { derived: &[], ..*Ended::OP };
    let found = cost_core::cost::kernels(&few, &[1_u128, 9, 3, 2], &options).and_then(|all| totals(&all));
    assert_eq!(
        error(found),
        "the description of Ended is wrong: its mask has m = 3 blocks of t = 9 tokens; expected at least 4"
    );
    assert_eq!(counts(&few, &[1, 9, 3, 2]), None);
}
