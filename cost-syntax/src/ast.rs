//! The signature: axes, tensors, what is returned.

use cost_core::check::MAX_OUTPUTS;
use cost_core::cost::MAX_AXES;
use cost_core::library::{Definition, Input};
use cost_core::op::{MAX_RANK, Mask, Output, Role, Shape, Tied};
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{
    AngleBracketedGenericArguments, Attribute, Expr, ExprLit, FnArg, GenericArgument, GenericParam, Ident, ItemFn, Lit,
    Pat, PathArguments, ReturnType, Type, Visibility,
};

use crate::attr::{self, Options, Tags};
use crate::errors::Errors;
use crate::mask;
use crate::size::{derived, size};

/// An operator as it is declared: its definition, and the tokens that it comes from.
pub struct Declaration {
    /// Attributes that stay on the item: documentation, conditions, lints.
    pub docs: Vec<Attribute>,
    /// Who may use it.
    pub vis: Visibility,
    /// Its name.
    pub name: Ident,
    /// Its axes.
    pub axes: Vec<Ident>,
    /// Whether each of them is a field of the type: those are that have no size in terms of others.
    pub fields: Vec<bool>,
    /// Its parameters' names.
    pub inputs: Vec<Ident>,
    /// The types that it returns.
    pub returns: Vec<Span>,
    /// Where the author says that `cost_core` is.
    pub krate: Option<syn::Path>,
    /// What is declared. What its calls call isn't known.
    pub definition: Definition,
    /// Where each step comes from.
    pub places: Vec<Place>,
    /// Whether it could be told what the body returns.
    pub(crate) returned: bool,
    /// Steps that are reported as wrong.
    pub(crate) reported: Vec<usize>,
}

/// The tokens of a step.
pub struct Place {
    /// The operation's.
    pub step: Span,
    /// Its operands'.
    pub args: Vec<Span>,
    /// Its annotation's.
    pub annotation: Option<Span>,
    /// What is called; nothing for a primitive, and for what was wrong.
    pub callee: Option<syn::Path>,
    /// The axes that a call binds.
    pub binds: Vec<Span>,
}

/// Reads a signature; the body is still missing. What is wrong is reported and left out.
pub(crate) fn signature(attrs: &[Attribute], function: &ItemFn, options: Options, errors: &mut Errors) -> Declaration {
    let sig = &function.sig;
    let axes = axes(function, errors);
    let name = sig.ident.clone();
    if !name.to_string().starts_with(|c: char| c.is_ascii_uppercase()) {
        errors.add(&name, "an operator becomes a type, so its name is in camel case, as in `RmsNorm`");
    }
    let plain = matches!(sig.safety, syn::Safety::Default);
    if sig.constness.is_some()
        || sig.asyncness.is_some()
        || sig.abi.is_some()
        || sig.variadic.is_some()
        || sig.generics.where_clause.is_some()
        || !plain
    {
        errors.add(
            &sig.fn_token,
            "an operator is a plain function: no `const`, `async`, `unsafe`, `extern`, `...` or `where`",
        );
    }
    let (names, inputs) = inputs(function, &axes, errors);
    let returns = returned(function, &axes, errors);
    let derived = derived(&options.sizes, &axes, errors);
    let known = mask::Axes { names: &axes, written: &options.sizes, derived: &derived };
    let mask = options.mask.and_then(|mask| mask::resolve(&mask, known, errors));
    let tile = options.tile.and_then(|(name, length)| {
        let (tiled, size) = (axis(&name, &axes, errors), size(&length, &axes, errors));
        if size.as_ref().is_some_and(|size| size.0.is_empty()) {
            errors.add(&length, "a tile has at least one position");
        }
        tiled.zip(size)
    });
    if options.inline && (options.unfused || mask.is_some() || tile.is_some()) {
        errors.add(&name, "an inline operator is part of its caller's kernels, which have the mask and the tiles");
    }
    let definition = Definition {
        name: name.to_string(),
        axes: axes.iter().map(Ident::to_string).collect(),
        derived,
        inputs,
        steps: vec![],
        shapes: vec![],
        loops: vec![],
        outputs: returns.iter().map(|(output, _)| *output).collect(),
        mask: mask.unwrap_or(Mask::None),
        unfused: options.unfused,
        inline: options.inline,
        tile,
        part: options.part.and_then(|part| attr::part(&part, errors)),
        mesh: None,
        failed: false,
    };
    Declaration {
        docs: docs(attrs, errors),
        vis: function.vis.clone(),
        name,
        fields: axes.iter().map(|axis| options.sizes.iter().all(|(sized, _)| sized != axis)).collect(),
        axes,
        inputs: names,
        returns: returns.into_iter().map(|(_, span)| span).collect(),
        krate: options.krate,
        definition,
        places: vec![],
        returned: false,
        reported: vec![],
    }
}

