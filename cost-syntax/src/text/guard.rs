//! What a parser that follows the nesting of a text is not given.

use proc_macro2::{TokenStream, TokenTree};

/// Most brackets inside one another.
const DEPTH: usize = 64;

/// Most tokens without a comma, a semicolon or a closed bracket among them.
const RUN: usize = 1024;

/// An error at the place where a text is nested too deep, or where too much stands in one expression.
pub(super) fn checked(tokens: &TokenStream) -> syn::Result<()> {
    inside(tokens, 0)
}

fn inside(tokens: &TokenStream, depth: usize) -> syn::Result<()> {
    let mut run = 0;
    let mut rest = tokens.clone().into_iter().peekable();
    while let Some(token) = rest.next() {
        run += 1;
        match &token {
            TokenTree::Group(group) if depth < DEPTH => {
                inside(&group.stream(), depth + 1)?;
                // What goes on after braces, as `(x)` and `+` do, is of the same expression.
                let goes_on = match rest.peek() {
                    Some(TokenTree::Group(_)) => true,
                    Some(TokenTree::Punct(next)) => !matches!(next.as_char(), '#' | '\''),
                    _ => false,
                };
                if group.delimiter() == proc_macro2::Delimiter::Brace && !goes_on {
                    run = 0;
                }
            }
            TokenTree::Group(group) => {
                return Err(syn::Error::new(group.span_open(), format!("brackets are more than {DEPTH} deep here")));
            }
            TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | ';') => run = 0,
            _ if run > RUN => {
                let message = format!("an expression of more than {RUN} tokens: bind parts of it with `let`");
                return Err(syn::Error::new(token.span(), message));
            }
            _ => {}
        }
    }
    Ok(())
}
