//! The derived formulas, for the documentation of the operator.

use cost_core::cost::{Formats, Options, axes, kernels, totals};
use cost_core::expr::{Expr, Notation, Rational};
use cost_core::op::{Op, Shape};
use quote::ToTokens;

use crate::ast::{Operator, Size};
use crate::check::described;
use crate::lower::{Body, Kind};

/// Lines of Markdown that say what the operator costs: its formulas, or what it calls if its callees' costs add to them.
pub(crate) fn lines(operator: &Operator, body: &Body, shapes: &[Shape]) -> Vec<String> {
    let calls = calls(operator, body);
    let lines = if !calls.is_empty() {
        let mut lines = vec!["The kernels of its own, and what it calls:".to_owned(), String::new()];
        lines.extend(calls);
        lines
    } else if shapes.iter().all(Shape::known) {
        described(operator, body, formulas).unwrap_or_default()
    } else {
        vec![]
    };
    if lines.is_empty() {
        return lines;
    }
    [String::new(), "# Cost".to_owned(), String::new()].into_iter().chain(lines).collect()
}

fn formulas(op: &Op<'_>) -> cost_core::Result<Vec<String>> {
    // One byte for every element, so that bytes are elements.
    let options = Options { formats: Formats::bytes(), ..Options::default() };
    let sum = totals(&kernels::<Expr>(op, &axes(op), &options)?)?;
    let text = |expr: &Expr| format!("`{}`", expr.show(op.axes, Notation::Text));
    let elements = |bits: &Expr| bits.scaled(Rational::new(1, 8)?);
    let (matmul, vector) = (sum.flops.matmul()?, &sum.flops.vector);
    let both = !matmul.is_zero() && !vector.is_zero();
    let share = if both { format!(", of which {} in summed products", text(&matmul)) } else { String::new() };
    let mut lines = vec![format!("- FLOPs: {}{share}", text(&sum.flops.total()?))];
    let moved = [
        ("weights read", &sum.bits.weights),
        ("activations read", &sum.bits.acts_read),
        ("activations written", &sum.bits.acts_written),
        ("cache read", &sum.bits.cache_read),
        ("cache written", &sum.bits.cache_written),
    ];
    for (what, bits) in moved {
        if !bits.is_zero() {
            lines.push(format!("- Elements of {what}: {}", text(&elements(bits)?)));
        }
    }
    Ok(lines)
}

fn calls(operator: &Operator, body: &Body) -> Vec<String> {
    let mut lines = Vec::new();
    for (i, step) in body.steps.iter().enumerate() {
        let Kind::Call(call) = &step.kind else {
            continue;
        };
        let around = body.loops.iter().filter(|it| usize::from(it.start) <= i && i < usize::from(it.end));
        let mut times: Vec<String> = around.map(|it| size(operator, &it.times)).collect();
        if let Some(experts) = call.experts {
            times.push(operator.axes[usize::from(experts.top)].to_string());
        }
        let path = call.path.to_token_stream().to_string().replace(' ', "");
        let times = if times.is_empty() { String::new() } else { format!("`{}` × ", times.join(" · ")) };
        let bound = call.bind.iter().filter(|(axis, value)| *axis != size(operator, value));
        let bound: Vec<String> = bound.map(|(axis, value)| format!("{axis} = {}", size(operator, value))).collect();
        let bound = if bound.is_empty() { String::new() } else { format!(" with `{}`", bound.join(", ")) };
        lines.push(format!("- {times}[`{path}`]{bound}"));
    }
    lines
}

fn size(operator: &Operator, size: &Size) -> String {
    let mut text = String::new();
    for (coefficient, axes) in &size.0 {
        let sign = if *coefficient < 0 { "- " } else { "+ " };
        let mut factors: Vec<String> = axes.iter().map(|axis| operator.axes[usize::from(*axis)].to_string()).collect();
        if coefficient.unsigned_abs() != 1 || factors.is_empty() {
            factors.insert(0, coefficient.unsigned_abs().to_string());
        }
        text += if text.is_empty() { sign.trim_start_matches("+ ") } else { " " };
        text += if text.ends_with(' ') && text.len() > 2 { sign } else { "" };
        text += &factors.join("·");
    }
    if text.is_empty() { "0".to_owned() } else { text }
}
