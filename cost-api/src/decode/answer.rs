//! What a method answers.

use super::{Question, batching, cascade, flash, layers, paged, speculative};
use crate::error::Result;
use crate::request::Method;
use crate::response::DecodeAnswer;
use cost_models::decode::early_exit::early_exit;
use cost_models::decode::mixture_of_depths::{Depths, mixture_of_depths};
use cost_models::decode::parallel::grouped;
use cost_models::decode::{Row, generation};

/// The answer of a method.
pub(super) fn answer(question: &Question<'_>, method: Method) -> Result<DecodeAnswer> {
    let Question { deployment, task, request, .. } = question;
    let other = &request.other;
    Ok(match method {
        Method::Plain => DecodeAnswer::Plain(Box::new(generation(deployment, task)?)),
        Method::Static | Method::Continuous | Method::Chunked => {
            DecodeAnswer::Batching(Box::new(batching::serve(question, method)?))
        }
        Method::Speculative | Method::Tree | Method::Medusa | Method::Mtp => {
            DecodeAnswer::Speculation(Box::new(speculative::draft(question, method)?))
        }
        Method::Cascade => DecodeAnswer::Cascade(Box::new(cascade::answer(question)?)),
        Method::Grouped | Method::NonAutoregressive => {
            let group = if method == Method::Grouped { other.group.unwrap_or(4) } else { task.output };
            DecodeAnswer::Grouped(Box::new(grouped(deployment, task, group, other.refinements.unwrap_or(0))?))
        }
        Method::EarlyExit => {
            let exits = layers::exits(&other.exits)?;
            DecodeAnswer::EarlyExit(Box::new(early_exit(deployment, task, &exits, other.classes)?))
        }
        Method::MixtureOfDepths => {
            let depths = Depths { capacity: other.capacity.unwrap_or(0.125), every: other.every.unwrap_or(2) };
            DecodeAnswer::MixtureOfDepths(Box::new(mixture_of_depths(deployment, task, &depths)?))
        }
        Method::Flash => DecodeAnswer::Flash(Box::new(flash::tiled(question)?)),
        Method::Paged => DecodeAnswer::Paged(Box::new(paged::kept(question)?)),
    })
}

/// An answer beside others; nothing if it can't be compared with them.
pub(super) fn row(question: &Question<'_>, answer: &DecodeAnswer) -> Option<Row> {
    let output = question.task.output;
    match answer {
        DecodeAnswer::Plain(it) => Some(it.row()),
        DecodeAnswer::Batching(it) => Some(it.row()),
        DecodeAnswer::Speculation(it) => Some(it.row()),
        DecodeAnswer::Cascade(it) => Some(it.row(output)),
        DecodeAnswer::Grouped(it) => Some(it.row()),
        DecodeAnswer::EarlyExit(it) => Some(it.row(output)),
        DecodeAnswer::MixtureOfDepths(it) => Some(it.row(output)),
        DecodeAnswer::Flash(_) | DecodeAnswer::Paged(_) => None,
    }
}
