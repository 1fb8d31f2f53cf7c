//! `cost sweep`: files, tables and JSON, what is refused, and what an interruption leaves.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn cost(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cost"));
    command.arg("sweep").args(args);
    command
}

/// An empty directory for one test.
fn directory(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sweep").join(test);
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// The names of the files in a directory.
fn files(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What is said, without the warning of steps that are longer than a model was made for.
fn said(stderr: &[u8]) -> String {
    let stderr = text(stderr);
    let lines =
        stderr.lines().filter(|line| !(line.starts_with("warning: ") && line.contains("--where within_context")));
    lines.map(|line| line.to_owned() + "\n").collect()
}

/// What a command prints, and what it says beside.
#[track_caller]
fn answered(command: &mut Command) -> (String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{command:?}: {}", text(&stderr));
    (text(&stdout), said(&stderr))
}

/// What a command prints when it has nothing to say beside.
#[track_caller]
fn printed(args: &[&str]) -> String {
    let (page, said) = answered(&mut cost(args));
    assert_eq!(said, "", "{args:?}");
    page
}

fn json(args: &[&str]) -> Vec<Value> {
    serde_json::from_str(&printed(&[args, &["--json"]].concat())).unwrap()
}

const GRID: &[&str] = &[
    "llama-3.1-8b,qwen3-30b-a3b",
    "--on",
    "h100,l40s",
    "--batch",
    "1..=512:*2",
    "--past",
    "0..=131072:4096",
    "--cache",
    "bf16,int8",
];

#[test]
fn a_grid_becomes_a_file() {
    let directory = directory("grid");
    let rows = 2 * 2 * 10 * 33 * 2;
    let mut texts = Vec::new();
    for name in ["steps.csv", "steps.jsonl", "again.CSV"] {
        let args = [GRID, &["--out", name]].concat();
        let (page, said) = answered(cost(&args).current_dir(&directory));
        assert_eq!((page, said), (String::new(), format!("{rows} rows in {name}\n")));
        texts.push(std::fs::read_to_string(directory.join(name)).unwrap());
    }
    assert_eq!(files(&directory), ["again.CSV", "steps.csv", "steps.jsonl"]);
    assert_eq!(texts[0].lines().count(), 1 + rows);
    assert_eq!(texts[0], texts[2]);
    let first: Value = serde_json::from_str(texts[1].lines().next().unwrap()).unwrap();
    let names: BTreeSet<&str> = first.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, texts[0].lines().next().unwrap().split(',').collect());
    assert_eq!((&first["hardware"], &first["past"], &first["cache"]), (&"h100_sxm".into(), &0.into(), &"bf16".into()));
    // What is printed is the same.
    assert_eq!(printed(GRID), texts[0]);
    assert_eq!(printed(&[GRID, &["--json"]].concat()), texts[1]);
    // The last of them is written over; what is left out is said.
    let args = [GRID, &["--where", "past < 1 && bound == \"memory\"", "--columns", "batch,past", "--out", "steps.csv"]];
    let (_, said) = answered(cost(&args.concat()).current_dir(&directory));
    let text = std::fs::read_to_string(directory.join("steps.csv")).unwrap();
    let left = text.lines().count() - 1;
    assert!(text.starts_with("batch,past\n1,0\n") && left < 80, "{text}");
    assert_eq!(said, format!("{left} rows of {rows} in steps.csv\n"));
}

/// A format by its name, whatever the file's.
#[test]
fn formats_have_names() {
    let directory = directory("formats");
    for (name, format, start) in
        [("steps", "csv", "model,"), ("steps.csv", "jsonl", "{\"model\":\"gpt2\""), ("x", "ndjson", "{")]
    {
        let args = ["gpt2", "--out", name, "--format", format, "--json"];
        let (page, said) = answered(cost(&args).current_dir(&directory));
        let said_of = serde_json::from_str::<Value>(&page).unwrap();
        assert_eq!((&said_of["rows"], &said_of["out"]), (&serde_json::json!(1), &serde_json::json!(name)));
        // The released config leaves this to its class.
        assert_eq!(said_of["notes"][0]["field"], "tie_word_embeddings");
        assert_eq!(said, "");
        assert!(std::fs::read_to_string(directory.join(name)).unwrap().starts_with(start));
    }
}

#[cfg(feature = "arrow")]
#[test]
fn files_by_columns_are_written() {
    let directory = directory("columns");
    for (name, start) in [("steps.arrow", "ARROW1"), ("steps.feather", "ARROW1"), ("steps.parquet", "PAR1")] {
        for best in [&[][..], &["--top", "3", "--by", "bytes"]] {
            let args = [GRID, &["--out", name], best].concat();
            answered(cost(&args).current_dir(&directory));
            let bytes = std::fs::read(directory.join(name)).unwrap();
            assert!(bytes.starts_with(start.as_bytes()) && bytes.ends_with(start.as_bytes()), "{name}");
        }
    }
    assert_eq!(files(&directory), ["steps.arrow", "steps.feather", "steps.parquet"]);
}

#[test]
fn the_best_rows_are_shown() {
    let top = [GRID, &["--where", "lower_bound_s < 0.05", "--top", "4", "--by", "tokens_per_s"]].concat();
    let page = printed(&top);
    assert_eq!(page.lines().count(), 2 + 4, "{page}");
    let rows = json(&top);
    let speeds: Vec<f64> = rows.iter().map(|row| row["tokens_per_s"].as_f64().unwrap()).collect();
    assert!(speeds.len() == 4 && speeds.is_sorted_by(|a, b| a >= b), "{speeds:?}");
    assert!(rows.iter().all(|row| row["lower_bound_s"].as_f64().unwrap() < 0.05));
    // All columns, in their order.
    let object = printed(&[&top[..], &["--json"]].concat());
    let keys: Vec<&str> = object.lines().skip(2).take(30).map(|line| line.trim().split('"').nth(1).unwrap()).collect();
    assert_eq!(keys[..8], ["model", "hardware", "phase", "weights", "acts", "cache", "batch", "tokens"]);
    assert_eq!(keys[29], "tokens_per_s");
    // The other way round, and by an amount.
    let low = json(&[GRID, &["--top", "1", "--by", "bytes / batch:high"]].concat());
    assert_eq!((&low[0]["batch"], &low[0]["past"]), (&1.into(), &131_072.into()));
    // Fewer rows than are wanted, and none.
    assert_eq!(json(&["gpt2", "--batch", "1,2", "--top", "9", "--by", "batch:high"]).len(), 2);
    assert!(json(&["gpt2", "--top", "9", "--by", "batch", "--where", "batch > 1"]).is_empty());
    assert_eq!(printed(&["gpt2", "--where", "batch > 1", "--columns", "flops"]), "flops\n");
}

#[test]
fn fronts_are_shown() {
    let args = [GRID, &["--pareto", "lower_bound_s,tokens_per_s,memory_bytes", "--where", "fits"]].concat();
    let rows = json(&args);
    let amounts =
        |row: &Value| ["lower_bound_s", "tokens_per_s", "memory_bytes"].map(|name| row[name].as_f64().unwrap());
    let better = |a: [f64; 3], b: [f64; 3]| a[0] <= b[0] && a[1] >= b[1] && a[2] <= b[2];
    assert!(rows.len() > 5);
    for (i, row) in rows.iter().enumerate() {
        assert_eq!(row["fits"], true);
        assert!(rows.iter().enumerate().all(|(j, other)| i == j || !better(amounts(other), amounts(row))), "{row}");
    }
    assert_eq!(printed(&args).lines().count(), 2 + rows.len());
    let directory = directory("fronts");
    let (_, said) = answered(cost(&[&args[..], &["--out", "front.csv"]].concat()).current_dir(&directory));
    assert_eq!(said, format!("{} rows of 2640 in front.csv\n", rows.len()));
}

/// No heading and no name is broken; what is asked for is there, and what there is room for.
#[test]
fn tables_fit_100_columns() {
    let formats = ["--weights", "bf16,int4:g128:f16,int4:g128:f16:int4", "--cache", "bf16,int8", "--acts", "bf16,fp8"];
    let sizes = ["--batch", "1,2048", "--past", "0,1000000"];
    let devices = ["--on", "h100,rtx_pro_6000_server"];
    let top = ["--top", "5", "--by", "lower_bound_s"];
    let commands: &[(&[&[&str]], &str)] = &[
        (&[&["gpt2", "--top", "1", "--by", "batch"]], "model batch memory_bytes bytes"),
        (
            &[&["gpt2", "--on", "h100"], &sizes, &top],
            "batch past lower_bound_s bound tokens_per_s memory_bytes fits bytes",
        ),
        (
            &[&[
                "all",
                "--on",
                "h100",
                "--weights",
                "bf16,int4:g128:f16",
                "--batch",
                "1..=8",
                "--pareto",
                "lower_bound_s,tokens_per_s",
            ]],
            "model weights batch lower_bound_s tokens_per_s bound memory_bytes fits bytes",
        ),
        (
            &[&["llama-2-7b"], &devices, &sizes, &top],
            "hardware batch past lower_bound_s bound tokens_per_s memory_bytes fits",
        ),
        (
            &[&["gpt2,llama-2-7b"], &devices, &formats, &sizes, &top],
            "model hardware weights acts cache batch past lower_bound_s bound",
        ),
        (&[&["gpt2,llama-2-7b", "--columns", "bound,flops,model"], &devices, &top], "bound flops model"),
    ];
    for (args, headings) in commands {
        let page = printed(&args.concat());
        let found: Vec<&str> = page.lines().next().unwrap().split_whitespace().collect();
        assert_eq!(found.join(" "), *headings, "{page}");
        for line in page.lines() {
            assert!(line.chars().count() <= 100 && line == line.trim_end(), "{}: {page}", line.chars().count());
        }
        for line in page.lines().skip(2) {
            let cells: Vec<&str> = line.split("  ").filter(|cell| !cell.trim().is_empty()).collect();
            assert_eq!(cells.len(), found.len(), "{page}");
        }
    }
    // Columns that are asked for are not left out.
    let names = "model,weights,acts,cache,flops,matmul,vector,bytes,weights_read,acts_read,acts_written,cache_read";
    let page = printed(&["gpt2", "--columns", names, "--top", "1", "--by", "batch"]);
    assert_eq!(page.lines().next().unwrap().split_whitespace().collect::<Vec<_>>().join(","), names);
}

#[test]
fn the_help_shows_columns_and_whole_examples() {
    let page = printed(&["--help"]);
    for line in page.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    let (_, columns) = page.split_once("\nColumns:\n").unwrap();
    assert!(columns.lines().any(|line| line.starts_with("  lower_bound_s  seconds")), "{page}");
    let examples = page.replace(" \\\n   ", "");
    let examples: Vec<&str> = examples.lines().filter(|line| line.starts_with("  cost sweep ")).collect();
    assert_eq!(examples.len(), 4);
    let directory = directory("examples");
    for example in examples {
        let args: Vec<&str> = example.split_whitespace().skip(2).collect();
        // A condition in quotes is one argument.
        let joined = args.join(" ");
        let parts: Vec<&str> = joined.split('\'').collect();
        let args: Vec<&str> = parts
            .iter()
            .enumerate()
            .flat_map(|(i, part)| if i % 2 == 1 { vec![*part] } else { part.split_whitespace().collect() })
            .collect();
        answered(cost(&args).current_dir(&directory));
    }
    assert_eq!(files(&directory), ["batch.svg", "steps.csv"]);
}

#[test]
fn a_closed_pipe_is_quiet() {
    for args in [
        &["gpt2", "--batch", "1..=100000"][..],
        &["gpt2"],
        &["gpt2", "--json"],
        &["gpt2", "--top", "1", "--by", "past"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let Output { status, stderr, .. } = cost(args).stdout(writer).output().unwrap();
        assert_eq!((status.code(), said(&stderr)), (Some(0), String::new()), "{args:?}");
    }
    // Like `| head -1`: more rows than anyone would wait for.
    let args = ["gpt2", "--batch", "1..=1000000000000", "--columns", "batch,flops"];
    let mut child = cost(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "batch,flops\n");
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert_eq!((status.code(), said(&stderr)), (Some(0), String::new()));
}

/// Nothing is left of a file, and one that was there before stays as it was.
#[cfg(unix)]
#[test]
fn an_interruption_leaves_nothing() {
    let directory = directory("interrupted");
    let old = directory.join("old.csv");
    std::fs::write(&old, "old\n").unwrap();
    let long = ["gpt2", "--on", "h100", "--batch", "1..=1000000", "--past", "0..=1000000"];
    for (args, signal) in [
        (&["--out", "new.csv"][..], "-INT"),
        (&["--out", "old.csv"], "-INT"),
        (&["--out", "new.jsonl"], "-TERM"),
        (&["--top", "5", "--by", "bytes", "--out", "old.csv"], "-INT"),
        #[cfg(feature = "arrow")]
        (&["--out", "new.parquet"], "-INT"),
        #[cfg(feature = "arrow")]
        (&["--out", "new.arrow"], "-INT"),
    ] {
        let args = [&long, args].concat();
        let mut child = cost(&args).current_dir(&directory).stderr(Stdio::piped()).spawn().unwrap();
        // It has begun when there is a part of a file.
        while !files(&directory).iter().any(|name| name.contains(".part")) {
            assert!(child.try_wait().unwrap().is_none(), "{args:?} ended");
            std::thread::yield_now();
        }
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        assert_eq!((status.code(), said(&stderr)), (Some(2), "error: interrupted\n".to_owned()), "{args:?}");
        assert_eq!(files(&directory), ["old.csv"], "{args:?}");
        assert_eq!(std::fs::read_to_string(&old).unwrap(), "old\n");
    }
}

/// One warning, of the models whose steps it is about, unless it was asked which steps they are.
/// What a link points at is replaced, and stays readable for those who could read it.
#[cfg(unix)]
#[test]
fn links_are_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let directory = directory("links");
    let (file, link) = (directory.join("file.csv"), directory.join("link.csv"));
    std::fs::write(&file, "before").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&file, &link).unwrap();
    answered(cost(&["llama-2-7b", "--columns", "past", "--past", "7", "--out", "link.csv"]).current_dir(&directory));
    assert!(link.is_symlink());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "past\n7\n");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn steps_that_are_too_long_are_warned_of() {
    let warned = |args: &[&str]| text(&cost(args).output().unwrap().stderr);
    let one = warned(&["gpt2,llama-3.1-8b", "--past", "1000,1024"]);
    assert!(one.starts_with("warning: gpt2: some steps") && one.lines().count() == 1, "{one}");
    assert!(warned(&["all", "--past", "100000", "--top", "1", "--by", "flops"]).contains(" more: some steps"));
    assert_eq!(warned(&["gpt2", "--past", "1023"]), "");
    let (page, said) =
        answered(&mut cost(&["gpt2", "--past", "1020..1030", "--where", "within_context", "--columns", "past"]));
    assert_eq!((page.as_str(), said.as_str()), ("past\n1020\n1021\n1022\n1023\n", ""));
    // What is wrong is said alone.
    assert!(warned(&["gpt2", "--top", "1", "--by", "model"]).starts_with("error: "));
}

