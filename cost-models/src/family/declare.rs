//! What a declaration says, and how it is read from its text.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::Blocks;
use super::expr::Expr;
use super::table::{Fault, Node, Table, parsed, unknown};
use crate::error::Error;
use crate::stack::frames;
use crate::weights::names::Names;

/// A model type as it is declared: which fields of a config its sizes are read from, and what its layers are made of.
///
/// A declaration is a text in TOML. An invented type that is like Llama, but for one field's name and a norm of queries and
/// keys:
///
/// ```
/// use cost_models::{Family, Model, Reading};
///
/// let family = Family::parse(
///     r#"
///     types = "mine"
///     like = "llama"
///     mixers = [{ block = "SelfAttention", head_norm = 1 }]
///     [sizes]
///     f = { size = "ffn_width", default = "4 * d" }
///     "#,
///     vec![],
/// )?;
/// let config = r#"{"model_type": "mine", "hidden_size": 64, "num_attention_heads": 4, "num_hidden_layers": 2,
///     "vocab_size": 100, "tie_word_embeddings": true}"#;
/// let model = Model::from_config_as("mine", config, &Reading { family: Some(family.into()), like: None })?;
/// # Ok::<(), cost_models::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Family {
    /// What `model_type` calls it.
    pub(super) types: Vec<String>,
    /// What stands around its layers: the first whose condition holds, or that has none.
    pub(super) frames: Vec<(Option<Expr>, String)>,
    /// What its classes are called, where what is on top goes by that.
    pub(super) classes: Option<Classes>,
    /// What axes and conditions are read from.
    pub(super) sizes: Vec<(String, Size)>,
    /// What may differ from layer to layer.
    pub(super) by_layer: Vec<(String, ByLayer)>,
    pub(super) layers: Layers,
    /// The first halves of layers, and the second ones; of the latter there may be none.
    pub(super) mixers: Vec<Block>,
    pub(super) networks: Vec<Block>,
    pub(super) fields: Others,
    pub(super) checks: Vec<Check>,
    pub(super) notes: Vec<Remark>,
    /// The sizes that a config's class has, which a config inside another one may leave out.
    pub(super) class: Vec<(String, u64)>,
    pub(super) further: Option<Further>,
    /// Where its tokens see later ones too, and which field says so.
    pub(super) both_ways: Option<(Expr, String)>,
    /// The names that some model of this type has a use for.
    pub(super) used: HashSet<String>,
    /// The operators that its blocks are among.
    pub(super) blocks: Blocks,
    /// What its tensors are called in files.
    pub(super) names: Arc<Names>,
    /// What it calls tensors otherwise than its operators do, where a condition holds.
    pub(super) renamed: Vec<Rename>,
}

/// What the classes of a model type are called: how all of them begin, and what may follow, of which the first stands for a
/// config that names none.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    pub(super) start: String,
    pub(super) ends: Vec<String>,
}

impl Others {
    /// Takes out fields that a declaration says something else of.
    fn read(&mut self, fields: &[String]) {
        self.only.retain(|(field, _)| !fields.contains(field));
        self.off.retain(|(field, _)| !fields.contains(field));
        self.passed.retain(|field| !fields.contains(field));
        self.same.retain(|(field, _)| !fields.contains(field));
    }
}

