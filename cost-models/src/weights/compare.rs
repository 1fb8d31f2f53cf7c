//! The tensors in a file against those that an architecture declares: by name, by shape, and by bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cost_core::cost::Formats;
use cost_core::format::Format;

use super::declared::{self, Declared};
use super::names::{GGUF_ALTERNATIVES, MODULE_ALTERNATIVES, STACKED, TIED_COPIES};
use super::packed::{self, Whole};
use super::{Naming, Stored, WeightsFile, inferred, shown};
use crate::error::{Error, TensorDifferences};
use crate::model::Model;
use crate::note::Note;
use crate::quantised;

/// The formats that a model's weights have in a file.
///
/// Tensors that are missing, left over or of another shape are an error that lists them.
pub(crate) fn formats(model: &Model, file: &WeightsFile) -> Result<Compared, Error> {
    let (declared, further) = (declared::declared(model)?, declared::predictors(model)?);
    let index = Index::new(model, file, &declared);
    let mut found = Found::default();
    compare(model, &index, &wanted(&declared, &index)?, &mut found);
    let (mut notes, further) = (Vec::new(), wanted(&further, &index)?);
    if further.keys().any(|name| index.find(name).is_some()) {
        // How they are stored is in no format of the model's.
        let said = found.otherwise.len();
        compare(model, &index, &further, &mut found);
        found.otherwise.truncate(said);
    } else if !further.is_empty() {
        notes.push(Note::new("the modules that predict further tokens are not in the file"));
    }
    let left = file.tensors.iter().map(|tensor| tensor.name.as_str());
    let left = left.filter(|name| !found.used.contains(name) && !passed_over(model, name));
    let (apart, extra): (Vec<&str>, Vec<&str>) = left.partition(|name| name.starts_with("mtp."));
    if !apart.is_empty() {
        notes.push(Note::new("the file's modules that predict further tokens (mtp.…) are left out"));
    }
    let (copies, extra): (Vec<&str>, Vec<&str>) = extra.into_iter().partition(|name| index.is_copy(name, &declared));
    for copy in copies {
        notes.push(Note::new(format!("{copy} is a tied tensor a second time, and counted once")));
    }
    found.differences.extra.extend(extra.into_iter().map(str::to_owned));
    if !found.differences.none() {
        return Err(Error::Tensors(Box::new(found.differences)));
    }
    notes.extend(otherwise(&found.otherwise));
    // What it multiplies in is the config's to say, of weights that are in the file as the config says.
    let multiply = |it: &Declared, layer, format: Format| {
        let said = quantised::of(model.quantised(), it, layer).filter(|said| said.format.base == format.base);
        said.and_then(|said| said.multiply)
    };
    let of = |it: &Declared, layer| {
        let format = *found.formats.get(&(it.tensor.path.as_str(), layer))?;
        Some(cost_core::cost::Stored { multiply: multiply(it, layer, format), ..format.into() })
    };
    let places = declared.iter().flat_map(|it| it.places().into_iter().map(move |layer| (it, layer)));
    let stored = places.filter_map(|(it, layer)| Some(((it.tensor.path.clone(), layer), of(it, layer)?))).collect();
    let formats = declared::formats(&declared, |_, it, layer| of(it, layer))?;
    Ok(Compared { formats: Formats { cache: model.formats().cache, ..formats }, stored, notes })
}

/// What a file says of a model's weights.
pub(crate) struct Compared {
    /// The formats that they have.
    pub(crate) formats: Formats,
    /// The same by path and layer.
    pub(crate) stored: InFiles,
    /// What of the model the file lacks on purpose, and what it stores otherwise than the model's config says.
    pub(crate) notes: Vec<Note>,
}

/// How weights are stored in files, by path and layer.
pub(crate) type InFiles = HashMap<(String, Option<u64>), cost_core::cost::Stored>;

/// A file's tensors by name.
struct Index<'f> {
    file: &'f WeightsFile,
    tensors: HashMap<&'f str, &'f Stored>,
    /// What stands before the names of all of them.
    prefix: String,
    /// What names begin with elsewhere, and don't here.
    lacks: String,
}

impl<'f> Index<'f> {
    fn new(model: &Model, file: &'f WeightsFile, declared: &[Declared]) -> Self {
        let tensors = file.tensors.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
        let index = Self { file, tensors, prefix: String::new(), lacks: String::new() };
        if file.naming == Naming::Gguf {
            return index;
        }
        let known = |(prefix, lacks): &(String, String)| {
            let names = declared.iter().filter_map(|it| it.name(file.naming, it.places()[0]));
            names.filter(|name| index.find(&placed(prefix, lacks, name)).is_some()).count()
        };
        let names = model.names();
        let mut forms: Vec<_> = names.prefixes.iter().map(|prefix| (prefix.clone(), String::new())).collect();
        forms.push((String::new(), names.base.clone()));
        let (prefix, lacks) = forms.into_iter().rev().max_by_key(known).unwrap_or_default();
        Self { prefix, lacks, ..index }
    }

