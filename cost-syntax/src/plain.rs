//! Functions that have nothing of an operator.

use cost_core::op::Role;
use quote::ToTokens;
use syn::{FnArg, GenericParam, ItemFn};

use crate::lower::idents;

/// The one thing that is wrong with a function that names no tensor and no axis: it was never meant to be an operator, or
/// is one in words of another kind altogether.
pub fn plain(function: &ItemFn) -> Option<syn::Error> {
    let sig = &function.sig;
    let axis = |param: &GenericParam| match param {
        GenericParam::Type(param) => param.ident.to_string().starts_with(|c: char| c.is_lowercase()),
        GenericParam::Const(_) => true,
        GenericParam::Lifetime(_) => false,
    };
    let types = sig.inputs.iter().map(|input| match input {
        FnArg::Typed(input) => input.ty.to_token_stream(),
        FnArg::Receiver(_) => input.to_token_stream(),
    });
    let mut names = types.chain([sig.output.to_token_stream()]).flat_map(idents);
    let tensor = names.any(|name| Role::ALL.iter().any(|role| name == role.name()));
    // Nothing at all is an operator to begin with.
    let empty = sig.inputs.is_empty() && matches!(sig.output, syn::ReturnType::Default) && is_camel(&sig.ident);
    if tensor || empty || sig.generics.params.iter().any(axis) {
        return None;
    }
    let message = "an operator is a function whose generics are axes and whose parameters tensors, as in `fn Add<b, d>(x: Act<b, d>, y: Act<b, d>) -> Act<b, d>`; this is a plain one: leave out `#[cost]`";
    Some(syn::Error::new(sig.ident.span(), message))
}

fn is_camel(name: &syn::Ident) -> bool {
    name.to_string().starts_with(|c: char| c.is_ascii_uppercase())
}
