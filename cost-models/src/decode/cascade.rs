//! Cascades: models from small to large, each answer accepted or passed on (FrugalGPT, arXiv:2305.05176).

use serde::Serialize;

use super::cost::Mean;
use super::generation::cached;
use super::step::{Deployment, Part};
use super::task::{Task, probability};
use crate::error::Error;

/// What a cascade costs.
#[derive(Clone, Debug, Serialize)]
pub struct Cascade {
    /// The models in their order.
    pub stages: Vec<Stage>,
    /// Tokens of all answers.
    pub tokens: u64,
    /// The cost in the mean: each stage's, as often as it is reached.
    pub total: Mean,
    /// If every answer is passed on to the last model.
    pub worst: Mean,
    /// How many times faster than the last model alone, in the mean.
    pub speed_up: f64,
    /// The share of answers that the models before the last must accept for the cascade not to be slower than the last
    /// model alone, if they all accept equally many; nothing if even accepting all is slower.
    pub break_even: Option<f64>,
    /// The mean in terms of the acceptance aᵢ and the cost cᵢ of each stage.
    pub formula: &'static str,
}

/// A model of a cascade.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// Its name.
    pub model: String,
    /// The share of answers that get to it.
    pub reached: f64,
    /// The share of its answers that are accepted.
    pub acceptance: f64,
    /// One generation, and the classifier that judges it.
    pub cost: Mean,
}

/// The cost of a task by models in order; `acceptance` says for each but the last which share of its answers is accepted.
/// If there is a classifier it reads prompt and answer once after each model but the last. The sequences of a task are
/// accepted or passed on together.
pub fn cascade(
    models: &[Deployment],
    acceptance: &[f64],
    classifier: Option<&Deployment>,
    task: &Task,
) -> Result<Cascade, Error> {
    let Some(last) = models.len().checked_sub(1).filter(|last| *last > 0) else {
        return Err(Error::field("cascade", format!("{} models", models.len()), "at least 2"));
    };
    if acceptance.len() != last {
        let expected = format!("{last}, one for each model but the last");
        return Err(Error::field("acceptance", format!("{} numbers", acceptance.len()), &expected));
    }
    let judge = match classifier {
        Some(classifier) => {
            let part = Part::prefill(task.sequences, task.prompt.saturating_add(task.output));
            Mean::from(&classifier.step(&[part])?)
        }
        None => Mean::default(),
    };
    let (mut stages, mut reached) = (Vec::with_capacity(models.len()), 1.0);
    let (mut total, mut worst) = (Mean::default(), Mean::default());
    for (i, model) in models.iter().enumerate() {
        task.check(model.model())?;
        let (prefill, decode) = cached(model, task)?;
        let mut cost = Mean::from(&prefill.plus(&decode)?);
        let acceptance = match acceptance.get(i) {
            Some(acceptance) => {
                cost = cost.plus(&judge);
                probability("acceptance", *acceptance)?
            }
            None => 1.0,
        };
        total = total.plus_share(reached, &cost);
        worst = worst.plus(&cost);
        stages.push(Stage { model: model.model().name.clone(), reached, acceptance, cost });
        reached *= 1.0 - acceptance;
    }
    let alone = stages[last].cost.lower_bound_s;
    let break_even = break_even(&stages.iter().map(|stage| stage.cost.lower_bound_s).collect::<Vec<_>>());
    Ok(Cascade {
        tokens: task.tokens()?,
        speed_up: alone / total.lower_bound_s,
        stages,
        total,
        worst,
        break_even,
        formula: "Σᵢ cᵢ·Πⱼ₍ⱼ<ᵢ₎ (1 − aⱼ)",
    })
}

/// The acceptance, the same for all stages but the last, at which the mean time is that of the last stage alone.
fn break_even(seconds: &[f64]) -> Option<f64> {
    let alone = seconds.last()?;
    let mean = |acceptance: f64| {
        let passed = seconds.iter().zip(0_i32..).map(|(seconds, i)| seconds * (1.0 - acceptance).powi(i));
        passed.sum::<f64>()
    };
    if mean(1.0) > *alone {
        return None;
    }
    let (mut low, mut high) = (0.0, 1.0);
    // Each round gains a bit.
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        *(if mean(middle) > *alone { &mut low } else { &mut high }) = middle;
    }
    Some(high)
}
