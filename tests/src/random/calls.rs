//! What random operators call: operators that own weights and states, are given one tensor under several names, call
//! others in turn, or are one of many experts.

use cost_core::count::token_axes;
use cost_core::op::{
    Arg, Bind, Call, Count, Dim, Experts, Input, Kind, Map, Mask, Norm, Op, Output, Role, Shape, Tile, Zip,
};

use super::build::{Build, MATRIX, ROUTER, SLICES, STATE, leak};
use super::{Choice, E, L, N, S, T, TOP, U, W, X, Y};

/// An operator without steps that takes these.
fn taking(inputs: Vec<Input<'static>>) -> Build {
    let mut callee = Build::new(0, false, 1);
    callee.shapes = inputs.iter().map(|input| input.shape).collect();
    callee.inputs = inputs;
    callee
}

fn act(name: &'static str, shape: Shape) -> Input<'static> {
    Input::new(name, Role::Act, shape)
}

fn weight(name: &'static str, axes: &[u8]) -> Input<'static> {
    Input::new(name, Role::Weight, Shape::of(axes))
}

const fn plainly(op: &'static Op<'static>) -> Call<'static> {
    Call { op, bind: &[], rest: true, experts: None }
}

/// The operator with other names for two of the axes that it derives: only their sizes say which the caller's are.
fn renamed(op: &'static Op<'static>) -> &'static Op<'static> {
    let other = |axis: &&'static str| match *axis {
        "f" => "wide",
        "m" => "both",
        own => own,
    };
    Box::leak(Box::new(Op { axes: leak(op.axes.iter().map(other).collect()), ..*op }))
}

/// A tensor by a weight of its own for each position of an axis; with `stateful` also by a state of its own.
fn scaling(shape: Shape, axis: u8, stateful: bool) -> &'static Op<'static> {
    let mut callee = taking(vec![act("z", shape), weight("own", &[axis])]);
    if stateful {
        callee.inputs.push(Input::new("memory", Role::State, Shape::of(&[axis])));
        callee.shapes.push(Shape::of(&[axis]));
    }
    let mut z = callee.push(Kind::Zip(Zip::Mul), vec![Arg::Value(0), Arg::Value(1)], shape);
    if stateful {
        let found = callee.push(Kind::Before(S), vec![Arg::Value(2)], Shape::of(&[axis, S]));
        z = callee.push(Kind::Zip(Zip::Mul), vec![Arg::Value(z), Arg::Value(found)], shape);
    }
    callee.push(Kind::Map(Map::Relu), vec![Arg::Value(z)], shape);
    callee.finish("Scaled")
}

/// Two products with weights, none of which has all the axes that weights have; with `stateful` on what a state adds, which
/// is kept for each position of the further axes.
fn network(shape: Shape, stateful: bool) -> &'static Op<'static> {
    let mut callee = taking(vec![act("z", shape), weight("up", &[X, Y]), weight("own", &[Y]), weight("down", &[X, Y])]);
    let wide = shape.replace(X, Y);
    let mut z = 0;
    if stateful {
        let kept = shape.minus(&Shape::of(&[S]));
        callee.inputs.push(Input::new("memory", Role::State, kept));
        callee.shapes.push(kept);
        let found = callee.push(Kind::Before(S), vec![Arg::Value(4)], kept.with(S));
        z = callee.push(Kind::Zip(Zip::Add), vec![Arg::Value(z), Arg::Value(found)], shape);
    }
    let h = callee.push(Kind::Dot(Shape::of(&[X])), vec![Arg::Value(z), Arg::Value(1)], wide);
    let h = callee.push(Kind::Zip(Zip::Mul), vec![Arg::Value(h), Arg::Value(2)], wide);
    callee.push(Kind::Dot(Shape::of(&[Y])), vec![Arg::Value(h), Arg::Value(3)], shape);
    callee.finish("Network")
}

/// For how many tokens experts have room, where that can be said of them.
fn room(op: &'static Op<'static>, c: u8) -> Option<Count> {
    let tokens = token_axes(op);
    let plain = !keeps(op) && !tokens.axes().iter().any(|axis| op.derives(usize::from(*axis)));
    match c % 5 {
        0 if plain => Some(Count::Axis(L)),
        1 if plain => Some(Count::Axis(U)),
        2 if plain => Some(Count::Number(1)),
        _ => None,
    }
}

/// Whether an operator has a state, or what it calls.
fn keeps(op: &Op<'_>) -> bool {
    op.inputs.iter().any(|input| input.role == Role::State)
        || op.steps.iter().any(|it| matches!(it.kind, Kind::Call(call) if keeps(call.op)))
}

impl Build {
    /// The call of an operator that leaves the shape as it is.
    pub(super) fn scaled(&mut self, z: u16, shape: Shape) -> u16 {
        self.push(Kind::Call(plainly(scaling(shape, X, false))), vec![Arg::Value(z)], shape)
    }

