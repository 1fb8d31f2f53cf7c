//! Options that are about nothing in what is asked.

use cost_core::Options;
use cost_core::cost::{Kernel, Masking, Num, Pattern, is_masked};
use cost_core::format::Format;
use cost_core::op::{Op, Role};
use cost_models::{Model, Workload};

use crate::error::{Error, Result};

/// Every option must be about something in an operator or model of that name, at sizes at which its kernels are these.
pub(crate) fn check_read<N: Num>(
    asked: &Options,
    (name, op, sizes): (&str, &Op<'_>, &[N]),
    kernels: &[Kernel<N>],
) -> Result<()> {
    let roles: [(&str, Option<Format>, &[Role], &str); 2] = [
        ("weights", asked.formats.weights, &[Role::Weight], "weights"),
        ("cache", asked.formats.cache, &[Role::Cache, Role::State], "caches or states"),
    ];
    let operands = || kernels.iter().flat_map(|kernel| &kernel.operands);
    for (option, format, roles, what) in roles {
        if let Some(format) = format.filter(|_| !operands().any(|it| roles.contains(&it.role))) {
            return Err(Error::found(option, format, format_args!("none: {name} has no {what}")));
        }
    }
    if asked.masking == Masking::Dense && !is_masked(op, sizes, asked)? {
        return Err(Error::found("masking", "dense", format_args!("none: {name} has no mask")));
    }
    check_patterns(asked, kernels)
}

/// Every option must be about something in a model's step, if anything is asked for.
pub(crate) fn check_read_of(asked: &Options, model: &Model, step: &Workload) -> Result<()> {
    if *asked == Options::default() {
        return Ok(());
    }
    let (sizes, kernels) = (model.sizes(step)?, model.kernels(step, asked)?);
    model.architecture().with(|op| check_read(asked, (&model.name, op, &sizes), &kernels))
}

/// Every `--set` and `--multiply` must match something, or it would change nothing in silence.
fn check_patterns<N: Num>(options: &Options, kernels: &[Kernel<N>]) -> Result<()> {
    let operands = kernels.iter().flat_map(|kernel| &kernel.operands);
    let names = operands.flat_map(|it| [Some(it.path.as_str()), it.gguf.as_deref(), it.hf.as_deref()]);
    let names: Vec<&str> = names.flatten().collect();
    for (pattern, _) in &options.formats.set {
        if !names.iter().any(|name| pattern.matches(name)) {
            let nearest = cost_core::nearest(&pattern.to_string(), names.iter().copied());
            let near = nearest.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let said = format!("`{pattern}` matches no tensor{near} (report --tensors lists them)");
            return Err(Error::option("set", said).near(nearest));
        }
    }
    let products = kernels.iter().filter(|kernel| kernel.class().is_some());
    let named = |kernel: &Kernel<N>, pattern: &Pattern| {
        let names =
            kernel.operands.iter().flat_map(|it| [Some(it.path.as_str()), it.gguf.as_deref(), it.hf.as_deref()]);
        pattern.matches(&kernel.path) || names.flatten().any(|name| pattern.matches(name))
    };
    for (pattern, _) in &options.multiply {
        if !products.clone().any(|kernel| named(kernel, pattern)) {
            let said = format!("`{pattern}` matches neither a kernel with products nor an operand of one");
            return Err(Error::option("multiply", said));
        }
    }
    Ok(())
}
