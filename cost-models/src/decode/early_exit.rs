//! Early exit: after each layer a classifier looks at the hidden state, and if it is sure the layers after it are left out
//! (DeeBERT, arXiv:2004.12993; PABEE, arXiv:2006.04152; for generation CALM, arXiv:2207.07061).
//!
//! Sequences leave independently of each other, and a layer that none of a batch gets to isn't read. Prompts of generations
//! are read by all layers. A token's keys and values in the layers that it leaves out are taken from
//! the state that it left with, at no cost.

use cost_macros::cost;
use serde::Serialize;

use super::binomial;
use super::cost::Mean;
use super::layers::Layers;
use super::step::{Deployment, Part};
use super::task::{Task, at_least_one, at_most, probability};
use crate::error::Error;
use crate::model::Model;

/// What decides whether to leave after a layer: logits of `c` classes and their entropy, but for the logarithm of the sum
/// of their exponentials, one operation a token.
#[cost]
pub fn ExitClassifier<b, o, d, c>(x: Act<b, o, d>, w: Weight<d, c>) -> Act<b, o> {
    let logits = dot::<d>(x, w);
    let certainty = sum::<c>(softmax::<c>(logits) * logits);
    certainty
}

/// After which layers tokens leave, and which share of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Exits {
    shares: Vec<(u64, f64)>,
}

impl Exits {
    /// These shares of tokens leave after these layers, counted from 1.
    ///
    /// An error if a share is no probability, if they don't add up to 1, or if a layer is there twice or isn't at all.
    pub fn new(shares: Vec<(u64, f64)>) -> Result<Self, Error> {
        for (i, (layer, share)) in shares.iter().enumerate() {
            at_least_one("exits, layer", *layer)?;
            probability(&format!("exits, layer {layer}"), *share)?;
            if shares[..i].iter().any(|(other, _)| other == layer) {
                return Err(Error::field("exits", format!("layer {layer} twice"), "each layer once"));
            }
        }
        let sum = shares.iter().fold(0.0, |sum, (_, share)| sum + share);
        if (sum - 1.0).abs() > 1e-9 {
            return Err(Error::field("exits", format!("shares that add up to {sum}"), "shares that add up to 1"));
        }
        Ok(Self { shares })
    }

    /// The share of tokens that leave after a layer or a later one.
    fn from(&self, layer: u64) -> f64 {
        let later = self.shares.iter().filter(|(exit, _)| *exit >= layer);
        later.map(|(_, share)| share).sum::<f64>().min(1.0)
    }

    /// The mean layer.
    pub fn mean(&self) -> f64 {
        self.shares.iter().map(|(layer, share)| share * *layer as f64).sum()
    }
}

/// The mean exit layer that a speed-up implies if time goes with the number of layers.
pub fn implied_exit(layers: u64, speed_up: f64) -> f64 {
    layers as f64 / speed_up
}

/// A pass with early exits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pass {
    /// Through all layers, without classifiers.
    pub full: Mean,
    /// In the mean.
    pub expected: Mean,
    /// What of it classifiers take.
    pub classifiers: Mean,
    /// How many times fewer FLOPs the layers take: where all are alike, their number over the mean exit layer.
    pub layers_speed_up: f64,
    /// How many times fewer FLOPs all of it takes.
    pub flops_speed_up: f64,
    /// How many times faster it is.
    pub speed_up: f64,
}

/// What a generation with early exits costs.
#[derive(Clone, Debug, Serialize)]
pub struct EarlyExit {
    /// Layers of the model.
    pub layers: u64,
    /// The mean exit layer.
    pub mean_layer: f64,
    /// Classes that a classifier tells apart.
    pub classes: u64,
    /// Tokens of all answers.
    pub tokens: u64,
    /// A step in the middle of the answer; of an encoder the only one.
    pub step: Pass,
    /// All of it in the mean.
    pub total: Mean,
    /// The same without exits.
    pub plain: Mean,
    /// How many times faster it is.
    pub speed_up: f64,
}

/// A pass over a part of a step. Classifiers tell `classes` apart, the whole vocabulary if nothing is said.
pub fn pass(deployment: &Deployment, part: &Part, exits: &Exits, classes: Option<u64>) -> Result<Pass, Error> {
    Passes::of(deployment, exits, classes)?.at(part)
}

