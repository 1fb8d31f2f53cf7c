//! Architectures put together at run time: a frame, and in it layers of blocks in any order and number.
//!
//! What comes of it is one operator of the blocks that are there, with its conditions as constants.

pub mod encoder;
pub mod frames;
pub mod gpt;
pub mod seq2seq;
pub mod towers;

use std::sync::Arc;

use cost_core::library::{Call, Callee, Definition, Kind, Library, Loop, Size, Source, Step};
use cost_core::op::{self, Arg, Dim, Op};

use crate::error::Error;
use crate::model::Model;

/// A model's layers in a frame.
pub(crate) struct Stack {
    pub(crate) frame: &'static Op<'static>,
    /// The sizes that aren't the step's, by axis: those of the frame, and then others.
    pub(crate) sizes: Vec<(String, u64)>,
    pub(crate) groups: Vec<Group>,
    /// The layers that read a source, in a frame with places for both.
    pub(crate) source: Vec<Group>,
    /// What user's blocks are of.
    pub(crate) library: Option<Arc<Library>>,
}

/// Layers with the same blocks.
pub(crate) struct Group {
    /// The label of the loop that they are rounds of.
    pub(crate) label: String,
    /// The axis of how many there are.
    pub(crate) count: String,
    /// Which layers they are.
    pub(crate) places: Vec<u64>,
    /// What each is made of, in order.
    pub(crate) blocks: Vec<Placed>,
}

/// A block and what its axes are.
#[derive(Clone)]
pub(crate) struct Placed {
    pub(crate) block: Source,
    pub(crate) bind: Vec<(String, Bound)>,
    /// What later layers know the keys and values by that it hands on, and what it takes of an earlier one.
    pub(crate) keeps: Option<String>,
    pub(crate) shares: Option<String>,
}

/// What an axis of a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// An axis of the stack.
    Axis(String),
    Number(u64),
}

impl Stack {
    /// The model of these layers.
    pub(crate) fn model(mut self) -> Result<Model, Error> {
        self.name_kept()?;
        let mut it = Definition::of(self.frame);
        let of_frame = |axis: &str| self.frame.axis_named(axis).is_some();
        let counts = self.all().map(|group| (group.count.clone(), group.places.len() as u64));
        let sizes: Vec<(String, u64)> = self.sizes.iter().cloned().chain(counts).collect();
        it.axes.extend(sizes.iter().filter(|(axis, _)| !of_frame(axis)).map(|(axis, _)| axis.clone()));
        fill(&mut it, &self.source, &seq2seq::SOURCE_MARKS)?;
        for marks in [frames::MARKS, &seq2seq::TARGET_MARKS] {
            fill(&mut it, &self.groups, marks)?;
        }
        let mut library = self.library.as_ref().map_or_else(Library::new, |library| Library::clone(library));
        let at = library.add(it);
        let places = self.all().map(|group| (group.label.clone(), group.places.clone())).collect();
        let sizes = sizes.iter().map(|(axis, size)| (axis.as_str(), *size));
        Ok(Model::of(Source::owned(Arc::new(library), at)?, sizes).unlimited("u").placed(places))
    }
}

impl Stack {
    fn all(&self) -> impl Iterator<Item = &Group> {
        self.source.iter().chain(&self.groups)
    }

    /// Gives the sizes of what is handed on between layers names: shapes are of axes.
    fn name_kept(&mut self) -> Result<(), Error> {
        for placed in self.groups.iter_mut().flat_map(|group| &mut group.blocks) {
            let Some(name) = placed.keeps.as_ref().or(placed.shares.as_ref()) else { continue };
            for (own, bound) in &mut placed.bind {
                let Bound::Number(number) = *bound else { continue };
                if !placed.block.with(|op| is_of_kept(op, own)) {
                    continue;
                }
                let axis = format!("{name}_{own}");
                match self.sizes.iter().find(|(known, _)| *known == axis) {
                    None => self.sizes.push((axis.clone(), number)),
                    Some((_, size)) if *size != number => {
                        return Err(Error::field(
                            &axis,
                            number,
                            format!("{size}, as the layers have that keep {name}"),
                        ));
                    }
                    Some(_) => {}
                }
                *bound = Bound::Axis(axis);
            }
        }
        Ok(())
    }
}

/// Whether an axis is of what an operator hands on beside its first result, or of a cache that it is given.
fn is_of_kept(op: &Op<'_>, axis: &str) -> bool {
    let Some(at) = op.axis_named(axis) else { return false };
    let outputs = op.outputs.iter().skip(1).map(|output| &output.shape);
    let inputs = op.inputs.iter().filter(|input| input.role == op::Role::Cache).map(|input| &input.shape);
    outputs.chain(inputs).any(|shape| shape.has(at))
}

