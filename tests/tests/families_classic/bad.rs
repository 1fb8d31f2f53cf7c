//! Configs that can't be.

use cost_models::Model;

/// A model type, what its config says besides the defaults, and the error.
const WRONG: &[(&str, &str, &str)] = &[
    ("gpt2", r#""add_cross_attention": true"#, "add_cross_attention: found true, expected false"),
    ("gpt2", r#""n_head": 7"#, "n_head: found 7, expected a divisor of n_embd, which is 768"),
    ("gpt2", r#""n_embd": 768, "hidden_size": 1024"#, "hidden_size: found 1024, expected 768, as n_embd has it"),
    ("gpt2", r#""n_layer": 1000000"#, "n_layer: found 1000000, expected at most 65536"),
    (
        "gpt2",
        r#""n_embd": 9223372036854775808, "n_head": 8"#,
        "n_embd: found 9223372036854775808, expected a number whose product with 4 fits 64 bits",
    ),
    ("gpt2", r#""tie_word_embeddings": "yes""#, r#"tie_word_embeddings: found "yes", expected true or false"#),
    ("gpt_bigcode", r#""num_key_value_heads": 5"#, "num_key_value_heads: found 5, expected 1, as multi_query says"),
    ("gpt_bigcode", r#""multi_query": 1"#, "multi_query: found 1, expected true or false"),
    (
        "opt",
        r#""max_position_embeddings": 18446744073709551615"#,
        "max_position_embeddings: found 18446744073709551615, expected a number whose sum with 2 fits 64 bits",
    ),
    ("opt", r#""word_embed_proj_dim": 0"#, "word_embed_proj_dim: found 0, expected a positive whole number"),
    (
        "opt",
        r#""num_key_value_heads": 3"#,
        r#"num_key_value_heads: found 3, expected no such field in a config of model_type "opt", whose cost would change"#,
    ),
    ("bloom", r#""slow_but_exact": true"#, "slow_but_exact: found true, expected false"),
    ("bloom", r#""n_inner": 60"#, "n_inner: found 60, expected 256, four times hidden_size"),
    (
        "falcon",
        r#""new_decoder_architecture": true, "num_kv_heads": 8"#,
        "num_kv_heads: found 8, expected a divisor of num_attention_heads, which is 71",
    ),
    (
        "falcon",
        r#""new_decoder_architecture": true, "parallel_attn": false"#,
        "parallel_attn: found false, expected true, as new_decoder_architecture is",
    ),
    (
        "falcon",
        r#""num_ln_in_parallel_attn": 2"#,
        "num_ln_in_parallel_attn: found 2, expected 1, as new_decoder_architecture is false",
    ),
    (
        "falcon",
        r#""new_decoder_architecture": true, "num_ln_in_parallel_attn": 3"#,
        "num_ln_in_parallel_attn: found 3, expected 1 or 2",
    ),
    (
        "falcon",
        r#""multi_query": false, "num_kv_heads": 2"#,
        "num_kv_heads: found 2, expected 71, as num_attention_heads has it, where multi_query is false",
    ),
    ("RefinedWeb", r#""n_head": 128"#, "num_hidden_layers: found nothing, expected a positive whole number"),
    (
        "gpt_neox",
        r#""rotary_pct": 1.5"#,
        "rotary_pct: found 144 of 96 numbers of a head, expected a share of the head size, above 0 and at most 1",
    ),
    (
        "gpt_neox",
        r#""hidden_act": "silu""#,
        r#"hidden_act: found "silu", expected "gelu" or "gelu_python" or "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" or "gelu_python_tanh" or "gelu_accurate" or "relu""#,
    ),
    ("bert", r#""is_decoder": true"#, "is_decoder: found true, expected false"),
    ("bert", r#""add_cross_attention": true"#, "add_cross_attention: found true, expected false"),
    (
        "bert",
        r#""position_embedding_type": "relative_key""#,
        r#"position_embedding_type: found "relative_key", expected "absolute""#,
    ),
    (
        "bert",
        r#""architectures": ["BertForPictures"]"#,
        r#"architectures: found "BertForPictures", expected one of BertModel, BertForMaskedLM, BertLMHeadModel, BertForPreTraining, BertForNextSentencePrediction, BertForSequenceClassification, BertForMultipleChoice, BertForTokenClassification, BertForQuestionAnswering"#,
    ),
    ("bert", r#""architectures": ["BertModel", "BertForMaskedLM"]"#, "architectures: found 2 classes, expected one"),
    (
        "bert",
        r#""architectures": ["BertForMaskedLM"], "tie_word_embeddings": false"#,
        "tie_word_embeddings: found false, expected true in a model of masked words",
    ),
    (
        "bert",
        r#""architectures": ["BertForQuestionAnswering"], "num_labels": 3"#,
        "id2label: found 3 labels, expected 2, for where an answer begins and ends",
    ),
    ("bert", r#""id2label": ["a"]"#, r#"id2label: found ["a"], expected an object with a name for each label"#),
    ("bert", r#""id2label": {"0": "a"}, "num_labels": 2"#, "num_labels: found 2, expected 1, as id2label says"),
    ("bert", r#""type_vocab_size": 0"#, "type_vocab_size: found 0, expected a positive whole number"),
    (
        "bert",
        r#""chunk_size_feed_forward": 16"#,
        r#"chunk_size_feed_forward: found 16, expected no such field in a config of model_type "bert", whose cost would change"#,
    ),
    (
        "roberta",
        r#""architectures": ["RobertaForPreTraining"]"#,
        r#"architectures: found "RobertaForPreTraining", expected one of RobertaModel, RobertaForMaskedLM, RobertaForCausalLM, RobertaForSequenceClassification, RobertaForMultipleChoice, RobertaForTokenClassification, RobertaForQuestionAnswering"#,
    ),
    (
        "roberta",
        r#""architectures": ["RobertaForMaskedLM"], "hidden_act": "relu""#,
        r#"hidden_act: found "relu", expected "gelu" or "gelu_python""#,
    ),
    (
        "albert",
        r#""num_hidden_groups": 5"#,
        "num_hidden_groups: found 5, expected a divisor of num_hidden_layers, which is 12",
    ),
    (
        "albert",
        r#""down_scale_factor": 2"#,
        "down_scale_factor: found 2, expected 1, as every released checkpoint says",
    ),
];

#[test]
fn wrong_configs_name_the_field() {
    for (model_type, fields, message) in WRONG {
        let config = format!(r#"{{"model_type": "{model_type}", {fields}}}"#);
        let error = Model::from_config("model", &config).unwrap_err().to_string();
        assert_eq!(error, *message, "{config}");
    }
}
