//! Values of a chunk's rows.

/// A value for each row, or one for all.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lanes<T> {
    Same(T),
    Each(Vec<T>),
}

impl<T: Clone> Lanes<T> {
    pub(super) fn map<U>(self, change: impl Fn(T) -> U) -> Lanes<U> {
        match self {
            Self::Same(it) => Lanes::Same(change(it)),
            Self::Each(all) => Lanes::Each(all.into_iter().map(change).collect()),
        }
    }

    pub(super) fn zip<U: Clone, V>(self, other: Lanes<U>, join: impl Fn(T, U) -> V) -> Lanes<V> {
        match (self, other) {
            (Self::Same(a), Lanes::Same(b)) => Lanes::Same(join(a, b)),
            (Self::Same(a), Lanes::Each(b)) => Lanes::Each(b.into_iter().map(|b| join(a.clone(), b)).collect()),
            (Self::Each(a), Lanes::Same(b)) => Lanes::Each(a.into_iter().map(|a| join(a, b.clone())).collect()),
            (Self::Each(a), Lanes::Each(b)) => Lanes::Each(a.into_iter().zip(b).map(|(a, b)| join(a, b)).collect()),
        }
    }

    /// The value of a row.
    pub(super) fn at(&self, row: usize) -> &T {
        match self {
            Self::Same(it) => it,
            Self::Each(all) => &all[row],
        }
    }
}
