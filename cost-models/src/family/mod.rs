//! Model types as they are declared: which field of a config an axis is read from, and what layers are made of.
//!
//! A declaration is a text in TOML; README.md's page on model types is about writing one. Those that are built in stand in
//! `builtin/`, one file a type, and only the one that is asked for is read.

mod declare;
mod expr;
mod fields;
mod layers;
mod page;
mod read;
mod table;

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use cost_core::library::{Library, Source};
use cost_core::op::{self, Arg, Dim, Kind, Op};

pub use declare::Family;
use declare::{Block, Default, Size};
use expr::Expr;
pub use fields::{Field, Holds};
pub use page::markdown;
use read::Reader;

use crate::config::Fields;
use crate::error::Error;
use crate::families::decoder::{both_ways, further_layers};
use crate::model::Model;
use crate::note::Note;
use crate::operators::operators;
use crate::stack::{Bound, Group, Placed, Stack, frames};

/// The axes that are the step's.
const STEP: &[&str] = &["b", "s", "t", "o", "u", "absorbed"];

/// The operators that a declaration can name as blocks: the library's, and one's own, which come first.
#[derive(Clone, Debug, std::default::Default)]
pub(crate) struct Blocks {
    own: Vec<Source>,
}

impl Blocks {
    fn find(&self, name: &str) -> Option<Source> {
        let own = self.own.iter().find(|source| source.name() == name).cloned();
        own.or_else(|| operators().find(|op| op.name == name).map(Source::Declared))
    }

    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.own.iter().map(Source::name).chain(operators().map(|op| op.name))
    }

    /// The library that one's own operators are of.
    fn library(&self) -> Option<Arc<Library>> {
        self.own.iter().find_map(|source| match source {
            Source::Owned(library, _) => Some(library.clone()),
            Source::Declared(_) => None,
        })
    }
}

/// One built-in declaration.
struct BuiltIn {
    types: &'static [&'static str],
    text: &'static str,
    read: OnceLock<Arc<Family>>,
}

macro_rules! built_in {
    ($($file:literal: $($model_type:literal),+;)*) => {
        [$(BuiltIn {
            types: &[$($model_type),+],
            text: include_str!(concat!("builtin/", $file, ".toml")),
            read: OnceLock::new(),
        }),*]
    };
}

