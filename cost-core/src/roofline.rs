//! How long kernels take at least on a device, and what bounds them.

use crate::cost::{Kernel, Num};
use crate::error::Result;
use crate::format::{CLASSES, Class};
use crate::hardware::Hardware;

/// What a kernel or a model waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Memory bandwidth.
    Memory,
    /// Matrix or vector units.
    Compute,
}

impl Bound {
    /// `memory` or `compute`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Compute => "compute",
        }
    }
}

/// The least time that something takes, and the two times it is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// Seconds on the busiest of the units: matrix or vector.
    pub compute_s: f64,
    /// Seconds of memory traffic.
    pub memory_s: f64,
    /// Seconds in all: for a kernel the larger of the two, for a model the sum over its kernels.
    pub lower_bound_s: f64,
}

impl Time {
    /// What bounds it: the larger of the two times.
    pub fn bound(&self) -> Bound {
        if self.compute_s > self.memory_s { Bound::Compute } else { Bound::Memory }
    }
}

/// One repetition of a kernel on a device: `max(matmul/peak, vector/peak, bytes/bandwidth)`.
///
/// Products of different classes run one after the other, each at its own peak.
pub fn time(kernel: &Kernel<u128>, hardware: &Hardware) -> Result<Time> {
    let by_class = kernel.flops.by_class.map(|flops| flops as f64);
    Ok(time_of(by_class, kernel.flops.vector as f64, kernel.bits()?.total()? as f64, hardware))
}

/// FLOPs by class, other FLOPs and bits of one kernel on a device.
pub fn time_of(by_class: [f64; CLASSES], vector: f64, bits: f64, hardware: &Hardware) -> Time {
    let classes = Class::ALL.into_iter().zip(by_class).filter(|(_, flops)| *flops > 0.0);
    let matmul_s: f64 = classes.map(|(class, flops)| flops / hardware.peak(class)).sum();
    let memory_s = bits / 8.0 / hardware.bandwidth();
    let compute_s = matmul_s.max(vector / hardware.vector_peak());
    Time { compute_s, memory_s, lower_bound_s: compute_s.max(memory_s) }
}

/// All repetitions of all kernels, one after the other.
pub fn total_time(kernels: &[Kernel<u128>], hardware: &Hardware) -> Result<Time> {
    let mut sum = Time { compute_s: 0.0, memory_s: 0.0, lower_bound_s: 0.0 };
    for kernel in kernels {
        let (one, repeat) = (time(kernel, hardware)?, kernel.repeat as f64);
        sum.compute_s += one.compute_s * repeat;
        sum.memory_s += one.memory_s * repeat;
        sum.lower_bound_s += one.lower_bound_s * repeat;
    }
    Ok(sum)
}

/// FLOP per byte of a count of FLOPs and a count of bits; nothing moved gives an infinite intensity.
pub fn intensity<N: Num + Into<u128>>(flops: N, bits: N) -> f64 {
    let (flops, bits): (u128, u128) = (flops.into(), bits.into());
    flops as f64 * 8.0 / bits as f64
}
