//! Sums of products with whole, positive coefficients, over axes and over what can't be multiplied out.
//!
//! Nothing in a sum is ever negative: what is subtracted either cancels or becomes an [`Atom::Less`]. So every partial
//! sum and product is at most the whole, and a sum that fits has been computed without overflow.

use super::hash::HashMap;

use crate::cost::{Num, OVERFLOW, expected};
use crate::error::{Error, Result};

/// A sum: products with their coefficients, sorted, none of them zero. No terms are zero.
pub(super) type Terms = Vec<Term>;

/// A product and its coefficient.
pub(super) type Term = (Product, u128);

/// Sums in rows, in one list.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    terms: Terms,
    /// Where each sum ends.
    ends: Vec<usize>,
}

impl Rows {
    /// Room for so many sums, most of which are zero or one term.
    pub(super) fn with_capacity(sums: usize) -> Self {
        Self { terms: Terms::with_capacity(sums / 2), ends: Vec::with_capacity(sums) }
    }

    pub(super) fn push(&mut self, sum: &[Term]) {
        self.terms.extend_from_slice(sum);
        self.ends.push(self.terms.len());
    }

    /// The sums, so many in a row.
    pub(super) fn of<const FIELDS: usize>(&self) -> impl ExactSizeIterator<Item = [&[Term]; FIELDS]> {
        let start = |at: usize| at.checked_sub(1).map_or(0, |before| self.ends[before]);
        let sum = move |at: usize| &self.terms[start(at)..self.ends[at]];
        (0..self.ends.len() / FIELDS).map(move |row| core::array::from_fn(|field| sum(row * FIELDS + field)))
    }
}

/// A product of atoms, by its index in the [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Product(u32);

impl Product {
    /// The product of nothing.
    pub(super) const ONE: Self = Self(0);
}

/// What products are made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Atom {
    /// A free axis.
    Axis(u16),
    /// The smaller of two.
    Min(Terms, Terms),
    /// The larger of two.
    Max(Terms, Terms),
    /// The first less the second, or zero if that is negative.
    Less(Terms, Terms),
    /// The quotient rounded up.
    CeilDiv(Terms, Terms),
    /// `n(n + 1)/2`
    Triangle(Terms),
    /// What one expert takes times the expected number of distinct experts, rounded where numbers are whole.
    Routed(Box<Routed>),
}

/// What [`Atom::Routed`] is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Routed {
    pub(super) one: Terms,
    pub(super) experts: Terms,
    pub(super) top: Terms,
    pub(super) tokens: Terms,
}

/// Something that has to hold for the counts to mean anything: `small ≤ large`, unless one of the conditions is zero.
#[derive(Clone, Debug)]
pub(super) struct Requirement {
    pub(super) small: Terms,
    pub(super) large: Terms,
    pub(super) conditions: Vec<Terms>,
    /// The error where it doesn't hold, its sizes still to be filled in.
    pub(super) error: Error,
}

/// All atoms and products that sums refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    atoms: Vec<Atom>,
    atom_indices: HashMap<Atom, u32>,
    products: Vec<Vec<u32>>,
    product_indices: HashMap<Vec<u32>, Product>,
    /// Products of two products.
    multiplied: HashMap<(Product, Product), Product>,
    /// What must hold, each once.
    pub(super) requirements: Vec<Requirement>,
    /// What must not be zero for what is traced now to matter.
    pub(super) conditions: Vec<Terms>,
}

impl Graph {
    pub(super) fn new() -> Self {
        let mut graph = Self::default();
        graph.product(Vec::new());
        graph
    }

    pub(super) fn atom(&self, index: u32) -> &Atom {
        &self.atoms[index as usize]
    }

    /// The atoms of a product, sorted.
    pub(super) fn atoms(&self, product: Product) -> &[u32] {
        &self.products[product.0 as usize]
    }

    /// The product of these atoms, which are sorted.
    pub(super) fn product(&mut self, atoms: Vec<u32>) -> Product {
        if let Some(product) = self.product_indices.get(&atoms) {
            return *product;
        }
        let product = Product(index(self.products.len()));
        self.products.push(atoms.clone());
        self.product_indices.insert(atoms, product);
        product
    }

    /// The product of these atoms, which are sorted, if anything has it.
    pub(super) fn product_of(&self, atoms: &[u32]) -> Option<Product> {
        self.product_indices.get(atoms).copied()
    }