    /// Whether a tensor is one of the model's weights a second time: of the embedding table's shape, or a list as long.
    fn is_copy(&self, name: &str, declared: &[Declared]) -> bool {
        let ends = |copy: &&str| name.strip_suffix(*copy).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let table = declared.iter().find(|it| it.tensor.part.as_deref() == Some("embedding"));
        let rows = table.map(|it| it.tensor.shape.iter().map(|(_, size)| *size).collect::<Vec<_>>());
        let stored = self.tensors.get(name).zip(rows).is_some_and(|(stored, table)| {
            let shape: Vec<u128> = stored.shape.iter().map(|size| u128::from(*size)).collect();
            shape == table || (shape.len() == 1 && shape.first() == table.first())
        });
        stored && TIED_COPIES.iter().any(ends)
    }

    fn find(&self, name: &str) -> Option<Whole<'f>> {
        match self.file.naming {
            Naming::Gguf => self.tensors.get(name).copied().map(Whole::plain),
            Naming::Modules => packed::find(&self.tensors, name),
        }
    }

    /// The name of a weight, or what the file calls it instead.
    fn name_of(&self, declared: &Declared, layer: Option<u64>) -> Option<String> {
        let name = placed(&self.prefix, &self.lacks, &declared.name(self.file.naming, layer)?);
        if self.find(&name).is_some() {
            return Some(name);
        }
        if self.file.naming == Naming::Modules {
            let stacked = |(usual, other): &(&str, &str)| Some(name.replacen(usual, other, 1)).filter(|it| *it != name);
            if let Some(stacked) = STACKED.iter().filter_map(stacked).find(|it| self.find(it).is_some()) {
                return Some(stacked);
            }
            let ends = |(usual, other): &(&str, &str)| Some(format!("{}{other}", name.strip_suffix(usual)?));
            let other = MODULE_ALTERNATIVES.iter().find_map(ends);
            return Some(other.filter(|other| self.find(other).is_some()).unwrap_or(name));
        }
        let layer = layer.map(|layer| layer.to_string()).unwrap_or_default();
        let other = GGUF_ALTERNATIVES.iter().find(|(usual, _)| usual.replacen('*', &layer, 1) == name);
        let other = other.map(|(_, other)| other.replacen('*', &layer, 1));
        Some(other.filter(|other| self.find(&other.replacen('*', "0", 1)).is_some()).unwrap_or(name))
    }
}

/// A name as a file has it: with something before it, or without what it begins with elsewhere.
fn placed(prefix: &str, lacks: &str, name: &str) -> String {
    format!("{prefix}{}", name.strip_prefix(lacks).unwrap_or(name))
}

/// Whether a tensor is one that no kernel reads or one of another part of the model, which it is said to leave out.
fn passed_over(model: &Model, name: &str) -> bool {
    let first = name.split('.').find(|part| *part != "model").unwrap_or_default();
    let other_part = OTHER_PARTS.iter().any(|part| first.contains(part)) && model.is_text_part();
    BUFFERS.iter().any(|end| name.ends_with(end)) || other_part
}

/// What the names of parts that are not the text part have in them.
const OTHER_PARTS: &[&str] = &["vision", "visual", "audio", "projector"];

/// Ends of names of what files hold and no kernel reads from there: rotary angles, causal masks, scales of caches.
const BUFFERS: &[&str] = &[
    "rotary_emb.inv_freq",
    ".attn.bias",
    ".attn.masked_bias",
    ".attention.bias",
    ".attention.masked_bias",
    "embeddings.position_ids",
    ".k_scale",
    ".v_scale",
    "rope_freqs.weight",
    "rope_factors_long.weight",
    "rope_factors_short.weight",
];

/// The weights that a tensor in a file is made of, stacked: each of one layer, and as often as there are experts.
type Wanted<'d> = BTreeMap<String, Vec<Part<'d>>>;

struct Part<'d> {
    declared: &'d Declared,
    layer: Option<u64>,
    copies: u128,
}

