//! Bad input: exit code 2, nothing on stdout, and a message that names the field, what was found and what was expected.
//! And what a good run prints.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A config that is right, for others to be made wrong.
const LLAMA: &str = r#"{"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008, "hidden_act": "silu",
    "num_attention_heads": 32, "num_key_value_heads": 32, "num_hidden_layers": 32, "vocab_size": 32000}"#;

fn cost(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cost"));
    command.args(args);
    command
}

fn run(args: &[&str]) -> Output {
    cost(args).output().unwrap()
}

/// An empty directory for one test.
fn directory(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs the command and expects it to fail, and to say all of these.
#[track_caller]
fn check(args: &[&str], said: &[&str]) {
    let output = run(args);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(output.stdout.is_empty(), "{args:?} printed {}", text(&output.stdout));
    assert!(stderr.starts_with("error: "), "{args:?}: {stderr}");
    for part in said {
        assert!(stderr.contains(part), "{args:?}: no {part:?} in {stderr}");
    }
}

/// Runs the command and expects it to succeed; gives what it printed.
#[track_caller]
fn printed(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    assert!(text(&output.stderr).lines().all(|line| line.starts_with("note: ")), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

// --- Configs ---------------------------------------------------------------------------------------------------------

/// What is replaced in the right config, what stands for it, and what the message says.
type Wrong = (&'static str, &'static str, &'static [&'static str]);

const FIELDS: &[Wrong] = &[
    // Heads and widths that don't divide.
    (
        "\"num_attention_heads\": 32, \"num_key_value_heads\": 32",
        "\"num_attention_heads\": 64, \"num_key_value_heads\": 7",
        &["num_key_value_heads", "found 7", "a divisor of num_attention_heads, which is 64"],
    ),
    (
        "\"num_key_value_heads\": 32",
        "\"num_key_value_heads\": 64",
        &["num_key_value_heads", "found 64", "a divisor of num_attention_heads, which is 32"],
    ),
    ("4096", "4097", &["num_attention_heads", "found 32", "a divisor of hidden_size, which is 4097"]),
    // Sizes that are none.
    ("4096", "0", &["hidden_size", "found 0", "a positive whole number"]),
    ("11008", "-1", &["intermediate_size", "found -1", "a positive whole number"]),
    ("32000", "32000.5", &["vocab_size", "found 32000.5", "a positive whole number"]),
    ("32000", "1e30", &["vocab_size", "found 1e+30", "a positive whole number"]),
    ("32000", "18446744073709551616", &["vocab_size", "found 1.844674407370955", "a positive whole number"]),
    ("32000", "\"32000\"", &["vocab_size", "found \"32000\"", "a positive whole number"]),
    ("32000", "[32000]", &["vocab_size", "found [32000]", "a positive whole number"]),
    ("32000", "true", &["vocab_size", "found true", "a positive whole number"]),
    ("32000", "null", &["vocab_size", "found nothing", "a positive whole number"]),
    (
        "\"num_hidden_layers\": 32",
        "\"num_hidden_layers\": 65537",
        &["num_hidden_layers", "found 65537", "at most 65536"],
    ),
    // Fields that are missing.
    ("\"hidden_size\": 4096,", "", &["hidden_size", "found nothing", "a positive whole number"]),
    ("hidden_size", "hiden_size", &["hidden_size", "found nothing", "there is a field hiden_size"]),
    ("\"model_type\": \"llama\",", "", &["model_type", "found nothing", "a text"]),
    // What is no Llama.
    ("\"llama\"", "\"lama\"", &["model_type", "found \"lama\"", "did you mean \"llama\"?"]),
    ("\"llama\"", "\"abacus\"", &["model_type", "found \"abacus\"", "expected a known type", "llama", "mistral"]),
    ("\"llama\"", "7", &["model_type", "found 7", "a text"]),
    ("\"silu\"", "\"gelu\"", &["hidden_act", "found \"gelu\"", "expected \"silu\""]),
    ("\"silu\"", "\"silu\", \"mlp_bias\": 1", &["mlp_bias", "found 1", "true or false"]),
    ("\"silu\"", "\"silu\", \"num_routed_experts\": 8", &["num_routed_experts", "found 8", "\"llama\""]),
    ("\"silu\"", "\"silu\", \"sliding_window\": 512", &["sliding_window", "found 512", "\"llama\""]),
    ("\"silu\"", "\"silu\", \"quantization_config\": {\"bits\": 4}", &["quantization_config.quant_method", "a text"]),
    (
        "\"silu\"",
        "\"silu\", \"quantization_config\": {\"quant_method\": \"fp8\", \"quant_method\": \"gptq\"}",
        &["\"quant_method\" occurs twice"],
    ),
    (
        "\"silu\"",
        "\"silu\", \"torch_dtype\": \"bloat16\"",
        &["torch_dtype", "found \"bloat16\"", "one of \"bfloat16\""],
    ),
    ("\"silu\"", "\"silu\", \"dtype\": \"int\"", &["dtype", "found \"int\"", "\"float16\"", "or \"auto\""]),
    ("\"silu\"", "\"silu\", \"torch_dtype\": 16", &["torch_dtype", "found 16", "a text"]),
    ("\"silu\"", "\"silu\", \"torch_dtype\": \"float16\", \"dtype\": \"x\"", &["dtype", "found \"x\""]),
    // What is no JSON object.
    ("\"vocab_size\": 32000}", "", &["not a model's config", "line 2"]),
    ("{", "{\"hidden_size\": 8,", &["\"hidden_size\" occurs twice"]),
    ("32000}", "32000} x", &["not a model's config", "trailing characters"]),
];

#[test]
fn wrong_configs_are_refused() {
    let path = directory("configs").join("config.json");
    let name = path.to_str().unwrap();
    for (right, wrong, said) in FIELDS {
        let config = LLAMA.replacen(right, wrong, 1);
        assert_ne!(config, LLAMA, "{right} is not in the config");
        std::fs::write(&path, &config).unwrap();
        for command in ["report", "formula"] {
            check(&[command, name], said);
            // The file is named too.
            check(&[command, name], &[name]);
        }
    }
}

#[test]
fn files_that_are_no_config_are_refused() {
    let directory = directory("files");
    let path = directory.join("config.json");
    let name = path.to_str().unwrap();
    check(&["report", name], &[name, "No such file"]);
    check(&["report", directory.to_str().unwrap()], &[name, "No such file"]);
    for (contents, said) in [
        (&b""[..], "EOF"),
        (b"llama", "expected value at line 1 column 1"),
        (b"[1, 2]", "expected a JSON object with a model's sizes"),
        (b"null", "expected a JSON object with a model's sizes"),
        (b"{\"model_type\": \"llama\"", "EOF"),
        (b"\xff\xfe{}", "not UTF-8"),
    ] {
        std::fs::write(&path, contents).unwrap();
        check(&["report", name], &[name, said]);
    }
}

#[test]
fn unknown_names_get_the_nearest() {
    check(&["report", "llama-2-7"], &["`llama-2-7`", "did you mean `llama-2-7b`?", "`cost models`"]);
    check(&["report", "abacus"], &["`abacus`", "expected a name that `cost models` lists, a config.json"]);
    check(&["formula", "GqaAtention"], &["`GqaAtention`", "did you mean the operator `GqaAttention`?"]);
    check(&["formula", "abacus"], &["`abacus`", "or an operator: ", "SwiGlu"]);
}

/// An unknown field that nothing is known about is a warning, and an error on request.
#[test]
fn unknown_fields_are_warnings_or_errors() {
    let path = directory("unknown").join("config.json");
    let name = path.to_str().unwrap();
    std::fs::write(&path, LLAMA.replace("\"silu\"", "\"silu\", \"favourite_colour\": \"blue\"")).unwrap();
    let output = run(&["report", name]);
    assert!(output.status.success() && !output.stdout.is_empty());
    let (page, told) = (text(&output.stdout), text(&output.stderr));
    assert!(page.contains("\nwarning: unknown field favourite_colour (\"blue\")") && told.is_empty(), "{page}{told}");
    let report: Value = serde_json::from_str(&printed(&["report", name, "--json"])).unwrap();
    let said = |note: &Value| note["level"] == "warning" && note["field"] == "favourite_colour";
    assert!(report["notes"].as_array().unwrap().iter().any(said), "{report}");
    check(&["report", name, "--strict"], &["favourite_colour (\"blue\")"]);
    // What is off or null may still be a name that nobody knows, and stand for another one.
    std::fs::write(&path, LLAMA.replace("\"silu\"", "\"silu\", \"use_moe\": false, \"lora_rank\": null")).unwrap();
    assert!(!printed(&["report", name]).is_empty());
    check(&["report", name, "--strict"], &["use_moe (false)", "lora_rank (null)"]);
}

#[test]
fn sizes_whose_products_do_not_fit_are_refused() {
    let path = directory("overflow").join("config.json");
    let large = u64::MAX.to_string();
    let config =
        LLAMA.replace("11008", &large).replace("4096", &large).replace("\"silu\"", "\"silu\", \"head_dim\": 128");
    std::fs::write(&path, config).unwrap();
    check(&["report", path.to_str().unwrap()], &["do not fit in 128 bits", "too large"]);
    // Each size by itself fits.
    std::fs::write(&path, LLAMA.replace("11008", &large)).unwrap();
    assert!(printed(&["report", path.to_str().unwrap()]).contains("parameters"));
}

// --- Options ---------------------------------------------------------------------------------------------------------

#[test]
fn wrong_options_are_refused() {
    for (option, value, said) in [
        ("--weights", "int9", &["--weights", "`int9`", "expected a number type", "did you mean `int8`?"][..]),
        ("--acts", "bf61", &["--acts", "`bf61`", "did you mean `bf16`?"]),
        ("--cache", "int8:g0:f16", &["--cache", "`int8:g0:f16`", "gN with N from 1 to 65536"]),
        ("--weights", "int8:g128", &["--weights", "`int8:g128`", "a scale's number type"]),
        ("--set", "*.keys=int99", &["--set", "`int99`", "expected a number type"]),
        ("--set", "keys", &["--set", "`keys`", "PATTERN=FORMAT"]),
        ("--batch", "0", &["'0'", "--batch", "1.."]),
        ("--tokens", "0", &["'0'", "--tokens", "1.."]),
        ("--past", "many", &["'many'", "--past"]),
        ("--phase", "training", &["'training'", "--phase", "prefill, decode"]),
        ("--masking", "full", &["'full'", "--masking", "exact, dense"]),
        ("--logits", "some", &["'some'", "--logits", "last, all"]),
        ("--on", "h10", &["`h10`", "did you mean `h100`?", "`cost hardware`"]),
        ("--on", "h100,abacus", &["`abacus`", "`cost hardware`"]),
        ("--on", "", &["unknown hardware ``"]),
        ("--on", "nowhere.toml", &["nowhere.toml", "No such file"]),
    ] {
        check(&["report", "llama-2-7b", option, value], said);
    }
    check(&["hardware", "h10"], &["`h10`", "did you mean `h100`?"]);
}

#[test]
fn wrong_device_files_are_refused() {
    let path = directory("devices").join("mine.toml");
    let name = path.to_str().unwrap();
    let device = "[[device]]\nid = \"mine\"\nbf16_tflops = 100\nbandwidth_gb_s = 500\n";
    std::fs::write(&path, device).unwrap();
    assert!(printed(&["report", "llama-2-7b", "--on", name]).contains("on mine: at least"));
    for (right, wrong, said) in [
        ("bandwidth_gb_s = 500\n", "", &["missing field `bandwidth_gb_s`"][..]),
        ("id = \"mine\"\n", "", &["missing field `id`"]),
        ("500", "-500", &["`mine`", "bandwidth_gb_s is -500", "a positive number"]),
        ("100", "0", &["`mine`", "bf16_tflops is 0", "a positive number"]),
        ("100", "\"fast\"", &["line 3", "string \"fast\""]),
        ("bf16_tflops", "bf16_tlops", &["unknown field `bf16_tlops`", "`bf16_tflops`"]),
        ("]]", "]", &["line"]),
        (device, "", &["missing field `device`"]),
    ] {
        std::fs::write(&path, device.replacen(right, wrong, 1)).unwrap();
        check(&["report", "llama-2-7b", "--on", name], said);
        check(&["report", "llama-2-7b", "--on", name], &[name]);
        check(&["hardware", name], said);
    }
}

// --- What is right ---------------------------------------------------------------------------------------------------

/// The keys of every object in a value, by its path; lists are looked at in their first element.
fn keys(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            for (key, inner) in entries {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                keys(&path, inner, found);
                found.insert(path);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                keys(&format!("{path}[]"), element, found);
            }
        }
        _ => {}
    }
}

