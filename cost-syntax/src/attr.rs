//! The arguments of `#[cost(...)]` and the attributes of parameters.

use cost_core::format::Format;
use cost_core::op::PARTS;
use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, LitStr, Path, Token};

use crate::errors::Errors;
use crate::mask::{self, Written};

/// The arguments of `#[cost(...)]`, and how each is written.
const FORMS: [(&str, &str); 11] = [
    ("inline", "inline"),
    ("causal", "causal(s, t)` or `causal(s, m, stride = l)"),
    ("window", "window(s, t, w)"),
    ("around", "around(s, t, w)"),
    ("selected", "selected(s, t, w)` or `selected(s, t, w, block = l)"),
    ("chunked", "chunked(s, t, w)"),
    ("within", "within(s, t, w)"),
    ("unfused", "unfused"),
    ("tile", "tile(s = 64)"),
    ("part", "part = attention"),
    ("crate", "crate = path::to::cost_core"),
];

/// What `#[cost(...)]` says, names not yet resolved.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) mask: Option<Written>,
    pub(crate) unfused: bool,
    pub(crate) inline: bool,
    /// `tile(axis = size)`
    pub(crate) tile: Option<(Ident, Expr)>,
    /// `axis = size`
    pub(crate) sizes: Vec<(Ident, Expr)>,
    pub(crate) part: Option<Ident>,
    /// Where `cost_core` is.
    pub(crate) krate: Option<Path>,
    /// The arguments that have been read.
    seen: Vec<String>,
}

/// What a parameter's attributes say.
#[derive(Default)]
pub(crate) struct Tags {
    pub(crate) hf: Option<String>,
    pub(crate) gguf: Option<String>,
    pub(crate) part: Option<String>,
    pub(crate) format: Option<Format>,
    /// `tied(other, axis)`
    pub(crate) tied: Option<(Ident, Ident)>,
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
    let text = name.to_string();
    let Some((_, form)) = FORMS.iter().find(|(known, _)| *known == text) else {
        if input.peek(Token![=]) && !input.peek(Token![==]) {
            return size(name, input, options, errors);
        }
        errors.unknown(&name, "unknown argument", FORMS.iter().map(|(known, _)| *known));
        return skip(input);
    };
    let mask = mask::is_mask(&text);
    if options.seen.contains(&text) || mask && options.mask.is_some() {
        errors
            .add(&name, if mask { "an operator has one mask".to_owned() } else { format!("`{text}` is given twice") });
        return skip(input);
    }
    let ahead = input.fork();
    if argument(&text, input, options).is_err() {
        match number(&ahead).filter(|_| mask) {
            Some(number) => errors.add(&number, format!("a number is no axis: declare one of that size, `w` with `#[cost(w = {number})]`, and write `{form}`")),
            None => errors.add(&name, format!("this is written `{form}`")),
        }
        return skip(input);
    }
    options.seen.push(text);
    Ok(())
}

/// The size of an axis. Whether there is such an axis isn't known yet.
fn size(name: Ident, input: ParseStream<'_>, options: &mut Options, errors: &mut Errors) -> syn::Result<()> {
    input.parse::<Token![=]>()?;
    match input.parse::<Expr>() {
        Ok(size) if input.is_empty() || input.peek(Token![,]) => options.sizes.push((name, size)),
        _ => {
            errors.add(&name, format!("the size of an axis is written `{name} = 4 * d`"));
            return skip(input);
        }
    }
    Ok(())
}

fn argument(name: &str, input: ParseStream<'_>, options: &mut Options) -> syn::Result<()> {
    match name {
        name if mask::is_mask(name) => options.mask = Some(mask::written(name, parentheses(input)?)?),
        "unfused" => options.unfused = true,
        "inline" => options.inline = true,
        "tile" => {
            let tile = |content: ParseStream<'_>| {
                let axis = content.parse()?;
                content.parse::<Token![=]>()?;
                Ok((axis, content.parse()?))
            };
            options.tile = Some(tile.parse2(parentheses(input)?)?);
        }
        "part" => {
            input.parse::<Token![=]>()?;
            options.part = Some(input.parse()?);
        }
        _ => {
            input.parse::<Token![=]>()?;
            options.krate = Some(input.call(Path::parse_mod_style)?);
        }
    }
    if input.is_empty() || input.peek(Token![,]) { Ok(()) } else { Err(input.error("more than that")) }
}

