//! Recommendation: tables that are looked up, and products of what is found.

use cost_models::cost;

/// Embedding bag: the sum of the `n` rows of a table that a sample names.
#[cost]
pub fn EmbeddingBag<b, n, v, d>(ids: Ids<b, n>, table: Weight<v, d>) -> Act<b, d> {
    sum::<n>(gather::<v>(table, ids))
}

/// Bags of `j` categorical features, each with a table of its own (DLRM, arXiv:1906.00091).
#[cost]
pub fn EmbeddingBags<b, j, n, v, d>(ids: Ids<j, b, n>, tables: Weight<j, v, d>) -> Act<b, j, d> {
    sum::<n>(gather::<v>(tables, ids))
}

/// Products of all pairs of `j` features, those with themselves included (DLRM, arXiv:1906.00091).
#[cost(causal(j, i), i = j)]
pub fn DotInteraction<b, j, i, d>(features: Act<b, j, d>) -> Act<b, j, i> {
    dot::<d>(features, rename::<j, i>(features))
}

/// The first layer above the interactions: it sees the pairs, each feature with those up to itself, and the dense features,
/// side by side.
#[cost(n = j * (j + 1) / 2)]
pub fn TopLayer<b, j, n, d, f>(
    dense: Act<b, d>,
    pairs: Act<b, n>,
    from_dense: Weight<d, f>,
    from_pairs: Weight<n, f>,
    bias: Weight<f>,
) -> Act<b, f> {
    relu(dot::<d>(dense, from_dense) + dot::<n>(pairs, from_pairs) + bias)
}