/// What one size or condition is read from.
#[derive(Clone, Debug)]
pub(super) struct Size {
    pub(super) from: From,
    /// The names of the field; several must agree.
    pub(super) fields: Vec<String>,
    pub(super) default: Option<Default>,
    /// Whether it is said that what follows from others stands in.
    pub(super) noted: bool,
    /// What null means, where it isn't the same as nothing, and what the text "auto" does.
    pub(super) null: Option<Expr>,
    pub(super) auto: Option<Expr>,
    pub(super) most: Option<Expr>,
    /// Whether it is read at all, and what it is if not.
    pub(super) when: Option<Expr>,
    pub(super) otherwise: Option<Expr>,
    /// The size that formulas write for it where both are the same.
    pub(super) shown_as: Option<String>,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum From {
    /// A positive whole number.
    Size,
    /// A whole number, 0 or more.
    Count,
    Flag,
    /// A positive number that caps values, or null for no cap: whether there is one.
    Cap,
    /// The length of a window, which isn't null.
    Window,
    /// Every how many layers there is something.
    Every,
    /// A text, and what each means.
    Text(Vec<(String, u64)>),
    /// Whether the field is there, and not null.
    Has,
    /// How many entries a list has, or a text characters.
    Length,
    /// A positive number, whole or not, that this is multiplied by, rounded down.
    Share(Expr),
    /// Whether the class that the config names ends in one of these.
    Class(Vec<String>),
    /// How many labels there are, by their names or by their number.
    Labels,
    /// No field, but an expression.
    Of(Expr),
}

/// What stands in for a field that isn't there.
#[derive(Clone, Debug)]
pub(super) enum Default {
    /// What the class has: said where it stands in.
    Class(f64),
    /// What follows from other fields.
    Of(Expr),
}

/// What layers may differ in.
#[derive(Clone, Debug)]
pub(super) struct ByLayer {
    pub(super) list: List,
    /// What texts in the list mean; nothing where it holds numbers.
    pub(super) values: Vec<(String, u64)>,
    pub(super) field: String,
    /// What each layer has where the field isn't there; where `layer` is its number.
    pub(super) default: Expr,
    /// What is said of the default where it stands in.
    pub(super) note: Option<String>,
    /// Whether a list of the mixers or networks must say the same.
    pub(super) agrees: bool,
    /// What all entries must be, and why.
    pub(super) only: Option<(u64, String)>,
    /// What the first layer is called in a list of layers.
    pub(super) first: u64,
    /// What layers have that a list says nothing of.
    pub(super) rest: Option<Expr>,
}

/// What a list in a config holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// 0 or 1 for each layer.
    Flags,
    /// A number for each layer.
    Numbers,
    /// The numbers of some layers.
    Layers,
    /// An amount for each layer: whether it is above 0.
    Amounts,
    /// Under the numbers of some layers what differs in them, of which this is one.
    Entries(String),
}

/// How many layers there are, and the fields that list their mixers and networks by name; several must agree.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    pub(super) count: Option<Expr>,
    pub(super) mixers: Vec<String>,
    pub(super) networks: Vec<String>,
    /// Whether the lists are repeated as often as there are layers.
    pub(super) cycled: bool,
}

/// A block that layers have.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// What lists call it. Where some block has a name of one letter, a text lists blocks by its letters.
    pub(super) names: Vec<String>,
    /// What stands before the names of its kernels.
    pub(super) label: String,
    pub(super) operator: String,
    /// Which layers have it where no list says so; all that no other has where it is nothing.
    pub(super) layers: Option<Expr>,
    /// A size or condition that must not be 0 where a layer has it.
    pub(super) needs: Option<String>,
    /// Whether a layer can have it at all; another block of the same name may stand for it then.
    pub(super) when: Option<Expr>,
    /// What later layers know the keys and values by that it hands on, and what it takes of an earlier one.
    pub(super) keeps: Option<String>,
    pub(super) shares: Option<String>,
    /// What its axes are.
    pub(super) bind: Vec<(String, Expr)>,
}

/// Fields that no axis is read from.
#[derive(Clone, Debug, Default)]
pub(super) struct Others {
    /// Texts that must be one of a few, the first of which stands for nothing.
    pub(super) only: Vec<(String, Vec<String>)>,
    /// Flags that must be off, and why.
    pub(super) off: Vec<(String, Option<String>)>,
    /// Those that cost nothing, whatever they hold.
    pub(super) passed: Vec<String>,
    /// Those that repeat a size.
    pub(super) same: Vec<(String, String)>,
}

/// What must hold; else an error about a field.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) holds: Expr,
    pub(super) field: String,
    pub(super) found: Expr,
    /// What the message says of it, where that isn't the number alone.
    pub(super) shown: Option<String>,
    /// With the values of sizes in braces.
    pub(super) expected: String,
}

/// What names of tensors begin with, and what stands in its place where a condition holds.
#[derive(Clone, Debug)]
pub(super) struct Rename {
    pub(super) when: Option<Expr>,
    pub(super) from: String,
    pub(super) to: String,
}

