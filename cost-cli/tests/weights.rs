//! Weights files on the command line: what is printed of right ones, and that wrong ones are refused in little memory.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cost_tests::files::{GGUF3, Tensor, Value, Written, gguf, safetensors, tensor};
use serde_json::Value as Json;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost")).args(args).output().unwrap()
}

/// An empty directory for one test.
fn directory(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Runs the command and expects it to succeed in silence; gives its JSON.
#[track_caller]
fn report(args: &[&str]) -> Json {
    let output = run(&[&["report"], args, &["--json", "--past", "1"]].concat());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && stderr.is_empty(), "{args:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A Llama of two layers, whose matrices have these types, layer by layer.
fn llama(kinds: [&'static str; 2], names: [&str; 13]) -> Vec<Tensor> {
    let (d, v, f) = (256, 1024, 512);
    let [embed, norm, head, layer, attn_norm, ffn_norm, q, k, v_, o, gate, up, down] = names;
    let mut tensors = vec![tensor(embed, &[v, d], "F16"), tensor(norm, &[d], "F32"), tensor(head, &[v, d], kinds[0])];
    for (i, kind) in kinds.into_iter().enumerate() {
        let named = |name: &str| layer.replace('*', &i.to_string()) + name + ".weight";
        tensors.extend(
            [(attn_norm, [1, d], "F32"), (ffn_norm, [1, d], "F32")]
                .map(|(name, shape, kind)| tensor(&named(name), &shape[1..], kind)),
        );
        for (name, shape) in
            [(q, [d, d]), (k, [d, d]), (v_, [d, d]), (o, [d, d]), (gate, [f, d]), (up, [f, d]), (down, [d, f])]
        {
            tensors.push(tensor(&named(name), &shape, kind));
        }
    }
    tensors
}

const GGUF: [&str; 13] = [
    "token_embd.weight",
    "output_norm.weight",
    "output.weight",
    "blk.*.",
    "attn_norm",
    "ffn_norm",
    "attn_q",
    "attn_k",
    "attn_v",
    "attn_output",
    "ffn_gate",
    "ffn_up",
    "ffn_down",
];

const MODULES: [&str; 13] = [
    "model.embed_tokens.weight",
    "model.norm.weight",
    "lm_head.weight",
    "model.layers.*.",
    "input_layernorm",
    "post_attention_layernorm",
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
];

const CONFIG: &str = r#"{"model_type": "llama", "hidden_size": 256, "intermediate_size": 512, "num_attention_heads": 4,
    "num_hidden_layers": 2, "vocab_size": 1024}"#;

fn keys() -> Vec<(String, Value)> {
    let numbers = [
        ("embedding_length", 256),
        ("block_count", 2),
        ("feed_forward_length", 512),
        ("attention.head_count", 4),
        ("attention.head_count_kv", 4),
    ];
    let numbers = numbers.map(|(key, number)| (format!("llama.{key}"), Value::U32(number)));
    [vec![("general.architecture".to_owned(), Value::Text("llama".to_owned()))], numbers.to_vec()].concat()
}

/// Elements of one layer's matrices, and of the head.
const LAYER: u64 = 4 * 256 * 256 + 3 * 256 * 512;
const HEAD: u64 = 1024 * 256;
/// Bytes of the norms, and of the row of the embedding that a step reads.
const REST: u64 = 5 * 256 * 4 + 256 * 2;

#[test]
fn files_decide_the_bytes() {
    let path = directory("files");
    let file = path.join("small.gguf");
    gguf(GGUF3, &keys(), &llama(["Q4_K", "Q8_0"], GGUF)).save(&file);
    std::fs::write(path.join("config.json"), CONFIG).unwrap();
    let [file, config] = [file, path.join("config.json")].map(|path| path.display().to_string());
    // 144 byte for 256 elements, 34 for 32.
    let mixed = (LAYER + HEAD) / 256 * 144 + LAYER / 32 * 34 + REST;
    let plain = (2 * LAYER + HEAD) * 2;
    let norms = 5 * 256;
    for (args, bytes, weights) in [
        (vec![file.as_str()], mixed, "q8_0+f16+q4_k+f32"),
        (vec![&config, "--weights-file", &file], mixed, "q8_0+f16+q4_k+f32"),
        (vec![&config], plain + norms * 2 + 512, "bf16"),
        (vec![&file, "--weights", "bf16"], plain + norms * 2 + 512, "bf16"),
        (vec![&file, "--set", "blk.*.ffn_norm.weight=f64"], mixed + 2 * 256 * 4, "q8_0+f16+q4_k+f64+f32"),
    ] {
        let report = report(&args);
        assert_eq!(report["bytes"]["weights"].as_u64(), Some(bytes), "{args:?}");
        assert_eq!(report["formats"]["weights"].as_str(), Some(weights), "{args:?}");
    }
    let listed = report(&[&file, "--tensors"]);
    let formats = listed["tensors"].as_array().unwrap().iter().filter(|it| it["name"] == "blk.*.ffn_up.weight");
    let formats: Vec<(&str, u64)> =
        formats.map(|tensor| (tensor["format"].as_str().unwrap(), tensor["bytes"].as_u64().unwrap())).collect();
    assert_eq!(formats, [("q4_k", 512 * 144), ("q8_0", 512 * 8 * 34)]);
}

#[test]
fn directories_and_formulas_know_their_weights() {
    let path = directory("directories");
    std::fs::write(path.join("config.json"), CONFIG).unwrap();
    safetensors(&llama(["F32", "F16"], MODULES)).save(&path.join("model.safetensors"));
    let names = [path.clone(), path.join("model.safetensors")].map(|path| path.display().to_string());
    for name in &names {
        let bytes = report(&[name])["bytes"]["weights"].as_u64();
        assert_eq!(bytes, Some((LAYER + HEAD) * 4 + LAYER * 2 + REST), "{name}");
        for command in [&["formula"][..], &["balance", "--solve", "b", "--on", "h100"]] {
            let output = run(&[command, &[name]].concat());
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// Runs the command in little memory, where a shell can see to that, and expects it to fail and to say all of these.
#[track_caller]
fn refused(args: &[&str], said: &[&str]) {
    let output = if cfg!(unix) {
        let quoted: Vec<String> = args.iter().map(|arg| format!("'{arg}'")).collect();
        let line = format!("ulimit -v 400000; exec '{}' {}", env!("CARGO_BIN_EXE_cost"), quoted.join(" "));
        Command::new("sh").args(["-c", &line]).output().unwrap()
    } else {
        run(args)
    };
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(output.stdout.is_empty() && stderr.starts_with("error: "), "{args:?}: {stderr}");
    for part in said {
        assert!(stderr.contains(part), "{args:?}: no {part:?} in {stderr}");
    }
}

/// A file of 64 GB, none of it on disk, whose header says what it likes.
fn lying(path: &Path, at: usize, number: u64) -> String {
    let mut written = gguf(GGUF3, &keys(), &llama(["Q4_K", "Q8_0"], GGUF));
    written.header[at..at + 8].copy_from_slice(&number.to_le_bytes());
    Written { data: 1 << 36, ..written }.save(path);
    path.display().to_string()
}

#[test]
fn wrong_files_are_refused_in_little_memory() {
    let path = directory("wrong");
    let good = path.join("good.gguf");
    gguf(GGUF3, &keys(), &llama(["Q4_K", "Q8_0"], GGUF)).save(&good);
    let good = good.display().to_string();
    let named = |name: &str| path.join(name).display().to_string();
    std::fs::write(path.join("short.gguf"), &std::fs::read(&good).unwrap()[..100]).unwrap();
    std::fs::write(path.join("text.gguf"), "version https://git-lfs.github.com/spec/v1").unwrap();
    for (name, said) in [
        (named("none.gguf"), &["none.gguf", "No such file"][..]),
        (named("short.gguf"), &["short.gguf", "number of tensors: found 21, expected at most 3"]),
        (named("text.gguf"), &["text.gguf", "neither GGUF"]),
        (lying(&path.join("tensors.gguf"), 8, 1 << 60), &["number of tensors: found 1152921504606846976"]),
        (
            lying(&path.join("many.gguf"), 8, 1 << 30),
            &["number of tensors: found 1073741824, expected at most 1048576"],
        ),
        (lying(&path.join("more.gguf"), 8, 1 << 20), &["tensor's name: found 0 bytes"]),
        (lying(&path.join("keys.gguf"), 16, 1 << 60), &["number of metadata keys"]),
        (lying(&path.join("name.gguf"), 24, 1 << 40), &["metadata key: found 1099511627776 bytes"]),
        (lying(&path.join("value.gguf"), 56, 1 << 35), &["general.architecture", "a header of at most"]),
    ] {
        refused(&["report", &name], said);
        refused(&["report", "llama-2-7b", "--weights-file", &name], said);
    }
    refused(
        &["report", "llama-2-7b", "--weights-file", &good],
        &["not those of the model", "missing", "another shape"],
    );
    refused(&["report", "lama", "--weights-file", &good], &["unknown model `lama`"]);
}
