//! Rounds of drafting and verifying.

use std::collections::{HashMap, VecDeque};

use super::tree::Tree;
use crate::decode::cost::Mean;
use crate::decode::memory::Resident;
use crate::decode::step::{Deployment, Part};
use crate::error::Error;

/// Where drafted tokens come from.
#[derive(Clone, Copy, Debug)]
pub enum Draft<'d> {
    /// A model of its own, which reads the prompt too and runs once for each token of a chain, or each level of a tree.
    Model(&'d Deployment),
    /// Modules for multi-token prediction, one for each further token, which all read the prompt; where more tokens are
    /// drafted than there are modules, they take turns.
    Modules {
        /// One module, as a model.
        module: &'d Deployment,
        /// How many there are.
        count: u64,
    },
    /// Heads on the model's last hidden states, all of which run once a round.
    Heads {
        /// One head, as a model.
        head: &'d Deployment,
        /// How many there are.
        count: u64,
    },
}

/// What a round costs.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Round {
    /// Drafting.
    pub draft: Mean,
    /// Verifying: one step of the model over the last token and all drafted ones.
    pub verify: Mean,
}

impl Round {
    /// Both.
    pub fn total(&self) -> Mean {
        self.draft.plus(&self.verify)
    }
}

/// What steps of a draft cost, by their tokens of a sequence and those in the cache.
pub(super) type Steps = HashMap<(u64, u64), Mean>;

/// The most that are kept.
const MOST_KNOWN: usize = 1 << 17;

impl Draft<'_> {
    /// A round of so many sequences, each with `past` tokens in the cache and one that isn't yet.
    pub(super) fn round(&self, target: &Deployment, widths: &[u64], sequences: u64, past: u64) -> Result<Round, Error> {
        self.round_knowing(target, widths, (sequences, past), &mut Steps::new())
    }

    /// As [`Self::round`], where the draft's steps for so many sequences may be known from rounds before.
    pub(super) fn round_knowing(
        &self,
        target: &Deployment,
        widths: &[u64],
        (sequences, past): (u64, u64),
        known: &mut Steps,
    ) -> Result<Round, Error> {
        let nodes: u64 = widths.iter().sum();
        let verify = Mean::from(&target.step(&[Part::all(sequences, nodes + 1, past)])?);
        let mut draft = Mean::default();
        match self {
            Self::Model(model) | Self::Modules { module: model, .. } => {
                // The last token gives the first level, each level the next.
                let mut past = past;
                for width in core::iter::once(&1).chain(widths).take(widths.len()) {
                    let step = match known.get(&(*width, past)) {
                        Some(step) => *step,
                        None => Mean::from(&model.step(&[Part::all(sequences, *width, past)])?),
                    };
                    if known.len() < MOST_KNOWN {
                        known.insert((*width, past), step);
                    }
                    draft = draft.plus(&step);
                    past += width;
                }
            }
            Self::Heads { head, count } => {
                let one = Mean::from(&head.step(&[Part::decode(sequences, past)])?);
                draft = one.times(*count as f64);
            }
        }
        Ok(Round { draft, verify })
    }

    /// What is in memory during the last round. A verification adds the last token and all drafted ones to the cache, a
    /// model that drafts all but the last level. Each module keeps a cache of its own, and a copy of the tables that it
    /// shares with the model, as released files do.
    pub(super) fn resident<'t>(&'t self, target: &'t Deployment, widths: &[u64], output: u64) -> Vec<Resident<'t>> {
        // A single token takes no round.
        let widths = if output > 1 { widths } else { &[] };
        let nodes: u64 = widths.iter().sum();
        let levels = || core::iter::once(&1).chain(widths).take(widths.len()).copied();
        let mut all = vec![Resident { deployment: target, count: 1, reads: Some(1), new: nodes + 1, added: nodes + 1 }];
        let (new, added) = (levels().max().unwrap_or(1), levels().sum::<u64>().max(1));
        all.push(match self {
            Self::Model(model) => Resident { deployment: model, count: 1, reads: Some(0), new, added },
            Self::Modules { module, count } => {
                Resident { deployment: module, count: *count, reads: Some(0), new, added }
            }
            Self::Heads { head, count } => Resident { deployment: head, count: *count, reads: None, new: 1, added: 1 },
        });
        all
    }

    /// What reading the prompts costs the draft.
    pub(super) fn prefill(&self, sequences: u64, prompt: u64) -> Result<Mean, Error> {
        let (model, count) = match self {
            Self::Model(model) => (model, 1),
            Self::Modules { module, count } => (module, *count),
            Self::Heads { .. } => return Ok(Mean::default()),
        };
        let part = Part { outputs: 0, ..Part::prefill(sequences, prompt) };
        Ok(Mean::from(&model.step(&[part])?).times(count as f64))
    }
}

/// The expected number of rounds and their cost, from one token to `output` tokens, by the probability of each number of
/// tokens a round. `round` says what a round costs when so many tokens are there.
pub(super) fn expected(
    tree: &Tree,
    output: u64,
    mut round: impl FnMut(u64) -> Result<Mean, Error>,
) -> Result<(f64, Mean), Error> {
    let distribution = tree.distribution();
    // What is still to come when so many tokens are missing, fewest last, as far back as a round reaches; tokens beyond the
    // last are dropped, and cost nothing.
    let mut ahead: VecDeque<(f64, Mean)> = VecDeque::from([(0.0, Mean::default())]);
    for missing in 1..output {
        let (mut rounds, mut cost) = (1.0, round(output - missing)?);
        for (share, (later_rounds, later_cost)) in distribution.iter().zip(&ahead) {
            rounds += share * later_rounds;
            cost = cost.plus_share(*share, later_cost);
        }
        ahead.push_front((rounds, cost));
        ahead.truncate(distribution.len().max(1));
    }
    Ok(ahead.front().copied().unwrap_or_default())
}
