//! How the tensors of each model type are called in files.
//!
//! Operators name their weights as most models do, relative to their layer. What a model type calls otherwise is data:
//! renames, first of tensors by the end of their path, then of names by their beginning. Weights that get one name in a
//! file are one tensor there, stacked row by row.

use std::sync::Arc;

/// How a model type's tensors are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names {
    /// What stands before all names in some safetensors files.
    pub(crate) prefixes: Vec<String>,
    /// What names begin with, and lack in files of the model without what stands on top of it.
    pub(crate) base: String,
    /// What the names of a layer's modules begin with; `*` is its number.
    pub(crate) layer: String,
    /// What safetensors files call otherwise.
    pub(crate) modules: Vec<Renamed>,
    /// What GGUF files call otherwise.
    pub(crate) gguf: Vec<Renamed>,
}

/// The end of a path or the beginning of a name, and what stands in its place.
pub(crate) type Renamed = (String, String);

impl Names {
    /// A name in safetensors files, relative to its layer, of the weight with that path and usual name.
    pub(crate) fn module(&self, path: &str, name: &str) -> String {
        renamed(&self.modules, path, name)
    }

    /// A name in GGUF files, likewise.
    pub(crate) fn gguf(&self, path: &str, name: &str) -> String {
        renamed(&self.gguf, path, name)
    }
}

impl Default for Names {
    /// Those of Llama.
    fn default() -> Self {
        Self {
            prefixes: vec![String::new(), "language_model.".to_owned()],
            base: String::new(),
            layer: "model.layers.*.".to_owned(),
            modules: Vec::new(),
            gguf: Vec::new(),
        }
    }
}

/// What some GGUF files call what others do not: latent attention's up-projections as one tensor, experts one by one.
pub(crate) const GGUF_ALTERNATIVES: &[(&str, &str)] = &[
    ("blk.*.attn_k_b.weight", "blk.*.attn_kv_b.weight"),
    ("blk.*.attn_v_b.weight", "blk.*.attn_kv_b.weight"),
    ("blk.*.ffn_gate_exps.weight", "blk.*.ffn_gate.*.weight"),
    ("blk.*.ffn_up_exps.weight", "blk.*.ffn_up.*.weight"),
    ("blk.*.ffn_down_exps.weight", "blk.*.ffn_down.*.weight"),
    ("blk.*.exp_probs_b.bias", "blk.*.exp_probs_b"),
    // Qwen3-Next's first files.
    ("blk.*.attn_qkv.weight", "blk.*.ssm_in.weight"),
    ("blk.*.attn_gate.weight", "blk.*.ssm_in.weight"),
];

/// What some safetensors files call what others do not: the scale and shift of norms as TensorFlow has them.
pub(crate) const MODULE_ALTERNATIVES: &[(&str, &str)] =
    &[("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")];

/// What files that hold all experts of a layer in one tensor call them, as those of MLX do, by their names one by one.
pub(crate) const STACKED: &[(&str, &str)] = &[
    ("experts.*.gate_proj.", "switch_mlp.gate_proj."),
    ("experts.*.up_proj.", "switch_mlp.up_proj."),
    ("experts.*.down_proj.", "switch_mlp.down_proj."),
    ("experts.*.w1.", "switch_mlp.gate_proj."),
    ("experts.*.w3.", "switch_mlp.up_proj."),
    ("experts.*.w2.", "switch_mlp.down_proj."),
];

/// What files hold a second time: the embedding table as the head that it is, and the head's shift.
pub(crate) const TIED_COPIES: &[&str] = &[
    "lm_head.weight",
    "embed_out.weight",
    "lm_head.decoder.weight",
    "lm_head.decoder.bias",
    "predictions.decoder.weight",
    "predictions.decoder.bias",
];

fn renamed(renames: &[Renamed], path: &str, name: &str) -> String {
    let ends = |part: &str| path.strip_suffix(part).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    renames
        .iter()
        .find_map(|(from, to)| {
            let rest = if ends(from) { Some("") } else { name.strip_prefix(from.as_str()) };
            rest.map(|rest| format!("{to}{rest}"))
        })
        .unwrap_or_else(|| name.to_owned())
}

/// What names begin with, and those of layers, by model types that no declaration names: as in Hugging Face transformers.
const LAYERS: &[(&[&str], &str, &str)] = &[
    (&["bloom", "falcon", "gpt2", "gpt_bigcode", "RefinedWeb", "RefinedWebModel"], "transformer.", "transformer.h.*."),
    (&["gpt_neox"], "gpt_neox.", "gpt_neox.layers.*."),
    (&["opt"], "model.", "model.decoder.layers.*."),
];

/// The names of a model type without a declaration.
pub(crate) fn names(model_type: &str) -> Arc<Names> {
    let found = LAYERS.iter().find(|(types, ..)| types.contains(&model_type));
    Arc::new(found.map_or_else(Names::default, |(_, base, layer)| Names {
        base: (*base).to_owned(),
        layer: (*layer).to_owned(),
        ..Names::default()
    }))
}
