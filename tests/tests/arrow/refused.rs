//! Record batches that are no steps: what is said of them, and of which row.

use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Float64Array, Int8Array, Int64Array, NullArray, RecordBatch, StringArray,
    UInt64Array,
};
use cost_core::hardware;
use cost_models::Model;
use cost_models::sweep::{Column, Known, with_costs};

/// Rows of each batch, more than are worked through at a time.
const ROWS: usize = 20_000;

/// Where something is wrong, in the second part.
const ROW: usize = 17_001;

fn names(name: &str, wrong: Option<&str>) -> ArrayRef {
    Arc::new((0..ROWS).map(|row| if row == ROW { wrong } else { Some(name) }).collect::<StringArray>())
}

fn sizes(size: i64, wrong: Option<i64>) -> ArrayRef {
    Arc::new((0..ROWS).map(|row| if row == ROW { wrong } else { Some(size) }).collect::<Int64Array>())
}

/// Decode steps that are right.
fn right() -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("model", names("llama-2-7b", Some("gpt2"))),
        ("hardware", names("h100", Some("l4"))),
        ("batch", sizes(8, Some(9))),
        ("past", sizes(100, Some(90))),
    ]
}

/// What is said of steps with this column replaced, added, or, if there is no array, without it.
fn said(column: &'static str, array: Option<ArrayRef>, wanted: &[Column]) -> String {
    let mut columns = right();
    columns.retain(|(name, _)| *name != column);
    columns.extend(array.map(|array| (column, array)));
    refused(columns, wanted)
}

fn refused(columns: Vec<(&'static str, ArrayRef)>, wanted: &[Column]) -> String {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    with_costs(&batch, wanted, &known()).unwrap_err().to_string()
}

/// With an encoder, and a device whose memory nothing is known about.
fn known() -> Known {
    let bert = r#"{"architectures": ["BertForMaskedLM"], "hidden_act": "gelu", "hidden_size": 768,
        "intermediate_size": 3072, "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "model_type": "bert",
        "num_attention_heads": 12, "num_hidden_layers": 12, "type_vocab_size": 2, "vocab_size": 30522}"#;
    let chip = hardware::parse("[[device]]\nid = \"chip\"\nbf16_tflops = 1\nbandwidth_gb_s = 1\n").unwrap().remove(0);
    Known::default().with_model(Model::from_config("bert", bert).unwrap()).with_device(chip)
}

#[test]
fn right_steps_are_taken() {
    let batch = RecordBatch::try_from_iter(right()).unwrap();
    assert_eq!(with_costs(&batch, &[Column::Fits], &known()).unwrap().num_rows(), ROWS);
}

#[test]
fn wrong_columns_are_named() {
    let (flops, time) = (&[Column::Flops][..], &[Column::Bytes, Column::LowerBoundS][..]);
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.0; ROWS]));
    let numbers: ArrayRef = Arc::new(UInt64Array::from(vec![1; ROWS]));
    let dictionary = |keys: Int8Array| -> ArrayRef {
        Arc::new(DictionaryArray::<Int8Type>::try_new(keys, Arc::new(Int64Array::from(vec![5]))).unwrap())
    };
    for (column, array, wanted, message) in [
        ("model", None, flops, "column `model`: the batch has no such column"),
        ("batch", None, flops, "column `batch`: the batch has no such column"),
        ("past", None, flops, "column `past`: the batch has no such column, which decode steps need"),
        ("hardware", None, time, "column `hardware`: the batch has no such column, which `lower_bound_s` needs"),
        (
            "phase",
            Some(names("prefill", Some("prefill"))),
            flops,
            "column `tokens`: the batch has no such column, which prefill steps need",
        ),
        ("model", Some(numbers.clone()), flops, "column `model`: found the type UInt64, expected text"),
        ("weights", Some(floats.clone()), flops, "column `weights`: found the type Float64, expected text"),
        (
            "cache",
            Some(dictionary(Int8Array::from(vec![0; ROWS]))),
            flops,
            "column `cache`: found the type Int64, expected text",
        ),
        ("batch", Some(floats.clone()), flops, "column `batch`: found the type Float64, expected integers"),
        ("tokens", Some(names("1", Some("2"))), flops, "column `tokens`: found the type Utf8, expected integers"),
        ("flops", Some(floats), flops, "column `flops`: the batch has it already"),
        ("past", Some(numbers), &[Column::Past], "column `past`: the batch has it already"),
    ] {
        assert_eq!(said(column, array, wanted), message);
    }
    assert_eq!(refused(right(), &[Column::Flops, Column::Bytes, Column::Flops]), "column `flops`: named twice");
}

