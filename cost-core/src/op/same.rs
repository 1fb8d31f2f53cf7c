//! Which sizes are the same, whatever the sizes of the axes that they are made of.
//!
//! Constant functions have no memory for polynomials. So a size is evaluated at one place, modulo a prime: each axis is a
//! fixed number that looks random, and a quotient one that its two parts are mixed into. Sizes that are the same as
//! polynomials come out the same; others do so with a probability of about 2⁻¹²⁰.

use super::{Call, Derived, Dim, Op, Quotient, Shape, Term};
use crate::cost::MAX_AXES;

/// 2⁶¹ − 1, a prime.
const PRIME: u128 = (1 << 61) - 1;

/// What a size is at two places.
#[derive(Clone, Copy)]
struct Print([u64; 2]);

/// The prints of an operator's axes.
struct Prints([Print; MAX_AXES]);

/// Why an axis of a callee is none of the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unplaced {
    /// Its size isn't known.
    Unbound,
    /// No axis here has its size.
    None,
    /// Several have, and none of them has its name.
    Several,
}

impl Print {
    const ZERO: Self = Self([0; 2]);

    /// Whether two sizes are the same.
    const fn same(self, other: Self) -> bool {
        self.0[0] == other.0[0] && self.0[1] == other.0[1]
    }

    const fn number(n: i64) -> Self {
        let n = if n < 0 { PRIME - n.unsigned_abs() as u128 % PRIME } else { n.unsigned_abs() as u128 };
        Self([reduced(n), reduced(n)])
    }

    const fn axis(axis: u8) -> Self {
        let n = axis as u64;
        Self([mixed(n, 1), mixed(n, 2)])
    }

    const fn plus(self, other: Self) -> Self {
        let (a, b) = (self.0[0] as u128 + other.0[0] as u128, self.0[1] as u128 + other.0[1] as u128);
        Self([reduced(a), reduced(b)])
    }

    const fn times(self, other: Self) -> Self {
        let (a, b) = (self.0[0] as u128 * other.0[0] as u128, self.0[1] as u128 * other.0[1] as u128);
        Self([reduced(a), reduced(b)])
    }

    /// The quotient, rounded down.
    const fn over(self, divisor: Self) -> Self {
        Self([joined(self.0[0], divisor.0[0], 1), joined(self.0[1], divisor.0[1], 2)])
    }
}

const fn joined(a: u64, b: u64, seed: u64) -> u64 {
    mixed(mixed(a, seed) ^ b.rotate_left(32), seed + 2)
}

const fn reduced(n: u128) -> u64 {
    (n % PRIME) as u64
}

