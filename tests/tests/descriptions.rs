//! Descriptions built at run time: what is no description of anything is an error everywhere, whatever is wrong with it.

use std::panic::catch_unwind;

use cost_core::check::infer;
use cost_core::cost::{axes, counts, kernels, on_chip, params, peak, tensors};
use cost_core::expr::Expr;
use cost_core::op::{
    Arg, Bind, Call, Derived, Dim, Experts, Input, Kind, Loop, Map, Mask, Op, Output, Role, Shape, Step, Tied, Tile,
    Zip,
};
use cost_core::{Options, Plan, Result, interpret};

const X: Shape = Shape::of(&[0]);
const OUT: Output = Output { value: 1, role: Role::Act, shape: X };

const STEP: Step<'static> = Step::new(Kind::Map(Map::Relu), &[Arg::Value(0)]);

/// `relu(x)` over one axis.
const RIGHT: Op<'static> = Op {
    name: "Hand",
    axes: &["d"],
    inputs: &[Input::new("x", Role::Act, X)],
    steps: &[STEP],
    shapes: &[X, X],
    outputs: &[OUT],
    failed: false,
    ..Op::UNKNOWN
};

/// One run of everything that reads a description.
fn readers(op: &Op<'_>, sizes: &[u64]) -> Vec<(&'static str, Result<()>)> {
    let options = Options::default();
    let wide: Vec<u128> = sizes.iter().map(|size| u128::from(*size)).collect();
    let small: Vec<usize> = sizes.iter().map(|_| 4).collect();
    let none = cost_core::Error::Overflow { counting: "nothing" };
    let symbols: Vec<Expr> = sizes.iter().map(|_| Expr::axis(0)).collect();
    vec![
        ("kernels", kernels(op, &wide, &options).map(drop)),
        ("formulas", kernels(op, &axes(op), &options).map(drop)),
        ("tensors", tensors(op, &wide, &options).map(drop)),
        ("peak", peak(op, &wide, &options).map(drop)),
        ("on_chip", on_chip(op, &wide, &options, None).map(drop)),
        ("params", params(op, sizes).map(drop).ok_or(none.clone())),
        ("counts", counts(op, sizes).map(drop).ok_or(none)),
        ("plan", Plan::with_memory(op, &["x"], &symbols, &options).map(drop)),
        ("run", interpret::run(op, &small, &[], &options, 1).map(drop)),
    ]
}

/// Every reader gives an error, and those that say why say this.
#[track_caller]
fn check(what: &str, op: &Op<'_>, said: &str) {
    let sizes = vec![4; op.axes.len()];
    let results = catch_unwind(|| readers(op, &sizes)).unwrap_or_else(|_| panic!("{what} panics"));
    for (reader, result) in results {
        let error = result.expect_err(&format!("{what}: {reader} accepts it")).to_string();
        assert!(matches!(reader, "params" | "counts") || error.contains(said), "{what}: {reader} says {error}");
    }
}

fn leak<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

/// A chain of so many maps.
fn chain(steps: u16) -> Op<'static> {
    let steps = (0..steps).map(|i| Step { args: leak(vec![Arg::Value(i)]), ..STEP }).collect::<Vec<_>>();
    let result = u16::try_from(steps.len()).unwrap();
    let op = Op { steps: leak(steps), outputs: leak(vec![Output { value: result, ..OUT }]), ..RIGHT };
    Op { shapes: leak(infer(&op)), ..op }
}

/// An operator that calls another so many times.
fn calling(op: Op<'static>, call: Call<'static>, times: u16) -> Op<'static> {
    let callee: &'static Op<'static> = Box::leak(Box::new(op));
    let step = Step { kind: Kind::Call(Call { op: callee, ..call }), ..STEP };
    let shapes = vec![X; 1 + usize::from(times)];
    Op {
        steps: leak(vec![step; usize::from(times)]),
        shapes: leak(shapes),
        outputs: leak(vec![Output { value: times, ..OUT }]),
        ..RIGHT
    }
}

const CALL: Call<'static> = Call { op: &RIGHT, bind: &[], rest: true, experts: None };
const LOOP: Loop<'static> =
    Loop { times: Dim::Axis(0), guard: false, fused: false, label: "", start: 0, end: 1, carried: &[] };

