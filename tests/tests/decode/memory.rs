//! Attention by tiles, and caches in blocks.

use cost_core::cost::{Formats, Masking, Options, on_chip};
use cost_core::random::Random;
use cost_core::{Operator, hardware};
use cost_models::decode::batching::Request;
use cost_models::decode::flash::{AttentionTile, Flash, LatentTile, Tile, flash};
use cost_models::decode::paged::{Paged, paged};
use cost_models::decode::{Deployment, Part};
use cost_models::families::decoder::Decoder;
use cost_models::ops::FlashAttention;
use cost_models::{Model, catalogue};
use proptest::prelude::*;

use crate::setup::{Sample, deployed, on};

fn tiled(model: &str, tokens: u64, tiles: &[(u64, u64)]) -> Flash {
    let tiles: Vec<Tile> = tiles.iter().map(|(queries, keys)| Tile { queries: *queries, keys: *keys }).collect();
    flash(&deployed(model, "a100"), &Part::prefill(1, tokens), &tiles).unwrap()
}

#[test]
fn a_tile_takes_its_blocks() {
    // Of 32 heads by themselves, each 128 wide: queries c·128, keys r·128 and scores c·r, then scores, values r·128 and
    // results c·128; or scores and their softmax, c·r twice. 2 byte each.
    let found = tiled("llama-2-7b", 4096, &[(128, 64), (64, 1024)]);
    for (tiled, elements) in
        found.tiles.iter().zip([128 * 128 + 64 * 128 + 128 * 64, 64 * 128 + 1024 * 128 + 64 * 1024])
    {
        assert_eq!(tiled.on_chip.whole(), Some(2 * elements), "{:?}", tiled.tile);
    }
    // Of 8 heads with 8 queries each.
    let found = tiled("llama-3-70b", 4096, &[(16, 64)]);
    assert_eq!(found.tiles[0].on_chip.whole(), Some(2 * 8 * (16 * 128 + 16 * 64) + 2 * 64 * 128));
    // The tile is what the whole attention of so many queries and keys would be.
    let options = Options { masking: Masking::Dense, formats: Formats::bytes(), ..Options::default() };
    let tile = on_chip(AttentionTile::OP, &[64, 128, 4, 96], &options).unwrap();
    assert_eq!(tile, on_chip(FlashAttention::OP, &[1, 64, 128, 1, 4, 96, 1], &options).unwrap());
    // Latent vectors of 512, shared by 16 heads: while they are weighed, the weights, the vectors and the results.
    let (heads, queries, keys) = (16, 4, 32);
    let latent = on_chip(LatentTile::OP, &[queries, keys, heads, 512, 64], &options).unwrap() / 8;
    assert_eq!(latent, queries * keys * heads + keys * 512 + queries * heads * 512);
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
    let odd = on(Model::new(&Decoder { n: 2, g: 2, k: 64, h: 32, l: 1, ..Decoder::PLAIN }), "a100");
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
    assert_eq!((fit(found.contiguous), fit(found.paged)), (126_883 / 2048, 126_883 / 96));
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
