//! What one kernel costs, and what all of them cost together.

use super::num::Num;
use super::work::Shaped;
use crate::error::Result;
use crate::format::{CLASSES, Class, Format};
use crate::op::Role;

/// A part of an operator that runs with its intermediates on chip. All figures are for one repetition.
#[derive(Clone, Debug)]
pub struct Kernel<N> {
    /// The enclosing calls in snake case, then the `let` that it computes, joined by dots.
    pub path: String,
    /// Where in the description it is.
    pub origin: Origin,
    /// How often it runs.
    pub repeat: N,
    /// Its work.
    pub flops: Flops<N>,
    /// What kind of work that is, and the sizes that its time depends on beside FLOPs and bytes.
    pub shaped: Shaped<N>,
    /// What it reads and writes.
    pub operands: Vec<Operand<N>>,
}

/// Where in a description a kernel is: the steps of the calls around it, then its own first step. It is the same in every
/// derivation of the operator, whatever the sizes leave out, where paths may be numbered differently.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin(Vec<u16>);

impl Origin {
    /// A step of an operator that is here.
    #[expect(clippy::cast_possible_truncation, reason = "a sound description has fewer steps")]
    pub(super) fn at(&self, step: usize) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 2);
        steps.extend_from_slice(&self.0);
        steps.push(step as u16);
        Self(steps)
    }

    /// The steps and rounds that lead there.
    pub(super) fn steps(&self) -> &[u16] {
        &self.0
    }

    /// The inside of a call by a step, in the rounds of its loop that are stored alike.
    pub(super) fn inside(&self, step: usize, rounds: u16) -> Self {
        let mut inside = self.at(step);
        inside.0.push(rounds);
        inside
    }
}

/// FLOPs of matrix units, by the class of numbers they multiply, and of vector units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flops<N> {
    /// By [`Class`], in the order of [`Class::ALL`].
    pub by_class: [N; CLASSES],
    /// Everything that is no summed product.
    pub vector: N,
}

/// One tensor that a kernel reads or writes.
#[derive(Clone, Debug)]
pub struct Operand<N> {
    /// Its path from the outermost operator.
    pub path: String,
    /// Its name in GGUF files, for parameters that have one.
    pub gguf: Option<String>,
    /// Its name in safetensors files, relative to its layer, likewise.
    pub hf: Option<String>,
    /// Its role.
    pub role: Role,
    /// Its number format.
    pub format: Format,
    /// Whether it is in the memory of the device's host.
    pub host: bool,
    /// Whether it is written rather than read.
    pub written: bool,
    /// Its bits, scales and zero points included.
    pub bits: N,
}

/// Bits moved, by role and direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic<N> {
    /// Parameters read, and written where `write` does.
    pub weights: N,
    /// Activations (and token ids) read.
    pub acts_read: N,
    /// Activations written.
    pub acts_written: N,
    /// Caches and states read.
    pub cache_read: N,
    /// Caches and states written.
    pub cache_written: N,
}

/// Work and traffic of several kernels, repetitions included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals<N> {
    /// The work.
    pub flops: Flops<N>,
    /// The traffic, in bits.
    pub bits: Traffic<N>,
}

impl<N: Num> Flops<N> {
    pub(super) fn zero() -> Self {
        Self { by_class: core::array::from_fn(|_| N::int(0)), vector: N::int(0) }
    }

    /// FLOPs of matrix units that multiply one class of numbers.
    pub fn of(&self, class: Class) -> &N {
        &self.by_class[class as usize]
    }

    /// The class that most of the summed products are of; 16-bit floating point if there are none, and the widest where
    /// that depends on the axes.
    pub fn class(&self) -> Class {
        let mut most: Option<(Class, &N)> = None;
        for class in Class::ALL {
            let flops = self.of(class);
            if !flops.is_zero() && most.is_none_or(|(_, best)| flops.exceeds(best)) {
                most = Some((class, flops));
            }
        }
        most.map_or(Class::F16, |(class, _)| class)
    }

