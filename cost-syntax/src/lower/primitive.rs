//! Primitives by name: `dot`, `softmax`, `experts` and the rest.

use cost_core::op::{Arg, Count, MAX_RANK, Map, Norm, Reduce, Role, Shape, Windows, Zip};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, Type};

use super::Lower;
use crate::{ast, attr};

impl Lower<'_> {
    pub(super) fn primitive(&mut self, segment: &syn::PathSegment, call: &ExprCall) -> Arg {
        use cost_core::op::Kind as Op;
        let name = segment.ident.to_string();
        match name.as_str() {
            "experts" => return self.experts(segment, call),
            "cast" => return self.cast(segment, call),
            "windows" => return self.windows(segment, call),
            _ => {}
        }
        let Some(form) = FORMS.iter().find(|form| form.names().any(|known| known == name)) else {
            let known: Vec<&str> = FORMS.iter().flat_map(Form::names).chain(["experts", "cast", "windows"]).collect();
            if name.starts_with(|c: char| c.is_ascii_uppercase()) {
                self.errors.add(&segment.ident, format!("an operator is called with its axes: `{name} {{ … }}(…)`"));
            } else if let Some(instead) = self.instead(&name, &call.args.iter().collect::<Vec<_>>()) {
                self.errors.add(&segment.ident, format!("unknown operation `{name}`: {instead}"));
            } else {
                self.errors.unknown(&segment.ident, "unknown operation", known);
            }
            self.args(call);
            self.touch(&segment.arguments);
            return self.poison(segment.ident.span());
        };
        let over = self.turbofish(segment);
        let (args, spans) = if matches!(form, Form::Zips) { self.operands(call) } else { self.args(call) };
        let Some(over) = over else {
            return self.poison(segment.ident.span());
        };
        let (axes, tensors) = form.takes();
        if args.len() != tensors {
            return self
                .wrong(&segment.ident, format!("`{name}` takes {} and got {}", count(tensors, "tensor"), args.len()));
        }
        if !axes.contains(&over.len()) {
            return self.wrong(&segment.ident, form.axes_message(&name));
        }
        let kind = match form {
            Form::Dot => Op::Dot(Shape::of(&over)),
            Form::Zips => Zip::functions().find(|zip| zip.name() == name).map_or(Op::Store, Op::Zip),
            Form::Maps => Map::named(&name).map_or(Op::Store, Op::Map),
            Form::Norms => Norm::named(&name).map_or(Op::Store, |norm| Op::Norm(norm, Shape::of(&over))),
            Form::Reductions => {
                let reduce = Reduce::ALL.iter().find(|reduce| reduce.name() == name);
                reduce.map_or(Op::Store, |reduce| Op::Reduce(*reduce, Shape::of(&over)))
            }
            Form::Gather => Op::Gather(over[0]),
            Form::Take => Op::Take { of: over[0], keep: over[1] },
            Form::Put => Op::Put { of: over[0], keep: over[1] },
            Form::Append => Op::Append(over[0]),
            Form::Before => Op::Before(over[0]),
            Form::Slide => Op::Slide { over: over[0], width: over[1] },
            Form::Write(role, _) => Op::Write(*role),
            Form::Last => Op::Last { of: over[0], keep: over[1] },
            Form::View => match seen(segment, &over, &name) {
                Some(kind) => kind,
                None => return self.wrong(&segment.ident, form.axes_message(&name)),
            },
            Form::Among => Op::Among { of: over[0], by: over[1] },
            Form::Top => Op::Top { of: over[0], keep: over[1] },
            Form::Store => Op::Store,
            Form::Dequant => Op::Dequant,
        };
        self.step(kind, args, segment.ident.span(), spans)
    }

    /// The axes in `::<…>`; nothing if one of them is wrong.
    pub(super) fn turbofish(&mut self, segment: &syn::PathSegment) -> Option<Vec<u8>> {
        let arguments = match &segment.arguments {
            syn::PathArguments::None => return Some(vec![]),
            syn::PathArguments::AngleBracketed(arguments) => &arguments.args,
            syn::PathArguments::Parenthesized(other) => {
                self.errors.add(other, "expected axes in `::<…>`");
                return None;
            }
        };
        let (mut types, mut right): (Vec<&Type>, bool) = (Vec::new(), true);
        for argument in arguments {
            match argument {
                syn::GenericArgument::Type(Type::Tuple(tuple)) => types.extend(tuple.elems.iter()),
                syn::GenericArgument::Type(ty) => types.push(ty),
                other => {
                    self.errors.add(other, ast::no_axis(other, &self.declared.axes));
                    right = false;
                }
            }
        }
        let mut axes = Vec::new();
        for ty in types {
            let found = match ast::ident(ty) {
                Some(name) => self.axis(name),
                None => {
                    self.errors.add(ty, "expected an axis");
                    None
                }
            };
            match found {
                Some(axis) if axes.contains(&axis) => {
                    self.errors.add(ty, "this axis is named twice");
                    right = false;
                }
                Some(axis) => axes.push(axis),
                None => right = false,
            }
        }
        right.then_some(axes)
    }

    /// `cast::<int8>(x)`, `cast::<"int8:g128:f16">(x)`
    fn cast(&mut self, segment: &syn::PathSegment, call: &ExprCall) -> Arg {
        let (args, spans) = self.args(call);
        if args.len() != 1 {
            return self.wrong(&segment.ident, format!("`cast` takes one tensor and got {}", args.len()));
        }
        let arguments = match &segment.arguments {
            syn::PathArguments::AngleBracketed(arguments) => arguments.args.to_token_stream(),
            _ => TokenStream::new(),
        };
        let format = match attr::read_format(&arguments) {
            Ok(Some(format)) => format,
            Ok(None) => {
                let form = "`cast` names a number format, as in `cast::<int8>(x)` or `cast::<\"int8:g128:f16\">(x)`";
                return self.wrong(&segment.ident, form);
            }
            Err(message) => return self.refuse(&arguments, &segment.ident, message),
        };
        let arg = self.step(cost_core::op::Kind::Cast, args, segment.ident.span(), spans);
        if let Some(step) = self.steps.last_mut() {
            step.format = Some(format);
        }
        arg
    }

    /// `windows::<h, r, p>(x, stride = 2, pad = 1)`
    fn windows(&mut self, segment: &syn::PathSegment, call: &ExprCall) -> Arg {
        const FORM: &str = "`windows` names an axis, that of a window's width and that of the windows, as in \
                            `windows::<h, r, p>(x, stride = 2, pad = 1)`";
        let over = self.turbofish(segment);
        let mut exprs = call.args.iter();
        let Some(of) = exprs.next() else { return self.wrong(&segment.ident, FORM) };
        let arg = match self.value(of) {
            Arg::Number(_) => self.wrong(of, "expected a tensor, not a number"),
            arg => arg,
        };
        let (mut stride, mut pad) = (None, None);
        for expr in exprs {
            let Expr::Assign(it) = expr else { return self.refuse(expr, call, FORM) };
            let named = super::variable(&it.left).map(ToString::to_string);
            let known = match named.as_deref() {
                Some("stride") if stride.is_none() => &mut stride,
                Some("pad") if pad.is_none() => &mut pad,
                _ => return self.refuse(&it.left, call, FORM),
            };
            let Some(count) = self.count(&it.right) else {
                self.touch(call);
                return self.poison(segment.ident.span());
            };
            *known = Some(count);
        }
        if let (Some(Count::Number(0)), Some(expr)) = (stride, call.args.iter().nth(1)) {
            return self.refuse(expr, call, "windows a stride of 0 apart never move on; expected at least 1");
        }
        let Some(over) = over else { return self.poison(segment.ident.span()) };
        let [of, width, at] = over[..] else { return self.wrong(&segment.ident, FORM) };
        let (stride, pad) = (stride.unwrap_or(Count::Number(1)), pad.unwrap_or(Count::Number(0)));
        let windows = Windows { of, width, at, stride, pad };
        self.step(cost_core::op::Kind::Windows(windows), vec![arg], segment.ident.span(), vec![call.args[0].span()])
    }

    /// A number or an axis.
    pub(super) fn count(&mut self, expr: &Expr) -> Option<Count> {
        let count = crate::size::count(expr, &self.declared.axes, self.errors)?;
        if let Count::Axis(axis) = count {
            self.axes.push(axis);
        }
        Some(count)
    }
}

