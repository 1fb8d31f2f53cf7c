//! Quantised checkpoints of safetensors files against the bytes that were published.

use cost_core::Options;
use cost_core::cost::Tensor;
use cost_core::op::Role;
use cost_models::{Model, Workload, catalogue};
use serde_json::{Map, Value, json};

/// What a checkpoint has besides the tensors that are counted.
#[derive(Clone, Copy)]
enum Beside {
    /// Nothing: the figure is that of the tensors (`total_size` of an index).
    Nothing,
    /// The header of the file.
    Header,
    /// The header, for each linear layer the group of each input feature in 32 bits (`g_idx`) and a bias of zeros in 16: what
    /// `AutoGPTQ` wrote in 2023.
    Gptq,
    /// The header, and the table of words once more, as the head.
    Head,
    /// For each linear layer the table of 16 values and that of 256 scales in 32 bits, and a note of 150 to 200 characters
    /// (`quant_state`).
    Bitsandbytes,
    /// The same and the header.
    BitsandbytesFile,
}

use Beside::{Bitsandbytes, BitsandbytesFile, Gptq, Head, Header, Nothing};

/// A published checkpoint: the model in the catalogue that it is one of, its `quantization_config` or MLX's `quantization`,
/// fields of its config that differ, where its bytes are from, how many they are and what of them isn't counted.
type Published = (&'static str, fn() -> Value, &'static str, u64, Beside);

fn gptq(bits: u8) -> Value {
    json!({"quantization_config": {"quant_method": "gptq", "bits": bits, "group_size": 128, "desc_act": false}})
}

