//! What the rows derive from operators: work, traffic and intensity, under the documents' conventions.

use cost_core::cost::{Formats, Kernel, Masking, Options, Totals, kernels, tensors, totals};
use cost_core::expr::{Expr, Notation, Ratio, Rational};
use cost_core::format::Format;
use cost_core::op::{Op, Role};
use cost_core::{Operator, Result};

/// The whole rectangle of queries and keys, as every document counts it.
pub(super) fn dense() -> Options {
    Options { masking: Masking::Dense, ..Options::default() }
}

/// [`dense`], with traffic counted in elements.
pub(super) fn dense_elements() -> Options {
    Options { formats: Formats::bytes(), ..dense() }
}

/// Weights in this format, everything else in another.
pub(super) fn formats(weights: &str, others: &str) -> Result<Options> {
    let (weights, acts): (Format, Format) = (weights.parse()?, others.parse()?);
    Ok(Options {
        formats: Formats { weights: Some(weights), acts: Some(acts), cache: Some(acts), ..Formats::default() },
        ..Options::default()
    })
}

/// A number as the size of an axis.
pub(super) fn int(size: u64) -> Expr {
    Expr::int(i128::from(size))
}

/// The kernels of an operator at sizes that may be formulas.
pub(super) fn formulas<O: Operator>(sizes: &[Expr], options: &Options) -> Result<Vec<Kernel<Expr>>> {
    kernels(O::OP, sizes, options)
}

/// FLOP in matrix products over bytes.
pub(super) fn matrix_intensity(kernels: &[Kernel<Expr>]) -> Result<Ratio> {
    let sum = totals(kernels)?;
    Ratio::new(&sum.flops.matmul()?, &bytes(&sum)?)
}

/// The order of growth of FLOPs over that of elements, of an operator that is counted in elements.
pub(super) fn order_of_growth<O: Operator>(sizes: &[Expr]) -> Result<Ratio> {
    let sum = totals(&formulas::<O>(sizes, &dense_elements())?)?;
    Ratio::new(&sum.flops.total()?.order(), &bytes(&sum)?.order())
}

/// Bytes moved.
pub(super) fn bytes(sum: &Totals<Expr>) -> Result<Expr> {
    sum.bits.total()?.scaled(Rational::new(1, 8)?)
}

/// The text of a formula.
pub(super) fn text(expr: &Expr, names: &[&str]) -> String {
    expr.show(names, Notation::Text).to_string()
}

/// The text of a quotient.
pub(super) fn ratio_text(ratio: &Ratio, names: &[&str]) -> String {
    ratio.show(names, Notation::Text).to_string()
}

/// FLOP in matrix products, as a number.
pub(super) fn matmul<O: Operator>(operator: &O) -> Result<f64> {
    Ok(operator.totals(&Options::default())?.flops.matmul()? as f64)
}

/// Elements of the matrices among an operator's parameters, one copy of each.
pub(super) fn matrices(op: &Op<'_>, sizes: &[Expr], part: &str) -> Result<Expr> {
    let owned = tensors(op, sizes, &Options::default())?;
    owned
        .iter()
        .filter(|it| it.role == Role::Weight && it.shape.len() > 1 && it.part.as_deref() == Some(part))
        .try_fold(Expr::default(), |sum, it| sum.add(&it.elements))
}