/// A variable that a loop changes.
const LOOPED: Op<'static> = Op {
    steps: &[Step::new(Kind::Carry, &[Arg::Value(0)]), Step::new(Kind::Map(Map::Relu), &[Arg::Value(1)])],
    shapes: &[X, X, X],
    loops: &[Loop { end: 2, carried: &[(1, 2)], ..LOOP }],
    ..RIGHT
};

#[test]
fn right_descriptions_are_accepted() {
    for op in [RIGHT, chain(4096), calling(RIGHT, CALL, 3), LOOPED] {
        for (reader, result) in readers(&op, &[4]).into_iter().filter(|(reader, _)| *reader != "run") {
            assert_eq!(result, Ok(()), "{reader} of {op:?}");
        }
        let arrays = interpret::inputs(&op, &[4], 1);
        assert!(interpret::run(&op, &[4], &arrays, &Options::default(), 1).is_ok(), "{op:?}");
    }
}

#[test]
fn steps_and_values_that_are_not_there() {
    let step = |kind, args: Vec<Arg>| Op { steps: leak(vec![Step { kind, args: leak(args), ..STEP }]), ..RIGHT };
    let map = Kind::Map(Map::Relu);
    let (zero, one) = (Arg::Value(0), Arg::Value(1));
    check("4097 steps", &chain(4097), "it has more than 4096 steps (number 4097");
    check("a value that isn't there", &step(map, vec![Arg::Value(9)]), "a step uses a value that isn't there yet");
    check("its own value", &step(Kind::Carry, vec![one]), "a step uses a value that isn't there yet");
    check("no operand", &step(map, vec![]), "more or fewer operands");
    check("one operand of two", &step(Kind::Gather(0), vec![zero]), "more or fewer operands");
    check("three of two", &step(Kind::Zip(Zip::Add), vec![zero; 3]), "more or fewer operands");
    check("a number for a tensor", &step(map, vec![Arg::Number(1.0)]), "a number as a tensor");
    check("a variable of no loop", &step(Kind::Carry, vec![zero]), "no loop changes a variable");
    check(
        "a result that isn't there",
        &Op { outputs: &[Output { value: 2, ..OUT }], ..RIGHT },
        "its result is no value",
    );
    check("a shape too few", &Op { shapes: &[X], ..RIGHT }, "it hasn't one shape for each value");
    check("a shape too many", &Op { shapes: &[X; 3], ..RIGHT }, "it hasn't one shape for each value");
    check("an unknown shape", &Op { shapes: &[X, Shape::UNKNOWN], ..RIGHT }, "the shape of a value isn't known");
    check("another shape", &Op { shapes: &[Shape::SCALAR, X], ..RIGHT }, "another shape than its value");
    check("a failed declaration", &Op { failed: true, ..RIGHT }, "its declaration failed");
}

