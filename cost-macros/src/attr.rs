//! The arguments of `#[cost(...)]` and the attributes of parameters.

use cost_core::format::Format;
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, LitStr, Path, Token};

use crate::errors::Errors;

const KNOWN: [&str; 6] = ["causal", "window", "unfused", "tile", "part", "crate"];

/// What `#[cost(...)]` says, names not yet resolved.
#[derive(Default)]
pub(crate) struct Options {
    /// `causal(s, t)` or `window(s, t, w)`.
    pub(crate) mask: Option<Vec<Ident>>,
    pub(crate) unfused: bool,
    /// `tile(axis = size)`
    pub(crate) tile: Option<(Ident, Expr)>,
    pub(crate) part: Option<String>,
    /// Where `cost_core` is.
    pub(crate) krate: Option<Path>,
}

/// What a parameter's attributes say.
#[derive(Default)]
pub(crate) struct Tags {
    pub(crate) hf: Option<String>,
    pub(crate) gguf: Option<String>,
    pub(crate) part: Option<String>,
    pub(crate) format: Option<(String, Format)>,
}

/// Reads `#[cost(...)]`'s arguments.
pub(crate) fn options(args: TokenStream, errors: &mut Errors) -> Options {
    let mut options = Options::default();
    let parse = |input: ParseStream<'_>| {
        while !input.is_empty() {
            one(input, &mut options, errors)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = parse.parse2(args) {
        errors.at(error.span(), error.to_string());
    }
    options
}

fn one(input: ParseStream<'_>, options: &mut Options, errors: &mut Errors) -> syn::Result<()> {
    let name = input.call(Ident::parse_any)?;
    match name.to_string().as_str() {
        "causal" | "window" => {
            let wanted = if name == "causal" { 2 } else { 3 };
            let axes: Vec<Ident> = arguments(input)?.into_iter().collect();
            if axes.len() != wanted {
                let form = if wanted == 2 { "causal(s, t)" } else { "window(s, t, w)" };
                errors.add(&name, format!("`{name}` takes {wanted} axes, as in `{form}`"));
            } else if options.mask.is_some() {
                errors.add(&name, "an operator has one mask: `causal` or `window`");
            } else {
                options.mask = Some(axes);
            }
        }
        "unfused" => options.unfused = true,
        "tile" => {
            let content;
            syn::parenthesized!(content in input);
            let axis = content.parse()?;
            content.parse::<Token![=]>()?;
            options.tile = Some((axis, content.parse()?));
        }
        "part" => {
            input.parse::<Token![=]>()?;
            options.part = Some(input.parse::<Ident>()?.to_string());
        }
        "crate" => {
            input.parse::<Token![=]>()?;
            options.krate = Some(input.call(Path::parse_mod_style)?);
        }
        _ => {
            errors.unknown(&name, "unknown argument", KNOWN);
            // Skip whatever belongs to it.
            while !input.is_empty() && !input.peek(Token![,]) {
                input.parse::<proc_macro2::TokenTree>()?;
            }
        }
    }
    Ok(())
}

fn arguments(input: ParseStream<'_>) -> syn::Result<Punctuated<Ident, Token![,]>> {
    let content;
    syn::parenthesized!(content in input);
    Punctuated::parse_terminated(&content)
}

/// Reads a parameter's attributes.
pub(crate) fn tags(attrs: &[Attribute], errors: &mut Errors) -> Tags {
    let mut tags = Tags::default();
    for attr in attrs {
        let Some(name) = attr.path().get_ident() else {
            errors.add(attr.path(), "unknown attribute of a parameter");
            continue;
        };
        match name.to_string().as_str() {
            "hf" => tags.hf = text(attr, errors),
            "gguf" => tags.gguf = text(attr, errors),
            "part" => match attr.parse_args::<Ident>() {
                Ok(part) => tags.part = Some(part.to_string()),
                Err(error) => errors.at(error.span(), "expected a name, as in `#[part(norm)]`"),
            },
            "format" => tags.format = format(attr, errors),
            "doc" => {}
            _ => errors.unknown(name, "unknown attribute", ["hf", "gguf", "part", "format"]),
        }
    }
    tags
}

fn text(attr: &Attribute, errors: &mut Errors) -> Option<String> {
    match attr.parse_args::<LitStr>() {
        Ok(text) => Some(text.value()),
        Err(error) => {
            errors.at(error.span(), "expected a tensor's name in quotes, as in `#[hf(\"norm.weight\")]`");
            None
        }
    }
}

fn format(attr: &Attribute, errors: &mut Errors) -> Option<(String, Format)> {
    let Ok(list) = attr.meta.require_list() else {
        errors.add(attr, "expected a number format, as in `#[format(f32)]`");
        return None;
    };
    let (text, span): (String, Span) = match syn::parse2::<LitStr>(list.tokens.clone()) {
        Ok(quoted) => (quoted.value(), quoted.span()),
        Err(_) => (
            list.tokens.to_string().split_whitespace().collect(),
            list.tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span()),
        ),
    };
    match text.parse::<Format>() {
        Ok(format) => Some((text, format)),
        Err(error) => {
            errors.at(span, error.to_string());
            None
        }
    }
}
