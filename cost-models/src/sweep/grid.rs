//! All points of a sweep, and where each is.

use std::collections::HashSet;

use cost_core::hardware::Hardware;
use cost_core::roofline::Bound;

use super::axis::{Axis, EXACT};
use super::column::{Column, Needs};
use super::error::Error;
use super::setting::Setting;
use crate::model::{Logits, Model, Phase, Workload};
use crate::plan::Steps;

/// Models in number formats, on devices, at steps of every combination of sizes.
///
/// An axis with one value is a number in the compiled plan, so a row's last digits may depend on whether others have other
/// sizes.
///
/// Rows are numbered: models and formats change slowest, then devices, batches, new tokens, and past tokens fastest.
#[derive(Clone, Debug)]
pub struct Sweep {
    pub(super) settings: Vec<Setting>,
    /// Empty if nothing is asked about time.
    pub(super) devices: Vec<Hardware>,
    pub(super) grid: Grid,
}

/// The steps of a sweep: every combination of these sizes.
#[derive(Clone, Debug)]
pub struct Grid {
    /// What the steps do.
    pub phase: Phase,
    /// Whose logits are computed.
    pub logits: Logits,
    /// Numbers of sequences.
    pub batch: Axis,
    /// Numbers of new tokens.
    pub tokens: Axis,
    /// Numbers of cached tokens.
    pub past: Axis,
}

impl Grid {
    /// An error if a model can't take such steps.
    pub fn fits(&self, model: &Model) -> cost_core::Result<()> {
        model.takes(self.phase, self.past.only())
    }

    /// The most tokens of a sequence, cached and new.
    pub fn longest(&self) -> u64 {
        self.past.largest().saturating_add(self.tokens.largest())
    }

    /// The first of the steps.
    pub fn first(&self) -> Workload {
        let first = |axis: &Axis| axis.from(0).next().unwrap_or_default();
        let Self { phase, logits, batch, tokens, past } = self;
        Workload { phase: *phase, logits: *logits, batch: first(batch), tokens: first(tokens), past: first(past) }
    }

    /// The step of the fewest new tokens.
    fn least(&self) -> Workload {
        let Self { batch, tokens, past, .. } = self;
        Workload { batch: batch.smallest(), tokens: tokens.smallest(), past: past.smallest(), ..self.first() }
    }

    /// The steps that a plan is compiled for: what has one value only is a number.
    pub(super) fn steps(&self) -> Steps {
        let Self { phase, logits, batch, tokens, past } = self;
        Steps { phase: *phase, logits: *logits, batch: batch.only(), tokens: tokens.only(), past: past.only() }
    }

    /// Number of steps, if it can be counted.
    fn points(&self) -> Option<u64> {
        self.batch.len().checked_mul(self.tokens.len())?.checked_mul(self.past.len())
    }

    /// The sizes of steps from a place on: batch, new tokens and past.
    pub(super) fn sizes(&self, start: u64, count: usize) -> [Vec<f64>; 3] {
        let mut found = [const { Vec::new() }; 3];
        for column in &mut found {
            column.reserve_exact(count);
        }
        let (pasts, tokens) = (self.past.len(), self.tokens.len());
        let mut place = start;
        while found[0].len() < count {
            let (outer, past) = (place / pasts, place % pasts);
            let of = |axis: &Axis, at| axis.from(at).next().unwrap_or_default() as f64;
            let (batch, new) = (of(&self.batch, outer / tokens), of(&self.tokens, outer % tokens));
            let before = found[2].len();
            found[2].extend(self.past.from(past).take(count - before).map(|past| past as f64));
            let length = found[2].len();
            found[0].resize(length, batch);
            found[1].resize(length, new);
            place += (length - before) as u64;
        }
        found
    }
}

impl Sweep {
    /// All combinations of settings, devices and steps.
    pub fn new(settings: Vec<Setting>, devices: Vec<Hardware>, grid: Grid) -> Result<Self, Error> {
        for (axis, values) in [("batch", &grid.batch), ("tokens", &grid.tokens)] {
            if values.smallest() == 0 {
                return Err(Error::Value { axis, found: values.to_string(), expected: "at least 1" });
            }
        }
        for (axis, values) in [("batch", &grid.batch), ("tokens", &grid.tokens), ("past", &grid.past)] {
            if values.largest() >= EXACT {
                return Err(Error::Value { axis, found: values.to_string(), expected: "less than 2^53" });
            }
        }
        let sweep = Self { settings, devices, grid };
        sweep.check_routing()?;
        let points = sweep.grid.points().ok_or(Error::TooMany)?;
        points.checked_mul(sweep.cases()).ok_or(Error::TooMany)?;
        Ok(sweep)
    }

