//! Architectures by `model_type`, and how each is read from its config.

mod activation;
pub mod audio;
pub mod decoder;
pub mod encoder;
pub mod gemma;
pub mod gpt;
pub mod latent;
pub mod recurrent;
pub mod vision;

use crate::config::Fields;
use crate::error::Error;
use crate::family;
use crate::model::Model;

/// A `model_type` and what makes a model of such a config.
struct Family {
    model_type: &'static str,
    read: fn(&mut Fields) -> Result<Model, Error>,
}

/// The model types that a function reads, and no declaration.
const FAMILIES: &[Family] = &[
    Family { model_type: "bloom", read: gpt::read_bloom },
    Family { model_type: "falcon", read: gpt::read_falcon },
    Family { model_type: "gpt-sw3", read: gpt::read_gpt2 },
    Family { model_type: "gpt2", read: gpt::read_gpt2 },
    Family { model_type: "gpt_bigcode", read: gpt::read_bigcode },
    Family { model_type: "gpt_neox", read: gpt::read_gpt_neox },
    Family { model_type: "opt", read: gpt::read_opt },
    Family { model_type: "RefinedWeb", read: gpt::read_refined_web },
    Family { model_type: "RefinedWebModel", read: gpt::read_refined_web_model },
];

/// The model of a config of that type; nothing if the type isn't known.
pub(crate) fn read(model_type: &str, fields: &mut Fields) -> Option<Result<Model, Error>> {
    if let Some(declared) = family::declared(model_type) {
        return Some(declared.and_then(|family| family.read(fields)));
    }
    FAMILIES.iter().find(|family| family.model_type == model_type).map(|family| (family.read)(fields))
}

