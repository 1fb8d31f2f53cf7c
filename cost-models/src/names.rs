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
    /// The same of layers that read a source, where others decode, and what safetensors files call otherwise in these alone.
    pub(crate) encoder: String,
    pub(crate) encoder_modules: Vec<Renamed>,
    /// What safetensors files call otherwise.
    pub(crate) modules: Vec<Renamed>,
    /// What GGUF files call otherwise.
    pub(crate) gguf: Vec<Renamed>,
}

/// What the labels of layers begin with that read a source.
pub(crate) const ENCODER: &str = "encoder";

/// The end of a path or the beginning of a name, and what stands in its place.
pub(crate) type Renamed = (String, String);

impl Names {
    /// A name in safetensors files, relative to its layer, of the weight with that path, place and usual name.
    pub(crate) fn module(&self, path: &str, place: Option<&str>, name: &str) -> String {
        let own = if self.in_encoder(place) { &*self.encoder_modules } else { &[] };
        renamed(own.iter().chain(&self.modules), path, name)
    }

    /// What the names of modules begin with in layers with that place.
    pub(crate) fn layer(&self, place: Option<&str>) -> &str {
        if self.in_encoder(place) { &self.encoder } else { &self.layer }
    }

    fn in_encoder(&self, place: Option<&str>) -> bool {
        !self.encoder.is_empty() && place.is_some_and(|place| place.starts_with(ENCODER))
    }

    /// A name in GGUF files, likewise.
    pub(crate) fn gguf(&self, path: &str, name: &str) -> String {
        renamed(self.gguf.iter(), path, name)
    }
}

impl Default for Names {
    /// Those of Llama.
    fn default() -> Self {
        Self {
            prefixes: vec![String::new(), "language_model.".to_owned()],
            base: String::new(),
            layer: "model.layers.*.".to_owned(),
            encoder: String::new(),
            encoder_modules: Vec::new(),
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

fn renamed<'r>(mut renames: impl Iterator<Item = &'r Renamed>, path: &str, name: &str) -> String {
    let ends = |part: &str| path.strip_suffix(part).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    renames
        .find_map(|(from, to)| {
            let rest = if ends(from) { Some("") } else { name.strip_prefix(from.as_str()) };
            rest.map(|rest| format!("{to}{rest}"))
        })
        .unwrap_or_else(|| name.to_owned())
}
