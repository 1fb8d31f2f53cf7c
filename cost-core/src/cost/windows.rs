//! How many positions windows along an axis see: those in the padding are no elements of anything.

use super::frame::Frame;
use super::num::Num;
use crate::error::{Error, Result};
use crate::op::{Count, Kind, Op, Shape, Windows};

impl<N: Num> Frame<'_, N> {
    /// The windows that give a shape two of its axes.
    pub(super) fn windows_of(&self, shape: &Shape) -> impl Iterator<Item = &Windows> {
        self.windows.iter().filter(|it| shape.has(it.at) && shape.has(it.width))
    }

    /// Pairs of a window and a position that it sees: all but those in the padding. On the left the first window misses as many
    /// positions as are padded, the next ones a stride less each; on the right likewise what the last one reaches beyond.
    pub(super) fn seen(&self, it: &Windows) -> Result<N> {
        let (count, width) = (self.size(it.at), self.size(it.width));
        let all = count.times(width)?;
        if matches!(it.pad, Count::Number(0)) {
            return Ok(all);
        }
        let (stride, pad, end) = (self.counted(it.stride), self.counted(it.pad), self.window_end(it)?);
        let beyond = end.minus(&end.least(&self.size(it.of).plus(&pad)?)?)?;
        let missed = |most: &N| {
            let short = count.least(&most.ceil_div(&stride)?)?;
            short.times(most)?.minus(&stride.times(&short.before()?.triangle()?)?)
        };
        all.minus(&missed(&pad)?)?.minus(&missed(&beyond)?)
    }

    /// Positions of the axis that any window sees: each once, however many windows see it.
    pub(super) fn seen_once(&self, it: &Windows) -> Result<N> {
        let reach = self.window_end(it)?.minus(&self.counted(it.pad))?;
        self.seen(it)?.least(&self.size(it.of).least(&reach)?)
    }

    /// Where the last window ends, from where the first one begins.
    fn window_end(&self, it: &Windows) -> Result<N> {
        self.size(it.at).before()?.times(&self.counted(it.stride))?.plus(self.size(it.width))
    }

    /// A number, or the size of an axis.
    pub(super) fn counted(&self, count: Count) -> N {
        match count {
            Count::Number(number) => N::int(u64::from(number)),
            Count::Axis(axis) => self.size(axis).clone(),
        }
    }

    /// An error if windows stand still, lie in the padding altogether, or are more than there are.
    pub(super) fn check_windows(&self, it: &Windows) -> Result<()> {
        let (stride, pad) = (self.counted(it.stride), self.counted(it.pad));
        let (width, of, name) = (self.size(it.width), self.size(it.of), |axis: u8| self.op.axes[usize::from(axis)]);
        let wrong = |message: String| Error::Description { op: self.op.name.to_owned(), message };
        N::int(1).at_most(&stride, || {
            wrong(format!("its windows along {} have a stride of 0; expected at least 1", name(it.of)))
        })?;
        pad.plus(&N::int(1))?.at_most(width, || {
            let (pad, width) = (pad.text(&[]), width.text(&[]));
            wrong(format!("its windows have {} = {width} and a padding of {pad}; expected less of it", name(it.width)))
        })?;
        if self.size(it.at).is_zero() {
            return Ok(());
        }
        let room = of.plus(&pad)?.plus(&pad)?;
        self.window_end(it)?.at_most(&room, || {
            let (count, of) = (self.size(it.at).text(&[]), of.text(&[]));
            let found = format!("{} = {count} windows don't fit {} = {of}", name(it.at), name(it.of));
            wrong(format!("{found}: expected at most ({0} + 2 * pad - {1}) / stride + 1", name(it.of), name(it.width)))
        })
    }
}

/// The windows of an operator, those that several steps see once.
pub(super) fn windows(op: &Op<'_>) -> Vec<Windows> {
    let mut found: Vec<Windows> = Vec::new();
    for step in op.steps {
        if let Kind::Windows(it) = step.kind
            && !found.contains(&it)
        {
            found.push(it);
        }
    }
    found
}
