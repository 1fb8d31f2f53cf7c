//! Names of tensors in released files.

use cost_core::Options;
use cost_core::op::Role;
use cost_models::Workload;

use crate::configs::{BLOOM, FALCON_7B, FALCON_40B, GPT_NEOX_20B, OPT_350M};
use crate::model;

/// The tensors of released files, relative to the layer where there is one: those that are in the layers of each kind of
/// name, as `transformers` 5.23.0 writes them; BLOOM's card, Falcon's and the others' files have the same.
const NAMES: &[(&str, &[&str])] = &[
    (
        r#"{"model_type": "gpt_bigcode"}"#,
        &[
            "attn.c_attn",
            "attn.c_proj",
            "ln_1",
            "ln_2",
            "mlp.c_fc",
            "mlp.c_proj",
            "transformer.ln_f",
            "transformer.wpe",
            "transformer.wte",
        ],
    ),
    (
        OPT_350M,
        &[
            "fc1",
            "fc2",
            "final_layer_norm",
            "model.decoder.embed_positions",
            "model.decoder.embed_tokens",
            "model.decoder.project_in",
            "model.decoder.project_out",
            "self_attn.k_proj",
            "self_attn.out_proj",
            "self_attn.q_proj",
            "self_attn.v_proj",
            "self_attn_layer_norm",
        ],
    ),
    (
        BLOOM,
        &[
            "input_layernorm",
            "mlp.dense_4h_to_h",
            "mlp.dense_h_to_4h",
            "post_attention_layernorm",
            "self_attention.dense",
            "self_attention.query_key_value",
            "transformer.ln_f",
            "transformer.word_embeddings",
            "transformer.word_embeddings_layernorm",
        ],
    ),
    (
        FALCON_7B,
        &[
            "input_layernorm",
            "mlp.dense_4h_to_h",
            "mlp.dense_h_to_4h",
            "self_attention.dense",
            "self_attention.query_key_value",
            "transformer.ln_f",
            "transformer.word_embeddings",
        ],
    ),
    (
        FALCON_40B,
        &[
            "ln_attn",
            "ln_mlp",
            "mlp.dense_4h_to_h",
            "mlp.dense_h_to_4h",
            "self_attention.dense",
            "self_attention.query_key_value",
            "transformer.ln_f",
            "transformer.word_embeddings",
        ],
    ),
    (
        GPT_NEOX_20B,
        &[
            "attention.dense",
            "attention.query_key_value",
            "embed_out",
            "gpt_neox.embed_in",
            "gpt_neox.final_layer_norm",
            "input_layernorm",
            "mlp.dense_4h_to_h",
            "mlp.dense_h_to_4h",
            "post_attention_layernorm",
        ],
    ),
    (
        r#"{"model_type": "bert", "architectures": ["BertForPreTraining"]}"#,
        &[
            "attention.output.LayerNorm",
            "attention.output.dense",
            "attention.self.key",
            "attention.self.query",
            "attention.self.value",
            "bert.embeddings.LayerNorm",
            "bert.embeddings.position_embeddings",
            "bert.embeddings.token_type_embeddings",
            "bert.embeddings.word_embeddings",
            "bert.pooler.dense",
            "cls.predictions",
            "cls.predictions.transform.LayerNorm",
            "cls.predictions.transform.dense",
            "cls.seq_relationship",
            "intermediate.dense",
            "output.LayerNorm",
            "output.dense",
        ],
    ),
    (
        r#"{"model_type": "roberta", "architectures": ["RobertaForSequenceClassification"]}"#,
        &[
            "attention.output.LayerNorm",
            "attention.output.dense",
            "attention.self.key",
            "attention.self.query",
            "attention.self.value",
            "classifier.dense",
            "classifier.out_proj",
            "intermediate.dense",
            "output.LayerNorm",
            "output.dense",
            "roberta.embeddings.LayerNorm",
            "roberta.embeddings.position_embeddings",
            "roberta.embeddings.token_type_embeddings",
            "roberta.embeddings.word_embeddings",
        ],
    ),
    (
        r#"{"model_type": "albert", "architectures": ["AlbertForPreTraining"]}"#,
        &[
            "albert.embeddings.LayerNorm",
            "albert.embeddings.position_embeddings",
            "albert.embeddings.token_type_embeddings",
            "albert.embeddings.word_embeddings",
            "albert.encoder.embedding_hidden_mapping_in",
            "albert.pooler",
            "attention.LayerNorm",
            "attention.dense",
            "attention.key",
            "attention.query",
            "attention.value",
            "ffn",
            "ffn_output",
            "full_layer_layer_norm",
            "predictions",
            "predictions.LayerNorm",
            "predictions.dense",
            "sop_classifier.classifier",
        ],
    ),
];

#[test]
fn tensors_have_their_names_in_released_files() {
    for (config, modules) in NAMES {
        let tensors = model(config).tensors(&Workload::prefill(1, 1), &Options::default()).unwrap();
        let names = tensors.iter().filter(|tensor| tensor.role == Role::Weight).map(|tensor| {
            let name = tensor.hf.as_deref().unwrap_or_else(|| panic!("{} has no name", tensor.path));
            let module = name.strip_suffix(".weight").or_else(|| name.strip_suffix(".bias"));
            module.unwrap_or_else(|| panic!("{name} is no weight and no bias"))
        });
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names, *modules, "{config}");
    }
    // In GGUF files the norms of Falcon 40B are the other way round.
    let tensors = model(FALCON_40B).tensors(&Workload::prefill(1, 1), &Options::default()).unwrap();
    let gguf = |hf: &str| tensors.iter().find(|tensor| tensor.hf.as_deref() == Some(hf)).and_then(|it| it.gguf.clone());
    assert_eq!(gguf("ln_attn.weight").as_deref(), Some("blk.*.attn_norm_2.weight"));
    assert_eq!(gguf("ln_mlp.weight").as_deref(), Some("blk.*.attn_norm.weight"));
}
