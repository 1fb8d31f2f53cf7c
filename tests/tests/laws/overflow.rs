//! Sizes whose products don't fit: an error, never a panic and never a wrong number.

use cost_core::cost::{counts, kernels, params, peak, tensors, totals};
use cost_core::expr::Expr;
use cost_core::op::Op;
use cost_core::{Error, Operator, Options, Result};
use cost_models::families::decoder::Decoder;
use cost_models::ops::{GqaAttention, Linear, SwiGlu};
use cost_models::report::{self, report};
use cost_models::{Model, Workload};
use proptest::prelude::*;

use crate::operators::{Routed, sizes};

fn overflows<T: core::fmt::Debug>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::Overflow { .. }))
}

/// What an operator's FLOPs and bits are, or that they overflow.
fn counted(op: &Op<'_>, sizes: &[u64]) -> Result<(u128, u128, u128)> {
    let wide: Vec<u128> = sizes.iter().map(|size| u128::from(*size)).collect();
    let totals = totals(&kernels(op, &wide, &Options::default())?)?;
    Ok((totals.flops.matmul()?, totals.flops.vector, totals.bits.total()?))
}

/// How far off the bits of experts are at the most, of which as many are expected as a fraction says: every tensor's are
/// rounded to whole ones.
fn rounding(op: &Op<'_>, sizes: &[u64]) -> f64 {
    let wide: Vec<u128> = sizes.iter().map(|size| u128::from(*size)).collect();
    let kernels = kernels(op, &wide, &Options::default()).unwrap_or_default();
    kernels.iter().map(|kernel| kernel.repeat as f64 * kernel.operands.len() as f64 / 2.0).sum()
}

/// The same by floating point, from the formulas.
fn estimated(op: &Op<'_>, sizes: &[u64]) -> (f64, f64, f64) {
    let formulas = kernels::<Expr>(op, &cost_core::cost::axes(op), &Options::default()).unwrap();
    let totals = totals(&formulas).unwrap();
    let sizes: Vec<f64> = sizes.iter().map(|size| *size as f64).collect();
    let at = |formula: &Expr| formula.to_f64(&sizes);
    (at(&totals.flops.matmul().unwrap()), at(&totals.flops.vector), at(&totals.bits.total().unwrap()))
}

/// Sizes from 1 to the largest, large ones as likely as small ones.
fn extremes() -> impl Strategy<Value = Vec<u64>> {
    let one = prop_oneof![
        4 => 1..4_u64,
        2 => (0..64_u32).prop_map(|power| 1 << power),
        1 => (0..4_u64).prop_map(|less| u64::MAX - less),
        1 => (1 << 32)..(1_u64 << 34),
    ];
    prop::collection::vec(one, 53)
}

proptest! {
    #![proptest_config(cost_tests::config::tried(400))]

    #[test]
    fn counts_fit_or_are_errors(numbers in extremes()) {
        for op in cost_models::operators().chain([Decoder::OP, Routed::OP]) {
            let mut sizes = sizes(op, &numbers);
            // More experts than any model has are beyond the floating point that expectations are made with.
            if let Some(e) = op.axis_named("e").map(usize::from) {
                sizes[e] = sizes[e].min(512);
                sizes[e + 1] = sizes[e + 1].min(sizes[e]);
            }
            let wide: Vec<u128> = sizes.iter().map(|size| u128::from(*size)).collect();
            let found = counted(op, &sizes);
            prop_assert!(found.is_ok() || overflows(&found), "{} at {sizes:?}: {found:?}", op.name);
            // What fits is right: near the formula's value. With a window, or where one of two forms is absent, that is a
            // difference of far larger numbers.
            let differs = ["w", "absorbed", "ungated", "relu2"].iter().any(|axis| op.axis_named(axis).is_some());
            if let (Ok((matmul, vector, bits)), false) = (&found, differs) {
                let (x, y, z) = estimated(op, &sizes);
                for (count, value, off) in [(*matmul, x, 0.0), (*vector, y, 0.0), (*bits, z, rounding(op, &sizes))] {
                    let near = (count as f64 - value).abs() <= off + 1e-6 * value;
                    prop_assert!(near, "{} at {sizes:?}: {count}, by its formula {value}", op.name);
                }
            }
            // So is what the compiler counts.
            if let (Some(constant), Ok((matmul, vector, _))) = (counts(op, &sizes), &found) {
                prop_assert_eq!((constant.matmul, constant.vector), (*matmul, *vector));
            }
            let owned = tensors(op, &wide, &Options::default());
            prop_assert!(owned.is_ok() || overflows(&owned), "{} at {sizes:?}", op.name);
            let most = peak(op, &wide, &Options::default());
            prop_assert!(most.is_ok() || overflows(&most), "{} at {sizes:?}", op.name);
            if let (Some(params), Ok(owned)) = (params(op, &sizes), owned) {
                let elements = owned.iter().filter(|it| it.role.name() == "Weight" && it.part.as_deref() != Some("buffer"));
                let sum = elements.map(|it| it.elements.checked_mul(it.copies)).try_fold(0_u128, |sum, n| sum.checked_add(n?));
                prop_assert_eq!(Some(params), sum);
            }
        }
    }
}

