//! Calibrated times of kernels, and of steps of several.

use super::{ANY, Entry, Times};
use crate::cost::{Kernel, Work};
use crate::error::Result;
use crate::format::{CLASSES, Class};
use crate::hardware::Hardware;
use crate::roofline;

/// What a kernel's time depends on, on one device; of one repetition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    /// The kind of work.
    pub work: Work,
    /// The class in which it multiplies.
    pub class: Class,
    /// Seconds at the peaks.
    pub compute: f64,
    /// Seconds at the bandwidth.
    pub memory: f64,
    /// Depth, units, width.
    pub shape: [f64; 3],
    /// FLOPs.
    pub flops: f64,
    /// Bytes.
    pub bytes: f64,
}

/// A calibrated time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calibrated {
    /// Seconds.
    pub seconds: f64,
    /// In eight of ten cases it is from this many,
    pub low: f64,
    /// to this many.
    pub high: f64,
    /// Seconds of it that have constants: the others are bounds.
    pub known: f64,
    /// Seconds of it that were computed beyond the shapes that were measured.
    pub extrapolated: f64,
}

/// Kinds of work and classes.
const KINDS: usize = Work::ALL.len() * CLASSES;

/// Times of kernels that run one after the other, while they are added up.
#[derive(Clone, Debug)]
pub struct Sum {
    all: Calibrated,
    /// By kind of work and class, how far below and above the sum the true one may be: kernels of one kind err together, those of
    /// several apart.
    below: [f64; KINDS],
    above: [f64; KINDS],
    kernels: f64,
}

impl Features {
    /// Of a kernel on a device.
    pub fn of(kernel: &Kernel<u128>, hardware: &Hardware) -> Result<Self> {
        let time = roofline::time(kernel, hardware)?;
        let shaped = &kernel.shaped;
        Ok(Self {
            work: shaped.work,
            class: kernel.flops.class(),
            compute: time.compute_s,
            memory: time.memory_s,
            shape: [shaped.depth as f64, shaped.units as f64, shaped.width as f64],
            flops: kernel.flops.total()? as f64,
            bytes: kernel.bits()?.total()? as f64 / 8.0,
        })
    }

    /// Its least time.
    pub fn bound(&self) -> f64 {
        self.compute.max(self.memory)
    }
}

impl Entry {
    /// Whether a kernel is within the shapes that were measured.
    pub fn measured(&self, of: &Features) -> bool {
        let quality = &self.quality;
        let inside = |value: f64, [least, most]: [f64; 2]| (least..=most).contains(&value);
        inside(of.flops, quality.flops) && inside(of.bytes, quality.bytes) && inside(of.shape[0], quality.depth)
    }

    /// The time of a kernel. Never less than its bound.
    pub fn time(&self, of: &Features) -> Calibrated {
        let bound = of.bound();
        let seconds = self.constants.seconds(of.compute, of.memory, of.shape).max(bound);
        let quality = &self.quality;
        Calibrated {
            seconds,
            low: (seconds * quality.low).max(bound),
            high: seconds * quality.high,
            known: seconds,
            extrapolated: if self.measured(of) { 0.0 } else { seconds },
        }
    }
}

impl Times {
    /// The constants for a kernel: the engine's own, or those of all engines, or those of the class that its own is widened to,
    /// whichever first were measured at such shapes; where none were, the first that there are.
    fn nearest(&self, engine: &str, of: &Features) -> Option<&Entry> {
        let mut first = None;
        let mut class = Some(of.class);
        while let Some(own) = class {
            for engine in [engine, ANY] {
                let it = self.entries.iter().find(|it| it.engine == engine && it.work == of.work && it.class == own);
                if it.is_some_and(|it| it.measured(of)) {
                    return it;
                }
                first = first.or(it);
            }
            class = own.widened();
        }
        first
    }

    /// The time of a kernel: by its constants, or else its bound and what a launch takes.
    pub fn time(&self, engine: &str, of: &Features) -> Calibrated {
        match self.nearest(engine, of) {
            Some(entry) => entry.time(of),
            None => {
                let bound = of.bound();
                let seconds = bound + self.gap(engine).map_or(0.0, |gap| gap.graph);
                Calibrated { seconds, low: bound, high: seconds, ..Calibrated::default() }
            }
        }
    }
}

impl Default for Sum {
    fn default() -> Self {
        Self { all: Calibrated::default(), below: [0.0; KINDS], above: [0.0; KINDS], kernels: 0.0 }
    }
}

impl Sum {
    /// Adds so many repetitions of a kernel, which has taken that long.
    pub fn add(&mut self, of: &Features, one: &Calibrated, repeat: f64) {
        self.all.seconds += one.seconds * repeat;
        self.all.known += one.known * repeat;
        self.all.extrapolated += one.extrapolated * repeat;
        let kind = of.work as usize * CLASSES + of.class as usize;
        self.below[kind] += (one.seconds - one.low) * repeat;
        self.above[kind] += (one.high - one.seconds) * repeat;
        self.kernels += repeat;
    }

    /// The sum; where each kernel is launched by itself, at least as long as launching them takes.
    pub fn finish(&self, launch: Option<f64>) -> Calibrated {
        let apart = |each: &[f64; KINDS]| each.iter().map(|one| one * one).sum::<f64>().sqrt();
        let mut all = self.all;
        all.low = all.seconds - apart(&self.below);
        all.high = all.seconds + apart(&self.above);
        if let Some(launch) = launch.map(|one| one * self.kernels).filter(|launch| *launch > all.seconds) {
            all.seconds = launch;
            all.low = all.low.max(launch);
            all.high = all.high.max(launch);
        }
        all
    }
}

/// The sum over kernels by an engine on a device.
pub fn total(
    kernels: &[Kernel<u128>],
    hardware: &Hardware,
    times: &Times,
    engine: Option<&str>,
    eager: bool,
) -> Result<Calibrated> {
    let engine = engine.unwrap_or(ANY);
    let mut sum = Sum::default();
    for kernel in kernels {
        let of = Features::of(kernel, hardware)?;
        sum.add(&of, &times.time(engine, &of), kernel.repeat as f64);
    }
    Ok(sum.finish(times.gap(engine).filter(|_| eager).and_then(|gap| gap.eager)))
}
