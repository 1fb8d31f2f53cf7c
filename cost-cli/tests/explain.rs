//! `cost explain`: where a number comes from, by hand, and what is said of kernels that aren't there.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn cost(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).args(args).output().unwrap()
}

fn page(args: &[&str]) -> String {
    let output = cost(&[&["explain"], args].concat());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
    page
}

/// Llama-2-7B's gated product: two products of 4096 × 11008, silu (4 FLOP) and a product for each of 11008 elements; both
/// weights, a row read and one written, at 16 bits.
#[test]
fn a_number_is_explained() {
    let page = page(&["llama-2-7b", "feed_forward.gated_mlp.h", "--on", "h100"]);
    for line in [
        "feed_forward.gated_mlp.h, a kernel of GatedMlp",
        "with b = 1, s = 1, d = 4096, f = 11008, l = 32",
        "= 2·b·s·d·f = 90,177,536",
        "= 4·b·s·f = 44,032",
        "4 for each of b × s × f: negate, exp, add, divide: x / (1 + exp(-x)); vector units",
        "in all 4·b·s·d·f + 5·b·s·f = 180,410,112",
        "in f16, 16 bits each; each element once, however often it is used",
        "= 2·d·f = 90,177,536",
        "in all 2·b·s·d + 2·b·s·f + 4·d·f = 180,385,280",
        "runs        l = 32 ×",
        "memory 180 MB / 3.35 TB/s = 53.8 µs",
    ] {
        assert!(page.contains(line), "no {line} in\n{page}");
    }
}

#[test]
fn rules_are_named() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("explained.rs");
    let text = "#[cost(tile(s = n))]\nfn Tiled<b, s, n, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> { let y = dot::<d>(x, w); y }\n";
    std::fs::write(&file, text).unwrap();
    let file = format!("{}::Tiled", file.display());
    for (args, says) in [
        (&["mixtral-8x7b", "gates", "--batch", "4"][..], "sparse.moe_feed_forward.moe.gates"),
        (&["mixtral-8x7b", "expert.y", "--batch", "4"], "of the experts that tokens go through"),
        (&["mixtral-8x7b", "y.combine"], "what each token's experts return"),
        (&["llama-2-7b", "embedded"], "the rows that ids name, no more than there are"),
        (&["llama-2-7b", "logits", "--weights", "int4:g128:f16"], "int4:g128:f16, 4 + 16 for each 128 bits each"),
        (
            &["llama-2-7b", "attended", "--masking", "dense"],
            "2 for each of b × s × n × g × k × t: one product and one sum; multiplies",
        ),
        (&[file.as_str(), "y", "--at", "b=1,s=1000,n=128,d=8,f=16"], "each element again for each of 8 tiles"),
        (&["llama-3-70b", "attended", "--on", "8xh100", "--mesh", "tp=8"], "one of 8 devices"),
    ] {
        let page = page(args);
        assert!(page.split_whitespace().collect::<Vec<_>>().join(" ").contains(says), "{args:?}: no {says} in\n{page}");
    }
}

/// The figures are those of the report.
#[test]
fn figures_are_those_of_the_report() {
    let args = ["deepseek-v3", "--batch", "16", "--on", "h200", "--json"];
    let report: Value = serde_json::from_slice(&cost(&[&["report"], &args[..]].concat()).stdout).unwrap();
    for (at, kernel) in report["kernels"].as_array().unwrap().iter().enumerate().step_by(5) {
        let path = kernel["path"].as_str().unwrap();
        let asked = [&["explain", args[0], path], &args[1..]].concat();
        let it: Value = serde_json::from_slice(&cost(&asked).stdout).unwrap();
        for figure in ["flops", "bytes", "repeat", "flops_formula", "bytes_formula", "intensity"] {
            assert_eq!(it[figure], kernel[figure], "{path}: {figure}");
        }
        let on = &report["hardware"][0]["kernels"][at];
        assert_eq!(it["hardware"][0]["lower_bound_s"], on["lower_bound_s"], "{path}");
    }
}

#[test]
fn kernels_that_are_not_there() {
    for (args, says) in [
        (
            &["llama-2-7b", "atended"][..],
            "has no kernel `atended` (did you mean `self_attention.attention.attended`?); expected one of",
        ),
        (&["llama-2-7b", "rms_norm.ffn_im"], "(did you mean `feed_forward.rms_norm.ffn_in`?)"),
        (&["Linear", "liner", "--at", "b=1,s=1,d=2,f=3"], "(did you mean `linear`?)"),
        (&["mixtral-8x7b", "xyzzy"], "expected one of embedded, "),
        (&["llama-2-7b"], "<KERNEL>"),
        (&["llama-2-7", "embedded"], "did you mean"),
        (&["Linear", "linear"], "--at: found no size for"),
        (&["llama-2-7b", "embedded", "--mesh", "tp=3x"], "--mesh"),
    ] {
        let output = cost(&[&["explain"], args].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(says), "{args:?}: no {says} in {said}");
    }
}