/// Puts layers in the place of the call of one of these marks, such as [`frames::Layers`].
fn fill(it: &mut Definition, groups: &[Group], marks: &[&'static Op<'static>]) -> Result<(), Error> {
    let marked = |step: &Step| match &step.kind {
        Kind::Call(Call { callee: Callee::Declared(op), .. }) => marks.iter().find(|mark| mark.name == op.name),
        _ => None,
    };
    let Some((at, mark)) = it.steps.iter().enumerate().find_map(|(at, step)| Some((at, marked(step)?))) else {
        return Ok(());
    };
    // What layers can take by name, beside what the layer before gives.
    let given: Vec<(&str, Arg)> = mark.inputs.iter().map(|input| input.name).zip(it.steps[at].args.clone()).collect();
    let mut kept: Vec<(&str, Vec<Arg>)> = Vec::new();
    let place = |steps: usize| u16::try_from(it.inputs.len() + steps).unwrap_or(u16::MAX);
    let (mut steps, mut loops) = (Vec::new(), Vec::new());
    // What goes from layer to layer: as much as the mark returns.
    let carried = mark.outputs.len();
    let values = it.steps[at].args.iter().take(carried).filter_map(|arg| arg.value());
    let mut x: Vec<u16> = values.collect();
    let name = it.steps[at].name.clone();
    let step = |kind: Kind, args: Vec<Arg>| Step { kind, args, name: name.clone(), annotated: None, format: None };
    for group in groups {
        let first = place(at + steps.len());
        let starts: Vec<u16> = (first..).take(carried).collect();
        steps.extend(x.iter().map(|x| step(Kind::Plain(op::Kind::Carry), vec![Arg::Value(*x)])));
        let mut ends = starts.clone();
        for placed in &group.blocks {
            let call = placed.call(&it.axes)?;
            let next = place(at + steps.len());
            let mut args: Vec<Arg> = ends.iter().copied().map(Arg::Value).collect();
            placed.block.with(|op| {
                let named = |input: &op::Input<'_>| given.iter().find(|(name, _)| *name == input.name);
                args.extend(op.inputs.iter().skip(carried).map_while(named).map(|(_, value)| *value));
            });
            if let Some(name) = &placed.shares {
                match kept.iter().find(|(own, _)| own == name) {
                    Some((_, values)) => args.extend(values),
                    None => {
                        let expected = format!("an earlier layer that keeps what {} takes", placed.block.name());
                        return Err(Error::field(&format!("layers that share {name}"), "none before them", expected));
                    }
                }
            }
            steps.push(step(Kind::Call(call), args));
            let outputs = u8::try_from(placed.block.with(|op| op.outputs.len())).unwrap_or(u8::MAX);
            let returned: Vec<u16> = (next..).take(usize::from(outputs)).collect();
            let others = (1..outputs).map(|number| Kind::Plain(op::Kind::Output(number)));
            steps.extend(others.map(|other| step(other, vec![Arg::Value(next)])));
            if let Some(name) = &placed.keeps {
                kept.retain(|(own, _)| own != name);
                kept.push((name, returned.iter().skip(carried).copied().map(Arg::Value).collect()));
            }
            ends = returned.into_iter().take(carried).collect();
        }
        loops.push(Loop {
            times: axis(&it.axes, &group.count)?,
            guard: false,
            fused: false,
            label: group.label.clone(),
            start: first - place(0),
            end: place(at + steps.len()) - place(0),
            carried: starts.iter().copied().zip(ends).collect(),
        });
        x = starts;
    }
    // What came after the mark comes after the layers.
    let more = u16::try_from(steps.len()).unwrap_or(u16::MAX);
    let (mark, marked) = (place(at), u16::try_from(carried).unwrap_or(u16::MAX));
    let moved = |value: u16| match value.checked_sub(mark) {
        None => value,
        Some(number) if number < marked => x[usize::from(number)],
        Some(_) => value + more - marked,
    };
    let after = |step: u16| if usize::from(step) > at { step + more - marked } else { step };
    for step in &mut it.steps[at + carried..] {
        for arg in &mut step.args {
            if let Arg::Value(value) = arg {
                *value = moved(*value);
            }
        }
    }
    for own in &mut it.loops {
        (own.start, own.end) = (after(own.start), after(own.end));
        own.carried.iter_mut().for_each(|(carry, end)| (*carry, *end) = (moved(*carry), moved(*end)));
    }
    for output in &mut it.outputs {
        output.value = moved(output.value);
    }
    it.steps.splice(at..at + carried, steps);
    it.loops.append(&mut loops);
    it.loops.sort_by_key(|own| (own.start, u16::MAX - own.end));
    it.shapes.clear();
    Ok(())
}

impl Placed {
    /// The axes of the stack that are lengths of its windows.
    pub(crate) fn windows(&self) -> impl Iterator<Item = &str> {
        let limits = self.block.with(limits);
        self.bind.iter().filter_map(move |(own, bound)| match bound {
            Bound::Axis(axis) if self.block.axis_named(own).is_some_and(|own| limits[own]) => Some(axis.as_str()),
            _ => None,
        })
    }

    fn call(&self, axes: &[String]) -> Result<Call, Error> {
        let bound = |(name, bound): &(String, Bound)| {
            let size = match bound {
                Bound::Axis(own) => axis(axes, own)?,
                Bound::Number(number) => Size::number(
                    i64::try_from(*number)
                        .map_err(|_| Error::field(name, number, format!("a size of at most {}", i64::MAX)))?,
                ),
            };
            Ok((name.clone(), size))
        };
        let callee = match &self.block {
            Source::Declared(op) => Callee::Declared(op),
            Source::Owned(_, at) => Callee::Own(*at),
        };
        Ok(Call { callee, bind: self.bind.iter().map(bound).collect::<Result<_, Error>>()?, ..Call::UNKNOWN })
    }
}

fn axis(axes: &[String], name: &str) -> Result<Size, Error> {
    let at = axes.iter().position(|own| own == name).and_then(|at| u8::try_from(at).ok());
    at.map(Size::axis).ok_or_else(|| Error::field(name, "no axis", "one of the architecture"))
}

/// Whether each axis limits how many tokens are seen, here or in what is called.
fn limits(op: &Op<'_>) -> Vec<bool> {
    let mut limits = vec![false; op.axes.len()];
    op.mask.limit().into_iter().for_each(|axis| limits[usize::from(axis)] = true);
    for step in op.steps {
        let op::Kind::Call(call) = step.kind else { continue };
        for (own, _) in self::limits(call.op).into_iter().enumerate().filter(|(_, limits)| *limits) {
            if let Some(Dim::Axis(axis)) = op.bound(&call, own) {
                limits[usize::from(axis)] = true;
            }
        }
    }
    limits
}
