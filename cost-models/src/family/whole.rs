//! Models of text and images: what their towers are, and what makes tokens of what these give.

use serde_json::{Map, Value};

use super::Blocks;
use super::build::is_of_step;
use super::builtin;
use super::declare::{Default, Family, From, Size, TowerOf};
use super::expr::Expr;
use super::read::Reader;
use crate::config::Fields;
use crate::error::Error;
use crate::model::Model;
use crate::note::Note;
use crate::stack::Bound;
use crate::tower::Tower;
use crate::wholes::Whole;
use crate::wrapped::OF_ALL;

/// The towers of a config of that type, beside the language model that its text part is of; nothing if none are known, with
/// the reason.
pub(crate) enum Towers {
    Known(Vec<Tower>, Vec<Note>),
    /// The field that holds a tower of another type, and what it is.
    Other(String, String),
}

impl Family {
    /// The towers that a config declares, whose own fields these are.
    /// Where the fields of the text part stand beside them, none of these is looked at.
    pub(crate) fn towers(&self, entries: &[(String, Value)], flat: bool, text: &Model) -> Result<Towers, Error> {
        let mut whole = self.clone();
        whole.preset("text_d", text.axis_named("d").and_then(|d| text.size_of(d)).unwrap_or(0));
        let mut fields = Fields::new(self.own_entries(entries, flat));
        let (mut towers, mut notes) = (Vec::new(), Vec::new());
        for own in &self.towers {
            let (encoder, said) = match encoder(own, entries, self.types())? {
                Ok(encoder) => encoder,
                Err(model_type) => return Ok(Towers::Other(own.field.clone(), model_type)),
            };
            notes.extend(said);
            let size = |axis: &str| encoder.axis_named(axis).and_then(|axis| encoder.size_of(axis)).unwrap_or(0);
            whole.preset("tower_d", size("d"));
            whole.preset("tower_positions", encoder.positions().unwrap_or(0));
            whole.preset("tower_led", size("c"));
            let fixed = size("m") > 0 && encoder.positions().is_some();
            let mut reader = Reader::new(&whole, &mut fields);
            whole.others(&mut reader)?;
            let projector = whole.alone(&mut reader, own)?;
            let (patches, led) = (reader.value(&own.patches)?, reader.value(&own.led)?);
            whole.checks(&mut reader)?;
            notes.extend(whole.remarks(&mut reader)?);
            let tokens = encoder.positions().and_then(|positions| positions.checked_sub(led)?.checked_div(patches));
            let name = own.name.clone();
            towers.push(Tower {
                name,
                encoder,
                projector,
                tokens,
                patches,
                led,
                fixed,
                seconds: own.seconds,
                asked: None,
            });
        }
        let idle: Vec<&str> = self.sizes.iter().flat_map(|(_, size)| &size.fields).map(String::as_str).collect();
        fields.passed(&idle);
        notes.extend(fields.finish(&self.types[0])?);
        Ok(Towers::Known(towers, notes))
    }

    /// Of a model of text and something else the fields of its parts and the types that these are of if they say none.
    pub fn parts(&self) -> Vec<(&str, &str)> {
        let text = self.types.iter().find_map(|own| Whole::find(own)).map(|whole| ("text_config", whole.text));
        text.into_iter().chain(self.towers.iter().map(|own| (&*own.field, &*own.model_type))).collect()
    }

    /// Whether it declares a model of text and something else.
    pub(crate) fn has_towers(&self) -> bool {
        !self.towers.is_empty()
    }

    /// Whether a field of a whole is about its towers.
    pub(crate) fn reads(&self, field: &str) -> bool {
        let sizes = self.sizes.iter().flat_map(|(_, size)| &size.fields);
        let off = self.fields.off.iter().map(|(field, _)| field);
        let others = self.fields.passed.iter().chain(off);
        self.towers.iter().any(|own| own.field == field) || sizes.chain(others).any(|own| own == field)
    }

