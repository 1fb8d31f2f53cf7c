//! A model: an architecture's operator with its sizes, and the step that is asked about.

use std::borrow::Cow;
use std::sync::Arc;

use cost_core::cost::{Formats, Kernel, Options, Routing, Tensor, check_routing, derive, kernels, peak, tensors};
use cost_core::expr::Expr;
use cost_core::format::Format;
use cost_core::library::{Definition, Source};
use cost_core::op::Role;
use cost_core::{Operator, Result};

use crate::error::Error;
use crate::head;
use crate::names::{self, Names};
use crate::note::Note;
use crate::quantised::{self, Quantised};
use crate::tower::{Run, Tower};
use crate::weights::compare::{Compared, InFiles};
use crate::weights::{WeightsFile, compare};

/// An architecture with its sizes. Axes named `b`, `s`, `t` and `o` are the workload's: batch, new tokens, all tokens,
/// tokens whose logits are wanted.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// The `model_type` of its config; empty if it has none.
    pub model_type: String,
    /// The longest context that it was made for.
    pub context: Option<u64>,
    /// What is to be said beside its numbers: defaults that stood in, parts left out, fields that nothing is known about.
    pub notes: Vec<Note>,
    /// Which layers each loop of the architecture stands for, by the loop's label; nothing for a loop without a list
    /// whose layers are all there are.
    pub layers: Vec<(String, Vec<u64>)>,
    formats: Formats,
    /// What its config says of how weights are stored.
    quantised: Option<Quantised>,
    /// What its files say of that, which goes before.
    in_files: Option<Arc<InFiles>>,
    architecture: Source,
    sizes: Vec<Size>,
    /// Whether latent attention is absorbed; nothing where the phase decides.
    absorbed: Option<bool>,
    /// The module that predicts further tokens, and how many of them there are; counted apart.
    predictor: Option<(u64, Box<Self>)>,
    /// Axes that formulas write as another one of the same size.
    aliases: Vec<(u16, u16)>,
    /// What its tensors are called in files, where a declaration says so.
    names: Option<Arc<Names>>,
    /// Whether it takes whole texts only.
    whole: bool,
    /// How long the source is that its encoder reads; as long as all tokens where nothing is said of it.
    pub(crate) source: Option<u64>,
    /// The longest source that it takes.
    pub(crate) longest_source: Option<u64>,
    /// Whether it is the text part of a model that takes other inputs too.
    part: bool,
    /// Of what encodes images or sounds rather than text, for how many positions it was made, if for a fixed number.
    positions: Option<u64>,
    /// What makes tokens of images beside it.
    towers: Vec<Tower>,
}

/// What an axis of the architecture is in a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Size {
    Fixed(u64),
    Batch,
    New,
    All,
    /// More than all tokens: a window that bounds nothing.
    Beyond,
    Outputs,
    /// Whether latent attention is in its absorbed form.
    Absorbed,
    /// The length of the source that an encoder reads.
    Source,
    /// Whether the source is read in this step.
    Encodes,
    /// In terms of others, as the architecture declares it.
    Derived,
}

impl Size {
    /// What an axis is by its name, if that depends on the step.
    fn of_step(axis: &str) -> Option<Self> {
        match axis {
            "b" => Some(Self::Batch),
            "s" => Some(Self::New),
            "t" => Some(Self::All),
            "o" => Some(Self::Outputs),
            "absorbed" => Some(Self::Absorbed),
            "src" => Some(Self::Source),
            "encodes" => Some(Self::Encodes),
            _ => None,
        }
    }
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Many tokens of a prompt at once.
    Prefill,
    /// One or a few new tokens over a long past.
    Decode,
}

impl Phase {
    /// `prefill` or `decode`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prefill => "prefill",
            Self::Decode => "decode",
        }
    }
}

/// Which tokens' logits a step computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logits {
    /// The last one's.
    Last,
    /// All new ones'.
    All,
    /// Those of the last so many; of none while a prompt is read in chunks.
    Of(u64),
}

/// One step: `batch` sequences, each with `past` tokens in the cache and `tokens` new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    /// What the step does.
    pub phase: Phase,
    /// Number of sequences.
    pub batch: u64,
    /// Tokens in the cache.
    pub past: u64,
    /// New tokens.
    pub tokens: u64,
    /// Whose logits are computed.
    pub logits: Logits,
}

