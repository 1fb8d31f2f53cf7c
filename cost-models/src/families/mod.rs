//! Architectures by `model_type`, and how each is read from its config.

mod activation;
pub mod decoder;
pub mod encoder;
pub mod gpt;
pub mod hybrid;
pub mod latent;
pub mod mamba2;

use crate::config::Fields;
use crate::error::Error;
use crate::model::Model;

/// A `model_type` and what makes a model of such a config.
pub(crate) struct Family {
    pub(crate) model_type: &'static str,
    pub(crate) read: fn(&mut Fields) -> Result<Model, Error>,
}

/// Every `model_type` that can be read.
pub(crate) const FAMILIES: &[Family] = &[
    Family { model_type: "albert", read: encoder::read_albert },
    Family { model_type: "bert", read: encoder::read_bert },
    Family { model_type: "bloom", read: gpt::read_bloom },
    Family { model_type: "deepseek_v2", read: latent::read_v2 },
    Family { model_type: "deepseek_v3", read: latent::read_v3 },
    Family { model_type: "deepseek_v32", read: latent::read_v32 },
    Family { model_type: "falcon", read: gpt::read_falcon },
    Family { model_type: "gemma2", read: decoder::gemma::read_2 },
    Family { model_type: "gemma3_text", read: decoder::gemma::read_3 },
    Family { model_type: "glm4_moe", read: decoder::glm::read_4_moe },
    Family { model_type: "gpt2", read: gpt::read_gpt2 },
    Family { model_type: "gpt_bigcode", read: gpt::read_bigcode },
    Family { model_type: "gpt_neox", read: gpt::read_gpt_neox },
    Family { model_type: "gpt_oss", read: decoder::gpt_oss::read },
    Family { model_type: "kimi_k2", read: latent::read_v3 },
    Family { model_type: "llama", read: decoder::llama::read },
    Family { model_type: "llama4_text", read: decoder::llama4::read_text },
    Family { model_type: "mamba2", read: mamba2::read },
    Family { model_type: "mimo_v2_flash", read: decoder::mimo::read_v2_flash },
    Family { model_type: "minimax_m2", read: decoder::minimax::read_m2 },
    Family { model_type: "mistral", read: decoder::llama::read_mistral },
    Family { model_type: "mixtral", read: decoder::mixtral::read },
    Family { model_type: "olmo2", read: decoder::olmo::read_2 },
    Family { model_type: "opt", read: gpt::read_opt },
    Family { model_type: "phi3", read: decoder::phi::read },
    Family { model_type: "qwen2", read: decoder::qwen::read_2 },
    Family { model_type: "qwen2_moe", read: decoder::qwen::read_2_moe },
    Family { model_type: "qwen3", read: decoder::qwen::read_3 },
    Family { model_type: "qwen3_moe", read: decoder::qwen::read_3_moe },
    Family { model_type: "qwen3_next", read: hybrid::read_qwen3_next },
    Family { model_type: "RefinedWeb", read: gpt::read_refined_web },
    Family { model_type: "RefinedWebModel", read: gpt::read_refined_web_model },
    Family { model_type: "roberta", read: encoder::read_roberta },
];

/// The classes of transformers by the start of their names, for configs that name no `model_type`.
const CLASSES: &[(&str, &str)] = &[
    ("Albert", "albert"),
    ("Bert", "bert"),
    ("Bloom", "bloom"),
    ("DeepseekV2", "deepseek_v2"),
    ("DeepseekV3", "deepseek_v3"),
    ("DeepseekV32", "deepseek_v32"),
    ("Falcon", "falcon"),
    ("GPT2", "gpt2"),
    ("GPTBigCode", "gpt_bigcode"),
    ("GPTNeoX", "gpt_neox"),
    ("Gemma2", "gemma2"),
    ("Gemma3", "gemma3_text"),
    ("Gemma3Text", "gemma3_text"),
    ("Glm4Moe", "glm4_moe"),
    ("GptOss", "gpt_oss"),
    ("Llama", "llama"),
    ("Llama4", "llama4_text"),
    ("Llama4Text", "llama4_text"),
    ("Mamba2", "mamba2"),
    ("MiMoV2Flash", "mimo_v2_flash"),
    ("MiniMaxM2", "minimax_m2"),
    ("Mistral", "mistral"),
    ("Mixtral", "mixtral"),
    ("OPT", "opt"),
    ("Olmo2", "olmo2"),
    ("Phi3", "phi3"),
    ("Qwen2", "qwen2"),
    ("Qwen2Moe", "qwen2_moe"),
    ("Qwen3", "qwen3"),
    ("Qwen3Moe", "qwen3_moe"),
    ("Qwen3Next", "qwen3_next"),
    ("Roberta", "roberta"),
];

/// The model type that a class of transformers is of.
pub(crate) fn type_of(class: &str) -> Option<&'static str> {
    const MODEL: &str = "Model";
    let kind = class.strip_suffix("LMHeadModel").or_else(|| class.strip_suffix(MODEL));
    let kind = kind.or_else(|| class.rfind("For").map(|at| &class[..at]))?;
    CLASSES.iter().find(|(start, _)| *start == kind).map(|(_, model_type)| *model_type)
}

/// The names of the model types that can be read.
pub fn model_types() -> impl Iterator<Item = &'static str> + Clone {
    FAMILIES.iter().map(|family| family.model_type)
}
