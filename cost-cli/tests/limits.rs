//! Counts from outside that nothing bounds, products of two lists, files that are no files, what reaches a terminal, and
//! writing that fails: a clear error or an answer, in little time and memory.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use cost_tests::files::of_header;
use serde_json::{Value, json};

/// An empty directory for one test.
fn directory(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Runs the command with at most so many MB of address space, and expects it to end within ten seconds or so.
fn run_within(megabytes: u64, args: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_cost");
    let mut command = if cfg!(target_os = "linux") {
        let mut shell = Command::new("sh");
        let limit = format!("ulimit -v {} && exec \"$0\" \"$@\"", megabytes * 1024);
        shell.args(["-c", limit.as_str(), program]);
        shell
    } else {
        Command::new(program)
    };
    let began = Instant::now();
    let output = command.args(args).stdin(Stdio::null()).output().unwrap();
    // Ten seconds of an optimised build are more than that here.
    assert!(began.elapsed() < Duration::from_mins(1), "{args:?} took {:?}", began.elapsed());
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Expects the command to fail, in little memory, and to say all of these in few words that do nothing to a terminal.
#[track_caller]
fn refused(args: &[&str], said: &[&str]) {
    let output = run_within(500, args);
    let stderr = text(&output.stderr);
    let shown: Vec<String> = args.iter().map(|arg| arg.chars().take(60).collect()).collect();
    assert_eq!(output.status.code(), Some(2), "{shown:?}: {stderr}");
    assert!(stderr.len() < 5000, "{shown:?}: {} bytes", stderr.len());
    assert!(stderr.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}: {stderr:?}");
    for part in said {
        assert!(stderr.contains(part), "{shown:?}: no {part:?} in {stderr}");
    }
}

#[track_caller]
fn answered(args: &[&str]) -> String {
    let output = run_within(500, args);
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn saved(directory: &Path, name: &str, contents: impl AsRef<[u8]>) -> String {
    let path = directory.join(name);
    std::fs::write(&path, contents).unwrap();
    path.display().to_string()
}

fn released(name: &str) -> Value {
    let entry = cost_models::catalogue::ENTRIES.iter().find(|entry| entry.name == name).unwrap();
    serde_json::from_str(entry.config).unwrap()
}

/// A released config with some fields of another value.
fn config(name: &str, fields: &[(&str, Value)]) -> String {
    let mut config = released(name);
    for (field, value) in fields {
        config[*field] = value.clone();
    }
    config.to_string()
}

const HUGE: u64 = u64::MAX;

#[test]
fn counts_of_a_config_are_bounded() {
    let directory = directory("counts");
    for (model, field, count, said) in [
        ("deepseek-v3", "num_nextn_predict_layers", 1 << 62, "at most 65475, as there are 61 layers before them"),
        ("deepseek-v3", "num_nextn_predict_layers", 10_000_000_000, "at most 65475"),
        ("deepseek-v3", "num_nextn_predict_layers", HUGE, "at most 65475"),
        ("glm-4.5-air", "num_nextn_predict_layers", HUGE, "at most 65490, as there are 46 layers before them"),
        ("deepseek-v3", "num_hidden_layers", 1 << 62, "at most 65536"),
        ("llama-2-7b", "num_hidden_layers", HUGE, "at most 65536"),
    ] {
        let file = saved(&directory, "config.json", config(model, &[(field, json!(count))]));
        refused(&["report", &file], &[field, &format!("found {count}"), said]);
    }
    let albert = r#"{"model_type": "albert", "inner_group_num": 18446744073709551615}"#;
    refused(&["report", &saved(&directory, "config.json", albert)], &["inner_group_num", "at most 65536"]);
}

#[test]
fn counts_of_the_command_line_are_bounded() {
    let of = |method: &'static str| ["decode", "tinyllama-1.1b", "--on", "h100", "--method", method];
    let huge = HUGE.to_string();
    for method in ["static", "continuous", "chunked", "paged"] {
        for batch in ["4294967296", huge.as_str()] {
            let args = [&of(method)[..], &["--batch", batch]].concat();
            refused(&args, &["requests: found", batch, "at most 1048576 requests"]);
        }
    }
    let draw = [&of("static")[..], &["--draw", &huge]].concat();
    refused(&draw, &["requests: found 18446744073709551615", "at most 1048576 requests"]);
    let exits = ["--exits", "11:0.5,22:0.5", "--batch", &huge];
    refused(&[&of("early-exit")[..], &exits].concat(), &["batch: found 18446744073709551615", "at most 1048576"]);
    let depths = [&of("mixture-of-depths")[..], &["--batch", "4294967296"]].concat();
    refused(&depths, &["batch: found 4294967296", "at most 1048576"]);
    let long = ["decode", "mamba2-2.7b", "--on", "h100", "--output", "1000000000000"];
    refused(&long, &["output: found 1000000000000", "at most 16777216 tokens, each of which is a step"]);
    let gamma = [&of("speculative")[..], &["--draft", "tinyllama-1.1b", "--gamma", &huge]].concat();
    refused(&gamma, &["gamma: found 18446744073709551615", "at most 16384"]);
    let slow = [&of("static")[..], &["--draw", "3", "--rate", "1e-320"]].concat();
    refused(&slow, &["rate: found", "within 1000000000 seconds"]);
    // Large, and right: 4096 sequences leave early.
    answered(&[&of("early-exit")[..], &["--exits", "11:0.5,22:0.5", "--batch", "4096", "--output", "2"]].concat());
}

#[test]
fn lists_of_a_config_cost_no_more_than_their_length() {
    let directory = directory("lists");
    let rules: Vec<String> = (0..1000).map(|i| format!("model.layers.{}.mlp.up_proj", i * 65)).collect();
    let block = json!({"quant_method": "fp8", "modules_to_not_convert": rules, "weight_block_size": [128, 128]});
    let layers = ("num_hidden_layers", json!(65_536));
    let many = saved(&directory, "rules.json", config("llama-3.1-8b", &[layers, ("quantization_config", block)]));
    let answer: Value = serde_json::from_str(&answered(&["report", &many, "--json", "--past", "1"])).unwrap();
    // Of 65,536 layers 1,000 keep their `up_proj`, 4096 × 14336 elements, in two bytes each instead of one and scales.
    assert!(answer["formats"]["weights"].as_str().unwrap().contains("fp8"), "{}", answer["formats"]);

    let dense =
        saved(&directory, "dense.json", config("qwen3-30b-a3b", &[("mlp_only_layers", json!(vec![47; 2_000_000]))]));
    answered(&["report", &dense, "--json"]);
    let typed = saved(&directory, "typed.json", config("llama-2-7b", &[("model_type", json!("x".repeat(15_000_000)))]));
    refused(&["report", &typed], &["model_type: found \"xxx", "…, expected a known type"]);

    let expressions: Vec<String> = (0..1025).map(|i| format!("re:.*{i}.*")).collect();
    let block = json!({"quant_method": "fp8", "modules_to_not_convert": expressions});
    let file = saved(&directory, "expressions.json", config("llama-2-7b", &[("quantization_config", block)]));
    refused(&["report", &file], &["modules_to_not_convert", "found 1025 expressions", "at most 1024"]);
    let block = json!({"quant_method": "fp8", "modules_to_not_convert": ["re:.*a", "re:.*b", "re:.*c"]});
    let fields = [("num_hidden_layers", json!(65_536)), ("quantization_config", block)];
    let file = saved(&directory, "expressions.json", config("llama-2-7b", &fields));
    refused(&["report", &file], &["3 expressions for", "at most 1048576 pairs"]);
}

#[test]
fn long_drafts_are_bounded() {
    let directory = directory("drafts");
    let chain = |length: usize| {
        let parent = |i: usize| i.checked_sub(1).map_or_else(String::new, |parent| format!("n{parent}"));
        let lines = (0..length).map(|i| format!("n{i},{},0.9\n", parent(i)));
        "node,parent,acceptance\n".to_owned() + &lines.collect::<String>()
    };
    let args = ["decode", "tinyllama-1.1b", "--on", "h100", "--method", "tree", "--draft", "tinyllama-1.1b", "--tree"];
    let long = saved(&directory, "long.csv", chain(20_000));
    refused(&[&args[..], &[&long]].concat(), &["node 16385, parent", "found 16385 tokens in a row", "at most 16384"]);
    let shorter = saved(&directory, "shorter.csv", chain(2000));
    answered(&[&args[..], &[&shorter, "--output", "20", "--json"]].concat());
}

#[test]
fn headers_get_no_memory_on_their_word() {
    let directory = directory("headers");
    let sizes = vec!["1"; 50_000_000 / 2].join(",");
    let header = format!(r#"{{"a":{{"dtype":"F32","shape":[{sizes}],"data_offsets":[0,4]}}}}"#);
    let path = directory.join("model.safetensors");
    of_header(&header, 4).save(&path);
    refused(
        &["report", "llama-2-7b", "--weights-file", &path.display().to_string()],
        &["model.safetensors: header: found a shape of more than 64 sizes"],
    );
    // 15,900 lists of 4096 numbers of a byte.
    let mut file = b"GGUF".to_vec();
    file.extend([3_u32.to_le_bytes().as_slice(), &0_u64.to_le_bytes(), &15_900_u64.to_le_bytes()].concat());
    for i in 0..15_900 {
        let key = format!("llama.{i}");
        file.extend((key.len() as u64).to_le_bytes());
        file.extend(key.bytes());
        file.extend([9_u32.to_le_bytes().as_slice(), &0_u32.to_le_bytes(), &4096_u64.to_le_bytes()].concat());
        file.resize(file.len() + 4096, 0);
    }
    let path = saved(&directory, "lists.gguf", file);
    refused(&["report", &path], &["general.architecture: found nothing"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_read() {
    let directory = directory("files");
    let sparse = |name: &str| {
        let path = directory.join(name);
        std::fs::File::create(&path).unwrap().set_len(10 << 30).unwrap();
        path.display().to_string()
    };
    let decode = |method: &'static str, flag: &'static str| {
        ["decode", "tinyllama-1.1b", "--on", "h100", "--draft", "tinyllama-1.1b", "--method", method, flag]
    };
    let serve = ["decode", "tinyllama-1.1b", "--on", "h100", "--method", "static", "--requests"];
    refused(&[&serve[..], &["/dev/zero"]].concat(), &["/dev/zero: not a regular file"]);
    refused(&[&decode("tree", "--tree")[..], &["/dev/zero"]].concat(), &["/dev/zero: not a regular file"]);
    let pipe = directory.join("pipe.toml").display().to_string();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    refused(&["report", "llama-2-7b", "--on", &pipe], &["pipe.toml: not a regular file"]);
    let long = "more than 16777216 bytes";
    refused(&["report", "llama-2-7b", "--on", &sparse("sparse.toml")], &["sparse.toml", long]);
    refused(&[&serve[..], &[&sparse("sparse.csv")]].concat(), &["sparse.csv", long]);
    refused(&[&decode("tree", "--tree")[..], &[&sparse("tree.csv")]].concat(), &["tree.csv", long]);
    refused(&["report", &sparse("config.json")], &["config.json", long]);
    refused(
        &["report", "llama-2-7b", "--on", &directory.join("none.toml").display().to_string()],
        &["none.toml: No such"],
    );
}

#[test]
fn a_condition_may_be_wrong_far_to_the_right() {
    let condition = format!("{}foo", " ".repeat(70_000));
    refused(&["sweep", "tinyllama-1.1b", "--where", &condition], &["there is no column `foo`", "…", "^"]);
}

#[test]
fn figures_of_a_device_are_held_against_what_they_are_scaled_to() {
    let directory = directory("figures");
    let device = |lines: &str| saved(&directory, "d.toml", format!("[[device]]\n{lines}\n"));
    for (lines, said) in [
        (
            "id = \"x\"\nbf16_tflops = 1e308\nbandwidth_gb_s = 1",
            "bf16_tflops is 1e308; expected a positive number, from 1e-9",
        ),
        ("id = \"x\"\nbf16_tflops = 1\nbandwidth_gb_s = 1e-320", "bandwidth_gb_s is 1e-320; expected"),
        ("id = \"x\"\nbf16_tflops = 1\nbandwidth_gb_s = -1", "bandwidth_gb_s is -1.0; expected"),
        ("id = \"x\"\nbf16_tflops = nan\nbandwidth_gb_s = 1", "bf16_tflops is NaN; expected"),
        ("id = \"x\"\nbf16_tflops = 1\nbandwidth_gb_s = 1\nmemory_gb = 1e300", "memory_gb is 1e300; expected"),
        ("id = \"\"\nbf16_tflops = 1\nbandwidth_gb_s = 1", "id is empty; expected a text"),
        ("id = \"x\"\nname = \" \"\nbf16_tflops = 1\nbandwidth_gb_s = 1", "name is empty; expected a text"),
        (
            "id = \"x\"\nbf16_tflops = 1\nbandwidth_gb_s = 1\n[[device]]\nid = \"x\"\nbf16_tflops = 2\nbandwidth_gb_s = 1",
            "id is the same as an earlier device's; expected each id once",
        ),
        ("id = \"a\\u001b[31m\"\nbf16_tflops = 1\nbandwidth_gb_s = 1", "a\\u{1b}[31m"),
    ] {
        refused(&["report", "llama-2-7b", "--on", &device(lines)], &["d.toml: device", said]);
    }
}

#[test]
fn control_characters_of_a_file_do_not_reach_a_terminal() {
    let directory = directory("control");
    let escape = "\u{1b}[2J\u{9b}31m\u{202e}";
    let named = config("llama-2-7b", &[(&format!("x{escape}"), json!(1)), ("hidden_act", json!(escape))]);
    let file = saved(&directory, "config.json", named);
    refused(&["report", &file], &["hidden_act", "\\u001b[2J"]);
    let named = config("llama-2-7b", &[(&format!("x{escape}"), json!(escape))]);
    let output = run_within(500, &["report", &saved(&directory, &format!("c{escape}.json"), named), "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for printed in [text(&output.stderr), text(&output.stdout)] {
        assert!(printed.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')), "{printed:?}");
    }
    serde_json::from_slice::<Value>(&output.stdout).unwrap();
}

#[test]
fn what_stands_twice_in_a_list_is_an_error() {
    for (args, said) in [
        (&["--batch", "1,2,1"][..], "found `1` in `1,2,1`, expected each value once"),
        (&["--past", "0..=8,4"], "found `4` in `0..=8,4`, expected each value once"),
        (&["--past", "5..=100:7,3..=50:11"], "found `47` in"),
        (&["--batch", "1..=64:*2,8"], "found `8` in"),
        (&["--weights", "bf16,BF16"], "--weights: found bf16 twice"),
        (&["--on", "h100,h100_sxm"], "--on: found h100_sxm twice"),
    ] {
        refused(&[&["sweep", "tinyllama-1.1b"], args].concat(), &[said]);
    }
    refused(&["report", "llama-2-7b", "--on", "h100,h100"], &["--on: found h100_sxm twice"]);
    let none = answered(&["sweep", "tinyllama-1.1b", "--past", "0..=100:2,1..=101:2", "--columns", "past"]);
    assert_eq!(none.lines().count(), 103);
}

#[cfg(unix)]
#[test]
fn a_file_that_grows_too_large_leaves_no_part_of_it() {
    let directory = directory("grows");
    let out = directory.join("rows.csv");
    let program = env!("CARGO_BIN_EXE_cost");
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "ulimit -f 100 && exec \"$0\" \"$@\"",
        program,
        "sweep",
        "tinyllama-1.1b",
        "--batch",
        "1..=20000",
    ]);
    let output = shell.arg("--out").arg(&out).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("File too large"), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 0);
}
