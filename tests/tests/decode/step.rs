//! The cost of a step of any mix of sequences.

use cost_core::cost::{Routing, totals};
use cost_core::roofline::total_time;
use cost_core::{Options, hardware};
use cost_models::decode::{Cost, Deployment, Part};
use cost_models::{Logits, Phase, Workload, catalogue};
use proptest::prelude::*;

use crate::setup::{FORMS, close, deployed, on, same};

fn part() -> impl Strategy<Value = Part> {
    let new = prop_oneof![Just(1_u64), 1..200_u64];
    (new, 0..300_u64, 1..4_u64, any::<bool>(), any::<bool>()).prop_map(|(new, past, sequences, last, decode)| {
        let phase = if decode { Phase::Decode } else { Phase::Prefill };
        Part { phase, new, past, outputs: u64::from(last), sequences }
    })
}

fn model() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(FORMS.to_vec())
}

/// What the model's own derivation says of a step of sequences that are all alike.
fn alone(model: &str, part: &Part) -> Cost {
    let deployment = deployed(model, "h100");
    let kernels = deployment.model().kernels(&part.workload(), deployment.options()).unwrap();
    let (sum, time) = (totals(&kernels).unwrap(), total_time(&kernels, deployment.device()).unwrap());
    Cost { matmul: sum.flops.matmul().unwrap(), vector: sum.flops.vector, bits: sum.bits, time }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn sequences_that_are_alike_cost_what_the_model_says(model in model(), part in part()) {
        let part = Part { outputs: 1, ..part };
        prop_assert!(same(&deployed(model, "h100").step(&[part]).unwrap(), &alone(model, &part)));
    }

    #[test]
    fn how_sequences_that_are_alike_are_written_does_not_matter(model in model(), part in part(), other in part()) {
        let deployment = deployed(model, "h100");
        let one = Part { sequences: 1, ..part };
        let mut apart = vec![one; usize::try_from(part.sequences).unwrap()];
        apart.push(other);
        apart.rotate_left(1);
        prop_assert!(same(&deployment.step(&apart).unwrap(), &deployment.step(&[part, other]).unwrap()));
    }

    /// Work and traffic add up but for the parameters, which are read once; the time is between the longest part's and
    /// the sum.
    #[test]
    fn a_mix_costs_its_parts_but_for_the_parameters(model in model(), a in part(), b in part()) {
        prop_assume!(Part { sequences: b.sequences, ..a } != b);
        let deployment = deployed(model, "h100");
        let [mix, a, b] = [&[a, b][..], &[a], &[b]].map(|mix| deployment.step(mix).unwrap());
        prop_assert_eq!(mix.matmul, a.matmul + b.matmul);
        prop_assert_eq!(mix.vector, a.vector + b.vector);
        prop_assert_eq!(mix.bits.cache_read, a.bits.cache_read + b.bits.cache_read);
        prop_assert_eq!(mix.bits.cache_written, a.bits.cache_written + b.bits.cache_written);
        prop_assert_eq!(mix.bits.acts_read, a.bits.acts_read + b.bits.acts_read);
        prop_assert_eq!(mix.bits.acts_written, a.bits.acts_written + b.bits.acts_written);
        prop_assert!(mix.bits.weights <= a.bits.weights + b.bits.weights);
        prop_assert!(mix.bits.weights >= a.bits.weights.max(b.bits.weights));
        let (sum, longest) = (a.seconds() + b.seconds(), a.seconds().max(b.seconds()));
        prop_assert!(mix.seconds() <= sum * (1.0 + 1e-12) && mix.seconds() >= longest * (1.0 - 1e-12));
    }
}

/// A step of Llama-2-7B reads all parameters but the embedding table, of which it reads a row a token:
/// 6,738,415,616 − 32,000·4,096 and 4,096 a token, of 2 byte (arXiv:2307.09288, its released config).
#[test]
fn parameters_are_read_once_whatever_the_mix() {
    let deployment = deployed("llama-2-7b", "h100");
    let (others, row) = (6_738_415_616 - 32_000 * 4096, 4096);
    let mix = [Part::decode(7, 300), Part::decode(1, 2000), Part { past: 50, ..Part::prefill(2, 100) }];
    assert_eq!(deployment.step(&mix).unwrap().bits.weights, (others + (8 + 200) * row) * 16);
    // Nobody wants logits of the chunk: the head, 32,000·4,096, isn't read.
    let chunk = Part::chunk(512, 0, false);
    assert_eq!(deployment.step(&[chunk]).unwrap().bits.weights, (others - 32_000 * 4096 + 512 * row) * 16);
}

