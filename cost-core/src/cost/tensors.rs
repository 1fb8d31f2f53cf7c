//! The tensors that an operator owns: its parameters and caches.

use super::at::At;
use super::frame::Frame;
use super::num::Num;
use super::options::Options;
use crate::count;
use crate::error::Result;
use crate::format::Format;
use crate::op::{Call, Kind, Op, Role, Shape, Step};

/// A parameter, cache or state that an operator (or a call inside it) owns.
#[derive(Clone, Debug)]
pub struct Tensor<N> {
    /// Its path from the outermost operator.
    pub path: String,
    /// Its name in safetensors files, relative to its layer.
    pub hf: Option<String>,
    /// Its name in GGUF files, relative to its block.
    pub gguf: Option<String>,
    /// Its role.
    pub role: Role,
    /// Its number format.
    pub format: Format,
    /// Whether it is left in the memory of the device's host.
    pub host: bool,
    /// Which share of the parameters it counts to.
    pub part: Option<String>,
    /// The names of its axes and their sizes.
    pub shape: Vec<(String, N)>,
    /// Elements in a row: along which scales are shared, and which files have last.
    pub row: N,
    /// Whether it is a factor of a product that sums over some of its axes.
    pub factor: bool,
    /// The outermost loop that it is in, as the calls and labels around it; nothing if it is in none.
    pub place: Option<String>,
    /// Of how many experts it is one's, if it is.
    pub experts: Option<N>,
    /// Elements of one copy; of a cache with a window, those that the next step still needs.
    pub elements: N,
    /// Bits of one copy, scales and zero points included.
    pub bits: N,
    /// How many copies there are: layers, experts.
    pub copies: N,
    /// How many of them one token uses.
    pub active: N,
}

/// The tensors that an operator owns at these axis sizes, in the order of declaration.
pub fn tensors<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<Vec<Tensor<N>>> {
    At::with(op, sizes, options, |at| of(&at.frame, at.options))
}

/// Those of one role.
pub fn tensors_of<N: Num>(op: &Op<'_>, role: Role, sizes: &[N], options: &Options) -> Result<Vec<Tensor<N>>> {
    let wanted = Wanted { options, role: Some(role) };
    At::with(op, sizes, options, |at| wanted.of(&at.frame))
}

/// The tensors of an outermost operator.
pub(super) fn of<N: Num>(frame: &Frame<'_, N>, options: &Options) -> Result<Vec<Tensor<N>>> {
    Wanted { options, role: None }.of(frame)
}

/// Which tensors are asked for: those of a role, or all.
#[derive(Clone, Copy)]
struct Wanted<'o> {
    options: &'o Options,
    role: Option<Role>,
}

impl Wanted<'_> {
    fn of<N: Num>(self, frame: &Frame<'_, N>) -> Result<Vec<Tensor<N>>> {
        let mut found = Vec::new();
        walk(frame, self, &mut found)?;
        Ok(found)
    }

    fn has(self, role: Role) -> bool {
        self.role.map_or_else(|| role.ownable(), |wanted| wanted == role)
    }

    /// Whether an operator has any, by itself or in what it calls.
    fn any(self, op: &Op<'_>) -> bool {
        let inside = |step: &Step<'_>| matches!(step.kind, Kind::Call(call) if self.any(call.op));
        op.inputs.iter().any(|input| self.has(input.role)) || op.steps.iter().any(inside)
    }
}

