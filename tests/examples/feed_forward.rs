//! The README's operator from scratch.
#![allow(missing_docs, unreachable_pub)]

use cost_core::expr::Notation;
use cost_core::{Operator, Options};
use cost_macros::cost;

/// A feed-forward network with a ReLU: two products, `h` kept on chip between them.
#[cost]
pub fn FeedForward<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {
    let h = relu(dot::<d>(x, up));
    dot::<f>(h, down)
}

/// The network on a normalised input, added to it. The call owns the weights that it isn't given.
#[cost]
pub fn Block<b, s, d, f>(x: Act<b, s, d>, scale: Weight<d>) -> Act<b, s, d> {
    let y = FeedForward { b, s, d, f }(rms_norm::<d>(x) * scale);
    x + y
}

const BLOCK: Block = Block { b: 1, s: 1, d: 768, f: 3072 };
// A wrong number here does not compile.
const _: () = assert!(BLOCK.params() == 2 * 768 * 3072 + 768);

fn main() -> cost_core::Result<()> {
    let options = Options::default();
    let formula = FeedForward::formulas(&options)?[0].flops.total()?;
    println!("{}", formula.show(FeedForward::OP.axes, Notation::Text));
    for kernel in BLOCK.kernels(&options)? {
        println!("{}: {} FLOP, {} byte", kernel.path, kernel.flops.total()?, kernel.bits()?.total()? / 8);
    }
    let limit = FeedForward::intensity(&options)?.limit(0)?;
    println!("intensity as b → ∞: {}", limit.show(FeedForward::OP.axes, Notation::Text));
    Ok(())
}