/// The JSON object of a report, as the design documents it (section 6).
const KEYS: &[(&str, &[&str])] = &[
    ("", &["model", "phase", "batch", "past", "tokens", "formats", "params", "cache", "memory", "flops", "bytes"]),
    ("", &["intensity", "kernels", "hardware", "notes", "schema"]),
    ("memory.", &["weights", "cache", "activations", "total"]),
    ("formats.", &["weights", "acts", "cache"]),
    ("params.", &["total", "active", "embedding", "lm_head", "attention", "ffn", "norm", "other"]),
    ("cache.", &["bytes_per_token", "bytes_total"]),
    ("", &["memory"]),
    ("memory.", &["weights", "cache", "activations", "total"]),
    ("flops.", &["total", "matmul", "vector"]),
    ("bytes.", &["total", "weights", "acts_read", "acts_written", "cache_read", "cache_written"]),
    (
        "kernels[].",
        &["path", "repeat", "flops", "matmul", "class", "bytes", "intensity", "flops_formula", "bytes_formula"],
    ),
    ("hardware[].", &["name", "ridge", "lower_bound_s", "bound", "memory", "fits", "kernels"]),
    ("hardware[].kernels[].", &["path", "bound", "lower_bound_s"]),
];

/// The names of the built-in models.
fn models() -> Vec<String> {
    let models: Value = serde_json::from_str(&printed(&["models", "--json"])).unwrap();
    let names = models.as_array().unwrap().iter().map(|model| model["name"].as_str().unwrap().to_owned());
    names.collect()
}

