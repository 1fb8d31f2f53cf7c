//! `cost fit`, and `cost report` of operators at sizes.

use std::process::{Command, Output};

use serde_json::{Value, json};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).args(args).output().unwrap()
}

#[track_caller]
fn printed(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
    page
}

#[track_caller]
fn answer(args: &[&str]) -> Value {
    serde_json::from_str(&printed(&[args, &["--json"]].concat())).unwrap()
}

/// 80 GB less a tenth and 13,476,831,232 byte of weights are 58.5 GB: 27 × 4096 tokens of 524,288 byte.
#[test]
fn what_fits_is_documented_json() {
    let found = answer(&["fit", "llama-2-7b", "--on", "h100", "--past", "4095"]);
    let fit = &found["fits"][0];
    assert_eq!((&found["model"], &found["context"], &found["schema"]), (&json!("llama-2-7b"), &json!(4096), &json!(2)));
    assert_eq!((&fit["name"], &fit["bytes"]), (&json!("h100_sxm"), &json!(80_000_000_000_u64)));
    assert_eq!((&fit["batch"], &fit["context"], &fit["limit"]), (&json!(27), &json!(4096), &json!("memory")));
    assert_eq!((&fit["headroom"], &fit["short"]), (&json!(8_000_000_000_u64), &Value::Null));
    let memory = &fit["memory"];
    assert_eq!(memory["weights"], json!(13_476_831_232_u64));
    assert_eq!(memory["cache"], json!(27_u64 * 4096 * 524_288));
    let taken = memory["total"].as_u64().unwrap() + fit["left"].as_u64().unwrap();
    assert_eq!(taken, 72_000_000_000);
    // By both ends, on two devices, and what doesn't fit is an answer too.
    let all = answer(&["fit", "llama-2-7b", "--on", "h100,rtx_4090", "--weights", "f32", "--headroom", "0"]);
    let all = all["fits"].as_array().unwrap();
    assert_eq!(all.len(), 2 * 3);
    assert!(all.iter().all(|fit| fit["left"].is_null() == (fit["name"] == "rtx_4090")), "{all:?}");
    let page = printed(&["fit", "llama-2-7b", "--on", "rtx_4090", "--weights", "f32"]);
    assert_eq!(page.matches("the weights alone take 27.0 GB, 5.35 GB more than there is").count(), 1, "{page}");
    for headroom in ["12.5%", "10GB", "0", "9.3132257461547852GiB"] {
        printed(&["fit", "llama-2-7b", "--on", "h100,h200,a100", "--batch", "2", "--headroom", headroom]);
    }
}

#[test]
fn operators_are_reported_at_sizes() {
    let found = answer(&["report", "linear", "--at", "b=1,s=2,d=3,f=4", "--on", "h100", "--tensors"]);
    assert_eq!(found["operator"], "Linear");
    assert_eq!(found["at"], json!({"b": 1, "s": 2, "d": 3, "f": 4}));
    assert_eq!(found["flops"]["total"], 2 * 2 * 3 * 4);
    assert_eq!(found["tensors"][0]["bytes"], 2 * 3 * 4);
    let page = printed(&["report", "GqaAttention", "--at", "b=2,s=1,t=8,n=2,g=4,k=64", "--on", "h100"]);
    assert!(page.contains("GqaAttention at b = 2, s = 1, t = 8, n = 2, g = 4, k = 64\n"), "{page}");
}

#[test]
fn wrong_questions_are_errors() {
    for (args, said) in [
        (&["report", "GqaAttention", "--at", "b=1,s=8"][..], &["--at", "t, n, g, k", "--at b=1,s=8,t=4096"][..]),
        (&["report", "GqaAttention", "--at", "b=1,kk=8"], &["no axis `kk`", "did you mean `k`?"]),
        (&["report", "Linear", "--at", "b=1,b=2"], &["--at", "a second size"]),
        (&["report", "Linear", "--at", "b=x"], &["--at", "found `b=x`", "AXIS=N"]),
        (&["report", "GqaAttention", "--at", "b=1,s=8,t=4,n=1,g=1,k=1"], &["s = 8", "t = 4", "at most t"]),
        (&["report", "Linear", "--batch", "3"], &["--batch", "operator Linear", "expected a model"]),
        (&["report", "Linear", "--past", "3"], &["--past", "expected a model"]),
        (&["report", "Linear", "--phase", "decode"], &["--phase", "expected a model"]),
        (&["report", "Linear", "--logits", "all"], &["--logits", "expected a model"]),
        (&["report", "Linear", "--mla", "plain"], &["--mla", "expected a model"]),
        (
            &["report", "Linear", "--at", "b=1,s=1,d=1,f=1", "--routing", "worst"],
            &["routing: found worst", "no experts"],
        ),
        (&["report", "Linear", "--at", "b=1,s=1,d=1,f=1", "--set", "y=int8"], &["--set", "`y`"]),
        (&["report", "llama-2-7b", "--at", "b=1"], &["--at", "model llama-2-7b", "expected an operator"]),
        (&["report", "Lineer"], &["Lineer", "did you mean the operator `Linear`?"]),
        (&["fit", "llama-2-7b"], &["--on"]),
        (&["fit", "llama-2-7b", "--on", "h100", "--batch", "1", "--past", "1"], &["--batch", "--past"]),
        (&["fit", "llama-2-7b", "--on", "h100", "--batch", "0"], &["--batch"]),
        (&["fit", "llama-2-7b", "--on", "h100", "--headroom", "100%"], &["--headroom", "`100%`", "less than 100%"]),
        (&["fit", "llama-2-7b", "--on", "h100", "--headroom", "-1%"], &["--headroom", "`-1%`"]),
        (&["fit", "llama-2-7b", "--on", "h100", "--headroom", "10"], &["--headroom", "`10`", "as in 2GB"]),
        (&["fit", "llama-2-7b", "--on", "h100", "--headroom", "80GB"], &["headroom", "less than the device's memory"]),
        (&["fit", "llama-2-7b", "--on", "h100", "--past", "18446744073709551615"], &["--past", "expected less"]),
        (&["fit", "llama-2-7b", "--on", "h100", "--set", "y=int8"], &["--set", "`y`"]),
    ] {
        let output = run(args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(said.iter().all(|part| stderr.contains(part)), "{args:?}: {stderr}");
    }
}
