//! Costs at one point: kernel by kernel, or all together.

use std::sync::Arc;

use super::engine::{Compiled, Engine, Number};
use super::graph::{Term, constant};
use super::hash::HashMap;
use super::{FIELDS, Plan};
use crate::cost::{Flops, Totals, Traffic};
use crate::error::{Error, Result};
use crate::format::CLASSES;

/// What one kernel costs. Weights are kept apart: sequences of one step share them, and everything else adds up.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<N> {
    /// How often it runs; where that is zero there is no such kernel.
    pub repeat: N,
    /// The work of one repetition.
    pub flops: Flops<N>,
    /// The traffic of one repetition, in bits.
    pub bits: Traffic<N>,
}

impl<N: Number> Row<N> {
    fn zero() -> Self {
        let zero = N::default();
        let [weights, acts_read, acts_written, cache_read, cache_written] = [zero; 5];
        let bits = Traffic { weights, acts_read, acts_written, cache_read, cache_written };
        Self { repeat: zero, flops: Flops { by_class: [zero; CLASSES], vector: zero }, bits }
    }

    fn field(&mut self, field: usize) -> &mut N {
        match field {
            0 => &mut self.repeat,
            1..=CLASSES => &mut self.flops.by_class[field - 1],
            7 => &mut self.flops.vector,
            8 => &mut self.bits.weights,
            9 => &mut self.bits.acts_read,
            10 => &mut self.bits.acts_written,
            11 => &mut self.bits.cache_read,
            _ => &mut self.bits.cache_written,
        }
    }
}

/// Evaluates each kernel of a [`Plan`]; keeps what it works with, so that a new point allocates nothing.
#[derive(Clone, Debug)]
pub struct Table<N: Number> {
    kernels: Rows<N>,
    paths: Arc<[String]>,
}

impl<N: Number> Table<N> {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { kernels: Rows::new(plan, plan.kernels.of()), paths: Arc::clone(&plan.paths) }
    }

    /// The kernels' paths, in the order of the rows.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The kernels at these sizes of the plan's free axes, in the order in which they run.
    pub fn at(&mut self, sizes: &[N::Size]) -> Result<&[Row<N>]> {
        self.kernels.at(sizes)
    }
}

/// Evaluates the sum over the kernels of a [`Plan`], each as often as it runs.
#[derive(Clone, Debug)]
pub struct Summary<N: Number> {
    total: Rows<N>,
}

impl<N: Number> Summary<N> {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { total: Rows::new(plan, std::iter::once(plan.total.each_ref().map(Vec::as_slice))) }
    }

    /// The totals at these sizes of the plan's free axes.
    pub fn at(&mut self, sizes: &[N::Size]) -> Result<Totals<N>> {
        let row = self.total.at(sizes)?.first().cloned().unwrap_or_else(Row::zero);
        Ok(Totals { flops: row.flops, bits: row.bits })
    }
}

#[derive(Clone, Debug)]
struct Rows<N: Number> {
    op: Arc<str>,
    axes: usize,
    engine: N::Engine,
    /// A row, a field and which of the engine's values that is.
    places: Vec<(usize, usize, usize)>,
    /// These values.
    values: Vec<N>,
    costs: Vec<Row<N>>,
}

impl<N: Number> Rows<N> {
    fn new<'p>(plan: &'p Plan, kernels: impl ExactSizeIterator<Item = [&'p [Term]; FIELDS]>) -> Self {
        let costs = vec![Row::zero(); kernels.len()];
        let (mut places, mut outputs, mut known) = (Vec::new(), Vec::new(), HashMap::default());
        for (row, fields) in kernels.enumerate() {
            // What is zero stays zero, and equal sums are one.
            for (field, terms) in fields.into_iter().enumerate().filter(|(_, terms)| constant(terms) != Some(0)) {
                let value = *known.entry(terms).or_insert_with(|| {
                    outputs.push(terms);
                    outputs.len() - 1
                });
                places.push((row, field, value));
            }
        }
        let compiled = Compiled { graph: &plan.graph, axes: &plan.axes, outputs: &outputs };
        let engine = N::Engine::new(&compiled);
        Self {
            op: plan.op.as_str().into(),
            axes: plan.axes.len(),
            engine,
            places,
            values: vec![N::default(); outputs.len()],
            costs,
        }
    }

    fn at(&mut self, sizes: &[N::Size]) -> Result<&[Row<N>]> {
        if sizes.len() != self.axes {
            return Err(Error::Sizes {
                op: format!("the plan of {}", self.op),
                expected: self.axes,
                found: sizes.len(),
            });
        }
        self.engine.run(sizes)?;
        for (output, value) in self.values.iter_mut().enumerate() {
            *value = self.engine.value(output)?;
        }
        for (row, field, value) in &self.places {
            *self.costs[*row].field(*field) = self.values[*value];
        }
        Ok(&self.costs)
    }
}
