//! `cost decode`: every method as a table and as JSON, comparisons, and what is refused.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).arg("decode").args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What a command prints, and what it says beside.
fn answered(args: &[&str]) -> (String, String) {
    let output = run(args);
    let said = text(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
    (text(&output.stdout), said)
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&answered(&[args, &["--json"]].concat()).0).unwrap()
}

/// Expects a command to fail and to say all of these.
#[track_caller]
fn refused(args: &[&str], said: &[&str]) {
    let output = run(args);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(output.stdout.is_empty(), "{args:?} printed {}", text(&output.stdout));
    for part in said {
        assert!(stderr.contains(part), "{args:?}: no {part:?} in {stderr}");
    }
}

/// A file with these contents.
fn file(name: &str, contents: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, contents).unwrap();
    path
}

const LLAMA: [&str; 3] = ["llama-2-7b", "--on", "h100"];

/// Every method, what it needs, and a field of its JSON.
const METHODS: &[(&str, &[&str], &str)] = &[
    ("plain", &[], "/prefill/flops/matmul"),
    ("static", &[], "/cost/bytes/weights"),
    ("continuous", &["--draw", "9", "--rate", "3", "--slots", "4"], "/ttft_s/p99"),
    ("chunked", &["--budget", "64", "--grid", "3"], "/grid/0/2"),
    ("speculative", &["--draft", "tinyllama-1.1b"], "/chain/best_gamma"),
    ("medusa", &["--heads", "0.6:0.2,0.5"], "/tokens_per_round"),
    ("cascade", &["--before", "tinyllama-1.1b"], "/stages/1/reached"),
    ("grouped", &["--group", "8", "--refinements", "1"], "/total/lower_bound_s"),
    ("non-autoregressive", &[], "/steps"),
    ("early-exit", &["--exits", "16:0.5,32:0.5", "--classes", "2"], "/step/layers_speed_up"),
    ("mixture-of-depths", &["--every", "1"], "/capacity_for_half"),
    ("flash", &[], "/best/queries"),
    ("paged", &["--shared", "100"], "/paged/wasted"),
];

#[test]
fn every_method_answers() {
    for (method, needed, field) in METHODS {
        // Tiles are those of a prompt's attention.
        let output = if *method == "flash" { &[][..] } else { &["--output", "20"] };
        let args = [&LLAMA[..], output, &["--method", method], needed].concat();
        let (page, said) = answered(&args);
        assert!(said.is_empty(), "{method}: {said}");
        assert!(page.starts_with("llama-2-7b on H100 SXM5 80GB"), "{method}: {page}");
        for line in page.lines() {
            assert!(line.chars().count() <= 100, "{method}: {line}");
        }
        let answer = json(&args);
        assert!(answer.pointer(field).is_some_and(|value| !value.is_null()), "{method}: no {field} in {answer}");
    }
    // A model that has modules for further tokens.
    let module = ["deepseek-v3", "--on", "h200", "--output", "9", "--method", "mtp", "--weights", "fp8"];
    assert_eq!(json(&module)["drafted"], 1);
}

