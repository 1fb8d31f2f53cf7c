//! Flat programs: straight-line steps over registers, in an order that can be run, each thing computed once.

use super::graph::{Atom, Graph, Product, Requirement, Terms, constant};
use super::hash::HashMap;
use super::word::Word;
use crate::error::Error;

/// A register: an axis, or what a step computes.
pub(super) type Register = u32;

/// What computes one register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Product(Register, Register),
    Sum(Form),
    Min(Register, Register),
    Max(Register, Register),
    Less(Register, Register),
    CeilDiv(Register, Register),
    Triangle(Register),
    /// The share with this index. It is no whole number: only floating point has it in its register.
    Share(u32),
    /// A number times a share.
    Routed(Register, Routing),
}

/// A share: its index in [`Program::shares`] and its register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Routing {
    pub(super) share: u32,
    pub(super) register: Register,
}

/// A sum: an index into [`Program::forms`].
pub(super) type Form = u32;

/// A constant and a range of terms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range<W> {
    pub(super) constant: W,
    start: u32,
    end: u32,
}

/// An expected number of distinct experts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) experts: Register,
    pub(super) top: Register,
    pub(super) tokens: Register,
    /// Experts and how many one token uses, where they are known.
    pub(super) known: Option<(u128, u128)>,
}

/// `small ≤ large` unless a condition is zero.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) small: Form,
    pub(super) large: Form,
    pub(super) conditions: Vec<Form>,
    pub(super) error: Error,
}

/// Steps over words of one kind.
#[derive(Clone, Debug)]
pub(super) struct Program<W> {
    /// How many axes there are: the first registers.
    pub(super) axes: usize,
    /// What computes each of the registers after them.
    pub(super) steps: Vec<Step>,
    pub(super) forms: Vec<Range<W>>,
    pub(super) terms: Vec<(Register, W)>,
    pub(super) shares: Vec<Share>,
    pub(super) checks: Vec<Check>,
}

impl<W: Word> Program<W> {
    /// The terms of a sum.
    pub(super) fn terms(&self, form: Form) -> (W, &[(Register, W)]) {
        let range = &self.forms[form as usize];
        (range.constant, &self.terms[range.start as usize..range.end as usize])
    }

    pub(super) fn registers(&self) -> usize {
        self.axes + self.steps.len()
    }

    /// The same with words of another kind; nothing if a coefficient doesn't fit.
    pub(super) fn map<V>(&self, word: impl Fn(W) -> Option<V>) -> Option<Program<V>> {
        let forms = self.forms.iter().map(|&Range { constant, start, end }| {
            let constant = word(constant)?;
            Some(Range { constant, start, end })
        });
        Some(Program {
            axes: self.axes,
            steps: self.steps.clone(),
            forms: forms.collect::<Option<_>>()?,
            terms: self.terms.iter().map(|(register, n)| Some((*register, word(*n)?))).collect::<Option<_>>()?,
            shares: self.shares.clone(),
            checks: self.checks.clone(),
        })
    }
}

/// A program while it is put together.
pub(super) struct Builder<'g, W> {
    graph: &'g Graph,
    program: Program<W>,
    products: HashMap<Product, Register>,
    atoms: HashMap<u32, Register>,
    shares: HashMap<[Terms; 3], Routing>,
    steps: HashMap<Step, Register>,
}

impl<'g, W: Word> Builder<'g, W> {
    pub(super) fn new(graph: &'g Graph, axes: usize) -> Self {
        let program = Program { axes, steps: vec![], forms: vec![], terms: vec![], shares: vec![], checks: vec![] };
        Self {
            graph,
            program,
            products: HashMap::default(),
            atoms: HashMap::default(),
            shares: HashMap::default(),
            steps: HashMap::default(),
        }
    }

    /// The program, with the checks of what the graph requires; nothing if a coefficient doesn't fit.
    pub(super) fn finish(mut self) -> Option<Program<W>> {
        for Requirement { small, large, conditions, error } in &self.graph.requirements {
            let (small, large) = (self.sum(small)?, self.sum(large)?);
            let conditions = conditions.iter().map(|it| self.sum(it)).collect::<Option<_>>()?;
            self.program.checks.push(Check { small, large, conditions, error: error.clone() });
        }
        Some(self.program)
    }

    /// A sum with coefficients as they are; nothing if one doesn't fit.
    pub(super) fn sum(&mut self, terms: &[(Product, u128)]) -> Option<Form> {
        self.joined(terms, |n| W::coefficient(*n), &[])
    }

    /// A sum with coefficients of its own, of products and then of registers.
    pub(super) fn form_and(&mut self, terms: &[(Product, W)], registers: &[(Register, W)]) -> Option<Form> {
        self.joined(terms, |n| Some(*n), registers)
    }

