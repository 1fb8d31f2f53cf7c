//! Model types as they are declared: which field of a config an axis is read from, and what layers are made of.
//!
//! A declaration is a text in TOML; README.md's page on model types is about writing one. Those that are built in stand in
//! `builtin/`, one file a type, and only the one that is asked for is read.

mod build;
mod builtin;
mod declare;
mod expr;
mod fields;
mod gguf;
mod layers;
mod page;
mod parse;
mod read;
mod table;
mod uses;
mod whole;

use std::collections::HashSet;
use std::sync::Arc;

use cost_core::library::{Library, Source};

pub(crate) use builtin::{
    declared, declared_types, gguf_architectures, nearest, of_gguf, of_transformers, whole, whole_types,
};
use declare::Block;
pub use declare::Family;
use expr::Expr;
pub use fields::{Field, Holds};
pub(crate) use gguf::{Combined, Gguf, Of, Source as GgufSource};
pub use page::markdown;
use read::Reader;
pub(crate) use whole::Towers;

use crate::config::Fields;
use crate::error::Error;
use crate::families::decoder::{both_ways, further_layers};
use crate::model::Model;
use crate::note::Note;
use crate::operators::operators;
use crate::stack::frames;

/// The operators that a declaration can name as blocks: the library's, and one's own, which come first.
#[derive(Clone, Debug, Default)]
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

impl Family {
    /// Reads a declaration of one's own, with one's own operators, all of one library, which it may name as blocks.
    ///
    /// An error says the line and the column.
    pub fn parse(text: &str, own: Vec<Source>) -> Result<Self, Error> {
        parse::declaration(text, &Blocks { own }, true)
    }

    /// The declaration of a model type that is built in, if it is one; an error if that can't be read.
    pub fn built_in(model_type: &str) -> Option<Result<Arc<Self>, Error>> {
        declared(model_type)
    }

    /// The model types that are built in as declarations.
    pub fn built_in_types() -> impl Iterator<Item = &'static str> + Clone {
        declared_types()
    }

    /// The declaration of a type of models of text and something else, if it is one that is built in; an error if that can't be
    /// read.
    pub fn built_in_whole(model_type: &str) -> Option<Result<Arc<Self>, Error>> {
        whole(model_type)
    }

    /// The types of models of text and something else that are built in as declarations.
    pub fn built_in_wholes() -> impl Iterator<Item = &'static str> + Clone {
        whole_types()
    }

    /// The file of operators, beside that of the declaration, that it names blocks of.
    pub fn operators_file(text: &str) -> Result<Option<String>, Error> {
        parse::operators_file(text)
    }

    /// The model types that it declares.
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// What it says of GGUF files.
    pub(crate) const fn gguf(&self) -> &Gguf {
        &self.gguf
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
        model.notes.extend(self.remarks(&mut reader)?);
        if let Some(further) = &self.further {
            let (layers, count) = (kinds.len() as u64, reader.named(&further.count)?);
            let field = reader.origin(&further.count);
            further_layers(reader.fields, &field, count, layers)?;
            if count > 0 {
                let at = |list: &[Block], label: &str| list.iter().position(|block| block.label == label).unwrap_or(0);
                let (mixer, network) = (at(&self.mixers, &further.mixer), at(&self.networks, &further.network));
                let places = (layers..layers + count).collect();
                let group = self.group(&mut reader, blocks, self.made(), (mixer, Some(network)), places)?;
                let frame = frames::find(&further.frame).unwrap_or(frames::FIRST);
                model = model.predicting(count, self.model(&mut reader, blocks, frame, vec![], vec![group])?);
            }
        }
        if let Some((when, field)) = &self.both_ways
            && reader.value(when)? != 0
        {
            model = both_ways(model, field);
        }
        if let Some(positions) = &self.positions {
            let positions = reader.value(positions)?;
            model = model.tower((positions > 0).then_some(positions));
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

    /// What is said where a condition holds.
    fn remarks(&self, reader: &mut Reader<'_>) -> Result<Vec<Note>, Error> {
        let mut said = Vec::new();
        for note in &self.notes {
            if reader.value(&note.when)? != 0 {
                let text = reader.filled(&note.text)?;
                let note_of = if note.warning { Note::warning } else { Note::new };
                said.push(note_of(text).about(&note.field));
            }
        }
        Ok(said)
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
}