fn awq() -> Value {
    json!({"quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "version": "gemm", "zero_point": true}})
}

fn nf4() -> Value {
    json!({"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_quant_type": "nf4",
        "bnb_4bit_use_double_quant": true}})
}

fn mlx(bits: u8) -> Value {
    json!({"quantization": {"group_size": 64, "bits": bits}})
}

/// MLX in 4 bits, these modules of each layer in 8.
fn mlx_mixed(layers: usize, modules: &[&str]) -> Value {
    let eight = json!({"group_size": 64, "bits": 8});
    let mut quantization = mlx(4)["quantization"].clone();
    for layer in 0..layers {
        for module in modules {
            quantization[format!("model.layers.{layer}.mlp.{module}")] = eight.clone();
        }
    }
    json!({"quantization": quantization})
}

fn with(mut config: Value, field: &str, value: Value) -> Value {
    config[field] = value;
    config
}

/// Bytes as commits on huggingface.co list them (`size` of a large file's pointer, or of an index the `total_size`); of split
/// files the sum.
#[rustfmt::skip]
const CHECKPOINTS: &[Published] = &[
    ("llama-2-7b", || gptq(4), "TheBloke/Llama-2-7B-GPTQ, commit 2ab277f", 3_896_726_080, Gptq),
    ("llama-2-7b", || gptq(8), "TheBloke/Vigogne-2-7B-Instruct-GPTQ, commit 7e4828b", 7_160_026_392, Gptq),
    ("llama-2-13b", || gptq(4), "TheBloke/MythoLogic-L2-13B-GPTQ, commit 1659c36", 7_259_435_192, Gptq),
    ("llama-2-13b", || gptq(4), "RuterNorway/Llama-2-13b-chat-norwegian-GPTQ, commit 2de3c92", 7_259_449_488, Gptq),
    ("llama-2-13b", || gptq(8), "TheBloke/Llama-2-13B-chat-GPTQ, commit a467e69", 13_652_898_056, Gptq),
    ("llama-2-70b", || gptq(4), "TheBloke/StableBeluga2-70B-GPTQ, commit a740fd5", 36_652_374_536, Gptq),
    ("llama-2-7b", awq, "TheBloke/Llama-2-7B-AWQ, commit 755f5c3", 3_889_391_512, Header),
    ("llama-2-7b", || with(awq(), "vocab_size", json!(32_001)), "TheBloke/WizardCoder-Python-7B-V1.0-AWQ, commit 1f97b1d", 3_889_407_896, Header),
    ("codellama-7b", awq, "TheBloke/CodeLlama-7B-AWQ, commit 1ed659d", 3_889_653_656, Header),
    ("llama-2-13b", awq, "TheBloke/Llama-2-13B-AWQ, commit 816a339", 7_247_987_312, Header),
    ("codellama-34b", awq, "TheBloke/CodeLlama-34B-Instruct-AWQ, commits a5a892d and d733a13", 9_951_875_168 + 8_356_666_776, Header),
    ("opt-1.3b", awq, "girrajjangid/opt-1.3b-AWQ, commit 9182b8a", 1_049_163_152, Head),
    ("tinyllama-1.1b", nf4, "andrewatef/MyBloggerV0.18, commit 729876b", 762_453_332, BitsandbytesFile),
    ("llama-3.1-8b", nf4, "fsaudm/Meta-Llama-3.1-8B-Instruct-NF4, commit 49a4a75", 5_702_577_951, Bitsandbytes),
    ("gpt-oss-20b", || json!({}), "openai/gpt-oss-20b, model.safetensors.index.json", 13_761_264_768, Nothing),
    ("gpt-oss-120b", || json!({}), "openai/gpt-oss-120b, model.safetensors.index.json", 65_248_815_744, Nothing),
    // exo-explore/exo has the bytes of tensors at pinned revisions in its tests.
    ("smollm2-135m", || mlx(8), "mlx-community/SmolLM2-135M-Instruct-8bit, revision 0f0d9b8", 142_955_136, Nothing),
    ("llama-3.2-1b", || mlx(4), "mlx-community/Llama-3.2-1B-Instruct-4bit, revision 0823137", 695_242_752, Nothing),
    ("llama-3.2-1b", || mlx(4), "mlx-community/Llama-3.2-1B-Instruct-4bit, the file", 695_283_921, Header),
    ("llama-3.2-3b", || mlx(4), "mlx-community/Llama-3.2-3B-Instruct-4bit, revision 7f0dc92", 1_807_423_488, Nothing),
    ("llama-3.2-3b", || mlx(4), "mlx-community/Llama-3.2-3B-Instruct-4bit, the file", 1_807_496_278, Header),
    ("llama-3.1-8b", || mlx(4), "mlx-community/Llama-3.1-8B-Instruct-4bit, revision 90215b2", 4_517_404_672, Nothing),
    ("llama-3.3-70b", || mlx(4), "mlx-community/Llama-3.3-70B-Instruct-4bit, revision de2dfaf", 39_688_355_840, Nothing),
    ("qwen3-30b-a3b", || mlx_mixed(48, &["gate"]), "mlx-community/Qwen3-Coder-30B-A3B-Instruct-4bit, revision 6e302ea", 17_180_913_664, Nothing),
    ("qwen3-next-80b-a3b", || mlx_mixed(48, &["gate", "shared_expert_gate"]), "mlx-community/Qwen3-Coder-Next-4bit, revision 7b9321e", 44_844_060_160, Nothing),
];

/// A built-in model with another config.
fn model(name: &str, edits: &Value) -> Model {
    let entry = catalogue::ENTRIES.iter().find(|entry| entry.name == name).unwrap();
    let mut config: Map<String, Value> = serde_json::from_str(entry.config).unwrap();
    config.extend(edits.as_object().unwrap().clone());
    Model::from_config(name, &Value::Object(config).to_string()).unwrap()
}

/// Bytes that a checkpoint has besides what is counted, at least and at most. A tensor's entry in a header is its name, its
/// type, its shape and where it is.
fn beside(weights: &[Tensor<u128>], beside: Beside) -> (u128, u128) {
    const ENTRY: (u128, u128) = (50, 130);
    let quantised = || weights.iter().filter(|it| it.format.group_bits() > 0);
    let linear: u128 = quantised().map(|it| it.copies).sum();
    let plain: u128 = weights.iter().map(|it| it.copies).sum::<u128>() - linear;
    let header = |parts: u128| {
        let entries = plain + parts * linear;
        (entries * ENTRY.0, entries * ENTRY.1)
    };
    let both = |more: u128, (least, most): (u128, u128)| (more + least, more + most);
    // Values and scales of bitsandbytes.
    let tables = linear * 4 * (16 + 256);
    match beside {
        Nothing => (0, 0),
        Header => header(3),
        Head => {
            let words = weights.iter().filter(|it| it.part.as_deref() == Some("embedding") && it.elements > 1 << 24);
            both(words.map(|it| it.bits / 8).sum(), header(3))
        }
        Gptq => both(quantised().map(|it| it.copies * (4 * it.row + 2 * it.elements / it.row)).sum(), header(5)),
        Bitsandbytes => both(tables, (150 * linear, 200 * linear)),
        BitsandbytesFile => {
            let ((least, most), notes) = (header(6), (150 * linear, 200 * linear));
            both(tables, (least + notes.0, most + notes.1))
        }
    }
}

#[test]
fn checkpoints_have_their_published_bytes() {
    for (name, edits, from, published, rest) in CHECKPOINTS {
        let model = model(name, &edits());
        let tensors = model.tensors(&Workload::decode(1, 1), &Options::default()).unwrap();
        let weights: Vec<_> = tensors.into_iter().filter(|it| it.role == Role::Weight).collect();
        let counted = weights.iter().map(|it| it.bits * it.copies).sum::<u128>() / 8;
        let (least, most) = beside(&weights, *rest);
        let left = u128::from(*published).checked_sub(counted);
        let left = left.unwrap_or_else(|| panic!("{from}: {counted} bytes are counted"));
        assert!((least..=most).contains(&left), "{from}: {left} bytes are left, expected {least} to {most}");
    }
}
