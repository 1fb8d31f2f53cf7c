//! A floating-point program for one point at a time: what is linear in the same registers is one matrix.
//!
//! Alone, a sum of two products costs less than finding out which sum it is. So the sums that are wanted, and those that
//! only maxima need, are rows of a matrix over the registers that they share.

use core::ops::Range;
use std::collections::BTreeMap;

use super::block::{is_size, no_size};
use super::execute::{require, step_floating, sum_of};
use super::program::{Form, Program, Register, Step};
use super::word::Word;
use crate::error::Result;

/// Rows of the matrix that are computed together.
const TOGETHER: usize = 8;

/// A program whose last sums and maxima are taken apart.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) axes: Vec<String>,
    pub(super) program: Program<f64>,
    pub(super) outputs: Vec<Form>,
    /// Steps that are run one by one: which of the program's, and so which register.
    early: Vec<usize>,
    /// The registers that the rows are linear in.
    basis: Vec<Register>,
    /// For each block of rows their constants, and how many registers of the basis any of them has.
    blocks: Vec<([f64; TOGETHER], usize)>,
    /// For each block these registers, as places in the basis, and their coefficients.
    columns: Vec<(usize, [f64; TOGETHER])>,
    /// How many pairs of blocks come first whose rows are compared, each of the one with its like in the other.
    pairs: usize,
    /// The row of the first maximum, after those of the matrix: those of pairs, then the others.
    first_maximum: usize,
    /// The other maxima, of any rows and of earlier maxima.
    maxima: Vec<(usize, usize)>,
    /// The row of the first result; those of the others follow.
    first_result: usize,
    /// What results have besides their row: which result, and so many times each of which rows, added in this order.
    more: Vec<(usize, f64, Range<usize>)>,
    registers: Vec<f64>,
    /// The registers of the basis.
    factors: Vec<f64>,
    /// Those of the matrix and the maxima.
    rows: Vec<f64>,
}

impl Point {
    pub(super) fn new(program: Program<f64>, outputs: Vec<Form>, axes: &[String]) -> Self {
        let late = late(&program);
        let constant = |step: &Step| match *step {
            Step::Sum(form) if program.terms(form).1.is_empty() => Some(program.terms(form).0),
            _ => None,
        };
        let mut registers = vec![0.0; program.registers()];
        for (register, step) in registers[program.axes..].iter_mut().zip(&program.steps) {
            *register = constant(step).unwrap_or(0.0);
        }
        let early = (0..program.steps.len()).filter(|step| !late[*step] && constant(&program.steps[*step]).is_none());
        let early: Vec<usize> = early.collect();
        let is_late = |register: Register| (register as usize).checked_sub(program.axes).is_some_and(|step| late[step]);
        let linear = |form: Form| program.terms(form).1.iter().filter(|(register, _)| !is_late(*register)).copied();
        // What is late, by register: sums that have no row yet, and maxima.
        let (mut sums, mut all) = (BTreeMap::new(), Vec::new());
        for (step, register) in program.steps.iter().zip(program.axes..).filter(|(_, at)| late[at - program.axes]) {
            match *step {
                Step::Sum(form) => drop(sums.insert(register, form)),
                Step::Max(a, b) => all.push((register, [a as usize, b as usize])),
                _ => {}
            }
        }
        let (pairs, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, sides)| {
            let pair = sides[0] != sides[1] && sides.iter().all(|side| sums.contains_key(side));
            pair && sides.iter().all(|side| sums.remove(side).is_some())
        });
        let form = |register: usize| match program.steps[register - program.axes] {
            Step::Sum(form) => Some((Some(register), form)),
            _ => None,
        };
        // The rows of the matrix: the register that one is of, if any, and what it is.
        let mut lanes: Vec<Option<(Option<usize>, Form)>> = Vec::new();
        for pairs in pairs.chunks(TOGETHER) {
            for side in 0..2 {
                lanes.extend(pairs.iter().map(|(_, sides)| form(sides[side])));
                lanes.resize(lanes.len().next_multiple_of(TOGETHER), None);
            }
        }
        lanes.extend(sums.into_iter().map(|(register, form)| Some((Some(register), form))));
        let first_result = lanes.len();
        lanes.extend(outputs.iter().map(|form| Some((None, *form))));
        let forms = lanes.iter().flatten().map(|(_, form)| *form);
        let mut basis: Vec<Register> = forms.flat_map(linear).map(|(register, _)| register).collect();
        basis.sort_unstable();
        basis.dedup();
        let (mut blocks, mut columns) = (Vec::new(), Vec::new());
        for lanes in lanes.chunks(TOGETHER) {
            let forms = lanes.iter().map(|lane| lane.map(|(_, form)| (program.terms(form).0, linear(form))));
            let (constants, own) = block(forms);
            blocks.push((constants, own.len()));
            columns.extend(own.into_iter().map(|(register, own)| (basis.partition_point(|it| *it < register), own)));
        }
        // The row of each late register.
        let mut places = vec![usize::MAX; program.registers()];
        for (row, lane) in lanes.iter().enumerate() {
            if let Some((Some(register), _)) = lane {
                places[*register] = row;
            }
        }
        let first_maximum = blocks.len() * TOGETHER;
        for ((register, _), row) in pairs.iter().zip(first_maximum..) {
            places[*register] = row;
        }
        let pairs = pairs.len().div_ceil(TOGETHER);
        let mut rows = vec![0.0; first_maximum + pairs * TOGETHER];
        let mut maxima = Vec::new();
        for (register, sides) in others {
            maxima.push((places[sides[0]], places[sides[1]]));
            places[register] = rows.len();
            rows.push(0.0);
        }
        let mut more: Vec<(usize, f64, Range<usize>)> = Vec::new();
        for (result, form) in outputs.iter().enumerate() {
            for (register, n) in program.terms(*form).1.iter().filter(|(register, _)| is_late(*register)) {
                let row = places[*register as usize];
                match more.last_mut() {
                    Some((of, times, rows)) if *of == result && times.to_bits() == n.to_bits() && rows.end == row => {
                        rows.end += 1;
                    }
                    _ => more.push((result, *n, row..row + 1)),
                }
            }
        }
        let factors = vec![0.0; basis.len()];
        let axes = axes.to_vec();
        Self {
            axes,
            program,
            outputs,
            early,
            basis,
            blocks,
            columns,
            pairs,
            first_maximum,
            maxima,
            first_result,
            more,
            registers,
            factors,
            rows,
        }
    }

    /// The results at these sizes of the axes.
    pub(super) fn run(&mut self, sizes: &[f64], out: &mut [f64]) -> Result<()> {
        let Self { program, registers, factors, rows, .. } = self;
        for ((register, size), axis) in registers.iter_mut().zip(sizes).zip(&self.axes) {
            if !is_size(*size) {
                return Err(no_size(axis, *size));
            }
            *register = *size;
        }
        for step in &self.early {
            step_floating(program, *step, registers);
        }
        for (factor, register) in factors.iter_mut().zip(&self.basis) {
            *factor = registers[*register as usize];
            if !factor.is_finite() {
                return self.one_by_one(out);
            }
        }
        if !program.checks.is_empty() {
            require(program, registers)?;
        }
        let mut columns = self.columns.as_slice();
        for (sums, (constants, width)) in rows.as_chunks_mut::<TOGETHER>().0.iter_mut().zip(&self.blocks) {
            let (own, rest) = columns.split_at(*width);
            let mut sum = *constants;
            for (at, column) in own {
                let factor = factors[*at];
                for (sum, n) in sum.iter_mut().zip(column) {
                    *sum += n * factor;
                }
            }
            *sums = sum;
            columns = rest;
        }
        let (sums, maxima) = rows.split_at_mut(self.first_maximum);
        let pairs = sums.as_chunks::<{ 2 * TOGETHER }>().0.iter().take(self.pairs);
        for (maxima, pair) in maxima.as_chunks_mut::<TOGETHER>().0.iter_mut().zip(pairs) {
            *maxima = core::array::from_fn(|lane| Word::max(pair[lane], pair[lane + TOGETHER]));
        }
        for ((a, b), at) in self.maxima.iter().zip(self.first_maximum + self.pairs * TOGETHER..) {
            rows[at] = Word::max(rows[*a], rows[*b]);
        }
        for (out, row) in out.iter_mut().zip(&rows[self.first_result..]) {
            *out = *row;
        }
        for (result, n, rows_of) in &self.more {
            out[*result] = rows[rows_of.clone()].iter().fold(out[*result], |sum, row| sum + n * row);
        }
        Ok(())
    }

    /// The same where a register is infinite, which nothing times it may see.
    fn one_by_one(&mut self, out: &mut [f64]) -> Result<()> {
        for step in 0..self.program.steps.len() {
            step_floating(&self.program, step, &mut self.registers);
        }
        require(&self.program, &self.registers)?;
        for (out, form) in out.iter_mut().zip(&self.outputs) {
            *out = sum_of(&self.program, *form, &self.registers);
        }
        Ok(())
    }
}

