//! Towers beside a language model: what makes tokens of its prompt out of images.

use crate::error::Error;
use crate::model::{Model, Workload};

/// An encoder of images, and what makes tokens of its results. It runs once for each image of a prompt, and not in a step that
/// decodes.
#[derive(Clone, Debug)]
pub struct Tower {
    /// What stands before the paths of its kernels.
    pub name: String,
    /// The encoder, whose positions are patches and what stands before them.
    pub encoder: Model,
    /// What makes tokens of patches.
    pub projector: Model,
    /// How many tokens an image has, unless images may be of any size.
    pub tokens: Option<u64>,
    /// How many patches make a token.
    pub(crate) patches: u64,
    /// How many of the encoder's positions make none.
    pub(crate) led: u64,
    /// Whether images can have no other number of tokens.
    pub(crate) fixed: bool,
    /// The images of each prompt, and the tokens of each of them.
    pub(crate) asked: Option<(u64, u64)>,
}

/// What runs for the images of a step: an encoder or a projector, and what of it.
pub(crate) struct Run<'t> {
    pub(crate) name: String,
    pub(crate) model: &'t Model,
    pub(crate) workload: Workload,
    /// Whether the step runs it, or only holds its parameters.
    pub(crate) runs: bool,
}

impl Tower {
    /// The tower for prompts with so many images of so many tokens each, or as many as an image of its size has.
    pub(crate) fn seeing(self, images: u64, tokens: Option<u64>) -> Result<Self, Error> {
        let tokens = match (tokens, self.tokens) {
            (Some(0), _) => return Err(Error::field("image_tokens", 0, "at least 1")),
            (Some(found), Some(own)) if self.fixed && found != own => {
                let expected = format!("{own}, as its positions are those of one size of images");
                return Err(Error::field("image_tokens", found, expected));
            }
            (Some(tokens), _) | (None, Some(tokens)) => tokens,
            (None, None) => {
                let expected = "how many tokens an image has, as images may be of any size";
                return Err(Error::field("image_tokens", "nothing", expected));
            }
        };
        Ok(Self { asked: Some((images, tokens)), ..self })
    }

    /// Its parts in a step.
    pub(crate) fn parts(&self, step: &Workload) -> Result<[Run<'_>; 2], cost_core::Error> {
        const OVERFLOW: cost_core::Error = cost_core::Error::Overflow { counting: "image tokens" };
        let (images, tokens) = self.asked.unwrap_or((0, self.tokens.unwrap_or(1)));
        let runs = images > 0 && step.phase == crate::model::Phase::Prefill;
        let batch = step.batch.checked_mul(images.max(1)).ok_or(OVERFLOW)?;
        let patches = tokens.checked_mul(self.patches).and_then(|patches| patches.checked_add(self.led));
        let run = |name, model, tokens| Run {
            name: format!("{}.{name}", self.name),
            model,
            workload: Workload::prefill(batch, tokens),
            runs,
        };
        Ok([run("encoder", &self.encoder, patches.ok_or(OVERFLOW)?), run("projector", &self.projector, tokens)])
    }
}
