//! `cost sweep`

mod args;
mod show;
mod watch;

use std::io::{IsTerminal, Write};
use std::path::Path;

use cost_api::ReadingOptions;
use cost_api::load::{
    check_read_of, check_strict, devices, each_once, format, logits, masking, multiply, routing, set, weight_format,
};
use cost_api::request::choice;
use cost_core::Options;
use cost_core::cost::{Formats, Pattern};
use cost_core::format::Format;
use cost_models::sweep::{
    self, Axis, Column, Error, FileFormat, FormatChoices, Grid, Order, Output, Query, Setting, Sweep,
};
use cost_models::weights::WeightFormat;
use cost_models::{Logits, Model, Note, Phase, catalogue};
use serde::Serialize;

use crate::failure::{Result, text};
use crate::load::{self, Disk};
use crate::output;
use crate::output::tell;
pub(crate) use args::SweepArgs;
use args::{ChoiceArgs, RowArgs, StepArgs};
use watch::Watcher;

pub(crate) fn run(args: &SweepArgs) -> Result<()> {
    let grid = grid(&args.steps);
    let models = models(&args.models, &grid, &args.reading, !args.counting.weights.is_empty())?;
    let devices = devices(&args.on, &Disk).map_err(text)?;
    each_once("MODELS", models.iter().map(|model| model.name.as_str())).map_err(text)?;
    let sweep = Sweep::new(settings(&models, &args.counting, &grid)?, devices, grid);
    let sweep = sweep.map_err(|error| match error {
        Error::Value { .. } => format!("--{error}"),
        other => other.to_string(),
    })?;
    let condition = args.rows.r#where.as_deref().map(Query::condition).transpose().map_err(flag("where"))?;
    if let Some(condition) = &condition {
        sweep.check(condition).map_err(flag("where"))?;
    }
    let columns = columns(&sweep, &args.rows.columns)?;
    let orders = orders(&sweep, &args.rows)?;
    if !condition.as_ref().is_some_and(|condition| condition.columns().contains(&Column::WithinContext)) {
        warn_of_long_steps(&models, sweep.grid());
    }
    let task = Task { models: &models, args, sweep: &sweep, condition: condition.as_ref(), columns };
    match orders {
        None => task.all(),
        Some(best) => task.best(&best),
    }
}

/// Says once which models have steps that they were not made for.
fn warn_of_long_steps(models: &[Model], grid: &Grid) {
    const NAMED: usize = 3;
    let short = models.iter().filter(|model| model.context.is_some_and(|context| context < grid.longest()));
    let names: Vec<&str> = short.map(|model| model.name.as_str()).collect();
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if !names.is_empty() {
        let named = names[..names.len().min(NAMED)].join(", ");
        tell(&format!(
            "warning: {named}{more}: some steps have more tokens than the model was made for; --where within_context \
             leaves them out"
        ));
    }
}

/// Which rows are wanted, if not all.
enum Best {
    Top(usize, Order),
    Pareto(Vec<Order>),
}

fn orders(sweep: &Sweep, args: &RowArgs) -> Result<Option<Best>> {
    let order = |name: &'static str, text: &str| -> Result<Order> {
        let order = Order::parse(text).map_err(flag(name))?;
        sweep.check(order.amount()).map_err(flag(name))?;
        Ok(order)
    };
    Ok(match (args.top, &args.by) {
        (Some(top), Some(by)) => {
            let top = usize::try_from(top).map_err(text)?;
            Some(Best::Top(top, order("by", by)?))
        }
        _ if args.pareto.is_empty() => None,
        _ => {
            if !(2..=4).contains(&args.pareto.len()) {
                return Err(format!("--pareto: found {}, expected two to four orders", args.pareto.len()));
            }
            Some(Best::Pareto(args.pareto.iter().map(|by| order("pareto", by)).collect::<Result<_>>()?))
        }
    })
}

/// A note and the model that it is about.
#[derive(Serialize)]
struct Of<'a> {
    model: &'a str,
    #[serde(flatten)]
    note: &'a Note,
}

/// What a run does with which rows.
struct Task<'a> {
    models: &'a [Model],
    args: &'a SweepArgs,
    sweep: &'a Sweep,
    condition: Option<&'a Query>,
    /// Those that were asked for, if any were.
    columns: Option<Vec<Column>>,
}

