//! Running a floating-point program on many points at once: a block of points for each step, in loops of a fixed length
//! that the compiler vectorises.
//!
//! Each point goes through the same operations in the same order as by itself, so the results are equal to the bit.

use super::program::{Check, Form, Program, Share, Step};
use super::word::Word;
use crate::error::{Error, Result};

/// Points in a block: few enough that the registers of a program stay in the first-level cache.
pub(super) const POINTS: usize = 64;

/// One register for each point of a block.
pub(super) type Lanes = [f64; POINTS];

/// Fills the registers after the axes, and fails where a point doesn't meet what is required.
pub(super) fn run(program: &Program<f64>, registers: &mut [Lanes]) -> Result<()> {
    for (step, at) in program.steps.iter().zip(program.axes..) {
        let (done, rest) = registers.split_at_mut(at);
        let Some(to) = rest.first_mut() else { break };
        let r = |register: u32| &done[register as usize];
        match *step {
            Step::Product(a, b) => each(to, r(a), r(b), |a, b| a * b),
            Step::Sum(form) => sum(program, form, done, to),
            Step::Min(a, b) => each(to, r(a), r(b), Word::min),
            Step::Max(a, b) => each(to, r(a), r(b), Word::max),
            Step::Less(a, b) => each(to, r(a), r(b), |a, b| a.less(b, &mut false)),
            Step::CeilDiv(a, b) => each(to, r(a), r(b), |a, b| a.ceil_div(b, &mut false)),
            Step::Triangle(n) => each(to, r(n), r(n), |n, _| n.triangle(&mut false)),
            Step::Share(share) => {
                let Share { experts, top, tokens, .. } = program.shares[share as usize];
                shares(to, r(experts), r(top), r(tokens));
            }
            Step::Routed(one, routing) => each(to, r(one), r(routing.register), |one, share| one * share),
        }
    }
    program.checks.iter().try_for_each(|check| checked(program, check, registers))
}

/// A sum at each point.
pub(super) fn sum(program: &Program<f64>, form: Form, registers: &[Lanes], to: &mut Lanes) {
    let (constant, terms) = program.terms(form);
    let r = |register: u32| &registers[register as usize];
    // A few terms at a time, so that what is summed up so far seldom goes through memory.
    let rest = match *terms {
        [] => {
            *to = [constant; POINTS];
            return;
        }
        [(a, x)] => {
            let a = r(a);
            return each(to, a, a, |a, _| constant + x * a);
        }
        [(a, x), (b, y), ref rest @ ..] => {
            each(to, r(a), r(b), |a, b| constant + x * a + y * b);
            rest
        }
    };
    for terms in rest.chunks(2) {
        match *terms {
            [(a, x), (b, y)] => onto(to, r(a), r(b), |sum, a, b| sum + x * a + y * b),
            [(a, x)] => onto(to, r(a), r(a), |sum, a, _| sum + x * a),
            _ => {}
        }
    }
}

/// Neighbours often have as many tokens: then there is one exponential for all of them.
fn shares(to: &mut Lanes, experts: &Lanes, top: &Lanes, tokens: &Lanes) {
    let mut last = None;
    for (((to, experts), top), tokens) in to.iter_mut().zip(experts).zip(top).zip(tokens) {
        let point = (*experts, *top, *tokens);
        let share = match last {
            Some((known, share)) if known == point => share,
            _ => f64::share(*experts, *top, *tokens),
        };
        last = Some((point, share));
        *to = share;
    }
}

fn each(to: &mut Lanes, a: &Lanes, b: &Lanes, join: impl Fn(f64, f64) -> f64) {
    for i in 0..POINTS {
        to[i] = join(a[i], b[i]);
    }
}

fn onto(to: &mut Lanes, a: &Lanes, b: &Lanes, join: impl Fn(f64, f64, f64) -> f64) {
    for i in 0..POINTS {
        to[i] = join(to[i], a[i], b[i]);
    }
}

fn checked(program: &Program<f64>, check: &Check, registers: &[Lanes]) -> Result<()> {
    let Check { small, large, conditions, error } = check;
    let lanes = |form: &Form| {
        let mut lanes = [0.0; POINTS];
        sum(program, *form, registers, &mut lanes);
        lanes
    };
    let (small, large) = (lanes(small), lanes(large));
    let mut fails = [false; POINTS];
    for i in 0..POINTS {
        fails[i] = small[i] > large[i];
    }
    for condition in conditions.iter().map(lanes) {
        for i in 0..POINTS {
            fails[i] &= condition[i] != 0.0;
        }
    }
    match fails.iter().position(|fails| *fails) {
        Some(i) => Err(error.clone().with_sizes(&small[i].to_string(), &large[i].to_string())),
        None => Ok(()),
    }
}

/// An error unless every size can be one.
pub(super) fn sizes(axis: &str, sizes: &[f64]) -> Result<()> {
    if sizes.iter().fold(true, |all, size| all & is_size(*size)) {
        return Ok(());
    }
    let found = sizes.iter().find(|size| !is_size(**size)).copied().unwrap_or(f64::NAN);
    Err(no_size(axis, found))
}

/// Whether it is a number that can be a size: not so large that whole ones aren't exact.
pub(super) fn is_size(size: f64) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (0.0..=EXACT).contains(&size)
}

/// What is said of a number that is none.
#[cold]
pub(super) fn no_size(axis: &str, found: f64) -> Error {
    Error::Size { axis: axis.to_owned(), found: found.to_string() }
}
