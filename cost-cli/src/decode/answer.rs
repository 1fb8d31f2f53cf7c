//! A method's answer: computed, printed, compared.

use cost_models::decode::batching::Batching;
use cost_models::decode::{Generation, Row, generation};
use serde::Serialize;

use super::args::Method;
use super::{Question, batching, plain};
use crate::failure::{Result, text};

/// What a method answers; as JSON, its result.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Answer {
    Plain(Box<Generation>),
    Batching(Box<Batching>),
}

impl Answer {
    pub(super) fn to(question: &Question<'_>, method: Method) -> Result<Self> {
        let Question { deployment, task, .. } = question;
        match method {
            Method::Plain => generation(deployment, task).map(Box::new).map(Self::Plain).map_err(text),
            Method::Static | Method::Continuous | Method::Chunked => {
                batching::serve(question, method).map(Box::new).map(Self::Batching)
            }
        }
    }

    pub(super) fn page(&self, question: &Question<'_>) -> String {
        match self {
            Self::Plain(answer) => plain::page(question, answer),
            Self::Batching(answer) => batching::page(question, answer),
        }
    }

    /// The answer beside others; nothing if it can't be compared with them.
    pub(super) fn row(&self) -> Option<Row> {
        match self {
            Self::Plain(answer) => Some(answer.row()),
            Self::Batching(answer) => Some(answer.row()),
        }
    }
}
