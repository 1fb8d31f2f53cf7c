//! The operators that stand for exchanges.

use super::Cutter;
use super::axes::{Axes, Ranks, called, index};
use crate::library::{Call, Callee, Definition, Input, Kind, OnMesh, Size, Step};
use crate::op::{Arg, Mask, Output, Role, Shape, Transfer};

/// An exchange of a value, in terms of the axes of the operator that it is in.
pub(super) struct Wanted<'w> {
    pub(super) transfer: Transfer,
    pub(super) over: Ranks,
    pub(super) before: Shape,
    pub(super) after: Shape,
    pub(super) role: Role,
    /// Further axes that it has to know.
    pub(super) further: Vec<(&'static str, Size)>,
    pub(super) why: &'w str,
}

impl Wanted<'_> {
    /// The step that makes the exchange. Axes of the exchange are those of the shapes, then the ranks, then the further ones.
    pub(super) fn step(self, cutter: &mut Cutter<'_>, axes: &Axes, names: &[String], value: u16, name: &str) -> Step {
        let all = self.before.union(&self.after);
        let at = |axis: u8| index(all.axes().iter().position(|own| *own == axis).unwrap_or_default());
        let inside = |shape: &Shape| shape.axes().iter().map(|axis| at(*axis)).fold(Shape::SCALAR, Shape::with);
        let ranks = called(cutter.mesh, self.over);
        let named = all.axes().iter().map(|axis| (names[usize::from(*axis)].clone(), Size::axis(*axis)));
        let mut bind: Vec<(String, Size)> = named.chain([(ranks, axes.count(self.over))]).collect();
        bind.extend(self.further.into_iter().map(|(name, size)| (name.to_owned(), size)));
        let cut = |it: crate::op::Cut| crate::op::Cut { whole: at(it.whole), share: at(it.share) };
        let transfer = match self.transfer {
            Transfer::ReduceScatter(how, it) => Transfer::ReduceScatter(how, cut(it)),
            Transfer::AllGather(it) => Transfer::AllGather(cut(it)),
            Transfer::Share(it) => Transfer::Share(cut(it)),
            Transfer::Last(it) => Transfer::Last(cut(it)),
            other => other,
        };
        let on_mesh = OnMesh::Exchange { transfer, ranks: index(all.rank()), why: self.why.to_owned() };
        let input = Input {
            name: "x".to_owned(),
            role: self.role,
            shape: inside(&self.before),
            format: None,
            hf: None,
            gguf: None,
            part: None,
            tied: None,
        };
        let definition = Definition {
            name: operator(transfer).to_owned(),
            axes: bind.iter().map(|(name, _)| name.clone()).collect(),
            derived: Vec::new(),
            inputs: vec![input],
            steps: Vec::new(),
            shapes: Vec::new(),
            loops: Vec::new(),
            outputs: vec![Output { value: 0, role: self.role, shape: inside(&self.after) }],
            mask: Mask::None,
            unfused: false,
            inline: false,
            tile: None,
            part: None,
            mesh: Some(on_mesh),
            failed: false,
        };
        let callee = Callee::Own(cutter.add(definition));
        let kind = Kind::Call(Call { callee, bind, rest: false, experts: None });
        Step { kind, args: vec![Arg::Value(value)], name: name.to_owned(), annotated: None, format: None }
    }
}

/// The number of the first further axis of an exchange of values of these shapes.
pub(super) fn further(before: &Shape, after: &Shape) -> u8 {
    index(before.union(after).rank() + 1)
}

const fn operator(transfer: Transfer) -> &'static str {
    match transfer {
        Transfer::AllReduce(_) => "AllReduce",
        Transfer::ReduceScatter(..) => "ReduceScatter",
        Transfer::AllGather(_) => "AllGather",
        Transfer::Share(_) => "Share",
        Transfer::Last(_) => "Last",
        Transfer::Once => "Once",
        Transfer::Send => "Send",
        Transfer::Statistics(_) => "Statistics",
        Transfer::AllToAll(it) if it.back => "Combine",
        Transfer::AllToAll(_) => "Dispatch",
    }
}
