//! Published figures beside the derived ones.

use cost_models::published::{self, Document, Outcome, Verdict};

use crate::request::{PublishedRequest, choice};

/// The published figures that are asked for, beside the derived ones. Pending ones have none.
pub fn published(request: &PublishedRequest) -> Vec<Outcome> {
    let (document, verdict) = (request.document.map(document), request.verdict.map(verdict));
    let wanted = published::rows()
        .filter(|row| document.is_none_or(|document| row.document == document))
        .filter(|row| verdict.is_none_or(|verdict| row.verdict == verdict));
    wanted.map(published::Row::outcome).collect()
}

const fn document(of: choice::Document) -> Document {
    match of {
        choice::Document::Myth => Document::Myth,
        choice::Document::Bandwidth => Document::Bandwidth,
        choice::Document::Heads => Document::Heads,
        choice::Document::Acceleration => Document::Acceleration,
        choice::Document::Devices => Document::Devices,
    }
}

const fn verdict(of: choice::Verdict) -> Verdict {
    match of {
        choice::Verdict::Derive => Verdict::Derive,
        choice::Verdict::Exact => Verdict::Exact,
        choice::Verdict::Rounded => Verdict::Rounded,
        choice::Verdict::Convention => Verdict::Convention,
        choice::Verdict::Erratum => Verdict::Erratum,
        choice::Verdict::Empirical => Verdict::Empirical,
        choice::Verdict::Pending => Verdict::Pending,
    }
}
