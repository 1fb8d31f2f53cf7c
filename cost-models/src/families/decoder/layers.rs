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

/// One labelled loop of an architecture: which keys its layers see, and whether they have mixtures.
pub(crate) type Label = (&'static str, Kind, bool);

const LABELS: [Label; 6] = [
    ("", Kind::Full, false),
    ("sliding", Kind::Sliding, false),
    ("chunked", Kind::Chunked, false),
    ("sparse", Kind::Full, true),
    ("sliding_sparse", Kind::Sliding, true),
    ("chunked_sparse", Kind::Chunked, true),
];

/// What `layer_types` calls the kinds.
const NAMES: [(&str, Kind); 4] = [
    ("full_attention", Kind::Full),
    ("sliding_attention", Kind::Sliding),
    ("chunked_attention", Kind::Chunked),
    ("linear_attention", Kind::Linear),
];

/// The kinds that `layer_types` lists for `layers` layers; where the config has no such list, those of a pattern. Only
/// kinds that the model type has.
pub(crate) fn kinds(
    fields: &mut Fields,
    layers: u64,
    allowed: &[Kind],
    pattern: impl Fn(u64) -> Kind,
) -> Result<Vec<Kind>, Error> {
    match fields.texts("layer_types")? {
        None => Ok((0..layers).map(pattern).collect()),
        Some(types) => {
            let known = || NAMES.iter().filter(|(_, kind)| allowed.contains(kind));
            let expected = || known().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(" or ");
            let kind = |(i, text): (usize, &String)| {
                let kind = known().find(|(name, _)| name == text).map(|(_, kind)| *kind);
                kind.ok_or_else(|| Error::field(&format!("layer_types[{i}]"), format!("\"{text}\""), expected()))
            };
            let kinds: Vec<Kind> = types.iter().enumerate().map(kind).collect::<Result<_, _>>()?;
            same_length("layer_types", kinds.len(), layers)?;
            Ok(kinds)
        }
    }
}

/// As [`kinds`] where all layers have a window, if the config gives one.
pub(crate) fn windowed(fields: &mut Fields, layers: u64, window: Option<u64>) -> Result<Vec<Kind>, Error> {
    let kind = if window.is_some() { Kind::Sliding } else { Kind::Full };
    let kinds = kinds(fields, layers, &[Kind::Full, Kind::Sliding], |_| kind)?;
    if window.is_none() && kinds.contains(&Kind::Sliding) {
        let expected = "a positive whole number, as layer_types has \"sliding_attention\"";
        return Err(Error::field("sliding_window", "nothing", expected));
    }
    Ok(kinds)
}

/// Which layers have a mixture, if `mlp_layer_types` says so.
pub(crate) fn mixed(fields: &mut Fields, layers: u64) -> Result<Option<Vec<bool>>, Error> {
    const FIELD: &str = "mlp_layer_types";
    let Some(types) = fields.texts(FIELD)? else { return Ok(None) };
    same_length(FIELD, types.len(), layers)?;
    let mixed = types.iter().enumerate().map(|(i, text)| match text.as_str() {
        "sparse" => Ok(true),
        "dense" => Ok(false),
        _ => Err(Error::field(&format!("{FIELD}[{i}]"), format!("\"{text}\""), "\"dense\" or \"sparse\"")),
    });
    mixed.collect::<Result<_, _>>().map(Some)
}

/// Groups of experts of which a token chooses some: they change no cost, but must be possible.
pub(crate) fn groups(fields: &mut Fields, (all, experts): (&str, u64), top: u64) -> Result<(), Error> {
    let (groups, chosen) = (fields.optional_size("n_group")?, fields.optional_size("topk_group")?);
    let Some(groups) = groups else { return Ok(()) };
    let each = Fields::quotient((all, experts), ("n_group", groups))?;
    match chosen {
        Some(chosen) if chosen > groups => {
            Err(Error::field("topk_group", chosen, format!("at most n_group, which is {groups}")))
        }
        Some(chosen) if chosen.saturating_mul(each) < top => {
            let expected = format!("groups of {each} experts enough for the {top} that a token uses");
            Err(Error::field("topk_group", chosen, expected))
        }
        _ => Ok(()),
    }
}

/// An error if a list by layers has not one entry for each.
pub(crate) fn same_length(field: &str, found: usize, layers: u64) -> Result<(), Error> {
    if found as u64 == layers {
        return Ok(());
    }
    Err(Error::field(field, format!("{found} entries"), format!("{layers}, as many as num_hidden_layers")))
}

/// Of so many layers, which a list names; an error if it names another one.
pub(crate) fn named(field: &str, list: &[u64], layers: u64) -> Result<Vec<bool>, Error> {
    let mut named = vec![false; usize::try_from(layers).unwrap_or_default()];
    for layer in list {
        match usize::try_from(*layer).ok().and_then(|layer| named.get_mut(layer)) {
            Some(on) => *on = true,
            None => return Err(Error::field(field, layer, format!("layers below num_hidden_layers, {layers}"))),
        }
    }
    Ok(named)
}

/// Whether a list by layers holds for a layer.
pub(crate) fn among(list: &[bool]) -> impl Fn(u64) -> bool {
    |i| usize::try_from(i).ok().and_then(|i| list.get(i)).is_some_and(|on| *on)
}

/// Sorts layers by kind of attention and of feed-forward network into an architecture's loops.
///
/// An error if it has no layers of a kind.
pub(crate) fn placed(labels: &[Label], kinds: &[Kind], sparse: impl Fn(u64) -> bool) -> Result<Positions, Error> {
    let known = |kind: &Kind| labels.iter().any(|(_, of, _)| of == kind);
    let quoted = |wanted: &dyn Fn(&Kind) -> bool| {
        let names = NAMES.iter().filter(|(_, kind)| wanted(kind)).map(|(name, _)| format!("\"{name}\""));
        names.collect::<Vec<_>>().join(" or ")
    };
    if let Some((i, other)) = kinds.iter().enumerate().find(|(_, kind)| !known(kind)) {
        let expected = format!("{} in a model of this type", quoted(&known));
        return Err(Error::field(&format!("layer_types[{i}]"), quoted(&|kind| kind == other), expected));
    }
    let of = |kind: Kind, mixed: bool| -> Vec<u64> {
        (0..).zip(kinds).filter(|(i, other)| **other == kind && sparse(*i) == mixed).map(|(i, _)| i).collect()
    };
    Ok(labels.iter().map(|(label, kind, mixed)| (*label, of(*kind, *mixed))).collect())
}

/// [`placed`] for the loops of [`Decoder`], with how many layers each has.
pub(crate) fn positions(
    decoder: &Decoder,
    kinds: &[Kind],
    sparse: impl Fn(u64) -> bool,
) -> Result<(Decoder, Positions), Error> {
    let loops = placed(&LABELS, kinds, sparse)?;
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