    /// The call of a random operator.
    pub(super) fn call(
        &mut self,
        (x, shape): (u16, Shape),
        (y, other): (u16, Shape),
        (b, c): (u8, u8),
        callee: &(Vec<Choice>, u8),
    ) {
        // Routed tokens are none of the pairs that a mask leaves out.
        let masked = [T, N].iter().any(|axis| shape.has(*axis));
        let rows = shape.has(S) && shape.has(X) && !shape.has(Y) && !shape.has(E) && !masked && shape.rank() <= 3;
        match c % 6 {
            0 | 3 if rows && self.activation(x) && b.is_multiple_of(2) => self.routed_around(x, shape, b / 2),
            0 | 3 if rows && self.activation(x) => self.routed(x, shape, b, c),
            1 if shape.same(&Shape::of(&[S, X])) => self.attending(x, b),
            2 | 4 => {
                let second = if other.same(&shape) && b.is_multiple_of(4) { y } else { x };
                self.paired(x, second, shape, b);
            }
            _ if self.activation(x) => self.owning(x, shape, callee),
            _ => {}
        }
    }

    /// An operator of one tensor with random steps, which owns a weight.
    fn owning(&mut self, x: u16, shape: Shape, (choices, mask): &(Vec<Choice>, u8)) {
        let mut callee = Self::new(*mask, false, 1);
        callee.inputs = vec![act("z", shape), weight("own", &[X])];
        callee.shapes = callee.inputs.iter().map(|input| input.shape).collect();
        callee.push(Kind::Zip(Zip::Mul), vec![Arg::Value(0), Arg::Value(1)], shape.with(X));
        for choice in choices.iter().filter(|choice| matches!(choice.0 % 17, 0..=3 | 5..=8 | 16)) {
            callee.plain(*choice);
        }
        let op = callee.finish("Callee");
        self.push(
            Kind::Call(plainly(if mask.is_multiple_of(2) { op } else { renamed(op) })),
            vec![Arg::Value(x)],
            op.outputs[0].shape,
        );
    }

    /// An operator of two tensors of one shape, which may be one tensor; by way of another with `b`.
    fn paired(&mut self, x: u16, y: u16, shape: Shape, b: u8) {
        let mut pair = taking(vec![act("first", shape), act("second", shape)]);
        let sum = pair.push(Kind::Zip(Zip::Add), vec![Arg::Value(0), Arg::Value(1)], shape);
        if b.is_multiple_of(3) {
            pair.push(Kind::Store, vec![Arg::Value(sum)], shape);
            pair.push(Kind::Zip(Zip::Mul), vec![Arg::Value(sum), Arg::Value(1)], shape);
        }
        match b % 5 {
            0 if b.is_multiple_of(3) => pair.further.push(Output { value: sum, role: Role::Act, shape }),
            2 if shape.rank() <= 4 && self.activation(x) => return self.remembering(x, shape, b / 5),
            _ => {}
        }
        let mut op = pair.finish("Pair");
        if b.is_multiple_of(2) && op.outputs.len() == 1 {
            let mut outer = taking(vec![act("left", shape), act("right", shape)]);
            let inner = outer.push(Kind::Call(plainly(op)), vec![Arg::Value(0), Arg::Value(1)], shape);
            outer.push(Kind::Zip(Zip::Mul), vec![Arg::Value(inner), Arg::Value(1)], shape);
            op = outer.finish("Outer");
        }
        let value = self.push(Kind::Call(plainly(op)), vec![Arg::Value(x), Arg::Value(y)], shape);
        for (output, number) in op.outputs.iter().zip(0..).skip(1) {
            self.push(Kind::Output(number), vec![Arg::Value(value)], output.shape);
        }
    }

    /// An operator that hands out the state that it keeps, which is read here.
    fn remembering(&mut self, x: u16, shape: Shape, b: u8) {
        let kept = Shape::of(&[X]);
        let mut callee = taking(vec![act("z", shape), Input::new("memory", Role::State, kept)]);
        let new = callee.push(Kind::Map(Map::Tanh), vec![Arg::Value(1)], kept);
        let memory = callee.push(Kind::Write(Role::State), vec![Arg::Value(1), Arg::Value(new)], kept);
        callee.push(Kind::Zip(Zip::Mul), vec![Arg::Value(0), Arg::Value(new)], shape.with(X));
        callee.further.push(Output { value: memory, role: Role::State, shape: kept });
        let op = callee.finish("Remembering");
        let args = if b.is_multiple_of(2) { vec![Arg::Value(x)] } else { vec![Arg::Value(x), Arg::Value(STATE)] };
        let value = self.push(Kind::Call(plainly(op)), args, shape.with(X));
        let memory = self.push(Kind::Output(1), vec![Arg::Value(value)], kept);
        self.push(Kind::Zip(Zip::Mul), vec![Arg::Value(value), Arg::Value(memory)], shape.with(X));
    }

