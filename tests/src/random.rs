//! Random operators, as descriptions: every choice is a number, so that proptest can shrink it.

use cost_core::check::{At, fault, infer};
use cost_core::op::{
    Arg, Call, Dim, Experts, Input, Kind, Loop, Map, Mask, Norm, Op, Reduce, Role, Shape, Step, Tile, Zip,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// The axes of every random operator: queries, keys, window, kept rows, table rows, two conditions or rounds, experts,
/// experts used, and two more.
const AXES: [&str; 11] = ["s", "t", "w", "u", "v", "p", "r", "e", "top", "x", "y"];
const S: u8 = 0;
const T: u8 = 1;
const W: u8 = 2;
const U: u8 = 3;
const V: u8 = 4;
const P: u8 = 5;
const R: u8 = 6;
const E: u8 = 7;
const TOP: u8 = 8;
const X: u8 = 9;
const Y: u8 = 10;

/// A random operator and sizes for its axes.
#[derive(Clone)]
pub struct Case {
    /// The operator.
    pub op: &'static Op<'static>,
    /// A size for each axis.
    pub sizes: Vec<usize>,
}

/// A failing case as a person can read it.
impl core::fmt::Debug for Case {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let sizes: Vec<String> = AXES.iter().zip(&self.sizes).map(|(axis, size)| format!("{axis}={size}")).collect();
        writeln!(f, "{}", sizes.join(" "))?;
        listing(f, self.op)
    }
}

fn listing(f: &mut core::fmt::Formatter<'_>, op: &Op<'_>) -> core::fmt::Result {
    let shape = |shape: &Shape| shape.axes().iter().map(|axis| AXES[usize::from(*axis)]).collect::<Vec<_>>().join(" ");
    writeln!(f, "{} {:?} unfused: {} tile: {}", op.name, op.mask, op.unfused, op.tile.is_some())?;
    for (i, step) in op.steps.iter().enumerate() {
        let kind = match step.kind {
            Kind::Call(call) => format!("call of {} experts: {}", call.op.name, call.experts.is_some()),
            Kind::Dot(over) => format!("dot over {}", shape(&over)),
            Kind::Norm(norm, over) => format!("{norm:?} over {}", shape(&over)),
            Kind::Reduce(reduce, over) => format!("{reduce:?} over {}", shape(&over)),
            other => format!("{other:?}"),
        };
        let value = op.inputs.len() + i;
        writeln!(f, "  {i}: v{value} = {kind} of {:?} gives {}", step.args, shape(&op.shapes[value]))?;
        if let Kind::Call(call) = step.kind {
            listing(f, call.op)?;
        }
    }
    for it in op.loops {
        writeln!(f, "  steps {}..{} {:?} guard: {} carried: {:?}", it.start, it.end, it.times, it.guard, it.carried)?;
    }
    Ok(())
}

/// One random decision about a step.
type Choice = (u8, u8, u8, u8);

/// Random operators with loops, conditions, masks, calls and routed experts.
pub fn cases() -> impl Strategy<Value = Case> {
    let choices = || vec(any::<Choice>(), 1..9);
    let sizes = vec(1_usize..4, AXES.len());
    (choices(), choices(), sizes, any::<(u8, u8, bool, u8)>(), 0..3_usize, 0..3_usize).prop_map(
        |(outer, inner, mut sizes, (mask, tile, unfused, callee_mask), past, rounds)| {
            sizes[usize::from(T)] = sizes[usize::from(S)] + past;
            sizes[usize::from(U)] = sizes[usize::from(U)].min(sizes[usize::from(S)]);
            sizes[usize::from(TOP)] = sizes[usize::from(TOP)].min(sizes[usize::from(E)]);
            (sizes[usize::from(P)], sizes[usize::from(R)]) = (rounds.min(1), rounds);
            let mut build = Build::new(mask, unfused && mask.is_multiple_of(3), tile);
            let inner = Some((inner, callee_mask));
            for choice in outer {
                build.step(choice, inner.as_ref());
            }
            Case { op: build.finish("Random"), sizes }
        },
    )
}