#[test]
fn wrong_rows_are_named() {
    let none: ArrayRef = Arc::new(NullArray::new(ROWS));
    for (column, array, message) in [
        ("model", names("llama-2-7b", None), "column `model`: found null, expected a name"),
        ("hardware", names("l4", None), "column `hardware`: found null, expected a name"),
        ("phase", names("decode", None), "column `phase`: found null, expected a name"),
        (
            "phase",
            names("decode", Some("Decode")),
            "column `phase`: found \"Decode\", expected \"prefill\" or \"decode\"",
        ),
        (
            "model",
            names("llama-2-7b", Some("lama-2-7b")),
            "unknown model `lama-2-7b` (did you mean `llama-2-7b`?); expected a name that `cost models` lists, a config.json, a \
             directory that holds one, or a GGUF file",
        ),
        (
            "hardware",
            names("h100", Some("h10")),
            "unknown hardware `h10` (did you mean `h100`?); expected a name that `cost hardware` lists, or a .toml file",
        ),
        ("hardware", names("h100", Some("chip")), "column `hardware`: the memory of chip is not known"),
        (
            "model",
            names("llama-2-7b", Some("bert")),
            "bert: found decode over any number of cached tokens, expected prefill with nothing cached, as an encoder takes whole texts",
        ),
        ("batch", sizes(1, Some(0)), "column `batch`: found 0, expected at least 1 and less than 2^53"),
        ("batch", sizes(1, None), "column `batch`: found null, expected at least 1 and less than 2^53"),
        (
            "batch",
            sizes(1, Some((1 << 53) + 1)),
            "column `batch`: found 9007199254740992, expected at least 1 and less than 2^53",
        ),
        ("tokens", sizes(1, Some(-4)), "column `tokens`: found -4, expected at least 1 and less than 2^53"),
        ("past", sizes(0, Some(-1)), "column `past`: found -1, expected at least 0 and less than 2^53"),
    ] {
        assert_eq!(said(column, Some(array), &[Column::Fits]), format!("row {ROW}: {message}"));
    }
    for column in ["weights", "acts", "cache"] {
        let said = said(column, Some(names("bf16", Some("bf17"))), &[Column::Fits]);
        let expected = format!("row {ROW}: column `{column}`: unknown number format `bf17`; expected ");
        assert!(said.starts_with(&expected), "{said}");
    }
    assert_eq!(said("model", Some(none), &[Column::Flops]), "row 0: column `model`: found null, expected a name");
}

/// An encoder takes whole texts: the row whose text is no whole one is named, not the first of the encoder.
#[test]
fn the_row_that_an_encoder_refuses_is_named() {
    let mut columns = vec![
        ("model", names("bert", Some("bert"))),
        ("phase", names("prefill", Some("prefill"))),
        ("batch", sizes(1, Some(1))),
        ("tokens", sizes(128, Some(64))),
        ("past", sizes(0, Some(0))),
    ];
    let batch = RecordBatch::try_from_iter(columns.clone()).unwrap();
    assert_eq!(with_costs(&batch, &[Column::Flops], &known()).unwrap().num_rows(), ROWS);
    columns[4] = ("past", sizes(0, Some(3)));
    assert!(
        refused(columns, &[Column::Flops])
            .starts_with(&format!("row {ROW}: bert: found prefill over any number of cached tokens"))
    );
}

/// Types are looked at in empty batches too.
#[test]
fn empty_batches_are_checked() {
    let empty = |array: &ArrayRef| array.slice(0, 0);
    let mut columns: Vec<(&str, ArrayRef)> = right().iter().map(|(name, array)| (*name, empty(array))).collect();
    let none: ArrayRef = Arc::new(
        DictionaryArray::<Int8Type>::try_new(
            Int8Array::from(Vec::<i8>::new()),
            Arc::new(Int64Array::from(Vec::<i64>::new())),
        )
        .unwrap(),
    );
    columns.push(("cache", none));
    assert_eq!(refused(columns, &[Column::Flops]), "column `cache`: found the type Int64, expected text");
}