/// Expects a command to fail, to say all of these and to leave no file.
#[track_caller]
fn refused(directory: &Path, args: &[&str], said: &[&str]) {
    let before = files(directory);
    let output = cost(args).current_dir(directory).output().unwrap();
    let stderr = self::said(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(output.stdout.is_empty(), "{args:?} printed {}", text(&output.stdout));
    assert!(stderr.starts_with("error: "), "{args:?}: {stderr}");
    for part in said {
        assert!(stderr.contains(part), "{args:?}: no {part:?} in {stderr}");
    }
    assert_eq!(files(directory), before, "{args:?}");
}

const BERT: &str = r#"{"architectures": ["BertForMaskedLM"], "hidden_act": "gelu", "hidden_size": 768,
    "intermediate_size": 3072, "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "model_type": "bert",
    "num_attention_heads": 12, "num_hidden_layers": 12, "type_vocab_size": 2, "vocab_size": 30522}"#;

const CHIP: &str = "[[device]]\nid = \"chip\"\nbf16_tflops = 1.0\nbandwidth_gb_s = 1.0\n";

#[test]
fn wrong_arguments_are_refused() {
    let directory = directory("refused");
    std::fs::write(directory.join("bert.json"), BERT).unwrap();
    std::fs::write(directory.join("chip.toml"), CHIP).unwrap();
    std::fs::create_dir(directory.join("steps.csv")).unwrap();
    let cases: &[(&[&str], &[&str])] = &[
        (&[], &["<MODELS>"]),
        (&["llama-2-7b,gtp2"], &["unknown model `gtp2` (did you mean `gpt2`?); expected"]),
        (&["gpt2", "--on", "h10"], &["unknown hardware `h10` (did you mean `h100`?); expected"]),
        (&["bert.json"], &["found decode over 4096 cached tokens", "expected prefill with nothing cached"]),
        (&["gpt2,bert.json", "--phase", "prefill", "--past", "0,1"], &["prefill over any number of cached tokens"]),
        (&["all", "--mla", "plain"], &["--weights-file, --mla and --source are about some models, found `all`"]),
        (&["all", "--source", "9"], &["--weights-file, --mla and --source are about some models, found `all`"]),
        // Axes.
        (&["gpt2", "--batch", "0"], &["--batch: found 0, expected at least 1"]),
        (&["gpt2", "--tokens", "0..=4"], &["--tokens: found 0..=4, expected at least 1"]),
        (&["gpt2", "--past", "9007199254740992"], &["--past: found 9007199254740992, expected less than 2^53"]),
        (&["gpt2", "--batch", "-1"], &["--batch", "found `-1`, expected a whole number or a range such as"]),
        (&["gpt2", "--batch", "1,two"], &["--batch", "found `two` in `1,two`, expected a whole number"]),
        (&["gpt2", "--batch", "4..=2"], &["--batch", "found `4..=2`, expected a range that has values"]),
        (&["gpt2", "--batch", "4..4"], &["found `4..4`, expected a range that has values"]),
        (&["gpt2", "--batch", "1..=8:0"], &["found `1..=8:0`, expected a step of at least 1"]),
        (&["gpt2", "--batch", "1..=8:*1"], &["found `1..=8:*1`, expected a factor of at least 2"]),
        (&["gpt2", "--past", "0..=8:*2"], &["--past", "found `0..=8:*2`, expected a first value of at least 1"]),
        (
            &["gpt2", "--batch", "1..=4000000000000000", "--past", "0..=4000000000000000"],
            &["the sweep has more than 2^64 rows"],
        ),
        // Formats.
        (&["gpt2", "--weights", "bf16,bf17"], &["--weights: unknown number format `bf17`"]),
        (&["gpt2", "--cache", "int"], &["--cache: unknown number format `int`"]),
        (&["gpt2,llama-2-7b", "--set", "*.kyes=int8"], &["--set: `*.kyes` matches no tensor"]),
        (&["gpt2", "--set", "keys"], &["--set: found `keys`, expected PATTERN=FORMAT"]),
        (&["gpt2", "--routing", "many"], &["--routing: found `many`"]),
        // Conditions and orders.
        (&["gpt2", "--where", "batch >"], &["--where: expected a column, a number or a text", "  batch >\n         ^"]),
        (&["gpt2", "--where", "bach > 1"], &["--where: there is no column `bach`; did you mean `batch`"]),
        (&["gpt2", "--where", "bound == \"memory\""], &["--where: column `bound`: no device is named"]),
        (
            &["gpt2", "--where", "model == \"gpt-2\""],
            &["--where: column `model`: none of the sweep is \"gpt-2\"; did you mean \"gpt2\"?"],
        ),
        (
            &["gpt2", "--on", "chip.toml", "--where", "fits"],
            &["--where: column `fits`: the memory of chip is not known"],
        ),
        (&["gpt2", "--top", "0", "--by", "batch"], &["--top", "0 is not in 1"]),
        (&["gpt2", "--top", "3"], &["--by"]),
        (&["gpt2", "--by", "batch"], &["--top"]),
        (&["gpt2", "--top", "3", "--by", "model"], &["--by: expected a number, found a text"]),
        (&["gpt2", "--top", "3", "--by", "lower_bound_s"], &["--by: column `lower_bound_s`: no device is named"]),
        (&["gpt2", "--top", "3", "--by", "batch", "--pareto", "batch,past"], &["--pareto"]),
        (&["gpt2", "--pareto", "batch"], &["--pareto: found 1, expected two to four orders"]),
        (&["gpt2", "--pareto", "batch,past,flops,bytes,vector"], &["--pareto: found 5, expected two to four orders"]),
        // Columns and files.
        (&["gpt2", "--columns", "flop"], &["--columns: column `flop`: unknown (did you mean `flops`?); there are"]),
        (&["gpt2", "--columns", "bytes,flops,bytes"], &["--columns: column `bytes`: named twice"]),
        (&["gpt2", "--columns", "bytes,tokens_per_s"], &["--columns: column `tokens_per_s`: no device is named"]),
        (&["gpt2", "--format", "csv"], &["--out"]),
        (&["gpt2", "--out", "steps"], &["--out: steps: its name has no ending", "expected .csv, .jsonl"]),
        (&["gpt2", "--out", "steps.txt"], &["--out: steps.txt: unknown format; expected csv, jsonl"]),
        (&["gpt2", "--out", "x.csv", "--format", "tsv"], &["--format: tsv: unknown format"]),
        (&["gpt2", "--out", "nowhere/steps.csv"], &["--out: nowhere/steps.csv: "]),
        (&["gpt2", "--out", "steps.csv"], &["--out: steps.csv: is a directory; expected a file's name"]),
        (&["gpt2", "--out", "-", "--format", "csv"], &["--out: found -, expected a file's name"]),
        (&["gpt2,llama-2-7b,gpt2"], &["MODELS: found gpt2 twice, expected each once"]),
        (&["all,gpt2"], &["MODELS: found gpt2 twice"]),
        (&["gpt2", "--on", "h100,h100_sxm"], &["--on: found h100_sxm twice"]),
        (&["gpt2", "--cache", "bf16,int8,bf16"], &["--cache: found bf16 twice"]),
        (&["gpt2", "--out", "..", "--format", "csv"], &["--out: ..: "]),
        (
            &["gpt2", "--top", "1", "--by", "batch", "--out", "steps.csv"],
            &["--out: steps.csv: is a directory; expected a file's name"],
        ),
        #[cfg(unix)]
        (&["gpt2", "--out", "/dev/null", "--format", "csv"], &["--out: /dev/null: is no regular file"]),
        #[cfg(not(feature = "arrow"))]
        (
            &["gpt2", "--out", "steps.parquet"],
            &["--out: steps.parquet: this build writes csv and jsonl only; the feature `arrow` adds arrow and parquet"],
        ),
        #[cfg(not(feature = "arrow"))]
        (&["gpt2", "--out", "x", "--format", "arrow"], &["--format: arrow: this build writes csv and jsonl only"]),
    ];
    for (args, said) in cases {
        refused(&directory, args, said);
    }
    // An encoder takes whole texts.
    let (page, _) = answered(cost(&["bert.json", "--phase", "prefill", "--tokens", "128,512"]).current_dir(&directory));
    assert_eq!(page.lines().count(), 3);
}

/// What matches in one of the models is enough.
#[test]
fn exceptions_are_counted() {
    let bytes = |args: &[&str]| json(&[&["llama-2-7b,deepseek-v2-lite", "--top", "9", "--by", "batch"], args].concat());
    let (plain, set) = (bytes(&[]), bytes(&["--set", "*.keys=int8"]));
    let cache = |rows: &[Value], row: usize| rows[row]["cache_bytes"].as_f64().unwrap();
    // Keys are half of a cache; the latent one has none.
    let ratio = cache(&set, 0) / cache(&plain, 0);
    assert!((ratio - 0.75).abs() < 1e-3, "{ratio}");
    assert_eq!(plain[1]["model"], "deepseek-v2-lite");
    assert!((cache(&set, 1) - cache(&plain, 1)).abs() < 1e-9);
}