/// What a view makes of axes: `rename::<e, d>`, `split::<t, (m, l)>`, `merge::<(n, k), d>`.
fn seen(segment: &syn::PathSegment, over: &[u8], name: &str) -> Option<cost_core::op::Kind<'static>> {
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let many = |argument: &syn::GenericArgument| match argument {
        syn::GenericArgument::Type(Type::Tuple(tuple)) => tuple.elems.len(),
        _ => 1,
    };
    let (of, to) = match arguments.args.iter().map(many).collect::<Vec<_>>()[..] {
        [of, to] if of + to <= 1 + MAX_RANK => over.split_at_checked(of)?,
        _ => return None,
    };
    let right = match name {
        "rename" => of.len() == 1 && to.len() == 1,
        "split" => of.len() == 1 && to.len() > 1,
        _ => of.len() > 1 && to.len() == 1,
    };
    right.then(|| cost_core::op::Kind::View { of: Shape::of(of), to: Shape::of(to) })
}

/// Groups of primitives that are written alike.
pub(super) enum Form {
    Dot,
    Zips,
    Maps,
    Norms,
    Reductions,
    Gather,
    Take,
    Put,
    Append,
    Before,
    Slide,
    /// The role of what is written over, and the name for that.
    Write(Role, &'static str),
    Last,
    View,
    Top,
    Among,
    Store,
    Dequant,
}

pub(super) const FORMS: [Form; 20] = [
    Form::Dot,
    Form::Zips,
    Form::Maps,
    Form::Norms,
    Form::Reductions,
    Form::Gather,
    Form::Take,
    Form::Put,
    Form::Append,
    Form::Before,
    Form::Slide,
    Form::Write(Role::State, "update"),
    Form::Write(Role::Cache, "fill"),
    Form::Write(Role::Weight, "write"),
    Form::Last,
    Form::View,
    Form::Top,
    Form::Among,
    Form::Store,
    Form::Dequant,
];

impl Form {
    pub(super) fn names(&self) -> Box<dyn Iterator<Item = &'static str>> {
        match self {
            Self::Dot => Box::new(["dot"].into_iter()),
            Self::Zips => Box::new(Zip::functions().map(Zip::name)),
            Self::Maps => Box::new(Map::ALL.iter().map(|map| map.name())),
            Self::Norms => Box::new(Norm::ALL.iter().map(|norm| norm.name())),
            Self::Reductions => Box::new(Reduce::ALL.iter().map(|reduce| reduce.name())),
            Self::Gather => Box::new(["gather"].into_iter()),
            Self::Take => Box::new(["take"].into_iter()),
            Self::Put => Box::new(["put"].into_iter()),
            Self::Append => Box::new(["append"].into_iter()),
            Self::Before => Box::new(["before"].into_iter()),
            Self::Slide => Box::new(["slide"].into_iter()),
            Self::Write(_, name) => Box::new([*name].into_iter()),
            Self::Last => Box::new(["last"].into_iter()),
            Self::View => Box::new(["rename", "split", "merge"].into_iter()),
            Self::Top => Box::new(["top"].into_iter()),
            Self::Among => Box::new(["among"].into_iter()),
            Self::Store => Box::new(["store"].into_iter()),
            Self::Dequant => Box::new(["dequant"].into_iter()),
        }
    }

