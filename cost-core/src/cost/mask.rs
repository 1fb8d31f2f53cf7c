//! How many positions and pairs of them there are under an operator's mask.

use super::frame::Frame;
use super::num::Num;
use super::options::{Masking, Options};
use crate::count;
use crate::error::{Error, Result, TwoSizes};
use crate::op::{Count, Mask, Shape, Windows};

impl<N: Num> Frame<'_, N> {
    /// The number of elements of a shape in memory, of which a mask may leave only some.
    pub(super) fn elements(&self, shape: &Shape, options: &Options) -> Result<N> {
        self.masked(shape, options, &Shape::SCALAR)
    }

    /// The number of elements that a step goes through: all but those in the padding of windows.
    pub(super) fn worked(&self, step: usize, shape: &Shape, options: &Options) -> Result<N> {
        let windowed = |it: &&Windows| options.masking == Masking::Exact && count::works_on(self.op, step, it);
        self.windowed(shape, options, &mut self.windows_of(shape).filter(windowed), |it| self.seen(it))
    }

    /// The number of elements of a tensor that are seen through windows, each once.
    pub(super) fn distinct(&self, shape: &Shape, options: &Options) -> Result<N> {
        self.windowed(shape, options, &mut self.windows_of(shape), |it| self.seen_once(it))
    }

    fn windowed(
        &self,
        shape: &Shape,
        options: &Options,
        windows: &mut dyn Iterator<Item = &Windows>,
        seen: impl Fn(&Windows) -> Result<N>,
    ) -> Result<N> {
        let (mut product, mut axes) = (N::int(1), Shape::SCALAR);
        for it in windows {
            product = product.times(&seen(it)?)?;
            axes = axes.with(it.at).with(it.width);
        }
        product.times(&self.masked(shape, options, &axes)?)
    }

    /// The number of elements along the axes of a shape but for some.
    fn masked(&self, shape: &Shape, options: &Options, without: &Shape) -> Result<N> {
        let mut product = N::int(1);
        let pair = self.op.mask.axes();
        let both = pair.is_some_and(|(s, t)| shape.has(s) && shape.has(t));
        for axis in shape.minus(without).axes() {
            let size = match pair {
                Some((s, _)) if both && *axis == s => continue,
                Some((_, t)) if both && *axis == t => self.pairs(options)?,
                Some((_, t)) if *axis == t => self.keys()?,
                _ => self.size(*axis).clone(),
            };
            product = product.times(&size)?;
        }
        Ok(product)
    }

    /// The size of an axis as it was given, whether or not there are so many to keep: a number of keys that the mask lets a
    /// query see, say.
    fn limit(&self, axis: u8) -> &N {
        &self.given.as_ref().unwrap_or(&self.sizes)[usize::from(axis)]
    }

    /// Positions that any query sees.
    fn keys(&self) -> Result<N> {
        match self.op.mask {
            Mask::Window { s, t, w } | Mask::Around { s, t, w } => {
                // The first query's window reaches w − 1 positions back; an empty window sees nothing.
                self.size(t).least(&self.size(s).plus(self.size(w))?.before()?)
            }
            Mask::Selected { s, t, w, block: None } => self.size(t).least(&self.size(s).times(self.limit(w))?),
            // All but the blocks before those that the queries are in that none of them chooses.
            Mask::Selected { s, t, w, block: Some(block) } => {
                let (block, past) = (self.counted(block), self.size(t).minus(self.size(s))?);
                let before = past.floor_div(&block)?;
                let chosen = before.least(&self.size(s).times(&self.limit(w).before()?)?)?;
                self.size(t).minus(&before.minus(&chosen)?.times(&block)?)
            }
            Mask::Chunked { s, t, w } | Mask::Within { s, t, w } => {
                // From the start of the chunk that the first query is in.
                let past = self.size(t).minus(self.size(s))?;
                self.size(t).minus(&past.floor_div(self.size(w))?.times(self.size(w))?)
            }
            Mask::Blocks { t, width, stride, .. } => {
                self.reached(self.size(t), width, stride)?.floor_div(&self.counted(stride))
            }
            Mask::None | Mask::Causal { .. } => {
                Ok(self.op.mask.axes().map_or_else(|| N::int(1), |(_, t)| self.size(t).clone()))
            }
        }
    }

    /// How far `n` tokens reach into blocks, as if the first had begun so early that it ended after a stride, as all others do.
    fn reached(&self, n: &N, width: Count, stride: Count) -> Result<N> {
        if width == stride {
            return Ok(n.clone());
        }
        let width = self.counted(width);
        n.plus(&self.counted(stride))?.most(&width)?.minus(&width)
    }

    /// Positions that are kept for the steps to come: a window needs its own length but for the token that it is for, a
    /// chunk what has been seen of it.
    fn kept(&self) -> Result<N> {
        match self.op.mask {
            Mask::Window { t, w, .. } | Mask::Around { t, w, .. } => self.size(t).least(&self.size(w).before()?),
            Mask::Selected { t, .. } | Mask::Blocks { m: t, .. } => Ok(self.size(t).clone()),
            Mask::Chunked { t, w, .. } | Mask::Within { t, w, .. } => {
                let (t, w) = (self.size(t), self.size(w));
                t.minus(&t.floor_div(w)?.times(w)?)
            }
            _ => self.keys(),
        }
    }

    /// The number of elements of a cache that are kept.
    pub(super) fn cached(&self, shape: &Shape) -> Result<N> {
        let key = self.op.mask.axes().map(|(_, t)| t);
        shape.axes().iter().try_fold(N::int(1), |product, axis| {
            product.times(&if Some(*axis) == key { self.kept()? } else { self.size(*axis).clone() })
        })
    }

    /// Query–key pairs.
    fn pairs(&self, options: &Options) -> Result<N> {
        let Some((s, t)) = self.op.mask.positions() else {
            return Ok(N::int(1));
        };
        let (s, t) = (self.size(s), self.size(t));
        if options.masking == Masking::Dense {
            return s.times(&self.keys()?);
        }
        match self.op.mask {
            Mask::Chunked { w, .. } => {
                let w = self.size(w);
                newest(s, t, |n| chunks(n, w))
            }
            Mask::Window { w, .. } | Mask::Selected { w, block: None, .. } => windows(s, t, self.limit(w)),
            Mask::Selected { w, block: Some(block), .. } => {
                let (block, others) = (self.counted(block), self.limit(w).before()?);
                newest(s, t, |n| chosen(n, &block, &others))
            }
            Mask::Blocks { width, stride, .. } => {
                newest(s, t, |n| ended(&self.reached(n, width, stride)?, &self.counted(stride)))
            }
            // Those of all queries but the ones that have been: whole parts, and the first of the part that they end in.
            Mask::Within { w, .. } => {
                let (w, past) = (self.size(w), t.minus(s)?);
                let (begun, rest) = divided(&past, w)?;
                let part = w.least(&t.minus(&begun.times(w)?)?)?;
                parts(t, w)?.minus(&begun.times(&w.times(w)?)?)?.minus(&rest.times(&part)?)
            }
            // So many up to a query's own position, and after it min(t − p, w − 1) in the same way: from none for the last
            // query to min(s − 1, w − 1) for the first.
            Mask::Around { w, .. } => {
                let w = self.size(w);
                windows(s, t, w)?.plus(&upto(&s.before()?, &w.before()?)?)
            }
            _ => s.times(t)?.minus(&s.before()?.triangle()?),
        }
    }

    /// An error if what the mask is about can't be of such sizes.
    pub(super) fn check_mask(&self) -> Result<()> {
        let Some((s, t)) = self.op.mask.positions() else { return Ok(()) };
        let (name, one) = (|axis: u8| self.op.axes[usize::from(axis)], N::int(1));
        let named = |axis: u8| (name(axis).to_owned(), self.size(axis).text(&[]));
        let wrong = |message: String| Error::Description { op: self.op.name.to_owned(), message };
        self.size(s).at_most(self.size(t), || {
            Error::Causal(Box::new(TwoSizes { op: self.op.name.to_owned(), part: named(s), whole: named(t) }))
        })?;
        match self.op.mask {
            Mask::Chunked { w, .. } | Mask::Within { w, .. } => {
                one.at_most(self.size(w), || Error::ZeroDivision { dividing: "tokens into chunks" })
            }
            Mask::Around { w, .. } => one
                .at_most(self.size(w), || Error::EmptyWindow { op: self.op.name.to_owned(), axis: name(w).to_owned() }),
            Mask::Selected { w, block: Some(block), .. } => {
                one.at_most(&self.counted(block), || NO_BLOCKS)?;
                one.at_most(self.limit(w), || {
                    wrong(format!("its queries choose {} = 0 blocks; expected at least 1, their own", name(w)))
                })
            }
            Mask::Blocks { m, stride, .. } => {
                one.at_most(&self.counted(stride), || NO_BLOCKS)?;
                let ended = self.keys()?;
                ended.at_most(self.size(m), || {
                    let (found, (t, all)) = (self.size(m).text(&[]), named(t));
                    wrong(format!(
                        "its mask has {} = {found} blocks of {t} = {all} tokens; expected at least {}",
                        name(m),
                        ended.text(&[])
                    ))
                })
            }
            _ => Ok(()),
        }
    }
}

