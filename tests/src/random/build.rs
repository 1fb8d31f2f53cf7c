//! Bodies of random operators, step by step.

use cost_core::check::{At, fault, infer};
use cost_core::format::Format;
use cost_core::op::{
    Arg, Count, Dim, Input, Kind, Loop, Map, Mask, Norm, Op, Output, Reduce, Role, Shape, Step, Term, Tile, Zip,
};

use super::{AXES, Choice, DERIVED, E, F, H, I, K, L, Listing, M, N, P, Q, R, S, T, U, V, W, X, Y};

/// The inputs of the outermost operators, by their places.
pub(super) const MATRIX: u16 = 1;
const KEYS: u16 = 2;
const TABLE: u16 = 3;
const IDS: u16 = 4;
pub(super) const STATE: u16 = 5;
const RECENT: u16 = 6;
const OTHERS: u16 = 7;
pub(super) const ROUTER: u16 = 8;
pub(super) const SLICES: u16 = 12;

/// `l - 2`
const LESS_TWO: Dim<'static> = Dim::Sum(&[Term::new(1, &[L]), Term::new(-2, &[])]);

pub(super) struct Build {
    pub(super) inputs: Vec<Input<'static>>,
    steps: Vec<Step<'static>>,
    loops: Vec<Loop<'static>>,
    pub(super) shapes: Vec<Shape>,
    /// Values inside loops, which nothing outside can use.
    hidden: Vec<u16>,
    /// The axis that choices are made along: what one axis keeps is of one other.
    searched: Option<u8>,
    pub(super) mask: Mask,
    unfused: bool,
    pub(super) tile: Option<Tile<'static>>,
    /// What is returned besides the last value.
    pub(super) further: Vec<Output>,
}

pub(super) fn leak<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

impl Build {
    pub(super) fn new(mask: u8, unfused: bool, tile: u8) -> Self {
        let (w, v) = (Count::Axis(W), Count::Axis(V));
        let mask = match mask % 10 {
            0 => Mask::None,
            1 => Mask::Causal { s: S, t: T },
            2 => Mask::Window { s: S, t: T, w: W },
            3 => Mask::Around { s: S, t: T, w: W },
            4 => Mask::Selected { s: S, t: T, w: W, block: None },
            5 => Mask::Selected { s: S, t: T, w: W, block: Some(v) },
            6 => Mask::Blocks { s: S, m: N, t: T, width: w, stride: w },
            7 => Mask::Blocks { s: S, m: N, t: T, width: v, stride: w },
            8 => Mask::Within { s: S, t: T, w: W },
            _ => Mask::Chunked { s: S, t: T, w: W },
        };
        let tile = tile.is_multiple_of(4).then_some(Tile { axis: S, size: Dim::Axis(W) });
        let inputs = vec![
            Input::new("a", Role::Act, Shape::of(&[S, X])),
            Input::new("m", Role::Weight, Shape::of(&[X, Y])),
            Input::new("keys", Role::Cache, Shape::of(&[T, X])),
            Input::new("table", Role::Weight, Shape::of(&[V, X])),
            Input::new("ids", Role::Ids, Shape::of(&[S])),
            Input::new("state", Role::State, Shape::of(&[X])),
            Input::new("recent", Role::State, Shape::of(&[X, V])),
            Input::new("others", Role::Ids, Shape::of(&[S])),
            Input::new("router", Role::Weight, Shape::of(&[X, E])),
            Input::new("square", Role::Weight, Shape::of(&[X, I])),
            Input::new("wide", Role::Weight, Shape::of(&[I, F, H])),
            Input::new("blocks", Role::Cache, Shape::of(&[N, X])),
            Input::new("slices", Role::Weight, Shape::of(&[E, X, Y])),
        ];
        let shapes = inputs.iter().map(|input| input.shape).collect();
        Self {
            inputs,
            steps: vec![],
            loops: vec![],
            shapes,
            hidden: vec![],
            searched: None,
            mask,
            unfused,
            tile,
            further: vec![],
        }
    }

    pub(super) fn push(&mut self, kind: Kind<'static>, args: Vec<Arg>, shape: Shape) -> u16 {
        self.steps.push(Step::new(kind, leak(args)));
        self.shapes.push(shape);
        u16::try_from(self.shapes.len() - 1).expect("few steps")
    }

    /// A tensor to compute with: any value but the ids.
    fn pick(&self, choice: u8) -> (u16, Shape) {
        let values: Vec<u16> = (0_u16..)
            .zip(&self.shapes)
            .map(|(value, _)| value)
            .filter(|value| ![IDS, OTHERS].contains(value) && !self.hidden.contains(value))
            .collect();
        // Later values more often, so that chains are common.
        let at = values.len() - 1 - usize::from(choice) % values.len();
        (values[at], self.shapes[usize::from(values[at])])
    }

