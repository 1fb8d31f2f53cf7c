//! Sweeps into files that nobody keeps, with all columns; and the Parquet crate's own writer, given the same rows.

use std::io::{Cursor, sink};

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use arrow_schema::DataType;
use cost_core::hardware;
use cost_models::sweep::{Axis, FileFormat, Grid, Setting, Sweep, Watch, write};
use cost_models::{Logits, Phase, catalogue};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

fn main() {
    divan::main();
}

/// A million steps of one model on one device.
fn steps() -> Sweep {
    let model = catalogue::find("llama-3-70b").expect("it is in the catalogue");
    let setting = Setting::new(model, cost_core::Options::default()).expect("it decodes");
    let axis = |text: &str| text.parse::<Axis>().expect("an axis");
    let grid = Grid {
        phase: Phase::Decode,
        logits: Logits::Last,
        batch: axis("1..=256"),
        tokens: axis("1"),
        past: axis("0..131072:32"),
    };
    Sweep::new(vec![setting], vec![hardware::find("h100").expect("it is in the table")], grid)
        .expect("it can be counted")
}

#[divan::bench(args = ["csv", "jsonl", "arrow", "parquet"], sample_count = 5)]
fn sweep(bencher: Bencher<'_, '_>, format: &str) {
    let (steps, format) = (steps(), FileFormat::named(format).expect("it is built in"));
    bencher
        .counter(ItemsCount::new(steps.rows()))
        .bench_local(|| write(black_box(&steps), &steps.columns(), None, format, &mut sink(), Watch::NOBODY));
}

/// On one thread, with the properties that sweeps are written with.
#[divan::bench(sample_count = 5)]
fn parquet_writer_alone(bencher: Bencher<'_, '_>) {
    let (steps, mut file) = (steps(), Vec::new());
    write(&steps, &steps.columns(), None, FileFormat::Arrow, &mut file, Watch::NOBODY).expect("it fits in memory");
    let batches = FileReader::try_new(Cursor::new(file), None).expect("a file");
    let batches: Vec<RecordBatch> = batches.collect::<Result<_, _>>().expect("batches");
    let mut properties = WriterProperties::builder().set_statistics_enabled(EnabledStatistics::Chunk);
    for field in batches[0].schema().fields().iter().filter(|field| *field.data_type() == DataType::Float64) {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(field.name().as_str()), false);
    }
    let properties = properties.build();
    bencher.counter(ItemsCount::new(steps.rows())).bench_local(|| {
        let mut writer = ArrowWriter::try_new(sink(), batches[0].schema(), Some(properties.clone())).expect("a writer");
        for batch in &batches {
            writer.write(batch).expect("a batch");
        }
        writer.close()
    });
}
