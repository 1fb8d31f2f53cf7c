//! How long kernels take on a device, by constants that were fitted to measured times.
//!
//! A bound is what a kernel takes at least; a calibrated time is what one takes that was written as well as those that were
//! measured. It is made of the bound's two times and a few constants for each kind of work and class of numbers:
//!
//! `t = launch + depth·x/(x + half) + width·w + ((compute/ec)^p + (memory/eb)^p + (unit·u)^p)^(1/p)`
//!
//! with `x`, `u` and `w` the kernel's depth, units and width ([`crate::cost::Shaped`]).

#[cfg(feature = "toml")]
mod file;
mod predict;
#[cfg(feature = "toml")]
mod shipped;

#[cfg(feature = "toml")]
pub(crate) use file::File;
#[cfg(feature = "toml")]
pub use file::{parse, text};
pub use predict::{Calibrated, Features, Sum, total};
#[cfg(feature = "toml")]
pub use shipped::{devices, shipped};

use crate::cost::Work;
use crate::format::Class;

/// The engine of constants that were fitted to the rows of all engines.
pub const ANY: &str = "any";

/// The constants of one formula. Times are in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constants {
    /// What any kernel takes.
    pub launch: f64,
    /// The share of the peak that it reaches.
    pub compute: f64,
    /// The share of the bandwidth that it reaches.
    pub memory: f64,
    /// How sharply the longest of its times decides: 1, 2, 4 or 8.
    pub blend: u8,
    /// What long sums take beside, at most.
    pub depth: f64,
    /// The depth that takes half of it.
    pub half: f64,
    /// What each unit takes at least, those that run at once counted together.
    pub unit: f64,
    /// What each element of a first sum takes.
    pub width: f64,
}

/// What is known of how well a formula does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// How many rows it was fitted to.
    pub rows: u32,
    /// The mean of |predicted/measured − 1| over rows held out, with all rows of their shape.
    pub mape: f64,
    /// The median of it.
    pub median: f64,
    /// What the measured times of rows held out are of the predicted ones: a tenth are lower than this.
    pub low: f64,
    /// And a tenth are higher than this.
    pub high: f64,
    /// The share of rows held out that are in between, by an interval that they had no part in.
    pub coverage: f64,
    /// The least and the most FLOPs, bytes and depth of the rows' kernels: beyond them is extrapolated.
    pub flops: [f64; 2],
    /// Bytes.
    pub bytes: [f64; 2],
    /// Depth.
    pub depth: [f64; 2],
}

/// The constants of a kind of work in a class of numbers, by an engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Who ran the kernels, or [`ANY`].
    pub engine: String,
    /// The kind of work.
    pub work: Work,
    /// The class in which it multiplies.
    pub class: Class,
    /// Its constants.
    pub constants: Constants,
    /// What is known of them.
    pub quality: Quality,
}

/// The constants of a collective: `t = latency·(1 + hop·(ranks − 2)) + bytes/(share·link·bytes/(bytes + half))`, bytes as they
/// cross one link.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// `all_reduce`, `all_gather`, `reduce_scatter` or `all_to_all`.
    pub kind: String,
    /// Seconds of the smallest between two ranks.
    pub latency: f64,
    /// How much more each further rank takes, of the latency.
    pub hop: f64,
    /// The share of the link's bandwidth that the largest reach.
    pub share: f64,
    /// Bytes over a link at which half of that is reached.
    pub half: f64,
    /// Rows, and their error, as in [`Quality`].
    pub rows: u32,
    /// Of rows held out.
    pub mape: f64,
    /// Of rows held out.
    pub low: f64,
    /// Of rows held out.
    pub high: f64,
    /// The least and the most bytes and ranks.
    pub bytes: [f64; 2],
    /// Ranks.
    pub ranks: [f64; 2],
}

/// What passes between kernels on a device, by an engine: seconds that a launch takes the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// Who launches, or [`ANY`].
    pub engine: String,
    /// With graphs that are launched as one.
    pub graph: f64,
    /// Kernel by kernel; nothing if that wasn't measured.
    pub eager: Option<f64>,
    /// Where that is from.
    pub source: String,
}

/// All constants of a device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times {
    /// The device that they were measured on.
    pub device: String,
    /// Where the measured times are from.
    pub source: String,
    /// By engine, kind of work and class.
    pub entries: Vec<Entry>,
    /// By kind.
    pub exchanges: Vec<Exchange>,
    /// By engine.
    pub gaps: Vec<Gap>,
}

impl Times {
    /// The constants of a kind of work in a class, by an engine; those of all engines where it has none.
    pub fn entry(&self, engine: &str, work: Work, class: Class) -> Option<&Entry> {
        let of =
            |engine: &str| self.entries.iter().find(|it| it.engine == engine && it.work == work && it.class == class);
        of(engine).or_else(|| of(ANY))
    }

    /// The engines that there are constants of.
    pub fn engines(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.entries.iter().map(|it| it.engine.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What passes between kernels.
    pub fn gap(&self, engine: &str) -> Option<&Gap> {
        let of = |engine: &str| self.gaps.iter().find(|it| it.engine == engine);
        of(engine).or_else(|| of(ANY))
    }

    /// The constants of a collective.
    pub fn exchange(&self, kind: &str) -> Option<&Exchange> {
        self.exchanges.iter().find(|it| it.kind == kind)
    }
}

impl Constants {
    /// Seconds of one kernel: seconds of compute and of memory traffic at the peaks, its depth, its units, its width.
    pub fn seconds(&self, compute: f64, memory: f64, [depth, units, width]: [f64; 3]) -> f64 {
        let sums = if depth > 0.0 { self.depth * depth / (depth + self.half) } else { 0.0 };
        self.launch
            + sums
            + self.width * width
            + self.blended(compute / self.compute, memory / self.memory, self.unit * units)
    }

    /// `(a^p + b^p + c^p)^(1/p)`, by squares and square roots alone.
    pub fn blended(&self, a: f64, b: f64, c: f64) -> f64 {
        let most = a.max(b).max(c);
        if most <= 0.0 {
            return 0.0;
        }
        let square = |x: f64| x * x;
        // So that no power under- or overflows.
        let (a, b, c) = (a / most, b / most, c / most);
        most * match self.blend {
            1 => a + b + c,
            2 => (square(a) + square(b) + square(c)).sqrt(),
            4 => (square(square(a)) + square(square(b)) + square(square(c))).sqrt().sqrt(),
            _ => {
                let eighth = |x: f64| square(square(square(x)));
                (eighth(a) + eighth(b) + eighth(c)).sqrt().sqrt().sqrt()
            }
        }
    }
}

impl Exchange {
    /// Seconds of one among so many ranks, with so many bytes over each link of so many bytes a second.
    pub fn seconds(&self, ranks: f64, sent: f64, link: f64) -> f64 {
        self.latency * (1.0 + self.hop * (ranks - 2.0).max(0.0))
            + (sent + self.half * sent / (sent + self.half)) / (self.share * link)
    }
}
