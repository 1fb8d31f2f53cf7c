//! Masks: which query–key pairs exist.

use cost_core::library::Size;
use cost_core::op::{Count, Mask};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, Token};

use crate::ast::axis;
use crate::errors::Errors;
use crate::lower::idents;
use crate::size::count;

/// The masks, how many axes each takes, and which arguments after them.
const MASKS: [(&str, usize, &[&str]); 6] = [
    ("causal", 2, &["stride", "width"]),
    ("window", 3, &[]),
    ("around", 3, &[]),
    ("selected", 3, &["block"]),
    ("chunked", 3, &[]),
    ("within", 3, &[]),
];

/// A mask as it is written, names not yet resolved: `causal(s, m, stride = l)`.
pub(crate) struct Written {
    name: String,
    axes: Vec<Ident>,
    arguments: Vec<(Ident, Expr)>,
}

/// What is declared of axes: their names, the sizes that are written for some, and what those are in terms of others.
#[derive(Clone, Copy)]
pub(crate) struct Axes<'a> {
    pub(crate) names: &'a [Ident],
    pub(crate) written: &'a [(Ident, Expr)],
    pub(crate) derived: &'a [(u8, Size)],
}

/// How many axes a mask takes, and which arguments.
fn form(name: &str) -> Option<(usize, &'static [&'static str])> {
    MASKS.iter().find(|(mask, ..)| *mask == name).map(|(_, axes, arguments)| (*axes, *arguments))
}

/// Whether there is a mask of that name.
pub(crate) fn is_mask(name: &str) -> bool {
    form(name).is_some()
}

/// Reads what is in the parentheses of a mask; an error if that isn't how it is written.
pub(crate) fn written(name: &str, inside: TokenStream) -> syn::Result<Written> {
    let read = |input: ParseStream<'_>| {
        let mut it = Written { name: name.to_owned(), axes: vec![], arguments: vec![] };
        while !input.is_empty() {
            let word: Ident = input.parse()?;
            if input.peek(Token![=]) {
                input.parse::<Token![=]>()?;
                it.arguments.push((word, input.parse()?));
            } else if it.arguments.is_empty() {
                it.axes.push(word);
            } else {
                return Err(input.error("an axis after other arguments"));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        match form(name) {
            Some((axes, known)) if it.axes.len() == axes && (it.arguments.is_empty() || !known.is_empty()) => Ok(it),
            _ => Err(input.error("another number of axes, or other arguments")),
        }
    };
    read.parse2(inside)
}

/// The mask, if all that it names is there. Of axes that a wrong one names nothing more is said.
pub(crate) fn resolve(it: &Written, axes: Axes<'_>, errors: &mut Errors) -> Option<Mask> {
    let mask = it.mask(axes, errors);
    if mask.is_none() {
        let inside = it.arguments.iter().flat_map(|(_, expr)| idents(expr.to_token_stream()));
        it.axes.iter().cloned().chain(inside).for_each(|name| errors.excuse(&name));
    }
    mask
}

impl Written {
    fn mask(&self, axes: Axes<'_>, errors: &mut Errors) -> Option<Mask> {
        let [query, key, ..] = self.axes.as_slice() else { return None };
        if query == key {
            errors.add(key, "the query axis and the key axis are two axes");
        }
        let found: Vec<Option<u8>> = self.axes.iter().map(|name| axis(name, axes.names, errors)).collect();
        let arguments = self.arguments(axes.names, errors);
        let (found, arguments): (Vec<u8>, _) = found.into_iter().collect::<Option<_>>().zip(arguments)?;
        let argument = |name: &str| arguments.iter().find(|(known, _)| *known == name).map(|(_, count)| *count);
        match (self.name.as_str(), found.as_slice()) {
            ("causal", &[s, m]) => match (argument("stride"), argument("width")) {
                (None, None) => Some(Mask::Causal { s, t: m }),
                (Some(stride), width) => self.blocks((s, m), stride, width.unwrap_or(stride), axes, errors),
                (None, Some(_)) => {
                    errors.add(key, "a `width` is of blocks: say a `stride` apart from each other, as in `causal(s, m, stride = l)`");
                    None
                }
            },
            ("window", &[s, t, w]) => Some(Mask::Window { s, t, w }),
            ("around", &[s, t, w]) => Some(Mask::Around { s, t, w }),
            ("selected", &[s, t, w]) => Some(Mask::Selected { s, t, w, block: argument("block") }),
            ("chunked", &[s, t, w]) => Some(Mask::Chunked { s, t, w }),
            ("within", &[s, t, w]) => Some(Mask::Within { s, t, w }),
            _ => None,
        }
    }

    /// What is said besides axes, in numbers of tokens; nothing if any of it is wrong.
    fn arguments(&self, axes: &[Ident], errors: &mut Errors) -> Option<Vec<(&Ident, Count)>> {
        let (_, known) = form(&self.name)?;
        let one = |(i, (name, expr)): (usize, &'_ (Ident, Expr))| {
            if !known.iter().any(|known| name == known) {
                errors.unknown(name, "unknown argument", known.iter().copied());
                return None;
            }
            if self.arguments[..i].iter().any(|(before, _)| before == name) {
                errors.add(name, format!("`{name}` is given twice"));
                return None;
            }
            match count(expr, axes, errors)? {
                Count::Number(0) => {
                    errors.add(expr, "a block has at least one token");
                    None
                }
                count => Some(count),
            }
        };
        let found: Vec<Option<Count>> = self.arguments.iter().enumerate().map(one).collect();
        let found = found.into_iter().zip(&self.arguments).map(|(count, (name, _))| Some((name, count?)));
        found.collect()
    }

    /// The mask over keys that stand for blocks. How many tokens there are follows from how many blocks those are.
    fn blocks(
        &self,
        (s, m): (u8, u8),
        stride: Count,
        width: Count,
        axes: Axes<'_>,
        errors: &mut Errors,
    ) -> Option<Mask> {
        let size = |count| match count {
            Count::Number(number) => Size::number(i64::from(number)),
            Count::Axis(axis) => Size::axis(axis),
        };
        let (apart, long) = (size(stride), size(width));
        // Those that have ended, or that have begun.
        let numbers = |t: u8| {
            let t = Size::axis(t);
            let ended = t.plus(&long, -1).and_then(|rest| rest.over(&apart, false).plus(&Size::number(1), 1));
            [Some(t.over(&apart, false)), Some(t.over(&apart, true)), ended]
        };
        let given = axes.derived.iter().find(|(axis, _)| *axis == m).map(|(_, given)| given);
        let same = |number: &Size| given.and_then(|given| given.plus(number, -1)) == Some(Size::default());
        let tokens = (0..=u8::MAX).take(axes.names.len()).find(|t| numbers(*t).iter().flatten().any(same));
        // Of a size that is wrong something is said already.
        if tokens.is_none() && (given.is_some() || axes.written.iter().all(|(name, _)| *name != self.axes[1])) {
            let name = |count| match count {
                Count::Number(number) => number.to_string(),
                Count::Axis(axis) => axes.names[usize::from(axis)].to_string(),
            };
            let (m, stride, width) = (&self.axes[1], name(stride), name(width));
            let ended = if stride == width { format!("t / {stride}") } else { format!("(t - {width}) / {stride} + 1") };
            errors.add(m, format!("the keys `{m}` stand for blocks, of how many tokens isn't known: declare it with `#[cost({m} = {ended})]`, where `t` is the axis of tokens, or `ceil(t / {stride})` if the last block may have begun only"));
        }
        tokens.map(|t| Mask::Blocks { s, m, t, width, stride })
    }
}
