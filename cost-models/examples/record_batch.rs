//! A million steps as an Arrow record batch, and what they cost: what an engine that moves batches does for each of its own.
//!
//! `cargo run --release -p cost-models --features arrow --example record_batch`

use std::sync::Arc;
use std::time::Instant;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use cost_models::sweep::{Column, Known, with_costs};

const ROWS: u32 = 1_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let steps = steps()?;
    let columns = [Column::Flops, Column::WeightsRead, Column::CacheRead, Column::LowerBoundS, Column::Bound];
    // Keeps the compiled plans: there is one for the whole program, and threads share it.
    let known = Known::default();
    let compiled = with_costs(&steps.slice(0, 1000), &columns, &known)?;
    println!("{}", compiled.schema());

    let started = Instant::now();
    let costs = with_costs(&steps, &columns, &known)?;
    let took = started.elapsed();
    println!(
        "{} rows in {:.0} ms, {:.0} ns a row",
        costs.num_rows(),
        took.as_secs_f64() * 1e3,
        took.as_nanos() as f64 / f64::from(ROWS)
    );

    let seconds = costs.column_by_name("lower_bound_s").ok_or("it was asked for")?.as_primitive::<Float64Type>();
    let slowest =
        (0..costs.num_rows()).max_by(|a, b| seconds.value(*a).total_cmp(&seconds.value(*b))).ok_or("no rows")?;
    let name = |column| costs.column_by_name(column).map(|it| it.as_string::<i32>().value(slowest)).unwrap_or_default();
    let at_least = seconds.value(slowest) * 1e3;
    println!("the slowest step: row {slowest}, {} on {}, at least {at_least:.1} ms", name("model"), name("hardware"));
    Ok(())
}

/// Decode steps of four models on three devices, in no order.
fn steps() -> Result<RecordBatch, arrow_schema::ArrowError> {
    let of = |names: &[&'static str], every: u32| -> ArrayRef {
        let count = u32::try_from(names.len()).unwrap_or(1);
        let name = |row: u32| names[(row / every % count) as usize];
        Arc::new(StringArray::from_iter_values((0..ROWS).map(name)))
    };
    let sizes = |size: fn(u32) -> u32| -> ArrayRef { Arc::new(UInt32Array::from_iter_values((0..ROWS).map(size))) };
    RecordBatch::try_from_iter([
        ("model", of(&["llama-3.1-8b", "llama-3.1-70b", "mixtral-8x7b", "deepseek-v3"], 1)),
        ("hardware", of(&["h100", "h200", "a100"], 4)),
        ("batch", sizes(|row| 1 + row.wrapping_mul(2_654_435_761) % 256)),
        ("past", sizes(|row| row.wrapping_mul(40_503) % 32_768)),
    ])
}
