//! What a row of the ledger is, and what comes of checking it.

use serde::{Serialize, Serializer};

use super::findings::Findings;
use super::verdict::Verdict;
use crate::error::Error;

/// A document that publishes figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// Whether attention in decoding is always bound by memory.
    Myth,
    /// Where the bandwidth of decoding goes.
    Bandwidth,
    /// Why multi-head attention became multi-query, grouped-query and latent attention.
    Heads,
    /// Decoding efficiency, and methods that speed decoding up.
    Acceleration,
    /// What many devices exchange: links, layers and mixtures, from several sources.
    Devices,
}

impl Document {
    /// Every document.
    pub const ALL: &'static [Self] = &[Self::Myth, Self::Bandwidth, Self::Heads, Self::Acceleration, Self::Devices];

    /// Its number, which its rows' ids start with.
    pub const fn number(self) -> &'static str {
        match self {
            Self::Myth => "000",
            Self::Bandwidth => "001",
            Self::Heads => "002",
            Self::Acceleration => "003",
            Self::Devices => "004",
        }
    }

    /// Its title, or what it is about.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Myth => "The myth of decoding large models",
            Self::Bandwidth => "The memory bandwidth bottleneck of attention in LLM inference frameworks",
            Self::Heads => "From MHA to MQA, GQA and MLA: the KV cache and the memory wall",
            Self::Acceleration => "Decoding efficiency and acceleration algorithms",
            Self::Devices => "Many devices: links, layers and mixtures, from several sources",
        }
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.number().serialize(serializer)
    }
}

/// A published figure.
#[derive(Debug)]
pub struct Row {
    /// The document's number and a name.
    pub id: &'static str,
    /// Who publishes it.
    pub document: Document,
    /// Where in the document.
    pub place: &'static str,
    /// What it is.
    pub figure: &'static str,
    /// The text as printed.
    pub published: &'static str,
    /// The sizes and devices that give it.
    pub inputs: &'static str,
    /// How the document counts where the library counts otherwise; empty if it doesn't.
    pub convention: &'static str,
    /// How it compares.
    pub verdict: Verdict,
    /// For an erratum, why it is wrong; else what there is to know about it.
    pub reason: &'static str,
    /// Derives the figure and compares; nothing while the row is pending.
    pub check: Option<fn() -> Result<Findings, Error>>,
}

/// A row and what came of checking it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// The row.
    #[serde(skip)]
    pub row: &'static Row,
    /// The row's id.
    pub id: &'static str,
    /// The document's number.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub document: Document,
    /// The text as printed.
    #[serde(serialize_with = "figure")]
    #[cfg_attr(feature = "schema", schemars(with = "serde_json::Value"))]
    pub published: &'static str,
    /// The derived figure; nothing while the row is pending.
    #[serde(serialize_with = "figure")]
    #[cfg_attr(feature = "schema", schemars(with = "serde_json::Value"))]
    pub derived: Option<String>,
    /// How it compares.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub verdict: Verdict,
    /// Whether the comparison comes out as the verdict says; nothing while the row is pending.
    pub holds: Option<bool>,
    /// Convention, reason, and what else the derivation says.
    pub note: String,
}

impl Row {
    /// A pending row.
    pub(super) const fn pending(
        document: Document,
        id: &'static str,
        figure: &'static str,
        published: &'static str,
    ) -> Self {
        let (place, inputs, convention, reason) = ("", "", "", "");
        Self {
            id,
            document,
            place,
            figure,
            published,
            inputs,
            convention,
            verdict: Verdict::Pending,
            reason,
            check: None,
        }
    }

    /// Where in the document.
    pub(super) const fn at(self, place: &'static str) -> Self {
        Self { place, ..self }
    }

    /// The sizes and devices that give it.
    pub(super) const fn given(self, inputs: &'static str) -> Self {
        Self { inputs, ..self }
    }

    /// How the document counts.
    pub(super) const fn counting(self, convention: &'static str) -> Self {
        Self { convention, ..self }
    }

    /// Why it is wrong, or what there is to know about it.
    pub(super) const fn because(self, reason: &'static str) -> Self {
        Self { reason, ..self }
    }

    /// What derives and compares it, and how it compares.
    pub(super) const fn is(self, verdict: Verdict, check: fn() -> Result<Findings, Error>) -> Self {
        Self { verdict, check: Some(check), ..self }
    }

    /// Derives the figure and compares it with the published one.
    pub fn outcome(&'static self) -> Outcome {
        let (derived, holds, found) = match self.check.map(|check| check()) {
            None => (None, None, Vec::new()),
            Some(Ok(findings)) => (Some(findings.derived()), Some(findings.bear_out(self.verdict)), findings.notes),
            Some(Err(error)) => (None, Some(false), vec![format!("the derivation failed: {error}")]),
        };
        let convention = match self.convention {
            "" => String::new(),
            convention => format!("convention: {convention}"),
        };
        let notes = [convention, self.reason.to_owned()].into_iter().chain(found).filter(|note| !note.is_empty());
        Outcome {
            row: self,
            id: self.id,
            document: self.document,
            published: self.published,
            derived,
            verdict: self.verdict,
            holds,
            note: notes.collect::<Vec<_>>().join("; "),
        }
    }
}

/// A text, or a number where the text is nothing but one.
fn figure<S: Serializer>(text: &impl Figure, serializer: S) -> Result<S::Ok, S::Error> {
    let Some(text) = text.text() else { return serializer.serialize_none() };
    let plain = text.replace(',', "");
    match (plain.parse::<u64>(), plain.parse::<f64>()) {
        (Ok(whole), _) => whole.serialize(serializer),
        (_, Ok(number)) if number.is_finite() => number.serialize(serializer),
        _ => text.serialize(serializer),
    }
}

/// What [`figure`] writes: a figure that is there, or one that may not be.
trait Figure {
    fn text(&self) -> Option<&str>;
}

impl Figure for &'static str {
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl Figure for Option<String> {
    fn text(&self) -> Option<&str> {
        self.as_deref()
    }
}
