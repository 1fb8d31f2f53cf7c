//! tmp
use cost_core::Options;
use cost_models::*;
const MIXTURE: &str = r#"{"model_type": "gpt_oss", "hidden_size": 2880, "intermediate_size": 2880, "num_hidden_layers": 36,
    "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64, "num_local_experts": 128, "num_experts_per_tok": 4,
    "vocab_size": 201088, "sliding_window": 128, "tie_word_embeddings": false, "hidden_act": "silu", "attention_bias": true}"#;
fn main() {
    let m = Model::from_config("m", MIXTURE).unwrap();
    let o = Options::default();
    let what = std::env::args().nth(1).unwrap();
    let n: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    for _ in 0..n {
        if what == "k" {
            std::hint::black_box(m.kernels(&Workload::decode(1, 4096), &o).unwrap());
        } else if what == "p" {
            std::hint::black_box(m.plan(&Steps::decode(), &o).unwrap());
        } else {
            std::hint::black_box(m.plan(&Steps::decode(), &o).unwrap().table::<u128>());
        }
    }
}
