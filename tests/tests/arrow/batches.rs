//! Record batches: the costs that sweeps of one step give, to the bit.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::{Int8Type, Int32Type, UInt16Type};
use arrow_array::{
    ArrayRef, DictionaryArray, Float32Array, Int8Array, Int16Array, Int32Array, Int64Array, LargeStringArray,
    RecordBatch, StringArray, StringViewArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use cost_core::cost::Formats;
use cost_core::hardware::{self, Hardware};
use cost_core::{Options, plan};
use cost_models::sweep::{Axis, Column, Grid, Known, Order, Query, Setting, Sweep, Watch, top, with_costs};
use cost_models::{Logits, Model, Phase, Steps, catalogue};
use proptest::prelude::*;

use super::setup::{Cell, cells, column_cells, number};

/// A step, as a row says it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Step {
    model: &'static str,
    hardware: &'static str,
    phase: Phase,
    /// Of weights, activations and caches.
    formats: [Option<&'static str>; 3],
    batch: u64,
    tokens: u64,
    past: u64,
}

fn step() -> impl Strategy<Value = Step> {
    let of = prop::sample::select::<Option<&'static str>>;
    let formats = (
        of(vec![None, None, Some("fp8"), Some("int4:g128:f16")]),
        of(vec![None, Some("f16"), Some("f32")]),
        of(vec![None, None, Some("int8")]),
    );
    (
        prop::sample::select(vec![
            "llama-3.2-1b",
            "qwen3-30b-a3b",
            "deepseek-v2-lite",
            "qwen3-next-80b-a3b",
            "mamba2-2.7b",
        ]),
        prop::sample::select(vec!["h100", "l4", "mi300x"]),
        prop::bool::ANY,
        formats,
        1..=127_u64,
        prop_oneof![Just(1), 1..=30_000_u64],
        prop_oneof![Just(0), 0..=200_000_u64],
    )
        .prop_map(|(model, hardware, decode, (weights, acts, cache), batch, tokens, past)| {
            let phase = if decode { Phase::Decode } else { Phase::Prefill };
            Step { model, hardware, phase, formats: [weights, acts, cache], batch, tokens, past }
        })
}

/// Every column that isn't among those of steps.
fn wanted() -> Vec<Column> {
    let given = ["model", "hardware", "phase", "weights", "acts", "cache", "batch", "tokens", "past"];
    Column::ALL.iter().copied().filter(|column| !given.contains(&column.name())).collect()
}

fn model(name: &str) -> Model {
    catalogue::find(name).unwrap()
}

/// What a sweep of that step gives, in which any batch is possible, more tokens than one in decode, and any past.
fn alone(step: &Step, model: Model, device: Hardware, columns: &[Column]) -> Vec<Cell> {
    let [weights, acts, cache] = step.formats.map(|format| format.map(|text| text.parse().unwrap()));
    let formats = Formats { weights, acts, cache, ..Formats::default() };
    let setting = Setting::new(model, Options { formats, ..Options::default() }).unwrap();
    // One of two sizes is one that can vary.
    let any = |size: u64| format!("{size},{}", size + 1).parse().unwrap();
    let one = |size: u64, alone: bool| if alone { Axis::one(size) } else { any(size) };
    let batch = any(step.batch);
    let tokens = one(step.tokens, step.phase == Phase::Decode && step.tokens == 1);
    let past = one(step.past, step.phase == Phase::Prefill && step.past == 0);
    let grid = Grid { phase: step.phase, logits: Logits::Last, batch, tokens, past };
    let sweep = Sweep::new(vec![setting], vec![device], grid).unwrap();
    let here = format!("batch == {} && tokens == {} && past == {}", step.batch, step.tokens, step.past);
    let here = Query::condition(&here).unwrap();
    let rows = top(&sweep, 1, &Order::parse("batch").unwrap(), Some(&here), columns, Watch::NOBODY).unwrap();
    cells(&rows).remove(0)
}

/// Names as an array of one of the types of text.
fn texts(names: &[Option<&str>], kind: usize) -> ArrayRef {
    let names = names.iter().copied();
    match kind % 6 {
        0 => Arc::new(names.collect::<StringArray>()),
        1 => Arc::new(names.collect::<LargeStringArray>()),
        2 => Arc::new(names.collect::<StringViewArray>()),
        3 => Arc::new(names.collect::<DictionaryArray<Int8Type>>()),
        4 => {
            // A dictionary of large texts that has null among its values, and one that no row has.
            let all: Vec<Option<&str>> = [None, Some("unused")].into_iter().chain(names.clone()).collect();
            let place = |name: Option<&str>| all.iter().position(|it| *it == name).map(|at| u16::try_from(at).unwrap());
            let keys: UInt16Array = names.map(place).collect();
            Arc::new(
                DictionaryArray::<UInt16Type>::try_new(
                    keys,
                    Arc::new(all.iter().copied().collect::<LargeStringArray>()),
                )
                .unwrap(),
            )
        }
        _ => Arc::new(names.collect::<DictionaryArray<Int32Type>>()),
    }
}

/// Sizes as an array of one of the types of integers that have at least so many bits.
fn sizes(sizes: &[u64], least: u32, kind: usize) -> ArrayRef {
    macro_rules! all {
        ($($bits:literal $array:ident,)*) => {{
            let all: Vec<(u32, fn(&[u64]) -> ArrayRef)> = vec![$(($bits, |sizes| {
                Arc::new($array::from_iter_values(sizes.iter().map(|size| (*size).try_into().unwrap())))
            }),)*];
            all
        }};
    }
    let all = all! {
        8 Int8Array, 8 UInt8Array, 16 Int16Array, 16 UInt16Array, 32 Int32Array, 32 UInt32Array, 64 Int64Array,
        64 UInt64Array,
    };
    let fitting: Vec<_> = all.into_iter().filter(|(bits, _)| *bits >= least).collect();
    fitting[kind % fitting.len()].1(sizes)
}

/// Steps as a batch with columns of the types that a number says, in an order that it says, and a column of its own.
fn batch(steps: &[Step], kind: usize) -> RecordBatch {
    let text = |name: &dyn Fn(&Step) -> Option<&'static str>, turn: usize| {
        texts(&steps.iter().map(name).collect::<Vec<_>>(), kind / 7 + turn)
    };
    let size = |size: fn(&Step) -> u64, least, turn: usize| {
        sizes(&steps.iter().map(size).collect::<Vec<_>>(), least, kind / 11 + turn)
    };
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("model", text(&|step| Some(step.model), 0)),
        ("hardware", text(&|step| Some(step.hardware), 1)),
        ("phase", text(&|step| Some(step.phase.name()), 2)),
        ("weights", text(&|step| step.formats[0], 3)),
        ("acts", text(&|step| step.formats[1], 4)),
        ("cache", text(&|step| step.formats[2], 5)),
        ("batch", size(|step| step.batch, 8, 0)),
        ("tokens", size(|step| step.tokens, 16, 1)),
        ("past", size(|step| step.past, 32, 2)),
        (
            "weight of its own",
            Arc::new((0_u16..).take(steps.len()).map(|row| Some(f32::from(row))).collect::<Float32Array>()),
        ),
    ];
    let count = columns.len();
    columns.rotate_left(kind % count);
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

