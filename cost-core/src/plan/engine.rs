//! Running a program at one point: exactly or in floating point.

use super::execute::{checked, execute};
use super::graph::{Graph, Term};
use super::point::Point;
use super::program::{Builder, Form, Program, Share};
use super::share::Known;
use super::word::Word;
use crate::cost::{Num, OVERFLOW, expected};
use crate::error::Result;

/// A kind of count: `u128`, exact, at sizes that are `u64`; or `f64`, near it, at sizes that are `f64`.
pub trait Number: Copy + Default + core::fmt::Debug + PartialEq + Send + Sync + 'static {
    /// What axis sizes are.
    type Size: Copy + core::fmt::Debug + Send + Sync;
    /// What runs programs.
    #[doc(hidden)]
    type Engine: Engine<Self>;
}

impl Number for u128 {
    type Size = u64;
    type Engine = Exact;
}

impl Number for f64 {
    type Size = Self;
    type Engine = Floating;
}

/// Runs a program at one point, and then gives its sums.
pub trait Engine<N: Number>: Clone + core::fmt::Debug {
    #[doc(hidden)]
    fn new(graph: &Compiled<'_>) -> Self;
    #[doc(hidden)]
    fn run(&mut self, at: &[N::Size]) -> Result<()>;
    #[doc(hidden)]
    fn value(&self, output: usize) -> Result<N>;
}

/// What a program is made from: the free axes, and the sums that are wanted.
#[derive(Clone, Copy)]
pub struct Compiled<'p> {
    pub(super) graph: &'p Graph,
    pub(super) axes: &'p [String],
    pub(super) outputs: &'p [&'p [Term]],
}

impl Compiled<'_> {
    fn program<W: Word>(&self) -> Option<(Program<W>, Vec<Form>)> {
        let mut builder = Builder::new(self.graph, self.axes.len());
        let outputs = self.outputs.iter().map(|terms| builder.sum(terms)).collect::<Option<_>>()?;
        Some((builder.finish()?, outputs))
    }
}

/// Exact integers: 64 bits while every register fits, else 128.
#[derive(Clone, Debug)]
pub struct Exact {
    narrow: Option<Program<u64>>,
    wide: Option<Program<u128>>,
    outputs: Vec<Form>,
    shares: Vec<Known>,
    /// Whether the last run fitted 64 bits.
    fitted: bool,
    words: Vec<u64>,
    double_words: Vec<u128>,
}

impl Engine<u128> for Exact {
    fn new(compiled: &Compiled<'_>) -> Self {
        let (wide, outputs) = compiled.program::<u128>().unzip();
        let narrow = wide.as_ref().and_then(|program| program.map(|n| u64::try_from(n).ok()));
        let shares = wide.iter().flat_map(|program| &program.shares).map(Known::new).collect();
        let registers = wide.as_ref().map_or(0, Program::registers);
        let outputs = outputs.unwrap_or_default();
        Self {
            narrow,
            wide,
            outputs,
            shares,
            fitted: false,
            words: vec![0; registers],
            double_words: vec![0; registers],
        }
    }

    fn run(&mut self, at: &[u64]) -> Result<()> {
        if let Some(program) = &self.narrow {
            self.words[..at.len()].copy_from_slice(at);
            let lost = execute(program, &mut self.words, |routing, one, registers, lost| {
                let wide = |register: u32| u128::from(registers[register as usize]);
                let rounded = routed(&self.shares, &program.shares, routing.share, u128::from(one), wide);
                rounded.and_then(|it| u64::try_from(it).ok()).unwrap_or_else(|| {
                    *lost = true;
                    0
                })
            });
            if !lost && let Some(passed) = checked(program, &self.words) {
                self.fitted = true;
                return passed;
            }
        }
        self.fitted = false;
        let Some(program) = &self.wide else { return Err(OVERFLOW) };
        for (register, size) in self.double_words.iter_mut().zip(at) {
            *register = u128::from(*size);
        }
        let lost = execute(program, &mut self.double_words, |routing, one, registers, lost| {
            let it = &program.shares[routing.share as usize];
            *lost |= one == u128::MAX || registers[it.tokens as usize] == u128::MAX;
            routed(&self.shares, &program.shares, routing.share, one, |register| registers[register as usize])
                .unwrap_or(u128::MAX)
        });
        if lost {
            return Err(OVERFLOW);
        }
        checked(program, &self.double_words).unwrap_or(Err(OVERFLOW))
    }

    fn value(&self, output: usize) -> Result<u128> {
        let form = self.outputs[output];
        if self.fitted
            && let Some(program) = &self.narrow
        {
            let (constant, terms) = program.terms(form);
            let mut sum = u128::from(constant);
            for (register, coefficient) in terms {
                let product = u128::from(*coefficient) * u128::from(self.words[*register as usize]);
                sum = sum.plus(&product)?;
            }
            return Ok(sum);
        }
        let Some(program) = &self.wide else { return Err(OVERFLOW) };
        let (constant, terms) = program.terms(form);
        match u128::sum(constant, terms, &self.double_words, &mut false) {
            u128::MAX => Err(OVERFLOW),
            sum => Ok(sum),
        }
    }
}

fn routed(known: &[Known], shares: &[Share], share: u32, one: u128, register: impl Fn(u32) -> u128) -> Option<u128> {
    let it = &shares[share as usize];
    let tokens = register(it.tokens);
    match it.known {
        Some(_) => known[share as usize].rounded(one, tokens),
        None => expected(one, register(it.experts), register(it.top), tokens).ok(),
    }
}

/// Floating point.
#[derive(Clone, Debug)]
pub struct Floating {
    point: Option<Point>,
    results: Vec<f64>,
}

impl Engine<f64> for Floating {
    fn new(compiled: &Compiled<'_>) -> Self {
        let point = compiled.program::<f64>().map(|(program, outputs)| Point::new(program, outputs, compiled.axes));
        Self { point, results: vec![0.0; compiled.outputs.len()] }
    }

    fn run(&mut self, at: &[f64]) -> Result<()> {
        match &mut self.point {
            Some(point) => point.run(at, &mut self.results),
            None => Err(OVERFLOW),
        }
    }

    fn value(&self, output: usize) -> Result<f64> {
        Ok(self.results[output])
    }
}
