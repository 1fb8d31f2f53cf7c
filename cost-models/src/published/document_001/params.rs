//! Parameters of attention and of feed-forward networks, in terms of the width.

use cost_core::Operator;
use cost_core::expr::{Expr, Ratio};

use crate::error::Error;
use crate::families::decoder::DecoderLayer;
use crate::ops::{SwiGlu, UngatedMlp};
use crate::published::digits::printed;
use crate::published::findings::Findings;
use crate::published::measure::{int, matrices, ratio_text};

/// The width of a model in terms of its heads: `n·k`.
fn width() -> Result<Expr, Error> {
    Ok(Expr::axis(0).mul(&Expr::axis(1))?)
}

/// The elements of a layer's attention matrices in multi-head attention, over the square of the width.
fn attention_share() -> Result<Ratio, Error> {
    let (d, one) = (width()?, || int(1));
    let sizes = [one(), one(), one(), one(), d.clone(), Expr::axis(0), one(), Expr::axis(1), one()];
    Ok(Ratio::new(&matrices(DecoderLayer::OP, &sizes, "attention")?, &d.mul(&d)?)?)
}

/// The elements of a feed-forward network's matrices over the square of its width; the network is two matrices of
/// `4·d`, or three of `share·d/3`.
fn feed_forward_share(gated: bool, share: u64) -> Result<Ratio, Error> {
    let third = Expr::axis(0);
    let (d, f) = (third.mul(&int(3))?, third.mul(&int(share))?);
    let mut sizes = vec![int(1), int(1), d.clone(), f];
    let op = if gated { SwiGlu::OP } else { UngatedMlp::OP };
    // Whatever is between the matrices.
    sizes.resize_with(op.axes.len(), || int(0));
    Ok(Ratio::new(&matrices(op, &sizes, "ffn")?, &d.mul(&d)?)?)
}

fn in_squares(share: &Ratio) -> String {
    format!("{}·d²", ratio_text(share, &[]))
}

fn over(above: &Ratio, below: &Ratio) -> Result<f64, Error> {
    Ok(above.value(&[])?.div(below.value(&[])?)?.to_f64())
}

pub(super) fn attention_params() -> Result<Findings, Error> {
    Ok(Findings::new().formula(&in_squares(&attention_share()?), "4·d²"))
}

pub(super) fn feed_forward_params() -> Result<Findings, Error> {
    Ok(Findings::new()
        .formula(&in_squares(&feed_forward_share(false, 12)?), "8·d²")
        .formula(&in_squares(&feed_forward_share(true, 8)?), "8·d²"))
}

pub(super) fn feed_forward_ratio() -> Result<Findings, Error> {
    let attention = attention_share()?;
    let standard = over(&feed_forward_share(false, 12)?, &attention)?;
    let (right, mistaken) =
        (over(&feed_forward_share(true, 8)?, &attention)?, over(&feed_forward_share(true, 4)?, &attention)?);
    Ok(Findings::new().exact(standard, printed("2")).erratum(right, mistaken, printed("1")))
}