/// Passes over whatever belongs to an argument that is wrong.
fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

fn parentheses(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    match input.parse::<TokenTree>()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Ok(group.stream()),
        other => Err(syn::Error::new(other.span(), "expected parentheses")),
    }
}

/// A number in the place of an axis in the parentheses of an argument.
fn number(input: ParseStream<'_>) -> Option<Literal> {
    let inside = parentheses(input).ok()?.into_iter();
    let named = |token: &TokenTree| !matches!(token, TokenTree::Punct(it) if it.as_char() == '=');
    inside.take_while(named).find_map(|token| if let TokenTree::Literal(it) = token { Some(it) } else { None })
}

/// The name of a share of the parameters, if it is one that reports know.
pub(crate) fn part(name: &Ident, errors: &mut Errors) -> Option<String> {
    let text = name.to_string();
    if !PARTS.contains(&text.as_str()) {
        errors.unknown(name, "unknown part of the parameters", PARTS.iter().copied());
        return None;
    }
    Some(text)
}

/// Reads a parameter's attributes.
pub(crate) fn tags(attrs: &[Attribute], errors: &mut Errors) -> Tags {
    let mut tags = Tags::default();
    let mut seen: Vec<&Ident> = Vec::new();
    for attr in attrs {
        let Some(name) = attr.path().get_ident() else {
            errors.add(attr.path(), "unknown attribute of a parameter");
            continue;
        };
        if seen.contains(&name) && name != "doc" {
            errors.add(name, format!("`{name}` is given twice"));
            continue;
        }
        seen.push(name);
        match name.to_string().as_str() {
            "hf" => tags.hf = text(attr, errors),
            "gguf" => tags.gguf = text(attr, errors),
            "part" => match attr.parse_args::<Ident>() {
                Ok(name) => tags.part = part(&name, errors),
                Err(_) => errors.add(attr, "this is written `#[part(norm)]`"),
            },
            "format" => tags.format = format(attr, errors),
            "tied" => match attr.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated) {
                Ok(names) if names.len() == 2 => tags.tied = Some((names[0].clone(), names[1].clone())),
                _ => errors
                    .add(attr, "this is written `#[tied(embed, tied)]`: another weight, and an axis that is 0 or 1"),
            },
            "doc" => {}
            _ => errors.unknown(name, "unknown attribute", ["hf", "gguf", "part", "format", "tied"]),
        }
    }
    tags
}

fn text(attr: &Attribute, errors: &mut Errors) -> Option<String> {
    match attr.parse_args::<LitStr>() {
        Ok(text) => Some(text.value()),
        Err(_) => {
            errors.add(attr, "expected a tensor's name in quotes, as in `#[hf(\"norm.weight\")]`");
            None
        }
    }
}

pub(crate) fn format(attr: &Attribute, errors: &mut Errors) -> Option<Format> {
    let Ok(list) = attr.meta.require_list() else {
        errors.add(attr, "expected a number format, as in `#[format(f32)]`");
        return None;
    };
    match read_format(&list.tokens) {
        Ok(Some(format)) => return Some(format),
        Ok(None) => errors.add(attr, "expected a number format, as in `#[format(f32)]`"),
        Err(message) => errors.add(&list.tokens, message),
    }
    None
}

/// The number format that is written, quoted or not; nothing if nothing is.
pub(crate) fn read_format(tokens: &TokenStream) -> Result<Option<Format>, String> {
    if tokens.is_empty() {
        return Ok(None);
    }
    let text = match syn::parse2::<LitStr>(tokens.clone()) {
        Ok(quoted) => quoted.value(),
        Err(_) => tokens.to_string().split_whitespace().collect(),
    };
    text.parse::<Format>().map(Some).map_err(|error| error.to_string())
}
