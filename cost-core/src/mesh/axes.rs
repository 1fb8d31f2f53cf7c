//! Which axes of an operator a mesh cuts, and what a rank's share of each is.

use super::state::State;
use super::{Mesh, Shard, wrong};
use crate::count::dealt_out;
use crate::error::Result;
use crate::library::{Size, Term, size};
use crate::op::{Call, Kind, Op, Shape};

/// Axes of a mesh, as bits.
pub(super) type Ranks = u32;

/// The axes of an operator on a mesh: its own, those of the mesh, then a share of each that is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axes {
    /// For each of its own axes, over which mesh axes it is cut; none for one that isn't.
    pub(super) over: Vec<Ranks>,
    /// Those that are cut only where a partial result is put together.
    pub(super) scattered: Shape,
    /// Those of copies of experts: copies are cut, and values that have the axis are whole.
    copies: Shape,
    /// For each of its own axes what it is, if it is the same whatever the sizes are.
    known: Vec<Option<i64>>,
    /// For each of its own axes the one that is a rank's share.
    share: Vec<u8>,
    /// How many axes the mesh has.
    ranks: usize,
    /// What shares are in terms of the caller's axes; none for the outermost operator, which derives them.
    pub(super) bound: Vec<(u8, Size)>,
}

impl Axes {
    /// Those of the outermost operator; an error if the mesh cuts an axis that nothing has, or in two ways.
    pub(super) fn of_root(op: &Op<'_>, mesh: &Mesh) -> Result<Self> {
        for (at, name) in mesh.axes.iter().enumerate() {
            if op.axis_named(name).is_some() || mesh.axes[..at].contains(name) {
                let message = format!("a mesh axis is called {name}, as one of its own axes or another of the mesh");
                return Err(wrong(op, message));
            }
        }
        let mut over = vec![0; op.axes.len()];
        let mut scattered = Shape::SCALAR;
        for (axis, name) in op.axes.iter().enumerate() {
            over[axis] = named(op, mesh, &mesh.cuts, name)?;
            let spread = named(op, mesh, &mesh.scattered, name)?;
            if over[axis] == 0 && spread != 0 {
                over[axis] = spread;
                scattered = scattered.with(index(axis));
            }
        }
        let known =
            |name: &&str| mesh.known.iter().find(|(own, _)| own == name).and_then(|(_, n)| i64::try_from(*n).ok());
        let known = op.axes.iter().map(known).collect();
        Ok(Self { known, ..Self::of(over, scattered, copies(op), mesh.axes.len()) }.recurrent(op))
    }

    fn of(over: Vec<Ranks>, scattered: Shape, copies: Shape, ranks: usize) -> Self {
        let (mut next, mut share) = (over.len() + ranks, Vec::with_capacity(over.len()));
        for own in &over {
            share.push(index(next));
            next += usize::from(*own != 0);
        }
        let known = vec![None; over.len()];
        Self { over, scattered, copies, known, share, ranks, bound: Vec::new() }
    }

    /// Those of what a call calls: an axis of its own is cut as what it is bound to here; one that is bound to a number, as the
    /// mesh says of its name.
    pub(super) fn inside(&self, op: &Op<'_>, call: &Call<'_>, mesh: &Mesh) -> Result<Self> {
        let mut known = Vec::new();
        let (mut over, mut scattered, mut shares, mut held) = (Vec::new(), Shape::SCALAR, Vec::new(), copies(call.op));
        for (axis, name) in call.op.axes.iter().enumerate() {
            let bound = op.bound(call, axis).filter(|_| !call.op.derives(axis)).map(|dim| size(&dim));
            if op.placed(call, index(axis)).is_ok_and(|here| here.axes().iter().any(|own| self.copies.has(*own))) {
                held = held.with(index(axis));
            }
            let (own, spread, share) = match &bound {
                Some(bound) => self.of_size(op, bound, mesh, name)?,
                None => (0, false, Size::default()),
            };
            over.push(own);
            shares.push(share);
            known.push(bound.as_ref().and_then(|bound| self.value(bound)));
            if spread {
                scattered = scattered.with(index(axis));
            }
        }
        let mut axes = Self { known, ..Self::of(over, scattered, held, self.ranks) };
        let cut = shares.into_iter().enumerate().filter(|(axis, _)| axes.over[*axis] != 0);
        axes.bound = cut.map(|(axis, share)| (axes.share[axis], share)).collect();
        Ok(axes.recurrent(call.op))
    }

