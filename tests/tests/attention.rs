//! Attention: decoding adds up to prefill, latent attention against an independent count, tiles.

use cost_core::cost::{Kernel, Masking, Options, axes, kernels, on_chip, totals};
use cost_core::expr::{Atom, Expr, Rational};
use cost_core::op::Op;
use cost_core::{Operator, Result};
use cost_models::ops::{
    FlashAttention, GqaAttention, MlaAbsorbed, MlaAbsorbedAttention, MlaPlain, SplitAttention, UnfusedAttention,
};
use cost_tests::counted::in_elements;

/// FLOPs in matrix products and in all, as formulas in the axes of an operator.
fn formulas(op: &Op<'_>) -> Result<[Expr; 2]> {
    let sum = totals(&kernels::<Expr>(op, &axes(op), &Options::default())?)?.flops;
    Ok([sum.matmul()?, sum.total()?])
}

/// The sum of a formula of degree at most 1 in an axis over its values from 1 to `last`.
fn summed(formula: &Expr, axis: u16, last: &Expr) -> Result<Expr> {
    let half = Rational::new(1, 2)?;
    let mut sum = Expr::default();
    for (monomial, value) in formula.terms() {
        let power = monomial.power(&Atom::Axis(axis));
        assert!(power <= 1, "one query's work is linear in the number of keys");
        let mut product = Expr::constant(*value);
        for (atom, power) in monomial.factors() {
            for _ in 0..*power {
                product = product.mul(&if *atom == Atom::Axis(axis) { Expr::int(1) } else { atom.clone().into() })?;
            }
        }
        // Σ t = L(L + 1)/2 and Σ 1 = L.
        let times = match power {
            0 => last.clone(),
            _ => last.mul(&last.add(&Expr::int(1))?)?.scaled(half)?,
        };
        sum = sum.add(&product.mul(&times)?)?;
    }
    Ok(sum)
}

#[test]
fn decoding_step_by_step_does_the_work_of_the_prefill() -> Result<()> {
    for op in [GqaAttention::OP, UnfusedAttention::OP, MlaAbsorbedAttention::OP] {
        let [s, t] = ["s", "t"].map(|name| u16::from(op.axis_named(name).expect("it has queries and keys")));
        for formula in formulas(op)? {
            let step = formula.substitute(&|axis| (axis == s).then(|| Expr::int(1)))?;
            let prefill = formula.substitute(&|axis| (axis == s).then(|| Expr::axis(t)))?;
            assert_eq!(summed(&step, t, &Expr::axis(t))?, prefill, "{}", op.name);
        }
    }
    Ok(())
}

/// DeepSeek-V3's shapes, from its released config.
const ABSORBED: MlaAbsorbed =
    MlaAbsorbed { b: 1, s: 1, t: 4097, d: 7168, r: 1536, c: 512, h: 128, k: 128, v: 128, p: 64 };
const PLAIN: MlaPlain = MlaPlain { b: 1, s: 1, t: 4097, d: 7168, r: 1536, c: 512, h: 128, k: 128, v: 128, p: 64 };

// 61 layers of attention have 11,413,422,080 parameters and 124,928 more in the norms inside it, counted on the released
// architecture's own tensors.
const _: () = assert!(61 * ABSORBED.params() == 11_413_422_080 + 124_928);
const _: () = assert!(61 * PLAIN.params() == 11_413_422_080 + 124_928);

#[test]
fn latent_attention_costs_what_was_counted_on_the_real_model() {
    // PyTorch's FLOP counter on DeepSeek-V3, one decode step at past 4096, 61 layers: absorbed, 20,780,023,808 in the
    // projections and 71,655,702,528 in the core with the absorbed up projections.
    assert_eq!(61 * ABSORBED.flops().matmul, 20_780_023_808 + 71_655_702_528);
    // Plain with every head's keys and values cached: 93,722,394,624 for the model, of which 50,422,349,824 are not
    // attention (dense layers 2,378,170,368, head 1,853,358,080, routed experts 40,869,298,176, router 212,860,928,
    // shared experts 5,108,662,272).
    let others = 2_378_170_368 + 1_853_358_080 + 40_869_298_176 + 212_860_928 + 5_108_662_272;
    assert_eq!(61 * PLAIN.flops().matmul, 93_722_394_624 - others);
}

#[test]
fn the_latent_cache_takes_576_numbers_a_token() -> Result<()> {
    // (512 + 64) · 2 byte · 61 layers = 70,272 byte (DeepSeek-V2, arXiv:2405.04434, section 2.1.2, V3's shapes).
    let tensors = MlaAbsorbed { t: 1, ..ABSORBED }.tensors(&Options::default())?;
    let caches = tensors.iter().filter(|tensor| tensor.role == cost_core::op::Role::Cache);
    assert_eq!(61 * caches.map(|tensor| tensor.bits / 8).sum::<u128>(), 70_272);
    Ok(())
}

