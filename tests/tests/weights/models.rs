//! A whole model in a file: formats by tensor and layer.

use cost_core::Options;
use cost_core::op::Role;
use cost_models::{Model, Workload};
use cost_tests::files::{GGUF3, Tensor, Value, gguf, tensor};

use crate::headers::directory;

/// Bytes of all weights of a model, in the formats that it has.
pub(crate) fn bytes(model: &Model) -> u128 {
    bytes_as(model, &Options::default())
}

/// The same where it is asked for in some formats.
pub(crate) fn bytes_as(model: &Model, options: &Options) -> u128 {
    let tensors = model.tensors(&Workload::decode(1, 1), options).unwrap();
    let weights = tensors.iter().filter(|tensor| tensor.role == Role::Weight);
    weights.map(|tensor| tensor.bits * tensor.copies).sum::<u128>() / 8
}

/// Bytes of the weights that a decode step reads.
fn read(model: &Model) -> u128 {
    let options = Options::default();
    let kernels = model.kernels(&Workload::decode(1, 1), &options).unwrap();
    cost_core::cost::totals(&kernels).unwrap().bits.weights / 8
}

fn metadata(entries: &[(&str, Value)]) -> Vec<(String, Value)> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
}

/// Llama-2-7B as `llama-quantize … Q4_K_M` stores it: values and down projections of half of the layers, and the head, in
/// Q6_K (`use_more_bits` in `llama-quant.cpp`), all other matrices in Q4_K.
fn llama_2_7b() -> (Vec<(String, Value)>, Vec<Tensor>) {
    let metadata = metadata(&[
        ("general.architecture", Value::Text("llama".to_owned())),
        ("llama.context_length", Value::U32(4096)),
        ("llama.embedding_length", Value::U32(4096)),
        ("llama.block_count", Value::U32(32)),
        ("llama.feed_forward_length", Value::U32(11_008)),
        ("llama.rope.dimension_count", Value::U32(128)),
        ("llama.attention.head_count", Value::U32(32)),
        ("llama.attention.head_count_kv", Value::U32(32)),
        ("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5)),
        ("general.file_type", Value::U32(15)),
        ("tokenizer.ggml.tokens", Value::Texts(vec!["<unk>".to_owned(); 32_000])),
        ("tokenizer.ggml.add_bos_token", Value::Bool(true)),
    ]);
    let (d, f, v) = (4096, 11_008, 32_000);
    let mut tensors = vec![
        tensor("token_embd.weight", &[v, d], "Q4_K"),
        tensor("output_norm.weight", &[d], "F32"),
        tensor("output.weight", &[v, d], "Q6_K"),
    ];
    for i in 0..32 {
        let more = if !(4..28).contains(&i) || (i - 4) % 3 == 2 { "Q6_K" } else { "Q4_K" };
        let named = |name: &str| format!("blk.{i}.{name}.weight");
        tensors.extend([
            tensor(&named("attn_q"), &[d, d], "Q4_K"),
            tensor(&named("attn_k"), &[d, d], "Q4_K"),
            tensor(&named("attn_v"), &[d, d], more),
            tensor(&named("attn_output"), &[d, d], "Q4_K"),
            tensor(&named("ffn_gate"), &[f, d], "Q4_K"),
            tensor(&named("ffn_up"), &[f, d], "Q4_K"),
            tensor(&named("ffn_down"), &[d, f], more),
            tensor(&named("attn_norm"), &[d], "F32"),
            tensor(&named("ffn_norm"), &[d], "F32"),
        ]);
    }
    (metadata, tensors)
}

/// llama.cpp says of this file: 65 tensors of F32, 193 of Q4_K, 33 of Q6_K; 3.80 GiB, 4.84 bits for each weight. The file
/// that was published (TheBloke/Llama-2-7B-GGUF) has 4,081,004,224 bytes, the vocabulary among them.
#[test]
fn a_mixed_file_has_its_published_bytes() {
    let (metadata, tensors) = llama_2_7b();
    let of = |kind: &str| tensors.iter().filter(|tensor| tensor.kind == kind).count();
    assert_eq!([of("F32"), of("Q4_K"), of("Q6_K")], [65, 193, 33]);
    let path = directory("llama").join("llama-2-7b.Q4_K_M.gguf");
    let written = gguf(GGUF3, &metadata, &tensors);
    written.save(&path);
    let model = Model::from_path(&path).unwrap();
    assert_eq!(model.warnings().count(), 0, "{:?}", model.notes);
    assert_eq!(bytes(&model), u128::from(written.data));
    assert_eq!(format!("{:.2}", written.data as f64 / f64::from(1 << 30)), "3.80");
    assert_eq!(format!("{:.2}", written.data as f64 * 8.0 / 6_738_415_616.0), "4.84");
    let header = 4_081_004_224 - written.data;
    assert!((500_000..1_000_000).contains(&header), "a header of {header} bytes");
    // A step reads all of it, but of the embedding one row: 16 blocks of 144 bytes.
    assert_eq!(read(&model), u128::from(written.data) - 31_999 * 16 * 144);
    // Half of the layers each.
    let kernels = model.kernels(&Workload::decode(1, 1), &Options::default()).unwrap();
    let repeats =
        |path: &str| kernels.iter().filter(|it| it.path.contains(path)).map(|it| it.repeat).collect::<Vec<_>>();
    assert_eq!(repeats("self_attention.q+keys+values"), [16, 16]);
    assert_eq!(repeats("self_attention.attn_out"), [32]);
    assert_eq!(repeats("gated_mlp.y"), [16, 16]);
}