#[test]
fn several_methods_are_compared() {
    let comparable = METHODS.iter().filter(|(method, ..)| !["flash", "paged", "continuous"].contains(method));
    let names: Vec<&str> = comparable.clone().map(|(method, ..)| *method).collect();
    let mut args = [&LLAMA[..], &["--output", "20", "--method"]].concat();
    let names_text = names.join(",");
    args.push(&names_text);
    args.extend(comparable.flat_map(|(_, needed, _)| needed.iter().copied()));
    let (page, _) = answered(&args);
    assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
    let rows = json(&args);
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), names.len());
    for row in rows {
        assert_eq!(row["tokens"], 20, "{row}");
        let speed = rows[0]["seconds"].as_f64().unwrap() / row["seconds"].as_f64().unwrap();
        assert!((row["speed_up"].as_f64().unwrap() - speed).abs() < 1e-9 && row["answer"].is_object(), "{row}");
        // What is counted is counted in whole numbers where chance has no part.
        let answer = &row["answer"];
        let exact = [&answer["total"]["flops"]["total"], &answer["cost"]["flops"]["total"]];
        if let Some(flops) = exact.iter().find(|flops| flops.is_u64()) {
            assert!(row["steps"].is_u64() && row["cost"]["flops"] == **flops, "{row}");
            assert!(["bytes", "weights", "acts", "cache"].iter().all(|count| row["cost"][count].is_u64()), "{row}");
        }
    }
    let steps = |method: &str| {
        let at = names.iter().position(|name| *name == method).unwrap();
        (rows[at]["steps"].clone(), rows[at]["method"].as_str().unwrap().to_owned())
    };
    assert_eq!(steps("plain"), (20.into(), "plain".to_owned()));
    assert_eq!(steps("early-exit").0, Value::from(20));
    assert_eq!(steps("grouped").1, "groups of 8, 1 refinement");
    assert!(steps("speculative").0.is_f64());
    assert_eq!(steps("speculative").1, "chain of 4 tokens drafted by tinyllama-1.1b");
    assert_eq!(steps("medusa").1, "4 tokens drafted by heads");
    // Costs in the mean are the same: reading the prompts is exact.
    let alone = json(&[&LLAMA[..], &["--output", "20", "--method", "mixture-of-depths"]].concat());
    assert!(alone["plain"]["flops"].is_u64() && alone["plain"]["cache"].is_u64(), "{alone}");
}

#[test]
fn passes_say_where_they_start() {
    let said = |args: &[&str], note: &str| {
        let args = [&LLAMA[..], &["--output", "20"], args].concat();
        assert_eq!(json(&args)["note"], note);
        let page = answered(&args).0;
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(page.rsplit("note: ").next().unwrap()), words(note));
    };
    said(&["--method", "non-autoregressive"], "the answer comes from the last 20 positions of the prompt's 1024");
    said(
        &["--method", "grouped", "--group", "8", "--refinements", "1"],
        "the first group comes from the last 8 positions of the prompt's 1024, each other one from the group before \
         it; a refinement takes in the group itself",
    );
}

/// Every option under the headings that methods have of their own: none is taken by a method that has no use for it.
#[test]
fn options_of_other_methods_are_refused() {
    let help = text(&run(&["--help"]).stdout);
    let own = ["Batching:", "Speculative decoding:", "Other methods:"];
    let mut options = Vec::new();
    let mut inside = false;
    for line in help.lines() {
        if line.starts_with(|first: char| first.is_alphabetic()) {
            inside = own.contains(&line);
        } else if let Some(option) = line.trim().strip_prefix("--").filter(|_| inside) {
            options.extend(option.split([' ', '[']).next());
        }
    }
    assert!(options.len() > 25, "{options:?}");
    for option in options {
        // Some of them are for requests that are drawn.
        let drawn: &[&str] =
            if ["rate", "prompts", "outputs", "seed"].contains(&option) { &["--draw", "9"] } else { &[] };
        let option = format!("--{option}");
        refused(
            &[&LLAMA[..], drawn, &[&option, "1"]].concat(),
            &[&format!("{option}: found --method plain, expected ")],
        );
    }
    for (args, said) in [
        (&["--method", "paged", "--draft", "gpt2"][..], "--draft: found --method paged, expected speculative or tree"),
        (
            &["--method", "tree,plain", "--gamma", "4"],
            "--gamma: found --method tree,plain, expected speculative or mtp",
        ),
        // What is as if nothing was said was said all the same.
        (&["--block", "16"], "--block: found --method plain, expected paged"),
        (
            &["--method", "medusa", "--heads", "0.5", "--tree", "t.csv"],
            "found --heads and --tree, expected one of them",
        ),
    ] {
        refused(&[&LLAMA[..], args].concat(), &[said]);
    }
    // One of several methods that are compared may have it.
    answered(&[&LLAMA[..], &["--output", "4", "--method", "plain,grouped", "--group", "2"]].concat());
}

