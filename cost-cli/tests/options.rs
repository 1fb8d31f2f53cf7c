//! Options that a command does not use, and what is said beside an answer: errors, notes and warnings.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).args(args).output().unwrap()
}

/// Sizes of `Moe` but for `b` and `s`: no shared expert, no further switch.
const MIXTURE: &str = "d=4096,e=8,top=2,f=1024,z=1,sigmoid_router=0,router_bias=0,correction=0,shared=0,shared_gate=0,\
    bias=0,gelu=0,limited=0,router_capped=0,counted_correction=0,averaged=0,relu2=0";

/// Runs the command and expects it to fail, and to say all of these.
#[track_caller]
fn check(args: &[&str], said: &[&str]) {
    let output = run(args);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(output.stdout.is_empty(), "{args:?}");
    for part in said {
        assert!(stderr.contains(part), "{args:?}: no {part:?} in {stderr}");
    }
}

#[test]
fn options_that_are_not_used_are_errors() {
    check(&["formula", "GqaAttention", "--mla", "plain"], &["--mla", "GqaAttention", "expected a model"]);
    check(&["formula", "GqaAttention", "--strict"], &["--strict", "expected a model"]);
    let balance = ["balance", "GqaAttention", "--solve", "t", "--on", "h100", "--weights-file", "w.gguf"];
    check(&balance, &["--weights-file", "expected a model"]);
    check(&["report", "mixtral-8x7b", "--routing", "0"], &["routing: found 0", "at least the 2"]);
    check(&["report", "mixtral-8x7b", "--routing", "1"], &["routing: found 1", "at least the 2"]);
    check(&["report", "mixtral-8x7b", "--routing", "8"], &["routing: found 8", "at most the 2"]);
    check(&["formula", "mixtral-8x7b", "--routing", "9"], &["routing: found 9", "at most the 8"]);
    check(
        &["report", "llama-2-7b", "--routing", "worst"],
        &["routing: found worst, expected none", "llama-2-7b has no experts whose number depends on it"],
    );
    assert!(run(&["report", "mixtral-8x7b", "--routing", "8", "--batch", "4"]).status.success());
    let sweep = ["sweep", "mixtral-8x7b", "--routing", "8", "--batch"];
    check(
        &[&sweep[..], &["1..=4"]].concat(),
        &["mixtral-8x7b at batch 1, tokens 1: routing: found 8", "at most the 2"],
    );
    assert!(run(&[&sweep[..], &["4..=8"]].concat()).status.success());
    check(&["sweep", "llama-2-7b,gpt2", "--routing", "worst"], &["routing: found worst, expected none"]);
    assert!(run(&["sweep", "llama-2-7b,mixtral-8x7b", "--routing", "worst"]).status.success());
    let decode = ["decode", "mixtral-8x7b", "--on", "h100", "--prompt", "64", "--output", "4", "--routing", "8"];
    check(&decode, &["routing: found 8", "at most the 2"]);
    assert!(run(&[&decode[..], &["--batch", "4"]].concat()).status.success());
    check(&["formula", "Linear", "--routing", "8"], &["routing: found 8, expected none: Linear has no experts"]);
    let balance = ["balance", "SwiGlu", "--solve", "s", "--at", "b=1,d=8,f=8", "--on", "h100", "--routing", "worst"];
    check(&balance, &["routing: found worst, expected none"]);
    // Of an operator too: two of eight experts for each of so many tokens.
    let mixture = |routing: &'static str, s: usize| {
        let at = format!("b=1,s={s},{MIXTURE}");
        run(&["report", "Moe", "--at", &at, "--routing", routing])
    };
    for (routing, s, possible) in [("1", 1, false), ("2", 1, true), ("8", 1, false), ("1", 4, false), ("8", 4, true)] {
        assert_eq!(mixture(routing, s).status.success(), possible, "{routing} of {s} tokens");
    }
}

