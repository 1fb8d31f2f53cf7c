//! Which layers are made of which blocks.

use super::declare::Block;
use super::read::{Reader, same_length};
use crate::error::Error;
use crate::families::decoder::MOST_LAYERS;

/// For each layer, by number, its mixer and its network, by their places in the declaration.
pub(super) fn kinds(reader: &mut Reader<'_>) -> Result<Vec<(usize, Option<usize>)>, Error> {
    let family = reader.family;
    let Some(count) = &family.layers.count else { return Ok(Vec::new()) };
    let layers = reader.value(count)?;
    if layers > MOST_LAYERS {
        return Err(Error::field(&reader.described(count), layers, format!("at most {MOST_LAYERS}")));
    }
    reader.counted(layers);
    let mixers = chosen(reader, &family.mixers, family.layers.mixers.as_deref(), layers)?;
    if family.networks.is_empty() {
        return Ok(mixers.into_iter().map(|mixer| (mixer, None)).collect());
    }
    let networks = chosen(reader, &family.networks, family.layers.networks.as_deref(), layers)?;
    Ok(mixers.into_iter().zip(networks.into_iter().map(Some)).collect())
}

/// The block that each layer has: as the config lists them, or as the declaration says.
fn chosen(reader: &mut Reader<'_>, blocks: &[Block], list: Option<&str>, layers: u64) -> Result<Vec<usize>, Error> {
    let listed = list.map(|field| reader.fields.texts(field)).transpose()?.flatten();
    let Some((field, names)) = list.zip(listed) else {
        let chosen = (0..layers).map(|i| pattern(reader, blocks, i)).collect::<Result<_, _>>()?;
        return needed(reader, blocks, "", chosen);
    };
    let at = |name: &String| blocks.iter().position(|block| block.name.as_ref() == Some(name));
    let expected = || {
        let names = blocks.iter().filter_map(|block| block.name.as_ref());
        names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or ")
    };
    let mut chosen = Vec::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        let found =
            at(name).ok_or_else(|| Error::field(&format!("{field}[{i}]"), format!("\"{name}\""), expected()))?;
        chosen.push(found);
    }
    same_length(field, names.len(), layers)?;
    agree(reader, blocks, field, &chosen)?;
    needed(reader, blocks, field, chosen)
}

/// The block of a layer by what the declaration says of it.
fn pattern(reader: &mut Reader<'_>, blocks: &[Block], i: u64) -> Result<usize, Error> {
    let mut found = None;
    for (at, block) in blocks.iter().enumerate() {
        let Some(layers) = &block.layers else { continue };
        if reader.of_layer(layers, i)? == 0 {
            continue;
        }
        if let Some(other) = found.replace(at) {
            let both = [other, at].map(|at| shown(&blocks[at])).join(" and ");
            return Err(Error::field(&format!("layer {i}"), both, "one of them, as the declaration should say"));
        }
    }
    let rest = || blocks.iter().position(|block| block.layers.is_none());
    found.or_else(rest).ok_or_else(|| {
        let all: Vec<String> = blocks.iter().map(shown).collect();
        let expected = format!("one of {}, as the declaration should say", all.join(" and "));
        Error::field(&format!("layer {i}"), "no block", expected)
    })
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
            let why = match &block.name {
                Some(name) if !field.is_empty() => format!("{field} has \"{name}\""),
                _ => format!("layers have a {}", block.operator),
            };
            return Err(Error::field(&reader.origin(needs), found, format!("{expected}, as {why}")));
        }
    }
    Ok(chosen)
}
