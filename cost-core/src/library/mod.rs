//! Operators that own their descriptions: read from text, or made at run time of others.
//!
//! A [`Library`] holds definitions that call each other, or operators of the program. What reads descriptions takes an
//! [`Op`], which borrows all that it is made of, so a library lends one for as long as a function runs: [`Library::with`].
//! A [`Source`] is an operator of either kind.

mod copy;
mod definition;
mod lend;
mod link;
mod size;
mod splice;

use std::sync::Arc;

pub(crate) use copy::{copied, definition, plain, size};
pub use definition::{Call, Callee, Definition, Input, Kind, Loop, OnMesh, Step};
pub use size::{Quotient, Size, Term};
pub(crate) use splice::spliced;

use crate::check::{infer, unsound};
use crate::error::{Error, Result};
use crate::op::Op;

/// Definitions, each after those that it calls.
#[derive(Clone, Debug, Default)]
pub struct Library {
    definitions: Vec<Definition>,
}

impl Library {
    /// A library without definitions.
    pub const fn new() -> Self {
        Self { definitions: Vec::new() }
    }

    /// Adds a definition, whose callees must be here already, and gives its place. The shapes of its values are inferred.
    ///
    /// # Panics
    ///
    /// If it calls a definition that isn't here.
    pub fn add(&mut self, definition: Definition) -> usize {
        let at = self.definitions.len();
        let before = |callee: &Callee| !matches!(callee, Callee::Own(callee) if *callee >= at);
        assert!(definition.callees().all(before), "{} calls what comes after it", definition.name);
        self.definitions.push(definition);
        let shapes = self.with(at, infer);
        self.definitions[at].shapes = shapes;
        at
    }

    /// A library of definitions, each after those that it calls. The shapes of their values are inferred, and a function sees
    /// each as soon as they are.
    ///
    /// # Panics
    ///
    /// If one calls a definition that doesn't come before it.
    pub fn of(mut definitions: Vec<Definition>, see: impl FnMut(usize, &Op<'_>)) -> Self {
        for (at, definition) in definitions.iter().enumerate() {
            let before = |callee: &Callee| !matches!(callee, Callee::Own(callee) if *callee >= at);
            assert!(definition.callees().all(before), "{} calls what comes after it", definition.name);
        }
        let shapes = link::each(&definitions, see);
        for (definition, shapes) in definitions.iter_mut().zip(shapes) {
            definition.shapes = shapes;
        }
        Self { definitions }
    }

    /// Its definitions.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// Takes the definition back that was added last.
    pub fn pop(&mut self) -> Option<Definition> {
        self.definitions.pop()
    }

    /// What a function makes of an operator of the library.
    pub fn with<T>(&self, at: usize, then: impl FnOnce(&Op<'_>) -> T) -> T {
        link::with(&self.definitions[..=at], then)
    }
}

/// An operator: a constant one, as `#[cost]` makes them, or one of a library.
#[derive(Clone, Debug)]
pub enum Source {
    /// A constant.
    Declared(&'static Op<'static>),
    /// A definition of a library, by its place.
    Owned(Arc<Library>, usize),
}

impl Source {
    /// An operator of a library; an error if it is no description of anything ([`crate::check::sound`]).
    pub fn owned(library: Arc<Library>, at: usize) -> Result<Self> {
        let wrong = library.with(at, |op| {
            unsound(op).map(|it| (it.op.to_owned(), format!("{} (number {}, counted from 0)", it.what, it.at)))
        });
        match wrong {
            None => Ok(Self::Owned(library, at)),
            Some((op, message)) => Err(Error::Description { op, message }),
        }
    }

    /// What a function makes of its description.
    pub fn with<T>(&self, then: impl FnOnce(&Op<'_>) -> T) -> T {
        match self {
            Self::Declared(op) => then(op),
            Self::Owned(library, at) => library.with(*at, then),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Declared(op) => op.name,
            Self::Owned(library, at) => &library.definitions[*at].name,
        }
    }

    /// Whether it is the same operator of the same library as another, rather than one like it.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Declared(a), Self::Declared(b)) => std::ptr::eq(*a, *b),
            (Self::Owned(a, at), Self::Owned(b, other)) => Arc::ptr_eq(a, b) && at == other,
            _ => false,
        }
    }

    /// Its axes, in the order of declaration.
    pub fn axes(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator + Clone {
        let (declared, owned): (&[&str], &[String]) = match self {
            Self::Declared(op) => (op.axes, &[]),
            Self::Owned(library, at) => (&[], &library.definitions[*at].axes),
        };
        (0..declared.len() + owned.len()).map(|axis| declared.get(axis).copied().unwrap_or_else(|| &owned[axis]))
    }

    /// The index of the axis with this name.
    pub fn axis_named(&self, name: &str) -> Option<usize> {
        self.axes().position(|axis| axis == name)
    }

    /// The operator with a change made to it and to everything that it calls.
    #[must_use]
    pub fn rewritten(&self, change: &dyn Fn(&mut Definition)) -> Self {
        let (library, at) = copy::rewritten(self, change);
        Self::Owned(Arc::new(library), at)
    }
}
