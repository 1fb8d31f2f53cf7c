//! What is done with a model that was accepted: all that a user could ask of it, at sizes small and extreme.

use core::fmt::Display;

use cost_core::cost::{Formats, Masking, Pattern, Routing, totals};
use cost_core::expr::Notation;
use cost_core::format::Class;
use cost_core::hardware::{self, Hardware};
use cost_core::random::Random;
use cost_core::{Options, Plan};
use cost_models::decode::batching::{Policy, Request, batching};
use cost_models::decode::early_exit::{Exits, early_exit};
use cost_models::decode::flash::flash;
use cost_models::decode::mixture_of_depths::{Depths, mixture_of_depths};
use cost_models::decode::paged::paged;
use cost_models::decode::parallel::grouped;
use cost_models::decode::speculative::{Draft, chain, medusa_head};
use cost_models::decode::{Deployment, Part, Task, generation};
use cost_models::report::{params, report, tensors_read};
use cost_models::sweep::{self, Axis, FileFormat, Grid, Order, Setting, Sweep, Watch};
use cost_models::{Logits, Model, Phase, Steps, Workload};

use super::pick::{one, one_in};

/// Sizes of steps.
const SIZES: [u64; 9] = [0, 1, 2, 4096, 1 << 31, (1 << 53) - 1, 1 << 62, 1 << 63, u64::MAX];

/// The longest message.
const MESSAGE: usize = 10_000;

/// Choices that an input makes, always the same ones.
pub(super) fn choices(input: &[u8]) -> Random {
    let hash = input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    Random::new(hash)
}

/// Looks at an error: its message is short and does nothing to a terminal. `false`, as nothing was accepted.
pub(super) fn refused(error: &dyn Display) -> bool {
    let message = error.to_string();
    assert!(message.len() <= MESSAGE, "a message of {} bytes", message.len());
    assert!(!message.is_empty(), "a message that says nothing");
    false
}

/// Looks at a result: a number is one, an error says something.
fn seen<T, E: Display>(result: Result<T, E>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            refused(&error);
            None
        }
    }
}

fn finite(what: &str, numbers: &[f64]) {
    assert!(numbers.iter().all(|number| number.is_finite() && *number >= 0.0), "{what}: {numbers:?}");
}

/// Evaluates a model, in some of the ways that there are.
pub(super) fn model(model: &Model, random: &mut Random) {
    let devices = [hardware::find("h100"), hardware::find("v100")].map(|device| device.expect("a built-in device"));
    on(model, &devices, random);
}

/// Evaluates a model on devices, in some of the ways that there are.
pub(super) fn on(model: &Model, devices: &[Hardware], random: &mut Random) {
    assert!(model.notes.iter().all(|note| note.text.len() <= MESSAGE), "a note that is too long");
    let options = options(random);
    for _ in 0..2 {
        let workload = workload(random);
        step(model, &workload, &options, devices);
    }
    let small = Workload::decode(1, 16);
    step(model, &small, &options, devices);
    match random.below(4) {
        0 => plans(model, &options, devices, random),
        1 => sweeps(model, &options, devices, random),
        2 => formulas(model, &options),
        _ => {}
    }
    if let Some(device) = devices.first()
        && one_in(random, 2)
    {
        decoded(&Deployment::new(model.clone(), options, device.clone()), random);
    }
}

fn options(random: &mut Random) -> Options {
    const FORMATS: [&str; 6] =
        ["bf16", "fp8", "int4:g128:f16", "fp8:b128x128:f32", "nf4:g64:int8:g256:f32", "int8:row:f16:int8"];
    let mut formats = Formats::default();
    if one_in(random, 4) {
        let format = Some(one(random, &FORMATS).parse().expect("a format"));
        (formats.weights, formats.cache) = (format, format);
    }
    let masking = if one_in(random, 4) { Masking::Dense } else { Masking::Exact };
    let routing = match random.below(4) {
        0 => Routing::Worst,
        1 => Routing::Given(*one(random, &SIZES)),
        _ => Routing::Expected,
    };
    let mut options = Options { formats, masking, routing, ..Options::default() };
    if one_in(random, 4) {
        const PATTERNS: [&str; 3] = ["*", "*.o", "*experts*"];
        let pattern = *one(random, &PATTERNS);
        options.multiply.push((Pattern::new(pattern), *one(random, &Class::ALL)));
    }
    options
}

