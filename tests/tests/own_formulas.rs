//! What documentation says of an operator's own steps, its calls left out, is what the derivation counts for them.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "the macro's own modules, included as they are")]

use std::fs;
use std::path::{Path, PathBuf};

use cost_core::Options;
use cost_core::cost::{kernels, totals};
use cost_tests::steps::usually;
use proc_macro2::TokenStream;

include!("../stages.rs");

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("sources").map(|entry| entry.expect("a source").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The arguments of `#[cost]`, if a function has it.
fn arguments(function: &syn::ItemFn) -> Option<TokenStream> {
    let own = function.attrs.iter().find(|attr| attr.path().is_ident("cost"))?;
    Some(if let syn::Meta::List(list) = &own.meta { list.tokens.clone() } else { TokenStream::new() })
}

#[test]
fn own_steps_cost_what_is_derived() {
    let (mut compared, mut calling) = (0, 0);
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../cost-models/src")) {
        if path.extension().is_none_or(|end| end != "rs") {
            continue;
        }
        let file = syn::parse_file(&fs::read_to_string(&path).expect("a source")).expect("Rust");
        for item in file.items {
            let syn::Item::Fn(function) = item else { continue };
            let Some(args) = arguments(&function) else { continue };
            let mut errors = cost_syntax::Errors::default();
            let declared = cost_syntax::declaration(args, &[], &function, &mut errors);
            let Some(op) = cost_models::operators().find(|op| op.name == declared.definition.name) else { continue };
            let (own, open) = doc::own::steps(&declared.definition);
            // Labels, calls and what weighs the results of experts have paths of their own.
            let labels = op.loops.iter().any(|it| !it.label.is_empty());
            let gated = declared
                .definition
                .steps
                .iter()
                .any(|step| matches!(&step.kind, cost_core::library::Kind::Call(call) if call.experts.is_some()));
            if open || labels || gated {
                continue;
            }
            let sizes: Vec<u128> = op.axes.iter().enumerate().map(|(at, axis)| usually(axis, at)).collect();
            let Ok(all) = kernels(op, &sizes, &Options::default()) else { continue };
            let outermost: Vec<_> = all.into_iter().filter(|kernel| !kernel.path.contains('.')).collect();
            let derived = totals(&outermost).unwrap().flops.total().unwrap();
            let said =
                own.alone(|op| totals(&kernels(op, &sizes, &Options::default()).unwrap()).unwrap().flops.total());
            assert_eq!(said, Ok(derived), "{}", op.name);
            compared += 1;
            calling += usize::from(declared.definition.callees().next().is_some());
        }
    }
    assert!(compared > 30 && calling > 5, "{compared} operators were compared, {calling} of which call others");
}
