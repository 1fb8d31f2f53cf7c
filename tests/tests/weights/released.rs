//! Types of GGUF files against files as they were published.

use cost_core::Options;
use cost_core::cost::Pattern;
use cost_models::weights::{FileType, WeightFormat};
use cost_models::{Model, Workload, catalogue};

use crate::models::bytes_as;

/// Bytes of a model's tensors as a file of that type has them.
fn bytes(model: &Model, file: &str) -> u64 {
    let formats = model.asking(Some(file.parse().unwrap()), &[]).unwrap();
    u64::try_from(bytes_as(model, &Options { formats, ..Options::default() })).unwrap()
}

/// A published file: the model in the catalogue, its type, where it is from, and its bytes.
type Published = (&'static str, &'static str, &'static str, u64);

/// Sizes to the byte, as the repositories on huggingface.co list them (`size` of the large file's pointer); of split files
/// the sum. What they have besides tensors is the header with the vocabulary.
const FILES: &[Published] = &[
    ("llama-2-7b", "q3_k_m", "TheBloke/Llama-2-7B-Chat-GGUF", 3_298_004_672),
    ("llama-2-7b", "q4_0", "TheBloke/Llama-2-7B-GGUF", 3_825_807_040),
    ("llama-2-7b", "q4_k_m", "TheBloke/Llama-2-7B-GGUF", 4_081_004_224),
    ("llama-2-7b", "q5_k_m", "TheBloke/Llama-2-7B-GGUF", 4_783_156_928),
    ("llama-2-7b", "q6_k", "TheBloke/Llama-2-7B-GGUF", 5_529_194_176),
    ("llama-2-7b", "q8_0", "TheBloke/Llama-2-7B-GGUF", 7_161_089_728),
    ("llama-3-8b", "q4_k_m", "bartowski/Meta-Llama-3-8B-Instruct-GGUF", 4_920_734_272),
    ("llama-3.1-8b", "q4_k_m", "bartowski/Meta-Llama-3.1-8B-Instruct-GGUF", 4_920_739_232),
    ("llama-3.1-70b", "q4_k_m", "bartowski/Meta-Llama-3.1-70B-Instruct-GGUF", 42_520_398_400),
    ("llama-3.3-70b", "q4_k_m", "bartowski/Llama-3.3-70B-Instruct-GGUF", 42_520_398_816),
    ("llama-3.2-1b", "q4_k_m", "bartowski/Llama-3.2-1B-Instruct-GGUF", 807_694_464),
    ("llama-3.2-3b", "q4_k_m", "bartowski/Llama-3.2-3B-Instruct-GGUF", 2_019_377_696),
    ("qwen2-7b", "q4_k_m", "Qwen/Qwen2-7B-Instruct-GGUF", 4_683_071_264),
    ("qwen2.5-7b", "q4_k_m", "bartowski/Qwen2.5-7B-Instruct-GGUF", 4_683_074_240),
    ("qwen2.5-14b", "q4_k_m", "bartowski/Qwen2.5-14B-Instruct-GGUF", 8_988_110_976),
    ("qwen2.5-32b", "q4_k_m", "bartowski/Qwen2.5-32B-Instruct-GGUF", 19_851_336_576),
    // Its down projections have rows of 29,568, which are no whole blocks of 256.
    ("qwen2.5-72b", "q4_k_m", "bartowski/Qwen2.5-72B-Instruct-GGUF", 47_415_715_488),
    ("qwen3-14b", "q4_k_m", "Qwen/Qwen3-14B-GGUF", 9_001_752_960),
    ("qwen3-32b", "q4_k_m", "Qwen/Qwen3-32B-GGUF", 19_762_149_024),
    ("qwen3-30b-a3b", "q4_k_m", "Qwen/Qwen3-30B-A3B-GGUF", 18_556_685_824),
    (
        "qwen3-235b-a22b",
        "q4_k_m",
        "Qwen/Qwen3-235B-A22B-GGUF",
        29_742_283_872 + 29_974_106_496 + 29_933_980_640 + 29_936_094_304 + 22_567_608_864,
    ),
    // Queries, keys and values in one tensor.
    ("phi-3-mini-4k", "q4_k_m", "bartowski/Phi-3-mini-4k-instruct-GGUF", 2_393_231_360),
    ("phi-3.5-mini", "q4_k_m", "bartowski/Phi-3.5-mini-instruct-GGUF", 2_393_232_672),
    ("phi-4-mini", "q4_k_m", "bartowski/microsoft_Phi-4-mini-instruct-GGUF", 2_491_874_688),
    // Tied embeddings, which are in the head's format.
    ("gemma-2-2b", "q4_k_m", "bartowski/gemma-2-2b-it-GGUF", 1_708_582_752),
    ("gemma-3-4b", "q4_k_m", "bartowski/google_gemma-3-4b-it-GGUF", 2_489_758_112),
];

/// Bytes of a header: the words of a vocabulary with their kinds and how they are put together, and some settings.
fn header(model: &Model) -> std::ops::Range<u64> {
    let (_, words) = model.fixed().find(|(axis, _)| *axis == "v").unwrap();
    20 * words..65 * words
}

#[test]
fn files_of_a_type_have_their_published_bytes() {
    let mut of_7b = Vec::new();
    for (name, file, from, published) in FILES {
        let model = catalogue::find(name).unwrap();
        let data = bytes(&model, file);
        let rest = published.checked_sub(data).unwrap_or_else(|| panic!("{from} {file}: {data} bytes of tensors"));
        assert!(header(&model).contains(&rest), "{from} {file}: {data} bytes of tensors leave {rest}");
        // Of what isn't the header nothing is off: a thousandth would be more than it, in most of them.
        if *name == "llama-2-7b" {
            of_7b.push(rest);
        }
    }
    of_7b.dedup();
    assert_eq!(of_7b, [741_056], "one model has one header, whatever its type");
}

/// What the page of bartowski/Meta-Llama-3.1-8B-Instruct-GGUF lists, in gigabytes of two digits; its importance matrix is
/// in all of them.
#[test]
fn many_types_of_one_model_have_their_published_sizes() {
    let model = catalogue::find("llama-3.1-8b").unwrap();
    let header = 4_920_739_232 - bytes(&model, "q4_k_m");
    for (file, published) in [
        ("q8_0", "8.54"),
        ("q6_k_l", "6.85"),
        ("q6_k", "6.60"),
        ("q5_k_l", "6.06"),
        ("q5_k_m", "5.73"),
        ("q5_k_s", "5.60"),
        ("q4_k_l", "5.31"),
        ("q4_k_m", "4.92"),
        ("q4_k_s", "4.69"),
        ("iq4_xs", "4.45"),
        ("q3_k_xl", "4.78"),
        ("q3_k_l", "4.32"),
        ("q3_k_m", "4.02"),
        ("iq3_m", "3.78"),
        ("q3_k_s", "3.66"),
        ("iq3_xs", "3.52"),
        ("q2_k_l", "3.69"),
        ("q2_k", "3.18"),
        ("iq2_m", "2.95"),
    ] {
        let gigabytes = (bytes(&model, file) + header) as f64 / 1e9;
        assert_eq!(format!("{gigabytes:.2}"), published, "{file}");
    }
}

/// Each type says a format for every tensor of every model whose tensors have names in GGUF files, or that one has none.
#[test]
fn every_type_is_about_every_model() {
    for entry in catalogue::ENTRIES.iter().step_by(7) {
        let model = catalogue::find(entry.name).unwrap();
        for file in FileType::names() {
            match model.asking(Some(file.parse().unwrap()), &[]) {
                Ok(formats) => {
                    let options = Options { formats, ..Options::default() };
                    let step = if model.is_encoder() { Workload::prefill(1, 1) } else { Workload::decode(1, 1) };
                    let tensors = model.tensors(&step, &options).unwrap();
                    assert!(tensors.iter().all(|it| it.bits > 0), "{} {file}", entry.name);
                }
                Err(error) => assert!(error.to_string().contains("GGUF"), "{} {file}: {error}", entry.name),
            }
        }
    }
}

#[test]
fn names_are_read_and_slips_are_told() {
    for (text, expected) in [
        ("Q4_K_M", Some("q4_k_m")),
        ("q4_0", Some("q4_0")),
        ("iq4_xs:plain", Some("iq4_xs")),
        ("q4_0:imatrix", Some("q4_0")),
        // Formats, not types of files.
        ("q4_k", None),
        ("int4:g128:f16", None),
    ] {
        let found: WeightFormat = text.parse().unwrap();
        let named = matches!(found, WeightFormat::File(_)).then(|| found.to_string());
        assert_eq!(named.as_deref(), expected, "{text}");
    }
    for (text, said) in [
        ("q4_k_n", "a type of GGUF file (q4_k_m, iq4_xs, …); did you mean `q4_k`"),
        ("q4_0:matrix", "a type of GGUF file"),
        ("", "a number type"),
    ] {
        let error = text.parse::<WeightFormat>().unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}

/// With an importance matrix, and without.
#[test]
fn importance_matrices_tell() {
    let model = catalogue::find("llama-2-7b").unwrap();
    // Four down projections of 4,096 rows of 11,008, in 5 bits instead of 4.5 and in 5.5 instead of 4.25.
    let elements = 4 * 4096 * 11_008;
    assert_eq!(bytes(&model, "q4_0:imatrix") - bytes(&model, "q4_0"), elements / 16);
    assert_eq!(bytes(&model, "iq4_xs:plain") - bytes(&model, "iq4_xs"), elements * 5 / 32);
}

/// Formats of single layers, over a file type, over a format for all, and in their order.
#[test]
fn single_layers_have_formats_of_their_own() {
    let model = catalogue::find("llama-3.1-8b").unwrap();
    let down = |weights: Option<&str>, set: &[(&str, &str)]| {
        let set: Vec<_> =
            set.iter().map(|(pattern, format)| (Pattern::new(pattern), format.parse().unwrap())).collect();
        let formats = model.asking(weights.map(|text| text.parse().unwrap()), &set).unwrap();
        let tensors = model.tensors(&Workload::decode(1, 1), &Options { formats, ..Options::default() }).unwrap();
        let down = tensors.iter().filter(|it| it.gguf.as_deref() == Some("blk.*.ffn_down.weight"));
        let mut found: Vec<(String, u128)> = down.map(|it| (it.format.to_string(), it.copies)).collect();
        found.sort();
        found
    };
    let one = ("blk.0.ffn_down.weight", "q6_k");
    for (weights, set, expected) in [
        (None, &[one][..], &[("bf16", 31), ("q6_k", 1)][..]),
        (Some("int8"), &[one], &[("int8", 31), ("q6_k", 1)]),
        (Some("q4_k_m"), &[], &[("q4_k", 16), ("q6_k", 16)]),
        (
            Some("q4_k_m"),
            &[("model.layers.4.mlp.down_proj.weight", "q8_0")],
            &[("q4_k", 15), ("q6_k", 16), ("q8_0", 1)],
        ),
        (None, &[("blk.{0..4}.*", "fp8"), one], &[("bf16", 28), ("fp8", 3), ("q6_k", 1)]),
        (None, &[one, ("blk.{0..4}.*", "fp8")], &[("bf16", 28), ("fp8", 4)]),
        (None, &[one, ("*.down", "fp8")], &[("fp8", 32)]),
    ] {
        let found = down(weights, set);
        let found: Vec<(&str, u128)> = found.iter().map(|(format, copies)| (format.as_str(), *copies)).collect();
        assert_eq!(found, expected, "{weights:?} {set:?}");
    }
}
