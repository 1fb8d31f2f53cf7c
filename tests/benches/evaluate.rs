//! Evaluating Llama-2-7B: from a parsed model to its kernel table, its totals, its report; reading its config.

use cost_core::Options;
use cost_core::cost::totals;
use cost_core::hardware::{self, Hardware};
use cost_core::plan::{Column, Count};
use cost_models::report::report;
use cost_models::{Model, Steps, Workload, catalogue};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn model() -> Model {
    catalogue::find("llama-2-7b").expect("it is in the catalogue")
}

#[divan::bench]
fn per_kernel_table(bencher: Bencher<'_, '_>) {
    let (model, options) = (model(), Options::default());
    bencher.bench(|| model.kernels(black_box(&Workload::decode(1, 4095)), &options));
}

#[divan::bench]
fn totals_of_a_step(bencher: Bencher<'_, '_>) {
    let (model, options) = (model(), Options::default());
    bencher.bench(|| totals(&model.kernels(black_box(&Workload::decode(1, 4095)), &options)?));
}

#[divan::bench]
fn formulas(bencher: Bencher<'_, '_>) {
    let (model, options) = (model(), Options::default());
    bencher.bench(|| black_box(&model).formulas(cost_models::Phase::Decode, &options));
}

#[divan::bench]
fn whole_report_on_one_device(bencher: Bencher<'_, '_>) {
    let (model, options) = (model(), Options::default());
    let devices = [hardware::find("h100").expect("it is in the table")];
    bencher.bench(|| report(&model, black_box(&Workload::decode(1, 4095)), &options, &devices));
}

#[divan::bench]
fn reading_a_config(bencher: Bencher<'_, '_>) {
    let entry = catalogue::ENTRIES.iter().find(|entry| entry.name == "llama-2-7b").expect("it is in the catalogue");
    bencher.bench(|| Model::from_config(entry.name, black_box(entry.config)));
}

#[divan::bench(args = ["llama-2-7b", "llama-3-70b", "mistral-7b-v0.1"])]
fn compiling_a_plan(bencher: Bencher<'_, '_>, name: &str) {
    let (model, options) = (catalogue::find(name).expect("it is in the catalogue"), Options::default());
    bencher.bench(|| black_box(&model).plan(&Steps::decode(), &options).map(|plan| plan.table::<u128>()));
}

#[divan::bench]
fn planned_table(bencher: Bencher<'_, '_>) {
    let plan = catalogue::find("llama-3-70b").unwrap().plan(&Steps::decode(), &Options::default()).unwrap();
    let mut table = plan.table::<u128>();
    bencher.bench_local(|| table.at(black_box(&[32, 4096])).map(<[_]>::len));
}

#[divan::bench]
fn planned_totals(bencher: Bencher<'_, '_>) {
    let plan = catalogue::find("llama-3-70b").unwrap().plan(&Steps::decode(), &Options::default()).unwrap();
    let mut summary = plan.summary::<u128>();
    bencher.bench_local(|| summary.at(black_box(&[32, 4096])));
}

#[divan::bench]
fn planned_totals_f64(bencher: Bencher<'_, '_>) {
    let plan = catalogue::find("llama-3-70b").unwrap().plan(&Steps::decode(), &Options::default()).unwrap();
    let mut summary = plan.summary::<f64>();
    bencher.bench_local(|| summary.at(black_box(&[32.0, 4096.0])));
}

fn wanted(device: &Hardware) -> [Column<'_>; 8] {
    [
        Column::Count(Count::Matmul),
        Column::Count(Count::Vector),
        Column::Count(Count::Weights),
        Column::Count(Count::ActsRead),
        Column::Count(Count::ActsWritten),
        Column::Count(Count::CacheRead),
        Column::Count(Count::CacheWritten),
        Column::LowerBound(device),
    ]
}

#[divan::bench(args = ["llama-3-70b"])]
fn columns_scalar(bencher: Bencher<'_, '_>, name: &str) {
    let plan = catalogue::find(name).unwrap().plan(&Steps::decode(), &Options::default()).unwrap();
    let device = hardware::find("h100").unwrap();
    let mut columns = plan.columns(&wanted(&device)).unwrap();
    let mut out = [0.0; 8];
    bencher.bench_local(|| columns.at(black_box(&[32.0, 4096.0]), black_box(&mut out)));
}

const ROWS: usize = 4096;

#[divan::bench(args = ["llama-3-70b"], sample_count = 1000)]
fn columns_batched(bencher: Bencher<'_, '_>, name: &str) {
    let plan = catalogue::find(name).unwrap().plan(&Steps::decode(), &Options::default()).unwrap();
    let device = hardware::find("h100").unwrap();
    let columns = plan.columns(&wanted(&device)).unwrap();
    let batch: Vec<f64> = (0..ROWS).map(|i| (i % 64 + 1) as f64).collect();
    let past: Vec<f64> = (0..ROWS).map(|i| (i * 7) as f64).collect();
    let mut out = vec![vec![0.0; ROWS]; 8];
    let mut out: Vec<&mut [f64]> = out.iter_mut().map(|it| &mut it[..]).collect();
    bencher
        .counter(divan::counter::ItemsCount::new(ROWS))
        .bench_local(|| columns.fill(black_box(&[&batch, &past]), black_box(&mut out)));
}

fn mixture() -> Model {
    catalogue::find("deepseek-v3").expect("it is in the catalogue")
}

#[divan::bench]
fn mixture_compiling(bencher: Bencher<'_, '_>) {
    let (model, options) = (mixture(), Options::default());
    bencher.bench(|| black_box(&model).plan(&Steps::decode(), &options).map(|plan| plan.table::<u128>()));
}
#[divan::bench]
fn mixture_kernels(bencher: Bencher<'_, '_>) {
    let (model, options) = (mixture(), Options::default());
    bencher.bench(|| black_box(&model).kernels(&Workload::decode(1, 4096), &options));
}
#[divan::bench]
fn mixture_only_plan(bencher: Bencher<'_, '_>) {
    let (model, options) = (mixture(), Options::default());
    bencher.bench(|| black_box(&model).plan(&Steps::decode(), &options));
}

#[divan::bench(args = [1, 20, 400])]
fn mixture_table(bencher: Bencher<'_, '_>, batch: u64) {
    let mut table = mixture().plan(&Steps::decode(), &Options::default()).unwrap().table::<u128>();
    bencher.bench_local(|| table.at(black_box(&[batch, 4096])).map(<[_]>::len));
}
