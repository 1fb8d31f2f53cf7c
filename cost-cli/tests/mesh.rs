//! Meshes on the command line: what a report says, and what is no mesh.

use std::process::{Command, Output};

use serde_json::Value;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).args(args).output().unwrap()
}

fn json(args: &[&str]) -> Value {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn refused(args: &[&str], said: &[&str]) {
    let output = run(args);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    for part in said {
        assert!(stderr.contains(part), "{args:?}: no {part:?} in {stderr}");
    }
}

#[test]
fn a_report_is_of_the_busiest_device() {
    let report = json(&["report", "llama-3-70b", "--on", "8xh100", "--mesh", "tp=8", "--latency", "none", "--json"]);
    assert_eq!(report["mesh"]["tp"], 8);
    assert_eq!(report["devices"], 8);
    assert_eq!(report["shard"]["f"][0], "tp");
    assert_eq!(report["params"]["total"], 70_553_706_496_u64);
    let all = report["collectives"].as_array().unwrap();
    let reduced: u64 =
        all.iter().filter(|it| it["kind"] == "all_reduce").map(|it| it["repeat"].as_u64().unwrap()).sum();
    assert_eq!(reduced, 161);
    for it in all.iter().filter(|it| it["kind"] == "all_reduce") {
        assert_eq!((&it["bytes"], &it["ranks"], &it["mesh_axis"]), (&16_384.into(), &8.into(), &"tp".into()));
        assert_eq!((&it["algorithm"], it["link_bytes"].as_f64()), (&"switch".into(), Some(16_384.0)));
    }
    // 161 all-reduces of 16,384 bytes, each once over a link of 450 GB/s, and seven eighths of 128,256 logits of two bytes.
    let link = (161.0 * 16_384.0 + 256_512.0 * 7.0 / 8.0) / 450e9;
    let found = report["hardware"][0]["link_s"].as_f64().unwrap();
    assert!((found - link).abs() < link * 1e-9, "{found} is not {link}");
}

/// On a ring an all-reduce of an array takes 2(n − 1)/n of it over each link.
#[test]
fn links_that_do_not_add_send_more() {
    let report = json(&["report", "llama-3-70b", "--on", "a100", "--mesh", "tp=8", "--latency", "none", "--json"]);
    let it = &report["collectives"][0];
    assert_eq!((&it["kind"], &it["algorithm"]), (&"all_reduce".into(), &"ring".into()));
    assert_eq!(it["link_bytes"].as_f64(), Some(16_384.0 * 2.0 * 7.0 / 8.0));
}

/// Two nodes of eight: each device sends an eighth of what its node has put together over a link of 50 GB/s.
#[test]
fn groups_beyond_a_domain_cross_the_slower_link() {
    let of = |mesh: &str| {
        let args =
            ["report", "llama-3-70b", "--on", "h100", "--mesh", mesh, "--latency", "none", "--tokens", "512", "--json"];
        let report = json(&args);
        let reduced = report["collectives"].as_array().unwrap().iter().filter(|it| it["kind"] == "all_reduce").count();
        assert_eq!(reduced, 3);
        report["hardware"][0]["link_s"].as_f64().unwrap()
    };
    let row: f64 = 512.0 * 8192.0 * 2.0;
    let logits: f64 = 128_256.0 * 2.0;
    // Of the logits seven eighths within a node, and an eighth of the other node's half across.
    let sums = 161.0 * (row / 450e9).max(row / 8.0 / 50e9);
    let longest = sums + (logits * 7.0 / 8.0 / 450e9).max(logits / 2.0 / 8.0 / 50e9);
    let found = of("tp=16");
    assert!((found - longest).abs() < longest * 1e-9, "{found} is not {longest}");
}

#[test]
fn your_own_operator_says_what_it_exchanges_and_why() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("own_mesh");
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("block.rs");
    let text = "#[cost]\nfn Block<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {\n    \
                let h = silu(dot::<d>(x, up));\n    let y = dot::<f>(h, down);\n    x + y\n}\n";
    std::fs::write(&file, text).unwrap();
    let what = format!("{}::Block", file.display());
    let at = "b=1,s=16,d=64,f=256";
    let report = json(&["report", &what, "--at", at, "--on", "4xh100", "--mesh", "tp=4", "--shard", "f=tp", "--json"]);
    assert_eq!(report["at"], serde_json::json!({"b": 1, "s": 16, "d": 64, "f": 256}));
    assert_eq!(report["params"]["total"], 2 * 64 * 256);
    let all = report["collectives"].as_array().unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((&all[0]["kind"], &all[0]["bytes"]), (&"all_reduce".into(), &(16 * 64 * 2).into()));
    assert!(all[0]["reason"].as_str().unwrap().starts_with("y is a partial sum over f"), "{}", all[0]["reason"]);
    let left = json(&["report", &what, "--at", at, "--mesh", "tp=4", "--shard", "f=tp", "--leave-cut", "--json"]);
    assert_eq!(left["collectives"], serde_json::json!([]));
    refused(&["report", &what, "--at", at, "--mesh", "tp=4"], &["mesh", "tp", "--shard"]);
}