/// Something to say where a condition holds.
#[derive(Clone, Debug)]
pub(super) struct Remark {
    pub(super) when: Expr,
    pub(super) field: String,
    pub(super) text: String,
    pub(super) warning: bool,
}

/// Modules that predict further tokens: how many, what stands around their layer, and its blocks by label.
#[derive(Clone, Debug)]
pub(super) struct Further {
    pub(super) count: String,
    pub(super) frame: String,
    pub(super) mixer: String,
    pub(super) network: String,
}

const KEYS: &[&str] = &[
    "types",
    "like",
    "operators",
    "frame",
    "classes",
    "sizes",
    "by_layer",
    "layers",
    "mixers",
    "networks",
    "fields",
    "checks",
    "notes",
    "class",
    "further",
    "both_ways",
    "names",
    "renamed",
];

/// Reads a declaration; what it is like is looked up by its type.
///
/// Those that are built in are known to be whole, and aren't looked at again.
pub(super) fn declaration(text: &str, blocks: &Blocks, check: bool) -> Result<Family, Error> {
    parsed(text, |whole| Reading { blocks, check, uses: Vec::new() }.family(whole))
}

/// The file of operators that a declaration names.
pub(super) fn operators_file(text: &str) -> Result<Option<String>, Error> {
    parsed(text, |whole| whole.take("operators").map(Node::text).transpose())
}

/// A declaration that is being read: the operators that it may name, and the names that its expressions use.
struct Reading<'b> {
    blocks: &'b Blocks,
    check: bool,
    uses: Vec<(Range<usize>, String)>,
}