    /// Rows that attend to themselves: one tensor as queries and, along another axis of the same size, as keys.
    fn attending(&mut self, x: u16, b: u8) {
        let (queries, keys) = (Shape::of(&[S, X]), Shape::of(&[T, X]));
        let mut callee = taking(vec![act("queries", queries), act("keys", keys), act("values", keys)]);
        callee.mask = if b.is_multiple_of(2) { Mask::Causal { s: S, t: T } } else { Mask::None };
        callee.tile = b.is_multiple_of(3).then_some(Tile { axis: S, size: Dim::Axis(W) });
        let pairs = Shape::of(&[S, T]);
        let scores = callee.push(Kind::Dot(Shape::of(&[X])), vec![Arg::Value(0), Arg::Value(1)], pairs);
        let shares = callee.push(Kind::Norm(Norm::Softmax, Shape::of(&[T])), vec![Arg::Value(scores)], pairs);
        callee.push(Kind::Dot(Shape::of(&[T])), vec![Arg::Value(shares), Arg::Value(2)], queries);
        let bind = leak(vec![Bind { axis: "t", dim: Dim::Axis(S) }]);
        let call = Call { bind, ..plainly(callee.finish("Attending")) };
        self.push(Kind::Call(call), vec![Arg::Value(x); 3], queries);
    }

    /// Routed experts without weights of their own: what they call has them, or what that calls in turn.
    fn routed_around(&mut self, x: u16, shape: Shape, c: u8) {
        let mut op = network(shape, !c.is_multiple_of(4));
        for name in if c.is_multiple_of(2) { &["Around"][..] } else { &["Within", "Around"] } {
            let mut callee = taking(vec![act("z", shape)]);
            callee.push(Kind::Call(plainly(op)), vec![Arg::Value(0)], shape);
            op = callee.finish(name);
        }
        let capacity = room(op, c);
        let call = Call { experts: Some(Experts { count: E, top: TOP, gated: false, capacity }), ..plainly(op) };
        self.push(Kind::Call(call), vec![Arg::Value(x)], shape);
    }

    /// Routed experts: what they are given, own, call and keep depends on the bits of `b`, whether gates weigh them on `c`.
    fn routed(&mut self, x: u16, shape: Shape, b: u8, c: u8) {
        let has = |bit: u8| b >> bit & 1 == 1;
        let inner = Shape::of(&[X, Y]);
        let wide = shape.replace(X, Y);
        let mut inputs = vec![act("z", shape), Input::new("up", Role::Weight, inner), weight("down", &[X, Y])];
        // A state for all tokens, or one for each position of a further axis of theirs.
        let further: Vec<u8> = shape.axes().iter().copied().filter(|axis| ![S, X].contains(axis)).collect();
        let kept = if has(2) && !has(3) { Shape::of(&further).with(X) } else { Shape::of(&[X]) };
        if has(1) {
            inputs.push(Input::new("memory", Role::State, kept));
        }
        let mut callee = taking(inputs);
        let mut z = 0;
        if has(1) {
            let found = callee.push(Kind::Before(S), vec![Arg::Value(3)], kept.with(S));
            z = callee.push(Kind::Zip(Zip::Add), vec![Arg::Value(z), Arg::Value(found)], shape);
            if kept.with(S).same(&shape) {
                callee.push(Kind::Write(Role::State), vec![Arg::Value(3), Arg::Value(z)], kept);
            }
        }
        let mut h = callee.push(Kind::Dot(Shape::of(&[X])), vec![Arg::Value(z), Arg::Value(1)], wide);
        if has(4) {
            h = callee.push(Kind::Store, vec![Arg::Value(h)], wide);
        }
        if has(5) {
            let op = scaling(wide, Y, has(6));
            h = callee.push(Kind::Call(plainly(op)), vec![Arg::Value(h)], wide);
        }
        callee.push(Kind::Dot(Shape::of(&[Y])), vec![Arg::Value(h), Arg::Value(2)], shape);
        let op = callee.finish("Expert");
        let (given, owned) = (has(0), has(1) && has(3));
        let mut args = vec![Arg::Value(x)];
        args.extend(given.then_some(Arg::Value(if has(7) { SLICES } else { MATRIX })));
        args.extend(owned.then_some(Arg::Value(STATE)));
        let gated = c.is_multiple_of(2);
        if gated {
            let gates = shape.minus(&Shape::of(&[X])).with(E);
            let gates = self.push(Kind::Dot(Shape::of(&[X])), vec![Arg::Value(x), Arg::Value(ROUTER)], gates);
            args.push(Arg::Value(gates));
        }
        let experts = Some(Experts { count: E, top: TOP, gated, capacity: room(op, c) });
        self.push(Kind::Call(Call { experts, ..plainly(op) }), args, shape);
    }
}
