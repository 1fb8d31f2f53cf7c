//! `cost decode`

mod answer;
mod args;
mod batching;
mod cascade;
mod compare;
mod flash;
mod layers;
mod paged;
mod parallel;
mod plain;
mod progress;
mod show;
mod speculative;

use cost_models::decode::{Deployment, Task};

use crate::failure::{Result, text};
use crate::load;
use crate::output;
use answer::Answer;
pub(crate) use args::DecodeArgs;

/// What a command decodes, and where.
pub(crate) struct Question<'a> {
    args: &'a DecodeArgs,
    deployment: Deployment,
    task: Task,
}

pub(crate) fn run(args: &DecodeArgs) -> Result<()> {
    let deployment = deployment(args)?;
    let task = Task { sequences: args.task.batch, prompt: args.task.prompt, output: args.task.output };
    let question = Question { args, deployment, task };
    let answers = args.method.iter().map(|method| Answer::to(&question, *method)).collect::<Result<Vec<_>>>()?;
    match (answers.as_slice(), args.output.json) {
        ([answer], true) => output::json(answer),
        ([answer], false) => output::print(&answer.page(&question)),
        (answers, true) => output::json(&compare::rows(&question, answers)?),
        (answers, false) => output::print(&compare::page(&question, answers)?),
    }
}

fn deployment(args: &DecodeArgs) -> Result<Deployment> {
    let model = load::model(&args.model, &args.reading)?;
    let options = load::options(&args.counting, Some(&model))?;
    let devices = load::devices(core::slice::from_ref(&args.on))?;
    let [device] = <[_; 1]>::try_from(devices)
        .map_err(|found| format!("--on: found {} devices in {}, expected one", found.len(), args.on))?;
    if !options.formats.set.is_empty() {
        let kernels = model.kernels(&cost_models::Workload::decode(1, 1), &options).map_err(text)?;
        load::check_set(&options, &kernels)?;
    }
    Ok(Deployment::new(model, options, device))
}
