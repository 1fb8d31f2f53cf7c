//! Some rows of one case, evaluated.

use std::borrow::Cow;

use cost_core::plan::{self, Columns, Count};
use cost_core::{Plan, hardware::Hardware};

use super::column::Column;
use super::error::Error;
use super::grid::Sweep;
use super::lanes::Lanes;
use super::setting::Setting;
use crate::model::Phase;
use crate::plan::Steps;

/// What columns are computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Count(Count),
    Compute,
    Memory,
    LowerBound,
}

/// What evaluates steps of one setting on one device: all that the columns are computed from.
#[derive(Clone, Debug)]
pub(super) struct Evaluator {
    columns: Columns,
    base: Vec<Base>,
    /// Which of batch, new tokens and past are free axes of the plan.
    free: [bool; 3],
}

/// An evaluator and where in the sweep its rows are.
pub(super) struct Case<'s> {
    sweep: &'s Sweep,
    /// Its number, from which rows are numbered.
    pub(super) number: u64,
    setting: &'s Setting,
    device: Option<&'s Hardware>,
    evaluator: Evaluator,
}

/// Steps of one setting on one device: rows of a case, one after the other, or of a batch.
pub(super) struct Chunk<'s> {
    pub(super) setting: &'s Setting,
    pub(super) device: Option<&'s Hardware>,
    pub(super) phase: Phase,
    /// The number of the first row.
    pub(super) first: u64,
    /// How many there are.
    pub(super) rows: usize,
    /// Batches, new tokens and pasts.
    pub(super) sizes: [Vec<f64>; 3],
    pub(super) base: Evaluated,
}

/// What columns are computed from, evaluated.
pub(super) struct Evaluated(Vec<(Base, Vec<f64>)>);

/// The cases of a setting, one for each device, that can give these columns.
pub(super) fn cases<'s>(sweep: &'s Sweep, setting: usize, wanted: &[Column]) -> Result<Vec<Case<'s>>, Error> {
    let devices = sweep.devices.len().max(1);
    let plan = plan(sweep, setting, wanted)?;
    (0..devices).map(|device| of_plan(sweep, &plan, setting, device, wanted)).collect()
}

/// One case.
pub(super) fn case<'s>(sweep: &'s Sweep, number: u64, wanted: &[Column]) -> Result<Case<'s>, Error> {
    let (setting, device) = sweep.case(number);
    of_plan(sweep, &plan(sweep, setting, wanted)?, setting, device, wanted)
}

fn plan(sweep: &Sweep, setting: usize, wanted: &[Column]) -> Result<Plan, Error> {
    planned(&sweep.settings[setting], &sweep.grid.steps(), wanted)
}

/// A setting's plan that can give these columns.
pub(super) fn planned(setting: &Setting, steps: &Steps, wanted: &[Column]) -> Result<Plan, Error> {
    let Setting { model, options, .. } = setting;
    let held =
        [Column::MemoryBytes, Column::WeightsBytes, Column::CacheBytes, Column::ActivationsBytes].map(bases).concat();
    let memory = wanted.iter().flat_map(|column| bases(*column)).any(|base| held.contains(base));
    // That there is such a number is known from here on.
    model.tower_bits(options)?;
    Ok(if memory { model.plan_with_memory(steps, options) } else { model.plan(steps, options) }?)
}

fn of_plan<'s>(
    sweep: &'s Sweep,
    plan: &Plan,
    setting: usize,
    device: usize,
    wanted: &[Column],
) -> Result<Case<'s>, Error> {
    let number = setting as u64 * sweep.devices.len().max(1) as u64 + device as u64;
    let (setting, device) = (&sweep.settings[setting], sweep.devices.get(device));
    Ok(Case { sweep, number, setting, device, evaluator: Evaluator::new(plan, device, wanted)? })
}

