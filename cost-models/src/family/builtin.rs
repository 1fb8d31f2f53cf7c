//! The declarations that are built in, by the model types that they are of.

use std::sync::{Arc, OnceLock};

use super::declare::{Default, Family, Size};
use super::{Blocks, parse};
use crate::config::Fields;
use crate::error::Error;

/// One built-in declaration.
pub(super) struct BuiltIn {
    pub(super) types: &'static [&'static str],
    pub(super) text: &'static str,
    read: OnceLock<Arc<Family>>,
}

macro_rules! built_in {
    ($($file:literal: $($model_type:literal),+;)*) => {
        [$(BuiltIn {
            types: &[$($model_type),+],
            text: include_str!(concat!("builtin/", $file, ".toml")),
            read: OnceLock::new(),
        }),*]
    };
}

pub(super) static DECLARED: [BuiltIn; 148] = built_in! {
    "afmoe": "afmoe";
    "albert": "albert";
    "apertus": "apertus";
    "apertus1p5_text": "apertus1p5_text";
    "arcee": "arcee";
    "aria_text": "aria_text";
    "bamba": "bamba";
    "bert": "bert";
    "biogpt": "biogpt";
    "bitnet": "bitnet";
    "camembert": "camembert";
    "clip_vision_model": "clip_vision_model";
    "codegen": "codegen";
    "cohere": "cohere";
    "cohere2": "cohere2";
    "cohere2_moe": "cohere2_moe";
    "cosmos3_edge_text": "cosmos3_edge_text";
    "ctrl": "ctrl";
    "dbrx": "dbrx";
    "deepseek_ocr2_text": "deepseek_ocr2_text";
    "deepseek_v2": "deepseek_v2";
    "deepseek_v3": "deepseek_v3", "kimi_k2";
    "deepseek_v32": "deepseek_v32";
    "dinov2": "dinov2";
    "distilbert": "distilbert";
    "dots1": "dots1";
    "electra": "electra";
    "emu3_text_model": "emu3_text_model";
    "ernie4_5": "ernie4_5";
    "ernie4_5_moe": "ernie4_5_moe";
    "esm": "esm";
    "esmc": "esmc";
    "eurobert": "eurobert";
    "exaone": "exaone";
    "exaone4": "exaone4";
    "exaone_moe": "exaone_moe";
    "falcon_h1": "falcon_h1";
    "falcon_mamba": "falcon_mamba";
    "flex_olmo": "flex_olmo";
    "fnet": "fnet";
    "gemma": "gemma";
    "gemma2": "gemma2";
    "gemma3_text": "gemma3_text";
    "gemma3n_text": "gemma3n_text";
    "gemma4_text": "gemma4_text";
    "glm": "glm";
    "glm4": "glm4";
    "glm4_moe": "glm4_moe";
    "glm4_moe_lite": "glm4_moe_lite";
    "glm4v_moe_text": "glm4v_moe_text";
    "glm4v_text": "glm4v_text";
    "glm_moe_dsa": "glm_moe_dsa";
    "glm_ocr_text": "glm_ocr_text";
    "gpt_neo": "gpt_neo";
    "gpt_oss": "gpt_oss";
    "gptj": "gptj";
    "granite": "granite";
    "granite4_vision_text": "granite4_vision_text";
    "granite_docling_text": "granite_docling_text";
    "granitemoe": "granitemoe";
    "granitemoehybrid": "granitemoehybrid";
    "granitemoeshared": "granitemoeshared";
    "gte": "gte";
    "helium": "helium";
    "hunyuan_v1_dense": "hunyuan_v1_dense";
    "hunyuan_v1_moe": "hunyuan_v1_moe";
    "hunyuan_vl_text": "hunyuan_vl_text";
    "hyperclovax": "hyperclovax";
    "idefics3_vision": "idefics3_vision", "smolvlm_vision";
    "internlm2": "internlm2";
    "internlm3": "internlm3";
    "internvl_vision": "internvl_vision";
    "jamba": "jamba";
    "jetmoe": "jetmoe";
    "jina_embeddings_v3": "jina_embeddings_v3";
    "kimi_linear": "kimi_linear";
    "laguna": "laguna";
    "layoutlm": "layoutlm";
    "lfm2": "lfm2";
    "lfm2_moe": "lfm2_moe";
    "lfm3": "lfm3";
    "llama": "llama";
    "llama4_text": "llama4_text";
    "mamba": "mamba";
    "mamba2": "mamba2";
    "megatron-bert": "megatron-bert";
    "mellum": "mellum";
    "mimo_v2_flash": "mimo_v2_flash";
    "minicpm3": "minicpm3";
    "minimax": "minimax";
    "minimax_m2": "minimax_m2";
    "ministral3": "ministral3";
    "mistral": "mistral";
    "mixtral": "mixtral";
    "modernbert": "modernbert";
    "mpnet": "mpnet";
    "mpt": "mpt";
    "nanochat": "nanochat";
    "nemotron": "nemotron";
    "nemotron_h": "nemotron_h";
    "nomic_bert": "nomic_bert";
    "olmo": "olmo";
    "olmo2": "olmo2";
    "olmo3": "olmo3";
    "olmoe": "olmoe";
    "openai_gpt": "openai-gpt";
    "paddleocr_vl_text": "paddleocr_vl_text";
    "persimmon": "persimmon";
    "phi": "phi";
    "phi3": "phi3";
    "phimoe": "phimoe";
    "pixtral": "pixtral";
    "qianfan_ocr_vision": "qianfan_ocr_vision";
    "qwen2": "qwen2";
    "qwen2_5_omni_text": "qwen2_5_omni_text";
    "qwen2_5_vl_vision": "qwen2_5_vl_vision";
    "qwen2_audio_encoder": "qwen2_audio_encoder";
    "qwen2_moe": "qwen2_moe";
    "qwen2_vl_text": "qwen2_vl_text", "qwen2_5_vl_text";
    "qwen2_vl_vision": "qwen2_vl_vision";
    "qwen3": "qwen3";
    "qwen3_5_moe_text": "qwen3_5_moe_text";
    "qwen3_5_text": "qwen3_5_text";
    "qwen3_moe": "qwen3_moe";
    "qwen3_next": "qwen3_next";
    "qwen3_omni_moe_text": "qwen3_omni_moe_text";
    "qwen3_vl_moe_text": "qwen3_vl_moe_text";
    "qwen3_vl_text": "qwen3_vl_text";
    "qwen3_vl_vision": "qwen3_vl_vision", "qwen3_vl_moe_vision", "qwen3_5_vision", "qwen3_5_moe_vision";
    "recurrent_gemma": "recurrent_gemma";
    "rembert": "rembert";
    "roberta": "roberta";
    "roc_bert": "roc_bert";
    "rwkv": "rwkv";
    "sarvam_moe": "sarvam_moe";
    "seed_oss": "seed_oss";
    "siglip_vision_model": "siglip_vision_model";
    "smollm3": "smollm3";
    "solar_open": "solar_open";
    "stablelm": "stablelm";
    "starcoder2": "starcoder2";
    "ultrabert": "ultrabert";
    "unlimited_ocr_text": "unlimited_ocr_text";
    "vit": "vit";
    "voxtral_realtime_text": "voxtral_realtime_text";
    "xglm": "xglm";
    "xlm-roberta": "xlm-roberta";
    "xlstm": "xlstm";
};

