//! What the two sides of a comparison cost: as files say, or as it is counted now.

use std::path::Path;

use cost_core::cost::Formulas;
use cost_core::expr::Notation;
use cost_core::op::Op;

use super::cost::Cost;
use super::json::Json;
use crate::error::{Error, Kind, Result};
use crate::load::{self, FILE_LIMIT, Subject};
use crate::request::choice::Phase;
use crate::request::{DiffRequest, FormulaRequest, ReportRequest, What};
use crate::response::Value;
use crate::sources::Sources;

/// The costs of the old and the new side.
pub(super) fn sides(request: &DiffRequest, sources: &dyn Sources) -> Result<(Vec<Cost>, Vec<Cost>)> {
    let Some(new) = &request.new else {
        let Some(old) = kept(&request.old, sources)? else {
            let found = format!("{} alone", request.old.name());
            let expected = "a second model, operator or file to compare it with; alone a file of reports will do";
            return Err(Error::new(Kind::Request, format!("found {found}, expected {expected}")));
        };
        let mut now = Vec::new();
        for cost in &old {
            match asked_again(cost, &What::Name(cost.of.clone()), request, sources) {
                Ok(cost) => now.push(cost),
                // What there isn't any more was removed.
                Err(error) if error.kind == Kind::Unknown && error.found.as_ref() == Some(&cost.of) => {}
                Err(error) => return Err(error.about(&cost.title())),
            }
        }
        return Ok((old, now));
    };
    let again = |costs: &[Cost], what| {
        costs.iter().map(|cost| asked_again(cost, what, request, sources)).collect::<Result<Vec<_>>>()
    };
    Ok(match (kept(&request.old, sources)?, kept(new, sources)?) {
        (Some(old), Some(new)) => (old, new),
        (Some(old), None) => {
            let new = again(&old, new)?;
            (old, new)
        }
        (None, Some(new)) => (again(&new, &request.old)?, new),
        (None, None) => (asked(&request.old, request, sources)?, asked(new, request, sources)?),
    })
}

/// The reports that a file or a value holds; nothing if it is something else.
fn kept(what: &What, sources: &dyn Sources) -> Result<Option<Vec<Cost>>> {
    let text = match what {
        What::Name(name) if is_json(name) => sources.text(name, FILE_LIMIT)?,
        What::Name(_) => return Ok(None),
        What::Config(object) => serde_json::Value::Object(object.clone()).to_string(),
    };
    // What isn't JSON is an error of whoever reads it as a config.
    let Ok(values) = Json::all(&text) else { return Ok(None) };
    let each = values.iter().flat_map(|value| match value {
        Json::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    });
    let costs: Vec<Option<Cost>> = each.map(Cost::of).collect();
    let wrong = costs.iter().position(Option::is_none);
    match (costs.len(), wrong) {
        (0 | 1, Some(_)) | (0, None) => Ok(None),
        (count, Some(at)) => {
            let found = format!("found something else as number {} of {count}", at + 1);
            let expected = "expected reports as `cost report --json` prints them";
            Err(Error::new(Kind::File, format!("{}: {found}, {expected}", what.name())))
        }
        (_, None) => Ok(Some(costs.into_iter().flatten().collect())),
    }
}

/// Whether a file can hold reports.
fn is_json(name: &str) -> bool {
    let end = Path::new(name).extension();
    end.is_some_and(|end| end.eq_ignore_ascii_case("json") || end.eq_ignore_ascii_case("jsonl"))
}

