//! Tables of a declaration, whose mistakes are said where they are.

use std::ops::Range;

use cost_core::text::short;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::expr::Expr;
use crate::error::Error;

/// What is wrong with a declaration, and where in its text.
#[derive(Debug)]
pub(super) struct Fault {
    at: usize,
    message: String,
}

impl Fault {
    pub(super) fn new(at: &Range<usize>, message: impl Into<String>) -> Self {
        Self { at: at.start, message: message.into() }
    }

    /// As an error with line and column, both counted from 1.
    pub(super) fn in_text(self, text: &str) -> Error {
        let before = text.get(..self.at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Error::Declaration { line, column, message: self.message }
    }
}

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Node<'t>(&'t Spanned<DeValue<'t>>);

/// The entries of a table in the order of the text.
pub(super) struct Table<'t> {
    at: Range<usize>,
    entries: Vec<(&'t str, Range<usize>, Node<'t>)>,
}

/// What a function makes of the table that a text is.
pub(super) fn parsed<T>(text: &str, then: impl FnOnce(&mut Table<'_>) -> Result<T, Fault>) -> Result<T, Error> {
    let table = DeTable::parse(text)
        .map_err(|error| Fault::new(&error.span().unwrap_or(0..0), short(error.message(), 400)).in_text(text))?;
    let mut whole = Table::of(table.get_ref(), table.span());
    then(&mut whole).map_err(|fault| fault.in_text(text))
}

impl<'t> Table<'t> {
    fn of(table: &'t DeTable<'t>, at: Range<usize>) -> Self {
        let mut entries: Vec<_> =
            table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), Node(value))).collect();
        entries.sort_by_key(|(_, at, _)| at.start);
        Self { at, entries }
    }

    /// Where it is.
    pub(super) fn at(&self) -> &Range<usize> {
        &self.at
    }

    /// Takes an entry out, if it is there.
    pub(super) fn take(&mut self, key: &str) -> Option<Node<'t>> {
        let at = self.entries.iter().position(|(own, ..)| *own == key)?;
        Some(self.entries.remove(at).2)
    }

    /// Takes the first entry out that has one of these keys: the key's place among them, and the entry.
    pub(super) fn either(&mut self, keys: &[&str]) -> Option<(usize, Node<'t>)> {
        keys.iter().enumerate().find_map(|(at, key)| self.take(key).map(|node| (at, node)))
    }

    /// All entries that are left.
    pub(super) fn rest(self) -> impl Iterator<Item = (&'t str, Range<usize>, Node<'t>)> {
        self.entries.into_iter()
    }

    /// An error if there is an entry that nobody has taken, of those that could be there.
    pub(super) fn end(&self, known: &[&str]) -> Result<(), Fault> {
        match self.entries.first() {
            None => Ok(()),
            Some((key, at, _)) => Err(unknown(at, "key", key, known.iter().copied())),
        }
    }
}

/// That a name is none of those that are known.
pub(super) fn unknown<'k>(
    at: &Range<usize>,
    what: &str,
    found: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) -> Fault {
    let nearest = cost_core::nearest(found, known.clone());
    let near = nearest.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
    let all: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    let expected = if all.is_empty() { "none".to_owned() } else { format!("one of {}", all.join(", ")) };
    Fault::new(at, format!("unknown {what} `{}`{near}; expected {expected}", short(found, 80)))
}

impl<'t> Node<'t> {
    pub(super) fn at(self) -> Range<usize> {
        self.0.span()
    }

    fn wrong(self, expected: &str) -> Fault {
        let found = match self.0.get_ref() {
            DeValue::String(text) => format!("\"{}\"", short(text, 60)),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Datetime(_) => "a date".to_owned(),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        Fault::new(&self.at(), format!("found {found}, expected {expected}"))
    }

    pub(super) fn table(self) -> Result<Table<'t>, Fault> {
        match self.0.get_ref() {
            DeValue::Table(table) => Ok(Table::of(table, self.at())),
            _ => Err(self.wrong("a table")),
        }
    }

    /// The table that it is, or the text.
    pub(super) fn table_or_text(self) -> Result<Result<Table<'t>, String>, Fault> {
        match self.0.get_ref() {
            DeValue::String(text) => Ok(Err(text.to_string())),
            DeValue::Table(table) => Ok(Ok(Table::of(table, self.at()))),
            _ => Err(self.wrong("a text or a table")),
        }
    }

    pub(super) fn list(self) -> Result<Vec<Self>, Fault> {
        match self.0.get_ref() {
            DeValue::Array(list) => Ok(list.iter().map(Node).collect()),
            _ => Err(self.wrong("a list")),
        }
    }

    pub(super) fn text(self) -> Result<String, Fault> {
        match self.0.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            _ => Err(self.wrong("a text")),
        }
    }

    /// A text, or a list of them.
    pub(super) fn texts(self) -> Result<Vec<String>, Fault> {
        match self.0.get_ref() {
            DeValue::Array(list) if !list.is_empty() => list.iter().map(|one| Node(one).text()).collect(),
            DeValue::String(text) => Ok(vec![text.to_string()]),
            _ => Err(self.wrong("a text or a list of texts")),
        }
    }

    pub(super) fn flag(self) -> Result<bool, Fault> {
        match self.0.get_ref() {
            DeValue::Boolean(flag) => Ok(*flag),
            _ => Err(self.wrong("true or false")),
        }
    }

    pub(super) fn number(self) -> Result<u64, Fault> {
        self.as_number().ok_or_else(|| self.wrong("a whole number, 0 or more"))
    }

    pub(super) fn as_number(self) -> Option<u64> {
        match self.0.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok(),
            DeValue::Boolean(flag) => Some(u64::from(*flag)),
            _ => None,
        }
    }

    /// A number above 0, whole or not.
    pub(super) fn amount(self) -> Result<f64, Fault> {
        let found = match self.0.get_ref() {
            DeValue::Float(number) => number.as_str().replace('_', "").parse().ok(),
            _ => self.as_number().map(|number| number as f64),
        };
        found.filter(|amount: &f64| *amount > 0.0 && amount.is_finite()).ok_or_else(|| self.wrong("a number above 0"))
    }

    /// A number, a condition or the text of an expression.
    pub(super) fn expr(self) -> Result<Expr, Fault> {
        const MOST: usize = 500;
        if let Some(number) = self.as_number() {
            return Ok(Expr::Number(number));
        }
        let text = match self.0.get_ref() {
            DeValue::String(text) if text.len() <= MOST => text,
            _ => return Err(self.wrong("a whole number, a flag, or an expression of at most 500 characters")),
        };
        Expr::parse(text).map_err(|wrong| Fault::new(&self.at(), format!("in \"{}\": {wrong}", short(text, 120))))
    }
}
