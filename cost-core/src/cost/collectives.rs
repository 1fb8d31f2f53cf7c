//! What devices exchange, of an operator that has been cut for a mesh.

use super::at::At;
use super::frame::Frame;
use super::names::joined;
use super::num::Num;
use super::options::Options;
use crate::error::{Error, Result};
use crate::expr::Rational;
use crate::op::{Arg, Call, Exchange, Kind, OnMesh, Op, Routes, Transfer};

/// An exchange between the ranks of each group, all groups at once.
#[derive(Clone, Debug)]
pub struct Collective<N> {
    /// The enclosing calls in snake case, then what is exchanged.
    pub path: String,
    /// How often it takes place.
    pub repeat: N,
    /// Its kind.
    pub kind: Exchanged,
    /// The mesh axis whose ranks are in a group; several are joined by `+`.
    pub axis: String,
    /// Ranks in a group.
    pub ranks: N,
    /// Bits of the whole array: of each rank's result, of each rank's operand where results are cut, and of all that each rank
    /// sends where it sends something else to everyone.
    pub bits: N,
    /// Bits that each rank sends to others at least, where they are the fewest that any algorithm could do with: see
    /// [`Exchanged`].
    pub sent: N,
    /// Why it is needed.
    pub why: String,
}

/// The kinds of exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Exchanged {
    /// Everyone gets the sum of what all have. Each sends all of it once to a switch that adds, or 2(n − 1)/n of it around a ring.
    AllReduce,
    /// Everyone gets a share of that sum, and sends (n − 1)/n.
    ReduceScatter,
    /// Everyone gets what the others have, and its link takes in (n − 1)/n of the whole.
    AllGather,
    /// Everyone sends something else to each other.
    AllToAll,
    /// Everyone sends all of what they have to one other.
    Send,
}

impl Exchanged {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::AllReduce, Self::ReduceScatter, Self::AllGather, Self::AllToAll, Self::Send];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AllReduce => "all_reduce",
            Self::ReduceScatter => "reduce_scatter",
            Self::AllGather => "all_gather",
            Self::AllToAll => "all_to_all",
            Self::Send => "send",
        }
    }
}

/// What is exchanged in one step of an operator that [`crate::mesh::cut`] has made, in order. Exchanges that never take place are
/// left out. None in any other operator.
pub fn collectives<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<Vec<Collective<N>>> {
    At::with(op, sizes, options, |at| of(&at.frame, at.options))
}

/// The exchanges of an outermost operator.
pub(super) fn of<N: Num>(frame: &Frame<'_, N>, options: &Options) -> Result<Vec<Collective<N>>> {
    let mut found = Vec::new();
    walk(frame, options, &mut found)?;
    Ok(found)
}

fn walk<N: Num>(frame: &Frame<'_, N>, options: &Options, found: &mut Vec<Collective<N>>) -> Result<()> {
    for (step, it) in frame.op.steps.iter().enumerate() {
        let Kind::Call(call) = it.kind else { continue };
        let repeat = frame.repeats(step)?;
        if repeat.is_zero() {
            continue;
        }
        repeat.under(|| match call.op.mesh {
            Some(OnMesh::Exchange(exchange)) => {
                if exchange.transfer.moves() {
                    let collective = exchanged(frame, step, &call, exchange, repeat.clone(), options)?;
                    // One rank has no others.
                    if collective.ranks != N::int(1) {
                        found.push(collective);
                    }
                }
                Ok(())
            }
            _ => walk(&Frame { repeat: repeat.clone(), ..frame.enter(step, &call, options)? }, options, found),
        })?;
    }
    Ok(())
}