static DECLARED: [BuiltIn; 117] = built_in! {
    "afmoe": "afmoe";
    "albert": "albert";
    "apertus": "apertus";
    "apertus1p5_text": "apertus1p5_text";
    "arcee": "arcee";
    "bamba": "bamba";
    "bert": "bert";
    "biogpt": "biogpt";
    "bitnet": "bitnet";
    "camembert": "camembert";
    "codegen": "codegen";
    "cohere": "cohere";
    "cohere2": "cohere2";
    "cohere2_moe": "cohere2_moe";
    "ctrl": "ctrl";
    "dbrx": "dbrx";
    "deepseek_v2": "deepseek_v2";
    "deepseek_v3": "deepseek_v3", "kimi_k2";
    "deepseek_v32": "deepseek_v32";
    "distilbert": "distilbert";
    "dots1": "dots1";
    "electra": "electra";
    "ernie4_5": "ernie4_5";
    "ernie4_5_moe": "ernie4_5_moe";
    "esm": "esm";
    "esmc": "esmc";
    "eurobert": "eurobert";
    "exaone": "exaone";
    "exaone4": "exaone4";
    "exaone_moe": "exaone_moe";
    "falcon_h1": "falcon_h1";
    "falcon_mamba": "falcon_mamba";
    "flex_olmo": "flex_olmo";
    "fnet": "fnet";
    "gemma": "gemma";
    "gemma2": "gemma2";
    "gemma3_text": "gemma3_text";
    "gemma3n_text": "gemma3n_text";
    "gemma4_text": "gemma4_text";
    "glm": "glm";
    "glm4": "glm4";
    "glm4_moe": "glm4_moe";
    "glm4_moe_lite": "glm4_moe_lite";
    "glm_moe_dsa": "glm_moe_dsa";
    "gpt_neo": "gpt_neo";
    "gpt_oss": "gpt_oss";
    "gptj": "gptj";
    "granite": "granite";
    "granitemoe": "granitemoe";
    "granitemoehybrid": "granitemoehybrid";
    "granitemoeshared": "granitemoeshared";
    "gte": "gte";
    "helium": "helium";
    "hunyuan_v1_dense": "hunyuan_v1_dense";
    "hunyuan_v1_moe": "hunyuan_v1_moe";
    "hyperclovax": "hyperclovax";
    "internlm2": "internlm2";
    "internlm3": "internlm3";
    "jamba": "jamba";
    "jetmoe": "jetmoe";
    "jina_embeddings_v3": "jina_embeddings_v3";
    "kimi_linear": "kimi_linear";
    "laguna": "laguna";
    "layoutlm": "layoutlm";
    "lfm2": "lfm2";
    "lfm2_moe": "lfm2_moe";
    "llama": "llama";
    "llama4_text": "llama4_text";
    "mamba": "mamba";
    "mamba2": "mamba2";
    "megatron-bert": "megatron-bert";
    "mellum": "mellum";
    "mimo_v2_flash": "mimo_v2_flash";
    "minicpm3": "minicpm3";
    "minimax": "minimax";
    "minimax_m2": "minimax_m2";
    "ministral3": "ministral3";
    "mistral": "mistral";
    "mixtral": "mixtral";
    "modernbert": "modernbert";
    "mpnet": "mpnet";
    "mpt": "mpt";
    "nanochat": "nanochat";
    "nemotron": "nemotron";
    "nemotron_h": "nemotron_h";
    "nomic_bert": "nomic_bert";
    "olmo": "olmo";
    "olmo2": "olmo2";
    "olmo3": "olmo3";
    "olmoe": "olmoe";
    "openai_gpt": "openai-gpt";
    "persimmon": "persimmon";
    "phi": "phi";
    "phi3": "phi3";
    "phimoe": "phimoe";
    "qwen2": "qwen2";
    "qwen2_moe": "qwen2_moe";
    "qwen3": "qwen3";
    "qwen3_5_moe_text": "qwen3_5_moe_text";
    "qwen3_5_text": "qwen3_5_text";
    "qwen3_moe": "qwen3_moe";
    "qwen3_next": "qwen3_next";
    "recurrent_gemma": "recurrent_gemma";
    "rembert": "rembert";
    "roberta": "roberta";
    "roc_bert": "roc_bert";
    "rwkv": "rwkv";
    "sarvam_moe": "sarvam_moe";
    "seed_oss": "seed_oss";
    "smollm3": "smollm3";
    "solar_open": "solar_open";
    "stablelm": "stablelm";
    "starcoder2": "starcoder2";
    "ultrabert": "ultrabert";
    "xglm": "xglm";
    "xlm-roberta": "xlm-roberta";
    "xlstm": "xlstm";
};

/// The model types that are declared.
pub(crate) fn declared_types() -> impl Iterator<Item = &'static str> + Clone {
    DECLARED.iter().flat_map(|it| it.types.iter().copied())
}

/// The declaration of a model type.
pub(crate) fn declared(model_type: &str) -> Option<Result<Arc<Family>, Error>> {
    let it = DECLARED.iter().find(|it| it.types.contains(&model_type))?;
    if let Some(family) = it.read.get() {
        return Some(Ok(family.clone()));
    }
    let family = declare::declaration(it.text, &Blocks::default(), false).map(Arc::new);
    Some(family.map(|family| it.read.get_or_init(|| family).clone()))
}

