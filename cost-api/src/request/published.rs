//! Published figures beside the derived ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::{Document, Verdict};

/// Published figures beside the derived ones
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct PublishedRequest {
    /// Only the figures of this document
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub document: Option<Document>,
    /// Only the figures with this verdict
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub verdict: Option<Verdict>,
}
