//! `cost diff`: what it says, and how it exits.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// An operator, and the same with its gate normalised no more.
const BEFORE: &str = "use cost_models::cost;
use cost_models::ops::{Linear, RmsNorm};

#[cost]
pub fn Gated<b, s, d, f>(x: Act<b, s, d>) -> Act<b, s, d> {
    let h = RmsNorm { b, s, d }(x);
    let gate = sigmoid(Linear { b, s, d, f }(h));
    x + Linear { b, s, d: f, f: d }(gate * Linear { b, s, d, f }(h))
}
";

/// A repository of its own with the operator committed as it was, and changed since.
fn repository(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("gated.rs"), BEFORE).unwrap();
    let own = r#"{"model_type": "gpt2", "n_embd": 64, "n_head": 4, "n_layer": 2, "vocab_size": 100}"#;
    let typed = r#"{"model_type": "own", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "vocab_size": 100, "intermediate_size": 128}"#;
    let declared = "types = \"own\"\nlike = \"llama\"\noperators = \"own.rs\"\n\
                    mixers = [{ block = \"SelfAttention\" }, { label = \"half\", block = \"Half\", layers = \"layer % 2\" }]\n";
    let half = "use cost_models::cost;\n#[cost]\npub fn Half<b, s, d>(x: Act<b, s, d>) -> Act<b, s, d> { x * 0.5 }\n";
    for (file, text) in [
        ("own.json", own),
        ("models/own/config.json", own),
        ("quantised/config.json", own),
        ("quantised/hf_quant_config.json", "{}"),
        ("types/own.json", typed),
        ("own.toml", declared),
        ("own.rs", half),
    ] {
        fs::create_dir_all(path.join(file).parent().unwrap()).unwrap();
        fs::write(path.join(file), text).unwrap();
    }
    for args in [&["init", "-q"][..], &["add", "-A"], &["commit", "-qm", "before"]] {
        let user = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
        assert!(Command::new("git").args(user).args(args).current_dir(&path).status().unwrap().success());
    }
    // A declaration that is read from the revision has its operators from there too.
    fs::remove_file(path.join("own.rs")).unwrap();
    fs::write(path.join("gated.rs"), BEFORE.replace("RmsNorm { b, s, d }(x)", "x")).unwrap();
    path
}

fn cost(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).args(args).current_dir(dir).output().unwrap()
}