/// The tensors that a file should have.
fn wanted<'d>(declared: &'d [Declared], index: &Index<'_>) -> Result<Wanted<'d>, Error> {
    let mut wanted = Wanted::new();
    // A file may be found to lack so many tensors one by one.
    let most = index.file.tensors.len() + (1 << 18);
    // What has no name in any file is computed where it is needed, as sinusoids are.
    for it in declared.iter().filter(|it| it.tensor.hf.is_some() || it.tensor.gguf.is_some()) {
        for layer in it.places() {
            if wanted.len() > most {
                let expected = format!("about as many as the file has, {}", index.file.tensors.len());
                return Err(Error::field("tensors of the model", format!("more than {most}"), expected));
            }
            let Some(name) = index.name_of(it, layer) else {
                let expected = format!("a name that its tensor has in {} files", index.file.naming.name());
                return Err(Error::field(&it.tensor.path, "none".to_owned(), expected));
            };
            let experts = it.tensor.experts.unwrap_or(1);
            let (names, copies) = if name.contains('*') { (experts, 1) } else { (1, experts) };
            if names > index.file.tensors.len() as u128 {
                // More than there can be: missing, all of them.
                wanted.entry(name).or_default().push(Part { declared: it, layer, copies });
                continue;
            }
            for expert in 0..names {
                let name = name.replacen('*', &expert.to_string(), 1);
                wanted.entry(name).or_default().push(Part { declared: it, layer, copies });
            }
        }
    }
    Ok(wanted)
}

/// What has been found of them.
#[derive(Default)]
struct Found<'f, 'd> {
    formats: HashMap<(&'d str, Option<u64>), Format>,
    used: BTreeSet<&'f str>,
    differences: TensorDifferences,
    /// Weights that a safetensors file stores otherwise than the config says, and how.
    otherwise: Vec<String>,
}

/// A warning of what is stored otherwise than a config says.
fn otherwise(weights: &[String]) -> Option<Note> {
    const NAMED: usize = 2;
    let more = weights.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let listed = weights.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let text = format!("the files' headers say otherwise than the config, and are believed: {listed}{more}");
    (!weights.is_empty()).then(|| Note::warning(text).about("quantization_config"))
}

fn compare<'f, 'd>(model: &Model, index: &Index<'f>, wanted: &Wanted<'d>, found: &mut Found<'f, 'd>) {
    for (name, parts) in wanted {
        let Some(whole) = index.find(name) else {
            found.differences.missing.push(name.clone());
            continue;
        };
        found.used.extend(whole.tensors().map(|tensor| tensor.name.as_str()));
        let format = match format_of(model, &whole, parts) {
            Ok(format) => {
                let said = said(model, parts);
                if index.file.naming == Naming::Modules && said.map_or(whole.packed, |said| said != format) {
                    let said = said.map_or_else(|| "as it is".to_owned(), |said| said.to_string());
                    found.otherwise.push(format!("{name} is in {format}, not {said}"));
                }
                format
            }
            Err(difference) => {
                found.differences.different.push(format!("{name} ({difference})"));
                continue;
            }
        };
        for Part { declared, layer, .. } in parts {
            let before = found.formats.insert((&declared.tensor.path, *layer), format);
            if let Some(before) = before.filter(|before| *before != format) {
                let difference = format!("found {format}, expected {before} as of the experts before it");
                found.differences.different.push(format!("{name} ({difference})"));
            }
        }
    }
}

/// The format of a weight, whose shape and bytes must be those of its parts; otherwise what is wrong.
fn format_of(model: &Model, whole: &Whole<'_>, parts: &[Part<'_>]) -> Result<Format, String> {
    let shape = &whole.numbers.shape;
    // Numbers that are packed have a shape of their own.
    let own = elements(parts) != shape.iter().try_fold(1, |product: u128, size| product.checked_mul((*size).into()));
    let opaque = whole.packed && own;
    if !opaque && !fits(shape, parts) {
        return Err(format!("found {}, expected {}", shown(shape), expected(parts)));
    }
    if !whole.packed {
        return Ok(whole.numbers.format);
    }
    let found = whole.bytes();
    let copies = parts.first().map_or(1, |part| part.copies);
    let given = said(model, parts);
    let fits = |format: &Format| {
        let bits = |(rows, row)| format.bits(rows, row).and_then(|bits| bits.checked_mul(copies));
        matrices(shape, parts).into_iter().any(|matrix| bits(matrix) == Some(found * 8))
    };
    if let Some(format) = given.filter(fits) {
        return Ok(format);
    }
    let own = matrices(shape, parts).into_iter().find_map(|matrix| inferred::format(whole, matrix, copies));
    if let Some(format) = own {
        return Ok(format);
    }
    let Some(format) = given else {
        let scales: Vec<&str> = whole.scales.iter().map(|tensor| tensor.name.as_str()).collect();
        return Err(format!("found {}, expected a quantization_config that says how it is stored", scales.join(", ")));
    };
    let (rows, row) = matrix(parts);
    let bits = format.bits(rows, row).and_then(|bits| bits.checked_mul(copies));
    let expected = bits.map_or_else(|| "fewer".to_owned(), |bits| bits.div_ceil(8).to_string());
    Err(format!("found {found} bytes with its scales, expected {expected} as {format}"))
}

