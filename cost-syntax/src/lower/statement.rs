//! Statements: bindings, assignments, loops and conditions.

use cost_core::check::MAX_OUTPUTS;
use cost_core::format::Format;
use cost_core::library::{Call, Kind, Loop, Size};
use cost_core::op::{Arg, Role, Shape};
use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Block, Expr, Ident, Lit, Pat, Stmt, Type, UnOp};

use super::{IF_VALUE, Lower, UNASSIGNED, Variable, index, place, variable};
use crate::{ast, attr};

impl Lower<'_> {
    /// Lowers the operator's body; gives the values of its last line, as many as it returns.
    pub(super) fn outermost(&mut self, block: &Block) -> Option<Vec<u16>> {
        if let Some((Stmt::Expr(Expr::If(it), None), rest)) = block.stmts.split_last()
            && has_value(it)
        {
            for stmt in rest {
                self.statement(stmt);
            }
            self.refuse(&it.if_token, it, IF_VALUE);
            return None;
        }
        let (last, rest) = match block.stmts.split_last() {
            Some((Stmt::Expr(last, semi), rest)) if !is_statement(last) => (Some((last, semi)), rest),
            _ => (None, block.stmts.as_slice()),
        };
        for stmt in rest {
            self.statement(stmt);
        }
        let Some((last, semi)) = last else {
            let message = "the body ends without a value; its last line is what the operator returns";
            self.errors.at(block.brace_token.span.close(), message);
            // Whatever was bound last may have been meant.
            self.names.last_mut().into_iter().for_each(|name| name.used = true);
            return None;
        };
        if let Expr::Return(it) = last {
            self.errors.add(&it.return_token, "there is no `return` here: the last line is what the operator returns");
            self.touch(last);
            return None;
        }
        let results = self.results(last);
        if let Some(semi) = semi {
            self.errors.add(semi, "remove this `;`: the last line is what the operator returns");
            return None;
        }
        results
    }

    /// The values of the last line: of one expression, a tuple, or a call that returns as many.
    fn results(&mut self, last: &Expr) -> Option<Vec<u16>> {
        let count = self.declared.returns.len();
        if let Expr::Tuple(tuple) = last {
            let values: Vec<Arg> = tuple.elems.iter().map(|expr| self.value(expr)).collect();
            if values.len() != count {
                let message = format!("{} tensors are returned here, and {count} declared", values.len());
                self.errors.add(last, message);
                return None;
            }
            return values.iter().zip(&tuple.elems).map(|(arg, expr)| self.result(*arg, expr)).collect();
        }
        let before = self.steps.len();
        let first = self.value(last);
        let first = self.result(first, last)?;
        if count == 1 {
            return Some(vec![first]);
        }
        if !self.calls(first, before) {
            self.errors.add(last, format!("one tensor is returned here, and {count} declared"));
            return None;
        }
        Some(self.outputs(first, count, last.span()))
    }

    fn result(&mut self, arg: Arg, expr: &Expr) -> Option<u16> {
        if arg.value().is_none() {
            self.errors.add(expr, "an operator returns a tensor, not a number");
        }
        arg.value()
    }

    /// Whether a step since `before` computes a value by a call.
    fn calls(&self, value: u16, before: usize) -> bool {
        self.own_step(value, before).is_some_and(|step| matches!(self.steps[step].kind, Kind::Call(_)))
    }

    /// So many values that a call returns, of which this is the first.
    fn outputs(&mut self, first: u16, count: usize, span: Span) -> Vec<u16> {
        use cost_core::op::Kind as Op;
        let others = (1..count).map(|number| {
            let kind = Kind::Plain(Op::Output(u8::try_from(number).unwrap_or(u8::MAX)));
            self.push(kind, vec![Arg::Value(first)], place(span, vec![span]))
        });
        core::iter::once(first).chain(others.collect::<Vec<_>>()).collect()
    }

    /// Lowers what is bound to several names; gives as many values, or none if it is no call.
    fn several(&mut self, expr: &Expr, count: usize) -> Option<Vec<u16>> {
        let before = self.steps.len();
        let first = self.value(expr).value().filter(|first| self.calls(*first, before));
        match first {
            Some(first) if count <= MAX_OUTPUTS => Some(self.outputs(first, count, expr.span())),
            _ => {
                self.errors.add(expr, "only the call of an operator that returns several tensors gives several");
                None
            }
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Local(local) => self.binding(local),
            Stmt::Expr(Expr::Assign(assign), _) => self.assign(assign),
            Stmt::Expr(Expr::ForLoop(it), _) => self.for_loop(it),
            Stmt::Expr(Expr::If(it), _) => self.condition(it),
            Stmt::Expr(expr, _) => {
                let arg = self.value(expr);
                let step = arg.value().and_then(|value| self.step_of(value));
                let wrong = step.is_some_and(|step| self.is_wrong(step));
                if !wrong && !arg.value().is_some_and(|value| self.writes(value)) {
                    self.errors.add(expr, "this value is thrown away; bind it with `let`, or return it");
                }
            }
            Stmt::Item(item) => self.errors.add(item, "an operator's body has no items"),
            Stmt::Macro(it) => {
                self.errors.add(it, "an operator's body has no macros");
                self.touch(it);
            }
        }
    }

    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.statement(stmt);
        }
    }

    fn no_attributes(&mut self, attrs: &[Attribute]) {
        for attr in attrs {
            self.errors.add(attr, "an attribute has no effect inside an operator");
        }
    }

    fn step_of(&self, value: u16) -> Option<usize> {
        usize::from(value).checked_sub(self.declared.inputs.len())
    }

    /// Whether a value is a cache or a state that has been written to, which is a use of what was written.
    fn writes(&self, value: u16) -> bool {
        use cost_core::op::Kind as Op;
        let step = self.step_of(value).and_then(|step| self.steps.get(step));
        step.is_some_and(|step| matches!(step.kind, Kind::Plain(Op::Append(_) | Op::Write(_))))
    }

    fn binding(&mut self, local: &syn::Local) {
        let format = self.let_format(&local.attrs);
        let (pattern, annotation) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            pattern => (pattern, None),
        };
        let Some(init) = &local.init else {
            self.no_format(format);
            return self.deferred(local, pattern);
        };
        if let Some((_, diverge)) = &init.diverge {
            self.errors.add(diverge, "a `let` has no `else`");
        }
        if let Pat::Tuple(tuple) = pattern {
            self.no_format(format);
            return self.bind_several(local, tuple, &init.expr);
        }
        let name = match pattern {
            Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => &name.ident,
            Pat::Wild(_) => {
                self.errors.add(
                    pattern,
                    "`_` throws this value away, and what it costs would count for nothing: bind it to a name and use it; `append` and `update` need no `let`",
                );
                return self.forgiven(local);
            }
            _ => {
                self.errors.add(pattern, "expected a name");
                return self.forgiven(local);
            }
        };
        let before = self.steps.len();
        let arg = self.value(&init.expr);
        let Arg::Value(value) = arg else {
            self.errors.add(name, "a number needs no name; write it where it is used");
            return self.forgiven(local);
        };
        let annotated = annotation.and_then(|ty| self.annotation(ty, value));
        if let Some((attr, format)) = format {
            match self.own_step(value, before) {
                Some(step) if self.stores(step) => self.steps[step].format = Some(format),
                _ => self.errors.add(attr, "only what is computed here has a format of its own; to change one, `cast`"),
            }
        }
        self.bind(name, value, before, annotated, annotation);
    }

    /// `let (q, k) = Project { .. }(x);`
    fn bind_several(&mut self, local: &syn::Local, tuple: &syn::PatTuple, expr: &Expr) {
        let names: Result<Vec<Option<&Ident>>, &Pat> = tuple.elems.iter().map(plain_name).collect();
        let names = match names {
            Ok(names) => names,
            Err(other) => {
                self.errors.add(other, "expected a name, as in `let (x, y) = …`");
                return self.forgiven(local);
            }
        };
        let before = self.steps.len();
        let Some(values) = self.several(expr, names.len()) else { return self.forgiven(local) };
        for (name, value) in names.into_iter().zip(values) {
            if let Some(name) = name {
                self.bind(name, value, before, None, None);
            }
        }
    }

    /// `let keys;`: a name for what a loop will assign to it.
    fn deferred(&mut self, local: &syn::Local, pattern: &Pat) {
        let names: Result<Vec<Option<&Ident>>, &Pat> = match pattern {
            Pat::Tuple(tuple) => tuple.elems.iter().map(plain_name).collect(),
            pattern => plain_name(pattern).map(|name| vec![name]),
        };
        let typed = matches!(local.pat, Pat::Type(_));
        let Some(names) = names.ok().filter(|names| !typed && names.iter().all(Option::is_some)) else {
            self.errors.add(local, "a `let` has a value");
            return self.forgiven(local);
        };
        for name in names.into_iter().flatten() {
            self.names.push(Variable { name: name.to_string(), value: UNASSIGNED, span: name.span(), used: false });
        }
    }

    /// An error if a format is given to what has one already, or none yet.
    fn no_format(&mut self, format: Option<(&Attribute, Format)>) {
        if let Some((attr, _)) = format {
            self.errors.add(attr, "only what is computed here has a format of its own; to change one, `cast`");
        }
    }

    /// The format in `#[format(…)]`, the only attribute that a `let` has.
    fn let_format<'a>(&mut self, attrs: &'a [Attribute]) -> Option<(&'a Attribute, Format)> {
        let (formats, others): (Vec<_>, Vec<_>) = attrs.iter().partition(|attr| attr.path().is_ident("format"));
        for attr in others.into_iter().chain(formats.iter().copied().skip(1)) {
            self.errors.add(attr, "an attribute has no effect inside an operator");
        }
        let attr = formats.first()?;
        attr::format(attr, self.errors).map(|format| (*attr, format))
    }

    /// Whether a step computes a value of its own, rather than showing, changing or being given one.
    fn stores(&self, step: usize) -> bool {
        use cost_core::op::Kind as Op;
        match &self.steps[step].kind {
            Kind::Call(_) => false,
            Kind::Plain(kind) => {
                !kind.is_view() && !matches!(kind, Op::Append(_) | Op::Write(_) | Op::Carry | Op::Cast)
            }
        }
    }

    /// Binds every name in a `let` that is wrong, so that uses of them are not reported as well.
    fn forgiven(&mut self, local: &syn::Local) {
        self.touch(local);
        let value = self.push(Kind::Call(Call::UNKNOWN), vec![], place(local.span(), vec![]));
        let pattern = match &local.pat {
            Pat::Type(typed) => typed.pat.to_token_stream(),
            pattern => pattern.to_token_stream(),
        };
        for name in super::idents(pattern) {
            self.names.push(Variable { name: name.to_string(), value, span: name.span(), used: true });
        }
    }

    fn annotation(&mut self, ty: &Type, value: u16) -> Option<Shape> {
        let (role, shape) = ast::tensor(ty, &self.declared.axes, self.errors)?;
        self.axes.extend_from_slice(shape.axes());
        if role != Role::Act && !self.writes(value) {
            let message = format!("what is computed is an `Act<…>`, not a `{}<…>`", role.name());
            self.errors.add(ty, message);
        }
        Some(shape)
    }

    /// Binds a name to a value, which takes the name if a step since `before` computed it.
    fn bind(&mut self, name: &Ident, value: u16, before: usize, annotated: Option<Shape>, ty: Option<&Type>) {
        match self.own_step(value, before) {
            Some(step) => {
                (self.steps[step].name, self.steps[step].annotated) = (name.to_string(), annotated);
                self.places[step].annotation = ty.map(Spanned::span);
            }
            // A second name for an existing value: an annotation then can't be attached to a step.
            None if annotated.is_some() => self.errors.add(name, "a second name for a value takes no annotation"),
            None => {}
        }
        let used = self.writes(value) || name.to_string().starts_with('_');
        self.names.push(Variable { name: name.to_string(), value, span: name.span(), used });
    }

    /// The step that computes a value, if it is one since `before`.
    fn own_step(&self, value: u16, before: usize) -> Option<usize> {
        let step = self.step_of(value)?;
        (before <= step && step < self.steps.len()).then_some(step)
    }

    fn assign(&mut self, assign: &syn::ExprAssign) {
        self.no_attributes(&assign.attrs);
        if let Expr::Path(path) = &*assign.left {
            self.no_attributes(&path.attrs);
        }
        let before = self.steps.len();
        if let Expr::Tuple(tuple) = &*assign.left {
            let Some(values) = self.several(&assign.right, tuple.elems.len()) else { return };
            for (place, value) in tuple.elems.iter().zip(values) {
                match place {
                    Expr::Infer(_) => {}
                    place => self.assign_to(place, Arg::Value(value), before, &assign.right),
                }
            }
            return;
        }
        let arg = self.value(&assign.right);
        self.assign_to(&assign.left, arg, before, &assign.right);
    }

    /// Gives a variable the value of an expression, which steps since `before` may compute.
    fn assign_to(&mut self, place: &Expr, arg: Arg, before: usize, right: &Expr) {
        let Some(name) = variable(place) else {
            return self.errors.add(place, "expected a variable");
        };
        let Some(at) = self.names.iter().rposition(|known| *name == known.name) else {
            return self.unknown(name);
        };
        let Arg::Value(value) = arg else {
            return self.errors.add(right, "expected a tensor, not a number");
        };
        if at < self.declared.inputs.len() {
            return self.errors.add(name, format!("`{name}` is a parameter; bind a new variable with `let`"));
        }
        if let Some(step) = self.own_step(value, before) {
            self.steps[step].name = name.to_string();
        }
        if self.names[at].value != UNASSIGNED {
            self.report_unused(at);
        }
        let appended = self.writes(value);
        let known = &mut self.names[at];
        (known.value, known.used, known.span) = (value, appended, name.span());
    }

    fn for_loop(&mut self, it: &syn::ExprForLoop) {
        self.no_attributes(&it.attrs);
        let label = it.label.as_ref().map_or_else(String::new, |label| label.name.ident.to_string());
        if !matches!(&*it.pat, Pat::Wild(_)) {
            self.errors.add(&it.pat, "rounds are all alike, so a loop has no counter: write `for _ in 0..l`");
        }
        let times = match &*it.expr {
            Expr::Range(range) if matches!(range.limits, syn::RangeLimits::HalfOpen(_)) && from_zero(range) => {
                range.end.as_deref()
            }
            _ => None,
        };
        let times = match times {
            Some(end) => self.size(end),
            None => {
                self.errors.add(&it.expr, "a loop runs over a range from 0: `0..l`");
                None
            }
        };
        self.not_inside_fused(&it.for_token);
        match times {
            Some(times) => self.repeat(times, false, label, &it.body),
            None => self.touch(it),
        }
    }

    /// An error if a loop or a condition is in a fused loop.
    fn not_inside_fused(&mut self, token: &impl ToTokens) {
        // The loops that are open have no end yet.
        if self.loops.iter().any(|it| it.fused && it.end == it.start) {
            self.errors.add(token, "a fused loop holds no further loops or conditions");
        }
    }

    fn condition(&mut self, it: &syn::ExprIf) {
        self.not_inside_fused(&it.if_token);
        self.no_attributes(&it.attrs);
        let (cond, negated) = match &*it.cond {
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => (&*unary.expr, true),
            cond => (cond, false),
        };
        let axis = match variable(cond) {
            Some(name) => self.axis(name),
            None => {
                self.errors.add(&it.cond, "a condition is an axis that is 0 or 1, as in `if bias { … }`");
                None
            }
        };
        let Some(axis) = axis else {
            return self.touch(it);
        };
        let yes = Size::axis(axis);
        // A coefficient of −1 fits.
        let no = Size::number(1).plus(&yes, -1).unwrap_or_default();
        let (then, otherwise) = if negated { (no, yes) } else { (yes, no) };
        self.repeat(then, true, String::new(), &it.then_branch);
        match it.else_branch.as_ref().map(|(_, branch)| &**branch) {
            None => {}
            Some(Expr::Block(other)) => self.repeat(otherwise, true, String::new(), &other.block),
            Some(other) => {
                self.errors.add(other, "after `else` comes a block: `if bias { … } else { … }`");
                self.touch(other);
            }
        }
    }

    fn repeat(&mut self, times: Size, guard: bool, label: String, block: &Block) {
        let start = index(self.steps.len());
        let mut changed = Vec::new();
        assigned(block, &mut changed);
        let mut carried = Vec::new();
        for name in changed {
            let Some(at) = self.names.iter().rposition(|known| *name == known.name) else { continue };
            let known = at < self.declared.inputs.len() || carried.iter().any(|(other, _)| *other == at);
            if known || self.names[at].value == UNASSIGNED {
                continue;
            }
            self.names[at].used = true;
            let args = vec![Arg::Value(self.names[at].value)];
            let carry = Kind::Plain(cost_core::op::Kind::Carry);
            let value = self.push(carry, args, place(name.span(), vec![name.span()]));
            if let Some(step) = self.own_step(value, 0) {
                self.steps[step].name = name.to_string();
            }
            self.names[at].value = value;
            carried.push((at, value));
        }
        // Loops are listed with inner ones after the one around them.
        let at = self.loops.len();
        let fused = label == "fused";
        let label = if fused { String::new() } else { label };
        self.loops.push(Loop { times, guard, fused, label, start, end: start, carried: vec![] });
        let scope = self.names.len();
        self.block(block);
        self.close(scope);
        let mut ends = Vec::new();
        for (at, carry) in carried {
            let end = self.names[at].value;
            ends.push((carry, end));
            // What a round leaves behind is what the next one starts with.
            let appended = self.writes(end);
            let name = &mut self.names[at];
            (name.value, name.used) = (carry, appended);
        }
        let end = index(self.steps.len());
        if end == start {
            self.errors.add(block, "nothing happens here");
        }
        (self.loops[at].end, self.loops[at].carried) = (end, ends);
    }

    /// Ends a scope: its variables are gone, and must have been used.
    pub(super) fn close(&mut self, scope: usize) {
        for at in scope..self.names.len() {
            self.report_unused(at);
        }
        self.names.truncate(scope);
    }

    fn report_unused(&mut self, at: usize) {
        let name = &self.names[at];
        if !name.used && !self.errors.may_mean(&name.name) {
            let message = if name.value == UNASSIGNED {
                format!("`{}` is never given a value", name.name)
            } else {
                format!("`{}` is computed but never used; what it costs would count for nothing", name.name)
            };
            self.errors.at(name.span, message);
        }
    }
}