/// What a column is computed from.
fn bases(column: Column) -> &'static [Base] {
    match column {
        Column::Model
        | Column::Hardware
        | Column::Phase
        | Column::Weights
        | Column::Acts
        | Column::Cache
        | Column::Batch
        | Column::Tokens
        | Column::Past
        | Column::WithinContext => &[],
        Column::Flops => &[Base::Count(Count::Flops)],
        Column::Matmul => &[Base::Count(Count::Matmul)],
        Column::Vector => &[Base::Count(Count::Vector)],
        Column::Bytes => &[Base::Count(Count::Bits)],
        Column::WeightsRead => &[Base::Count(Count::Weights)],
        Column::ActsRead => &[Base::Count(Count::ActsRead)],
        Column::ActsWritten => &[Base::Count(Count::ActsWritten)],
        Column::CacheRead => &[Base::Count(Count::CacheRead)],
        Column::CacheWritten => &[Base::Count(Count::CacheWritten)],
        Column::Intensity => &[Base::Count(Count::Flops), Base::Count(Count::Bits)],
        Column::WeightsBytes => &[Base::Count(Count::HeldWeights)],
        Column::CacheBytes => &[Base::Count(Count::HeldCaches), Base::Count(Count::HeldStates)],
        Column::ActivationsBytes => &[Base::Count(Count::HeldActivations)],
        Column::MemoryBytes | Column::Fits => &[Base::Count(Count::Held)],
        Column::ComputeS => &[Base::Compute],
        Column::MemoryS => &[Base::Memory],
        Column::LowerBoundS | Column::TokensPerS => &[Base::LowerBound],
        Column::Bound => &[Base::Compute, Base::Memory],
    }
}

impl Evaluator {
    /// What evaluates a plan on a device, if there is one, for these columns.
    pub(super) fn new(plan: &Plan, device: Option<&Hardware>, wanted: &[Column]) -> Result<Self, Error> {
        let mut base = Vec::new();
        for it in wanted.iter().flat_map(|column| bases(*column)).copied() {
            if !base.contains(&it) {
                base.push(it);
            }
        }
        let planned = base.iter().filter_map(|base| match (base, device) {
            (Base::Count(count), _) => Some(plan::Column::Count(*count)),
            (Base::Compute, Some(device)) => Some(plan::Column::Compute(device)),
            (Base::Memory, Some(device)) => Some(plan::Column::Memory(device)),
            (Base::LowerBound, Some(device)) => Some(plan::Column::LowerBound(device)),
            // Nobody asks for times without a device.
            (_, None) => None,
        });
        let columns = plan.columns(&planned.collect::<Vec<_>>())?;
        let free = ["batch", "tokens", "past"].map(|axis| plan.axes().iter().any(|name| name == axis));
        Ok(Self { columns, base, free })
    }

    /// The base of the columns at these batches, new tokens and pasts.
    pub(super) fn at(&self, sizes: &[Vec<f64>; 3]) -> Result<Evaluated, Error> {
        let free: Vec<&[f64]> =
            sizes.iter().zip(self.free).filter(|(_, free)| *free).map(|(sizes, _)| sizes.as_slice()).collect();
        let mut base: Vec<(Base, Vec<f64>)> = self.base.iter().map(|base| (*base, vec![0.0; sizes[0].len()])).collect();
        let mut out: Vec<&mut [f64]> = base.iter_mut().map(|(_, column)| column.as_mut_slice()).collect();
        self.columns.fill(&free, &mut out)?;
        Ok(Evaluated(base))
    }
}

impl<'s> Case<'s> {
    /// So many rows from a point on.
    pub(super) fn chunk(&self, start: u64, rows: usize) -> Result<Chunk<'s>, Error> {
        let sizes = self.sweep.grid.sizes(start, rows);
        Ok(Chunk {
            setting: self.setting,
            device: self.device,
            phase: self.sweep.grid.phase,
            first: self.number * self.sweep.points() + start,
            rows,
            base: self.evaluator.at(&sizes)?,
            sizes,
        })
    }
}

