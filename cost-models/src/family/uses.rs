//! Which names of a declaration are used by which.

use std::collections::HashSet;

use super::Blocks;
use super::declare::{Default, Family, From};
use crate::stack::frames;

/// Looks at the names that a size or a list by layers is read in terms of.
fn terms<'f>(family: &'f Family, name: &str, look: &mut dyn FnMut(&'f str)) {
    if let Some((_, size)) = family.sizes.iter().find(|(own, _)| own == name) {
        if let Some(Default::Of(expr)) = &size.default {
            expr.names(look);
        }
        if let From::Of(expr) | From::Share(expr) = &size.from {
            expr.names(look);
        }
        [&size.null, &size.auto, &size.most, &size.when, &size.otherwise]
            .into_iter()
            .flatten()
            .for_each(|expr| expr.names(look));
    } else if let Some((_, list)) = family.by_layer.iter().find(|(own, _)| own == name) {
        list.default.names(look);
        list.rest.iter().for_each(|rest| rest.names(look));
    }
}

/// A size that is read in terms of itself, by itself or through others.
pub(super) fn circle(family: &Family) -> Option<&str> {
    fn within<'f>(family: &'f Family, name: &'f str, around: &mut Vec<&'f str>, done: &mut HashSet<&'f str>) -> bool {
        if around.contains(&name) {
            return true;
        }
        if !done.insert(name) {
            return false;
        }
        around.push(name);
        let mut names = Vec::new();
        terms(family, name, &mut |name| names.push(name));
        let found = names.into_iter().any(|name| within(family, name, around, done));
        around.pop();
        found
    }
    let mut done = HashSet::new();
    let names = family.sizes.iter().map(|(name, _)| name).chain(family.by_layer.iter().map(|(name, _)| name));
    names.map(String::as_str).find(|name| within(family, name, &mut Vec::new(), &mut done))
}

/// The names that some model of a type has a use for: those of its axes, and in its expressions.
pub(super) fn used(family: &Family, blocks: &Blocks) -> HashSet<String> {
    let mut used = HashSet::new();
    let mut left: Vec<String> = Vec::new();
    let encoder = family.encoder.iter();
    let of_encoder = encoder.clone().flat_map(|it| it.mixers.iter().chain(&it.networks).chain(&it.cross));
    for block in family.mixers.iter().chain(&family.networks).chain(of_encoder) {
        let axes = blocks.find(&block.operator).map(|source| source.axes().map(str::to_owned).collect::<Vec<_>>());
        left.extend(axes.into_iter().flatten().filter(|axis| block.bind.iter().all(|(bound, _)| bound != axis)));
        block.bind.iter().map(|(_, expr)| expr).chain(&block.layers).chain(&block.when).for_each(|expr| {
            expr.names(&mut |name| left.push(name.to_owned()));
        });
        left.extend(block.needs.clone());
    }
    for tower in &family.towers {
        tower.projector.bind.iter().map(|(_, expr)| expr).chain([&tower.patches, &tower.led]).for_each(|expr| {
            expr.names(&mut |name| left.push(name.to_owned()));
        });
    }
    let frames = family.frames.iter().filter_map(|(_, name)| frames::find(name));
    left.extend(frames.flat_map(|op| op.axes).map(|axis| (*axis).to_owned()));
    let checks = family.checks.iter().flat_map(|check| [&check.holds, &check.found]);
    let both_ways = family.both_ways.iter().map(|(when, _)| when);
    let notes = family.notes.iter().map(|note| &note.when);
    let frames = family.frames.iter().filter_map(|(when, _)| when.as_ref());
    let renamed = family.renamed.iter().filter_map(|rename| rename.when.as_ref());
    for expr in checks
        .chain(both_ways)
        .chain(&family.positions)
        .chain(notes)
        .chain(frames)
        .chain(renamed)
        .chain(&family.layers.count)
        .chain(encoder.flat_map(|it| it.count.iter().chain(&it.positions)))
    {
        expr.names(&mut |name| left.push(name.to_owned()));
    }
    left.extend(family.fields.same.iter().map(|(_, size)| size.clone()));
    left.extend(family.further.iter().map(|further| further.count.clone()));
    while let Some(name) = left.pop() {
        terms(family, &name, &mut |term| {
            if !used.contains(term) {
                left.push(term.to_owned());
            }
        });
        used.insert(name);
    }
    used
}