    /// The same, but with some axes whole that are cut over some ranks.
    pub(super) fn with_whole(self, some: &Shape, ranks: Ranks) -> Self {
        let size = |axis: usize| self.bound.iter().find(|(share, _)| *share == self.share[axis]).cloned();
        let kept = |axis: usize| self.over[axis] & ranks == 0 || !some.has(index(axis));
        let over = (0..self.over.len()).map(|axis| if kept(axis) { self.over[axis] } else { 0 }).collect();
        let whole = some.axes().iter().filter(|axis| !kept(usize::from(**axis)));
        let whole = whole.copied().fold(Shape::SCALAR, Shape::with);
        let scattered = self.scattered.minus(&whole);
        let mut axes = Self { known: self.known.clone(), ..Self::of(over, scattered, self.copies, self.ranks) };
        let cut = (0..self.over.len()).filter(|axis| axes.over[*axis] != 0);
        axes.bound = cut.filter_map(|axis| Some((axes.share[axis], size(axis)?.1))).collect();
        axes
    }

    /// The same, but whole along positions that find in a state what those before them have left.
    fn recurrent(self, op: &Op<'_>) -> Self {
        let over =
            op.steps.iter().filter_map(|step| if let Kind::Before(over) = step.kind { Some(over) } else { None });
        let all = over.fold(Shape::SCALAR, Shape::with);
        if all.rank() == 0 { self } else { self.with_whole(&all, Ranks::MAX) }
    }

    /// What a size is, if it is the same whatever the sizes of axes are.
    pub(super) fn value(&self, size: &Size) -> Option<i64> {
        let term = |term: &Term| {
            let factors = || term.axes.iter().map(|axis| self.known[usize::from(*axis)]);
            if factors().any(|known| known == Some(0)) {
                return Some(0);
            }
            let product = factors().try_fold(term.coefficient, |product, known| product.checked_mul(known?));
            product.filter(|_| term.quotients.is_empty())
        };
        size.0.iter().try_fold(0_i64, |sum, it| sum.checked_add(term(it)?))
    }

    /// Over which mesh axes a size in terms of these axes is cut, whether only where that saves a copy, and a rank's share of it.
    fn of_size(&self, op: &Op<'_>, size: &Size, mesh: &Mesh, name: &str) -> Result<(Ranks, bool, Size)> {
        if size.as_number().is_some() {
            let over = named(op, mesh, &mesh.cuts, name)?;
            return Ok((over, false, size.over(&self.count(over), true)));
        }
        if let [Term { coefficient: 1, axes, quotients }] = size.0.as_slice()
            && let ([axis], []) = (axes.as_slice(), quotients.as_slice())
        {
            let over = self.over[usize::from(*axis)];
            return Ok((over, self.scattered.has(*axis), Size::axis(self.share[usize::from(*axis)])));
        }
        let (mut all, mut share) = (None, Size::default());
        for term in &size.0 {
            let over = term
                .axes
                .iter()
                .filter(|axis| !self.scattered.has(**axis))
                .fold(0, |all, axis| all | self.over[usize::from(*axis)]);
            let plain = term.quotients.is_empty() && *all.get_or_insert(over) == over;
            if over == 0 || !plain {
                return Ok((0, false, Size::default()));
            }
            let mut own = term.clone();
            for axis in own.axes.iter_mut().filter(|axis| !self.scattered.has(**axis)) {
                *axis = self.local(*axis);
            }
            own.axes.sort_unstable();
            share.0.push(own);
        }
        Ok((all.unwrap_or(0), false, share))
    }

    /// A parameter, a cache, or what the outermost operator is given: cut along its axes, the first one where several are cut over
    /// the same ranks.
    pub(super) fn stored(&self, op: &Op<'_>, input: usize) -> State {
        let (mut cut, mut taken) = (Shape::SCALAR, 0);
        // Slices go where the copies are that they are dealt out to.
        let dealt = u16::try_from(input).is_ok_and(|input| dealt_out(op, input));
        for axis in op.inputs[input].shape.axes() {
            let over = self.over[usize::from(*axis)];
            if over != 0 && over & taken == 0 && !self.scattered.has(*axis) && (dealt || !self.copies.has(*axis)) {
                cut = cut.with(*axis);
                taken |= over;
            }
        }
        State::cut(cut)
    }

    /// A value that goes from one stage to the next: cut as what the outermost operator is given, and along an axis that is
    /// scattered if nothing else is cut over the same ranks.
    pub(super) fn handed(&self, shape: &Shape) -> State {
        let (mut cut, mut taken) = (Shape::SCALAR, 0);
        for scattered in [false, true] {
            for axis in shape.axes() {
                let over = self.over[usize::from(*axis)];
                let now = self.scattered.has(*axis) == scattered && !self.copies.has(*axis);
                if now && over != 0 && over & taken == 0 {
                    cut = cut.with(*axis);
                    taken |= over;
                }
            }
        }
        State::cut(cut)
    }

