//! What is known of model types, as a markdown page.

use std::sync::Arc;

use super::builtin::{WHOLE, all, declared, whole};
use super::declare::{Block, Family};
use crate::error::Error;
use crate::wholes::{self, Whole};

/// The page of all model types: which blocks their layers have, and what isn't accounted for.
pub fn markdown() -> Result<String, Error> {
    let mut page = "# Model types\n\n\
        Which `model_type`s of a `config.json` are known, what their layers are made of, and what of them is not accounted \
        for.\nThis page is the output of `cost models --types`. A type that isn't here can be declared (README.md).\n\n\
        A field that a type doesn't read is refused where it may change the cost, and a warning otherwise. \"Left out\" are fields \
        that\nhave no effect on shapes, operations or formats and are passed over; \"refused\" those that must be off, or have one of \
        a few values.\n\n\
        | types | mixers | networks | refused | left out |\n|---|---|---|---|---|\n"
        .to_owned();
    let mut notes = String::new();
    for it in all() {
        let Some(family) = declared(it.types[0]).transpose()? else { continue };
        let types = it.types.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        page += &line(&types, &family);
        notes += &format!("- {types}: {}\n", about(it.text));
    }
    page += "\nWhat is to be known of them:\n\n";
    page += &notes;
    page += "\n## Models of text and something else\n\n\
        Their text part is of one of the types above, and so are their towers unless a config names others. Of all other types that \
        have a\n`text_config` this alone is read, and a warning says what is left out.\n\n\
        | types | text | towers | tokens are made by | left out |\n|---|---|---|---|---|\n";
    let mut notes = String::new();
    for it in &WHOLE {
        let Some(family) = whole(it.types[0]).transpose()? else { continue };
        let types = it.types.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        page += &whole_line(&types, it.types, &family);
        notes += &format!("- {types}: {}\n", about(it.text));
    }
    page += "\nWhat is to be known of them:\n\n";
    page += &notes;
    page += &format!("\nThe text part alone is read of {}.\n", text_alone());
    Ok(page)
}

fn line(types: &str, family: &Arc<Family>) -> String {
    let (others, encoder) = (&family.fields, family.encoder.as_ref());
    let encoder = || encoder.into_iter();
    let only = others.only.iter().map(|(field, texts)| format!("`{field}` but {}", texts.join(", ")));
    let off = others.off.iter().map(|(field, _)| format!("`{field}`"));
    let passed = others.passed.iter().map(|field| format!("`{field}`"));
    let cells = [
        types.to_owned(),
        blocks(family.mixers.iter().chain(encoder().flat_map(|it| it.mixers.iter().chain(&it.cross)))),
        blocks(family.networks.iter().chain(encoder().flat_map(|it| &it.networks))),
        off.chain(only).collect::<Vec<_>>().join(", "),
        passed.collect::<Vec<_>>().join(", "),
    ];
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

fn whole_line(types: &str, all: &[&str], family: &Family) -> String {
    let code = |name: &str| format!("`{name}`");
    let mut text: Vec<&str> = all.iter().filter_map(|own| Whole::find(own)).map(|whole| whole.text).collect();
    text.dedup();
    let passed = family.fields.passed.iter().map(|field| code(field));
    let cells = [
        types.to_owned(),
        text.into_iter().map(code).collect::<Vec<_>>().join(", "),
        family.towers.iter().map(|own| code(&own.model_type)).collect::<Vec<_>>().join(", "),
        family.towers.iter().map(|own| own.projector.operator.as_str()).collect::<Vec<_>>().join(", "),
        passed.collect::<Vec<_>>().join(", "),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// The types of which the text part alone is read.
fn text_alone() -> String {
    let alone = wholes::types().filter(|model_type| whole(model_type).is_none());
    alone.map(|model_type| format!("`{model_type}`")).collect::<Vec<_>>().join(", ")
}

/// The operators that layers are made of, each once.
fn blocks<'f>(blocks: impl Iterator<Item = &'f Block>) -> String {
    let mut names: Vec<&str> = blocks.map(|block| block.operator.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

/// What a declaration says of itself at its beginning.
fn about(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix('#'));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}
