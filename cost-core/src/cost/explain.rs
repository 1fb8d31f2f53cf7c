//! Where a kernel's figures come from: each step's work, and what is moved of each tensor by which rule.

use super::at::At;
use super::derive::{add_work, combine, per_element};
use super::frame::Frame;
use super::kernel::{Flops, Kernel, Operand};
use super::num::Num;
use super::options::{Masking, Options};
use super::traffic::Reads;
use super::written::written;
use crate::count;
use crate::error::{Error, Result};
use crate::format::Class;
use crate::op::{Arg, Kind, Op, Shape};

/// Where a kernel's figures come from. All of them are for one repetition.
#[derive(Clone, Debug)]
pub struct Explained<N> {
    /// The operator in whose body the kernel is.
    pub operator: String,
    /// That operator's axes, and the size of each in terms of the outermost operator.
    pub axes: Vec<(String, N)>,
    /// The steps that compute something, in order. Their FLOPs add up to the kernel's.
    pub steps: Vec<Worked<N>>,
    /// What is read and written, as the kernel's operands.
    pub moved: Vec<Moving<N>>,
}

/// The work of a step.
#[derive(Clone, Debug)]
pub struct Worked<N> {
    /// Which step of the body it is.
    pub step: usize,
    /// What it computes: its `let`, or its operation.
    pub name: String,
    /// The step as a body has it: `dot::<d>(x, w)`.
    pub text: String,
    /// The class in which it multiplies; nothing for what runs on vector units.
    pub class: Option<Class>,
    /// FLOPs for each element, and what they are.
    pub per_element: u64,
    /// What these FLOPs are.
    pub why: &'static str,
    /// The axes of these elements.
    pub over: Vec<String>,
    /// Whether only the query–key pairs count that the operator's mask leaves.
    pub masked: bool,
    /// Whether that is for the experts that each token goes through.
    pub routed: bool,
    /// All its FLOPs.
    pub flops: N,
}

/// What is moved of a tensor.
#[derive(Clone, Debug)]
pub struct Moving<N> {
    /// The tensor, and its bits.
    pub operand: Operand<N>,
    /// Its axes in the operator's body.
    pub shape: Vec<String>,
    /// Why it is so many bits.
    pub rule: Rule<N>,
    /// Whether that is for the experts that any token goes through.
    pub routed: bool,
}

/// How much of a tensor is moved.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule<N> {
    /// Each element once, however often it is used.
    Once,
    /// Each element again for each of so many tiles.
    Tiles(N),
    /// The rows that ids name, no more of them than there are.
    Rows,
    /// Each element once, of those that windows see.
    Windows,
    /// What each token's experts return, read again to be added up.
    Results,
    /// What leaves the kernel, once.
    Written,
}

impl<N: Num> At<'_, N> {
    /// Where the figures of a kernel come from that [`At::kernels`] gives; an error if it is of something else.
    pub fn explained(&self, kernel: &Kernel<N>) -> Result<Explained<N>> {
        // Patterns of classes are about paths before these are numbered.
        let path = match kernel.path.rsplit_once('#') {
            Some((path, number)) if number.bytes().all(|digit| digit.is_ascii_digit()) => path,
            _ => &kernel.path,
        };
        find(&self.frame, kernel.origin.steps(), path, self.options)
    }
}

/// The kernel that so many steps of calls and rounds lead to.
fn find<N: Num>(frame: &Frame<'_, N>, origin: &[u16], path: &str, options: &Options) -> Result<Explained<N>> {
    match origin {
        [first] => frame.repeats(usize::from(*first))?.under(|| own(frame, usize::from(*first), path, options)),
        [step, round, rest @ ..] => {
            let at = usize::from(*step);
            let Some(Kind::Call(call)) = frame.op.steps.get(at).map(|step| step.kind) else { return missing(frame.op) };
            let rounds = frame.rounds(at, options)?;
            let (repeat, options) = match rounds.get(usize::from(*round)) {
                Some((repeat, options)) => (repeat.clone(), options),
                None => (frame.repeats(at)?, options),
            };
            let condition = repeat.clone();
            condition.under(|| {
                let inner = Frame { repeat, ..frame.enter(at, &call, options)? };
                if rest.is_empty() { combined(frame, &inner, at, options) } else { find(&inner, rest, path, options) }
            })
        }
        [] => missing(frame.op),
    }
}