const NO_BLOCKS: Error = Error::ZeroDivision { dividing: "tokens into blocks" };

/// What holds of the last `s` of `t` positions, from what holds of the first so many.
fn newest<N: Num>(s: &N, t: &N, of_first: impl Fn(&N) -> Result<N>) -> Result<N> {
    of_first(t)?.minus(&of_first(&t.minus(s)?)?)
}

/// Pairs of `s` queries at the end of `t` positions with the last `w` positions up to their own: position p, counted from 1,
/// sees min(p, w), and the queries' are t − s < p ≤ t.
fn windows<N: Num>(s: &N, t: &N, w: &N) -> Result<N> {
    newest(s, t, |n| upto(n, w))
}

/// Σ min(p, w) for p from 1 to n: a triangle up to w, then w for each.
fn upto<N: Num>(n: &N, w: &N) -> Result<N> {
    let short = n.least(w)?;
    short.triangle()?.plus(&w.times(&n.minus(&short)?)?)
}

/// Pairs of the first `n` positions, each with those in its own part of `w`.
fn parts<N: Num>(n: &N, w: &N) -> Result<N> {
    let (whole, rest) = divided(n, w)?;
    whole.times(&w.times(w)?)?.plus(&rest.times(&rest)?)
}

/// How many whole parts of some length there are, and what is left.
fn divided<N: Num>(n: &N, length: &N) -> Result<(N, N)> {
    let whole = n.floor_div(length)?;
    let rest = n.minus(&whole.times(length)?)?;
    Ok((whole, rest))
}

