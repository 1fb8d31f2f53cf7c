//! What sizes in terms of axes amount to.

use super::frame::Frame;
use super::num::Num;
use crate::count;
use crate::error::{Error, Result, TwoSizes};
use crate::op::{Call, Dim, Kind, Op, Quotient, Term};

/// What to say of a size that is none.
struct Wrong<'w> {
    negative: &'w dyn Fn() -> Error,
    divided: &'w dyn Fn() -> Error,
}

/// A size in terms of an operator's axes.
pub(super) fn dim<N: Num>(op: &Op<'_>, dim: &Dim<'_>, sizes: &[N]) -> Result<N> {
    let negative = || Error::Negative { op: op.name.to_owned() };
    let divided = || Error::ZeroDivision { dividing: "a size in terms of others" };
    Wrong { negative: &negative, divided: &divided }.value(dim, sizes)
}

/// Fills in the sizes of the axes that have them given in terms of others, whatever was there.
pub fn derive<N: Num>(op: &Op<'_>, sizes: &mut [N]) -> Result<()> {
    for derived in op.derived {
        let axis = usize::from(derived.axis);
        let none = |divided| Error::Derived { op: op.name.to_owned(), axis: op.axes[axis].to_owned(), divided };
        sizes[axis] = Wrong { negative: &|| none(false), divided: &|| none(true) }.value(&derived.dim, sizes)?;
    }
    Ok(())
}

/// The sizes that a call gives to the callee's axes; 0 for those that have them given in terms of others.
fn bound<N: Num>(op: &Op<'_>, call: &Call<'_>, sizes: &[N]) -> Result<Vec<N>> {
    let mut inner = Vec::with_capacity(call.op.axes.len());
    for (axis, name) in call.op.axes.iter().enumerate() {
        inner.push(match op.bound(call, axis) {
            _ if call.op.derives(axis) => N::int(0),
            Some(bound) => dim(op, &bound, sizes)?,
            None => {
                let message = format!("its call of {} leaves axis {name} open", call.op.name);
                return Err(Error::Description { op: op.name.to_owned(), message });
            }
        });
    }
    Ok(inner)
}

/// The sizes of a callee's axes.
pub fn inside<N: Num>(op: &Op<'_>, call: &Call<'_>, sizes: &[N]) -> Result<Vec<N>> {
    let mut inner = bound(op, call, sizes)?;
    derive(call.op, &mut inner)?;
    Ok(inner)
}

impl Wrong<'_> {
    fn value<N: Num>(&self, dim: &Dim<'_>, sizes: &[N]) -> Result<N> {
        let terms = match dim {
            Dim::Axis(axis) => return Ok(sizes[usize::from(*axis)].clone()),
            Dim::Sum(terms) => terms,
        };
        let (mut plus, mut minus) = (N::int(0), N::int(0));
        for term in *terms {
            let side = if term.coefficient < 0 { &mut minus } else { &mut plus };
            *side = side.plus(&self.term(term, sizes)?)?;
        }
        minus.at_most(&plus, self.negative)?;
        plus.minus(&minus).map_err(|_| (self.negative)())
    }

    /// A term, without its sign.
    fn term<N: Num>(&self, term: &Term<'_>, sizes: &[N]) -> Result<N> {
        let mut product = N::int(term.coefficient.unsigned_abs());
        for axis in term.axes {
            product = product.times(&sizes[usize::from(*axis)])?;
        }
        for Quotient { above, below, up } in term.quotients {
            let (above, below) = (self.value(above, sizes)?, self.value(below, sizes)?);
            N::int(1).at_most(&below, self.divided)?;
            product = product.times(&if *up { above.ceil_div(&below)? } else { above.floor_div(&below)? })?;
        }
        Ok(product)
    }
}

impl<N: Num> Frame<'_, N> {
    /// The operator with no more kept along an axis than there is: what `top` finds.
    pub(super) fn capped(mut self) -> Result<Self> {
        if !self.keeps {
            return Ok(self);
        }
        for (keep, of) in count::all_kept(self.op) {
            let least = self.size(keep).least(self.size(of))?;
            if least == *self.size(keep) {
                continue;
            }
            self.given.get_or_insert_with(|| self.sizes.clone());
            self.sizes[usize::from(keep)] = least;
        }
        self.as_derived()?;
        Ok(self)
    }

    /// An error if an axis has its size in terms of one along which there are fewer than was asked for.
    fn as_derived(&self) -> Result<()> {
        let Some(asked) = self.given.as_ref().filter(|_| !self.op.derived.is_empty()) else { return Ok(()) };
        let mut again = self.sizes.clone();
        derive(self.op, &mut again)?;
        self.op.derived.iter().map(|derived| usize::from(derived.axis)).try_for_each(|axis| {
            let error = || Error::DerivedOfKept { op: self.op.name.to_owned(), axis: self.op.axes[axis].to_owned() };
            again[axis].at_most(&asked[axis], error)?;
            asked[axis].at_most(&again[axis], error)
        })
    }

    /// The sizes of a callee's axes, and those as they were given if that is something else.
    pub(super) fn sizes_inside(&self, call: &Call<'_>) -> Result<(Vec<N>, Option<Vec<N>>)> {
        let given = self.given.as_ref().map(|given| inside(self.op, call, given)).transpose()?;
        Ok((inside(self.op, call, &self.sizes)?, given))
    }

    pub(super) fn checked(self) -> Result<Self> {
        let named = |axis: u8| (self.op.axes[usize::from(axis)].to_owned(), self.size(axis).text(&[]));
        let sizes =
            |part, whole| Box::new(TwoSizes { op: self.op.name.to_owned(), part: named(part), whole: named(whole) });
        self.check_mask()?;
        self.windows.iter().try_for_each(|it| self.check_windows(it))?;
        for step in self.op.steps {
            if let Kind::Last { of, keep } = step.kind {
                self.size(keep).at_most(self.size(of), || Error::Part(sizes(keep, of)))?;
            }
        }
        Ok(self)
    }
}
