//! Pages and pictures as a browser shows them: nothing is wrong on the console, everybody can use them, labels don't overlap, and
//! they fit a phone. What `.ci/browser` installs is needed; without it the test says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cost_tests::browser::{Browser, axe};
use serde_json::{Value, json};

/// A config whose names would be markup.
const MARKUP: &str = r#"{"model_type": "gpt2", "n_embd": 64, "n_head": 4, "n_layer": 2, "vocab_size": 100,
    "</script><script>alert(1)</script>": 1, "<img src=x onerror=alert(2)>": "\"'&"}"#;

/// Pages: the arguments of `cost report`.
const PAGES: &[&[&str]] = &[
    &["llama-2-7b", "--on", "h100,a100"],
    &["deepseek-v3", "--on", "h200,h800", "--weights", "fp8", "--batch", "64"],
    &["llama-3-70b", "--on", "8xh100", "--mesh", "tp=8"],
    &["GqaAttention", "--at", "b=1,s=1,t=4096,n=8,g=4,k=128", "--on", "h100"],
    &["llama-3.1-70b", "--weights", "q4_k_m", "--offload", "blk.{40..}.*", "--on", "rtx_4090", "--host", "epyc_9654"],
    &["mixtral-8x7b"],
    &["MARKUP", "--on", "h100"],
];

/// Pictures: all arguments but the file.
const PICTURES: &[&[&str]] = &[
    &["roofline", "llama-2-7b", "--on", "h100,a100", "--svg"],
    &["roofline", "deepseek-v3", "--on", "h200", "--batch", "64", "--svg"],
    &["roofline", "llama-3-70b", "--on", "8xh100", "--mesh", "tp=8", "--svg"],
    &[
        "sweep",
        "gpt2,llama-2-7b,qwen3-8b",
        "--on",
        "h100,l40s,a100",
        "--batch",
        "1..=256:*2",
        "--plot",
        "tokens_per_s:batch",
        "--svg",
    ],
    &[
        "sweep",
        "llama-3.1-8b",
        "--on",
        "h100,l40s",
        "--past",
        "0..=131072:4096",
        "--plot",
        "lower_bound_s:past:hardware",
        "--svg",
    ],
];

/// Texts of pictures that lie over each other by more than 2 px each way, or that stick out of their picture.
const OVERLAPS: &str = "
    const found = [];
    for (const svg of document.querySelectorAll('svg')) {
        const texts = [...svg.querySelectorAll('text')].map(it => [it.textContent, it.getBoundingClientRect()]);
        const all = svg.getBoundingClientRect();
        texts.forEach(([text, a], i) => {
            if (a.left < all.left - 1 || a.right > all.right + 1 || a.top < all.top - 1 || a.bottom > all.bottom + 1)
                found.push(text + ' sticks out');
            for (const [other, b] of texts.slice(i + 1)) {
                const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (wide > 2 && high > 2) found.push(`${text} over ${other}: ${wide} x ${high}`);
            }
        });
    }
    return found;";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser")
}

/// Runs the command, which writes a file.
fn written(name: &str, args: &[&str]) -> PathBuf {
    let path = folder().join(name);
    let output = Command::new(env!("CARGO_BIN_EXE_cost")).args(args).arg(&path).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    path
}

#[test]
fn pages_and_pictures_are_as_they_should_be() {
    let _ = fs::remove_dir_all(folder());
    fs::create_dir_all(folder().join("markup")).unwrap();
    fs::write(folder().join("markup/config.json"), MARKUP).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let Some(axe) = axe(target) else { return };
    let Some(browser) = Browser::start(&folder().join("profile")) else { return };
    faults_are_found(&browser, &axe);
    let markup = folder().join("markup");
    for (at, args) in PAGES.iter().enumerate() {
        let args: Vec<&str> =
            args.iter().map(|arg| if *arg == "MARKUP" { markup.to_str().unwrap() } else { arg }).collect();
        let path = written(&format!("{at}.html"), &[&["report"], &args[..], &["--html"]].concat());
        for dark in [false, true] {
            looked_at(&browser, &path, dark, Some(&axe));
        }
        sorted_and_filtered(&browser);
        assert_eq!(browser.console(), Vec::<String>::new(), "{args:?}");
    }
    for (at, args) in PICTURES.iter().enumerate() {
        let path = written(&format!("{at}.svg"), args);
        for dark in [false, true] {
            looked_at(&browser, &path, dark, None);
        }
    }
}