/// The return type, or those of a tuple: what is returned, its value still missing, and its place.
fn returned(function: &ItemFn, axes: &[Ident], errors: &mut Errors) -> Vec<(Output, Span)> {
    let sig = &function.sig;
    let ReturnType::Type(_, ty) = &sig.output else {
        errors.at(sig.paren_token.span.close(), "an operator returns a tensor: add `-> Act<…>`");
        return vec![(Output { value: 0, role: Role::Act, shape: Shape::UNKNOWN }, sig.ident.span())];
    };
    let types: Vec<&Type> = match &**ty {
        Type::Tuple(tuple) if !tuple.elems.is_empty() => tuple.elems.iter().collect(),
        ty => vec![ty],
    };
    if types.len() > MAX_OUTPUTS {
        errors.add(types[MAX_OUTPUTS], format!("an operator returns at most {MAX_OUTPUTS} tensors"));
    }
    let one = |ty: &&Type| {
        let (role, shape) = match tensor(ty, axes, errors) {
            Some((Role::Ids, _)) => {
                errors.add(ty, "an operator returns what it computes, not an `Ids<…>`");
                (Role::Act, Shape::UNKNOWN)
            }
            Some(found) => found,
            None => (Role::Act, Shape::UNKNOWN),
        };
        (Output { value: 0, role, shape }, ty.span())
    };
    types.iter().map(one).collect()
}

/// The index of an axis; an error if there is none of that name.
pub(crate) fn axis(name: &Ident, axes: &[Ident], errors: &mut Errors) -> Option<u8> {
    let found = axes.iter().position(|axis| axis == name);
    if found.is_none() {
        let names: Vec<String> = axes.iter().map(Ident::to_string).collect();
        errors.unknown(name, "unknown axis", names.iter().map(String::as_str));
    }
    found.and_then(|axis| u8::try_from(axis).ok())
}