    fn joined<N>(
        &mut self,
        terms: &[(Product, N)],
        word: impl Fn(&N) -> Option<W>,
        registers: &[(Register, W)],
    ) -> Option<Form> {
        // Whatever the products need comes first.
        for (product, _) in terms {
            self.product(*product)?;
        }
        let (mut constant, start) = (W::ZERO, self.program.terms.len());
        for (product, n) in terms {
            match self.products.get(product) {
                Some(register) => self.program.terms.push((*register, word(n)?)),
                None => constant = word(n)?,
            }
        }
        // The same order wherever the sum is computed: floating point is not associative.
        self.program.terms[start..].sort_unstable_by_key(|(register, _)| *register);
        self.program.terms.extend_from_slice(registers);
        let (start, end) = (index(start), index(self.program.terms.len()));
        self.program.forms.push(Range { constant, start, end });
        Some(index(self.program.forms.len() - 1))
    }

    /// The register of what a step computes.
    pub(super) fn step(&mut self, step: Step) -> Register {
        *self.steps.entry(step).or_insert_with(|| {
            self.program.steps.push(step);
            index(self.program.registers() - 1)
        })
    }

    /// The register of a product; none for the product of nothing.
    #[expect(clippy::option_option, reason = "the outer one fails, the inner one is the constant")]
    fn product(&mut self, product: Product) -> Option<Option<Register>> {
        if product == Product::ONE {
            return Some(None);
        }
        if let Some(register) = self.products.get(&product) {
            return Some(Some(*register));
        }
        let graph = self.graph;
        let mut whole: Option<Register> = None;
        let atoms = graph.atoms(product);
        for (i, atom) in atoms.iter().enumerate() {
            let known = graph.product_of(&atoms[..=i]);
            let known_register = known.and_then(|known| self.products.get(&known)).copied();
            let register = match (known_register, whole) {
                (Some(register), _) => register,
                (None, None) => self.atom(*atom)?,
                (None, Some(before)) => {
                    let factor = self.atom(*atom)?;
                    self.step(Step::Product(before, factor))
                }
            };
            if let Some(known) = known {
                self.products.insert(known, register);
            }
            whole = Some(register);
        }
        if let Some(register) = whole {
            self.products.insert(product, register);
        }
        Some(whole)
    }

    fn atom(&mut self, index: u32) -> Option<Register> {
        if let Some(register) = self.atoms.get(&index) {
            return Some(*register);
        }
        let graph = self.graph;
        let register = match graph.atom(index) {
            Atom::Axis(axis) => Register::from(*axis),
            Atom::Min(a, b) => self.pair(a, b, Step::Min)?,
            Atom::Max(a, b) => self.pair(a, b, Step::Max)?,
            Atom::Less(a, b) => self.pair(a, b, Step::Less)?,
            Atom::CeilDiv(a, b) => self.pair(a, b, Step::CeilDiv)?,
            Atom::Triangle(n) => {
                let n = self.value(n)?;
                self.step(Step::Triangle(n))
            }
            Atom::Routed(it) => {
                let one = self.value(&it.one)?;
                let routing = self.share(&it.experts, &it.top, &it.tokens)?;
                self.step(Step::Routed(one, routing))
            }
        };
        self.atoms.insert(index, register);
        Some(register)
    }

    fn pair(&mut self, a: &Terms, b: &Terms, join: fn(Register, Register) -> Step) -> Option<Register> {
        let (a, b) = (self.value(a)?, self.value(b)?);
        Some(self.step(join(a, b)))
    }

    /// A sum in a register of its own.
    fn value(&mut self, terms: &Terms) -> Option<Register> {
        if let [(product, 1)] = terms.as_slice()
            && let Some(register) = self.product(*product)?
        {
            return Some(register);
        }
        let form = self.sum(terms)?;
        Some(self.step(Step::Sum(form)))
    }

    fn share(&mut self, experts: &Terms, top: &Terms, tokens: &Terms) -> Option<Routing> {
        let key = [experts.clone(), top.clone(), tokens.clone()];
        if let Some(known) = self.shares.get(&key) {
            return Some(*known);
        }
        let known = constant(experts).zip(constant(top));
        let (experts, top, tokens) = (self.value(experts)?, self.value(top)?, self.value(tokens)?);
        let share = Share { experts, top, tokens, known };
        self.program.shares.push(share);
        let share = index(self.program.shares.len() - 1);
        let register = self.step(Step::Share(share));
        let routing = Routing { share, register };
        self.shares.insert(key, routing);
        Some(routing)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a program has far fewer steps than that")]
fn index(length: usize) -> u32 {
    length as u32
}
