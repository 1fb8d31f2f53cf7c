//! The signature: axes, tensors, what is returned.

use cost_core::cost::MAX_AXES;
use cost_core::op::{MAX_RANK, Mask, Role, Shape};
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{
    Attribute, Expr, FnArg, GenericArgument, GenericParam, Ident, ItemFn, Pat, PathArguments, ReturnType, Type,
    Visibility,
};

use crate::attr::{self, Options, Tags};
use crate::errors::Errors;

/// An operator's declaration, names resolved to indices.
pub(crate) struct Operator {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    pub(crate) axes: Vec<Ident>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) returns: Shape,
    /// The return type, for errors about it.
    pub(crate) returns_span: Span,
    pub(crate) mask: Mask,
    pub(crate) tile: Option<(u8, Size)>,
    pub(crate) unfused: bool,
    pub(crate) part: Option<String>,
    pub(crate) krate: syn::Path,
}

/// A parameter.
pub(crate) struct Input {
    pub(crate) name: Ident,
    pub(crate) role: Role,
    pub(crate) shape: Shape,
    pub(crate) tags: Tags,
    /// The weight that it is where an axis is 1, and the axis.
    pub(crate) tied: Option<(u16, u8)>,
}

/// A polynomial in the axes: coefficients and the axes that they multiply.
#[derive(Clone)]
pub(crate) struct Size(pub(crate) Vec<(i64, Vec<u8>)>);

impl Operator {
    /// Reads the signature. What is wrong is reported and left out.
    pub(crate) fn parse(function: &ItemFn, options: Options, krate: syn::Path, errors: &mut Errors) -> Self {
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
        let mut inputs: Vec<Input> = Vec::new();
        for arg in &sig.inputs {
            if let Some(input) = input(arg, &axes, errors) {
                if inputs.iter().any(|other| other.name == input.name) {
                    errors.add(&input.name, format!("there are two parameters named `{}`", input.name));
                } else {
                    inputs.push(input);
                }
            }
        }
        ties(&mut inputs, &axes, errors);
        let (returns, returns_span) = match &sig.output {
            ReturnType::Default => {
                errors.at(sig.paren_token.span.close(), "an operator returns a tensor: add `-> Act<…>`");
                (Shape::UNKNOWN, sig.ident.span())
            }
            ReturnType::Type(_, ty) => match tensor(ty, &axes, errors) {
                Some((Role::Act, shape)) => (shape, ty.span()),
                Some((role, _)) => {
                    errors.add(ty, format!("an operator returns an `Act<…>`, not a `{}<…>`", role.name()));
                    (Shape::UNKNOWN, ty.span())
                }
                None => (Shape::UNKNOWN, ty.span()),
            },
        };
        let (mask, masked) = options.mask.unwrap_or_default();
        if let [s, t, ..] = masked.as_slice()
            && s == t
        {
            errors.add(t, "the query axis and the key axis are two axes");
        }
        let mask = match masked.as_slice() {
            [s, t] => axis(s, &axes, errors).zip(axis(t, &axes, errors)).map(|(s, t)| Mask::Causal { s, t }),
            [s, t, w] => {
                let pair = axis(s, &axes, errors).zip(axis(t, &axes, errors));
                pair.zip(axis(w, &axes, errors)).map(|((s, t), w)| match mask.as_str() {
                    "around" => Mask::Around { s, t, w },
                    "selected" => Mask::Selected { s, t, w },
                    "chunked" => Mask::Chunked { s, t, w },
                    _ => Mask::Window { s, t, w },
                })
            }
            _ => None,
        };
        let tile = options.tile.and_then(|(name, length)| {
            let (tiled, size) = (axis(&name, &axes, errors), size(&length, &axes, errors));
            if size.as_ref().is_some_and(|size| size.0.is_empty()) {
                errors.add(&length, "a tile has at least one position");
            }
            tiled.zip(size)
        });
        Self {
            docs: docs(function, errors),
            vis: function.vis.clone(),
            name,
            inputs,
            returns,
            returns_span,
            mask: mask.unwrap_or(Mask::None),
            tile,
            unfused: options.unfused,
            part: options.part.and_then(|part| attr::part(&part, errors)),
            krate,
            axes,
        }
    }
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
    let mut shape = Shape::SCALAR;
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
            errors.add(argument, "expected the name of an axis");
            shape = Shape::UNKNOWN;
            continue;
        };
        match axis(name, axes, errors) {
            Some(axis) if shape.has(axis) => errors.add(name, format!("axis `{name}` occurs twice in one tensor")),
            Some(_) if shape.rank() == MAX_RANK => {
                errors.add(name, format!("a tensor has at most {MAX_RANK} axes"));
                shape = Shape::UNKNOWN;
            }
            Some(axis) => shape = shape.with(axis),
            None => shape = Shape::UNKNOWN,
        }
    }
    Some((role, shape))
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

