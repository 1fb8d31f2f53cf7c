//! Models that take other inputs too: which type their text part is of, and when its head is its embedding table.
//!
//! As the classes of transformers 5 have it (`configuration_*.py`): a config may leave out what its class has a default for.

use Tied::{ByText, No, Yes};

/// A type of such models.
pub(crate) struct Whole {
    pub(crate) model_type: &'static str,
    /// The type of a text part whose config says none.
    pub(crate) text: &'static str,
    pub(crate) tied: Tied,
}

/// Whether the head is the embedding table where the whole says nothing of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tied {
    Yes,
    No,
    /// The whole has no say.
    ByText,
}

/// What says of a text part that the tokens of a prompt see each other.
pub(crate) const BOTH_WAYS: &str = "use_bidirectional_attention";

impl Whole {
    pub(crate) fn find(model_type: &str) -> Option<&'static Self> {
        WHOLES.iter().find(|whole| whole.model_type == model_type)
    }

    /// Whether a field that stands beside its text part is about another part, though its name doesn't say so.
    pub(crate) fn is_other(&self, field: &str) -> bool {
        OTHER.iter().any(|(model_type, fields)| *model_type == self.model_type && fields.contains(&field))
    }

    /// Whether the class ties them if the whole or its text part says so; all others go by what the whole says.
    pub(crate) fn ties_if_either(&self) -> bool {
        EITHER.contains(&self.model_type)
    }

    /// Whether the fields of its text part may stand beside those of the others, as in the first configs.
    pub(crate) fn is_flat(&self) -> bool {
        FLAT.contains(&self.model_type)
    }
}

/// All of these types.
pub(crate) fn types() -> impl Iterator<Item = &'static str> {
    WHOLES.iter().map(|whole| whole.model_type)
}

const fn whole(model_type: &'static str, text: &'static str, tied: Tied) -> Whole {
    Whole { model_type, text, tied }
}

const EITHER: &[&str] = &[
    "fast_vlm",
    "glm46v",
    "glm4v",
    "glm4v_moe",
    "glm_ocr",
    "glmga",
    "hunyuan_vl",
    "llava",
    "llava_next_video",
    "llava_onevision",
    "paddleocr_vl",
    "qwen2_5_vl",
    "qwen2_vl",
    "shieldgemma2",
    "video_llama_3",
];

const FLAT: &[&str] = &["qwen2_5_vl", "qwen2_vl"];

const OTHER: &[(&str, &[&str])] = &[
    ("blip-2", &["num_query_tokens", "use_decoder_only_language_model"]),
    ("fuyu", &["num_channels"]),
    ("gemma4", &["boa_token_id", "eoa_token_index"]),
    ("granite_docling", &["density_router_hidden_size", "density_router_loss_weight", "density_router_threshold"]),
    ("idefics3", &["scale_factor"]),
    ("instructblip", &["num_query_tokens", "use_decoder_only_language_model"]),
    ("instructblipvideo", &["num_query_tokens", "use_decoder_only_language_model"]),
    ("kimi_k25", &["projection_hidden_size", "projection_layer_norm_eps"]),
    ("llava_next_video", &["spatial_pool_mode", "spatial_pool_stride"]),
    ("minicpm_ocr", &["drop_vision_last_layer", "insert_layer_id", "merge_kernel_size", "merger_times"]),
    ("minicpmv4_6", &["drop_vision_last_layer", "insert_layer_id", "merge_kernel_size", "merger_times"]),
    (
        "minicpmv4_7",
        &[
            "drop_vision_last_layer",
            "insert_layer_id",
            "merge_kernel_size",
            "merger_times",
            "newline_id",
            "slice_end_id",
            "slice_start_id",
        ],
    ),
    ("nemotron_h_omni", &["architectures"]),
    ("ovis2", &["hidden_size", "vocab_size"]),
    ("paligemma", &["num_image_tokens", "projection_dim", BOTH_WAYS]),
    ("qwen2_5_omni_thinker", &["position_id_per_seconds", "seconds_per_chunk"]),
    ("qwen3_omni_moe_thinker", &["position_id_per_seconds", "seconds_per_chunk"]),
    ("smolvlm", &["scale_factor"]),
];

