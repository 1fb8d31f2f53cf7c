//! What the command doesn't do right yet: each test fails until its bug is fixed, and then moves to `bad_input`.

use std::process::Command;

fn cost(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cost"));
    command.args(args);
    command
}

/// A negative size is named with its option, as `--batch=-1` already is.
#[test]
fn negative_sizes_are_named() {
    for option in ["--batch", "--past", "--tokens"] {
        let output = cost(&["report", "llama-2-7b", option, "-1"]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(option), "{stderr}");
    }
}

/// An error or a warning that nobody reads is no panic (exit code 101).
#[test]
fn a_closed_stderr_is_no_panic() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = cost(&["report", "abacus"]).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

/// The line of parameters by part takes 112 columns for Llama-2-7B and 116 for Llama-2-70B; the verdict of a device
/// with a long name takes 101.
#[test]
fn tables_fit_100_columns() {
    let mut commands = vec![vec!["models"], vec!["hardware"]];
    for model in ["llama-2-7b", "llama-2-70b", "llama-3.1-8b", "mistral-7b-v0.1"] {
        commands.push(vec!["report", model]);
        commands.push(vec!["report", model, "--on", "h100,a100", "--weights", "int4:g128:f16:int4"]);
        commands.push(vec!["report", model, "--phase", "prefill", "--on", "h100,a100,rtx_pro_6000_server,mi300x"]);
        commands.push(vec!["report", model, "--batch", "4096", "--past", "1000000", "--on", "h100,a100"]);
    }
    for args in commands {
        let text = String::from_utf8(cost(&args).output().unwrap().stdout).unwrap();
        assert!(!text.is_empty(), "{args:?}");
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{args:?}: {} columns: {line}", line.chars().count());
            assert_eq!(line, line.trim_end(), "{args:?}");
        }
    }
}