struct Build {
    inputs: Vec<Input<'static>>,
    steps: Vec<Step<'static>>,
    loops: Vec<Loop<'static>>,
    shapes: Vec<Shape>,
    /// Values inside loops, which nothing outside can use.
    hidden: Vec<u16>,
    mask: Mask,
    unfused: bool,
    tile: Option<Tile<'static>>,
}

fn leak<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

impl Build {
    fn new(mask: u8, unfused: bool, tile: u8) -> Self {
        let mask = match mask % 5 {
            0 => Mask::None,
            1 => Mask::Causal { s: S, t: T },
            2 => Mask::Window { s: S, t: T, w: W },
            3 => Mask::Selected { s: S, t: T, w: W },
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
        ];
        let shapes = inputs.iter().map(|input| input.shape).collect();
        Self { inputs, steps: vec![], loops: vec![], shapes, hidden: vec![], mask, unfused, tile }
    }

    fn push(&mut self, kind: Kind<'static>, args: Vec<Arg>, shape: Shape) -> u16 {
        self.steps.push(Step { kind, args: leak(args), name: "", annotated: None });
        self.shapes.push(shape);
        u16::try_from(self.shapes.len() - 1).expect("few steps")
    }

    /// A tensor to compute with: any value but the ids.
    fn pick(&self, choice: u8) -> (u16, Shape) {
        let values: Vec<u16> = (0_u16..)
            .zip(&self.shapes)
            .map(|(value, _)| value)
            .filter(|value| *value != 4 && !self.hidden.contains(value))
            .collect();
        // Later values more often, so that chains are common.
        let at = values.len() - 1 - usize::from(choice) % values.len();
        (values[at], self.shapes[usize::from(values[at])])
    }