fn exchanged<N: Num>(
    frame: &Frame<'_, N>,
    step: usize,
    call: &Call<'_>,
    exchange: Exchange<'_>,
    repeat: N,
    options: &Options,
) -> Result<Collective<N>> {
    let (before, after) = (frame.op.steps[step].args[0], Arg::Value(frame.op.value_of(step)));
    let bits = |arg: Arg| {
        let value = arg.value().unwrap_or_default();
        let held = frame.held(arg, options);
        let bits = frame.bits(&frame.op.shapes[usize::from(value)], || frame.rows(value), &held.format, options)?;
        match &frame.routed {
            Some(routed) => routed.through(&bits),
            None => Ok(bits),
        }
    };
    let (sizes, _) = frame.sizes_inside(call)?;
    let size = |axis: u8| &sizes[usize::from(axis)];
    let ranks = size(exchange.ranks).clone();
    let others = |bits: &N| bits.times(&ranks.before()?)?.ceil_div(&ranks);
    let (kind, bits, sent, repeat) = match exchange.transfer {
        Transfer::AllReduce(_) => {
            let bits = bits(before)?;
            (Exchanged::AllReduce, bits.clone(), bits, repeat)
        }
        Transfer::ReduceScatter(..) => {
            let bits = bits(before)?;
            (Exchanged::ReduceScatter, bits.clone(), others(&bits)?, repeat)
        }
        Transfer::AllGather(_) => {
            let bits = bits(after)?;
            (Exchanged::AllGather, bits.clone(), others(&bits)?, repeat)
        }
        Transfer::Last(_) => {
            // The first rank has none of them, but for those that the others are too few for.
            let (bits, had) = (bits(after)?, bits(before)?);
            (Exchanged::AllGather, bits.clone(), bits.least(&had.times(&ranks.before()?)?)?, repeat)
        }
        Transfer::Statistics(count) => {
            let bits = frame.statistics(step, options)?;
            (Exchanged::AllReduce, bits.clone(), bits, repeat.times(&N::int(u64::from(count)))?)
        }
        Transfer::AllToAll(Routes { experts, held, top, .. }) => {
            let one = bits(before)?;
            let remote = remote(&one, &ranks, size(experts), size(held), size(top))?;
            (Exchanged::AllToAll, remote.clone(), remote, repeat)
        }
        Transfer::Send => {
            let bits = bits(before)?;
            (Exchanged::Send, bits.clone(), bits, repeat)
        }
        Transfer::Share(_) | Transfer::Once => (Exchanged::AllReduce, N::int(0), N::int(0), repeat),
    };
    let name = frame.name_of(step);
    let path = joined(frame.place(step), if name.is_empty() { "exchange" } else { &name });
    let axis = call.op.axes[usize::from(exchange.ranks)].to_owned();
    Ok(Collective { path, repeat, kind, axis, ranks, bits, sent, why: exchange.why.to_owned() })
}

impl<N: Num> Frame<'_, N> {
    /// Bits of one number in single precision for each row that the normalisation after a step goes over.
    fn statistics(&self, step: usize, options: &Options) -> Result<N> {
        let value = self.op.value_of(step);
        let over = self.op.steps.iter().find_map(|it| match it.kind {
            Kind::Norm(_, over) if it.args.first().and_then(|arg| arg.value()) == Some(value) => Some(over),
            _ => None,
        });
        let shape = self.op.shapes[usize::from(value)];
        let rows = self.elements(&over.map_or(shape, |over| shape.minus(&over)), options)?;
        rows.times(&N::int(32))
    }
}

/// What a rank sends of rows that go to every rank which holds one of a token's experts, itself left out: each token uses `top`
/// of all experts, any as likely as any other, and the chance that none of them is among those that one rank holds is
/// C(experts − held, top) / C(experts, top).
fn remote<N: Num>(rows: &N, ranks: &N, experts: &N, held: &N, top: &N) -> Result<N> {
    let (Some(all), Some(held), Some(top)) = (experts.number(), held.number(), top.number()) else {
        let message = "how many ranks hold a token's experts is known only at numbers of experts".to_owned();
        return Err(Error::Description { op: "an exchange of tokens".to_owned(), message });
    };
    let missed = missed(all, held, top);
    let reached = Rational::ONE.sub(missed)?;
    rows.times(&ranks.before()?)?.scaled(reached)
}

/// C(all − held, top) / C(all, top), as ∏ (all − held − i) / (all − i): exact while that fits, then to 40 bits.
fn missed(all: u128, held: u128, top: u128) -> Rational {
    const UNIT: i128 = 1 << 40;
    let mut exact = Some(Rational::ONE);
    let mut approximate = 1.0_f64;
    for i in 0..top.min(all) {
        let (above, below) = (all.saturating_sub(held).saturating_sub(i), all - i);
        approximate *= above as f64 / below as f64;
        let factor = i128::try_from(above).ok().zip(i128::try_from(below).ok());
        exact = exact.zip(factor).and_then(|(all, (above, below))| all.mul(Rational::new(above, below).ok()?).ok());
    }
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 2⁴⁰")]
    let rounded = || Rational::new((approximate * UNIT as f64) as i128, UNIT).unwrap_or(Rational::ZERO);
    exact.unwrap_or_else(rounded)
}
