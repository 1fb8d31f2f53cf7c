//! Many points at once: a slice for each axis in, a slice for each column out.

use super::block::{self, Lanes, POINTS};
use super::device::{self, Times};
use super::engine::{Compiled, Engine, Exact};
use super::graph::{Term, Terms, plus};
use super::point::Point;
use super::program::Builder;
use super::{FIELDS, Plan};
use crate::cost::OVERFLOW;
use crate::error::{Error, Result};
use crate::format::{CLASSES, Class};
use crate::hardware::Hardware;

/// A count over all kernels, each as often as it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// All FLOPs.
    Flops,
    /// FLOPs in summed products.
    Matmul,
    /// FLOPs in summed products of one class of numbers.
    Of(Class),
    /// FLOPs in everything else.
    Vector,
    /// All bits moved.
    Bits,
    /// Bits of parameters read, and written where `write` does.
    Weights,
    /// Bits of activations and token ids read.
    ActsRead,
    /// Bits of activations written.
    ActsWritten,
    /// Bits of caches and states read.
    CacheRead,
    /// Bits of caches and states written.
    CacheWritten,
    /// Bits of all that is in memory: the next four. They and this are only there in a plan that was made
    /// [with memory](Plan::with_memory).
    Held,
    /// Bits of all parameters, whether a step reads them or not.
    HeldWeights,
    /// Bits of the caches of all sequences, new tokens included.
    HeldCaches,
    /// Bits of the recurrent states of all sequences.
    HeldStates,
    /// Bits of activations at the fullest moment.
    HeldActivations,
}

impl Count {
    /// Bits moved, by role and direction: all of [`Count::Bits`].
    pub const TRAFFIC: [Self; 5] =
        [Self::Weights, Self::ActsRead, Self::ActsWritten, Self::CacheRead, Self::CacheWritten];

    /// The fields of a row that make it up.
    fn fields(self) -> core::ops::Range<usize> {
        const VECTOR: usize = 1 + CLASSES;
        match self {
            Self::Flops => 1..VECTOR + 1,
            Self::Matmul => 1..VECTOR,
            Self::Of(class) => 1 + class as usize..2 + class as usize,
            Self::Vector => VECTOR..VECTOR + 1,
            Self::Bits => VECTOR + 1..FIELDS,
            Self::Weights => 8..9,
            Self::ActsRead => 9..10,
            Self::ActsWritten => 10..11,
            Self::CacheRead => 11..12,
            Self::CacheWritten => 12..13,
            Self::Held | Self::HeldWeights | Self::HeldCaches | Self::HeldStates | Self::HeldActivations => 0..0,
        }
    }

    fn terms(self, plan: &Plan) -> Result<Terms> {
        let held = match self {
            Self::Held => Some(0..4),
            Self::HeldWeights => Some(0..1),
            Self::HeldCaches => Some(1..2),
            Self::HeldStates => Some(2..3),
            Self::HeldActivations => Some(3..4),
            _ => None,
        };
        let parts = match (held, &plan.held) {
            (None, _) => &plan.total[self.fields()],
            (Some(parts), Some(held)) => &held[parts],
            (Some(_), None) => return Err(Error::NotHeld { op: plan.op.clone() }),
        };
        parts.iter().try_fold(Terms::new(), |sum, terms| plus(&sum, terms))
    }
}