/// The model types that are declared.
pub(crate) fn declared_types() -> impl Iterator<Item = &'static str> + Clone {
    DECLARED.iter().flat_map(|it| it.types.iter().copied())
}

/// Models of text and something else: images, sounds.
pub(super) static WHOLE: [BuiltIn; 18] = built_in! {
    "../whole/aya_vision": "aya_vision";
    "../whole/cohere2_vision": "cohere2_vision";
    "../whole/deepseek_vl": "deepseek_vl";
    "../whole/gemma3": "gemma3", "shieldgemma2";
    "../whole/idefics3": "idefics3", "smolvlm";
    "../whole/internvl": "internvl";
    "../whole/lighton_ocr": "lighton_ocr";
    "../whole/llava": "llava";
    "../whole/llava_next": "llava_next", "llava_next_video", "llava_onevision";
    "../whole/mistral3": "mistral3";
    "../whole/paligemma": "paligemma";
    "../whole/qianfan_ocr": "qianfan_ocr";
    "../whole/qwen2_5_vl": "qwen2_5_vl";
    "../whole/qwen2_audio": "qwen2_audio";
    "../whole/qwen2_vl": "qwen2_vl";
    "../whole/qwen3_5": "qwen3_5", "qwen3_5_moe";
    "../whole/qwen3_vl": "qwen3_vl", "qwen3_vl_moe", "cosmos3_omni";
    "../whole/vipllava": "vipllava";
};

