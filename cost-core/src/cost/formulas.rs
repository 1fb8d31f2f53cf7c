//! What an operator costs in all, as formulas in its axes.

use super::{Kernel, Options, axes, kernels, tensors, totals};
use crate::error::Result;
use crate::expr::{Expr, Rational};
use crate::op::{Op, Role};

/// What an operator costs in all, and kernel by kernel, as formulas in its axes.
#[derive(Clone, Debug)]
pub struct Formulas {
    /// Parameters: its weights' elements, repetitions and experts included, buffers left out.
    pub params: Expr,
    /// Bytes of its caches and states.
    pub cache: Expr,
    /// FLOPs.
    pub flops: Expr,
    /// Those of them in summed products.
    pub matmul: Expr,
    /// Bytes that its kernels move.
    pub bytes: Expr,
    /// Its kernels.
    pub kernels: Vec<Kernel<Expr>>,
}

impl Formulas {
    /// Of an operator. An error as deriving it gives it.
    pub fn of(op: &Op<'_>, options: &Options) -> Result<Self> {
        let (sizes, byte) = (axes(op), Rational::new(1, 8)?);
        let kernels = kernels(op, &sizes, options)?;
        let totals = totals(&kernels)?;
        let (mut params, mut cache) = (Expr::int(0), Expr::int(0));
        for tensor in tensors(op, &sizes, options)? {
            match tensor.role {
                Role::Weight if tensor.part.as_deref() != Some("buffer") => {
                    params = params.add(&tensor.elements.mul(&tensor.copies)?)?;
                }
                Role::Cache | Role::State => cache = cache.add(&tensor.bits.mul(&tensor.copies)?.scaled(byte)?)?,
                Role::Weight | Role::Act | Role::Ids => {}
            }
        }
        Ok(Self {
            params,
            cache,
            flops: totals.flops.total()?,
            matmul: totals.flops.matmul()?,
            bytes: totals.bits.total()?.scaled(byte)?,
            kernels,
        })
    }
}
