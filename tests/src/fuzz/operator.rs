//! Operators' descriptions: those that are right, and what becomes of them if anything in them is changed.

use cost_core::check::{infer, sound};
use cost_core::cost::{axes, counts, derive, kernels, on_chip, params, peak, tensors, totals};
use cost_core::expr::Expr;
use cost_core::op::{
    Arg, Bind, Call, Count, Derived, Dim, Experts, Input, Kind, Loop, Map, Mask, Norm, Op, Output, Quotient, Reduce,
    Role, Shape, Step, Term, Tied, Tile, Windows, Zip,
};
use cost_core::random::Random;
use cost_core::{Options, Plan, interpret};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::evaluate;
use super::pick::{self, below, one, one_in};
use crate::random;

/// The numbers that an operator is made of: which one is right, and what is changed in it.
pub(super) fn make(random: &mut Random, _: &[Vec<u8>]) -> Vec<u8> {
    [random.bits().to_le_bytes(), random.bits().to_le_bytes()].concat()
}

fn leak<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

/// The operator of an input, with sizes for its axes. Descriptions live as long as the process.
fn operator(input: &[u8]) -> Option<(Op<'static>, Vec<usize>)> {
    let (right, change) = (input.first_chunk::<8>()?, input.get(8..)?.first_chunk::<8>()?);
    let mut seed = [0; 32];
    seed.iter_mut().zip(right.iter().cycle()).for_each(|(to, from)| *to = *from);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let case = random::cases().new_tree(&mut TestRunner::new_with_rng(Config::default(), rng)).ok()?.current();
    let (mut op, mut sizes) = (*case.op, case.sizes);
    let mut random = Random::new(u64::from_le_bytes(*change));
    for _ in 0..random.below(4) {
        op = changed(&mut random, op, 0);
    }
    if one_in(&mut random, 2) {
        op.shapes = if one_in(&mut random, 3) || sound(&op).is_err() { op.shapes } else { leak(infer(&op)) };
    }
    if one_in(&mut random, 8) {
        sizes.truncate(below(&mut random, sizes.len() + 1));
    }
    Some((op, sizes))
}

fn axis(random: &mut Random) -> u8 {
    u8::try_from(if one_in(random, 8) { random.below(256) } else { random.below(11) }).unwrap_or(0)
}

fn value(random: &mut Random) -> u16 {
    u16::try_from(if one_in(random, 8) { random.below(1 << 16) } else { random.below(24) }).unwrap_or(0)
}

fn shape(random: &mut Random) -> Shape {
    if one_in(random, 10) {
        return Shape::UNKNOWN;
    }
    let rank = if one_in(random, 10) { random.below(18) } else { random.below(4) };
    (0..rank).fold(Shape::SCALAR, |shape, _| shape.with(axis(random)))
}

fn dim(random: &mut Random) -> Dim<'static> {
    if one_in(random, 2) {
        return Dim::Axis(axis(random));
    }
    let term = |random: &mut Random| {
        let coefficient = *one(random, &[1, -1, 2, 0, i64::MAX, i64::MIN]);
        let axes = (0..random.below(4)).map(|_| axis(random)).collect();
        let part = Dim::Axis(axis(random));
        let quotients = (0..random.below(2)).map(|_| Quotient {
            above: part,
            below: Dim::Axis(axis(random)),
            up: one_in(random, 2),
        });
        Term { quotients: leak(quotients.collect()), ..Term::new(coefficient, leak(axes)) }
    };
    let terms = pick::count(random, 60).min(60);
    Dim::Sum(leak((0..terms).map(|_| term(random)).collect()))
}

fn arg(random: &mut Random) -> Arg {
    if one_in(random, 8) { Arg::Number(f64::from_bits(random.bits())) } else { Arg::Value(value(random)) }
}

fn count(random: &mut Random) -> Count {
    match random.below(3) {
        0 => Count::Axis(axis(random)),
        _ => Count::Number(u32::try_from(random.below(4)).unwrap_or_default()),
    }
}

fn mask(random: &mut Random) -> Mask {
    let (s, t, w) = (axis(random), axis(random), axis(random));
    let (length, width) = (count(random), count(random));
    *one(
        random,
        &[
            Mask::None,
            Mask::Causal { s, t },
            Mask::Window { s, t, w },
            Mask::Around { s, t, w },
            Mask::Selected { s, t, w, block: None },
            Mask::Selected { s, t, w, block: Some(length) },
            Mask::Blocks { s, m: t, t: w, width, stride: length },
            Mask::Chunked { s, t, w },
            Mask::Within { s, t, w },
        ],
    )
}

