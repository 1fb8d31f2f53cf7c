//! Caches in blocks.

use cost_models::decode::paged::{Paged, paged};

use super::batching::requests;
use super::{Question, needed};
use crate::error::{Error, Kind, Result};

/// How the caches of the requests are kept.
pub(super) fn kept(question: &Question<'_>) -> Result<Paged> {
    let Question { request, deployment, .. } = question;
    let requests = requests(question)?;
    let (shared, shortest) = (request.other.shared.unwrap_or(0), requests.iter().map(|request| request.prompt).min());
    if request.batching.draw.is_some()
        && let Some(shortest) = shortest.filter(|shortest| *shortest < shared)
    {
        let message = format!(
            "--shared: found {shared}, expected at most {shortest}, the length of the shortest prompt drawn; longer \
             ones are drawn with --prompts geometric:MEAN:{shared} or uniform:{shared}:TO"
        );
        return Err(Error { field: Some("shared".to_owned()), ..Error::new(Kind::Request, message) });
    }
    let longest = request.other.reserve.or(deployment.model().context);
    let longest = longest
        .ok_or_else(|| needed("reserve", "--method paged needs --reserve TOKENS: the model's context isn't known"))?;
    Ok(paged(deployment, &requests, request.other.block.unwrap_or(16), longest, shared)?)
}
