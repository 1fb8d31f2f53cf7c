//! What a kernel moves: every element of every tensor once, however often and under whichever names it is used.

use std::borrow::Cow;

use super::explain::Rule;
use super::frame::{Frame, Held};
use super::kernel::Operand;
use super::num::Num;
use super::options::Options;
use crate::count::{self, Moved, Rows};
use crate::error::{Error, Result};
use crate::op::{Arg, Shape, Tile};

/// The tensors that a kernel reads, in the order in which it first uses them.
pub(super) struct Reads<'f, 'o, N> {
    frame: &'f Frame<'o, N>,
    tensors: Vec<Reading<'f, 'o, N>>,
}

/// What a kernel reads of one tensor.
struct Reading<'f, 'o, N> {
    tensor: u16,
    /// The value by which it is known here.
    value: u16,
    held: Cow<'f, Held<'o>>,
    uses: Vec<Use<N>>,
}

/// What one use of a tensor reads of it, where its conditions hold.
struct Use<N> {
    shape: Shape,
    rows: Option<Rows>,
    /// Whether that is through windows.
    windowed: bool,
    /// How often it is read, where that is again for each tile.
    again: Option<N>,
    /// Whether any of the uses that read the same is under no condition.
    always: bool,
    /// The conditions of the others, as indices of loops.
    conditions: Vec<Vec<usize>>,
    bits: N,
}

impl<'f, 'o, N: Num> Reads<'f, 'o, N> {
    pub(super) fn new(frame: &'f Frame<'o, N>) -> Self {
        Self { frame, tensors: Vec::with_capacity(4) }
    }

    /// Adds what an operand of a step reads, unless that is under a condition that is absent.
    pub(super) fn add(&mut self, step: usize, arg: usize, options: &Options) -> Result<()> {
        let (frame, op) = (self.frame, self.frame.op);
        let Some(moved) = count::read(op, &frame.parts, step, arg) else { return Ok(()) };
        let there = present(frame, &moved)?;
        if there.is_zero() {
            return Ok(());
        }
        let (tensor, tile) = (frame.tensor(moved.value), again(frame, &moved));
        let at = self.tensors.iter().position(|it| it.tensor == tensor).unwrap_or_else(|| {
            let held = frame.held(Arg::Value(moved.value), options);
            self.tensors.push(Reading { tensor, value: moved.value, held, uses: Vec::with_capacity(1) });
            self.tensors.len() - 1
        });
        let reading = &mut self.tensors[at];
        let conditions = if moved.guarded { conditions(frame, step) } else { Vec::new() };
        // The same tensor by another name has other axes, which may be of other sizes.
        let same = |it: &Use<N>| {
            moved.value == reading.value
                && it.rows == moved.rows
                && it.windowed == moved.windowed
                && it.again.is_some() == tile.is_some()
                && it.shape == moved.shape
        };
        let it = match reading.uses.iter_mut().position(|it| same(it)) {
            Some(at) => &mut reading.uses[at],
            None => {
                let other = (moved.value != reading.value).then(|| frame.held(Arg::Value(moved.value), options));
                let held = other.as_ref().unwrap_or(&reading.held);
                let bits = there.under(|| bits(frame, held, &moved, options))?;
                let again = tile.map(|tile| there.under(|| tiles(frame, tile))).transpose()?;
                let (shape, rows, windowed) = (moved.shape, moved.rows, moved.windowed);
                let own = Use { shape, rows, windowed, again, always: false, conditions: Vec::new(), bits };
                reading.uses.push_mut(own)
            }
        };
        if conditions.is_empty() {
            it.always = true;
        } else {
            it.conditions.push(conditions);
        }
        Ok(())
    }

    /// By which rule each tensor is read, of which the shape is given, and whether it is shared by all experts.
    pub(super) fn rules(&self) -> Vec<(Shape, Rule<N>, bool)> {
        let each = self.tensors.iter().map(|reading| {
            let again = reading.uses.iter().find_map(|it| it.again.clone());
            let rule = match again {
                Some(times) => Rule::Tiles(times),
                None if reading.uses.iter().any(|it| it.rows.is_some()) => Rule::Rows,
                None if reading.uses.iter().any(|it| it.windowed) => Rule::Windows,
                None => Rule::Once,
            };
            (self.frame.op.shapes[usize::from(reading.value)], rule, reading.held.shared)
        });
        each.collect()
    }

    /// What is read of each tensor, and room for so many operands more.
    pub(super) fn operands(self, more: usize, options: &Options) -> Result<Vec<Operand<N>>> {
        let mut operands = Vec::with_capacity(self.tensors.len() + more);
        for reading in self.tensors {
            let bits = reading.bits(self.frame, options)?;
            operands.push(Operand::of(reading.held, bits));
        }
        Ok(operands)
    }
}

/// What is read by one use of a tensor.
fn bits<N: Num>(frame: &Frame<'_, N>, held: &Held<'_>, moved: &Moved, options: &Options) -> Result<N> {
    frame.read_of_experts(held, &moved.shape, options, |frame| match moved.rows {
        Some(rows) => frame.gathered((moved.value, &moved.shape), rows, &held.format, options),
        None if moved.windowed => frame.bits_once(&moved.shape, || frame.rows(moved.value), &held.format, options),
        None => frame.bits(&moved.shape, || frame.rows(moved.value), &held.format, options),
    })
}

