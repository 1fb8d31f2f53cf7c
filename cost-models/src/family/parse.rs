//! A declaration from its text.

use std::ops::Range;
use std::sync::Arc;

use super::Blocks;
use super::declare::{
    BUILT_IN, Block, ByLayer, Check, Classes, Default, Encoder, Family, From, Further, GIVEN, Layers, List, Others,
    Remark, Rename, Size, TowerOf,
};
use super::expr::Expr;
use super::table::{Fault, Node, Table, parsed, unknown};
use super::uses::{circle, used};
use crate::error::Error;
use crate::names::{ENCODER, Names};
use crate::stack::frames;

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
    "encoder",
    "fields",
    "checks",
    "notes",
    "class",
    "further",
    "both_ways",
    "positions",
    "towers",
    "names",
    "renamed",
    "transformers",
    "gguf",
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
                match super::builtin::declared(&like).or_else(|| super::builtin::whole(&like)) {
                    Some(Ok(family)) => Family::clone(&family),
                    Some(Err(error)) => return Err(Fault::new(&node.at(), error.to_string())),
                    None => return Err(unknown(&node.at(), "type", &like, super::builtin::declared_types())),
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
        if let Some(node) = whole.take("encoder") {
            self.encoder(node.table()?, family.encoder.get_or_insert_default())?;
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
        self.around(whole, &mut family)?;
        self.in_files(whole, &mut family)?;
        whole.end(KEYS)?;
        if self.check {
            self.whole(&family, &start)?;
        }
        family.used = used(&family, self.blocks);
        family.blocks = self.blocks.clone();
        Ok(family)
    }

    /// What stands beside the layers: modules that predict further tokens, towers, names.
    fn around(&mut self, whole: &mut Table<'_>, family: &mut Family) -> Result<(), Fault> {
        if let Some(node) = whole.take("further") {
            family.further = Some(self.further(node.table()?)?);
        }
        if let Some(node) = whole.take("both_ways") {
            let mut table = node.table()?;
            let (when, field) = (needed(&mut table, "when")?, needed(&mut table, "field")?.text()?);
            table.end(&["when", "field"])?;
            family.both_ways = Some((self.expr(when)?, field));
        }
        if let Some(node) = whole.take("towers") {
            family.towers = node.list()?.into_iter().map(|node| self.tower(node)).collect::<Result<_, _>>()?;
        }
        if let Some(node) = whole.take("positions") {
            family.positions = Some(self.expr(node)?);
        }
        Ok(())
    }

    /// What files of the type hold: names of tensors, classes, GGUF's keys.
    fn in_files(&mut self, whole: &mut Table<'_>, family: &mut Family) -> Result<(), Fault> {
        if let Some(node) = whole.take("names") {
            family.names = Arc::new(names(node.table()?, &family.names)?);
        }
        if let Some(node) = whole.take("renamed") {
            family.renamed = node.list()?.into_iter().map(|node| self.rename(node)).collect::<Result<_, _>>()?;
        }
        // Those that are built in are found by these.
        if let Some(node) = whole.take("transformers") {
            node.texts()?;
        }
        (family.gguf.architecture, family.gguf.has) = (None, None);
        if let Some(node) = whole.take("gguf") {
            family.gguf.read(node.table()?)?;
        }
        Ok(())
    }

    /// What must hold of a declaration as a whole.
    fn whole(&self, family: &Family, start: &Range<usize>) -> Result<(), Fault> {
        let names = || {
            let sizes = family.sizes.iter().map(|(name, _)| name.as_str());
            let given = if family.towers.is_empty() { &[] } else { GIVEN };
            let lists = family.by_layer.iter().map(|(name, _)| name.as_str());
            sizes.chain(lists).chain(BUILT_IN.iter().chain(given).copied())
        };
        for (at, name) in &self.uses {
            if !names().any(|known| known == name) {
                return Err(unknown(at, "name", name, names()));
            }
        }
        if !family.towers.is_empty() {
            return Ok(());
        }
        if family.mixers.is_empty() {
            return Err(Fault::new(start, "there is no `mixers`: what the first halves of layers are"));
        }
        if family.layers.count.is_none() {
            return Err(Fault::new(start, "there is no `count` in `layers`: how many layers there are"));
        }
        let reads = family.frames.iter().filter_map(|(_, name)| frames::find(name)).any(frames::reads_source);
        let whole = |encoder: &Encoder| encoder.count.is_some() && !encoder.mixers.is_empty();
        match &family.encoder {
            None if reads => return Err(Fault::new(start, "there is no `encoder`: the layers that read the source")),
            Some(_) if !reads => {
                return Err(Fault::new(start, "`encoder` needs a `frame` in which layers read a source"));
            }
            Some(encoder) if !whole(encoder) => {
                return Err(Fault::new(start, "`encoder` has a `count` of its layers, and `mixers`"));
            }
            _ => {}
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
            "class", "side", "many",
        ];
        const ALL: &[&str] = &[
            "size", "count", "flag", "cap", "window", "every", "text", "has", "of", "length", "share", "labels",
            "class", "side", "many", "at", "default", "null", "auto", "most", "when", "else", "values", "shown_as",
            "noted", "whole",
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
            "many" => From::Many,
            "side" => From::Side(table.take("at").map(Node::number).transpose()?.unwrap_or(0)),
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

    fn encoder(&mut self, mut table: Table<'_>, encoder: &mut Encoder) -> Result<(), Fault> {
        for (key, expr) in [("count", &mut encoder.count), ("positions", &mut encoder.positions)] {
            if let Some(found) = self.optional(&mut table, key)? {
                *expr = Some(found);
            }
        }
        for (key, list) in [("mixers", &mut encoder.mixers), ("networks", &mut encoder.networks)] {
            if let Some(node) = table.take(key) {
                *list = node.list()?.into_iter().map(|node| self.block(node)).collect::<Result<_, _>>()?;
            }
        }
        // By their labels these layers are told apart from those that decode.
        for mixer in encoder.mixers.iter_mut().filter(|mixer| !mixer.label.starts_with(ENCODER)) {
            let label = std::mem::take(&mut mixer.label);
            mixer.label = if label.is_empty() { ENCODER.to_owned() } else { format!("{ENCODER}_{label}") };
        }
        if let Some(node) = table.take("cross") {
            encoder.cross = Some(self.block(node)?);
        }
        table.end(&["count", "positions", "mixers", "networks", "cross"])
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

    fn tower(&mut self, node: Node<'_>) -> Result<TowerOf, Fault> {
        let mut table = node.table()?;
        let (patches, led) = (needed(&mut table, "patches")?, needed(&mut table, "led")?);
        let tower = TowerOf {
            name: needed(&mut table, "name")?.text()?,
            field: needed(&mut table, "field")?.text()?,
            model_type: needed(&mut table, "type")?.text()?,
            projector: self.block(needed(&mut table, "projector")?)?,
            patches: self.expr(patches)?,
            led: self.expr(led)?,
            seconds: table.take("seconds").map(Node::number).transpose()?,
        };
        table.end(&["name", "field", "type", "projector", "patches", "led", "seconds"])?;
        Ok(tower)
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

fn meaning(name: &str) -> &'static str {
    match name {
        "layer" => "the number of a layer, counted from 0",
        "b" => "the batch",
        "s" => "new tokens",
        "t" => "all tokens",
        "o" => "tokens whose logits are computed",
        "u" => "a window that bounds nothing",
        "src" => "the length of the source",
        "read" => "how much of the source the step reads",
        "encodes" => "whether the step reads the source",
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
    for (key, text) in [("base", &mut names.base), ("layer", &mut names.layer), ("encoder", &mut names.encoder)] {
        if let Some(node) = table.take(key) {
            *text = node.text()?;
        }
    }
    if let Some(node) = table.take("prefixes") {
        names.prefixes = node.texts()?;
    }
    let lists =
        [("modules", &mut names.modules), ("encoder_modules", &mut names.encoder_modules), ("gguf", &mut names.gguf)];
    for (key, renames) in lists {
        if let Some(node) = table.take(key) {
            *renames = node
                .table()?
                .rest()
                .map(|(from, _, to)| Ok((from.to_owned(), to.text()?)))
                .collect::<Result<_, _>>()?;
        }
    }
    table.end(&["base", "layer", "encoder", "prefixes", "modules", "encoder_modules", "gguf"])?;
    Ok(names)
}
