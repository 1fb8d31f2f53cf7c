//! How many positions and pairs of them there are under an operator's mask.

use super::frame::Frame;
use super::num::Num;
use super::options::{Masking, Options};
use crate::count;
use crate::error::Result;
use crate::op::{Mask, Shape, Windows};

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
            Mask::Selected { s, t, w } => self.size(t).least(&self.size(s).times(self.limit(w))?),
            Mask::Chunked { s, t, w } => {
                // From the start of the chunk that the first query is in.
                let past = self.size(t).minus(self.size(s))?;
                self.size(t).minus(&past.floor_div(self.size(w))?.times(self.size(w))?)
            }
            Mask::None | Mask::Causal { .. } => {
                Ok(self.op.mask.axes().map_or_else(|| N::int(1), |(_, t)| self.size(t).clone()))
            }
        }
    }

    /// Positions that are kept for the steps to come: a window needs its own length but for the token that it is for, a
    /// chunk what has been seen of it.
    fn kept(&self) -> Result<N> {
        match self.op.mask {
            Mask::Window { t, w, .. } | Mask::Around { t, w, .. } => self.size(t).least(&self.size(w).before()?),
            Mask::Selected { t, .. } => Ok(self.size(t).clone()),
            Mask::Chunked { t, w, .. } => {
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
        let Some((s, t)) = self.op.mask.axes() else {
            return Ok(N::int(1));
        };
        let (s, t) = (self.size(s), self.size(t));
        if options.masking == Masking::Dense {
            return s.times(&self.keys()?);
        }
        match self.op.mask {
            Mask::Chunked { w, .. } => {
                let (w, past) = (self.size(w), t.minus(s)?);
                chunks(t, w)?.minus(&chunks(&past, w)?)
            }
            Mask::Window { w, .. } | Mask::Selected { w, .. } => windows(s, t, self.limit(w)),
            // So many up to a query's own position, and after it min(t − p, w − 1) in the same way: from none for the last
            // query to min(s − 1, w − 1) for the first.
            Mask::Around { w, .. } => {
                let w = self.size(w);
                windows(s, t, w)?.plus(&upto(&s.before()?, &w.before()?)?)
            }
            _ => s.times(t)?.minus(&s.before()?.triangle()?),
        }
    }
}

/// Pairs of `s` queries at the end of `t` positions with the last `w` positions up to their own: position p, counted from 1,
/// sees min(p, w), and the queries' are t − s < p ≤ t.
fn windows<N: Num>(s: &N, t: &N, w: &N) -> Result<N> {
    upto(t, w)?.minus(&upto(&t.minus(s)?, w)?)
}

/// Σ min(p, w) for p from 1 to n: a triangle up to w, then w for each.
fn upto<N: Num>(n: &N, w: &N) -> Result<N> {
    let short = n.least(w)?;
    short.triangle()?.plus(&w.times(&n.minus(&short)?)?)
}

/// Pairs of the first `n` positions in chunks of `w`: a triangle for each.
fn chunks<N: Num>(n: &N, w: &N) -> Result<N> {
    let whole = n.floor_div(w)?;
    let rest = n.minus(&whole.times(w)?)?;
    whole.times(&w.triangle()?)?.plus(&rest.triangle()?)
}
