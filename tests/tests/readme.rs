//! What the README shows is what comes out.

use std::process::Command;

use cost_models::catalogue;
use cost_models::families::latent::MlaBlock;

const README: &str = include_str!("../../README.md");
const EXAMPLES: [(&str, &str, &str); 3] = [
    ("feed_forward", include_str!("../examples/feed_forward.rs"), env!("CARGO_BIN_EXE_feed_forward")),
    ("scheduler", include_str!("../examples/scheduler.rs"), env!("CARGO_BIN_EXE_scheduler")),
    ("own_attention", include_str!("../examples/own_attention.rs"), env!("CARGO_BIN_EXE_own_attention")),
];

#[test]
fn the_examples_are_those_that_are_compiled() {
    for (name, code, _) in EXAMPLES {
        let (_, code) = code.split_once("\n\n").expect("a header, then the example");
        assert!(README.contains(code), "README.md and tests/examples/{name}.rs differ");
    }
}

#[test]
fn the_examples_print_what_the_readme_says() {
    for (name, _, program) in EXAMPLES {
        let printed = Command::new(program).output().expect("it runs");
        let printed = String::from_utf8(printed.stdout).expect("text");
        assert!(!printed.is_empty() && README.contains(&format!("```text\n{printed}```")), "{name} prints\n{printed}");
    }
}

/// Another architecture takes over the sizes that it has axes for; the others must be given.
#[test]
fn another_architecture_needs_all_its_sizes() {
    let llama = catalogue::find("llama-3.1-8b").expect("it is built in");
    let own: [(&str, u64); 2] = [("r", 1536), ("rank", 7)];
    for (own, said) in
        [(&own[..0], "r: found nothing, expected a size"), (&own[..], "rank: found 7, expected an axis of")]
    {
        let error = llama.rebuilt::<MlaBlock>("own", own).expect_err("sizes are missing").to_string();
        assert!(error.contains(said), "{error}");
    }
}
