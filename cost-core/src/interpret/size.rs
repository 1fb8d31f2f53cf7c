//! Sizes in terms of axes, by signed arithmetic.

use crate::error::{Error, Result};
use crate::op::{Call, Dim, Op};

const OVERFLOW: Error = Error::Overflow { counting: "sizes" };

/// A size in terms of an operator's axes.
pub(super) fn dim(op: &Op<'_>, sizes: &[usize], dim: &Dim<'_>) -> Result<usize> {
    let size = value(sizes, dim)?;
    usize::try_from(size).map_err(|_| Error::Negative { op: op.name.to_owned() })
}

fn value(sizes: &[usize], dim: &Dim<'_>) -> Result<i128> {
    let size = |axis: &u8| i128::try_from(sizes[usize::from(*axis)]).map_err(|_| OVERFLOW);
    let terms = match dim {
        Dim::Axis(axis) => return size(axis),
        Dim::Sum(terms) => terms,
    };
    terms.iter().try_fold(0_i128, |sum, term| {
        let mut factors = term.axes.iter().map(size).collect::<Result<Vec<_>>>()?;
        for it in term.quotients {
            let (above, below) = (value(sizes, &it.above)?, value(sizes, &it.below)?);
            if above < 0 || below < 1 {
                return Err(Error::ZeroDivision { dividing: "a size in terms of others" });
            }
            // How many parts of that length there are, with or without the last one if it is shorter.
            let whole = above.div_euclid(below);
            factors.push(whole + i128::from(it.up && whole * below < above));
        }
        let product = factors.into_iter().try_fold(i128::from(term.coefficient), i128::checked_mul);
        sum.checked_add(product.ok_or(OVERFLOW)?).ok_or(OVERFLOW)
    })
}

/// The sizes of an operator's axes with those that are given in terms of others, whatever was there.
pub(super) fn derived(op: &Op<'_>, sizes: &[usize]) -> Result<Vec<usize>> {
    let mut sizes = sizes.to_vec();
    for it in op.derived {
        sizes[usize::from(it.axis)] = dim(op, &sizes, &it.dim)?;
    }
    Ok(sizes)
}

/// The sizes of a callee's axes. One that stands for axes here has as many positions as those, of which one token of routed
/// experts sees one.
pub(super) fn inside(op: &Op<'_>, sizes: &[usize], call: &Call<'_>) -> Result<Vec<usize>> {
    let derived = |axis: usize| call.op.derived.iter().find(|it| usize::from(it.axis) == axis);
    let one = |axis| match op.bound(call, axis) {
        _ if derived(axis).is_some() => Ok(0),
        Some(bound) => dim(op, sizes, &bound),
        None => Err(Error::Description {
            op: op.name.to_owned(),
            message: format!("its call of {} leaves axis {} open", call.op.name, call.op.axes[axis]),
        }),
    };
    let mut inner = (0..call.op.axes.len()).map(one).collect::<Result<Vec<_>>>()?;
    for it in call.op.derived {
        inner[usize::from(it.axis)] = match op.placed(call, it.axis) {
            Ok(placed) => {
                let mut own = placed.axes().iter().map(|axis| sizes[usize::from(*axis)]);
                own.try_fold(1, usize::checked_mul).ok_or(OVERFLOW)?
            }
            Err(_) => dim(call.op, &inner, &it.dim)?,
        };
    }
    Ok(inner)
}
