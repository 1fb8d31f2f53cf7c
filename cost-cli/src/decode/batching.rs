//! Batching of requests.

use cost_models::decode::Lengths;
use cost_models::decode::batching::{Batching, Draw, Grid, Policy, Request, Spread, batching, draw, from_csv};

use super::Question;
use super::args::Method;
use super::progress::Progress;
use super::show::{COST, exact, heading, line};
use crate::failure::{Result, text};
use crate::load;
use crate::output::tell;
use crate::table::{bytes, digits, headings, seconds, table};

/// Serves the requests that are asked about.
pub(super) fn serve(question: &Question<'_>, method: Method) -> Result<Batching> {
    let args = &question.args.batching;
    let policy = match method {
        Method::Static => Policy::Static,
        Method::Chunked => Policy::Chunked { budget: args.budget },
        _ => Policy::Continuous,
    };
    let requests = requests(question)?;
    let (mut grid, mut progress) = (Grid::default(), Progress::of(&requests));
    let served = batching(&question.deployment, &requests, args.slots, policy, &mut |taken| {
        progress.note(taken);
        grid.note(taken, args.grid.unwrap_or(0));
    });
    progress.end();
    let served = served.map_err(text)?;
    Ok(Batching { grid: args.grid.map(|_| grid), ..served })
}

/// The requests of a file, drawn ones, or the sequences that are decoded.
pub(super) fn requests(question: &Question<'_>) -> Result<Vec<Request>> {
    let (model, task, args) = (question.deployment.model(), &question.task, &question.args.batching);
    if let Some(file) = &args.requests {
        let contents = load::contents(file)?;
        return from_csv(&contents, model).map_err(|error| format!("{file}: {error}"));
    }
    if let Some(requests) = args.draw {
        let lengths = |flag: &str, given: &Option<String>, (mean, least): (u64, u64)| -> Result<Lengths> {
            let given = given.clone().unwrap_or_else(|| format!("geometric:{mean}:{least}"));
            given.parse().map_err(|error| format!("--{flag}: {error}"))
        };
        // All prompts begin with what they share, if they are as long in the mean.
        let shared = question.args.other.shared;
        let least = if shared <= task.prompt { shared.max(1) } else { 1 };
        let prompts = lengths("prompts", &args.prompts, (task.prompt, least))?;
        let outputs = lengths("outputs", &args.outputs, (task.output, 1))?;
        let what = Draw { requests, rate: args.rate, prompts, outputs, seed: args.seed };
        let drawn = draw(&what, model).map_err(text)?;
        let full = |context: u64| drawn.iter().filter(|it| it.prompt + it.output == context).count();
        if let Some((context, full)) =
            model.context.map(|context| (context, full(context))).filter(|(_, full)| *full > 0)
        {
            tell(&format!(
                "warning: {full} of {requests} requests drawn are cut to the context of {}, {context} tokens",
                model.name
            ));
        }
        return Ok(drawn);
    }
    task.check(model).map_err(text)?;
    Request { arrival_s: 0.0, prompt: task.prompt, output: task.output }.repeated(task.sequences).map_err(text)
}

pub(super) fn page(question: &Question<'_>, answer: &Batching) -> String {
    let mut page = heading(question, false);
    let budget = answer.budget.map_or_else(String::new, |budget| format!(", at most {budget} tokens a step"));
    page += &format!("{} batching in {} slots{budget}\n\n", answer.policy, answer.slots);
    let mut columns = headings(&["requests", "steps"]);
    columns.extend(headings(&COST));
    let mut row = vec![answer.requests.to_string(), answer.steps.to_string()];
    row.extend(exact(&answer.cost));
    page += &table(columns, 0, [row]);
    page += &format!("\n{}", spreads(answer));
    page += "\n";
    page += &line("tokens", format!("{} of answers, {} of prompts", answer.tokens, answer.prompt_tokens));
    page += &line("tokens a second", format!("at most {}", digits(answer.tokens_per_s)));
    page += &line("slots in use", format!("{:.2} %", answer.utilisation * 100.0));
    let fits = match answer.fits {
        Some(true) => "; fits the device",
        Some(false) => "; does not fit the device with the weights",
        None => "",
    };
    page += &line("cache", format!("{} at most", bytes(answer.cache_peak)));
    page += &line("activations", format!("{} at most{fits}", bytes(answer.activations_peak)));
    let chunk = match (answer.chunk_at_ridge, answer.chunk_at_ridge_more_than) {
        (Some(1), _) => "at once".to_owned(),
        (Some(tokens), _) => format!("with {tokens} tokens of a prompt beside the other slots' answers"),
        (None, Some(tokens)) => format!("with more than {tokens} tokens of a prompt, if at all"),
        (None, None) => "never".to_owned(),
    };
    page += &line("compute bound", chunk);
    if let Some(grid) = &answer.grid {
        page += &format!("\n{}", slots(grid));
    }
    page
}

fn spreads(answer: &Batching) -> String {
    let row = |what: &str, spread: &Spread| {
        let values = [spread.mean, spread.p50, spread.p90, spread.p99, spread.max];
        [what.to_owned()].into_iter().chain(values.map(seconds)).collect::<Vec<_>>()
    };
    let mut rows = vec![row("time to first token", &answer.ttft_s)];
    rows.extend(answer.tpot_s.as_ref().map(|spread| row("time per output token", spread)));
    rows.push(row("time to last token", &answer.latency_s));
    table(headings(&["at least", "mean", "50 %", "90 %", "99 %", "100 %"]), 1, rows)
}

fn slots(grid: &Grid) -> String {
    let columns = (1..=grid.steps.len()).map(|step| format!("T{step}"));
    format!(
        "{}slots in use in these steps: {:.2} %\n",
        table(columns.collect(), 99, grid.rows()),
        grid.utilisation() * 100.0
    )
}
