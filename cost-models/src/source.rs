//! Models with an encoder whose result a decoder attends to: the source that the encoder reads.
//!
//! The first step, a prefill with nothing cached, reads the source and keeps its keys and values; steps of decoding attend
//! to what was kept. Axis `src` is the source's length, `encodes` is 1 in the step that reads it.

use cost_core::Result;

use crate::error::Error;
use crate::model::{Model, Phase, Size, Workload};
use crate::note::Note;

impl Model {
    /// Whether a part of it reads a source, which it decodes another text from.
    pub fn reads_source(&self) -> bool {
        self.axis_sizes().contains(&Size::Source)
    }

    /// The length of the source, in positions of the encoder; nothing where it is as long as the text, or where there is none.
    pub fn source(&self) -> Option<u64> {
        self.source.filter(|_| self.reads_source())
    }

    /// The model with a source of so many positions.
    ///
    /// An error if no part of it reads one, or none as long.
    pub fn with_source(self, positions: u64) -> std::result::Result<Self, Error> {
        let name = &self.name;
        let expected = match self.longest_source {
            _ if !self.reads_source() => format!("no source, as {name} has no encoder that reads one beside the text"),
            _ if positions == 0 => "a positive whole number".to_owned(),
            Some(longest) if positions > longest => format!("at most {longest}, the positions of {name}'s encoder"),
            _ => return Ok(self.reading(positions)),
        };
        Err(Error::field("source", positions, expected))
    }

    fn reading(mut self, positions: u64) -> Self {
        self.source = Some(positions);
        self
    }

    /// The model with an encoder of at most so many positions, which is how long the source is where nobody says otherwise.
    #[must_use]
    pub(crate) fn of_positions(mut self, positions: u64) -> Self {
        self.longest_source = Some(positions);
        self.reading(positions)
    }

    /// Whether the step reads the source.
    pub(crate) fn encodes(phase: Phase) -> bool {
        phase == Phase::Prefill
    }

    /// How many tokens are cached in all steps of a phase, where that is given.
    pub(crate) fn past_in(&self, phase: Phase) -> Option<u64> {
        (self.is_encoder() || (self.reads_source() && Self::encodes(phase))).then_some(0)
    }

    /// Whether the two phases have kernels of their own.
    pub(crate) fn differs_by_phase(&self) -> bool {
        self.is_latent() || self.reads_source()
    }

    /// The sizes for one token of one sequence, by which caches grow: with one of the source where that is as long as the
    /// text, else with none.
    pub(crate) fn sizes_of_one(&self, workload: &Workload) -> Result<Vec<u128>> {
        let one = Workload { batch: 1, past: 0, tokens: 1, ..*workload };
        match self.source() {
            None => self.owned_sizes(&one),
            Some(_) => self.clone().reading(0).owned_sizes(&one),
        }
    }

    /// What stands in for a length of the source that nobody gives, said of a step.
    pub(crate) fn source_note(&self, workload: &Workload) -> Option<Note> {
        let tokens = u128::from(workload.past) + u128::from(workload.tokens);
        let text = || format!("the source is as long as the text, {tokens} tokens, where nothing else is asked for");
        (self.reads_source() && self.source.is_none()).then(|| Note::new(text()).about("source"))
    }
}