/// A size in terms of the axes: `3 * d`, `l - 1`, `n * g * k`.
pub(crate) fn size(expr: &Expr, axes: &[Ident], errors: &mut Errors) -> Option<Size> {
    let too_large = |errors: &mut Errors| errors.add(expr, "this size's coefficient does not fit");
    match expr {
        Expr::Path(path) => {
            let Some(name) = path.path.get_ident() else {
                errors.add(expr, "expected an axis");
                return None;
            };
            axis(name, axes, errors).map(|axis| Size(vec![(1, vec![axis])]))
        }
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(int), .. }) => match int.base10_parse() {
            Ok(0) => Some(Size(vec![])),
            Ok(value) => Some(Size(vec![(value, vec![])])),
            Err(_) => {
                too_large(errors);
                None
            }
        },
        Expr::Paren(inner) => size(&inner.expr, axes, errors),
        Expr::Group(inner) => size(&inner.expr, axes, errors),
        Expr::Binary(binary) => {
            let left = size(&binary.left, axes, errors);
            let (left, right) = left.zip(size(&binary.right, axes, errors))?;
            let result = match binary.op {
                syn::BinOp::Add(_) => left.plus(&right, 1),
                syn::BinOp::Sub(_) => left.plus(&right, -1),
                syn::BinOp::Mul(_) => left.times(&right),
                _ => {
                    errors.add(&binary.op, "a size is made of axes, whole numbers, `+`, `-` and `*`");
                    return None;
                }
            };
            if result.is_none() {
                too_large(errors);
            }
            result
        }
        _ => {
            errors.add(expr, "a size is made of axes, whole numbers, `+`, `-` and `*`");
            None
        }
    }
}

impl Size {
    fn plus(&self, other: &Self, sign: i64) -> Option<Self> {
        let mut terms = self.0.clone();
        for (coefficient, axes) in &other.0 {
            let coefficient = coefficient.checked_mul(sign)?;
            match terms.iter_mut().find(|(_, own)| own == axes) {
                Some((own, _)) => *own = own.checked_add(coefficient)?,
                None => terms.push((coefficient, axes.clone())),
            }
        }
        terms.retain(|(coefficient, _)| *coefficient != 0);
        Some(Self(terms))
    }

    fn times(&self, other: &Self) -> Option<Self> {
        let mut product = Self(vec![]);
        for (a, left) in &self.0 {
            for (b, right) in &other.0 {
                let mut axes: Vec<u8> = left.iter().chain(right).copied().collect();
                axes.sort_unstable();
                product = product.plus(&Self(vec![(a.checked_mul(*b)?, axes)]), 1)?;
            }
        }
        Some(product)
    }
}

fn axes(function: &ItemFn, errors: &mut Errors) -> Vec<Ident> {
    let mut axes: Vec<Ident> = Vec::new();
    for param in &function.sig.generics.params {
        let GenericParam::Type(param) = param else {
            errors.add(param, "an operator's generics are axes: plain lower-case names");
            continue;
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

fn input(arg: &FnArg, axes: &[Ident], errors: &mut Errors) -> Option<Input> {
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
    let tags = attr::tags(&arg.attrs, errors);
    // A parameter whose type is wrong stays known by name, so that its uses are not reported as well.
    let (role, shape) = tensor(&arg.ty, axes, errors).unwrap_or((Role::Act, Shape::UNKNOWN));
    Some(Input { name: pattern.ident.clone(), role, shape, tags, tied: None })
}

/// Resolves `#[tied(other, axis)]`: both are weights of the same shape.
fn ties(inputs: &mut [Input], axes: &[Ident], errors: &mut Errors) {
    for i in 0..inputs.len() {
        let Some((other, when)) = inputs[i].tags.tied.clone() else { continue };
        let Some(to) = inputs.iter().position(|input| input.name == other) else {
            let names: Vec<String> = inputs.iter().map(|input| input.name.to_string()).collect();
            errors.unknown(&other, "unknown tensor", names.iter().map(String::as_str));
            continue;
        };
        let weights = inputs[i].role == Role::Weight && inputs[to].role == Role::Weight;
        if i == to || !weights || !inputs[i].shape.same(&inputs[to].shape) {
            errors.add(&other, "a weight is tied to another weight of the same shape");
            continue;
        }
        if let Some(when) = axis(&when, axes, errors) {
            inputs[i].tied = u16::try_from(to).ok().map(|to| (to, when));
        }
    }
}

fn docs(function: &ItemFn, errors: &mut Errors) -> Vec<Attribute> {
    let passes = |attr: &&Attribute| {
        ["doc", "cfg", "cfg_attr", "allow", "expect", "warn", "deny", "deprecated", "must_use"]
            .iter()
            .any(|name| attr.path().is_ident(name))
    };
    for attr in function.attrs.iter().filter(|attr| !passes(attr)) {
        errors.add(attr, "this attribute has no effect on an operator");
    }
    function.attrs.iter().filter(passes).cloned().collect()
}
