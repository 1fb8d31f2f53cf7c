//! Masks and tiles.

use super::{Count, Dim, Shape};

/// Which pairs of a query position and a key position exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// All of them.
    None,
    /// The queries are the last of the keys' positions and see no later key: s·t − s(s−1)/2 pairs.
    Causal {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
    },
    /// The keys stand for blocks of tokens, and a query sees those whose tokens have all been by its own position.
    Blocks {
        /// The query axis.
        s: u8,
        /// The key axis: one for each block.
        m: u8,
        /// The axis of tokens, the last of which are the queries'.
        t: u8,
        /// How many tokens a block has.
        width: Count,
        /// How many tokens after one block the next begins.
        stride: Count,
    },
    /// Causal, and each query sees at most the last `w` keys, itself included.
    Window {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
        /// The axis that is the window's length.
        w: u8,
    },
    /// Each query sees the keys that are fewer than `w` positions away, before it and after it: a window of 2·w − 1
    /// positions around its own. With `w ≥ t` that is all of them.
    Around {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
        /// The axis that is the window's reach: its length to either side, the query's own position included.
        w: u8,
    },
    /// Causal, and each query sees at most `w` keys of its choice: as many as a window's, but anywhere. All keys are kept,
    /// and no two queries are counted to choose the same key while there are others.
    ///
    /// Where blocks are chosen, those are the keys of at most `w` blocks: of the one that the query itself is in, as far as
    /// there are any, and of w − 1 before it.
    Selected {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
        /// The axis that is the number of keys, or of blocks.
        w: u8,
        /// How many keys a block has, where blocks are chosen.
        block: Option<Count>,
    },
    /// Causal, and each query sees the keys of its own chunk of `w` positions.
    Chunked {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
        /// The axis that is a chunk's length.
        w: u8,
    },
    /// Each query sees the keys of its own part of `w` positions, before it and after it; the last part may be shorter.
    Within {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
        /// The axis that is a part's length.
        w: u8,
    },
}

impl Mask {
    /// The query and the key axis.
    pub const fn axes(&self) -> Option<(u8, u8)> {
        match self {
            Self::None => None,
            Self::Causal { s, t }
            | Self::Window { s, t, .. }
            | Self::Around { s, t, .. }
            | Self::Selected { s, t, .. }
            | Self::Chunked { s, t, .. }
            | Self::Within { s, t, .. }
            | Self::Blocks { s, m: t, .. } => Some((*s, *t)),
        }
    }

    /// The query axis and that of the positions whose last ones the queries are at.
    pub const fn positions(&self) -> Option<(u8, u8)> {
        match self {
            Self::Blocks { s, t, .. } => Some((*s, *t)),
            _ => self.axes(),
        }
    }

    /// The axis that limits how many keys, or blocks of them, a query sees.
    pub const fn limit(&self) -> Option<u8> {
        match self {
            Self::None | Self::Causal { .. } | Self::Blocks { .. } => None,
            Self::Window { w, .. }
            | Self::Around { w, .. }
            | Self::Selected { w, .. }
            | Self::Chunked { w, .. }
            | Self::Within { w, .. } => Some(*w),
        }
    }

    /// All axes that it is about.
    pub const fn named(&self) -> Shape {
        let named = match self.axes() {
            Some((s, t)) => Shape::of(&[s, t]),
            None => Shape::SCALAR,
        };
        let named = match self.limit() {
            Some(w) => named.with(w),
            None => named,
        };
        match self {
            Self::Blocks { t, width, stride, .. } => counted(counted(named.with(*t), *width), *stride),
            Self::Selected { block: Some(block), .. } => counted(named, *block),
            _ => named,
        }
    }
}

/// The axes of a shape, and the one that a number is the size of.
const fn counted(named: Shape, count: Count) -> Shape {
    match count {
        Count::Axis(axis) => named.with(axis),
        Count::Number(_) => named,
    }
}

/// `tile(s = n)`: an operand without axis `s` is read once for each tile of `n` positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile<'a> {
    /// The axis that is cut into tiles.
    pub axis: u8,
    /// The length of a tile.
    pub size: Dim<'a>,
}
