//! The derivation's numbers while a plan is compiled: what is known is a number, what isn't is a sum over the free axes.

use std::cell::RefCell;
use std::rc::Rc;

use super::graph::{Atom, Graph, Product, Term, Terms, plus};
use crate::cost::{Num, Routing, ZERO_DIVISION};
use crate::error::{Error, Result};
use crate::expr::{self, Expr};

/// A count that may depend on free axes.
#[derive(Clone, Debug)]
pub(super) enum Traced<'g> {
    Number(u128),
    /// A sum of one term, which most are.
    One(Term, &'g RefCell<Graph>),
    Sum(Rc<[Term]>, &'g RefCell<Graph>),
}

use Traced::{Number, One, Sum};

impl<'g> Traced<'g> {
    /// A free axis.
    pub(super) fn axis(axis: u16, graph: &'g RefCell<Graph>) -> Self {
        let terms = graph.borrow_mut().single(Atom::Axis(axis));
        Self::of(&terms, graph)
    }

    fn of(terms: &[Term], graph: &'g RefCell<Graph>) -> Self {
        match *terms {
            [] => Number(0),
            [(Product::ONE, n)] => Number(n),
            [term] => One(term, graph),
            ref terms => Sum(terms.into(), graph),
        }
    }

    fn graph(&self) -> Option<&'g RefCell<Graph>> {
        match self {
            Number(_) => None,
            One(_, graph) | Sum(_, graph) => Some(graph),
        }
    }

    pub(super) fn terms(&self) -> Terms {
        self.with_terms(<[_]>::to_vec)
    }

    /// What a function makes of the terms.
    pub(super) fn with_terms<T>(&self, then: impl FnOnce(&[Term]) -> T) -> T {
        then(self.slice(&mut [(Product::ONE, 0)]))
    }

    /// An expression over the free axes; nothing if it isn't made of whole numbers.
    pub(super) fn from_expr(
        expr: &Expr,
        graph: &'g RefCell<Graph>,
        negative: &dyn Fn() -> Error,
    ) -> Result<Option<Self>> {
        let (mut more, mut less) = (Number(0), Number(0));
        for (monomial, coefficient) in expr.terms() {
            let Some(n) = coefficient.whole() else { return Ok(None) };
            let mut product = Number(n.unsigned_abs());
            for (atom, power) in monomial.factors() {
                let Some(factor) = Self::from_atom(atom, graph, negative)? else { return Ok(None) };
                for _ in 0..*power {
                    product = product.times(&factor)?;
                }
            }
            let side = if n < 0 { &mut less } else { &mut more };
            *side = side.plus(&product)?;
        }
        less.at_most(&more, negative)?;
        more.minus(&less).map(Some)
    }

    fn from_atom(atom: &expr::Atom, graph: &'g RefCell<Graph>, negative: &dyn Fn() -> Error) -> Result<Option<Self>> {
        let (pair, join): (_, fn(&Self, &Self) -> Result<Self>) = match atom {
            expr::Atom::Axis(axis) => return Ok(Some(Self::axis(*axis, graph))),
            expr::Atom::Min(pair) => (pair, Num::least),
            expr::Atom::Max(pair) => (pair, Num::most),
            expr::Atom::CeilDiv(pair) => (pair, Num::ceil_div),
            expr::Atom::Distinct(_) => return Ok(None),
        };
        let (a, b) = (Self::from_expr(&pair.0, graph, negative)?, Self::from_expr(&pair.1, graph, negative)?);
        a.zip(b).map(|(a, b)| join(&a, &b)).transpose()
    }

    /// Two counts as sums, if either is one.
    fn both(a: &Self, b: &Self, join: impl FnOnce(&mut Graph, &[Term], &[Term]) -> Result<Terms>) -> Result<Self> {
        // Two numbers have been joined already.
        let Some(graph) = a.graph().or(b.graph()) else { return Ok(Number(0)) };
        let (mut of_a, mut of_b) = ([(Product::ONE, 0)], [(Product::ONE, 0)]);
        let terms = join(&mut graph.borrow_mut(), a.slice(&mut of_a), b.slice(&mut of_b))?;
        Ok(Self::of(&terms, graph))
    }

    /// The terms; those of a number are put into `own`.
    fn slice<'t>(&'t self, own: &'t mut [Term; 1]) -> &'t [Term] {
        match self {
            Number(0) => &[],
            Number(n) => {
                own[0] = (Product::ONE, *n);
                own
            }
            One(term, _) => std::slice::from_ref(term),
            Sum(terms, _) => terms,
        }
    }
}

/// Whether they are the same sums of one graph.
impl PartialEq for Traced<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.slice(&mut [(Product::ONE, 0)]) == other.slice(&mut [(Product::ONE, 0)])
    }
}

