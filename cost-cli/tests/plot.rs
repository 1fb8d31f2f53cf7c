//! `cost sweep … --plot`: lines that are the sweep's rows, the same bytes every time, and what can't be drawn.

use std::path::Path;
use std::process::{Command, Output};

fn sweep(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).arg("sweep").args(args).output().unwrap()
}

fn picture(name: &str, args: &[&str]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let output = sweep(&[args, &["--svg", path.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn lines_are_rows() {
    for (args, lines, points, says) in [
        (
            &["gpt2", "--on", "h100,l40s", "--batch", "1..=64:*2", "--plot", "tokens_per_s:batch:hardware"][..],
            2,
            14,
            ">h100_sxm<",
        ),
        (
            &["gpt2,llama-2-7b", "--on", "h100,l40s", "--batch", "1,2", "--plot", "lower_bound_s:batch"],
            4,
            8,
            ">llama-2-7b, l40s, f16<",
        ),
        (&["gpt2", "--past", "0..=1000:100", "--plot", "bytes:past"], 1, 11, "bytes: all bytes moved"),
        // Where nothing else differs there is one line without a name.
        (&["gpt2", "--batch", "4", "--plot", "flops:batch"], 1, 1, "flops by batch"),
        (&["gpt2", "--batch", "1,2", "--past", "0,8", "--plot", "flops:batch:past"], 2, 4, ">past 8<"),
        (
            &[
                "gpt2",
                "--on",
                "h100",
                "--batch",
                "1..=99",
                "--plot",
                "tokens_per_s:lower_bound_s",
                "--pareto",
                "tokens_per_s,lower_bound_s",
            ],
            1,
            99,
            ">tokens_per_s by lower_bound_s<",
        ),
    ] {
        let svg = picture("lines.svg", args);
        assert!(svg == picture("lines.svg", args), "{args:?}");
        let legend = svg.matches("h22\"/>").count();
        assert_eq!(
            (svg.matches("<path class=\"p c").count() - legend, svg.matches("<circle").count()),
            (lines, points),
            "{args:?}"
        );
        assert!(svg.contains(says) && !svg.contains("NaN") && !svg.contains("inf"), "{args:?}: no {says} in {svg}");
    }
}

/// 100 rows that double: a point's place is the logarithm of its size.
#[test]
fn places_are_by_logarithms_where_much_is_spanned() {
    let svg = picture("places.svg", &["gpt2", "--batch", "1,8,64", "--plot", "flops:batch"]);
    let places: Vec<f64> = svg
        .lines()
        .filter(|line| line.starts_with("<circle"))
        .map(|line| line.split("cx=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap())
        .collect();
    let [a, b, c] = places[..] else { panic!("{places:?}") };
    assert!(((b - a) - (c - b)).abs() < 0.2 && c - a > 300.0, "{places:?}");
}

#[test]
fn what_is_wrong_is_said() {
    for (args, says) in [
        (&["gpt2", "--plot", "flops:batch"][..], "--svg"),
        (&["gpt2", "--svg", "x.svg"], "--plot"),
        (&["gpt2", "--plot", "flops", "--svg", "x.svg"], "--plot: found `flops`, expected Y:X or Y:X:SERIES"),
        (&["gpt2", "--plot", "flop:batch", "--svg", "x.svg"], "did you mean `flops`?"),
        (&["gpt2", "--plot", "model:batch", "--svg", "x.svg"], "--plot: found model, expected a column of numbers"),
        (&["gpt2", "--plot", "flops:flops", "--svg", "x.svg"], "flops`: named twice"),
        (&["gpt2", "--plot", "tokens_per_s:batch", "--svg", "x.svg"], "no device is named"),
        (&["gpt2", "--plot", "flops:batch", "--svg", "x.svg", "--out", "y.csv"], "cannot be used with"),
        (&["gpt2", "--plot", "flops:batch", "--svg", "/nowhere/at/all.svg"], "--svg: /nowhere/at/all.svg: "),
        (
            &["gpt2", "--batch", "1,2", "--past", "1,2", "--plot", "flops:batch:model", "--svg", "x.svg"],
            "--plot: found several values of flops at batch = 1 of gpt2, expected a line for each, as in flops:batch:model+past",
        ),
        (
            &["gpt2", "--batch", "1..=30", "--past", "1,2", "--plot", "flops:past", "--svg", "x.svg"],
            "more than 24 lines",
        ),
        (&["gpt2", "--plot", "flops:batch", "--svg", "x.svg", "--where", "batch > 9"], "--plot: found no rows"),
    ] {
        let output = sweep(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(says), "{args:?}: no {says} in {said}");
    }
}
