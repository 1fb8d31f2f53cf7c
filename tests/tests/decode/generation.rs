//! Generation with and without a cache.

use cost_core::Options;
use cost_core::expr::Rational;
use cost_models::catalogue;
use cost_models::decode::{Cost, Deployment, Part, Task, closed_form, fit, generation};
use proptest::prelude::*;

use crate::setup::{MODELS, close, deployed, same};

fn task() -> impl Strategy<Value = Task> {
    (1..4_u64, 1..60_u64, 1..12_u64).prop_map(|(sequences, prompt, output)| Task { sequences, prompt, output })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_generation_is_the_sum_of_its_steps(model in proptest::sample::select(MODELS.to_vec()), task in task()) {
        let deployment = deployed(model, "a100");
        let Task { sequences, prompt, output } = task;
        let found = generation(&deployment, &task).unwrap();
        let prefill = deployment.step(&[Part::prefill(sequences, prompt)]).unwrap();
        let (mut with, mut without) = (prefill.clone(), prefill.clone());
        for i in 0..output - 1 {
            with.add(&deployment.step(&[Part::decode(sequences, prompt + i)]).unwrap()).unwrap();
            without.add(&deployment.step(&[Part::prefill(sequences, prompt + i + 1)]).unwrap()).unwrap();
        }
        prop_assert!(same(&found.total, &with));
        prop_assert!(same(&found.uncached, &without));
        prop_assert_eq!(found.tokens, sequences * output);
        prop_assert!(close(found.ttft_s, prefill.seconds()));
        let steps = found.ttft_s + found.tpot_s.unwrap_or(0.0) * (output - 1) as f64;
        prop_assert!(close(steps, found.total.seconds()));
        prop_assert!(found.speed_up >= 1.0 - 1e-12);
        // The formulas give the same, and there are some where there is no window.
        prop_assert_eq!(found.formulas.is_none(), model.starts_with("mistral"));
        if let Some(formulas) = found.formulas {
            prop_assert_eq!(values(&deployment, &task, &formulas.expressions), exact(&found.total));
        }
    }
}

/// FLOPs and bytes.
fn exact(cost: &Cost) -> [Rational; 2] {
    let signed = |n: u128| i128::try_from(n).unwrap();
    [Rational::int(signed(cost.flops().unwrap())), Rational::new(signed(cost.bits.total().unwrap()), 8).unwrap()]
}

fn values(deployment: &Deployment, task: &Task, formulas: &[cost_core::expr::Expr; 2]) -> [Rational; 2] {
    let model = deployment.model();
    let axes = (0_u16..).zip(model.architecture().axes());
    let mut sizes: Vec<u64> = axes.map(|(axis, _)| model.size_of(axis).unwrap_or(task.sequences)).collect();
    sizes.extend([task.prompt, task.output]);
    [0, 1].map(|i| formulas[i].value(&sizes).unwrap())
}

/// Greedy decoding without a cache makes the keys and values of L(L − 1)/2 rows again in a generation of L tokens from a
/// prompt of one: FLOPs of the layers but for the attention itself grow by as many tokens.
#[test]
fn what_the_cache_saves() {
    let deployment = deployed("llama-2-7b", "a100");
    let found = generation(&deployment, &Task { sequences: 1, prompt: 1, output: 100 }).unwrap();
    // 32 layers of 4·4096² + 3·4096·11008 parameters each, 2 FLOP for each and token; the attention of a token over those
    // before it is 4·4096 a pair and layer.
    let linear: u128 = 32 * 2 * (4 * 4096 * 4096 + 3 * 4096 * 11_008);
    let again = 100 * 99 / 2;
    let pairs: u128 = (1..=100).map(|t| t * (t + 1) / 2 - t).sum();
    assert_eq!(found.uncached.matmul - found.total.matmul, again * linear + pairs * 32 * 4 * 4096);
    assert_eq!((found.break_even, found.break_even_more_than), (Some(2), None));
    // Both read all parameters, and twice as long is not reached with so few tokens.
    assert_eq!((found.twice_from, found.twice_from_more_than), (None, Some(101)));
}

/// 13,476,831,232 byte of parameters and 524,288 of cache a token (arXiv:2307.09288's shapes) on 80e9 byte; the
/// last of 1024 tokens is in no cache.
#[test]
fn what_fits_a_device() {
    let deployment = deployed("llama-2-7b", "a100");
    let task = Task { sequences: 8, prompt: 1000, output: 24 };
    let found = fit(&deployment, &task).unwrap();
    assert_eq!(found.weights.whole(), Some(13_476_831_232));
    assert_eq!(found.cache.whole(), Some(8 * 1023 * 524_288));
    assert_eq!(
        (found.fits, found.memory.and_then(cost_models::report::Bytes::whole)),
        (Some(true), Some(80_000_000_000))
    );
    let most = found.max_batch.unwrap();
    for (sequences, fits) in [(most, Some(true)), (most + 1, Some(false))] {
        assert_eq!(fit(&deployment, &Task { sequences, ..task }).unwrap().fits, fits, "{sequences} sequences");
    }
    // (80e9 − 13,476,831,232) / (1023 · 524,288) = 124.0 without activations.
    assert!((100..=124).contains(&most), "{most}");
    // States take the same for any number of tokens: where they fit there is no largest one.
    let recurrent = fit(&deployed("mamba2-2.7b", "a100"), &task).unwrap();
    assert_eq!((recurrent.max_context, recurrent.max_context_more_than), (None, Some(1 << 40)));
    assert!(recurrent.max_batch.is_some() && recurrent.max_batch_more_than.is_none());
    assert!(found.max_context.is_some() && found.max_context_more_than.is_none());
    // Twice the cache at 32 bits, but not twice the parameters.
    let formats =
        cost_core::cost::Formats { cache: Some("f32".parse().unwrap()), ..cost_core::cost::Formats::default() };
    let options = Options { formats, ..Options::default() };
    let wide = Deployment::new(deployment.model().clone(), options, deployment.device().clone());
    assert_eq!(fit(&wide, &task).unwrap().cache.whole(), Some(2 * 8 * 1023 * 524_288));
}

#[test]
fn formulas_are_readable() {
    let model = catalogue::find("llama-2-7b").unwrap();
    let formulas = closed_form(&model, &Options::default()).unwrap().unwrap();
    for part in ["prompt²", "output", "·l"] {
        assert!(formulas.flops.contains(part), "{}", formulas.flops);
    }
}

#[test]
fn wrong_tasks_are_refused() {
    let deployment = deployed("gpt2", "a100");
    let task = Task { sequences: 1, prompt: 1000, output: 24 };
    assert!(generation(&deployment, &task).is_ok());
    for (task, said) in [
        (Task { sequences: 0, ..task }, "batch: found 0, expected at least 1"),
        (Task { prompt: 0, ..task }, "prompt: found 0, expected at least 1"),
        (Task { output: 0, ..task }, "output: found 0, expected at least 1"),
        (Task { output: 25, ..task }, "prompt + output: found 1000 + 25 tokens, expected at most 1024"),
        (Task { output: u64::MAX, ..task }, "expected at most 1024"),
    ] {
        let error = generation(&deployment, &task).unwrap_err().to_string();
        assert!(error.contains(said), "{task:?}: {error}");
    }
}