    /// An atom by itself.
    pub(super) fn single(&mut self, atom: Atom) -> Terms {
        let index = match self.atom_indices.get(&atom) {
            Some(index) => *index,
            None => {
                let index = index(self.atoms.len());
                self.atoms.push(atom.clone());
                self.atom_indices.insert(atom, index);
                index
            }
        };
        vec![(self.product(vec![index]), 1)]
    }

    /// The product of two products.
    pub(super) fn multiplied(&mut self, a: Product, b: Product) -> Product {
        if a == Product::ONE || b == Product::ONE {
            return a.max(b);
        }
        if let Some(product) = self.multiplied.get(&(a, b)) {
            return *product;
        }
        let mut atoms = [self.atoms(a), self.atoms(b)].concat();
        atoms.sort_unstable();
        let product = self.product(atoms);
        self.multiplied.insert((a, b), product);
        product
    }

    pub(super) fn times(&mut self, a: &[Term], b: &[Term]) -> Result<Terms> {
        if let ([(Product::ONE, n)], terms) | (terms, [(Product::ONE, n)]) = (a, b) {
            return terms.iter().map(|(product, m)| Ok((*product, m.times(n)?))).collect();
        }
        let mut products = Terms::with_capacity(a.len() * b.len());
        self.products(a, b, &mut products)?;
        merge(&mut products)?;
        Ok(products)
    }

    /// Adds the products of the terms of two sums to others, which [`merge`] makes a sum again.
    pub(super) fn products(&mut self, a: &[Term], b: &[Term], to: &mut Terms) -> Result<()> {
        for (x, m) in a {
            for (y, n) in b {
                to.push((self.multiplied(*x, *y), m.times(n)?));
            }
        }
        Ok(())
    }

    /// `max(a − b, 0)`
    pub(super) fn less(&mut self, a: &[Term], b: &[Term]) -> Terms {
        let (_, a, b) = apart(a, b);
        if a.is_empty() || b.is_empty() { a } else { self.single(Atom::Less(a, b)) }
    }

    pub(super) fn triangle(&mut self, n: &[Term]) -> Result<Terms> {
        // The triangle of a sum is the sum of the triangles and the products of pairs.
        match n {
            [(Product::ONE, n)] => Ok(whole(n.triangle()?)),
            [_, _] | [_, _, _] => {
                let mut sum = Terms::new();
                for (i, term) in n.iter().enumerate() {
                    sum = plus(&sum, &self.triangle(&[*term])?)?;
                    for other in &n[i + 1..] {
                        sum = plus(&sum, &self.times(&[*term], &[*other])?)?;
                    }
                }
                Ok(sum)
            }
            [] => Ok(Terms::new()),
            _ => Ok(self.single(Atom::Triangle(n.to_vec()))),
        }
    }

    pub(super) fn least(&mut self, a: &[Term], b: &[Term]) -> Result<Terms> {
        if self.at_most(a, b) {
            return Ok(a.to_vec());
        }
        if self.at_most(b, a) {
            return Ok(b.to_vec());
        }
        let (common, a, b) = apart(a, b);
        let rest = self.single(if a <= b { Atom::Min(a, b) } else { Atom::Min(b, a) });
        plus(&common, &rest)
    }

    pub(super) fn most(&mut self, a: &[Term], b: &[Term]) -> Result<Terms> {
        if self.at_most(a, b) {
            return Ok(b.to_vec());
        }
        if self.at_most(b, a) {
            return Ok(a.to_vec());
        }
        let (common, a, b) = apart(a, b);
        let rest = self.single(if a <= b { Atom::Max(a, b) } else { Atom::Max(b, a) });
        plus(&common, &rest)
    }

    /// Zero where the divisor is, which the trace requires not to be.
    pub(super) fn ceil_div(&mut self, n: &[Term], divisor: &[Term]) -> Result<Terms> {
        let Some(by) = constant(divisor).filter(|by| *by > 0) else {
            return Ok(self.single(Atom::CeilDiv(n.to_vec(), divisor.to_vec())));
        };
        // What the divisor divides can be taken out.
        let quotients: Terms = n.iter().map(|(product, n)| (*product, n / by)).filter(|(_, n)| *n > 0).collect();
        let rest: Terms = n.iter().map(|(product, n)| (*product, n % by)).filter(|(_, n)| *n > 0).collect();
        let rest = match constant(&rest) {
            Some(rest) => whole(rest.div_ceil(by)),
            None => self.single(Atom::CeilDiv(rest, divisor.to_vec())),
        };
        plus(&quotients, &rest)
    }

