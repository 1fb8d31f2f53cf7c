//! Expanding one operator: the stages of `#[cost]`, run outside the compiler.

#![allow(dead_code, unreachable_pub, reason = "the macro's own modules, included as they are")]

use divan::{Bencher, black_box};
use proc_macro2::TokenStream;
use quote::quote;

include!("../stages.rs");

fn main() {
    divan::main();
}

#[divan::bench]
fn linear(bencher: Bencher<'_, '_>) {
    let item = quote! {
        pub fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
            dot::<d>(x, w)
        }
    };
    bencher.bench_local(|| expanded(TokenStream::new(), black_box(item.clone())));
}

#[divan::bench]
fn attention(bencher: Bencher<'_, '_>) {
    let item = quote! {
        pub fn GqaAttention<b, s, t, n, g, k>(
            q: Act<b, s, n, g, k>,
            keys: Cache<b, t, n, k>,
            values: Cache<b, t, n, k>,
        ) -> Act<b, s, n, g, k> {
            let scores: Act<b, s, n, g, t> = scale(dot::<k>(q, keys));
            dot::<t>(softmax::<t>(scores), values)
        }
    };
    bencher.bench_local(|| expanded(quote!(causal(s, t)), black_box(item.clone())));
}

#[divan::bench]
fn decoder_layer(bencher: Bencher<'_, '_>) {
    let item = quote! {
        pub fn DecoderLayer<b, s, t, d, n, g, k, f>(
            x: Act<b, s, d>,
            norm: Weight<d>,
            wq: Weight<d, n, g, k>,
            wk: Weight<d, n, k>,
            wv: Weight<d, n, k>,
            wo: Weight<n, g, k, d>,
            keys: Cache<b, t, n, k>,
            values: Cache<b, t, n, k>,
        ) -> Act<b, s, d> {
            let h = RmsNorm { b, s, d }(x, norm);
            let q = rope(dot::<d>(h, wq));
            let keys = append::<t>(keys, rope(dot::<d>(h, wk)));
            let values = append::<t>(values, dot::<d>(h, wv));
            let o = GqaAttention { b, s, t, n, g, k }(q, keys, values);
            let x = x + dot::<(n, g, k)>(o, wo);
            x + SwiGlu { b, s, d, f }(RmsNorm { b, s, d }(x))
        }
    };
    bencher.bench_local(|| expanded(TokenStream::new(), black_box(item.clone())));
}
