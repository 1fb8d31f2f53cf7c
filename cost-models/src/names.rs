//! How the tensors of each model type are called in files.
//!
//! Operators name their weights as most models do, relative to their layer. What a model type calls otherwise is data:
//! renames, first of tensors by the end of their path, then of names by their beginning. Weights that get one name in a
//! file are one tensor there, stacked row by row.

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

/// The name of a tensor where modules go by other names: the first of the pairs that begins it says which.
pub(crate) fn released(own: &str, names: &[(&str, &str)]) -> String {
    let rest = |module: &str| own.strip_prefix(module).filter(|rest| rest.starts_with('.'));
    let other = names.iter().find_map(|(module, other)| rest(module).map(|rest| format!("{other}{rest}")));
    other.unwrap_or_else(|| own.to_owned())
}

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
