//! Sizes that config classes have for fields that a config leaves out.
//!
//! A config inside another one is written without what its class has anyway, as LLaVA's `text_config` is; one that stands
//! alone says its sizes. The figures are the defaults in transformers' `configuration_*.py`, by `model_type`.

/// Fields and sizes.
pub(crate) type Sizes = &'static [(&'static str, u64)];

/// The sizes of a model type's class; none if it isn't known.
pub(crate) fn sizes(model_type: &str) -> Sizes {
    CLASSES.iter().find(|(name, _)| *name == model_type).map_or(&[], |(_, sizes)| sizes)
}

const CLASSES: &[(&str, Sizes)] = &[
    ("deepseek_v2", DEEPSEEK_V2),
    ("deepseek_v3", DEEPSEEK_V3),
    ("gemma2", GEMMA_2),
    ("glm4_moe", GLM_4_MOE),
    ("gpt_oss", GPT_OSS),
    ("kimi_k2", DEEPSEEK_V3),
    ("llama", LLAMA),
    ("llama4_text", LLAMA_4),
    ("mimo_v2_flash", MIMO_V2_FLASH),
    ("minimax_m2", MINIMAX_M2),
    ("mistral", MISTRAL),
    ("mixtral", MISTRAL),
    ("olmo2", OLMO_2),
    ("phi3", PHI_3),
    ("qwen2", QWEN_2),
    ("qwen2_moe", QWEN_2_MOE),
    ("qwen3", QWEN_3),
    ("qwen3_moe", QWEN_3_MOE),
];

/// `LlamaConfig`
const LLAMA: Sizes = &[
    ("vocab_size", 32_000),
    ("hidden_size", 4096),
    ("intermediate_size", 11_008),
    ("num_hidden_layers", 32),
    ("num_attention_heads", 32),
];

/// `MiMoV2FlashConfig`
const MIMO_V2_FLASH: Sizes = &[
    ("vocab_size", 152_576),
    ("hidden_size", 4096),
    ("intermediate_size", 16_384),
    ("num_hidden_layers", 48),
    ("num_attention_heads", 64),
    ("num_key_value_heads", 4),
    ("head_dim", 192),
];

/// `MistralConfig` and `MixtralConfig`
const MISTRAL: Sizes = &[
    ("vocab_size", 32_000),
    ("hidden_size", 4096),
    ("intermediate_size", 14_336),
    ("num_hidden_layers", 32),
    ("num_attention_heads", 32),
];

/// `Olmo2Config`
const OLMO_2: Sizes = &[
    ("vocab_size", 50_304),
    ("hidden_size", 4096),
    ("intermediate_size", 11_008),
    ("num_hidden_layers", 32),
    ("num_attention_heads", 32),
];

/// `Phi3Config`
const PHI_3: Sizes = &[
    ("vocab_size", 32_064),
    ("hidden_size", 3072),
    ("intermediate_size", 8192),
    ("num_hidden_layers", 32),
    ("num_attention_heads", 32),
];

/// `Qwen2Config`
const QWEN_2: Sizes = &[
    ("vocab_size", 151_936),
    ("hidden_size", 4096),
    ("intermediate_size", 22_016),
    ("num_hidden_layers", 32),
    ("num_attention_heads", 32),
    ("num_key_value_heads", 32),
    ("max_window_layers", 28),
];

/// `Qwen2MoeConfig`
const QWEN_2_MOE: Sizes = &[
    ("vocab_size", 151_936),
    ("hidden_size", 2048),
    ("intermediate_size", 5632),
    ("num_hidden_layers", 24),
    ("num_attention_heads", 16),
    ("num_key_value_heads", 16),
    ("max_window_layers", 28),
    ("moe_intermediate_size", 1408),
    ("shared_expert_intermediate_size", 5632),
    ("num_experts_per_tok", 4),
    ("num_experts", 60),
];

/// `Qwen3Config`
const QWEN_3: Sizes = &[
    ("vocab_size", 151_936),
    ("hidden_size", 4096),
    ("intermediate_size", 22_016),
    ("num_hidden_layers", 32),
    ("num_attention_heads", 32),
    ("num_key_value_heads", 32),
    ("head_dim", 128),
    ("max_window_layers", 28),
];

/// `Qwen3MoeConfig`
const QWEN_3_MOE: Sizes = &[
    ("vocab_size", 151_936),
    ("hidden_size", 2048),
    ("intermediate_size", 6144),
    ("num_hidden_layers", 24),
    ("num_attention_heads", 32),
    ("num_key_value_heads", 4),
    ("moe_intermediate_size", 768),
    ("num_experts_per_tok", 8),
    ("num_experts", 128),
];

/// `Gemma2Config`
const GEMMA_2: Sizes = &[
    ("vocab_size", 256_000),
    ("hidden_size", 2304),
    ("intermediate_size", 9216),
    ("num_hidden_layers", 26),
    ("num_attention_heads", 8),
];

/// `Glm4MoeConfig`
const GLM_4_MOE: Sizes = &[
    ("vocab_size", 151_552),
    ("hidden_size", 4096),
    ("intermediate_size", 10_944),
    ("num_hidden_layers", 46),
    ("num_attention_heads", 96),
    ("moe_intermediate_size", 1408),
    ("num_experts_per_tok", 8),
    ("n_routed_experts", 128),
];

/// `GptOssConfig`
const GPT_OSS: Sizes = &[
    ("vocab_size", 201_088),
    ("hidden_size", 2880),
    ("intermediate_size", 2880),
    ("num_hidden_layers", 36),
    ("num_attention_heads", 64),
    ("num_local_experts", 128),
    ("num_experts_per_tok", 4),
];

/// `Llama4TextConfig`
const LLAMA_4: Sizes = &[
    ("vocab_size", 202_048),
    ("hidden_size", 5120),
    ("intermediate_size", 8192),
    ("num_hidden_layers", 48),
    ("num_attention_heads", 40),
];

/// `MiniMaxM2Config`
const MINIMAX_M2: Sizes = &[
    ("vocab_size", 200_064),
    ("hidden_size", 3072),
    ("intermediate_size", 1536),
    ("num_hidden_layers", 62),
    ("num_attention_heads", 48),
    ("num_local_experts", 256),
    ("num_experts_per_tok", 8),
];

/// `DeepseekV2Config`, which has no `num_experts_per_tok`
const DEEPSEEK_V2: Sizes = &[
    ("vocab_size", 102_400),
    ("hidden_size", 4096),
    ("intermediate_size", 11_008),
    ("moe_intermediate_size", 1407),
    ("num_hidden_layers", 32),
    ("num_attention_heads", 32),
    ("n_routed_experts", 64),
    ("kv_lora_rank", 512),
    ("qk_rope_head_dim", 64),
    ("qk_nope_head_dim", 128),
    ("v_head_dim", 128),
];

/// `DeepseekV3Config`
const DEEPSEEK_V3: Sizes = &[
    ("vocab_size", 129_280),
    ("hidden_size", 7168),
    ("intermediate_size", 18_432),
    ("moe_intermediate_size", 2048),
    ("num_hidden_layers", 61),
    ("num_attention_heads", 128),
    ("n_routed_experts", 256),
    ("num_experts_per_tok", 8),
    ("kv_lora_rank", 512),
    ("qk_rope_head_dim", 64),
    ("qk_nope_head_dim", 128),
    ("v_head_dim", 128),
];
