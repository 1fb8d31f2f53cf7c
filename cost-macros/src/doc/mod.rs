//! What a declaration comes to, for the documentation of the operator: its tensors, mask and derived formulas.

pub(crate) mod own;

use cost_core::cost::{Num, Options, axes, kernels, tensors, totals};
use cost_core::expr::{Expr, Notation, Rational};
use cost_core::library::{Definition, Kind, Quotient, Size};
use cost_core::op::{Count, Mask, Op, Role, Shape};
use cost_syntax::Declaration;
use quote::ToTokens;

/// Lines of Markdown that say what the operator takes and what it costs. Of what it calls only the names are known here.
pub(crate) fn lines(declared: &Declaration) -> Vec<String> {
    let it = &declared.definition;
    if it.failed {
        return vec![];
    }
    let mut lines = vec![String::new(), "# Cost".to_owned(), String::new()];
    lines.extend(signature(it));
    lines.push(String::new());
    let sizes =
        it.derived.iter().map(|(axis, given)| format!("`{} = {}`", it.axes[usize::from(*axis)], size(it, given)));
    let sizes: Vec<String> = sizes.collect();
    if !sizes.is_empty() {
        lines.extend([format!("With {}.", sizes.join(", ")), String::new()]);
    }
    if let Some(seen) = seen(it) {
        lines.extend([seen, String::new()]);
    }
    let calls = calls(declared);
    let open = !it.shapes.iter().all(Shape::known);
    lines.extend(if calls.is_empty() && !open { it.alone(formulas).unwrap_or_default() } else { composed(it, &calls) });
    lines
}

/// The function as it was written, but for its body.
fn signature(it: &Definition) -> Vec<String> {
    let axes = |shape: &Shape| {
        let names: Vec<&str> = shape.axes().iter().map(|axis| it.axes[usize::from(*axis)].as_str()).collect();
        if names.is_empty() { String::new() } else { format!("<{}>", names.join(", ")) }
    };
    let tensors =
        it.inputs.iter().map(|input| format!("    {}: {}{},", input.name, input.role.name(), axes(&input.shape)));
    let mut lines = vec!["```text".to_owned(), format!("{}<{}>(", it.name, it.axes.join(", "))];
    lines.extend(tensors);
    let outputs: Vec<String> =
        it.outputs.iter().map(|output| format!("{}{}", output.role.name(), axes(&output.shape))).collect();
    let outputs = if let [one] = outputs.as_slice() { one.clone() } else { format!("({})", outputs.join(", ")) };
    lines.extend([format!(") -> {outputs}"), "```".to_owned()]);
    lines
}

/// What a query sees under the mask.
fn seen(it: &Definition) -> Option<String> {
    let (s, t) = it.mask.positions()?;
    let name = |axis: u8| &it.axes[usize::from(axis)];
    let (s, t) = (name(s), name(t));
    let own = format!("{t} - {s} + i");
    let keys = match it.mask {
        Mask::None => return None,
        Mask::Causal { .. } => format!("keys 1 to `{own}`"),
        Mask::Blocks { m, width, stride, .. } => {
            let apart = if width == stride { String::new() } else { format!(", one every `{}`,", count(it, stride)) };
            let (m, width) = (name(m), count(it, width));
            format!("those of the `{m}` blocks of `{width}` tokens{apart} that have ended at token `{own}`")
        }
        Mask::Window { w, .. } => format!("the last `{}` of the keys 1 to `{own}`", name(w)),
        Mask::Around { w, .. } => format!("the keys fewer than `{}` before or after position `{own}`", name(w)),
        Mask::Chunked { w, .. } => {
            format!("those of the keys 1 to `{own}` that are in the same chunk of `{}`", name(w))
        }
        Mask::Within { w, .. } => format!("the keys in the same part of `{}` as position `{own}`", name(w)),
        Mask::Selected { w, block: None, .. } => format!("`{}` of its choice of the keys 1 to `{own}`", name(w)),
        Mask::Selected { w, block: Some(block), .. } => {
            let (w, block) = (name(w), count(it, block));
            format!("the keys 1 to `{own}` of `{w}` blocks of `{block}`: its own and others of its choice")
        }
    };
    Some(format!("Query i of `{s}` sees {keys}; the queries are the last of `{t}` positions."))
}

/// A number, or the name of an axis.
fn count(it: &Definition, count: Count) -> String {
    match count {
        Count::Number(number) => number.to_string(),
        Count::Axis(axis) => it.axes[usize::from(axis)].clone(),
    }
}

fn text(op: &Op<'_>, expr: &Expr) -> String {
    expr.show(op.axes, Notation::Text).to_string()
}

