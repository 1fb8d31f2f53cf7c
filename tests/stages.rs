// The stages of `#[cost]`, run outside the compiler: included by the benchmark and by the test of the expansion.

#[path = "../cost-macros/src/doc/mod.rs"]
mod doc;
#[path = "../cost-macros/src/expand.rs"]
mod expand;

/// Expands one operator.
fn expanded(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = cost_syntax::Errors::default();
    let function: syn::ItemFn = syn::parse2(item).expect("a function");
    let declared = cost_syntax::declaration(args, &function.attrs, &function, &mut errors);
    let docs = doc::lines(&declared);
    assert!(errors.is_empty());
    expand::all(&declared, &syn::parse_quote!(::cost_core), &docs, &TokenStream::new())
}