#[test]
fn reports_are_the_documented_json() {
    let expected: BTreeSet<String> =
        KEYS.iter().flat_map(|(path, keys)| keys.iter().map(move |key| format!("{path}{key}"))).collect();
    let models = models();
    assert!(models.len() >= 4, "{models:?}");
    for model in &models {
        for phase in ["prefill", "decode"] {
            let step = ["--phase", phase, "--past", "256", "--tokens", "256"];
            let json = printed(&[&["report", model, "--on", "h100,a100", "--json"][..], &step].concat());
            let report: Value = serde_json::from_str(&json).unwrap();
            let mut found = BTreeSet::new();
            keys("", &report, &mut found);
            // What most models have none of is left out where there is none.
            found.retain(|key| !["cache.state_bytes", "params.buffers", "params.mtp"].contains(&key.as_str()));
            found.retain(|key| !key.starts_with("notes[]."));
            assert_eq!(found, expected, "{model} {phase}");
            sums(&report);
        }
    }
    let bare: Value = serde_json::from_str(&printed(&["report", "llama-2-7b", "--json"])).unwrap();
    assert_eq!(bare["hardware"], Value::Array(vec![]));
    // Integers are exact, and plain.
    let json = printed(&["report", "llama-2-7b", "--phase", "decode", "--past", "4095", "--json"]);
    for line in ["\"total\": 6738415616", "\"bytes_per_token\": 524288", "\"matmul\": 15361638400"] {
        assert!(json.contains(line), "{line}");
    }
}

