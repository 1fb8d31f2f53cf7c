//! A file of operators with the modules that it declares, each from a file of its own.

use std::ops::Range;
use std::path::{Path, PathBuf};

use cost_syntax::text::modules;

use super::operators::FILE_LIMIT;
use crate::error::{Error, Kind, Result};
use crate::sources::Sources;

/// The most files, the deepest that they are in each other, and the most bytes of all.
const FILES: usize = 1000;
const DEPTH: usize = 32;
const ALL: usize = 1 << 24;

/// A text that is put together of files.
pub(super) struct Whole {
    pub(super) text: String,
    files: Vec<(String, String)>,
    pieces: Vec<Piece>,
}

/// A part of the text, and where it is from.
struct Piece {
    /// Where it begins in the text.
    start: usize,
    /// The file, and where it begins there.
    file: usize,
    from: usize,
    length: usize,
}

impl Whole {
    /// A file, and in the place of each `mod name;` what stands in `name.rs` or `name/mod.rs`, where the compiler looks for it. A
    /// module whose file can't be had is left as it is.
    pub(super) fn of(path: &str, sources: &dyn Sources) -> Result<Self> {
        let text = sources.text(path, FILE_LIMIT)?;
        let mut whole = Self { text: String::new(), files: Vec::new(), pieces: Vec::new() };
        whole.add(path, &text, 0, sources)?;
        Ok(whole)
    }

    fn add(&mut self, path: &str, text: &str, depth: usize, sources: &dyn Sources) -> Result<()> {
        let declared = if text.contains("mod ") && depth < DEPTH { modules(text) } else { Vec::new() };
        let (file, folder, mut done) = (self.files.len(), folder(path), 0);
        self.files.push((path.to_owned(), text.to_owned()));
        for module in declared {
            let around = folder.join(module.path.iter().collect::<PathBuf>());
            let candidates = [around.with_extension("rs"), around.join("mod.rs")];
            let found = candidates.iter().filter_map(|path| path.to_str()).find_map(|path| {
                let text = sources.text(path, FILE_LIMIT).ok()?;
                Some((path.to_owned(), text))
            });
            let Some((path, inner)) = found else { continue };
            if self.files.len() == FILES || self.text.len() + inner.len() > ALL {
                let found = format!("found more than {FILES} files or {ALL} bytes of modules");
                return Err(Error::new(Kind::File, format!("{path}: {found}; name the operator's own file")));
            }
            self.piece(file, text, done..module.at);
            done = module.at + 1;
            self.text.push('{');
            self.add(&path, &inner, depth + 1, sources)?;
            self.text += "\n}";
        }
        self.piece(file, text, done..text.len());
        Ok(())
    }

    fn piece(&mut self, file: usize, text: &str, of: Range<usize>) {
        self.pieces.push(Piece { start: self.text.len(), file, from: of.start, length: of.len() });
        self.text += &text[of];
    }

    /// The file that some bytes of the text are from, all of it, and which bytes of it they are.
    pub(super) fn place(&self, bytes: Range<usize>) -> (&str, &str, Range<usize>) {
        let at = self.pieces.partition_point(|piece| piece.start <= bytes.start).saturating_sub(1);
        let piece = &self.pieces[at];
        let (path, text) = &self.files[piece.file];
        let within = |byte: usize| piece.from + byte.saturating_sub(piece.start).min(piece.length);
        (path, text, within(bytes.start)..within(bytes.end))
    }
}

/// Where the modules of a file are.
fn folder(path: &str) -> PathBuf {
    let path = Path::new(path);
    let own = path.file_stem().is_some_and(|stem| ["lib", "main", "mod"].iter().any(|name| stem == *name));
    if own { path.parent().unwrap_or(Path::new("")).to_owned() } else { path.with_extension("") }
}
