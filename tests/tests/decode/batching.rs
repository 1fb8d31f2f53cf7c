//! Schedules.

use cost_core::Options;
use cost_core::hardware::{self, Figures, Hardware};
use cost_core::random::Random;
use cost_models::catalogue;
use cost_models::decode::batching::{
    Cell, Draw, Grid, Policy, Request, Schedule, Spread, batching, chunk_at_ridge, draw, from_csv, schedule, unit_steps,
};
use cost_models::decode::{Cost, Deployment, Lengths, Part, Task, generation};
use proptest::prelude::*;

use crate::setup::{deployed, same};

const POLICIES: [Policy; 3] = [Policy::Static, Policy::Continuous, Policy::Chunked { budget: 8 }];

fn served(requests: &[Request], slots: u64, policy: Policy) -> (Schedule, Grid) {
    let mut grid = Grid::default();
    let done = schedule(requests, slots, policy, &mut unit_steps, &mut |taken| grid.note(taken, usize::MAX));
    (done.unwrap(), grid)
}

/// The sequences of document 003: as many tokens as its grids show, END included.
fn document() -> Vec<Request> {
    // S5, S6 and S7 are cut off by the grid after 3, 2 and 1 tokens.
    [6, 8, 5, 7, 4, 3, 2].map(|output| Request { arrival_s: 0.0, prompt: 10, output }).to_vec()
}

/// The first eight steps of the grids on the page "batch management" of document 003.
#[test]
fn the_grids_of_document_003() {
    let e = "";
    let of_static = [
        ["S1", "S1", "S1", "S1", "S1", "END", e, e],
        ["S2", "S2", "S2", "S2", "S2", "S2", "S2", "END"],
        ["S3", "S3", "S3", "S3", "END", e, e, e],
        ["S4", "S4", "S4", "S4", "S4", "S4", "END", e],
    ];
    let of_continuous = [
        ["S1", "S1", "S1", "S1", "S1", "END", "S6", "S6"],
        ["S2", "S2", "S2", "S2", "S2", "S2", "S2", "END"],
        ["S3", "S3", "S3", "S3", "END", "S5", "S5", "S5"],
        ["S4", "S4", "S4", "S4", "S4", "S4", "END", "S7"],
    ];
    // 26 of 32 slots are used, and all of them.
    for (policy, rows, used) in [(Policy::Static, of_static, 0.8125), (Policy::Continuous, of_continuous, 1.0)] {
        let mut grid = Grid::default();
        let requests = document();
        schedule(&requests, 4, policy, &mut unit_steps, &mut |taken| grid.note(taken, 8)).unwrap();
        assert_eq!(grid.rows(), rows, "{policy:?}");
        assert!((grid.utilisation() - used).abs() < 1e-12, "{policy:?}");
    }
}

#[test]
fn chunks_of_prompts_beside_answers() {
    // A budget of 6: S1's prompt of 10 takes steps of 6 and 4, the rest of the second goes to S2's prompt of 3.
    let requests = [(10, 3), (3, 2)].map(|(prompt, output)| Request { arrival_s: 0.0, prompt, output });
    let mut mixes = Vec::new();
    let mut grid = Grid::default();
    schedule(&requests, 2, Policy::Chunked { budget: 6 }, &mut unit_steps, &mut |taken| {
        grid.note(taken, 9);
        mixes.push(taken.mix.iter().map(|part| (part.new, part.past, part.outputs)).collect::<Vec<_>>());
    })
    .unwrap();
    assert_eq!(grid.rows(), [["(S1)", "S1", "S1", "END"], ["", "(S2)", "S2", "END"]]);
    let expected: [&[_]; 4] =
        [&[(6, 0, 0)], &[(4, 6, 1), (2, 0, 0)], &[(1, 10, 1), (1, 2, 1)], &[(1, 11, 1), (1, 3, 1)]];
    assert_eq!(mixes, expected);
}

/// Requests that arrive at whole steps.
fn requests() -> impl Strategy<Value = Vec<Request>> {
    let one = (0..30_u32, 1..20_u64, 1..9_u64).prop_map(|(at, prompt, output)| Request {
        arrival_s: f64::from(at),
        prompt,
        output,
    });
    proptest::collection::vec(one, 1..20)
}

