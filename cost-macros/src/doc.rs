//! The derived formulas, for the documentation of the operator.

use cost_core::cost::{Formats, Options, axes, kernels, totals};
use cost_core::expr::{Expr, Notation, Rational};
use cost_core::library::{Definition, Kind, Quotient, Size};
use cost_core::op::{Op, Shape};
use cost_syntax::Declaration;
use quote::ToTokens;

/// Lines of Markdown that say what the operator costs: its formulas, or what it calls if its callees' costs add to them.
pub(crate) fn lines(declared: &Declaration) -> Vec<String> {
    let calls = calls(declared);
    let lines = if !calls.is_empty() {
        let mut lines = vec!["The kernels of its own, and what it calls:".to_owned(), String::new()];
        lines.extend(calls);
        lines
    } else if declared.definition.shapes.iter().all(Shape::known) {
        declared.definition.alone(formulas).unwrap_or_default()
    } else {
        vec![]
    };
    let it = &declared.definition;
    let sizes = it.derived.iter().map(|(axis, given)| (&it.axes[usize::from(*axis)], size(it, given)));
    let sizes: Vec<String> = sizes.map(|(axis, size)| format!("`{axis} = {size}`")).collect();
    let sizes = if sizes.is_empty() { vec![] } else { vec![format!("With {}.", sizes.join(", ")), String::new()] };
    if sizes.is_empty() && lines.is_empty() {
        return lines;
    }
    [String::new(), "# Cost".to_owned(), String::new()].into_iter().chain(sizes).chain(lines).collect()
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

fn calls(declared: &Declaration) -> Vec<String> {
    let it = &declared.definition;
    let mut lines = Vec::new();
    for (i, (step, place)) in it.steps.iter().zip(&declared.places).enumerate() {
        let (Kind::Call(call), Some(path)) = (&step.kind, &place.callee) else {
            continue;
        };
        let around = it.loops.iter().filter(|it| usize::from(it.start) <= i && i < usize::from(it.end));
        let mut times: Vec<String> = around.map(|round| size(it, &round.times)).collect();
        if let Some(experts) = call.experts {
            times.push(it.axes[usize::from(experts.top)].clone());
        }
        let path = path.to_token_stream().to_string().replace(' ', "");
        let times = if times.is_empty() { String::new() } else { format!("`{}` × ", times.join(" · ")) };
        let bound = call.bind.iter().filter(|(axis, value)| *axis != size(it, value));
        let bound: Vec<String> = bound.map(|(axis, value)| format!("{axis} = {}", size(it, value))).collect();
        let bound = if bound.is_empty() { String::new() } else { format!(" with `{}`", bound.join(", ")) };
        lines.push(format!("- {times}[`{path}`]{bound}"));
    }
    lines
}

fn size(it: &Definition, size: &Size) -> String {
    let mut text = String::new();
    for term in &size.0 {
        text += match (text.is_empty(), term.coefficient < 0) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        let mut factors: Vec<String> = term.axes.iter().map(|axis| it.axes[usize::from(*axis)].clone()).collect();
        factors.extend(term.quotients.iter().map(|quotient| divided(it, quotient)));
        if term.coefficient.unsigned_abs() != 1 || factors.is_empty() {
            factors.insert(0, term.coefficient.unsigned_abs().to_string());
        }
        text += &factors.join("·");
    }
    if text.is_empty() { "0".to_owned() } else { text }
}

/// A quotient and how it is rounded.
fn divided(it: &Definition, Quotient { above, below, up }: &Quotient) -> String {
    let part = |part: &Size| {
        let text = size(it, part);
        if text.contains([' ', '·']) { format!("({text})") } else { text }
    };
    format!("{}({}/{})", if *up { "ceil" } else { "floor" }, part(above), part(below))
}
