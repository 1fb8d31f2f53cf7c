//! Operators as their authors write them: a function is parsed, lowered into steps and checked.
//!
//! `#[cost]` reads tokens with [`declaration`] and writes a constant description; files are read by `text` (feature `text`).
//! What is wrong is collected in [`Errors`], each at the author's own token.
//!
//! `ast` reads the signature, `attr` and `mask` the attributes, `lower` turns the body into steps, and `check` runs `cost-core`'s own
//! shape checks on them. `plain` tells functions that are no operators at all.

mod ast;
mod attr;
mod check;
mod errors;
mod lower;
mod mask;
mod plain;
mod size;
#[cfg(feature = "text")]
pub mod text;

pub use ast::{Declaration, Place};
pub use errors::Errors;
pub use plain::plain;

use proc_macro2::TokenStream;

/// Reads an operator: the arguments of `#[cost(…)]`, the other attributes and the function, which isn't [`plain`] and whose own
/// attributes don't matter. What is wrong is reported, and left out of what comes back.
pub fn declaration(
    args: TokenStream,
    others: &[syn::Attribute],
    function: &syn::ItemFn,
    errors: &mut Errors,
) -> Declaration {
    let options = attr::options(args, errors);
    let mut declared = ast::signature(others, function, options, errors);
    let mentioned = lower::body(&mut declared, &function.block, errors);
    check::run(&mut declared, &mentioned, errors);
    declared.definition.failed = !errors.is_empty();
    declared
}