fn missing<T>(op: &Op<'_>) -> Result<T> {
    Err(Error::Description { op: op.name.to_owned(), message: "it has no such kernel".to_owned() })
}

/// A run of primitives of an operator's body.
fn own<N: Num>(frame: &Frame<'_, N>, first: usize, path: &str, options: &Options) -> Result<Explained<N>> {
    let (op, parts) = (frame.op, &frame.parts);
    let (mut steps, mut moved, mut writes) = (Vec::new(), Vec::new(), Vec::new());
    let mut reads = Reads::new(frame);
    for step in (first..=parts.last(op, first)).filter(|step| parts.of(*step) == parts.of(first)) {
        for arg in 0..op.steps[step].args.len() {
            reads.add(step, arg, options)?;
        }
        if let (Some(operand), Some(what)) = (written(frame, step, options)?, count::written(op, parts, step)) {
            let routed = frame.routed.is_some();
            writes.push(Moving { operand, shape: names(op, &what.shape), rule: Rule::Written, routed });
        }
        steps.extend(worked(frame, step, path, options)?);
    }
    let rules = reads.rules();
    for (operand, (shape, rule, shared)) in reads.operands(0, options)?.into_iter().zip(rules) {
        let routed = frame.routed.is_some() && !shared;
        moved.push(Moving { operand, shape: names(op, &shape), rule, routed });
    }
    moved.append(&mut writes);
    Ok(Explained { operator: op.name.to_owned(), axes: axes(frame), steps, moved })
}

/// The work of a step, if it does any; nothing where its condition is absent.
fn worked<N: Num>(frame: &Frame<'_, N>, step: usize, path: &str, options: &Options) -> Result<Option<Worked<N>>> {
    let op = frame.op;
    let Some(work_of) = count::work(op, step) else { return Ok(None) };
    let mut flops = Flops::zero();
    add_work(frame, step, path, &mut flops, options)?;
    let class = Class::ALL.into_iter().find(|class| !flops.of(*class).is_zero());
    let total = flops.total()?;
    if total.is_zero() {
        return Ok(None);
    }
    let pairs = op.mask.axes().is_some_and(|(s, t)| work_of.over.has(s) && work_of.over.has(t));
    Ok(Some(Worked {
        step,
        name: frame.label(step).into_owned(),
        text: spelled(op, step, 0),
        class,
        per_element: per_element(frame, step, &work_of, options),
        why: why(&op.steps[step].kind),
        over: names(op, &work_of.over),
        masked: pairs && options.masking == Masking::Exact,
        routed: frame.routed.is_some(),
        flops: total,
    }))
}

/// What adds up the results of the experts that each token went through.
fn combined<N: Num>(
    frame: &Frame<'_, N>,
    inner: &Frame<'_, N>,
    step: usize,
    options: &Options,
) -> Result<Explained<N>> {
    let op = frame.op;
    let kernel = combine(frame, inner, step, options)?;
    let shape = names(op, &op.shapes[usize::from(op.value_of(step))]);
    let gated = kernel.operands.len() > 2;
    let count = kernel.operands.len();
    let moved = kernel.operands.into_iter().enumerate().map(|(at, operand)| {
        let (rule, shape) = match (at, op.steps[step].args.last().and_then(|arg| arg.value())) {
            (0, _) => (Rule::Results, shape.clone()),
            (1, Some(gates)) if count > 2 => (Rule::Once, names(op, &op.shapes[usize::from(gates)])),
            _ => (Rule::Written, shape.clone()),
        };
        Moving { operand, shape, rule, routed: at == 0 }
    });
    let moved = moved.collect();
    let steps = vec![Worked {
        step,
        name: "combine".to_owned(),
        text: spelled(op, step, 0),
        class: None,
        per_element: 1 + u64::from(gated),
        why: if gated { "one product by the gate, one sum" } else { "one sum" },
        over: names(op, &op.shapes[usize::from(op.value_of(step))]),
        masked: false,
        routed: true,
        flops: kernel.flops.vector,
    }];
    Ok(Explained { operator: op.name.to_owned(), axes: axes(frame), steps, moved })
}

