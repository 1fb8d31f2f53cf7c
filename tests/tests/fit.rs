//! What fits the memory of a device.

use std::borrow::Cow;

use cost_core::hardware::{Figures, Hardware};
use cost_core::{Options, hardware};
use cost_models::fit::{Fit, Headroom, LARGEST, Limit, Wanted, fit};
use cost_models::report::{Bytes, report};
use cost_models::{Model, Workload, catalogue};
use proptest::prelude::*;

fn device(memory_gb: f64) -> Hardware {
    let h100 = hardware::find("h100").unwrap();
    Hardware { id: Cow::Borrowed("own"), figures: Figures { memory_gb: Some(memory_gb), ..h100.figures }, ..h100 }
}

fn found(name: &str, memory_gb: f64, headroom: Headroom, wanted: Wanted) -> Fit {
    fit(&catalogue::find(name).unwrap(), &device(memory_gb), &Options::default(), headroom, wanted).unwrap()
}

#[test]
fn what_fits_by_hand() {
    let none = Headroom::Bytes(0);
    // 24 GB less 13,476,831,232 byte of weights is 10,523,168,768: 4 × 4096 tokens of 524,288 byte; all 4096 of one.
    let by = |wanted| found("llama-2-7b", 24.0, none, wanted);
    let batch = by(Wanted::Batch { context: 4096 });
    assert_eq!((batch.batch, batch.context, batch.limit), (4, 4096, Limit::Memory));
    assert_eq!(batch.memory.cache.whole(), Some(4 * 4096 * 524_288));
    let context = by(Wanted::Context { batch: 1 });
    assert_eq!((context.batch, context.context, context.limit), (1, 4096, Limit::Model));
    // Of 8 sequences each has room for 10,523,168,768 / 8 / 524,288 = 2508.9 tokens, activations aside.
    let context = by(Wanted::Context { batch: 8 });
    assert_eq!((context.batch, context.context, context.limit), (8, 2508, Limit::Memory));
    // A tenth of 24 GB is kept free: 8,123,168,768 are left for 3.8 sequences; as an amount likewise.
    for headroom in [Headroom::default(), Headroom::Bytes(2_400_000_000)] {
        let fewer = found("llama-2-7b", 24.0, headroom, Wanted::Batch { context: 4096 });
        assert_eq!((fewer.batch, fewer.headroom.whole()), (3, Some(2_400_000_000)));
    }
    // Not even the weights: nothing fits, and by how much.
    let none = found("llama-2-7b", 13.0, none, Wanted::Batch { context: 1 });
    assert_eq!((none.batch, none.context, none.limit, none.left), (0, 1, Limit::Memory, None));
    assert_eq!(none.short.map(Bytes::bits), Some(none.memory.total.bits() - 13_000_000_000 * 8));
    // States don't grow.
    let any = found("mamba2-2.7b", 80.0, Headroom::default(), Wanted::Context { batch: 1 });
    assert_eq!((any.context, any.limit), (LARGEST, Limit::None));
    // Sequences do, if only a device is large enough for more than are looked for.
    let many = found("gpt2", 1e12, Headroom::default(), Wanted::Batch { context: 1 });
    assert_eq!((many.batch, many.limit), (LARGEST, Limit::Search));
}

#[test]
fn questions_that_have_no_answer_are_errors() {
    let model = catalogue::find("gpt2").unwrap();
    let one = Wanted::Batch { context: 1 };
    let unknown = Hardware { figures: Figures { memory_gb: None, ..device(1.0).figures }, ..device(1.0) };
    for (device, headroom, wanted, expected) in [
        (unknown, Headroom::default(), one, "memory is known"),
        (device(1.0), Headroom::Percent(100.0), one, "less than 100%"),
        (device(1.0), Headroom::Percent(-1.0), one, "from 0%"),
        (device(1.0), Headroom::Percent(f64::NAN), one, "from 0%"),
        (device(1.0), Headroom::Bytes(1_000_000_000), one, "less than the device's memory"),
        (device(1.0), Headroom::Bytes(u64::MAX), one, "less than the device's memory"),
        (device(1.0), Headroom::default(), Wanted::Batch { context: 0 }, "at least 1"),
        (device(1.0), Headroom::default(), Wanted::Context { batch: 0 }, "at least 1"),
    ] {
        let error = fit(&model, &device, &Options::default(), headroom, wanted).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    // Sizes without end have an answer: none.
    for wanted in [Wanted::Batch { context: u64::MAX }, Wanted::Context { batch: u64::MAX }] {
        let found = fit(&model, &device(80.0), &Options::default(), Headroom::default(), wanted);
        assert!(found.is_err() || found.is_ok_and(|found| found.left.is_none()));
    }
}

/// What a report says of so many tokens of so many sequences, in bits.
fn taken(model: &Model, batch: u64, context: u64) -> u128 {
    let step = Workload::decode(batch, context - 1);
    report(model, &step, &Options::default(), &[]).unwrap().memory.total.bits()
}

/// Full caches, windows, chunks, latent vectors, states, and both states and caches.
const MODELS: [&str; 8] = [
    "llama-3.2-1b",
    "mistral-7b-v0.1",
    "gemma-3-1b",
    "llama-4-scout",
    "deepseek-v2-lite",
    "mamba2-2.7b",
    "qwen3-next-80b-a3b",
    "gpt-oss-20b",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// By the report's own figures the answer fits, and one more doesn't.
    #[test]
    fn one_more_does_not_fit(name in prop::sample::select(MODELS.to_vec()), more in 1..200_u32, n in 1..40_u64, tokens in 1..20_000_u64) {
        let model = catalogue::find(name).unwrap();
        let weights = report(&model, &Workload::decode(1, 0), &Options::default(), &[]).unwrap().memory.weights;
        // A whole number of GB that is somewhat more than the weights.
        let room = (weights.bits().div_ceil(8_000_000_000) + u128::from(more)) * 8_000_000_000;
        let (gb, headroom) = (room as f64 / 8e9, Headroom::Bytes(0));
        let longest = found(name, gb, headroom, Wanted::Context { batch: n });
        if longest.context > 0 {
            prop_assert!(taken(&model, n, longest.context) <= room);
            prop_assert_eq!(longest.limit == Limit::Model, Some(longest.context) == model.context);
        }
        if longest.limit == Limit::Memory {
            prop_assert!(taken(&model, n, longest.context + 1) > room, "{longest:?}");
        }
        let most = found(name, gb, headroom, Wanted::Batch { context: tokens });
        if most.batch > 0 {
            prop_assert!(taken(&model, most.batch, tokens) <= room);
            prop_assert_eq!(most.left.map(Bytes::bits), Some(room - most.memory.total.bits()));
        }
        // Chunks of 8192 tokens were full before.
        let full = (tokens + 1) / 8192 * 8192;
        let full = if name == "llama-4-scout" && full > 1 { taken(&model, most.batch + 1, full - 1) } else { 0 };
        prop_assert!(taken(&model, most.batch + 1, tokens).max(full) > room, "{most:?}");
    }
}
