//! The body: statements and expressions become numbered steps.

mod primitive;
mod statement;

use cost_core::op::{Arg, MAX_STEPS, Map, Shape, Zip};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, ExprCall, ExprStruct, Ident, Lit, Member, Path, UnOp};

use crate::ast::{self, Operator, Size};
use crate::errors::Errors;

/// A body as steps, with the tokens that they come from.
#[derive(Default)]
pub(crate) struct Body {
    pub(crate) steps: Vec<Step>,
    pub(crate) loops: Vec<Loop>,
    /// What is returned; nothing if that could not be told.
    pub(crate) result: Option<u16>,
    /// The axes that the body mentions.
    pub(crate) axes: Vec<u8>,
    /// The inputs that the body reads.
    pub(crate) read: Vec<bool>,
}

pub(crate) struct Step {
    pub(crate) kind: Kind,
    pub(crate) args: Vec<Arg>,
    pub(crate) name: String,
    pub(crate) annotated: Option<Shape>,
    /// The operation's token.
    pub(crate) span: Span,
    pub(crate) arg_spans: Vec<Span>,
    pub(crate) annotation_span: Option<Span>,
}

pub(crate) enum Kind {
    Plain(cost_core::op::Kind<'static>),
    Call(Call),
    /// Something that was wrong: its value has no known shape.
    Wrong,
}

pub(crate) struct Call {
    pub(crate) path: Path,
    pub(crate) bind: Vec<(Ident, Size)>,
    pub(crate) rest: bool,
    pub(crate) experts: Option<cost_core::op::Experts>,
}

pub(crate) struct Loop {
    pub(crate) times: Size,
    pub(crate) guard: bool,
    pub(crate) label: String,
    pub(crate) start: u16,
    pub(crate) end: u16,
    pub(crate) carried: Vec<(u16, u16)>,
}

/// Lowers a body. What is wrong is reported and becomes a step of unknown shape, so that lowering goes on.
pub(crate) fn body(operator: &Operator, block: &Block, errors: &mut Errors) -> Body {
    let mut lower = Lower { operator, errors, body: Body::default(), names: Vec::new() };
    lower.body.read = vec![false; operator.inputs.len()];
    for (i, input) in operator.inputs.iter().enumerate() {
        lower.names.push(Variable {
            name: input.name.to_string(),
            value: index(i),
            span: input.name.span(),
            used: true,
        });
    }
    let result = lower.outermost(block);
    lower.close(operator.inputs.len());
    lower.body.result = result;
    if lower.body.steps.len() > MAX_STEPS {
        let message = format!("the body has more than {MAX_STEPS} steps; divide it into operators");
        lower.errors.at(operator.name.span(), message);
        lower.body.steps.truncate(MAX_STEPS);
        lower.body.loops.clear();
        lower.body.result = None;
    }
    lower.body
}

struct Lower<'o> {
    operator: &'o Operator,
    errors: &'o mut Errors,
    body: Body,
    names: Vec<Variable>,
}

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
            Expr::MethodCall(call) => {
                let message = format!("there are no methods here: write `{}(…)`", call.method);
                self.refuse(&call.method, call, message)
            }
            _ => self.wrong(expr, "expected a tensor: a variable, arithmetic, a primitive or the call of an operator"),
        }
    }

    fn lookup(&mut self, name: &Ident) -> Arg {
        match self.names.iter_mut().rev().find(|known| *name == known.name) {
            Some(known) => {
                known.used = true;
                if let Some(read) = self.body.read.get_mut(usize::from(known.value)) {
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
                if let Some(read) = self.body.read.get_mut(usize::from(known.value)) {
                    *read = true;
                }
            }
            let axis = self.operator.axes.iter().position(|axis| *axis == name);
            self.body.axes.extend(axis.and_then(|axis| u8::try_from(axis).ok()));
        }
    }

    fn poison(&mut self, span: Span) -> Arg {
        Arg::Value(self.push(Kind::Wrong, vec![], span, vec![]))
    }

    fn step(&mut self, kind: cost_core::op::Kind<'static>, args: Vec<Arg>, span: Span, spans: Vec<Span>) -> Arg {
        Arg::Value(self.push(Kind::Plain(kind), args, span, spans))
    }

    fn push(&mut self, kind: Kind, args: Vec<Arg>, span: Span, arg_spans: Vec<Span>) -> u16 {
        let value = index(self.operator.inputs.len() + self.body.steps.len());
        self.body.steps.push(Step {
            kind,
            args,
            name: String::new(),
            annotated: None,
            span,
            arg_spans,
            annotation_span: None,
        });
        value
    }

    fn axis(&mut self, name: &Ident) -> Option<u8> {
        let found = ast::axis(name, &self.operator.axes, self.errors)?;
        self.body.axes.push(found);
        Some(found)
    }

    fn size(&mut self, expr: &Expr) -> Option<Size> {
        let size = ast::size(expr, &self.operator.axes, self.errors)?;
        self.body.axes.extend(size.0.iter().flat_map(|(_, axes)| axes));
        Some(size)
    }

    fn call(&mut self, target: &ExprStruct, call: &ExprCall, experts: Option<cost_core::op::Experts>) -> Arg {
        let mut bind: Vec<(Ident, Size)> = Vec::new();
        let mut right = true;
        if target.path.is_ident(&self.operator.name) {
            self.errors.add(&target.path, "an operator can't call itself");
            right = false;
        }
        for field in &target.fields {
            let Member::Named(name) = &field.member else {
                self.errors.add(&field.member, "expected an axis");
                right = false;
                continue;
            };
            if bind.iter().any(|(other, _)| other == name) {
                self.errors.add(name, format!("axis `{name}` is given twice"));
            } else if let Some(size) = self.size(&field.expr) {
                bind.push((name.clone(), size));
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
            self.body.axes.extend((0..self.operator.axes.len()).filter_map(|axis| u8::try_from(axis).ok()));
        }
        let (args, spans) = self.args(call);
        if !right {
            return self.poison(target.path.span());
        }
        let kind = Kind::Call(Call { path: target.path.clone(), bind, rest, experts });
        Arg::Value(self.push(kind, args, target.path.span(), spans))
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
fn idents(tokens: TokenStream) -> Vec<Ident> {
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
