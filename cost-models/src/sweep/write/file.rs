//! A file that is there when it is whole, and not before.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::error::Error;

/// A file under another name until [`Output::keep`] is called; without that nothing is left of it.
#[derive(Debug)]
pub struct Output {
    to: PathBuf,
    part: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Output {
    /// A new file beside the one that it is going to be. A link is followed: what it points at is replaced.
    pub fn create(given: &Path) -> Result<Self, Error> {
        /// Files of one process differ.
        static CREATED: AtomicU64 = AtomicU64::new(0);
        let to = fs::canonicalize(given).unwrap_or_else(|_| given.to_owned());
        let name = to.file_name().ok_or_else(|| error(given, "expected a file's name"))?;
        let before = to.metadata().ok();
        match &before {
            Some(it) if it.is_dir() => return Err(error(given, "is a directory; expected a file's name")),
            // Its name must not be taken from a device or a pipe.
            Some(it) if !it.is_file() => return Err(error(given, "is no regular file")),
            _ => {}
        }
        let number = CREATED.fetch_add(1, Ordering::Relaxed);
        let part = to.with_file_name(format!(".{}.{}.{number}.part", name.to_string_lossy(), std::process::id()));
        let file = File::create_new(&part).map_err(|reason| error(given, &reason.to_string()))?;
        let output = Self { to, part, file: Some(BufWriter::with_capacity(1 << 20, file)) };
        // Whoever could read the one before can read this one.
        if let (Some(before), Some(file)) = (before, &output.file) {
            let kept = file.get_ref().set_permissions(before.permissions());
            kept.map_err(|reason| error(given, &reason.to_string()))?;
        }
        Ok(output)
    }

    /// Gives the file its name, in place of one that had it before.
    pub fn keep(mut self) -> Result<(), Error> {
        let failed = |reason: std::io::Error| error(&self.to, &reason.to_string());
        if let Some(file) = self.file.take() {
            let file = file.into_inner().map_err(|reason| failed(reason.into_error()))?;
            // Its name must not outlive what is in it.
            file.sync_all().map_err(failed)?;
        }
        fs::rename(&self.part, &self.to).map_err(failed)?;
        self.part.clear();
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.part.as_os_str().is_empty() {
            drop(self.file.take());
            // There is nobody to tell; the file's name says that it is a part.
            let _ = fs::remove_file(&self.part);
        }
    }
}

fn error(path: &Path, reason: &str) -> Error {
    Error::Output { path: path.display().to_string(), reason: reason.to_owned() }
}

/// Why something could not be written to whatever is written to.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
pub(super) fn failed(reason: std::io::Error) -> Error {
    Error::Output { path: "writing".to_owned(), reason: reason.to_string() }
}
