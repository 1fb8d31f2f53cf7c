//! The body: statements and expressions become numbered steps.

mod primitive;

use cost_core::op::{Arg, MAX_STEPS, Map, Shape, Zip};
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, ExprCall, ExprStruct, Ident, Lit, Member, Pat, Path, Stmt, Type, UnOp};

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
    let result = lower.block(block, true);
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
    /// Lowers a block; gives its last expression's value if it has one.
    fn block(&mut self, block: &Block, outermost: bool) -> Option<u16> {
        let mut result = None;
        for (i, stmt) in block.stmts.iter().enumerate() {
            let last = i + 1 == block.stmts.len();
            match stmt {
                Stmt::Local(local) => self.binding(local),
                Stmt::Expr(Expr::Assign(assign), _) => self.assign(assign),
                Stmt::Expr(Expr::ForLoop(it), _) => self.for_loop(it),
                Stmt::Expr(Expr::If(it), _) => self.condition(it),
                Stmt::Expr(expr, None) if last && outermost => {
                    let arg = self.value(expr);
                    match arg {
                        Arg::Value(value) => result = Some(value),
                        Arg::Number(_) => self.errors.add(expr, "an operator returns a tensor, not a number"),
                    }
                }
                Stmt::Expr(expr, _) => {
                    let arg = self.value(expr);
                    let append = arg
                        .value()
                        .and_then(|value| self.kind_of(value))
                        .is_some_and(|kind| matches!(kind, Kind::Plain(cost_core::op::Kind::Append(_)) | Kind::Wrong));
                    if !append {
                        self.errors.add(expr, "this value is thrown away; bind it with `let`, or return it");
                    }
                }
                Stmt::Item(item) => self.errors.add(item, "an operator's body has no items"),
                Stmt::Macro(it) => self.errors.add(it, "an operator's body has no macros"),
            }
        }
        if outermost && result.is_none() && !matches!(block.stmts.last(), Some(Stmt::Expr(_, None))) {
            self.errors
                .at(block.brace_token.span.close(), "the body ends without a value; its last line is what it returns");
        }
        result
    }

    fn kind_of(&self, value: u16) -> Option<&Kind> {
        let step = usize::from(value).checked_sub(self.operator.inputs.len())?;
        self.body.steps.get(step).map(|step| &step.kind)
    }

    fn binding(&mut self, local: &syn::Local) {
        let (pattern, annotation) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            pattern => (pattern, None),
        };
        let name = match pattern {
            Pat::Ident(name) => &name.ident,
            _ => return self.errors.add(pattern, "expected a name"),
        };
        let Some(init) = &local.init else {
            return self.errors.add(local, "a `let` has a value");
        };
        let before = self.body.steps.len();
        let arg = self.value(&init.expr);
        let annotated = annotation.and_then(|ty| self.annotation(ty));
        self.bind(name, arg, before, annotated, annotation);
    }

    fn annotation(&mut self, ty: &Type) -> Option<Shape> {
        let found = ast::tensor(ty, &self.operator.axes, self.errors);
        found.map(|(_, shape)| {
            shape.axes().iter().for_each(|axis| self.body.axes.push(*axis));
            shape
        })
    }

    /// Binds a name to a value, which takes the name if a step since `before` computed it.
    fn bind(&mut self, name: &Ident, arg: Arg, before: usize, annotated: Option<Shape>, ty: Option<&Type>) {
        let value = match arg {
            Arg::Value(value) => value,
            Arg::Number(_) => {
                return self.errors.add(name, "a number needs no name; write it where it is used");
            }
        };
        let own = usize::from(value).checked_sub(self.operator.inputs.len()).filter(|step| *step >= before);
        match own.and_then(|step| self.body.steps.get_mut(step)) {
            Some(step) => {
                step.name = name.to_string();
                step.annotated = annotated;
                step.annotation_span = ty.map(Spanned::span);
            }
            // A second name for an existing value: an annotation then can't be attached to a step.
            None if annotated.is_some() => self.errors.add(name, "a second name for a value takes no annotation"),
            None => {}
        }
        let appended = matches!(self.kind_of(value), Some(Kind::Plain(cost_core::op::Kind::Append(_))));
        let used = appended || name.to_string().starts_with('_');
        self.names.push(Variable { name: name.to_string(), value, span: name.span(), used });
    }

    fn assign(&mut self, assign: &syn::ExprAssign) {
        let Some(name) = variable(&assign.left) else {
            self.errors.add(&assign.left, "expected a variable");
            self.value(&assign.right);
            return;
        };
        let before = self.body.steps.len();
        let arg = self.value(&assign.right);
        let Some(at) = self.names.iter().rposition(|known| *name == known.name) else {
            self.unknown(name);
            return;
        };
        let value = match arg {
            Arg::Value(value) => value,
            Arg::Number(_) => {
                return self.errors.add(&assign.right, "expected a tensor, not a number");
            }
        };
        if at < self.operator.inputs.len() {
            return self.errors.add(name, format!("`{name}` is a parameter; bind a new variable with `let`"));
        }
        let own = usize::from(value).checked_sub(self.operator.inputs.len()).filter(|step| *step >= before);
        if let Some(step) = own.and_then(|step| self.body.steps.get_mut(step)) {
            step.name = name.to_string();
        }
        self.report_unused(at);
        let known = &mut self.names[at];
        (known.value, known.used, known.span) = (value, false, name.span());
    }

    fn for_loop(&mut self, it: &syn::ExprForLoop) {
        if !matches!(&*it.pat, Pat::Wild(_)) {
            self.errors.add(&it.pat, "rounds are all alike, so a loop has no counter: write `for _ in 0..l`");
        }
        let range = match &*it.expr {
            Expr::Range(range) if matches!(range.limits, syn::RangeLimits::HalfOpen(_)) => {
                let zero = matches!(range.start.as_deref(), Some(Expr::Lit(lit)) if matches!(&lit.lit, Lit::Int(int) if int.base10_digits() == "0"));
                range.end.as_deref().filter(|_| zero)
            }
            _ => None,
        };
        let Some(end) = range else {
            self.errors.add(&it.expr, "a loop runs over a range from 0: `0..l`");
            return;
        };
        if let Some(times) = self.size(end) {
            self.repeat(times, false, &it.body);
        }
    }

    fn condition(&mut self, it: &syn::ExprIf) {
        if let Some((otherwise, _)) = &it.else_branch {
            self.errors.add(otherwise, "a condition has no `else`: an operator with two forms is two operators");
        }
        let Some(name) = variable(&it.cond) else {
            return self.errors.add(&it.cond, "a condition is an axis that is 0 or 1, as in `if bias { … }`");
        };
        if let Some(axis) = self.axis(name) {
            self.repeat(Size(vec![(1, vec![axis])]), true, &it.then_branch);
        }
    }

    fn repeat(&mut self, times: Size, guard: bool, block: &Block) {
        let start = index(self.body.steps.len());
        let mut changed = Vec::new();
        assigned(block, &mut changed);
        let mut carried = Vec::new();
        for name in changed {
            let Some(at) = self.names.iter().rposition(|known| *name == known.name) else {
                continue;
            };
            if at < self.operator.inputs.len() || carried.iter().any(|(other, _)| *other == at) {
                continue;
            }
            self.names[at].used = true;
            let args = vec![Arg::Value(self.names[at].value)];
            let kind = Kind::Plain(cost_core::op::Kind::Carry);
            let value = self.push(kind, args, name.span(), vec![name.span()]);
            self.named(value, name);
            self.names[at].value = value;
            carried.push((at, value));
        }
        // Loops are listed with inner ones after the one around them.
        let at = self.body.loops.len();
        self.body.loops.push(Loop { times, guard, start, end: start, carried: vec![] });
        let scope = self.names.len();
        self.block(block, false);
        self.close(scope);
        let mut ends = Vec::new();
        for (at, carry) in carried {
            let name = &mut self.names[at];
            ends.push((carry, name.value));
            // What a round leaves behind is what the next one starts with.
            (name.value, name.used) = (carry, false);
        }
        let end = index(self.body.steps.len());
        if end == start {
            self.errors.add(block, "nothing happens here");
        }
        (self.body.loops[at].end, self.body.loops[at].carried) = (end, ends);
    }

    fn named(&mut self, value: u16, name: &Ident) {
        let step = usize::from(value) - self.operator.inputs.len();
        self.body.steps[step].name = name.to_string();
    }

    /// Ends a scope: its variables are gone, and must have been used.
    fn close(&mut self, scope: usize) {
        for at in scope..self.names.len() {
            self.report_unused(at);
        }
        self.names.truncate(scope);
    }

    fn report_unused(&mut self, at: usize) {
        let name = &self.names[at];
        if !name.used {
            let message = format!("`{}` is computed but never used; what it costs would count for nothing", name.name);
            self.errors.at(name.span, message);
        }
    }

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
                None => self.wrong(expr, "expected a number"),
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
                    _ => return self.wrong(&binary.op, "tensors are combined with `+`, `-`, `*` and `/`"),
                };
                if a.value().is_none() && b.value().is_none() {
                    return self.wrong(expr, "one side is a tensor");
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
                self.wrong(&call.method, message)
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

    fn wrong(&mut self, at: &impl Spanned, message: impl Into<String>) -> Arg {
        self.errors.add(at, message);
        self.poison(at.span())
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
        for field in &target.fields {
            let Member::Named(name) = &field.member else {
                self.errors.add(&field.member, "expected an axis");
                continue;
            };
            if bind.iter().any(|(other, _)| other == name) {
                self.errors.add(name, format!("axis `{name}` is given twice"));
            } else if let Some(size) = self.size(&field.expr) {
                bind.push((name.clone(), size));
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

/// The variables that a block assigns to, inner blocks included.
fn assigned<'b>(block: &'b Block, names: &mut Vec<&'b Ident>) {
    for stmt in &block.stmts {
        match stmt {
            Stmt::Expr(Expr::Assign(assign), _) => names.extend(variable(&assign.left)),
            Stmt::Expr(Expr::ForLoop(it), _) => assigned(&it.body, names),
            Stmt::Expr(Expr::If(it), _) => assigned(&it.then_branch, names),
            _ => {}
        }
    }
}

fn number(literal: &Lit) -> Option<f64> {
    match literal {
        Lit::Int(int) => int.base10_parse().ok(),
        Lit::Float(float) => float.base10_parse().ok(),
        _ => None,
    }
}
