//! The tensors that an operator owns: how much of a cache is kept, and which part of the parameters a weight is.

use cost_core::op::Role;
use cost_core::{Operator, Options};
use cost_macros::cost;
use cost_models::ops::{Attention, ChunkedAttention, GqaAttention};

/// Elements of its caches, of which there are two of `t` positions.
fn positions(op: &impl Operator) -> u128 {
    let owned = op.tensors(&Options::default()).unwrap();
    let caches: Vec<u128> = owned.iter().filter(|it| it.role == Role::Cache).map(|it| it.elements).collect();
    assert_eq!(caches.len(), 2);
    assert_eq!(caches[0], caches[1]);
    caches[0]
}

/// Of a chunk of 4 what has been seen of it, of a window of 4 the 3 before the next token, without either everything.
#[test]
fn what_a_cache_keeps() {
    let (b, s, w, n, g, k, h) = (1, 1, 4, 1, 1, 1, 1);
    for (t, chunk, window) in [(1, 1, 1), (3, 3, 3), (4, 0, 3), (5, 1, 3), (8, 0, 3), (10, 2, 3), (11, 3, 3)] {
        assert_eq!(positions(&ChunkedAttention { b, s, t, w, n, g, k, h, capped: 0, sinks: 0 }), chunk, "{t}");
        assert_eq!(positions(&Attention { b, s, t, w, n, g, k, h, capped: 0, sinks: 0 }), window, "{t}");
        assert_eq!(positions(&GqaAttention { b, s, t, n, g, k }), u128::from(t), "{t}");
    }
}

#[cost]
fn Plain<b, d>(x: Act<b, d>, plain: Weight<d>, #[part(norm)] own: Weight<d>) -> Act<b, d> {
    x * plain * own
}

#[cost]
fn Between<b, d>(x: Act<b, d>) -> Act<b, d> {
    Plain { .. }(x)
}

#[cost(part = ffn)]
fn Further<b, d>(x: Act<b, d>) -> Act<b, d> {
    Between { .. }(x)
}

/// The innermost part that anything around a weight says.
#[cost(part = attention)]
fn Whole<b, d>(x: Act<b, d>) -> Act<b, d> {
    let y = Between { .. }(x);
    Further { .. }(y)
}

#[test]
fn a_part_is_inherited() {
    let part = |op: Vec<cost_core::cost::Tensor<u128>>| -> Vec<(String, Option<String>)> {
        op.into_iter().map(|it| (it.path, it.part)).collect()
    };
    let own = |path: &str, part: Option<&str>| (path.to_owned(), part.map(str::to_owned));
    assert_eq!(
        part(Whole { b: 1, d: 2 }.tensors(&Options::default()).unwrap()),
        [
            own("between.plain.plain", Some("attention")),
            own("between.plain.own", Some("norm")),
            own("further.between.plain.plain", Some("ffn")),
            own("further.between.plain.own", Some("norm")),
        ]
    );
    assert_eq!(part(Between { b: 1, d: 2 }.tensors(&Options::default()).unwrap())[0], own("plain.plain", None));
}
