//! Models with an encoder and a decoder against counts of the classes themselves.

use cost_core::Options;
use cost_core::cost::Masking;
use cost_core::hardware;
use cost_models::decode::{Deployment, Part};
use cost_models::report::report;
use cost_models::{Logits, Model, Phase, Workload};

/// A config; its parameters; FLOPs of matrix products and convolutions with 16 tokens on either side, where the class was run;
/// and bytes of cache a token: counted by PyTorch 2.15 and transformers 5.24, which run the class that the config names on the
/// meta device, with full square masks. A further token on both sides is kept by attention to the text and to the source, in 16
/// bits. Whisper's small one ran on 100 frames of sound; its source doesn't grow, so that only the text's cache does.
const COUNTED: &[(&str, u128, Option<u128>, u128)] = &[
    (include_str!("../zoo/bart-large.json"), 406_291_456, Some(12_959_121_408), 98_304),
    (include_str!("../zoo/blenderbot.seq2seq.json"), 2_696_268_800, Some(86_350_888_960), 491_520),
    (include_str!("../zoo/blenderbot-small.seq2seq.json"), 85_113_344, Some(2_715_172_864), 32_768),
    (include_str!("../zoo/pegasus.seq2seq.json"), 406_287_360, Some(12_959_121_408), 98_304),
    (
        r#"{"model_type": "fsmt", "architectures": ["FSMTForConditionalGeneration"]}"#,
        483_913_728,
        Some(12_689_080_320),
        98_304,
    ),
    (
        r#"{"model_type": "fsmt", "src_vocab_size": 96, "tgt_vocab_size": 90, "d_model": 48, "encoder_ffn_dim": 80,
            "decoder_ffn_dim": 60, "encoder_layers": 3, "decoder_layers": 2, "encoder_attention_heads": 6,
            "decoder_attention_heads": 4, "max_position_embeddings": 64}"#,
        121_752,
        Some(3_652_608),
        768,
    ),
    (include_str!("../zoo/whisper-large-v3.json"), 1_543_490_560, None, 163_840),
    // Run on sources that are short, and so see all positions.
    (include_str!("../zoo/bigbird_pegasus.seq2seq.json"), 576_891_904, None, 131_072),
    // The class pads sources to blocks of which it computes all pairs: not counted.
    (include_str!("../zoo/longt5.seq2seq.json"), 60_506_624, None, 24_576),
    // The class gives experts all tokens that it hasn't chosen for them too (`NllbMoeExperts`): not counted.
    (include_str!("../zoo/nllb-moe.seq2seq.json"), 6_880_712_704, None, 98_304),
    (include_str!("../zoo/switch_transformers.seq2seq.json"), 317_312_256, None, 73_728),
    (
        r#"{"model_type": "switch_transformers", "d_model": 64, "d_kv": 12, "num_heads": 4, "num_layers": 4,
            "num_decoder_layers": 4, "num_sparse_encoder_layers": 2, "num_sparse_decoder_layers": 1, "num_experts": 4,
            "d_ff": 96, "vocab_size": 300}"#,
        377_984,
        Some(9_093_120),
        1_536,
    ),
    (
        r#"{"model_type": "bigbird_pegasus", "d_model": 64, "encoder_attention_heads": 4, "decoder_attention_heads": 8,
            "encoder_layers": 3, "decoder_layers": 2, "encoder_ffn_dim": 96, "decoder_ffn_dim": 160, "vocab_size": 300,
            "max_position_embeddings": 40, "attention_type": "original_full"}"#,
        219_552,
        Some(7_233_536),
        1_024,
    ),
    (
        r#"{"model_type": "whisper", "d_model": 64, "encoder_attention_heads": 4, "decoder_attention_heads": 8,
            "encoder_layers": 3, "decoder_layers": 2, "encoder_ffn_dim": 96, "decoder_ffn_dim": 160,
            "vocab_size": 300, "max_source_positions": 50, "max_target_positions": 30, "num_mel_bins": 20}"#,
        237_152,
        Some(18_195_456),
        512,
    ),
    (
        r#"{"model_type": "bart", "architectures": ["BartForConditionalGeneration"], "d_model": 64,
            "encoder_attention_heads": 4, "decoder_attention_heads": 8, "encoder_layers": 3, "decoder_layers":
            2, "encoder_ffn_dim": 96, "decoder_ffn_dim": 160, "vocab_size": 300, "max_position_embeddings": 40,
            "scale_embedding": true}"#,
        221_600,
        Some(7_233_536),
        1_024,
    ),
    (
        r#"{"model_type": "mbart", "architectures": ["MBartForConditionalGeneration"]}"#,
        406_295_552,
        Some(12_959_121_408),
        98_304,
    ),
    (
        r#"{"model_type": "plbart", "architectures": ["PLBartForConditionalGeneration"]}"#,
        139_220_736,
        Some(4_413_972_480),
        36_864,
    ),
    (r#"{"model_type": "marian", "architectures": ["MarianMTModel"]}"#, 414_307_328, Some(13_215_891_456), 98_304),
    (
        r#"{"model_type": "m2m_100", "architectures": ["M2M100ForConditionalGeneration"]}"#,
        483_905_536,
        Some(15_510_011_904),
        98_304,
    ),
    (
        r#"{"model_type": "m2m_100", "architectures": ["M2M100ForConditionalGeneration"], "d_model": 64,
            "encoder_attention_heads": 4, "decoder_attention_heads": 8, "encoder_layers": 3, "decoder_layers":
            2, "encoder_ffn_dim": 96, "decoder_ffn_dim": 160, "vocab_size": 300}"#,
        216_224,
        Some(7_233_536),
        1_024,
    ),
    (
        r#"{"model_type": "pegasus", "architectures": ["PegasusForConditionalGeneration"], "d_model": 64,
            "encoder_attention_heads": 4, "decoder_attention_heads": 8, "encoder_layers": 3, "decoder_layers":
            2, "encoder_ffn_dim": 96, "decoder_ffn_dim": 160, "vocab_size": 300}"#,
        347_296,
        Some(7_233_536),
        1_024,
    ),
    (
        r#"{"model_type": "blenderbot", "architectures": ["BlenderbotForConditionalGeneration"], "d_model": 64,
            "encoder_attention_heads": 4, "decoder_attention_heads": 8, "encoder_layers": 3, "decoder_layers":
            2, "encoder_ffn_dim": 96, "decoder_ffn_dim": 160, "vocab_size": 300}"#,
        232_608,
        Some(7_233_536),
        1_024,
    ),
    (
        r#"{"model_type": "blenderbot-small", "architectures": ["BlenderbotSmallForConditionalGeneration"],
            "d_model": 64, "encoder_attention_heads": 4, "decoder_attention_heads": 8, "encoder_layers": 3,
            "decoder_layers": 2, "encoder_ffn_dim": 96, "decoder_ffn_dim": 160, "vocab_size": 300}"#,
        281_760,
        Some(7_233_536),
        1_024,
    ),
    (
        r#"{"model_type": "t5", "architectures": ["T5ForConditionalGeneration"]}"#,
        60_506_624,
        Some(1_945_108_480),
        24_576,
    ),
    (
        r#"{"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "feed_forward_proj": "gated-gelu", "tie_word_embeddings": false, "d_model": 768, "d_kv": 64, "d_ff": 2048, "num_heads": 12,
            "num_layers": 12}"#,
        222_903_552,
        Some(7_159_676_928),
        73_728,
    ),
    (
        r#"{"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "num_decoder_layers": 2,
            "d_kv": 24, "num_heads": 6}"#,
        36_186_496,
        Some(1_159_102_464),
        2_304,
    ),
    (
        r#"{"model_type": "mt5", "architectures": ["MT5ForConditionalGeneration"]}"#,
        172_119_424,
        Some(5_516_558_336),
        24_576,
    ),
    (
        r#"{"model_type": "umt5", "architectures": ["UMT5ForConditionalGeneration"]}"#,
        172_122_112,
        Some(5_516_558_336),
        24_576,
    ),
    (
        r#"{"model_type": "marian", "architectures": ["MarianMTModel"], "pad_token_id": 1,
            "decoder_start_token_id": 1, "vocab_size": 300, "decoder_vocab_size": 200,
            "share_encoder_decoder_embeddings": false, "d_model": 64, "encoder_attention_heads": 4,
            "decoder_attention_heads": 8, "encoder_layers": 3, "decoder_layers": 2, "encoder_ffn_dim": 96,
            "decoder_ffn_dim": 160}"#,
        359_840,
        Some(7_028_736),
        1_024,
    ),
];

