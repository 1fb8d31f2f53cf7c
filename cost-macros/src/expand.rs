//! The output: a type with a field for each axis, and its constant description. Nothing here can fail.

use cost_core::check::At;
use cost_core::library::{Definition, Kind, Quotient, Size, Step, Term};
use cost_core::op::{self, Arg, Mask, Shape};
use cost_syntax::{Declaration, Place};
use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// The item for an operator, with its errors if it has any; `krate` is where `cost_core` is unless the author says.
pub(crate) fn all(declared: &Declaration, krate: &syn::Path, docs: &[String], errors: &TokenStream) -> TokenStream {
    let Declaration { name, axes, fields, vis, docs: attrs, definition, .. } = declared;
    let krate = declared.krate.as_ref().unwrap_or(krate);
    // A name that is wrong is reported once, by us.
    let quiet = definition.failed.then(|| quote!(#[allow(non_camel_case_types, non_snake_case)]));
    let described = description(definition, &declared.places);
    let values = definition.inputs.len() + definition.steps.len();
    let (checks, ready) = verified(declared);
    let of_fields = || axes.iter().zip(fields).filter(|(_, field)| **field).map(|(axis, _)| axis);
    let field_docs = of_fields().map(|axis| format!("Size of axis `{axis}`."));
    let own = of_fields();
    let sizes = axes.iter().zip(fields).map(|(axis, field)| if *field { quote!(self.#axis) } else { quote!(0) });
    let sizes = quote!(&[#(#sizes),*]);
    quote! {
        #(#attrs)*
        #(#[doc = #docs])*
        #quiet
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name {
            #(#[doc = #field_docs] pub #own: u64,)*
        }

        // The names of checks are for people.
        #[allow(dead_code, non_upper_case_globals)]
        const _: () = {
            use #krate as __cost;
            const BODY: __cost::op::Op<'static> = #described;
            const SHAPES: [__cost::op::Shape; #values] = __cost::check::shapes(&BODY);
            const OP: __cost::op::Op<'static> = __cost::op::Op { shapes: &SHAPES, ..BODY };
            #checks

            #[automatically_derived]
            impl __cost::cost::Operator for #name {
                const OP: &'static __cost::op::Op<'static> = &OP;
                const READY: () = {
                    #errors
                    #(let () = #ready;)*
                };

                fn given(&self) -> __cost::cost::Sizes {
                    __cost::cost::sizes(#sizes)
                }
            }

            #[automatically_derived]
            impl #name {
                /// The number of parameters, shared weights once.
                ///
                /// # Panics
                ///
                /// If the number doesn't fit 128 bits, or a size in terms of others is none.
                pub const fn params(&self) -> u128 {
                    let () = <Self as __cost::cost::Operator>::READY;
                    __cost::cost::known(__cost::cost::params(&OP, #sizes))
                }

                /// FLOPs of one run, in summed products and in everything else.
                ///
                /// # Panics
                ///
                /// If a count doesn't fit 128 bits, or a size in terms of others is none.
                pub const fn flops(&self) -> __cost::cost::Counts {
                    let () = <Self as __cost::cost::Operator>::READY;
                    __cost::cost::known(__cost::cost::counts(&OP, #sizes))
                }
            }
        };
    }
}

fn description(it: &Definition, places: &[Place]) -> TokenStream {
    let (name, axes, part) = (&it.name, &it.axes, option(it.part.as_ref().map(|part| quote!(#part))));
    let inputs = it.inputs.iter().map(|input| {
        let (name, role, shape) = (&input.name, format_ident!("{}", input.role.name()), shape(&input.shape));
        let tags = [("hf", &input.hf), ("gguf", &input.gguf), ("part", &input.part)];
        let set = tags.iter().filter_map(|(field, value)| {
            let field = format_ident!("{field}");
            value.as_ref().map(|value| quote!(#field: ::core::option::Option::Some(#value),))
        });
        let format = input.format.map(|format| {
            let text = format.to_string();
            quote!(format: ::core::option::Option::Some(__cost::format::Format::known(#text)),)
        });
        let tied = input.tied.map(|op::Tied { to, when }| {
            quote!(tied: ::core::option::Option::Some(__cost::op::Tied { to: #to, when: #when }),)
        });
        let plain = quote!(__cost::op::Input::new(#name, __cost::op::Role::#role, #shape));
        let set: Vec<TokenStream> = set.chain(format).chain(tied).collect();
        if set.is_empty() { plain } else { quote!(__cost::op::Input { #(#set)* ..#plain }) }
    });
    let derived = it.derived.iter().map(|(axis, size)| {
        let size = dim(size);
        quote!(__cost::op::Derived { axis: #axis, dim: #size })
    });
    let steps = it.steps.iter().zip(places).map(|(it, place)| step(it, place));
    let loops = it.loops.iter().map(|it| {
        let (times, guard, label, start, end) = (dim(&it.times), it.guard, &it.label, it.start, it.end);
        let fused = it.fused;
        let carried = it.carried.iter().map(|(carry, value)| quote!((#carry, #value)));
        let range = quote!(start: #start, end: #end, carried: &[#(#carried),*]);
        quote!(__cost::op::Loop { times: #times, guard: #guard, fused: #fused, label: #label, #range })
    });
    let (unfused, inline, failed) = (it.unfused, it.inline, it.failed);
    let outputs = it.outputs.iter().map(|op::Output { value, role, shape: of }| {
        let (role, of) = (format_ident!("{}", role.name()), shape(of));
        quote!(__cost::op::Output { value: #value, role: __cost::op::Role::#role, shape: #of })
    });
    let mask = mask(it.mask);
    let tile = option(it.tile.as_ref().map(|(axis, size)| {
        let size = dim(size);
        quote!(__cost::op::Tile { axis: #axis, size: #size })
    }));
    quote! {
        __cost::op::Op {
            name: #name,
            axes: &[#(#axes),*],
            derived: &[#(#derived),*],
            inputs: &[#(#inputs),*],
            steps: &[#(#steps),*],
            shapes: &[],
            loops: &[#(#loops),*],
            outputs: &[#(#outputs),*],
            mask: __cost::op::Mask::#mask,
            unfused: #unfused,
            inline: #inline,
            tile: #tile,
            part: #part,
            mesh: ::core::option::Option::None,
            failed: #failed,
        }
    }
}

fn mask(mask: Mask) -> TokenStream {
    match mask {
        Mask::None => quote!(None),
        Mask::Causal { s, t } => quote!(Causal { s: #s, t: #t }),
        Mask::Blocks { s, m, t, width, stride } => {
            let (width, stride) = (count(width), count(stride));
            quote!(Blocks { s: #s, m: #m, t: #t, width: #width, stride: #stride })
        }
        Mask::Window { s, t, w } => quote!(Window { s: #s, t: #t, w: #w }),
        Mask::Around { s, t, w } => quote!(Around { s: #s, t: #t, w: #w }),
        Mask::Selected { s, t, w, block } => {
            let block = option(block.map(count));
            quote!(Selected { s: #s, t: #t, w: #w, block: #block })
        }
        Mask::Chunked { s, t, w } => quote!(Chunked { s: #s, t: #t, w: #w }),
        Mask::Within { s, t, w } => quote!(Within { s: #s, t: #t, w: #w }),
    }
}

/// A number, or the size of an axis.
fn count(count: op::Count) -> TokenStream {
    match count {
        op::Count::Number(number) => quote!(__cost::op::Count::Number(#number)),
        op::Count::Axis(axis) => quote!(__cost::op::Count::Axis(#axis)),
    }
}

fn step(step: &Step, place: &Place) -> TokenStream {
    let kind = match (&step.kind, &place.callee) {
        (Kind::Plain(kind), _) => plain(kind),
        (Kind::Call(_), None) => quote!(Call(__cost::op::Call::UNKNOWN)),
        (Kind::Call(call), Some(path)) => {
            let bind = call.bind.iter().map(|(axis, size)| {
                let size = dim(size);
                quote!(__cost::op::Bind { axis: #axis, dim: #size })
            });
            let rest = call.rest;
            let experts = option(call.experts.map(|op::Experts { count: of, top, gated, capacity }| {
                let capacity = option(capacity.map(count));
                quote!(__cost::op::Experts { count: #of, top: #top, gated: #gated, capacity: #capacity })
            }));
            let callee = quote_spanned!(place.step=> <#path as __cost::cost::Operator>::OP);
            quote!(Call(__cost::op::Call { op: #callee, bind: &[#(#bind),*], rest: #rest, experts: #experts }))
        }
    };
    let args = step.args.iter().map(|arg| match arg {
        Arg::Value(value) => quote!(__cost::op::Arg::Value(#value)),
        Arg::Number(number) => {
            let number = Literal::f64_suffixed(number.abs());
            let sign = matches!(arg, Arg::Number(n) if n.is_sign_negative()).then(|| quote!(-));
            quote!(__cost::op::Arg::Number(#sign #number))
        }
    });
    let plain = quote!(__cost::op::Step::new(__cost::op::Kind::#kind, &[#(#args),*]));
    let name = Some(&step.name).filter(|name| !name.is_empty()).map(|name| quote!(name: #name,));
    let annotated = step.annotated.as_ref().map(|annotated| {
        let annotated = shape(annotated);
        quote!(annotated: ::core::option::Option::Some(#annotated),)
    });
    let format = step.format.map(|format| {
        let text = format.to_string();
        quote!(format: ::core::option::Option::Some(__cost::format::Format::known(#text)),)
    });
    match (name, annotated, format) {
        (None, None, None) => plain,
        (name, annotated, format) => quote!(__cost::op::Step { #name #annotated #format ..#plain }),
    }
}

fn plain(kind: &op::Kind<'_>) -> TokenStream {
    use op::Kind;
    match kind {
        Kind::Dot(over) => {
            let over = shape(over);
            quote!(Dot(#over))
        }
        Kind::Zip(zip) => {
            let zip = format_ident!("{zip:?}");
            quote!(Zip(__cost::op::Zip::#zip))
        }
        Kind::Map(map) => {
            let map = format_ident!("{map:?}");
            quote!(Map(__cost::op::Map::#map))
        }
        Kind::Reduce(reduce, over) => {
            let (reduce, over) = (format_ident!("{reduce:?}"), shape(over));
            quote!(Reduce(__cost::op::Reduce::#reduce, #over))
        }
        Kind::Norm(norm, over) => {
            let (norm, over) = (format_ident!("{norm:?}"), shape(over));
            quote!(Norm(__cost::op::Norm::#norm, #over))
        }
        Kind::Gather(axis) => quote!(Gather(#axis)),
        Kind::Take { of, keep } => quote!(Take { of: #of, keep: #keep }),
        Kind::Put { of, keep } => quote!(Put { of: #of, keep: #keep }),
        Kind::Append(axis) => quote!(Append(#axis)),
        Kind::Before(axis) => quote!(Before(#axis)),
        Kind::Slide { over, width } => quote!(Slide { over: #over, width: #width }),
        Kind::Write(role) => {
            let role = format_ident!("{}", role.name());
            quote!(Write(__cost::op::Role::#role))
        }
        Kind::Last { of, keep } => quote!(Last { of: #of, keep: #keep }),
        Kind::View { of, to } => {
            let (of, to) = (shape(of), shape(to));
            quote!(View { of: #of, to: #to })
        }
        Kind::Windows(op::Windows { of, width, at, stride, pad }) => {
            let (stride, pad) = (count(*stride), count(*pad));
            quote!(Windows(__cost::op::Windows { of: #of, width: #width, at: #at, stride: #stride, pad: #pad }))
        }
        Kind::Top { of, keep } => quote!(Top { of: #of, keep: #keep }),
        Kind::Among { of, by } => quote!(Among { of: #of, by: #by }),
        Kind::Store => quote!(Store),
        Kind::Dequant => quote!(Dequant),
        Kind::Cast => quote!(Cast),
        Kind::Carry => quote!(Carry),
        Kind::Call(_) => quote!(Call(__cost::op::Call::UNKNOWN)),
        Kind::Output(number) => quote!(Output(#number)),
    }
}

/// Constants that check what the macro can't see (calls, and steps on what calls return), and what must have no errors for
/// the operator's own constants to mean anything: its callees and these.
fn verified(declared: &Declaration) -> (TokenStream, Vec<TokenStream>) {
    let ready = declared.places.iter().filter_map(|place| {
        let path = place.callee.as_ref()?;
        Some(quote_spanned!(place.step=> <#path as __cost::cost::Operator>::READY))
    });
    let (mut names, mut ready): (Vec<String>, Vec<TokenStream>) = (Vec::new(), ready.collect());
    let verify = |(span, step, at): (Span, usize, At)| {
        let name = checked(declared, step, at);
        let before = names.iter().filter(|other| **other == name).count();
        names.push(name.clone());
        // The compiler says where evaluation failed by the name of the constant.
        let constant = if before == 0 { format_ident!("{name}") } else { format_ident!("{name}_{}", before + 1) };
        // Without value, it leaves no constant that depends on it one, so that these say nothing more.
        ready.push(quote!(#constant));
        let at = match at {
            At::Step => quote!(Step),
            At::Annotation => quote!(Annotation),
            At::Arg(n) => quote!(Arg(#n)),
            At::Bind(n) => quote!(Bind(#n)),
            At::Returns(n) => quote!(Returns(#n)),
        };
        quote_spanned!(span=> const #constant: () = __cost::check::verify(&OP, #step, __cost::check::At::#at);)
    };
    (declared.open().into_iter().map(verify).collect(), ready)
}

/// What a check is about, as the name of a constant: `argument_1_of_Linear`.
fn checked(declared: &Declaration, step: usize, at: At) -> String {
    let step = declared.definition.steps.get(step).zip(declared.places.get(step));
    let callee = step.and_then(|(_, place)| place.callee.as_ref()?.segments.last());
    let callee = callee.map_or_else(|| "step".to_owned(), |last| last.ident.to_string());
    let bound = |n: usize| match &step?.0.kind {
        Kind::Call(call) => call.bind.get(n).map(|(axis, _)| axis.as_str()),
        Kind::Plain(_) => None,
    };
    match at {
        At::Step => format!("the_{callee}"),
        At::Annotation => "the_annotation".to_owned(),
        At::Arg(n) => format!("argument_{}_of_{callee}", n + 1),
        At::Bind(n) => format!("axis_{}_of_{callee}", bound(n).unwrap_or_default()),
        At::Returns(0) => "the_result".to_owned(),
        At::Returns(n) => format!("result_{}", n + 1),
    }
}

fn shape(shape: &Shape) -> TokenStream {
    if shape.known() {
        let axes = shape.axes();
        quote!(__cost::op::Shape::of(&[#(#axes),*]))
    } else {
        quote!(__cost::op::Shape::UNKNOWN)
    }
}

fn dim(size: &Size) -> TokenStream {
    match size.0.as_slice() {
        [Term { coefficient: 1, axes, quotients }] if axes.len() == 1 && quotients.is_empty() => {
            quote!(__cost::op::Dim::Axis(#(#axes)*))
        }
        terms => {
            let terms = terms.iter().map(term);
            quote!(__cost::op::Dim::Sum(&[#(#terms),*]))
        }
    }
}

fn term(Term { coefficient, axes, quotients }: &Term) -> TokenStream {
    let plain = quote!(__cost::op::Term::new(#coefficient, &[#(#axes),*]));
    if quotients.is_empty() {
        return plain;
    }
    let quotients = quotients.iter().map(|Quotient { above, below, up }| {
        let (above, below) = (dim(above), dim(below));
        quote!(__cost::op::Quotient { above: #above, below: #below, up: #up })
    });
    quote!(__cost::op::Term { quotients: &[#(#quotients),*], ..#plain })
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
