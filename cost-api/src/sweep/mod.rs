//! What steps of many sizes cost.

mod formats;
mod models;

use std::io::Write;

use cost_models::sweep::{self, Axis, Column, Error as Wrong, FileFormat, Grid, Order, Query, Rows, Sweep, Watch};
use cost_models::{Model, Phase};

use crate::error::{Error, Kind, Result};
use crate::listener::Listener;
use crate::load;
use crate::request::{RowOptions, StepsOptions, SweepRequest, Values, choice};
use crate::response::NoteOf;
use crate::sources::Sources;

/// The rows of a sweep, in memory: at most [`sweep::MOST_COLLECTED`]. [`Sweeping`] is for more of them, for files, and for whoever
/// wants to see how far it has come.
pub fn sweep(request: &SweepRequest, sources: &dyn Sources, listener: &dyn Listener) -> Result<Rows> {
    let sweeping = Sweeping::new(request, sources, listener)?;
    sweeping.rows(&sweeping.columns(), Watch::NOBODY)
}

/// A sweep as a request asks for it: everything is read and checked, and no row is evaluated yet.
#[derive(Debug)]
pub struct Sweeping {
    models: Vec<Model>,
    sweep: Sweep,
    condition: Option<Query>,
    columns: Option<Vec<Column>>,
    wanted: Wanted,
}

/// Which of the rows that meet the condition are wanted.
#[derive(Debug)]
enum Wanted {
    All,
    Top(usize, Order),
    Pareto(Vec<Order>),
}

impl Sweeping {
    /// Reads what a request names. Warnings, which rows have no place for, are told to `listener`.
    pub fn new(request: &SweepRequest, sources: &dyn Sources, listener: &dyn Listener) -> Result<Self> {
        let grid = grid(&request.steps)?;
        let models = models::models(request, &grid, sources, listener)?;
        let devices = load::devices(&request.on, sources)?;
        load::each_once("models", "MODELS", models.iter().map(|model| model.name.as_str()))?;
        let sweep = Sweep::new(formats::settings(&models, &request.counting, &grid)?, devices, grid);
        let sweep = sweep.map_err(|error| match error {
            Wrong::Value { axis, .. } => Error { field: Some(axis.to_owned()), ..wrong(format!("--{error}")) },
            other => other.into(),
        })?;
        let condition = request.rows.r#where.as_deref().map(Query::condition).transpose().map_err(of("where"))?;
        if let Some(condition) = &condition {
            sweep.check(condition).map_err(of("where"))?;
        }
        let columns = columns(&sweep, &request.rows.columns)?;
        let wanted = wanted(&sweep, &request.rows)?;
        if !condition.as_ref().is_some_and(|condition| condition.columns().contains(&Column::WithinContext)) {
            models::warn_of_long_steps(&models, sweep.grid(), listener);
        }
        Ok(Self { models, sweep, condition, columns, wanted })
    }

    /// All of its rows, whether or not they are wanted.
    pub const fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    /// What the best rows are chosen by; nothing if all are wanted that meet the condition.
    pub fn orders(&self) -> Option<&[Order]> {
        match &self.wanted {
            Wanted::All => None,
            Wanted::Top(_, by) => Some(core::slice::from_ref(by)),
            Wanted::Pareto(by) => Some(by),
        }
    }

    /// The columns that were asked for, if any were.
    pub fn asked(&self) -> Option<&[Column]> {
        self.columns.as_deref()
    }

    /// The columns that were asked for, or all that there are.
    pub fn columns(&self) -> Vec<Column> {
        self.columns.clone().unwrap_or_else(|| self.sweep.columns())
    }

    /// The rows that are wanted, in memory; an error if these are more than [`sweep::MOST_COLLECTED`].
    pub fn rows(&self, columns: &[Column], watch: Watch<'_>) -> Result<Rows> {
        let condition = self.condition.as_ref();
        Ok(match &self.wanted {
            Wanted::All => sweep::collect(&self.sweep, columns, condition, watch)?,
            Wanted::Top(count, by) => sweep::top(&self.sweep, *count, by, condition, columns, watch)?,
            Wanted::Pareto(by) => sweep::pareto(&self.sweep, by, condition, columns, watch)?,
        })
    }

