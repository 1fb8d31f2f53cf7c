//! Masks and tiles.

use super::Dim;

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
    Selected {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
        /// The axis that is the number of keys.
        w: u8,
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
            | Self::Chunked { s, t, .. } => Some((*s, *t)),
        }
    }

    /// The axis that limits how many keys a query sees.
    pub const fn limit(&self) -> Option<u8> {
        match self {
            Self::None | Self::Causal { .. } => None,
            Self::Window { w, .. } | Self::Around { w, .. } | Self::Selected { w, .. } | Self::Chunked { w, .. } => {
                Some(*w)
            }
        }
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