    pub(super) fn routed(&mut self, one: &[Term], experts: &[Term], top: &[Term], tokens: &[Term]) -> Result<Terms> {
        if one.is_empty() {
            return Ok(Terms::new());
        }
        let numbers = constant(one).zip(constant(experts)).zip(constant(top)).zip(constant(tokens));
        if let Some((((one, experts), top), tokens)) = numbers {
            return Ok(whole(expected(one, experts, top, tokens)?));
        }
        // One token's experts are all different.
        if constant(tokens) == Some(1) && constant(experts).is_some_and(|experts| experts > 0) {
            return self.times(one, top);
        }
        let (one, experts, top, tokens) = (one.to_vec(), experts.to_vec(), top.to_vec(), tokens.to_vec());
        Ok(self.single(Atom::Routed(Box::new(Routed { one, experts, top, tokens }))))
    }

    /// Whether it is known that the first is at most the second.
    pub(super) fn at_most(&self, a: &[Term], b: &[Term]) -> bool {
        apart(a, b).1.is_empty()
            || self.side(a, false).is_some_and(|(x, y)| self.at_most(x, b) || self.at_most(y, b))
            || self.side(b, true).is_some_and(|(x, y)| self.at_most(a, x) || self.at_most(a, y))
    }

    /// The two sides of a minimum or a maximum by itself.
    fn side(&self, terms: &[Term], larger: bool) -> Option<(&[Term], &[Term])> {
        let [(product, 1)] = terms else { return None };
        let [atom] = self.atoms(*product) else { return None };
        match self.atom(*atom) {
            Atom::Min(a, b) if !larger => Some((a, b)),
            Atom::Max(a, b) if larger => Some((a, b)),
            _ => None,
        }
    }

    /// Has the first at most the second from now on, where what is traced now matters.
    pub(super) fn require(&mut self, small: &[Term], large: &[Term], error: impl FnOnce() -> Error) {
        let again = |it: &Requirement| it.small == small && it.large == large && it.conditions == self.conditions;
        if !self.at_most(small, large) && !self.requirements.iter().any(again) {
            let (small, large, conditions) = (small.to_vec(), large.to_vec(), self.conditions.clone());
            self.requirements.push(Requirement { small, large, conditions, error: error() });
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a description has far fewer terms than that")]
fn index(length: usize) -> u32 {
    length as u32
}

/// A number as a sum.
pub(super) fn whole(n: u128) -> Terms {
    if n == 0 { Terms::new() } else { vec![(Product::ONE, n)] }
}

/// The number that a sum is, if it has no atoms.
pub(super) fn constant(terms: &[Term]) -> Option<u128> {
    match terms {
        [] => Some(0),
        [(Product::ONE, n)] => Some(*n),
        _ => None,
    }
}

/// Sorts terms and adds up those of the same product.
pub(super) fn merge(terms: &mut Terms) -> Result<()> {
    terms.sort_unstable_by_key(|(product, _)| *product);
    let mut fits = true;
    terms.dedup_by(|(product, n), (last, sum)| {
        let same = product == last;
        if same {
            let (more, over) = sum.overflowing_add(*n);
            (*sum, fits) = (more, fits && !over);
        }
        same
    });
    if fits { Ok(()) } else { Err(OVERFLOW) }
}

pub(super) fn plus(a: &[Term], b: &[Term]) -> Result<Terms> {
    let mut sum = Terms::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    loop {
        match (a.get(i), b.get(j)) {
            (Some((x, m)), Some((y, n))) if x == y => {
                sum.push((*x, m.plus(n)?));
                (i, j) = (i + 1, j + 1);
            }
            (Some((x, m)), other) if other.is_none_or(|(y, _)| x < y) => {
                sum.push((*x, *m));
                i += 1;
            }
            (_, Some(term)) => {
                sum.push(*term);
                j += 1;
            }
            _ => return Ok(sum),
        }
    }
}

/// What two sums have in common, and what each has besides.
fn apart(a: &[Term], b: &[Term]) -> (Terms, Terms, Terms) {
    let (mut common, mut left, mut right) = (Terms::new(), Terms::new(), Terms::new());
    let (mut i, mut j) = (0, 0);
    loop {
        match (a.get(i), b.get(j)) {
            (Some((x, m)), Some((y, n))) if x == y => {
                common.push((*x, *m.min(n)));
                if m > n {
                    left.push((*x, m - n));
                } else if n > m {
                    right.push((*x, n - m));
                }
                (i, j) = (i + 1, j + 1);
            }
            (Some((x, m)), other) if other.is_none_or(|(y, _)| x < y) => {
                left.push((*x, *m));
                i += 1;
            }
            (_, Some(term)) => {
                right.push(*term);
                j += 1;
            }
            _ => return (common, left, right),
        }
    }
}
