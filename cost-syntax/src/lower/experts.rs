//! `experts::<e, top>(SwiGlu { .. }(h), gates, capacity = c)`

use cost_core::op::{Arg, Count, Experts};
use syn::spanned::Spanned;
use syn::{Expr, ExprAssign, ExprCall};

use super::Lower;

const FORM: &str = "`experts` takes the call of an operator and, at most, its gates and a capacity, as in \
                    `experts::<e, top>(SwiGlu { .. }(h), gates, capacity = c)`";

impl Lower<'_> {
    pub(super) fn experts(&mut self, segment: &syn::PathSegment, call: &ExprCall) -> Arg {
        let over = self.turbofish(segment);
        let inner = match call.args.first() {
            Some(Expr::Call(inner)) => match &*inner.func {
                Expr::Struct(target) => Some((target, inner)),
                _ => None,
            },
            _ => None,
        };
        let Some((target, inner)) = inner else {
            return self.refuse(
                &segment.ident,
                call,
                "`experts` takes the call of an operator, as in `experts::<e, top>(SwiGlu { .. }(h))`",
            );
        };
        let (count, top) = match over.as_deref() {
            Some([count, top]) => (*count, *top),
            Some(_) => {
                return self.refuse(
                    &segment.ident,
                    call,
                    "`experts` takes the axis of copies and that of copies used, as in `experts::<e, top>`",
                );
            }
            None => {
                self.touch(call);
                return self.poison(segment.ident.span());
            }
        };
        let (mut gates, mut capacity) = (None, None);
        for expr in call.args.iter().skip(1) {
            match expr {
                Expr::Assign(it) if capacity.is_none() && named(it) => match self.count(&it.right) {
                    Some(Count::Number(0)) => {
                        return self.refuse(it, call, "a capacity of 0 has room for no token; expected at least 1");
                    }
                    Some(count) => capacity = Some(count),
                    None => {
                        self.touch(call);
                        return self.poison(segment.ident.span());
                    }
                },
                Expr::Assign(it) => return self.refuse(&it.left, call, FORM),
                _ if gates.is_some() || capacity.is_some() => return self.refuse(expr, call, FORM),
                _ => {
                    gates = Some(match self.value(expr) {
                        Arg::Number(_) => (self.wrong(expr, "expected a tensor, not a number"), expr.span()),
                        gate => (gate, expr.span()),
                    });
                }
            }
        }
        let result = self.call(target, inner, Some(Experts { count, top, gated: gates.is_some(), capacity }));
        if let Some((gates, span)) = gates
            && let (Some(step), Some(place)) = (self.steps.last_mut(), self.places.last_mut())
        {
            step.args.push(gates);
            place.args.push(span);
        }
        result
    }
}

/// Whether what is given is the capacity.
fn named(it: &ExprAssign) -> bool {
    super::variable(&it.left).is_some_and(|name| name == "capacity")
}
