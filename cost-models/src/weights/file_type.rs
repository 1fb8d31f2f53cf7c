//! Types of GGUF files: which tensor of a model `llama-quantize` stores in which format.
//!
//! The rule is that of llama.cpp (`llama_tensor_get_type_impl`, `tensor_allows_quantization` and `tensor_type_fallback` in
//! <https://github.com/ggml-org/llama.cpp>, `src/llama-quant.cpp`), as data: a table of file types, and a table of
//! exceptions by kinds of tensors, of which the first that holds decides.

use std::collections::BTreeMap;
use std::str::FromStr;

use cost_core::format::{Format, Group};

use super::Naming;
use super::declared::Declared;
use crate::error::Error;
use crate::model::Model;

/// A type of GGUF file, as `llama-quantize` calls it.
///
/// `q4_k_m`, `q6_k`, `iq4_xs`, …; with the embedding and the head in Q8_0 (`q4_k_l`, `q6_k_l`, …), as some publishers have
/// them. Those that begin with `iq` are made with an importance matrix, others without, unless `:imatrix` or `:plain` after
/// the name says otherwise: a few tensors depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileType {
    row: &'static Row,
    imatrix: bool,
}

/// A file type: its name, the format of what no exception is about, and that of the embedding and the head, if it is set.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    name: &'static str,
    /// The name that exceptions know it by.
    rule: &'static str,
    most: &'static str,
    ends: Option<&'static str>,
}

/// A row of the table.
const fn row(name: &'static str, rule: &'static str, most: &'static str, ends: Option<&'static str>) -> Row {
    Row { name, rule, most, ends }
}

const FILE_TYPES: &[Row] = &[
    row("q4_0", "q4_0", "q4_0", None),
    row("q4_1", "q4_1", "q4_1", None),
    row("q5_0", "q5_0", "q5_0", None),
    row("q5_1", "q5_1", "q5_1", None),
    row("q8_0", "q8_0", "q8_0", None),
    row("q2_k", "q2_k", "q2_k", None),
    row("q2_k_s", "q2_k_s", "q2_k", None),
    row("q2_k_l", "q2_k", "q2_k", Some("q8_0")),
    row("q3_k_s", "q3_k_s", "q3_k", None),
    row("q3_k_m", "q3_k_m", "q3_k", None),
    row("q3_k_l", "q3_k_l", "q3_k", None),
    row("q3_k_xl", "q3_k_l", "q3_k", Some("q8_0")),
    row("q4_k_s", "q4_k_s", "q4_k", None),
    row("q4_k_m", "q4_k_m", "q4_k", None),
    row("q4_k_l", "q4_k_m", "q4_k", Some("q8_0")),
    row("q5_k_s", "q5_k_s", "q5_k", None),
    row("q5_k_m", "q5_k_m", "q5_k", None),
    row("q5_k_l", "q5_k_m", "q5_k", Some("q8_0")),
    row("q6_k", "q6_k", "q6_k", None),
    row("q6_k_l", "q6_k", "q6_k", Some("q8_0")),
    row("iq1_s", "iq1_s", "iq1_s", None),
    row("iq1_m", "iq1_m", "iq1_m", None),
    row("iq2_xxs", "iq2_xxs", "iq2_xxs", None),
    row("iq2_xs", "iq2_xs", "iq2_xs", None),
    row("iq2_s", "iq2_s", "iq2_xs", None),
    row("iq2_m", "iq2_m", "iq2_s", None),
    row("iq3_xxs", "iq3_xxs", "iq3_xxs", None),
    row("iq3_xs", "iq3_xs", "iq3_s", None),
    row("iq3_s", "iq3_s", "iq3_s", None),
    row("iq3_m", "iq3_m", "iq3_s", None),
    row("iq4_nl", "iq4_nl", "iq4_nl", None),
    row("iq4_xs", "iq4_xs", "iq4_xs", None),
    row("tq1_0", "tq1_0", "tq1_0", None),
    row("tq2_0", "tq2_0", "tq2_0", None),
    row("mxfp4_moe", "mxfp4_moe", "mxfp4", None),
];