impl Reading<'_> {
    fn family(&mut self, whole: &mut Table<'_>) -> Result<Family, Fault> {
        let mut family = match whole.take("like") {
            None => Family { frames: vec![(None, "decoder".to_owned())], ..Family::default() },
            Some(node) => {
                let like = node.text()?;
                match super::declared(&like) {
                    Some(Ok(family)) => Family::clone(&family),
                    Some(Err(error)) => return Err(Fault::new(&node.at(), error.to_string())),
                    None => return Err(unknown(&node.at(), "type", &like, super::declared_types())),
                }
            }
        };
        let start = whole.at().clone();
        family.types = match whole.take("types") {
            Some(node) => node.texts()?,
            None => return Err(Fault::new(&start, "there is no `types`: the model types that this declares")),
        };
        if let Some(node) = whole.take("operators") {
            node.text()?;
        }
        if let Some(node) = whole.take("frame") {
            family.frames = self.frames(node)?;
        }
        if let Some(node) = whole.take("classes") {
            let mut table = node.table()?;
            let (start, ends) = (needed(&mut table, "start")?.text()?, needed(&mut table, "ends")?.texts()?);
            table.end(&["start", "ends"])?;
            family.classes = Some(Classes { start, ends });
        }
        if let Some(node) = whole.take("sizes") {
            for (name, at, node) in node.table()?.rest() {
                free(name, &at)?;
                // What the type that it is like has, and this one doesn't.
                if node.flag().is_ok_and(|kept| !kept) {
                    family.sizes.retain(|(own, _)| own != name);
                    continue;
                }
                let size = self.size(node)?;
                family.fields.read(&size.fields);
                put(&mut family.sizes, name, size);
            }
        }
        if let Some(node) = whole.take("by_layer") {
            for (name, at, node) in node.table()?.rest() {
                free(name, &at)?;
                let list = self.by_layer(node.table()?)?;
                family.fields.read(std::slice::from_ref(&list.field));
                put(&mut family.by_layer, name, list);
            }
        }
        if let Some(node) = whole.take("layers") {
            self.layers(node.table()?, &mut family.layers)?;
        }
        for (key, list) in [("mixers", &mut family.mixers), ("networks", &mut family.networks)] {
            if let Some(node) = whole.take(key) {
                *list = node.list()?.into_iter().map(|node| self.block(node)).collect::<Result<_, _>>()?;
            }
        }
        if let Some(node) = whole.take("fields") {
            self.others(node.table()?, &mut family.fields)?;
        }
        if let Some(node) = whole.take("checks") {
            for node in node.list()? {
                family.checks.push(self.check(node.table()?)?);
            }
        }
        if let Some(node) = whole.take("notes") {
            for node in node.list()? {
                family.notes.push(self.remark(node.table()?)?);
            }
        }
        if let Some(node) = whole.take("class") {
            for (field, _, node) in node.table()?.rest() {
                put(&mut family.class, field, node.number()?);
            }
            // 0 takes out what the type that it is like has.
            family.class.retain(|(_, size)| *size > 0);
        }
        if let Some(node) = whole.take("further") {
            family.further = Some(self.further(node.table()?)?);
        }
        if let Some(node) = whole.take("both_ways") {
            let mut table = node.table()?;
            let (when, field) = (needed(&mut table, "when")?, needed(&mut table, "field")?.text()?);
            table.end(&["when", "field"])?;
            family.both_ways = Some((self.expr(when)?, field));
        }
        if let Some(node) = whole.take("names") {
            family.names = Arc::new(names(node.table()?, &family.names)?);
        }
        if let Some(node) = whole.take("renamed") {
            family.renamed = node.list()?.into_iter().map(|node| self.rename(node)).collect::<Result<_, _>>()?;
        }
        whole.end(KEYS)?;
        if self.check {
            self.whole(&family, &start)?;
        }
        family.used = used(&family, self.blocks);
        family.blocks = self.blocks.clone();
        Ok(family)
    }

    /// What must hold of a declaration as a whole.
    fn whole(&self, family: &Family, start: &Range<usize>) -> Result<(), Fault> {
        let names = || {
            let sizes = family.sizes.iter().map(|(name, _)| name.as_str());
            sizes.chain(family.by_layer.iter().map(|(name, _)| name.as_str())).chain(BUILT_IN.iter().copied())
        };
        for (at, name) in &self.uses {
            if !names().any(|known| known == name) {
                return Err(unknown(at, "name", name, names()));
            }
        }
        if family.mixers.is_empty() {
            return Err(Fault::new(start, "there is no `mixers`: what the first halves of layers are"));
        }
        if family.layers.count.is_none() {
            return Err(Fault::new(start, "there is no `count` in `layers`: how many layers there are"));
        }
        if let Some(name) = circle(family) {
            return Err(Fault::new(start, format!("`{name}` is read in terms of itself")));
        }
        if let Some(further) = &family.further {
            let there = |list: &[Block], label: &str| list.iter().any(|block| block.label == label);
            if !there(&family.mixers, &further.mixer) || !there(&family.networks, &further.network) {
                return Err(Fault::new(
                    start,
                    "`further` names the labels of a mixer and of a network, as they are declared",
                ));
            }
        }
        Ok(())
    }

    /// A frame by its name, or several by conditions.
    fn frames(&mut self, node: Node<'_>) -> Result<Vec<(Option<Expr>, String)>, Fault> {
        let known = |node: Node<'_>| {
            let name = node.text()?;
            if frames::find(&name).is_none() {
                return Err(unknown(&node.at(), "frame", &name, frames::names()));
            }
            Ok(name)
        };
        let Ok(list) = node.list() else { return Ok(vec![(None, known(node)?)]) };
        let one = |node: Node<'_>| {
            let Ok(mut table) = node.table_or_text()? else { return Ok((None, known(node)?)) };
            let (name, when) = (known(needed(&mut table, "frame")?)?, needed(&mut table, "when")?);
            table.end(&["frame", "when"])?;
            Ok((Some(self.expr(when)?), name))
        };
        list.into_iter().map(one).collect()
    }

    fn expr(&mut self, node: Node<'_>) -> Result<Expr, Fault> {
        let expr = node.expr()?;
        expr.names(&mut |name| self.uses.push((node.at(), name.to_owned())));
        Ok(expr)
    }

    fn optional(&mut self, table: &mut Table<'_>, key: &str) -> Result<Option<Expr>, Fault> {
        table.take(key).map(|node| self.expr(node)).transpose()
    }

    fn size(&mut self, node: Node<'_>) -> Result<Size, Fault> {
        const FROM: &[&str] = &[
            "size", "count", "flag", "cap", "window", "every", "text", "has", "of", "length", "share", "labels",
            "class",
        ];
        const ALL: &[&str] = &[
            "size", "count", "flag", "cap", "window", "every", "text", "has", "of", "length", "share", "labels",
            "class", "default", "null", "auto", "most", "when", "else", "values", "shown_as", "noted", "whole",
        ];
        let plain = Size {
            from: From::Size,
            fields: Vec::new(),
            default: None,
            noted: false,
            null: None,
            auto: None,
            most: None,
            when: None,
            otherwise: None,
            shown_as: None,
        };
        let mut table = match node.table_or_text()? {
            Err(field) => return Ok(Size { fields: vec![field], ..plain }),
            Ok(table) => table,
        };
        let Some((kind, found)) = table.either(FROM) else {
            let expected = FROM.join("`, `");
            return Err(Fault::new(table.at(), format!("what is it read from? expected one of the keys `{expected}`")));
        };
        let values = table.take("values");
        let default = table.take("default");
        let from = match FROM[kind] {
            "count" => From::Count,
            "flag" => From::Flag,
            "cap" => From::Cap,
            "window" => From::Window,
            "every" => From::Every,
            "has" => From::Has,
            "length" => From::Length,
            "share" => From::Share(self.expr(needed(&mut table, "whole")?)?),
            "labels" => From::Labels,
            "class" => From::Class(found.texts()?),
            "of" => From::Of(self.expr(found)?),
            "text" => {
                let Some(values) = values else {
                    return Err(Fault::new(table.at(), "a text needs `values`: what each of them means"));
                };
                let values = values.table()?.rest().map(|(text, _, node)| Ok((text.to_owned(), node.number()?)));
                From::Text(values.collect::<Result<_, _>>()?)
            }
            _ => From::Size,
        };
        let fields = match from {
            From::Of(_) => Vec::new(),
            From::Class(_) => vec!["architectures".to_owned()],
            _ => found.texts()?,
        };
        let default = match (default, &from) {
            (None, _) => None,
            // The text that stands for nothing.
            (Some(node), From::Text(values)) => {
                let text = node.text()?;
                let value = values.iter().find(|(known, _)| *known == text).map(|(_, value)| *value);
                let known = values.iter().map(|(text, _)| text.as_str());
                Some(Default::Of(Expr::Number(value.ok_or_else(|| unknown(&node.at(), "value", &text, known))?)))
            }
            (Some(node), From::Cap | From::Share(_)) => Some(Default::Class(node.amount()?)),
            (Some(node), _) => Some(match node.as_number() {
                Some(number) => Default::Class(number as f64),
                None => Default::Of(self.expr(node)?),
            }),
        };
        let size = Size {
            from,
            fields,
            default,
            noted: table.take("noted").map(Node::flag).transpose()?.unwrap_or(false),
            null: self.optional(&mut table, "null")?,
            auto: self.optional(&mut table, "auto")?,
            most: self.optional(&mut table, "most")?,
            when: self.optional(&mut table, "when")?,
            otherwise: self.optional(&mut table, "else")?,
            shown_as: match table.take("shown_as") {
                Some(node) => {
                    self.uses.push((node.at(), node.text()?));
                    Some(node.text()?)
                }
                None => None,
            },
        };
        table.end(ALL)?;
        Ok(size)
    }

    fn by_layer(&mut self, mut table: Table<'_>) -> Result<ByLayer, Fault> {
        const ALL: &[&str] = &[
            "flags", "numbers", "layers", "texts", "amounts", "entries", "values", "default", "note", "agrees", "only",
            "why", "first", "key", "rest",
        ];
        let Some((kind, field)) = table.either(&ALL[..6]) else {
            let expected = ALL[..6].join("`, `");
            return Err(Fault::new(table.at(), format!("a list by layers has one of the keys `{expected}`")));
        };
        let values = match table.take("values") {
            Some(node) => {
                let values = node.table()?.rest().map(|(text, _, node)| Ok((text.to_owned(), node.number()?)));
                values.collect::<Result<_, _>>()?
            }
            None if kind == 3 => {
                return Err(Fault::new(table.at(), "texts need `values`: what each of them means"));
            }
            None => Vec::new(),
        };
        let default = needed(&mut table, "default")?;
        let by_layer = ByLayer {
            list: match kind {
                0 => List::Flags,
                1 | 3 => List::Numbers,
                2 => List::Layers,
                4 => List::Amounts,
                _ => List::Entries(needed(&mut table, "key")?.text()?),
            },
            values,
            field: field.text()?,
            default: self.expr(default)?,
            note: table.take("note").map(Node::text).transpose()?,
            agrees: table.take("agrees").map(Node::flag).transpose()?.unwrap_or(false),
            only: match table.take("only") {
                Some(node) => Some((node.number()?, needed(&mut table, "why")?.text()?)),
                None => None,
            },
            rest: self.optional(&mut table, "rest")?,
            first: table.take("first").map(Node::number).transpose()?.unwrap_or(0),
        };
        table.end(ALL)?;
        Ok(by_layer)
    }

    fn layers(&mut self, mut table: Table<'_>, layers: &mut Layers) -> Result<(), Fault> {
        if let Some(count) = self.optional(&mut table, "count")? {
            layers.count = Some(count);
        }
        for (key, list) in [("mixers", &mut layers.mixers), ("networks", &mut layers.networks)] {
            if let Some(node) = table.take(key) {
                *list = node.texts()?;
            }
        }
        if let Some(node) = table.take("cycled") {
            layers.cycled = node.flag()?;
        }
        table.end(&["count", "mixers", "networks", "cycled"])
    }

    fn block(&mut self, node: Node<'_>) -> Result<Block, Fault> {
        let mut table = node.table()?;
        let block = needed(&mut table, "block")?;
        let (name, at) = (block.text()?, block.at());
        let Some(source) = self.blocks.find(&name) else {
            return Err(unknown(&at, "block", &name, self.blocks.names()));
        };
        let mut block = Block {
            names: table.take("name").map(Node::texts).transpose()?.unwrap_or_default(),
            label: table.take("label").map(Node::text).transpose()?.unwrap_or_default(),
            operator: name,
            layers: self.optional(&mut table, "layers")?,
            needs: table.take("needs").map(Node::text).transpose()?,
            when: self.optional(&mut table, "when")?,
            keeps: table.take("keeps").map(Node::text).transpose()?,
            shares: table.take("shares").map(Node::text).transpose()?,
            bind: Vec::new(),
        };
        if let Some(needs) = &block.needs {
            self.uses.push((at, needs.clone()));
        }
        for (axis, at, node) in table.rest() {
            if source.axis_named(axis).is_none() {
                return Err(unknown(&at, &format!("axis of {}", block.operator), axis, source.axes()));
            }
            block.bind.push((axis.to_owned(), self.expr(node)?));
        }
        Ok(block)
    }

    fn others(&mut self, mut table: Table<'_>, others: &mut Others) -> Result<(), Fault> {
        if let Some(node) = table.take("only") {
            for (field, _, node) in node.table()?.rest() {
                others.read(&[field.to_owned()]);
                put(&mut others.only, field, node.texts()?);
            }
        }
        if let Some(node) = table.take("off") {
            match node.table() {
                Ok(table) => {
                    for (field, _, node) in table.rest() {
                        others.read(&[field.to_owned()]);
                        put(&mut others.off, field, Some(node.text()?));
                    }
                }
                Err(_) => {
                    let fields = node.texts()?;
                    others.read(&fields);
                    others.off.extend(fields.into_iter().map(|field| (field, None)));
                }
            }
        }
        if let Some(node) = table.take("passed") {
            let fields = node.texts()?;
            others.read(&fields);
            others.passed.extend(fields);
        }
        if let Some(node) = table.take("same") {
            for (field, _, node) in node.table()?.rest() {
                let size = node.text()?;
                self.uses.push((node.at(), size.clone()));
                put(&mut others.same, field, size);
            }
        }
        table.end(&["only", "off", "passed", "same"])
    }

    fn check(&mut self, mut table: Table<'_>) -> Result<Check, Fault> {
        let (holds, field) = (needed(&mut table, "holds")?, needed(&mut table, "field")?);
        let (found, expected) = (needed(&mut table, "found")?, needed(&mut table, "expected")?);
        let shown = table.take("shown");
        table.end(&["holds", "field", "found", "shown", "expected"])?;
        let expected_text = expected.text()?;
        let shown = shown.map(|node| node.text().map(|text| (text, node.at()))).transpose()?;
        if let Some((text, at)) = &shown {
            self.braces(text, at);
        }
        self.braces(&expected_text, &expected.at());
        Ok(Check {
            holds: self.expr(holds)?,
            field: field.text()?,
            found: self.expr(found)?,
            shown: shown.map(|(text, _)| text),
            expected: expected_text,
        })
    }

    fn remark(&mut self, mut table: Table<'_>) -> Result<Remark, Fault> {
        let (when, field) = (needed(&mut table, "when")?, needed(&mut table, "field")?.text()?);
        let (at, text) = table
            .either(&["note", "warning"])
            .ok_or_else(|| Fault::new(table.at(), "something to say has one of the keys `note`, `warning`"))?;
        table.end(&["when", "field", "note", "warning"])?;
        self.braces(&text.text()?, &text.at());
        Ok(Remark { when: self.expr(when)?, field, text: text.text()?, warning: at == 1 })
    }

    fn rename(&mut self, node: Node<'_>) -> Result<Rename, Fault> {
        let mut table = node.table()?;
        let (from, to) = (needed(&mut table, "from")?.text()?, needed(&mut table, "to")?.text()?);
        let when = self.optional(&mut table, "when")?;
        table.end(&["from", "to", "when"])?;
        Ok(Rename { when, from, to })
    }

    /// The names that stand in braces in a text.
    fn braces(&mut self, text: &str, at: &Range<usize>) {
        let names = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
        self.uses.extend(names.map(|(name, _)| (at.clone(), name.to_owned())));
    }

    fn further(&mut self, mut table: Table<'_>) -> Result<Further, Fault> {
        let count = needed(&mut table, "count")?;
        self.uses.push((count.at(), count.text()?));
        let frame = needed(&mut table, "frame")?;
        let further = Further {
            count: count.text()?,
            frame: frame.text()?,
            mixer: table.take("mixer").map(Node::text).transpose()?.unwrap_or_default(),
            network: table.take("network").map(Node::text).transpose()?.unwrap_or_default(),
        };
        if frames::find(&further.frame).is_none() {
            return Err(unknown(&frame.at(), "frame", &further.frame, frames::names()));
        }
        table.end(&["count", "frame", "mixer", "network"])?;
        Ok(further)
    }
}

