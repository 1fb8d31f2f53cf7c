//! The sizes and layers that a declaration makes of a config.

use super::declare::{ByLayer, Classes, Default, Family, From, List, Size};
use super::expr::{Expr, Fault, Two};
use crate::config::Fields;
use crate::error::Error;

/// What a declaration makes of a config, as far as it has been asked.
pub(super) struct Reader<'r> {
    pub(super) family: &'r Family,
    pub(super) fields: &'r mut Fields,
    sizes: Vec<Option<u64>>,
    lists: Vec<Listed>,
    /// How many layers there are, once that is known, and the one that is asked about.
    layers: u64,
    layer: Option<u64>,
}

/// What is known of a list by layers.
#[derive(Clone)]
enum Listed {
    Unread,
    Missing,
    There(Vec<u64>),
}

/// Why an expression has no value here.
enum Wrong {
    Error(Error),
    Operation { operation: Two, operands: [(Expr, u64); 2] },
}

impl<'r> Reader<'r> {
    pub(super) fn new(family: &'r Family, fields: &'r mut Fields) -> Self {
        let (sizes, lists) = (vec![None; family.sizes.len()], vec![Listed::Unread; family.by_layer.len()]);
        Self { family, fields, sizes, lists, layers: 0, layer: None }
    }

    /// An expression about layer `i`.
    pub(super) fn of_layer(&mut self, expr: &Expr, i: u64) -> Result<u64, Error> {
        self.layer = Some(i);
        let value = self.value(expr);
        self.layer = None;
        value
    }

    /// Says which layer expressions are about from now on.
    pub(super) fn about(&mut self, layer: Option<u64>) {
        self.layer = layer;
    }

    /// Says how many layers there are.
    pub(super) fn counted(&mut self, layers: u64) {
        self.layers = layers;
    }

    pub(super) fn value(&mut self, expr: &Expr) -> Result<u64, Error> {
        // Most are names or numbers.
        let value = match expr {
            Expr::Number(number) => return Ok(*number),
            Expr::Name(name) => return self.named(name),
            expr => {
                expr.value(&mut |name| self.named(name).map_err(Wrong::Error), &mut |Fault { operation, operands }| {
                    Wrong::Operation { operation, operands: operands.map(|(expr, value)| (expr.clone(), value)) }
                })
            }
        };
        value.map_err(|wrong| match wrong {
            Wrong::Error(error) => error,
            Wrong::Operation { operation, operands } => self.impossible(operation, &operands),
        })
    }

    /// What an operation is that can't be, as an error about the field that its operand is read from.
    fn impossible(&self, operation: Two, [left, right]: &[(Expr, u64); 2]) -> Error {
        // A number has no field.
        let turned = matches!((operation, &left.0), (Two::Plus | Two::Times, Expr::Number(_)));
        let ((left, a), (right, b)) = if turned { (right, left) } else { (left, right) };
        let of_number = matches!(right, Expr::Number(_));
        let (left, right) = (self.described(left), self.described(right));
        let which = if of_number { String::new() } else { format!(", which is {b},") };
        match operation {
            Two::Over => Error::field(&right, b, format!("a divisor of {left}, which is {a}")),
            Two::Minus => Error::field(&right, b, format!("at most {left}, which is {a}")),
            Two::Times => Error::field(&left, a, format!("a number whose product with {right}{which} fits 64 bits")),
            Two::Plus => Error::field(&left, a, format!("a number whose sum with {right}{which} fits 64 bits")),
            _ => Error::field(&right, b, format!("a number above 0, as {left} is divided by it")),
        }
    }

    /// An expression in terms of fields.
    pub(super) fn described(&self, expr: &Expr) -> String {
        match expr {
            Expr::Name(name) => self.origin(name),
            Expr::Two(operation, a, b) => {
                let two = Expr::Two(
                    *operation,
                    Box::new(Expr::Name(self.described(a))),
                    Box::new(Expr::Name(self.described(b))),
                );
                two.to_string()
            }
            other => other.to_string(),
        }
    }

