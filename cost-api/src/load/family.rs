//! Declarations of model types.

use std::sync::Arc;

use cost_models::Family;

use super::{FILE_LIMIT, operators};
use crate::error::{Error, Result};
use crate::sources::Sources;

/// The declaration in a file, with the operators of the file beside it that it names.
pub(super) fn family(path: &str, sources: &dyn Sources) -> Result<Arc<Family>> {
    let declaration = sources.text(path, FILE_LIMIT)?;
    let wrong = |error: cost_models::Error| Error::from(error).about(path);
    let own = match Family::operators_file(&declaration).map_err(wrong)? {
        // Beside it in a revision of Git too: `REVISION:own.toml`.
        Some(file) => {
            let folder = path.rfind(['/', '\\', ':']).map_or("", |end| &path[..=end]);
            operators::all(&format!("{folder}{file}"), sources)?
        }
        None => Vec::new(),
    };
    Family::parse(&declaration, own).map(Arc::new).map_err(wrong)
}