    /// FLOPs in summed products: 2 for each multiply-add.
    pub fn matmul(&self) -> Result<N> {
        self.by_class.iter().try_fold(N::int(0), |sum, flops| sum.plus(flops))
    }

    /// All FLOPs.
    pub fn total(&self) -> Result<N> {
        self.matmul()?.plus(&self.vector)
    }

    fn add(&mut self, other: &Self, times: &N) -> Result<()> {
        for (sum, flops) in self.by_class.iter_mut().zip(&other.by_class) {
            if !flops.is_zero() {
                *sum = sum.plus(&flops.times(times)?)?;
            }
        }
        self.vector = self.vector.plus(&other.vector.times(times)?)?;
        Ok(())
    }
}

impl<N: Num> Traffic<N> {
    fn zero() -> Self {
        let zero = || N::int(0);
        Self { weights: zero(), acts_read: zero(), acts_written: zero(), cache_read: zero(), cache_written: zero() }
    }

    /// All bits moved.
    pub fn total(&self) -> Result<N> {
        let Self { weights, acts_read, acts_written, cache_read, cache_written } = self;
        weights.plus(acts_read)?.plus(acts_written)?.plus(cache_read)?.plus(cache_written)
    }

    fn add(&mut self, operand: &Operand<N>, bits: &N) -> Result<()> {
        let sum = match (operand.role, operand.written) {
            (Role::Weight, _) => &mut self.weights,
            (Role::Cache | Role::State, false) => &mut self.cache_read,
            (Role::Cache | Role::State, true) => &mut self.cache_written,
            (Role::Act | Role::Ids, false) => &mut self.acts_read,
            (Role::Act | Role::Ids, true) => &mut self.acts_written,
        };
        *sum = sum.plus(bits)?;
        Ok(())
    }
}

impl<N: Num> Kernel<N> {
    /// Whether it is the same kernel in another round of a loop: what it moves is stored alike, and multiplies alike.
    pub(super) fn is_stored_like(&self, other: &Self) -> bool {
        let formats = |it: &Operand<N>, like: &Operand<N>| {
            let stored = |it: &Operand<N>| (it.written, it.format, it.host);
            it.path == like.path && stored(it) == stored(like)
        };
        let mut classes = self.flops.by_class.iter().zip(&other.flops.by_class);
        self.operands.len() == other.operands.len()
            && self.operands.iter().zip(&other.operands).all(|(it, like)| formats(it, like))
            && classes.all(|(it, like)| it.is_zero() == like.is_zero())
    }

    /// The class in which it multiplies, or most of it; nothing if it multiplies nothing.
    pub fn class(&self) -> Option<Class> {
        let multiplies = self.flops.by_class.iter().any(|flops| !flops.is_zero());
        multiplies.then(|| self.flops.class())
    }

    /// Bits moved in one repetition.
    pub fn bits(&self) -> Result<Traffic<N>> {
        let mut sum = Traffic::zero();
        self.operands.iter().try_for_each(|operand| sum.add(operand, &operand.bits))?;
        Ok(sum)
    }
}

/// In floating point nothing overflows.
impl Flops<f64> {
    /// FLOPs in summed products.
    pub fn matmul(&self) -> f64 {
        self.by_class.iter().sum()
    }

    /// All FLOPs.
    pub fn total(&self) -> f64 {
        self.matmul() + self.vector
    }
}

impl Traffic<f64> {
    /// All bits moved.
    pub fn total(&self) -> f64 {
        let Self { weights, acts_read, acts_written, cache_read, cache_written } = self;
        weights + acts_read + acts_written + cache_read + cache_written
    }
}

/// The sum over kernels, each as often as it runs.
pub fn totals<N: Num>(kernels: &[Kernel<N>]) -> Result<Totals<N>> {
    let mut sum = Totals { flops: Flops::zero(), bits: Traffic::zero() };
    for kernel in kernels {
        sum.flops.add(&kernel.flops, &kernel.repeat)?;
        for operand in &kernel.operands {
            sum.bits.add(operand, &operand.bits.times(&kernel.repeat)?)?;
        }
    }
    Ok(sum)
}
