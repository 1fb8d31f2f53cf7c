//! Released configs, without what repeats a default of every config or says how to train.

/// openai-community/gpt2.
pub(crate) const GPT2: &str = r#"{"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
    "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256, "initializer_range": 0.02,
    "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12,
    "n_positions": 1024, "resid_pdrop": 0.1, "summary_activation": null, "summary_first_dropout": 0.1,
    "summary_proj_to_labels": true, "summary_type": "cls_index", "summary_use_proj": true,
    "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}}, "vocab_size": 50257}"#;

/// bigcode/starcoder.
pub(crate) const STARCODER: &str = r#"{"activation_function": "gelu", "architectures": ["GPTBigCodeForCausalLM"],
    "attention_softmax_in_fp32": true, "multi_query": true, "attn_pdrop": 0.1, "bos_token_id": 0, "embd_pdrop": 0.1,
    "eos_token_id": 0, "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gpt_bigcode",
    "n_embd": 6144, "n_head": 48, "n_inner": 24576, "n_layer": 40, "n_positions": 8192, "resid_pdrop": 0.1,
    "scale_attention_softmax_in_fp32": true, "scale_attn_weights": true, "summary_first_dropout": 0.1,
    "summary_proj_to_labels": true, "summary_type": "cls_index", "summary_use_proj": true, "torch_dtype": "float32",
    "use_cache": true, "vocab_size": 49152}"#;

/// bigcode/starcoderbase-1b, as mlc-llm's `model_preset.py` has it.
pub(crate) const STARCODERBASE_1B: &str = r#"{"activation_function": "gelu_pytorch_tanh", "attention_softmax_in_fp32": true,
    "multi_query": true, "model_type": "gpt_bigcode", "n_embd": 2048, "n_head": 16, "n_inner": 8192, "n_layer": 24,
    "n_positions": 2048, "runner_max_sequence_length": null, "scale_attention_softmax_in_fp32": true,
    "scale_attn_weights": true, "vocab_size": 49280}"#;

/// facebook/opt-6.7b.
pub(crate) const OPT_6_7B: &str = r#"{"_remove_final_layer_norm": false, "activation_dropout": 0.0, "activation_function": "relu",
    "architectures": ["OPTForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 2, "do_layer_norm_before": true,
    "dropout": 0.1, "eos_token_id": 2, "ffn_dim": 16384, "hidden_size": 4096, "init_std": 0.02, "layerdrop": 0.0,
    "max_position_embeddings": 2048, "model_type": "opt", "num_attention_heads": 32, "num_hidden_layers": 32,
    "pad_token_id": 1, "prefix": "</s>", "torch_dtype": "float16", "use_cache": true, "vocab_size": 50272,
    "word_embed_proj_dim": 4096}"#;

/// facebook/opt-350m, the one with norms after and a narrow table.
pub(crate) const OPT_350M: &str = r#"{"activation_dropout": 0.0, "activation_function": "relu", "architectures": ["OPTForCausalLM"],
    "attention_dropout": 0.0, "bos_token_id": 2, "do_layer_norm_before": false, "dropout": 0.1, "eos_token_id": 2,
    "ffn_dim": 4096, "hidden_size": 1024, "init_std": 0.02, "layerdrop": 0.0, "max_position_embeddings": 2048,
    "model_type": "opt", "num_attention_heads": 16, "num_hidden_layers": 24, "pad_token_id": 1, "prefix": "</s>",
    "torch_dtype": "float16", "transformers_version": "4.19.2", "use_cache": true, "vocab_size": 50272,
    "word_embed_proj_dim": 512}"#;

