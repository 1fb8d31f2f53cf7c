//! Parts of files that aren't the model's own: modules that predict further tokens, other modalities.

use cost_tests::files::{safetensors, tensor};
use cost_tests::said;

use crate::cases::{LLAMA, LLAMA_ENDS, Row, case, llama, opened, tensors};
use crate::models::bytes;

/// The tensors of DeepSeek-V3's layers, latent attention's first, in blocks of 32.
const LATENT: &[Row] = &[
    ("model.layers.*.input_layernorm.weight", &[128], "BF16"),
    ("model.layers.*.post_attention_layernorm.weight", &[128], "BF16"),
    ("model.layers.*.self_attn.q_a_proj.weight", &[64, 128], "F8_E4M3"),
    ("model.layers.*.self_attn.q_a_proj.weight_scale_inv", &[2, 4], "F32"),
    ("model.layers.*.self_attn.q_a_layernorm.weight", &[64], "BF16"),
    ("model.layers.*.self_attn.q_b_proj.weight", &[192, 64], "F8_E4M3"),
    ("model.layers.*.self_attn.q_b_proj.weight_scale_inv", &[6, 2], "F32"),
    ("model.layers.*.self_attn.kv_a_proj_with_mqa.weight", &[80, 128], "F8_E4M3"),
    ("model.layers.*.self_attn.kv_a_proj_with_mqa.weight_scale_inv", &[3, 4], "F32"),
    ("model.layers.*.self_attn.kv_a_layernorm.weight", &[64], "BF16"),
    ("model.layers.*.self_attn.kv_b_proj.weight", &[256, 64], "F8_E4M3"),
    ("model.layers.*.self_attn.kv_b_proj.weight_scale_inv", &[8, 2], "F32"),
    ("model.layers.*.self_attn.o_proj.weight", &[128, 128], "F8_E4M3"),
    ("model.layers.*.self_attn.o_proj.weight_scale_inv", &[4, 4], "F32"),
];

/// Those of its mixtures.
const SHARED_MIXTURE: &[Row] = &[
    ("model.layers.*.mlp.gate.weight", &[3, 128], "BF16"),
    ("model.layers.*.mlp.gate.e_score_correction_bias", &[3], "F32"),
    ("model.layers.*.mlp.experts.*.gate_proj.weight", &[64, 128], "F8_E4M3"),
    ("model.layers.*.mlp.experts.*.gate_proj.weight_scale_inv", &[2, 4], "F32"),
    ("model.layers.*.mlp.experts.*.up_proj.weight", &[64, 128], "F8_E4M3"),
    ("model.layers.*.mlp.experts.*.up_proj.weight_scale_inv", &[2, 4], "F32"),
    ("model.layers.*.mlp.experts.*.down_proj.weight", &[128, 64], "F8_E4M3"),
    ("model.layers.*.mlp.experts.*.down_proj.weight_scale_inv", &[4, 2], "F32"),
    ("model.layers.*.mlp.shared_experts.gate_proj.weight", &[64, 128], "F8_E4M3"),
    ("model.layers.*.mlp.shared_experts.gate_proj.weight_scale_inv", &[2, 4], "F32"),
    ("model.layers.*.mlp.shared_experts.up_proj.weight", &[64, 128], "F8_E4M3"),
    ("model.layers.*.mlp.shared_experts.up_proj.weight_scale_inv", &[2, 4], "F32"),
    ("model.layers.*.mlp.shared_experts.down_proj.weight", &[128, 64], "F8_E4M3"),
    ("model.layers.*.mlp.shared_experts.down_proj.weight_scale_inv", &[4, 2], "F32"),
];

/// Those of the module that predicts one token further.
const FURTHER: &[Row] = &[
    ("model.layers.*.embed_tokens.weight", &[512, 128], "BF16"),
    ("model.layers.*.eh_proj.weight", &[128, 256], "BF16"),
    ("model.layers.*.enorm.weight", &[128], "BF16"),
    ("model.layers.*.hnorm.weight", &[128], "BF16"),
    ("model.layers.*.shared_head.norm.weight", &[128], "BF16"),
    ("model.layers.*.shared_head.head.weight", &[512, 128], "BF16"),
];