/// The cost of a task with early exits. An encoder leaves early while it reads the prompts, and gives one answer to each.
pub fn early_exit(
    deployment: &Deployment,
    task: &Task,
    exits: &Exits,
    classes: Option<u64>,
) -> Result<EarlyExit, Error> {
    task.check(deployment.model())?;
    let Task { sequences, prompt, output } = *task;
    at_most("batch", sequences, binomial::MOST, "sequences, any number of which may leave")?;
    let passes = Passes::of(deployment, exits, classes)?;
    let texts = Part::prefill(sequences, prompt);
    if deployment.model().is_encoder() {
        return encoded(&passes, &texts, output);
    }
    let mut total = Mean::from(&deployment.step(&[texts])?);
    let mut plain = total;
    for past in prompt..prompt + output - 1 {
        let step = passes.at(&Part::decode(sequences, past))?;
        total = total.plus(&step.expected);
        plain = plain.plus(&step.full);
    }
    Ok(EarlyExit {
        layers: passes.layers.count,
        mean_layer: exits.mean(),
        classes: passes.classes,
        tokens: task.tokens()?,
        step: passes.at(&Part::decode(sequences, prompt + output / 2))?,
        speed_up: plain.lower_bound_s / total.lower_bound_s,
        total,
        plain,
    })
}

/// An encoder's answer, which one pass over the texts gives.
fn encoded(passes: &Passes<'_>, texts: &Part, output: u64) -> Result<EarlyExit, Error> {
    if output != 1 {
        return Err(Error::field("output", output, "1: an encoder answers a text at once"));
    }
    let step = passes.at(texts)?;
    Ok(EarlyExit {
        layers: passes.layers.count,
        mean_layer: passes.exits.mean(),
        classes: passes.classes,
        tokens: texts.sequences,
        total: step.expected,
        plain: step.full,
        speed_up: step.speed_up,
        step,
    })
}

struct Passes<'e> {
    layers: Layers,
    classifier: Deployment,
    classes: u64,
    exits: &'e Exits,
}

impl<'e> Passes<'e> {
    fn of(deployment: &Deployment, exits: &'e Exits, classes: Option<u64>) -> Result<Self, Error> {
        let layers = Layers::of(deployment)?;
        let latest = exits.shares.iter().map(|(layer, _)| *layer).max().unwrap_or(0);
        if latest > layers.count {
            let expected = format!("at most {}, the layers of {}", layers.count, deployment.model().name);
            return Err(Error::field("exits, layer", latest, &expected));
        }
        let size = |axis: &str| deployment.model().fixed().find(|(name, _)| *name == axis).map(|(_, size)| size);
        let missing =
            |axis: &str| Error::field(&format!("axis {axis} of {}", deployment.model().name), "nothing", "a size");
        let classes = classes.or_else(|| size("v")).ok_or_else(|| missing("v"))?;
        at_least_one("classes", classes)?;
        let d = size("d").ok_or_else(|| missing("d"))?;
        let classifier = deployment.with(Model::new(&ExitClassifier { b: 1, o: 1, d, c: classes }));
        Ok(Self { layers, classifier, classes, exits })
    }

    fn at(&self, part: &Part) -> Result<Pass, Error> {
        let Self { layers, exits, .. } = self;
        let all = layers.those(part, &layers.choose(|_| true))?;
        let full = layers.around(part)?.plus(&all);
        let no_head = |part: &Part| layers.around(&Part { outputs: 0, ..*part });
        let (mut taken, mut classifiers) = (Mean::default(), Mean::default());
        // Between two exits the same sequences are left.
        let mut ends: Vec<u64> = exits.shares.iter().map(|(layer, _)| *layer).collect();
        ends.sort_unstable();
        let mut before = 0;
        for end in ends {
            let left = exits.from(before + 1);
            let some = |sequences| Part { sequences, ..*part };
            let between = layers.choose(|layer| (before..end).contains(&layer));
            let run = binomial::expected(part.sequences, left, |some_of| layers.those(&some(some_of), &between))?;
            let classifier = binomial::expected(part.sequences, left, |some_of| {
                Ok(Mean::from(&self.classifier.step(&[some(some_of)])?))
            })?;
            taken = taken.plus(&run);
            // After the last layer the model's own head answers.
            classifiers = classifiers.plus_share((end.min(layers.count - 1) - before) as f64, &classifier);
            before = end;
        }
        let head = |sequences| {
            let part = Part { sequences, ..*part };
            Ok(layers.around(&part)?.minus(&no_head(&part)?))
        };
        let head = binomial::expected(part.sequences, exits.from(layers.count), head)?;
        let expected = no_head(part)?.plus(&taken).plus(&head).plus(&classifiers);
        Ok(Pass {
            full,
            classifiers,
            layers_speed_up: all.flops / taken.flops,
            flops_speed_up: full.flops / expected.flops,
            speed_up: full.lower_bound_s / expected.lower_bound_s,
            expected,
        })
    }
}