/// bigscience/bloom: the sizes of its model card.
pub(crate) const BLOOM: &str = r#"{"architectures": ["BloomForCausalLM"], "model_type": "bloom", "vocab_size": 250880,
    "n_embed": 14336, "n_layer": 70, "num_attention_heads": 112, "seq_length": 2048, "pretraining_tp": 4,
    "slow_but_exact": false, "apply_residual_connection_post_layernorm": false, "masked_softmax_fusion": true,
    "bias_dropout_fusion": true, "attention_softmax_in_fp32": true, "skip_bias_add": true, "skip_bias_add_qkv": false,
    "n_inner": null, "offset_alibi": 100}"#;

/// bigscience/bloomz-7b1.
pub(crate) const BLOOMZ_7B1: &str = r#"{"model_type": "bloom", "architectures": ["BloomForCausalLM"], "vocab_size": 250880,
    "hidden_size": 4096, "n_layer": 30, "n_head": 32, "seq_length": 2048, "attention_softmax_in_fp32": true,
    "masked_softmax_fusion": true, "bias_dropout_fusion": true}"#;

/// tiiuae/falcon-7b: `num_kv_heads` is 71 there and means nothing.
pub(crate) const FALCON_7B: &str = r#"{"alibi": false, "apply_residual_connection_post_layernorm": false,
    "architectures": ["FalconForCausalLM"], "attention_dropout": 0.0, "bias": false, "bos_token_id": 11,
    "eos_token_id": 11, "hidden_dropout": 0.0, "hidden_size": 4544, "initializer_range": 0.02,
    "layer_norm_epsilon": 1e-05, "model_type": "falcon", "multi_query": true, "new_decoder_architecture": false,
    "num_attention_heads": 71, "num_hidden_layers": 32, "num_kv_heads": 71, "parallel_attn": true,
    "torch_dtype": "bfloat16", "transformers_version": "4.28.1", "use_cache": true, "vocab_size": 65024}"#;

/// The same, from before Falcon was part of transformers.
pub(crate) const REFINED_WEB_7B: &str = r#"{"alibi": false, "architectures": ["RWForCausalLM"], "bias": false, "hidden_size": 4544,
    "model_type": "RefinedWebModel", "multi_query": true, "n_head": 71, "n_layer": 32, "parallel_attn": true,
    "vocab_size": 65024}"#;

/// tiiuae/falcon-40b-instruct.
pub(crate) const FALCON_40B: &str = r#"{"architectures": ["FalconForCausalLM"], "model_type": "RefinedWeb", "bias": false,
    "hidden_size": 8192, "layer_norm_epsilon": 1e-05, "n_head": 128, "n_head_kv": 8, "n_layer": 60,
    "new_decoder_architecture": true, "num_kv_heads": 8, "parallel_attn": true, "vocab_size": 65024}"#;

/// tiiuae/falcon-180B.
pub(crate) const FALCON_180B: &str = r#"{"architectures": ["FalconForCausalLM"], "model_type": "falcon", "num_hidden_layers": 80,
    "num_attention_heads": 232, "num_kv_heads": 8, "hidden_size": 14848, "vocab_size": 65024, "bias": false,
    "parallel_attn": true, "new_decoder_architecture": true}"#;

/// EleutherAI/gpt-neox-20b.
pub(crate) const GPT_NEOX_20B: &str = r#"{"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "vocab_size": 50432,
    "hidden_size": 6144, "num_hidden_layers": 44, "num_attention_heads": 64, "intermediate_size": 24576,
    "hidden_act": "gelu_fast", "rotary_pct": 0.25, "rotary_emb_base": 10000, "max_position_embeddings": 2048,
    "initializer_range": 0.02, "layer_norm_eps": 1e-05, "tie_word_embeddings": false, "use_parallel_residual": true}"#;

/// EleutherAI/pythia-6.9b.
pub(crate) const PYTHIA_6_9B: &str = r#"{"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "hidden_size": 4096,
    "intermediate_size": 16384, "num_attention_heads": 32, "num_hidden_layers": 32, "max_position_embeddings": 2048,
    "rotary_pct": 0.25, "tie_word_embeddings": false, "use_parallel_residual": true, "vocab_size": 50432}"#;