fn workload(random: &mut Random) -> Workload {
    let phase = if one_in(random, 2) { Phase::Prefill } else { Phase::Decode };
    let logits = match random.below(3) {
        0 => Logits::All,
        1 => Logits::Of(*one(random, &SIZES)),
        _ => Logits::Last,
    };
    let mut size = || *one(random, &SIZES);
    Workload { phase, batch: size(), past: size(), tokens: size(), logits }
}

fn step(model: &Model, workload: &Workload, options: &Options, devices: &[Hardware]) {
    if let Some(report) = seen(report(model, workload, options, devices)) {
        for device in &report.hardware {
            finite("a device's verdict", &[device.ridge, device.lower_bound_s]);
        }
        let text = serde_json::to_string(&report).expect("a report is JSON");
        assert!(!text.is_empty(), "a report that says nothing");
    }
    seen(model.tensors(workload, options));
    seen(model.peak(workload, options));
    seen(model.cache_bits(workload, options));
    seen(model.state_bits(workload, options));
    seen(params(model, workload, options));
    seen(model.kernels(workload, options).map(|kernels| tensors_read(&kernels)));
}

fn plans(model: &Model, options: &Options, devices: &[Hardware], random: &mut Random) {
    let steps = *one(random, &[Steps::prefill(), Steps::decode(), Steps::chunks()]);
    let made: Option<Plan> =
        seen(if one_in(random, 2) { model.plan(&steps, options) } else { model.plan_with_memory(&steps, options) });
    let Some(plan) = made else { return };
    let (mut exact, mut table) = (plan.summary::<u128>(), plan.table::<u128>());
    let mut timed = devices.first().and_then(|device| seen(plan.on(device)));
    for _ in 0..4 {
        let at: Vec<u64> = plan.axes().iter().map(|_| *one(random, &SIZES)).collect();
        let close: Vec<f64> = at.iter().map(|size| *size as f64).collect();
        let exact = seen(exact.at(&at)).is_some();
        seen(table.at(&at).map(<[_]>::len));
        if let Some(estimate) = timed.as_mut().and_then(|timed| seen(timed.at(&close)))
            && exact
        {
            finite("an estimate", &[estimate.time.lower_bound_s, estimate.totals.flops.total()]);
        }
    }
}

fn sweeps(model: &Model, options: &Options, devices: &[Hardware], random: &mut Random) {
    const AXES: [&str; 8] =
        ["1", "1,2", "0..=3", "1..=64:*2", "4096", "0..=131072:32768", "2147483648,1", "9007199254740991"];
    let mut axis = || one(random, &AXES).parse::<Axis>().expect("an axis");
    let (batch, tokens, past) = (axis(), axis(), axis());
    let phase = if one_in(random, 2) { Phase::Prefill } else { Phase::Decode };
    let grid = Grid { phase, logits: Logits::Last, batch, tokens, past };
    let Some(setting) = seen(Setting::new(model.clone(), options.clone())) else { return };
    let Some(sweep) = seen(Sweep::new(vec![setting], devices.to_vec(), grid)) else { return };
    let mut rows = Vec::new();
    seen(sweep::write(&sweep, &sweep.columns(), None, FileFormat::JsonLines, &mut rows, Watch::NOBODY));
    if let Some(order) = seen(Order::parse("lower_bound_s")) {
        seen(sweep::top(&sweep, 3, &order, None, &sweep.columns(), Watch::NOBODY).map(|rows| rows.count));
    }
}

