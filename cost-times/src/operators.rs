//! What was measured, as operators.

use cost_core::Operator;
use cost_core::op::Op;
use cost_macros::cost;
use cost_models::ops::SwiGlu;

/// Routed feed-forward networks on tokens that come with their choice.
#[cost]
pub fn RoutedSwiGlu<b, s, d, f, e, top>(x: Act<b, s, d>, gates: Act<b, s, top>) -> Act<b, s, d> {
    experts::<e, top>(SwiGlu { .. }(x), gates)
}

/// The operator of that name: one of the library's, or of those that only measurements know.
pub(crate) fn named(name: &str) -> Option<&'static Op<'static>> {
    let own = [RoutedSwiGlu::OP];
    own.into_iter().chain(cost_models::operators()).find(|op| op.name.eq_ignore_ascii_case(name))
}

/// The names that there are.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    [RoutedSwiGlu::OP].into_iter().chain(cost_models::operators()).map(|op| op.name)
}
