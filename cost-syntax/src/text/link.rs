//! Operators put together: callees before callers, and what depends on them checked.

use std::sync::Arc;

use cost_core::check::{MAX_CALLS, MAX_DEPTH, fault};
use cost_core::library::{Callee, Kind, Library};
use cost_core::op::Op;
use syn::spanned::Spanned;

use super::File;
use super::scope::{Found, Meaning, Scopes};
use crate::{Declaration, Errors, declaration};

/// Most operators of one file.
const MOST: usize = 1024;

type Known<'k> = &'k dyn Fn(&str) -> Option<&'static Op<'static>>;

/// The operators of a file, or everything that is wrong with it.
pub(super) fn linked(file: &syn::File, known: Known<'_>) -> Result<File, Vec<syn::Error>> {
    let scopes = Scopes::of(file);
    let mut errors = Errors::default();
    for attr in &scopes.misplaced {
        errors.add(attr, "`#[cost]` goes on a function");
    }
    for error in &scopes.plain {
        errors.at(error.span(), error.to_string());
    }
    if scopes.operators.is_empty() && errors.is_empty() {
        errors.add(&file, "there is no operator here: a function with the attribute `#[cost]`, or one function alone");
    }
    if let Some(found) = scopes.operators.get(MOST) {
        errors.add(&found.function.sig.ident, format!("a file has at most {MOST} operators"));
        return Err(found_in(errors));
    }
    let mut linker = Linker { scopes: &scopes, known, declared: Vec::new(), order: Vec::new(), endless: false };
    for (at, found) in scopes.operators.iter().enumerate() {
        linker.declare(at, found, &mut errors);
    }
    for at in 0..scopes.operators.len() {
        linker.link(at, &mut errors);
    }
    // Checks go through all that is called, which such operators are too many for.
    if linker.endless {
        return Err(found_in(errors));
    }
    let library = linker.checked(&mut errors);
    if !errors.is_empty() {
        return Err(found_in(errors));
    }
    let places = linker.declared.iter().map(|it| match it.state {
        State::Linked(place, _) => place,
        State::Read | State::Open => unreachable!("every operator has been linked"),
    });
    let operators = scopes.operators.iter().map(|found| found.path.clone()).zip(places).collect();
    Ok(File { library: Arc::new(library), operators })
}

fn found_in(errors: Errors) -> Vec<syn::Error> {
    errors.into_found().into_iter().map(|(_, error)| error).collect()
}

struct Linker<'f> {
    scopes: &'f Scopes<'f>,
    known: Known<'f>,
    declared: Vec<Declared>,
    /// The operators that are linked, in the order of their places in the library.
    order: Vec<usize>,
    /// Whether the calls of any are too deep, or come to too many operators.
    endless: bool,
}

struct Declared {
    declaration: Declaration,
    state: State,
}

/// How deep an operator's calls are nested, and how many operators they come to.
#[derive(Clone, Copy)]
struct Extent {
    depth: usize,
    calls: usize,
}

#[derive(Clone, Copy)]
enum State {
    /// Its callees are unknown.
    Read,
    /// Its callees are being linked.
    Open,
    /// It has this place in the library.
    Linked(usize, Extent),
}

impl Linker<'_> {
    /// Reads an operator as the macro does.
    fn declare(&mut self, at: usize, found: &Found<'_>, errors: &mut Errors) {
        let mut own = Errors::default();
        let declaration = declaration(found.args.clone(), &found.others, found.function, &mut own);
        if self.scopes.before(at).is_some() {
            own.add(&declaration.name, format!("there are two operators named `{}`", declaration.name));
        }
        errors.take(own);
        self.declared.push(Declared { declaration, state: State::Read });
    }

    /// Links an operator after its callees; gives its place.
    fn link(&mut self, at: usize, errors: &mut Errors) -> (usize, Extent) {
        if let State::Linked(place, extent) = self.declared[at].state {
            return (place, extent);
        }
        self.declared[at].state = State::Open;
        let mut extent = Extent { depth: 1, calls: 1 };
        for step in 0..self.declared[at].declaration.places.len() {
            if let Some((callee, inner)) = self.callee(at, step, errors)
                && let Kind::Call(call) = &mut self.declared[at].declaration.definition.steps[step].kind
            {
                call.callee = callee;
                extent.depth = extent.depth.max(inner.depth + 1);
                extent.calls = extent.calls.saturating_add(inner.calls);
            }
        }
        let place = self.order.len();
        self.order.push(at);
        if extent.depth > MAX_DEPTH || extent.calls > MAX_CALLS {
            let message =
                format!("its calls are more than {MAX_DEPTH} deep, or come to more than {MAX_CALLS} operators");
            errors.add(&self.declared[at].declaration.name, message);
            self.endless = true;
            // Who calls it isn't reported as well.
            extent = Extent { depth: 1, calls: 1 };
        }
        self.declared[at].state = State::Linked(place, extent);
        (place, extent)
    }

    /// The library of the operators that are linked, what depends on their callees checked.
    fn checked(&self, errors: &mut Errors) -> Library {
        let declaration = |at: usize| &self.declared[self.order[at]].declaration;
        let definitions = (0..self.order.len()).map(|at| declaration(at).definition.clone()).collect();
        Library::of(definitions, |at, op| {
            for (span, step, aspect) in declaration(at).open() {
                if let Some(fault) = fault(op, step, aspect) {
                    errors.at(span, fault.message(op).as_str());
                }
            }
        })
    }

    /// What a step calls, linked.
    fn callee(&mut self, at: usize, step: usize, errors: &mut Errors) -> Option<(Callee, Extent)> {
        let scopes = self.scopes;
        let (caller, module) = (&self.declared[at].declaration.name, scopes.operators[at].module);
        let path = self.declared[at].declaration.places[step].callee.as_ref()?;
        let name = path.segments.last()?.ident.to_string();
        match scopes.meaning(module, path) {
            // The macro has said so.
            Meaning::Own(own) if own == at => None,
            Meaning::Own(own) => match self.declared[own].state {
                State::Open => {
                    let message =
                        format!("`{name}` calls `{caller}`, by itself or through others: no operator can call itself");
                    errors.at(path.span(), message);
                    None
                }
                State::Read | State::Linked(..) => {
                    let (place, extent) = self.link(own, errors);
                    Some((Callee::Own(place), extent))
                }
            },
            Meaning::BuiltIn(built_in) => match (self.known)(&built_in) {
                Some(op) => Some((Callee::Declared(op), Extent { depth: 1, calls: 1 })),
                None => {
                    let message = format!("`cost_models` has no operator `{built_in}` that can be named here");
                    errors.at(path.span(), message);
                    None
                }
            },
            Meaning::Other => {
                errors.at(path.span(), format!("`{name}` is not an operator"));
                None
            }
            Meaning::Foreign(from) => {
                let message = format!(
                    "`{name}` is of `{from}`, which is not in this file: operators call those of their file and of `cost_models`"
                );
                errors.at(path.span(), message);
                None
            }
            Meaning::Nothing => {
                let near = cost_core::nearest(&name, scopes.names(module));
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let import = match (self.known)(&name) {
                    Some(_) if near.is_empty() => format!("; add `use cost_models::ops::{name};`"),
                    _ => near,
                };
                errors.at(path.span(), format!("there is no operator `{name}` here{import}"));
                None
            }
        }
    }
}
