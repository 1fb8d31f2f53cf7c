//! `cost fit`

use cost_core::Options;
use cost_core::hardware::Hardware;
use cost_core::op::Role;
use cost_models::fit::{Fit, Headroom, LARGEST, Limit, Wanted, fit};
use cost_models::report::{Bytes, FormatNames, SCHEMA, weight_formats};
use cost_models::{Model, Note, Workload};
use serde::Serialize;

use crate::args::FitArgs;
use crate::failure::{Result, text};
use crate::load;
use crate::output;
use crate::table::{bytes, foot, grouped, headings, table, wrapped};

/// The answer, as the JSON has it.
#[derive(Serialize)]
struct Answer {
    model: String,
    /// The longest context that the model was made for.
    context: Option<u64>,
    formats: FormatNames,
    fits: Vec<On>,
    notes: Vec<Note>,
    schema: u32,
}

/// What fits a device.
#[derive(Serialize)]
struct On {
    /// The device.
    name: String,
    /// Its memory.
    bytes: Option<Bytes>,
    #[serde(flatten)]
    fit: Fit,
}

pub(crate) fn run(args: &FitArgs) -> Result<()> {
    let mut model = load::model(&args.model, &args.reading)?;
    let devices = load::devices(&args.on)?;
    let headroom = headroom(&args.headroom)?;
    let options = Options { formats: load::formats(&args.formats, &args.set)?, ..Options::default() };
    let one = if model.is_encoder() { Workload::prefill(1, 1) } else { Workload::decode(1, 1) };
    load::check_read_of(&options, &model, &one)?;
    let wanted = wanted(args, &model)?;
    if let ([Wanted::Batch { context }], Some(most)) = (wanted.as_slice(), model.context)
        && *context > most
    {
        let text = format!("{context} tokens are more than the {most} that it was made for");
        model.notes.push(Note::warning(text).about("max_position_embeddings"));
    }
    let mut fits = Vec::new();
    for device in &devices {
        for wanted in &wanted {
            let fit = fit(&model, device, &options, headroom, *wanted);
            let fit = fit.map_err(|error| format!("{}: {error}", model.name))?;
            let bytes = device.memory_bits().map(Bytes::of_bits);
            fits.push(On { name: device.id.to_string(), bytes, fit });
        }
    }
    let formats = &model.options(&options).formats;
    let formats = FormatNames {
        weights: weight_formats(&model, &one, &options).map_err(text)?,
        acts: formats.of(Role::Act).to_string(),
        cache: formats.of(Role::Cache).to_string(),
    };
    let answer =
        Answer { model: model.name, context: model.context, formats, fits, notes: model.notes, schema: SCHEMA };
    if args.output.json { output::json(&answer) } else { output::print(&page(&answer, &devices, args)) }
}

/// What is asked: one of the two, or else the longest context by itself and how many sequences there can be of some.
fn wanted(args: &FitArgs, model: &Model) -> Result<Vec<Wanted>> {
    const FEW: [u64; 4] = [2048, 8192, 32_768, 131_072];
    if let Some(batch) = args.batch {
        return Ok(vec![Wanted::Context { batch }]);
    }
    if let Some(past) = args.past {
        if model.is_encoder() {
            return Err(format!("--past: found {past}, but {} caches nothing; expected --batch", model.name));
        }
        let context = past.checked_add(1).ok_or_else(|| format!("--past: found {past}, expected less"))?;
        return Ok(vec![Wanted::Batch { context }]);
    }
    let contexts: Vec<u64> = match model.context {
        Some(most) => FEW.into_iter().filter(|few| *few < most).chain([most.max(1)]).collect(),
        None => FEW.to_vec(),
    };
    let longest = Wanted::Context { batch: 1 };
    Ok([longest].into_iter().chain(contexts.into_iter().map(|context| Wanted::Batch { context })).collect())
}