/// Names that have a meaning of their own in expressions.
pub(super) const BUILT_IN: &[&str] = &["layer", "b", "s", "t", "o", "u", "absorbed"];

fn meaning(name: &str) -> &'static str {
    match name {
        "layer" => "the number of a layer, counted from 0",
        "b" => "the batch",
        "s" => "new tokens",
        "t" => "all tokens",
        "o" => "tokens whose logits are computed",
        "u" => "a window that bounds nothing",
        _ => "whether latent attention is in its absorbed form",
    }
}

/// An error if a name stands for something already.
fn free(name: &str, at: &Range<usize>) -> Result<(), Fault> {
    if BUILT_IN.contains(&name) {
        return Err(Fault::new(at, format!("`{name}` has a meaning of its own: {}", meaning(name))));
    }
    Ok(())
}

fn needed<'t>(table: &mut Table<'t>, key: &str) -> Result<Node<'t>, Fault> {
    table.take(key).ok_or_else(|| Fault::new(table.at(), format!("there is no `{key}`")))
}

/// Puts an entry in the place of the one with its name, or at the end.
fn put<T>(list: &mut Vec<(String, T)>, name: &str, value: T) {
    match list.iter_mut().find(|(own, _)| own == name) {
        Some((_, old)) => *old = value,
        None => list.push((name.to_owned(), value)),
    }
}