proptest! {
    #[test]
    fn every_request_gets_its_tokens(requests in requests(), slots in 1..6_u64) {
        for policy in POLICIES {
            let (done, grid) = served(&requests, slots, policy);
            for (request, served) in requests.iter().zip(&done.served) {
                prop_assert_eq!((served.tokens, served.prompt), (request.output, request.prompt), "{:?}", policy);
                prop_assert!(request.arrival_s <= served.start_s && served.start_s < served.first_s);
                prop_assert!(served.first_s <= served.end_s);
            }
            let busy = grid.steps.iter().flatten().filter(|cell| **cell != Cell::Empty).count() as u64;
            prop_assert_eq!((busy, grid.steps.len() as u64), (done.busy, done.steps));
            for (request, asked) in requests.iter().enumerate() {
                let tokens = grid.steps.iter().flatten().filter(|cell| matches!(cell, Cell::Token(it) | Cell::End(it) if *it == request));
                prop_assert_eq!(tokens.count() as u64, asked.output);
            }
        }
    }

    #[test]
    fn continuous_batching_is_never_later_than_static(requests in requests(), slots in 1..6_u64) {
        let [(still, _), (moving, _)] = [Policy::Static, Policy::Continuous].map(|policy| served(&requests, slots, policy));
        for (still, moving) in still.served.iter().zip(&moving.served) {
            prop_assert!(moving.first_s <= still.first_s && moving.end_s <= still.end_s);
        }
        prop_assert!(moving.steps <= still.steps);
    }

    #[test]
    fn no_step_has_more_tokens_than_its_budget(requests in requests(), slots in 1..6_u64, more in 0..20_u64) {
        let budget = slots + more;
        schedule(&requests, slots, Policy::Chunked { budget }, &mut |mix: &[Part]| {
            let tokens: u64 = mix.iter().map(|part| part.new * part.sequences).sum();
            assert!(0 < tokens && tokens <= budget, "{tokens} of {budget}");
            unit_steps(mix)
        }, &mut |_| ()).unwrap();
    }

    /// What is read of the prompts and done for them is the same whatever the policy; only the parameters' traffic differs.
    #[test]
    fn all_policies_do_the_same_work(requests in requests(), slots in 1..6_u64) {
        let deployment = deployed("llama-3.2-1b", "h100");
        let cost = |policy| batching(&deployment, &requests, slots, policy, &mut |_| ()).unwrap().cost;
        let [a, b, c] = POLICIES.map(cost);
        for other in [b, c] {
            prop_assert_eq!((a.matmul, a.vector), (other.matmul, other.vector));
            prop_assert_eq!(a.bits.cache_written, other.bits.cache_written);
        }
    }
}

#[test]
fn a_batch_that_fits_its_slots_is_a_generation() {
    let deployment = deployed("llama-2-7b", "h100");
    let task = Task { sequences: 3, prompt: 40, output: 9 };
    let alone = generation(&deployment, &task).unwrap();
    let requests = vec![Request { arrival_s: 0.0, prompt: 40, output: 9 }; 3];
    for policy in [Policy::Static, Policy::Continuous] {
        let found = batching(&deployment, &requests, 3, policy, &mut |_| ()).unwrap();
        assert!(same(&found.cost, &alone.total), "{policy:?}");
        assert!((found.seconds - alone.total.seconds()).abs() < 1e-12);
        assert_eq!((found.tokens, found.steps), (alone.tokens, alone.steps));
        assert!((found.ttft_s.max - alone.ttft_s).abs() < 1e-12);
        assert!((found.tpot_s.unwrap().p50 - alone.tpot_s.unwrap()).abs() < 1e-12);
        // 48 tokens of each of 3 sequences, 524,288 byte each.
        assert_eq!(found.cache_peak.whole(), Some(3 * 48 * 524_288));
        // What is in memory is what a generation says, but for the last token of each.
        assert_eq!((found.activations_peak, found.fits), (alone.memory.activations, alone.memory.fits));
    }
}

/// A device with room for weights and caches, and for all activations but one byte.
#[test]
fn activations_have_to_fit() {
    let requests = [Request { arrival_s: 0.0, prompt: 40, output: 9 }; 3];
    let on = |memory_gb: f64| {
        let h100 = hardware::find("h100").unwrap();
        let device = Hardware { figures: Figures { memory_gb: Some(memory_gb), ..h100.figures }, ..h100 };
        let deployment = Deployment::new(catalogue::find("llama-2-7b").unwrap(), Options::default(), device);
        batching(&deployment, &requests, 3, Policy::Continuous, &mut |_| ()).unwrap()
    };
    let all = on(80.0);
    let bytes = 13_476_831_232.0 + all.cache_peak.to_f64() + all.activations_peak.to_f64();
    assert_eq!([bytes - 1.0, bytes].map(|bytes| on(bytes / 1e9).fits), [Some(false), Some(true)]);
}