/// A module that predicts further tokens may be in the file or not; its bytes aren't those of a step either way.
#[test]
fn further_token_modules_are_compared_if_they_are_there() {
    let config = r#""model_type": "deepseek_v3", "hidden_size": 128, "intermediate_size": 96, "num_attention_heads": 4,
        "num_key_value_heads": 4, "num_hidden_layers": 2, "vocab_size": 512, "q_lora_rank": 64, "kv_lora_rank": 64,
        "qk_nope_head_dim": 32, "qk_rope_head_dim": 16, "v_head_dim": 32, "n_routed_experts": 3, "n_shared_experts": 1,
        "num_experts_per_tok": 2, "moe_intermediate_size": 64, "first_k_dense_replace": 1, "num_nextn_predict_layers": 1,
        "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [32, 32]}"#;
    let dense: &[Row] = &[
        ("model.layers.*.mlp.gate_proj.weight", &[96, 128], "F8_E4M3"),
        ("model.layers.*.mlp.gate_proj.weight_scale_inv", &[3, 4], "F32"),
        ("model.layers.*.mlp.up_proj.weight", &[96, 128], "F8_E4M3"),
        ("model.layers.*.mlp.up_proj.weight_scale_inv", &[3, 4], "F32"),
        ("model.layers.*.mlp.down_proj.weight", &[128, 96], "F8_E4M3"),
        ("model.layers.*.mlp.down_proj.weight_scale_inv", &[4, 3], "F32"),
    ];
    let ends = tensors(&LLAMA_ENDS[..3], 0..1, 1);
    let layers = [tensors(LATENT, 0..2, 1), tensors(dense, 0..1, 1), tensors(SHARED_MIXTURE, 1..2, 3)].concat();
    let main = [ends, layers].concat();
    let module = tensors(&[FURTHER, LATENT, SHARED_MIXTURE].concat(), 2..3, 3);
    let with = [main.clone(), module].concat();
    let data = u128::from(safetensors(&main).data);
    let default = "not in the config, so the class's defaults stand in: tie_word_embeddings false";
    for (tensors, notes) in [
        (main, &[default, "the modules that predict further tokens are not in the file"][..]),
        (with.clone(), &[default]),
    ] {
        let model = opened(&case("deepseek", config, tensors, 0)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(bytes(&model), data);
        assert_eq!(said(&model), notes);
    }
    let mut without_head = with;
    without_head.retain(|tensor| !tensor.name.ends_with("shared_head.head.weight"));
    let error = opened(&case("deepseek", config, without_head, 0)).err().unwrap_or_default();
    assert!(error.contains("1 missing: model.layers.2.shared_head.head.weight"), "{error}");
}

/// Only the text part of a model of several is compared.
#[test]
fn other_parts_of_a_model_are_passed_over() {
    let config = format!(
        r#""model_type": "llava", "text_config": {{{LLAMA}}}, "vision_config": {{"model_type": "eye", "hidden_size": 8}}"#
    );
    let mut tensors = llama(|rows, row| vec![("weight", vec![rows, row], "BF16")]);
    let text = u128::from(safetensors(&tensors).data);
    for tensor in &mut tensors {
        tensor.name = format!("language_model.{}", tensor.name);
    }
    tensors.push(tensor("vision_tower.encoder.layers.0.mlp.fc1.weight", &[8, 8], "BF16"));
    tensors.push(tensor("multi_modal_projector.linear_1.weight", &[8, 8], "BF16"));
    let model = opened(&case("several", &config, tensors.clone(), 0)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(bytes(&model), text);
    tensors.push(tensor("language_model.model.extra.weight", &[8, 8], "BF16"));
    let error = opened(&case("several", &config, tensors, 0)).err().unwrap_or_default();
    assert!(error.contains("1 that the model doesn't have: language_model.model.extra.weight"), "{error}");
}