/// Names of tensors in files, as changes of others.
fn names(mut table: Table<'_>, base: &Names) -> Result<Names, Fault> {
    let mut names = base.clone();
    for (key, text) in [("base", &mut names.base), ("layer", &mut names.layer)] {
        if let Some(node) = table.take(key) {
            *text = node.text()?;
        }
    }
    if let Some(node) = table.take("prefixes") {
        names.prefixes = node.texts()?;
    }
    for (key, renames) in [("modules", &mut names.modules), ("gguf", &mut names.gguf)] {
        if let Some(node) = table.take(key) {
            *renames = node
                .table()?
                .rest()
                .map(|(from, _, to)| Ok((from.to_owned(), to.text()?)))
                .collect::<Result<_, _>>()?;
        }
    }
    table.end(&["base", "layer", "prefixes", "modules", "gguf"])?;
    Ok(names)
}

/// Looks at the names that a size or a list by layers is read in terms of.
fn terms<'f>(family: &'f Family, name: &str, look: &mut dyn FnMut(&'f str)) {
    if let Some((_, size)) = family.sizes.iter().find(|(own, _)| own == name) {
        if let Some(Default::Of(expr)) = &size.default {
            expr.names(look);
        }
        if let From::Of(expr) | From::Share(expr) = &size.from {
            expr.names(look);
        }
        [&size.null, &size.auto, &size.most, &size.when, &size.otherwise]
            .into_iter()
            .flatten()
            .for_each(|expr| expr.names(look));
    } else if let Some((_, list)) = family.by_layer.iter().find(|(own, _)| own == name) {
        list.default.names(look);
        list.rest.iter().for_each(|rest| rest.names(look));
    }
}