impl Chunk<'_> {
    fn base(&self, wanted: Base) -> Lanes<f64> {
        let found = self.base.0.iter().find(|(base, _)| *base == wanted);
        found.map_or(Lanes::Same(f64::NAN), |(_, column)| Lanes::Each(column.clone()))
    }

    fn count(&self, count: Count) -> Lanes<f64> {
        self.base(Base::Count(count))
    }

    fn bytes(&self, count: Count) -> Lanes<f64> {
        self.count(count).map(|bits| bits / 8.0)
    }

    /// A column of numbers.
    pub(super) fn numbers(&self, column: Column) -> Lanes<f64> {
        let add = |a: f64, b: f64| a + b;
        let [batch, tokens, past] = [0, 1, 2].map(|axis: usize| move || Lanes::Each(self.sizes[axis].clone()));
        match column {
            Column::Batch => batch(),
            Column::Tokens => tokens(),
            Column::Past => past(),
            Column::Flops => self.count(Count::Flops),
            Column::Matmul => self.count(Count::Matmul),
            Column::Vector => self.count(Count::Vector),
            Column::Bytes => self.bytes(Count::Bits),
            Column::WeightsRead => self.bytes(Count::Weights),
            Column::ActsRead => self.bytes(Count::ActsRead),
            Column::ActsWritten => self.bytes(Count::ActsWritten),
            Column::CacheRead => self.bytes(Count::CacheRead),
            Column::CacheWritten => self.bytes(Count::CacheWritten),
            Column::Intensity => self.count(Count::Flops).zip(self.bytes(Count::Bits), |flops, bytes| flops / bytes),
            Column::WeightsBytes => self.with_towers(self.bytes(Count::HeldWeights)),
            Column::CacheBytes => self.bytes(Count::HeldCaches).zip(self.bytes(Count::HeldStates), add),
            Column::ActivationsBytes => self.bytes(Count::HeldActivations),
            Column::MemoryBytes => self.with_towers(self.bytes(Count::Held)),
            Column::ComputeS => self.base(Base::Compute),
            Column::MemoryS => self.base(Base::Memory),
            Column::LowerBoundS => self.base(Base::LowerBound),
            Column::TokensPerS => {
                batch().zip(tokens(), |batch, new| batch * new).zip(self.base(Base::LowerBound), |all, s| all / s)
            }
            Column::Model | Column::Hardware | Column::Phase | Column::Weights | Column::Acts | Column::Cache => {
                Lanes::Same(f64::NAN)
            }
            Column::WithinContext | Column::Fits | Column::Bound => Lanes::Same(f64::NAN),
        }
    }

    /// Bytes, and those of the parameters of what makes tokens of images.
    fn with_towers(&self, bytes: Lanes<f64>) -> Lanes<f64> {
        let towers = self.setting.model.tower_bits(&self.setting.options).map_or(0.0, |bits| bits as f64 / 8.0);
        bytes.map(|bytes| bytes + towers)
    }

    /// A column of conditions.
    pub(super) fn truths(&self, column: Column) -> Lanes<bool> {
        match (column, self.device.and_then(|device| device.figures.memory_gb)) {
            (Column::Fits, Some(memory_gb)) => self.numbers(Column::MemoryBytes).map(|bytes| bytes <= memory_gb * 1e9),
            (Column::WithinContext, _) => match self.setting.model.context {
                Some(context) => {
                    let all = self.numbers(Column::Past).zip(self.numbers(Column::Tokens), |past, new| past + new);
                    all.map(|all| all <= context as f64)
                }
                None => Lanes::Same(true),
            },
            _ => Lanes::Same(false),
        }
    }

    /// Whether each row waits for compute rather than memory.
    pub(super) fn computes(&self) -> Lanes<bool> {
        self.base(Base::Compute).zip(self.base(Base::Memory), |compute, memory| compute > memory)
    }

    /// A column of names.
    pub(super) fn texts(&self, column: Column) -> Lanes<Cow<'_, str>> {
        let setting = self.setting;
        Lanes::Same(Cow::Borrowed(match column {
            Column::Model => &setting.model.name,
            Column::Hardware => self.device.map_or("", |device| device.id.as_ref()),
            Column::Phase => self.phase.name(),
            Column::Weights => &setting.weights,
            Column::Acts => &setting.acts,
            Column::Cache => &setting.cache,
            _ => {
                let name = |computes| Cow::Borrowed(if computes { "compute" } else { "memory" });
                return self.computes().map(name);
            }
        }))
    }
}