/// The declared type that knows most of a config's fields, and misses fewest.
pub(crate) fn nearest(fields: &Fields) -> Option<&'static str> {
    let telling: Vec<&str> = fields.telling().collect();
    let score = |model_type: &'static str| {
        let family = declared(model_type)?.ok()?;
        let known = telling.iter().filter(|field| family.knows(field)).count();
        // What it would have to have, and what would have to stand in for it.
        let missing = |size: &Size| !size.fields.iter().any(|field| telling.contains(&field.as_str()));
        let lacks = family.sizes.iter().filter(|(name, size)| {
            let field = family.used.contains(name) && !size.fields.is_empty() && size.when.is_none();
            field && missing(size)
        });
        let weight = |size: &Size| match size.default {
            None => 4,
            Some(Default::Class(number)) if number > 0.0 => 1,
            Some(_) => 0,
        };
        let lacks: i64 = lacks.map(|(_, size)| weight(size)).sum();
        Some((i64::try_from(known).ok()? - lacks, model_type))
    };
    // Of equals, the plainest.
    let best = std::iter::once("llama").chain(declared_types()).filter_map(score).fold(
        None,
        |best: Option<(i64, &str)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        },
    );
    best.filter(|(score, _)| *score > 0).map(|(_, model_type)| model_type)
}

impl Family {
    /// Whether a field means something to it.
    fn knows(&self, field: &str) -> bool {
        let sizes = self.sizes.iter().filter(|(name, _)| self.used.contains(name)).flat_map(|(_, size)| &size.fields);
        let lists = self.by_layer.iter().map(|(_, list)| &list.field);
        let layers = self.layers.mixers.iter().chain(&self.layers.networks);
        sizes.chain(lists).chain(layers).any(|known| known == field)
    }

    /// Reads a declaration of one's own, with one's own operators, all of one library, which it may name as blocks.
    ///
    /// An error says the line and the column.
    pub fn parse(text: &str, own: Vec<Source>) -> Result<Self, Error> {
        declare::declaration(text, &Blocks { own }, true)
    }

    /// The declaration of a model type that is built in, if it is one; an error if that can't be read.
    pub fn built_in(model_type: &str) -> Option<Result<Arc<Self>, Error>> {
        declared(model_type)
    }