/// A size that is read in terms of itself, by itself or through others.
fn circle(family: &Family) -> Option<&str> {
    fn within<'f>(family: &'f Family, name: &'f str, around: &mut Vec<&'f str>, done: &mut HashSet<&'f str>) -> bool {
        if around.contains(&name) {
            return true;
        }
        if !done.insert(name) {
            return false;
        }
        around.push(name);
        let mut names = Vec::new();
        terms(family, name, &mut |name| names.push(name));
        let found = names.into_iter().any(|name| within(family, name, around, done));
        around.pop();
        found
    }
    let mut done = HashSet::new();
    let names = family.sizes.iter().map(|(name, _)| name).chain(family.by_layer.iter().map(|(name, _)| name));
    names.map(String::as_str).find(|name| within(family, name, &mut Vec::new(), &mut done))
}

/// The names that some model of a type has a use for: those of its axes, and in its expressions.
fn used(family: &Family, blocks: &Blocks) -> HashSet<String> {
    let mut used = HashSet::new();
    let mut left: Vec<String> = Vec::new();
    for block in family.mixers.iter().chain(&family.networks) {
        let axes = blocks.find(&block.operator).map(|source| source.axes().map(str::to_owned).collect::<Vec<_>>());
        left.extend(axes.into_iter().flatten().filter(|axis| block.bind.iter().all(|(bound, _)| bound != axis)));
        block.bind.iter().map(|(_, expr)| expr).chain(&block.layers).chain(&block.when).for_each(|expr| {
            expr.names(&mut |name| left.push(name.to_owned()));
        });
        left.extend(block.needs.clone());
    }
    let frames = family.frames.iter().filter_map(|(_, name)| frames::find(name));
    left.extend(frames.flat_map(|op| op.axes).map(|axis| (*axis).to_owned()));
    let checks = family.checks.iter().flat_map(|check| [&check.holds, &check.found]);
    let both_ways = family.both_ways.iter().map(|(when, _)| when);
    let notes = family.notes.iter().map(|note| &note.when);
    let frames = family.frames.iter().filter_map(|(when, _)| when.as_ref());
    let renamed = family.renamed.iter().filter_map(|rename| rename.when.as_ref());
    for expr in checks.chain(both_ways).chain(notes).chain(frames).chain(renamed).chain(&family.layers.count) {
        expr.names(&mut |name| left.push(name.to_owned()));
    }
    left.extend(family.fields.same.iter().map(|(_, size)| size.clone()));
    left.extend(family.further.iter().map(|further| further.count.clone()));
    while let Some(name) = left.pop() {
        terms(family, &name, &mut |term| {
            if !used.contains(term) {
                left.push(term.to_owned());
            }
        });
        used.insert(name);
    }
    used
}
