//! Costs compiled for an inner loop: derived once, then evaluated at a new point in nanoseconds.
//!
//! A [`Plan`] is made of an operator some of whose axes have fixed sizes while the others stay free. It holds what each
//! kernel costs as sums of products of the free axes, common parts once. What is evaluated says by its type whether it is
//! exact: with `u128` every count is the integer that [`kernels`](crate::cost::kernels) and
//! [`totals`](crate::cost::totals) give, and an overflow is an error; `f64` is near it and faster.

mod block;
mod columns;
mod device;
mod engine;
mod execute;
mod graph;
mod hash;
mod point;
mod program;
mod share;
mod table;
mod timed;
mod trace;
mod word;

use std::cell::RefCell;
use std::sync::Arc;

pub use columns::{Column, Columns, Count, ExactColumns};
pub use engine::Number;
pub use table::{Row, Summary, Table};
pub use timed::{Estimate, Timed};

use self::graph::{Graph, Rows, Terms};
use self::trace::Traced;
use crate::cost::{At, Kernel, Num, Options, Tensor, Traffic, tensors};
use crate::error::{Error, Result};
use crate::expr::Expr;
use crate::hardware::Hardware;
use crate::op::{Op, Role};

/// What an operator's kernels cost, over the axes that stay free.
#[derive(Clone, Debug)]
pub struct Plan {
    op: String,
    axes: Vec<String>,
    paths: Arc<[String]>,
    graph: Graph,
    /// The fields of each kernel, in the order of [`Row`].
    kernels: Rows,
    /// The same of all kernels together, each as often as it runs.
    total: [Terms; FIELDS],
    /// Bits of the parameters, caches and states that stay in memory, if they were asked for.
    held: Option<[Terms; 4]>,
}

/// The fields of a row: how often it runs, FLOPs by class, vector FLOPs, bits by role and direction.
const FIELDS: usize = 13;

impl Plan {
    /// Compiles an operator. `sizes` gives the size of each of its axes, as a number or in terms of the free axes, which
    /// are named by `axes`: `Expr::axis(0)` is the first of them.
    ///
    /// An error if the operator can't be derived whatever the free axes are, or a size isn't made of whole numbers.
    pub fn new(op: &Op<'_>, axes: &[&str], sizes: &[Expr], options: &Options) -> Result<Self> {
        Self::compiled(op, axes, sizes, None, options)
    }

    /// [`Plan::new`] with what is in memory: [`Count::HeldWeights`] and its like.
    pub fn with_memory(op: &Op<'_>, axes: &[&str], sizes: &[Expr], options: &Options) -> Result<Self> {
        Self::compiled(op, axes, sizes, Some(sizes), options)
    }

    /// [`Plan::with_memory`] where the sizes of what is owned are others, as what only some steps use stays in memory in all.
    pub fn with_memory_of(
        op: &Op<'_>,
        axes: &[&str],
        sizes: &[Expr],
        owned: &[Expr],
        options: &Options,
    ) -> Result<Self> {
        Self::compiled(op, axes, sizes, Some(owned), options)
    }

    fn compiled(op: &Op<'_>, axes: &[&str], sizes: &[Expr], owned: Option<&[Expr]>, options: &Options) -> Result<Self> {
        let graph = RefCell::new(Graph::new());
        let traced = |sizes: &[Expr]| -> Result<Vec<_>> {
            let each = sizes.iter().enumerate().map(|(i, size)| {
                let negative = || Error::Negative { op: op.name.to_owned() };
                let axis = op.axes.get(i).copied().unwrap_or("?");
                Traced::from_expr(size, &graph, &negative)?.ok_or_else(|| Error::Description {
                    op: op.name.to_owned(),
                    message: format!("the size of its axis {axis} is no whole number"),
                })
            });
            each.collect()
        };
        let (derived, held) = At::with(op, &traced(sizes)?, options, |at| {
            let tensors = match owned {
                None => None,
                Some(owned) if owned == sizes => Some(at.tensors()?),
                Some(owned) => Some(tensors(op, &traced(owned)?, options)?),
            };
            let held = tensors.map(|tensors| held(&tensors, &at.peak()?)).transpose()?;
            Ok((at.kernels()?, held))
        })?;
        let mut kernels = Rows::with_capacity(derived.len() * FIELDS);
        derived.iter().try_for_each(|kernel| fields(kernel, &mut kernels))?;
        let paths = derived.into_iter().map(|Kernel { path, .. }| path).collect();
        let mut graph = graph.into_inner();
        let total = total(&mut graph, &kernels)?;
        let op = op.name.to_owned();
        let axes = axes.iter().map(|axis| (*axis).to_owned()).collect();
        Ok(Self { op, axes, paths, graph, kernels, total, held })
    }