    /// An error if a routing is asked for that nothing in the sweep has, or that the least step of a model can't have.
    fn check_routing(&self) -> Result<(), Error> {
        let least = self.grid.least();
        let (mut routed, mut unrouted) = (false, None);
        for Setting { model, options, .. } in &self.settings {
            match model.check_routing(Some(&least), options) {
                Ok(()) => routed = true,
                Err(error @ cost_core::Error::NothingRouted { .. }) => unrouted = Some(error),
                Err(error) => {
                    let (model, Workload { batch, tokens, .. }) = (model.name.clone(), least);
                    return Err(Error::Step { model, batch, tokens, error });
                }
            }
        }
        unrouted.filter(|_| !routed).map_or(Ok(()), |error| Err(error.into()))
    }

    /// Its steps.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.points() * self.cases()
    }

    /// Rows of one case.
    pub(super) fn points(&self) -> u64 {
        self.grid.points().unwrap_or(u64::MAX)
    }

    /// Settings times devices.
    fn cases(&self) -> u64 {
        self.settings.len() as u64 * self.devices.len().max(1) as u64
    }

    /// The setting and the device of a case.
    pub(super) fn case(&self, case: u64) -> (usize, usize) {
        let devices = self.devices.len().max(1) as u64;
        #[expect(clippy::cast_possible_truncation, reason = "both are indices of lists")]
        let places = ((case / devices) as usize, (case % devices) as usize);
        places
    }

    /// The columns of models, formats, devices and sizes that are not the same in all rows.
    pub fn varying(&self) -> Vec<Column> {
        let Grid { batch, tokens, past, .. } = &self.grid;
        let axes = [(Column::Batch, batch), (Column::Tokens, tokens), (Column::Past, past)];
        let names = [Column::Model, Column::Hardware, Column::Weights, Column::Acts, Column::Cache];
        let names = names.into_iter().filter(|column| self.names(*column).len() > 1);
        names.chain(axes.into_iter().filter(|(_, axis)| axis.len() > 1).map(|(column, _)| column)).collect()
    }

    /// The columns that every row has.
    pub fn columns(&self) -> Vec<Column> {
        Column::ALL.iter().copied().filter(|column| self.has(*column).is_ok()).collect()
    }

    /// An error if a column asks for more than the sweep has.
    pub fn has(&self, column: Column) -> Result<(), Error> {
        let lacks = |message: String| Err(Error::Column { name: column.name().to_owned(), message });
        match column.needs() {
            Needs::Nothing => Ok(()),
            _ if self.devices.is_empty() => lacks("no device is named".to_owned()),
            Needs::Device => Ok(()),
            Needs::Memory => match self.devices.iter().find(|device| device.figures.memory_gb.is_none()) {
                Some(device) => lacks(format!("the memory of {} is not known", device.id)),
                None => Ok(()),
            },
        }
    }

    /// An error if a column is there twice, or asks for more than the sweep has.
    pub(super) fn has_all(&self, columns: &[Column]) -> Result<(), Error> {
        Column::each_once(columns)?;
        columns.iter().try_for_each(|column| self.has(*column))
    }

    /// The names that a column of names can have, each once.
    pub(super) fn names(&self, column: Column) -> Vec<&str> {
        let settings = self.settings.iter();
        let mut names: Vec<&str> = match column {
            Column::Model => settings.map(|it| it.model.name.as_str()).collect(),
            Column::Weights => settings.map(|it| it.weights.as_str()).collect(),
            Column::Acts => settings.map(|it| it.acts.as_str()).collect(),
            Column::Cache => settings.map(|it| it.cache.as_str()).collect(),
            Column::Hardware => self.devices.iter().map(|device| device.id.as_ref()).collect(),
            Column::Phase => vec![self.grid.phase.name()],
            Column::Bound => vec![Bound::Memory.name(), Bound::Compute.name()],
            _ => Vec::new(),
        };
        let mut known = HashSet::new();
        names.retain(|name| known.insert(*name));
        names
    }
}