#[test]
fn the_grid_is_that_of_the_requests() {
    let requests = file("grid.csv", "prompt,output\n8,6\n8,8\n8,5\n8,7\n8,4\n8,3\n8,2\n");
    let args = [&LLAMA[..], &["--slots", "4", "--grid", "--requests", requests.to_str().unwrap()]].concat();
    let grid = |method: &str| json(&[&args[..], &["--method", method]].concat())["grid"].clone();
    assert_eq!(grid("static")[2], serde_json::json!(["S3", "S3", "S3", "S3", "END", "", "", ""]));
    assert_eq!(grid("continuous")[2], serde_json::json!(["S3", "S3", "S3", "S3", "END", "S5", "S5", "S5"]));
    let (page, _) = answered(&[&args[..], &["--method", "continuous"]].concat());
    let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("S4 S4 S4 S4 S4 S4 END S7"), "{page}");
}

#[test]
fn drawn_prompts_begin_with_what_they_share() {
    let args = [&LLAMA[..], &["--method", "paged", "--draw", "99", "--shared", "100"]].concat();
    for prompts in [&[][..], &["--prompts", "geometric:300:100"], &["--prompt", "100"]] {
        let answer = json(&[&args[..], prompts].concat());
        assert_eq!((&answer["sequences"], &answer["shared"]), (&99.into(), &100.into()));
    }
}

#[test]
fn the_same_seed_draws_the_same() {
    let at =
        |seed: &str| answered(&[&LLAMA[..], &["--method", "continuous", "--draw", "9", "--seed", seed]].concat()).0;
    assert_eq!(at("5"), at("5"));
    assert_ne!(at("5"), at("6"));
}

#[test]
fn a_larger_draft_is_warned_of() {
    let args = [&LLAMA[..], &["--output", "4", "--method", "speculative", "--draft", "llama-2-13b"]].concat();
    let (_, said) = answered(&args);
    assert!(said.starts_with("warning: the draft llama-2-13b has 13015864320 parameters, more than"), "{said}");
}

