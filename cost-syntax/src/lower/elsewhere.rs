//! Operations of other libraries, and how they are written here.

use cost_core::op::{Arg, Shape};
use quote::ToTokens;
use syn::{Expr, Ident};

use super::primitive::FORMS;
use super::{Lower, variable};

/// What stands for an operation of another library.
enum Here {
    /// A primitive.
    Primitive(&'static str),
    /// An operator between two operands.
    Infix(char),
    /// Nothing of that kind, for a reason.
    Said(&'static str),
}

fn here(name: &str) -> Option<Here> {
    Some(match name {
        "matmul" | "mm" | "bmm" | "mv" | "einsum" | "linear" | "inner" => Here::Primitive("dot"),
        "embedding" | "index_select" | "take" | "lookup" => Here::Primitive("gather"),
        "scatter" | "index_put" | "index_copy" => Here::Primitive("put"),
        "topk" => Here::Primitive("top"),
        "pow" | "powi" | "powf" => Here::Primitive("square"),
        "dequantize" => Here::Primitive("dequant"),
        "add" => Here::Infix('+'),
        "sub" | "subtract" => Here::Infix('-'),
        "mul" | "multiply" => Here::Infix('*'),
        "div" | "divide" => Here::Infix('/'),
        "transpose" | "permute" | "t" | "swapaxes" | "swap_axes" | "movedim" | "swap_dims" => {
            Here::Said("axes have names, so that their order doesn't matter: leave it out")
        }
        "reshape" | "view" | "flatten" | "unflatten" | "squeeze" => Here::Said(
            "`split::<t, (m, l)>(x)`, `merge::<(n, k), d>(x)` and `rename::<e, d>(x)` see the same elements along other axes",
        ),
        "unsqueeze" | "expand" | "repeat" | "broadcast" | "broadcast_to" | "broadcast_add" | "broadcast_mul" => {
            Here::Said("tensors are broadcast by the names of their axes: leave it out")
        }
        "cat" | "concat" | "concatenate" | "stack" => {
            Here::Said("only a cache and new rows are put together: `append::<t>(cache, rows)`")
        }
        "clone" | "detach" | "contiguous" | "dropout" => Here::Said("it costs nothing: leave it out"),
        _ => return None,
    })
}

impl Lower<'_> {
    /// What to write for an operation that is none of these, or is written in another way.
    pub(super) fn instead(&self, name: &str, operands: &[&Expr]) -> Option<String> {
        let named = |at: usize| operands.get(at).and_then(|operand| variable(operand));
        let text = |at: usize| named(at).map_or_else(|| "…".to_owned(), Ident::to_string);
        let primitive = match here(name) {
            Some(Here::Said(said)) => return Some(said.to_owned()),
            Some(Here::Infix(sign)) => return Some(format!("write `{} {sign} {}`", text(0), text(1))),
            Some(Here::Primitive(name)) => name,
            None => name,
        };
        let form = FORMS.iter().find(|form| form.names().any(|known| known == primitive))?;
        let (axes, tensors) = form.takes();
        let over = if axes.contains(&0) {
            String::new()
        } else {
            let shape = |at| named(at).and_then(|name| self.declared_shape(name));
            let (first, second) = (shape(0), shape(1).filter(|_| tensors == 2));
            let summed = first.and_then(|shape| {
                shape.axes().iter().rfind(|axis| tensors == 1 || second.is_some_and(|other| other.has(**axis)))
            });
            let one = summed.filter(|_| axes.contains(&1));
            let one = one.map_or_else(|| "…".to_owned(), |axis| self.declared.axes[usize::from(*axis)].to_string());
            format!("::<{one}>")
        };
        let operands: Vec<String> = (0..tensors).map(text).collect();
        Some(format!("write `{primitive}{over}({})`", operands.join(", ")))
    }

    /// A call of a method, which no tensor has.
    pub(super) fn method(&mut self, call: &syn::ExprMethodCall) -> Arg {
        let name = call.method.to_string();
        let operands: Vec<&Expr> = core::iter::once(&*call.receiver).chain(&call.args).collect();
        let message = match self.instead(&name, &operands) {
            Some(instead) => format!("there are no methods here: {instead}"),
            None => {
                let known: Vec<&str> = FORMS.iter().flat_map(super::primitive::Form::names).collect();
                let near = cost_core::nearest(&name, known);
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}(…)`?"));
                format!("there are no methods here, and no operation `{name}`{near}")
            }
        };
        self.refuse(&call.method, &call.to_token_stream(), message)
    }

    /// The shape of a parameter, as it is declared.
    fn declared_shape(&self, name: &Ident) -> Option<&Shape> {
        let known = self.names.iter().rev().find(|known| *name == known.name)?;
        let input = self.declared.definition.inputs.get(usize::from(known.value))?;
        Some(&input.shape).filter(|shape| shape.known())
    }
}
