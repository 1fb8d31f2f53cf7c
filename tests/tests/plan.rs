//! What a plan evaluates is what the derivation counts.

use cost_core::cost::{Formats, Kernel, Masking, Routing, kernels, totals};
use cost_core::expr::Expr;
use cost_core::format::Format;
use cost_core::op::Op;
use cost_core::plan::Row;
use cost_core::{Error, Options, Plan, Result};
use cost_tests::random::{Case, cases};
use proptest::prelude::*;

/// Rows that something is left of: a kernel that doesn't run, or does nothing, may be left out.
fn counted(kernels: &[Kernel<u128>]) -> Result<Vec<Row<u128>>> {
    let rows = kernels.iter().map(|it| Ok(Row { repeat: it.repeat, flops: it.flops.clone(), bits: it.bits()? }));
    rows.collect::<Result<Vec<_>>>().map(|rows| rows.into_iter().filter(counts).collect())
}

fn counts(row: &Row<u128>) -> bool {
    let Row { repeat, flops, bits } = row;
    let work = flops.by_class.iter().any(|n| *n > 0) || flops.vector > 0;
    *repeat > 0 && (work || bits.total() != Ok(0))
}

/// A plan whose free axes are those of the operator that are marked, the others fixed.
fn plan(op: &Op<'_>, sizes: &[u64], free: &[bool], options: &Options) -> (Result<Plan>, Vec<u64>) {
    let (mut names, mut exprs, mut at) = (vec![], vec![], vec![]);
    for ((name, size), free) in op.axes.iter().zip(sizes).zip(free) {
        exprs.push(if *free {
            names.push(*name);
            at.push(*size);
            Expr::axis(u16::try_from(at.len() - 1).unwrap())
        } else {
            Expr::int(i128::from(*size))
        });
    }
    (Plan::new(op, &names, &exprs, options), at)
}

fn same(op: &Op<'_>, sizes: &[u64], free: &[bool], options: &Options) -> Result<(), TestCaseError> {
    let wide: Vec<u128> = sizes.iter().map(|size| u128::from(*size)).collect();
    let expected = kernels(op, &wide, options);
    let (plan, at) = plan(op, sizes, free, options);
    let found = plan.and_then(|plan| {
        let rows = plan.table::<u128>().at(&at)?.to_vec();
        Ok((rows, plan.summary::<u128>().at(&at)?, plan))
    });
    let (expected, (rows, sum, plan)) = match (expected, found) {
        (Ok(expected), Ok(found)) => (expected, found),
        // Of several things that are wrong, either may be named.
        (Err(_), Err(_)) => return Ok(()),
        (expected, found) => {
            prop_assert!(false, "derived {expected:?}\nplanned {found:?}");
            return Ok(());
        }
    };
    let rows: Vec<_> = rows.into_iter().filter(counts).collect();
    prop_assert_eq!(&rows, &counted(&expected).unwrap());
    prop_assert_eq!(&sum, &totals(&expected).unwrap());
    let floats: Vec<f64> = at.iter().map(|size| *size as f64).collect();
    let near = plan.summary::<f64>().at(&floats).unwrap();
    for (exact, near) in sum.flops.by_class.iter().zip(&near.flops.by_class) {
        prop_assert!(close(*exact, *near), "{exact} {near}");
    }
    prop_assert!(close(sum.flops.vector, near.flops.vector));
    prop_assert!(close(sum.bits.cache_read, near.bits.cache_read));
    prop_assert!(close(sum.bits.acts_read, near.bits.acts_read));
    // Each weight of an expert is rounded to whole bits.
    prop_assert!((sum.bits.weights as f64 - near.bits.weights).abs() <= 20.0 + 1e-9 * near.bits.weights);
    Ok(())
}

fn close(exact: u128, near: f64) -> bool {
    (exact as f64 - near).abs() <= 1e-9 * near
}

fn options() -> impl Strategy<Value = Options> {
    let format = prop::sample::select(vec![
        "bf16",
        "int8:g3:f16",
        "int4:g2:f16:int4",
        "mxfp4",
        "fp8:row:f32",
        "int8:tensor:f32",
    ]);
    let routing = prop_oneof![Just(Routing::Expected), Just(Routing::Worst), (0..4_u64).prop_map(Routing::Given)];
    (format.clone(), format.clone(), format, any::<bool>(), routing).prop_map(
        |(weights, acts, cache, dense, routing)| {
            let [weights, acts, cache] = [weights, acts, cache].map(Format::known);
            let masking = if dense { Masking::Dense } else { Masking::Exact };
            Options { formats: Formats { weights, acts, cache, ..Formats::default() }, masking, routing }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn plans_are_the_derivation(case in cases(), free in prop::collection::vec(any::<bool>(), 11), options in options()) {
        let Case { op, sizes } = case;
        let sizes: Vec<u64> = sizes.iter().map(|size| *size as u64).collect();
        same(op, &sizes, &free, &options)?;
    }

    /// Sizes that nothing was made sure of: the errors are the same too.
    #[test]
    fn plans_fail_as_the_derivation_does(
        case in cases(), sizes in prop::collection::vec(0..5_u64, 11), free in prop::collection::vec(any::<bool>(), 11),
        options in options(),
    ) {
        same(case.op, &sizes, &free, &options)?;
    }
}

/// A wrong number of sizes is an error.
#[test]
fn points_have_the_plans_axes() {
    use cost_core::Operator;
    let op = cost_models::ops::Linear::OP;
    let plan = Plan::new(op, &["b"], &[Expr::axis(0), Expr::int(1), Expr::int(4), Expr::int(4)], &Options::default());
    let found = plan.unwrap().summary::<u128>().at(&[1, 2]);
    assert!(matches!(found, Err(Error::Sizes { expected: 1, found: 2, .. })), "{found:?}");
}