/// The exit status of a diff, and what it prints.
#[track_caller]
fn diff(dir: &Path, args: &[&str]) -> (i32, String) {
    let output = cost(dir, &[&["diff"], args].concat());
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn verdicts_and_exits() {
    let dir = repository("diff-verdicts");
    let keep = |args: &[&str], name: &str| fs::write(dir.join(name), cost(&dir, args).stdout).unwrap();
    keep(&["report", "llama-3.2-1b", "--json"], "kept.json");
    keep(&["report", "llama-3.2-1b", "--json", "--past", "100", "--phase", "prefill"], "other.json");
    let two = [fs::read(dir.join("kept.json")).unwrap(), fs::read(dir.join("other.json")).unwrap()].concat();
    fs::write(dir.join("two.json"), two).unwrap();
    let kept = fs::read_to_string(dir.join("kept.json")).unwrap();
    fs::write(dir.join("changed.json"), kept.replacen("\"total\": 1235814400", "\"total\": 1235814401", 1)).unwrap();
    fs::write(dir.join("gone.json"), kept.replace("llama-3.2-1b", "llama-9") + &kept).unwrap();
    let at = "b=1,s=16,d=64,f=128";
    for (args, status, says) in [
        (&["llama-2-7b", "llama-2-7b"][..], 0, "Same: 2 costs compared"),
        (&["HEAD:gated.rs", "HEAD:gated.rs::Gated"], 0, "Same: 1 cost"),
        (&["HEAD:own.json", "own.json"], 0, "Same: 2 costs"),
        (&["HEAD:models/own", "models/own"], 0, "Same: 2 costs"),
        (&["HEAD:types/own.json", "types/own.json", "--family", "HEAD:own.toml"], 0, "Same: 2 costs"),
        (&["HEAD:quantised/config.json", "own.json"], 2, "found quantised/hf_quant_config.json beside it"),
        (&["llama3:8b", "llama-2-7b"], 2, "unknown model"),
        (&["HEAD:gated.rs", "gated.rs"], 1, "params  3·d·f + d\n    → 3·d·f"),
        (&["HEAD:gated.rs", "gated.rs", "--at", at], 1, "rms_norm.h (gone)"),
        (&["HEAD:gated.rs", "gated.rs", "--at", at, "--fail-on", "flops > +1%"], 0, "Within limits"),
        (&["HEAD:gated.rs", "gated.rs", "--at", at, "--fail-on", "bytes > -4%"], 0, "Within limits"),
        (&["HEAD:gated.rs", "gated.rs", "--at", at, "--fail-on", "bytes < -4%"], 1, "98,432 and is 94,208 (-4.29 %)"),
        (&["HEAD:gated.rs", "gated.rs", "--at", at, "--fail-on", "params < -63"], 1, "`params < -63`"),
        (&["HEAD:gated.rs", "gated.rs", "--at", at, "--fail-on", "params < -64"], 0, "Within"),
        (&["llama-2-7b", "llama-2-7b", "--fail-on", "decode.bytes > 15GB"], 1, "decode.bytes of llama-2-7b was 15,368"),
        (&["llama-2-7b", "llama-2-7b", "--fail-on", "bytes.total>30 G"], 0, "Same"),
        (&["kept.json"], 0, "Same: 1 cost"),
        (&["kept.json", "llama-3.2-1b"], 0, "Same: 1 cost"),
        (&["two.json"], 0, "Same: 2 costs"),
        (&["two.json", "kept.json"], 1, "only before: llama-3.2-1b, prefill"),
        (&["kept.json", "two.json"], 1, "only now: llama-3.2-1b, prefill"),
        (&["changed.json"], 1, "1,235,814,401  1,235,814,400"),
        (&["gone.json"], 1, "only before: llama-9, decode"),
        (&["kept.json", "kept.json", "--table", "csv"], 0, "of,workload,kernel,figure,old,new\n"),
        (&["kept.json", "other.json"], 2, "phase decode and prefill, past 4096 and 100, tokens 1 and 2048"),
        (&["llama-2-7b"], 2, "a second model"),
        (&["no:gated.rs", "gated.rs"], 2, "no revision `no`"),
        (&["HEAD:gate.rs", "gated.rs"], 2, "HEAD:gate.rs: no such file in that revision"),
        (&["--", "-x:gated.rs", "gated.rs"], 2, "no revision `-x`"),
        (&["HEAD:w.gguf", "llama-2-7b"], 2, "found a file of weights"),
        (&["HEAD:gated.rs", "llama-2-7b"], 2, "Gated on the one side and llama-2-7b, decode"),
        (&["gated.rs", "gated.rs", "--fail-on", "flops > +1%"], 2, "give sizes with --at"),
        (&["kept.json", "--fail-on", "decode.byts > +1%"], 2, "did you mean `decode.bytes`?"),
        (&["kept.json", "--fail-on", "bytes +1%"], 2, "expected FIGURE > LIMIT"),
        (&["kept.json", "--fail-on", "bytes > nan"], 2, "expected FIGURE > LIMIT"),
        (&["kept.json", "--table", "plain", "--json"], 2, "cannot be used with"),
    ] {
        let (found, page) = diff(&dir, args);
        assert!(found == status && page.contains(says), "{args:?}: {found}, expected {status} and `{says}`\n{page}");
        assert!(page.lines().all(|line| status == 2 || line.chars().count() <= 100), "{page}");
    }
}

#[test]
fn a_comment_says_what_changed() {
    let dir = repository("diff-comment");
    let (status, page) = diff(&dir, &["HEAD:gated.rs", "gated.rs", "--table", "markdown"]);
    assert_eq!(status, 1);
    insta::assert_snapshot!(page, @r"
    **Changed: it costs something else**

    #### Gated: formulas

    | | was | is | |
    |---|--:|--:|--:|
    | params | 3·d·f + d | 3·d·f |  |
    | flops | 6·b·s·d·f + 5·b·s·d + 5·b·s·f | 6·b·s·d·f + b·s·d + 5·b·s·f |  |
    | bytes | 16·b·s·d + 16·b·s·f + 6·d·f + 2·d | 12·b·s·d + 16·b·s·f + 6·d·f |  |
    | intensity | (6·b·s·d·f + 5·b·s·d + 5·b·s·f) / (16·b·s·d + 16·b·s·f + 6·d·f + 2·d) | (6·b·s·d·f + b·s·d + 5·b·s·f) / (12·b·s·d + 16·b·s·f + 6·d·f) |  |

    <details><summary>1 kernel</summary>

    | kernel | | was | is | |
    |---|---|--:|--:|--:|
    | rms\_norm.h (gone) | repeat | 1 | – |  |
    | | flops | 4·b·s·d | – |  |
    | | bytes | 4·b·s·d + 2·d | – |  |

    </details>
    ");
}

/// Whole numbers beyond 64 bits are compared to the last digit.
#[test]
fn whole_numbers_are_exact() {
    let dir = repository("diff-exact");
    let report = |flops: &str| format!(r#"{{"operator": "Wide", "at": {{"b": 1}}, "flops": {flops}, "kernels": []}}"#);
    fs::write(dir.join("a.json"), report("340282366920938463463374607431768211454")).unwrap();
    fs::write(dir.join("b.json"), report("340282366920938463463374607431768211455")).unwrap();
    let (status, page) = diff(&dir, &["a.json", "b.json", "--json"]);
    assert!(status == 1 && page.contains("340282366920938463463374607431768211455"), "{page}");
}

#[test]
fn a_benchmark_lists_names_units_and_values() {
    let (status, page) = diff(Path::new("."), &["gpt2", "gpt2", "--benchmark", "--phase", "decode", "--on", "h100"]);
    let measures: Value = serde_json::from_str(&page).unwrap();
    let found =
        |name: &str| measures.as_array().unwrap().iter().find(|it| it["name"] == format!("gpt2, decode: {name}"));
    assert_eq!(status, 0);
    // The released checkpoint's count.
    assert_eq!(found("params").unwrap()["value"], 124_439_808);
    assert_eq!(found("h100_sxm.lower_bound_s").unwrap()["unit"], "s");
    assert_eq!(found("bytes").unwrap()["unit"], "B");
}

/// What devices of a mesh exchange is compared one by one: of twice the sequences each exchange moves twice the bytes.
#[test]
fn exchanges_are_compared() {
    let dir = repository("diff-exchanges");
    let mesh = ["report", "llama-3-70b", "--on", "8xh100", "--mesh", "tp=8", "--json"];
    let kept = |name: &str, args: &[&str]| {
        let report = String::from_utf8(cost(&dir, &[&mesh[..], args].concat()).stdout).unwrap();
        fs::write(dir.join(name), report).unwrap();
    };
    kept("was.json", &[]);
    kept("cut.json", &["--leave-cut"]);
    kept("dense.json", &["--acts", "f32"]);
    // The same workload now, by the report's own mesh and device.
    let (code, said) = diff(&dir, &["was.json"]);
    assert!(code == 0 && said.starts_with("Same"), "{said}");
    let (code, said) = diff(&dir, &["was.json", "llama-3-70b"]);
    assert!(code == 0 && said.starts_with("Same"), "{said}");
    // Without the gather of the logits.
    let (code, said) = diff(&dir, &["was.json", "cut.json"]);
    assert!(code == 1 && said.contains("\n  logits (gone)\n") && said.contains("all_gather"), "{said}");
    // Twice the bits of activations are twice the bytes of an exchange: 8192 × 2 and × 4.
    let (code, said) = diff(&dir, &["was.json", "dense.json", "--table", "csv"]);
    assert!(code == 1 && said.contains(",embedded,bytes,16384,32768\n"), "{said}");
    let (_, said) = diff(&dir, &["was.json", "dense.json", "--table", "markdown"]);
    assert!(
        said.contains("<details><summary>4 exchanges</summary>")
            && said.contains("| embedded | bytes | 16,384 | 32,768 | +100.00 % |"),
        "{said}"
    );
    let (_, said) = diff(&dir, &["was.json", "dense.json", "--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["changed"][0]["exchanges"][0]["path"], "embedded", "{said}");
    // One device and one of several are different workloads.
    let one = String::from_utf8(cost(&dir, &["report", "llama-3-70b", "--json"]).stdout).unwrap();
    fs::write(dir.join("one.json"), one).unwrap();
    let (code, said) = diff(&dir, &["one.json", "was.json"]);
    assert!(code == 2 && said.contains("one device and one of 8 devices"), "{said}");
    let (code, said) = diff(&dir, &["llama-3-70b", "llama-3-70b", "--mesh", "tp=8", "--shard", "x=tp"]);
    assert!(code == 2 && said.contains("shard: found x, expected an axis"), "{said}");
    let (code, said) = diff(&dir, &["llama-3-70b", "llama-3-70b", "--mesh", "tp=8", "--phase", "decode"]);
    assert!(code == 0 && said.starts_with("Same"), "{said}");
}
