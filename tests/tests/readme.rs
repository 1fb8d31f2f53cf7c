//! What the README shows is what comes out.

use std::process::Command;

const README: &str = include_str!("../../README.md");
const EXAMPLE: &str = include_str!("../examples/feed_forward.rs");

#[test]
fn the_example_is_the_one_that_is_compiled() {
    let (_, code) = EXAMPLE.split_once("\n\n").expect("a header, then the example");
    assert!(README.contains(code), "README.md and tests/examples/feed_forward.rs differ");
}

#[test]
fn the_example_prints_what_the_readme_says() {
    let printed = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "cost-tests", "--example", "feed_forward"])
        .output()
        .expect("cargo runs");
    let printed = String::from_utf8(printed.stdout).expect("text");
    assert!(!printed.is_empty() && README.contains(&format!("```text\n{printed}```")), "it prints\n{printed}");
}
