//! `cost models` and what narrows its list.

use std::process::{Command, Output};

use serde_json::Value;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).arg("models").args(args).output().unwrap()
}

#[track_caller]
fn printed(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn listed(args: &[&str]) -> Vec<Value> {
    let list: Value = serde_json::from_str(&printed(&[args, &["--json"]].concat())).unwrap();
    list.as_array().unwrap().clone()
}

fn names(list: &[Value]) -> Vec<&str> {
    list.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[track_caller]
fn check(args: &[&str], said: &str) {
    let output = run(args);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(output.stdout.is_empty(), "{args:?}");
    assert!(stderr.starts_with("error: ") && stderr.contains(said), "{args:?}: no {said:?} in {stderr}");
}

#[test]
fn every_list_fits_a_terminal() {
    for args in [&[][..], &["--type", "llama"], &["--max-params", "1B"], &["--fits", "h100"]] {
        for line in printed(args).lines() {
            assert!(line.chars().count() <= 100, "{args:?}: {line}");
        }
    }
}

#[test]
fn filters_take_what_they_say_and_leave_the_rest() {
    let all = listed(&[]);
    let kept = |keep: &dyn Fn(&Value) -> bool| all.iter().filter(|row| keep(row)).cloned().collect::<Vec<_>>();
    let params = |row: &Value| row["params"].as_u64().unwrap();
    assert_eq!(listed(&["--type", "mixtral"]), kept(&|row| row["model_type"] == "mixtral"));
    assert_eq!(names(&listed(&["--type", "mixtral"])), ["mixtral-8x7b", "mixtral-8x22b"]);
    assert_eq!(listed(&["--min-params", "7B"]), kept(&|row| params(row) >= 7_000_000_000));
    assert_eq!(listed(&["--max-params", "350M"]), kept(&|row| params(row) <= 350_000_000));
    let some = kept(&|row| row["model_type"] == "llama" && (1_500_000_000..=7_000_000_000).contains(&params(row)));
    assert_eq!(listed(&["--type", "llama", "--min-params", "1.5b", "--max-params", "7e9"]), some);
    // Both bounds are in the list.
    let exactly = ["--min-params", "124439808", "--max-params", "124_439_808"];
    check(&exactly, "--max-params: found `124_439_808`");
    assert_eq!(names(&listed(&["--min-params", "124439808", "--max-params", "124439808"])), ["gpt2"]);
}

/// 32.8 B parameters are 65.5 GB in 16 bits, 32.8 GB and the scales in 8; 70.6 B are 141.1 GB.
#[test]
fn what_fits_is_by_the_formats_of_each() {
    let on_h100 = listed(&["--fits", "h100_sxm"]);
    let on_h100 = names(&on_h100);
    assert!(on_h100.contains(&"qwen3-32b") && on_h100.contains(&"gpt-oss-120b"), "{on_h100:?}");
    assert!(!on_h100.contains(&"llama-3.1-70b"), "{on_h100:?}");
    let on_l40s = listed(&["--fits", "l40s"]);
    let on_l40s = names(&on_l40s);
    assert!(on_l40s.contains(&"qwen3-32b-fp8") && !on_l40s.contains(&"qwen3-32b"), "{on_l40s:?}");
    assert!(on_l40s.iter().all(|name| on_h100.contains(name)));
    assert!(printed(&["--fits", "l40s", "--min-params", "1T"]).contains("no built-in model is like that"));
    assert!(listed(&["--fits", "l40s", "--min-params", "1T"]).is_empty());
}

#[test]
fn what_is_wrong_is_named_with_what_was_expected() {
    check(&["--type", "lama"], "--type: found `lama`, expected a model type; did you mean `llama`?");
    check(&["--type", "starship"], "--type: found `starship`, expected one of afmoe, albert, ");
    for wrong in ["many", "-1", "", "B", "1e40", "inf", "nan", "7BB", "0x7"] {
        let said = format!("--min-params: found `{wrong}`, expected a number of parameters");
        check(&["--min-params", wrong], &said);
    }
    check(&["--max-params", "7 billion"], "--max-params: found `7 billion`");
    let crossed = ["--min-params", "70B", "--max-params", "7B"];
    check(&crossed, "--min-params: found 70,000,000,000, expected at most the 7,000,000,000 of --max-params");
    check(&["--fits", "h1000"], "--fits: unknown hardware `h1000`");
}