    /// Whether a name stands for a size that all layers have.
    pub(super) fn is_size(&self, name: &str) -> bool {
        self.family.sizes.iter().any(|(own, _)| own == name) && !self.is_flag(name)
    }

    /// Whether a name stands for a condition, and not for a size.
    pub(super) fn is_flag(&self, name: &str) -> bool {
        let size = self.family.sizes.iter().find(|(own, _)| own == name);
        size.is_some_and(|(_, size)| match &size.from {
            From::Flag | From::Cap | From::Has | From::Class(_) | From::Text(_) => true,
            From::Of(expr) => expr.is_condition(),
            _ => false,
        })
    }

    /// The field that a name is read from, or what it is made of.
    pub(super) fn origin(&self, name: &str) -> String {
        if let Some(size) = self.family.sizes.iter().find(|(own, _)| own == name).map(|(_, size)| size) {
            return match (&size.from, size.fields.as_slice()) {
                (From::Of(expr), _) => self.described(expr),
                (_, fields) => fields.iter().find(|field| self.fields.has(field)).unwrap_or(&fields[0]).clone(),
            };
        }
        let list = self.family.by_layer.iter().find(|(own, _)| own == name);
        list.map_or_else(|| name.to_owned(), |(_, list)| list.field.clone())
    }

    /// A size, a condition, or what a layer has.
    pub(super) fn named(&mut self, name: &str) -> Result<u64, Error> {
        let family = self.family;
        if let Some(at) = family.sizes.iter().position(|(own, _)| own == name) {
            if let Some(value) = self.sizes[at] {
                return Ok(value);
            }
            let layer = self.layer.take();
            let value = self.size(&family.sizes[at].1);
            self.layer = layer;
            let value = value?;
            self.sizes[at] = Some(value);
            return Ok(value);
        }
        let Some(layer) = self.layer else {
            return Err(Error::field(name, "no layer", "a layer: it may differ between them"));
        };
        if name == "layer" {
            return Ok(layer);
        }
        let Some(at) = family.by_layer.iter().position(|(own, _)| own == name) else {
            return Err(Error::field(name, "nothing", "a size that the declaration of the model type has"));
        };
        self.look(at)?;
        match &self.lists[at] {
            Listed::There(list) => {
                Ok(usize::try_from(layer).ok().and_then(|i| list.get(i)).copied().unwrap_or_default())
            }
            _ => self.of_layer_within(&family.by_layer[at].1.default, layer),
        }
    }

    fn of_layer_within(&mut self, expr: &Expr, layer: u64) -> Result<u64, Error> {
        let value = self.of_layer(expr, layer);
        self.layer = Some(layer);
        value
    }

