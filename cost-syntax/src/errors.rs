//! Errors, collected so that one compile shows all of them.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;

/// What is wrong with one operator, each at the tokens that the author wrote.
#[derive(Default)]
pub struct Errors {
    found: Vec<(Span, syn::Error)>,
    /// Names that an author who wrote an unknown one may have meant: these are not reported as unused.
    meant: Vec<String>,
}

impl Errors {
    /// Adds an error at a piece of syntax.
    pub(crate) fn add(&mut self, at: &impl ToTokens, message: impl AsRef<str>) {
        self.found.push((at.span(), syn::Error::new_spanned(at, message.as_ref())));
    }

    /// Adds an error at a span.
    pub fn at(&mut self, span: Span, message: impl AsRef<str>) {
        self.found.push((span, syn::Error::new(span, message.as_ref())));
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
            Some(near) => {
                self.meant.push(near.to_owned());
                format!("; did you mean `{near}`?")
            }
            None => {
                let names: Vec<String> = known.into_iter().map(|name| format!("`{name}`")).collect();
                if names.is_empty() { String::new() } else { format!("; there are {}", names.join(", ")) }
            }
        };
        self.at(name.span(), format!("{what} `{text}`{hint}"));
    }

    /// Nothing more is said of a name that is wrong already.
    pub(crate) fn excuse(&mut self, name: &syn::Ident) {
        self.meant.push(name.to_string());
    }

    /// Whether an unknown name may have been meant to be this one.
    pub(crate) fn may_mean(&self, name: &str) -> bool {
        self.meant.iter().any(|meant| meant == name)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Adds the errors of another.
    #[cfg(feature = "text")]
    pub(crate) fn take(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// The errors, each with the place where it begins, in the order in which they were found.
    pub fn into_found(self) -> Vec<(Span, syn::Error)> {
        self.found
    }
}
