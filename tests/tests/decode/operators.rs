//! The operators that only methods have count what they do.

use cost_core::Operator;
use cost_core::cost::Routing;
use cost_models::decode::early_exit::ExitClassifier;
use cost_models::decode::flash::{AttentionTile, LatentTile};
use cost_models::decode::mixture_of_depths::{Router, Weighted};
use cost_models::decode::speculative::MedusaHead;
use cost_tests::counted::agree;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn derived_is_what_is_executed(sizes in proptest::collection::vec(1..5_usize, 5)) {
        for op in [AttentionTile::OP, LatentTile::OP, MedusaHead::OP, ExitClassifier::OP, Router::OP, Weighted::OP] {
            prop_assert_eq!(agree(op, &sizes[..op.axes.len()], Routing::Worst), Ok(()), "{}", op.name);
        }
    }
}
