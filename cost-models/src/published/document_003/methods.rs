//! The methods of document 003: what its statements come to, and what its measured speed-ups imply.

use cost_core::Options;
use cost_core::expr::Expr;

use super::A100;
use crate::catalogue;
use crate::decode::batching::{Grid, Policy, Request, chunk_at_ridge, schedule, unit_steps};
use crate::decode::cascade::cascade;
use crate::decode::early_exit::{Exits, implied_exit, pass};
use crate::decode::mixture_of_depths::{Depths, capacity_that_saves, mixture_of_depths};
use crate::decode::paged::paged;
use crate::decode::parallel::grouped;
use crate::decode::speculative::{Draft, Speculation, Tree, acceptance_for, chain, medusa_head, speculation};
use crate::decode::{Cost, Deployment, Part, Task, generation};
use crate::error::Error;
use crate::published::digits::{GIGA, grouped as thousands, printed};
use crate::published::findings::Findings;
use crate::published::models::{albert, bert, roberta};

/// What the rows decode, where the document says nothing: a quarter as many tokens as its prompts have.
const TASK: Task = Task { sequences: 1, prompt: super::TOKENS, output: 256 };

/// A model on the document's device at 16 bits.
fn on_a100(model: &str) -> Result<Deployment, Error> {
    Ok(Deployment::new(catalogue::find(model)?, Options::default(), A100.hardware()))
}

/// Greedy decoding with a cache: the sum of its steps, as a formula too.
pub(super) fn kv_cache() -> Result<Findings, Error> {
    let deployment = on_a100("llama-2-7b")?;
    let found = generation(&deployment, &TASK)?;
    let mut sum = deployment.step(&[Part::prefill(1, TASK.prompt)])?;
    let mut again = sum.clone();
    for past in TASK.prompt..TASK.prompt + TASK.output - 1 {
        sum.add(&deployment.step(&[Part::decode(1, past)])?)?;
        again.add(&deployment.step(&[Part::prefill(1, past + 1)])?)?;
    }
    let work = |cost: &Cost| (cost.matmul, cost.vector, cost.bits.clone());
    let formula = found.formulas.as_ref().map(|formulas| closed(&deployment, &formulas.expressions[0])).transpose()?;
    let exact = i128::try_from(sum.flops()?).ok();
    let equal = work(&sum) == work(&found.total) && work(&again) == work(&found.uncached);
    let equal = equal && formula.flatten() == exact;
    let tera = |cost: &Cost| cost.flops().map(|flops| flops as f64 / 1e12);
    Ok(Findings::new()
        .statement(equal, format!("{:.2} TFLOP with the cache, {:.0} without", tera(&sum)?, tera(&again)?))
        .statement(found.speed_up > 1.0, format!("{:.2} times faster", found.speed_up))
        .statement(found.break_even == Some(2), "a step from 2 tokens on")
        .note("the sum of its steps, which has a closed form in the tokens of prompt and answer"))
}

/// A formula of a generation at the sizes of the model and the task.
fn closed(deployment: &Deployment, formula: &Expr) -> Result<Option<i128>, Error> {
    let model = deployment.model();
    let axes = (0_u16..).zip(model.architecture().axes());
    let sizes = axes.map(|(axis, _)| model.size_of(axis).unwrap_or(TASK.sequences)).chain([TASK.prompt, TASK.output]);
    Ok(formula.value(&sizes.collect::<Vec<_>>())?.whole())
}

/// Blocks are neither copied nor reserved far ahead.
pub(super) fn pages() -> Result<Findings, Error> {
    let requests = vec![Request { arrival_s: 0.0, prompt: TASK.prompt, output: TASK.output }; 8];
    let deployment = on_a100("llama-2-7b")?;
    let longest = deployment.model().context.unwrap_or_default();
    let found = paged(&deployment, &requests, 16, longest, 0)?;
    let giga = |bytes: crate::report::Bytes| bytes.to_f64() / GIGA;
    let block = found.expected_waste.to_f64() * 2.0 / 15.0 * 16.0;
    let (copied, blocks) = (giga(found.reallocated.copied), &found.paged);
    Ok(Findings::new()
        .statement(
            copied > 0.0 && giga(blocks.copied) <= 0.0,
            format!("{copied:.0} GB copied on append; none in blocks"),
        )
        .statement(
            blocks.wasted.to_f64() < 8.0 * block && blocks.wasted < found.contiguous.wasted,
            format!("{:.3} GB wasted in blocks of 16", giga(blocks.wasted)),
        )
        .note(format!(
            "{:.1} GB wasted in pieces of {} tokens; a block wastes 15/2 tokens in the mean",
            giga(found.contiguous.wasted),
            thousands(longest as f64)
        )))
}