fn kind(random: &mut Random, op: &Op<'static>) -> Kind<'static> {
    let (of, keep, over) = (axis(random), axis(random), shape(random));
    match random.below(23) {
        0 => Kind::Dot(over),
        1 => Kind::Zip(*one(random, Zip::ALL)),
        2 => Kind::Map(*one(random, Map::ALL)),
        3 => Kind::Reduce(*one(random, Reduce::ALL), over),
        4 => Kind::Norm(*one(random, Norm::ALL), over),
        5 => Kind::Gather(of),
        6 => Kind::Append(of),
        7 => Kind::Before(of),
        8 => Kind::Slide { over: of, width: keep },
        9 => Kind::Write(*one(random, Role::ALL)),
        10 => Kind::Last { of, keep },
        11 => Kind::Top { of, keep },
        12 => Kind::Among { of, by: keep },
        13 => Kind::Store,
        14 => Kind::Dequant,
        15 => Kind::Carry,
        16 => Kind::View { of: over, to: shape(random) },
        17 => Kind::Cast,
        20 => Kind::Take { of, keep },
        21 => Kind::Put { of, keep },
        19 => Kind::Windows(Windows { of, width: keep, at: axis(random), stride: count(random), pad: count(random) }),
        18 => Kind::Output(u8::try_from(random.below(3)).unwrap_or_default()),
        _ => Kind::Call(call(random, op)),
    }
}

fn call(random: &mut Random, op: &Op<'static>) -> Call<'static> {
    let callee: &'static Op<'static> = Box::leak(Box::new(*op));
    let bind =
        |random: &mut Random| Bind { axis: one::<&str>(random, &["s", "t", "x", "y", "none"]), dim: dim(random) };
    let binds = (0..random.below(4)).map(|_| bind(random)).collect();
    let experts = one_in(random, 3).then(|| Experts {
        count: axis(random),
        top: axis(random),
        gated: one_in(random, 2),
        capacity: one_in(random, 2).then(|| count(random)),
    });
    Call { op: callee, bind: leak(binds), rest: !one_in(random, 4), experts }
}

/// An operator of which one thing is changed.
fn changed(random: &mut Random, mut op: Op<'static>, depth: u32) -> Op<'static> {
    match random.below(17) {
        16 => {
            let given = (0..random.below(4)).map(|_| Derived { axis: axis(random), dim: dim(random) });
            op.derived = leak(given.collect());
        }
        0 => {
            let made = |random: &mut Random| Output {
                value: value(random),
                role: *one(random, Role::ALL),
                shape: shape(random),
            };
            let mut outputs = op.outputs.to_vec();
            match random.below(3) {
                0 => outputs.push(made(random)),
                1 => outputs.extend(op.outputs),
                _ => replace(random, &mut outputs, made),
            }
            op.outputs = leak(outputs);
        }
        1 => {
            let mut shapes = op.shapes.to_vec();
            match random.below(3) {
                0 => shapes.truncate(below(random, shapes.len() + 1)),
                1 => shapes.push(shape(random)),
                _ => replace(random, &mut shapes, shape),
            }
            op.shapes = leak(shapes);
        }
        2 => {
            let mut inputs = op.inputs.to_vec();
            let changed = |random: &mut Random| Input::new("new", *one(random, Role::ALL), shape(random));
            if one_in(random, 3) {
                inputs.truncate(below(random, inputs.len() + 1));
            } else {
                replace(random, &mut inputs, changed);
            }
            if let Some(input) = inputs.first_mut().filter(|_| one_in(random, 3)) {
                input.tied = Some(Tied { to: value(random), when: axis(random) });
            }
            op.inputs = leak(inputs);
        }
        3..=6 => op.steps = leak(steps(random, &op)),
        7..=9 => {
            let mut loops = op.loops.to_vec();
            let made = |random: &mut Random| Loop {
                times: dim(random),
                guard: one_in(random, 2),
                fused: one_in(random, 4),
                label: "",
                start: value(random),
                end: value(random),
                carried: leak((0..random.below(3)).map(|_| (value(random), value(random))).collect()),
            };
            match random.below(4) {
                0 => loops.push(made(random)),
                1 => loops.reverse(),
                2 => loops.extend(loops.clone()),
                _ => replace(random, &mut loops, made),
            }
            op.loops = leak(loops);
        }
        10 => op.mask = mask(random),
        11 => op.tile = Some(Tile { axis: axis(random), size: dim(random) }),
        12 => {
            let count = *one(random, &[0, 1, 10, 11, 12, 48, 49, 255, 256, 300]);
            op.axes = leak(op.axes.iter().copied().chain(std::iter::repeat("more")).take(count).collect());
        }
        13 if one_in(random, 2) => op.inline = !op.inline,
        13 => op.unfused = !op.unfused,
        14 if depth < 3 => op = nested(random, op),
        _ => {
            let mut outputs = op.outputs.to_vec();
            let made = |random: &mut Random| Output { shape: shape(random), ..op.outputs[0] };
            replace(random, &mut outputs, made);
            op.outputs = leak(outputs);
        }
    }
    op
}

fn replace<T>(random: &mut Random, list: &mut [T], with: impl FnOnce(&mut Random) -> T) {
    let at = below(random, list.len());
    if let Some(place) = list.get_mut(at) {
        *place = with(random);
    }
}

fn steps(random: &mut Random, op: &Op<'static>) -> Vec<Step<'static>> {
    let mut steps = op.steps.to_vec();
    let at = below(random, steps.len());
    let Some(step) = steps.get(at).copied() else { return steps };
    let mut args = step.args.to_vec();
    match random.below(8) {
        0 => drop(steps.remove(at)),
        1 => steps.extend(vec![step; pick::count(random, 300)]),
        2 => steps[at].kind = kind(random, op),
        3 => {
            args.push(arg(random));
            steps[at].args = leak(args);
        }
        4 => {
            args.pop();
            steps[at].args = leak(args);
        }
        5 => steps[at].annotated = Some(shape(random)),
        6 => {
            if let Kind::Call(inner) = step.kind {
                let callee: &'static Op<'static> = Box::leak(Box::new(changed(random, *inner.op, 3)));
                let other = call(random, callee);
                steps[at].kind = Kind::Call(if one_in(random, 2) { other } else { Call { op: callee, ..inner } });
            }
        }
        _ => {
            replace(random, &mut args, arg);
            steps[at].args = leak(args);
        }
    }
    steps
}

/// An operator that calls another again and again, each time from inside.
fn nested(random: &mut Random, op: Op<'static>) -> Op<'static> {
    let (deep, calls) = (*one(random, &[1, 3, 20, 70]), *one(random, &[1, 1, 2, 3]));
    let mut op = op;
    for _ in 0..deep {
        let callee: &'static Op<'static> = Box::leak(Box::new(op));
        let given: Vec<Arg> = (0_u16..).take(callee.inputs.len()).map(Arg::Value).collect();
        let call = Call { op: callee, bind: &[], rest: true, experts: None };
        let step = Step::new(Kind::Call(call), leak(given));
        let result = u16::try_from(callee.inputs.len() + calls - 1).unwrap_or(u16::MAX);
        let shapes =
            callee.inputs.iter().map(|input| input.shape).chain(vec![callee.outputs[0].shape; calls]).collect();
        let steps = leak(vec![step; calls]);
        op = Op {
            name: "Around",
            steps,
            shapes: leak(shapes),
            loops: &[],
            outputs: leak(vec![Output { value: result, ..callee.outputs[0] }]),
            tile: None,
            mask: Mask::None,
            ..op
        };
    }
    op
}

/// Derives an operator in every way, and runs it.
pub(super) fn run(input: &[u8]) -> bool {
    let Some((op, small)) = operator(input) else { return false };
    derived(&op, &small, &mut evaluate::choices(input))
}

/// Derives an operator in every way at small and at any sizes, and runs it; whether it can be.
pub(super) fn derived(op: &Op<'_>, small: &[usize], random: &mut Random) -> bool {
    let options = Options::default();
    let mut accepted = false;
    let wide: Vec<u128> = small.iter().map(|size| *size as u128).collect();
    let large: Vec<u128> = small.iter().map(|_| u128::from(pick::size(random))).collect();
    for sizes in [&wide, &large] {
        match kernels(op, sizes, &options) {
            Ok(found) => {
                accepted = true;
                drop(totals(&found));
            }
            Err(error) => drop(evaluate::refused(&error)),
        }
        for result in [peak(op, sizes, &options), on_chip(op, sizes, &options, None)] {
            if let Err(error) = result {
                evaluate::refused(&error);
            }
        }
        drop(tensors(op, sizes, &options));
        let narrow: Vec<u64> = sizes.iter().map(|size| u64::try_from(*size).unwrap_or(u64::MAX)).collect();
        let both = (params(op, &narrow), counts(op, &narrow));
        accepted |= both.0.is_some() && both.1.is_some();
    }
    if one_in(random, 4) {
        formulas(op, &options, random);
    }
    if few(op, small) && (sound(op).is_err() || small.len() == op.axes.len()) {
        let arrays = if sound(op).is_ok() { interpret::inputs(op, small, 7) } else { Vec::new() };
        if let Err(error) = interpret::run(op, small, &arrays, &options, 7) {
            evaluate::refused(&error);
        }
    }
    accepted
}

/// Whether arrays of these sizes are small: those that other sizes come to as well, if there are any.
fn few(op: &Op<'_>, sizes: &[usize]) -> bool {
    let mut all: Vec<u128> = sizes.iter().map(|size| *size as u128).collect();
    let derives = sound(op).is_ok() && sizes.len() == op.axes.len() && derive(op, &mut all).is_ok();
    sizes.iter().all(|size| *size <= 4) && (!derives || all.iter().all(|size| *size <= 32))
}

/// An operator over all axes, and compiled over some.
fn formulas(op: &Op<'_>, options: &Options, random: &mut Random) {
    if let Err(error) = kernels::<Expr>(op, &axes(op), options) {
        evaluate::refused(&error);
    }
    let sizes: Vec<Expr> = op.axes.iter().map(|_| Expr::int(i128::from(random.below(5)))).collect();
    let sizes: Vec<Expr> =
        sizes.into_iter().enumerate().map(|(i, size)| if i == 9 { Expr::axis(0) } else { size }).collect();
    match Plan::with_memory(op, &["x"], &sizes, options) {
        Ok(plan) => {
            drop(plan.summary::<u128>().at(&[pick::size(random)]));
            drop(plan.table::<f64>().at(&[3.0]).map(<[_]>::len));
        }
        Err(error) => drop(evaluate::refused(&error)),
    }
}