#[test]
fn the_best_meshes_fit_and_none_is_worse_in_everything() {
    let found = json(&["mesh", "llama-3-70b", "--on", "16xh100", "--json"]);
    let rows = found["found"].as_array().unwrap();
    assert!(!rows.is_empty());
    let of = |row: &Value, name: &str| row[name].as_f64().unwrap();
    for a in rows {
        assert!(of(a, "memory") <= 80e9);
        let beaten = rows.iter().any(|b| {
            of(b, "devices") <= of(a, "devices")
                && of(b, "step_s") < of(a, "step_s")
                && of(b, "tokens_per_s") > of(a, "tokens_per_s")
        });
        assert!(!beaten, "{a}");
    }
    refused(&["mesh", "deepseek-v3", "--on", "2xh100"], &["mesh", "at most 2 h100_sxm"]);
    refused(&["mesh", "llama-3-70b", "--on", "h100"], &["--on", "64xh100"]);
    refused(&["mesh", "llama-3-70b", "--on", "8xh100", "--within", "fast"], &["--within", "50ms"]);
}

/// 80 layers over 4 stages, 8 sequences in 4 parts: figures are of the last stage, which has the head, and a step of decoding
/// waits for nobody but it.
#[test]
fn stages_follow_each_other() {
    let args = ["report", "llama-3-70b", "--on", "4xh100", "--mesh", "pp=4", "--batch", "8", "--json"];
    let report = json(&args);
    let expected = serde_json::json!({"stages": 4, "stage": 4, "layers": 20, "fullest": 4, "microbatches": 4});
    assert_eq!(report["pipeline"], expected);
    assert_eq!((&report["batch"], &report["shard"]["l"][0]), (&8.into(), &"pp".into()));
    let head = report["kernels"].as_array().unwrap().iter().find(|it| it["path"] == "lm_head.logits").unwrap();
    // For a part of two sequences, four times.
    assert_eq!((&head["repeat"], &head["flops"]), (&4.into(), &(2_u64 * 2 * 8192 * 128_256).into()));
    // Keys and values of 8 sequences of 4,097 tokens, of 20 layers of 8 heads of 128, two bytes each.
    assert_eq!(report["memory"]["cache"], 8_u64 * 4097 * 20 * 2 * 8 * 128 * 2);
    let on = &report["hardware"][0];
    let stages: Vec<f64> = on["stages_s"].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect();
    let most = stages.iter().copied().fold(0.0, f64::max);
    let all: f64 = stages.iter().sum();
    let whole = on["lower_bound_s"].as_f64().unwrap();
    assert!((whole - all.max(4.0 * most)).abs() < 1e-9 * whole);
    assert!((on["bubble_s"].as_f64().unwrap() - (whole - 4.0 * most)).abs() < 1e-9 * whole);
    // As one, it waits for all others.
    let one = json(&[&args[..], &["--microbatches", "1"]].concat());
    assert!(one["hardware"][0]["bubble_s"].as_f64().unwrap() > 2.0 * most);
    // What fits is what fits the fullest stage; four hold more than one of them could.
    let fit = json(&["fit", "llama-3-70b", "--on", "4xh100", "--mesh", "pp=4", "--past", "8191", "--json"]);
    assert!(fit["fits"][0]["batch"].as_u64().unwrap() > 1);
}

