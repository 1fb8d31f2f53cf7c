//! Sizes in terms of axes: of what calls bind, rounds, tiles, and of axes themselves.

use cost_core::library::Size;
use cost_core::op::{Count, MAX_QUOTIENTS};
use syn::{BinOp, Expr, ExprBinary, Ident};

use crate::ast::axis;
use crate::errors::Errors;

/// Arguments of `#[cost(…)]` that look like the size of an axis.
const ARGUMENTS: [&str; 2] = ["part", "crate"];

/// What a size can be made of.
const PARTS: &str = "a size is made of axes, whole numbers, `+`, `-`, `*`, `/` and `ceil(a / b)`";

/// A size in terms of the axes: `3 * d`, `l - 1`, `(h + 2 - r) / 2 + 1`.
pub(crate) fn size(expr: &Expr, axes: &[Ident], errors: &mut Errors) -> Option<Size> {
    match expr {
        Expr::Path(path) => {
            let Some(name) = path.path.get_ident() else {
                errors.add(expr, "expected an axis");
                return None;
            };
            axis(name, axes, errors).map(Size::axis)
        }
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(int), .. }) => {
            fitting(int.base10_parse().ok().map(Size::number), expr, errors)
        }
        Expr::Paren(inner) => size(&inner.expr, axes, errors),
        Expr::Group(inner) => size(&inner.expr, axes, errors),
        Expr::Call(call) if matches!(&*call.func, Expr::Path(path) if path.path.is_ident("ceil")) => {
            match call.args.first().map(bare) {
                Some(Expr::Binary(binary)) if matches!(binary.op, BinOp::Div(_)) && call.args.len() == 1 => {
                    combined(binary, true, axes, errors)
                }
                _ => {
                    errors.add(expr, "`ceil` rounds a quotient up, as in `ceil(t / l)`");
                    None
                }
            }
        }
        Expr::Binary(binary) => combined(binary, false, axes, errors),
        _ => {
            errors.add(expr, PARTS);
            None
        }
    }
}

/// Two sizes and what is between them.
fn combined(it: &ExprBinary, up: bool, axes: &[Ident], errors: &mut Errors) -> Option<Size> {
    let left = size(&it.left, axes, errors);
    let (left, right) = left.zip(size(&it.right, axes, errors))?;
    let result = match it.op {
        BinOp::Add(_) => left.plus(&right, 1),
        BinOp::Sub(_) => left.plus(&right, -1),
        BinOp::Mul(_) => left.times(&right),
        BinOp::Div(_) => match right.as_number() {
            Some(0) => {
                errors.add(&it.right, "this is a division by zero");
                return None;
            }
            _ => Some(left.over(&right, up)),
        },
        _ => {
            errors.add(&it.op, PARTS);
            return None;
        }
    };
    if result.as_ref().is_some_and(|size| size.depth() > MAX_QUOTIENTS) {
        errors.add(it, format!("more than {MAX_QUOTIENTS} quotients are inside one another"));
        return None;
    }
    fitting(result, it, errors)
}

fn fitting(size: Option<Size>, at: &impl quote::ToTokens, errors: &mut Errors) -> Option<Size> {
    if size.is_none() {
        errors.add(at, "this size's coefficient does not fit");
    }
    size
}

/// A number or an axis.
pub(crate) fn count(expr: &Expr, axes: &[Ident], errors: &mut Errors) -> Option<Count> {
    let number = match bare(expr) {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(int), .. }) => int.base10_parse().ok().map(Count::Number),
        Expr::Path(path) if path.path.get_ident().is_some() => {
            return axis(path.path.get_ident()?, axes, errors).map(Count::Axis);
        }
        _ => None,
    };
    if number.is_none() {
        errors.add(expr, "expected a whole number or an axis");
    }
    number
}

/// An expression without the parentheses around it.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => bare(&inner.expr),
        Expr::Group(inner) => bare(&inner.expr),
        other => other,
    }
}

/// The axes whose sizes are given in terms of others, in an order in which each comes after those that it is made of.
pub(crate) fn derived(written: &[(Ident, Expr)], axes: &[Ident], errors: &mut Errors) -> Vec<(u8, Size)> {
    let mut open: Vec<(&Ident, u8, Size)> = Vec::new();
    for (name, expr) in written {
        if !axes.contains(name) && cost_core::nearest(&name.to_string(), ARGUMENTS).is_some() {
            errors.unknown(name, "unknown argument", ARGUMENTS);
            continue;
        }
        match (axis(name, axes, errors), size(expr, axes, errors)) {
            (Some(axis), _) if open.iter().any(|(_, other, _)| *other == axis) => {
                errors.add(name, format!("the size of axis `{name}` is given twice"));
            }
            (_, Some(value)) if value.as_number().is_some_and(|value| value < 0) => {
                errors.add(expr, "this size is negative");
            }
            (Some(axis), Some(value)) => open.push((name, axis, value)),
            _ => {}
        }
    }
    let mut ordered = Vec::new();
    let uses = |size: &Size, axis: u8| size.axes().contains(&axis);
    while let Some(next) = open.iter().position(|(.., size)| !open.iter().any(|(_, axis, _)| uses(size, *axis))) {
        let (_, axis, size) = open.remove(next);
        ordered.push((axis, size));
    }
    for (name, axis, size) in &open {
        if within(size, *axis, &open) {
            errors.add(name, format!("the size of axis `{name}` is given in terms of itself"));
        }
    }
    ordered
}

/// Whether a size is in terms of an axis, by itself or through those of others.
fn within(size: &Size, axis: u8, others: &[(&Ident, u8, Size)]) -> bool {
    let mut reached = size.axes();
    let mut at = 0;
    while at < reached.len() {
        let further = others.iter().filter(|(_, own, _)| *own == reached[at]).flat_map(|(.., size)| size.axes());
        for further in further.collect::<Vec<_>>() {
            if !reached.contains(&further) {
                reached.push(further);
            }
        }
        at += 1;
    }
    reached.contains(&axis)
}