    fn step(&mut self, (kind, a, b, c): Choice, callee: Option<&(Vec<Choice>, u8)>) {
        let ((x, shape), (y, other)) = (self.pick(a), self.pick(b));
        let args = vec![Arg::Value(x)];
        let small = |shape: &Shape| shape.rank() <= 5;
        let axis = |shape: &Shape| shape.axes().get(usize::from(c) % shape.rank().max(1)).copied();
        match (kind % 20, axis(&shape)) {
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
                self.push(Kind::Gather(V), vec![Arg::Value(3), Arg::Value(4)], Shape::of(&[S, X]));
            }
            (11, _) if shape.has(S) && !shape.has(U) && !shape.has(T) => {
                self.push(Kind::Last { of: S, keep: U }, args, shape.replace(S, U));
            }
            (12, _) if shape.same(&Shape::of(&[S, X])) => {
                self.push(Kind::Append(T), vec![Arg::Value(2), Arg::Value(x)], Shape::of(&[T, X]));
            }
            (16, _) => {
                self.push(Kind::Before(S), vec![Arg::Value(5)], Shape::of(&[X, S]));
            }
            (17, _) if shape.same(&Shape::of(&[X, S])) || shape.same(&Shape::of(&[X])) => {
                self.push(Kind::Update, vec![Arg::Value(5), Arg::Value(x)], Shape::of(&[X]));
            }
            (18, _) if shape.same(&Shape::of(&[X, S])) => {
                let slide = Kind::Slide { over: S, width: V };
                let taps = self.push(slide, vec![Arg::Value(6), Arg::Value(x)], Shape::of(&[X, S, V]));
                self.push(Kind::Update, vec![Arg::Value(6), Arg::Value(taps)], Shape::of(&[X, V]));
            }
            (19, Some(axis)) if !shape.has(Y) && axis != S => {
                self.push(Kind::Top { of: axis, keep: Y }, args, shape.replace(axis, Y));
            }
            (13, _) => self.repeat(x, shape, (y, other), c),
            (14 | 15, _) => {
                if let Some(callee) = callee {
                    self.call(x, shape, c, callee);
                }
            }
            _ => {}
        }
    }

    fn activation(&self, value: u16) -> bool {
        match usize::from(value).checked_sub(self.inputs.len()).map(|step| &self.steps[step]) {
            None => self.inputs[usize::from(value)].role == Role::Act,
            Some(Step { kind: Kind::Append(_) | Kind::Update, .. }) => false,
            Some(Step { kind: Kind::Last { .. }, args, .. }) => args[0].value().is_none_or(|of| self.activation(of)),
            Some(_) => true,
        }
    }

    /// A loop or a condition that changes one variable.
    fn repeat(&mut self, x: u16, shape: Shape, (y, other): (u16, Shape), c: u8) {
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
        if c.is_multiple_of(5) {
            end = self.push(Kind::Store, vec![Arg::Value(end)], shape);
        }
        // What the variable was before goes by no other name.
        self.hidden.extend((carry + 1..=end).chain([x]));
        let guard = c.is_multiple_of(2);
        let times = Dim::Axis(if guard { P } else { R });
        let stop = u16::try_from(self.steps.len()).expect("few steps");
        self.loops.push(Loop { times, guard, label: "", start, end: stop, carried: leak(vec![(carry, end)]) });
        // What a loop changes is what the steps after it see.
        self.push(Kind::Map(Map::Silu), vec![Arg::Value(carry)], shape);
    }

    /// The call of a random operator of one tensor, which owns a weight.
    fn call(&mut self, x: u16, shape: Shape, c: u8, (choices, mask): &(Vec<Choice>, u8)) {
        // What it takes is an activation.
        if !self.activation(x) {
            return;
        }
        let routed = c.is_multiple_of(3) && shape.same(&Shape::of(&[S, X]));
        let mask = if routed { 0 } else { *mask };
        let mut callee = Self::new(mask, false, 1);
        callee.inputs = vec![
            Input::new("z", Role::Act, shape),
            Input::new("own", Role::Weight, if routed { Shape::of(&[X, Y]) } else { Shape::of(&[X]) }),
        ];
        callee.shapes = callee.inputs.iter().map(|input| input.shape).collect();
        let (z, own) = (Arg::Value(0), Arg::Value(1));
        if routed {
            let inner = callee.push(Kind::Dot(Shape::of(&[X])), vec![z, own], Shape::of(&[S, Y]));
            callee.push(Kind::Dot(Shape::of(&[Y])), vec![Arg::Value(inner), own], Shape::of(&[S, X]));
        } else {
            let all = shape.with(X);
            callee.push(Kind::Zip(Zip::Mul), vec![z, own], all);
            for choice in choices.iter().filter(|choice| matches!(choice.0 % 16, 0..=3 | 5..=8)) {
                callee.plain(*choice);
            }
        }
        let op: &'static Op<'static> = callee.finish("Callee");
        let experts = routed.then_some(Experts { count: E, top: TOP, gated: false });
        let call = Call { op, bind: &[], rest: true, experts };
        self.push(Kind::Call(call), vec![Arg::Value(x)], op.returns);
    }

    /// A step that needs nothing but tensors of any shape.
    fn plain(&mut self, (kind, a, b, c): Choice) {
        // Without the inputs of the outermost operators there are no ids to leave out.
        let pick = |choice: u8| {
            let at = self.shapes.len() - 1 - usize::from(choice) % self.shapes.len();
            (u16::try_from(at).expect("few steps"), self.shapes[at])
        };
        let ((x, shape), (y, other)) = (pick(a), pick(b));
        match (kind % 16, shape.axes().first().copied()) {
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
            _ => {
                let map = Map::ALL[usize::from(c) % Map::ALL.len()];
                self.push(Kind::Map(map), vec![Arg::Value(x)], shape);
            }
        }
    }

    fn finish(mut self, name: &'static str) -> &'static Op<'static> {
        if self.steps.is_empty() {
            let shape = self.shapes[0];
            self.push(Kind::Map(Map::Relu), vec![Arg::Value(0)], shape);
        }
        let result = u16::try_from(self.shapes.len() - 1).expect("few steps");
        let op = Op {
            name,
            axes: &AXES,
            inputs: leak(self.inputs),
            steps: leak(self.steps),
            shapes: &[],
            loops: leak(self.loops),
            result,
            returns: self.shapes[usize::from(result)],
            mask: self.mask,
            unfused: self.unfused,
            tile: self.tile,
            part: None,
            failed: false,
        };
        let op = Op { shapes: leak(infer(&op)), ..op };
        for step in 0..op.steps.len() {
            let wrong = fault(&op, step, At::Step).map(|fault| fault.message(&op).as_str().to_owned());
            assert_eq!(wrong, None, "random operators are well formed: {op:#?}");
        }
        Box::leak(Box::new(op))
    }
}