const WHOLES: &[Whole] = &[
    whole("apertus1p5", "apertus1p5_text", No),
    whole("aria", "aria_text", No),
    whole("audioflamingo3", "qwen2", No),
    whole("aya_vision", "cohere2", Yes),
    whole("blip-2", "opt", ByText),
    whole("cohere2_vision", "cohere2", Yes),
    whole("cosmos3_edge", "cosmos3_edge_text", No),
    whole("cosmos3_omni", "qwen3_vl_text", No),
    whole("deepseek_ocr2", "deepseek_ocr2_text", No),
    whole("deepseek_vl", "llama", Yes),
    whole("deepseek_vl_hybrid", "llama", Yes),
    whole("emu3", "emu3_text_model", No),
    whole("exaone4_5", "exaone4", No),
    whole("fast_vlm", "qwen2", No),
    whole("fuyu", "persimmon", No),
    whole("gemma3", "gemma3_text", Yes),
    whole("gemma3n", "gemma3n_text", Yes),
    whole("gemma4", "gemma4_text", Yes),
    whole("glm46v", "glm4v_text", No),
    whole("glm4v", "glm4v_text", No),
    whole("glm4v_moe", "glm4v_moe_text", No),
    whole("glm_ocr", "glm_ocr_text", No),
    whole("glmga", "glm4v_text", No),
    whole("got_ocr2", "qwen2", Yes),
    whole("granite4_vision", "granite4_vision_text", No),
    whole("granite_docling", "granite_docling_text", Yes),
    whole("hunyuan_vl", "hunyuan_vl_text", Yes),
    whole("hyperclovax_vision_v2", "hyperclovax", Yes),
    whole("idefics2", "mistral", No),
    whole("idefics3", "llama", No),
    whole("instructblip", "opt", ByText),
    whole("instructblipvideo", "opt", ByText),
    whole("internvl", "qwen2", Yes),
    whole("janus", "llama", Yes),
    whole("kimi_k25", "deepseek_v3", Yes),
    whole("lfm2_vl", "lfm2", Yes),
    whole("lfm3_vl", "lfm3", Yes),
    whole("lighton_ocr", "qwen3", Yes),
    whole("llama4", "llama4_text", No),
    whole("llava", "llama", No),
    whole("llava_next", "llama", No),
    whole("llava_next_video", "llama", No),
    whole("llava_onevision", "qwen2", No),
    whole("minicpm_ocr", "qwen3_5_text", Yes),
    whole("minicpmv4_6", "qwen3_5_text", No),
    whole("minicpmv4_7", "qwen3_5_text", No),
    whole("mistral3", "mistral", Yes),
    whole("moss_transcribe_diarize", "qwen3", Yes),
    whole("musicflamingo", "qwen2", No),
    whole("nemotron_h_omni", "nemotron_h", ByText),
    whole("ovis2", "qwen2", Yes),
    whole("paddleocr_vl", "paddleocr_vl_text", Yes),
    whole("paligemma", "gemma", Yes),
    whole("perception_lm", "llama", No),
    whole("pp_chart2table", "qwen2", Yes),
    whole("qianfan_ocr", "qwen3", No),
    whole("qwen2_5_omni_thinker", "qwen2_5_omni_text", No),
    whole("qwen2_5_vl", "qwen2_5_vl_text", No),
    whole("qwen2_audio", "qwen2", No),
    whole("qwen2_vl", "qwen2_vl_text", No),
    whole("qwen3_5", "qwen3_5_text", No),
    whole("qwen3_5_moe", "qwen3_5_moe_text", No),
    whole("qwen3_omni_moe_thinker", "qwen3_omni_moe_text", No),
    whole("qwen3_vl", "qwen3_vl_text", No),
    whole("qwen3_vl_moe", "qwen3_vl_moe_text", No),
    whole("shieldgemma2", "gemma3_text", Yes),
    whole("smolvlm", "llama", No),
    whole("unlimited_ocr", "unlimited_ocr_text", No),
    whole("video_llama_3", "qwen2", No),
    whole("video_llava", "llama", No),
    whole("vipllava", "llama", No),
    whole("voxtral", "llama", No),
];
