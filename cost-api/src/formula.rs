//! What a model or an operator costs, as closed formulas.

use cost_core::Options;
use cost_core::cost::{Kernel, axes, check_routing, collectives, intensity, kernels, on_chip, totals};
use cost_core::expr::{Expr, Limit, Notation, Ratio};
use cost_core::op::{Dim, Input, Mask, Op};
use cost_models::report::bytes_of;
use cost_models::{Model, Phase};

use crate::error::Result;
use crate::load::{self, Subject};
use crate::request::FormulaRequest;
use crate::response::{ExchangeFormula, Formula, KernelFormula};
use crate::sources::Sources;

/// What a model or an operator costs, as closed formulas.
pub fn formula(request: &FormulaRequest, sources: &dyn Sources) -> Result<Formula> {
    let notation = if request.latex { Notation::Latex } else { Notation::Text };
    let mesh = load::mesh(&request.mesh)?;
    match load::subject(&request.what, &request.reading, request.counting.formats.weights.is_some(), sources)? {
        Subject::Operator(it) => match &mesh {
            Some(mesh) => mesh.cut(&it)?.0,
            None => it,
        }
        .with(|op| {
            let options = load::options(&request.counting)?;
            let sizes = axes(op);
            check_routing(op, &sizes, &options)?;
            let kernels = kernels(op, &sizes, &options)?;
            load::check_read(&options, (op.name, op, &sizes), &kernels)?;
            Ok(operator(op, &kernels, &options, notation)?)
        }),
        Subject::Model(model) => {
            let options = load::options_of(&model, &request.counting)?;
            let model = match &mesh {
                Some(mesh) => Box::new(model.on_mesh(mesh)?),
                None => model,
            };
            model.check_routing(None, &options)?;
            let kernels = model.formulas(Phase::Decode, &options)?;
            let sizes = model.symbols(Phase::Decode)?;
            model.architecture().with(|op| load::check_read(&options, (&model.name, op, &sizes), &kernels))?;
            Ok(of_model(&model, &kernels, &sizes, &options, notation)?)
        }
    }
}

fn operator(
    op: &Op<'_>,
    kernels: &[Kernel<Expr>],
    options: &Options,
    notation: Notation,
) -> cost_core::Result<Formula> {
    let formula = shown(op.name, op, kernels, &|_| None, notation)?;
    let exchanges = exchanges(op, &axes(op), options, notation)?;
    Ok(Formula { tile: tile(op, options, notation)?, exchanges, ..formula })
}

/// Bytes on chip for one tile: one position of the axes that all tensors have (batch, heads), the tile's length of the
/// tiled axis. What is left of the key axis is the block of keys that is worked on in a round of the loop over them.
fn tile(op: &Op<'_>, options: &Options, notation: Notation) -> cost_core::Result<Option<String>> {
    let Some(tile) = op.tile else { return Ok(None) };
    let Dim::Axis(length) = tile.size else { return Ok(None) };
    let mut sizes = axes(op);
    for (axis, size) in (0_u8..).zip(&mut sizes) {
        if op.shapes.iter().all(|shape| shape.has(axis)) {
            *size = Expr::int(1);
        }
    }
    sizes[usize::from(tile.axis)] = Expr::axis(u16::from(length));
    let op = Op { mask: Mask::None, ..*op };
    let bytes = bytes_of(&on_chip(&op, &sizes, options, streamed(&op, tile.axis))?)?;
    Ok(Some(bytes.show(op.axes, notation).to_string()))
}

/// The axis that a tile goes along block by block: one that only the operands have which every tile reads again.
fn streamed(op: &Op<'_>, tiled: u8) -> Option<u8> {
    let (own, again): (Vec<&Input<'_>>, Vec<&Input<'_>>) = op.inputs.iter().partition(|input| input.shape.has(tiled));
    let theirs = |axis: &u8| {
        !op.outputs.iter().any(|output| output.shape.has(*axis)) && own.iter().all(|input| !input.shape.has(*axis))
    };
    again.iter().flat_map(|input| input.shape.axes()).copied().find(theirs)
}

