//! The library's own checks, run on the description while it is still tokens, and what only a whole body shows.

use cost_core::check::{At, fault, infer};
use cost_core::op::{self, Dim, Op, Shape, Step, Term};

use crate::ast::{Operator, Size};
use crate::errors::Errors;
use crate::lower::{self, Body};

/// Checks shapes, unread tensors and unused axes; gives the shapes of all values, unknown where calls decide them.
pub(crate) fn run(operator: &Operator, body: &Body, errors: &mut Errors) -> Vec<Shape> {
    unused(operator, body, errors);
    masked(operator, body, errors);
    described(operator, body, |op| {
        for step in 0..op.steps.len() {
            let it = &body.steps[step];
            for (at, span) in [(At::Step, it.span), (At::Annotation, it.annotation_span.unwrap_or(it.span))] {
                if let Some(fault) = fault(op, step, at) {
                    errors.at(span, fault.message(op).as_str());
                }
            }
        }
        if body.result.is_some()
            && let Some(fault) = fault(op, 0, At::Returns)
        {
            errors.at(operator.returns_span, fault.message(op).as_str());
        }
        op.shapes.to_vec()
    })
}

/// Builds the operator's description with unknown callees, and hands it on.
pub(crate) fn described<T>(operator: &Operator, body: &Body, then: impl FnOnce(&Op<'_>) -> T) -> T {
    let axes: Vec<String> = operator.axes.iter().map(ToString::to_string).collect();
    let axes: Vec<&str> = axes.iter().map(String::as_str).collect();
    let names: Vec<String> = operator.inputs.iter().map(|input| input.name.to_string()).collect();
    let name = operator.name.to_string();
    let inputs: Vec<op::Input<'_>> =
        operator.inputs.iter().zip(&names).map(|(input, name)| op::Input::new(name, input.role, input.shape)).collect();
    let steps: Vec<Step<'_>> = body.steps.iter().map(described_step).collect();
    let terms: Vec<Vec<Term<'_>>> = body.loops.iter().map(|it| described_terms(&it.times)).collect();
    let loops: Vec<op::Loop<'_>> = body
        .loops
        .iter()
        .zip(&terms)
        .map(|(it, terms)| op::Loop {
            times: Dim::Sum(terms),
            guard: it.guard,
            label: &it.label,
            start: it.start,
            end: it.end,
            carried: &it.carried,
        })
        .collect();
    let tile = operator.tile.as_ref().map(|(axis, size)| (*axis, described_terms(size)));
    let mut op = Op {
        name: &name,
        axes: &axes,
        inputs: &inputs,
        steps: &steps,
        shapes: &[],
        loops: &loops,
        result: body.result.unwrap_or(0),
        returns: operator.returns,
        mask: operator.mask,
        unfused: operator.unfused,
        tile: tile.as_ref().map(|(axis, terms)| op::Tile { axis: *axis, size: Dim::Sum(terms) }),
        part: None,
        failed: false,
    };
    let shapes = infer(&op);
    op.shapes = &shapes;
    then(&op)
}

fn described_step(step: &lower::Step) -> Step<'_> {
    let kind = match &step.kind {
        lower::Kind::Plain(kind) => *kind,
        lower::Kind::Call(call) => {
            op::Kind::Call(op::Call { op: &Op::UNKNOWN, bind: &[], rest: false, experts: call.experts })
        }
        lower::Kind::Wrong => op::Kind::Call(op::Call { op: &Op::UNKNOWN, bind: &[], rest: false, experts: None }),
    };
    Step { kind, args: &step.args, name: &step.name, annotated: step.annotated }
}

fn described_terms(size: &Size) -> Vec<Term<'_>> {
    size.0.iter().map(|(coefficient, axes)| Term { coefficient: *coefficient, axes }).collect()
}

fn unused(operator: &Operator, body: &Body, errors: &mut Errors) {
    for (input, read) in operator.inputs.iter().zip(&body.read) {
        if !read && !errors.may_mean(&input.name.to_string()) {
            errors.add(&input.name, format!("`{}` is never read", input.name));
        }
    }
    let shapes = operator.inputs.iter().map(|input| &input.shape).chain([&operator.returns]);
    let in_shapes: Vec<u8> = shapes.flat_map(|shape| shape.axes().to_vec()).collect();
    let masked = operator.mask.limit();
    let tiled = operator.tile.iter().flat_map(|(_, size)| size.0.iter().flat_map(|(_, axes)| axes.iter().copied()));
    let tied = operator.inputs.iter().filter_map(|input| input.tied.map(|(_, when)| when));
    let used: Vec<u8> =
        in_shapes.into_iter().chain(tied).chain(masked).chain(tiled).chain(body.axes.iter().copied()).collect();
    // A tensor whose type is wrong may have meant any axis.
    if operator.inputs.iter().all(|input| input.shape.known()) && operator.returns.known() {
        for (i, axis) in operator.axes.iter().enumerate() {
            if !used.iter().any(|used| usize::from(*used) == i) && !errors.may_mean(&axis.to_string()) {
                errors.add(axis, format!("axis `{axis}` is never used"));
            }
        }
    }
}

/// A mask that leaves out pairs of which there are none is a mistake, unless calls make them.
fn masked(operator: &Operator, body: &Body, errors: &mut Errors) {
    let Some((s, t)) = operator.mask.axes() else { return };
    let calls = body.steps.iter().any(|step| !matches!(step.kind, lower::Kind::Plain(_)));
    let pairs = described(operator, body, |op| {
        let both = |shape: &Shape| !shape.known() || (shape.has(s) && shape.has(t));
        let work = (0..op.steps.len()).filter_map(|step| cost_core::count::work(op, step));
        op.shapes.iter().any(both) || work.into_iter().any(|work| both(&work.over))
    });
    if !calls && !pairs {
        let (s, t) = (&operator.axes[usize::from(s)], &operator.axes[usize::from(t)]);
        let message = format!("nothing here has both `{s}` and `{t}`, so the mask has no effect");
        errors.add(&operator.name, message);
    }
}
