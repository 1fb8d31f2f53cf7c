//! Generation token by token, with and without a key/value cache.
//!
//! The prefill gives the first token of each answer. With a cache each further token is a step of one new token over all
//! before it; without one, all tokens so far go through the model again. In both cases the keys and values cross the
//! memory between the kernels that make and use them; what the cache saves is making them again.

use cost_core::cost::totals;
use cost_core::expr::{Atom, Expr, Notation, Rational};
use serde::Serialize;

use super::cost::Cost;
use super::memory::{Fit, fit};
use super::step::{Deployment, Part};
use super::task::Task;
use crate::error::Error;
use crate::model::{Model, Phase};
use crate::report::bytes_of;

/// What a generation costs.
#[derive(Clone, Debug, Serialize)]
pub struct Generation {
    /// Tokens of all answers.
    pub tokens: u64,
    /// Steps: the prefill, and one for each token after the first.
    pub steps: u64,
    /// The prefill.
    pub prefill: Cost,
    /// The steps after it.
    pub decode: Cost,
    /// All of it.
    pub total: Cost,
    /// Seconds until the first token, at least.
    pub ttft_s: f64,
    /// Seconds from each token to the next, at least and in the mean; nothing if there is only one.
    pub tpot_s: Option<f64>,
    /// Tokens a second, at most.
    pub tokens_per_s: f64,
    /// The same without a cache.
    pub uncached: Cost,
    /// How many times faster the cache makes it.
    pub speed_up: f64,
    /// The number of tokens, the new one included, from which a step without a cache takes longer than one with it;
    /// nothing if that is more than there are.
    pub break_even: Option<u64>,
    /// How many tokens there are, where they aren't enough for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_even_more_than: Option<u64>,
    /// The same for twice as long.
    pub twice_from: Option<u64>,
    /// How many tokens there are, where they aren't enough for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twice_from_more_than: Option<u64>,
    /// What it needs in memory.
    pub memory: Fit,
    /// FLOPs and bytes as formulas; nothing for models with windows.
    pub formulas: Option<Formulas>,
}

/// What a generation costs as formulas in the architecture's axes, `prompt` and `output`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Formulas {
    /// FLOPs.
    pub flops: String,
    /// Bytes.
    pub bytes: String,
    /// FLOPs and bytes as expressions.
    #[serde(skip)]
    pub expressions: [Expr; 2],
}

/// The cost of a task decoded token by token.
pub fn generation(deployment: &Deployment, task: &Task) -> Result<Generation, Error> {
    task.check(deployment.model())?;
    let Task { sequences, prompt, output } = *task;
    let (prefill, decode) = cached(deployment, task)?;
    let mut uncached = prefill.clone();
    for past in prompt..prompt + output - 1 {
        uncached.add(&deployment.step(&[Part::prefill(sequences, past + 1)])?)?;
    }
    let total = prefill.clone().plus(&decode)?;
    let tokens = task.tokens()?;
    let (break_even, twice_from) = (slower_from(deployment, task, 1.0)?, slower_from(deployment, task, 2.0)?);
    Ok(Generation {
        tokens,
        steps: output,
        ttft_s: prefill.seconds(),
        tpot_s: (output > 1).then(|| decode.seconds() / (output - 1) as f64),
        tokens_per_s: tokens as f64 / total.seconds(),
        speed_up: uncached.seconds() / total.seconds(),
        break_even,
        break_even_more_than: break_even.is_none().then_some(prompt + output),
        twice_from,
        twice_from_more_than: twice_from.is_none().then_some(prompt + output),
        memory: fit(deployment, task)?,
        formulas: closed_form(deployment.model(), deployment.options())?,
        prefill,
        decode,
        total,
        uncached,
    })
}

/// The prefill, and the steps after it together.
pub(super) fn cached(deployment: &Deployment, task: &Task) -> Result<(Cost, Cost), Error> {
    let Task { sequences, prompt, output } = *task;
    let mut decode = Cost::ZERO;
    for past in prompt..prompt + output - 1 {
        decode.add(&deployment.step(&[Part::decode(sequences, past)])?)?;
    }
    Ok((deployment.step(&[Part::prefill(sequences, prompt)])?, decode))
}

