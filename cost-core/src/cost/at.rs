//! An operator at sizes, for whoever asks several things of it.

use super::frame::Frame;
use super::num::Num;
use super::{Collective, Kernel, Options, Route, Tensor, collectives, derive, peak, routes, tensors};
use crate::error::Result;
use crate::library::spliced;
use crate::op::Op;

/// An operator with a size for each of its axes, and how it is counted. The description is checked once.
pub struct At<'o, N> {
    pub(super) frame: Frame<'o, N>,
    pub(super) options: &'o Options,
}

impl<N: Num> At<'_, N> {
    /// What a function makes of an operator at sizes, inline ones that it calls in their places. An error if the description
    /// isn't sound, or the sizes aren't any that its axes can have.
    pub fn with<T>(
        op: &Op<'_>,
        sizes: &[N],
        options: &Options,
        then: impl FnOnce(&At<'_, N>) -> Result<T>,
    ) -> Result<T> {
        spliced(op, |op| then(&At { frame: Frame::root(op, sizes.to_vec(), options)?, options }))
    }

    /// The sizes of its axes, those that it has in terms of others too.
    pub fn sizes(&self) -> &[N] {
        &self.frame.sizes
    }

    /// What [`kernels`](super::kernels) finds.
    pub fn kernels(&self) -> Result<Vec<Kernel<N>>> {
        derive::of(&self.frame, self.options)
    }

    /// What [`tensors`](super::tensors) finds.
    pub fn tensors(&self) -> Result<Vec<Tensor<N>>> {
        tensors::of(&self.frame, self.options)
    }

    /// What [`peak`](super::peak) finds.
    pub fn peak(&self) -> Result<N> {
        peak::of(&self.frame, self.options)
    }

    /// What [`collectives`](super::collectives()) finds.
    pub fn collectives(&self) -> Result<Vec<Collective<N>>> {
        collectives::of(&self.frame, self.options)
    }

    /// What [`routes`](super::routes) finds.
    pub fn routes(&self) -> Result<Vec<Route<N>>> {
        routes::of(&self.frame, self.options)
    }
}
