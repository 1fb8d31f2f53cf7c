//! An operator at sizes, for whoever asks several things of it.

use super::frame::Frame;
use super::num::Num;
use super::{Kernel, Options, Route, Tensor, derive, peak, routes, tensors};
use crate::error::Result;
use crate::op::Op;

/// An operator with a size for each of its axes, and how it is counted. The description is checked once.
pub struct At<'o, N> {
    frame: Frame<'o, N>,
    options: &'o Options,
}

impl<'o, N: Num> At<'o, N> {
    /// An error if the description isn't sound, or the sizes aren't any that its axes can have.
    pub fn new(op: &'o Op<'o>, sizes: &[N], options: &'o Options) -> Result<Self> {
        Ok(Self { frame: Frame::root(op, sizes.to_vec(), options)?, options })
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

    /// What [`routes`](super::routes) finds.
    pub fn routes(&self) -> Result<Vec<Route<N>>> {
        routes::of(&self.frame, self.options)
    }
}
