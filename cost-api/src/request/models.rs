//! The built-in models.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The built-in models
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct ModelsRequest {
    /// Refuse a config with fields that nothing is known about
    #[cfg_attr(feature = "clap", arg(long))]
    pub strict: bool,
}
