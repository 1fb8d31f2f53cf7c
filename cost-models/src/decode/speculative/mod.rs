//! Speculative decoding: something cheap drafts tokens, the model verifies them in one step (arXiv:2211.17192 and
//! 2302.01318); trees of drafts (EAGLE, arXiv:2401.15077; Medusa, arXiv:2401.10774) and multi-token prediction
//! (DeepSeek-V3, arXiv:2412.19437) are of the same kind.
//!
//! The answer is the model's own whatever is drafted; the draft decides only how many tokens a round brings. Drafts are
//! accepted independently of each other. A verification counts the pairs of a causal mask over the drafted tokens, of which
//! a tree's mask keeps some. Sequences of a batch are taken to be equally far.

mod chain;
mod medusa;
mod round;
mod tree;

use serde::Serialize;

use super::cost::Mean;
use super::generation::cached;
use super::memory::{Fit, fit_together};
use super::step::{Deployment, Part};
use super::task::{MOST_STEPS, Task, at_most};
use crate::error::Error;
use crate::model::{Model, Workload};
use crate::report::params;

pub use chain::{acceptance_for, expected_tokens};
pub use medusa::{MedusaHead, medusa_head};
pub use round::{Draft, Round};
pub use tree::{Node, Tree};

/// Most drafted tokens among which the best number is looked for.
const LONGEST: u64 = 32;

/// Most sequences among which it is looked for how many make a draft slower.
const LARGEST_BATCH: u64 = 1 << 20;

/// What a speculative generation costs.
#[derive(Clone, Debug, Serialize)]
pub struct Speculation {
    /// What is drafted: a `chain`, a `tree`, the guesses of `heads`, or those of `modules` for multi-token prediction.
    pub draft: &'static str,
    /// The model that drafts, if it is one of its own.
    pub draft_model: Option<String>,
    /// Drafted tokens a round.
    pub drafted: u64,
    /// The longest run of them.
    pub depth: u64,
    /// Tokens that a round brings in the mean.
    pub tokens_per_round: f64,
    /// Tokens of all answers.
    pub tokens: u64,
    /// Rounds in the mean.
    pub rounds: f64,
    /// Reading the prompts, by the model and the draft.
    pub prefill: Mean,
    /// A round in the middle of the answer.
    pub round: Round,
    /// A step of the model alone there.
    pub plain_step: Mean,
    /// All of it, in the mean.
    pub total: Mean,
    /// The same answers without a draft.
    pub plain: Mean,
    /// How many times faster it is than without a draft, prompts included.
    pub speed_up: f64,
    /// How many times faster the tokens come in the middle of the answer.
    pub speed_up_per_token: f64,
    /// Tokens that a round would have to bring for the speed-up that is aimed at.
    pub goal: Goal,
    /// The number of sequences from which on a draft makes it slower; nothing if that is more than is looked for. With
    /// routed experts it can be slower for a few sequences, too.
    pub slower_from_batch: Option<u64>,
    /// How many sequences a draft makes faster at least, where it isn't known from how many on it doesn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slower_from_batch_more_than: Option<u64>,
    /// What the model and all that drafts need in memory together.
    pub memory: Fit,
    /// For a chain of equally likely tokens, what other chains would bring.
    pub chain: Option<Chain>,
    /// What is odd about the draft.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// What a speed-up takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Goal {
    /// The speed-up per token in the middle of the answer.
    pub speed_up: f64,
    /// Tokens a round.
    pub tokens_per_round: f64,
    /// For a chain, the acceptance that gives them; nothing if none does.
    pub acceptance: Option<f64>,
}

/// Chains of other lengths.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Chain {
    /// The probability that a drafted token is accepted.
    pub acceptance: f64,
    /// Tokens a round in terms of the acceptance α and the number of drafted tokens γ.
    pub formula: &'static str,
    /// The number of drafted tokens with the largest speed-up, 0 if none is faster than no draft; nothing if it is more
    /// than is looked for.
    pub best_gamma: Option<u64>,
    /// More than how many tokens are best, where it isn't known how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_gamma_more_than: Option<u64>,
    /// That speed-up, per token in the middle of the answer; at least that where the best number isn't known.
    pub best_speed_up: f64,
}

/// The cost of a task with a chain of `gamma` drafted tokens, each accepted with the same probability if those before it
/// are; `goal` is a speed-up to aim at.
pub fn chain(
    target: &Deployment,
    draft: &Draft<'_>,
    task: &Task,
    (gamma, acceptance): (u64, f64),
    goal: f64,
) -> Result<Speculation, Error> {
    if gamma == 0 {
        return Err(Error::field("gamma", gamma, "at least 1 drafted token"));
    }
    let mut found = speculation(target, draft, task, &Tree::chain(gamma, acceptance)?, goal)?;
    found.goal.acceptance = acceptance_for(found.goal.tokens_per_round, gamma);
    let past = middle(task);
    let step = found.plain_step.lower_bound_s;
    let (mut best_gamma, mut best_speed_up) = (0, 1.0);
    // One more than the longest tells whether still more would be better.
    for gamma in 1..=LONGEST + 1 {
        let round = draft.round(target, &vec![1; usize::try_from(gamma).unwrap_or(0)], task.sequences, past)?.total();
        let speed_up = expected_tokens(acceptance, gamma) * step / round.lower_bound_s;
        if speed_up > best_speed_up {
            (best_gamma, best_speed_up) = (gamma, speed_up);
        }
    }
    let beyond = best_gamma > LONGEST;
    found.chain = Some(Chain {
        acceptance,
        formula: "(1 − α^(γ+1)) / (1 − α)",
        best_gamma: (!beyond).then_some(best_gamma),
        best_gamma_more_than: beyond.then_some(LONGEST),
        best_speed_up,
    });
    Ok(found)
}

