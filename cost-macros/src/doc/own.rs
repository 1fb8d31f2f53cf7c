//! An operator without its calls: what they return comes from outside, in the shapes that the rest of the body makes sure
//! of.

use cost_core::library::{Definition, Input, Kind};
use cost_core::op::{self, Arg, Role, Shape};

/// The operator's own steps, and whether some are left out because it can't be told here what they work on.
pub(crate) fn steps(it: &Definition) -> (Definition, bool) {
    let first = it.inputs.len();
    let shapes = assured(it);
    let known = |value: usize| shapes.get(value).is_some_and(Shape::known);
    let (mut told, mut open): (Vec<bool>, bool) = ((0..first).map(known).collect(), false);
    let mut kept = Vec::new();
    for (i, step) in it.steps.iter().enumerate() {
        let call = matches!(step.kind, Kind::Call(_) | Kind::Plain(op::Kind::Output(_)));
        let takes = |arg: &Arg| arg.value().is_none_or(|value| told.get(usize::from(value)) == Some(&true));
        let keeps = !call && step.args.iter().all(takes);
        open |= !call && !keeps && !matches!(step.kind, Kind::Plain(op::Kind::Carry));
        kept.push(keeps);
        told.push(keeps || known(first + i));
    }
    let mut own = Definition { steps: vec![], shapes: vec![], ..it.clone() };
    let outside = kept.iter().filter(|kept| !**kept).count();
    let (mut places, mut before): (Vec<usize>, Vec<usize>) = ((0..first).collect(), Vec::new());
    for (i, (step, kept)) in it.steps.iter().zip(&kept).enumerate() {
        before.push(own.steps.len());
        if *kept {
            places.push(first + outside + own.steps.len());
            own.steps.push(step.clone());
            continue;
        }
        places.push(own.inputs.len());
        let shape = if known(first + i) { shapes[first + i] } else { Shape::SCALAR };
        let (name, role) = (format!("outside{i}"), Role::Act);
        own.inputs.push(Input { name, role, shape, format: None, hf: None, gguf: None, part: None, tied: None });
    }
    before.push(own.steps.len());
    let placed = |value: u16| u16::try_from(places[usize::from(value)]).unwrap_or(u16::MAX);
    for arg in own.steps.iter_mut().flat_map(|step| &mut step.args) {
        if let Arg::Value(value) = arg {
            *value = placed(*value);
        }
    }
    let at = |step: u16| u16::try_from(before[usize::from(step)]).unwrap_or(u16::MAX);
    for round in &mut own.loops {
        round.carried.retain(|(carry, _)| kept[usize::from(*carry) - first]);
        round.carried.iter_mut().for_each(|(carry, end)| (*carry, *end) = (placed(*carry), placed(*end)));
        (round.start, round.end) = (at(round.start), at(round.end));
    }
    own.loops.retain(|round| round.start < round.end);
    own.outputs.iter_mut().for_each(|output| output.value = placed(output.value));
    (own, open)
}

/// The shapes of all values, of those too that only other checks make sure of: a result has the shape that is declared, a
/// variable that a loop changes keeps its own.
fn assured(it: &Definition) -> Vec<Shape> {
    let first = it.inputs.len();
    let mut shapes = it.shapes.clone();
    let tell = |shapes: &mut Vec<Shape>, value: u16, shape: Shape| {
        if !shapes[usize::from(value)].known() {
            shapes[usize::from(value)] = shape;
        }
    };
    for (step, value) in it.steps.iter().zip((0..).skip(first)) {
        if let Some(annotated) = step.annotated {
            tell(&mut shapes, value, annotated);
        }
    }
    for output in &it.outputs {
        tell(&mut shapes, output.value, output.shape);
    }
    let uses =
        |value: u16| it.steps.iter().flat_map(|step| &step.args).filter(|arg| arg.value() == Some(value)).count();
    for (i, step) in it.steps.iter().enumerate().rev() {
        let shape = shapes[first + i];
        let Kind::Plain(kind) = &step.kind else { continue };
        if let op::Kind::Carry = kind {
            let ends = it.loops.iter().flat_map(|round| &round.carried);
            for (_, end) in ends.filter(|(carry, _)| usize::from(*carry) == first + i) {
                tell(&mut shapes, *end, shape);
            }
        }
        for value in step.args.iter().filter_map(|arg| arg.value()) {
            let of = usize::from(value).checked_sub(first).map(|step| &it.steps[step]);
            let same = match kind {
                op::Kind::Map(_)
                | op::Kind::Norm(..)
                | op::Kind::Store
                | op::Kind::Dequant
                | op::Kind::Cast
                | op::Kind::Carry => true,
                // A sum has all axes of its operands: one of them can't have more, nor fewer than one of its own.
                op::Kind::Zip(_) => of.is_some_and(|of| match &of.kind {
                    Kind::Plain(op::Kind::Zip(_)) => {
                        let mut args = of.args.iter().filter_map(|arg| arg.value());
                        shape.known() && args.any(|arg| shapes[usize::from(arg)] == shape)
                    }
                    // However few axes it has, this step costs the same.
                    Kind::Call(_) | Kind::Plain(op::Kind::Output(_)) => uses(value) == 1,
                    Kind::Plain(_) => false,
                }),
                _ => false,
            };
            if same {
                tell(&mut shapes, value, shape);
            }
        }
    }
    shapes
}