/// The checks see what they are for.
fn faults_are_found(browser: &Browser, axe: &str) {
    let path = folder().join("faults.html");
    let page = "<!doctype html><html lang=en><title>Faults</title><main><h1>Faults</h1><img src='data:,'><p style='color:#ccc'>pale</p>\
        <svg width=90 height=40><text x=5 y=20>one</text><text x=8 y=22>other</text></svg></main><script>nothing.at.all</script>";
    fs::write(&path, page).unwrap();
    browser.open(&path);
    let said = browser.inaccessible(axe).join("\n");
    assert!(said.contains("image-alt") && said.contains("color-contrast"), "{said}");
    assert!(browser.run(OVERLAPS).to_string().contains("one over other"));
    assert!(browser.console().join("\n").contains("nothing is not defined"));
}

/// What is checked of everything, on a screen and a phone.
fn looked_at(browser: &Browser, path: &Path, dark: bool, axe: Option<&str>) {
    for phone in [true, false] {
        browser.seen(dark, phone);
        browser.open(path);
        let ground = "const it = document.querySelector('svg.roofline,svg.plot,body');return getComputedStyle(document.body || it)\
                      .backgroundColor";
        let ground = browser.run(ground);
        assert_eq!(ground, if dark { "rgb(17, 21, 26)" } else { "rgb(255, 255, 255)" }, "{}", path.display());
        assert_eq!(browser.run(OVERLAPS), json!([]), "{}, phone: {phone}", path.display());
        if let Some(axe) = axe {
            let wide = browser.run("return document.documentElement.scrollWidth - innerWidth");
            assert!(
                wide.as_i64().is_some_and(|wide| wide <= 0),
                "{}: {wide} px too wide, phone: {phone}",
                path.display()
            );
            assert_eq!(browser.inaccessible(axe), Vec::<String>::new(), "{}, dark: {dark}", path.display());
        }
    }
    assert_eq!(browser.console(), Vec::<String>::new(), "{}", path.display());
}

/// Rows by FLOPs from the most to the least and back, then those of attention alone.
fn sorted_and_filtered(browser: &Browser) {
    let flops =
        "return [...document.querySelectorAll('#kernel-table tbody tr')].map(row => Number(row.cells[2].dataset.v))";
    let before: Vec<f64> = serde_json::from_value(browser.run(flops)).unwrap();
    let mut expected = before.clone();
    expected.sort_by(|a, b| b.total_cmp(a));
    let head = "#kernel-table th:nth-child(3)";
    let order = format!("return document.querySelector('{head}').getAttribute('aria-sort')");
    for direction in ["descending", "ascending"] {
        browser.click(&format!("{head} button"));
        let now: Vec<f64> = serde_json::from_value(browser.run(flops)).unwrap();
        assert_eq!((browser.run(&order), now), (direction.into(), expected.clone()));
        expected.reverse();
    }
    let names = |hidden: &str| {
        let rows = format!(
            "return [...document.querySelectorAll('#kernel-table tbody tr{hidden}')].map(row => row.cells[0].textContent)"
        );
        serde_json::from_value::<Vec<String>>(browser.run(&rows)).unwrap()
    };
    let all = names("");
    browser.write("#filter", "att");
    let (shown, count) = (names(":not([hidden])"), all.iter().filter(|name| name.contains("att")).count());
    assert!(shown.iter().all(|name| name.contains("att")) && shown.len() == count, "{shown:?} of {all:?}");
    let said = browser.run("return document.getElementById('filtered').textContent");
    assert_eq!(said, Value::from(format!("{count} of {} kernels", all.len())));
}
