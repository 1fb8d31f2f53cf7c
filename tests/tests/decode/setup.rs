//! Small models and deployments.

use cost_core::{Options, hardware};
use cost_models::decode::{Cost, Deployment, Mean, Task, generation};
use cost_models::{Error, Model, catalogue};

/// A model of the catalogue on a device, at 16 bits.
pub(crate) fn deployed(model: &str, device: &str) -> Deployment {
    on(catalogue::find(model).unwrap(), device)
}

/// A model on a device, at 16 bits.
pub(crate) fn on(model: Model, device: &str) -> Deployment {
    Deployment::new(model, Options::default(), hardware::find(device).unwrap())
}

/// Models of several forms: grouped heads, a sliding window, learned positions, tied embeddings.
pub(crate) const MODELS: [&str; 4] = ["llama-3.2-1b", "mistral-7b-v0.1", "gpt2", "qwen3-0.6b"];

/// The same, and routed experts, latent attention in both forms, windows in some layers, chunks, attention sinks.
pub(crate) const FORMS: [&str; 9] = [
    "llama-3.2-1b",
    "mistral-7b-v0.1",
    "gpt2",
    "qwen3-0.6b",
    "qwen3-30b-a3b",
    "deepseek-v2-lite",
    "gemma-2-2b",
    "llama-4-scout",
    "gpt-oss-20b",
];

/// Whether two costs are the same: exact counts, times up to rounding.
pub(crate) fn same(a: &Cost, b: &Cost) -> bool {
    let times = |it: &Cost| [it.time.compute_s, it.time.memory_s, it.time.lower_bound_s];
    (a.matmul, a.vector, &a.bits) == (b.matmul, b.vector, &b.bits)
        && times(a).into_iter().zip(times(b)).all(|(a, b)| close(a, b))
}

/// Whether two numbers are the same up to rounding.
pub(crate) fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// Values drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Sample {
    pub(crate) fn add(&mut self, value: f64) {
        (self.count, self.sum, self.squares) = (self.count + 1.0, self.sum + value, self.squares + value * value);
    }

    /// Whether their mean is within four standard errors of what it should be.
    pub(crate) fn agrees(&self, mean: f64) -> bool {
        let found = self.sum / self.count;
        let variance = (self.squares / self.count - found * found).max(0.0);
        (found - mean).abs() <= 4.0 * (variance / self.count).sqrt() + 1e-9 * mean.abs()
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<T: IntoIterator<Item = f64>>(values: T) -> Self {
        let mut sample = Self::default();
        values.into_iter().for_each(|value| sample.add(value));
        sample
    }
}

/// Whether two mean costs are the same up to rounding.
pub(crate) fn near(a: &Mean, b: &Mean) -> bool {
    let of = |it: &Mean| [it.flops, it.bytes, it.weights, it.acts, it.cache, it.lower_bound_s];
    of(a).into_iter().zip(of(b)).all(|(a, b)| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0))
}

/// What a task costs decoded token by token.
pub(crate) fn alone(deployment: &Deployment, task: &Task) -> Mean {
    Mean::from(&generation(deployment, task).unwrap().total)
}

/// Expects an error that says this.
#[track_caller]
pub(crate) fn said<T>(result: Result<T, Error>, part: &str) {
    let error = result.err().expect("an error").to_string();
    assert!(error.contains(part), "{error}");
}
