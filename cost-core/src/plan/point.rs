//! A floating-point program for one point at a time: what is linear in the same registers is one matrix.
//!
//! Alone, a sum of two products costs less than finding out which sum it is. So the sums that are wanted, and those that
//! only maxima need, are rows of a matrix over the registers that they share.

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
    /// For each block of rows their constants, then for each register of the basis its coefficients in them.
    matrix: Vec<[f64; TOGETHER]>,
    /// Maxima of rows and of earlier maxima.
    maxima: Vec<(usize, usize)>,
    /// The row of the first of them, after those of the matrix.
    first_maximum: usize,
    /// The row of the first result; those of the others follow.
    first_result: usize,
    /// What results have besides their row: which result, and so many times which row, added in this order.
    more: Vec<(usize, f64, usize)>,
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
        let sums = (0..program.steps.len()).filter(|step| late[*step]).filter_map(|step| match program.steps[step] {
            Step::Sum(form) => Some((step, form)),
            _ => None,
        });
        let sums: Vec<(usize, Form)> = sums.collect();
        let forms: Vec<Form> = sums.iter().map(|(_, form)| *form).chain(outputs.iter().copied()).collect();
        let linear = |form: Form| program.terms(form).1.iter().filter(|(register, _)| !is_late(*register)).copied();
        let mut basis: Vec<Register> =
            forms.iter().flat_map(|form| linear(*form)).map(|(register, _)| register).collect();
        basis.sort_unstable();
        basis.dedup();
        let (blocks, width) = (forms.len().div_ceil(TOGETHER), 1 + basis.len());
        let mut matrix = vec![[0.0; TOGETHER]; blocks * width];
        // The row of each late register.
        let mut places = vec![usize::MAX; program.registers()];
        for (row, form) in forms.iter().enumerate() {
            let (first, lane) = (row / TOGETHER * width, row % TOGETHER);
            matrix[first][lane] = program.terms(*form).0;
            for (register, n) in linear(*form) {
                matrix[first + 1 + basis.binary_search(&register).unwrap_or(0)][lane] = n;
            }
            if let Some((step, _)) = sums.get(row) {
                places[program.axes + step] = row;
            }
        }
        let first_maximum = blocks * TOGETHER;
        let mut rows = vec![0.0; first_maximum];
        let mut maxima = Vec::new();
        for (step, it) in program.steps.iter().enumerate() {
            if let Step::Max(a, b) = it
                && late[step]
            {
                maxima.push((places[*a as usize], places[*b as usize]));
                places[program.axes + step] = rows.len();
                rows.push(0.0);
            }
        }
        let mut more = Vec::new();
        for (result, form) in outputs.iter().enumerate() {
            let late = program.terms(*form).1.iter().filter(|(register, _)| is_late(*register));
            more.extend(late.map(|(register, n)| (result, *n, places[*register as usize])));
        }
        let first_result = sums.len();
        let factors = vec![0.0; basis.len()];
        let axes = axes.to_vec();
        Self {
            axes,
            program,
            outputs,
            early,
            basis,
            matrix,
            maxima,
            first_maximum,
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
        require(program, registers)?;
        let mut blocks = self.matrix.as_slice();
        // Rows after those of the matrix may make another chunk.
        for sums in rows.as_chunks_mut::<TOGETHER>().0 {
            let Some(([constants, columns @ ..], rest)) = blocks.split_at_checked(1 + factors.len()) else { break };
            let mut sum = *constants;
            for (factor, column) in factors.iter().zip(columns) {
                for (sum, n) in sum.iter_mut().zip(column) {
                    *sum += n * factor;
                }
            }
            *sums = sum;
            blocks = rest;
        }
        for ((a, b), at) in self.maxima.iter().zip(self.first_maximum..) {
            rows[at] = Word::max(rows[*a], rows[*b]);
        }
        for (out, row) in out.iter_mut().zip(&rows[self.first_result..]) {
            *out = *row;
        }
        for (result, n, row) in &self.more {
            out[*result] += n * rows[*row];
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