#[test]
fn sequence_to_sequence_models_are_counted_as_their_classes_are() {
    for (config, params, matmul, cache) in COUNTED {
        check(config, *params, *matmul, *cache);
    }
}

fn read(config: &str) -> Model {
    Model::from_config("it", config).unwrap_or_else(|error| panic!("{error}\n{config}"))
}

fn check(config: &str, params: u128, matmul: Option<u128>, cache: u128) {
    let model = read(config);
    let options = Options { masking: Masking::Dense, ..Options::default() };
    let step = Workload { logits: Logits::All, ..Workload::prefill(1, 16) };
    let first = report(&model, &step, &options, &[]).unwrap();
    assert_eq!(first.params.total, params, "{config}");
    assert_eq!(first.flops.matmul, matmul.unwrap_or(first.flops.matmul), "{config}");
    assert_eq!(first.cache.bytes_per_token.whole(), Some(cache), "{config}");
    // What later steps don't run they have all the same.
    let later = report(&model, &Workload::decode(1, 16), &options, &[]).unwrap();
    assert_eq!(later.params, first.params, "{config}");
    assert_eq!(later.memory.weights, first.memory.weights, "{config}");
    assert!(later.flops.matmul < first.flops.matmul && later.kernels.len() < first.kernels.len(), "{config}");
    assert!(later.kernels.iter().all(|kernel| !kernel.path.starts_with("encoder.")), "{config}");
}