impl Task<'_> {
    /// Writes all rows, to a file or to stdout.
    fn all(&self) -> Result<()> {
        let columns = self.columns.clone().unwrap_or_else(|| self.sweep.columns());
        let rows = |format, out: &mut (dyn Write + Send), watch: sweep::Watch<'_>| {
            sweep::write(self.sweep, &columns, self.condition, format, out, watch)
        };
        let watcher = Watcher::new(self.sweep.rows())?;
        let Some(path) = &self.args.rows.out else {
            let format = if self.args.output.json { FileFormat::JsonLines } else { FileFormat::Csv };
            let mut out = watch::Stdout::default();
            // Rows and a bar would be mixed up on a terminal.
            let watcher = if std::io::stdout().is_terminal() { watcher.hidden() } else { watcher };
            let done = watcher.watch(|watch| rows(format, &mut out, watch));
            // Whoever read it had enough.
            return if out.closed { Ok(()) } else { done.map(drop).map_err(text) };
        };
        let format = self.format(path)?;
        let mut file = Output::create(path).map_err(flag("out"))?;
        let rows = watcher.watch(|watch| rows(format, &mut file, watch)).map_err(text)?;
        file.keep().map_err(flag("out"))?;
        self.written(rows, path)
    }

    /// Writes the best rows to a file, or shows them.
    fn best(&self, best: &Best) -> Result<()> {
        // Before a long search.
        let format = self.args.rows.out.as_deref().map(|path| self.format(path)).transpose()?;
        let by = match best {
            Best::Top(_, by) => std::slice::from_ref(by),
            Best::Pareto(by) => by,
        };
        let table = format.is_none() && !self.args.output.json;
        let (columns, needed) = match &self.columns {
            Some(columns) => (columns.clone(), columns.len()),
            None if table => show::columns(self.sweep, by),
            None => (self.sweep.columns(), 0),
        };
        let watcher = Watcher::new(self.sweep.rows())?;
        // A file that can't be is found out before, too.
        let file = self.args.rows.out.as_deref().map(Output::create).transpose().map_err(flag("out"))?;
        let rows = watcher.watch(|watch| match best {
            Best::Top(count, by) => sweep::top(self.sweep, *count, by, self.condition, &columns, watch),
            Best::Pareto(by) => sweep::pareto(self.sweep, by, self.condition, &columns, watch),
        });
        let rows = rows.map_err(text)?;
        match (&self.args.rows.out, file, format) {
            (Some(path), Some(mut file), Some(format)) => {
                let count = rows.count as u64;
                sweep::write_rows(self.sweep, rows, format, &mut file).map_err(text)?;
                file.keep().map_err(flag("out"))?;
                self.written(count, path)
            }
            _ if self.args.output.json => output::json(&rows),
            _ => output::print(&show::table(&rows, needed)),
        }
    }

    fn format(&self, path: &Path) -> Result<FileFormat> {
        if path.as_os_str() == "-" {
            return Err("--out: found -, expected a file's name; rows go to stdout without --out".to_owned());
        }
        match &self.args.rows.format {
            Some(name) => FileFormat::named(name).map_err(flag("format")),
            None => FileFormat::of_path(path).map_err(flag("out")),
        }
    }

    /// What is to be said of the models beside the rows.
    fn notes(&self) -> Vec<Of<'_>> {
        let noted = self.models.iter().flat_map(|model| model.notes.iter().map(move |note| (&model.name, note)));
        noted.map(|(model, note)| Of { model, note }).collect()
    }

    /// Says what was written.
    fn written(&self, rows: u64, path: &Path) -> Result<()> {
        if self.args.output.json {
            let out = path.display().to_string();
            return output::json(&serde_json::json!({"rows": rows, "out": out, "notes": self.notes()}));
        }
        let all = self.sweep.rows();
        let of = if rows == all { String::new() } else { format!(" of {all}") };
        tell(&format!("{rows} rows{of} in {}", path.display()));
        Ok(())
    }
}

fn flag(name: &'static str) -> impl Fn(Error) -> String {
    move |error| format!("--{name}: {error}")
}

fn grid(args: &StepArgs) -> Grid {
    let (phase, past, tokens) = match args.phase {
        choice::Phase::Prefill => (Phase::Prefill, 0, 2048),
        choice::Phase::Decode => (Phase::Decode, 4096, 1),
    };
    let logits = logits(Some(args.logits));
    let or = |given: &Option<Axis>, default| given.clone().unwrap_or_else(|| Axis::one(default));
    Grid { phase, logits, batch: args.batch.clone(), tokens: or(&args.tokens, tokens), past: or(&args.past, past) }
}