#[test]
fn your_own_loop_is_cut_into_stages() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("own_stages");
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("stack.rs");
    let text = "#[cost]\nfn Layer<b, d>(x: Act<b, d>, w: Weight<d, d>) -> Act<b, d> {\n    x + silu(x)\n}\n";
    let text = text.replace(", w: Weight<d, d>", ", w: Weight<d>").replace("x + silu(x)", "x + silu(x * w)");
    let stack = "#[cost]\nfn Stack<b, d, l>(x: Act<b, d>) -> Act<b, d> {\n    let y = x;\n    for _ in 0..l {\n        \
                 y = Layer { b, d }(y);\n    }\n    y\n}\n";
    std::fs::write(&file, text + stack).unwrap();
    let what = format!("{}::Stack", file.display());
    let args =
        ["report", &what, "--at", "b=4,d=64,l=5", "--on", "2xh100", "--mesh", "pp=2", "--shard", "l=pp", "--json"];
    let report = json(&args);
    assert_eq!(report["pipeline"]["layers"], 3);
    assert_eq!(report["kernels"][0]["repeat"], 3);
    let sent = &report["collectives"][0];
    assert_eq!((&sent["kind"], &sent["bytes"]), (&"send".into(), &(4 * 64 * 2).into()));
    let many = ["report", &what, "--at", "b=4,d=64,l=5", "--mesh", "pp=8", "--shard", "l=pp"];
    refused(&many, &["pp=8", "at most 5, as there are 5 layers"]);
}

#[test]
fn what_is_no_mesh_is_said() {
    let of = |more: &[&'static str]| [&["report", "llama-3-70b"], more].concat();
    let cases: &[(&[&str], &[&str])] = &[
        (&["--on", "8xh100"], &["--on", "8 devices need a mesh", "--mesh tp=8"]),
        (&["--on", "8xh100", "--mesh", "tp=4"], &["--mesh", "found 4", "expected 8"]),
        (&["--mesh", "tp=0"], &["--mesh", "tp=0"]),
        (&["--mesh", "tp=-2"], &["--mesh", "tp=-2"]),
        (&["--mesh", "tp=4,tp=2"], &["--mesh", "tp twice"]),
        (&["--mesh", "tp"], &["--mesh", "an axis and its ranks"]),
        (&["--mesh", "ep=4"], &["mesh", "found ep"]),
        (&["--mesh", "tp=4", "--shard", "q=tp"], &["shard", "found q", "axis of"]),
        (&["--mesh", "tp=4", "--shard", "f=xx"], &["shard", "found xx", "tp"]),
        (&["--mesh", "tp=4", "--shard", "f=tp+tp"], &["f is cut over tp twice"]),
        (&["--mesh", "dp=4", "--sp"], &["--sp", "tp"]),
        (&["--latency", "none"], &["--latency", "--mesh"]),
        (&["--mesh", "pp=100"], &["mesh", "pp=100", "at most 80, as there are 80 layers"]),
        (&["--mesh", "tp=4", "--microbatches", "2"], &["microbatches", "stages of a pipeline"]),
        (&["--mesh", "pp=4", "--batch", "6", "--microbatches", "4"], &["microbatches", "a divisor of 6"]),
        (&["--mesh", "pp=4", "--microbatches", "0"], &["--microbatches", "0"]),
        (&["--mesh", "pp=2,tp=2", "--shard", "l=pp+tp"], &["l=pp+tp", "one axis of the mesh"]),
        (&["--mesh", "tp=8", "--on", "rtx_4090"], &["link_gb_s", "rtx_4090"]),
        (&["--mesh", "cp=4", "--shard", "t=cp,s=", "--tokens", "8"], &["tokens", "8", "1 new token"]),
    ];
    for (more, said) in cases {
        refused(&of(more), said);
    }
}
