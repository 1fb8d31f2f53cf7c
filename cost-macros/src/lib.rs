//! `#[cost]`: an operator is written as a function over tensor shapes, and its cost is derived.
//!
//! ```
//! # use cost_core::Operator;
//! use cost_macros::cost;
//!
//! /// Dense projection.
//! #[cost]
//! pub fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
//!     dot::<d>(x, w)
//! }
//!
//! let layer = Linear { b: 1, s: 1, d: 4096, f: 11008 };
//! assert_eq!(layer.flops().matmul, 2 * 4096 * 11008);
//! ```
//!
//! `cost-syntax` reads and checks the function, `doc` writes the derived formulas, and `expand`, which cannot fail, emits
//! the type and its constant description.

mod doc;
mod expand;

use cost_syntax::Errors;
use proc_macro2::{Span, TokenStream};

/// Declares an operator. See the crate's documentation for an example.
///
/// The function's generics are axes, its parameters tensors (`Act`, `Weight`, `Cache`, `State`, `Ids`), its body what
/// it computes. It becomes a type of the same name with one public field for each axis whose size isn't given in terms of
/// others, which implements `cost_core::Operator`.
///
/// Arguments: a mask, which says what each of `s` queries at the end of `t` positions sees, `unfused`, `inline` (part of its
/// callers' kernels, and given all of its tensors), `tile(s = 64)`,
/// `part = attention`, `crate = path`. The masks are
///
/// - `causal(s, t)`: all positions up to its own;
/// - `window(s, t, w)`: of these the last `w`;
/// - `around(s, t, w)`: the positions before and after it that are fewer than `w` away, 2·w − 1 with its own; with
///   `w ≥ t` that is all of them, and a window of 0 is an error;
/// - `chunked(s, t, w)`: of those up to its own the ones in its chunk of `w` positions;
/// - `within(s, t, w)`: the ones in its part of `w` positions, before it and after it;
/// - `selected(s, t, w)`: of those up to its own `w` of its choice;
/// - `selected(s, t, w, block = l)`: of those up to its own the ones of `w` blocks of `l` positions, the block that it is in
///   and w − 1 before it of its choice;
/// - `causal(s, m, stride = l)`: `m` keys that stand for blocks of `l` tokens, seen once the last token of a block has been.
///   How many tokens there are is read from `m`, which is declared as `m = t / l` (blocks that have ended) or as
///   `m = ceil(t / l)` (that have begun); the queries are the last of the `t` tokens. With `width = w` blocks have `w` tokens
///   and begin a `stride` apart, as windows do: then `m = (t - w) / l + 1`, too.
///
/// `l` is a number or an axis.
///
/// `f = 4 * d`, `p = (h + 2 - r) / 2 + 1` or `m = ceil(t / l)` gives an axis its size in terms of others: `/` rounds down,
/// `ceil` up. Such an axis is no field of the type. A call of the operator needn't name it: it stands for the caller's axis
/// of that size, the one with its name if there are several. `e = d` makes two axes of one size: a square matrix is
/// `Weight<d, e>`.
///
/// `rename::<e, d>(x)` sees a tensor along another axis of the same size, `split::<t, (m, l)>(x)` along several whose product
/// that is, and `merge::<(n, k), d>(x)` several as one. They move nothing and cost nothing, and are errors unless the
/// sizes are the same whatever they are.
///
/// `windows::<h, r, p>(x, stride = 2, pad = 1)` sees windows of width `r` at `p` positions along `h`, as convolutions have
/// them. What is in the padding is no element: products with it count under dense masking alone.
///
/// An operator returns an `Act`, or a tensor that it was given or owns as a `Cache`, `State` or `Weight`, or several of
/// these in a tuple: `let (q, k) = Project { .. }(x);`.
///
/// ```
/// # use cost_core::Operator;
/// # use cost_macros::cost;
/// /// All products of the rows of a tensor, which is read once.
/// #[cost(i = j)]
/// pub fn Gram<j, i, d>(x: Act<j, d>) -> Act<j, i> {
///     dot::<d>(x, rename::<j, i>(x))
/// }
///
/// let gram = Gram { j: 8, d: 64 };
/// assert_eq!(gram.sizes(), Ok(vec![8, 8, 64]));
/// assert_eq!(gram.flops().matmul, 2 * 8 * 8 * 64);
/// ```
#[proc_macro_attribute]
pub fn cost(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    operator(args.into(), item.into(), &syn::parse_quote!(::cost_core)).into()
}

/// [`macro@cost`] for crates that depend on `cost-models` alone, which exports it as `cost`: `cost_core` is where that crate
/// has it.
#[proc_macro_attribute]
pub fn cost_of_models(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    operator(args.into(), item.into(), &syn::parse_quote!(::cost_models::cost_core)).into()
}

fn operator(args: TokenStream, item: TokenStream, core: &syn::Path) -> TokenStream {
    let function: syn::ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        // An item of another kind stays what it is.
        Err(_) if syn::parse2::<syn::Item>(item.clone()).is_ok_and(|item| !matches!(item, syn::Item::Fn(_))) => {
            let error = syn::Error::new(proc_macro2::Span::call_site(), "`#[cost]` goes on a function");
            return error.to_compile_error().into_iter().chain(item).collect();
        }
        Err(error) => return error.to_compile_error(),
    };
    if let Some(error) = cost_syntax::plain(&function) {
        return error.to_compile_error().into_iter().chain(item).collect();
    }
    let mut errors = Errors::default();
    let declared = cost_syntax::declaration(args, &function.attrs, &function, &mut errors);
    let docs = doc::lines(&declared);
    expand::all(&declared, core, &docs, &tokens(errors))
}

/// The errors as tokens, in the order of the source.
fn tokens(errors: Errors) -> TokenStream {
    let place = |span: &Span| (span.unwrap().line(), span.unwrap().column());
    let mut found = errors.into_found();
    found.sort_by_key(|(span, _)| place(span));
    found.dedup_by(|(a, x), (b, y)| place(a) == place(b) && x.to_string() == y.to_string());
    found.into_iter().map(|(_, error)| error.to_compile_error()).collect()
}
