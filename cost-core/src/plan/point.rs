//! A floating-point program for one point at a time: what is linear in the same registers is one matrix.
//!
//! Alone, a sum of two products costs less than finding out which sum it is. So the sums that are wanted, and those that
//! only maxima need, are rows of a matrix over the registers that they share.

use super::engine::{require, step_floating, sum_of};
use super::program::{Form, Program, Register, Step};
use super::word::Word;
use crate::error::Result;

/// Rows of the matrix that are computed together.
const TOGETHER: usize = 8;

/// A program whose last sums and maxima are taken apart.
#[derive(Clone, Debug)]
pub(super) struct Point {
    program: Program<f64>,
    outputs: Vec<Form>,
    /// Steps that are run one by one: which of the program's, and so which register.
    early: Vec<usize>,
    /// The registers that the rows are linear in.
    basis: Vec<Register>,
    /// The constants of all rows, then for each register of the basis its coefficients in all rows.
    matrix: Vec<[f64; TOGETHER]>,
    /// How many blocks of rows there are.
    blocks: usize,
    /// Maxima of rows and of earlier maxima, which are rows after those of the matrix.
    maxima: Vec<(usize, usize)>,
    /// What each result has besides its row.
    more: Vec<Vec<(usize, f64)>>,
    /// The row of the first result.
    first: usize,
    registers: Vec<f64>,
    rows: Vec<f64>,
}

impl Point {
    pub(super) fn new(program: &Program<f64>, outputs: &[Form]) -> Self {
        let late = late(program);
        let early: Vec<usize> = (0..program.steps.len()).filter(|step| !late[*step]).collect();
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
        let blocks = forms.len().div_ceil(TOGETHER);
        let mut matrix = vec![[0.0; TOGETHER]; blocks * (1 + basis.len())];
        // The row of each late register.
        let mut places = vec![usize::MAX; program.registers()];
        for (row, form) in forms.iter().enumerate() {
            let (block, lane) = (row / TOGETHER, row % TOGETHER);
            matrix[block][lane] = program.terms(*form).0;
            for (register, n) in linear(*form) {
                let column = 1 + basis.binary_search(&register).unwrap_or(0);
                matrix[column * blocks + block][lane] = n;
            }
            if let Some((step, _)) = sums.get(row) {
                places[program.axes + step] = row;
            }
        }
        let (mut maxima, mut rows) = (Vec::new(), blocks * TOGETHER);
        for (step, it) in program.steps.iter().enumerate() {
            if let Step::Max(a, b) = it
                && late[step]
            {
                maxima.push((places[*a as usize], places[*b as usize]));
                places[program.axes + step] = rows;
                rows += 1;
            }
        }
        let more = outputs.iter().map(|form| {
            let (_, terms) = program.terms(*form);
            terms
                .iter()
                .filter(|(register, _)| is_late(*register))
                .map(|(register, n)| (places[*register as usize], *n))
        });
        let more = more.map(Iterator::collect).collect();
        let (registers, rows) = (vec![0.0; program.registers()], vec![0.0; rows]);
        let (program, outputs, first) = (program.clone(), outputs.to_vec(), sums.len());
        Self { program, outputs, early, basis, matrix, blocks, maxima, more, first, registers, rows }
    }

    /// The results at these sizes of the axes.
    pub(super) fn run(&mut self, sizes: &[f64], out: &mut [f64]) -> Result<()> {
        let Self { program, registers, rows, blocks, .. } = self;
        registers[..sizes.len()].copy_from_slice(sizes);
        for step in &self.early {
            step_floating(program, *step, registers);
        }
        if !self.basis.iter().all(|register| registers[*register as usize].is_finite()) {
            return self.one_by_one(out);
        }
        require(program, registers)?;
        let (constants, columns) = self.matrix.split_at(*blocks);
        for (block, (sums, constants)) in rows.chunks_exact_mut(TOGETHER).zip(constants).enumerate() {
            let mut sum = *constants;
            for (register, column) in self.basis.iter().zip(columns.chunks_exact(*blocks)) {
                let factor = registers[*register as usize];
                for (sum, n) in sum.iter_mut().zip(&column[block]) {
                    *sum += n * factor;
                }
            }
            sums.copy_from_slice(&sum);
        }
        for ((a, b), at) in self.maxima.iter().zip(*blocks * TOGETHER..) {
            rows[at] = Word::max(rows[*a], rows[*b]);
        }
        for ((out, more), row) in out.iter_mut().zip(&self.more).zip(self.first..) {
            *out = more.iter().fold(rows[row], |sum, (row, n)| sum + n * rows[*row]);
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