    /// The free axes, in the order in which points give their sizes.
    pub fn axes(&self) -> &[String] {
        &self.axes
    }

    /// The paths of the kernels, in the order in which they run.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// What evaluates each kernel.
    pub fn table<N: Number>(&self) -> Table<N> {
        Table::new(self)
    }

    /// What evaluates the sum over kernels.
    pub fn summary<N: Number>(&self) -> Summary<N> {
        Summary::new(self)
    }

    /// What evaluates the totals and the lower bound of time on a device, in floating point.
    pub fn on(&self, hardware: &Hardware) -> Result<Timed> {
        Timed::new(self, hardware)
    }

    /// What evaluates columns at many points, in floating point.
    pub fn columns(&self, wanted: &[Column<'_>]) -> Result<Columns> {
        Columns::new(self, wanted)
    }

    /// What evaluates columns at many points, exactly.
    pub fn exact_columns(&self, wanted: &[Count]) -> Result<ExactColumns> {
        ExactColumns::new(self, wanted)
    }
}

/// Adds the fields of a kernel's row.
fn fields(kernel: &Kernel<Traced<'_>>, rows: &mut Rows) -> Result<()> {
    let Kernel { repeat, flops, .. } = kernel;
    let [f32, f16, f8, i8, f4, i4] = flops.by_class.each_ref();
    let Traffic { weights, acts_read, acts_written, cache_read, cache_written } = &kernel.bits()?;
    let vector = &flops.vector;
    let all: [_; FIELDS] =
        [repeat, f32, f16, f8, i8, f4, i4, vector, weights, acts_read, acts_written, cache_read, cache_written];
    for count in all {
        count.with_terms(|terms| rows.push(terms));
    }
    Ok(())
}

/// Bits of all copies of parameters, of caches and of states, and of activations at the fullest moment.
fn held(tensors: &[Tensor<Traced<'_>>], peak: &Traced<'_>) -> Result<[Terms; 4]> {
    let of = |role| {
        let tensors = tensors.iter().filter(|tensor| tensor.role == role);
        tensors.map(|it| it.bits.times(&it.copies)).try_fold(Traced::int(0), |sum, bits| sum.plus(&bits?))
    };
    Ok([of(Role::Weight)?, of(Role::Cache)?, of(Role::State)?, peak.clone()].map(|sum| sum.terms()))
}

/// The sum over kernels, each as often as it runs; how often is once.
fn total(graph: &mut Graph, kernels: &Rows) -> Result<[Terms; FIELDS]> {
    let mut sum = [const { Terms::new() }; FIELDS];
    sum[0] = graph::whole(1);
    let kernels = kernels.of::<FIELDS>();
    let most = kernels.len();
    for [repeat, fields @ ..] in kernels {
        for (sum, terms) in sum[1..].iter_mut().zip(fields).filter(|(_, terms)| !terms.is_empty()) {
            if sum.is_empty() {
                sum.reserve(most);
            }
            graph.products(repeat, terms, sum)?;
        }
    }
    sum.iter_mut().try_for_each(graph::merge)?;
    Ok(sum)
}