#[test]
fn smaller_models_of_the_same_form_have_the_same_cache() -> Result<()> {
    // A token takes 9/2·d_h numbers a layer (arXiv:2405.04434, table 1): 60 layers of DeepSeek-V2 with heads of 128.
    // Kimi K2 has half of V3's heads and the same latent vectors.
    for (op, layers, numbers) in [
        (MlaAbsorbed { d: 5120, t: 1, ..ABSORBED }, 60, 34_560),
        (MlaAbsorbed { h: 64, t: 1, ..ABSORBED }, 61, 61 * 576),
    ] {
        let tensors = op.tensors(&in_elements())?;
        let caches = tensors.iter().filter(|tensor| tensor.role == cost_core::op::Role::Cache);
        assert_eq!(layers * caches.map(|tensor| tensor.elements).sum::<u128>(), numbers);
    }
    Ok(())
}

#[test]
fn a_score_matrix_of_32k_by_32k_takes_2_gib_a_head() -> Result<()> {
    // Document 001 names 32K × 32K scores: 32,768² · 2 byte = 2 GiB a head, written and read between the kernels.
    let size = |g| UnfusedAttention { b: 1, s: 32_768, t: 32_768, n: 1, g, k: 128 };
    let options = Options { masking: Masking::Dense, ..Options::default() };
    let unfused = totals(&size(1).kernels(&options)?)?.bits;
    let fused = GqaAttention { b: 1, s: 32_768, t: 32_768, n: 1, g: 1, k: 128 };
    let fused = totals(&fused.kernels(&options)?)?.bits;
    let scores = 2_u128 << 30;
    // Written by the product, the scale and the softmax; read by the scale, the softmax and the second product.
    assert_eq!((unfused.total()? - fused.total()?) / 8, 6 * scores);
    Ok(())
}

#[test]
fn a_tile_needs_what_its_blocks_take() -> Result<()> {
    // c queries and r keys of one head of width k. Throughout the loop over blocks of keys the chip holds the queries
    // (c·k), the results (c·k), and the largest score and the sum of weights of each query (2·c). While scores are
    // computed there are the keys (r·k) and the scores (c·r) beside them; while they weigh the values, the scores and
    // the values (r·k).
    let (c, r, k) = (64, 128, 96);
    let tile = FlashAttention { b: 1, s: c, t: r, n: 1, g: 1, k, c };
    let sizes: Vec<u128> = tile.given().into_iter().map(u128::from).collect();
    let options = Options { masking: Masking::Dense, ..in_elements() };
    let keys = FlashAttention::OP.axis_named("t");
    let found = on_chip(FlashAttention::OP, &sizes, &options, keys)? / 8;
    assert_eq!(found, u128::from(2 * c * k + 2 * c + r * k + c * r));
    // Where all keys are one block, nothing is kept for another.
    let once = on_chip(FlashAttention::OP, &sizes, &options, None)? / 8;
    assert_eq!(once, u128::from(c * k + r * k + c * r));
    Ok(())
}

#[test]
fn splitting_a_cache_costs_the_merge() -> Result<()> {
    let whole = GqaAttention { b: 1, s: 1, t: 4096, n: 8, g: 8, k: 128 };
    for wrong in [0, 1000, 8192] {
        assert!(SplitAttention::of(&whole, wrong).is_err(), "chunks of {wrong}");
    }
    let bytes = |kernels: Result<Vec<Kernel<u128>>>| -> Result<u128> { Ok(totals(&kernels?)?.bits.total()? / 8) };
    let split = SplitAttention::of(&whole, 512).expect("eight chunks of 512 tokens");
    // Each of 64 heads writes and reads, for each of 8 chunks, a result of 128 numbers, a largest score and a sum, all of
    // 2 byte.
    let merge = 2 * 64 * 8 * (128 + 1 + 1) * 2;
    let options = Options::default();
    assert_eq!(bytes(split.kernels(&options))?, bytes(whole.kernels(&options))? + merge);
    // One product by the share of each chunk for every number of a partial result: 2 FLOP.
    assert_eq!(split.flops().matmul, whole.flops().matmul + 2 * 64 * 8 * 128);
    Ok(())
}

#[test]
fn smaller_tiles_move_more_and_compute_the_same() -> Result<()> {
    let at = |c| FlashAttention { b: 1, s: 4096, t: 4096, n: 8, g: 4, k: 128, c };
    let bytes = |c| -> Result<u128> { Ok(totals(&at(c).kernels(&Options::default())?)?.bits.total()? / 8) };
    // Queries and results once (2 · 4096·32·128 elements of 2 byte), keys and values (2 · 4096·8·128) once a block.
    let (queries, keys) = (2 * 4096 * 32 * 128 * 2, 2 * 4096 * 8 * 128 * 2);
    for (c, blocks) in [(4096, 1), (1024, 4), (1000, 5), (64, 64)] {
        assert_eq!(bytes(c)?, queries + blocks * keys, "blocks of {c}");
        assert_eq!(at(c).flops(), at(4096).flops());
    }
    Ok(())
}
