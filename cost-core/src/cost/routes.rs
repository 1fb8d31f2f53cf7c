//! Where an operator routes tokens to experts.

use super::at::At;
use super::frame::Frame;
use super::num::Num;
use super::options::Options;
use crate::error::Result;
use crate::op::{Kind, Op};

/// A call of routed experts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route<N> {
    /// How many experts there are.
    pub experts: N,
    /// How many of them each token uses.
    pub top: N,
    /// How many tokens there are.
    pub tokens: N,
}

/// The calls of routed experts that an operator makes at these axis sizes, here and in what it calls.
pub fn routes<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<Vec<Route<N>>> {
    At::new(op, sizes, options)?.routes()
}

/// The routes of an outermost operator.
pub(super) fn of<N: Num>(frame: &Frame<'_, N>, options: &Options) -> Result<Vec<Route<N>>> {
    let mut found = Vec::new();
    walk(frame, options, &mut found)?;
    Ok(found)
}

fn walk<N: Num>(frame: &Frame<'_, N>, options: &Options, found: &mut Vec<Route<N>>) -> Result<()> {
    for (step, it) in frame.op.steps.iter().enumerate() {
        let Kind::Call(call) = it.kind else { continue };
        if frame.repeats(step)?.is_zero() {
            continue;
        }
        let inner = frame.enter(step, &call, options)?;
        if let (Some(_), Some(routed)) = (call.experts, &inner.routed) {
            let (experts, top, tokens) = (routed.experts.clone(), routed.top.clone(), routed.tokens.clone());
            found.push(Route { experts, top, tokens });
        }
        walk(&inner, options, found)?;
    }
    Ok(())
}
