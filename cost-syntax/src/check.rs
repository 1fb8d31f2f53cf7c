//! The library's own checks, run on the description while its callees are unknown, and what only a whole body shows.

use cost_core::check::{At, fault};
use cost_core::library::Kind;
use cost_core::op::Shape;
use proc_macro2::Span;

use crate::ast::Declaration;
use crate::errors::Errors;
use crate::lower::Mentioned;

/// Checks shapes, unread tensors and unused axes; fills in the shapes of all values, unknown where calls decide them.
pub(crate) fn run(declared: &mut Declaration, mentioned: &Mentioned, errors: &mut Errors) {
    unused(declared, mentioned, errors);
    masked(declared, errors);
    let mut reported = Vec::new();
    let shapes = declared.definition.alone(|op| {
        for (step, place) in declared.places.iter().enumerate() {
            for (at, span) in [(At::Step, place.step), (At::Annotation, place.annotation.unwrap_or(place.step))] {
                if let Some(fault) = fault(op, step, at) {
                    errors.at(span, fault.message(op).as_str());
                    reported.push(step);
                }
            }
        }
        for (number, span) in declared.returns.iter().enumerate().filter(|_| declared.returned) {
            if let Some(fault) = fault(op, 0, At::Returns(number)) {
                errors.at(*span, fault.message(op).as_str());
            }
        }
        op.shapes.to_vec()
    });
    (declared.definition.shapes, declared.reported) = (shapes, reported);
}

impl Declaration {
    /// What can't be checked before callees are known: calls, steps on what they return and what depends on those. Each is
    /// a place, the step there and what about it.
    pub fn open(&self) -> Vec<(Span, usize, At)> {
        let it = &self.definition;
        let unknown = |value: u16| it.shapes.get(usize::from(value)).is_some_and(|shape| !shape.known());
        let mut open = Vec::new();
        for (i, (step, place)) in it.steps.iter().zip(&self.places).enumerate() {
            let value = it.inputs.len() + i;
            // What has been said once isn't said again.
            if self.reported.contains(&i) {
                continue;
            }
            if step.annotated.is_some() && !it.shapes[value].known() {
                open.push((place.annotation.unwrap_or(place.step), i, At::Annotation));
            }
            let Kind::Call(call) = &step.kind else {
                let changed = |(carry, end): &(u16, u16)| usize::from(*carry) == value && unknown(*end);
                let reads = step.args.iter().filter_map(|arg| arg.value()).any(unknown);
                if reads || it.loops.iter().any(|it| it.carried.iter().any(changed)) {
                    open.push((place.step, i, At::Step));
                }
                continue;
            };
            if place.callee.is_some() {
                open.push((place.step, i, At::Step));
                let binds = place.binds.iter().take(call.bind.len()).enumerate();
                open.extend(binds.map(|(n, span)| (*span, i, At::Bind(n))));
                open.extend(place.args.iter().enumerate().map(|(n, span)| (*span, i, At::Arg(n))));
            }
        }
        for (number, (output, span)) in it.outputs.iter().zip(&self.returns).enumerate() {
            if self.returned && unknown(output.value) {
                open.push((*span, 0, At::Returns(number)));
            }
        }
        open
    }
}

fn unused(declared: &Declaration, mentioned: &Mentioned, errors: &mut Errors) {
    let it = &declared.definition;
    for (name, read) in declared.inputs.iter().zip(&mentioned.read) {
        if !read && !errors.may_mean(&name.to_string()) {
            errors.add(name, format!("`{name}` is never read"));
        }
    }
    let shapes = || it.inputs.iter().map(|input| &input.shape).chain(it.outputs.iter().map(|output| &output.shape));
    let in_shapes = shapes().flat_map(|shape| shape.axes().iter().copied());
    let tiled = it.tile.iter().flat_map(|(_, size)| size.axes());
    let sized = it.derived.iter().flat_map(|(_, size)| size.axes());
    let tied = it.inputs.iter().filter_map(|input| input.tied.map(|tied| tied.when));
    // Queries and keys are the axes of tensors.
    let pair = it.mask.axes().map_or(Shape::SCALAR, |(s, t)| Shape::of(&[s, t]));
    let masked = it.mask.named().minus(&pair);
    let used = in_shapes.chain(sized).chain(tied).chain(masked.axes().iter().copied()).chain(tiled);
    let used: Vec<u8> = used.chain(mentioned.axes.iter().copied()).collect();
    // A tensor whose type is wrong may have meant any axis.
    if shapes().all(Shape::known) {
        for (i, axis) in declared.axes.iter().enumerate() {
            if !used.iter().any(|used| usize::from(*used) == i) && !errors.may_mean(&axis.to_string()) {
                errors.add(axis, format!("axis `{axis}` is never used"));
            }
        }
    }
}

/// A mask that leaves out pairs of which there are none is a mistake, unless calls make them.
fn masked(declared: &Declaration, errors: &mut Errors) {
    let it = &declared.definition;
    let Some((s, t)) = it.mask.axes() else { return };
    let calls = it.steps.iter().any(|step| matches!(step.kind, Kind::Call(_)));
    let pairs = it.alone(|op| {
        let both = |shape: &Shape| !shape.known() || (shape.has(s) && shape.has(t));
        let work = (0..op.steps.len()).filter_map(|step| cost_core::count::work(op, step));
        op.shapes.iter().any(both) || work.into_iter().any(|work| both(&work.over))
    });
    if !calls && !pairs {
        let (s, t) = (&declared.axes[usize::from(s)], &declared.axes[usize::from(t)]);
        let message = format!("nothing here has both `{s}` and `{t}`, so the mask has no effect");
        errors.add(&declared.name, message);
    }
}