    /// The model types that are built in as declarations.
    pub fn built_in_types() -> impl Iterator<Item = &'static str> + Clone {
        declared_types()
    }

    /// The file of operators, beside that of the declaration, that it names blocks of.
    pub fn operators_file(text: &str) -> Result<Option<String>, Error> {
        declare::operators_file(text)
    }

    /// The model types that it declares.
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// The model that a config is of.
    pub(crate) fn read(&self, fields: &mut Fields) -> Result<Model, Error> {
        let blocks = &self.blocks;
        for outer in self.objects() {
            fields.flatten(outer);
        }
        let mut reader = Reader::new(self, fields);
        self.others(&mut reader)?;
        let kinds = layers::kinds(&mut reader)?;
        let model = self.stack(&mut reader, blocks, &kinds)?;
        self.checks(&mut reader)?;
        let mut model = model;
        for note in &self.notes {
            if reader.value(&note.when)? != 0 {
                let text = reader.filled(&note.text)?;
                let said = if note.warning { Note::warning(text) } else { Note::new(text) };
                model = model.noted(said.about(&note.field));
            }
        }
        if let Some(further) = &self.further {
            let (layers, count) = (kinds.len() as u64, reader.named(&further.count)?);
            let field = reader.origin(&further.count);
            further_layers(reader.fields, &field, count, layers)?;
            if count > 0 {
                let at = |list: &[Block], label: &str| list.iter().position(|block| block.label == label).unwrap_or(0);
                let (mixer, network) = (at(&self.mixers, &further.mixer), at(&self.networks, &further.network));
                let places = (layers..layers + count).collect();
                let group = self.group(&mut reader, blocks, (mixer, Some(network)), places)?;
                let frame = frames::find(&further.frame).unwrap_or(frames::FIRST);
                model = model.predicting(count, self.model(&mut reader, blocks, frame, vec![group])?);
            }
        }
        if let Some((when, field)) = &self.both_ways
            && reader.value(when)? != 0
        {
            model = both_ways(model, field);
        }
        let mut renamed = Vec::new();
        for rename in &self.renamed {
            if rename.when.as_ref().map_or(Ok(1), |when| reader.value(when))? != 0 {
                renamed.push((rename.from.as_str(), rename.to.as_str()));
            }
        }
        model = model.named_by(&renamed).called(self.names.clone());
        // What nothing was read from has no effect in this model.
        let sizes = self.sizes.iter().filter(|(name, _)| self.used.contains(name)).flat_map(|(_, size)| &size.fields);
        let lists = self.by_layer.iter().filter(|(name, _)| self.used.contains(name)).map(|(_, list)| &list.field);
        let idle: Vec<&str> = sizes.chain(lists).map(String::as_str).collect();
        reader.fields.passed(&idle);
        Ok(model)
    }

    /// The fields of a config that hold objects whose fields are read, as in `attn_config.kv_n_heads`.
    fn objects(&self) -> HashSet<&str> {
        let sizes = self.sizes.iter().flat_map(|(_, size)| &size.fields);
        let lists = self.by_layer.iter().map(|(_, list)| &list.field);
        let (only, off) = (self.fields.only.iter().map(|it| &it.0), self.fields.off.iter().map(|it| &it.0));
        let all = sizes.chain(lists).chain(only).chain(off).chain(&self.fields.passed);
        all.filter_map(|field| field.split_once('.')).map(|(outer, _)| outer).collect()
    }

    /// Fields that no axis is read from.
    fn others(&self, reader: &mut Reader<'_>) -> Result<(), Error> {
        for (field, allowed) in &self.fields.only {
            let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
            reader.fields.only(field, allowed[0], &allowed)?;
        }
        for (field, why) in &self.fields.off {
            match why {
                None => reader.fields.off(field)?,
                Some(why) => reader.fields.only_off(field, why)?,
            }
        }
        let passed: Vec<&str> = self.fields.passed.iter().map(String::as_str).collect();
        reader.fields.passed(&passed);
        Ok(())
    }

    fn checks(&self, reader: &mut Reader<'_>) -> Result<(), Error> {
        for (name, _) in self.by_layer.iter().filter(|(_, list)| list.only.is_some()) {
            reader.listed(name)?;
        }
        for (field, size) in &self.fields.same {
            let value = reader.named(size)?;
            let other = reader.origin(size);
            reader.fields.same(field, value, &other)?;
        }
        for check in &self.checks {
            if reader.value(&check.holds)? == 0 {
                let (found, expected) = (reader.value(&check.found)?, reader.filled(&check.expected)?);
                let flag = matches!(&check.found, Expr::Name(name) if reader.is_flag(name));
                let found = if flag { (found != 0).to_string() } else { found.to_string() };
                let found = check.shown.as_ref().map_or(Ok(found), |shown| reader.filled(shown))?;
                return Err(Error::field(&check.field, found, expected));
            }
        }
        Ok(())
    }

    /// The model of all layers.
    fn stack(
        &self,
        reader: &mut Reader<'_>,
        blocks: &Blocks,
        kinds: &[(usize, Option<usize>)],
    ) -> Result<Model, Error> {
        let networks = (0..self.networks.len()).map(Some).chain(self.networks.is_empty().then_some(None));
        let mut groups = Vec::new();
        for network in networks {
            for mixer in 0..self.mixers.len() {
                let kind = (mixer, network);
                let places: Vec<u64> = (0..).zip(kinds).filter(|(_, own)| **own == kind).map(|(i, _)| i).collect();
                for (number, places) in self.alike(reader, kind, places)?.into_iter().enumerate() {
                    let mut group = self.group(reader, blocks, kind, places)?;
                    if number > 0 {
                        group.label = format!("{}_{}", group.count, number + 1);
                        group.count.clone_from(&group.label);
                    }
                    groups.push(group);
                }
            }
        }
        // What layers take of earlier ones is there before them.
        groups.sort_by_key(|group| group.blocks.iter().any(|placed| placed.shares.is_some()));
        let mut frame = frames::FIRST;
        for (when, name) in &self.frames {
            if when.as_ref().map_or(Ok(1), |when| reader.value(when))? != 0 {
                frame = frames::find(name).unwrap_or(frames::FIRST);
                break;
            }
        }
        let model = self.model(reader, blocks, frame, groups)?;
        Ok(if frames::is_encoder(frame) { model.encoder() } else { model })
    }

    /// Layers with the same blocks, by what differs between them.
    fn alike(
        &self,
        reader: &mut Reader<'_>,
        (mixer, network): (usize, Option<usize>),
        places: Vec<u64>,
    ) -> Result<Vec<Vec<u64>>, Error> {
        let mut differs: Vec<Expr> = Vec::new();
        for block in std::iter::once(&self.mixers[mixer]).chain(network.map(|at| &self.networks[at])) {
            let own = |name: &str| name == "layer" || self.by_layer.iter().any(|(own, _)| own == name);
            let bound = |name: &str| block.bind.iter().any(|(axis, _)| axis == name);
            block.bind.iter().for_each(|(_, expr)| {
                let mut by_layer = false;
                expr.names(&mut |name| by_layer |= own(name));
                differs.extend(by_layer.then(|| expr.clone()));
            });
            let axis = |name: &str| self.blocks.find(&block.operator).is_some_and(|it| it.axis_named(name).is_some());
            let lists = self.by_layer.iter().map(|(name, _)| name.as_str());
            differs.extend(lists.filter(|name| !bound(name) && axis(name)).map(|name| Expr::Name(name.to_owned())));
        }
        if differs.is_empty() {
            return Ok(if places.is_empty() { Vec::new() } else { vec![places] });
        }
        let mut alike: Vec<(Vec<u64>, Vec<u64>)> = Vec::new();
        for layer in places {
            let values = differs.iter().map(|expr| reader.of_layer(expr, layer));
            let values = values.collect::<Result<Vec<u64>, _>>()?;
            match alike.iter_mut().find(|(own, _)| *own == values) {
                Some((_, layers)) => layers.push(layer),
                None => alike.push((values, vec![layer])),
            }
        }
        Ok(alike.into_iter().map(|(_, layers)| layers).collect())
    }

    fn group(
        &self,
        reader: &mut Reader<'_>,
        blocks: &Blocks,
        (mixer, network): (usize, Option<usize>),
        places: Vec<u64>,
    ) -> Result<Group, Error> {
        let (mixer, network) = (&self.mixers[mixer], network.map(|network| &self.networks[network]));
        let labels = [&*mixer.label, network.map_or("", |network| &network.label)];
        let label = labels.iter().copied().filter(|label| !label.is_empty()).collect::<Vec<_>>().join("_");
        let count = if label.is_empty() { "l".to_owned() } else { label.clone() };
        let all = std::iter::once(mixer).chain(network);
        reader.about(places.first().copied());
        let blocks = all.map(|block| self.placed(reader, blocks, block)).collect::<Result<_, _>>()?;
        reader.about(None);
        Ok(Group { label, count, places, blocks })
    }

    fn placed(&self, reader: &mut Reader<'_>, blocks: &Blocks, block: &Block) -> Result<Placed, Error> {
        let source = blocks
            .find(&block.operator)
            .ok_or_else(|| Error::Unknown { name: block.operator.clone(), nearest: None })?;
        let mut bind = Vec::new();
        let mut left = Vec::new();
        for (at, axis) in source.axes().enumerate() {
            if source.with(|op| op.derives(at)) {
                continue;
            }
            let bound = match block.bind.iter().find(|(own, _)| own == axis) {
                Some((_, expr)) => Some(bound(reader, expr)?),
                None => self.condition(reader, axis)?,
            };
            match bound {
                Some(bound) => bind.push((axis.to_owned(), bound)),
                None => left.push(axis.to_owned()),
            }
        }
        let known = |axis: &str| {
            let bound = bind.iter().find(|(own, _)| own == axis).map(|(_, bound)| bound);
            match bound {
                Some(Bound::Number(number)) => Some(*number),
                // What nothing is said of is off.
                None => Some(0),
                Some(Bound::Axis(_)) => None,
            }
        };
        // What only parts have that are off needs no size.
        let on: Vec<bool> = left.iter().map(|axis| source.with(|op| is_size(op, axis, &known))).collect();
        for (axis, on) in left.into_iter().zip(on) {
            let bound = if on { self.size_of(reader, block, &axis)? } else { Bound::Number(0) };
            bind.push((axis, bound));
        }
        Ok(Placed { block: source, bind, keeps: block.keeps.clone(), shares: block.shares.clone() })
    }

    /// The condition that an axis is whose block doesn't say: the one of that name, or what most have.
    fn condition(&self, reader: &mut Reader<'_>, axis: &str) -> Result<Option<Bound>, Error> {
        if STEP.contains(&axis) {
            return Ok(Some(Bound::Axis(axis.to_owned())));
        }
        if self.sizes.iter().any(|(own, _)| own == axis) {
            return reader.is_flag(axis).then(|| reader.named(axis).map(Bound::Number)).transpose();
        }
        Ok(matches!(axis, "pre_norm" | "rotary").then_some(Bound::Number(1)))
    }

    /// The size that an axis is whose block doesn't say: the one of that name, or what most have.
    fn size_of(&self, reader: &mut Reader<'_>, block: &Block, axis: &str) -> Result<Bound, Error> {
        let there = |name: &str| {
            self.sizes.iter().any(|(own, _)| own == name) || self.by_layer.iter().any(|(own, _)| own == name)
        };
        let name = match axis {
            axis if there(axis) => axis,
            "w" => "u",
            "h" if there("k") => "k",
            _ => {
                let expected = format!("a size of that name in the declaration, or `{axis} = …` beside the block");
                return Err(Error::field(&format!("axis {axis} of {}", block.operator), "nothing", expected));
            }
        };
        bound(reader, &Expr::Name(name.to_owned()))
    }

    fn model(
        &self,
        reader: &mut Reader<'_>,
        blocks: &Blocks,
        frame: &'static Op<'static>,
        groups: Vec<Group>,
    ) -> Result<Model, Error> {
        let is_bound = |axis: &str| {
            let is = |(_, bound): &(String, Bound)| *bound == Bound::Axis(axis.to_owned());
            groups.iter().flat_map(|group| &group.blocks).flat_map(|placed| &placed.bind).any(is)
        };
        let mut sizes = Vec::new();
        for (name, _) in &self.sizes {
            if frame.axis_named(name).is_some() || is_bound(name) {
                sizes.push((name.clone(), reader.named(name)?));
            }
        }
        // A window stands beside the tokens that it is of.
        let windows: Vec<&str> = groups.iter().flat_map(|group| &group.blocks).flat_map(Placed::windows).collect();
        sizes.sort_by_key(|(name, _)| !windows.contains(&name.as_str()));
        if is_bound("absorbed") {
            sizes.push(("absorbed".to_owned(), 0));
        }
        // A size that the frame needs and that the declaration doesn't have.
        let given = |axis: &&&str| STEP.contains(*axis) || sizes.iter().any(|(own, _)| own == **axis);
        // What nothing is said of is off.
        let known = |axis: &str| {
            let own = sizes.iter().find(|(own, _)| own == axis).map(|(_, size)| *size);
            own.or_else(|| (!STEP.contains(&axis)).then_some(0))
        };
        let derived = |axis: &str| frame.axis_named(axis).is_some_and(|at| frame.derives(usize::from(at)));
        let lacks = |axis: &&&str| !given(axis) && !derived(axis) && is_size(frame, axis, &known);
        if let Some(axis) = frame.axes.iter().find(lacks) {
            let expected = format!("a size of that name in the declaration, as the frame {} has", frame.name);
            return Err(Error::field(&format!("axis {axis}"), "nothing", expected));
        }
        let model = Stack { frame, sizes, groups, library: blocks.library() }.model()?;
        let shown = self.sizes.iter().filter_map(|(name, size)| Some((name, size.shown_as.as_ref()?)));
        Ok(shown.fold(model, |model, (name, other)| model.alias(name, other)))
    }
}

