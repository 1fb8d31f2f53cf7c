//! Operators of `.rs` files.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use cost_core::library::Source;
use cost_core::text::short;
use cost_syntax::text::{Diagnostic, File, read};

use super::whole::Whole;
use crate::error::{Error, Kind, Result};
use crate::sources::Sources;

/// The most bytes of a file of operators.
pub(super) const FILE_LIMIT: u64 = 1 << 20;

/// A file's path and the operator's name, if `FILE.rs` or `FILE.rs::Operator` is meant.
pub(super) fn named(what: &str) -> Option<(&str, Option<&str>)> {
    const END: &str = ".rs";
    match what.split_once(".rs::") {
        Some((path, name)) => Some((&what[..path.len() + END.len()], Some(name))),
        None => what.ends_with(END).then_some((what, None)),
    }
}

/// All operators of a file. An error shows every mistake with its line.
pub(super) fn all(path: &str, sources: &dyn Sources) -> Result<Vec<Source>> {
    let file = opened(path, sources)?;
    Ok(file.names().filter_map(|name| file.find(name)).collect())
}

fn opened(path: &str, sources: &dyn Sources) -> Result<File> {
    let whole = Whole::of(path, sources)?;
    let known = |name: &str| cost_models::operators().find(|op| op.name == name);
    read(&whole.text, &known).map_err(|errors| Error::new(Kind::File, shown(&whole, &errors)))
}

/// The operator of that name in a file, or the only one that is there. An error shows every mistake with its line.
pub(super) fn one(path: &str, name: Option<&str>, sources: &dyn Sources) -> Result<Source> {
    let file = opened(path, sources)?;
    let names = || file.names().take(20).collect::<Vec<_>>().join(", ");
    let mut all = file.names();
    let name = match (name, all.next(), all.next()) {
        (Some(name), ..) | (None, Some(name), None) => name,
        (None, first, _) => {
            let (count, first) = (file.names().len(), first.unwrap_or_default());
            let found = format!("{path}: found {count} operators, expected the name of one, as in {path}::{first}");
            return Err(Error::new(Kind::File, format!("{found}: {}", names())));
        }
    };
    file.find(name).ok_or_else(|| {
        let nearest = cost_core::nearest(name, file.names());
        let near = nearest
            .map_or_else(|| format!(", expected one of {}", names()), |near| format!("; did you mean `{near}`?"));
        let message = format!("{path}: found no operator `{}`{near}", short(name, 100));
        Error { found: Some(name.to_owned()), ..Error::new(Kind::Unknown, message) }.near(nearest)
    })
}

/// Mistakes as the compiler shows them, but for the first word, which every error of the command begins with.
fn shown(whole: &Whole, errors: &[Diagnostic]) -> String {
    const WIDTH: usize = 100;
    const MOST: usize = 20;
    let renderer = Renderer::plain().term_width(WIDTH);
    let each = errors.iter().take(MOST).map(|error| {
        let (path, text, bytes) = whole.place(error.bytes.clone());
        let source = Snippet::source(text).path(path).annotation(AnnotationKind::Primary.span(bytes));
        renderer.render(&[Level::ERROR.primary_title(&error.message).element(source)])
    });
    let mut all = each.collect::<Vec<_>>().join("\n\n");
    if errors.len() > MOST {
        all += &format!("\n\nand {} more", errors.len() - MOST);
    }
    all.strip_prefix("error: ").map_or_else(|| all.clone(), str::to_owned)
}
