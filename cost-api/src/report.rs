//! What a step of a model costs, or an operator at sizes.

use cost_core::cost::kernels;
use cost_core::hardware::Hardware;
use cost_core::library::Source;
use cost_core::op::Op;
use cost_models::offload::{Offload, On};
use cost_models::report::{self as counted, AtSizes, Step, Timed, report_operator_timed, tensors_read};
use cost_models::{Model, Note, Phase, Workload};

use crate::at;
use crate::error::{Error, Result};
use crate::load::{self, Asked, Subject};
use crate::request::ReportRequest;
use crate::request::choice;
use crate::response::{Report, Reported};
use crate::sources::Sources;

/// What a step of a model costs, or an operator at sizes, kernel by kernel, and what bounds it.
pub fn report(request: &ReportRequest, sources: &dyn Sources) -> Result<Report> {
    load::positive("batch", request.batch)?;
    load::positive("tokens", request.tokens)?;
    let asked = load::asked(&request.mesh, &request.timing)?;
    let mut devices = load::counted(&request.on, asked.as_ref().map(|it| &it.mesh), sources)?;
    let mut notes = Vec::new();
    let timed = load::times(&request.times, &mut devices, &mut notes, sources)?;
    if timed.is_some() && !request.offload.offload.is_empty() {
        return Err(Error::found(
            "time",
            "calibrated beside --offload",
            "one of them: no crossing of a host's link was measured",
        ));
    }
    let how = How { asked: asked.as_ref(), timed };
    let given = request.counting.formats.weights.is_some();
    let mut answer = match load::subject(&request.what, &request.reading, given, sources)? {
        Subject::Operator(it) => Report::Operator(Box::new(of_operator(request, &it, devices, how)?)),
        Subject::Model(model) => Report::Step(Box::new(of_model(request, *model, devices, how, sources)?)),
    };
    match &mut answer {
        Report::Step(it) => it.report.notes.append(&mut notes),
        Report::Operator(it) => it.report.notes.append(&mut notes),
    }
    Ok(answer)
}

/// On which mesh, and by which times.
#[derive(Clone, Copy)]
struct How<'a> {
    asked: Option<&'a Asked>,
    timed: Option<Timed<'a>>,
}

fn of_operator(
    request: &ReportRequest,
    source: &Source,
    devices: Vec<Hardware>,
    how: How<'_>,
) -> Result<Reported<AtSizes>> {
    source.with(|op| operator(request, (source, op), devices, how))
}