/// Options that are about nothing in what is asked, by command.
#[test]
fn options_about_nothing_are_errors() {
    const LINEAR: &str = "b=1,s=1,d=1,f=1";
    const GQA: &str = "b=1,t=9,n=1,g=1,k=1";
    let decode = |method: &'static str| ["decode", "llama-3.2-1b", "--on", "h100", "--method", method];
    let drawn = ["--draw", "3"];
    for (args, said) in [
        (&["formula", "SwiGlu", "--cache", "int8"][..], "--cache: found int8, expected none: SwiGlu has no caches"),
        (&["formula", "Linear", "--masking", "dense"], "--masking: found dense, expected none: Linear has no mask"),
        (&["formula", "mamba2-2.7b", "--masking", "dense"], "--masking: found dense, expected none: mamba2-2.7b"),
        (&["report", "Linear", "--at", LINEAR, "--cache", "int8"], "--cache: found int8"),
        (&["report", "Linear", "--at", LINEAR, "--masking", "dense"], "--masking: found dense"),
        (&["report", "Linear", "--at", LINEAR, "--logits", "all"], "--logits: found the operator"),
        (&["report", "llama-2-7b", "--at", LINEAR], "--at: found the model"),
        (&["report", "llama-2-7b", "--mla", "plain"], "--mla: llama-2-7b has no latent attention"),
        (&["report", "mamba2-2.7b", "--masking", "dense"], "--masking: found dense"),
        (&["balance", "GqaAttention", "--solve", "s", "--at", GQA, "--on", "h100", "--weights", "int8"], "no weights"),
        (&["balance", "mamba2-2.7b", "--solve", "b", "--on", "h100", "--masking", "dense"], "no mask"),
        (&["sweep", "mamba2-2.7b", "--masking", "dense"], "--masking: found dense"),
        (&["fit", "llama-2-7b", "--on", "h100", "--mla", "plain"], "no latent attention"),
    ] {
        check(args, &[said]);
    }
    for (method, args, said) in [
        ("plain", &["--slots", "3"][..], "--slots: found --method plain, expected static"),
        ("flash", &["--weights", "int8"], "--weights: found --method flash"),
        ("flash", &["--output", "9"], "--output: found --method flash"),
        ("flash", &["--routing", "worst"], "--routing: found --method flash"),
        ("paged", &["--routing", "worst"], "--routing: found --method paged"),
        ("paged", &["--multiply", "fp8"], "--multiply: found --method paged"),
        ("paged", &["--masking", "dense"], "--masking: found --method paged"),
        ("static", &["--batch", "7", drawn[0], drawn[1]], "--batch: found --draw beside it"),
        ("static", &["--prompt", "7", "--prompts", "9", drawn[0], drawn[1]], "--prompt: found --prompts beside it"),
        ("paged", &["--output", "7", "--outputs", "9", drawn[0], drawn[1]], "--output: found --outputs beside it"),
        ("static", &["--prompt", "7", "--requests", "r.csv"], "--prompt: found --requests beside it"),
        ("medusa", &["--heads", "0.5", "--acceptance", "0.5"], "--acceptance: found --heads beside it"),
    ] {
        check(&[&decode(method)[..], args].concat(), &[said]);
    }
    // What one of several methods or models reads is no mistake.
    assert!(run(&["sweep", "llama-2-7b,mamba2-2.7b", "--masking", "dense"]).status.success());
    let both = ["--heads", "0.5", "--acceptance", "0.5", "--draft", "llama-3.2-1b", "--output", "8"];
    assert!(run(&[&decode("medusa,speculative")[..], &both].concat()).status.success());
}