/// The value of `--headroom`.
fn headroom(text: &str) -> Result<Headroom> {
    const UNITS: [(&str, f64); 8] = [
        ("KiB", 1024.0),
        ("MiB", 1_048_576.0),
        ("GiB", 1_073_741_824.0),
        ("kB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("%", 0.0),
        ("B", 1.0),
    ];
    let wrong =
        || format!("--headroom: found `{text}`, expected a share from 0% to less than 100% or an amount, as in 2GB");
    let unit = UNITS.iter().find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, *unit, *scale)));
    // Nothing is nothing in any unit.
    let (number, unit, scale) = unit.or_else(|| (text == "0").then_some((text, "B", 1.0))).ok_or_else(wrong)?;
    let number: f64 = number.trim().parse().map_err(|_| wrong())?;
    match unit {
        "%" if (0.0..100.0).contains(&number) => Ok(Headroom::Percent(number)),
        "%" => Err(wrong()),
        _ if number >= 0.0 && number * scale < 1e18 => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1e18")]
            let bytes = (number * scale).ceil() as u64;
            Ok(Headroom::Bytes(bytes))
        }
        _ => Err(wrong()),
    }
}

fn page(answer: &Answer, devices: &[Hardware], args: &FitArgs) -> String {
    let FormatNames { weights, acts, cache } = &answer.formats;
    let many = devices.len() > 1;
    let on = if let [device] = devices { format!(" on {}", device.name) } else { String::new() };
    let mut page = wrapped(
        "",
        "  ",
        &format!(
            "{}{on}: what fits while each sequence decodes a token, {} of the memory kept free",
            answer.model, args.headroom
        ),
    );
    page += &format!("weights {weights}, activations {acts}, cache {cache}\n");
    if let Some(context) = answer.context {
        page += &format!("made for {} tokens\n", grouped(context.into()));
    }
    page.push('\n');
    let mut columns = headings(&["sequences", "tokens", "weights", "cache", "activations", "left", "limit"]);
    if many {
        columns.insert(0, "on".to_owned());
    }
    let rows = answer.fits.iter().map(|it| row(it, many));
    page += &table(columns, usize::from(many), rows);
    page + &too_large(answer) + &foot(&answer.notes)
}

fn row(On { name, fit, .. }: &On, many: bool) -> Vec<String> {
    let count = |n: u64| match fit.limit {
        Limit::None if n == LARGEST => "any".to_owned(),
        Limit::Search if n == LARGEST => format!("> {}", grouped(n.into())),
        _ => grouped(n.into()),
    };
    let limit = match fit.limit {
        Limit::Memory => "memory",
        Limit::Model => "the model",
        Limit::Search => "not looked for",
        Limit::None => "none",
    };
    let memory = &fit.memory;
    let name = many.then(|| name.clone());
    let cells = [
        count(fit.batch),
        count(fit.context),
        bytes(memory.weights),
        bytes(memory.cache),
        bytes(memory.activations),
        fit.left.map_or_else(|| "none".to_owned(), bytes),
        limit.to_owned(),
    ];
    name.into_iter().chain(cells).collect()
}

/// Why nothing fits a device, each reason once.
fn too_large(answer: &Answer) -> String {
    let mut lines: Vec<String> = Vec::new();
    for On { name, bytes: memory, fit } in answer.fits.iter().filter(|it| it.fit.short.is_some()) {
        let room = memory.map_or(0, Bytes::bits).saturating_sub(fit.headroom.bits());
        let (batch, context) = (fit.batch.max(1), fit.context.max(1));
        let plural = |n: u64| if n == 1 { "" } else { "s" };
        let (what, needed) = if fit.memory.weights.bits() > room {
            ("the weights alone take".to_owned(), fit.memory.weights)
        } else {
            let (sequences, tokens) = (plural(batch), plural(context));
            (format!("{batch} sequence{sequences} of {context} token{tokens} would take"), fit.memory.total)
        };
        let short = Bytes::of_bits(needed.bits().saturating_sub(room));
        let text = format!("{what} {}, {} more than there is", bytes(needed), bytes(short));
        let line = wrapped(&format!("{name}: "), "  ", &text);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.is_empty() { String::new() } else { format!("\n{}", lines.concat()) }
}
