//! Towers beside a language model: what makes tokens of its prompt out of images or sounds.

use crate::error::Error;
use crate::model::{Model, Phase, Workload};

/// An encoder, and what makes tokens of its results. It runs once for each image of a prompt, or for each part of a sound, and
/// not in a step that decodes.
#[derive(Clone, Debug)]
pub struct Tower {
    /// What stands before the paths of its kernels.
    pub name: String,
    /// The encoder, whose positions are patches and what stands before them, or frames.
    pub encoder: Model,
    /// What makes tokens of patches.
    pub projector: Model,
    /// How many tokens an image has, unless images may be of any size.
    pub tokens: Option<u64>,
    /// How long a sound is that it takes at once, in seconds; nothing for one of images.
    pub seconds: Option<u64>,
    /// How many patches make a token.
    pub(crate) patches: u64,
    /// How many of the encoder's positions make none.
    pub(crate) led: u64,
    /// Whether images can have no other number of tokens.
    pub(crate) fixed: bool,
    pub(crate) asked: Option<Asked>,
}

/// What of each prompt a tower reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// How often it runs.
    runs: u64,
    /// How many tokens it gives each time.
    each: u64,
    /// How many tokens of the prompt that makes.
    pub(crate) tokens: u128,
}

/// What runs for the images or sounds of a step: an encoder or a projector, and what of it.
pub(crate) struct Run<'t> {
    pub(crate) name: String,
    pub(crate) model: &'t Model,
    pub(crate) workload: Workload,
    /// Whether the step runs it, or only holds its parameters.
    pub(crate) runs: bool,
}

/// The longest sound, in seconds.
const LONGEST: f64 = 1e9;

impl Tower {
    /// The tower for prompts with so many images of so many tokens each, or as many as an image of its size has. One of sounds
    /// is left as it is.
    pub(crate) fn seeing(self, images: u64, tokens: Option<u64>) -> Result<Self, Error> {
        if self.seconds.is_some() {
            return Ok(self);
        }
        let each = match (tokens, self.tokens) {
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
        let tokens = u128::from(images) * u128::from(each);
        Ok(Self { asked: Some(Asked { runs: images, each, tokens }), ..self })
    }

    /// The tower for prompts with a sound of so many seconds, cut into parts of the length that it takes. One of images is left
    /// as it is.
    pub(crate) fn hearing(self, seconds: f64) -> Result<Self, Error> {
        let (Some(whole), Some(each)) = (self.seconds, self.tokens) else { return Ok(self) };
        if !(seconds > 0.0 && seconds <= LONGEST) {
            return Err(Error::field("audio_seconds", seconds, "a number above 0, and at most a thousand million"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded, and above 0")]
        let (runs, tokens) = ((seconds / whole as f64).ceil() as u64, (seconds * each as f64 / whole as f64) as u128);
        Ok(Self { asked: Some(Asked { runs, each, tokens }), ..self })
    }

    /// Its parts in a step.
    pub(crate) fn parts(&self, step: &Workload) -> Result<[Run<'_>; 2], cost_core::Error> {
        const OVERFLOW: cost_core::Error = cost_core::Error::Overflow { counting: "tokens of images" };
        let none = Asked { runs: 0, each: self.tokens.unwrap_or(1), tokens: 0 };
        let Asked { runs: times, each, .. } = self.asked.unwrap_or(none);
        let runs = times > 0 && step.phase == Phase::Prefill;
        let batch = step.batch.checked_mul(times.max(1)).ok_or(OVERFLOW)?;
        let patches = each.checked_mul(self.patches).and_then(|patches| patches.checked_add(self.led));
        let run = |name, model, tokens| Run {
            name: format!("{}.{name}", self.name),
            model,
            workload: Workload::prefill(batch, tokens),
            runs,
        };
        let patches = patches.ok_or(OVERFLOW)?;
        Ok([run("encoder", &self.encoder, patches), run("projector", &self.projector, each)])
    }
}