/// The number of tokens from which a step without a cache takes more than `factor` times as long as one with it.
fn slower_from(deployment: &Deployment, task: &Task, factor: f64) -> Result<Option<u64>, Error> {
    let slower = |tokens: u64| -> Result<bool, Error> {
        let without = deployment.step(&[Part::prefill(task.sequences, tokens)])?.seconds();
        let with = deployment.step(&[Part::decode(task.sequences, tokens - 1)])?.seconds();
        Ok(without > factor * with)
    };
    let most = task.prompt + task.output;
    let (mut low, mut high) = (0, 1);
    while !slower(high)? {
        if high == most {
            return Ok(None);
        }
        (low, high) = (high, (high * 2).min(most));
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        *(if slower(middle)? { &mut high } else { &mut low }) = middle;
    }
    Ok(Some(high))
}

/// A generation's FLOPs and bytes as formulas: the prefill's, and the sum of the steps' over t from prompt + 1 to
/// prompt + output − 1. Nothing if a step isn't a polynomial in t, as with windows.
pub fn closed_form(model: &Model, options: &cost_core::Options) -> Result<Option<Formulas>, Error> {
    let axes = model.architecture().axes();
    let [s, t, o] = ["s", "t", "o"].map(|axis| model.axis_named(axis));
    let (Some(t), Ok(first)) = (t, u16::try_from(axes.len())) else { return Ok(None) };
    let (prompt, output) = (Expr::axis(first), Expr::axis(first + 1));
    let names: Vec<&str> = axes.chain(["prompt", "output"]).collect();
    let [read, made] = [Phase::Prefill, Phase::Decode].map(|phase| model.formulas(phase, options));
    let [read, made] = [totals(&read?)?, totals(&made?)?];
    let one = Expr::int(1);
    let last = prompt.add(&output)?.sub(&one)?;
    let mut expressions = [Expr::default(), Expr::default()];
    let flops = (read.flops.total()?, made.flops.total()?);
    let bytes = (bytes_of(&read.bits.total()?)?, bytes_of(&made.bits.total()?)?);
    for ((prefill, step), whole) in [flops, bytes].into_iter().zip(&mut expressions) {
        let prefill = prefill.substitute(&|axis| match Some(axis) {
            it if it == o => Some(one.clone()),
            it if it == s || it == Some(t) => Some(prompt.clone()),
            _ => None,
        })?;
        let step = step.substitute(&|axis| (Some(axis) == s || Some(axis) == o).then(|| one.clone()))?;
        let (Some(before), Some(until)) = (summed(&step, t, &prompt)?, summed(&step, t, &last)?) else {
            return Ok(None);
        };
        *whole = prefill.add(&until)?.sub(&before)?;
    }
    let show = |expr: &Expr| expr.show(&names, Notation::Text).to_string();
    Ok(Some(Formulas { flops: show(&expressions[0]), bytes: show(&expressions[1]), expressions }))
}

/// The sum of a formula over an axis from 1 to `last`, if the formula is linear in the axis.
fn summed(formula: &Expr, axis: u16, last: &Expr) -> Result<Option<Expr>, Error> {
    let triangle = last.mul(&last.add(&Expr::int(1))?)?.scaled(Rational::new(1, 2)?)?;
    let mut sum = Expr::default();
    for (monomial, value) in formula.terms() {
        let mut product = Expr::constant(*value);
        for (atom, power) in monomial.factors() {
            let factor = match atom {
                Atom::Axis(own) if *own == axis && *power > 1 => return Ok(None),
                Atom::Axis(own) if *own == axis => continue,
                _ => Expr::from(atom.clone()),
            };
            if factor.mentions(axis) {
                return Ok(None);
            }
            for _ in 0..*power {
                product = product.mul(&factor)?;
            }
        }
        let times = if monomial.power(&Atom::Axis(axis)) == 1 { &triangle } else { last };
        sum = sum.add(&product.mul(times)?)?;
    }
    Ok(Some(sum))
}
