//! Files of operators: those of the corpus with pieces put elsewhere, left out, doubled, nested or given other names.

use core::str::FromStr;

use cost_core::random::Random;
use cost_models::operators;
use cost_syntax::text::read;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use super::pick::{self, below, one, one_in};
use super::{bytes, evaluate, operator};

/// Names that mean something somewhere in a file.
const NAMES: [&str; 41] = [
    "b", "s", "t", "d", "f", "k", "n", "w", "e", "top", "x", "y", "h", "Act", "Weight", "Cache", "State", "Ids", "dot",
    "softmax", "gather", "append", "slide", "update", "before", "last", "among", "store", "dequant", "experts",
    "capacity", "causal", "window", "selected", "tile", "unfused", "Linear", "Layer", "Block", "self", "super",
];

pub(super) fn make(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let Some(seed) = seeds.get(below(random, seeds.len())) else { return Vec::new() };
    let parsed = core::str::from_utf8(seed).ok().and_then(|text| TokenStream::from_str(text).ok());
    let Some(mut tokens) = parsed.filter(|_| !one_in(random, 6)) else { return bytes::mutate(random, seed.clone()) };
    for _ in 0..random.below(5) {
        tokens = changed(random, tokens, 0);
    }
    let text = tokens.to_string().into_bytes();
    bytes::sometimes(random, 10, text)
}

/// Some tokens with a change in one place, at any depth.
fn changed(random: &mut Random, tokens: TokenStream, depth: u32) -> TokenStream {
    let mut list: Vec<TokenTree> = tokens.into_iter().collect();
    if list.is_empty() {
        return list.into_iter().collect();
    }
    let at = below(random, list.len());
    if let TokenTree::Group(group) = &list[at]
        && depth < 12
        && !one_in(random, 5)
    {
        let inner = Group::new(group.delimiter(), changed(random, group.stream(), depth + 1));
        list[at] = TokenTree::Group(inner);
        return list.into_iter().collect();
    }
    match random.below(8) {
        0 => drop(list.remove(at)),
        1 => list.insert(at, list[at].clone()),
        2 => {
            let other = below(random, list.len());
            list.swap(at, other);
        }
        3 => {
            let part = list[at..].iter().take(1 + below(random, 20)).cloned().collect::<Vec<_>>();
            for _ in 0..pick::count(random, 3000) {
                list.splice(at..at, part.iter().cloned());
                if list.len() > 60_000 {
                    break;
                }
            }
        }
        4 => {
            let mut inner = TokenStream::from(list[at].clone());
            let delimiter = *one(random, &[Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket]);
            for _ in 0..=pick::count(random, 2000) {
                inner = TokenTree::Group(Group::new(delimiter, inner)).into();
            }
            list.splice(at..=at, inner);
        }
        5 => {
            let size = pick::size(random).to_string();
            list.splice(at..=at, TokenStream::from_str(&size).into_iter().flatten());
        }
        _ => list[at] = TokenTree::Ident(Ident::new(one::<&str>(random, &NAMES), Span::call_site())),
    }
    list.into_iter().collect()
}

/// Reads a file, and derives its operators in every way.
pub(super) fn run(input: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(input) else { return false };
    let file = match read(text, &|name| operators().find(|op| op.name == name)) {
        Ok(file) => file,
        Err(errors) => {
            assert!(!errors.is_empty(), "a refusal that says nothing");
            for error in errors {
                assert!(!error.message.is_empty(), "a mistake that says nothing");
                assert!(text.get(error.bytes).is_some(), "a mistake outside of the text");
            }
            return false;
        }
    };
    let mut random = evaluate::choices(input);
    for name in file.names().take(4) {
        let Some(source) = file.find(name) else { continue };
        let sizes: Vec<usize> = source.axes().map(|_| below(&mut random, 4)).collect();
        source.with(|op| operator::derived(op, &sizes, &mut random));
    }
    true
}