/// The grids as printed, by slot.
const STATIC: [[&str; 8]; 4] = [
    ["S1", "S1", "S1", "S1", "S1", "END", "", ""],
    ["S2", "S2", "S2", "S2", "S2", "S2", "S2", "END"],
    ["S3", "S3", "S3", "S3", "END", "", "", ""],
    ["S4", "S4", "S4", "S4", "S4", "S4", "END", ""],
];
const MANAGED: [[&str; 8]; 4] = [
    ["S1", "S1", "S1", "S1", "S1", "END", "S6", "S6"],
    ["S2", "S2", "S2", "S2", "S2", "S2", "S2", "END"],
    ["S3", "S3", "S3", "S3", "END", "S5", "S5", "S5"],
    ["S4", "S4", "S4", "S4", "S4", "S4", "END", "S7"],
];

/// Tokens of S1 to S7, END included; the last three are cut off by the grid.
const LENGTHS: [u64; 7] = [6, 8, 5, 7, 4, 3, 2];

/// Both grids from the scheduler.
pub(super) fn grids() -> Result<Findings, Error> {
    let requests = LENGTHS.map(|output| Request { arrival_s: 0.0, prompt: 1, output });
    let mut findings = Findings::new();
    for (policy, printed) in [(Policy::Static, STATIC), (Policy::Continuous, MANAGED)] {
        let mut grid = Grid::default();
        schedule(&requests, 4, policy, &mut unit_steps, &mut |taken| grid.note(taken, 8))?;
        let used = grid.utilisation() * 32.0;
        let text = format!("{}: {used} of 32 slots, {} %", policy.name(), grid.utilisation() * 100.0);
        findings = findings.fact(grid.rows() == printed, text);
    }
    Ok(findings)
}

/// Chunks of a prompt beside the answers of the document's other sequences.
pub(super) fn chunks() -> Result<Findings, Error> {
    let deployment = on_a100("llama-2-7b")?;
    let others = Part::decode(super::BATCH - 1, super::TOKENS);
    let whole = deployment.step(&[Part::prefill(1, super::TOKENS)])?;
    let chunk = 256;
    let (mut apart, mut beside) = (Cost::ZERO, Cost::ZERO);
    for past in (0..super::TOKENS).step_by(256) {
        let part = Part::chunk(chunk, past, past + chunk == super::TOKENS);
        apart.add(&deployment.step(&[part])?)?;
        beside.add(&deployment.step(&[part, others])?)?;
    }
    let decode = deployment.step(&[others])?.seconds() * 4.0;
    let saved = apart.seconds() + decode - beside.seconds();
    let ridge = chunk_at_ridge(&deployment, Some(others))?.unwrap_or_default();
    Ok(Findings::new()
        .statement(
            (apart.matmul, apart.vector) == (whole.matmul, whole.vector),
            "4 chunks of 256 tokens do the prompt's work",
        )
        .statement(saved > 0.0, format!("{:.1} ms less beside 7 answers than after them", saved * 1e3))
        .statement(ridge > 1, format!("compute bound from {ridge} tokens on")))
}

/// The acceptance at which a draft of 3 to 5 tokens is twice as fast.
pub(super) fn twice_as_fast() -> Result<Findings, Error> {
    let (target, draft) = (on_a100("llama-2-70b")?, on_a100("llama-2-7b")?);
    let mut findings = Findings::new();
    for gamma in 3..=5 {
        let found = chain(&target, &Draft::Model(&draft), &TASK, (gamma, 0.8), 2.0)?;
        let acceptance = found.goal.acceptance;
        let text = acceptance.map_or_else(|| "none".to_owned(), |acceptance| format!("{acceptance:.3}"));
        findings = findings.implied(
            acceptance.is_some(),
            format!("{gamma} tokens: acceptance {text}, {:.2} a round", found.goal.tokens_per_round),
        );
    }
    Ok(findings.note("tokens a round: (1 − α^(γ+1))/(1 − α)"))
}

/// Small models first are cheaper if they are right often enough.
pub(super) fn cascades() -> Result<Findings, Error> {
    let models = ["llama-2-7b", "llama-2-13b", "llama-2-70b"].map(on_a100);
    let models = models.into_iter().collect::<Result<Vec<_>, _>>()?;
    let found = cascade(&models, &[0.5, 0.5], None, &TASK)?;
    let even = found.break_even.unwrap_or(1.0);
    Ok(Findings::new()
        .statement(
            found.speed_up > 1.0,
            format!("{:.2} times faster if half of each model's answers are accepted", found.speed_up),
        )
        .statement(even < 0.5, format!("faster from {:.1} % on", even * 100.0))
        .note(format!("cost in the mean: {}", found.formula)))
}