    pub(super) fn step(&mut self, (kind, a, b, c): Choice, callee: Option<&(Vec<Choice>, u8)>) {
        let ((x, shape), (y, other)) = (self.pick(a), self.pick(b));
        let args = vec![Arg::Value(x)];
        let small = |shape: &Shape| shape.rank() <= 5;
        let axis = |shape: &Shape| shape.axes().get(usize::from(c) % shape.rank().max(1)).copied();
        match (kind % 31, axis(&shape)) {
            (0..=2, _) => {
                let shared = shape.minus(&shape.minus(&other));
                let all = shape.union(&other);
                if shared.rank() > 0 && small(&all) {
                    let over = match c % 3 {
                        0 => shared,
                        _ => Shape::of(&shared.axes()[..1]),
                    };
                    self.push(Kind::Dot(over), vec![Arg::Value(x), Arg::Value(y)], all.minus(&over));
                }
            }
            (3, _) => {
                let all = shape.union(&other);
                let nested = shape.covers(&other) || other.covers(&shape);
                let zip = if nested { Zip::Add } else { Zip::Mul };
                if small(&all) {
                    self.push(Kind::Zip(zip), vec![Arg::Value(x), Arg::Value(y)], all);
                }
            }
            (4, _) => {
                self.push(Kind::Zip(Zip::Div), vec![Arg::Value(x), Arg::Number(2.0)], shape);
            }
            (5, _) => {
                let map = Map::ALL[usize::from(c) % Map::ALL.len()];
                self.push(Kind::Map(map), args, shape);
            }
            (6, Some(axis)) => {
                let norm = Norm::ALL[usize::from(c) % Norm::ALL.len()];
                self.push(Kind::Norm(norm, Shape::of(&[axis])), args, shape);
            }
            (7, Some(axis)) => {
                let reduce = Reduce::ALL[usize::from(c) % Reduce::ALL.len()];
                let over = Shape::of(&[axis]);
                self.push(Kind::Reduce(reduce, over), args, shape.minus(&over));
            }
            (8, _) => {
                self.push(Kind::Store, args, shape);
            }
            (9, _) => {
                self.push(Kind::Dequant, args, shape);
            }
            (10, _) => {
                self.push(
                    Kind::Gather(V),
                    vec![Arg::Value(TABLE), Arg::Value(if c.is_multiple_of(3) { OTHERS } else { IDS })],
                    Shape::of(&[S, X]),
                );
            }
            (11, _) if shape.has(S) && !shape.has(U) && !shape.has(T) => {
                self.push(Kind::Last { of: S, keep: U }, args, shape.replace(S, U));
            }
            (12, _) if shape.same(&Shape::of(&[S, X])) => {
                self.push(Kind::Append(T), vec![Arg::Value(KEYS), Arg::Value(x)], Shape::of(&[T, X]));
            }
            (16, _) => {
                self.push(Kind::Before(S), vec![Arg::Value(STATE)], Shape::of(&[X, S]));
            }
            (17, _) if shape.same(&Shape::of(&[X, S])) || shape.same(&Shape::of(&[X])) => {
                self.push(Kind::Write(Role::State), vec![Arg::Value(STATE), Arg::Value(x)], Shape::of(&[X]));
            }
            (18, _) if shape.same(&Shape::of(&[X, S])) => {
                let slide = Kind::Slide { over: S, width: V };
                let taps = self.push(slide, vec![Arg::Value(RECENT), Arg::Value(x)], Shape::of(&[X, S, V]));
                self.push(Kind::Write(Role::State), vec![Arg::Value(RECENT), Arg::Value(taps)], Shape::of(&[X, V]));
            }
            (19, Some(axis)) if !shape.has(K) && axis != S && self.searched.is_none_or(|other| other == axis) => {
                self.searched = Some(axis);
                self.push(Kind::Top { of: axis, keep: K }, args, shape.replace(axis, K));
            }
            (20, _) if matches!(self.mask, Mask::Selected { .. }) && self.tile.is_none() => self.choose(x, shape),
            (13 | 21, _) => self.repeat(x, shape, (y, other), c, callee.is_some()),
            (14 | 15 | 22 | 23, _) => {
                if let Some(callee) = callee {
                    self.call((x, shape), (y, other), (b, c), callee);
                }
            }
            (24..=26, _) => self.view(x, shape, c),
            (30, Some(axis)) if !shape.has(K) && ![S, T].contains(&axis) => {
                self.take(x, shape, axis);
            }
            (27 | 28, _) => {
                self.cast(x, shape, Format::known("int8"));
            }
            (29, _) => {
                let (role, of) = if c.is_multiple_of(2) { (Role::Cache, KEYS) } else { (Role::Weight, MATRIX) };
                let all = self.shapes[usize::from(of)];
                let made = self.push(Kind::Map(Map::Tanh), vec![Arg::Value(of)], all);
                self.push(Kind::Write(role), vec![Arg::Value(of), Arg::Value(made)], all);
            }
            _ => {}
        }
    }

