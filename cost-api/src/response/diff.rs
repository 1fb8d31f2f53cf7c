//! What changed between two costs.

use serde::Serialize;

/// What changed, or the new figures for a page that follows them.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Diff {
    /// What changed.
    Changes(Changes),
    /// The new figures.
    Benchmark(Vec<Measure>),
}

/// What changed.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changes {
    /// How it came out.
    pub verdict: Verdict,
    /// How many costs were compared.
    pub compared: usize,
    /// Changes that are too much, limit by limit.
    pub beyond: Vec<Beyond>,
    /// What differs, of those costs that do.
    pub changed: Vec<Changed>,
    /// Costs that are there only now.
    pub added: Vec<String>,
    /// Costs that were there only before.
    pub removed: Vec<String>,
}

/// How a comparison came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing changed.
    Same,
    /// What changed is within all limits.
    Within,
    /// Something changed, and nothing was allowed to.
    Changed,
    /// A limit is passed.
    Beyond,
}

impl Verdict {
    /// Whether it is as it is to be.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Same | Self::Within)
    }
}

/// A change that is too much.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Beyond {
    /// The limit, as it was given.
    pub limit: String,
    /// Of which cost.
    pub of: String,
    /// The figure.
    #[serde(flatten)]
    pub change: Change,
}

/// A cost that changed.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changed {
    /// What it is a cost of.
    pub of: String,
    /// What it was called before, if that was something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// The step, or the sizes: names and values. Nothing where formulas were compared.
    pub workload: Vec<(String, Value)>,
    /// Totals that changed.
    pub figures: Vec<Change>,
    /// Kernels that did.
    pub kernels: Vec<KernelChange>,
    /// What devices of a mesh exchange, where that did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<KernelChange>,
}

/// A figure or a formula, before and now.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// Its name: the fields of a report that lead to it, joined by dots, without a last `total`.
    pub figure: String,
    /// What it was; nothing if it wasn't there.
    pub old: Option<Value>,
    /// What it is.
    pub new: Option<Value>,
    /// By what share of what it was it grew; nothing for texts, and for what was 0.
    pub change: Option<f64>,
}

/// A kernel or an exchange that changed, for one repetition.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KernelChange {
    /// Its path.
    pub path: String,
    /// Whether it was there before, and is now.
    pub kind: ChangeKind,
    /// What of it changed; of one that came or went, all of it.
    pub figures: Vec<Change>,
}

/// What happened to a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the values say it")]
pub enum ChangeKind {
    Added,
    Removed,
    Changed,
}

/// A figure, or a text such as a formula.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Value {
    /// A whole number, exact.
    Whole(u128),
    /// Another number.
    Real(f64),
    /// A text.
    Text(String),
}

impl Value {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(whole) => Some(*whole as f64),
            Self::Real(real) => Some(*real),
            Self::Text(_) => None,
        }
    }
}

/// Numbers are equal by what they are worth.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            _ => self.number().is_some() && self.number() == other.number(),
        }
    }
}

/// A figure as github-action-benchmark's `customSmallerIsBetter` reads it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Measure {
    /// What it is of, and its name.
    pub name: String,
    /// `FLOP`, `B`, `s` or `parameters`.
    pub unit: &'static str,
    /// The figure.
    pub value: Value,
}
