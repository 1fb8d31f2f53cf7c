//! Operators with what they call inline in its place: inline operators are part of their callers' kernels.

use std::ptr;

use super::copy::{Callees, definition, size};
use super::{Call, Callee, Definition, Kind, Library, Loop, Quotient, Size, Step, Term};
use crate::check::{At, extent, fault, sound};
use crate::error::{Error, Result};
use crate::op::{self, Arg, Op, Shape};

/// What a function makes of an operator in which nothing is called inline; of itself if nothing is. An error if either is no
/// description of anything.
pub(crate) fn spliced<T>(op: &Op<'_>, then: impl FnOnce(&Op<'_>) -> Result<T>) -> Result<T> {
    if !extent(op)?.inlines {
        return then(op);
    }
    let mut splice = Splice { library: Library::new(), known: Vec::new() };
    let at = splice.of(op)?;
    splice.library.with(at, |op| {
        sound(op)?;
        then(op)
    })
}

struct Splice<'o> {
    library: Library,
    /// The operators that are in the library, by where they are.
    known: Vec<(*const Op<'o>, usize)>,
}

/// The steps and loops of a body as they are put together.
struct Body {
    inputs: usize,
    steps: Vec<Step>,
    loops: Vec<Loop>,
}

impl Body {
    fn push(&mut self, step: Step) -> u16 {
        self.steps.push(step);
        u16::try_from(self.inputs + self.steps.len() - 1).unwrap_or(u16::MAX)
    }
}

impl<'o> Splice<'o> {
    /// The place of an operator in the library, with what it calls.
    fn of(&mut self, op: &Op<'o>) -> Result<usize> {
        if let Some((_, at)) = self.known.iter().find(|(known, _)| ptr::eq(*known, op)) {
            return Ok(*at);
        }
        let mut places = Vec::new();
        for step in op.steps {
            if let op::Kind::Call(call) = step.kind {
                places.push(self.of(call.op)?);
            }
        }
        let mut callees = places.iter();
        let callees: Callees<'_, 'o> = &mut |_| callees.next().map_or(Callee::Unknown, |at| Callee::Own(*at));
        let whole = definition(op, callees);
        let spliced = self.put(op, whole)?;
        let at = self.library.add(spliced);
        self.known.push((ptr::from_ref(op), at));
        Ok(at)
    }

    /// A definition with the bodies of inline operators in place of their calls.
    fn put(&self, op: &Op<'_>, whole: Definition) -> Result<Definition> {
        let mut body = Body { inputs: op.inputs.len(), steps: Vec::new(), loops: Vec::new() };
        // What each value is now, and where each step begins.
        let mut values: Vec<Vec<u16>> = (0_u16..).take(op.inputs.len()).map(|value| vec![value]).collect();
        let (mut starts, mut inner): (Vec<usize>, Vec<Loop>) = (Vec::new(), Vec::new());
        for (at, step) in whole.steps.into_iter().enumerate() {
            starts.push(body.steps.len());
            let first = |value: u16| values[usize::from(value)][0];
            let args: Vec<Arg> =
                step.args.iter().map(|arg| arg.value().map_or(*arg, |it| Arg::Value(first(it)))).collect();
            let now = match (&step.kind, op.steps[at].kind) {
                (Kind::Call(Call { callee: Callee::Own(callee), .. }), op::Kind::Call(call)) if call.op.inline => {
                    if let Some(wrong) = fault(op, at, At::Step) {
                        let message = wrong.message(op).as_str().to_owned();
                        return Err(Error::Description { op: op.name.to_owned(), message });
                    }
                    let callee = &self.library.definitions()[*callee];
                    let mut names: Vec<&str> = vec![&step.name];
                    let others = op.steps[at + 1..].iter().take_while(|it| matches!(it.kind, op::Kind::Output(_)));
                    names.extend(others.map(|it| it.name));
                    inlined(op, &call, callee, &args, &names, &mut body, &mut inner)?
                }
                (Kind::Plain(op::Kind::Output(number)), _) => {
                    let of = step.args.first().and_then(|arg| arg.value()).map(|of| &values[usize::from(of)]);
                    match of.and_then(|all| all.get(usize::from(*number))) {
                        Some(value) => vec![*value],
                        None => vec![body.push(Step { args, ..step })],
                    }
                }
                _ => vec![body.push(Step { args, ..step })],
            };
            values.push(now);
        }
        starts.push(body.steps.len());
        let value = |of: u16| values[usize::from(of)][0];
        let start = |of: u16| u16::try_from(starts[usize::from(of)]).unwrap_or(u16::MAX);
        let own = whole.loops.into_iter().map(|it| Loop {
            start: start(it.start),
            end: start(it.end),
            carried: it.carried.iter().map(|(carry, end)| (value(*carry), value(*end))).collect(),
            ..it
        });
        body.loops.extend(own.chain(inner).filter(|it| it.start < it.end));
        body.loops.sort_by_key(|it| (it.start, u16::MAX - it.end));
        let mut outputs = whole.outputs;
        for output in &mut outputs {
            output.value = value(output.value);
        }
        Ok(Definition { steps: body.steps, loops: body.loops, outputs, shapes: Vec::new(), ..whole })
    }
}

