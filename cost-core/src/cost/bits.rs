//! How many bits elements take: scales and zero points, rows that are looked up.

use super::frame::Frame;
use super::num::Num;
use super::options::Options;
use crate::count::{Rows, rows};
use crate::error::Result;
use crate::format::{Format, Group, Scales};
use crate::op::Shape;

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

    /// Bits of a shape of which there is as much as a function says. Which axes rows run along matters only where elements share
    /// scales.
    pub(super) fn packed(
        &self,
        shape: &Shape,
        rows: impl FnOnce() -> Shape,
        format: &Format,
        count: &dyn Fn(&Shape) -> Result<N>,
    ) -> Result<N> {
        let elements = count(shape)?;
        let own = elements.times(&N::int(u64::from(format.base.bits)))?;
        if format.group_bits() == 0 && format.outer.is_none() {
            return Ok(own);
        }
        let rows = &rows();
        let masked = self.op.mask.axes().is_some_and(|(s, t)| shape.has(s) && shape.has(t))
            && elements != self.product(shape)?;
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
            Scales::Of(n) => groups.ceil_div(&N::int(u64::from(n)))?,
            Scales::Row => count(&shape.minus(rows))?,
            Scales::Tensor => N::int(1),
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
}
