//! Formulas are read as they are printed, and compared as expressions.

use std::fs;
use std::path::Path;
use std::process::Command;

use cost_core::Options;
use cost_core::cost::Formulas;
use cost_core::expr::{Expr, Notation};
use cost_core::op::Op;

#[track_caller]
fn read_as_printed(op: &Op<'_>) {
    let of = Formulas::of(op, &Options::default()).unwrap();
    for formula in [of.params, of.cache, of.flops, of.matmul, of.bytes] {
        let text = formula.show(op.axes, Notation::Text).to_string();
        assert!(Expr::parse(&text, op.axes).is_ok_and(|read| read == formula), "{}: {text}", op.name);
    }
}

#[test]
fn formulas_are_read_as_they_are_printed() {
    cost_models::operators().for_each(read_as_printed);
}

#[test]
fn texts_are_read() {
    let axes = ["b", "s", "d", "width"];
    let read = |text: &str| Expr::parse(text, &axes);
    for (a, b) in [
        ("2·b·s + d", "d + s*b*2"),
        ("b*(s - 1)", "b·s - b"),
        ("width²/2", "width*width / 2"),
        ("-b + s^2", "s² - b"),
        ("min(d, b)", "min(b, d)"),
        ("(b + s)^2 - 2·b·s", "b² + s²"),
        ("1/2·b + b/2", "b"),
    ] {
        assert_eq!(read(a).unwrap(), read(b).unwrap(), "{a} and {b}");
    }
    let deep = "(".repeat(1000);
    for (text, says) in [
        ("", "found the end"),
        ("2·", "found the end after `2·`"),
        ("b s", "found `s` after `b`, expected an operator or the end"),
        ("2·widht", "did you mean `width`?"),
        ("b / s", "a positive whole number to divide by"),
        ("b/0", "a positive whole number to divide by"),
        ("max(b)", "expected min(a, b), max(a, b)"),
        ("b^65", "a power of at most 64"),
        ("b⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹", "a power of at most 64"),
        ("999999999999999999999999999999999999999999", "a number of at most 128 bits"),
        ("(b", "expected `)`"),
        (&deep, "fewer parentheses"),
        ("2·b·§", "found `§`"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
}

/// An author's crate of its own: what holds passes, and what doesn't fails with a message that says by how much.
#[test]
fn an_authors_tests_say_what_differs() {
    const OPERATORS: &str = r#"
//! An author's layers.
use cost_macros::cost;

/// A gated network.
#[cost]
pub fn Gated<b, s, d, f>(x: Act<b, s, d>, gate: Weight<d, f>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {
    dot::<f>(silu(dot::<d>(x, gate)) * dot::<d>(x, up), down)
}

#[cfg(test)]
mod tests {
    use super::Gated;
    use cost_core::assert_cost;
    use cost_core::testing::snapshot;

    #[test]
    fn holds() {
        assert_cost!(Gated, flops = "5·f·s·b + 6*b*d*f*s", params = "3·d·f", cache = "0");
        assert_cost!(Gated, bytes = "2*(2·b·s·d + 3·d·f)", matmul = "6·b·s·d·f");
    }

    #[test]
    fn is_wrong() {
        assert_cost!(Gated, flops = "6·b·s·d·f + 4·b·s·f", params = "3·d·g", parms = "0");
    }

    #[test]
    fn is_kept() {
        let kept = "Gated over b, s, d, f\nparams  3·d·f\ncache   0\nflops   6·b·s·d·f + 5·b·s·f\n\
                    matmul  6·b·s·d·f\nbytes   4·b·s·d + 6·d·f\ngated × 1\n  flops 6·b·s·d·f + 5·b·s·f\n\
                    \x20 bytes 4·b·s·d + 6·d·f\n";
        assert_eq!(snapshot::<Gated>(), kept);
    }
}
"#;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("author");
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"author\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         cost-core = {{ path = \"{0}/cost-core\" }}\ncost-macros = {{ path = \"{0}/cost-macros\" }}\n\n\
         [dev-dependencies]\ncost-core = {{ path = \"{0}/cost-core\", features = [\"testing\"] }}\n",
        root.display()
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), OPERATORS).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["test", "--offline", "--quiet", "--lib"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("2 passed; 1 failed"), "{said}");
    for line in [
        "flops of Gated is another one\n          expected  6·b·s·d·f + 4·b·s·f\n             found  6·b·s·d·f + 5·b·s·f\n  \
         found - expected  b·s·f\n",
        "params of Gated: a formula: found `g` after `3·d·`, expected a number, an axis of b, s, d, f, or a function",
        "Gated: found the figure `parms` (did you mean `params`?), expected one of params, cache",
    ] {
        assert!(said.contains(line), "no {line} in\n{said}");
    }
}