impl FileType {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.row.name
    }

    /// The format of most of its tensors.
    pub(super) fn most(&self) -> Format {
        Format::known(self.row.most)
    }

    /// The names of all file types.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FILE_TYPES.iter().map(|row| row.name)
    }
}

impl FromStr for FileType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let lower = text.to_ascii_lowercase();
        let (name, imatrix) = match lower.split_once(':') {
            Some((name, "imatrix")) => (name, Some(true)),
            Some((name, "plain")) => (name, Some(false)),
            _ => (lower.as_str(), None),
        };
        match FILE_TYPES.iter().find(|row| row.name == name) {
            Some(row) => Ok(Self { row, imatrix: imatrix.unwrap_or_else(|| name.starts_with("iq")) }),
            None => {
                let expected = format!("one of {}", Self::names().collect::<Vec<_>>().join(", "));
                Err(Error::field("file type", format!("\"{}\"", cost_core::text::short(text, 80)), expected))
            }
        }
    }
}

/// What a tensor is, by its name: the categories of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Embedding,
    Head,
    Queries,
    Keys,
    Values,
    /// Queries, keys and values in one.
    Joined,
    /// Latent attention's keys and values in one.
    Latent,
    Result,
    Up,
    Gate,
    Down,
    Other,
}

use Kind::{Down, Gate, Joined, Keys, Latent, Queries, Result as Out, Up, Values};

/// Parts of names and what they say a tensor is; the first that is in a name decides.
const KINDS: &[(&str, Kind)] = &[
    ("per_layer_token_embd.weight", Kind::Embedding),
    ("token_embd.weight", Kind::Embedding),
    ("attn_qkv.weight", Joined),
    ("attn_kv_b.weight", Latent),
    ("attn_v.weight", Values),
    ("attn_k.weight", Keys),
    ("attn_q.weight", Queries),
    ("attn_output.weight", Out),
    ("ffn_up", Up),
    ("ffn_gate", Gate),
    ("ffn_down", Down),
];

/// Parts of names of tensors that are never quantised; files have them in 32 bits.
const KEPT: &[&str] = &[
    "_norm.weight",
    "ffn_gate_inp.weight",
    "altup",
    "laurel",
    "per_layer_model_proj",
    "position_embd",
    "token_types",
    "ssm_conv1d",
    "shortconv.conv.weight",
    "indexer.k_proj.weight",
    "indexer.q_proj.weight",
    "time_mix_first.weight",
    "time_mix_w0.weight",
    "time_mix_w1.weight",
    "time_mix_w2.weight",
    "time_mix_v0.weight",
    "time_mix_v1.weight",
    "time_mix_v2.weight",
    "time_mix_a0.weight",
    "time_mix_a1.weight",
    "time_mix_a2.weight",
    "time_mix_g1.weight",
    "time_mix_g2.weight",
    "time_mix_decay_w1.weight",
    "time_mix_decay_w2.weight",
    "time_mix_lerp_fused.weight",
    "attn_rel_b.weight",
];

/// What a model is to the rule.
#[derive(Clone, Copy)]
struct Facts {
    layers: u64,
    /// Query heads of each key/value head.
    grouped: u64,
    experts: u64,
    falcon: bool,
    /// Whether it is one of those of 80 layers whose values take little room.
    large: bool,
    imatrix: bool,
}

/// A tensor's place among those of its kind: which it is, of how many.
#[derive(Clone, Copy)]
struct Place {
    i: u64,
    of: u64,
}

impl Place {
    /// Among the first part of so many.
    const fn early(self, parts: u64) -> bool {
        self.i < self.of / parts
    }

    /// The first and the last eighth, and every third between.
    const fn more(self) -> bool {
        self.early(8) || self.i >= 7 * self.of / 8 || (self.i - self.of / 8) % 3 == 2
    }

    /// Neither in the first eighth nor in the last.
    const fn middle(self) -> bool {
        !self.early(8) && self.i < 7 * self.of / 8
    }
}

/// An exception: of which kind of tensors and which file types, where it holds, and the format.
type Exception = (Kind, &'static [&'static str], fn(&Facts, Place) -> bool, &'static str);

const LOW: &[&str] = &["iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq2_m"];
const LOW_2S: &[&str] = &["iq2_s", "iq2_m"];

