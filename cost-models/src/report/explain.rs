//! Where a kernel's figures come from: of an operator at sizes, or of a model's step.

use cost_core::Result;
use cost_core::cost::{At, Explained, Kernel, Options};
use cost_core::expr::Expr;
use cost_core::op::Op;

use crate::model::{Model, Workload};

/// A kernel and where its figures come from, as numbers and as formulas in the axes of what it is part of.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The kernel at sizes.
    pub kernel: Kernel<u128>,
    /// The same as formulas.
    pub formula: Kernel<Expr>,
    /// Its steps at sizes.
    pub explained: Explained<u128>,
    /// The same as formulas.
    pub formulas: Explained<Expr>,
    /// The axes of the formulas.
    pub axes: Vec<String>,
    /// The axes that occur in the kernel's formulas, with their sizes.
    pub sizes: Vec<(String, u128)>,
}

/// The kernels of an operator, by their paths.
fn paths(kernels: &[Kernel<u128>], before: &str) -> Vec<String> {
    kernels.iter().map(|kernel| format!("{before}{}", kernel.path)).collect()
}

/// Explains the kernel of an operator that a name picks of its kernels' paths; `Err` of all paths if it picks none.
pub fn explain_operator(
    op: &Op<'_>,
    (sizes, symbols): (&[u128], &[Expr]),
    options: &Options,
    pick: &dyn Fn(&[String]) -> Option<usize>,
) -> Result<std::result::Result<Box<Explanation>, Vec<String>>> {
    At::with(op, sizes, options, |at| {
        let kernels = at.kernels()?;
        let paths = paths(&kernels, "");
        match pick(&paths) {
            Some(found) => of_one(op, at, &kernels[found], symbols, options).map(|it| Ok(Box::new(it))),
            None => Ok(Err(paths)),
        }
    })
}

fn of_one(
    op: &Op<'_>,
    at: &At<'_, u128>,
    kernel: &Kernel<u128>,
    symbols: &[Expr],
    options: &Options,
) -> Result<Explanation> {
    At::with(op, symbols, options, |symbolic| {
        let formula = symbolic.kernels()?.into_iter().find(|formula| formula.origin == kernel.origin);
        let formula = formula.ok_or_else(|| cost_core::Error::Description {
            op: op.name.to_owned(),
            message: format!("its kernel {} has no formula", kernel.path),
        })?;
        let all = [formula.repeat.clone(), formula.flops.total()?, formula.bits()?.total()?];
        let mentioned = |axis: u16| all.iter().any(|formula| formula.mentions(axis));
        let sizes = (0_u16..).zip(op.axes).zip(at.sizes()).filter(|((axis, _), _)| mentioned(*axis));
        Ok(Explanation {
            explained: at.explained(kernel)?,
            formulas: symbolic.explained(&formula)?,
            kernel: kernel.clone(),
            axes: op.axes.iter().map(|axis| (*axis).to_owned()).collect(),
            sizes: sizes.map(|((_, name), size)| ((*name).to_owned(), *size)).collect(),
            formula,
        })
    })
}

/// Explains the kernel of a model's step that a name picks of its kernels' paths, those of its images' towers among them;
/// `Err` of all paths if it picks none.
pub fn explain_step(
    model: &Model,
    workload: &Workload,
    options: &Options,
    pick: &dyn Fn(&[String]) -> Option<usize>,
) -> Result<std::result::Result<Box<Explanation>, Vec<String>>> {
    let options = &*model.options(options);
    let runs: Vec<_> = model.beside(workload)?.into_iter().filter(|run| run.runs).collect();
    // Which operator each of the kernels is of, and which of its kernels it is.
    let (mut all, mut places) = (Vec::new(), Vec::new());
    for (at, run) in runs.iter().enumerate() {
        let own = paths(&run.model.kernels(&run.workload, options)?, &format!("{}.", run.name));
        places.extend((0..own.len()).map(|kernel| (Some(at), kernel)));
        all.extend(own);
    }
    let sizes = model.sizes(workload)?;
    let own = model.architecture().with(|op| cost_core::cost::kernels(op, &sizes, options))?;
    places.extend((0..own.len()).map(|kernel| (None, kernel)));
    all.extend(paths(&own, ""));
    let Some(found) = pick(&all) else { return Ok(Err(all)) };
    let (run, kernel) = places[found];
    let (model, workload) = match run {
        Some(run) => (runs[run].model, &runs[run].workload),
        None => (model, workload),
    };
    let (sizes, symbols) = (model.sizes(workload)?, model.symbols(workload.phase)?);
    let options = &*model.options(options);
    let explained =
        model.architecture().with(|op| explain_operator(op, (&sizes, &symbols), options, &|_| Some(kernel)))?;
    Ok(explained.map(|mut it| {
        it.kernel.path.clone_from(&all[found]);
        it
    }))
}