/// A prompt of ten thousand million tokens in chunks of 512 has twenty million steps.
#[test]
fn chunks_without_end_are_errors() {
    let requests = [Request { arrival_s: 0.0, prompt: 10_000_000_000, output: 1 }];
    let served = |policy| schedule(&requests, 1, policy, &mut unit_steps, &mut |_| ());
    let error = served(Policy::Chunked { budget: 512 }).unwrap_err().to_string();
    assert_eq!(
        error,
        "prompt / budget: found 19531250, expected at most 4194304 chunks of prompts, each of which is a step"
    );
    assert!(served(Policy::Chunked { budget: 1 << 20 }).is_ok() && served(Policy::Continuous).is_ok());
}

#[test]
fn the_chunk_that_reaches_the_ridge_is_the_smallest() {
    let deployment = deployed("llama-2-7b", "a100");
    for others in [None, Some(Part::decode(31, 500))] {
        let chunk = chunk_at_ridge(&deployment, others).unwrap().unwrap();
        let bound = |new: u64| {
            let mix: Vec<Part> = others.into_iter().chain([Part::chunk(new, 0, false)]).collect();
            let time = deployment.step(&mix).unwrap().time;
            time.compute_s >= time.memory_s
        };
        assert!(bound(chunk) && !bound(chunk - 1), "{chunk}");
        // The ridge point is 153 FLOP/byte; parameters of 2 byte take 2 FLOP a token, so that many tokens balance them.
        assert!((153..600).contains(&chunk), "{chunk}");
    }
}

#[test]
fn draws_are_what_they_say() {
    let model = cost_models::catalogue::find("llama-3.1-8b").unwrap();
    let (prompts, outputs) = (Lengths::Uniform(10, 30), Lengths::Geometric(50.0));
    let what = Draw { requests: 40_000, rate: Some(4.0), prompts, outputs, seed: 7 };
    let drawn = draw(&what, &model).unwrap();
    assert_eq!(drawn, draw(&what, &model).unwrap());
    assert_ne!(drawn, draw(&Draw { seed: 8, ..what }, &model).unwrap());
    let n = drawn.len() as f64;
    // Mean and standard deviation of each: 20 and √(21² − 1)/√12, 50 and √(50·49), 1/4 and 1/4.
    let gaps = drawn.windows(2).map(|pair| pair[1].arrival_s - pair[0].arrival_s).collect::<Vec<_>>();
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / n;
    for (what, found, mean, deviation) in [
        ("prompts", mean(&mut drawn.iter().map(|it| it.prompt as f64)), prompts.mean(), (440.0_f64 / 12.0).sqrt()),
        ("outputs", mean(&mut drawn.iter().map(|it| it.output as f64)), outputs.mean(), (50.0_f64 * 49.0).sqrt()),
        ("gaps", mean(&mut gaps.iter().copied()), 0.25, 0.25),
    ] {
        assert!((found - mean).abs() < 4.0 * deviation / n.sqrt(), "{what}: {found} instead of {mean}");
    }
    assert!(drawn.iter().all(|it| (10..=30).contains(&it.prompt) && it.output >= 1));
    // From 100 on with 140 in the mean: 40 beyond, so that the deviation is that of a mean of 41, √(41·40).
    let from: Lengths = "geometric:140:100".parse().unwrap();
    assert_eq!(
        (from, from.least(), from.to_string().as_str()),
        (Lengths::GeometricFrom(100, 140.0), 100, "geometric:140:100")
    );
    let drawn = draw(&Draw { prompts: from, ..what }, &model).unwrap();
    let found = drawn.iter().map(|it| it.prompt as f64).sum::<f64>() / n;
    assert!((found - from.mean()).abs() < 4.0 * (41.0_f64 * 40.0).sqrt() / n.sqrt(), "{found} instead of 140");
    assert_eq!(drawn.iter().map(|it| it.prompt).min(), Some(100));
    // Where nothing is cut off there is no other number of tokens, and from 1 on it is what it is without.
    assert_eq!("geometric:7:7".parse::<Lengths>().unwrap(), Lengths::Fixed(7));
    let [one, plain] = ["geometric:50:1", "geometric:50"].map(|text| text.parse::<Lengths>().unwrap());
    let prompts = |prompts| draw(&Draw { requests: 99, prompts, ..what }, &model).unwrap();
    assert_eq!(prompts(one), prompts(plain));
}

#[test]
fn random_numbers_are_those_of_the_generator() {
    // The first numbers of SplitMix64 from seed 1234567, as published with its reference code.
    let mut random = Random::new(1_234_567);
    let drawn = [(); 3].map(|()| random.bits());
    assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    let mut seen = [0_u32; 6];
    for _ in 0..60_000 {
        seen[usize::try_from(random.below(6)).unwrap()] += 1;
    }
    // 10,000 each, standard deviation √(60,000 · 5/36) = 91.
    assert!(seen.iter().all(|count| count.abs_diff(10_000) < 400), "{seen:?}");
}

