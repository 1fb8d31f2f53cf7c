//! The fuzzing program finds what is wrong, and says where the input lies.

use std::process::{Command, Output};

fn fuzz(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fuzz")).args(args).output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn harm_is_found() {
    let output = fuzz(&["harm", "--seconds", "120", "--cases", "14", "--seed", "1"]);
    let printed = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    for said in [
        "panic tests/src/fuzz/harm.rs:16:16: harm",
        "attempt to add with overflow",
        "MB resident",
        "s of CPU",
        "abort signal: 6",
        "       14 inputs",
        "in 5 places",
    ] {
        assert!(printed.contains(said), "no {said:?} in {printed}");
    }
    for file in printed.lines().filter_map(|line| line.strip_prefix("    ")) {
        assert_eq!(std::fs::read(file).unwrap().len(), 1, "{file}");
    }
}

#[test]
fn what_is_asked_for_must_be_there() {
    for (args, said) in [
        (&[][..], "expected TARGET --seconds N --seed S [--cases N], TARGET all or one of config"),
        (&["nothing"], "expected TARGET"),
        (&["range", "--seed", "x"], "--seed: found x, expected a whole number"),
        (&["range", "--what", "1"], "expected TARGET"),
    ] {
        let output = fuzz(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(said), "{args:?}: {stderr}");
    }
}

#[test]
fn the_same_seed_gives_the_same() {
    let once = || {
        let output = fuzz(&["range", "--seconds", "60", "--cases", "300", "--seed", "3"]);
        let printed = printed(&output);
        printed.split(',').take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(once(), once());
}