    /// Whether a config has the list that a name stands for.
    pub(super) fn listed(&mut self, name: &str) -> Result<Option<&'r ByLayer>, Error> {
        let Some(at) = self.family.by_layer.iter().position(|(own, _)| own == name) else { return Ok(None) };
        self.look(at)?;
        Ok(matches!(self.lists[at], Listed::There(_)).then_some(&self.family.by_layer[at].1))
    }

    /// Looks for a list if nobody has.
    fn look(&mut self, at: usize) -> Result<(), Error> {
        if matches!(self.lists[at], Listed::Unread) {
            self.lists[at] = self.list(&self.family.by_layer[at].1)?.map_or(Listed::Missing, Listed::There);
        }
        Ok(())
    }

    fn list(&mut self, it: &ByLayer) -> Result<Option<Vec<u64>>, Error> {
        if let List::Entries(key) = &it.list {
            return self.entries(it, key);
        }
        if it.list == List::Amounts {
            let Some(amounts) = self.fields.amounts(&it.field, self.layers)? else { return Ok(None) };
            same_length(&it.field, amounts.len(), self.layers)?;
            return Ok(Some(amounts.into_iter().map(|amount| u64::from(amount > 0.0)).collect()));
        }
        // One number for all layers is as good.
        if it.list == List::Numbers
            && let Some(number) = self.fields.value(&it.field).and_then(|value| value.as_u64())
        {
            return Ok(Some(vec![number; usize::try_from(self.layers).unwrap_or_default()]));
        }
        let found = if it.values.is_empty() { self.fields.numbers(&it.field)? } else { self.meanings(it)? };
        let Some(list) = found.filter(|list| it.list == List::Layers || !list.is_empty()) else {
            if let Some(note) = &it.note {
                self.fields.stands_in(&it.field, note);
            }
            return Ok(None);
        };
        if it.list == List::Layers {
            return named(it, &list, self.layers).map(Some);
        }
        same_length(&it.field, list.len(), self.layers)?;
        if let Some(other) = list.iter().find(|entry| it.list == List::Flags && **entry > 1) {
            return Err(Error::field(&it.field, other, "0 or 1"));
        }
        match &it.only {
            Some((only, why)) if list.iter().any(|entry| entry != only) => {
                let other = list.iter().find(|entry| *entry != only).copied().unwrap_or_default();
                Err(Error::field(&it.field, other, why.clone()))
            }
            _ => Ok(Some(list)),
        }
    }

    /// What the texts of a list mean.
    fn meanings(&mut self, it: &ByLayer) -> Result<Option<Vec<u64>>, Error> {
        let Some(texts) = self.fields.texts(&it.field)? else { return Ok(None) };
        let meaning = |(i, text): (usize, &String)| {
            let value = it.values.iter().find(|(known, _)| known == text).map(|(_, value)| *value);
            value.ok_or_else(|| {
                let known: Vec<String> = it.values.iter().map(|(known, _)| format!("\"{known}\"")).collect();
                Error::field(&format!("{}[{i}]", it.field), format!("\"{text}\""), known.join(" or "))
            })
        };
        texts.iter().enumerate().map(meaning).collect::<Result<_, _>>().map(Some)
    }

    /// What an object says of some layers, and what the others have.
    fn entries(&mut self, it: &ByLayer, key: &str) -> Result<Option<Vec<u64>>, Error> {
        let family = self.family;
        let Some(value) = self.fields.value(&it.field) else { return Ok(None) };
        let rest = it.rest.as_ref().unwrap_or(&it.default);
        let mut all: Vec<u64> = (0..self.layers).map(|layer| self.of_layer(rest, layer)).collect::<Result<_, _>>()?;
        let fault = |found: &str, expected: &str| Error::field(&it.field, found, expected);
        let wrong = || fault(&self.fields.shown(&it.field), "an object with an object for each of some layers");
        for (layer, entry) in value.as_object().ok_or_else(wrong)? {
            let at = layer.parse().ok().and_then(|at: usize| all.get_mut(at));
            let at = at.ok_or_else(|| fault(layer, "numbers of layers that there are"))?;
            for (own, value) in entry.as_object().ok_or_else(wrong)? {
                let read = |list: &ByLayer| list.field == it.field && list.list == List::Entries(own.clone());
                if !family.by_layer.iter().any(|(_, list)| read(list)) {
                    return Err(fault(own, "what is known to differ between layers"));
                }
                if own == key {
                    let size = value.as_u64().filter(|size| *size > 0);
                    *at = size.ok_or_else(|| fault(&value.to_string(), "a positive whole number"))?;
                }
            }
        }
        Ok(Some(all))
    }

    fn size(&mut self, it: &Size) -> Result<u64, Error> {
        if let Some(when) = &it.when
            && self.value(when)? == 0
        {
            let fields: Vec<&str> = it.fields.iter().map(String::as_str).collect();
            self.fields.passed(&fields);
            return it.otherwise.as_ref().map_or(Ok(0), |otherwise| self.value(otherwise));
        }
        if let From::Of(expr) = &it.from {
            let value = self.value(expr)?;
            return self.bounded(it, &self.described(expr), value);
        }
        let field = it.fields.iter().find(|field| self.fields.has(field)).unwrap_or(&it.fields[0]);
        let class = match it.default {
            Some(Default::Class(number)) => Some(number),
            _ => None,
        };
        // Whole: the declaration has it so.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "read from a whole number")]
        let number = class.map(|number| number as u64);
        let value = match &it.from {
            From::Length => {
                for field in &it.fields {
                    if let Some(length) = self.fields.length(field) {
                        return self.bounded(it, field, length);
                    }
                }
                return self.whole(it, field, number);
            }
            From::Many => match self.fields.many(field)? {
                Some(many) => many,
                None => return self.whole(it, field, number),
            },
            From::Share(whole) => {
                if let Some(null) =
                    it.null.as_ref().filter(|_| self.fields.has(field) && self.fields.value(field).is_none())
                {
                    return self.value(null);
                }
                let share = self.fields.amount(field, class)?;
                let whole = self.value(whole)?;
                // As the classes have it: in double precision, rounded down.
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded, and above 0")]
                let value = (share * whole as f64).min(u64::MAX as f64) as u64;
                value
            }
            From::Class(ends) => {
                let end = self.class()?;
                u64::from(ends.contains(&end))
            }
            From::Labels => self.fields.labels()?,
            From::Has => u64::from(self.fields.value(field).is_some()),
            From::Cap => u64::from(self.fields.cap(field, class)?),
            From::Window => self.fields.window(field, number)?,
            From::Text(values) => {
                let default = it.default.as_ref().and_then(|default| match default {
                    Default::Of(Expr::Number(value)) => values.iter().find(|(_, own)| own == value),
                    _ => None,
                });
                let default = default.map_or("", |(text, _)| text);
                let allowed: Vec<&str> = values.iter().map(|(text, _)| text.as_str()).collect();
                let found = self.fields.only(field, default, &allowed)?;
                values.iter().find(|(text, _)| *text == found).map_or(0, |(_, value)| *value)
            }
            From::Flag => match &it.default {
                Some(Default::Of(expr)) if self.fields.value(field).is_none() => {
                    self.fields.passed(&[field]);
                    self.value(expr)?
                }
                _ => u64::from(self.fields.flag(field, number == Some(1))?),
            },
            From::Size | From::Side(_) | From::Count | From::Every | From::Of(_) => {
                return self.whole(it, field, number);
            }
        };
        // Another name of the field says the same.
        let first = self.fields.value(field);
        for other in it.fields.iter().filter(|other| *other != field && self.fields.has(other)).collect::<Vec<_>>() {
            if self.fields.value(other) != first {
                let expected = format!("{}, as {field} has it", self.fields.shown(field));
                return Err(Error::field(other, self.fields.shown(other), expected));
            }
        }
        self.bounded(it, field, value)
    }

    /// How the name of the config's class ends.
    fn class(&mut self) -> Result<String, Error> {
        let Some(Classes { start, ends }) = &self.family.classes else { return Ok(String::new()) };
        let named = self.fields.texts("architectures")?.unwrap_or_default();
        match named.as_slice() {
            [] => Ok(ends[0].clone()),
            [class] => {
                let end = class.strip_prefix(start.as_str()).filter(|end| ends.iter().any(|known| known == end));
                end.map(str::to_owned).ok_or_else(|| {
                    let known: Vec<String> = ends.iter().map(|end| format!("{start}{end}")).collect();
                    Error::field("architectures", format!("\"{class}\""), format!("one of {}", known.join(", ")))
                })
            }
            several => Err(Error::field("architectures", format!("{} classes", several.len()), "one")),
        }
    }

    /// A whole number.
    fn whole(&mut self, it: &Size, field: &str, class: Option<u64>) -> Result<u64, Error> {
        let mut found: Option<(&str, u64)> = None;
        for name in &it.fields {
            if let Some(auto) = it.auto.as_ref().filter(|_| self.fields.says(name, "auto")) {
                return self.value(auto);
            }
            let value = match it.from {
                From::Count => self.fields.optional_count(name)?,
                From::Side(at) => self.fields.side(name, at)?,
                _ => self.fields.optional_size(name)?,
            };
            match (found, value) {
                (None, Some(value)) => found = Some((name, value)),
                (Some((other, expected)), Some(value)) if value != expected => {
                    return Err(Error::field(name, value, format!("{expected}, as {other} has it")));
                }
                _ => {}
            }
        }
        if let Some((name, value)) = found {
            return self.bounded(it, name, value);
        }
        if let Some(null) = it.null.as_ref().filter(|_| self.fields.has(field)) {
            return self.value(null);
        }
        // A config inside another one goes by its class, whatever else would follow.
        let of_class = self.family.class.iter().find(|(own, _)| own == field).map(|(_, size)| *size);
        if let Some(size) = of_class.filter(|_| self.fields.are_inside()) {
            self.fields.stands_in(field, size);
            return Ok(size);
        }
        match (&it.default, class) {
            (Some(Default::Of(expr)), _) => {
                let value = self.value(expr)?;
                if it.noted && value > 0 {
                    self.fields.stands_in(field, value);
                }
                Ok(value)
            }
            (_, Some(number)) => {
                let most = it.most.as_ref().map(|most| self.value(most)).transpose()?.unwrap_or(u64::MAX);
                let value = if it.from == From::Every { number } else { number.min(most) };
                // That there is none, or that all layers have it, needs no word.
                if value > 0 && !(it.from == From::Every && number == 1) {
                    self.fields.stands_in(field, number);
                }
                Ok(value)
            }
            (None | Some(Default::Class(_)), None) => match it.from {
                From::Count => self.fields.count(field, None),
                _ => self.fields.size(field),
            },
        }
    }

    /// The value, if it isn't more than it can be.
    fn bounded(&mut self, it: &Size, field: &str, value: u64) -> Result<u64, Error> {
        let Some(expr) = &it.most else { return Ok(value) };
        let most = self.value(expr)?;
        if value <= most {
            return Ok(value);
        }
        let expected = match expr {
            Expr::Number(_) => format!("at most {most}"),
            expr => format!("at most {}, which is {most}", self.described(expr)),
        };
        Err(Error::field(field, value, expected))
    }

    /// A text with the values of names in braces.
    pub(super) fn filled(&mut self, text: &str) -> Result<String, Error> {
        let mut parts = text.split('{');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            filled.push_str(&self.named(name)?.to_string());
            filled.push_str(rest);
        }
        Ok(filled)
    }
}

/// An error if a list by layers has not one entry for each.
pub(super) fn same_length(field: &str, found: usize, layers: u64) -> Result<(), Error> {
    if found as u64 == layers {
        return Ok(());
    }
    Err(Error::field(field, format!("{found} entries"), format!("{layers}, as many as num_hidden_layers")))
}

/// Of so many layers, which a list names; an error if it names another one.
fn named(it: &ByLayer, list: &[u64], layers: u64) -> Result<Vec<u64>, Error> {
    let mut named = vec![0; usize::try_from(layers).unwrap_or_default()];
    for layer in list {
        let at = layer.checked_sub(it.first).and_then(|layer| usize::try_from(layer).ok());
        match at.and_then(|layer| named.get_mut(layer)) {
            Some(on) => *on = 1,
            None if it.first == 0 => {
                return Err(Error::field(&it.field, layer, format!("layers below num_hidden_layers, {layers}")));
            }
            None => {
                let expected = format!("layers from {} on, of which there are {layers}", it.first);
                return Err(Error::field(&it.field, layer, expected));
            }
        }
    }
    Ok(named)
}