fn any(_: &Facts, _: Place) -> bool {
    true
}

fn grouped(facts: &Facts, _: Place) -> bool {
    facts.grouped >= 4
}

fn eight(facts: &Facts, _: Place) -> bool {
    facts.experts == 8
}

/// File types whose attention results are in 5 bits where there are eight experts.
const MIXTRAL: &[&str] =
    &["q2_k", "iq3_xs", "iq3_xxs", "q3_k_s", "q3_k_m", "iq4_nl", "q4_k_s", "q4_k_m", "iq3_s", "iq3_m", "iq4_xs"];

const EXCEPTIONS: &[Exception] = &[
    (Values, LOW, |it, _| it.grouped >= 4 || it.experts >= 4, "q4_k"),
    (Values, LOW_2S, any, "iq3_s"),
    (Values, LOW, any, "q2_k"),
    (Values, &["q2_k"], grouped, "q4_k"),
    (Values, &["q2_k"], any, "q3_k"),
    (Values, &["q2_k_s"], grouped, "q4_k"),
    (Values, &["iq3_xxs"], grouped, "q4_k"),
    (Values, &["iq3_xxs"], |it, _| !it.imatrix, "iq3_s"),
    (Values, &["iq3_xs", "iq3_s"], grouped, "q4_k"),
    (Values, &["iq3_m"], any, "q4_k"),
    (Values, &["q3_k_m"], |_, at| at.i < 2, "q5_k"),
    (Values, &["q3_k_m"], any, "q4_k"),
    (Values, &["q3_k_l"], any, "q5_k"),
    (Values, &["iq4_nl", "iq4_xs"], grouped, "q5_k"),
    (Values, &["q4_k_m", "q5_k_m"], |_, at| at.more(), "q6_k"),
    (Values, &["q4_k_s"], |_, at| at.i < 4, "q5_k"),
    (Keys, LOW, eight, "q4_k"),
    (Keys, &["iq3_xs"], any, "iq3_xxs"),
    (Keys, &["iq3_xxs"], any, "iq2_s"),
    (Queries, &["iq3_xs"], any, "iq3_xxs"),
    (Queries, &["iq3_xxs"], any, "iq2_s"),
    (Down, LOW_2S, |_, at| at.early(8), "iq3_s"),
    (Down, LOW, |_, at| at.early(8), "q2_k"),
    (Down, &["q2_k"], any, "q3_k"),
    (Down, &["q2_k_s"], |_, at| at.early(8), "q4_k"),
    (Down, &["iq3_xxs"], |it, at| !it.imatrix && at.early(8), "q4_k"),
    (Down, &["iq3_xxs"], |it, _| !it.imatrix, "q3_k"),
    (Down, &["q3_k_m"], |_, at| at.early(16), "q5_k"),
    (Down, &["q3_k_m"], |it, at| !it.falcon || at.more(), "q4_k"),
    (Down, &["iq3_m"], |it, at| at.early(8) || it.experts == 8 && at.more(), "q4_k"),
    (Down, &["q3_k_l"], |it, _| it.falcon, "q4_k"),
    (Down, &["q3_k_l"], any, "q5_k"),
    (Down, &["q4_k_m"], |it, at| it.falcon && at.early(16), "q6_k"),
    (Down, &["q4_k_m"], |it, at| it.falcon && at.more(), "q5_k"),
    (Down, &["q4_k_m"], |it, at| !it.falcon && at.more(), "q6_k"),
    (Down, &["iq4_nl", "iq4_xs"], |it, at| !it.imatrix && at.early(8), "q5_k"),
    (Down, &["q5_k_m"], |_, at| at.more(), "q6_k"),
    (Down, &["q4_k_s"], |it, at| !it.falcon && at.early(8), "q5_k"),
    (Down, &["q4_0"], |it, at| it.imatrix && at.early(8), "q4_1"),
    (Down, &["q5_0"], |it, at| it.imatrix && at.early(8), "q5_1"),
    (Out, LOW, eight, "q5_k"),
    (Out, &["iq1_s", "iq1_m"], any, "iq2_xxs"),
    (Out, LOW_2S, any, "iq3_s"),
    (Out, &["q3_k_l"], |it, _| it.falcon, "q4_k"),
    (Out, MIXTRAL, |it, _| !it.falcon && it.experts == 8, "q5_k"),
    (Out, &["q2_k"], |it, _| !it.falcon && it.experts != 8, "q3_k"),
    (Out, &["iq3_xxs"], |it, _| !it.falcon && it.experts != 8, "iq3_s"),
    (Out, &["q3_k_m", "iq3_m"], |it, _| !it.falcon && it.experts != 8, "q4_k"),
    (Out, &["q3_k_l"], |it, _| !it.falcon && it.experts != 8, "q5_k"),
    (Joined, &["q3_k_m", "q3_k_l", "iq3_m"], any, "q4_k"),
    (Joined, &["q4_k_m"], any, "q5_k"),
    (Joined, &["q5_k_m"], any, "q6_k"),
    (Gate, &["iq3_xs"], |_, at| at.middle(), "iq3_xxs"),
    (Up, &["iq3_xs"], |_, at| at.middle(), "iq3_xxs"),
];

