//! Several tokens at a time: groups (semi-autoregressive, arXiv:1808.08583) or the whole answer (non-autoregressive,
//! arXiv:1711.02281), each made in one pass and perhaps refined in others (Mask-Predict, arXiv:1904.09324).
//!
//! A pass takes the tokens of the group before and gives those of the next, so that groups of one token are plain decoding
//! and the prefill gives the first group. Inside a group the pairs of a causal mask are counted.

use serde::Serialize;

use super::cost::{Cost, Mean};
use super::generation::cached;
use super::step::{Deployment, Part};
use super::task::{Task, at_least_one};
use crate::error::Error;

/// What decoding in groups costs.
#[derive(Clone, Debug, Serialize)]
pub struct Grouped {
    /// Tokens of a group.
    pub group: u64,
    /// Further passes over each group.
    pub refinements: u64,
    /// Tokens of all answers.
    pub tokens: u64,
    /// Passes, the prefill included.
    pub steps: u64,
    /// The number of passes in terms of the answer's length L, the group's k and the refinements r.
    pub formula: &'static str,
    /// The prefill, which gives the first group.
    pub prefill: Cost,
    /// All of it.
    pub total: Cost,
    /// The same token by token.
    pub plain: Cost,
    /// How many times faster than token by token.
    pub speed_up: f64,
    /// What each pass starts from.
    pub note: String,
}

/// The cost of a task in groups of so many tokens, each refined in so many further passes. A group as long as the answer is
/// non-autoregressive decoding. A prompt shorter than a group is filled up to it.
pub fn grouped(deployment: &Deployment, task: &Task, group: u64, refinements: u64) -> Result<Grouped, Error> {
    task.check(deployment.model())?;
    at_least_one("group", group)?;
    let Task { sequences, prompt, output } = *task;
    let group = group.min(output);
    let groups = output.div_ceil(group);
    let (mut total, mut made) = (Cost::ZERO, 0);
    let mut first = Cost::ZERO;
    let start = prompt.max(group);
    while made < output {
        let wanted = group.min(output - made);
        // What a pass takes in is in the cache afterwards: the prompt, or the group before.
        let part =
            if made == 0 { Part::prefill(sequences, start) } else { Part::all(sequences, group, start + made - group) };
        let pass = deployment.step(&[Part { outputs: wanted, ..part }])?;
        if made == 0 {
            first = pass.clone();
        }
        // A refinement takes in the group itself.
        let again = deployment.step(&[Part::all(sequences, wanted, start + made)])?;
        total.add(&pass.plus(&again.times(refinements)?)?)?;
        made += wanted;
    }
    let (prefill, decode) = cached(deployment, task)?;
    let plain = prefill.plus(&decode)?;
    let passes = refinements.checked_add(1).and_then(|passes| passes.checked_mul(groups));
    Ok(Grouped {
        group,
        refinements,
        tokens: task.tokens()?,
        steps: passes.ok_or(cost_core::Error::Overflow { counting: "passes" })?,
        formula: "⌈L/k⌉·(1 + r)",
        prefill: first,
        speed_up: plain.seconds() / total.seconds(),
        total,
        plain,
        note: starts(start, group, groups, refinements),
    })
}

/// What the passes start from, in words.
fn starts(prompt: u64, group: u64, groups: u64, refinements: u64) -> String {
    let last = |count: u64| if count == 1 { "last position".to_owned() } else { format!("last {count} positions") };
    let (what, others) = match groups {
        1 => ("the answer comes", String::new()),
        _ => ("the first group comes", ", each other one from the group before it".to_owned()),
    };
    let again = if refinements == 0 { "" } else { "; a refinement takes in the group itself" };
    format!("{what} from the {} of the prompt's {prompt}{others}{again}", last(group))
}

impl Grouped {
    /// The mean cost of a pass.
    pub fn pass(&self) -> Mean {
        Mean::from(&self.total).times(1.0 / self.steps as f64)
    }
}