#[test]
fn percentiles_are_by_nearest_rank() {
    let spread = Spread::of((1..=10).map(f64::from).rev().collect()).unwrap();
    assert_eq!((spread.mean, spread.p50, spread.p90, spread.p99, spread.max), (5.5, 5.0, 9.0, 10.0, 10.0));
    assert_eq!(Spread::of(Vec::new()), None);
}

#[test]
fn requests_are_read_from_csv() {
    let model = cost_models::catalogue::find("gpt2").unwrap();
    let read = from_csv("output, prompt, arrival\n5, 10, 0.5\n# a remark\n\n7, 3,\n", &model).unwrap();
    let request = |arrival_s, prompt, output| Request { arrival_s, prompt, output };
    assert_eq!(read, [request(0.5, 10, 5), request(0.0, 3, 7)]);
    assert_eq!(from_csv("prompt,output\n1,1\n", &model).unwrap(), [request(0.0, 1, 1)]);
    for (text, said) in [
        ("prompt,output\n10,5\n10,x\n", "line 3, output: found `x`, expected a positive whole number of tokens"),
        ("prompt,output\n0,5\n", "line 2, prompt: found `0`, expected a positive whole number"),
        ("prompt,output\n,5\n", "line 2, prompt: found nothing, expected a positive whole number"),
        ("prompt,output\n-3,5\n", "line 2, prompt: found `-3`"),
        ("prompt,output\n1.5,5\n", "line 2, prompt: found `1.5`"),
        ("prompt,output,arrival\n1,5,-1\n", "line 2, arrival: found `-1`, expected seconds"),
        ("prompt,output,arrival\n1,5,nan\n", "line 2, arrival: found `nan`"),
        ("prompt,output\n1,5\n1\n", "line 3: found 1 columns, expected 2, as in line 1"),
        ("prompt\n1\n", "line 1: found prompt, expected a line that names the columns arrival, prompt, output"),
        ("prompt,output,priority\n1,2,3\n", "line 1: found prompt, output, priority, expected"),
        ("prompt,output,prompt\n1,2,3\n", "line 1: found prompt twice, expected each heading once"),
        ("prompt, output ,output\n1,2,2\n", "line 1: found output twice"),
        ("prompt,output\n", "line 2: found nothing, expected at least one line"),
        ("", "line 1: found nothing, expected"),
        ("prompt,output\n1000,24\n1000,25\n", "line 3, prompt + output: found 1000 + 25 tokens, expected at most 1024"),
    ] {
        let error = from_csv(text, &model).unwrap_err().to_string();
        assert!(error.contains(said), "{text:?}: {error}");
    }
}

#[test]
fn wrong_schedules_are_refused() {
    let one = [Request { arrival_s: 0.0, prompt: 1, output: 1 }];
    let fails = |requests: &[Request], slots, policy| {
        schedule(requests, slots, policy, &mut unit_steps, &mut |_| ()).unwrap_err().to_string()
    };
    assert_eq!(fails(&one, 0, Policy::Static), "slots: found 0, expected at least 1");
    assert_eq!(fails(&[], 1, Policy::Static), "requests: found 0, expected at least 1");
    let budget = fails(&one, 9, Policy::Chunked { budget: 8 });
    assert!(budget.starts_with("budget: found 8, expected at least 9"), "{budget}");
    let wrong = ["0", "uniform:0:5", "uniform:7:5", "geometric:0.5", "geometric:inf", "uniform:5", "normal:5", ""];
    for text in wrong.into_iter().chain(["geometric:5:6", "geometric:5:0", "geometric:5:1:2", "geometric:inf:5"]) {
        let error = text.parse::<Lengths>().unwrap_err().to_string();
        assert!(error.contains("expected a length such as 512"), "{text}: {error}");
    }
    let model = cost_models::catalogue::find("gpt2").unwrap();
    let lengths = Lengths::Fixed(5);
    let what = Draw { requests: 1, rate: Some(0.0), prompts: lengths, outputs: lengths, seed: 0 };
    assert!(draw(&what, &model).unwrap_err().to_string().starts_with("rate: found 0, expected a positive number"));
    assert!(draw(&Draw { requests: 0, rate: None, ..what }, &model).is_err());
    let drawn = |prompts| draw(&Draw { rate: None, prompts, ..what }, &model);
    let error = drawn(Lengths::Fixed(5000)).unwrap_err().to_string();
    assert!(error.contains("found at least 5005, expected at most 1024 tokens"), "{error}");
    // What is drawn beyond the context is cut to it.
    let long = drawn(Lengths::Uniform(1, u64::MAX)).unwrap();
    assert_eq!((long[0].prompt, long[0].output), (1023, 1));
    assert_eq!(Cost::ZERO.flops().unwrap(), 0);
}
