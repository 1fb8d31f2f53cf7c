//! What one step costs whatever it is made of: chunks of prompts and single tokens of many sequences together.
//!
//! A kernel's FLOPs and its traffic of activations and caches add up over the sequences. Its parameters are read once for
//! all tokens of the step, and routed experts see all of them: they are those of one sequence of that many tokens. The
//! least time is that of each kernel's sums. A kernel that no sequence gives anything to do (the head, while only parts of
//! prompts are read) doesn't run. All of it is exact, by compiled [plans](cost_core::Plan) of the model.

use std::sync::{Mutex, PoisonError};

use cost_core::Options;
use cost_core::cost::{Flops, Num, Routing, Traffic};
use cost_core::format::CLASSES;
use cost_core::hardware::Hardware;
use cost_core::plan::{Row, Table};
use cost_core::roofline::time_of;

use super::cost::Cost;
use super::task::at_least_one;
use crate::error::Error;
use crate::model::{Logits, Model, Phase, Workload};
use crate::plan::Steps;

/// A model, its number formats and a device: what costs are asked of.
#[derive(Debug)]
pub struct Deployment {
    model: Model,
    options: Options,
    device: Hardware,
    /// What has been compiled so far.
    compiled: Mutex<Compiled>,
}

/// Sequences of a step that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Whether a prompt is read or an answer goes on: latent attention has a form for each.
    pub phase: Phase,
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
        Self { phase: Phase::Prefill, new: tokens, past: 0, outputs: 1, sequences }
    }

    /// A part of a prompt, and whether it is the last one, which gives a token.
    pub const fn chunk(new: u64, past: u64, last: bool) -> Self {
        Self { phase: Phase::Prefill, new, past, outputs: last as u64, sequences: 1 }
    }

    /// A token for each sequence.
    pub const fn decode(sequences: u64, past: u64) -> Self {
        Self { phase: Phase::Decode, new: 1, past, outputs: 1, sequences }
    }

    /// Several tokens of each sequence at once, with the logits of all.
    pub const fn all(sequences: u64, new: u64, past: u64) -> Self {
        Self { phase: Phase::Decode, new, past, outputs: new, sequences }
    }

    /// The step of these sequences alone.
    pub fn workload(&self) -> Workload {
        let Self { phase, new, past, outputs, sequences } = *self;
        Workload { phase, batch: sequences, past, tokens: new, logits: Logits::Of(outputs) }
    }

    /// What sequences are sorted by, to find those that are alike.
    fn key(&self) -> (bool, u64, u64, u64) {
        (self.phase == Phase::Decode, self.new, self.past, self.outputs)
    }
}

impl Deployment {
    /// A model on a device, in its own formats but for those that are asked for.
    pub fn new(model: Model, options: Options, device: Hardware) -> Self {
        let options = model.counted_by(options);
        Self { model, options, device, compiled: Mutex::default() }
    }

    /// Another model with the same formats on the same device; those of single rounds of the model's own loops are left
    /// out.
    #[must_use]
    pub fn with(&self, model: Model) -> Self {
        self.with_rounds(model, |_| false)
    }

    /// Another model with the formats of those rounds of loops, by where the loop is, and all others.
    #[must_use]
    pub(super) fn with_rounds(&self, model: Model, of: impl Fn(&str) -> bool) -> Self {
        let mut options = self.options.clone();
        options.formats.rounds.retain(|rounds| of(&rounds.place));
        Self::new(model.keeping_rounds(of), options, self.device.clone())
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// How its tensors are stored and its costs counted.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Where it runs.
    pub fn device(&self) -> &Hardware {
        &self.device
    }

    /// What a step of all these sequences together costs.
    ///
    /// How much of a prompt can be read beside 32 answers before a step takes longer than 25 ms at least:
    ///
    /// ```
    /// use cost_core::{Options, hardware};
    /// use cost_models::catalogue;
    /// use cost_models::decode::{Deployment, Part};
    ///
    /// let model = catalogue::find("llama-3.1-8b")?;
    /// let served = Deployment::new(model, Options::default(), hardware::find("h100")?);
    /// let answers = Part::decode(32, 2000);
    /// let mut chunk = 0;
    /// // The first step compiles the model; each further one takes about a microsecond for each part.
    /// while served.step(&[answers, Part::chunk(chunk + 64, 0, false)])?.seconds() <= 0.025 {
    ///     chunk += 64;
    /// }
    /// assert!(chunk > 500);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// An error if there are none, if some of them have no new token, or if a count doesn't fit.
    pub fn step(&self, mix: &[Part]) -> Result<Cost, Error> {
        // A step that failed leaves nothing behind that the next one doesn't set anew.
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.prepare(&self.model, &self.options)?;
        for part in mix {
            self.model.takes(part.phase, Some(part.past))?;
        }
        compiled.merge(mix)?;
        compiled.add_up(&self.model, &self.options)?;
        compiled.priced(&self.device)
    }
}

impl Clone for Deployment {
    /// The same model, formats and device; the copy compiles for itself.
    fn clone(&self) -> Self {
        Self::new(self.model.clone(), self.options.clone(), self.device.clone())
    }
}

/// Which plan a part goes by: its form of attention, whether there is one new token, which logits are wanted, and how
/// experts are counted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Form {
    phase: Phase,
    single: bool,
    logits: Logits,
    routing: Routing,
}

