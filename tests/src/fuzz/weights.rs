//! Weights files: headers of small models, in which counts, lengths, offsets, types and names are changed.

use std::io::Cursor;
use std::sync::atomic::{AtomicU64, Ordering};

use cost_core::random::Random;
use cost_models::Model;
use cost_models::weights::WeightsFile;

use super::pick::{self, below, one, one_in};
use super::{bytes, evaluate};
use crate::files::{self, DTYPES, Dialect, GGML, Tensor, Value, of_header, tensor};

/// The tensors of a Llama of two layers, by GGUF's names or by its modules'.
fn llama(gguf: bool) -> Vec<Tensor> {
    let (d, v, f) = (256, 512, 512);
    let kind = |own: &'static str, other: &'static str| if gguf { own } else { other };
    let whole = |name: &'static str, module: &'static str| if gguf { name.to_owned() } else { module.to_owned() };
    let mut tensors = vec![
        tensor(&whole("token_embd.weight", "model.embed_tokens.weight"), &[v, d], kind("F16", "BF16")),
        tensor(&whole("output_norm.weight", "model.norm.weight"), &[d], "F32"),
        tensor(&whole("output.weight", "lm_head.weight"), &[v, d], kind("Q6_K", "BF16")),
    ];
    let norms = [("attn_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm")];
    let matrices = [
        ("attn_q", "self_attn.q_proj", d, d),
        ("attn_k", "self_attn.k_proj", d, d),
        ("attn_v", "self_attn.v_proj", d, d),
        ("attn_output", "self_attn.o_proj", d, d),
        ("ffn_gate", "mlp.gate_proj", f, d),
        ("ffn_up", "mlp.up_proj", f, d),
        ("ffn_down", "mlp.down_proj", d, f),
    ];
    for layer in 0..2 {
        let named = |own: &str, module: &str| {
            if gguf { format!("blk.{layer}.{own}.weight") } else { format!("model.layers.{layer}.{module}.weight") }
        };
        tensors.extend(norms.map(|(own, module)| tensor(&named(own, module), &[d], "F32")));
        tensors.extend(
            matrices.map(|(own, module, rows, row)| tensor(&named(own, module), &[rows, row], kind("Q4_K", "BF16"))),
        );
    }
    tensors
}

fn metadata(random: &mut Random) -> Vec<(String, Value)> {
    const ARCHITECTURES: [&str; 8] = ["llama", "llama", "llama", "qwen2", "gemma3", "deepseek2", "mamba2", "gpt2"];
    let name = *one(random, &ARCHITECTURES);
    let of = |key: &str, value: u32| (format!("{name}.{key}"), Value::U32(value));
    let mut keys = vec![
        ("general.architecture".to_owned(), Value::Text(name.to_owned())),
        of("block_count", 2),
        of("context_length", 4096),
        of("embedding_length", 256),
        of("feed_forward_length", 512),
        of("attention.head_count", 4),
        of("attention.head_count_kv", 4),
        ("tokenizer.ggml.tokens".to_owned(), Value::Texts(vec!["a".to_owned(), "b".to_owned()])),
        (format!("{name}.attention.layer_norm_rms_epsilon"), Value::F32(1e-5)),
    ];
    for _ in 0..random.below(4) {
        let at = below(random, keys.len());
        match random.below(6) {
            0 => drop(keys.swap_remove(at)),
            1 => keys.push(keys[at].clone()),
            2 => keys[at].0 = format!("{name}.{}", pick::text(random)),
            3 => keys[at].1 = any(random),
            4 => keys.push((format!("general.{}", one(random, &["alignment", "x"])), any(random))),
            _ => keys.push((format!("split.{}", one(random, &["count", "no", "tensors.count"])), any(random))),
        }
        if keys.is_empty() {
            break;
        }
    }
    keys
}

fn any(random: &mut Random) -> Value {
    let number = |random: &mut Random| u32::try_from(pick::size(random) & u64::from(u32::MAX)).unwrap_or(0);
    match random.below(7) {
        0 => Value::U16(u16::try_from(number(random) & 0xFFFF).unwrap_or(0)),
        1 => Value::F32(f32::from_bits(number(random))),
        2 => Value::Bool(one_in(random, 2)),
        3 => Value::Text(pick::text(random)),
        4 => Value::Texts((0..pick::count(random, 10_000)).map(|_| "t".to_owned()).collect()),
        5 => {
            let (value, count) = (number(random), pick::count(random, 4096));
            Value::U32s(vec![value; count])
        }
        _ => Value::U32(number(random)),
    }
}