    /// The rows of a tensor whose sums are the largest, but for blocks, of which there may be fewer than are chosen. Others in
    /// their place (`put`) have the gallery.
    fn take(&mut self, x: u16, shape: Shape, axis: u8) {
        if self.searched.is_some_and(|other| other != axis) || usize::from(axis) + 1 == super::RANK {
            return;
        }
        self.searched = Some(axis);
        let rows = Shape::of(&[axis]);
        let scores = self.push(Kind::Map(Map::Tanh), vec![Arg::Value(x)], shape);
        let sums = self.push(Kind::Reduce(Reduce::Sum, shape.minus(&rows)), vec![Arg::Value(scores)], rows);
        let chosen = self.push(Kind::Top { of: axis, keep: K }, vec![Arg::Value(sums)], Shape::of(&[K]));
        let taken = Kind::Take { of: axis, keep: K };
        self.push(taken, vec![Arg::Value(x), Arg::Value(chosen)], shape.replace(axis, K));
    }

    fn cast(&mut self, x: u16, shape: Shape, format: Format) -> u16 {
        let value = self.push(Kind::Cast, vec![Arg::Value(x)], shape);
        self.steps.last_mut().expect("a step").format = Some(format);
        value
    }

    fn format(&self, x: u16) -> Option<Format> {
        Op { inputs: &self.inputs, steps: &self.steps, ..Op::UNKNOWN }.format_of(Arg::Value(x))
    }

    /// The same elements along other axes.
    pub(super) fn view(&mut self, x: u16, shape: Shape, c: u8) {
        let (one, other, pair, both) = (Shape::of(&[X]), Shape::of(&[I]), Shape::of(&[X, Y]), Shape::of(&[M]));
        let ways = [(one, other), (other, one), (pair, both), (both, pair)];
        let fits = |(of, to): &&(Shape, Shape)| shape.covers(of) && shape.minus(of).minus(to).same(&shape.minus(of));
        let fitting: Vec<_> = ways.iter().filter(fits).collect();
        if let Some((of, to)) = fitting.get(usize::from(c) % fitting.len().max(1)) {
            self.push(Kind::View { of: *of, to: *to }, vec![Arg::Value(x)], shape.seen(of, to));
        }
    }

    pub(super) fn activation(&self, value: u16) -> bool {
        match usize::from(value).checked_sub(self.inputs.len()).map(|step| &self.steps[step]) {
            None => self.inputs[usize::from(value)].role == Role::Act,
            Some(Step { kind: Kind::Append(_) | Kind::Write(_), .. }) => false,
            Some(Step { kind: Kind::Output(_) | Kind::Call(_), .. }) => {
                Op { inputs: &self.inputs, steps: &self.steps, ..Op::UNKNOWN }.role_of(Arg::Value(value)) == Role::Act
            }
            Some(Step { kind, args, .. }) if kind.is_view() => args[0].value().is_none_or(|of| self.activation(of)),
            Some(_) => true,
        }
    }

    /// Scores of the keys, the best of them, and the scores of those.
    fn choose(&mut self, x: u16, shape: Shape) {
        if !shape.same(&Shape::of(&[S, X])) {
            return;
        }
        let over = Kind::Dot(Shape::of(&[X]));
        let scores = self.push(over, vec![Arg::Value(x), Arg::Value(KEYS)], Shape::of(&[S, T]));
        let chosen = self.push(Kind::Top { of: T, keep: W }, vec![Arg::Value(scores)], Shape::of(&[S, W]));
        let among = Kind::Among { of: T, by: W };
        self.push(among, vec![Arg::Value(scores), Arg::Value(chosen)], Shape::of(&[S, T]));
    }

