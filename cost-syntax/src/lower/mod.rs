//! The body: statements and expressions become numbered steps.

mod elsewhere;
mod experts;
mod primitive;
mod statement;

use cost_core::library::{Call, Callee, Kind, Loop, Size, Step};
use cost_core::op::{Arg, MAX_STEPS, Map, Zip};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, ExprCall, ExprStruct, Ident, Lit, Member, UnOp};

use crate::ast::{self, Declaration, Place};
use crate::errors::Errors;
use crate::size::size;

/// What is said of a body besides its steps.
pub(crate) struct Mentioned {
    /// The axes that it mentions.
    pub(crate) axes: Vec<u8>,
    /// Whether it reads each of the inputs.
    pub(crate) read: Vec<bool>,
}

/// Lowers a body into the declaration's steps. What is wrong is reported and becomes a step of unknown shape, so that
/// lowering goes on.
pub(crate) fn body(declared: &mut Declaration, block: &Block, errors: &mut Errors) -> Mentioned {
    let mut lower = Lower {
        declared,
        errors,
        steps: vec![],
        places: vec![],
        loops: vec![],
        axes: vec![],
        read: vec![false; declared.inputs.len()],
        names: vec![],
    };
    for (i, input) in declared.inputs.iter().enumerate() {
        lower.names.push(Variable { name: input.to_string(), value: index(i), span: input.span(), used: true });
    }
    let mut results = lower.outermost(block);
    lower.close(declared.inputs.len());
    if lower.steps.len() > MAX_STEPS {
        let message = format!("the body has more than {MAX_STEPS} steps; divide it into operators");
        lower.errors.at(declared.name.span(), message);
        lower.steps.truncate(MAX_STEPS);
        lower.places.truncate(MAX_STEPS);
        lower.loops.clear();
        results = None;
    }
    let Lower { steps, places, loops, axes, read, .. } = lower;
    let it = &mut declared.definition;
    (it.steps, it.loops) = (steps, loops);
    declared.returned = results.is_some();
    for (output, value) in it.outputs.iter_mut().zip(results.unwrap_or_default()) {
        output.value = value;
    }
    declared.places = places;
    Mentioned { axes, read }
}

/// What is said of an `if` that stands for a value.
const IF_VALUE: &str = "an `if` has no value: change a variable that is bound before it, as in `let y = x; if bias { y = y + w; }`, and go on with that";

struct Lower<'o> {
    declared: &'o Declaration,
    errors: &'o mut Errors,
    steps: Vec<Step>,
    places: Vec<Place>,
    loops: Vec<Loop>,
    axes: Vec<u8>,
    read: Vec<bool>,
    names: Vec<Variable>,
}

/// The value of a variable that has none yet.
const UNASSIGNED: u16 = u16::MAX;

/// A variable and the value that it has now.
struct Variable {
    name: String,
    value: u16,
    span: Span,
    used: bool,
}

#[expect(clippy::cast_possible_truncation, reason = "a body that has more steps than that is refused")]
fn index(i: usize) -> u16 {
    i as u16
}