/// The classes of transformers by the start of their names, for configs that name no `model_type`.
const CLASSES: &[(&str, &str)] = &[
    ("Afmoe", "afmoe"),
    ("Albert", "albert"),
    ("Apertus", "apertus"),
    ("Arcee", "arcee"),
    ("Bamba", "bamba"),
    ("Bert", "bert"),
    ("BioGpt", "biogpt"),
    ("BitNet", "bitnet"),
    ("Bloom", "bloom"),
    ("Camembert", "camembert"),
    ("CodeGen", "codegen"),
    ("Cohere", "cohere"),
    ("Cohere2", "cohere2"),
    ("Cohere2Moe", "cohere2_moe"),
    ("CTRL", "ctrl"),
    ("Dbrx", "dbrx"),
    ("DeepseekV2", "deepseek_v2"),
    ("DeepseekV3", "deepseek_v3"),
    ("DeepseekV32", "deepseek_v32"),
    ("DistilBert", "distilbert"),
    ("Dots1", "dots1"),
    ("Electra", "electra"),
    ("Ernie4_5", "ernie4_5"),
    ("Ernie4_5_Moe", "ernie4_5_moe"),
    ("Esm", "esm"),
    ("Esmc", "esmc"),
    ("EuroBert", "eurobert"),
    ("Exaone", "exaone"),
    ("Exaone4", "exaone4"),
    ("ExaoneMoe", "exaone_moe"),
    ("Falcon", "falcon"),
    ("FalconH1", "falcon_h1"),
    ("FalconMamba", "falcon_mamba"),
    ("FlexOlmo", "flex_olmo"),
    ("FNet", "fnet"),
    ("Gemma", "gemma"),
    ("Gemma2", "gemma2"),
    ("Gemma3", "gemma3_text"),
    ("Gemma3n", "gemma3n_text"),
    ("Gemma3Text", "gemma3_text"),
    ("Gemma4", "gemma4_text"),
    ("Glm", "glm"),
    ("Glm4", "glm4"),
    ("Glm4Moe", "glm4_moe"),
    ("Glm4MoeLite", "glm4_moe_lite"),
    ("GlmMoeDsa", "glm_moe_dsa"),
    ("GPT2", "gpt2"),
    ("GPTBigCode", "gpt_bigcode"),
    ("GPTJ", "gptj"),
    ("GPTNeo", "gpt_neo"),
    ("GPTNeoX", "gpt_neox"),
    ("GptOss", "gpt_oss"),
    ("Granite", "granite"),
    ("GraniteMoe", "granitemoe"),
    ("GraniteMoeHybrid", "granitemoehybrid"),
    ("GraniteMoeShared", "granitemoeshared"),
    ("Gte", "gte"),
    ("Helium", "helium"),
    ("HunYuanDenseV1", "hunyuan_v1_dense"),
    ("HunYuanMoEV1", "hunyuan_v1_moe"),
    ("HyperCLOVAX", "hyperclovax"),
    ("InternLM2", "internlm2"),
    ("InternLM3", "internlm3"),
    ("Jamba", "jamba"),
    ("JetMoe", "jetmoe"),
    ("JinaEmbeddingsV3", "jina_embeddings_v3"),
    ("KimiLinear", "kimi_linear"),
    ("Laguna", "laguna"),
    ("LayoutLM", "layoutlm"),
    ("Lfm2", "lfm2"),
    ("Lfm2Moe", "lfm2_moe"),
    ("Llama", "llama"),
    ("Llama4", "llama4_text"),
    ("Llama4Text", "llama4_text"),
    ("Mamba", "mamba"),
    ("Mamba2", "mamba2"),
    ("MegatronBert", "megatron-bert"),
    ("Mellum", "mellum"),
    ("MiMoV2Flash", "mimo_v2_flash"),
    ("MiniCPM3", "minicpm3"),
    ("MiniMax", "minimax"),
    ("MiniMaxM2", "minimax_m2"),
    ("Ministral3", "ministral3"),
    ("Mistral", "mistral"),
    ("Mixtral", "mixtral"),
    ("ModernBert", "modernbert"),
    ("MPNet", "mpnet"),
    ("Mpt", "mpt"),
    ("NanoChat", "nanochat"),
    ("Nemotron", "nemotron"),
    ("NemotronH", "nemotron_h"),
    ("NomicBert", "nomic_bert"),
    ("Olmo", "olmo"),
    ("Olmo2", "olmo2"),
    ("Olmo3", "olmo3"),
    ("Olmoe", "olmoe"),
    ("OpenAIGPT", "openai-gpt"),
    ("OPT", "opt"),
    ("Persimmon", "persimmon"),
    ("Phi", "phi"),
    ("Phi3", "phi3"),
    ("PhiMoE", "phimoe"),
    ("Phimoe", "phimoe"),
    ("Qwen2", "qwen2"),
    ("Qwen2Moe", "qwen2_moe"),
    ("Qwen3", "qwen3"),
    ("Qwen3_5", "qwen3_5_text"),
    ("Qwen3_5Moe", "qwen3_5_moe_text"),
    ("Qwen3Moe", "qwen3_moe"),
    ("Qwen3Next", "qwen3_next"),
    ("RecurrentGemma", "recurrent_gemma"),
    ("RemBert", "rembert"),
    ("Roberta", "roberta"),
    ("RoCBert", "roc_bert"),
    ("Rwkv", "rwkv"),
    ("SarvamMoE", "sarvam_moe"),
    ("SeedOss", "seed_oss"),
    ("SmolLM3", "smollm3"),
    ("SolarOpen", "solar_open"),
    ("StableLm", "stablelm"),
    ("Starcoder2", "starcoder2"),
    ("Ultrabert", "ultrabert"),
    ("XGLM", "xglm"),
    ("XLMRoberta", "xlm-roberta"),
    ("xLSTM", "xlstm"),
];

/// The model type that a class of transformers is of.
pub(crate) fn type_of(class: &str) -> Option<&'static str> {
    const MODEL: &str = "Model";
    let kind = class.strip_suffix("LMHeadModel").or_else(|| class.strip_suffix(MODEL));
    let kind = kind.or_else(|| class.rfind("For").map(|at| &class[..at]))?;
    CLASSES.iter().find(|(start, _)| *start == kind).map(|(_, model_type)| *model_type)
}

/// The names of the model types that have no declaration.
pub(crate) fn read_by_functions() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().map(|family| family.model_type)
}

/// The names of the model types that can be read.
pub fn model_types() -> impl Iterator<Item = &'static str> + Clone {
    let read = FAMILIES.iter().map(|family| family.model_type);
    family::declared_types().chain(read)
}
