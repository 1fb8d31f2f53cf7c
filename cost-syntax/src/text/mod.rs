//! Files of operators, read without a compiler.
//!
//! What `#[cost]` and the compiler say of a file is said here too, at the same places: `scope` finds the operators and what
//! the names in them mean, `link` puts them together and checks the calls, `guard` keeps what is hostile from the parser.

mod guard;
mod link;
mod modules;
mod scope;

use std::ops::Range;
use std::sync::Arc;

use cost_core::library::{Library, Source};
use cost_core::op::Op;
use proc_macro2::{Span, TokenStream};

pub use modules::{Apart, modules};

/// Something that is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, and what is expected.
    pub message: String,
    /// Where it begins.
    pub start: Position,
    /// Where it is, as bytes of the text.
    pub bytes: Range<usize>,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// The operators of a file.
#[derive(Clone, Debug)]
pub struct File {
    library: Arc<Library>,
    /// The operators by name, with the modules around them, in the order of the file.
    operators: Vec<(String, usize)>,
}

impl File {
    /// The names of its operators, with the modules around them, in the order of the file.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.operators.iter().map(|(name, _)| name.as_str())
    }

    /// The operator of that name. A name without modules also finds one that is inside of some, if it is the only one.
    pub fn find(&self, name: &str) -> Option<Source> {
        let inner = |known: &&(String, usize)| known.0.rsplit("::").next() == Some(name);
        let exact = self.operators.iter().find(|(known, _)| known == name);
        let mut inside = self.operators.iter().filter(inner);
        let (_, at) = exact.or_else(|| inside.next().filter(|_| inside.next().is_none()))?;
        Some(Source::Owned(Arc::clone(&self.library), *at))
    }
}

/// Reads the operators of a text: its functions under `#[cost]`, or the one function that it consists of. `known` are
/// operators that it may import from `cost_models`, by name.
///
/// Everything that is wrong comes back at once, in the order of the text.
///
/// ```
/// let file = cost_syntax::text::read("fn Double<b, d>(x: Act<b, d>) -> Act<b, d> { x + x }", &|_| None).unwrap();
/// assert_eq!(file.names().collect::<Vec<_>>(), ["Double"]);
/// ```
pub fn read(
    text: &str,
    known: &(dyn Fn(&str) -> Option<&'static Op<'static>> + Sync),
) -> Result<File, Vec<Diagnostic>> {
    on_a_large_stack(|| {
        let file = parsed(text).and_then(|file| link::linked(&file, known));
        // Places are remembered for as long as a thread lives.
        let file = file.map_err(|errors| diagnostics(text, errors));
        proc_macro2::extra::invalidate_current_thread_spans();
        file
    })
}

fn parsed(text: &str) -> Result<syn::File, Vec<syn::Error>> {
    let tokens: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| {
        vec![syn::Error::new(
            error.span(),
            "this is no Rust: a bracket or a quote has no other, or a character no meaning",
        )]
    })?;
    guard::checked(&tokens).map_err(|error| vec![error])?;
    syn::parse2(tokens).map_err(|error| vec![error])
}

fn diagnostics(text: &str, mut errors: Vec<syn::Error>) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = errors.drain(..).map(|error| diagnostic(text, error.span(), &error)).collect();
    found.sort_by_key(|it| it.start);
    found.dedup();
    found
}

/// What is missing at the end of a text is said at its last character.
fn diagnostic(text: &str, span: Span, error: &syn::Error) -> Diagnostic {
    let mut bytes = span.byte_range();
    if bytes.is_empty() {
        let last = text.trim_end().char_indices().last().map_or(0, |(at, _)| at);
        bytes = last..text.trim_end().len();
    }
    let before = text.get(..bytes.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let start = Position { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 };
    Diagnostic { message: error.to_string(), start, bytes }
}

/// Parsing follows the nesting of what it reads, which may be deeper than the stack of a thread.
#[cfg(not(target_family = "wasm"))]
fn on_a_large_stack<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    const STACK: usize = 64 << 20;
    let prepared = || {
        // Where a thread's heap grows by single pages (glibc), it has some room at once after it has freed a large piece.
        for _ in 0..2 {
            drop(std::hint::black_box(Vec::<u8>::with_capacity(1 << 20)));
        }
        run()
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, prepared);
        let joined = thread.expect("a thread can be started").join();
        joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(target_family = "wasm")]
fn on_a_large_stack<T>(run: impl FnOnce() -> T) -> T {
    run()
}