/// A report's totals are the sums of its parts.
fn sums(report: &Value) {
    // Expected distinct experts can leave a fraction of a byte.
    let int = |value: &Value| match (value.as_u64(), value.as_f64()) {
        (Some(whole), _) => u128::from(whole) * 8,
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bits, not negative")]
        (None, Some(bytes)) => (bytes * 8.0) as u128,
        _ => panic!("{value} is no number"),
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_else(|| panic!("{value} is no list"));
    let apart = ["total", "active", "mtp", "buffers"];
    let rest = |object: &Value| {
        let parts = object.as_object().unwrap().iter().filter(|(key, _)| !apart.contains(&key.as_str()));
        parts.map(|(_, value)| int(value)).sum::<u128>()
    };
    for group in ["params", "memory", "flops", "bytes"] {
        assert_eq!(int(&report[group]["total"]), rest(&report[group]), "{group}");
    }
    let kernels = list(&report["kernels"]);
    for (total, part) in [("flops", "flops"), ("bytes", "bytes")] {
        let sum: u128 = kernels.iter().map(|kernel| int(&kernel["repeat"]) / 8 * int(&kernel[part])).sum();
        assert_eq!(int(&report[total]["total"]), sum, "{total}");
    }
    for device in list(&report["hardware"]) {
        let verdicts = list(&device["kernels"]);
        assert_eq!(verdicts.len(), kernels.len());
        let mut seconds = 0.0;
        for (verdict, kernel) in verdicts.iter().zip(&kernels) {
            assert_eq!(verdict["path"], kernel["path"]);
            seconds += verdict["lower_bound_s"].as_f64().unwrap() * int(&kernel["repeat"]) as f64 / 8.0;
        }
        let total = device["lower_bound_s"].as_f64().unwrap();
        assert!((seconds - total).abs() <= 1e-9 * total, "{}", device["name"]);
        assert!(["memory", "compute"].map(Value::from).contains(&device["bound"]));
    }
}

#[test]
fn a_directory_stands_for_its_config() {
    let directory = directory("my-model");
    std::fs::write(directory.join("config.json"), LLAMA).unwrap();
    let json = printed(&["report", directory.to_str().unwrap(), "--json"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["model"], "my-model");
    assert_eq!(report["params"]["total"], 6_738_415_616_u64);
}

/// Nobody reads on: no message, and no panic.
#[test]
fn a_closed_pipe_is_quiet() {
    for args in [&["report", "llama-2-7b"][..], &["report", "llama-2-7b", "--json"], &["hardware", "--sources"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = cost(args).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(text(&output.stderr), "", "{args:?}");
    }
}

/// A negative size is named with its option, as `--batch=-1` already is.
#[test]
fn negative_sizes_are_named() {
    for option in ["--batch", "--past", "--tokens"] {
        let output = cost(&["report", "llama-2-7b", option, "-1"]).output().unwrap();
        let stderr = text(&output.stderr);
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

#[test]
fn tables_fit_100_columns() {
    let mut commands = vec![vec!["models"], vec!["hardware"]];
    let models = printed(&["models", "--json"]);
    let models: Vec<Value> = serde_json::from_str(&models).unwrap();
    for model in models.iter().map(|model| model["name"].as_str().unwrap()) {
        commands.push(vec!["report", model]);
        commands.push(vec!["report", model, "--on", "h100,a100", "--weights", "int4:g128:f16:int4"]);
        commands.push(vec!["report", model, "--phase", "prefill", "--on", "h100,a100,rtx_pro_6000_server,mi300x"]);
        commands.push(vec!["report", model, "--batch", "4096", "--past", "1000000", "--on", "h100,a100"]);
    }
    for args in commands {
        let text = text(&run(&args).stdout);
        assert!(!text.is_empty(), "{args:?}");
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{args:?}: {} columns: {line}", line.chars().count());
            assert_eq!(line, line.trim_end(), "{args:?}");
        }
    }
}

/// What a step reads, tensor by tensor, is what it reads in all.
#[test]
fn tensors_add_up() {
    for model in ["llama-2-7b", "qwen3-32b", "gpt2"] {
        for weights in ["bf16", "int8:g64:f32:f32"] {
            let args = ["report", model, "--past", "1000", "--weights", weights, "--tensors", "--json"];
            let report: Value = serde_json::from_str(&printed(&args)).unwrap();
            let sum = |role: &str| -> u64 {
                let tensors = report["tensors"].as_array().unwrap().iter().filter(|tensor| tensor["role"] == role);
                tensors.map(|tensor| tensor["bytes"].as_u64().unwrap() * tensor["repeat"].as_u64().unwrap()).sum()
            };
            assert_eq!(sum("weight"), report["bytes"]["weights"].as_u64().unwrap(), "{model} {weights}");
            assert_eq!(sum("cache"), report["bytes"]["cache_read"].as_u64().unwrap(), "{model} {weights}");
        }
    }
}

/// The verdicts of document 000 for GQA (64 query heads, 8 key/value heads of 128, 512 cached tokens): 27 of its 28
/// cells; at 64 queries the H100 is bound by memory.
#[test]
fn the_table_of_document_000_comes_out_of_one_command() {
    let path = directory("document-000").join("devices.toml");
    let device = |(id, peak, bandwidth): (&str, u32, u32)| {
        format!("[[device]]\nid = \"{id}\"\nbf16_tflops = {peak}\nbandwidth_gb_s = {bandwidth}\n")
    };
    let devices = [("h20", 148, 4000), ("5090", 209, 1790), ("aimax", 50, 250), ("h100", 989, 3350)].map(device);
    std::fs::write(&path, devices.concat()).unwrap();
    let args = ["balance", "GqaAttention", "--solve", "s", "--at", "b=1,t=512,n=8,g=8,k=128", "--count", "matmul"];
    let more = ["--masking", "dense", "--values", "1,4,8,16,32,48,64", "--json", "--on", path.to_str().unwrap()];
    let answer: Value = serde_json::from_str(&printed(&[&args[..], &more[..]].concat())).unwrap();
    let rows: Vec<String> = answer["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["bounds"].as_array().unwrap().iter().map(|bound| &bound.as_str().unwrap()[..1]).collect())
        .collect();
    assert_eq!(rows, ["mmmm", "mmmm", "cmmm", "cmmm", "ccmm", "cccm", "cccm"]);
}

#[test]
fn wrong_questions_about_balance_are_refused() {
    for (args, said) in [
        (&["--solve", "q"][..], &["no axis `q`", "b, s, t, n, g, k"][..]),
        (&["--solve", "s"], &["b, t, n, g, k are open"]),
        (&["--solve", "s", "--at", "t=0"], &["t=0", "positive whole number"]),
        (&["--solve", "s", "--at", "t=-4"], &["t=-4", "positive whole number"]),
        (&["--solve", "s", "--at", "t=5,t=6"], &["t=6", "second size"]),
        (&["--solve", "s", "--at", "s=5"], &["s=5", "solved for"]),
        (&["--solve", "s", "--at", "b=1,t=8,n=1,g=1,k=1", "--values", "9"], &["9", "s to be at most t"]),
        (&["--solve", "s", "--at", "b=1,t=8,n=1,g=1,k=1", "--set", "*.kyes=int8"], &["*.kyes", "matches no tensor"]),
    ] {
        check(&[&["balance", "GqaAttention", "--on", "h100"], args].concat(), said);
    }
}
