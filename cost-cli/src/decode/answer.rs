//! A method's answer: computed, printed, compared.

use cost_models::decode::batching::Batching;
use cost_models::decode::cascade::Cascade;
use cost_models::decode::early_exit::{EarlyExit, early_exit};
use cost_models::decode::flash::Flash;
use cost_models::decode::mixture_of_depths::{Depths, MixtureOfDepths, mixture_of_depths};
use cost_models::decode::paged::Paged;
use cost_models::decode::parallel::{Grouped, grouped};
use cost_models::decode::speculative::Speculation;
use cost_models::decode::{Generation, Row, generation};
use serde::Serialize;

use super::args::Method;
use super::{Question, batching, cascade, flash, layers, paged, parallel, plain, speculative};
use crate::failure::{Result, text};

/// What a method answers; as JSON, its result.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Answer {
    Plain(Box<Generation>),
    Batching(Box<Batching>),
    Speculation(Box<Speculation>),
    Cascade(Box<Cascade>),
    Grouped(Box<Grouped>),
    EarlyExit(Box<EarlyExit>),
    MixtureOfDepths(Box<MixtureOfDepths>),
    Flash(Box<Flash>),
    Paged(Box<Paged>),
}

impl Answer {
    pub(super) fn to(question: &Question<'_>, method: Method) -> Result<Self> {
        let Question { deployment, task, args, .. } = question;
        let other = &args.other;
        Ok(match method {
            Method::Plain => Self::Plain(Box::new(generation(deployment, task).map_err(text)?)),
            Method::Static | Method::Continuous | Method::Chunked => {
                Self::Batching(Box::new(batching::serve(question, method)?))
            }
            Method::Speculative | Method::Tree | Method::Medusa | Method::Mtp => {
                Self::Speculation(Box::new(speculative::draft(question, method)?))
            }
            Method::Cascade => Self::Cascade(Box::new(cascade::answer(question)?)),
            Method::Grouped | Method::NonAutoregressive => {
                let group = if method == Method::Grouped { other.group } else { task.output };
                Self::Grouped(Box::new(grouped(deployment, task, group, other.refinements).map_err(text)?))
            }
            Method::EarlyExit => {
                let exits = layers::exits(&other.exits)?;
                Self::EarlyExit(Box::new(early_exit(deployment, task, &exits, other.classes).map_err(text)?))
            }
            Method::MixtureOfDepths => {
                let depths = Depths { capacity: other.capacity, every: other.every };
                Self::MixtureOfDepths(Box::new(mixture_of_depths(deployment, task, &depths).map_err(text)?))
            }
            Method::Flash => Self::Flash(Box::new(flash::tiled(question)?)),
            Method::Paged => Self::Paged(Box::new(paged::kept(question)?)),
        })
    }

    pub(super) fn page(&self, question: &Question<'_>) -> String {
        match self {
            Self::Plain(answer) => plain::page(question, answer),
            Self::Batching(answer) => batching::page(question, answer),
            Self::Speculation(answer) => speculative::page(question, answer),
            Self::Cascade(answer) => cascade::page(question, answer),
            Self::Grouped(answer) => parallel::page(question, answer),
            Self::EarlyExit(answer) => layers::early_exit(question, answer),
            Self::MixtureOfDepths(answer) => layers::mixture_of_depths(question, answer),
            Self::Flash(answer) => flash::page(question, answer),
            Self::Paged(answer) => paged::page(question, answer),
        }
    }

    /// The answer beside others; nothing if it can't be compared with them.
    pub(super) fn row(&self, question: &Question<'_>) -> Option<Row> {
        let output = question.task.output;
        match self {
            Self::Plain(answer) => Some(answer.row()),
            Self::Batching(answer) => Some(answer.row()),
            Self::Speculation(answer) => Some(answer.row()),
            Self::Cascade(answer) => Some(answer.row(output)),
            Self::Grouped(answer) => Some(answer.row()),
            Self::EarlyExit(answer) => Some(answer.row(output)),
            Self::MixtureOfDepths(answer) => Some(answer.row(output)),
            Self::Flash(_) | Self::Paged(_) => None,
        }
    }
}
