//! Batching of requests.

use cost_models::decode::Lengths;
use cost_models::decode::batching::{Batching, Draw, Grid, Policy, Request, batching, draw, from_csv};

use super::Question;
use crate::error::{Error, Result};
use crate::load;
use crate::request::Method;

/// Serves the requests that are asked about.
pub(super) fn serve(question: &Question<'_>, method: Method) -> Result<Batching> {
    let args = &question.request.batching;
    let policy = match method {
        Method::Static => Policy::Static,
        Method::Chunked => Policy::Chunked { budget: args.budget.unwrap_or(512) },
        _ => Policy::Continuous,
    };
    let requests = requests(question)?;
    let mut grid = Grid::default();
    question.listener.begun(tokens(&requests));
    let slots = args.slots.unwrap_or(16);
    let served = batching(&question.deployment, &requests, slots, policy, &mut |taken| {
        question.listener.taken(taken.mix.iter().map(|part| part.new * part.sequences).sum());
        grid.note(taken, args.grid.unwrap_or(0));
    });
    question.listener.ended();
    let served = served?;
    Ok(Batching { grid: args.grid.map(|_| grid), ..served })
}

/// The requests of a file, drawn ones, or the sequences that are decoded.
pub(super) fn requests(question: &Question<'_>) -> Result<Vec<Request>> {
    let (model, task, args) = (question.deployment.model(), &question.task, &question.request.batching);
    if let Some(file) = &args.requests {
        let contents = question.sources.text(file, load::FILE_LIMIT)?;
        return from_csv(&contents, model).map_err(|error| Error::from(error).about(file));
    }
    if let Some(requests) = args.draw {
        let lengths = |flag: &str, given: &Option<String>, (mean, least): (u64, u64)| -> Result<Lengths> {
            let given = given.clone().unwrap_or_else(|| format!("geometric:{mean}:{least}"));
            given.parse().map_err(|error: cost_models::Error| Error::from(error).of(flag))
        };
        // All prompts begin with what they share, if they are as long in the mean.
        let shared = question.request.other.shared.unwrap_or(0);
        let least = if shared <= task.prompt { shared.max(1) } else { 1 };
        let prompts = lengths("prompts", &args.prompts, (task.prompt, least))?;
        let outputs = lengths("outputs", &args.outputs, (task.output, 1))?;
        let what = Draw { requests, rate: args.rate, prompts, outputs, seed: args.seed.unwrap_or(1) };
        let drawn = draw(&what, model)?;
        let full = |context: u64| drawn.iter().filter(|it| it.prompt + it.output == context).count();
        if let Some((context, full)) =
            model.context.map(|context| (context, full(context))).filter(|(_, full)| *full > 0)
        {
            question.listener.told(&format!(
                "warning: {full} of {requests} requests drawn are cut to the context of {}, {context} tokens",
                model.name
            ));
        }
        return Ok(drawn);
    }
    task.check(model)?;
    Ok(Request { arrival_s: 0.0, prompt: task.prompt, output: task.output }.repeated(task.sequences)?)
}

/// Tokens of all requests: the last one of an answer isn't read again.
fn tokens(requests: &[Request]) -> u64 {
    requests.iter().map(|it| it.prompt.saturating_add(it.output - 1)).fold(0, u64::saturating_add)
}