fn operator(
    request: &ReportRequest,
    (source, op): (&Source, &Op<'_>),
    devices: Vec<Hardware>,
    how: How<'_>,
) -> Result<Reported<AtSizes>> {
    let unused = [
        ("phase", request.phase.is_some()),
        ("batch", request.batch.is_some()),
        ("past", request.past.is_some()),
        ("tokens", request.tokens.is_some()),
        ("logits", request.logits.is_some()),
        ("images", request.images.is_some()),
        ("image-tokens", request.image_tokens.is_some()),
        ("audio-seconds", request.audio_seconds.is_some()),
        ("offload", !request.offload.offload.is_empty()),
        ("host", request.host.host.is_some()),
        ("offload-compute", request.host.offload_compute.is_some()),
    ];
    if let Some((option, _)) = unused.iter().find(|(_, given)| *given) {
        let found = format!("the operator {}", op.name);
        return Err(Error::found(option, found, "a model; give sizes with --at"));
    }
    let (sizes, options) = (at::all(op, &request.at)?, load::options(&request.counting)?);
    let wide: Vec<u128> = sizes.iter().map(|size| u128::from(*size)).collect();
    let mut report = match how.asked {
        Some(Asked { mesh, timing }) => {
            counted::report_operator_on_mesh(source, mesh, &sizes, &options, &devices, *timing, how.timed)?
        }
        None => report_operator_timed(op, &sizes, &options, &devices, how.timed)
            .map_err(|error| Error::from(error).of("at"))?,
    };
    let kernels = kernels(op, &wide, &options)?;
    load::check_read(&options, (op.name, op, &wide), &kernels)?;
    if request.tensors {
        report.tensors = tensors_read(&kernels);
    }
    Ok(Reported { report, devices })
}

fn of_model(
    request: &ReportRequest,
    model: Model,
    devices: Vec<Hardware>,
    how: How<'_>,
    sources: &dyn Sources,
) -> Result<Reported<Step>> {
    if !request.at.is_empty() {
        let expected = "an operator; a model's step has --batch, --past and --tokens";
        return Err(Error::found("at", format_args!("the model {}", model.name), expected));
    }
    let mut model = seeing_of(request, model)?;
    let (workload, options) =
        (workload_of(request, &model), load::options_leaving(&model, &request.counting, &request.offload)?);
    check_images(&mut model, &workload)?;
    let host = host(request, &devices, sources)?;
    let all = request.logits == Some(choice::Logits::All) && model.scores_all();
    if request.logits.is_some() && !model.has_head() && !all {
        let said = format!("{} gives no logits over the vocabulary token by token", model.name);
        return Err(Error::option("logits", said));
    }
    let tokens = u128::from(workload.past) + u128::from(workload.tokens);
    let told = request.past.is_some() || request.tokens.is_some();
    if let Some(context) = model.context.filter(|context| tokens > u128::from(*context) + u128::from(!told)) {
        let text = format!("{tokens} tokens are more than the {context} that it was made for");
        model.notes.push(Note::warning(text).about("max_position_embeddings"));
    }
    load::check_read_of(&options, &model, &workload)?;
    let compute = match request.host.offload_compute {
        None | Some(choice::ComputeOn::Host) => On::Host,
        Some(choice::ComputeOn::Device) => On::Device,
    };
    let offload = host.as_ref().map(|host| Offload { host, compute });
    let report = match how.asked {
        Some(_) if !request.offload.offload.is_empty() => {
            return Err(Error::option("offload", "found --mesh beside it; expected one of them"));
        }
        Some(Asked { mesh, timing }) => {
            counted::report_on_mesh(&model, mesh, &workload, &options, &devices, *timing, how.timed)
        }
        None => counted::report_timed(&model, &workload, &options, &devices, offload.as_ref(), how.timed)
            .map_err(cost_models::Error::from),
    };
    let mut report = report.map_err(|error| {
        let largest = matches!(error, cost_models::Error::Cost(cost_core::Error::Overflow { .. }))
            .then(|| model.largest(&workload))
            .flatten();
        let largest = largest.map_or_else(String::new, |(axis, size)| format!("; the largest is axis {axis} = {size}"));
        Error::from(error).about(request.what.name()).and(&largest)
    })?;
    if let Some(memory) = host.as_ref().and_then(Hardware::memory_bits).filter(|it| *it < report.memory.host.bits()) {
        let text =
            format!("the host has {} GB of memory, less than the weights that are left there", memory / 8_000_000_000);
        report.notes.push(Note::warning(text).about("host"));
    }
    if request.tensors {
        report.tensors = tensors_read(&model.kernels(&workload, &options)?);
    }
    Ok(Reported { report, devices })
}

/// The model for prompts with the images and sounds that are asked for.
pub(crate) fn seeing_of(request: &ReportRequest, model: Model) -> Result<Model> {
    load::positive("images", request.images)?;
    load::positive("image-tokens", request.image_tokens)?;
    let model = match (request.images, request.image_tokens) {
        (None, None) => Ok(model),
        (images, tokens) => model.with_images(images.unwrap_or(1), tokens),
    };
    let model = model.and_then(|model| match request.audio_seconds {
        None => Ok(model),
        Some(seconds) => model.with_audio(seconds),
    });
    model.map_err(|error| match error {
        cost_models::Error::Field { field, found, expected } => Error::found(&field.replace('_', "-"), found, expected),
        other => other.into(),
    })
}

/// An error if a prompt can't have what is asked for; and a note where their towers have run before.
fn check_images(model: &mut Model, workload: &Workload) -> Result<()> {
    let Some(tokens) = model.tower_tokens() else { return Ok(()) };
    let (prompt, option) = match workload.phase {
        Phase::Prefill => (workload.tokens, "tokens"),
        Phase::Decode => (workload.past, "past"),
    };
    if tokens > u128::from(prompt) {
        return Err(Error::found(
            option,
            prompt,
            format_args!("at least the {tokens} tokens of its images and sounds"),
        ));
    }
    if workload.phase == Phase::Decode {
        model.notes.push(Note::new("its images and sounds were read with the prompt: no tower runs in this step"));
    }
    Ok(())
}

/// The host of the devices, where something is left in its memory; nothing where nothing is, or no device is asked about.
fn host(request: &ReportRequest, devices: &[Hardware], sources: &dyn Sources) -> Result<Option<Hardware>> {
    let given = [("host", request.host.host.is_some()), ("offload-compute", request.host.offload_compute.is_some())];
    if request.offload.offload.is_empty() {
        return match given.iter().find(|(_, given)| *given) {
            Some((option, _)) => {
                Err(Error::found(option, "no --offload beside it", "what is left in the host's memory"))
            }
            None => Ok(None),
        };
    }
    let Some(name) = &request.host.host else {
        let expected = "the device that is the host, as in --host xeon_8480";
        return if devices.is_empty() { Ok(None) } else { Err(Error::found("host", "nothing", expected)) };
    };
    if let Some(device) = devices.iter().find(|device| device.figures.host_gb_s.is_none()) {
        let expected = "a device whose link to its host is known (`host_gb_s` in a file of devices)";
        return Err(Error::found("on", &device.id, expected));
    }
    let found = load::devices(core::slice::from_ref(name), sources).map_err(|error| error.of("host"))?;
    let [host] = <[_; 1]>::try_from(found)
        .map_err(|found| Error::found("host", format_args!("{} devices in {name}", found.len()), "one"))?;
    Ok(Some(host))
}

/// The step that is asked about.
pub(crate) fn workload_of(request: &ReportRequest, model: &Model) -> Workload {
    const PROMPT: u64 = 2048;
    // Those that read a source decode short texts.
    let most = model.context.filter(|_| model.reads_source()).unwrap_or(u64::MAX);
    let (phase, past, tokens) = match request.phase {
        None if model.is_encoder() => {
            (Phase::Prefill, 0, model.positions().unwrap_or_else(|| model.context.unwrap_or(PROMPT).min(PROMPT)))
        }
        Some(choice::Phase::Prefill) => (Phase::Prefill, 0, PROMPT.min(most)),
        Some(choice::Phase::Decode) | None => (Phase::Decode, 4096.min(most.saturating_sub(1)), 1),
    };
    let (past, tokens) = (request.past.unwrap_or(past), request.tokens.unwrap_or(tokens));
    Workload { phase, batch: request.batch.unwrap_or(1), past, tokens, logits: load::logits(request.logits) }
}
