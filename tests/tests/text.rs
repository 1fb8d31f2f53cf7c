//! Operators read from text: what the compiler says of a file, reading it without one says too, at the same places.

use std::fs;
use std::path::{Path, PathBuf};

use cost_core::Options;
use cost_core::cost::{axes, kernels, tensors};
use cost_core::expr::Expr;
use cost_core::op::Op;
use cost_syntax::text::{Diagnostic, read};
use cost_tests::steps::usually;

/// A message and its line and column.
type Said = (String, usize, usize);

/// What the compiler said, by trybuild's expectation: errors of the macro, and of the constants that it leaves to the compiler.
fn expected(stderr: &str) -> Vec<Said> {
    let mut said = Vec::new();
    let mut lines = stderr.lines();
    while let Some(line) = lines.next() {
        let Some((_, message)) = line.split_once(": ").filter(|(level, _)| level.starts_with("error")) else {
            continue;
        };
        let message = message.strip_prefix("evaluation panicked: ").unwrap_or(message);
        let place = lines.next().and_then(|line| line.trim_start().strip_prefix("--> ")).expect("a place");
        let mut parts = place.rsplitn(3, ':').map(|part| part.parse().unwrap_or(0));
        let (column, line) = (parts.next().expect("a column"), parts.next().expect("a line"));
        said.push((message.to_owned(), line, column));
    }
    said
}

fn found(text: &str) -> Vec<Said> {
    let errors = read(text, &|name| cost_models::operators().find(|op| op.name == name)).err().unwrap_or_default();
    errors.into_iter().map(|Diagnostic { message, start, .. }| (message, start.line, start.column)).collect()
}

fn cases() -> Vec<PathBuf> {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("mistakes/ui")).expect("cases");
    let files = folders.flat_map(|folder| fs::read_dir(folder.expect("a folder").path()).expect("cases"));
    let mut cases: Vec<PathBuf> = files.map(|file| file.expect("a case").path()).collect();
    cases.retain(|path| path.extension().is_some_and(|end| end == "rs"));
    cases.sort();
    cases
}

#[test]
fn mistakes_are_the_compilers() {
    let mut wrong = String::new();
    let cases = cases();
    for case in &cases {
        let text = fs::read_to_string(case).expect("a case");
        // What only calls operators of another crate is the compiler's.
        if !text.contains("#[cost") {
            continue;
        }
        let stderr = fs::read_to_string(case.with_extension("stderr")).expect("an expectation");
        let (mut expected, mut found) = (expected(&stderr), found(&text));
        expected.sort();
        found.sort();
        if expected != found {
            wrong += &format!("{}\n  compiler {expected:?}\n  text     {found:?}\n", case.display());
        }
    }
    assert!(cases.len() > 100, "few cases were found");
    assert!(wrong.is_empty(), "{wrong}");
}

/// Every file of built-in operators, read as text: the operators are those that the compiler makes.
#[test]
fn built_in_operators_are_the_same_as_text() {
    let known = |name: &str| cost_models::operators().find(|op| op.name == name);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cost-models/src/ops");
    let mut compared = 0;
    for path in sources(&folder) {
        let text = fs::read_to_string(&path).expect("a source").replace("use crate::", "use cost_models::");
        let text = text.replace("use super::", "use cost_models::");
        if !text.contains("#[cost") {
            continue;
        }
        let file = read(&text, &known).unwrap_or_else(|errors| panic!("{}: {errors:?}", path.display()));
        for name in file.names() {
            let (Some(read), Some(compiled)) = (file.find(name), known(name)) else { continue };
            let sizes: Vec<u128> = (0..compiled.axes.len()).map(|axis| usually(compiled.axes[axis], axis)).collect();
            let told = |op: &Op<'_>| {
                let kernels = kernels::<u128>(op, &sizes, &Options::default());
                let tensors = tensors(op, &sizes, &Options::default());
                format!("{:?} {kernels:?} {tensors:?} {:?}", op.axes, axes_and_formulas(op))
            };
            assert_eq!(read.with(told), told(compiled), "{name}");
            compared += 1;
        }
    }
    assert!(compared > 30, "{compared} operators were compared");
}

fn axes_and_formulas(op: &Op<'_>) -> Vec<String> {
    let kernels = kernels::<Expr>(op, &axes(op), &Options::default()).unwrap_or_default();
    kernels.iter().map(|kernel| format!("{kernel:?}")).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("sources").map(|entry| entry.expect("a source").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}
