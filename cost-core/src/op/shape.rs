//! A tensor's shape: which of its operator's axes it has.

/// Most axes that one tensor, or one product of two, can have.
pub const MAX_RANK: usize = 16;

/// The axes of one tensor, as indices into its operator's axis list.
///
/// Axes are named, so no axis occurs twice and two shapes with the same axes in another order are the same shape.
/// A shape can also be *unknown*: the result of something that was already reported as wrong, or of a call whose
/// callee isn't at hand. Whatever touches an unknown shape is unknown and is never reported.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    axes: [u8; MAX_RANK],
    rank: u8,
}

const UNKNOWN: u8 = u8::MAX;

impl Shape {
    /// A shape with no axes.
    pub const SCALAR: Self = Self { axes: [0; MAX_RANK], rank: 0 };
    /// A shape that isn't known, and that no check complains about.
    pub const UNKNOWN: Self = Self { axes: [0; MAX_RANK], rank: UNKNOWN };

    /// The shape with these axes; unknown if they are more than [`MAX_RANK`].
    #[must_use]
    pub const fn of(axes: &[u8]) -> Self {
        let mut shape = Self::SCALAR;
        let mut i = 0;
        while i < axes.len() {
            shape = shape.with(axes[i]);
            i += 1;
        }
        shape
    }

    /// Whether the shape is known.
    pub const fn known(&self) -> bool {
        self.rank != UNKNOWN
    }

    /// Number of axes; 0 for an unknown shape.
    pub const fn rank(&self) -> usize {
        if self.known() { self.rank as usize } else { 0 }
    }

    /// The `i`-th axis.
    pub const fn axis(&self, i: usize) -> u8 {
        self.axes[i]
    }

    /// The axes, in order.
    pub fn axes(&self) -> &[u8] {
        &self.axes[..self.rank()]
    }

    /// Whether the shape has this axis.
    pub const fn has(&self, axis: u8) -> bool {
        let mut i = 0;
        while i < self.rank() {
            if self.axes[i] == axis {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Whether every axis of `other` is one of this shape's.
    pub const fn covers(&self, other: &Self) -> bool {
        let mut i = 0;
        while i < other.rank() {
            if !self.has(other.axes[i]) {
                return false;
            }
            i += 1;
        }
        true
    }

    /// Whether both have the same axes, in any order. Unknown shapes are the same as every shape.
    pub const fn same(&self, other: &Self) -> bool {
        if !self.known() || !other.known() {
            return true;
        }
        // Nearly always in the same order.
        let mut i = 0;
        while i < self.rank() && i < other.rank() && self.axes[i] == other.axes[i] {
            i += 1;
        }
        self.rank == other.rank && (i == self.rank() || self.covers(other))
    }

    /// The shape with one axis more, at the end; the same shape if it has it already.
    #[must_use]
    pub const fn with(mut self, axis: u8) -> Self {
        if !self.known() || self.has(axis) {
            return self;
        }
        if self.rank() == MAX_RANK {
            return Self::UNKNOWN;
        }
        self.axes[self.rank as usize] = axis;
        self.rank += 1;
        self
    }

    /// The axes of both, this shape's first.
    #[must_use]
    pub const fn union(mut self, other: &Self) -> Self {
        if !other.known() {
            return Self::UNKNOWN;
        }
        let mut i = 0;
        while i < other.rank() {
            self = self.with(other.axes[i]);
            i += 1;
        }
        self
    }

    /// The axes of this shape that `other` lacks.
    #[must_use]
    pub const fn minus(&self, other: &Self) -> Self {
        if !self.known() || !other.known() {
            return Self::UNKNOWN;
        }
        if other.rank == 0 {
            return *self;
        }
        let mut left = Self::SCALAR;
        let mut i = 0;
        while i < self.rank() {
            if !other.has(self.axes[i]) {
                // No axis occurs twice.
                left.axes[left.rank as usize] = self.axes[i];
                left.rank += 1;
            }
            i += 1;
        }
        left
    }

    /// The shape with some axes in place of others, which all go where the first of them was; the same shape if it has none
    /// of those.
    #[must_use]
    pub const fn seen(&self, of: &Self, to: &Self) -> Self {
        if !self.known() || !of.known() || !to.known() {
            return Self::UNKNOWN;
        }
        let (mut shape, mut placed, mut i) = (Self::SCALAR, false, 0);
        while i < self.rank() {
            if !of.has(self.axes[i]) {
                shape = shape.with(self.axes[i]);
            } else if !placed {
                (shape, placed) = (shape.union(to), true);
            }
            i += 1;
        }
        shape
    }

    /// The shape with `old` replaced by `new`, in its place.
    #[must_use]
    pub const fn replace(&self, old: u8, new: u8) -> Self {
        if !self.known() {
            return Self::UNKNOWN;
        }
        let mut shape = Self::SCALAR;
        let mut i = 0;
        while i < self.rank() {
            shape = shape.with(if self.axes[i] == old { new } else { self.axes[i] });
            i += 1;
        }
        shape
    }
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.known() == other.known() && self.same(other)
    }
}

impl Eq for Shape {}
