//! Attention by tiles, and caches in blocks.

use cost_core::cost::{Formats, Masking, Options, on_chip};
use cost_core::random::Random;
use cost_core::{Operator, hardware};
use cost_macros::cost;
use cost_models::catalogue;
use cost_models::decode::batching::Request;
use cost_models::decode::flash::{AttentionTile, Flash, LatentTile, Tile, flash};
use cost_models::decode::paged::{Paged, paged};
use cost_models::decode::{Deployment, Part};
use cost_models::ops::FlashAttention;
use proptest::prelude::*;

use crate::setup::{Sample, deployed, on};

fn tiled(model: &str, tokens: u64, tiles: &[(u64, u64)]) -> Flash {
    let tiles: Vec<Tile> = tiles.iter().map(|(queries, keys)| Tile { queries: *queries, keys: *keys }).collect();
    flash(&deployed(model, "a100"), &Part::prefill(1, tokens), &tiles).unwrap()
}

/// All numbers take a byte, and all pairs are there.
fn in_bytes() -> Options {
    Options { masking: Masking::Dense, formats: Formats::bytes(), ..Options::default() }
}

#[test]
fn a_tile_takes_its_blocks() {
    // Of 32 heads by themselves, each 128 wide. Over the whole loop queries and results, c·128 each, and a largest
    // score and a sum for each query; in a round keys r·128 and scores c·r, then the scores' softmax c·r and values r·128, or
    // scores and their softmax. 2 byte each.
    let found = tiled("llama-2-7b", 4096, &[(128, 64), (64, 1024)]);
    for (tiled, elements) in found
        .tiles
        .iter()
        .zip([2 * 128 * 128 + 2 * 128 + 64 * 128 + 128 * 64, 2 * 64 * 128 + 2 * 64 + 1024 * 128 + 64 * 1024])
    {
        assert_eq!(tiled.on_chip.whole(), Some(2 * elements), "{:?}", tiled.tile);
    }
    // Of 8 heads with 8 queries each: 8 times as many rows of queries to the same keys.
    let found = tiled("llama-3-70b", 4096, &[(16, 64)]);
    assert_eq!(found.tiles[0].on_chip.whole(), Some(2 * (8 * (2 * 16 * 128 + 2 * 16 + 16 * 64) + 64 * 128)));
    // The tile is what the whole attention of so many queries and keys would be.
    let options = in_bytes();
    let tile = on_chip(AttentionTile::OP, &[64, 128, 4, 96], &options, Some(1)).unwrap();
    let keys = FlashAttention::OP.axis_named("t");
    assert_eq!(tile, on_chip(FlashAttention::OP, &[1, 64, 128, 1, 4, 96, 1], &options, keys).unwrap());
    // Latent vectors of 512 with rotary parts of 64, shared by 16 heads: queries with theirs, results and statistics
    // throughout. Latent vectors are keys and values, so they are there from the first to the last step of a round, at
    // its fullest with two summands of the scores and either the rotary parts or the scores, which are as many here.
    let (heads, queries, keys) = (16, 4, 32);
    let latent = on_chip(LatentTile::OP, &[queries, keys, heads, 512, 64], &options, Some(1)).unwrap() / 8;
    let throughout = queries * heads * (512 + 64) + queries * heads * 512 + 2 * queries * heads;
    assert_eq!(latent, throughout + keys * 512 + 2 * queries * keys * heads + keys * 64);
}

/// Blocks of B_c = ⌈M/4d⌉ keys and B_r = min(B_c, d) queries (arXiv:2205.14135, algorithm 1, line 1) are made so that
/// four of them take what a chip of M numbers has. Of queries, results, keys and values the last two are not there together:
/// scores of at most as many numbers take the place of one.
#[test]
fn the_blocks_of_the_paper_fill_the_chip() {
    for (numbers, d) in [(4 * 128 * 128, 128_u128), (98_304, 64), (81_920, 128), (50_000, 96)] {
        let columns = u128::div_ceil(numbers, 4 * d);
        let rows = columns.min(d);
        let found = on_chip(AttentionTile::OP, &[rows, columns, 1, d], &in_bytes(), Some(1)).unwrap() / 8;
        // O_i, Q_i, l_i and m_i; then K_j with S_ij, S_ij with P_ij, or P_ij with V_j: with B_r ≤ d the first is most.
        assert_eq!(found, 2 * rows * d + 2 * rows + columns * d + rows * columns, "{numbers} numbers, width {d}");
        // No more than M, but for the statistics and what rounding B_c up adds.
        assert!(found <= numbers + 2 * rows + 4 * d, "{found} of {numbers}, width {d}");
    }
    // Squares of the width fill it exactly.
    let square = on_chip(AttentionTile::OP, &[128, 128, 1, 128], &in_bytes(), Some(1)).unwrap() / 8;
    assert_eq!(square, 4 * 128 * 128 + 2 * 128);
}

