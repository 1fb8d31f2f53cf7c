//! `cost roofline`: the picture's size, that it is the same every time, and that no labels overlap.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn cost(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).args(args).output().unwrap()
}

fn picture(name: &str, args: &[&str]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let output = cost(&[&["roofline"], args, &["--svg", path.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(path).unwrap()
}

/// The number of an attribute.
fn number(line: &str, attribute: &str) -> f64 {
    let from = line.find(&format!(" {attribute}=\"")).unwrap() + attribute.len() + 3;
    line[from..].split('"').next().unwrap().parse().unwrap()
}

const PICTURES: [&[&str]; 6] = [
    &["llama-2-7b", "--on", "h100,a100"],
    &["llama-3.1-70b", "--on", "b200", "--weights", "fp8", "--multiply", "fp8", "--phase", "prefill"],
    &["deepseek-v3", "--on", "h200,h100", "--batch", "64"],
    &["qwen3-next-80b-a3b", "--on", "h100", "--batch", "8"],
    &["gemma-3-27b", "--on", "h100,h200,a100,l40s,b200,h20"],
    &["GqaAttention", "--at", "b=1,s=1,t=4096,n=8,g=4,k=128", "--on", "h100"],
];

#[test]
fn pictures_are_small_and_the_same_every_time() {
    for args in PICTURES {
        let svg = picture("same.svg", args);
        assert!(svg == picture("same.svg", args), "{args:?}");
        assert!(svg.len() <= 60_000, "{args:?}: {} bytes", svg.len());
        for part in ["<title id=\"title\">Roofline of ", "<desc id=\"desc\">", "prefers-color-scheme:dark", ">ridge "] {
            assert!(svg.contains(part), "{args:?}: no {part}");
        }
        assert!(
            svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && !svg.contains("NaN") && !svg.contains("inf\"")
        );
    }
}

/// Labels by the room that their letters take at most.
#[test]
fn labels_do_not_overlap() {
    for args in PICTURES {
        let svg = picture("labels.svg", args);
        for panel in svg.split("<g transform").skip(1) {
            let labels = panel.lines().filter(|line| line.starts_with("<text class=\"l\"") || line.contains(">ridge "));
            let areas: Vec<(f64, f64, f64)> = labels
                .map(|line| {
                    let text = line.split('>').nth(1).unwrap().split('<').next().unwrap();
                    (number(line, "x"), number(line, "y"), text.chars().count() as f64 * 6.8)
                })
                .collect();
            assert!(areas.len() > 1, "{panel}");
            for (i, a) in areas.iter().enumerate() {
                for b in &areas[i + 1..] {
                    let apart = (a.1 - b.1).abs() >= 11.0 || a.0 + a.2 <= b.0 || b.0 + b.2 <= a.0;
                    assert!(apart, "{args:?}: {a:?} and {b:?}\n{panel}");
                }
                assert!(a.0 >= 0.0 && a.0 + a.2 <= 520.0, "{a:?}");
            }
        }
    }
}

#[test]
fn what_is_wrong_is_said() {
    for (args, says) in [
        (
            &["roofline", "llama-2-7b", "--on", "h100", "--svg", "/nowhere/at/all.svg"][..],
            "--svg: /nowhere/at/all.svg: ",
        ),
        (&["roofline", "llama-2-7b"], "--on"),
        (&["roofline", "llama-2-7b", "--on", "h10"], "did you mean `h100`?"),
        (&["roofline", "llama-2-7b", "--on", "h100", "--batch", "0"], "--batch"),
    ] {
        let output = cost(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(says), "{args:?}: {said}");
    }
}

#[test]
fn a_table_has_shares_of_the_time() {
    let output = cost(&["roofline", "llama-2-7b", "--on", "h100"]);
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains("of the time") && page.contains("(ridge 295"), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
}
