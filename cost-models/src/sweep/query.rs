//! Conditions and amounts over columns: `bound == "memory" && lower_bound_s < 0.02`.

mod parse;

use std::borrow::Cow;

use super::chunk::Chunk;
use super::column::{Column, Kind};
use super::error::Error;
use super::grid::Sweep;
use super::lanes::Lanes;

/// A condition or an amount over the columns of a row.
///
/// Numbers, columns, `true`, `false` and texts in quotes; `+ - * /`, `== != < <= > >=`, `! && ||` and parentheses, with the precedence that
/// they have in Rust.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    text: String,
    node: Node,
}

/// What a query is made of.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    Number(f64),
    Truth(bool),
    Text(String),
    Column(Column),
    Not(Box<Self>),
    Minus(Box<Self>),
    Binary(Binary, Box<(Self, Self)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Sub,
    Mul,
    Div,
}

impl Query {
    /// A condition.
    pub fn condition(text: &str) -> Result<Self, Error> {
        Ok(Self { text: text.to_owned(), node: parse::parse(text, Kind::Truth)? })
    }

    /// A number.
    pub fn amount(text: &str) -> Result<Self, Error> {
        Ok(Self { text: text.to_owned(), node: parse::parse(text, Kind::Number)? })
    }

    /// The column that it is, if it is nothing else.
    pub fn column(&self) -> Option<Column> {
        match self.node {
            Node::Column(column) => Some(column),
            _ => None,
        }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns that it asks for.
    pub fn columns(&self) -> Vec<Column> {
        let mut found = Vec::new();
        self.node.walk(&mut |node| {
            if let Node::Column(column) = node {
                found.push(*column);
            }
        });
        found
    }

    /// The texts that columns are compared with.
    pub(super) fn compared(&self) -> Vec<(Column, &str)> {
        let mut found = Vec::new();
        self.node.walk(&mut |node| {
            if let Node::Binary(_, sides) = node
                && let (Node::Column(column), Node::Text(text)) | (Node::Text(text), Node::Column(column)) = &**sides
            {
                found.push((*column, text.as_str()));
            }
        });
        found
    }

    /// Which rows it holds for.
    pub(super) fn holds(&self, chunk: &Chunk<'_>) -> Lanes<bool> {
        self.node.truth(chunk)
    }

    /// Its value at each row.
    pub(super) fn numbers(&self, chunk: &Chunk<'_>) -> Lanes<f64> {
        self.node.number(chunk)
    }
}

impl Node {
    fn walk<'n>(&'n self, visit: &mut impl FnMut(&'n Self)) {
        visit(self);
        match self {
            Self::Not(inner) | Self::Minus(inner) => inner.walk(visit),
            Self::Binary(_, sides) => {
                sides.0.walk(visit);
                sides.1.walk(visit);
            }
            _ => {}
        }
    }

    /// What it is; the parser has made sure that the operands fit.
    fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Column(column) if column.kind() == Kind::Whole => Kind::Number,
            Self::Column(column) => column.kind(),
            Self::Number(_)
            | Self::Minus(_)
            | Self::Binary(Binary::Add | Binary::Sub | Binary::Mul | Binary::Div, _) => Kind::Number,
            Self::Truth(_) | Self::Not(_) | Self::Binary(..) => Kind::Truth,
        }
    }

    fn truth(&self, chunk: &Chunk<'_>) -> Lanes<bool> {
        let (op, (a, b)) = match self {
            Self::Not(inner) => return inner.truth(chunk).map(|it| !it),
            Self::Truth(truth) => return Lanes::Same(*truth),
            Self::Column(column) => return chunk.truths(*column),
            Self::Binary(op, sides) => (*op, &**sides),
            _ => return Lanes::Same(false),
        };
        match (op, a.kind()) {
            (Binary::Or, _) => a.truth(chunk).zip(b.truth(chunk), |a, b| a | b),
            (Binary::And, _) => a.truth(chunk).zip(b.truth(chunk), |a, b| a & b),
            (Binary::Equal, Kind::Text) => a.texts(chunk).zip(b.texts(chunk), |a, b| a == b),
            (_, Kind::Text) => a.texts(chunk).zip(b.texts(chunk), |a, b| a != b),
            (Binary::Equal, Kind::Truth) => a.truth(chunk).zip(b.truth(chunk), |a, b| a == b),
            (_, Kind::Truth) => a.truth(chunk).zip(b.truth(chunk), |a, b| a != b),
            _ => {
                let (a, b) = (a.number(chunk), b.number(chunk));
                #[expect(clippy::float_cmp, reason = "whoever asks whether two numbers are equal is told so")]
                match op {
                    Binary::Less => a.zip(b, |a, b| a < b),
                    Binary::LessEqual => a.zip(b, |a, b| a <= b),
                    Binary::Greater => a.zip(b, |a, b| a > b),
                    Binary::GreaterEqual => a.zip(b, |a, b| a >= b),
                    Binary::Equal => a.zip(b, |a, b| a == b),
                    _ => a.zip(b, |a, b| a != b),
                }
            }
        }
    }

    fn number(&self, chunk: &Chunk<'_>) -> Lanes<f64> {
        match self {
            Self::Number(n) => Lanes::Same(*n),
            Self::Column(column) => chunk.numbers(*column),
            Self::Minus(inner) => inner.number(chunk).map(|n| -n),
            Self::Binary(op, sides) => {
                let (a, b) = (sides.0.number(chunk), sides.1.number(chunk));
                match op {
                    Binary::Add => a.zip(b, |a, b| a + b),
                    Binary::Sub => a.zip(b, |a, b| a - b),
                    Binary::Mul => a.zip(b, |a, b| a * b),
                    _ => a.zip(b, |a, b| a / b),
                }
            }
            Self::Text(_) | Self::Truth(_) | Self::Not(_) => Lanes::Same(f64::NAN),
        }
    }

    fn texts<'c>(&'c self, chunk: &'c Chunk<'_>) -> Lanes<Cow<'c, str>> {
        match self {
            Self::Text(text) => Lanes::Same(Cow::Borrowed(text)),
            Self::Column(column) => chunk.texts(*column),
            _ => Lanes::Same(Cow::Borrowed("")),
        }
    }
}

impl Sweep {
    /// An error if a query asks for columns that the sweep lacks, or for a name that nothing in it has.
    pub fn check(&self, query: &Query) -> Result<(), Error> {
        query.columns().into_iter().try_for_each(|column| self.has(column))?;
        for (column, text) in query.compared().into_iter().filter(|(column, _)| named(*column)) {
            let names = self.names(column);
            if !names.contains(&text) {
                let near = cost_core::nearest(text, names.iter().copied());
                let near = near.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
                let message = format!("none of the sweep is \"{text}\"{near}");
                return Err(Error::Column { name: column.name().to_owned(), message });
            }
        }
        Ok(())
    }

    /// The columns to evaluate for some columns and a condition, which the sweep has to have.
    pub(super) fn needed(&self, columns: &[Column], condition: Option<&Query>) -> Result<Vec<Column>, Error> {
        self.has_all(columns)?;
        condition.map_or(Ok(()), |condition| self.check(condition))?;
        Ok(columns.iter().copied().chain(condition.map(Query::columns).into_iter().flatten()).collect())
    }
}

/// Whether a column's names are those that the sweep was given.
fn named(column: Column) -> bool {
    matches!(column, Column::Model | Column::Weights | Column::Acts | Column::Cache | Column::Hardware)
}
