//! What one step costs whatever it is made of: chunks of prompts and single tokens of many sequences together.
//!
//! A kernel's FLOPs and its traffic of activations and caches add up over the sequences. Its parameters are read once for
//! all tokens of the step, and routed experts see all of them: they are those of one sequence of that many tokens. The
//! least time is that of each kernel's sums. A kernel that no sequence gives anything to do (the head, while only parts of
//! prompts are read) doesn't run.

use cost_core::Options;
use cost_core::cost::{Flops, Kernel, Num, Totals, Traffic, totals};
use cost_core::hardware::Hardware;
use cost_core::roofline::time_of;

use super::cost::Cost;
use super::task::at_least_one;
use crate::error::Error;
use crate::model::{Logits, Model, Phase, Workload};

/// A model, its number formats and a device: what costs are asked of.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The model.
    pub model: Model,
    /// How its tensors are stored and its costs counted.
    pub options: Options,
    /// Where it runs.
    pub device: Hardware,
}

/// Sequences of a step that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// New tokens of each sequence.
    pub new: u64,
    /// Tokens of each sequence that are in its cache.
    pub past: u64,
    /// Of how many of its last tokens each sequence wants logits.
    pub outputs: u64,
    /// How many sequences.
    pub sequences: u64,
}

impl Part {
    /// Whole prompts, each of which gives its first token.
    pub const fn prefill(sequences: u64, tokens: u64) -> Self {
        Self { new: tokens, past: 0, outputs: 1, sequences }
    }

    /// A token for each sequence.
    pub const fn decode(sequences: u64, past: u64) -> Self {
        Self { new: 1, past, outputs: 1, sequences }
    }

    /// Several tokens of each sequence at once, with the logits of all.
    pub const fn all(sequences: u64, new: u64, past: u64) -> Self {
        Self { new, past, outputs: new, sequences }
    }

    /// The step of these sequences alone.
    pub fn workload(&self) -> Workload {
        let Self { new, past, outputs, sequences } = *self;
        let phase = if new > 1 { Phase::Prefill } else { Phase::Decode };
        Workload { phase, batch: sequences, past, tokens: new, logits: Logits::Of(outputs) }
    }
}

impl Deployment {
    /// A model in these formats on a device.
    pub fn new(model: Model, options: Options, device: Hardware) -> Self {
        Self { model, options, device }
    }

    /// Another model with the same formats on the same device.
    #[must_use]
    pub fn with(&self, model: Model) -> Self {
        Self::new(model, self.options.clone(), self.device.clone())
    }

    /// What a step of all these sequences together costs.
    ///
    /// An error if there are none, if some of them have no new token, or if a count doesn't fit.
    pub fn step(&self, mix: &[Part]) -> Result<Cost, Error> {
        let mix = merged(mix)?;
        let each: Vec<Vec<Kernel<u128>>> = mix.iter().map(|part| self.kernels(part)).collect::<Result<_, _>>()?;
        let together = match mix.as_slice() {
            [_] => None,
            mix => Some(self.kernels(&as_one(mix)?)?),
        };
        let read_once = together.as_deref().unwrap_or(&each[0]);
        let mut sum = Cost::ZERO;
        for (i, kernel) in each[0].iter().enumerate() {
            let of_parts = each.iter().map(|kernels| alike(kernels, i, kernel));
            let mut amounts = NONE;
            for kernel in of_parts {
                amounts.add(&totals(core::slice::from_ref(kernel?))?)?;
            }
            if amounts.writes() {
                amounts.bits.weights = totals(core::slice::from_ref(alike(read_once, i, kernel)?))?.bits.weights;
                sum.add(&amounts.on(&self.device)?)?;
            }
        }
        Ok(sum)
    }

    fn kernels(&self, part: &Part) -> Result<Vec<Kernel<u128>>, Error> {
        Ok(self.model.kernels(&part.workload(), &self.options)?)
    }
}

/// The same kernel in another step.
fn alike<'k>(kernels: &'k [Kernel<u128>], i: usize, as_in: &Kernel<u128>) -> Result<&'k Kernel<u128>, Error> {
    kernels.get(i).filter(|kernel| kernel.path == as_in.path).ok_or_else(|| {
        let message = format!("the kernel {} runs only at some numbers of tokens", as_in.path);
        Error::Cost(cost_core::Error::Description { op: "a step".to_owned(), message })
    })
}

/// Sequences that are alike put together.
fn merged(mix: &[Part]) -> Result<Vec<Part>, Error> {
    at_least_one("sequences", mix.len() as u64)?;
    let mut sorted = mix.to_vec();
    sorted.sort_unstable();
    let mut merged: Vec<Part> = Vec::with_capacity(sorted.len());
    for part in sorted {
        at_least_one("sequences", part.sequences)?;
        at_least_one("new tokens", part.new)?;
        match merged.last_mut() {
            Some(last) if Part { sequences: part.sequences, ..*last } == part => {
                last.sequences = last.sequences.checked_add(part.sequences).ok_or(OVERFLOW)?;
            }
            _ => merged.push(part),
        }
    }
    Ok(merged)
}

/// All tokens of a step as those of one sequence.
fn as_one(mix: &[Part]) -> Result<Part, Error> {
    let sum = |of: fn(&Part) -> u64| {
        let mut each = mix.iter().map(|part| part.sequences.checked_mul(of(part)));
        each.try_fold(0_u64, |sum, tokens| sum.checked_add(tokens?)).ok_or(OVERFLOW)
    };
    Ok(Part { new: sum(|part| part.new)?, past: 0, outputs: sum(|part| part.outputs)?, sequences: 1 })
}

const OVERFLOW: Error = Error::Cost(cost_core::Error::Overflow { counting: "tokens of a step" });

/// What a kernel does in a step, all repetitions together.
struct Amounts {
    flops: Flops<u128>,
    bits: Traffic<u128>,
}

const NONE: Amounts =
    Amounts { flops: Flops { by_class: [0; cost_core::format::CLASSES], vector: 0 }, bits: Cost::ZERO.bits };

impl Amounts {
    fn add(&mut self, other: &Totals<u128>) -> Result<(), Error> {
        for (sum, more) in self.flops.by_class.iter_mut().zip(&other.flops.by_class) {
            *sum = sum.plus(more)?;
        }
        self.flops.vector = self.flops.vector.plus(&other.flops.vector)?;
        let (sum, more) = (&mut self.bits, &other.bits);
        for (sum, more) in [
            (&mut sum.acts_read, more.acts_read),
            (&mut sum.acts_written, more.acts_written),
            (&mut sum.cache_read, more.cache_read),
            (&mut sum.cache_written, more.cache_written),
        ] {
            *sum = sum.plus(&more)?;
        }
        Ok(())
    }

    fn writes(&self) -> bool {
        self.bits.acts_written > 0 || self.bits.cache_written > 0
    }

    fn on(self, device: &Hardware) -> Result<Cost, Error> {
        let time = time_of(&self.flops, self.bits.total()?, device);
        Ok(Cost { matmul: self.flops.matmul()?, vector: self.flops.vector, bits: self.bits, time })
    }
}
