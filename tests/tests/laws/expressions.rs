//! Expressions are canonical and mean what they were made of.

use core::cmp::Ordering;

use cost_core::cost::totals;
use cost_core::expr::{Expr, Limit, Notation, Ratio, Rational};
use cost_core::op::Op;
use cost_core::{Error, Operator, Options};
use cost_models::ops::{Attention, GqaAttention, Linear, RmsNorm};
use proptest::prelude::*;

const NAMES: [&str; 4] = ["b", "s", "t", "attn_bias"];

/// How an expression is made, and so what it is worth.
#[derive(Clone, Debug)]
enum Tree {
    Int(i64),
    Axis(u16),
    Add(Box<(Tree, Tree)>),
    Sub(Box<(Tree, Tree)>),
    Mul(Box<(Tree, Tree)>),
    Min(Box<(Tree, Tree)>),
    Max(Box<(Tree, Tree)>),
    /// The divisor is an axis times a number, or an axis and a number: at least 1 where axes are.
    CeilDiv(Box<Tree>, u16, i64, bool),
}

impl Tree {
    fn expr(&self) -> Expr {
        let pair = |pair: &(Self, Self), op: fn(&Expr, &Expr) -> cost_core::Result<Expr>| {
            op(&pair.0.expr(), &pair.1.expr()).unwrap()
        };
        match self {
            Self::Int(n) => Expr::int(i128::from(*n)),
            Self::Axis(axis) => Expr::axis(*axis),
            Self::Add(it) => pair(it, Expr::add),
            Self::Sub(it) => pair(it, Expr::sub),
            Self::Mul(it) => pair(it, Expr::mul),
            Self::Min(it) => pair(it, Expr::smaller),
            Self::Max(it) => pair(it, Expr::larger),
            Self::CeilDiv(it, axis, n, times) => {
                let (axis, n) = (Expr::axis(*axis), Expr::int(i128::from(*n)));
                it.expr().ceil_div(&if *times { axis.mul(&n) } else { axis.add(&n) }.unwrap()).unwrap()
            }
        }
    }

    fn value(&self, sizes: &[u64]) -> i128 {
        let pair = |pair: &(Self, Self)| (pair.0.value(sizes), pair.1.value(sizes));
        let size = |axis: u16| i128::from(sizes[usize::from(axis)]);
        match self {
            Self::Int(n) => i128::from(*n),
            Self::Axis(axis) => size(*axis),
            Self::Add(it) => pair(it).0 + pair(it).1,
            Self::Sub(it) => pair(it).0 - pair(it).1,
            Self::Mul(it) => pair(it).0 * pair(it).1,
            Self::Min(it) => pair(it).0.min(pair(it).1),
            Self::Max(it) => pair(it).0.max(pair(it).1),
            Self::CeilDiv(it, axis, n, times) => {
                let by = if *times { size(*axis) * i128::from(*n) } else { size(*axis) + i128::from(*n) };
                -(-it.value(sizes)).div_euclid(by)
            }
        }
    }
}

/// Expressions that are never negative where axes are at least 1: what sizes and counts are.
fn counts() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![(0..5_i64).prop_map(Tree::Int), (0..3_u16).prop_map(Tree::Axis)];
    leaf.prop_recursive(3, 10, 2, |inner| {
        let pair = || (inner.clone(), inner.clone()).prop_map(Box::new);
        let divided = (inner.clone(), 0..3_u16, 1..5_i64, any::<bool>());
        prop_oneof![
            pair().prop_map(Tree::Add),
            pair().prop_map(Tree::Mul),
            pair().prop_map(Tree::Min),
            pair().prop_map(Tree::Max),
            divided.prop_map(|(it, axis, n, times)| Tree::CeilDiv(Box::new(it), axis, n, times)),
        ]
    })
}