/// Something is computed before the loop, something after it.
#[cost]
fn Pooled<c, r, k>(q: Act<c, k>, keys: Act<r, k>, bias: Act<c>) -> Act<c> {
    let scaled = scale(q);
    let total = sum::<r>(exp(dot::<k>(scaled, keys)));
    total + bias
}

/// Normalisations over the axis of the loop.
#[cost]
fn Normalised<c, r>(x: Act<c, r>) -> Act<c> {
    sum::<r>(layer_norm::<r>(rms_norm::<r>(x)))
}

#[test]
fn what_a_loop_keeps_stays() {
    // Scaled queries 4·16 and sums 4 in all rounds; keys 8·16 and scores 4·8 at the fullest moment of a round. Unscaled
    // queries (4·16 with the scaled ones, before the loop) and the bias (after it) are not there.
    let pooled = |looped| on_chip(Pooled::OP, &[4, 8, 16], &in_bytes(), looped).unwrap() / 8;
    assert_eq!(pooled(Some(1)), 4 * 16 + 4 + 8 * 16 + 4 * 8);
    assert_eq!(pooled(None), 4 * 16 + 8 * 16 + 4 * 8);
    // A block and what becomes of it, 3·5 each; for each of 3 rows a result, and of the norms 1 and 2 numbers.
    let normalised = |looped| on_chip(Normalised::OP, &[3, 5], &in_bytes(), looped).unwrap() / 8;
    assert_eq!(normalised(Some(1)), 2 * 3 * 5 + 3 * (1 + 1 + 2));
    assert_eq!(normalised(None), 2 * 3 * 5);
}

#[test]
fn the_best_tile_moves_least() {
    for device in ["v100", "a100", "h100", "rtx_4090"] {
        let deployment = deployed("llama-2-7b", device);
        let found = flash(&deployment, &Part::prefill(2, 1000), &[]).unwrap();
        let best = found.best.unwrap();
        let limit = hardware::find(device).unwrap().figures.shared_kib.unwrap() * 1024.0;
        let moved = |tile| found.tiles.iter().find(|it| it.tile == tile).unwrap().cost.bits.total().unwrap();
        for it in &found.tiles {
            assert_eq!(it.fits, Some(it.on_chip.to_f64() <= limit), "{device}: {:?}", it.tile);
            assert!(it.fits == Some(false) || moved(it.tile) >= moved(best), "{device}: {:?}", it.tile);
            // Tiles change no FLOPs, and move no less than what reads everything once.
            assert_eq!((it.cost.matmul, it.cost.vector), (found.fused.matmul, found.fused.vector));
            assert!(moved(it.tile) >= found.fused.bits.total().unwrap());
        }
        assert!(found.fused.bits.total().unwrap() < found.unfused.bits.total().unwrap());
        assert!(found.bytes_formula.contains("ceil_div(s, c)"), "{}", found.bytes_formula);
    }
    // One tile for all queries reads everything once.
    let whole = tiled("gpt2", 300, &[(300, 16)]);
    assert_eq!(whole.tiles[0].cost.bits, whole.fused.bits);
    assert!(flash(&deployed("deepseek-v2-lite", "h100"), &Part::prefill(1, 64), &[]).unwrap().best.is_some());
}

#[test]
fn wrong_tiles_are_refused() {
    let fails =
        |deployment: &Deployment, part: &Part, tile: Tile| flash(deployment, part, &[tile]).unwrap_err().to_string();
    let llama = deployed("llama-2-7b", "a100");
    let tile = Tile { queries: 16, keys: 16 };
    assert!(
        fails(&llama, &Part::prefill(1, 9), Tile { keys: 0, ..tile }).contains("tile: found 0, expected at least 1")
    );
    assert!(fails(&llama, &Part { sequences: 0, ..Part::prefill(1, 9) }, tile).contains("sequences: found 0"));
    // Values of another width than keys.
    let odd = deployed("mimo-v2-flash", "a100");
    assert!(
        fails(&odd, &Part::prefill(1, 9), tile).contains("found another kind, expected heads whose values are as wide")
    );
}

/// 524,288 byte a token.
fn kept(lengths: &[(u64, u64)], block: u64, shared: u64) -> Paged {
    let requests: Vec<Request> =
        lengths.iter().map(|(prompt, output)| Request { arrival_s: 0.0, prompt: *prompt, output: *output }).collect();
    paged(&deployed("llama-2-7b", "a100"), &requests, block, 2048, shared).unwrap()
}

fn tokens(bytes: cost_models::report::Bytes) -> u128 {
    bytes.whole().unwrap() / 524_288
}

