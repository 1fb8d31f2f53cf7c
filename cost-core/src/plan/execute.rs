//! The steps of a program at one point.

use super::program::{Check, Form, Program, Routing, Share, Step};
use super::word::Word;
use crate::error::Result;

/// Fills the register of one step.
#[inline]
pub(super) fn step_floating(program: &Program<f64>, step: usize, registers: &mut [f64]) {
    let routed =
        |routing: Routing, one: f64, registers: &[f64], _: &mut bool| one * registers[routing.register as usize];
    registers[program.axes + step] = computed(program, step, registers, &mut false, routed);
}

/// Fails if what is required doesn't hold.
#[inline]
pub(super) fn require(program: &Program<f64>, registers: &[f64]) -> Result<()> {
    checked(program, registers).unwrap_or(Ok(()))
}

pub(super) fn sum_of<W: Word>(program: &Program<W>, form: Form, registers: &[W]) -> W {
    let (constant, terms) = program.terms(form);
    W::sum(constant, terms, registers, &mut false)
}

/// Fills the registers after the axes; whether anything was lost.
#[inline]
pub(super) fn execute<W: Word>(
    program: &Program<W>,
    registers: &mut [W],
    mut routed: impl FnMut(Routing, W, &[W], &mut bool) -> W,
) -> bool {
    let mut lost = false;
    for step in 0..program.steps.len() {
        registers[program.axes + step] = computed(program, step, registers, &mut lost, &mut routed);
    }
    lost
}

/// What a step computes from the registers before its own.
#[inline]
fn computed<W: Word>(
    program: &Program<W>,
    step: usize,
    registers: &[W],
    lost: &mut bool,
    mut routed: impl FnMut(Routing, W, &[W], &mut bool) -> W,
) -> W {
    let r = |register: u32| registers[register as usize];
    match program.steps[step] {
        Step::Product(a, b) => r(a).product(r(b), lost),
        Step::Sum(form) => {
            let (constant, terms) = program.terms(form);
            W::sum(constant, terms, registers, lost)
        }
        Step::Min(a, b) => r(a).min(r(b)),
        Step::Max(a, b) => r(a).max(r(b)),
        Step::Less(a, b) => r(a).less(r(b), lost),
        Step::CeilDiv(a, b) => r(a).ceil_div(r(b), lost),
        Step::Triangle(n) => r(n).triangle(lost),
        Step::Share(share) => {
            let Share { experts, top, tokens, .. } = program.shares[share as usize];
            W::share(r(experts), r(top), r(tokens))
        }
        Step::Routed(one, routing) => routed(routing, r(one), registers, lost),
    }
}

/// Whether everything that is required holds; nothing if that can't be told with words of this kind.
#[inline]
pub(super) fn checked<W: Word>(program: &Program<W>, registers: &[W]) -> Option<Result<()>> {
    for Check { small, large, conditions, error } in &program.checks {
        let mut lost = false;
        let mut sum = |form: &Form| {
            let (constant, terms) = program.terms(*form);
            W::sum(constant, terms, registers, &mut lost)
        };
        let holds = conditions.iter().any(|it| sum(it) == W::ZERO);
        let (small, large) = (sum(small), sum(large));
        if lost {
            return None;
        }
        if !holds && small > large {
            return Some(Err(error.clone().with_sizes(&small.to_string(), &large.to_string())));
        }
    }
    Some(Ok(()))
}
