//! Files as they are found: regular ones, and no more of them than is wanted.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::Error;

/// A regular file, to be read. What else has a name may never end, or never begin.
pub(crate) fn open(path: &Path) -> Result<File, Error> {
    let failed = |error: std::io::Error| wrong(path, &error.to_string());
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(wrong(path, "not a regular file"));
    }
    File::open(path).map_err(failed)
}

/// The text of a regular file of at most so many bytes.
///
/// An error names the file; of one that is longer no more is read.
pub fn text(path: &Path, limit: u64) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let read = open(path)?.take(limit + 1).read_to_end(&mut bytes).map_err(|error| wrong(path, &error.to_string()))?;
    if read as u64 > limit {
        return Err(wrong(path, &format!("more than {limit} bytes; expected at most as many")));
    }
    String::from_utf8(bytes).map_err(|error| wrong(path, &format!("not UTF-8 text: {}", error.utf8_error())))
}

/// What is wrong with a file.
pub(crate) fn wrong(path: &Path, reason: &str) -> Error {
    Error::File { path: path.display().to_string(), reason: reason.to_owned() }
}