impl Num for Traced<'_> {
    const NAMES: bool = false;

    fn int(n: u64) -> Self {
        Number(u128::from(n))
    }

    fn plus(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Number(a), Number(b)) => a.plus(b).map(Number),
            (Number(0), sum) | (sum, Number(0)) => Ok(sum.clone()),
            _ => Self::both(self, other, |_, a, b| plus(a, b)),
        }
    }

    /// Zero where the difference is negative: whoever subtracts requires that it isn't.
    fn minus(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Number(a), Number(b)) => a.minus(b).map(Number),
            (sum, Number(0)) => Ok(sum.clone()),
            _ => Self::both(self, other, |graph, a, b| Ok(graph.less(a, b))),
        }
    }

    fn before(&self) -> Result<Self> {
        match self {
            Number(n) => Ok(Number(n.saturating_sub(1))),
            _ => self.minus(&Number(1)),
        }
    }

    fn times(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Number(a), Number(b)) => a.times(b).map(Number),
            (Number(1), sum) | (sum, Number(1)) => Ok(sum.clone()),
            (Number(0), _) | (_, Number(0)) => Ok(Number(0)),
            (One((product, m), graph), Number(n)) | (Number(n), One((product, m), graph)) => {
                Ok(One((*product, m.times(n)?), graph))
            }
            (One((a, m), graph), One((b, n), _)) => {
                let product = graph.borrow_mut().multiplied(*a, *b);
                Ok(One((product, m.times(n)?), graph))
            }
            _ => Self::both(self, other, Graph::times),
        }
    }

    fn triangle(&self) -> Result<Self> {
        match (self, self.graph()) {
            (Number(n), _) => n.triangle().map(Number),
            (_, None) => Ok(Number(0)),
            (_, Some(graph)) => {
                let terms = graph.borrow_mut().triangle(self.slice(&mut [(Product::ONE, 0)]))?;
                Ok(Self::of(&terms, graph))
            }
        }
    }

    fn least(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Number(a), Number(b)) => Ok(Number(*a.min(b))),
            _ => Self::both(self, other, Graph::least),
        }
    }

    fn most(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Number(a), Number(b)) => Ok(Number(*a.max(b))),
            _ => Self::both(self, other, Graph::most),
        }
    }

    fn ceil_div(&self, divisor: &Self) -> Result<Self> {
        match (self, divisor) {
            (Number(a), Number(b)) => Num::ceil_div(a, b).map(Number),
            _ => {
                Number(1).at_most(divisor, || ZERO_DIVISION)?;
                Self::both(self, divisor, Graph::ceil_div)
            }
        }
    }

    fn routed(&self, experts: &Self, top: &Self, tokens: &Self, routing: Routing) -> Result<Self> {
        match routing {
            Routing::Given(count) => self.times(&Self::int(count)),
            Routing::Worst => self.times(&experts.least(&top.times(tokens)?)?),
            Routing::Expected => {
                let all = [self, experts, top, tokens];
                match all.iter().find_map(|it| it.graph()) {
                    Some(graph) => {
                        let [one, experts, top, tokens] = all.map(Self::terms);
                        let terms = graph.borrow_mut().routed(&one, &experts, &top, &tokens)?;
                        Ok(Self::of(&terms, graph))
                    }
                    None => {
                        let [one, experts, top, tokens] = all.map(|it| it.known().unwrap_or_default());
                        one.routed(&experts, &top, &tokens, routing).map(Number)
                    }
                }
            }
        }
    }

    fn number(&self) -> Option<u128> {
        self.known()
    }

    fn is_zero(&self) -> bool {
        matches!(self, Number(0))
    }

    /// Sizes that aren't known are filled in when they are.
    fn text(&self, _axes: &[&str]) -> String {
        self.known().map_or_else(String::new, |n| n.to_string())
    }

    fn exceeds(&self, other: &Self) -> bool {
        matches!((self, other), (Number(a), Number(b)) if a > b)
    }

    fn at_most(&self, other: &Self, error: impl FnOnce() -> Error) -> Result<()> {
        match self.graph().or(other.graph()) {
            None if self.exceeds(other) => Err(error()),
            None => Ok(()),
            Some(graph) => {
                let (mut own, mut others) = ([(Product::ONE, 0)], [(Product::ONE, 0)]);
                // The error's text asks for sizes, not for the graph.
                graph.borrow_mut().require(self.slice(&mut own), other.slice(&mut others), error);
                Ok(())
            }
        }
    }

    fn under<R>(&self, body: impl FnOnce() -> R) -> R {
        let Some(graph) = self.graph() else { return body() };
        graph.borrow_mut().conditions.push(self.terms());
        let result = body();
        graph.borrow_mut().conditions.pop();
        result
    }
}

impl Traced<'_> {
    fn known(&self) -> Option<u128> {
        match self {
            Number(n) => Some(*n),
            _ => None,
        }
    }
}