    /// Writes the rows that are wanted, with [`Sweeping::columns`], and gives back how many they were. Memory doesn't grow
    /// with their number where all are wanted.
    pub fn write(&self, format: FileFormat, to: &mut (dyn Write + Send), watch: Watch<'_>) -> Result<u64> {
        let columns = self.columns();
        if matches!(self.wanted, Wanted::All) {
            return Ok(sweep::write(&self.sweep, &columns, self.condition.as_ref(), format, to, watch)?);
        }
        let rows = self.rows(&columns, watch)?;
        let count = rows.count as u64;
        sweep::write_rows(&self.sweep, rows, format, to)?;
        Ok(count)
    }

    /// What is to be said of the models beside the rows.
    pub fn notes(&self) -> Vec<NoteOf> {
        let of = |model: &Model| {
            let name = model.name.clone();
            model.notes.iter().map(move |note| NoteOf { model: name.clone(), note: note.clone() }).collect::<Vec<_>>()
        };
        self.models.iter().flat_map(of).collect()
    }
}

fn grid(asked: &StepsOptions) -> Result<Grid> {
    let (phase, past, tokens) = match asked.phase {
        Some(choice::Phase::Prefill) => (Phase::Prefill, 0, 2048),
        None | Some(choice::Phase::Decode) => (Phase::Decode, 4096, 1),
    };
    let axis = |option: &'static str, given: &Option<Values>, default| -> Result<Axis> {
        given.as_ref().map_or(Ok(Axis::one(default)), |given| given.text().parse().map_err(of(option)))
    };
    Ok(Grid {
        phase,
        logits: load::logits(asked.logits),
        batch: axis("batch", &asked.batch, 1)?,
        tokens: axis("tokens", &asked.tokens, tokens)?,
        past: axis("past", &asked.past, past)?,
    })
}

fn wanted(sweep: &Sweep, asked: &RowOptions) -> Result<Wanted> {
    let order = |option: &'static str, text: &str| -> Result<Order> {
        let order = Order::parse(text).map_err(of(option))?;
        sweep.check(order.amount()).map_err(of(option))?;
        Ok(order)
    };
    load::positive("top", asked.top.map(u64::from))?;
    Ok(match (asked.top, &asked.by) {
        (Some(_), _) if !asked.pareto.is_empty() => {
            return Err(Error::option("top", "is asked for beside --pareto; expected one of them"));
        }
        (Some(top), Some(by)) => {
            let top = usize::try_from(top).map_err(|error| Error::option("top", error))?;
            Wanted::Top(top, order("by", by)?)
        }
        (Some(_), None) => return Err(Error::option("top", "found without --by; expected what the best rows go by")),
        (None, Some(_)) => return Err(Error::option("by", "found without --top; expected how many rows are wanted")),
        _ if asked.pareto.is_empty() => Wanted::All,
        _ => {
            if !(2..=4).contains(&asked.pareto.len()) {
                return Err(Error::found("pareto", asked.pareto.len(), "two to four orders"));
            }
            Wanted::Pareto(asked.pareto.iter().map(|by| order("pareto", by)).collect::<Result<_>>()?)
        }
    })
}

fn columns(sweep: &Sweep, names: &[String]) -> Result<Option<Vec<Column>>> {
    if names.is_empty() {
        return Ok(None);
    }
    let columns = names.iter().map(|name| {
        let column = Column::named(name.trim()).map_err(of("columns"))?;
        sweep.has(column).map_err(of("columns"))?;
        Ok(column)
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Column::each_once(&columns).map_err(of("columns"))?;
    Ok(Some(columns))
}

/// What is wrong with an option.
fn of(option: &'static str) -> impl Fn(Wrong) -> Error {
    move |error| Error::from(error).of(option)
}

fn wrong(message: String) -> Error {
    Error::new(Kind::Request, message)
}