#[test]
fn caches_by_hand() {
    // 100 + 9 and 50 + 20 tokens without the last, in blocks of 16: 7 and 5 of them; 40 tokens in common fill 2.
    let found = kept(&[(100, 10), (50, 21)], 16, 40);
    assert_eq!(tokens(found.used), 109 + 70);
    assert_eq!((tokens(found.contiguous.reserved), tokens(found.contiguous.wasted)), (4096, 4096 - 179));
    assert_eq!((tokens(found.paged.reserved), tokens(found.paged.wasted)), (16 * 12, 16 * 12 - 179));
    // Each token appended copies all before it: 100 + … + 108 and 50 + … + 69.
    assert_eq!(tokens(found.reallocated.copied), (100..109).sum::<u128>() + (50..70).sum::<u128>());
    assert_eq!(tokens(found.reallocated.largest), 109 + 108);
    assert_eq!((tokens(found.reallocated.wasted), found.paged.copied.whole()), (0, Some(0)));
    // Two blocks of the prefix are there once; what is left of it, 8 tokens, is copied for each.
    assert_eq!(tokens(found.shared_prefix.reserved), 16 * (12 - 2));
    assert_eq!(tokens(found.shared_prefix.wasted), 16 * 10 - (179 - 32));
    assert_eq!(tokens(found.shared_prefix.copied), 2 * 8);
    // (80e9 − 13,476,831,232)/524,288 = 126,883 tokens.
    let fit = |it: cost_models::decode::paged::Allocation| it.sequences_that_fit.unwrap();
    // Each decodes a token: 32,000 logits and 4,096 hidden values of 2 byte.
    let beside = |tokens: u64| 66_523_168_768 / (tokens * 524_288 + 72_192);
    assert_eq!((fit(found.contiguous), fit(found.paged)), (beside(2048), beside(96)));
    // A window keeps no more than its length.
    let windowed = deployed("mistral-7b-v0.1", "a100");
    let request = |prompt| [Request { arrival_s: 0.0, prompt, output: 1 }];
    let used = |prompt| paged(&windowed, &request(prompt), 16, 32_000, 0).unwrap().used;
    assert_eq!(used(20_000), used(5_000));
}

proptest! {
    #[test]
    fn paging_wastes_less_than_a_block_a_sequence(
        lengths in proptest::collection::vec((1..1000_u64, 1..1000_u64), 1..20), block in 1..200_u64, share in 0.0..1.0_f64,
    ) {
        let least = lengths.iter().map(|(prompt, _)| *prompt).min().unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
        let found = kept(&lengths, block, (least as f64 * share) as u64);
        let count = lengths.len() as u128;
        prop_assert!(tokens(found.paged.wasted) <= count * u128::from(block - 1));
        prop_assert!(found.paged.reserved <= found.contiguous.reserved || block > 100);
        prop_assert!(found.shared_prefix.reserved <= found.paged.reserved);
        prop_assert!(found.shared_prefix.wasted == found.paged.wasted);
        let whole: u128 = lengths.iter().map(|(prompt, output)| u128::from(prompt + output - 1)).sum();
        prop_assert_eq!(tokens(found.used), whole);
    }
}

#[test]
fn simulated_waste_is_half_a_block() {
    let deployment = deployed("llama-2-7b", "a100");
    let mut random = Random::new(5);
    for block in [1, 16, 50] {
        let waste = |_| {
            // As many lengths as blocks have tokens are equally likely.
            let prompt = 1 + random.below(block * 20);
            let request = Request { arrival_s: 0.0, prompt, output: 1 };
            tokens(paged(&deployment, &[request], block, 2048, 0).unwrap().paged.wasted) as f64
        };
        let sample: Sample = (0..3000).map(waste).collect();
        let expected = (block - 1) as f64 / 2.0;
        assert!(sample.agrees(expected), "{block}: {sample:?}");
        let said = kept(&[(5, 5)], block, 0).expected_waste;
        assert!((said.to_f64() / 524_288.0 - expected).abs() < 1e-9, "{block}");
    }
}

#[test]
fn wrong_caches_are_refused() {
    let deployment = on(catalogue::find("gpt2").unwrap(), "a100");
    let request = Request { arrival_s: 0.0, prompt: 100, output: 100 };
    let fails = |requests: &[Request], block, longest, shared| {
        paged(&deployment, requests, block, longest, shared).unwrap_err().to_string()
    };
    assert!(fails(&[], 16, 1024, 0).contains("requests: found 0, expected at least 1"));
    assert!(fails(&[request], 0, 1024, 0).contains("block: found 0, expected at least 1"));
    assert!(fails(&[request], 16, 199, 0).contains("prompt + output: found 200, expected at most 199"));
    assert!(fails(&[request], 16, 1024, 101).contains("shared: found 101, expected at most 100"));
    assert!(fails(&[Request { output: 1000, ..request }], 16, 4096, 0).contains("expected at most 1024"));
    // A block longer than anything there is.
    assert!(paged(&deployment, &[request], u64::MAX, 1024, 0).is_ok());
}