/// At the edge, by hand.
#[test]
fn the_largest_counts_fit_and_larger_ones_are_errors() {
    let linear = |d, f| counted(Linear::OP, &[1, 1, d, f]);
    // 2·(2⁶⁴ − 1) FLOP; (2⁶⁴ − 1) elements of weights and of the input and 1 of the result, 16 bits each.
    assert_eq!(linear(u64::MAX, 1), Ok((0x1_FFFF_FFFF_FFFF_FFFE, 0, 16 * (2 * 0xFFFF_FFFF_FFFF_FFFF + 1))));
    // 2·2¹²⁶ = 2¹²⁷ FLOP fit, 16·2¹²⁶ bits don't.
    assert!(overflows(&linear(1 << 63, 1 << 63)));
    assert_eq!(counts(Linear::OP, &[1, 1, 1 << 63, 1 << 63]).map(|counts| counts.matmul), Some(1 << 127));
    // 2·2¹²⁷ don't fit either.
    assert_eq!(counts(Linear::OP, &[2, 1, 1 << 63, 1 << 63]), None);
    assert_eq!(params(Linear::OP, &[1, 1, u64::MAX, u64::MAX]), Some(u128::from(u64::MAX) * u128::from(u64::MAX)));
    assert_eq!(params(SwiGlu::OP, &[1, 1, u64::MAX, u64::MAX]), None);
    assert!(overflows(&counted(GqaAttention::OP, &[u64::MAX; 6])));
}

#[test]
#[should_panic(expected = "doesn't fit in 128 bits")]
fn a_declared_operator_says_so() {
    SwiGlu { b: 1, s: 1, d: u64::MAX, f: u64::MAX }.params();
}

/// A config's sizes one by one at the largest: a report or an overflow, nothing else.
#[test]
fn models_overflow_with_an_error() {
    let fields = ["hidden_size", "intermediate_size", "num_attention_heads", "vocab_size", "head_dim"];
    let config = |large: &[&str]| {
        let sizes = fields.map(|field| {
            let size = if large.contains(&field) { u64::MAX } else { 8 };
            format!("\"{field}\": {size}")
        });
        Model::from_config(
            "large",
            &format!("{{\"model_type\": \"llama\", \"num_hidden_layers\": 8, {}}}", sizes.join(", ")),
        )
        .unwrap()
    };
    for field in fields {
        let result = report(&config(&[field]), &Workload::decode(1, 7), &Options::default(), &[]);
        assert!(result.is_ok(), "{field}: {result:?}");
    }
    let pairs =
        [["hidden_size", "intermediate_size"], ["hidden_size", "vocab_size"], ["num_attention_heads", "head_dim"]];
    for pair in pairs {
        let result = report(&config(&pair), &Workload::decode(1, 7), &Options::default(), &[]);
        assert!(overflows(&result), "{pair:?}: {result:?}");
        let params = report::params(&config(&pair), &Workload::decode(1, 7), &Options::default());
        assert!(params.is_ok() || overflows(&params), "{pair:?}: {params:?}");
    }
}