/// Pairs of the first `n` positions in chunks of `w`: a triangle for each.
fn chunks<N: Num>(n: &N, w: &N) -> Result<N> {
    let (whole, rest) = divided(n, w)?;
    whole.times(&w.triangle()?)?.plus(&rest.triangle()?)
}

/// Pairs of the first `n` positions that see their own block up to themselves and at most so many blocks before it: in
/// block j, counted from 0, each of its positions sees min(j, others) more.
fn chosen<N: Num>(n: &N, block: &N, others: &N) -> Result<N> {
    let (whole, rest) = divided(n, block)?;
    let last = whole.least(others)?;
    let before = upto(&whole, others)?.minus(&last)?.times(block)?.plus(&rest.times(&last)?)?;
    chunks(n, block)?.plus(&before.times(block)?)
}

/// Pairs of the first positions, up to one that reaches so far, with blocks that have ended by theirs: Σ ⌊x / stride⌋ for x
/// up to there. Each number of blocks is seen from a stride of positions, the last one from those that are left.
fn ended<N: Num>(reached: &N, stride: &N) -> Result<N> {
    let (whole, rest) = divided(reached, stride)?;
    let before = whole.triangle()?.minus(&whole)?.times(stride)?;
    before.plus(&whole.times(&rest.plus(&N::int(1))?)?)
}