/// Tensors with no position are no question; what is not there, or runs no round, is.
#[test]
fn sizes_of_nothing_are_errors() {
    for (at, said) in [
        ("b=0,s=1,t=1,n=1,g=1,k=1", "--at: found b=0, expected at least 1"),
        ("b=1,s=1,t=1,n=1,g=1,k=0", "--at: found k=0, expected at least 1"),
    ] {
        check(&["report", "GqaAttention", "--at", at], &[said]);
    }
    let moe = |from: &'static str, to: &'static str| format!("b=1,s=4,{}", MIXTURE.replace(from, to));
    check(&["report", "Moe", "--at", &moe("f=1024", "f=0")], &["--at: found f=0", "tensors of Moe"]);
    assert!(run(&["report", "Moe", "--at", &moe("z=1", "z=0")]).status.success());
}

/// A config of a given text in a directory of its own.
fn written(test: &str, files: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).unwrap();
    for (name, text) in files {
        std::fs::write(path.join(name), text).unwrap();
    }
    path.display().to_string()
}

const GPT: &str = r#"{"model_type": "gpt2", "n_embd": 64, "n_head": 4, "n_layer": 2, "vocab_size": 100, "odd": null}"#;

#[test]
fn notes_stand_in_every_answer() {
    let model = written("notes", &[("config.json", GPT)]);
    let model = model.as_str();
    for args in [
        &["report", model][..],
        &["formula", model],
        &["balance", model, "--solve", "b", "--on", "h100"],
        &["decode", model, "--on", "h100", "--prompt", "8", "--output", "8"],
    ] {
        let json = run(&[args, &["--json"]].concat());
        let answer: Value = serde_json::from_slice(&json.stdout).unwrap();
        let notes = answer["notes"].as_array().unwrap();
        let of = |level: &str| notes.iter().filter(|note| note["level"] == level).collect::<Vec<_>>();
        assert!(of("note")[0]["text"].as_str().unwrap().contains("n_positions 1024"), "{args:?}: {notes:?}");
        assert_eq!(of("warning")[0]["field"], "odd", "{args:?}");
        let page = String::from_utf8(run(args).stdout).unwrap();
        assert!(page.contains("\nnote: not in the config") && page.contains("\nwarning: unknown field odd"), "{page}");
        check(&[args, &["--strict"]].concat(), &["unknown field odd (null)"]);
    }
}

/// Where rows go to a file, what is to be said stands beside their number; lists have it by model.
#[test]
fn notes_stand_beside_files_and_lists() {
    let model = written("swept", &[("config.json", GPT)]);
    let out = format!("{model}/rows.csv");
    let sweep = ["sweep", &model, "--past", "8", "--out", &out];
    let done = run(&[&sweep[..], &["--json"]].concat());
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    let notes = said["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note["level"] == "warning" && note["field"] == "odd"), "{said}");
    assert!(notes.iter().all(|note| note["model"] == said["notes"][0]["model"]), "{said}");
    check(&[&sweep[..], &["--strict"]].concat(), &["unknown field odd"]);
    let models: Value = serde_json::from_slice(&run(&["models", "--json", "--strict"]).stdout).unwrap();
    assert!(models.as_array().unwrap().iter().all(|model| model["notes"].is_array()));
}

#[test]
fn formats_that_stand_in_a_file_beside_the_config_are_read() {
    let report = |quantised: &str| {
        let model = written("modelopt", &[("config.json", GPT), ("hf_quant_config.json", quantised)]);
        run(&["report", &format!("{model}/config.json"), "--json"])
    };
    let of = |algorithm: &str| {
        format!(
            r#"{{"producer": {{"name": "modelopt"}}, "quantization": {{"quant_algo": {algorithm}, "group_size": 16}}}}"#
        )
    };
    for (algorithm, formats) in [("\"NVFP4\"", "bf16+fp4:g16:fp8:tensor:f32"), ("null", "bf16")] {
        let said: Value = serde_json::from_slice(&report(&of(algorithm)).stdout).unwrap();
        assert_eq!(said["formats"]["weights"], formats, "{algorithm}: {said}");
    }
    let wrong = report(&of("\"NVFP5\""));
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(said.contains("hf_quant_config.json.quant_algo: found \"NVFP5\"") && said.contains("NVFP4"), "{said}");
}