    /// A loop or a condition that changes one variable.
    fn repeat(&mut self, x: u16, shape: Shape, (y, other): (u16, Shape), c: u8, calls: bool) {
        if !self.activation(x) || x == y {
            return;
        }
        let start = u16::try_from(self.steps.len()).expect("few steps");
        let carry = self.push(Kind::Carry, vec![Arg::Value(x)], shape);
        let mut end = carry;
        if shape.covers(&other) {
            end = self.push(Kind::Zip(Zip::Add), vec![Arg::Value(end), Arg::Value(y)], shape);
        }
        if end == carry || c.is_multiple_of(3) {
            end = self.push(Kind::Map(Map::Tanh), vec![Arg::Value(end)], shape);
        }
        let calls = c.is_multiple_of(7) && calls && shape.has(X);
        let ends = calls || c.is_multiple_of(5);
        if calls {
            end = self.scaled(end, shape);
        }
        if c.is_multiple_of(5) {
            end = self.push(Kind::Store, vec![Arg::Value(end)], shape);
        }
        match (self.format(x), self.format(end)) {
            (before, after) if before == after => {}
            (before, _) => end = self.cast(end, shape, before.unwrap_or(Format::known("int8"))),
        }
        // What the variable was before goes by no other name.
        self.hidden.extend((carry + 1..=end).chain([x]));
        let guard = c.is_multiple_of(2);
        let times = match c / 2 % 2 {
            0 => Dim::Axis(if guard { P } else { R }),
            _ if guard => Dim::Axis(Q),
            _ => LESS_TWO,
        };
        let stop = u16::try_from(self.steps.len()).expect("few steps");
        let fused = !guard && c.is_multiple_of(3) && !ends;
        self.loops.push(Loop { times, guard, fused, label: "", start, end: stop, carried: leak(vec![(carry, end)]) });
        // What a loop changes is what the steps after it see.
        self.push(Kind::Map(Map::Silu), vec![Arg::Value(carry)], shape);
    }

    /// A step that needs nothing but tensors of any shape.
    pub(super) fn plain(&mut self, (kind, a, b, c): Choice) {
        // Without the inputs of the outermost operators there are no ids to leave out.
        let pick = |choice: u8| {
            let at = self.shapes.len() - 1 - usize::from(choice) % self.shapes.len();
            (u16::try_from(at).expect("few steps"), self.shapes[at])
        };
        let ((x, shape), (y, other)) = (pick(a), pick(b));
        match (kind % 17, shape.axes().first().copied()) {
            (0..=3, _) => {
                let all = shape.union(&other);
                let shared = shape.minus(&shape.minus(&other));
                if shared.rank() > 0 && all.rank() <= 5 {
                    self.push(Kind::Dot(shared), vec![Arg::Value(x), Arg::Value(y)], all.minus(&shared));
                }
            }
            (7, Some(axis)) => {
                let over = Shape::of(&[axis]);
                self.push(Kind::Reduce(Reduce::Sum, over), vec![Arg::Value(x)], shape.minus(&over));
            }
            (8, _) => {
                self.push(Kind::Store, vec![Arg::Value(x)], shape);
            }
            // What is returned is an activation.
            (16, _) if self.activation(x) => self.view(x, shape, c),
            _ => {
                let map = Map::ALL[usize::from(c) % Map::ALL.len()];
                self.push(Kind::Map(map), vec![Arg::Value(x)], shape);
            }
        }
    }

    pub(super) fn finish(mut self, name: &'static str) -> &'static Op<'static> {
        if self.steps.is_empty() {
            let shape = self.shapes[0];
            self.push(Kind::Map(Map::Relu), vec![Arg::Value(0)], shape);
        }
        let result = u16::try_from(self.shapes.len() - 1).expect("few steps");
        let mut outputs = vec![Output { value: result, role: Role::Act, shape: self.shapes[usize::from(result)] }];
        outputs.extend(self.further);
        let op = Op {
            name,
            axes: &AXES,
            derived: &DERIVED,
            inputs: leak(self.inputs),
            steps: leak(self.steps),
            shapes: &[],
            loops: leak(self.loops),
            outputs: leak(outputs),
            mask: self.mask,
            unfused: self.unfused,
            inline: false,
            tile: self.tile,
            part: None,
            mesh: None,
            failed: false,
        };
        let op = Op { shapes: leak(infer(&op)), ..op };
        for step in 0..op.steps.len() {
            let args = (0..op.steps[step].args.len()).map(At::Arg);
            for at in args.chain([At::Step]) {
                let wrong = fault(&op, step, at).map(|fault| fault.message(&op).as_str().to_owned());
                assert_eq!(wrong, None, "random operators are well formed: {at:?} of step {step} of {}", Listing(&op));
            }
        }
        Box::leak(Box::new(op))
    }
}