/// A column of floating-point numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Column<'h> {
    /// A count.
    Count(Count),
    /// Seconds on the busiest of a device's units, summed over kernels.
    Compute(&'h Hardware),
    /// Seconds of memory traffic on a device.
    Memory(&'h Hardware),
    /// Seconds that a device takes at least: the sum over kernels of the larger of the two.
    LowerBound(&'h Hardware),
}

/// Evaluates columns in floating point.
#[derive(Clone, Debug)]
pub struct Columns {
    op: String,
    point: Point,
}

impl Columns {
    pub(super) fn new(plan: &Plan, wanted: &[Column<'_>]) -> Result<Self> {
        let mut devices: Vec<&Hardware> = Vec::new();
        for column in wanted {
            if let Column::Compute(device) | Column::Memory(device) | Column::LowerBound(device) = column
                && !devices.contains(device)
            {
                devices.push(device);
            }
        }
        let mut graph = plan.graph.clone();
        let times = devices.iter().map(|device| device::times(&mut graph, &plan.kernels, device));
        let times = times.collect::<Result<Vec<_>>>()?;
        let mut builder = Builder::new(&graph, plan.axes.len());
        let times: Option<Vec<Times>> = times.iter().map(|times| device::sums(&mut builder, times)).collect();
        let times = times.ok_or(OVERFLOW)?;
        let of = |device: &Hardware| devices.iter().zip(&times).find(|(it, _)| **it == device).map(|(_, times)| times);
        let outputs = wanted.iter().map(|column| {
            let form = match column {
                Column::Count(count) => builder.sum(&count.terms(plan)?),
                Column::Compute(device) => of(device).map(|times| times.compute),
                Column::Memory(device) => of(device).map(|times| times.memory),
                Column::LowerBound(device) => of(device).map(|times| times.lower_bound),
            };
            form.ok_or(OVERFLOW)
        });
        let outputs = outputs.collect::<Result<Vec<_>>>()?;
        let program = builder.finish().ok_or(OVERFLOW)?;
        Ok(Self { op: plan.op.clone(), point: Point::new(program, outputs, &plan.axes) })
    }

    /// The columns at one point: sizes of the free axes in, a number for each column out.
    ///
    /// Sizes are counts, so they should be whole; they may be 0 (a step without sequences still reads its weights), and an
    /// error says which isn't from 0 to 2^53.
    pub fn at(&mut self, sizes: &[f64], out: &mut [f64]) -> Result<()> {
        fitting(&self.op, self.point.axes.len(), sizes.len(), self.point.outputs.len(), out.len())?;
        self.point.run(sizes, out)
    }

    /// The columns at many points: a slice of sizes for each free axis in, a slice of numbers for each column out, all of
    /// one length. The same numbers as [`Columns::at`] gives, to the bit. After an error what is in `out` means nothing.
    pub fn fill(&self, sizes: &[&[f64]], out: &mut [&mut [f64]]) -> Result<()> {
        let rows = self.rows(sizes, out)?;
        self.fill_rows(rows, sizes, out)
    }

    /// [`Columns::fill`] by all threads of rayon's pool, a chunk of rows at a time.
    #[cfg(feature = "rayon")]
    pub fn fill_parallel(&self, sizes: &[&[f64]], out: &mut [&mut [f64]]) -> Result<()> {
        /// Rows that are worth another thread.
        const CHUNK: usize = 1 << 14;
        fn split(columns: &Columns, rows: usize, sizes: &[&[f64]], out: &mut [&mut [f64]]) -> Result<()> {
            if rows <= CHUNK {
                return columns.fill_rows(rows, sizes, out);
            }
            let half = (rows / 2).next_multiple_of(POINTS);
            let (first, second): (Vec<_>, Vec<_>) = sizes.iter().map(|it| it.split_at(half)).unzip();
            let (mut upper, mut lower): (Vec<_>, Vec<_>) = out.iter_mut().map(|it| it.split_at_mut(half)).unzip();
            let (a, b) = rayon::join(
                || split(columns, half, &first, &mut upper),
                || split(columns, rows - half, &second, &mut lower),
            );
            a.and(b)
        }
        let rows = self.rows(sizes, out)?;
        split(self, rows, sizes, out)
    }

    fn rows(&self, sizes: &[&[f64]], out: &[&mut [f64]]) -> Result<usize> {
        fitting(&self.op, self.point.axes.len(), sizes.len(), self.point.outputs.len(), out.len())?;
        rows(&self.point.axes, sizes.iter().map(|it| it.len()), out.iter().map(|it| it.len()))
    }

    fn fill_rows(&self, rows: usize, sizes: &[&[f64]], out: &mut [&mut [f64]]) -> Result<()> {
        let Point { axes, program, outputs, .. } = &self.point;
        let mut registers: Vec<Lanes> = vec![[0.0; POINTS]; program.registers()];
        let mut lanes: Lanes = [0.0; POINTS];
        for start in (0..rows).step_by(POINTS) {
            let end = rows.min(start + POINTS);
            for ((register, axis), sizes) in registers.iter_mut().zip(axes).zip(sizes) {
                let sizes = &sizes[start..end];
                block::sizes(axis, sizes)?;
                register[..sizes.len()].copy_from_slice(sizes);
                // What is left of the last block repeats a point.
                register[sizes.len()..].fill(sizes[0]);
            }
            block::run(program, &mut registers)?;
            for (out, form) in out.iter_mut().zip(outputs) {
                let out = &mut out[start..end];
                match <&mut Lanes>::try_from(&mut *out) {
                    Ok(all) => block::sum(program, *form, &registers, all),
                    Err(_) => {
                        block::sum(program, *form, &registers, &mut lanes);
                        out.copy_from_slice(&lanes[..end - start]);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Evaluates columns exactly.
#[derive(Clone, Debug)]
pub struct ExactColumns {
    axes: Vec<String>,
    op: String,
    columns: usize,
    engine: Exact,
}

impl ExactColumns {
    pub(super) fn new(plan: &Plan, wanted: &[Count]) -> Result<Self> {
        let outputs = wanted.iter().map(|count| count.terms(plan)).collect::<Result<Vec<_>>>()?;
        let outputs: Vec<&[Term]> = outputs.iter().map(Vec::as_slice).collect();
        let engine = Exact::new(&Compiled { graph: &plan.graph, axes: &plan.axes, outputs: &outputs });
        Ok(Self { axes: plan.axes.clone(), op: plan.op.clone(), columns: wanted.len(), engine })
    }

    /// The columns at one point: sizes of the free axes in, a number for each column out.
    pub fn at(&mut self, sizes: &[u64], out: &mut [u128]) -> Result<()> {
        fitting(&self.op, self.axes.len(), sizes.len(), self.columns, out.len())?;
        self.engine.run(sizes)?;
        for (column, out) in out.iter_mut().enumerate() {
            *out = self.engine.value(column)?;
        }
        Ok(())
    }

    /// The columns at many points: a slice of sizes for each free axis in, a slice of numbers for each column out, all of
    /// one length. After an error what is in `out` means nothing.
    pub fn fill(&mut self, sizes: &[&[u64]], out: &mut [&mut [u128]]) -> Result<()> {
        fitting(&self.op, self.axes.len(), sizes.len(), self.columns, out.len())?;
        let rows = rows(&self.axes, sizes.iter().map(|it| it.len()), out.iter().map(|it| it.len()))?;
        let mut point = vec![0; sizes.len()];
        for row in 0..rows {
            for (size, sizes) in point.iter_mut().zip(sizes) {
                *size = sizes[row];
            }
            self.engine.run(&point)?;
            for (column, out) in out.iter_mut().enumerate() {
                out[row] = self.engine.value(column)?;
            }
        }
        Ok(())
    }
}

fn fitting(op: &str, axes: usize, sizes: usize, columns: usize, out: usize) -> Result<()> {
    if axes != sizes {
        return Err(Error::Sizes { op: format!("the plan of {op}"), expected: axes, found: sizes });
    }
    if columns != out {
        return Err(Error::Columns { expected: columns, found: out });
    }
    Ok(())
}

/// The length that all columns have.
fn rows(
    axes: &[String],
    sizes: impl Iterator<Item = usize>,
    mut out: impl Iterator<Item = usize> + Clone,
) -> Result<usize> {
    let mut named = axes.iter().cloned().zip(sizes).chain((1..).map(|i| format!("result {i}")).zip(out.clone()));
    let expected = named.next().map_or_else(|| out.next().unwrap_or(0), |(_, rows)| rows);
    match named.find(|(_, rows)| *rows != expected) {
        Some((column, found)) => Err(Error::Rows { column, expected, found }),
        None => Ok(expected),
    }
}
