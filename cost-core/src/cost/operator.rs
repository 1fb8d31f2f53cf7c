//! What `#[cost]` makes of a function: a type that knows its description and the sizes of its axes.

use super::{Kernel, Num, Options, Tensor, Totals, derive, kernels, peak, tensors, totals};
use crate::error::{Error, Result};
use crate::expr::{Expr, Ratio, Rational};
use crate::op::{Op, Role};

/// Sizes of axes, in the order of declaration.
pub type Sizes = Vec<u64>;

/// An operator with a size for each of its axes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an operator",
    label = "not declared with `#[cost]`",
    note = "an operator is a function with the attribute `#[cost]`"
)]
pub trait Operator {
    /// Its description.
    const OP: &'static Op<'static>;

    /// Evaluates if the declaration has no errors and neither have those of its callees.
    const READY: () = ();

    /// The sizes of its axes as they are given, in the order of declaration; 0 for those that have them given in terms of
    /// others.
    fn given(&self) -> Sizes;

    /// The sizes of its axes, in the order of declaration. An error if one that is given in terms of others is negative,
    /// divided by zero, or too large.
    fn sizes(&self) -> Result<Sizes> {
        let mut sizes = wide(&self.given());
        derive(Self::OP, &mut sizes)?;
        let narrow = |size| u64::try_from(size).map_err(|_| Error::Overflow { counting: "sizes" });
        sizes.into_iter().map(narrow).collect()
    }

    /// Its kernels at these sizes, exact.
    fn kernels(&self, options: &Options) -> Result<Vec<Kernel<u128>>> {
        kernels(Self::OP, &wide(&self.given()), options)
    }

    /// Its totals at these sizes, exact.
    fn totals(&self, options: &Options) -> Result<Totals<u128>> {
        totals(&self.kernels(options)?)
    }

    /// The parameters, caches and states that it owns at these sizes.
    fn tensors(&self, options: &Options) -> Result<Vec<Tensor<u128>>> {
        tensors(Self::OP, &wide(&self.given()), options)
    }

    /// How many parameters it has at these sizes: its weights' elements, repetitions and experts included, shared ones once,
    /// buffers left out. An error if the number doesn't fit 128 bits or the sizes don't go together.
    ///
    /// What `#[cost]` declares also has a constant `params`, which is what a call on the type itself means.
    fn params(&self) -> Result<u128> {
        let own = self.tensors(&Options::default())?;
        let mut weights = own.iter().filter(|it| it.role == Role::Weight && it.part.as_deref() != Some("buffer"));
        weights.try_fold(0, |sum, it| it.elements.times(&it.copies)?.plus(&sum))
    }

    /// Bits of activations in memory at the fullest moment.
    fn peak(&self, options: &Options) -> Result<u128> {
        peak(Self::OP, &wide(&self.given()), options)
    }

    /// Its kernels as formulas in its axes.
    fn formulas(options: &Options) -> Result<Vec<Kernel<Expr>>> {
        kernels(Self::OP, &axes(Self::OP), options)
    }

    /// Its total FLOPs over its total bytes, as a formula in its axes.
    fn intensity(options: &Options) -> Result<Ratio> {
        intensity(&totals(&Self::formulas(options)?)?)
    }
}

/// An operator's axes as expressions, in the order of declaration.
pub fn axes(op: &Op<'_>) -> Vec<Expr> {
    (0..).map(Expr::axis).take(op.axes.len()).collect()
}

/// Total FLOPs over total bytes.
pub fn intensity(totals: &Totals<Expr>) -> Result<Ratio> {
    let bytes = totals.bits.total()?.scaled(Rational::new(1, 8)?)?;
    Ratio::new(&totals.flops.total()?, &bytes)
}

/// A list of sizes.
pub fn sizes(sizes: &[u64]) -> Sizes {
    sizes.to_vec()
}

fn wide(sizes: &[u64]) -> Vec<u128> {
    sizes.iter().map(|size| u128::from(*size)).collect()
}