/// Whether a batch comes back as it was, with the costs of these steps.
fn check(steps: &[Step], found: &RecordBatch, given: &RecordBatch, columns: &[Column]) {
    let own = given.num_columns();
    assert_eq!(found.columns()[..own], *given.columns());
    assert!(found.schema().fields()[..own].iter().eq(given.schema().fields()));
    let names: Vec<String> = found.schema().fields()[own..].iter().map(|field| field.name().clone()).collect();
    assert!(names.iter().eq(columns.iter().map(|column| column.name())));
    let cells: Vec<Vec<Cell>> = found.columns()[own..].iter().map(|array| column_cells(array)).collect();
    let mut known: HashMap<&Step, Vec<Cell>> = HashMap::new();
    for (row, step) in steps.iter().enumerate() {
        let device = || hardware::find(step.hardware).unwrap();
        let expected = known.entry(step).or_insert_with(|| alone(step, model(step.model), device(), columns));
        for ((column, cells), expected) in columns.iter().zip(&cells).zip(expected) {
            assert_eq!(cells[row], *expected, "row {row}, {column:?} of {step:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn costs_are_those_of_single_steps(steps in prop::collection::vec(step(), 1..24), kind in 0..5000_usize, from in 0..8_usize) {
        let columns = wanted();
        let given = batch(&steps, kind);
        let known = Known::default();
        check(&steps, &with_costs(&given, &columns, &known).unwrap(), &given, &columns);
        // A part of it, whose arrays begin somewhere in the middle, and what is compiled already.
        let from = from.min(steps.len() - 1);
        let part = given.slice(from, steps.len() - from);
        check(&steps[from..], &with_costs(&part, &columns, &known).unwrap(), &part, &columns);
    }
}

/// So many rows of a few dozen steps, in no order.
fn many(rows: usize) -> Vec<Step> {
    let models = ["llama-3.2-1b", "qwen3-30b-a3b", "deepseek-v2-lite"];
    let at = |row: usize| {
        let mixed = row.wrapping_mul(2_654_435_761) >> 7;
        Step {
            model: models[mixed % 3],
            hardware: ["h100", "l4"][mixed / 3 % 2],
            phase: [Phase::Decode, Phase::Prefill][mixed / 6 % 2],
            formats: [[None, Some("fp8")][mixed / 12 % 2], None, [Some("int8"), None][mixed / 24 % 2]],
            batch: 1 + mixed as u64 / 48 % 2,
            tokens: 1 + mixed as u64 / 96 % 2 * 100,
            past: mixed as u64 / 192 % 2 * 5000,
        }
    };
    (0..rows).map(at).collect()
}

/// Batches are worked through in parts, and threads share what is compiled.
#[test]
fn long_batches_and_threads_that_share() {
    let steps = many(40_000);
    let given = batch(&steps, 0);
    let columns = wanted();
    let known = Known::default();
    let whole = with_costs(&given, &columns, &known).unwrap();
    check(&steps, &whole, &given, &columns);
    let shared = Known::default();
    let parts: Vec<RecordBatch> = std::thread::scope(|scope| {
        let (given, columns, shared) = (&given, &columns, &shared);
        let part =
            |i: usize| scope.spawn(move || with_costs(&given.slice(i * 10_000, 10_000), columns, shared).unwrap());
        let threads: Vec<_> = (0..4).map(part).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let last = |batch: &RecordBatch| {
        let all = batch.columns()[given.num_columns()..].iter().map(|array| column_cells(array));
        all.collect::<Vec<_>>()
    };
    let whole = last(&whole);
    for (i, part) in parts.iter().enumerate() {
        for (whole, part) in whole.iter().zip(last(part)) {
            assert_eq!(whole[i * 10_000..(i + 1) * 10_000], part);
        }
    }
}

#[test]
fn empty_batches_get_the_columns() {
    let given = batch(&many(5), 1).slice(2, 0);
    let columns = wanted();
    check(&[], &with_costs(&given, &columns, &Known::default()).unwrap(), &given, &columns);
    assert_eq!(with_costs(&given, &[], &Known::default()).unwrap(), given);
}

/// What a batch doesn't say is what the table of its columns says, and can be asked for.
#[test]
fn what_is_not_said_can_be_asked_for() {
    let decode = RecordBatch::try_from_iter([
        ("model", texts(&[Some("LLAMA-2-7B"); 2], 0)),
        ("batch", sizes(&[3, 4], 8, 0)),
        ("past", sizes(&[100, 200], 16, 0)),
    ]);
    let columns = [Column::Phase, Column::Weights, Column::Acts, Column::Cache, Column::Tokens, Column::Flops];
    let found = with_costs(&decode.unwrap(), &columns, &Known::default()).unwrap();
    let text = |text: &str| Cell::Text(text.to_owned());
    let plan = model("llama-2-7b").plan(&Steps::decode(), &Options::default()).unwrap();
    let flops = plan.columns(&[plan::Column::Count(plan::Count::Flops)]).unwrap();
    for (row, at) in [[3.0, 100.0], [4.0, 200.0]].iter().enumerate() {
        let mut out = [[0.0]];
        let [out_flops] = &mut out;
        flops.fill(&[&at[..1], &at[1..]], &mut [out_flops]).unwrap();
        let expected = [text("decode"), text("f16"), text("bf16"), text("bf16"), Cell::Whole(1), number(out[0][0])];
        let cells: Vec<Cell> = found.columns()[3..].iter().map(|array| column_cells(array)[row].clone()).collect();
        assert_eq!(cells, expected);
    }
    let prefill = RecordBatch::try_from_iter([
        ("model", texts(&[Some("llama-2-7b")], 0)),
        ("phase", texts(&[Some("prefill")], 3)),
        ("batch", sizes(&[3], 8, 0)),
        ("tokens", sizes(&[100], 16, 0)),
    ]);
    let found = with_costs(&prefill.unwrap(), &[Column::Past], &Known::default()).unwrap();
    assert_eq!(column_cells(found.column(4)), [Cell::Whole(0)]);
}

/// A model and a device of one's own, also under a name that is taken.
#[test]
fn own_models_and_devices_are_found_first() {
    let config = |layers: usize| {
        format!(
            r#"{{"model_type": "llama", "hidden_size": 512, "intermediate_size": 1024, "hidden_act": "silu",
                "num_attention_heads": 8, "num_key_value_heads": 2, "num_hidden_layers": {layers}, "vocab_size": 1000}}"#
        )
    };
    let own = |name: &str, layers| Model::from_config(name, &config(layers)).unwrap();
    let chip = |id: &str| {
        let text = format!("[[device]]\nid = \"{id}\"\nbf16_tflops = 7\nbandwidth_gb_s = 3\nmemory_gb = 2\n");
        hardware::parse(&text).unwrap().remove(0)
    };
    let known = Known::default().with_model(own("mine", 3)).with_model(own("gpt2", 5));
    let known = known.with_device(chip("chip")).with_device(chip("h100"));
    let given = RecordBatch::try_from_iter([
        ("model", texts(&["mine", "gpt2", "llama-2-7b", "mine"].map(Some), 0)),
        ("hardware", texts(&["chip", "h100", "chip", "l4"].map(Some), 0)),
        ("batch", sizes(&[1, 2, 3, 4], 8, 0)),
        ("past", sizes(&[10, 20, 30, 40], 8, 0)),
    ])
    .unwrap();
    let columns = [Column::Flops, Column::MemoryBytes, Column::Fits, Column::LowerBoundS, Column::Bound];
    let found = with_costs(&given, &columns, &known).unwrap();
    for (row, (model, device)) in [
        (own("mine", 3), chip("chip")),
        (own("gpt2", 5), chip("h100")),
        (model("llama-2-7b"), chip("chip")),
        (own("mine", 3), hardware::find("l4").unwrap()),
    ]
    .into_iter()
    .enumerate()
    {
        let (batch, past) = (1 + row as u64, 10 * (1 + row as u64));
        let step = Step { model: "", hardware: "", phase: Phase::Decode, formats: [None; 3], batch, tokens: 1, past };
        let cells: Vec<Cell> = found.columns()[4..].iter().map(|array| column_cells(array)[row].clone()).collect();
        assert_eq!(cells, alone(&step, model, device, &columns), "row {row}");
    }
}
