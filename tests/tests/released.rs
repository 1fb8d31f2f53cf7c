//! Configs as they are released, re-saved, wrapped and mistyped: what is counted, what is said, and what is refused.

use cost_core::Options;
use cost_models::report::{Report, report};
use cost_models::{Error, Model, Workload, catalogue};
use serde_json::{Map, Value, json};

/// A built-in config with other values of some fields; null takes a field out, "null" in a list puts a null there.
fn edited(name: &str, edits: &Value) -> String {
    let entry = catalogue::ENTRIES.iter().find(|entry| entry.name == name).unwrap();
    let mut config: Map<String, Value> = serde_json::from_str(entry.config).unwrap();
    for (field, value) in edits.as_object().unwrap() {
        match value {
            Value::Null => drop(config.remove(field)),
            Value::Array(list) if list == &[json!("null")] => drop(config.insert(field.clone(), Value::Null)),
            other => drop(config.insert(field.clone(), other.clone())),
        }
    }
    Value::Object(config).to_string()
}

fn counted(config: &str) -> Report {
    let model = Model::from_config("it", config).unwrap();
    let options = Options::default();
    report(&model, &Workload::decode(1, 1024), &options, &[]).unwrap()
}

/// A built-in config with edits: parameters, bytes of weights that a step reads, what is said of it.
#[track_caller]
fn check(name: &str, edits: &Value, params: u128, said: &[&str]) -> Report {
    let report = counted(&edited(name, edits));
    assert_eq!(report.params.total, params, "{name} {edits}");
    let notes: Vec<&str> = report.notes.iter().map(|note| note.text.as_str()).collect();
    for part in said {
        assert!(notes.iter().any(|note| note.contains(part)), "{name} {edits}: no {part:?} in {notes:?}");
    }
    report
}

/// A built-in config with edits that are refused, and what the message says.
#[track_caller]
fn refused(name: &str, edits: &Value, said: &[&str]) {
    said_of(&edited(name, edits), said);
}

#[track_caller]
fn said_of(config: &str, said: &[&str]) {
    let error: Error = Model::from_config("it", config).unwrap_err();
    let message = error.to_string();
    for part in said {
        assert!(message.contains(part), "{config}: no {part:?} in {message}");
    }
}

#[test]
fn models_without_a_head_have_none() {
    // LlamaModel: 32,000 rows of 4,096 less than the 6,738,415,616 of LlamaForCausalLM.
    let head = 32_000 * 4096;
    let without = json!({"architectures": ["LlamaModel"]});
    let report = check("llama-2-7b", &without, 6_738_415_616 - head, &["without a head"]);
    assert_eq!(report.params.lm_head, 0);
    let with = check("llama-2-7b", &json!({}), 6_738_415_616, &[]);
    assert_eq!(with.flops.matmul - report.flops.matmul, 2 * head);
    // In 16 bits: the head's rows aren't read, nor is what it would be given, and no logits are written.
    assert_eq!(with.bytes.weights.whole().unwrap() - report.bytes.weights.whole().unwrap(), 2 * head);
    assert_eq!(with.bytes.acts_read.whole().unwrap() - report.bytes.acts_read.whole().unwrap(), 2 * 4096);
    assert_eq!(with.bytes.acts_written.whole().unwrap() - report.bytes.acts_written.whole().unwrap(), 2 * 32_000);
    check("qwen3-8b", &json!({"architectures": ["Qwen3Model"]}), 8_190_735_360 - 151_936 * 4096, &["without a head"]);
    // Of a tied head only the work goes.
    check("gpt2", &json!({"architectures": ["GPT2Model"]}), 124_439_808, &["without a head"]);
    check("deepseek-v3", &json!({"architectures": ["DeepseekV3Model"]}), 671_026_404_352 - 129_280 * 7168, &[]);
    check("mamba2-2.7b", &json!({"architectures": ["Mamba2Model"]}), 2_702_599_680, &["without a head"]);
    refused("llama-2-7b", &json!({"architectures": ["LlamaForSequenceClassification"]}), &["architectures"]);
}