#[test]
fn learned_positions_are_read_for_each_sequence() {
    // GPT-2's rows of positions are of width 768; so are those of its embedding table.
    let deployment = deployed("gpt2", "h100");
    let weights = |mix: &[Part]| deployment.step(mix).unwrap().bits.weights / 16;
    let [one, three] = [&[Part::decode(1, 5)][..], &[Part::decode(1, 5), Part::decode(1, 6), Part::decode(1, 7)]];
    assert_eq!(weights(three) - weights(one), 2 * 2 * 768);
}

/// Chunks of a prompt do the work of the whole prompt, its attention included, exactly and whatever they are.
#[test]
fn chunks_of_a_prompt_add_up_to_it() {
    for model in FORMS {
        // Plain latent attention makes the keys and values of the past again for each chunk.
        let deployment = on(catalogue::find(model).unwrap().with_latent(true), "h100");
        // Longer than Mistral's window of 4,096 tokens.
        let tokens = 5000;
        let whole = deployment.step(&[Part::prefill(1, tokens)]).unwrap();
        for chunk in [37, 1024, tokens - 1] {
            let (mut past, mut sum) = (0, Cost::ZERO);
            while past < tokens {
                let new = chunk.min(tokens - past);
                let part = Part::chunk(new, past, past + new == tokens);
                sum.add(&deployment.step(&[part]).unwrap()).unwrap();
                past += new;
            }
            assert_eq!((sum.matmul, sum.vector), (whole.matmul, whole.vector), "{model} in chunks of {chunk}");
            assert_eq!(sum.bits.cache_written, whole.bits.cache_written, "{model} in chunks of {chunk}");
        }
    }
}

#[test]
fn a_step_takes_what_its_kernels_take() {
    // One token over 4,095 cached: the snapshot of `cost report` says the same.
    let deployment = deployed("llama-2-7b", "h100");
    let step = deployment.step(&[Part::decode(1, 4095)]).unwrap();
    let workload = Workload { logits: Logits::Last, ..Workload::decode(1, 4095) };
    let kernels = deployment.model().kernels(&workload, deployment.options()).unwrap();
    assert!(close(step.seconds(), total_time(&kernels, deployment.device()).unwrap().lower_bound_s));
}

#[test]
fn wrong_mixes_are_refused() {
    let deployment = deployed("llama-2-7b", "h100");
    let part = Part::decode(1, 5);
    for (mix, said) in [
        (vec![], "sequences: found 0, expected at least 1"),
        (vec![part, Part { sequences: 0, ..part }], "sequences: found 0, expected at least 1"),
        (vec![Part { new: 0, ..part }], "new tokens: found 0, expected at least 1"),
        (vec![Part { outputs: 2, ..part }], "takes the last o = 2 positions of s = 1"),
        (vec![Part { sequences: u64::MAX, ..part }, part], "do not fit"),
        (vec![Part::decode(u64::MAX, 5), Part::decode(u64::MAX, 6)], "do not fit"),
    ] {
        let error = deployment.step(&mix).unwrap_err().to_string();
        assert!(error.contains(said), "{mix:?}: {error}");
    }
}

/// A given number of distinct experts is that of all tokens of a step, however they are divided into parts.
#[test]
fn given_experts_are_those_of_all_parts() {
    let routing = |count| Options { routing: Routing::Given(count), ..Options::default() };
    let device = || hardware::find("h100").unwrap();
    // 8 tokens reach 8 of 8 and 48 of 64; those of a part alone 4, and 12 or 36.
    for (name, count) in [("mixtral-8x7b", 8), ("deepseek-v2-lite", 40)] {
        let model = || catalogue::find(name).unwrap();
        let parts = [Part::chunk(6, 0, false), Part::decode(2, 100)];
        assert!(Deployment::new(model(), routing(count), device()).step(&parts).is_ok(), "{name}");
        for wrong in [1, 100] {
            let found = Deployment::new(model(), routing(wrong), device()).step(&parts);
            assert!(found.unwrap_err().to_string().starts_with(&format!("routing: found {wrong} ")), "{name}");
        }
    }
}