#[test]
fn axes_that_are_not_there() {
    let far = Shape::of(&[7]);
    let kind = |kind| Op { steps: leak(vec![Step { kind, ..STEP }]), ..RIGHT };
    let names: Vec<String> = (0..256).map(|i| format!("a{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    check("256 axes", &Op { axes: &names, ..RIGHT }, "it has more than 255 axes (number 256");
    check("of a shape", &Op { shapes: &[X, far], ..RIGHT }, "has an axis that isn't there");
    check(
        "of what it returns",
        &Op { outputs: leak(vec![Output { shape: far, ..OUT }]), ..RIGHT },
        "the shape that it returns",
    );
    check("of a cut", &kind(Kind::Last { of: 0, keep: 3 }), "along an axis that isn't there");
    check("of a state", &kind(Kind::Before(255)), "along an axis that isn't there");
    check("of a mask", &Op { mask: Mask::Causal { s: 0, t: 1 }, ..RIGHT }, "its mask has an axis");
    check("of a mask, twice", &Op { mask: Mask::Causal { s: 0, t: 0 }, ..RIGHT }, "or one twice");
    let derived = |derived: &'static [Derived<'static>]| Op { derived, ..RIGHT };
    let said = "the size of an axis is in terms of what isn't there, or doesn't come before it";
    check("of a size", &derived(&[Derived { axis: 0, dim: Dim::Axis(3) }]), said);
    check("with a size", &derived(&[Derived { axis: 3, dim: Dim::Sum(&[]) }]), said);
    check("of its own size", &derived(&[Derived { axis: 0, dim: Dim::Axis(0) }]), said);
    check("with two sizes", &derived(&[Derived { axis: 0, dim: Dim::Sum(&[]) }; 2]), said);
    let view = Kind::View { of: Shape::of(&[0]), to: Shape::of(&[3]) };
    check("of a view", &kind(view), "along an axis that isn't there");
    check("of a tile", &Op { tile: Some(Tile { axis: 0, size: Dim::Axis(9) }), ..RIGHT }, "its tile has an axis");
    let tied = Input { tied: Some(Tied { to: 5, when: 0 }), ..Input::new("x", Role::Act, X) };
    check("a tied parameter", &Op { inputs: &[tied], ..RIGHT }, "a parameter is tied to none");
}

#[test]
fn loops_that_do_not_nest() {
    let with = |loops: &[Loop<'static>]| Op { loops: leak(loops.to_vec()), ..chain(4) };
    let over = |start, end| Loop { start, end, ..LOOP };
    check("no steps", &with(&[over(1, 1)]), "a loop has no steps");
    check("steps that aren't there", &with(&[over(0, 5)]), "or some that aren't there");
    check("the outer one last", &with(&[over(1, 2), over(0, 3)]), "a loop comes before one around it");
    check("overlapping", &with(&[over(0, 2), over(1, 3)]), "or overlaps another");
    check("rounds", &with(&[Loop { times: Dim::Axis(3), ..over(0, 2) }]), "rounds are of an axis that isn't there");
    check("a variable", &with(&[Loop { carried: &[(1, 2)], ..over(0, 2) }]), "isn't among its first steps");
    check(
        "a variable of a parameter",
        &with(&[Loop { carried: &[(0, 2)], ..over(0, 2) }]),
        "isn't among its first steps",
    );
}

#[test]
fn calls_of_what_is_wrong() {
    let bound = Call { bind: &[Bind { axis: "d", dim: Dim::Axis(4) }], ..CALL };
    let experts = Call { experts: Some(Experts { count: 3, top: 0, gated: false, capacity: None }), ..CALL };
    let bare = Call { rest: false, ..CALL };
    check(
        "a callee that is wrong",
        &calling(Op { outputs: &[Output { value: 8, ..OUT }], ..RIGHT }, CALL, 1),
        "its result is no value",
    );
    check("a callee that failed", &calling(Op { failed: true, ..RIGHT }, CALL, 1), "its declaration failed");
    check("an axis", &calling(RIGHT, bound, 1), "a call binds an axis to one that isn't there");
    check("experts", &calling(RIGHT, experts, 1), "as many experts as an axis that isn't there");
    let two = [Input::new("x", Role::Act, X), Input::new("y", Role::Act, X)];
    let wide = Op { inputs: leak(two.to_vec()), shapes: &[X; 3], outputs: &[Output { value: 2, ..OUT }], ..RIGHT };
    check("an operand too few", &calling(wide, CALL, 1), "a call lacks an operand");
    let none = Op { inputs: &[], steps: &[], shapes: &[], ..RIGHT };
    check("an operand too many", &calling(none, CALL, 1), "a call has more operands");
    let open = calling(RIGHT, bare, 1);
    let error = kernels::<u128>(&open, &[4], &Options::default()).unwrap_err().to_string();
    assert!(error.contains("its call of Hand leaves axis d open"), "{error}");
    let deep = (0..64).fold(RIGHT, |op, _| calling(op, CALL, 1));
    check("65 levels", &deep, "calls are nested more than 64 deep");
    let many = (0..14).fold(RIGHT, |op, _| calling(op, CALL, 2));
    check("32,767 operators", &many, "calls come to more than 16384 operators");
}

#[test]
fn what_an_operator_is_given_to_run_on() {
    let run = |sizes: &[usize], arrays: &[interpret::Array]| {
        interpret::run(&RIGHT, sizes, arrays, &Options::default(), 1).map(drop).map_err(|error| error.to_string())
    };
    let array = |size| interpret::Array::zeros(vec![size]);
    assert_eq!(run(&[4], &[array(4)]), Ok(()));
    assert_eq!(run(&[], &[array(4)]).unwrap_err(), "Hand has 1 axes and was given 0 sizes");
    for (arrays, said) in [(vec![], "it was given 0 arrays; expected 1"), (vec![array(3)], "sizes [3]; expected [4]")] {
        let error = run(&[4], &arrays).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}