impl<N: Num> Reading<'_, '_, N> {
    /// All that is read: views of a tensor, windows of it and rows that are looked up lie within it, so that the most that
    /// any use reads is read, and of that again for each tile the most that any use reads again. Rows that different ids
    /// name add up, to no more than the table.
    fn bits(&self, frame: &Frame<'_, N>, options: &Options) -> Result<N> {
        // Most tensors are used once, and always.
        if let [Use { rows: None, again: None, always: true, bits, .. }] = &self.uses[..] {
            return Ok(bits.clone());
        }
        let held = &self.held;
        let all = frame.op.shapes[usize::from(self.value)];
        let whole = |it: &Use<N>| it.rows.is_none() && !it.windowed && it.shape == all && it.always;
        let covers = |other: &Use<N>, it: &Use<N>| whole(other) && (other.again.is_some() || it.again.is_none());
        let covered = |it: &Use<N>| !whole(it) && self.uses.iter().any(|other| covers(other, it));
        let (mut once, mut tiled, mut looked_up, mut lists) = (None, None, N::int(0), 0);
        for it in self.uses.iter().filter(|it| !covered(it)) {
            let bits = if it.always { it.bits.clone() } else { it.bits.times(&it.presence(frame)?)? };
            if it.rows.is_some() {
                (looked_up, lists) = (looked_up.plus(&bits)?, lists + 1);
            } else if let Some(times) = &it.again {
                tiled = Some((most(tiled.map(|(bits, _)| bits), bits)?, times));
            } else {
                once = Some(most(once, bits)?);
            }
        }
        if lists > 1 {
            let table = frame.bits(&all, || frame.rows(self.value), &held.format, options)?;
            looked_up = looked_up.least(&frame.of_experts(table, held, &all, options)?)?;
        }
        let read = match (once, tiled) {
            (once, None) => once,
            (None, Some((part, times))) => Some(part.times(times)?),
            (Some(once), Some((part, times))) => Some(once.most(&part)?.plus(&part.times(times)?)?.minus(&part)?),
        };
        match read {
            Some(read) if lists > 0 => read.most(&looked_up),
            Some(read) => Ok(read),
            None => Ok(looked_up),
        }
    }
}

/// The larger of two, or the one that there is.
fn most<N: Num>(most: Option<N>, bits: N) -> Result<N> {
    match most {
        None => Ok(bits),
        Some(most) => most.most(&bits),
    }
}

impl<N: Num> Use<N> {
    /// 1 if the conditions of any of the uses hold, else 0.
    fn presence(&self, frame: &Frame<'_, N>) -> Result<N> {
        // Where one holds whenever another does, the other says nothing more.
        let within = |few: &Vec<usize>, many: &Vec<usize>| few.iter().all(|it| many.contains(it));
        let needed = |(i, own): &(usize, &Vec<usize>)| {
            let mut others = self.conditions.iter().enumerate().filter(|(j, _)| j != i);
            !others.any(|(j, other)| within(other, own) && (j < *i || !within(own, other)))
        };
        let needed = self.conditions.iter().enumerate().filter(needed).map(|(_, own)| own);
        let one = N::int(1);
        let holds = |own: &Vec<usize>| frame.multiplied(one.clone(), own.iter().copied());
        let mut each = needed.map(holds).collect::<Result<Vec<_>>>()?;
        if let [only] = &mut each[..] {
            return Ok(only.clone());
        }
        let none = each.iter().try_fold(one.clone(), |none, holds| none.times(&one.minus(holds)?))?;
        one.minus(&none)
    }
}

/// Whether the conditions around what is moved hold: 0 or 1.
fn present<N: Num>(frame: &Frame<'_, N>, moved: &Moved) -> Result<N> {
    if moved.guarded { frame.guarded(moved.step) } else { Ok(N::int(1)) }
}

/// The tiles for each of which a kernel reads again what is moved: it runs over them, and this lacks their axis.
fn again<'f, N: Num>(frame: &'f Frame<'_, N>, moved: &Moved) -> Option<&'f Tile<'f>> {
    let (op, parts) = (frame.op, &frame.parts);
    let tile = op.tile.as_ref().filter(|tile| !moved.shape.has(tile.axis) && moved.rows.is_none())?;
    count::runs_over(op, parts, parts.of(moved.at), tile.axis).then_some(tile)
}

impl<N: Num> Operand<N> {
    /// What is read of a tensor.
    pub(super) fn of(held: Cow<'_, Held<'_>>, bits: N) -> Self {
        let Held { role, format, host, gguf, hf, .. } = *held;
        let [gguf, hf] = [gguf, hf].map(|name| name.filter(|_| N::NAMES).map(str::to_owned));
        let path = match held {
            _ if !N::NAMES => String::new(),
            Cow::Borrowed(held) => held.path.clone(),
            Cow::Owned(held) => held.path,
        };
        Self { path, gguf, hf, role, format, host, written: false, bits }
    }
}

/// How many tiles a tiled axis is cut into.
fn tiles<N: Num>(frame: &Frame<'_, N>, tile: &Tile<'_>) -> Result<N> {
    let (op, length) = (frame.op, frame.dim(&tile.size)?);
    N::int(1).at_most(&length, || {
        let message =
            format!("a tile of its axis {} has 0 positions; expected at least 1", op.axes[usize::from(tile.axis)]);
        Error::Description { op: op.name.to_owned(), message }
    })?;
    frame.size(tile.axis).ceil_div(&length)
}

/// The conditions around a step inside its kernel: of several on the same axis the first stands for all.
fn conditions<N>(frame: &Frame<'_, N>, step: usize) -> Vec<usize> {
    let (loops, parts) = (frame.op.loops, &frame.parts);
    let first = |guard: usize| (0..guard).find(|it| parts.stays(*it) && loops[*it].times == loops[guard].times);
    parts.guards(frame.op, step).map(|guard| first(guard).unwrap_or(guard)).collect()
}