#[test]
fn missing_fields_have_the_defaults_of_their_class_and_that_is_said() {
    // MiniMaxM2Config: 8 key/value heads of 128.
    let without = json!({"head_dim": null, "num_key_value_heads": null});
    check("minimax-m2.5", &without, 228_689_748_992, &["num_key_value_heads 8", "head_dim 128"]);
    // MistralConfig: a window of 4,096.
    check("mistral-7b-v0.1", &json!({"sliding_window": null}), 7_241_732_096, &["sliding_window 4096"]);
    // Qwen3MoeConfig has no head size: the width divided by the heads, 2048 / 32.
    check("qwen3-30b-a3b", &json!({"head_dim": null}), 30_532_122_624 - 48 * (2 * 2048 * 64 * 36 + 2 * 64), &[]);
    let bloom = counted(r#"{"model_type": "bloom"}"#);
    let said = &bloom.notes[0].text;
    assert!(said.contains("hidden_size 64") && said.contains("n_head 8") && said.contains("n_layer 2"), "{said}");
    assert_eq!(bloom.notes[0].level, cost_models::Level::Note);
}

#[test]
fn weights_are_stored_in_the_type_that_the_config_names() {
    for (name, bytes, shown) in [("float32", 4, "f32"), ("float16", 2, "f16"), ("bfloat16", 2, "bf16")] {
        let report = check("llama-2-7b", &json!({"torch_dtype": name}), 6_738_415_616, &[]);
        assert_eq!(report.formats.weights, shown);
        // All but the embedding table, of which a row is read.
        let read = (6_738_415_616 - 32_000 * 4096 + 4096) * bytes;
        assert_eq!(report.bytes.weights.whole(), Some(read), "{name}");
    }
}

/// `MiMoV2FlashConfig`: what the released config says too, but for the query's own key, which only `sliding_window_size`
/// counts apart.
#[test]
fn what_mimo_leaves_out_is_as_its_class_has_it() {
    let own =
        check("mimo-v2-flash", &json!({"sliding_window": 128, "sliding_window_size": null}), 308_778_768_832, &[]);
    let fields = [
        "num_key_value_heads",
        "head_dim",
        "v_head_dim",
        "swa_num_attention_heads",
        "swa_num_key_value_heads",
        "n_routed_experts",
        "num_experts_per_tok",
        "moe_intermediate_size",
        "sliding_window",
        "sliding_window_size",
        "hybrid_layer_pattern",
        "moe_layer_freq",
    ];
    let mut config: Value = serde_json::from_str(&edited("mimo-v2-flash", &json!({}))).unwrap();
    config.as_object_mut().unwrap().retain(|field, _| !fields.contains(&field.as_str()));
    let report = counted(&config.to_string());
    assert_eq!((&report.params, &report.bytes), (&own.params, &own.bytes));
    for field in fields.iter().filter(|field| **field != "sliding_window_size") {
        assert!(report.notes.iter().any(|note| note.text.contains(field)), "{field}: {:?}", report.notes);
    }
}

#[test]
fn windows_are_as_long_as_the_released_code_has_them() {
    // MiMoV2FlashConfig: sliding_window_size keys before the query, 129 with it. So far its 39 layers with windows read 128
    // cached positions and the new one; of full layers there are 9.
    let own = check("mimo-v2-flash", &json!({}), 308_778_768_832, &[]);
    let saved = check("mimo-v2-flash", &json!({"sliding_window": 129}), 308_778_768_832, &[]);
    assert_eq!(own.bytes.cache_read, saved.bytes.cache_read);
    let pair = 2 * 64 * (192 + 128);
    let shorter = json!({"sliding_window": 127, "sliding_window_size": 127});
    let shorter = check("mimo-v2-flash", &shorter, 308_778_768_832, &[]);
    assert_eq!(own.flops.matmul - shorter.flops.matmul, 39 * pair);
    let alone =
        check("mimo-v2-flash", &json!({"sliding_window": 129, "sliding_window_size": null}), 308_778_768_832, &[]);
    assert_eq!(own.flops.matmul, alone.flops.matmul);
    refused("mimo-v2-flash", &json!({"sliding_window": 100}), &["sliding_window", "100", "128 or", "129"]);
}

#[test]
fn what_transformers_5_writes_is_read() {
    let types = |kind: &str, layers: usize| json!(vec![kind; layers]);
    check("gemma-3-1b", &json!({"_sliding_window_pattern": 6, "sliding_window_pattern": null}), 999_885_952, &[]);
    let experts = json!({"num_local_experts": 128, "num_experts": null});
    check("qwen3-30b-a3b", &experts, 30_532_122_624, &[]);
    let indexed = json!({"layer_types": types("indexed_attention", 61)});
    check("deepseek-v3.2", &indexed, 671_877_929_216, &[]);
    check("llama-2-7b", &json!({"layer_types": types("full_attention", 32)}), 6_738_415_616, &[]);
    refused("llama-2-7b", &json!({"layer_types": types("sliding_attention", 32)}), &["layer_types[0]"]);
    refused("olmo-2-7b", &json!({"layer_types": types("sliding_attention", 32)}), &["layer_types[0]"]);
    refused("mixtral-8x7b", &json!({"layer_types": types("sliding_attention", 32)}), &["sliding_window"]);
}

#[test]
fn fields_without_effect_are_passed_over() {
    for edits in [
        json!({"_attn_implementation_autoset": true, "_flash_attn_2_enabled": true, "attn_implementation": "sdpa"}),
        json!({"max_window_layers": 28, "hidden_act": "swish", "quantization_config": {}}),
        json!({"auto_map": {"AutoModel": "modeling.M"}, "use_cache": false}),
    ] {
        let report = check("llama-2-7b", &edits, 6_738_415_616, &[]);
        assert!(report.notes.is_empty(), "{edits}: {:?}", report.notes);
    }
    check("llama-2-7b", &json!({"model_type": null}), 6_738_415_616, &["the class LlamaForCausalLM"]);
    check("llama-2-7b", &json!({"sliding_windw": ["null"]}), 6_738_415_616, &["sliding_windw (null)"]);
    check("llama-2-7b", &json!({"mlp_bais": false}), 6_738_415_616, &["mlp_bais (false)"]);
    refused("llama-2-7b", &json!({"use_cache": "yes"}), &["use_cache", "true or false"]);
    refused("llama-2-7b", &json!({"rope_theta": -1}), &["rope_theta", "a number, 0 or more"]);
}

#[test]
fn contradictions_are_refused() {
    for (name, edits, said) in [
        ("deepseek-v3", json!({"first_k_dense_replace": 99}), ["first_k_dense_replace: found 99", "61"]),
        ("deepseek-v3", json!({"moe_layer_freq": 100}), ["moe_layer_freq: found 100", "61"]),
        ("deepseek-v3", json!({"qk_head_dim": 5}), ["qk_head_dim: found 5", "192"]),
        ("deepseek-v3", json!({"topk_group": -1}), ["topk_group: found -1", "positive"]),
        ("deepseek-v3", json!({"topk_group": 9}), ["topk_group: found 9", "n_group, which is 8"]),
        ("deepseek-v3", json!({"n_group": 7}), ["n_group: found 7", "256"]),
        ("deepseek-v3", json!({"scoring_func": "softmax"}), ["scoring_func", "\"sigmoid\""]),
        ("deepseek-v2-lite", json!({"topk_method": "noaux_tc"}), ["topk_method", "greedy"]),
        ("glm-4.5-air", json!({"first_k_dense_replace": 47}), ["first_k_dense_replace: found 47", "46"]),
        ("qwen3-30b-a3b", json!({"decoder_sparse_step": 49}), ["decoder_sparse_step: found 49", "48"]),
        ("qwen3-next-80b-a3b", json!({"full_attention_interval": 49}), ["full_attention_interval: found 49", "48"]),
        ("llama-2-7b", json!({"model_type": "mamba3"}), ["\"mamba3\"", "is another architecture"]),
        ("llama-2-7b", json!({"model_type": "lama"}), ["\"lama\"", "did you mean \"llama\"?"]),
    ] {
        refused(name, &edits, &said);
    }
    let skipped =
        json!({"quantization_config": {"quant_method": "fp8", "modules_to_not_convert": ["lm_head", "nothing.such"]}});
    check("llama-2-7b", &skipped, 6_738_415_616, &["nothing.such"]);
    check("deepseek-v3", &json!({"num_key_value_heads": 8}), 671_026_404_352, &["num_key_value_heads is 8"]);
}

#[test]
fn text_parts_are_found_and_what_is_left_out_is_said() {
    // Vicuna 7B's sizes but for the vocabulary are LlamaConfig's defaults: 6,738,415,616 and 64 rows of table and head more.
    let llava = |edit: &dyn Fn(&mut Value)| {
        let mut config = json!({"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava",
            "text_config": {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float16",
                "vocab_size": 32064},
            "tie_word_embeddings": false, "torch_dtype": "float16", "image_token_index": 32000,
            "vision_config": {"model_type": "eye", "hidden_size": 1024}, "vision_feature_layer": -2, "vocab_size": 32064});
        edit(&mut config);
        config.to_string()
    };
    let report = counted(&llava(&|_| {}));
    assert_eq!(report.params.total, 6_738_415_616 + 2 * 64 * 4096);
    let warned = |report: &Report| report.notes.iter().filter(|note| note.is_warning()).count();
    assert_eq!(warned(&report), 1, "{:?}", report.notes);
    // Either says it: LlavaConfig.
    let tied = counted(&llava(&|config| config["text_config"]["tie_word_embeddings"] = json!(true)));
    assert_eq!(tied.params.total, 6_738_415_616 + 64 * 4096 - 32_000 * 4096);
    assert!(tied.notes.iter().any(|note| note.field.as_deref() == Some("tie_word_embeddings")));
    said_of(&llava(&|config| config["text_config"]["model_type"] = json!("foo")), &["text_config.model_type", "llava"]);
    said_of(&llava(&|config| config["text_config"]["hidden_size"] = json!(-1)), &["text_config.hidden_size", "llava"]);
    let untyped = json!({"model_type": "new", "text_config": {"hidden_size": 8}}).to_string();
    said_of(&untyped, &["text_config.model_type: found nothing", "\"new\""]);
    let fp8 = counted(&llava(&|config| config["compression_config"] = json!({"quant_method": "fp8"})));
    assert!(fp8.formats.weights.starts_with("fp8"), "{}", fp8.formats.weights);
    // Mistral Small 3.1; what is about images stands beside the text part.
    let mistral = json!({"architectures": ["Mistral3ForConditionalGeneration"], "model_type": "mistral3",
        "spatial_merge_size": 2, "multimodal_projector_bias": false, "auto_map": {"A": "b"},
        "vision_config": {"model_type": "eye"},
        "text_config": {"auto_map": {"A": "c"}, "head_dim": 128, "hidden_size": 5120, "intermediate_size": 32768,
            "model_type": "mistral", "num_attention_heads": 32, "num_hidden_layers": 40, "num_key_value_heads": 8,
            "sliding_window": null, "vocab_size": 131_072, "tie_word_embeddings": false}});
    assert_eq!(counted(&mistral.to_string()).params.total, 23_572_403_200);
    // The whole decides: Mistral3Config.
    let mut tied = mistral;
    tied["tie_word_embeddings"] = json!(true);
    assert_eq!(counted(&tied.to_string()).params.total, 23_572_403_200 - 131_072 * 5120);
}

#[test]
fn quantisation_that_is_not_known_is_refused_by_name() {
    let method = |value: Value| json!({ "quantization_config": value });
    for name in ["quanto", "higgs", "spqr", "vptq", "fp_quant"] {
        refused("llama-2-7b", &method(json!({ "quant_method": name })), &[name, "not known here", "`--weights`"]);
    }
    refused("llama-2-7b", &method(json!({ "quant_method": "brand-new" })), &["brand-new", "one of fp8", "`--weights`"]);
    for name in ["modelopt", "torchao", "hqq", "exl2", "exl3", "auto-round", "quark"] {
        refused("llama-2-7b", &method(json!({ "quant_method": name, "bits": 77 })), &["quantization_config"]);
    }
    refused("llama-2-7b", &json!({"quantization": {"group_size": 64, "bits": 7}}), &["quantization.bits", "found 7"]);
    for size in [3, 100] {
        let gptq = method(json!({"quant_method": "gptq", "bits": 4, "group_size": size}));
        refused("llama-2-7b", &gptq, &["group_size", "a divisor of 4096"]);
    }
    let packed = |groups: Value| method(json!({"quant_method": "compressed-tensors", "config_groups": groups}));
    refused("llama-2-7b", &packed(json!({})), &["config_groups", "at least one"]);
    let empty = packed(json!({"group_0": {"targets": ["Linear"], "weights": null}}));
    refused("llama-2-7b", &empty, &["config_groups.group_0.weights", "an object"]);
}

#[test]
fn built_in_models_have_no_warnings_and_few_notes() {
    for entry in catalogue::ENTRIES {
        let model = catalogue::find(entry.name).unwrap();
        assert_eq!(model.warnings().count(), 0, "{}: {:?}", entry.name, model.notes);
        assert!(model.notes.len() <= 3, "{}: {:?}", entry.name, model.notes);
    }
}