/// The costs of what is asked: both phases of a model, unless one or its step is given; an operator at sizes, or its formulas.
fn asked(what: &What, request: &DiffRequest, sources: &dyn Sources) -> Result<Vec<Cost>> {
    let step = request.phase.is_some() || request.past.is_some() || request.tokens.is_some();
    match load::subject(what, &request.reading, request.counting.formats.weights.is_some(), sources)? {
        Subject::Operator(it) if request.at.is_empty() => {
            let params = it.with(params)?;
            let request = FormulaRequest {
                what: what.clone(),
                latex: false,
                mesh: request.mesh.clone(),
                counting: request.counting.clone(),
                reading: request.reading.clone(),
            };
            let mut cost = read(&crate::formula(&request, sources)?)?;
            cost.figures.insert(0, ("params".to_owned(), Value::Text(params)));
            Ok(vec![cost])
        }
        Subject::Model(model) if !step && !model.is_encoder() => {
            let phases = [Phase::Decode, Phase::Prefill];
            let step = |phase| ReportRequest { phase: Some(phase), ..report(what, request) };
            phases.into_iter().map(|phase| read(&crate::report(&step(phase), sources)?)).collect()
        }
        _ => Ok(vec![read(&crate::report(&report(what, request), sources)?)?]),
    }
}

/// What the workload of a cost costs now, but for what the request says of it.
fn asked_again(cost: &Cost, what: &What, request: &DiffRequest, sources: &dyn Sources) -> Result<Cost> {
    let number = |name| match cost.asked(name) {
        Some(Value::Whole(number)) => u64::try_from(*number).ok(),
        _ => None,
    };
    let mut asked = report(what, request);
    // A report on a mesh says which; how axes are cut otherwise than by default is asked again.
    if asked.mesh.mesh.is_empty() {
        let axes = cost.workload.iter().filter_map(|(name, ranks)| match ranks {
            Value::Whole(ranks) => Some(format!("{}={ranks}", name.strip_prefix("mesh.")?)),
            _ => None,
        });
        asked.mesh.mesh = axes.collect();
        // What crosses links depends on the devices.
        if !asked.mesh.mesh.is_empty() && asked.on.is_empty() {
            asked.on.clone_from(&cost.devices);
        }
    }
    if !cost.operator {
        asked.phase = asked.phase.or(match cost.phase() {
            Some("prefill") => Some(Phase::Prefill),
            Some("decode") => Some(Phase::Decode),
            _ => None,
        });
        asked.batch = asked.batch.or_else(|| number("batch"));
        asked.past = asked.past.or_else(|| number("past"));
        asked.tokens = asked.tokens.or_else(|| number("tokens"));
    } else if asked.at.is_empty() {
        let derived = |op: &Op<'_>| {
            let derived = op.axes.iter().enumerate().filter(|(axis, _)| op.derives(*axis));
            derived.map(|(_, name)| (*name).to_owned()).collect::<Vec<_>>()
        };
        let derived = match load::subject(what, &request.reading, request.counting.formats.weights.is_some(), sources)?
        {
            Subject::Operator(it) => it.with(|op| Result::Ok(derived(op)))?,
            Subject::Model(_) => Vec::new(),
        };
        let given = cost.workload.iter().filter(|(axis, _)| !derived.contains(axis));
        asked.at = given.filter_map(|(axis, _)| Some(format!("{axis}={}", number(axis)?))).collect();
    }
    read(&crate::report(&asked, sources)?)
}

fn report(what: &What, of: &DiffRequest) -> ReportRequest {
    ReportRequest {
        at: of.at.clone(),
        phase: of.phase,
        batch: of.batch,
        past: of.past,
        tokens: of.tokens,
        on: of.on.clone(),
        mesh: of.mesh.clone(),
        timing: of.timing.clone(),
        counting: of.counting.clone(),
        logits: of.logits,
        reading: of.reading.clone(),
        ..ReportRequest::of(what.clone())
    }
}

/// An answer as its JSON says.
fn read(answer: &impl serde::Serialize) -> Result<Cost> {
    let text = serde_json::to_string(answer).map_err(|error| Error::new(Kind::Count, error.to_string()))?;
    let values = Json::all(&text).map_err(|error| Error::new(Kind::Count, error))?;
    values.first().and_then(Cost::of).ok_or_else(|| Error::new(Kind::Count, "found no cost in an answer"))
}

/// The parameters of an operator as a formula.
fn params(op: &Op<'_>) -> cost_core::Result<String> {
    Ok(Formulas::of(op, &cost_core::Options::default())?.params.show(op.axes, Notation::Text).to_string())
}