/// What a format gives way to where rows aren't whole blocks of it.
const FALLBACKS: &[(&[&str], &str)] = &[
    (&["iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq3_xxs", "iq3_s", "iq4_xs"], "iq4_nl"),
    (&["q2_k", "q3_k", "tq1_0", "tq2_0"], "q4_0"),
    (&["q4_k"], "q5_0"),
    (&["q5_k"], "q5_1"),
    (&["q6_k"], "q8_0"),
];

/// The format of each of a model's weights in a file of that type, in the order in which they are declared, place by place.
///
/// An error names a weight that has no name in GGUF files.
pub(super) fn formats(
    file: FileType,
    model: &Model,
    declared: &[Declared],
) -> Result<BTreeMap<(usize, Option<u64>), Format>, Error> {
    // As the files have them: by layer, then by name. What is one tensor there has one format.
    let mut tensors: BTreeMap<(Option<u64>, String), Vec<usize>> = BTreeMap::new();
    for (which, it) in declared.iter().enumerate() {
        for layer in it.places() {
            let name = it.name(Naming::Gguf, layer).ok_or_else(|| {
                let expected = format!("a name that its tensor has in GGUF files, of which {} is a type", file.name());
                Error::field(&it.tensor.path, "none", expected)
            })?;
            tensors.entry((layer, name)).or_default().push(which);
        }
    }
    let facts = facts(file, model, declared);
    let tied = !tensors.contains_key(&(None, "output.weight".to_owned()));
    let values = tensors.keys().filter(|(_, name)| matches!(kind(name), Values | Joined | Latent)).count() as u64;
    let (mut of_values, mut of_down, mut of_gate, mut of_up) = (0, 0, 0, 0);
    let mut found = BTreeMap::new();
    for ((layer, name), parts) in &tensors {
        let kind = kind(name);
        let counter = match kind {
            Values | Joined | Latent => Some(&mut of_values),
            Down => Some(&mut of_down),
            Gate if !kept(name) => Some(&mut of_gate),
            Up => Some(&mut of_up),
            _ => None,
        };
        let counted = counter.map_or(0, |counter| {
            *counter += 1;
            *counter - 1
        });
        let place = match kind {
            Values | Joined | Latent => Place { i: counted, of: values },
            // Experts needn't come in the order of their layers.
            _ if facts.experts > 1 => Place { i: layer.unwrap_or(0), of: facts.layers },
            _ => Place { i: counted, of: facts.layers },
        };
        let Some(first) = parts.first().and_then(|which| declared.get(*which)) else { continue };
        let format = if kept(name) || !is_matrix(first) {
            Format::F32
        } else {
            fitting(of(file, kind, &facts, place, first, tied), first.tensor.row)
        };
        found.extend(parts.iter().map(|which| ((*which, *layer), format)));
    }
    Ok(found)
}

