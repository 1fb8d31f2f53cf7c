//! What the command prints with `--json` is what the interface answers.

use std::path::Path;
use std::process::Command;

use cost_api::{NoFiles, Request, answer};
use serde_json::{Value, json};

/// What the command prints with these arguments, as JSON.
fn printed(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cost")).args(args).arg("--json").output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What the interface answers, as text.
fn answered(request: &Value) -> String {
    let request = Request::from_json(&request.to_string()).unwrap();
    serde_json::to_string_pretty(&answer(&request, &NoFiles).unwrap()).unwrap() + "\n"
}

#[test]
fn the_command_prints_what_is_answered() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../../cost-api/tests/requests.json")).unwrap();
    for row in rows {
        let args: Vec<&str> = row["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
        let (printed, answered) = (printed(&args), answered(&row["request"]));
        // All rows of a sweep are lines, so that nobody waits for the last.
        if args[0] == "sweep" && !args.iter().any(|arg| ["--top", "--pareto"].contains(arg)) {
            let lines: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(Value::Array(lines), serde_json::from_str::<Value>(&answered).unwrap(), "{row}");
        } else {
            assert!(printed == answered, "{row}");
        }
    }
}

#[test]
fn a_config_in_a_request_is_one_in_a_file() {
    let config = json!({"model_type": "gpt2", "n_embd": 64, "n_head": 4, "n_layer": 2, "vocab_size": 100, "odd": 1.5});
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("api");
    std::fs::create_dir_all(&path).unwrap();
    let path = path.join("config.json");
    std::fs::write(&path, config.to_string()).unwrap();
    let request = json!({"command": "report", "what": config, "on": ["h100"]});
    assert_eq!(printed(&["report", path.to_str().unwrap(), "--on", "h100"]), answered(&request));
}
