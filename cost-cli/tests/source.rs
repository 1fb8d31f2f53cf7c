//! Operators of `.rs` files: what the README shows, and what is said of files that are wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const README: &str = include_str!("../../README.md");

/// A folder with a file in it.
fn folder(test: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("source").join(test);
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("gated.rs"), text).unwrap();
    path
}

fn run(folder: &Path, args: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).current_dir(folder).args(args.split(' ')).output().unwrap()
}

/// The README's section on files: the file, its commands, and what is printed.
fn shown() -> (&'static str, Vec<&'static str>, Vec<&'static str>) {
    let (_, section) = README.split_once("## Your own layer").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let blocks = |kind: &str| -> Vec<&'static str> {
        let start = format!("```{kind}\n");
        section.split(&start).skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block).collect()
    };
    let commands = blocks("sh")[0].lines().filter_map(|line| line.strip_prefix("cost ")).collect();
    (blocks("rust")[0], commands, blocks("text"))
}

#[test]
fn the_readme_is_right() {
    let (file, commands, printed) = shown();
    let right = folder("right", file);
    assert_eq!(commands.len(), 3);
    for command in &commands {
        let output = run(&right, command);
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(String::from_utf8(run(&right, commands[0]).stdout).unwrap(), printed[0]);
    let wrong = folder("wrong", &file.replace("f: d }", "g: d }"));
    let output = run(&wrong, commands[0]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), printed[1]);
}

/// The README's section on model types: the config, the declaration, the file of operators, its commands, what is printed.
#[test]
fn the_readme_is_right_about_model_types() {
    let (_, section) = README.split_once("## A model type that nobody").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let block = |kind: &str| section.split_once(&format!("```{kind}\n")).unwrap().1.split_once("```").unwrap().0;
    let folder = folder("family", "");
    for (file, kind) in [("config.json", "json"), ("lyra.toml", "toml"), ("lyra.rs", "rust")] {
        std::fs::write(folder.join(file), block(kind)).unwrap();
    }
    let commands: Vec<&str> = block("sh").lines().filter_map(|line| line.strip_prefix("cost ")).collect();
    assert_eq!(commands.len(), 3);
    let outputs = commands.iter().map(|command| run(&folder, command));
    let outputs: Vec<String> = outputs.map(|it| String::from_utf8(it.stdout).unwrap()).collect();
    assert_eq!(outputs[0], block("text"));
    assert!(outputs[1].contains("conv.short_conv.x × conv"), "{}", outputs[1]);
    assert!(outputs[2].contains("703,860"), "{}", outputs[2]);
    for (args, said) in [
        ("report llama-2-7b --family lyra.toml", "--family: found the built-in model llama-2-7b, expected a config"),
        ("report Linear --like llama --at b=1,s=1,d=1,f=1", "--like: found the operator Linear, expected a model"),
        ("report config.json --family none.toml", "none.toml: "),
        ("report config.json", "model_type: found \"lyra\""),
    ] {
        let output = run(&folder, args);
        assert_eq!(output.status.code(), Some(2), "{args}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(said), "{args}: {stderr}");
    }
}

/// What is said of a file, by the line after the message's first.
#[track_caller]
fn check(text: &str, what: &str, said: &[&str]) {
    let output = run(&folder("check", text), &format!("report {what} --at b=2"));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}: {stderr}");
    for part in said {
        assert!(stderr.contains(part), "{text}: no {part:?} in {stderr}");
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_where_it_is() {
    let one = "#[cost] fn A<b>(x: Act<b>) -> Act<b> { exp(x) }\n";
    let file = "gated.rs";
    check("fn main( {}", file, &["no Rust", "gated.rs:1:11"]);
    check("fn A<b>(x: Act<b>) -> Act<b> { exp(x) + }", file, &["expected an expression", "gated.rs:1:41"]);
    check("", file, &["there is no operator here"]);
    check("fn a() {}\nfn main() {}", file, &["there is no operator here"]);
    check(&format!("{one}{one}"), file, &["there are two operators named `A`", "gated.rs:2:12"]);
    let two = format!("{one}mod inner {{ #[cost] fn B<b>(x: Act<b>) -> Act<b> {{ x }} }}");
    check(&two, file, &["found 2 operators, expected the name of one", "A, inner::B"]);
    check(&two, "gated.rs::inner::C", &["found no operator `inner::C`; did you mean `inner::B`?"]);
    let calls = |a: &str, b: &str| format!("#[cost] fn {a}<b>(x: Act<b>) -> Act<b> {{ {b} {{ b }}(x) }}\n");
    check(&calls("A", "A"), file, &["an operator can't call itself", "gated.rs:1:40"]);
    let round = calls("A", "B") + &calls("B", "A");
    check(&round, "gated.rs::A", &["`A` calls `B`, by itself or through others", "gated.rs:2:40"]);
    check(&calls("A", "Linaer"), file, &["there is no operator `Linaer` here"]);
    check(&calls("A", "Linear"), file, &["add `use cost_models::ops::Linear;`"]);
    check(&("use my_crate::B;".to_owned() + &calls("A", "B")), file, &["`B` is of `my_crate`"]);
    check(&("struct B;".to_owned() + &calls("A", "B")), file, &["`B` is not an operator"]);
    let deep = format!("fn A<b>(x: Act<b>) -> Act<b> {{ {}x{} }}", "(".repeat(90_000), ")".repeat(90_000));
    check(&deep, file, &["brackets are more than 64 deep"]);
    let long = format!("fn A<b>(x: Act<b>) -> Act<b> {{ x{} }}", " + x".repeat(90_000));
    check(&long, file, &["an expression of more than 1024 tokens"]);
    let chain: String = (0..70).map(|i| calls(&format!("A{i}"), &format!("A{}", i + 1))).collect();
    check(&(chain + &one.replace("A<", "A70<")), "gated.rs::A0", &["its calls are more than 64 deep"]);
    // Each calls the next twice: 2^40 operators, which nothing goes through.
    let twice = |i: usize, end: &str| format!("#[cost(inline)] fn A{i}<b>(x: Act<b>) -> Act<b> {{ {end} }}\n");
    let both: String = (0..40).map(|i| twice(i, &format!("A{0} {{ b }}(A{0} {{ b }}(x))", i + 1))).collect();
    check(&(both + &twice(40, "relu(x)")), "gated.rs::A0", &["or come to more than 16384 operators"]);
    let many: String = (0..40).map(|_| "    let y = dot::<c>(x, x);\n").collect();
    check(&format!("fn A<b>(x: Act<b>) -> Act<b> {{\n{many} x }}"), file, &["unknown axis `c`", "more"]);
    check(one, "absent.rs", &["absent.rs"]);
    check(one, "gated.rs --strict", &["--strict", "expected a model"]);
    // What would colour a terminal doesn't reach it.
    let coloured = "fn A<b>(x: Act<b>) -> Act<b> { /* \u{1b}[31m */ exp(y) }";
    check(coloured, file, &["unknown tensor `y`", "\u{241b}[31m"]);
}