/// How experts are counted where all tokens of a step are looked at, or only some: a given number of distinct ones is that
/// of all tokens, and of some nobody asks.
const fn routing(options: &Options, all: bool) -> Routing {
    match options.routing {
        Routing::Given(_) if !all => Routing::Worst,
        asked => asked,
    }
}

/// A plan, and where its kernels are among those of all plans.
#[derive(Clone, Debug)]
struct Planned {
    form: Form,
    table: Table<u128>,
    places: Vec<usize>,
}

/// The plans of a model and the step that is being put together.
#[derive(Clone, Debug, Default)]
struct Compiled {
    /// Whether prefill and decode have kernels of their own.
    by_phase: bool,
    /// The paths of all kernels of both phases.
    paths: Vec<String>,
    /// By kernel, whether it is there in prefill and in decode.
    phases: Vec<[bool; 2]>,
    plans: Vec<Planned>,
    /// The step's parts, those that are alike together.
    parts: Vec<Part>,
    /// What each kernel does in the step.
    sums: Vec<Amounts>,
}

const TOO_MUCH: Error = Error::Cost(cost_core::Error::Overflow { counting: "FLOPs or bytes" });
const OVERFLOW: Error = Error::Cost(cost_core::Error::Overflow { counting: "tokens of a step" });

impl Compiled {
    fn prepare(&mut self, model: &Model, options: &Options) -> Result<(), Error> {
        if !self.paths.is_empty() {
            return Ok(());
        }
        self.by_phase = model.differs_by_phase();
        for (i, phase) in [Phase::Prefill, Phase::Decode].into_iter().enumerate() {
            let form = Form { phase, single: false, logits: Logits::Last, routing: routing(options, true) };
            let table = table(model, options, form)?;
            for path in table.paths() {
                let place = self.paths.iter().position(|known| known == path).unwrap_or_else(|| {
                    self.paths.push(path.clone());
                    self.phases.push([false; 2]);
                    self.paths.len() - 1
                });
                self.phases[place][i] = true;
            }
            if !self.by_phase {
                break;
            }
        }
        Ok(())
    }

    /// Puts sequences that are alike together.
    fn merge(&mut self, mix: &[Part]) -> Result<(), Error> {
        at_least_one("sequences", mix.len() as u64)?;
        self.parts.clear();
        for part in mix {
            at_least_one("sequences", part.sequences)?;
            at_least_one("new tokens", part.new)?;
            let phase = if self.by_phase { part.phase } else { Phase::Prefill };
            self.parts.push(Part { phase, ..*part });
        }
        self.parts.sort_unstable_by_key(Part::key);
        let mut overflow = false;
        self.parts.dedup_by(|part, before| {
            let alike = part.key() == before.key();
            if alike {
                let sum = before.sequences.checked_add(part.sequences);
                overflow |= sum.is_none();
                before.sequences = sum.unwrap_or(u64::MAX);
            }
            alike
        });
        if overflow { Err(OVERFLOW) } else { Ok(()) }
    }

    fn add_up(&mut self, model: &Model, options: &Options) -> Result<(), Error> {
        self.sums.clear();
        self.sums.resize(self.paths.len(), Amounts::NONE);
        let alone = self.parts.len() == 1;
        for i in 0..self.parts.len() {
            let part = self.parts[i];
            let logits = match part.outputs {
                outputs if outputs == part.new && outputs > 1 => Logits::All,
                1 => Logits::Last,
                outputs => Logits::Of(outputs),
            };
            let form = Form { phase: part.phase, single: part.new == 1, logits, routing: routing(options, alone) };
            let plan = self.plan(form, model, options)?;
            let Planned { table, places, .. } = &mut self.plans[plan];
            let at = Point::new(
                part.sequences,
                (part.new > 1).then_some(part.new),
                model.past_in(part.phase).is_none().then_some(part.past),
            );
            for (row, place) in table.at(at.sizes())?.iter().zip(places) {
                let sum = &mut self.sums[*place];
                sum.add(row).ok_or(TOO_MUCH)?;
                if alone {
                    sum.bits.weights = row.bits.weights.times(&row.repeat)?;
                }
            }
        }
        if alone { Ok(()) } else { self.read_weights(model, options) }
    }

