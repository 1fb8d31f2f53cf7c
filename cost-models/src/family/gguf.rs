//! Which GGUF files are of a model type, and what the fields of its config are made of there.

use super::table::{Fault, Node, Table};

/// What a declaration says of GGUF files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gguf {
    /// What `general.architecture` says in files of this type; nothing where none are known.
    pub(crate) architecture: Option<String>,
    /// The end of a tensor's name that tells it from others of that architecture.
    pub(crate) has: Option<String>,
    /// Fields of the config and what each is made of.
    pub(crate) fields: Vec<(String, Source)>,
}

/// What a field of a config is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The first of these keys that is there, after the architecture's name and a dot.
    Key {
        keys: Vec<String>,
        /// Another key that is taken away from it, or that divides it.
        other: Option<(Combined, String)>,
        /// Whether it is `null` where none is there; else the field isn't there either.
        null: bool,
    },
    /// Something about the tensor of a name.
    Tensor(Of, String),
    Null,
}

/// What one number is with another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Combined {
    /// Less that, which is 0 if it isn't there.
    Less,
    /// Over that, which divides it.
    Over,
}

/// What is asked of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// Whether it is there.
    Has,
    /// Whether it isn't.
    Lacks,
    /// How many rows it has.
    Rows,
}

impl Source {
    /// The keys that it is made of.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let (keys, other) = match self {
            Self::Key { keys, other, .. } => (keys.as_slice(), other.as_ref()),
            Self::Tensor(..) | Self::Null => (&[][..], None),
        };
        keys.iter().map(String::as_str).chain(other.map(|(_, key)| key.as_str()))
    }
}

impl Gguf {
    /// Reads what a declaration changes in that of the type that it is like.
    pub(super) fn read(&mut self, mut table: Table<'_>) -> Result<(), Fault> {
        self.architecture = table.take("architecture").map(Node::text).transpose()?;
        self.has = table.take("has").map(Node::text).transpose()?;
        if let Some(node) = table.take("fields") {
            for (field, _, node) in node.table()?.rest() {
                self.fields.retain(|(own, _)| own != field);
                // What the type that it is like has, and this one doesn't.
                if !node.flag().is_ok_and(|kept| !kept) {
                    self.fields.push((field.to_owned(), source(node)?));
                }
            }
        }
        table.end(&["architecture", "has", "fields"])
    }
}

fn source(node: Node<'_>) -> Result<Source, Fault> {
    const TENSOR: [(&str, Of); 3] = [("has", Of::Has), ("lacks", Of::Lacks), ("rows", Of::Rows)];
    const COMBINED: [(&str, Combined); 2] = [("less", Combined::Less), ("over", Combined::Over)];
    let mut table = match node.table_or_text()? {
        Err(key) => return Ok(Source::Key { keys: vec![key], other: None, null: false }),
        Ok(table) => table,
    };
    let null = table.take("null").map(Node::flag).transpose()?.unwrap_or(false);
    let source = if let Some(keys) = table.take("key") {
        let other = table.either(&COMBINED.map(|(key, _)| key));
        let other = other.map(|(at, node)| Ok((COMBINED[at].1, node.text()?))).transpose()?;
        Source::Key { keys: keys.texts()?, other, null }
    } else if let Some((at, node)) = table.either(&TENSOR.map(|(key, _)| key)) {
        Source::Tensor(TENSOR[at].1, node.text()?)
    } else if null {
        Source::Null
    } else {
        let expected = "expected one of the keys `key`, `has`, `lacks`, `rows`, or `null = true`";
        return Err(Fault::new(table.at(), format!("what is it made of? {expected}")));
    };
    table.end(&["key", "less", "over", "null", "has", "lacks", "rows"])?;
    Ok(source)
}
