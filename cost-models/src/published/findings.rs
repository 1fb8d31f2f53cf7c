//! Comparisons of derived with published figures.

use super::digits::Printed;
use super::verdict::Verdict;

/// What the check of a row found, comparison by comparison.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The last of the comparisons' verdicts.
    verdict: Verdict,
    /// Whether every comparison came out as its kind says.
    hold: bool,
    derived: Vec<String>,
    /// What else the derivation says.
    pub(super) notes: Vec<String>,
}

impl Findings {
    pub(super) fn new() -> Self {
        Self { verdict: Verdict::Derive, hold: true, derived: Vec::new(), notes: Vec::new() }
    }

    /// The derived figures.
    pub fn derived(&self) -> String {
        self.derived.join("; ")
    }

    /// Whether the comparisons came out as this verdict says.
    pub fn bear_out(&self, verdict: Verdict) -> bool {
        self.hold && self.verdict == verdict
    }

    /// Something that is derived and doesn't decide anything.
    pub(super) fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    fn add(mut self, verdict: Verdict, holds: bool, text: impl Into<String>) -> Self {
        self.verdict = self.verdict.max(verdict);
        self.hold &= holds;
        self.derived.push(text.into());
        self
    }

    /// A statement that the derivation bears out.
    pub(super) fn statement(self, holds: bool, text: impl Into<String>) -> Self {
        self.add(Verdict::Derive, holds, text)
    }

    /// A published formula, list or comparison that comes out just so.
    pub(super) fn fact(self, holds: bool, text: impl Into<String>) -> Self {
        self.add(Verdict::Exact, holds, text)
    }

    /// A derived formula whose text is the published one.
    pub(super) fn formula(self, derived: &str, published: &str) -> Self {
        self.add(Verdict::Exact, derived == published, derived)
    }

    /// A number with every printed digit.
    pub(super) fn exact(self, value: f64, printed: Printed) -> Self {
        self.add(Verdict::Exact, printed.is(value), printed.beside(value))
    }

    /// A number that gives the printed digits when it is rounded or cut.
    pub(super) fn rounded(self, value: f64, printed: Printed) -> Self {
        self.add(Verdict::Rounded, printed.is_about(value), printed.beside_rounded(value))
    }

    /// A formula that is the published one only under the document's convention.
    pub(super) fn formula_under_convention(self, derived: &str, conventional: &str, published: &str) -> Self {
        self.add(Verdict::Convention, derived != published && conventional == published, derived)
            .note(format!("under the convention: {conventional}"))
    }

    /// A number that is the published one only under the document's convention.
    pub(super) fn under_convention(self, stated: f64, conventional: f64, printed: Printed, text: String) -> Self {
        self.add(Verdict::Convention, !printed.is_about(stated) && printed.is_about(conventional), text)
    }

    /// A wrong number: the right one, and the one that the mistake gives, which has the printed digits.
    pub(super) fn erratum(self, right: f64, mistaken: f64, printed: Printed) -> Self {
        self.add(Verdict::Erratum, !printed.is(right) && printed.is_about(mistaken), printed.beside(right))
            .note(format!("the mistake gives {}", printed.beside(mistaken)))
    }

    /// Wrong as a whole, in the way that is said, and right with the mistake.
    pub(super) fn erratum_in(self, holds: bool, text: impl Into<String>) -> Self {
        self.add(Verdict::Erratum, holds, text)
    }

    /// A measured figure, with what it implies.
    pub(super) fn implied(self, holds: bool, text: impl Into<String>) -> Self {
        self.add(Verdict::Empirical, holds, text)
    }
}
