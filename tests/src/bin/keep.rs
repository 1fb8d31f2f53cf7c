//! What a decode step of every built-in model costs, a report a line: what `cost diff` compares later versions with.
//!
//! With each release: `cargo run --release -p cost-tests --bin keep > tests/kept/release.jsonl`.

use cost_core::Options;
use cost_models::report::report;
use cost_models::{Workload, catalogue};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for entry in catalogue::ENTRIES {
        let model = entry.model()?;
        let step = if model.is_encoder() { Workload::prefill(1, 128) } else { Workload::decode(1, 1024) };
        let mut report = report(&model, &step, &Options::default(), &[])?;
        report.notes.clear();
        println!("{}", serde_json::to_string(&report)?);
    }
    Ok(())
}
