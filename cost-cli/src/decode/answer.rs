//! A method's answer, as its page.

use cost_api::response::DecodeAnswer;

use crate::page::Page;

use super::{Question, batching, cascade, flash, layers, paged, parallel, plain, speculative};

/// A method's answer as a page.
pub(super) fn page(question: &Question<'_>, answer: &DecodeAnswer) -> Page {
    match answer {
        DecodeAnswer::Plain(it) => plain::page(question, it),
        DecodeAnswer::Batching(it) => batching::page(question, it),
        DecodeAnswer::Speculation(it) => speculative::page(question, it),
        DecodeAnswer::Cascade(it) => cascade::page(question, it),
        DecodeAnswer::Grouped(it) => parallel::page(question, it),
        DecodeAnswer::EarlyExit(it) => layers::early_exit(question, it),
        DecodeAnswer::MixtureOfDepths(it) => layers::mixture_of_depths(question, it),
        DecodeAnswer::Flash(it) => flash::page(question, it),
        DecodeAnswer::Paged(it) => paged::page(question, it),
        _ => Page::default(),
    }
}