    /// The whole's own fields, and those of its towers that it reads itself.
    fn own_entries(&self, entries: &[(String, Value)], flat: bool) -> Vec<(String, Value)> {
        const OF_TEXT: [&str; 3] = ["text_config", "model_type", "tie_word_embeddings"];
        let of_tower = |field: &str| self.towers.iter().any(|own| own.field == field);
        let others = |field: &str| {
            of_tower(field) || OF_TEXT.contains(&field) || OF_ALL.contains(&field) || (flat && !self.reads(field))
        };
        let mut own: Vec<_> = entries.iter().filter(|(field, _)| !others(field)).cloned().collect();
        for field in self.sizes.iter().flat_map(|(_, size)| &size.fields) {
            let Some((outer, inner)) = field.split_once('.') else { continue };
            let outer = entries.iter().find(|(own, _)| own == outer);
            if let Some(value) = outer.and_then(|(_, value)| value.get(inner)) {
                own.push((field.clone(), value.clone()));
            }
        }
        own
    }

    /// What makes tokens of a tower's results, as a model.
    fn alone(&self, reader: &mut Reader<'_>, own: &TowerOf) -> Result<Model, Error> {
        let placed = self.placed(reader, &Blocks::default(), &own.projector)?;
        let mut sizes = Vec::new();
        for (axis, bound) in &placed.bind {
            let size = match bound {
                Bound::Number(number) => *number,
                Bound::Axis(name) if is_of_step(name) => continue,
                Bound::Axis(name) => reader.named(name)?,
            };
            sizes.push((axis.as_str(), size));
        }
        Ok(Model::of(placed.block, sizes.into_iter()))
    }

    /// Gives a name a value that no field has.
    fn preset(&mut self, name: &str, value: u64) {
        self.sizes.retain(|(own, _)| own != name);
        self.sizes.push((name.to_owned(), Size::of(Expr::Number(value))));
    }
}

impl Size {
    /// No field, but an expression.
    fn of(expr: Expr) -> Self {
        Self {
            from: From::Of(expr),
            fields: Vec::new(),
            default: None::<Default>,
            noted: false,
            null: None,
            auto: None,
            most: None,
            when: None,
            otherwise: None,
            shown_as: None,
        }
    }
}

type Encoder = (Model, Vec<Note>);

/// Fields of a part that are the whole's to say: which class it is of.
const OF_WHOLE: [&str; 2] = ["architectures", "model_type"];

/// The encoder that a field of the whole's config is of; its type, if that is none that is known.
fn encoder(own: &TowerOf, whole: &[(String, Value)], types: &[String]) -> Result<Result<Encoder, String>, Error> {
    let there = whole.iter().find(|(field, _)| *field == own.field).map(|(_, value)| value);
    let inner = match there {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(inner)) => inner.clone(),
        Some(other) => return Err(Error::field(&own.field, other, "an object")),
    };
    // The first configs give the whole's type to its parts.
    let given = match inner.get("model_type") {
        None | Some(Value::Null) => None,
        Some(Value::String(given)) => Some(given.clone()).filter(|given| !types.contains(given)),
        Some(other) => return Err(Error::field(&format!("{}.model_type", own.field), other, "a text")),
    };
    let model_type = &*given.unwrap_or_else(|| own.model_type.clone());
    let Some(family) = builtin::declared(model_type).transpose()?.filter(|family| family.positions.is_some()) else {
        return Ok(Err(model_type.to_owned()));
    };
    let entries = inner.into_iter().filter(|(field, _)| !OF_WHOLE.contains(&field.as_str())).collect();
    let mut fields = Fields::new(entries).inside(true);
    let located = |error: Error| match error {
        Error::Field { field, found, expected } => {
            Error::Field { field: format!("{}.{field}", own.field), found, expected }
        }
        other => other,
    };
    let mut model = family.read(&mut fields).map_err(located)?;
    let mut notes = std::mem::take(&mut model.notes);
    notes.extend(fields.finish(model_type).map_err(located)?);
    for note in &mut notes {
        note.field = note.field.take().map(|field| format!("{}.{field}", own.field));
        note.text = format!("{}: {}", own.field, note.text);
    }
    Ok(Ok((model.named(&own.name, model_type, None), notes)))
}