/// What an expression stands for: a size by its name, or a number.
fn bound(reader: &mut Reader<'_>, expr: &Expr) -> Result<Bound, Error> {
    match expr {
        Expr::Name(name) if STEP.contains(&&**name) => Ok(Bound::Axis(name.clone())),
        Expr::Name(name) if reader.is_size(name) => {
            reader.named(name)?;
            Ok(Bound::Axis(name.clone()))
        }
        expr => reader.value(expr).map(Bound::Number),
    }
}

/// Whether an axis is the size of something, here or in what is called, where conditions are what is known of them; else it
/// only says whether something is there.
fn is_size(op: &Op<'_>, axis: &str, known: &dyn Fn(&str) -> Option<u64>) -> bool {
    let Some(at) = op.axis_named(axis) else { return false };
    let mentions = |dim: &Dim<'_>| match dim {
        Dim::Axis(own) => *own == at,
        Dim::Sum(terms) => terms.iter().any(|term| term.axes.contains(&at)),
    };
    let number = |dim: &Dim<'_>| match dim {
        Dim::Axis(own) => known(op.axes[usize::from(*own)]),
        Dim::Sum(terms) => terms
            .iter()
            .try_fold(0_i64, |sum, term| {
                let known = |axis: &u8| i64::try_from(known(op.axes[usize::from(*axis)])?).ok();
                let product =
                    term.axes.iter().try_fold(term.coefficient, |product, axis| Some(product * known(axis)?))?;
                term.quotients.is_empty().then_some(sum + product)
            })
            .and_then(|sum| u64::try_from(sum).ok()),
    };
    let off = |step: usize| op.loops.iter().any(|it| it.guard && it.encloses(step) && number(&it.times) == Some(0));
    let repeats = op.loops.iter().any(|it| !it.guard && mentions(&it.times));
    let experts = |call: &op::Call<'_>| call.experts.is_some_and(|it| it.count == at || it.top == at);
    let masked = op.mask.limit() == Some(at) || op.mask.axes().is_some_and(|(a, b)| a == at || b == at);
    repeats
        || masked
        || op.steps.iter().enumerate().filter(|(step, _)| !off(*step)).any(|(step, it)| {
            let shaped = |arg: &Arg| arg.value().is_some_and(|value| op.shapes[usize::from(value)].has(at));
            match it.kind {
                Kind::Call(call) => {
                    let bound = |own: usize| op.bound(&call, own);
                    let inner = |name: &str| {
                        bound(call.op.axes.iter().position(|own| *own == name)?).and_then(|dim| number(&dim))
                    };
                    let within = |own: usize| {
                        bound(own).is_some_and(|dim| mentions(&dim)) && is_size(call.op, call.op.axes[own], &inner)
                    };
                    it.args.iter().any(shaped) || experts(&call) || (0..call.op.axes.len()).any(within)
                }
                _ => it.args.iter().any(shaped) || op.shapes[usize::from(op.value_of(step))].has(at),
            }
        })
}