/// togethercomputer/RedPajama-INCITE-Base-3B-v1: attention, then the network.
pub(crate) const REDPAJAMA_3B: &str = r#"{"architectures": ["GPTNeoXForCausalLM"], "hidden_act": "gelu", "hidden_size": 2560,
    "intermediate_size": 10240, "layer_norm_eps": 1e-05, "max_position_embeddings": 2048, "model_type": "gpt_neox",
    "num_attention_heads": 32, "num_hidden_layers": 32, "rotary_emb_base": 10000, "rotary_pct": 1.0,
    "tie_word_embeddings": false, "use_parallel_residual": false, "vocab_size": 50432}"#;

/// google-bert/bert-base-uncased but for its class, which [`with`](crate::with) adds.
pub(crate) const BERT_BASE: &str = r#"{"attention_probs_dropout_prob": 0.1, "gradient_checkpointing": false, "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1, "hidden_size": 768, "initializer_range": 0.02, "intermediate_size": 3072,
    "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "model_type": "bert", "num_attention_heads": 12,
    "num_hidden_layers": 12, "pad_token_id": 0, "position_embedding_type": "absolute", "type_vocab_size": 2,
    "use_cache": true, "vocab_size": 30522, "directionality": "bidi", "pooler_fc_size": 768,
    "pooler_num_attention_heads": 12, "pooler_num_fc_layers": 3, "pooler_size_per_head": 128,
    "pooler_type": "first_token_transform", "pruned_heads": {}, "chunk_size_feed_forward": 0}"#;

/// google-bert/bert-large-uncased, likewise.
pub(crate) const BERT_LARGE: &str = r#"{"attention_probs_dropout_prob": 0.1, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
    "hidden_size": 1024, "intermediate_size": 4096, "layer_norm_eps": 1e-12, "max_position_embeddings": 512,
    "model_type": "bert", "num_attention_heads": 16, "num_hidden_layers": 24, "type_vocab_size": 2, "vocab_size": 30522}"#;

/// FacebookAI/roberta-base, likewise.
pub(crate) const ROBERTA_BASE: &str = r#"{"attention_probs_dropout_prob": 0.1, "bos_token_id": 0, "classifier_dropout": null,
    "eos_token_id": 2, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 768, "initializer_range": 0.02,
    "intermediate_size": 3072, "layer_norm_eps": 1e-05, "max_position_embeddings": 514, "model_type": "roberta",
    "num_attention_heads": 12, "num_hidden_layers": 12, "pad_token_id": 1, "position_embedding_type": "absolute",
    "type_vocab_size": 1, "vocab_size": 50265}"#;

/// albert/albert-base-v2, likewise.
pub(crate) const ALBERT_BASE: &str = r#"{"attention_probs_dropout_prob": 0, "bos_token_id": 2, "classifier_dropout_prob": 0.1,
    "down_scale_factor": 1, "embedding_size": 128, "eos_token_id": 3, "gap_size": 0, "hidden_act": "gelu_new",
    "hidden_dropout_prob": 0, "hidden_size": 768, "initializer_range": 0.02, "inner_group_num": 1,
    "intermediate_size": 3072, "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "model_type": "albert",
    "net_structure_type": 0, "num_attention_heads": 12, "num_hidden_groups": 1, "num_hidden_layers": 12,
    "num_memory_blocks": 0, "pad_token_id": 0, "type_vocab_size": 2, "vocab_size": 30000}"#;

/// albert/albert-xxlarge-v2, likewise.
pub(crate) const ALBERT_XXLARGE: &str = r#"{"embedding_size": 128, "hidden_act": "gelu_new", "hidden_size": 4096,
    "inner_group_num": 1, "intermediate_size": 16384, "max_position_embeddings": 512, "model_type": "albert",
    "num_attention_heads": 64, "num_hidden_groups": 1, "num_hidden_layers": 12, "type_vocab_size": 2,
    "vocab_size": 30000}"#;