#[test]
fn wrong_arguments_are_refused() {
    let requests = file("wrong.csv", "prompt,output\n10,5\n10,many\n");
    let long = file("long.csv", "prompt,output\n4000,500\n");
    let tree = file("tree.csv", "node,parent,acceptance\na,,0.5\nb,c,0.5\n");
    let devices = file(
        "two.toml",
        "[[device]]\nid = \"a\"\nbf16_tflops = 1.0\nbandwidth_gb_s = 1.0\n\
         [[device]]\nid = \"b\"\nbf16_tflops = 1.0\nbandwidth_gb_s = 1.0\n",
    );
    let [requests, long, tree, devices] = [&requests, &long, &tree, &devices].map(|path| path.to_str().unwrap());
    let cases: &[(&[&str], &[&str])] = &[
        (&["--method", "fast"], &["possible values", "speculative", "mixture-of-depths"]),
        (&["--batch", "0"], &["batch: found 0, expected at least 1"]),
        (&["--prompt", "0"], &["prompt: found 0"]),
        (&["--output", "-1"], &["--output"]),
        (&["--prompt", "4000", "--output", "97"], &["found 4000 + 97 tokens", "at most 4096", "llama-2-7b"]),
        (&["--on", devices], &["--on: found 2 devices", "expected one"]),
        (&["--method", "static", "--slots", "0"], &["slots: found 0, expected at least 1"]),
        (
            &["--method", "chunked", "--budget", "3", "--slots", "4", "--batch", "9"],
            &["budget: found 3, expected at least 4"],
        ),
        (
            &["--method", "static", "--requests", requests],
            &[requests, "line 3, output: found `many`, expected a positive whole"],
        ),
        (&["--method", "static", "--requests", long], &[long, "line 2", "4000 + 500 tokens", "at most 4096"]),
        (&["--method", "static", "--requests", "nowhere.csv"], &["nowhere.csv"]),
        (&["--method", "static", "--requests", requests, "--draw", "3"], &["--requests", "--draw"]),
        (&["--method", "static", "--rate", "3"], &["--draw"]),
        (&["--method", "static", "--draw", "3", "--rate", "-3"], &["rate: found -3, expected a positive number"]),
        (
            &["--method", "static", "--draw", "3", "--prompts", "normal:5"],
            &["--prompts", "`normal:5`", "uniform:FROM:TO"],
        ),
        (&["--method", "speculative"], &["--method speculative needs --draft MODEL"]),
        (&["--method", "speculative", "--draft", "tinyllama"], &["unknown model `tinyllama`"]),
        (
            &["--method", "speculative", "--draft", "gpt2", "--acceptance", "1.5"],
            &["acceptance: found 1.5, expected a probability"],
        ),
        (
            &["--method", "speculative", "--draft", "gpt2", "--acceptance", "0.5,0.5"],
            &["--acceptance: found 2 numbers, expected one"],
        ),
        (&["--method", "speculative", "--draft", "gpt2", "--gamma", "0"], &["gamma: found 0, expected at least 1"]),
        (&["--method", "speculative", "--draft", "gpt2", "--goal", "-2"], &["goal: found -2"]),
        (&["--method", "tree", "--draft", "gpt2"], &["--method tree needs --tree FILE"]),
        (
            &["--method", "tree", "--draft", "gpt2", "--tree", tree],
            &[tree, "line 3, parent: found `c`, expected the name of a node"],
        ),
        (&["--method", "medusa", "--heads", "0.5:x"], &["--heads: found `0.5:x`, expected probabilities"]),
        (
            &["--method", "medusa", "--heads", "0.7:0.6"],
            &["--heads", "1.2999999999999998 with those that follow", "at most 1"],
        ),
        (&["--method", "mtp"], &["llama-2-7b has no modules for multi-token prediction"]),
        (&["--method", "cascade"], &["--method cascade needs --before MODEL"]),
        (&["--method", "cascade", "--before", "gpt2", "--acceptance", "0.1,0.2"], &["found 2 numbers, expected 1"]),
        (&["--method", "grouped", "--group", "0"], &["group: found 0"]),
        (&["--method", "early-exit"], &["--method early-exit needs --exits LAYER:SHARE"]),
        (&["--method", "early-exit", "--exits", "16"], &["--exits: found `16`, expected LAYER:SHARE"]),
        (&["--method", "early-exit", "--exits", "16:0.5"], &["--exits", "shares that add up to 0.5"]),
        (&["--method", "early-exit", "--exits", "33:1"], &["found 33, expected at most 32, the layers of llama-2-7b"]),
        (&["--method", "mixture-of-depths", "--capacity", "0"], &["capacity: found 0"]),
        (&["--method", "mixture-of-depths", "--every", "0"], &["every: found 0"]),
        (&["--method", "flash", "--tiles", "16"], &["--tiles: found `16`, expected QUERIESxKEYS"]),
        (&["--method", "paged", "--block", "0"], &["block: found 0"]),
        (&["--method", "paged", "--reserve", "100"], &["found 1280, expected at most 100"]),
        (
            &["--method", "paged", "--draw", "99", "--prompts", "geometric:300", "--shared", "100"],
            &["--shared: found 100, expected at most", "the shortest prompt drawn", "--prompts geometric:MEAN:100"],
        ),
        (&["--method", "paged", "--draw", "99", "--prompt", "50", "--shared", "100"], &["--shared: found 100"]),
        (&["--method", "plain,flash"], &["flash answers another question, ask for it alone"]),
        (&["--method", "static,plain", "--draw", "3"], &["they are not asked the same", "--requests or --draw"]),
        (&["--set", "*.kyes=int8"], &["`*.kyes` matches no tensor"]),
    ];
    for (args, said) in cases {
        let base: &[&str] = if args.contains(&"--on") { &LLAMA[..1] } else { &LLAMA };
        refused(&[base, args].concat(), said);
    }
}
