//! For tests of operators (feature `testing`): what one costs as a text to keep, and assertions about it.
//!
//! [`snapshot`] is made for insta's inline snapshots: `assert_snapshot!(snapshot::<Block>())`. [`assert_cost!`](crate::assert_cost)
//! compares formulas as expressions, whatever the order of their terms.

use core::fmt::Write;

use crate::cost::{Formulas, Operator, Options};
use crate::expr::{Expr, Notation};
use crate::op::Op;
use crate::suggest::nearest;

/// What an operator costs at 16 bits, as a text that changes only with it: its parameters, the bytes of its caches, its FLOPs
/// and the bytes that it moves, in all and kernel by kernel.
///
/// # Panics
///
/// If the operator's cost can't be derived.
#[track_caller]
pub fn snapshot<T: Operator>() -> String {
    const { T::READY };
    let op = T::OP;
    let of = formulas(op);
    let show = |formula: &Expr| formula.show(op.axes, Notation::Text).to_string();
    let mut text = format!("{} over {}\n", op.name, op.axes.join(", "));
    for (name, figure) in FIGURES {
        let _ = writeln!(text, "{name:<8}{}", show(figure(&of)));
    }
    for kernel in &of.kernels {
        let (flops, bits) = (kernel.flops.total(), kernel.bits().and_then(|bits| bits.total()));
        let bytes = bits.and_then(|bits| bits.scaled(crate::expr::Rational::new(1, 8)?));
        let _ = writeln!(text, "{} × {}", kernel.path, show(&kernel.repeat));
        for (name, figure) in [("flops", flops), ("bytes", bytes)] {
            let figure = figure.unwrap_or_else(|error| panic!("{}: {error}", op.name));
            let _ = writeln!(text, "  {name} {}", show(&figure));
        }
    }
    text
}

/// Asserts that figures of an operator are these formulas, at 16 bits. Formulas are compared as expressions: terms and
/// factors may be written in any order, and parentheses may be.
///
/// Figures are `params`, `cache` (bytes), `flops`, `matmul` (those in summed products) and `bytes`.
///
/// ```text
/// assert_cost!(Block, flops = "6·b·s·d·f + 5·b·s·f", params = "3·d·f");
/// ```
#[macro_export]
macro_rules! assert_cost {
    ($operator:ty, $($figure:ident = $formula:expr),+ $(,)?) => {
        $crate::testing::assert_figures::<$operator>(&[$((::core::stringify!($figure), $formula)),+])
    };
}

/// What [`assert_cost!`](crate::assert_cost) does.
///
/// # Panics
///
/// If a figure is another one, with all that are and by what they differ.
#[track_caller]
pub fn assert_figures<T: Operator>(expected: &[(&str, &str)]) {
    const { T::READY };
    let wrong = differences(T::OP, &formulas(T::OP), expected);
    assert!(wrong.is_empty(), "{wrong}");
}

/// A figure's name, and where it is.
type Figure = (&'static str, fn(&Formulas) -> &Expr);

const FIGURES: [Figure; 5] = [
    ("params", |of| &of.params),
    ("cache", |of| &of.cache),
    ("flops", |of| &of.flops),
    ("matmul", |of| &of.matmul),
    ("bytes", |of| &of.bytes),
];

#[track_caller]
fn formulas(op: &Op<'_>) -> Formulas {
    Formulas::of(op, &Options::default()).unwrap_or_else(|error| panic!("{}: {error}", op.name))
}

/// What is wrong with figures that are expected; empty if nothing is.
fn differences(op: &Op<'_>, of: &Formulas, expected: &[(&str, &str)]) -> String {
    let show = |formula: &Expr| formula.show(op.axes, Notation::Text).to_string();
    let mut wrong = String::new();
    for (name, text) in expected {
        let Some((_, figure)) = FIGURES.iter().find(|(known, _)| known == name) else {
            let near = nearest(name, FIGURES.iter().map(|(known, _)| *known));
            let near = near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
            let known = FIGURES.map(|(known, _)| known).join(", ");
            let _ = writeln!(wrong, "{}: found the figure `{name}`{near}, expected one of {known}", op.name);
            continue;
        };
        let found = figure(of);
        let compared = Expr::parse(text, op.axes).and_then(|expected| Ok((found.sub(&expected)?, expected)));
        match compared {
            Err(error) => {
                let _ = writeln!(wrong, "{name} of {}: {error}", op.name);
            }
            Ok((more, expected)) if !more.is_zero() => {
                let _ = writeln!(wrong, "{name} of {} is another one", op.name);
                for (what, formula) in [("expected", &expected), ("found", found), ("found - expected", &more)] {
                    let _ = writeln!(wrong, "{what:>18}  {}", show(formula));
                }
            }
            Ok(_) => {}
        }
    }
    wrong
}