/// Sums, differences and products of those.
fn trees() -> impl Strategy<Value = Tree> {
    counts().prop_recursive(2, 6, 2, |inner| {
        let pair = || (inner.clone(), inner.clone()).prop_map(Box::new);
        prop_oneof![pair().prop_map(Tree::Add), pair().prop_map(Tree::Sub), pair().prop_map(Tree::Mul)]
    })
}

fn fractions() -> impl Strategy<Value = Rational> {
    (-50..50_i128, 1..20_i128).prop_map(|(n, d)| Rational::new(n, d).unwrap())
}

/// `a·b`, `a + b` and so on, on what is known to fit.
fn add(a: &Expr, b: &Expr) -> Expr {
    a.add(b).unwrap()
}

fn mul(a: &Expr, b: &Expr) -> Expr {
    a.mul(b).unwrap()
}

proptest! {
    #[test]
    fn an_expression_is_worth_what_it_is_made_of(tree in trees(), sizes in prop::array::uniform3(1..7_u64)) {
        let expr = tree.expr();
        let value = tree.value(&sizes);
        prop_assert_eq!(expr.value(&sizes).unwrap(), Rational::int(value));
        let wide = sizes.map(|size| size as f64);
        prop_assert!((expr.to_f64(&wide) - value as f64).abs() <= 1e-9 * (1.0 + value.abs() as f64));
    }

    #[test]
    fn equal_expressions_are_equal_values(a in trees(), b in trees(), c in trees()) {
        let (a, b, c) = (a.expr(), b.expr(), c.expr());
        prop_assert_eq!(add(&a, &b), add(&b, &a));
        prop_assert_eq!(mul(&a, &b), mul(&b, &a));
        prop_assert_eq!(add(&add(&a, &b), &c), add(&a, &add(&b, &c)));
        prop_assert_eq!(mul(&mul(&a, &b), &c), mul(&a, &mul(&b, &c)));
        prop_assert_eq!(mul(&a, &add(&b, &c)), add(&mul(&a, &b), &mul(&a, &c)));
        prop_assert_eq!(mul(&add(&a, &b), &a.sub(&b).unwrap()), mul(&a, &a).sub(&mul(&b, &b)).unwrap());
        prop_assert_eq!(a.smaller(&b).unwrap(), b.smaller(&a).unwrap());
        prop_assert_eq!(a.larger(&b).unwrap(), b.larger(&a).unwrap());
        prop_assert!(a.sub(&a).unwrap().is_zero());
    }

    /// Replacing an axis and then evaluating is evaluating with what the axis was replaced by.
    #[test]
    fn substitution_is_evaluation(tree in trees(), by in counts(), sizes in prop::array::uniform3(1..5_u64)) {
        let by = add(&by.expr(), &Expr::int(1));
        let replaced = tree.expr().substitute(&|axis| (axis == 1).then(|| by.clone())).unwrap();
        let value = u64::try_from(by.value(&sizes).unwrap().whole().unwrap()).unwrap();
        prop_assert_eq!(replaced.value(&sizes).unwrap(), tree.expr().value(&[sizes[0], value, sizes[2]]).unwrap());
        prop_assert!(by.mentions(1) || !replaced.mentions(1));
    }

    #[test]
    fn quotients_are_worth_what_they_are_made_of(a in trees(), b in counts(), sizes in prop::array::uniform3(1..6_u64)) {
        let (a, b) = (a.expr(), add(&b.expr(), &Expr::int(1)));
        let ratio = Ratio::new(&a, &b).unwrap();
        let value = a.value(&sizes).unwrap().div(b.value(&sizes).unwrap()).unwrap();
        prop_assert_eq!(ratio.value(&sizes).unwrap(), value);
        // Common factors cancel.
        let common = mul(&Expr::axis(0), &Expr::int(6));
        prop_assert_eq!(Ratio::new(&mul(&a, &common), &mul(&b, &common)).unwrap(), ratio);
    }

    #[test]
    fn fractions_are_a_field(a in fractions(), b in fractions(), c in fractions()) {
        let (sum, product) = (|a: Rational, b: Rational| a.add(b).unwrap(), |a: Rational, b: Rational| a.mul(b).unwrap());
        prop_assert_eq!(sum(a, b), sum(b, a));
        prop_assert_eq!(product(a, b), product(b, a));
        prop_assert_eq!(sum(sum(a, b), c), sum(a, sum(b, c)));
        prop_assert_eq!(product(product(a, b), c), product(a, product(b, c)));
        prop_assert_eq!(product(a, sum(b, c)), sum(product(a, b), product(a, c)));
        prop_assert_eq!(sum(a, a.neg().unwrap()), Rational::ZERO);
        if b.is_zero() {
            prop_assert!(a.div(b).is_err());
        } else {
            prop_assert_eq!(product(a.div(b).unwrap(), b), a);
        }
        let cross = (a.numerator() * b.denominator()).cmp(&(b.numerator() * a.denominator()));
        prop_assert_eq!(a.cmp(&b), cross);
        prop_assert_eq!(sum(a, c).cmp(&sum(b, c)), cross);
        prop_assert!(a.denominator() > 0 && Rational::new(a.numerator(), a.denominator()).unwrap() == a);
    }
}