fn axes<N: Num>(frame: &Frame<'_, N>) -> Vec<(String, N)> {
    frame.op.axes.iter().zip(&frame.sizes).map(|(name, size)| ((*name).to_owned(), size.clone())).collect()
}

fn names(op: &Op<'_>, shape: &Shape) -> Vec<String> {
    shape.axes().iter().map(|axis| op.axes[usize::from(*axis)].to_owned()).collect()
}

/// What the FLOPs of an element are.
fn why(kind: &Kind<'_>) -> &'static str {
    match kind {
        Kind::Dot(_) => "one product and one sum",
        Kind::Zip(_) => "one operation",
        Kind::Map(map) => map.reason(),
        Kind::Norm(norm, _) => norm.reason(),
        Kind::Reduce(..) => "one operation for each element of the operand",
        Kind::Top { .. } => "one comparison for each element that is looked at",
        Kind::Dequant => "one product by the scale, and one difference where there is a zero point",
        Kind::Cast => "one rounding, and what it takes to widen it again",
        _ => "",
    }
}

/// The deepest that a step is spelled out inside another one.
const DEPTH: usize = 3;

/// A step as a body has it, with the steps that it is made of where these have no name.
fn spelled(op: &Op<'_>, step: usize, depth: usize) -> String {
    let it = &op.steps[step];
    let arg = |arg: &Arg| match *arg {
        Arg::Number(number) => number.to_string(),
        Arg::Value(value) => match op.step_of(value) {
            None => op.inputs[usize::from(value)].name.to_owned(),
            Some(at) if !op.steps[at].name.is_empty() => op.steps[at].name.to_owned(),
            Some(at) if matches!(op.steps[at].kind, Kind::Carry) => match op.steps[at].args.first() {
                Some(Arg::Value(before)) if op.step_of(*before).is_none() => {
                    op.inputs[usize::from(*before)].name.to_owned()
                }
                _ => super::names::operation(&op.steps[at]).into_owned(),
            },
            Some(_) if depth == DEPTH => "…".to_owned(),
            Some(at) => spelled(op, at, depth + 1),
        },
    };
    let args: Vec<String> = it.args.iter().map(arg).collect();
    let axis = |axis: u8| op.axes[usize::from(axis)];
    let list = |shape: &Shape| match names(op, shape) {
        names if names.len() == 1 => names.concat(),
        names => format!("({})", names.join(", ")),
    };
    let between = match &it.kind {
        Kind::Zip(zip) if zip.name().len() == 1 => {
            let inner = |text: &String| {
                if text.contains(' ') && !text.ends_with(')') { format!("({text})") } else { text.clone() }
            };
            return args.iter().map(inner).collect::<Vec<_>>().join(&format!(" {} ", zip.name()));
        }
        Kind::Dot(over) | Kind::Reduce(_, over) | Kind::Norm(_, over) => list(over),
        Kind::Gather(of) | Kind::Append(of) | Kind::Before(of) => axis(*of).to_owned(),
        Kind::Take { of, keep } | Kind::Put { of, keep } | Kind::Last { of, keep } | Kind::Top { of, keep } => {
            format!("{}, {}", axis(*of), axis(*keep))
        }
        Kind::Among { of, by } => format!("{}, {}", axis(*of), axis(*by)),
        Kind::Slide { over, width } => format!("{}, {}", axis(*over), axis(*width)),
        Kind::View { of, to } => format!("{}, {}", list(of), list(to)),
        Kind::Windows(it) => format!("{}, {}, {}", axis(it.of), axis(it.width), axis(it.at)),
        _ => String::new(),
    };
    let between = if between.is_empty() { between } else { format!("::<{between}>") };
    let name = match &it.kind {
        Kind::Call(call) => call.op.name.into(),
        _ => super::names::operation(it),
    };
    format!("{name}{between}({})", args.join(", "))
}