fn formulas(model: &Model, options: &Options) {
    let axes: Vec<&str> = model.architecture().axes().collect();
    for phase in [Phase::Prefill, Phase::Decode] {
        let Some(kernels) = seen(model.formulas(phase, options)) else { continue };
        if let Some(sum) = seen(totals(&kernels)).and_then(|sum| seen(sum.flops.total())) {
            let shown = sum.show(&axes, Notation::Text).to_string();
            assert!(!shown.is_empty(), "a formula that says nothing");
        }
    }
    seen(cost_models::decode::closed_form(model, options));
}

/// Decodes by each method, or some.
fn decoded(deployment: &Deployment, random: &mut Random) {
    const OUTPUTS: [u64; 5] = [1, 2, 40, 1 << 31, u64::MAX];
    let (sequences, prompt) = (*one(random, &SIZES), *one(random, &SIZES));
    let task = Task { sequences, prompt, output: *one(random, &OUTPUTS) };
    let task =
        if one_in(random, 2) { Task { sequences: 1 + sequences % 5, prompt: 1 + prompt % 100, ..task } } else { task };
    let part = Part {
        outputs: 1,
        ..*one(random, &[Part::decode(sequences, prompt), Part::all(sequences, prompt, sequences)])
    };
    match random.below(9) {
        0 => {
            if let Some(found) = seen(generation(deployment, &task)) {
                finite("a generation", &[found.ttft_s, found.total.seconds()]);
            }
        }
        1 => drop(seen(grouped(deployment, &task, *one(random, &SIZES), *one(random, &SIZES)))),
        2 => {
            let layer = 1 + random.below(70);
            if let Some(exits) = seen(Exits::new(vec![(1, 0.25), (1 + layer, 0.75)])) {
                seen(early_exit(deployment, &task, &exits, Some(*one(random, &SIZES))));
            }
        }
        3 => {
            let depths = Depths { capacity: random.unit(), every: *one(random, &SIZES) };
            seen(mixture_of_depths(deployment, &task, &depths));
        }
        4 => drop(seen(flash(deployment, &part, &[]))),
        5 => {
            if let Some(requests) = seen(requests(&task)) {
                seen(paged(deployment, &requests, *one(random, &SIZES), *one(random, &SIZES), *one(random, &SIZES)));
            }
        }
        6 => {
            if let Some(requests) = seen(requests(&task)) {
                let slots = *one(random, &SIZES);
                let chunked = Policy::Chunked { budget: *one(random, &SIZES) };
                let policy = *one(random, &[Policy::Static, Policy::Continuous, chunked]);
                seen(batching(deployment, &requests, slots, policy, &mut |_| ()));
            }
        }
        7 => {
            let gamma = *one(random, &SIZES);
            let (acceptance, goal) = (random.unit(), *one(random, &[2.0, 1e-300, 1e300]));
            let draft = if let Some((count, module)) = deployment.model().predictor() {
                let module = deployment.with(module.clone());
                seen(chain(deployment, &Draft::Modules { module: &module, count }, &task, (gamma, acceptance), goal))
            } else if let Some(head) = seen(medusa_head(deployment)) {
                seen(chain(deployment, &Draft::Heads { head: &head, count: gamma }, &task, (3, acceptance), goal))
            } else {
                None
            };
            assert!(draft.is_none_or(|found| found.tokens_per_round >= 1.0 - 1e-9), "less than a token a round");
        }
        _ => drop(seen(deployment.step(&[part, Part::chunk(prompt, sequences, true)]))),
    }
}

fn requests(task: &Task) -> Result<Vec<Request>, cost_models::Error> {
    let Task { sequences, prompt, output } = *task;
    // Those that are accepted and costed one by one are few.
    let sequences = if sequences <= 1 << 20 { sequences.min(20) } else { sequences };
    Request { arrival_s: 0.0, prompt, output }.repeated(sequences)
}