/// Each expression as plain text and as LaTeX.
#[test]
fn expressions_are_written() {
    let [b, s, t, bias] = [0, 1, 2, 3].map(Expr::axis);
    let int = Expr::int;
    let half = Rational::new(1, 2).unwrap();
    let power = |base: &Expr, n: u32| (0..n).fold(int(1), |product, _| mul(&product, base));
    let distinct = Expr::distinct(&t, &int(2), &s);
    for (expr, text, latex) in [
        (int(0), "0", "0"),
        (int(-7), "-7", "-7"),
        (b.sub(&b).unwrap(), "0", "0"),
        (b.scaled(Rational::int(-1)).unwrap(), "-b", "-b"),
        (b.sub(&int(1)).unwrap(), "b - 1", "b - 1"),
        // A sum starts with a term that is added.
        (int(1).sub(&b).unwrap(), "1 - b", "1 - b"),
        (mul(&int(2), &mul(&mul(&t, &s), &power(&b, 2))), "2·b²·s·t", r"2\,b^{2}\,s\,t"),
        (power(&t, 10), "t¹⁰", "t^{10}"),
        (add(&power(&add(&b, &s), 2), &int(3)), "b² + 2·b·s + s² + 3", r"b^{2} + 2\,b\,s + s^{2} + 3"),
        (power(&b, 2).scaled(half).unwrap(), "1/2·b²", r"\frac{1}{2}\,b^{2}"),
        (mul(&bias, &t), "t·attn_bias", r"t\,\mathit{attn\_bias}"),
        (t.smaller(&s).unwrap(), "min(s, t)", r"\min(s, t)"),
        (power(&t.larger(&s).unwrap(), 2), "max(s, t)²", r"\max(s, t)^{2}"),
        (add(&t, &s).smaller(&t).unwrap(), "t", "t"),
        (add(&b, &int(1)).ceil_div(&int(2)).unwrap(), "ceil_div(b + 1, 2)", r"\left\lceil\frac{b + 1}{2}\right\rceil"),
        (mul(&b, &int(6)).ceil_div(&int(2)).unwrap(), "3·b", r"3\,b"),
        (int(7).ceil_div(&int(2)).unwrap(), "4", "4"),
        (distinct, "distinct(t, 2, s)", r"\left(t\right)\left(1-\left(1-\frac{2}{t}\right)^{s}\right)"),
        (Expr::distinct(&t, &int(2), &int(1)), "2", "2"),
    ] {
        assert_eq!(expr.show(&NAMES, Notation::Text).to_string(), text);
        assert_eq!(expr.show(&NAMES, Notation::Latex).to_string(), latex);
    }
}

