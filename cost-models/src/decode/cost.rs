//! Costs of several steps together: exact, and in the mean.

use cost_core::cost::{Num, Traffic};
use cost_core::roofline::{Bound, Time};
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::report::{Flops, MovedBytes};

/// The exact work and traffic of some steps, and the least time that they take.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// FLOPs in summed products.
    pub matmul: u128,
    /// All other FLOPs.
    pub vector: u128,
    /// Bits moved.
    pub bits: Traffic<u128>,
    /// The least time, kernel by kernel and one step after the other.
    pub time: Time,
}

impl Cost {
    /// Nothing.
    pub const ZERO: Self = Self {
        matmul: 0,
        vector: 0,
        bits: Traffic { weights: 0, acts_read: 0, acts_written: 0, cache_read: 0, cache_written: 0 },
        time: Time { compute_s: 0.0, memory_s: 0.0, lower_bound_s: 0.0 },
    };

    /// All FLOPs.
    pub fn flops(&self) -> Result<u128, Error> {
        Ok(self.matmul.plus(&self.vector)?)
    }

    /// Seconds at least.
    pub const fn seconds(&self) -> f64 {
        self.time.lower_bound_s
    }

    /// Adds further steps.
    pub fn add(&mut self, other: &Self) -> Result<(), Error> {
        let Self { matmul, vector, bits, time } = other;
        for (sum, more) in [
            (&mut self.matmul, matmul),
            (&mut self.vector, vector),
            (&mut self.bits.weights, &bits.weights),
            (&mut self.bits.acts_read, &bits.acts_read),
            (&mut self.bits.acts_written, &bits.acts_written),
            (&mut self.bits.cache_read, &bits.cache_read),
            (&mut self.bits.cache_written, &bits.cache_written),
        ] {
            *sum = sum.plus(more)?;
        }
        self.time.compute_s += time.compute_s;
        self.time.memory_s += time.memory_s;
        self.time.lower_bound_s += time.lower_bound_s;
        Ok(())
    }

    /// The same steps that many times.
    pub fn times(&self, times: u64) -> Result<Self, Error> {
        let Self { matmul, vector, bits, time } = self;
        let factor = u128::from(times);
        let bits = Traffic {
            weights: bits.weights.times(&factor)?,
            acts_read: bits.acts_read.times(&factor)?,
            acts_written: bits.acts_written.times(&factor)?,
            cache_read: bits.cache_read.times(&factor)?,
            cache_written: bits.cache_written.times(&factor)?,
        };
        let seconds = |one: f64| one * times as f64;
        let time = Time {
            compute_s: seconds(time.compute_s),
            memory_s: seconds(time.memory_s),
            lower_bound_s: seconds(time.lower_bound_s),
        };
        Ok(Self { matmul: matmul.times(&factor)?, vector: vector.times(&factor)?, bits, time })
    }

    /// Together with further steps.
    pub fn plus(mut self, other: &Self) -> Result<Self, Error> {
        self.add(other)?;
        Ok(self)
    }
}

/// FLOPs and bytes as in a report, then the times.
impl Serialize for Cost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            flops: Flops,
            bytes: MovedBytes,
            compute_s: f64,
            memory_s: f64,
            lower_bound_s: f64,
            bound: &'static str,
        }
        let Self { matmul, vector, bits, time } = self;
        let total = self.flops().map_err(serde::ser::Error::custom)?;
        let shown = Shown {
            flops: Flops { total, matmul: *matmul, vector: *vector },
            bytes: MovedBytes::of_bits(bits).map_err(serde::ser::Error::custom)?,
            compute_s: time.compute_s,
            memory_s: time.memory_s,
            lower_bound_s: time.lower_bound_s,
            bound: time.bound().name(),
        };
        shown.serialize(serializer)
    }
}

/// An expected cost, or a cost that is no whole number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Mean {
    /// FLOPs.
    #[serde(serialize_with = "count")]
    pub flops: f64,
    /// Bytes moved.
    #[serde(serialize_with = "count")]
    pub bytes: f64,
    /// Bytes of parameters read.
    #[serde(serialize_with = "count")]
    pub weights: f64,
    /// Bytes of activations read and written.
    #[serde(serialize_with = "count")]
    pub acts: f64,
    /// Bytes of caches and states read and written.
    #[serde(serialize_with = "count")]
    pub cache: f64,
    /// Seconds of computing.
    pub compute_s: f64,
    /// Seconds of memory traffic.
    pub memory_s: f64,
    /// Seconds at least.
    pub lower_bound_s: f64,
}

/// A count that is whole as an integer, while a double holds it exactly.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde has it")]
fn count<S: Serializer>(count: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    const EXACT: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
    #[expect(clippy::cast_possible_truncation, reason = "whole, and smaller than 2^53")]
    if count.fract() == 0.0 && count.abs() < EXACT {
        (*count as i64).serialize(serializer)
    } else {
        count.serialize(serializer)
    }
}

impl Mean {
    /// That many times the cost.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        Self {
            flops: self.flops * factor,
            bytes: self.bytes * factor,
            weights: self.weights * factor,
            acts: self.acts * factor,
            cache: self.cache * factor,
            compute_s: self.compute_s * factor,
            memory_s: self.memory_s * factor,
            lower_bound_s: self.lower_bound_s * factor,
        }
    }

    /// Together with another.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            flops: self.flops + other.flops,
            bytes: self.bytes + other.bytes,
            weights: self.weights + other.weights,
            acts: self.acts + other.acts,
            cache: self.cache + other.cache,
            compute_s: self.compute_s + other.compute_s,
            memory_s: self.memory_s + other.memory_s,
            lower_bound_s: self.lower_bound_s + other.lower_bound_s,
        }
    }

    /// Without a part of it.
    #[must_use]
    pub fn minus(&self, part: &Self) -> Self {
        self.plus_share(-1.0, part)
    }

    /// Together with a share of another.
    #[must_use]
    pub fn plus_share(&self, share: f64, other: &Self) -> Self {
        self.plus(&other.times(share))
    }

    /// What it waits for.
    pub fn bound(&self) -> Bound {
        Time { compute_s: self.compute_s, memory_s: self.memory_s, lower_bound_s: self.lower_bound_s }.bound()
    }
}

impl From<&Cost> for Mean {
    fn from(cost: &Cost) -> Self {
        let bytes = |bits: u128| bits as f64 / 8.0;
        let Traffic { weights, acts_read, acts_written, cache_read, cache_written } = cost.bits;
        let (weights, acts) = (bytes(weights), bytes(acts_read) + bytes(acts_written));
        let cache = bytes(cache_read) + bytes(cache_written);
        Self {
            flops: cost.matmul as f64 + cost.vector as f64,
            bytes: weights + acts + cache,
            weights,
            acts,
            cache,
            compute_s: cost.time.compute_s,
            memory_s: cost.time.memory_s,
            lower_bound_s: cost.time.lower_bound_s,
        }
    }
}
