//! What the ranks of a mesh have of a value.

use super::axes::Ranks;
use crate::op::{Reduce, Shape};

/// Along each mesh axis a value is whole on every rank, cut along one of its own axes, or a partial result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Its axes that are cut.
    pub(super) cut: Shape,
    /// The partial result that it is, if any.
    pub(super) partial: Option<Partial>,
}

/// A result whose operands were cut along an axis that it no longer has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Partial {
    pub(super) over: Ranks,
    pub(super) how: Reduce,
    /// Which axis of what.
    pub(super) why: String,
}

impl State {
    pub(super) const WHOLE: Self = Self { cut: Shape::SCALAR, partial: None };

    pub(super) const fn cut(cut: Shape) -> Self {
        Self { cut, partial: None }
    }

    /// Whether ranks have the same of both, whatever made them so.
    pub(super) fn like(&self, other: &Self) -> bool {
        let partial = |it: &Self| it.partial.as_ref().map(|it| (it.over, it.how));
        self.cut == other.cut && partial(self) == partial(other)
    }

    /// The mesh axes of a partial sum, which stays one through what is linear.
    pub(super) fn sum(&self) -> Option<&Partial> {
        self.partial.as_ref().filter(|it| matches!(it.how, Reduce::Sum))
    }
}