/// Each quotient as plain text and as LaTeX.
#[test]
fn quotients_are_written() {
    let [b, s, t, _] = [0, 1, 2, 3].map(Expr::axis);
    let sum = |a: &Expr, b: &Expr| add(a, b);
    for (above, below, text, latex) in [
        (b.clone(), s.clone(), "b / s", r"\frac{b}{s}"),
        (mul(&b, &s), mul(&s, &t), "b / t", r"\frac{b}{t}"),
        (mul(&b, &Expr::int(4)), mul(&s, &Expr::int(6)), "2·b / (3·s)", r"\frac{2\,b}{3\,s}"),
        (sum(&b, &s), sum(&s, &t), "(b + s) / (s + t)", r"\frac{b + s}{s + t}"),
        (sum(&b, &s), t.clone(), "(b + s) / t", r"\frac{b + s}{t}"),
        (mul(&b, &s), b.clone(), "s", "s"),
        (Expr::int(0), b.clone(), "0", "0"),
    ] {
        let ratio = Ratio::new(&above, &below).unwrap();
        assert_eq!(ratio.show(&NAMES, Notation::Text).to_string(), text);
        assert_eq!(ratio.show(&NAMES, Notation::Latex).to_string(), latex);
    }
    assert!(matches!(Ratio::new(&b, &Expr::int(0)), Err(Error::ZeroDivision { .. })));
}

/// What an operator's FLOPs in matrix products over its bytes at 16 bits tend to as an axis grows, where the other
/// axes named are numbers.
#[track_caller]
fn check(op: &Op<'_>, fixed: &[(&str, i128)], axis: &str, matmul_only: bool, expected: &str) {
    let totals =
        totals(&cost_core::cost::kernels(op, &cost_core::cost::axes(op), &Options::default()).unwrap()).unwrap();
    let flops = if matmul_only { totals.flops.matmul() } else { totals.flops.total() }.unwrap();
    let bytes = totals.bits.total().unwrap().scaled(Rational::new(1, 8).unwrap()).unwrap();
    let number =
        |axis: u16| fixed.iter().find(|(name, _)| *name == op.axes[usize::from(axis)]).map(|(_, n)| Expr::int(*n));
    let ratio = Ratio::new(&flops, &bytes).unwrap().substitute(&number).unwrap();
    let limit = ratio.limit(u16::from(op.axis_named(axis).unwrap())).unwrap();
    assert_eq!(limit.show(op.axes, Notation::Text).to_string(), expected, "{} as {axis} grows", op.name);
}

/// Limits by hand.
#[test]
fn intensities_tend_to_their_limits() {
    // 4·s·t·g·k over 4·t·k: each byte of the cache serves g heads of s tokens. Document 000: 8q for Qwen3's 8 heads.
    check(GqaAttention::OP, &[], "t", true, "s·g");
    check(GqaAttention::OP, &[("g", 8)], "t", true, "8·s");
    // With softmax and scale: 4·(k + 1) FLOP for each of s·g·t over 4·t·k byte.
    check(GqaAttention::OP, &[], "t", false, "(s·g·k + s·g) / k");
    // Queries and results of ever more heads: (2t − s + 1)·k·2·s over 4·s·k.
    check(GqaAttention::OP, &[("s", 1)], "g", true, "t");
    // 2·s·d·f over 2·(s·d + d·f + s·f), each batch: the weights' share vanishes.
    check(Linear::OP, &[], "b", true, "d·f / (d + f)");
    check(Linear::OP, &[], "s", true, "d·f / (d + f)");
    check(Linear::OP, &[], "f", true, "b·s·d / (b·s + d)");
    // 4·b·s·d over 4·b·s·d + 2·d byte.
    check(RmsNorm::OP, &[], "b", false, "1");
    check(RmsNorm::OP, &[], "d", false, "2·b·s / (2·b·s + 1)");
    check(RmsNorm::OP, &[], "d", true, "0");
    // A window of w is full: w of t keys for the one new token, and w are read.
    check(Attention::OP, &[("s", 1), ("k", 8), ("h", 8), ("capped", 0), ("sinks", 0)], "t", true, "w·g / (w + g)");
}