/// Puts the steps of an inline operator where it is called; gives what it returns.
fn inlined(
    op: &Op<'_>,
    call: &op::Call<'_>,
    callee: &Definition,
    args: &[Arg],
    names: &[&str],
    body: &mut Body,
    loops: &mut Vec<Loop>,
) -> Result<Vec<u16>> {
    let axes = Axes::of(op, call, callee)?;
    let mut values: Vec<u16> = args.iter().filter_map(|arg| arg.value()).collect();
    let before = body.steps.len();
    let place = |start: u16| u16::try_from(before + usize::from(start)).unwrap_or(u16::MAX);
    for (at, step) in callee.steps.iter().enumerate() {
        let own = u16::try_from(callee.inputs.len() + at).unwrap_or(u16::MAX);
        let kind = match &step.kind {
            Kind::Plain(kind) => Kind::Plain(axes.kind(kind)),
            Kind::Call(inner) => Kind::Call(Call {
                bind: inner
                    .bind
                    .iter()
                    .map(|(axis, size)| Ok((axis.clone(), axes.size(size)?)))
                    .collect::<Result<_>>()?,
                experts: inner.experts.map(|it| op::Experts {
                    count: axes.axis(it.count),
                    top: axes.axis(it.top),
                    gated: it.gated,
                    capacity: it.capacity.map(|capacity| axes.count(capacity)),
                }),
                ..inner.clone()
            }),
        };
        let args = step.args.iter().map(|arg| arg.value().map_or(*arg, |it| Arg::Value(values[usize::from(it)])));
        let returned = callee.outputs.iter().position(|output| output.value == own);
        let name =
            returned.and_then(|number| names.get(number)).map_or_else(|| step.name.clone(), |it| (*it).to_owned());
        values.push(body.push(Step { kind, args: args.collect(), name, annotated: None, format: step.format }));
    }
    for it in &callee.loops {
        let carried = it.carried.iter().map(|(carry, end)| (values[usize::from(*carry)], values[usize::from(*end)]));
        loops.push(Loop {
            times: axes.size(&it.times)?,
            start: place(it.start),
            end: place(it.end),
            carried: carried.collect(),
            ..it.clone()
        });
    }
    Ok(callee.outputs.iter().map(|output| values[usize::from(output.value)]).collect())
}

/// What the axes of an inline operator are in its caller.
struct Axes {
    shapes: Vec<Shape>,
    sizes: Vec<Size>,
}

const OVERFLOW: Error = Error::Overflow { counting: "sizes" };

impl Axes {
    fn of(op: &Op<'_>, call: &op::Call<'_>, callee: &Definition) -> Result<Self> {
        let shapes = (0..=u8::MAX).take(callee.axes.len()).map(|axis| op.placed(call, axis).unwrap_or(Shape::SCALAR));
        let bound = (0..callee.axes.len()).map(|axis| op.bound(call, axis).map(|dim| size(&dim)).unwrap_or_default());
        let mut axes = Self { shapes: shapes.collect(), sizes: bound.collect() };
        for (axis, given) in &callee.derived {
            axes.sizes[usize::from(*axis)] = axes.size(given)?;
        }
        Ok(axes)
    }

    /// The one axis that an axis is.
    fn axis(&self, axis: u8) -> u8 {
        self.shapes[usize::from(axis)].axes().first().copied().unwrap_or_default()
    }

    fn shape(&self, shape: &Shape) -> Shape {
        shape.axes().iter().fold(Shape::SCALAR, |all, axis| all.union(&self.shapes[usize::from(*axis)]))
    }

    fn size(&self, size: &Size) -> Result<Size> {
        let mut sum = Size::default();
        for Term { coefficient, axes, quotients } in &size.0 {
            let mut product = Size::number(*coefficient);
            for axis in axes {
                product = product.times(&self.sizes[usize::from(*axis)]).ok_or(OVERFLOW)?;
            }
            for Quotient { above, below, up } in quotients {
                product = product.times(&self.size(above)?.over(&self.size(below)?, *up)).ok_or(OVERFLOW)?;
            }
            sum = sum.plus(&product, 1).ok_or(OVERFLOW)?;
        }
        Ok(sum)
    }

    fn count(&self, count: op::Count) -> op::Count {
        match count {
            op::Count::Axis(axis) => match self.sizes[usize::from(axis)].as_number().map(u32::try_from) {
                Some(Ok(number)) => op::Count::Number(number),
                _ => op::Count::Axis(self.axis(axis)),
            },
            number => number,
        }
    }

    fn kind(&self, kind: &op::Kind<'static>) -> op::Kind<'static> {
        use op::Kind as Op;
        match *kind {
            Op::Dot(over) => Op::Dot(self.shape(&over)),
            Op::Reduce(reduce, over) => Op::Reduce(reduce, self.shape(&over)),
            Op::Norm(norm, over) => Op::Norm(norm, self.shape(&over)),
            Op::Gather(of) => Op::Gather(self.axis(of)),
            Op::Take { of, keep } => Op::Take { of: self.axis(of), keep: self.axis(keep) },
            Op::Put { of, keep } => Op::Put { of: self.axis(of), keep: self.axis(keep) },
            Op::Append(of) => Op::Append(self.axis(of)),
            Op::Before(of) => Op::Before(self.axis(of)),
            Op::Slide { over, width } => Op::Slide { over: self.axis(over), width: self.axis(width) },
            Op::Last { of, keep } => Op::Last { of: self.axis(of), keep: self.axis(keep) },
            Op::Top { of, keep } => Op::Top { of: self.axis(of), keep: self.axis(keep) },
            Op::Among { of, by } => Op::Among { of: self.axis(of), by: self.axis(by) },
            Op::View { of, to } => Op::View { of: self.shape(&of), to: self.shape(&to) },
            Op::Windows(it) => Op::Windows(op::Windows {
                of: self.axis(it.of),
                width: self.axis(it.width),
                at: self.axis(it.at),
                stride: self.count(it.stride),
                pad: self.count(it.pad),
            }),
            other => other,
        }
    }
}
