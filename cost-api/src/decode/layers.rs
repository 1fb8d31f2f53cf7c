//! Methods that leave out layers.

use cost_models::decode::early_exit::Exits;

use super::needed;
use crate::error::{Error, Result};

/// Reads `LAYER:SHARE` pairs.
pub(super) fn exits(pairs: &[String]) -> Result<Exits> {
    if pairs.is_empty() {
        return Err(needed("exits", "--method early-exit needs --exits LAYER:SHARE,…"));
    }
    let pairs = pairs.iter().map(|pair| {
        let read = pair.split_once(':').and_then(|(layer, share)| Some((layer.parse().ok()?, share.parse().ok()?)));
        read.ok_or_else(|| Error::found("exits", format_args!("`{pair}`"), "LAYER:SHARE, as in 16:0.5"))
    });
    Exits::new(pairs.collect::<Result<_>>()?).map_err(|error| Error::from(error).of("exits"))
}
