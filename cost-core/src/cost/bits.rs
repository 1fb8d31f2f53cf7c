//! How many bits elements take: scales and zero points, rows that are looked up, copies of experts.

use super::frame::{Frame, Held};
use super::num::Num;
use super::options::{Options, Routing};
use crate::count::{Rows, rows};
use crate::error::Result;
use crate::format::{Format, Group};
use crate::op::{Kind, Op, Role, Shape};

impl<N: Num> Frame<'_, N> {
    /// Bits of so many elements of that shape, scales and zero points included.
    pub(super) fn bits(
        &self,
        shape: &Shape,
        rows: impl FnOnce() -> Shape,
        format: &Format,
        options: &Options,
    ) -> Result<N> {
        self.packed(shape, rows, format, &|shape| self.elements(shape, options))
    }

    /// Bits of the elements that a shape shows, those that several windows see once.
    pub(super) fn bits_once(
        &self,
        shape: &Shape,
        rows: impl FnOnce() -> Shape,
        format: &Format,
        options: &Options,
    ) -> Result<N> {
        self.packed(shape, rows, format, &|shape| self.distinct(shape, options))
    }

    /// Bits of the elements of a cache that are kept.
    pub(super) fn cached_bits(&self, shape: &Shape, rows: impl FnOnce() -> Shape, format: &Format) -> Result<N> {
        self.packed(shape, rows, format, &|shape| self.cached(shape))
    }

    /// Which axes rows run along matters only where elements share scales.
    fn packed(
        &self,
        shape: &Shape,
        rows: impl FnOnce() -> Shape,
        format: &Format,
        count: &dyn Fn(&Shape) -> Result<N>,
    ) -> Result<N> {
        let elements = count(shape)?;
        let own = elements.times(&N::int(u64::from(format.base.bits)))?;
        if format.group_bits() == 0 {
            return Ok(own);
        }
        let rows = &rows();
        let masked = self.op.mask.axes().is_some_and(|(s, t)| shape.has(s) && shape.has(t));
        let row = || count(&shape.minus(&shape.minus(rows)));
        let groups = match format.group {
            Group::Tensor => N::int(1),
            Group::Of(n) if masked => elements.ceil_div(&N::int(u64::from(n)))?,
            Group::Block(rows, columns) if masked => {
                elements.ceil_div(&N::int(u64::from(rows) * u64::from(columns)))?
            }
            Group::Row => count(&shape.minus(rows))?,
            Group::Of(n) => count(&shape.minus(rows))?.times(&row()?.ceil_div(&N::int(u64::from(n)))?)?,
            Group::Block(high, wide) => {
                let high = count(&shape.minus(rows))?.ceil_div(&N::int(u64::from(high)))?;
                high.times(&row()?.ceil_div(&N::int(u64::from(wide)))?)?
            }
        };
        let bits = own.plus(&groups.times(&N::int(format.group_bits()))?)?;
        let Some(outer) = format.outer else { return Ok(bits) };
        let scales = match outer.scales {
            Some(n) => groups.ceil_div(&N::int(u64::from(n)))?,
            None => N::int(1),
        };
        bits.plus(&scales.times(&N::int(u64::from(outer.scale.bits)))?)
    }

    /// Along which axes the rows of a value run.
    pub(super) fn rows(&self, value: u16) -> Shape {
        if usize::from(value) < self.op.inputs.len() {
            return rows(self.op, usize::from(value));
        }
        match self.op.shapes[usize::from(value)].axes() {
            [.., last] => Shape::of(&[*last]),
            [] => Shape::SCALAR,
        }
    }

    /// Bits of the rows that ids name: no more of them than there are.
    pub(super) fn gathered(
        &self,
        (table, shape): (u16, &Shape),
        from: Rows,
        format: &Format,
        options: &Options,
    ) -> Result<N> {
        let ids = self.op.shapes[usize::from(from.ids)].minus(shape);
        let distinct = self.elements(&ids, options)?.least(self.size(from.of))?;
        self.packed(shape, || self.rows(table), format, &|shape| {
            let others = self.elements(&shape.minus(&Shape::of(&[from.of])), options)?;
            if shape.has(from.of) { others.times(&distinct) } else { Ok(others) }
        })
    }

    /// What all experts move of a tensor, from what one moves of it for all tokens, in that shape.
    ///
    /// What they are given exists once. What an expert computes exists for each token that goes through it. What it brings
    /// along is there once, and moved if any token goes through it; tokens that have a part of their own of it (a state for
    /// each sequence) touch that part alone.
    pub(super) fn of_experts(&self, bits: N, held: &Held<'_>, shape: &Shape, options: &Options) -> Result<N> {
        let Some(routed) = &self.routed else { return Ok(bits) };
        if held.shared {
            return Ok(bits);
        }
        if !held.role.ownable() {
            return routed.through(&bits);
        }
        let shared = routed.axes.minus(shape);
        if shared.same(&routed.axes) {
            return routed.touched(&bits, &routed.tokens, options);
        }
        let tokens = self.product(&shared)?;
        match options.routing {
            Routing::Given(count) => bits.times(&N::int(count).least(&routed.top.times(&tokens)?)?),
            _ => routed.touched(&bits, &tokens, options),
        }
    }
}

/// The axes of an operator's tokens: those of its first activation that no weight has.
pub(super) fn token_axes(op: &Op<'_>) -> Shape {
    let first = op.inputs.iter().find(|input| !input.role.ownable());
    first.map_or(Shape::SCALAR, |input| input.shape.minus(&weight_axes(op)))
}

/// The axes of an operator that its weights have, its callees' included.
fn weight_axes(op: &Op<'_>) -> Shape {
    let own = op.inputs.iter().filter(|input| input.role == Role::Weight).map(|input| input.shape);
    let mut shape = own.fold(Shape::SCALAR, |all, shape| all.union(&shape));
    for step in op.steps {
        if let Kind::Call(call) = step.kind {
            let theirs = weight_axes(call.op);
            let placed = theirs.axes().iter().filter_map(|axis| op.placed(&call, *axis).ok());
            shape = placed.fold(shape, |all, axes| all.union(&axes));
        }
    }
    shape
}
