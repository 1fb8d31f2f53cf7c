//! Decoding: a step of many sequences, and schedules of a million tokens, of a model of 70e9 parameters.

use cost_core::{Options, hardware};
use cost_models::catalogue;
use cost_models::decode::batching::{Draw, Policy, Request, draw, schedule};
use cost_models::decode::speculative::{Draft, chain};
use cost_models::decode::{Deployment, Lengths, Part, Task};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn deployed(model: &str) -> Deployment {
    let device = hardware::find("h200").expect("it is in the table");
    Deployment::new(catalogue::find(model).expect("it is in the catalogue"), Options::default(), device)
}

/// 256 sequences of different lengths, each of which gets a token.
#[divan::bench]
fn step_of_256_sequences(bencher: Bencher<'_, '_>) {
    let deployment = deployed("llama-3-70b");
    let mix: Vec<Part> = (0..256).map(|i| Part::decode(1, 1000 + i)).collect();
    bencher.bench(|| deployment.step(black_box(&mix)));
}

/// About a million tokens, nearly all of them single ones.
fn answers(deployment: &Deployment) -> Vec<Request> {
    let (prompts, outputs) = (Lengths::Uniform(5, 15), Lengths::Geometric(500.0));
    let what = Draw { requests: 2000, rate: None, prompts, outputs, seed: 1 };
    draw(&what, deployment.model()).expect("it draws")
}

#[divan::bench(sample_count = 5, sample_size = 1, args = [16, 64, 256])]
fn a_million_tokens_of_answers(bencher: Bencher<'_, '_>, slots: u64) {
    let deployment = deployed("llama-3-70b");
    let requests = answers(&deployment);
    bencher.bench(|| {
        let mut price = |mix: &[Part]| deployment.step(mix);
        schedule(black_box(&requests), slots, Policy::Continuous, &mut price, &mut |_| ())
    });
}

/// The same of a mixture of experts with latent attention.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn a_million_tokens_of_deepseek_v3(bencher: Bencher<'_, '_>) {
    let deployment = deployed("deepseek-v3");
    let requests = answers(&deployment);
    bencher.bench(|| {
        let mut price = |mix: &[Part]| deployment.step(mix);
        schedule(black_box(&requests), 256, Policy::Chunked { budget: 512 }, &mut price, &mut |_| ())
    });
}

/// An answer of 1,000 tokens, four drafted a round, with the best draft and the largest batch looked for.
#[divan::bench]
fn a_speculative_answer(bencher: Bencher<'_, '_>) {
    let (target, draft) = (deployed("llama-3-70b"), deployed("llama-3-8b"));
    let task = Task { sequences: 1, prompt: 1000, output: 1000 };
    bencher.bench(|| chain(&target, &Draft::Model(&draft), black_box(&task), (4, 0.8), 2.0));
}
