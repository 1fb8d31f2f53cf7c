//! Evaluating Llama-2-7B: from a parsed model to its kernel table, its totals, its report; reading its config.

use cost_core::Options;
use cost_core::cost::totals;
use cost_core::hardware;
use cost_models::report::report;
use cost_models::{Model, Workload, catalogue};
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