/// What the rule goes by.
fn facts(file: FileType, model: &Model, declared: &[Declared]) -> Facts {
    let layers = declared.iter().filter_map(|it| it.layers.last().copied()).max().map_or(0, |last| last + 1);
    let size = |axis| model.axis_named(axis).and_then(|axis| model.size_of(axis));
    let experts = declared.iter().filter_map(|it| it.tensor.experts).max().unwrap_or(0);
    let of_70b = ["llama", "mistral", "qwen2"].contains(&model.model_type.as_str());
    Facts {
        layers,
        grouped: size("g").unwrap_or(1),
        experts: u64::try_from(experts).unwrap_or(u64::MAX),
        falcon: model.model_type == "falcon",
        large: of_70b && layers == 80,
        imatrix: file.imatrix,
    }
}

fn kind(name: &str) -> Kind {
    if name == "output.weight" {
        return Kind::Head;
    }
    KINDS.iter().find(|(part, _)| name.contains(part)).map_or(Kind::Other, |(_, kind)| *kind)
}

fn kept(name: &str) -> bool {
    !name.ends_with("weight") || KEPT.iter().any(|part| name.contains(part))
}

/// Whether a weight has rows and columns, rather than being a list.
fn is_matrix(declared: &Declared) -> bool {
    let tensor = &declared.tensor;
    (tensor.factor || tensor.part.as_deref() == Some("embedding")) && tensor.row > 1 && tensor.elements > tensor.row
}

/// The format that the rule has for a matrix.
fn of(file: FileType, kind: Kind, facts: &Facts, place: Place, declared: &Declared, tied: bool) -> Format {
    let Row { rule, most, ends, .. } = file.row;
    let head = kind == Kind::Head || (kind == Kind::Embedding && tied);
    let whole = |name: &str| declared.tensor.row.is_multiple_of(block(&Format::known(name)));
    if let Some(ends) = ends.filter(|_| matches!(kind, Kind::Head | Kind::Embedding)) {
        return Format::known(ends);
    }
    let name = match kind {
        _ if head && (facts.falcon || !whole(most) || *rule == "mxfp4_moe") => "q8_0",
        _ if head && (LOW.contains(rule) || *rule == "iq3_xxs") => "q5_k",
        _ if head && *most == "q8_0" => "q8_0",
        _ if head => "q6_k",
        _ if *rule == "mxfp4_moe" => {
            if declared.tensor.experts.is_some() {
                "mxfp4"
            } else {
                "q8_0"
            }
        }
        Kind::Embedding => match *rule {
            "iq1_s" | "iq1_m" | "iq2_xxs" | "iq2_xs" => "q2_k",
            "iq2_s" | "iq2_m" | "iq3_xxs" => "iq3_s",
            "tq1_0" | "tq2_0" => "q4_k",
            _ => most,
        },
        _ => {
            let holds = |(of, rules, when, _): &&Exception| {
                // Latent keys and values count as values do.
                let same = *of == kind
                    || (*of == Values && kind == Latent)
                    || (*of == Values && kind == Joined && LOW.contains(rule));
                same && rules.contains(rule) && when(facts, place)
            };
            let named = EXCEPTIONS.iter().find(holds).map_or(*most, |(.., name)| *name);
            adjusted(kind, named, rule, facts)
        }
    };
    Format::known(name)
}

/// The format once more, where values or keys take so little room that more bits cost nearly nothing.
fn adjusted<'n>(kind: Kind, name: &'n str, rule: &str, facts: &Facts) -> &'n str {
    if LOW.contains(&rule) {
        return name;
    }
    match kind {
        Values | Latent | Keys if facts.experts == 8 => "q8_0",
        Values | Latent if facts.large && matches!(name, "q3_k" | "q4_k") => "q5_k",
        _ => name,
    }
}

/// A format whose blocks rows are made of: this one, or what it gives way to.
fn fitting(format: Format, row: u128) -> Format {
    if row.is_multiple_of(block(&format)) {
        return format;
    }
    let name = format.to_string();
    let other =
        FALLBACKS.iter().find(|(names, _)| names.contains(&name.as_str())).map(|(_, other)| Format::known(other));
    other.filter(|other| row.is_multiple_of(block(other))).unwrap_or_else(|| Format::known("f16"))
}

/// Elements that are stored together.
fn block(format: &Format) -> u128 {
    match format.group {
        Group::Of(n) => u128::from(n),
        _ => 1,
    }
}
