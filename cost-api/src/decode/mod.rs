//! What a generation costs by the method that decodes it.

mod answer;
mod batching;
mod belongs;
mod cascade;
mod compare;
mod flash;
mod layers;
mod paged;
mod speculative;

use cost_core::Options;
use cost_core::cost::Routing;
use cost_core::op::Role;
use cost_models::decode::{Deployment, Task};
use cost_models::report::{FormatNames, weight_formats};
use cost_models::{Model, Workload};

use crate::error::{Error, Kind, Result};
use crate::listener::Listener;
use crate::load;
use crate::request::{DecodeRequest, What};
use crate::response::{Comparison, Decode, Decoded, Decoding};
use crate::sources::Sources;

/// What a command decodes, and where.
struct Question<'a> {
    request: &'a DecodeRequest,
    sources: &'a dyn Sources,
    listener: &'a dyn Listener,
    deployment: Deployment,
    task: Task,
}

/// What a generation costs by the method that decodes it, or how several methods compare.
pub fn decode(request: &DecodeRequest, sources: &dyn Sources, listener: &dyn Listener) -> Result<Decode> {
    belongs::check(request)?;
    let deployment = deployment(request, sources)?;
    let model = deployment.model();
    let output = request.task.output.unwrap_or(if model.is_encoder() { 1 } else { 256 });
    if model.reads_source() && model.source().is_none() {
        let expected = "a length: it stays as it is while the answer grows";
        return Err(Error::found("source", "nothing", expected));
    }
    // What is decoded of a source begins with one token.
    let begun = model.reads_source().then_some(1);
    let prompt = request.task.prompt.or(begun).unwrap_or_else(|| model.context.map_or(1024, |most| 1024.min(most / 2)));
    let task = Task { sequences: request.task.batch.unwrap_or(1), prompt, output };
    let formats = &deployment.options().formats;
    let about = Decoding {
        model: model.name.clone(),
        device: deployment.device().name.to_string(),
        formats: FormatNames {
            weights: weight_formats(model, &Workload::prefill(1, 1), deployment.options())?,
            acts: formats.of(Role::Act).to_string(),
            cache: formats.of(Role::Cache).to_string(),
        },
        task,
        notes: model.notes.clone(),
    };
    let question = Question { request, sources, listener, deployment, task };
    if let [method] = request.methods() {
        let answer = answer::answer(&question, *method)?;
        return Ok(Decode::One(Box::new(Decoded { answer, notes: about.notes.clone(), about })));
    }
    let answers = request.methods().iter().map(|method| answer::answer(&question, *method));
    let methods = compare::compared(&question, answers.collect::<Result<_>>()?)?;
    Ok(Decode::Compared(Comparison { methods, about }))
}

impl Question<'_> {
    /// Another model beside the one that is asked about, on the same device.
    fn beside(&self, model: Model) -> Result<Deployment> {
        let options = load::options_of(&model, &self.request.counting)?;
        Ok(Deployment::new(model, options, self.deployment.device().clone()))
    }

    /// The same by its name or path. The answer has no place for its warnings.
    fn beside_named(&self, what: &What) -> Result<Deployment> {
        let given = self.request.counting.formats.weights.is_some();
        self.beside(load::told(what, &self.request.reading, given, self.sources, self.listener)?)
    }

    /// The probabilities that drafted tokens are accepted.
    fn acceptances(&self) -> &[f64] {
        let given = &self.request.draft.acceptance;
        if given.is_empty() { &[0.8] } else { given }
    }
}

/// An option that a method can't do without.
fn needed(option: &str, message: &str) -> Error {
    Error { field: Some(option.to_owned()), ..Error::new(Kind::Request, message) }
}

fn deployment(request: &DecodeRequest, sources: &dyn Sources) -> Result<Deployment> {
    let given = request.counting.formats.weights.is_some();
    let model = load::model(&request.model, &request.reading, given, sources)?;
    let options = load::options_of(&model, &request.counting)?;
    model.check_routing(None, &options)?;
    let devices = load::devices(core::slice::from_ref(&request.on), sources)?;
    let [device] = <[_; 1]>::try_from(devices)
        .map_err(|found| Error::found("on", format_args!("{} devices in {}", found.len(), request.on), "one"))?;
    let asked = Options { routing: Routing::Expected, ..options.clone() };
    load::check_read_of(&asked, &model, &Workload::prefill(1, 1))?;
    Ok(Deployment::new(model, options, device))
}
