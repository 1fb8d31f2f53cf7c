//! Encoders against PyTorch's counters.

use cost_core::Options;
use cost_models::report::report;
use cost_models::{Phase, Steps, Workload};

use crate::configs::{ALBERT_BASE, ALBERT_XXLARGE, BERT_BASE, BERT_LARGE, ROBERTA_BASE};
use crate::{model, with};

/// A config with its class, and FLOPs of matrix products of 1 × 128 and of 8 × 384 tokens, counted as [`DECODERS`] are.
const ENCODERS: &[(&str, &str, [u128; 2])] = &[
    (BERT_BASE, "BertModel", [22_348_431_360, 565_334_507_520]),
    (BERT_BASE, "BertForMaskedLM", [28_499_116_032, 712_969_814_016]),
    (BERT_BASE, "BertForPreTraining", [28_500_298_752, 712_979_275_776]),
    (BERT_LARGE, "BertModel", [78_922_121_216, 1_971_406_766_080]),
    (BERT_LARGE, "BertForPreTraining", [87_191_719_936, 2_169_877_069_824]),
    (ROBERTA_BASE, "RobertaModel", [22_348_431_360, 565_334_507_520]),
    (ROBERTA_BASE, "RobertaForMaskedLM", [32_380_747_776, 806_128_975_872]),
    (ALBERT_BASE, "AlbertModel", [22_373_597_184, 565_938_487_296]),
    (ALBERT_BASE, "AlbertForMaskedLM", [23_380_623_360, 590_125_989_888]),
    (ALBERT_BASE, "AlbertForPreTraining", [23_381_806_080, 590_135_451_648]),
    (ALBERT_XXLARGE, "AlbertModel", [621_864_288_256, 15_078_824_869_888]),
];

#[test]
fn encoders_multiply_what_the_real_ones_do() {
    for (config, class, matmul) in ENCODERS {
        let model = model(&with(config, class));
        for (step, matmul) in [Workload::prefill(1, 128), Workload::prefill(8, 384)].iter().zip(matmul) {
            let report = report(&model, step, &Options::default(), &[]).unwrap();
            assert_eq!(report.flops.matmul, *matmul, "{class} {step:?}");
            assert_eq!(report.cache.bytes_total.whole(), Some(0), "{class}");
        }
    }
}

/// A config, its parameters, and FLOPs of matrix products of 1 × 17 and of 3 × 7 tokens; run and counted, likewise.
const ODD_ENCODERS: &[(&str, u128, [u128; 2])] = &[
    // Two groups of three layers, each applied to three of the six.
    (
        r#"{"model_type": "albert", "architectures": ["AlbertForMaskedLM"], "vocab_size": 61, "embedding_size": 13,
            "hidden_size": 30, "num_attention_heads": 3, "num_hidden_layers": 6, "num_hidden_groups": 2,
            "inner_group_num": 3, "intermediate_size": 47, "max_position_embeddings": 29}"#,
        42_554,
        [4_606_762, 5_237_106],
    ),
    (
        r#"{"model_type": "bert", "architectures": ["BertForSequenceClassification"], "vocab_size": 61,
            "hidden_size": 30, "num_attention_heads": 3, "num_hidden_layers": 2, "intermediate_size": 47,
            "max_position_embeddings": 29, "type_vocab_size": 3, "hidden_act": "relu",
            "id2label": {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e"}}"#,
        17_409,
        [508_020, 580_860],
    ),
    (
        r#"{"model_type": "roberta", "architectures": ["RobertaForSequenceClassification"], "vocab_size": 61,
            "hidden_size": 30, "num_attention_heads": 3, "num_hidden_layers": 2, "intermediate_size": 47,
            "max_position_embeddings": 29, "type_vocab_size": 1}"#,
        17_256,
        [507_840, 580_320],
    ),
    (
        r#"{"model_type": "bert", "architectures": ["BertForQuestionAnswering"], "vocab_size": 61, "hidden_size": 30,
            "num_attention_heads": 3, "num_hidden_layers": 2, "intermediate_size": 47, "max_position_embeddings": 29}"#,
        16_356,
        [507_960, 577_080],
    ),
];

#[test]
fn encoders_of_odd_sizes_are_counted_exactly() {
    for (config, total, matmul) in ODD_ENCODERS {
        for (step, matmul) in [Workload::prefill(1, 17), Workload::prefill(3, 7)].iter().zip(matmul) {
            let report = report(&model(config), step, &Options::default(), &[]).unwrap();
            assert_eq!((report.params.total, report.flops.matmul), (*total, *matmul), "{step:?} {config}");
        }
    }
}

/// ALBERT's one layer is read twelve times, and there once.
#[test]
fn shared_weights_are_read_each_time_and_held_once() {
    let read = |layers: u64| {
        let config = ALBERT_BASE.replace(r#""num_hidden_layers": 12"#, &format!(r#""num_hidden_layers": {layers}"#));
        let report = report(&model(&config), &Workload::prefill(1, 16), &Options::default(), &[]).unwrap();
        (report.params.total, report.bytes.weights.whole().unwrap())
    };
    let ((one, first), (all, twelve)) = (read(1), read(12));
    // Four matrices of 768 × 768 and two of 768 × 3072, their biases, two norms; at 2 byte.
    let layer = 4 * 768 * 769 + 768 * 3072 + 3072 + 3072 * 768 + 768 + 4 * 768;
    assert_eq!((one, twelve - first), (all, 11 * 2 * layer));
}

#[test]
fn encoders_take_whole_texts_only() {
    let model = model(BERT_BASE);
    let asked = [Workload::decode(1, 127), Workload::decode(1, 0), Workload { past: 9, ..Workload::prefill(1, 128) }];
    let found = ["decode over 127", "decode over 0", "prefill over 9"];
    for (step, found) in asked.iter().zip(found) {
        let error = model.kernels(step, &Options::default()).unwrap_err().to_string();
        let expected = "expected prefill with nothing cached, as an encoder takes whole texts";
        assert_eq!(error, format!("model: found {found} cached tokens, {expected}"));
    }
    let whole = model.plan(&Steps::prefill(), &Options::default());
    assert!(whole.is_ok(), "{whole:?}");
    for steps in [Steps::decode(), Steps::chunks(), Steps { phase: Phase::Decode, ..Steps::prefill() }] {
        assert!(model.plan(&steps, &Options::default()).is_err(), "{steps:?}");
    }
}
