//! Tables for a terminal, for a comment and for a program; colours; completions and the manual; the largest that fits.

use std::path::Path;
use std::process::{Command, Output};

fn cost(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).args(args).output().unwrap()
}

fn printed(args: &[&str]) -> String {
    let output = cost(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A command of each kind that prints tables.
const COMMANDS: &[&[&str]] = &[
    &["report", "llama-2-7b", "--on", "h100"],
    &["report", "llama-3-70b", "--on", "8xh100", "--mesh", "tp=8", "--tensors"],
    &["balance", "llama-2-7b", "--solve", "b", "--on", "h100,a100", "--values", "1,64"],
    &["fit", "llama-3.1-8b", "--on", "h100,l40s"],
    &["mesh", "llama-3-70b", "--on", "8xh100"],
    &["roofline", "llama-2-7b", "--on", "h100"],
    &["models", "--type", "gpt2"],
    &["hardware"],
    &["published"],
    &["decode", "llama-2-7b", "--on", "h100"],
    &["decode", "llama-2-7b", "--on", "h100", "--method", "plain,static"],
    &["decode", "llama-2-7b", "--on", "h100", "--method", "flash"],
    &["decode", "llama-2-7b", "--on", "h100", "--method", "paged"],
    &["sweep", "gpt2", "--on", "h100", "--batch", "1..=9", "--top", "3", "--by", "tokens_per_s"],
    &["sweep", "gpt2", "--on", "h100", "--batch", "1..=9"],
];

/// The cells of a line of CSV in which nothing is quoted but formulas and lists.
fn cells(line: &str) -> usize {
    let mut inside = false;
    1 + line
        .chars()
        .filter(|c| {
            inside ^= *c == '"';
            *c == ',' && !inside
        })
        .count()
}

#[test]
fn tables_are_for_whoever_reads_them() {
    for args in COMMANDS {
        let with = |table: &str| printed(&[args, &["--table", table][..]].concat());
        let (plain, markdown, csv) = (with("plain"), with("markdown"), with("csv"));
        assert!(plain.contains("──") && plain.lines().all(|line| line.chars().count() <= 100), "{args:?}: {plain}");
        assert!(markdown.contains("\n| ") || markdown.starts_with("| "), "{args:?}: {markdown}");
        assert!(markdown.contains(" | --") && !markdown.contains('─'), "{args:?}: {markdown}");
        for table in markdown.split("\n\n").filter(|part| part.starts_with('|')) {
            let bars = |line: &str| line.matches('|').count() - line.matches("\\|").count();
            let count = bars(table.lines().next().unwrap());
            assert!(table.lines().all(|line| bars(line) == count), "{args:?}: {table}");
        }
        for table in csv.split("\n\n") {
            let count = cells(table.lines().next().unwrap());
            assert!(count > 1 && table.lines().all(|line| cells(line) == count), "{args:?}: {table}");
        }
        assert!(!plain.contains('\u{1b}') && !plain.contains('\u{2064}'), "{args:?}");
    }
}

/// Figures of the CSV have all their digits.
#[test]
fn figures_for_programs_are_exact() {
    let csv = printed(&["report", "llama-2-7b", "--on", "h100", "--table", "csv"]);
    assert!(csv.contains("\nfeed_forward.gated_mlp.h,32,180410112,180385280,"), "{csv}");
    let csv = printed(&["models", "--type", "llama", "--table", "csv"]);
    assert!(csv.contains("\nllama-2-7b,llama,6738415616,6738415616,524288,4096\n"), "{csv}");
}

#[test]
fn colours_are_where_they_are_asked_for() {
    let report = |color: &[&str]| printed(&[&["report", "llama-2-7b", "--on", "h100"], color].concat());
    let (plain, coloured) = (report(&[]), report(&["--color", "always"]));
    assert!(coloured.contains("\u{1b}[34mmemory\u{1b}[0m") && coloured.contains("\u{1b}[1m"), "{coloured}");
    let mut without = String::new();
    for (at, part) in coloured.split("\u{1b}[").enumerate() {
        without += if at == 0 { part } else { part.split_once('m').unwrap().1 };
    }
    assert_eq!(without, plain);
    assert_eq!(report(&["--color", "never"]), plain);
    let error = String::from_utf8(cost(&["report", "nope", "--color", "always"]).stderr).unwrap();
    assert!(error.starts_with("\u{1b}[31merror:\u{1b}[0m unknown model `nope`"), "{error}");
    // What a name says to a terminal is shown, not done.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("colours");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("config.json"),
        r#"{"model_type": "gpt2", "n_embd": 64, "n_head": 4, "n_layer": 2, "vocab_size": 9, "a\u001b[31mb": 1}"#,
    )
    .unwrap();
    let shown = printed(&["report", folder.to_str().unwrap(), "--color", "always"]);
    assert!(shown.contains("\\u{1b}[31mb") && shown.contains("\u{1b}[1;33mwarning:\u{1b}[0m"), "{shown}");
}

/// The largest of what fits: a context, a batch, a model.
#[test]
fn the_largest_that_fits_is_first() {
    let sweep =
        ["sweep", "llama-3.1-8b", "--on", "h100", "--past", "0..=131072:1024", "--batch", "8", "--where", "fits"];
    let longest =
        printed(&[&sweep[..], &["--top", "1", "--by", "past", "--columns", "past", "--table", "csv"]].concat());
    let all = printed(&[&sweep[..], &["--columns", "past", "--table", "csv"]].concat());
    let most = all.lines().filter_map(|line| line.parse::<u64>().ok()).max().unwrap();
    // 80 GB less 16.06 GB of weights, by 8 × 131072 byte a token.
    assert!((55_000..=62_000).contains(&most), "{most}");
    assert_eq!(longest, format!("past\n{most}\n"));
    let models = printed(&["models", "--type", "llama", "--fits", "l40s", "--top", "2", "--table", "csv"]);
    let all = printed(&["models", "--type", "llama", "--fits", "l40s", "--table", "csv"]);
    let params = |table: &str| {
        table.lines().skip(1).map(|line| line.split(',').nth(2).unwrap().parse::<u64>().unwrap()).collect::<Vec<_>>()
    };
    let (mut largest, found) = (params(&all), params(&models));
    largest.sort_by(|a, b| b.cmp(a));
    assert_eq!(found, largest[..2]);
}

#[test]
fn shells_and_the_manual() {
    for (shell, says) in [("bash", "complete -F _cost"), ("zsh", "#compdef cost"), ("fish", "complete -c cost")] {
        let script = printed(&["completions", shell]);
        assert!(script.contains(says) && script.contains("explain") && script.contains("fail-on"), "{shell}");
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("man");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    printed(&["man", "--out", folder.to_str().unwrap()]);
    let page = std::fs::read_to_string(folder.join("cost-report.1")).unwrap();
    assert!(page.contains(".TH cost-report 1") && page.contains("\\-\\-html"), "{page}");
}

#[test]
fn what_is_wrong_is_said() {
    for (args, says) in [
        (&["formula", "llama-2-7b", "--table", "csv"][..], "--table: found csv, expected plain or markdown"),
        (&["report", "llama-2-7b", "--table", "html"], "possible values: plain, markdown, csv"),
        (&["report", "llama-2-7b", "--table", "csv", "--json"], "cannot be used with"),
        (&["report", "llama-2-7b", "--color", "blue"], "possible values: auto, always, never"),
        (&["completions", "cmd"], "possible values: bash"),
        (&["man", "--out", "/nowhere/at/all"], "--out: /nowhere/at/all: "),
        (&["models", "--top", "0"], "--top"),
    ] {
        let output = cost(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(says), "{args:?}: no {says} in {said}");
    }
}