fn of_model(
    model: &Model,
    kernels: &[Kernel<Expr>],
    symbols: &[Expr],
    options: &Options,
    notation: Notation,
) -> cost_core::Result<Formula> {
    let number = |axis| model.size_of(axis).map(|size| Expr::int(i128::from(size)));
    let shown = |op: &Op<'_>| shown(&model.name, op, kernels, &number, notation);
    let formula = model.architecture().with(shown)?;
    let sizes = model.fixed().filter(|(axis, _)| formula.axes.iter().any(|shown| shown == axis));
    let sizes = sizes.map(|(axis, size)| (axis.to_owned(), size)).collect();
    let exchanges = model.architecture().with(|op| exchanges(op, symbols, &model.options(options), notation))?;
    Ok(Formula { sizes, exchanges, notes: model.notes.clone(), ..formula })
}

/// What the devices of a mesh exchange.
fn exchanges(
    op: &Op<'_>,
    sizes: &[Expr],
    options: &Options,
    notation: Notation,
) -> cost_core::Result<Vec<ExchangeFormula>> {
    let show = |expr: &Expr| expr.show(op.axes, notation).to_string();
    let each = collectives(op, sizes, options)?.into_iter().map(|it| {
        Ok(ExchangeFormula {
            path: it.path,
            kind: it.kind.name(),
            repeat: show(&it.repeat),
            ranks: show(&it.ranks),
            bytes: show(&bytes_of(&it.bits)?),
            reason: it.why,
        })
    });
    each.collect()
}

/// Kernels in the operator's axes, totals with the known sizes filled in.
fn shown(
    name: &str,
    op: &Op<'_>,
    kernels: &[Kernel<Expr>],
    known: &impl Fn(u16) -> Option<Expr>,
    notation: Notation,
) -> cost_core::Result<Formula> {
    let names = op.axes;
    let show = |expr: &Expr| expr.show(names, notation).to_string();
    let total = totals(kernels)?;
    let ratio = intensity(&total)?.substitute(known)?;
    let each = kernels.iter().map(|kernel| {
        Ok(KernelFormula {
            path: kernel.path.clone(),
            repeat: show(&kernel.repeat),
            flops: show(&kernel.flops.total()?),
            bytes: show(&bytes_of(&kernel.bits()?.total()?)?),
        })
    });
    Ok(Formula {
        name: name.to_owned(),
        axes: occurring(kernels, names)?,
        sizes: Vec::new(),
        flops: show(&total.flops.total()?.substitute(known)?),
        matmul: show(&total.flops.matmul()?.substitute(known)?),
        bytes: show(&bytes_of(&total.bits.total()?)?.substitute(known)?),
        limits: limits(&ratio, names, notation)?,
        intensity: ratio.show(names, notation).to_string(),
        tile: None,
        kernels: each.collect::<cost_core::Result<_>>()?,
        exchanges: Vec::new(),
        notes: Vec::new(),
    })
}

/// The axes that occur in the kernels' formulas; those that only say what there is are filled in.
fn occurring(kernels: &[Kernel<Expr>], names: &[&str]) -> cost_core::Result<Vec<String>> {
    let mut shown = Vec::new();
    for kernel in kernels {
        shown.extend([kernel.repeat.clone(), kernel.flops.total()?, kernel.bits()?.total()?]);
    }
    let occurs = |axis: u16| shown.iter().any(|formula| formula.mentions(axis));
    Ok((0..).zip(names).filter(|(axis, _)| occurs(*axis)).map(|(_, name)| (*name).to_owned()).collect())
}

/// What the intensity tends to as each axis that occurs in it grows; new tokens can't outgrow all tokens.
fn limits(ratio: &Ratio, names: &[&str], notation: Notation) -> cost_core::Result<Vec<(String, String)>> {
    let mut limits = Vec::new();
    let bounded = |name: &str| matches!(name, "s" | "o") && names.contains(&"t");
    for (axis, name) in (0..).zip(names) {
        if !bounded(name) && (ratio.numerator.mentions(axis) || ratio.denominator.mentions(axis)) {
            let limit: Limit = ratio.limit(axis)?;
            limits.push(((*name).to_owned(), limit.show(names, notation).to_string()));
        }
    }
    Ok(limits)
}
