//! What `#[cost]` makes of an operator, for a person to read.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "the macro's own modules, included as they are")]

use proc_macro2::TokenStream;
use quote::quote;

#[path = "../../cost-macros/src/ast.rs"]
mod ast;
#[path = "../../cost-macros/src/attr.rs"]
mod attr;
#[path = "../../cost-macros/src/check.rs"]
mod check;
#[path = "../../cost-macros/src/doc.rs"]
mod doc;
#[path = "../../cost-macros/src/errors.rs"]
mod errors;
#[path = "../../cost-macros/src/expand.rs"]
mod expand;
#[path = "../../cost-macros/src/lower/mod.rs"]
mod lower;

fn expanded(args: TokenStream, item: TokenStream) -> String {
    let mut errors = errors::Errors::default();
    let function: syn::ItemFn = syn::parse2(item).expect("a function");
    let options = attr::options(args, &mut errors);
    let operator = ast::Operator::parse(&function, options, &mut errors);
    let body = lower::body(&operator, &function.block, &mut errors);
    let shapes = check::run(&operator, &body, &mut errors);
    let docs = doc::lines(&operator, &body, &shapes);
    assert!(errors.is_empty());
    let file = syn::parse2(expand::all(&operator, &body, &shapes, &docs, errors)).expect("items");
    prettyplease::unparse(&file)
}

#[test]
fn a_projection() {
    let shown = expanded(
        quote!(part = ffn),
        quote! {
            /// Dense projection.
            pub fn Linear<b, s, d, f>(x: Act<b, s, d>, #[gguf("up.weight")] w: Weight<d, f>) -> Act<b, s, f> {
                dot::<d>(x, w)
            }
        },
    );
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(shown) });
}

#[test]
fn layers() {
    let shown = expanded(
        quote!(),
        quote! {
            /// Layers with an optional shift at the end.
            pub fn Layers<b, s, d, f, l, bias>(x: Act<b, s, d>, shift: Weight<d>) -> Act<b, s, d> {
                let y = relu(x);
                for _ in 0..l {
                    y = y + SwiGlu { b, s, d, f: 4 * f }(y);
                }
                if bias {
                    y = y + shift;
                }
                y
            }
        },
    );
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(shown) });
}