/// The format that the model's config says weights have, which are one tensor in files; nothing if they are as they are.
fn said(model: &Model, parts: &[Part<'_>]) -> Option<Format> {
    let of = |part: &Part<'_>| quantised::of(model.quantised(), part.declared, part.layer).map(|said| said.format);
    let first = of(parts.first()?)?;
    parts.iter().all(|part| of(part) == Some(first)).then_some(first)
}

/// The elements of a tensor that is made of these weights.
fn elements(parts: &[Part<'_>]) -> Option<u128> {
    let mut each = parts.iter().map(|part| part.declared.tensor.elements.checked_mul(part.copies));
    each.try_fold(0, |sum: u128, elements| sum.checked_add(elements?))
}

/// Whether a tensor of that shape can be made of these weights: of one, whatever the order of its axes; of several, with
/// one axis that they all have.
fn fits(shape: &[u64], parts: &[Part<'_>]) -> bool {
    let axes = |part: &Part<'_>| part.declared.tensor.shape.iter().map(|(_, size)| *size).collect::<Vec<_>>();
    if is_matrix(parts) && shape.iter().filter(|size| **size != 1).count() < 2 {
        return false;
    }
    if let [part] = parts {
        return merged(shape, &[vec![part.copies], axes(part)].concat());
    }
    let product = shape.iter().try_fold(1, |product: u128, size| product.checked_mul((*size).into()));
    let shared =
        |size: &u64| parts.iter().all(|part| subsets(&axes(part)).any(|(product, _)| product == (*size).into()));
    product == elements(parts) && (!is_matrix(parts) || shape.iter().any(shared))
}

/// Whether weights have rows and columns, rather than being lists over several axes as biases are.
fn is_matrix(parts: &[Part<'_>]) -> bool {
    parts.iter().all(|Part { declared, .. }| {
        let tensor = &declared.tensor;
        let product = tensor.factor || tensor.part.as_deref() == Some("embedding");
        product && tensor.row > 1 && tensor.elements > tensor.row
    })
}

/// The shape to be told where another one is found.
fn expected(parts: &[Part<'_>]) -> String {
    let (rows, row) = matrix(parts);
    let copies = parts.first().map_or(1, |part| part.copies);
    let axes: Vec<String> = [copies, rows, row].iter().filter(|axis| **axis != 1).map(u128::to_string).collect();
    format!("[{}]", axes.join(", "))
}

/// Rows, and elements in each, of weights stacked row by row.
fn matrix(parts: &[Part<'_>]) -> (u128, u128) {
    let row = parts.first().map_or(1, |part| part.declared.tensor.row.max(1));
    let elements = parts.iter().map(|part| part.declared.tensor.elements).sum::<u128>();
    (elements / row, row)
}

/// The same, and as the numbers' own shape says if rows were to run along another axis.
fn matrices(shape: &[u64], parts: &[Part<'_>]) -> Vec<(u128, u128)> {
    let usual = matrix(parts);
    let elements = usual.0 * usual.1;
    let sizes = shape.iter().map(|size| u128::from(*size)).filter(|size| *size > 0 && elements.is_multiple_of(*size));
    [usual].into_iter().chain(sizes.flat_map(|size| [(elements / size, size), (size, elements / size)])).collect()
}

/// Whether sizes are products of axes, each used once, in whatever order.
fn merged(sizes: &[u64], axes: &[u128]) -> bool {
    let axes: Vec<u128> = axes.iter().copied().filter(|axis| *axis != 1).collect();
    let Some((size, rest)) = sizes.split_first() else { return axes.is_empty() };
    subsets(&axes).any(|(product, others)| product == u128::from(*size) && merged(rest, &others))
}

/// The products of some of the axes, with the axes that are left. Operators have few.
fn subsets(axes: &[u128]) -> impl Iterator<Item = (u128, Vec<u128>)> {
    (0..1_u32 << axes.len().min(16)).filter_map(move |chosen| {
        let (inside, outside): (Vec<_>, Vec<_>) = (0..).zip(axes).partition(|(i, _)| chosen & (1 << i) != 0);
        let product = inside.iter().try_fold(1_u128, |product, (_, axis)| product.checked_mul(**axis))?;
        Some((product, outside.into_iter().map(|(_, axis)| *axis).collect()))
    })
}