/// A number that looks random, by another and a seed: the finish of splitmix64.
const fn mixed(n: u64, seed: u64) -> u64 {
    let mut z = n.wrapping_add(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    reduced((z ^ (z >> 31)) as u128)
}

impl Prints {
    /// Those of an operator by itself: any size is another one, unless it is given in terms of others.
    const fn of(op: &Op<'_>) -> Self {
        let mut prints = Self([Print::ZERO; MAX_AXES]);
        let mut axis = 0;
        while axis < op.axes.len() && axis < MAX_AXES {
            #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer than 256 axes")]
            let own = Print::axis(axis as u8);
            prints.0[axis] = own;
            axis += 1;
        }
        prints.derive(op.derived);
        prints
    }

    /// Those of a callee in terms of the caller's axes; nothing if one of its sizes isn't known.
    const fn within(&self, op: &Op<'_>, call: &Call<'_>) -> Option<Self> {
        let mut prints = Self([Print::ZERO; MAX_AXES]);
        let mut axis = 0;
        while axis < call.op.axes.len() && axis < MAX_AXES {
            match op.bound(call, axis) {
                Some(dim) => prints.0[axis] = self.dim(&dim),
                None if call.op.derives(axis) => {}
                None => return None,
            }
            axis += 1;
        }
        prints.derive(call.op.derived);
        Some(prints)
    }

    const fn derive(&mut self, derived: &[Derived<'_>]) {
        let mut i = 0;
        while i < derived.len() {
            self.0[derived[i].axis as usize] = self.dim(&derived[i].dim);
            i += 1;
        }
    }

    const fn dim(&self, dim: &Dim<'_>) -> Print {
        let terms = match dim {
            Dim::Axis(axis) => return self.0[*axis as usize],
            Dim::Sum(terms) => terms,
        };
        let (mut sum, mut i) = (Print::ZERO, 0);
        while i < terms.len() {
            sum = sum.plus(self.term(&terms[i]));
            i += 1;
        }
        sum
    }

    const fn term(&self, term: &Term<'_>) -> Print {
        let (mut product, mut i) = (Print::number(term.coefficient), 0);
        while i < term.axes.len() {
            product = product.times(self.0[term.axes[i] as usize]);
            i += 1;
        }
        let mut i = 0;
        while i < term.quotients.len() {
            let Quotient { above, below, up } = &term.quotients[i];
            let (above, below) = (self.dim(above), self.dim(below));
            // Rounded up, a/b is (a + b − 1)/b rounded down.
            let above = if *up { above.plus(below).plus(Print::number(-1)) } else { above };
            product = product.times(above.over(below));
            i += 1;
        }
        product
    }

    const fn product(&self, shape: &Shape) -> Print {
        let (mut product, mut i) = (Print::number(1), 0);
        while i < shape.rank() {
            product = product.times(self.0[shape.axis(i) as usize]);
            i += 1;
        }
        product
    }
}

impl Op<'_> {
    /// Whether an axis has its size given in terms of others.
    pub const fn derives(&self, axis: usize) -> bool {
        self.size_of(axis).is_some()
    }

    /// Whether as many elements lie along some axes as along others, whatever their sizes.
    pub const fn as_many(&self, some: &Shape, others: &Shape) -> bool {
        let prints = Prints::of(self);
        prints.product(some).same(prints.product(others))
    }

    /// Whether a size that a call gives to an axis is the one that the callee derives for it.
    pub const fn binds_rightly(&self, call: &Call<'_>, axis: usize) -> bool {
        let Some(bound) = self.bound(call, axis) else { return true };
        if !call.op.derives(axis) {
            return true;
        }
        let own = Prints::of(self);
        match own.within(self, call) {
            Some(inner) => inner.0[axis].same(own.dim(&bound)),
            None => true,
        }
    }

    /// The axes of the caller that one of the callee stands for: those whose product the call binds it to, else the one of
    /// the same size. Of several of that size it is the one with the same name.
    pub const fn placed(&self, call: &Call<'_>, axis: u8) -> Result<Shape, Unplaced> {
        let axis = axis as usize;
        if let Some(dim) = self.bound(call, axis)
            && let Some(shape) = dim.product()
        {
            return Ok(shape);
        }
        let own = Prints::of(self);
        let Some(inner) = own.within(self, call) else { return Err(Unplaced::Unbound) };
        let (size, mut found) = (inner.0[axis], None);
        if let Some(named) = self.axis_named(call.op.axes[axis])
            && own.0[named as usize].same(size)
        {
            return Ok(Shape::SCALAR.with(named));
        }
        let mut i = 0;
        while i < self.axes.len() && i < MAX_AXES {
            if own.0[i].same(size) {
                if found.is_some() {
                    return Err(Unplaced::Several);
                }
                found = Some(i);
            }
            i += 1;
        }
        #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer than 256 axes")]
        match found {
            Some(i) => Ok(Shape::SCALAR.with(i as u8)),
            None => Err(Unplaced::None),
        }
    }
    /// The axes of the caller that those of a callee's shape stand for, as far as they stand for any.
    pub const fn outside(&self, call: &Call<'_>, shape: &Shape) -> Shape {
        let (mut own, mut i) = (Shape::SCALAR, 0);
        while i < shape.rank() {
            if let Ok(axes) = self.placed(call, shape.axis(i)) {
                own = own.union(&axes);
            }
            i += 1;
        }
        own
    }
}