    /// How many axes in `::<…>` it takes, and how many tensors.
    pub(super) fn takes(&self) -> (core::ops::RangeInclusive<usize>, usize) {
        match self {
            Self::Dot => (1..=usize::MAX, 2),
            Self::Norms | Self::Reductions => (1..=usize::MAX, 1),
            Self::Gather | Self::Append => (1..=1, 2),
            Self::Before => (1..=1, 1),
            Self::Put => (2..=2, 3),
            Self::Slide | Self::Among | Self::Take => (2..=2, 2),
            Self::Zips | Self::Write(..) => (0..=0, 2),
            Self::Last | Self::Top => (2..=2, 1),
            Self::View => (2..=usize::MAX, 1),
            Self::Maps | Self::Store | Self::Dequant => (0..=0, 1),
        }
    }

    fn axes_message(&self, name: &str) -> String {
        match self {
            Self::Dot => {
                "`dot` names the axes that it sums over, as in `dot::<d>(x, w)` or `dot::<(n, k)>(x, w)`".to_owned()
            }
            Self::Norms | Self::Reductions => {
                format!("`{name}` names the axes that it runs over, as in `{name}::<d>(x)`")
            }
            Self::Gather => "`gather` names the axis of rows, as in `gather::<v>(table, ids)`".to_owned(),
            Self::Take => {
                "`take` names the axis of rows and that of the chosen ones, as in `take::<s, c>(x, chosen)`".to_owned()
            }
            Self::Put => {
                "`put` names the axis of rows and that of the chosen ones, as in `put::<s, c>(x, rows, chosen)`".to_owned()
            }
            Self::Append => "`append` names the axis that grows, as in `append::<t>(cache, rows)`".to_owned(),
            Self::Last => {
                "`last` names the axis that it cuts and the one in its place, as in `last::<s, o>(x)`".to_owned()
            }
            Self::Before => "`before` names the axis of positions, as in `before::<s>(state)`".to_owned(),
            Self::Slide => {
                "`slide` names the axis of positions and that of the rows that one sees, as in `slide::<s, r>(state, x)`"
                    .to_owned()
            }
            Self::View => match name {
                "rename" => "`rename` names an axis and the one in its place, as in `rename::<e, d>(x)`",
                "split" => "`split` names an axis and those in its place, as in `split::<t, (m, l)>(x)`",
                _ => "`merge` names axes and the one in their place, as in `merge::<(n, k), d>(x)`",
            }
            .to_owned(),
            Self::Top => "`top` names the axis that it searches and the one in its place, as in `top::<t, w>(x)`".to_owned(),
            Self::Among => {
                "`among` names the axis that was searched and the one of the chosen, as in `among::<t, w>(scores, chosen)`"
                    .to_owned()
            }
            Self::Zips | Self::Maps | Self::Store | Self::Dequant | Self::Write(..) => format!("`{name}` takes no axes"),
        }
    }
}

fn count(n: usize, what: &str) -> String {
    match n {
        1 => format!("one {what}"),
        2 => format!("two {what}s"),
        n => format!("{n} {what}s"),
    }
}