/// A tensor type: its role and shape.
pub(crate) fn tensor(ty: &Type, axes: &[Ident], errors: &mut Errors) -> Option<(Role, Shape)> {
    let roles = || Role::ALL.iter().map(|role| role.name()).collect::<Vec<_>>();
    let segment = match ty {
        Type::Group(inner) => return tensor(&inner.elem, axes, errors),
        Type::Paren(inner) => return tensor(&inner.elem, axes, errors),
        Type::Path(path) if path.qself.is_none() && path.path.segments.len() == 1 => &path.path.segments[0],
        _ => {
            errors.add(ty, format!("expected a tensor: {} with axes, as in `Act<b, s, d>`", roles().join(", ")));
            return None;
        }
    };
    let Some(role) = Role::ALL.iter().copied().find(|role| segment.ident == role.name()) else {
        errors.unknown(&segment.ident, "unknown kind of tensor", roles());
        return None;
    };
    let (mut shape, mut twice) = (Shape::SCALAR, None);
    let arguments = match &segment.arguments {
        PathArguments::None => return Some((role, shape)),
        PathArguments::AngleBracketed(arguments) => arguments,
        PathArguments::Parenthesized(_) => {
            errors.add(ty, "a tensor's axes stand in angle brackets, as in `Act<b, s, d>`");
            return None;
        }
    };
    for argument in &arguments.args {
        let Some(name) = named(argument) else {
            errors.add(argument, no_axis(argument, axes));
            shape = Shape::UNKNOWN;
            continue;
        };
        match axis(name, axes, errors) {
            Some(axis) if shape.has(axis) => twice = twice.or(Some(name)),
            Some(_) if shape.rank() == MAX_RANK => {
                errors.add(name, format!("a tensor has at most {MAX_RANK} axes"));
                shape = Shape::UNKNOWN;
            }
            Some(axis) => shape = shape.with(axis),
            None => shape = Shape::UNKNOWN,
        }
    }
    if let Some(name) = twice {
        errors.add(name, another(name, arguments, role, axes));
        shape = Shape::UNKNOWN;
    }
    Some((role, shape))
}

/// What is said of an axis that a tensor has twice, `name` being where it has it again.
fn another(name: &Ident, arguments: &AngleBracketedGenericArguments, role: Role, axes: &[Ident]) -> String {
    let (other, again) = (unused(axes), |axis: &&Ident| core::ptr::eq(*axis, name));
    let named = arguments.args.iter().filter_map(named);
    let written = named.map(|axis| if again(&axis) { other.to_owned() } else { axis.to_string() });
    let (written, role) = (written.collect::<Vec<_>>().join(", "), role.name());
    format!(
        "axis `{name}` occurs twice in one tensor: declare another of the same size, `{other}` with `#[cost({other} = {name})]`, and write `{role}<{written}>`"
    )
}

/// What is said of what is no axis where one should be.
pub(crate) fn no_axis(found: &GenericArgument, axes: &[Ident]) -> String {
    match found {
        GenericArgument::Const(Expr::Lit(ExprLit { lit: Lit::Int(size), .. })) => {
            let other = unused(axes);
            format!(
                "a number is no axis: declare one of that size, `{other}` with `#[cost({other} = {size})]`, and name it"
            )
        }
        _ => "expected the name of an axis".to_owned(),
    }
}

/// A name for another axis.
fn unused(axes: &[Ident]) -> &'static str {
    let axes: Vec<String> = axes.iter().map(Ident::to_string).collect();
    cost_core::check::unused(&axes.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The single identifier that a generic argument consists of.
pub(crate) fn named(argument: &GenericArgument) -> Option<&Ident> {
    match argument {
        GenericArgument::Type(ty) => ident(ty),
        _ => None,
    }
}

/// The single identifier that a type consists of.
pub(crate) fn ident(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.get_ident(),
        Type::Group(inner) => ident(&inner.elem),
        Type::Paren(inner) => ident(&inner.elem),
        _ => None,
    }
}

fn axes(function: &ItemFn, errors: &mut Errors) -> Vec<Ident> {
    let mut axes: Vec<Ident> = Vec::new();
    for param in &function.sig.generics.params {
        let param = match param {
            GenericParam::Type(param) => param,
            GenericParam::Const(it) => {
                errors.add(it, format!("an operator's generics are axes: write `{}` alone", it.ident));
                // It is meant as an axis, and nothing else is said of it.
                errors.excuse(&it.ident);
                axes.push(it.ident.clone());
                continue;
            }
            GenericParam::Lifetime(it) => {
                errors.add(it, "an operator's generics are axes, and its tensors have no lifetimes: leave it out");
                continue;
            }
        };
        let name = &param.ident;
        if !param.bounds.is_empty() || param.default.is_some() {
            errors.add(param, format!("axis `{name}` is a plain name, without bounds or a default"));
        }
        if name.to_string().starts_with(|c: char| c.is_ascii_uppercase()) {
            errors.add(name, format!("axis `{name}` becomes a field, so its name is in lower case"));
        }
        if axes.contains(name) {
            errors.add(name, format!("there are two axes named `{name}`"));
        } else {
            axes.push(name.clone());
        }
    }
    if axes.len() > MAX_AXES {
        errors.add(&axes[MAX_AXES], format!("an operator has at most {MAX_AXES} axes"));
    }
    axes
}

