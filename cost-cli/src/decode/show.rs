//! What the pages of several methods have in common.

use cost_api::response::Decoding;
use cost_models::decode::{Cost, Fit, Mean};
use cost_models::report::FormatNames;

use super::Question;
use crate::cell::{Cell, row};
use crate::page::Page;
use crate::table::{bytes, wrapped};

/// The model, the device and the formats, and what is decoded if the answer is about that.
pub(super) fn heading(question: &Question<'_>, with_task: bool) -> Page {
    let Decoding { model, device, formats, task, .. } = question.about;
    let plural = if task.sequences == 1 { "" } else { "s" };
    let task = format!(": {} sequence{plural} of {} + {} tokens", task.sequences, task.prompt, task.output);
    let task = if with_task { task.as_str() } else { "" };
    let FormatNames { weights, acts, cache } = formats;
    Page::from(format!("{model} on {device}{task}\nweights {weights}, activations {acts}, cache {cache}\n\n"))
}

/// The headings of [`cells`].
pub(super) const COST: [&str; 7] = ["FLOPs", "bytes", "weights", "activations", "cache", "at least", "bound"];

/// A cost as a table has it.
pub(super) fn cells(cost: &Mean) -> Vec<Cell> {
    row![
        Cell::si(cost.flops),
        Cell::si(cost.bytes),
        Cell::si(cost.weights),
        Cell::si(cost.acts),
        Cell::si(cost.cache),
        Cell::seconds(cost.lower_bound_s),
        Cell::bound(cost.bound().name(), cost.bound().name()),
    ]
}

/// The headings of [`brief`].
pub(super) const BRIEF: [&str; 4] = ["FLOPs", "bytes", "at least", "bound"];

/// A cost as a table with other columns has it.
pub(super) fn brief(cost: &Mean) -> Vec<Cell> {
    let bound = cost.bound().name();
    row![Cell::si(cost.flops), Cell::si(cost.bytes), Cell::seconds(cost.lower_bound_s), Cell::bound(bound, bound)]
}

/// An exact cost as a table has it.
pub(super) fn exact(cost: &Cost) -> Vec<Cell> {
    cells(&cost.into())
}

/// A line `what value`, values below each other; more lines if the value is long.
pub(super) fn line(what: &str, value: impl core::fmt::Display) -> String {
    wrapped(&format!("{what:<24}"), &" ".repeat(24), &value.to_string())
}

/// What is needed in memory, and whether and how often it fits the device.
pub(super) fn memory(fit: &Fit) -> String {
    let parts = format!(
        "{}: weights {}, cache {}, activations {}",
        bytes(fit.total),
        bytes(fit.weights),
        bytes(fit.cache),
        bytes(fit.activations),
    );
    let mut text = line("memory", parts);
    if let (Some(memory), Some(fits)) = (fit.memory, fit.fits) {
        let verdict = if fits { "fits" } else { "does not fit" };
        text += &line("", format!("{verdict} {}; {}", bytes(memory), most(fit)));
    }
    text
}

/// How much would fit.
fn most(fit: &Fit) -> String {
    let batch = match (fit.max_batch, fit.max_batch_more_than) {
        (Some(0), _) => return "not even one sequence does".to_owned(),
        (Some(batch), _) => format!("at most {batch} such sequences"),
        (None, Some(batch)) => format!("more than {batch} such sequences do"),
        (None, None) => String::new(),
    };
    let context = match (fit.max_context, fit.max_context_more_than) {
        (Some(tokens), _) => format!(", or {tokens} tokens a sequence"),
        (None, Some(tokens)) => format!(", or more than {tokens} tokens a sequence"),
        (None, None) => String::new(),
    };
    batch + &context
}
