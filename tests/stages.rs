// The stages of `#[cost]`, run outside the compiler: included by the benchmark and by the test of the expansion.

#[path = "../cost-macros/src/ast.rs"]
mod ast;
#[path = "../cost-macros/src/attr.rs"]
mod attr;
#[path = "../cost-macros/src/check.rs"]
mod check;
#[path = "../cost-macros/src/doc.rs"]
mod doc;
#[path = "../cost-macros/src/errors.rs"]
mod errors;
#[path = "../cost-macros/src/expand.rs"]
mod expand;
#[path = "../cost-macros/src/lower/mod.rs"]
mod lower;

/// Expands one operator.
fn expanded(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = errors::Errors::default();
    let function: syn::ItemFn = syn::parse2(item).expect("a function");
    let options = attr::options(args, &mut errors);
    let operator = ast::Operator::parse(&function, options, syn::parse_quote!(::cost_core), &mut errors);
    let body = lower::body(&operator, &function.block, &mut errors);
    let shapes = check::run(&operator, &body, &mut errors);
    let docs = doc::lines(&operator, &body, &shapes);
    assert!(errors.is_empty());
    expand::all(&operator, &body, &shapes, &docs, errors)
}
