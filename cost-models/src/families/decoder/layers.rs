//! Which layers are of which kind.

use super::Decoder;
use crate::config::Fields;
use crate::error::Error;

/// Which keys a layer's queries see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// All before them.
    Full,
    /// Those of a window.
    Sliding,
    /// Those of a chunk.
    Chunked,
    /// None: the layer keeps a state instead.
    Linear,
}

/// The layers that one labelled loop of an architecture stands for.
pub(crate) type Positions = Vec<(&'static str, Vec<u64>)>;

const LABELS: [(&str, Kind, bool); 6] = [
    ("", Kind::Full, false),
    ("sliding", Kind::Sliding, false),
    ("chunked", Kind::Chunked, false),
    ("sparse", Kind::Full, true),
    ("sliding_sparse", Kind::Sliding, true),
    ("chunked_sparse", Kind::Chunked, true),
];

/// The kinds that `layer_types` lists for `layers` layers; where the config has no such list, those of a pattern.
pub(crate) fn kinds(fields: &mut Fields, layers: u64, pattern: impl Fn(u64) -> Kind) -> Result<Vec<Kind>, Error> {
    const NAMES: [(&str, Kind); 4] = [
        ("full_attention", Kind::Full),
        ("sliding_attention", Kind::Sliding),
        ("chunked_attention", Kind::Chunked),
        ("linear_attention", Kind::Linear),
    ];
    match fields.texts("layer_types")? {
        None => Ok((0..layers).map(pattern).collect()),
        Some(types) => {
            let expected = || NAMES.map(|(name, _)| format!("\"{name}\"")).join(" or ");
            let kind = |(i, text): (usize, &String)| {
                let kind = NAMES.iter().find(|(name, _)| name == text).map(|(_, kind)| *kind);
                kind.ok_or_else(|| Error::field(&format!("layer_types[{i}]"), format!("\"{text}\""), expected()))
            };
            let kinds: Vec<Kind> = types.iter().enumerate().map(kind).collect::<Result<_, _>>()?;
            same_length("layer_types", kinds.len(), layers)?;
            Ok(kinds)
        }
    }
}

/// An error if a list by layers has not one entry for each.
pub(crate) fn same_length(field: &str, found: usize, layers: u64) -> Result<(), Error> {
    if found as u64 == layers {
        return Ok(());
    }
    Err(Error::field(field, format!("{found} entries"), format!("{layers}, as many as num_hidden_layers")))
}

/// Whether a list by layers holds for a layer.
pub(crate) fn among(list: &[bool]) -> impl Fn(u64) -> bool {
    |i| usize::try_from(i).ok().and_then(|i| list.get(i)).is_some_and(|on| *on)
}

/// Sorts layers by kind of attention and of feed-forward network into the architecture's loops.
pub(crate) fn positions(
    decoder: &Decoder,
    kinds: &[Kind],
    sparse: impl Fn(u64) -> bool,
) -> Result<(Decoder, Positions), Error> {
    if let Some(i) = kinds.iter().position(|kind| *kind == Kind::Linear) {
        let expected = "full_attention, sliding_attention or chunked_attention in a model of this type".to_owned();
        return Err(Error::field(&format!("layer_types[{i}]"), "\"linear_attention\"".to_owned(), expected));
    }
    let of = |kind: Kind, mixed: bool| -> Vec<u64> {
        (0..).zip(kinds).filter(|(i, other)| **other == kind && sparse(*i) == mixed).map(|(i, _)| i).collect()
    };
    let loops: Positions = LABELS.iter().map(|(label, kind, mixed)| (*label, of(*kind, *mixed))).collect();
    let count = |i: usize| loops[i].1.len() as u64;
    let decoder = Decoder {
        l: count(0),
        sliding: count(1),
        chunked: count(2),
        sparse: count(3),
        sliding_sparse: count(4),
        chunked_sparse: count(5),
        ..*decoder
    };
    Ok((decoder, loops))
}
