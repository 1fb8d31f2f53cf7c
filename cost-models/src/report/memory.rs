//! What is in memory while a step runs.

use cost_core::Result;
use cost_core::cost::{At, Options, Tensor};
use cost_core::hardware::Hardware;
use cost_core::op::Role;
use serde::Serialize;

use super::bytes::Bytes;
use crate::model::{Model, Workload};

/// Bytes in memory at the fullest moment of a step.
///
/// Modules that predict further tokens are in none of it: they are loaded only by whoever drafts with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Memory {
    /// Parameters and what else files hold, scales and zero points included: all experts, tied weights once.
    pub weights: Bytes,
    /// Caches and recurrent states of all sequences, as the step leaves them.
    pub cache: Bytes,
    /// Activations at the fullest moment.
    pub activations: Bytes,
    /// All of them.
    pub total: Bytes,
    /// Parameters that are left in the host's memory, in none of the others; left out of the JSON if 0.
    #[serde(skip_serializing_if = "Bytes::is_zero")]
    pub host: Bytes,
}

const OVERFLOW: cost_core::Error = cost_core::Error::Overflow { counting: "bytes in memory" };

impl Memory {
    /// Of so many bits.
    pub fn of_bits(weights: u128, cache: u128, activations: u128) -> Result<Self> {
        let total = weights.checked_add(cache).and_then(|sum| sum.checked_add(activations)).ok_or(OVERFLOW)?;
        let [weights, cache, activations, total] = [weights, cache, activations, total].map(Bytes::of_bits);
        Ok(Self { weights, cache, activations, total, host: Bytes::of_bits(0) })
    }

    /// Of a model's step, with what runs for its images.
    pub fn of_step(model: &Model, workload: &Workload, options: &Options) -> Result<Self> {
        let (sizes, owned) = (model.sizes(workload)?, model.tensors(workload, options)?);
        let options = &*model.options(options);
        let own = model.architecture().with(|op| At::with(op, &sizes, options, |at| Self::of(at, &owned)))?;
        model.beside(workload)?.iter().try_fold(own, |all, run| {
            let options = &*run.model.options(options);
            let (sizes, op) = (run.model.sizes(&run.workload)?, run.model.architecture());
            let own = op.with(|op| At::with(op, &sizes, options, |at| Self::of(at, &at.tensors()?)))?;
            all.and(&if run.runs { own } else { Self::of_bits(own.weights.bits(), 0, 0)? })
        })
    }

    /// With what runs before or after it: activations of both aren't there at once.
    pub(super) fn and(&self, other: &Self) -> Result<Self> {
        let sum = |a: Bytes, b: Bytes| a.bits().checked_add(b.bits()).ok_or(OVERFLOW);
        let activations = self.activations.bits().max(other.activations.bits());
        let host = Bytes::of_bits(sum(self.host, other.host)?);
        let both = Self::of_bits(sum(self.weights, other.weights)?, sum(self.cache, other.cache)?, activations)?;
        Ok(Self { host, ..both })
    }

    /// Of an operator at sizes, whose tensors are these.
    pub(super) fn of(at: &At<'_, u128>, owned: &[Tensor<u128>]) -> Result<Self> {
        let cache = held(owned, Role::Cache)?.checked_add(held(owned, Role::State)?).ok_or(OVERFLOW)?;
        let weights = |host| held_if(owned, |tensor| tensor.role == Role::Weight && tensor.host == host);
        let memory = Self::of_bits(weights(false)?, cache, at.peak()?)?;
        Ok(Self { host: Bytes::of_bits(weights(true)?), ..memory })
    }

    /// Whether a device has as much memory; nothing if that isn't known.
    pub fn fits(&self, device: &Hardware) -> Option<bool> {
        device.memory_bits().map(|memory| self.total.bits() <= memory)
    }
}

/// Bits of all copies of the tensors of a role.
pub(super) fn held(owned: &[Tensor<u128>], role: Role) -> Result<u128> {
    held_if(owned, |tensor| tensor.role == role)
}

/// Bits of all copies of some tensors.
fn held_if(owned: &[Tensor<u128>], of: impl Fn(&Tensor<u128>) -> bool) -> Result<u128> {
    let bits = owned.iter().filter(|tensor| of(tensor)).map(|tensor| tensor.bits.checked_mul(tensor.copies));
    bits.into_iter().try_fold(0_u128, |sum, bits| sum.checked_add(bits?)).ok_or(OVERFLOW)
}