/// The cost of a task with a tree of drafted tokens; `goal` is a speed-up to aim at.
pub fn speculation(
    target: &Deployment,
    draft: &Draft<'_>,
    task: &Task,
    tree: &Tree,
    goal: f64,
) -> Result<Speculation, Error> {
    task.check(target.model())?;
    if !(goal.is_finite() && goal > 0.0) {
        return Err(Error::field("goal", goal, "a positive number: how many times faster"));
    }
    let Task { sequences, prompt, output } = *task;
    let widths = tree.widths();
    let (plain_prefill, plain_decode) = cached(target, task)?;
    let prefill = Mean::from(&plain_prefill).plus(&draft.prefill(sequences, prompt)?);
    at_most("output", output.saturating_mul(tree.depth() as u64), MOST_STEPS, "tokens times those drafted in a row")?;
    let mut known = round::Steps::new();
    let (rounds, decode) = round::expected(tree, output, |tokens| {
        // The last token isn't in the cache yet.
        let sizes = (sequences, prompt + tokens - 1);
        Ok(draft.round_knowing(target, &widths, sizes, &mut known)?.total())
    })?;
    let (total, plain) = (prefill.plus(&decode), Mean::from(&plain_prefill.plus(&plain_decode)?));
    let tokens_per_round = tree.expected_tokens();
    let at = |sequences| -> Result<(Round, Mean), Error> {
        let past = middle(task);
        let round = draft.round(target, &widths, sequences, past)?;
        Ok((round, Mean::from(&target.step(&[Part::decode(sequences, past)])?)))
    };
    let (round, plain_step) = at(sequences)?;
    let steps = round.total().lower_bound_s / plain_step.lower_bound_s;
    let slower = |sequences| -> Result<bool, Error> {
        let (round, step) = at(sequences)?;
        Ok(tokens_per_round * step.lower_bound_s < round.total().lower_bound_s)
    };
    let slower_from_batch = last_batch(slower)?;
    Ok(Speculation {
        draft: match draft {
            Draft::Heads { .. } => "heads",
            Draft::Modules { .. } => "modules",
            Draft::Model(_) if tree.depth() == tree.nodes().len() => "chain",
            Draft::Model(_) => "tree",
        },
        draft_model: match draft {
            Draft::Model(model) => Some(model.model().name.clone()),
            Draft::Heads { .. } | Draft::Modules { .. } => None,
        },
        drafted: tree.nodes().len() as u64,
        depth: tree.depth() as u64,
        tokens_per_round,
        tokens: task.tokens()?,
        rounds,
        prefill,
        round,
        plain_step,
        speed_up: plain.lower_bound_s / total.lower_bound_s,
        speed_up_per_token: tokens_per_round / steps,
        total,
        plain,
        goal: Goal { speed_up: goal, tokens_per_round: goal * steps, acceptance: None },
        slower_from_batch,
        slower_from_batch_more_than: slower_from_batch.is_none().then_some(LARGEST_BATCH),
        memory: fit_together(&draft.resident(target, &widths, output), target, task)?,
        chain: None,
        warnings: warnings(target, draft)?,
    })
}

/// Tokens in the cache in the middle of an answer.
fn middle(task: &Task) -> u64 {
    task.prompt + task.output / 2
}

/// The number of sequences, at most [`LARGEST_BATCH`], from which on something is so. It may be so for few and not for
/// more, as routed experts serve several sequences: that is looked for at powers of two.
fn last_batch(is_so: impl Fn(u64) -> Result<bool, Error>) -> Result<Option<u64>, Error> {
    const MOST: u32 = LARGEST_BATCH.ilog2();
    let (mut low, mut high) = (0, 1);
    for power in (0..=MOST).rev() {
        if !is_so(1 << power)? {
            if power == MOST {
                return Ok(None);
            }
            (low, high) = (1 << power, 1 << (power + 1));
            break;
        }
    }
    while high - low > 1 {
        let middle = u64::midpoint(low, high);
        *(if is_so(middle)? { &mut high } else { &mut low }) = middle;
    }
    Ok(Some(high))
}

/// A draft that is larger than the model, or has another vocabulary.
fn warnings(target: &Deployment, draft: &Draft<'_>) -> Result<Vec<String>, Error> {
    let Draft::Model(draft) = draft else { return Ok(Vec::new()) };
    let count = |it: &Deployment| params(it.model(), &Workload::prefill(1, 1), it.options()).map(|params| params.total);
    let vocabulary = |model: &Model| model.fixed().find(|(axis, _)| *axis == "v").map(|(_, size)| size);
    let (small, large) = (&draft.model().name, &target.model().name);
    let mut warnings = Vec::new();
    let (drafting, own) = (count(draft)?, count(target)?);
    if drafting > own {
        warnings.push(format!("the draft {small} has {drafting} parameters, more than the {own} of {large}"));
    }
    let (drafting, own) = (vocabulary(draft.model()), vocabulary(target.model()));
    if let (Some(drafting), Some(own)) = (drafting, own)
        && drafting != own
    {
        warnings.push(format!("the draft {small} has a vocabulary of {drafting}, {large} one of {own}"));
    }
    Ok(warnings)
}
