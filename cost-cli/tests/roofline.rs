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

const PICTURES: [&[&str]; 7] = [
    &["llama-2-7b", "--on", "h100,a100"],
    &["llama-3.1-70b", "--on", "b200", "--weights", "fp8", "--multiply", "fp8", "--phase", "prefill"],
    &["deepseek-v3", "--on", "h200,h100", "--batch", "64"],
    &["qwen3-next-80b-a3b", "--on", "h100", "--batch", "8"],
    &["gemma-3-27b", "--on", "h100,h200,a100,l40s,b200,h20"],
    &["GqaAttention", "--at", "b=1,s=1,t=4096,n=8,g=4,k=128", "--on", "h100"],
    &["llama-3-70b", "--on", "8xh100,8xa100", "--mesh", "tp=8"],
];

#[test]
fn pictures_are_small_and_the_same_every_time() {
    for args in PICTURES {
        let svg = picture("same.svg", args);
        assert!(svg == picture("same.svg", args), "{args:?}");
        assert!(svg.len() <= 60_000, "{args:?}: {} bytes", svg.len());
        for part in [
            "<title id=\"roofline-title\">Roofline of ",
            "<desc id=\"roofline-desc\">",
            "prefers-color-scheme:dark",
            ">ridge ",
        ] {
            assert!(svg.contains(part), "{args:?}: no {part}");
        }
        assert!(
            svg.starts_with("<svg class=\"roofline\" ")
                && svg.ends_with("</svg>\n")
                && !svg.contains("NaN")
                && !svg.contains("inf\"")
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
        (&["roofline", "llama-2-7b", "--on", "8xh100"], "--on: 8 devices need a mesh"),
        (&["report", "llama-2-7b", "--on", "h100", "--html", "/nowhere/at/all.html"], "--html: /nowhere/at/all.html: "),
        (
            &["report", "llama-2-7b", "--html", "x", "--on", "h100,a100,h200,l40s,b200,h20,h800,a10,v100"],
            "--on: found 9 devices, expected at most 8 on a page",
        ),
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

/// The exchanges of a step are under the slant of links: 161 all-reduces of 16 kB and a gather, by their own figures.
#[test]
fn exchanges_are_under_the_links() {
    let args = ["roofline", "llama-3-70b", "--on", "8xh100", "--mesh", "tp=8"];
    let answer: serde_json::Value = serde_json::from_slice(&cost(&[&args[..], &["--json"]].concat()).stdout).unwrap();
    let report = cost(&["report", "llama-3-70b", "--on", "8xh100", "--mesh", "tp=8", "--json"]).stdout;
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    let link = &answer["devices"][0]["link"];
    // NVLink 4: 450 GB/s one way.
    assert_eq!(link["bandwidth"], 450e9);
    assert_eq!(link["seconds"], report["hardware"][0]["link_s"]);
    let flops = report["flops"]["total"].as_f64().unwrap();
    let sum = |it: &serde_json::Value| it["link_bytes"].as_f64().unwrap() * it["repeat"].as_f64().unwrap();
    let bytes: f64 = report["collectives"].as_array().unwrap().iter().map(sum).sum();
    let near = |a: &serde_json::Value, b: f64| (a.as_f64().unwrap() / b - 1.0).abs() < 1e-12;
    assert!(
        near(&link["intensity"], flops / bytes) && near(&link["flop_s"], flops / link["seconds"].as_f64().unwrap())
    );
    let svg = picture("mesh.svg", &args[1..]);
    assert!(svg.contains(">link 450 GB/s<") && svg.contains(">exchanges "), "{svg}");
}

/// A page has all kernels and fits its bounds, whatever is asked.
#[test]
fn pages_are_small_and_the_same_every_time() {
    for (args, says) in [
        (
            &["llama-2-7b", "--on", "h100,a100"][..],
            "llama-2-7b takes at least 4.59 ms on H100 SXM5 80GB, memory bound; its 15.6 GB fit the 80 GB",
        ),
        (&["llama-3.1-70b", "--on", "h100"], "do not fit the 80 GB"),
        (&["llama-3-70b", "--on", "8xh100", "--mesh", "tp=8"], "all-reduce"),
        (&["GqaAttention", "--at", "b=1,s=1,t=4096,n=8,g=4,k=128"], "GqaAttention computes "),
        (&["deepseek-v3", "--on", "h200,h800,b200,h100,a100,l40s,h20,v100", "--batch", "64"], "<msup>"),
        (&["qwen3-235b-a22b", "--weights", "q4_k_m", "--on", "h200"], "does not fit"),
    ] {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page.html");
        let page = || {
            let output = cost(&[&["report"], args, &["--html", path.to_str().unwrap()]].concat());
            assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
            fs::read_to_string(&path).unwrap()
        };
        let (first, again) = (page(), page());
        assert!(first == again && first.len() <= 400_000, "{args:?}: {} bytes", first.len());
        assert!(first.contains(says), "{args:?}: no {says} in {}", &first[..6_000]);
        for forbidden in ["http://", "https://", "NaN", "%inf", "<code>"] {
            let found = first.replace("http://www.w3.org/2000/svg", "");
            assert!(!found.contains(forbidden), "{args:?}: {forbidden}");
        }
        let report: serde_json::Value =
            serde_json::from_slice(&cost(&[&["report"], args, &["--json"]].concat()).stdout).unwrap();
        for kernel in report["kernels"].as_array().unwrap() {
            let path = kernel["path"].as_str().unwrap();
            assert!(first.contains(&format!("class=\"text\">{path}</th>")), "{args:?}: no {path}");
        }
    }
}