fn walk<N: Num>(frame: &Frame<'_, N>, wanted: Wanted<'_>, found: &mut Vec<Tensor<N>>) -> Result<()> {
    let (op, options) = (frame.op, wanted.options);
    for ((i, input), held) in op.inputs.iter().enumerate().zip(&frame.inputs) {
        if !held.owned || !wanted.has(input.role) {
            continue;
        }
        #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer inputs than that")]
        let number = i as u16;
        let mut present = frame.repeat.times(&frame.read_at_all(number, options)?)?;
        if let Some(tied) = input.tied {
            present = present.times(&frame.untied(tied)?)?;
        }
        if present.is_zero() {
            continue;
        }
        let dealt = frame.dealt(number, options)?;
        // One of several experts' slices, if they are dealt out.
        let one = match &dealt {
            Some(_) => input.shape.minus(&Shape::of(&input.shape.axes()[..1])),
            None => input.shape,
        };
        let routed = frame.routed.as_ref().map(|routed| Ok((routed.held().clone(), routed.used()?))).transpose()?;
        let (experts, top) = dealt.or(routed).unzip();
        let times = |of: Option<&N>| of.map_or_else(|| Ok(present.clone()), |n| present.times(n));
        let (rows, cache) = (count::rows(op, i), input.role == Role::Cache);
        // A parameter is there whole, whatever a mask leaves to be read.
        let whole = |shape: &Shape| match input.role {
            Role::Weight => frame.product(shape),
            _ => frame.elements(shape, options),
        };
        found.push(Tensor {
            path: held.path.clone(),
            hf: input.hf.map(str::to_owned),
            gguf: input.gguf.map(str::to_owned),
            role: input.role,
            format: held.format,
            host: held.host,
            part: input.part.or(frame.part).map(str::to_owned),
            shape: one.axes().iter().map(|a| (op.axes[usize::from(*a)].to_owned(), frame.size(*a).clone())).collect(),
            row: whole(&one.minus(&one.minus(&rows)))?,
            factor: count::factor(op, i),
            place: frame.around.clone(),
            experts: experts.clone(),
            elements: if cache { frame.cached(&one)? } else { whole(&one)? },
            bits: if cache {
                frame.cached_bits(&one, || rows, &held.format)?
            } else {
                frame.packed(&one, || rows, &held.format, &whole)?
            },
            copies: times(experts.as_ref())?,
            active: times(top.as_ref())?,
        });
    }
    for (step, it) in op.steps.iter().enumerate() {
        if let Kind::Call(call) = it.kind {
            let rounds = frame.rounds(step, options)?;
            if rounds.is_empty() {
                called(frame, (step, &call), &frame.repeats(step)?, wanted, found)?;
                continue;
            }
            let mut each = Vec::with_capacity(rounds.len());
            for (repeat, options) in &rounds {
                let mut own = Vec::new();
                called(frame, (step, &call), repeat, Wanted { options, ..wanted }, &mut own)?;
                each.push(own);
            }
            merge(each, found)?;
        }
    }
    Ok(())
}

/// The tensors of a call, by a step, that runs so often.
fn called<N: Num>(
    frame: &Frame<'_, N>,
    (step, call): (usize, &Call<'_>),
    repeat: &N,
    wanted: Wanted<'_>,
    found: &mut Vec<Tensor<N>>,
) -> Result<()> {
    if repeat.is_zero() || !wanted.any(call.op) {
        return Ok(());
    }
    let inner = || Ok(Frame { repeat: repeat.clone(), ..frame.enter(step, call, wanted.options)? });
    repeat.under(|| walk(&inner()?, wanted, found))
}

/// Adds the tensors of the rounds of a loop, tensor by tensor: those that are stored alike are one with more copies.
fn merge<N: Num>(each: Vec<Vec<Tensor<N>>>, found: &mut Vec<Tensor<N>>) -> Result<()> {
    let mut each: Vec<_> = each.into_iter().map(Vec::into_iter).collect();
    loop {
        let before = found.len();
        for tensor in each.iter_mut().filter_map(Iterator::next) {
            match found[before..].iter_mut().find(|other| (other.format, other.host) == (tensor.format, tensor.host)) {
                Some(other) => {
                    other.copies = other.copies.plus(&tensor.copies)?;
                    other.active = other.active.plus(&tensor.active)?;
                }
                None => found.push(tensor),
            }
        }
        if found.len() == before {
            return Ok(());
        }
    }
}