/// What one expression tends to by itself.
#[test]
fn atoms_tend_to_their_limits() {
    let [b, s, t, _] = [0, 1, 2, 3].map(Expr::axis);
    for (above, below, expected) in [
        (t.clone(), s.clone(), None),
        (mul(&t, &t), t.clone(), None),
        (s.clone(), t.clone(), Some("0")),
        (t.smaller(&s).unwrap(), Expr::int(1), Some("s")),
        (t.larger(&s).unwrap(), t.clone(), Some("1")),
        (t.larger(&s).unwrap(), s.clone(), None),
        (t.ceil_div(&Expr::int(4)).unwrap(), t.clone(), Some("1 / 4")),
        (s.ceil_div(&t).unwrap(), Expr::int(1), Some("1")),
        // What is rounded up grows with the axis, whatever it is divided by.
        (t.ceil_div(&s).unwrap(), t.clone(), Some("1 / s")),
        (mul(&b, &t.ceil_div(&s).unwrap()), add(&t, &t.ceil_div(&s).unwrap()), Some("b / (s + 1)")),
        (t.ceil_div(&s).unwrap(), s.clone(), None),
        (mul(&t, &b), mul(&t.ceil_div(&s).unwrap(), &t.ceil_div(&b).unwrap()), Some("0")),
        // Twice as many as t are more than t.
        (t.smaller(&mul(&Expr::int(2), &mul(&s, &t.ceil_div(&s).unwrap()))).unwrap(), t.clone(), Some("1")),
        (t.larger(&mul(&Expr::int(2), &mul(&s, &t.ceil_div(&s).unwrap()))).unwrap(), t.clone(), Some("2")),
        // Many tokens touch all experts.
        (Expr::distinct(&b, &s, &t), Expr::int(1), Some("b")),
    ] {
        let limit = Ratio::new(&above, &below).unwrap().limit(2).unwrap();
        match expected {
            None => assert_eq!(limit, Limit::Infinite, "{above:?} over {below:?}"),
            Some(text) => assert_eq!(limit.show(&NAMES, Notation::Text).to_string(), text),
        }
    }
}

#[test]
fn orders_drop_coefficients_and_nothing_else() {
    let [b, s, ..] = [0, 1, 2, 3].map(Expr::axis);
    let expr = add(&mul(&Expr::int(4), &mul(&b, &s)), &b.scaled(Rational::new(3, 2).unwrap()).unwrap());
    assert_eq!(expr.order(), add(&mul(&b, &s), &b));
    // Terms merge before their coefficients are dropped.
    assert_eq!(add(&b, &b).order(), b);
    assert_eq!(Expr::int(0).order(), Expr::int(0));
}

#[test]
fn fractions_that_do_not_fit_are_errors() {
    let (most, least) = (Rational::int(i128::MAX), Rational::int(i128::MIN));
    for result in [most.add(Rational::ONE), most.mul(Rational::int(2)), least.mul(Rational::int(-1)), least.add(least)]
    {
        assert!(matches!(result, Err(Error::Overflow { .. })), "{result:?}");
    }
    assert!(matches!(Rational::new(1, 0), Err(Error::ZeroDivision { .. })));
    // Comparison needs no product, so nothing overflows.
    assert_eq!(Rational::new(i128::MAX, 3).unwrap().cmp(&Rational::new(i128::MAX, 2).unwrap()), Ordering::Less);
    assert!(matches!(Expr::int(i128::MAX).mul(&Expr::int(2)), Err(Error::Overflow { .. })));
    assert!(matches!(Expr::axis(0).mul(&Expr::axis(0)).unwrap().value(&[u64::MAX]), Err(Error::Overflow { .. })));
}