/// The constants of a block of rows, and for each register that any of them has its coefficients in them.
fn block(
    rows: impl Iterator<Item = Option<(f64, impl Iterator<Item = (Register, f64)>)>>,
) -> ([f64; TOGETHER], BTreeMap<Register, [f64; TOGETHER]>) {
    let (mut constants, mut columns) = ([0.0; TOGETHER], BTreeMap::<_, [f64; TOGETHER]>::new());
    for (lane, row) in rows.enumerate() {
        let Some((constant, terms)) = row else { continue };
        constants[lane] = constant;
        for (register, n) in terms {
            columns.entry(register).or_default()[lane] = n;
        }
    }
    (constants, columns)
}

/// Which steps are sums that only maxima or the results need, and maxima of such that only the results or others of
/// them need.
fn late(program: &Program<f64>) -> Vec<bool> {
    let mut late: Vec<bool> = program.steps.iter().map(|step| matches!(step, Step::Sum(_) | Step::Max(..))).collect();
    let step_of = |register: Register| (register as usize).checked_sub(program.axes);
    let registers = |form: Form| program.terms(form).1.iter().map(|(register, _)| *register);
    let checks = program.checks.iter().flat_map(|it| [it.small, it.large].into_iter().chain(it.conditions.clone()));
    for step in checks.flat_map(registers).filter_map(step_of) {
        late[step] = false;
    }
    loop {
        let before = late.clone();
        for (step, it) in program.steps.iter().enumerate().rev() {
            let is_late = |register: Register| step_of(register).is_some_and(|step| late[step]);
            let used: Vec<Register> = match *it {
                Step::Max(a, b) if late[step] && is_late(a) && is_late(b) => continue,
                Step::Max(a, b) => {
                    late[step] = false;
                    vec![a, b]
                }
                Step::Sum(form) => registers(form).collect(),
                Step::Product(a, b) | Step::Min(a, b) | Step::Less(a, b) | Step::CeilDiv(a, b) => vec![a, b],
                Step::Triangle(n) => vec![n],
                Step::Routed(one, routing) => vec![one, routing.register],
                Step::Share(share) => {
                    let it = &program.shares[share as usize];
                    vec![it.experts, it.top, it.tokens]
                }
            };
            for step in used.into_iter().filter_map(step_of) {
                late[step] = false;
            }
        }
        if late == before {
            return late;
        }
    }
}