/// The declaration of a model type.
pub(crate) fn declared(model_type: &str) -> Option<Result<Arc<Family>, Error>> {
    found(&DECLARED, model_type)
}

/// The declaration of a type of models of text and something else.
pub(crate) fn whole(model_type: &str) -> Option<Result<Arc<Family>, Error>> {
    found(&WHOLE, model_type)
}

/// The types of models of text and something else that are declared.
pub(crate) fn whole_types() -> impl Iterator<Item = &'static str> + Clone {
    WHOLE.iter().flat_map(|it| it.types).copied()
}

fn found(among: &'static [BuiltIn], model_type: &str) -> Option<Result<Arc<Family>, Error>> {
    let it = among.iter().find(|it| it.types.contains(&model_type))?;
    if let Some(family) = it.read.get() {
        return Some(Ok(family.clone()));
    }
    let family = parse::declaration(it.text, &Blocks::default(), false).map(Arc::new);
    Some(family.map(|family| it.read.get_or_init(|| family).clone()))
}

/// The declared type that knows most of a config's fields, and misses fewest.
pub(crate) fn nearest(fields: &Fields) -> Option<&'static str> {
    let telling: Vec<&str> = fields.telling().collect();
    let score = |model_type: &'static str| {
        let family = declared(model_type)?.ok()?;
        let known = telling.iter().filter(|field| family.knows(field)).count();
        // What it would have to have, and what would have to stand in for it.
        let missing = |size: &Size| !size.fields.iter().any(|field| telling.contains(&field.as_str()));
        let lacks = family.sizes.iter().filter(|(name, size)| {
            let field = family.used.contains(name) && !size.fields.is_empty() && size.when.is_none();
            field && missing(size)
        });
        let weight = |size: &Size| match size.default {
            None => 4,
            Some(Default::Class(number)) if number > 0.0 => 1,
            Some(_) => 0,
        };
        let lacks: i64 = lacks.map(|(_, size)| weight(size)).sum();
        Some((i64::try_from(known).ok()? - lacks, model_type))
    };
    // Of equals, the plainest.
    let best = std::iter::once("llama").chain(declared_types()).filter_map(score).fold(
        None,
        |best: Option<(i64, &str)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        },
    );
    best.filter(|(score, _)| *score > 0).map(|(_, model_type)| model_type)
}

impl Family {
    /// Whether a field means something to it.
    fn knows(&self, field: &str) -> bool {
        let sizes = self.sizes.iter().filter(|(name, _)| self.used.contains(name)).flat_map(|(_, size)| &size.fields);
        let lists = self.by_layer.iter().map(|(_, list)| &list.field);
        let layers = self.layers.mixers.iter().chain(&self.layers.networks);
        sizes.chain(lists).chain(layers).any(|known| known == field)
    }
}