/// Changes a few tensors.
fn changed(random: &mut Random, mut tensors: Vec<Tensor>, kinds: &[&'static str]) -> Vec<Tensor> {
    for _ in 0..random.below(3) {
        let at = below(random, tensors.len());
        let Some(it) = tensors.get(at).cloned() else { break };
        match random.below(7) {
            0 => drop(tensors.swap_remove(at)),
            1 => tensors.push(it),
            2 => tensors[at].name = pick::text(random),
            3 => tensors[at].kind = *one::<&str>(random, kinds),
            4 => {
                let sizes = *one(random, &[0, 1, 2, 3, 4, 5, 8]);
                tensors[at].shape = (0..sizes).map(|_| 1 << random.below(8)).collect();
            }
            5 => tensors[at].shape.reverse(),
            _ => {
                tensors.extend((0..pick::count(random, 3000)).map(|i| Tensor { name: format!("x.{i}"), ..it.clone() }));
            }
        }
    }
    tensors
}

/// A tensor whose bytes can be counted.
fn written(it: &Tensor, block: u64) -> bool {
    it.shape
        .iter()
        .try_fold(1_u64, |product, size| product.checked_mul(*size))
        .is_some_and(|all| all < 1 << 40 && all.is_multiple_of(block.max(1)))
}

/// A GGUF file; its data are a length in the last 8 bytes, which aren't part of it.
pub(super) fn gguf(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    if let Some(seed) = seeds.get(below(random, seeds.len() * 4)) {
        return bytes::mutate(random, seed.clone());
    }
    let kinds: Vec<&'static str> = GGML.iter().map(|(name, ..)| *name).collect();
    let mut tensors = changed(random, llama(true), &kinds);
    tensors
        .retain(|it| written(it, GGML.iter().find(|(name, ..)| *name == it.kind).map_or(1, |(_, _, block, _)| *block)));
    let version = if one_in(random, 8) { 2 } else { 3 };
    let file = files::gguf(Dialect { version, big: one_in(random, 8) }, &metadata(random), &tensors);
    finished(random, file)
}

/// A safetensors file, as [`gguf`].
pub(super) fn safetensors(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    if let Some(seed) = seeds.get(below(random, seeds.len() * 4)) {
        return bytes::mutate(random, seed.clone());
    }
    let kinds: Vec<&'static str> = DTYPES.iter().map(|(name, _)| *name).collect();
    let mut tensors = changed(random, llama(false), &kinds);
    tensors.retain(|it| written(it, 1));
    let file = files::safetensors(&tensors);
    if one_in(random, 2) {
        return finished(random, file);
    }
    // A header that is wrong but as long as it says.
    let text = String::from_utf8_lossy(file.header.get(8..).unwrap_or_default()).into_owned();
    let changed = match random.below(4) {
        0 => text.replacen("[256]", &format!("[{}]", vec!["1"; pick::count(random, 100_000)].join(",")), 1),
        1 => text.replacen("256", &pick::number(random), 1),
        2 => text.replacen("\"BF16\"", &serde_json::Value::from(pick::text(random)).to_string(), 1),
        _ => String::from_utf8_lossy(&bytes::mutate(random, text.into_bytes())).into_owned(),
    };
    finished(random, of_header(&changed, file.data))
}

fn finished(random: &mut Random, file: files::Written) -> Vec<u8> {
    let data = if one_in(random, 8) { pick::size(random) } else { file.data };
    let mut input = bytes::sometimes(random, 2, file.header);
    input.extend(data.to_le_bytes());
    input
}

/// A header and, after it, as many bytes as a length says, which are all zero and nowhere.
struct Sparse {
    header: Cursor<Vec<u8>>,
    length: u64,
    at: u64,
}

impl std::io::Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.at)).unwrap_or(usize::MAX).min(buffer.len());
        self.header.set_position(self.at.min(self.header.get_ref().len() as u64));
        let read = self.header.read(&mut buffer[..left])?;
        buffer[read..left].fill(0);
        self.at += left as u64;
        Ok(left)
    }
}

impl std::io::Seek for Sparse {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        let at = match to {
            std::io::SeekFrom::Start(at) => Some(at),
            std::io::SeekFrom::End(by) => self.length.checked_add_signed(by),
            std::io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

const CONFIG: &str = r#"{"model_type": "llama", "hidden_size": 256, "intermediate_size": 512, "num_attention_heads": 4,
    "num_key_value_heads": 4, "num_hidden_layers": 2, "vocab_size": 512}"#;

/// Reads a file's header, and evaluates the model that it is of.
pub(super) fn run(input: &[u8]) -> bool {
    let Some((header, data)) = input.split_last_chunk::<8>() else { return false };
    let length = (header.len() as u64).saturating_add(u64::from_le_bytes(*data)).min(u64::MAX >> 1);
    let file = Sparse { header: Cursor::new(header.to_vec()), length, at: 0 };
    let gguf = header.starts_with(b"GGUF");
    let read = if gguf { WeightsFile::gguf(file) } else { WeightsFile::safetensors(file) };
    let weights = match read {
        Ok(weights) => weights,
        Err(error) => return evaluate::refused(&error),
    };
    let model = if gguf && length < 1 << 30 {
        of_path(header, length)
    } else {
        Model::from_config("fuzzed", CONFIG).and_then(|model| model.with_weights(&weights))
    };
    match model {
        Ok(model) => evaluate::model(&model, &mut evaluate::choices(input)),
        Err(error) => drop(evaluate::refused(&error)),
    }
    true
}

/// The model of a GGUF file, which is on the disk for as long as that takes.
fn of_path(header: &[u8], length: u64) -> Result<Model, cost_models::Error> {
    static FILES: AtomicU64 = AtomicU64::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("fuzzed-{}-{number}.gguf", std::process::id()));
    let written = std::fs::File::create(&path).and_then(|mut file| {
        std::io::Write::write_all(&mut file, header)?;
        file.set_len(length)
    });
    written.expect("a file can be written");
    let model = Model::from_path(&path);
    std::fs::remove_file(&path).expect("and removed");
    model
}
