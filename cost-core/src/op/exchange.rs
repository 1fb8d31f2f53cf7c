//! What devices exchange: operators that compute nothing, and stand where values go from one device to others.

use super::Reduce;

/// What an operator is of a mesh of devices, if anything. [`crate::mesh`] makes such operators; `#[cost]` doesn't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnMesh<'a> {
    /// It stands for an exchange: its first parameter is what each rank has, its result what each has then.
    Exchange(Exchange<'a>),
    /// It is one of many experts, of which this rank holds only some.
    Experts {
        /// The axis of all experts.
        all: u8,
        /// The axis of ranks that bring tokens of their own.
        from: u8,
    },
}

/// An exchange between the ranks of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange<'a> {
    /// What becomes of the value.
    pub transfer: Transfer,
    /// The axis of ranks, which has the name of the mesh axis or axes.
    pub ranks: u8,
    /// Why it is needed.
    pub why: &'a str,
}

/// What becomes of a value that several ranks have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// Every rank has a part of each element's sum (or mean, or maximum), and gets all of it.
    AllReduce(Reduce),
    /// The same, but each rank gets its share of the elements.
    ReduceScatter(Reduce, Cut),
    /// Every rank has a share of the elements, and gets all.
    AllGather(Cut),
    /// Every rank has a share of the positions of an axis, and gets the last ones of all: `whole` is the axis of those.
    Last(Cut),
    /// Every rank takes its share of what it has: nothing moves.
    Share(Cut),
    /// The first rank alone goes on with the value, the others with zeros, so that a sum has it once: nothing moves.
    Once,
    /// Every rank has a share of each row, and gets so many numbers of each whole row, one after the other.
    Statistics(u8),
    /// Every rank hands what it has to the one that has the same place in the next stage.
    Send,
    /// Rows of tokens go to the ranks that hold one of their experts, or come back from there.
    AllToAll(Routes),
}

/// An axis that is cut between ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The axis of all elements.
    pub whole: u8,
    /// The axis of a rank's share.
    pub share: u8,
}

/// Which rows of tokens go to other ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Routes {
    /// The axis of experts, on all ranks.
    pub experts: u8,
    /// The axis of experts that one rank holds.
    pub held: u8,
    /// The axis of experts that one token uses.
    pub top: u8,
    /// Whether rows come back.
    pub back: bool,
}

impl Transfer {
    /// Whether a kernel goes on with what it has: then nothing moves, or no more than a few numbers for each row, which can be put
    /// together once the kernel has gone along the rows (arXiv:1805.02867).
    pub const fn is_view(&self) -> bool {
        matches!(self, Self::Share(_) | Self::Once | Self::Statistics(_))
    }

    /// Whether anything moves.
    pub const fn moves(&self) -> bool {
        !matches!(self, Self::Share(_) | Self::Once)
    }
}
