//! Totals and the least time on a device, at one point.

use super::Plan;
use super::columns::{Column, Columns, Count};
use crate::cost::{Flops, Totals, Traffic};
use crate::error::Result;
use crate::format::{CLASSES, Class};
use crate::hardware::Hardware;
use crate::roofline::Time;

/// Evaluates the totals of a [`Plan`] and how long they take at least on one device.
#[derive(Clone, Debug)]
pub struct Timed {
    columns: Columns,
}

/// What a step costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Its work and traffic, in FLOP and bits.
    pub totals: Totals<f64>,
    /// How long it takes at least.
    pub time: Time,
}

/// Classes, vector, five kinds of traffic, three times.
const COLUMNS: usize = CLASSES + 9;

impl Timed {
    pub(super) fn new(plan: &Plan, hardware: &Hardware) -> Result<Self> {
        let counts = Class::ALL.map(Count::Of).into_iter().chain([Count::Vector]).chain(Count::TRAFFIC);
        let times = [Column::Compute(hardware), Column::Memory(hardware), Column::LowerBound(hardware)];
        Ok(Self { columns: plan.columns(&counts.map(Column::Count).chain(times).collect::<Vec<_>>())? })
    }

    /// The totals and the time at these sizes of the plan's free axes, which are as [`Columns::at`] takes them.
    pub fn at(&mut self, sizes: &[f64]) -> Result<Estimate> {
        let mut out = [0.0; COLUMNS];
        self.columns.at(sizes, &mut out)?;
        let [f32, f16, f8, i8, f4, i4, vector, rest @ ..] = out;
        let [weights, acts_read, acts_written, cache_read, cache_written, compute_s, memory_s, lower_bound_s] = rest;
        Ok(Estimate {
            totals: Totals {
                flops: Flops { by_class: [f32, f16, f8, i8, f4, i4], vector },
                bits: Traffic { weights, acts_read, acts_written, cache_read, cache_written },
            },
            time: Time { compute_s, memory_s, lower_bound_s },
        })
    }
}
