//! What is printed for a terminal fits 100 columns, however long it is.

use std::process::Command;

use serde_json::Value;

fn printed(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cost")).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn narrow(args: &[&str]) -> String {
    let page = printed(args);
    for line in page.lines() {
        assert!(line.chars().count() <= 100, "{args:?}: {} columns in {line}", line.chars().count());
    }
    page
}

/// Text without the breaks in it.
fn words(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn formulas_are_broken_and_whole() {
    for what in
        ["llama-2-7b", "deepseek-v3", "gemma-2-2b", "mamba2-2.7b", "gpt-oss-20b", "FlashAttention", "GqaAttention"]
    {
        for notation in [&[][..], &["--latex"]] {
            let page = narrow(&[&["formula", what][..], notation].concat());
            let answer: Value =
                serde_json::from_str(&printed(&[&["formula", what, "--json"][..], notation].concat())).unwrap();
            let kernels = answer["kernels"].as_array().unwrap().iter();
            let formulas = ["flops", "matmul", "bytes", "intensity"].map(|field| &answer[field]).into_iter();
            let own = kernels.filter(|_| page.contains("kernels\n")).flat_map(|it| [&it["flops"], &it["bytes"]]);
            for formula in formulas.chain(own) {
                let formula = formula.as_str().unwrap();
                assert!(words(&page).contains(&words(formula)), "{what}: no {formula} in {page}");
            }
            // No line ends before an operand.
            assert!(page.lines().all(|line| ![" +", " -", " /", " ="].iter().any(|end| line.ends_with(end))), "{page}");
        }
    }
}

#[test]
fn sources_are_broken_and_whole() {
    let page = narrow(&["hardware", "--sources"]);
    let devices: Value = serde_json::from_str(&printed(&["hardware", "--json"])).unwrap();
    for device in devices.as_array().unwrap() {
        for text in ["source", "link_source", "note"].map(|field| device[field].as_str().unwrap()) {
            assert!(words(&page).contains(&words(text)), "no {text} in {page}");
        }
    }
}
