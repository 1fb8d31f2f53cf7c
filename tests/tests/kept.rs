//! Kernels of the built-in models' steps, as they were counted before their layers were put together at run time.

use std::fmt::Write as _;

use cost_core::Options;
use cost_models::report::report;
use cost_models::{Workload, catalogue};

/// Counts that a change of the rules moves are made anew here, and CHANGELOG.md says what moved and why.
const KEPT: &str = include_str!("../kept/kernels.csv");

#[test]
fn kernels_are_what_they_were() {
    let (head, kept) = KEPT.split_once('\n').unwrap();
    assert_eq!(head, "model,phase,kernel,repeat,flops,matmul,bytes");
    let mut names: Vec<&str> = kept.lines().map(|line| line.split(',').next().unwrap()).collect();
    names.dedup();
    assert_eq!(names.len(), 63);
    for name in names {
        let model = catalogue::find(name).unwrap();
        let mut found = String::new();
        for step in [Workload::prefill(1, 2048), Workload::decode(1, 4096)] {
            let report = report(&model, &step, &Options::default(), &[]).unwrap();
            for kernel in &report.kernels {
                let (phase, path, bytes) =
                    (report.of.phase, &kernel.path, serde_json::to_string(&kernel.bytes).unwrap());
                let _ = writeln!(
                    found,
                    "{name},{phase},{path},{},{},{},{bytes}",
                    kernel.repeat, kernel.flops, kernel.matmul
                );
            }
        }
        let of = |line: &&str| line.split(',').next() == Some(name);
        let expected: Vec<&str> = kept.split_inclusive('\n').filter(of).collect();
        let expected = expected.concat();
        assert_eq!(found, expected, "{name}");
    }
}