/// The parameters: their names and what the definition says of them.
fn inputs(function: &ItemFn, axes: &[Ident], errors: &mut Errors) -> (Vec<Ident>, Vec<Input>) {
    let (mut names, mut inputs, mut ties) = (Vec::new(), Vec::new(), Vec::new());
    for arg in &function.sig.inputs {
        let Some(Parameter { name, input, tied }) = parameter(arg, axes, errors) else { continue };
        if names.contains(&name) {
            errors.add(&name, format!("there are two parameters named `{name}`"));
            continue;
        }
        ties.extend(tied.map(|tied| (inputs.len(), tied)));
        names.push(name);
        inputs.push(input);
    }
    for (at, (other, when)) in ties {
        inputs[at].tied = tie(at, &other, &when, &inputs, axes, errors);
    }
    (names, inputs)
}

/// A parameter as it is written.
struct Parameter {
    name: Ident,
    input: Input,
    /// What `#[tied(other, axis)]` names.
    tied: Option<(Ident, Ident)>,
}

fn parameter(arg: &FnArg, axes: &[Ident], errors: &mut Errors) -> Option<Parameter> {
    let FnArg::Typed(arg) = arg else {
        errors.add(arg, "an operator has no `self`");
        return None;
    };
    let pattern = match &*arg.pat {
        Pat::Ident(pattern) if pattern.subpat.is_none() && pattern.by_ref.is_none() && pattern.mutability.is_none() => {
            pattern
        }
        other => {
            errors.add(other, "expected a parameter's name alone");
            return None;
        }
    };
    let Tags { hf, gguf, part, format, tied } = attr::tags(&arg.attrs, errors);
    // A parameter whose type is wrong stays known by name, so that its uses are not reported as well.
    let (role, shape) = tensor(&arg.ty, axes, errors).unwrap_or((Role::Act, Shape::UNKNOWN));
    let name = pattern.ident.to_string();
    let input = Input { name, role, shape, format, hf, gguf, part, tied: None };
    Some(Parameter { name: pattern.ident.clone(), input, tied })
}

/// Resolves `#[tied(other, axis)]` of a parameter: both are weights of the same shape.
fn tie(at: usize, other: &Ident, when: &Ident, inputs: &[Input], axes: &[Ident], errors: &mut Errors) -> Option<Tied> {
    let Some(to) = inputs.iter().position(|input| *other == input.name) else {
        errors.unknown(other, "unknown tensor", inputs.iter().map(|input| input.name.as_str()));
        return None;
    };
    let weights = inputs[at].role == Role::Weight && inputs[to].role == Role::Weight;
    if at == to || !weights || !inputs[at].shape.same(&inputs[to].shape) {
        errors.add(other, "a weight is tied to another weight of the same shape");
        return None;
    }
    let when = axis(when, axes, errors)?;
    u16::try_from(to).ok().map(|to| Tied { to, when })
}

fn docs(attrs: &[Attribute], errors: &mut Errors) -> Vec<Attribute> {
    let passes = |attr: &&Attribute| {
        ["doc", "cfg", "cfg_attr", "allow", "expect", "warn", "deny", "deprecated", "must_use"]
            .iter()
            .any(|name| attr.path().is_ident(name))
    };
    for attr in attrs.iter().filter(|attr| !passes(attr)) {
        errors.add(attr, "this attribute has no effect on an operator");
    }
    attrs.iter().filter(passes).cloned().collect()
}
