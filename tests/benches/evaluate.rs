//! Evaluating models: compiled plans at a point and by columns, the derivation itself, reports, configs.

use cost_core::cost::totals;
use cost_core::hardware::{self, Hardware};
use cost_core::plan::{Column, Columns, Count};
use cost_core::{Options, Plan};
use cost_models::report::report;
use cost_models::{Model, Steps, Workload, catalogue};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

/// A dense model and a mixture of experts with latent attention.
const MODELS: [&str; 2] = ["llama-3-70b", "deepseek-v3"];

fn main() {
    divan::main();
}

fn model(name: &str) -> Model {
    catalogue::find(name).expect("it is in the catalogue")
}

fn plan(name: &str) -> Plan {
    model(name).plan(&Steps::decode(), &Options::default()).expect("it decodes")
}

fn device() -> Hardware {
    hardware::find("h100").expect("it is in the table")
}

/// FLOPs, bytes by role, and the least time on a device.
fn columns(name: &str) -> Columns {
    let device = device();
    let counts = [Count::Matmul, Count::Vector].into_iter().chain(Count::TRAFFIC);
    let wanted: Vec<_> = counts.map(Column::Count).chain([Column::LowerBound(&device)]).collect();
    plan(name).columns(&wanted).expect("it fits")
}

/// Totals by class and role with three times.
#[divan::bench(args = MODELS)]
fn step_on_a_device(bencher: Bencher<'_, '_>, name: &str) {
    let mut step = plan(name).on(&device()).expect("it fits");
    bencher.bench_local(|| step.at(black_box(&[32.0, 4096.0])));
}

#[divan::bench(args = MODELS)]
fn totals_exact(bencher: Bencher<'_, '_>, name: &str) {
    let mut totals = plan(name).summary::<u128>();
    bencher.bench_local(|| totals.at(black_box(&[32, 4096])));
}

#[divan::bench(args = MODELS)]
fn totals_floating(bencher: Bencher<'_, '_>, name: &str) {
    let mut totals = plan(name).summary::<f64>();
    bencher.bench_local(|| totals.at(black_box(&[32.0, 4096.0])));
}

#[divan::bench(args = MODELS)]
fn kernel_table_exact(bencher: Bencher<'_, '_>, name: &str) {
    let mut table = plan(name).table::<u128>();
    bencher.bench_local(|| table.at(black_box(&[32, 4096])).map(<[_]>::len));
}

/// Rows of both batched benchmarks of columns: few enough for the cache, and many.
const ROWS: [usize; 2] = [1 << 12, 1 << 20];

struct Rows {
    batch: Vec<f64>,
    past: Vec<f64>,
    out: Vec<Vec<f64>>,
}

impl Rows {
    fn new(rows: usize) -> Self {
        let batch = (0..rows).map(|i| (i % 64 + 1) as f64).collect();
        let past = (0..rows).map(|i| (i * 7) as f64).collect();
        Self { batch, past, out: vec![vec![0.0; rows]; 8] }
    }
}

#[divan::bench(args = MODELS)]
fn columns_on_one_core(bencher: Bencher<'_, '_>, name: &str) {
    let (columns, Rows { batch, past, mut out }) = (columns(name), Rows::new(ROWS[0]));
    let mut out: Vec<&mut [f64]> = out.iter_mut().map(Vec::as_mut_slice).collect();
    bencher.counter(ItemsCount::new(ROWS[0])).bench_local(|| columns.fill(black_box(&[&batch, &past]), &mut out));
}

#[divan::bench(args = MODELS)]
fn columns_on_all_cores(bencher: Bencher<'_, '_>, name: &str) {
    let (columns, Rows { batch, past, mut out }) = (columns(name), Rows::new(ROWS[1]));
    let mut out: Vec<&mut [f64]> = out.iter_mut().map(Vec::as_mut_slice).collect();
    bencher
        .counter(ItemsCount::new(ROWS[1]))
        .bench_local(|| columns.fill_parallel(black_box(&[&batch, &past]), &mut out));
}

/// From a parsed config to what evaluates it.
#[divan::bench(args = MODELS)]
fn compiling(bencher: Bencher<'_, '_>, name: &str) {
    let (model, device) = (model(name), device());
    bencher.bench(|| model.plan(&Steps::decode(), &Options::default())?.on(black_box(&device)));
}

/// The same kernels without a plan.
#[divan::bench(args = MODELS)]
fn deriving_kernels(bencher: Bencher<'_, '_>, name: &str) {
    let model = model(name);
    bencher.bench(|| model.kernels(black_box(&Workload::decode(32, 4096)), &Options::default()));
}

#[divan::bench(args = MODELS)]
fn deriving_totals(bencher: Bencher<'_, '_>, name: &str) {
    let model = model(name);
    bencher.bench(|| totals(&model.kernels(black_box(&Workload::decode(32, 4096)), &Options::default())?));
}

#[divan::bench(args = MODELS)]
fn deriving_formulas(bencher: Bencher<'_, '_>, name: &str) {
    let model = model(name);
    bencher.bench(|| black_box(&model).formulas(cost_models::Phase::Decode, &Options::default()));
}

#[divan::bench(args = MODELS)]
fn report_on_a_device(bencher: Bencher<'_, '_>, name: &str) {
    let (model, devices) = (model(name), [device()]);
    bencher.bench(|| report(&model, black_box(&Workload::decode(32, 4096)), &Options::default(), &devices));
}

#[divan::bench(args = MODELS)]
fn reading_a_config(bencher: Bencher<'_, '_>, name: &str) {
    let entry = catalogue::ENTRIES.iter().find(|entry| entry.name == name).expect("it is in the catalogue");
    bencher.bench(|| Model::from_config(entry.name, black_box(entry.config)));
}