/// Groups of tokens divide the steps.
pub(super) fn groups() -> Result<Findings, Error> {
    let deployment = on_a100("llama-2-7b")?;
    let mut findings = Findings::new();
    for (group, steps) in [(1, 256), (4, 64), (256, 1)] {
        let found = grouped(&deployment, &TASK, group, 0)?;
        findings = findings.statement(
            found.steps == steps && (found.speed_up > 1.0) == (group > 1),
            format!("{} × {group}: {:.2} s", found.steps, found.total.seconds()),
        );
    }
    Ok(findings.note("steps: ⌈L/k⌉, and of refinements r as many again each: ⌈L/k⌉·(1 + r)"))
}

/// What 2.2 times implies for two heads.
pub(super) fn two_heads() -> Result<Findings, Error> {
    let target = on_a100("llama-2-7b")?;
    let head = medusa_head(&target)?;
    let draft = Draft::Heads { head: &head, count: 2 };
    let found: Speculation = speculation(&target, &draft, &TASK, &Tree::chain(2, 0.8)?, 2.2)?;
    let tokens = found.goal.tokens_per_round;
    let acceptance = acceptance_for(tokens, 2);
    let text = acceptance.map_or_else(|| "none".to_owned(), |acceptance| format!("{acceptance:.3}"));
    let share = found.round.draft.lower_bound_s / found.plain_step.lower_bound_s;
    Ok(Findings::new()
        .implied(acceptance.is_some(), format!("{tokens:.3} tokens a round, acceptance {text}"))
        .note(format!("both heads take {:.1} % of a step, {:.0} MB", share * 100.0, found.round.draft.weights / 1e6)))
}

/// The table's speed-ups by model and task, the rows of half the layers (2.00 each) left out.
const SPEED_UPS: &[&[f64]] = &[
    &[1.96, 1.79, 1.89, 1.79],
    &[1.87, 1.88, 2.13, 2.09, 2.00, 2.07, 1.95],
    &[2.07, 2.08, 2.09, 1.87, 1.95, 2.01, 1.81],
    &[1.96, 1.96, 2.18, 1.97, 2.02, 1.98, 2.04],
    &[1.87, 1.87, 2.05, 2.01, 2.02, 1.86, 1.90],
    &[1.92, 1.93, 2.54, 2.11, 1.98, 1.95, 2.11],
    &[1.90, 1.81, 2.11, 1.98, 1.80, 1.91, 2.06],
    &[1.94, 1.95, 2.35, 1.97, 2.13, 1.95, 1.93],
];

/// Half of twelve layers, and where the other rows leave.
pub(super) fn early_exit() -> Result<Findings, Error> {
    let mut findings = Findings::new();
    for model in [bert()?, roberta()?, albert()?] {
        let deployment = Deployment::new(model, Options::default(), A100.hardware());
        let half = pass(&deployment, &Part::prefill(1, 128), &Exits::new(vec![(6, 1.0)])?, Some(2))?;
        findings = findings.exact(half.layers_speed_up, printed("2.00"));
    }
    let exits = SPEED_UPS.iter().copied().flatten().map(|speed_up| implied_exit(12, *speed_up));
    let (first, last) = exits.fold((f64::INFINITY, 0.0_f64), |(low, high), exit| (low.min(exit), high.max(exit)));
    Ok(findings.implied(first > 0.0 && last < 12.0, format!("mean exit after layer {first:.2} to {last:.2} of 12")))
}

/// How much of the compute routed layers save.
pub(super) fn depths() -> Result<Findings, Error> {
    let deployment = on_a100("llama-2-7b")?;
    let task = Task { prompt: 2048, ..TASK };
    let part = Part::prefill(1, 2048);
    let found = mixture_of_depths(&deployment, &task, &Depths { capacity: 0.125, every: 2 })?;
    let all = capacity_that_saves(&deployment, &part, 1, 0.5)?;
    let text = all.map_or_else(|| "none".to_owned(), |capacity| format!("{:.1} %", capacity * 100.0));
    let percent = |share: f64| share * 100.0;
    Ok(Findings::new()
        .statement(
            found.saved > 0.4 && found.saved_at_most < 0.5 && found.capacity_for_half.is_none(),
            format!(
                "{:.1} % saved by 12.5 % capacity in every other layer, at most {:.2} %",
                percent(found.saved),
                percent(found.saved_at_most)
            ),
        )
        .statement(all.is_some(), format!("50 % by {text} capacity in all layers")))
}