/// The models of these names. `all` are the built-in ones that can take the steps.
fn models(names: &[String], grid: &Grid, reading: &ReadingOptions, weights_given: bool) -> Result<Vec<Model>> {
    let mut found = Vec::new();
    for name in names {
        if name == "all" {
            if reading.weights_file.is_some() || reading.mla.is_some() {
                return Err(
                    "--weights-file and --mla are about some models, found `all`; expected their names".to_owned()
                );
            }
            for entry in catalogue::ENTRIES {
                let model = catalogue::find(entry.name).map_err(text)?;
                check_strict(reading.strict, entry.name, &model).map_err(text)?;
                if grid.fits(&model).is_ok() {
                    found.push(model);
                }
            }
        } else {
            found.push(load::told(name, reading, weights_given)?);
        }
    }
    Ok(found)
}

/// Each model in each combination of formats.
fn settings(models: &[Model], args: &ChoiceArgs, grid: &Grid) -> Result<Vec<Setting>> {
    let all = |flag: &str, values: &[String]| -> Result<Vec<Format>> {
        let formats = values.iter().map(|value| format(flag, value).map_err(text)).collect::<Result<Vec<_>>>()?;
        let names: Vec<String> = formats.iter().map(Format::to_string).collect();
        each_once(&format!("--{flag}"), names.iter().map(String::as_str)).map_err(text)?;
        Ok(formats)
    };
    let weights = args.weights.iter().map(|value| weight_format(value).map_err(text)).collect::<Result<Vec<_>>>()?;
    let names: Vec<String> = weights.iter().map(WeightFormat::to_string).collect();
    each_once("--weights", names.iter().map(String::as_str)).map_err(text)?;
    let choices = FormatChoices {
        weights,
        acts: all("acts", &args.acts)?,
        cache: all("cache", &args.cache)?,
        set: set(&args.rules.set.set).map_err(text)?,
    };
    let (masking, routing) = (masking(args.rules.masking), routing(args.rules.routing.as_deref()).map_err(text)?);
    let multiply = multiply(&args.rules.multiply).map_err(text)?;
    let options = Options { masking, routing, multiply, ..Options::default() };
    let mut found = Vec::new();
    for model in models {
        grid.fits(model).map_err(text)?;
        found.extend(Setting::each(model, &choices, &options).map_err(text)?);
    }
    read(models, &choices, &options, grid)?;
    Ok(found)
}

/// Every option must be about something in one of the models, or it would change nothing in silence.
fn read(models: &[Model], choices: &FormatChoices, options: &Options, grid: &Grid) -> Result<()> {
    let of = |formats: Formats| Options { formats, ..Options::default() };
    let cache = choices.cache.iter().map(|format| Some(*format));
    let mut asked = vec![Options { masking: options.masking, ..Options::default() }];
    asked.extend(cache.map(|cache| of(Formats { cache, ..Formats::default() })));
    asked.extend(options.multiply.iter().map(|one| Options { multiply: vec![one.clone()], ..Options::default() }));
    let each = |weights: Option<WeightFormat>, set: &[(Pattern, Format)]| -> Result<()> {
        let mut first = Ok(());
        for model in models {
            let check = model.asking(weights, set).map_err(text);
            match check.and_then(|formats| check_read_of(&of(formats), model, &grid.first()).map_err(text)) {
                Ok(()) => return Ok(()),
                Err(error) => first = first.and(Err(error)),
            }
        }
        first
    };
    choices.weights.iter().try_for_each(|weights| each(Some(*weights), &[]))?;
    choices.set.iter().try_for_each(|one| each(None, std::slice::from_ref(one)))?;
    let workload = grid.first();
    for asked in asked {
        let mut checks = models.iter().map(|model| check_read_of(&asked, model, &workload).map_err(text));
        let first = checks.next().unwrap_or(Ok(()));
        if first.is_err() && checks.all(|check| check.is_err()) {
            return first;
        }
    }
    if grid.logits == Logits::All && !models.iter().any(Model::has_head) {
        return Err("--logits: found all, but no model gives logits over the vocabulary token by token".to_owned());
    }
    Ok(())
}

fn columns(sweep: &Sweep, names: &[String]) -> Result<Option<Vec<Column>>> {
    if names.is_empty() {
        return Ok(None);
    }
    let columns = names.iter().map(|name| {
        let column = Column::named(name.trim()).map_err(flag("columns"))?;
        sweep.has(column).map_err(flag("columns"))?;
        Ok(column)
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Column::each_once(&columns).map_err(flag("columns"))?;
    Ok(Some(columns))
}