impl Workload {
    /// A prompt of that many tokens, nothing in the cache, the last token's logits.
    pub const fn prefill(batch: u64, tokens: u64) -> Self {
        Self { phase: Phase::Prefill, batch, past: 0, tokens, logits: Logits::Last }
    }

    /// One new token for each sequence.
    pub const fn decode(batch: u64, past: u64) -> Self {
        Self { phase: Phase::Decode, batch, past, tokens: 1, logits: Logits::Last }
    }
}

impl Model {
    /// A model of an architecture's operator. What the operator's axes `b`, `s`, `t` and `o` are set to doesn't matter.
    pub fn new<O: Operator>(operator: &O) -> Self {
        Self::of(Source::Declared(O::OP), O::OP.axes.iter().copied().zip(operator.given()))
    }

    /// A model of an architecture, whose axes that aren't the step's have these sizes; what isn't there is 0.
    pub(crate) fn of<'a>(architecture: Source, given: impl Iterator<Item = (&'a str, u64)>) -> Self {
        let given: Vec<(&str, u64)> = given.collect();
        let derived: Vec<usize> = architecture.with(|op| op.derived.iter().map(|it| it.axis.into()).collect());
        let size = |(at, axis): (usize, &str)| match Size::of_step(axis) {
            _ if derived.contains(&at) => Size::Derived,
            Some(step) => step,
            None => Size::Fixed(given.iter().find(|(own, _)| *own == axis).map_or(0, |(_, size)| *size)),
        };
        let sizes = architecture.axes().enumerate().map(size).collect();
        Self {
            name: architecture.name().to_owned(),
            model_type: String::new(),
            context: None,
            notes: Vec::new(),
            layers: Vec::new(),
            formats: Formats::default(),
            quantised: None,
            in_files: None,
            sizes,
            architecture,
            absorbed: None,
            predictor: None,
            aliases: Vec::new(),
            names: None,
            whole: false,
            source: None,
            longest_source: None,
            part: false,
            positions: None,
            towers: Vec::new(),
        }
    }

    /// Another architecture, such as one of your own, with this model's sizes: an axis gets the size that `own` gives for
    /// its name, else this model's axis of that name has. An error names an axis that has neither.
    ///
    /// Formats of tensors by name and layers by label are those of the architecture that is left, and are not taken over.
    pub fn rebuilt<O: Operator>(&self, name: &str, own: &[(&str, u64)]) -> Result<Self, Error> {
        let known = |axis: &&str| self.architecture.axis_named(axis).map(|at| self.sizes[at]);
        let given = |axis: &&str| own.iter().find(|(name, _)| name == axis).map(|(_, size)| Size::Fixed(*size));
        let free = |axis: &str| O::OP.axis_named(axis).is_some_and(|axis| !O::OP.derives(axis.into()));
        if let Some((axis, size)) = own.iter().find(|(axis, _)| !free(axis)) {
            let axes: Vec<&str> = O::OP.axes.iter().copied().filter(|axis| free(axis)).collect();
            let axes = axes.join(", ");
            return Err(Error::field(axis, size, format!("an axis of {}: one of {axes}", O::OP.name)));
        }
        let size = |(i, axis): (usize, &&str)| {
            if O::OP.derives(i) {
                return Ok(Size::Derived);
            }
            let size = given(axis).or_else(|| Size::of_step(axis)).or_else(|| known(axis));
            let expected = || format!("a size: {} has no axis of that name", self.name);
            size.ok_or_else(|| Error::field(axis, "nothing", expected()))
        };
        let sizes = O::OP.axes.iter().enumerate().map(size).collect::<Result<_, _>>()?;
        let architecture = Source::Declared(O::OP);
        let plain =
            Self { sizes, architecture, predictor: None, aliases: Vec::new(), layers: Vec::new(), ..self.clone() };
        let plain = Self { formats: Formats::default(), quantised: None, in_files: None, ..plain };
        Ok(Self { name: name.to_owned(), model_type: String::new(), ..plain })
    }

    /// The model with an axis (a window's length) that is larger than all tokens together.
    #[must_use]
    pub fn unlimited(mut self, axis: &str) -> Self {
        for (size, name) in self.sizes.iter_mut().zip(self.architecture.axes()) {
            if name == axis {
                *size = Size::Beyond;
            }
        }
        self
    }

    /// The model as one that takes whole texts only, in one step: every position sees all, and nothing is kept for more.
    #[must_use]
    pub fn encoder(self) -> Self {
        Self { whole: true, ..self }
    }

    /// Whether the model takes whole texts only.
    pub fn is_encoder(&self) -> bool {
        self.whole
    }

    /// The model as one of images, which have so many positions unless they may be of any size.
    #[must_use]
    pub(crate) fn tower(self, positions: Option<u64>) -> Self {
        Self { positions, ..self }
    }

    /// How many positions an image has: patches, and what stands before them. Nothing of a model of text, and of one that takes
    /// images of any size.
    pub fn positions(&self) -> Option<u64> {
        self.positions
    }

    /// The model with what makes tokens of images.
    #[must_use]
    pub(crate) fn with_towers(self, towers: Vec<Tower>) -> Self {
        Self { towers, ..self }
    }

    /// What makes tokens of images beside it. Its parameters are among the model's, and its work is part of a prefill of prompts
    /// that have images.
    pub fn towers(&self) -> &[Tower] {
        &self.towers
    }

    /// The model for prompts that each have so many images, of so many tokens each, or as many as an image of its size has.
    ///
    /// An error says what is wrong with the numbers, or that the model takes no images.
    pub fn with_images(self, images: u64, tokens: Option<u64>) -> std::result::Result<Self, Error> {
        if !self.towers.iter().any(|tower| tower.seconds.is_none()) {
            return Err(Error::field(
                "images",
                images,
                format!("none: {} takes none, or none that are known", self.name),
            ));
        }
        let towers = self.towers.into_iter().map(|tower| tower.seeing(images, tokens));
        Ok(Self { towers: towers.collect::<std::result::Result<_, _>>()?, ..self })
    }

    /// The model for prompts that each have a sound of so many seconds.
    ///
    /// An error says what is wrong with the number, or that the model takes no sounds.
    pub fn with_audio(self, seconds: f64) -> std::result::Result<Self, Error> {
        if !self.towers.iter().any(|tower| tower.seconds.is_some()) {
            let expected = format!("none: {} takes no sounds, or none that are known", self.name);
            return Err(Error::field("audio_seconds", seconds, expected));
        }
        let towers = self.towers.into_iter().map(|tower| tower.hearing(seconds));
        Ok(Self { towers: towers.collect::<std::result::Result<_, _>>()?, ..self })
    }

    /// How many tokens of each prompt are of images or sounds, where that was asked.
    pub fn tower_tokens(&self) -> Option<u128> {
        self.towers.iter().filter_map(|tower| tower.asked).map(|asked| asked.tokens).reduce(|sum, more| sum + more)
    }

    /// The parts of its towers in a step.
    pub(crate) fn beside(&self, step: &Workload) -> Result<Vec<Run<'_>>> {
        let parts = self.towers.iter().map(|tower| tower.parts(step));
        Ok(parts.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// Bits of its towers' parameters.
    pub(crate) fn tower_bits(&self, options: &Options) -> Result<u128> {
        let mut sum = 0_u128;
        for part in self.beside(&Workload::prefill(1, 1))? {
            for tensor in part.model.tensors(&part.workload, options)?.iter().filter(|it| it.role == Role::Weight) {
                let overflow = cost_core::Error::Overflow { counting: "bytes of parameters" };
                let bits = tensor.bits.checked_mul(tensor.copies);
                sum = bits.and_then(|bits| sum.checked_add(bits)).ok_or(overflow)?;
            }
        }
        Ok(sum)
    }

    /// The model without its head over the vocabulary: what its last norm gives is the result.
    #[must_use]
    pub(crate) fn headless(self) -> Self {
        let mut model = self.rewritten(&head::removed);
        for (size, axis) in model.sizes.iter_mut().zip(model.architecture.axes()) {
            match axis {
                // No position's logits are computed, and the head has no weights of its own.
                "o" => *size = Size::Fixed(0),
                "tied" => *size = Size::Fixed(1),
                _ => {}
            }
        }
        model
    }

    /// Whether it computes logits of as many tokens as are asked for.
    pub fn has_head(&self) -> bool {
        self.sizes.contains(&Size::Outputs)
    }

    /// Whether it computes logits of all tokens, whatever is asked for, as models of masked words do.
    pub fn scores_all(&self) -> bool {
        const HEADS: [&str; 3] = ["masked_lm", "plain_lm", "untied_lm"];
        self.whole && self.fixed().any(|(axis, size)| HEADS.contains(&axis) && size == 1)
    }

    /// The model as the text part of one that takes other inputs too, with notes on what that leaves out.
    #[must_use]
    pub(crate) fn text_part(mut self, notes: Vec<Note>) -> Self {
        self.notes.extend(notes);
        Self { part: true, ..self }
    }

    /// Whether it is the text part of a model that takes other inputs too.
    pub(crate) fn is_text_part(&self) -> bool {
        self.part
    }

    /// The model with other names for its tensors in released files. Each pair is a module's name in the operators and the
    /// one in its place: `("fc1", "mlp.c_fc")` renames `fc1.weight` and `fc1.bias`.
    #[must_use]
    pub(crate) fn named_by(self, names: &[(&str, &str)]) -> Self {
        let named = |name: &mut Option<String>| *name = name.as_deref().map(|own| names::released(own, names));
        match names {
            [] => self,
            _ => self.rewritten(&|operator| {
                for input in &mut operator.inputs {
                    named(&mut input.hf);
                    named(&mut input.gguf);
                }
            }),
        }
    }

    /// The model with a change made to its operator and to everything that it calls.
    #[must_use]
    pub(crate) fn rewritten(self, change: &dyn Fn(&mut Definition)) -> Self {
        Self { architecture: self.architecture.rewritten(change), ..self }
    }

    /// The model with an architecture that has been cut for a mesh: its axes are the same, then those of the mesh, and shares.
    pub(crate) fn spread(mut self, architecture: Source, mesh: &[(String, u64)]) -> Self {
        self.sizes.extend(mesh.iter().map(|(_, ranks)| Size::Fixed(*ranks)));
        self.sizes.resize(architecture.axes().len(), Size::Derived);
        Self { architecture, ..self }
    }

    /// The model as one stage of a pipeline has it: so many of the layers of each axis, and which of those that stand in each loop.
    pub(crate) fn with_layers(
        mut self,
        counts: &[(String, u64)],
        places: Vec<(String, Vec<u64>)>,
        first: bool,
    ) -> Self {
        for (axis, count) in counts {
            self = self.resized(axis, *count).unwrap_or(self);
        }
        if !first {
            self.towers.clear();
        }
        self.placed(places)
    }

    /// The model of another architecture with the same axes.
    pub(crate) fn of_architecture(self, architecture: Source) -> Self {
        Self { architecture, ..self }
    }

    /// The model with formulas that write an axis as another one, if both have the same size.
    #[must_use]
    pub fn alias(mut self, axis: &str, other: &str) -> Self {
        let at = |name: &str| self.axis_named(name);
        if let (Some(axis), Some(other)) = (at(axis), at(other))
            && self.size_of(axis).is_some()
            && self.size_of(axis) == self.size_of(other)
        {
            self.aliases.push((axis, other));
        }
        self
    }

    /// The model with latent attention in one form for both phases: absorbed, or plain.
    ///
    /// Without it attention is plain in prefill and absorbed in decode. Models without latent attention stay as they are.
    #[must_use]
    pub fn with_latent(mut self, absorbed: bool) -> Self {
        self.absorbed = Some(absorbed);
        self.predictor = self.predictor.map(|(count, model)| (count, Box::new(model.with_latent(absorbed))));
        self
    }

    /// Whether the model has latent attention, whose form [`Self::with_latent`] chooses.
    pub fn is_latent(&self) -> bool {
        self.sizes.contains(&Size::Absorbed)
    }

    /// The model with so many modules that predict further tokens, each of them a model of its own.
    #[must_use]
    pub fn predicting(self, count: u64, predictor: Self) -> Self {
        Self { predictor: Some((count, Box::new(predictor))), ..self }
    }

    /// How many modules there are that predict further tokens (multi-token prediction), and one of them. Their parameters
    /// and costs are in none of the model's own.
    pub fn predictor(&self) -> Option<(u64, &Self)> {
        self.predictor.as_ref().map(|(count, model)| (*count, &**model))
    }

    pub(crate) fn is_absorbed(&self, phase: Phase) -> bool {
        self.absorbed.unwrap_or(phase == Phase::Decode)
    }

    /// The model with the layers that each labelled loop stands for.
    #[must_use]
    pub fn placed(self, layers: Vec<(String, Vec<u64>)>) -> Self {
        Self { layers, ..self }
    }

    /// The model with something to say beside its numbers.
    #[must_use]
    pub fn noted(mut self, note: Note) -> Self {
        self.notes.push(note);
        self
    }

    /// What there is to say on which strict reading refuses.
    pub fn warnings(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(|note| note.is_warning())
    }

    /// The model with weights of one format, but for those that have their own.
    #[must_use]
    pub(crate) fn stored_in(self, weights: Format) -> Self {
        Self { formats: Formats { weights: Some(weights), ..self.formats }, ..self }
    }

    /// The model with weights stored as its config says.
    pub(crate) fn with_quantised(mut self, quantised: Quantised) -> std::result::Result<Self, Error> {
        let (formats, notes) = quantised::formats(&quantised, &self)?;
        self.formats = Formats { weights: self.formats.weights, ..formats };
        self.notes.extend(notes);
        self.notes.extend(quantised.notes.iter().cloned());
        Ok(Self { quantised: Some(quantised), ..self })
    }

    /// What its config says of how weights are stored.
    pub(crate) fn quantised(&self) -> Option<&Quantised> {
        self.quantised.as_ref()
    }

    /// The model with weights stored as they are in a file, whose tensors must be those that it declares.
    ///
    /// An error lists those that are missing, left over or of another shape.
    pub fn with_weights(mut self, file: &WeightsFile) -> std::result::Result<Self, Error> {
        let Compared { formats, stored, notes } = compare::formats(&self, file)?;
        self.notes.extend(notes);
        Ok(Self { in_files: Some(Arc::new(stored)), ..self.stored(formats) })
    }

    /// The model with number formats of its own.
    #[must_use]
    pub fn stored(self, formats: Formats) -> Self {
        Self { formats, in_files: None, ..self }
    }

    /// How its files store its weights, if it was read with them.
    pub(crate) fn in_files(&self) -> Option<&InFiles> {
        self.in_files.as_deref()
    }

    /// The model with names of its own for its tensors in files.
    #[must_use]
    pub(crate) fn called(self, names: Arc<Names>) -> Self {
        Self { names: Some(names), ..self }
    }

    /// What its tensors are called in files.
    pub(crate) fn names(&self) -> Arc<Names> {
        self.names.clone().unwrap_or_default()
    }

    /// The model with another size of an axis that the architecture fixes, such as its number of layers; nothing if it
    /// fixes no axis of that name.
    #[must_use]
    pub fn resized(&self, axis: &str, to: u64) -> Option<Self> {
        let at = self.architecture.axis_named(axis)?;
        let mut resized = self.clone();
        match resized.sizes.get_mut(at) {
            Some(size @ Size::Fixed(_)) => *size = Size::Fixed(to),
            _ => return None,
        }
        Some(resized)
    }

    pub(crate) fn named(self, name: &str, model_type: &str, context: Option<u64>) -> Self {
        Self { name: name.to_owned(), model_type: model_type.to_owned(), context, ..self }
    }

    /// The architecture's operator.
    pub fn architecture(&self) -> &Source {
        &self.architecture
    }

    /// The number of the architecture's axis with this name.
    pub fn axis_named(&self, name: &str) -> Option<u16> {
        self.architecture.axis_named(name).and_then(|axis| u16::try_from(axis).ok())
    }

    /// The number formats that its config or its files say it has; 16-bit where they say nothing.
    pub fn formats(&self) -> &Formats {
        &self.formats
    }

    /// How the model is counted when this is asked for: in its own number formats, but for those that are asked for. What
    /// takes a model and options counts by these.
    pub fn options<'o>(&self, asked: &'o Options) -> Cow<'o, Options> {
        if self.formats == Formats::default() {
            return Cow::Borrowed(asked);
        }
        Cow::Owned(Options { formats: asked.formats.over(&self.formats), ..asked.clone() })
    }

    /// The same as options of its own.
    pub(crate) fn counted_by(&self, asked: Options) -> Options {
        match self.options(&asked) {
            Cow::Owned(options) => options,
            Cow::Borrowed(_) => asked,
        }
    }

    /// The model with the formats of those rounds of loops, by where the loop is.
    #[must_use]
    pub(crate) fn keeping_rounds(mut self, of: impl Fn(&str) -> bool) -> Self {
        self.formats.rounds.retain(|rounds| of(&rounds.place));
        self
    }

    /// The sizes of the architecture's axes for a step.
    pub fn sizes(&self, workload: &Workload) -> Result<Vec<u128>> {
        self.sizes_where(workload, Self::encodes(workload.phase))
    }

    /// The same for what the model owns: what only some steps use is there in all.
    pub(crate) fn owned_sizes(&self, workload: &Workload) -> Result<Vec<u128>> {
        self.sizes_where(workload, true)
    }

    fn sizes_where(&self, workload: &Workload, encodes: bool) -> Result<Vec<u128>> {
        let (past, new) = (u128::from(workload.past), u128::from(workload.tokens));
        let mut sizes: Vec<u128> = self
            .sizes
            .iter()
            .map(|size| match size {
                Size::Fixed(size) => u128::from(*size),
                Size::Batch => u128::from(workload.batch),
                Size::All => past + new,
                Size::Beyond => past + new + 1,
                Size::Outputs => match workload.logits {
                    Logits::Last => new.min(1),
                    Logits::All => new,
                    Logits::Of(outputs) => u128::from(outputs),
                },
                Size::New => new,
                Size::Source => self.source.map_or(past + new, u128::from),
                Size::Encodes => u128::from(encodes),
                Size::Absorbed => u128::from(self.is_absorbed(workload.phase)),
                Size::Derived => 0,
            })
            .collect();
        if self.sizes.contains(&Size::Derived) {
            self.architecture.with(|op| derive(op, &mut sizes))?;
        }
        Ok(sizes)
    }

    /// What each axis is in a step.
    pub(crate) fn axis_sizes(&self) -> &[Size] {
        &self.sizes
    }

    /// The axes whose sizes the architecture fixes, with their sizes.
    pub fn fixed(&self) -> impl Iterator<Item = (&str, u64)> + '_ {
        self.architecture.axes().zip(&self.sizes).filter_map(|(axis, size)| match size {
            Size::Fixed(size) => Some((axis, *size)),
            _ => None,
        })
    }

    /// The largest size of a step, for whoever wants to know why a count doesn't fit: the axis and its value.
    pub fn largest(&self, workload: &Workload) -> Option<(&str, u128)> {
        let sizes = self.sizes(workload).ok()?;
        let named = self.architecture.axes().zip(sizes).zip(&self.sizes);
        let named = named.filter(|(_, size)| **size != Size::Beyond).map(|(named, _)| named);
        named.max_by_key(|(_, size)| *size)
    }

    /// The kernels of a step, exact; those of its images first.
    pub fn kernels(&self, workload: &Workload, options: &Options) -> Result<Vec<Kernel<u128>>> {
        self.takes(workload.phase, Some(workload.past))?;
        let sizes = self.sizes(workload)?;
        let options = &*self.options(options);
        let mut all = Vec::new();
        for run in self.beside(workload)?.into_iter().filter(|run| run.runs) {
            for mut kernel in run.model.kernels(&run.workload, options)? {
                kernel.path = format!("{}.{}", run.name, kernel.path);
                all.push(kernel);
            }
        }
        all.extend(self.architecture.with(|op| kernels(op, &sizes, options))?);
        Ok(all)
    }

    /// An error if the model can't take such a step, over so many cached tokens or over any number of them.
    pub(crate) fn takes(&self, phase: Phase, past: Option<u64>) -> Result<()> {
        let begins = phase == Phase::Prefill && past == Some(0);
        let expected = match (self.whole, self.reads_source()) {
            (true, _) if !begins => "prefill with nothing cached, as an encoder takes whole texts",
            (_, true) if !begins && phase == Phase::Prefill => {
                "prefill with nothing cached, which reads the source, or decode"
            }
            _ => return Ok(()),
        };
        let past = past.map_or_else(|| "any number of".to_owned(), |past| past.to_string());
        Err(cost_core::Error::Step {
            model: self.name.clone(),
            found: format!("{} over {past} cached tokens", phase.name()),
            expected: expected.to_owned(),
        })
    }

    /// An error if the options ask for a routing that a step can't have, or no step where none is asked about: a number of
    /// distinct experts that its tokens can't touch, or anything at all of a model that routes to no experts.
    pub fn check_routing(&self, step: Option<&Workload>, options: &Options) -> Result<()> {
        const ANY: Workload = Workload::prefill(1, 1 << 20);
        let options = self.options(options);
        if options.routing == Routing::Expected {
            return Ok(());
        }
        let sizes = self.sizes(step.unwrap_or(&ANY))?;
        self.architecture.with(|op| check_routing(op, &sizes, &options)).map_err(|error| match error {
            cost_core::Error::NothingRouted { found, .. } => {
                cost_core::Error::NothingRouted { of: self.name.clone(), found }
            }
            other => other,
        })
    }

    /// The kernels as formulas in the architecture's axes; sizes of 0 and 1 are filled in.
    pub fn formulas(&self, phase: Phase, options: &Options) -> Result<Vec<Kernel<Expr>>> {
        let symbols = self.symbols(phase)?;
        self.architecture.with(|op| kernels(op, &symbols, &self.options(options)))
    }

    /// The axes as expressions: a name for each, but for those that are 0 or 1 or stand for another.
    pub fn symbols(&self, phase: Phase) -> Result<Vec<Expr>> {
        let axis_of = |name| Expr::axis(self.axis_named(name).unwrap_or(0));
        let (new, all) = (axis_of("s"), axis_of("t"));
        (0..)
            .zip(&self.sizes)
            .map(|(axis, size)| match size {
                Size::Fixed(size @ (0 | 1)) => Ok(Expr::int(i128::from(*size))),
                Size::All => Ok(all.clone()),
                Size::Absorbed => Ok(Expr::int(i128::from(self.is_absorbed(phase)))),
                Size::Encodes => Ok(Expr::int(i128::from(Self::encodes(phase)))),
                // An expression doesn't know that new tokens are some of all; the sum is more than either.
                Size::Beyond => all.add(&new)?.add(&Expr::int(1)),
                _ => {
                    let alias = self.aliases.iter().find(|(own, _)| *own == axis);
                    Ok(Expr::axis(alias.map_or(axis, |(_, other)| *other)))
                }
            })
            .collect()
    }

    /// The size of an axis as a number, if the architecture fixes it.
    pub fn size_of(&self, axis: u16) -> Option<u64> {
        match self.sizes.get(usize::from(axis)) {
            Some(Size::Fixed(size)) => Some(*size),
            Some(Size::Absorbed) => Some(u64::from(self.is_absorbed(Phase::Decode))),
            _ => None,
        }
    }

    /// The same, if it is the same in every phase.
    pub(crate) fn size_in_any_phase(&self, axis: u16) -> Option<u64> {
        let by_phase = matches!(self.sizes.get(usize::from(axis)), Some(Size::Absorbed));
        let same = || self.is_absorbed(Phase::Prefill) == self.is_absorbed(Phase::Decode);
        self.size_of(axis).filter(|_| !by_phase || same())
    }

    /// The parameters and caches of a step, exact.
    pub fn tensors(&self, workload: &Workload, options: &Options) -> Result<Vec<Tensor<u128>>> {
        let sizes = self.owned_sizes(workload)?;
        self.architecture.with(|op| tensors(op, &sizes, &self.options(options)))
    }

    /// Bits of activations in memory at the fullest moment of a step.
    pub fn peak(&self, workload: &Workload, options: &Options) -> Result<u128> {
        let sizes = self.sizes(workload)?;
        self.architecture.with(|op| peak(op, &sizes, &self.options(options)))
    }

    /// Bits that caches take for a step's sequences, new tokens included. States don't grow, and are not in it.
    pub fn cache_bits(&self, workload: &Workload, options: &Options) -> Result<u128> {
        self.held_bits(Role::Cache, workload, options)
    }

    /// Bits that recurrent states take for a step's sequences, however many tokens they have.
    pub fn state_bits(&self, workload: &Workload, options: &Options) -> Result<u128> {
        self.held_bits(Role::State, workload, options)
    }

    fn held_bits(&self, role: Role, workload: &Workload, options: &Options) -> Result<u128> {
        let tensors = self.tensors(workload, options)?;
        let caches = tensors.iter().filter(|tensor| tensor.role == role);
        let overflow = cost_core::Error::Overflow { counting: "cache bytes" };
        caches
            .map(|tensor| tensor.bits.checked_mul(tensor.copies))
            .try_fold(0_u128, |sum, bits| sum.checked_add(bits?))
            .ok_or(overflow)
    }
}
