//! How many cases the laws are tried on.

use proptest::prelude::ProptestConfig;

/// So many cases, unless `PROPTEST_CASES` says how many. What fails is repeated by its seed, so it isn't kept in a file.
pub fn tried(cases: u32) -> ProptestConfig {
    let said = std::env::var("PROPTEST_CASES").ok().and_then(|said| said.parse().ok());
    ProptestConfig { cases: said.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}
