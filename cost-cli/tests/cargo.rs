//! `cargo cost` in a project of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

fn cost(folder: &Path, args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-cost")).args(args).current_dir(folder).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn operators_of_a_project_are_found_by_name() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cargo-cost");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src/layers")).unwrap();
    let manifest = "[package]\nname = \"mycrate\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), "//! Layers.\nmod layers;\n").unwrap();
    let half = "use cost_models::cost;\n\n#[cost]\npub fn Half<b, d>(x: Act<b, d>) -> Act<b, d> { x * 0.5 }\n";
    fs::write(folder.join("src/layers/mod.rs"), half).unwrap();
    // Modules that name each other, and one that is wrong.
    fs::write(folder.join("src/lib.rs"), "//! Layers.\nmod layers;\nmod ops;\n#[cfg(test)]\nmod tests;\n").unwrap();
    let twice = "//! Operators.\nuse cost_models::cost;\n\n#[cost]\npub fn Twice<b, d>(x: Act<b, d>) -> Act<b, d> { x + x }\n// The end.";
    fs::write(folder.join("src/ops.rs"), twice).unwrap();
    fs::write(folder.join("src/tests.rs"), "#[cost]\nfn Wrong<b>(x: Act<c>) -> Act<b> { x }\n").unwrap();
    let block = "use crate::ops::Twice;\nuse super::Half;\nuse cost_models::cost;\n\n#[cost]\npub fn Block<b, d>(x: Act<b, d>) -> Act<b, d> {\n    \
                 let y = Twice { b, d }(x);\n    Half { b, d }(y)\n}\n";
    fs::write(folder.join("src/layers/block.rs"), block).unwrap();
    fs::write(folder.join("src/layers/mod.rs"), format!("pub mod block;\n{half}")).unwrap();
    for (args, status, says) in [
        (&["cost", "report", "-p", "mycrate", "Block", "--at", "b=2,d=3"][..], 0, "half.block  1"),
        (&["cost", "formula", "Block"], 0, "FLOPs\n  2·b·d\n"),
        (&["cost", "formula", "src/lib.rs::layers::block::Block"], 0, "FLOPs\n  2·b·d\n"),
    ] {
        let (code, said) = cost(&folder, args);
        assert!(code == status && said.contains(says), "{args:?}: {says}\n{said}");
    }
    fs::write(folder.join("src/layers/block.rs"), block.replace("Twice { b, d }", "Twice { b, e }")).unwrap();
    let (code, said) = cost(&folder, &["cost", "formula", "Block"]);
    assert!(
        code == 2 && said.contains("src/layers/block.rs:7:") && said.contains("let y = Twice { b, e }(x);"),
        "{said}"
    );
    fs::write(folder.join("src/lib.rs"), "//! Layers.\nmod layers;\n").unwrap();
    fs::write(folder.join("src/layers/mod.rs"), half).unwrap();
    for (args, status, says) in [
        (&["cost", "formula", "-p", "mycrate", "Half"][..], 0, "FLOPs\n  b·d\n"),
        (&["cost", "report", "-p", "mycrate", "Half", "--at", "b=2,d=3"], 0, "FLOPs       6,"),
        (&["cost", "formula", "Half"], 0, "FLOPs\n  b·d\n"),
        (&["cost", "formula", "Linear"], 0, "Linear over the axes b, s, d, f"),
        (&["cost", "formula", "-p", "mycrat", "Half"], 2, "-p: found `mycrat` (did you mean `mycrate`?)"),
        (&["cost", "formula", "-p", "mycrate", "Hlaf"], 2, "mycrate: found no operator `Hlaf`; did you mean `Half`?"),
        (&["cost", "formula", "-p"], 2, "-p: found nothing, expected a package"),
    ] {
        let (code, said) = cost(&folder, args);
        assert!(code == status && said.contains(says), "{args:?}: {says}\n{said}");
    }
}