/// The name that a pattern consists of, nothing if it is `_`; the pattern if it is something else.
fn plain_name(pattern: &Pat) -> Result<Option<&Ident>, &Pat> {
    match pattern {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => Ok(Some(&name.ident)),
        Pat::Wild(_) => Ok(None),
        other => Err(other),
    }
}

/// Whether an expression is a statement without a value.
fn is_statement(expr: &Expr) -> bool {
    matches!(expr, Expr::ForLoop(_) | Expr::If(_) | Expr::Assign(_))
}

/// Whether a branch ends with a value, so that all of it is meant to be one.
fn has_value(it: &syn::ExprIf) -> bool {
    let ends = |block: &Block| matches!(block.stmts.last(), Some(Stmt::Expr(last, None)) if !is_statement(last));
    ends(&it.then_branch)
        || it.else_branch.as_ref().is_some_and(|(_, other)| match &**other {
            Expr::Block(other) => ends(&other.block),
            Expr::If(other) => has_value(other),
            _ => false,
        })
}

fn from_zero(range: &syn::ExprRange) -> bool {
    matches!(range.start.as_deref(), Some(Expr::Lit(lit)) if matches!(&lit.lit, Lit::Int(int) if int.base10_digits() == "0"))
}

/// The variables that a block assigns to, inner blocks included.
fn assigned<'b>(block: &'b Block, names: &mut Vec<&'b Ident>) {
    for stmt in &block.stmts {
        match stmt {
            Stmt::Expr(Expr::Assign(assign), _) => match &*assign.left {
                Expr::Tuple(tuple) => names.extend(tuple.elems.iter().filter_map(variable)),
                place => names.extend(variable(place)),
            },
            Stmt::Expr(Expr::ForLoop(it), _) => assigned(&it.body, names),
            Stmt::Expr(Expr::If(it), _) => {
                assigned(&it.then_branch, names);
                if let Some((_, other)) = &it.else_branch
                    && let Expr::Block(other) = &**other
                {
                    assigned(&other.block, names);
                }
            }
            _ => {}
        }
    }
}