fn formulas(op: &Op<'_>) -> cost_core::Result<Vec<String>> {
    let options = Options::default();
    let sum = totals(&kernels::<Expr>(op, &axes(op), &options)?)?;
    let bytes = |bits: &Expr| Ok(text(op, &bits.scaled(Rational::new(1, 8)?)?));
    let (matmul, vector) = (sum.flops.matmul()?, &sum.flops.vector);
    let both = !matmul.is_zero() && !vector.is_zero();
    let share = if both { format!(", of which `{}` in summed products", text(op, &matmul)) } else { String::new() };
    let mut lines = vec![format!("- FLOPs: `{}`{share}", text(op, &sum.flops.total()?))];
    lines.extend(parameters(op)?);
    let moved = [
        ("weights read", &sum.bits.weights),
        ("activations read", &sum.bits.acts_read),
        ("activations written", &sum.bits.acts_written),
        ("cache read", &sum.bits.cache_read),
        ("cache written", &sum.bits.cache_written),
    ];
    lines.push(format!("- Bytes, where nothing else is said in 16-bit formats: `{}`", bytes(&sum.bits.total()?)?));
    for (what, bits) in moved {
        if !bits.is_zero() {
            lines.push(format!("  - {what}: `{}`", bytes(bits)?));
        }
    }
    Ok(lines)
}

/// The parameters of its own, by name where a condition may leave them out: whether a call reads what it is given isn't
/// known here.
fn own_parameters(it: &Definition) -> Option<String> {
    let weights = it.inputs.iter().filter(|it| it.role == Role::Weight && it.part.as_deref() != Some("buffer"));
    let terms = weights.map(|input| {
        let axes = input.shape.axes().iter().map(|axis| it.axes[usize::from(*axis)].as_str());
        let elements = axes.collect::<Vec<_>>().join("·");
        format!("{} of `{}`", if elements.is_empty() { "1".to_owned() } else { format!("`{elements}`") }, input.name)
    });
    let terms: Vec<String> = terms.collect();
    (!terms.is_empty()).then(|| format!("- Parameters of its own, where they are read: {}", terms.join(" + ")))
}

/// The number of parameters, if there are any.
fn parameters(op: &Op<'_>) -> cost_core::Result<Option<String>> {
    let mut sum = Expr::default();
    for it in tensors::<Expr>(op, &axes(op), &Options::default())? {
        if it.role == Role::Weight && it.part.as_deref() != Some("buffer") {
            sum = sum.plus(&it.elements.times(&it.copies)?)?;
        }
    }
    Ok((!sum.is_zero()).then(|| format!("- Parameters of its own: `{}`", text(op, &sum))))
}

/// FLOPs of an operator that calls others: of its own steps, as far as they don't take what a call returns, and the calls.
fn composed(it: &Definition, calls: &[(String, String)]) -> Vec<String> {
    let (own, open) = own::steps(it);
    let flops: cost_core::Result<Option<String>> = own.alone(|op| {
        let sum = totals(&kernels::<Expr>(op, &axes(op), &Options::default())?)?.flops.total()?;
        Ok((!sum.is_zero()).then(|| text(op, &sum)))
    });
    // What can't be told is said to be left out.
    let open = open || flops.is_err();
    let terms = flops.ok().flatten().into_iter().chain(open.then(|| "…".to_owned()));
    let sum: Vec<String> = terms.chain(calls.iter().map(|(term, _)| term.clone())).collect();
    let mut lines = vec![format!("- FLOPs: `{}`", sum.join(" + "))];
    if open {
        lines.push("  - `…`: its own steps on what calls return".to_owned());
    }
    lines.extend(own_parameters(it));
    let mut links: Vec<String> = Vec::new();
    for (_, path) in calls {
        let link = format!("[`{path}`]");
        if !links.contains(&link) {
            links.push(link);
        }
    }
    if !links.is_empty() {
        lines.push(format!("- Calls: {}", links.join(", ")));
    }
    lines
}

/// The calls: how often each runs with which sizes, as a term of a sum, and what is called.
fn calls(declared: &Declaration) -> Vec<(String, String)> {
    let it = &declared.definition;
    let mut terms = Vec::new();
    for (i, (step, place)) in it.steps.iter().zip(&declared.places).enumerate() {
        let (Kind::Call(call), Some(path)) = (&step.kind, &place.callee) else {
            continue;
        };
        let around = it.loops.iter().filter(|it| usize::from(it.start) <= i && i < usize::from(it.end));
        let times = around.map(|round| factor(it, &round.times));
        // With a capacity all experts run, each on as many rows.
        let copies = call.experts.map(|experts| if experts.capacity.is_some() { experts.count } else { experts.top });
        let times: Vec<String> = times.chain(copies.map(|axis| it.axes[usize::from(axis)].clone())).collect();
        let rows = call.experts.and_then(|experts| experts.capacity);
        let rows = rows.map(|capacity| format!(" on {} rows", count(it, capacity)));
        let path = path.to_token_stream().to_string().replace(' ', "");
        let bound = call.bind.iter().map(|(axis, value)| {
            let value = size(it, value);
            if *axis == value { value } else { format!("{axis} = {value}") }
        });
        let bound: Vec<String> = bound.chain(call.rest.then(|| "…".to_owned())).collect();
        let name = path.rsplit("::").next().unwrap_or_default();
        let called = format!("{name}({}){}", bound.join(", "), rows.unwrap_or_default());
        let term = times.into_iter().chain([called]).collect::<Vec<_>>().join(" × ");
        terms.push((term, path.clone()));
    }
    terms
}

/// A size as a factor of a product.
fn factor(it: &Definition, of: &Size) -> String {
    let text = size(it, of);
    if text.contains(' ') { format!("({text})") } else { text }
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