impl Lower<'_> {
    /// Lowers an expression to a value or a number.
    fn value(&mut self, expr: &Expr) -> Arg {
        match expr {
            Expr::Paren(inner) => self.value(&inner.expr),
            Expr::Group(inner) => self.value(&inner.expr),
            Expr::Path(path) => match path.path.get_ident() {
                Some(name) => self.lookup(name),
                None => self.wrong(expr, "expected a tensor"),
            },
            Expr::Lit(literal) => match number(&literal.lit) {
                Some(number) => Arg::Number(number),
                None => self.wrong(expr, "expected a number that fits 64-bit floating point"),
            },
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match self.value(&unary.expr) {
                Arg::Number(number) => Arg::Number(-number),
                arg => {
                    self.step(cost_core::op::Kind::Map(Map::Neg), vec![arg], unary.op.span(), vec![unary.expr.span()])
                }
            },
            Expr::Binary(binary) => {
                let (a, b) = (self.value(&binary.left), self.value(&binary.right));
                let zip = match binary.op {
                    BinOp::Add(_) => Zip::Add,
                    BinOp::Sub(_) => Zip::Sub,
                    BinOp::Mul(_) => Zip::Mul,
                    BinOp::Div(_) => Zip::Div,
                    _ => return self.refuse(&binary.op, expr, "tensors are combined with `+`, `-`, `*` and `/`"),
                };
                if a.value().is_none() && b.value().is_none() {
                    return self.wrong(expr, "both sides are numbers; one is a tensor");
                }
                let spans = vec![binary.left.span(), binary.right.span()];
                self.step(cost_core::op::Kind::Zip(zip), vec![a, b], binary.op.span(), spans)
            }
            Expr::Call(call) => match &*call.func {
                Expr::Struct(target) => self.call(target, call, None),
                Expr::Path(path) => match path.path.segments.last() {
                    Some(segment) if path.path.segments.len() == 1 => self.primitive(segment, call),
                    _ => self.wrong(
                        &call.func,
                        "expected a primitive or an operator with its axes, as in `RmsNorm { b, s, d }(x)`",
                    ),
                },
                other => self
                    .wrong(other, "expected a primitive or an operator with its axes, as in `RmsNorm { b, s, d }(x)`"),
            },
            Expr::Struct(target) => {
                self.wrong(target, "an operator is called with its tensors, as in `RmsNorm { b, s, d }(x)`")
            }
            Expr::MethodCall(call) => self.method(call),
            Expr::If(it) => self.refuse(&it.if_token, it, IF_VALUE),
            _ => self.wrong(expr, "expected a tensor: a variable, arithmetic, a primitive or the call of an operator"),
        }
    }

    fn lookup(&mut self, name: &Ident) -> Arg {
        match self.names.iter_mut().rev().find(|known| *name == known.name) {
            Some(known) if known.value == UNASSIGNED => {
                known.used = true;
                self.wrong(name, format!("`{name}` has no value yet"))
            }
            Some(known) => {
                known.used = true;
                if let Some(read) = self.read.get_mut(usize::from(known.value)) {
                    *read = true;
                }
                Arg::Value(known.value)
            }
            None => {
                self.unknown(name);
                self.poison(name.span())
            }
        }
    }

    fn unknown(&mut self, name: &Ident) {
        let names: Vec<String> = self.names.iter().map(|known| known.name.clone()).collect();
        self.errors.unknown(name, "unknown tensor", names.iter().map(String::as_str));
    }

    /// Refuses a piece of syntax; what it mentions counts as used, so that it isn't reported a second time.
    fn wrong(&mut self, at: &impl ToTokens, message: impl AsRef<str>) -> Arg {
        self.refuse(at, at, message)
    }

    /// Refuses a piece of syntax at one of its tokens.
    fn refuse(&mut self, at: &impl ToTokens, all: &impl ToTokens, message: impl AsRef<str>) -> Arg {
        self.errors.add(at, message);
        self.touch(all);
        self.poison(at.span())
    }

    /// Counts every variable and axis that some tokens mention as used.
    fn touch(&mut self, tokens: &impl ToTokens) {
        for name in idents(tokens.to_token_stream()) {
            if let Some(known) = self.names.iter_mut().rev().find(|known| name == known.name) {
                known.used = true;
                if let Some(read) = self.read.get_mut(usize::from(known.value)) {
                    *read = true;
                }
            }
            let axis = self.declared.axes.iter().position(|axis| *axis == name);
            self.axes.extend(axis.and_then(|axis| u8::try_from(axis).ok()));
        }
    }

    fn poison(&mut self, span: Span) -> Arg {
        Arg::Value(self.push(Kind::Call(Call::UNKNOWN), vec![], place(span, vec![])))
    }

    fn step(&mut self, kind: cost_core::op::Kind<'static>, args: Vec<Arg>, span: Span, spans: Vec<Span>) -> Arg {
        Arg::Value(self.push(Kind::Plain(kind), args, place(span, spans)))
    }

    fn push(&mut self, kind: Kind, args: Vec<Arg>, place: Place) -> u16 {
        let value = index(self.declared.inputs.len() + self.steps.len());
        self.steps.push(Step { kind, args, name: String::new(), annotated: None, format: None });
        self.places.push(place);
        value
    }

    /// Whether a step stands for something that was wrong.
    fn is_wrong(&self, step: usize) -> bool {
        matches!(self.steps[step].kind, Kind::Call(_)) && self.places[step].callee.is_none()
    }

    fn axis(&mut self, name: &Ident) -> Option<u8> {
        let found = ast::axis(name, &self.declared.axes, self.errors)?;
        self.axes.push(found);
        Some(found)
    }

    fn size(&mut self, expr: &Expr) -> Option<Size> {
        let size = size(expr, &self.declared.axes, self.errors)?;
        self.axes.extend(size.axes());
        Some(size)
    }

    fn call(&mut self, target: &ExprStruct, call: &ExprCall, experts: Option<cost_core::op::Experts>) -> Arg {
        let (mut bind, mut binds): (Vec<(String, Size)>, Vec<Span>) = (Vec::new(), Vec::new());
        let mut right = true;
        if target.path.is_ident(&self.declared.name) {
            self.errors.add(&target.path, "an operator can't call itself");
            right = false;
        }
        for field in &target.fields {
            let Member::Named(name) = &field.member else {
                self.errors.add(&field.member, "expected an axis");
                right = false;
                continue;
            };
            if bind.iter().any(|(other, _)| name == other) {
                self.errors.add(name, format!("axis `{name}` is given twice"));
            } else if let Some(size) = self.size(&field.expr) {
                bind.push((name.to_string(), size));
                binds.push(name.span());
            } else {
                self.touch(field);
                right = false;
            }
        }
        if let Some(rest) = &target.rest {
            self.errors.add(rest, "`..` alone stands for the axes of the same names");
        }
        let rest = target.dot2_token.is_some();
        if rest {
            // Which axes `..` takes is up to the callee, so all count as used.
            self.axes.extend((0..self.declared.axes.len()).filter_map(|axis| u8::try_from(axis).ok()));
        }
        let (args, spans) = self.args(call);
        if !right {
            return self.poison(target.path.span());
        }
        let kind = Kind::Call(Call { callee: Callee::Unknown, bind, rest, experts });
        let place = Place { callee: Some(target.path.clone()), binds, ..place(target.path.span(), spans) };
        Arg::Value(self.push(kind, args, place))
    }

    /// Tensors and numbers, of which not all are numbers.
    fn operands(&mut self, call: &ExprCall) -> (Vec<Arg>, Vec<Span>) {
        let mut args: Vec<Arg> = call.args.iter().map(|expr| self.value(expr)).collect();
        if args.len() > 1 && args.iter().all(|arg| arg.value().is_none()) {
            args[0] = self.wrong(call, "both sides are numbers; one is a tensor");
        }
        (args, call.args.iter().map(Spanned::span).collect())
    }

    fn args(&mut self, call: &ExprCall) -> (Vec<Arg>, Vec<Span>) {
        let mut args = Vec::new();
        for expr in &call.args {
            let arg = self.value(expr);
            args.push(match arg {
                Arg::Number(_) => self.wrong(expr, "expected a tensor, not a number"),
                arg => arg,
            });
        }
        (args, call.args.iter().map(Spanned::span).collect())
    }
}

/// The place of a step that calls nothing.
const fn place(step: Span, args: Vec<Span>) -> Place {
    Place { step, args, annotation: None, callee: None, binds: vec![] }
}

/// The variable that an expression consists of.
fn variable(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Paren(inner) => variable(&inner.expr),
        _ => None,
    }
}

fn number(literal: &Lit) -> Option<f64> {
    match literal {
        Lit::Int(int) => int.base10_parse().ok(),
        Lit::Float(float) => float.base10_parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

/// Every identifier among some tokens.
pub(crate) fn idents(tokens: TokenStream) -> Vec<Ident> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => found.push(ident),
            TokenTree::Group(group) => found.extend(idents(group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}
