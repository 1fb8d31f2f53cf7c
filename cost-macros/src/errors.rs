//! Errors, collected so that one compile shows all of them.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;

/// What is wrong with one operator, each at the token that the author wrote.
#[derive(Default)]
pub(crate) struct Errors(Vec<(Span, String)>);

impl Errors {
    /// Adds an error at a piece of syntax.
    pub(crate) fn add(&mut self, at: &impl Spanned, message: impl Into<String>) {
        self.at(at.span(), message);
    }

    /// Adds an error at a span.
    pub(crate) fn at(&mut self, span: Span, message: impl Into<String>) {
        self.0.push((span, message.into()));
    }

    /// Adds an error about an unknown name, with the nearest of the names that would do.
    pub(crate) fn unknown<'n>(
        &mut self,
        name: &syn::Ident,
        what: &str,
        known: impl IntoIterator<Item = &'n str> + Clone,
    ) {
        let text = name.to_string();
        let hint = match cost_core::nearest(&text, known.clone()) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => {
                let names: Vec<String> = known.into_iter().map(|name| format!("`{name}`")).collect();
                if names.is_empty() { String::new() } else { format!("; there are {}", names.join(", ")) }
            }
        };
        self.at(name.span(), format!("{what} `{text}`{hint}"));
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The errors as tokens, in the order of the source.
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        let place = |span: Span| (span.unwrap().line(), span.unwrap().column());
        self.0.sort_by_key(|(span, _)| place(*span));
        self.0.dedup_by(|(a, text), (b, other)| text == other && place(*a) == place(*b));
        self.0.into_iter().map(|(span, message)| syn::Error::new(span, message).to_compile_error()).collect()
    }
}
