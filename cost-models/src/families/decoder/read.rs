//! What all configs of decoders have in common.

use crate::config::Fields;
use crate::error::Error;

/// Most layers that a config may have: more than that is a mistake, and lists by layers stay small.
pub(crate) const MOST_LAYERS: u64 = 65_536;

/// Reads how many layers come after all others, to predict further tokens.
pub(crate) fn further_layers(fields: &mut Fields, field: &str, default: u64, layers: u64) -> Result<u64, Error> {
    let further = fields.count(field, Some(default))?;
    let most = MOST_LAYERS.saturating_sub(layers);
    if further > most {
        let expected = format!("at most {most}, as there are {layers} layers before them and {MOST_LAYERS} can be");
        return Err(Error::field(field, further, expected));
    }
    Ok(further)
}
