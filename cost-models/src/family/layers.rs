//! Which layers are made of which blocks.

use super::declare::{Block, Encoder, Layers};
use super::expr::Expr;
use super::read::{Reader, same_length};
use crate::error::Error;
use crate::families::decoder::MOST_LAYERS;

/// For each layer, by number, its mixer and its network, by their places in the declaration.
pub(super) fn kinds(reader: &mut Reader<'_>) -> Result<Vec<(usize, Option<usize>)>, Error> {
    let family = reader.family;
    let Layers { count, mixers, networks, .. } = &family.layers;
    made_of(reader, count.as_ref(), (&family.mixers, mixers), (&family.networks, networks))
}

/// The same of the layers that read a source, of which no list says anything.
pub(super) fn of_encoder(reader: &mut Reader<'_>, encoder: &Encoder) -> Result<Vec<(usize, Option<usize>)>, Error> {
    made_of(reader, encoder.count.as_ref(), (&encoder.mixers, &[]), (&encoder.networks, &[]))
}

/// Of so many layers, given blocks and the fields that list them.
fn made_of(
    reader: &mut Reader<'_>,
    count: Option<&Expr>,
    mixers: (&[Block], &[String]),
    networks: (&[Block], &[String]),
) -> Result<Vec<(usize, Option<usize>)>, Error> {
    let Some(count) = count else { return Ok(Vec::new()) };
    let layers = reader.value(count)?;
    if layers > MOST_LAYERS {
        return Err(Error::field(&reader.described(count), layers, format!("at most {MOST_LAYERS}")));
    }
    reader.counted(layers);
    let mixers = chosen(reader, mixers.0, mixers.1, layers)?;
    if networks.0.is_empty() {
        return Ok(mixers.into_iter().map(|mixer| (mixer, None)).collect());
    }
    let networks = chosen(reader, networks.0, networks.1, layers)?;
    Ok(mixers.into_iter().zip(networks.into_iter().map(Some)).collect())
}

/// The block that each layer has: as the config lists them, or as the declaration says.
fn chosen(reader: &mut Reader<'_>, blocks: &[Block], fields: &[String], layers: u64) -> Result<Vec<usize>, Error> {
    let mut chosen: Option<(&str, Vec<usize>)> = None;
    for field in fields {
        let Some(found) = listed(reader, blocks, field, layers)? else { continue };
        match &chosen {
            None => chosen = Some((field, found)),
            Some((other, first)) => {
                if let Some(i) = (0..first.len()).find(|i| first[*i] != found[*i]) {
                    let expected = format!("the one that {other} says");
                    return Err(Error::field(&format!("{field}[{i}]"), "another kind", expected));
                }
            }
        }
    }
    let Some((field, chosen)) = chosen else {
        let chosen = (0..layers).map(|i| pattern(reader, blocks, i)).collect::<Result<_, _>>()?;
        return needed(reader, blocks, "", chosen);
    };
    agree(reader, blocks, field, &chosen)?;
    needed(reader, blocks, field, chosen)
}

/// The blocks that a field lists by name, or by letter.
fn listed(reader: &mut Reader<'_>, blocks: &[Block], field: &str, layers: u64) -> Result<Option<Vec<usize>>, Error> {
    let names = || blocks.iter().flat_map(|block| &block.names);
    let letters = names().any(|name| name.chars().count() == 1);
    let found = if letters { reader.fields.letters(field) } else { None };
    let found = match found {
        Some(letters) => letters,
        None => match reader.fields.texts(field)? {
            Some(texts) => texts,
            None => return Ok(None),
        },
    };
    let mut chosen = Vec::with_capacity(found.len());
    for (i, name) in found.iter().enumerate() {
        let there = there(reader, blocks, i as u64)?;
        let at = (0..blocks.len()).find(|at| there[*at] && blocks[*at].names.contains(name)).ok_or_else(|| {
            let known = names().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or ");
            Error::field(&format!("{field}[{i}]"), format!("\"{name}\""), known)
        })?;
        chosen.push(at);
    }
    if reader.family.layers.cycled && !chosen.is_empty() {
        let times = usize::try_from(layers).unwrap_or(usize::MAX);
        return Ok(Some(chosen.into_iter().cycle().take(times).collect()));
    }
    same_length(field, chosen.len(), layers)?;
    Ok(Some(chosen))
}

/// The block of a layer by what the declaration says of it.
fn pattern(reader: &mut Reader<'_>, blocks: &[Block], i: u64) -> Result<usize, Error> {
    let mut found = None;
    let there = there(reader, blocks, i)?;
    for (at, block) in blocks.iter().enumerate().filter(|(at, _)| there[*at]) {
        let Some(layers) = &block.layers else { continue };
        if reader.of_layer(layers, i)? == 0 {
            continue;
        }
        if let Some(other) = found.replace(at) {
            let both = [other, at].map(|at| shown(&blocks[at])).join(" and ");
            return Err(Error::field(&format!("layer {i}"), both, "one of them, as the declaration should say"));
        }
    }
    let rest = || (0..blocks.len()).find(|at| there[*at] && blocks[*at].layers.is_none());
    found.or_else(rest).ok_or_else(|| {
        let all: Vec<String> = blocks.iter().map(shown).collect();
        let expected = format!("one of {}, as the declaration should say", all.join(" and "));
        Error::field(&format!("layer {i}"), "no block", expected)
    })
}

/// Which blocks a layer can have.
fn there(reader: &mut Reader<'_>, blocks: &[Block], i: u64) -> Result<Vec<bool>, Error> {
    let can = |block: &Block| block.when.as_ref().map_or(Ok(true), |when| Ok(reader.of_layer(when, i)? != 0));
    blocks.iter().map(can).collect()
}

fn shown(block: &Block) -> String {
    match &block.layers {
        Some(layers) => format!("{} where {layers}", block.operator),
        None => block.operator.clone(),
    }
}

/// An error if a list of blocks says something else than another list, which must agree with it.
fn agree(reader: &mut Reader<'_>, blocks: &[Block], field: &str, chosen: &[usize]) -> Result<(), Error> {
    for (at, block) in blocks.iter().enumerate() {
        let mut names = Vec::new();
        block.layers.iter().for_each(|layers| layers.names(&mut |name| names.push(name)));
        for name in names {
            let Some(list) = reader.listed(name)?.filter(|list| list.agrees) else { continue };
            for (i, kind) in (0..).zip(chosen) {
                let layers = block.layers.as_ref().map(|layers| reader.of_layer(layers, i)).transpose()?;
                if (layers != Some(0)) != (*kind == at) {
                    let expected = format!("the one that {} says", list.field);
                    return Err(Error::field(&format!("{field}[{i}]"), "another kind", expected));
                }
            }
        }
    }
    Ok(())
}

/// The blocks that are chosen, if those have what they need.
fn needed(reader: &mut Reader<'_>, blocks: &[Block], field: &str, chosen: Vec<usize>) -> Result<Vec<usize>, Error> {
    for (at, block) in blocks.iter().enumerate() {
        let Some(needs) = block.needs.as_deref().filter(|_| chosen.contains(&at)) else { continue };
        if reader.named(needs)? == 0 {
            let flag = reader.is_flag(needs);
            let (found, expected) = if flag { ("false", "true") } else { ("nothing", "a positive whole number") };
            let why = match block.names.first() {
                Some(name) if !field.is_empty() => format!("{field} has \"{name}\""),
                _ => format!("layers have a {}", block.operator),
            };
            return Err(Error::field(&reader.origin(needs), found, format!("{expected}, as {why}")));
        }
    }
    Ok(chosen)
}