    /// The parameters of each kernel, read once for the tokens of all parts that it runs for.
    fn read_weights(&mut self, model: &Model, options: &Options) -> Result<(), Error> {
        let tokens = |phase: Phase| {
            let parts = self.parts.iter().filter(|part| part.phase == phase);
            let mut each = parts.map(|part| part.sequences.checked_mul(part.new));
            each.try_fold(0_u64, |sum, tokens| sum.checked_add(tokens?)).ok_or(OVERFLOW)
        };
        let [prefill, decode] = [tokens(Phase::Prefill)?, tokens(Phase::Decode)?];
        let all = prefill.checked_add(decode).ok_or(OVERFLOW)?;
        for (i, phase, own) in [(0, Phase::Prefill, prefill), (1, Phase::Decode, decode)] {
            if own == 0 {
                continue;
            }
            // Kernels of this form alone see its tokens only.
            for (shared, tokens) in [(true, all), (false, own)] {
                let routing = routing(options, tokens == all);
                let form = Form { phase, single: false, logits: Logits::Last, routing };
                let plan = self.plan(form, model, options)?;
                let Planned { table, places, .. } = &mut self.plans[plan];
                let at = Point::new(1, Some(tokens), model.past_in(phase).is_none().then_some(0));
                for (row, place) in table.at(at.sizes())?.iter().zip(places) {
                    if self.phases[*place][1 - i] == shared || all == own {
                        let weights = row.bits.weights.times(&row.repeat)?;
                        let sum = &mut self.sums[*place].bits.weights;
                        *sum = weights.max(*sum);
                    }
                }
                if all == own {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The plan of a form, compiled if it hasn't been yet.
    fn plan(&mut self, form: Form, model: &Model, options: &Options) -> Result<usize, Error> {
        if let Some(plan) = self.plans.iter().position(|plan| plan.form == form) {
            return Ok(plan);
        }
        let table = table(model, options, form)?;
        let place = |path: &String| {
            self.paths.iter().position(|known| known == path).ok_or_else(|| {
                let message = format!("the kernel {path} runs only at some numbers of tokens");
                Error::Cost(cost_core::Error::Description { op: model.architecture().name().to_owned(), message })
            })
        };
        let places = table.paths().iter().map(place).collect::<Result<_, _>>()?;
        self.plans.push(Planned { form, table, places });
        Ok(self.plans.len() - 1)
    }

    fn priced(&self, device: &Hardware) -> Result<Cost, Error> {
        let mut sum = Cost::ZERO;
        for amounts in self.sums.iter().filter(|amounts| amounts.writes()) {
            sum.add(&amounts.on(device)?)?;
        }
        Ok(sum)
    }
}

fn table(model: &Model, options: &Options, form: Form) -> Result<Table<u128>, Error> {
    let Form { phase, single, logits, routing } = form;
    let past = model.past_in(phase);
    let steps = Steps { phase, batch: None, tokens: single.then_some(1), past, logits };
    let options = Options { routing, ..options.clone() };
    Ok(model.plan(&steps, &options)?.table())
}

/// The sizes of a plan's free axes: sequences, and new and cached tokens where they are free.
struct Point {
    sizes: [u64; 3],
    free: usize,
}

impl Point {
    fn new(sequences: u64, new: Option<u64>, past: Option<u64>) -> Self {
        let mut point = Self { sizes: [sequences, 0, 0], free: 1 };
        for size in [new, past].into_iter().flatten() {
            point.sizes[point.free] = size;
            point.free += 1;
        }
        point
    }

    fn sizes(&self) -> &[u64] {
        &self.sizes[..self.free]
    }
}

/// What a kernel does in a step, all repetitions together.
#[derive(Clone, Debug)]
struct Amounts {
    flops: Flops<u128>,
    bits: Traffic<u128>,
}

impl Amounts {
    const NONE: Self = Self { flops: Flops { by_class: [0; CLASSES], vector: 0 }, bits: Cost::ZERO.bits };

    /// Adds a part's share, parameters aside; nothing if it doesn't fit.
    fn add(&mut self, row: &Row<u128>) -> Option<()> {
        let Self { flops, bits } = self;
        let by_class = flops.by_class.iter_mut().zip(row.flops.by_class);
        let others = [
            (&mut flops.vector, row.flops.vector),
            (&mut bits.acts_read, row.bits.acts_read),
            (&mut bits.acts_written, row.bits.acts_written),
            (&mut bits.cache_read, row.bits.cache_read),
            (&mut bits.cache_written, row.bits.cache_written),
        ];
        for (sum, more) in by_class.chain(others) {
            if more > 0 {
                *sum = sum.checked_add(more.checked_mul(row.repeat)?)?;
            }
        }
        Some(())
    }

    fn writes(&self) -> bool {
        self.bits.acts_written > 0 || self.bits.cache_written > 0
    }

    fn on(&self, device: &Hardware) -> Result<Cost, Error> {
        let Self { flops, bits } = self;
        let by_class = flops.by_class.map(|flops| flops as f64);
        let time = time_of(by_class, flops.vector as f64, bits.total()? as f64, device);
        Ok(Cost { matmul: flops.matmul()?, vector: flops.vector, bits: bits.clone(), time })
    }
}
