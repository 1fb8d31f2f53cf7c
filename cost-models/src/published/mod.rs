//! The ledger of published figures: what documents on the cost of inference print, and what the operators' derivation
//! gives for the same inputs.
//!
//! A [`Row`] is data but for its check, which derives the figure from declared operators and compares it with the
//! printed digits. A figure that is wrong in its document stays wrong here: the row says why, and the mistake that
//! gives the printed digits is made again with the derived quantities.

mod devices;
mod digits;
mod document_000;
mod document_001;
mod document_002;
mod document_003;
mod document_004;
mod findings;
mod measure;
mod models;
mod operators;
mod page;
mod row;
mod solve;
mod verdict;

pub use findings::Findings;
pub use operators::{AddNorm, Array, GatedProduct, MatMul, Rotation, RoutedProducts, TwoProducts};
pub use page::markdown;
pub use row::{Document, Outcome, Row};
pub use verdict::Verdict;

/// Every row, by document and in its order.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [document_000::ROWS, document_001::ROWS, document_002::ROWS, document_003::ROWS, document_004::ROWS]
        .into_iter()
        .flatten()
}
