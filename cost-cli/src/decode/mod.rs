//! `cost decode`

mod answer;
mod args;
mod batching;
mod belongs;
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

use cost_api::What;
use cost_api::load::{check_read_of, devices, model, options};
use cost_core::Options;
use cost_core::cost::Routing;
use cost_models::decode::{Deployment, Task};
use cost_models::report::weight_formats;
use cost_models::{Model, Note, Workload};
use serde::Serialize;

use crate::failure::{Result, text};
use crate::load::{self, Disk};
use crate::output;
use crate::table::foot;
use answer::Answer;
pub(crate) use args::DecodeArgs;

/// What a command decodes, and where.
pub(crate) struct Question<'a> {
    args: &'a DecodeArgs,
    deployment: Deployment,
    /// The formats of its weights.
    weights: String,
    task: Task,
}

pub(crate) fn run(args: &DecodeArgs) -> Result<()> {
    args.given.check(&args.method)?;
    let deployment = deployment(args)?;
    let output = args.task.output.unwrap_or(if deployment.model().is_encoder() { 1 } else { 256 });
    let prompt = args.task.prompt.unwrap_or_else(|| deployment.model().context.map_or(1024, |most| 1024.min(most / 2)));
    let task = Task { sequences: args.task.batch, prompt, output };
    let weights = weight_formats(deployment.model(), &Workload::prefill(1, 1), deployment.options()).map_err(text)?;
    let question = Question { args, deployment, weights, task };
    let answers = args.method.iter().map(|method| Answer::to(&question, *method)).collect::<Result<Vec<_>>>()?;
    match (answers.as_slice(), args.output.json) {
        ([answer], true) => output::json(&Noted { answer, notes: question.notes() }),
        ([answer], false) => output::print(&(answer.page(&question) + &foot(question.notes()))),
        (answers, true) => output::json(&compare::rows(&question, answers)?),
        (answers, false) => output::print(&(compare::page(&question, answers)? + &foot(question.notes()))),
    }
}

/// An answer with what is to be said beside its numbers.
#[derive(Serialize)]
struct Noted<'a> {
    #[serde(flatten)]
    answer: &'a Answer,
    notes: &'a [Note],
}

impl Question<'_> {
    /// What is to be said of the model.
    fn notes(&self) -> &[Note] {
        &self.deployment.model().notes
    }

    /// Another model beside the one that is asked about, on the same device.
    fn beside(&self, model: Model) -> Result<Deployment> {
        let options = options(&self.args.counting).map_err(text)?;
        Ok(Deployment::new(model, options, self.deployment.device().clone()))
    }

    /// The same by its name or path.
    fn beside_named(&self, name: &str) -> Result<Deployment> {
        self.beside(load::told(name, &self.args.reading)?)
    }
}

fn deployment(args: &DecodeArgs) -> Result<Deployment> {
    let model = model(&What::from(args.model.as_str()), &args.reading, &Disk).map_err(text)?;
    let options = options(&args.counting).map_err(text)?;
    model.check_routing(None, &options).map_err(text)?;
    let devices = devices(core::slice::from_ref(&args.on), &Disk).map_err(text)?;
    let [device] = <[_; 1]>::try_from(devices)
        .map_err(|found| format!("--on: found {} devices in {}, expected one", found.len(), args.on))?;
    let asked = Options { routing: Routing::Expected, ..options.clone() };
    check_read_of(&asked, &model, &Workload::prefill(1, 1)).map_err(text)?;
    Ok(Deployment::new(model, options, device))
}
