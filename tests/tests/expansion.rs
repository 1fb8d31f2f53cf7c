//! What `#[cost]` makes of an operator, for a person to read.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "the macro's own modules, included as they are")]

use proc_macro2::TokenStream;
use quote::quote;

include!("../stages.rs");

fn shown(args: TokenStream, item: TokenStream) -> String {
    let file = syn::parse2(expanded(args, item)).expect("items");
    prettyplease::unparse(&file)
}

#[test]
fn a_projection() {
    let shown = shown(
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
    let shown = shown(
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

#[test]
fn experts() {
    let shown = shown(
        quote!(c = ceil(top * b * s / e)),
        quote! {
            /// Experts with room for as many tokens as come to each on average, and slices of one tensor.
            pub fn Moe<b, s, d, f, e, top, c>(x: Act<b, s, d>, up: Weight<e, d, f>, gates: Act<b, s, e>) -> Act<b, s, d> {
                experts::<e, top>(Network { b, s, d, f }(x, up), gates, capacity = c)
            }
        },
    );
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(shown) });
}
