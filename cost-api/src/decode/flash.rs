//! Attention by tiles.

use cost_models::decode::Part;
use cost_models::decode::flash::{Flash, Tile, flash};

use super::Question;
use crate::error::{Error, Result};

/// The attention of the prompts.
pub(super) fn tiled(question: &Question<'_>) -> Result<Flash> {
    let Question { request, deployment, task, .. } = question;
    let tiles = request.other.tiles.iter().map(|tile| {
        let read = tile.split_once('x').and_then(|(queries, keys)| Some((queries.parse().ok()?, keys.parse().ok()?)));
        let (queries, keys) =
            read.ok_or_else(|| Error::found("tiles", format_args!("`{tile}`"), "QUERIESxKEYS, as in 128x64"))?;
        Ok(Tile { queries, keys })
    });
    let prompts = Part::prefill(task.sequences, task.prompt);
    Ok(flash(deployment, &prompts, &tiles.collect::<Result<Vec<_>>>()?)?)
}