    /// The mesh axes that some axes are cut over.
    pub(super) fn ranks(&self, cut: &Shape) -> Ranks {
        cut.axes().iter().fold(0, |all, axis| all | self.over[usize::from(*axis)])
    }

    /// The axis of a rank's share; the axis itself if it isn't cut.
    pub(super) fn local(&self, axis: u8) -> u8 {
        if self.over[usize::from(axis)] == 0 { axis } else { self.share[usize::from(axis)] }
    }

    /// A shape with some of its axes cut.
    pub(super) fn shape(&self, shape: &Shape, cut: &Shape) -> Shape {
        let own = |axis: &u8| if cut.has(*axis) { self.local(*axis) } else { *axis };
        shape.axes().iter().map(own).fold(Shape::SCALAR, Shape::with)
    }

    /// How many ranks there are along some mesh axes.
    pub(super) fn count(&self, over: Ranks) -> Size {
        let first = self.over.len();
        let axes = (0..self.ranks).filter(|axis| over >> axis & 1 == 1).map(|axis| index(first + axis)).collect();
        Size(vec![Term { coefficient: 1, axes, quotients: Vec::new() }])
    }

    /// The number of the axis of ranks along one mesh axis.
    pub(super) fn mesh(&self, axis: usize) -> u8 {
        index(self.over.len() + axis)
    }

    /// The names of all axes.
    pub(super) fn names(&self, op: &Op<'_>, mesh: &Mesh) -> Vec<String> {
        let cut = self.over.iter().enumerate().filter(|(_, over)| **over != 0);
        let shares = cut.map(|(axis, over)| format!("{}/{}", op.axes[axis], called(mesh, *over)));
        op.axes.iter().map(|axis| (*axis).to_owned()).chain(mesh.axes.iter().cloned()).chain(shares).collect()
    }

    /// The axes that are given in terms of others: of the outermost operator shares, too. A share of an axis that is itself in
    /// terms of others that are cut alike is so in terms of their shares.
    pub(super) fn derived(&self, op: &Op<'_>, mesh: &Mesh, root: bool) -> Result<Vec<(u8, Size)>> {
        let mut derived: Vec<(u8, Size)> = op.derived.iter().map(|it| (it.axis, size(&it.dim))).collect();
        if !root {
            return Ok(derived);
        }
        let mut alike = Vec::new();
        for it in op.derived {
            let axis = usize::from(it.axis);
            let (over, _, share) = self.of_size(op, &size(&it.dim), mesh, op.axes[axis])?;
            if over != 0 && over == self.over[axis] {
                alike.push((self.share[axis], share));
            }
        }
        for (axis, over) in self.over.iter().enumerate().filter(|(_, over)| **over != 0) {
            if alike.iter().all(|(share, _)| *share != self.share[axis]) {
                derived.push((self.share[axis], Size::axis(index(axis)).over(&self.count(*over), true)));
            }
        }
        derived.extend(alike);
        Ok(derived)
    }
}

/// The axes of copies of experts, here and in what is called.
fn copies(op: &Op<'_>) -> Shape {
    let mut all = Shape::SCALAR;
    for step in op.steps {
        let Kind::Call(call) = step.kind else { continue };
        if let Some(experts) = call.experts {
            all = all.with(experts.count);
        }
        for axis in copies(call.op).axes() {
            all = all.union(&op.placed(&call, *axis).unwrap_or(Shape::SCALAR));
        }
    }
    all
}

/// What some mesh axes are called together.
pub(super) fn called(mesh: &Mesh, over: Ranks) -> String {
    let names = mesh.axes.iter().enumerate().filter(|(axis, _)| over >> axis & 1 == 1);
    names.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("+")
}

/// Over which mesh axes an axis of that name is cut.
fn named(op: &Op<'_>, mesh: &Mesh, shards: &[Shard], name: &str) -> Result<Ranks> {
    let mut over = 0;
    for axis in shards.iter().filter(|shard| shard.axis == name).flat_map(|shard| &shard.over) {
        let Some(at) = mesh.axes.iter().position(|own| own == axis) else {
            let names = mesh.axes.join(", ");
            return Err(wrong(op, format!("{name} is cut over {axis}, which is no axis of the mesh: one of {names}")));
        };
        if over >> at & 1 == 1 {
            return Err(wrong(op, format!("{name} is cut over {axis} twice")));
        }
        over |= 1 << at;
    }
    Ok(over)
}

#[expect(clippy::cast_possible_truncation, reason = "a sound description has fewer than 256 axes")]
pub(super) const fn index(axis: usize) -> u8 {
    axis as u8
}