const T5: &str = r#"{"model_type": "t5", "d_model": 24, "d_kv": 8, "num_heads": 2, "num_layers": 3, "num_decoder_layers": 2,
    "d_ff": 40, "vocab_size": 50}"#;

/// The source is read and kept in the first step, of the length that is asked for; later ones read what was kept.
#[test]
fn a_source_is_kept_once_and_read_in_each_step() {
    let (batch, source, tokens) = (3, 7, 5);
    let model = read(T5).with_source(source).unwrap();
    // Two layers, keys and values of two heads of 8 numbers, 2 bytes each.
    let row = u128::from(batch) * 2 * 2 * 2 * 8 * 2;
    let options = Options::default();
    let first = report(&model, &Workload::prefill(batch, tokens), &options, &[]).unwrap();
    let later = report(&model, &Workload::decode(batch, tokens), &options, &[]).unwrap();
    let [source, tokens] = [source, tokens].map(u128::from);
    assert_eq!(first.cache.bytes_per_token.whole(), Some(row / u128::from(batch)));
    assert_eq!(first.cache.bytes_total.whole(), Some(row * (source + tokens)));
    assert_eq!(first.bytes.cache_written.whole(), Some(row * (source + tokens)));
    assert_eq!(later.bytes.cache_written.whole(), Some(row));
    assert_eq!(later.bytes.cache_read.whole(), Some(row * (source + tokens + 1)));
    // A longer source costs the first step more, and later ones only what they read of it.
    let longer = model.with_source(8).unwrap();
    let step = report(&longer, &Workload::decode(batch, 5), &options, &[]).unwrap();
    assert_eq!(step.bytes.cache_read.whole(), Some(row * (source + tokens + 2)));
    assert_eq!(step.bytes.weights, later.bytes.weights);
}

/// Steps from the model's plans are those of its reports, in both phases and where these are mixed.
#[test]
fn plans_of_both_phases_are_what_is_reported() {
    let model = read(T5).with_source(7).unwrap();
    let served = Deployment::new(model.clone(), Options::default(), hardware::find("h100").unwrap());
    let parts = [Part::prefill(2, 5), Part::decode(3, 11)];
    let mut matmul = 0;
    for part in parts {
        let step = served.step(&[part]).unwrap();
        let reported = report(&model, &part.workload(), &Options::default(), &[]).unwrap();
        assert_eq!(step.matmul, reported.flops.matmul);
        assert_eq!(step.bits.weights, reported.bytes.weights.bits());
        matmul += step.matmul;
    }
    assert_eq!(served.step(&parts).unwrap().matmul, matmul);
}

#[test]
fn what_a_source_can_not_be_is_refused() {
    let llama = r#"{"model_type": "llama", "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 8,
        "num_hidden_layers": 1, "vocab_size": 9, "tie_word_embeddings": true}"#;
    let whisper = r#"{"model_type": "whisper", "max_source_positions": 50}"#;
    for (config, source, message) in [
        (llama, 4, "source: found 4, expected no source, as it has no encoder that reads one beside the text"),
        (T5, 0, "source: found 0, expected a positive whole number"),
        (whisper, 51, "source: found 51, expected at most 50, the positions of it's encoder"),
    ] {
        assert_eq!(read(config).with_source(source).unwrap_err().to_string(), message);
    }
    let chunk = Workload { phase: Phase::Prefill, ..Workload::decode(1, 9) };
    let error = report(&read(T5), &chunk, &Options::default(), &[]).unwrap_err().to_string();
    let expected =
        "found prefill over 9 cached tokens, expected prefill with nothing cached, which reads the source, or decode";
    assert_eq!(error, format!("it: {expected}"));
}

/// What these are refused for would have to be counted.
const REFUSED: &[(&str, &str)] = &[
    (
        r#"{"model_type": "bart", "architectures": ["BartForCausalLM"]}"#,
        "architectures: found \"BartForCausalLM\", expected one of BartForConditionalGeneration, BartModel",
    ),
    (
        r#"{"model_type": "t5", "architectures": ["T5EncoderModel"]}"#,
        "architectures: found \"T5EncoderModel\", expected one of T5ForConditionalGeneration, T5Model, T5WithLMHeadModel",
    ),
    (
        r#"{"model_type": "marian", "tie_word_embeddings": false}"#,
        "tie_word_embeddings: found false, expected what models of this type are released with",
    ),
    (
        r#"{"model_type": "t5", "feed_forward_proj": "gated-gelu", "dense_act_fn": "relu"}"#,
        "dense_act_fn: found another function, expected the one that feed_forward_proj names",
    ),
];

#[test]
fn what_is_not_known_of_them_is_refused() {
    for (config, message) in REFUSED {
        assert_eq!(Model::from_config("it", config).unwrap_err().to_string(), *message, "{config}");
    }
}
