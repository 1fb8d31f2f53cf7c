//! `cost formula`

use cost_api::FormulaRequest;
use cost_api::response::Formula;

use crate::args::Printed;
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::table::{foot, wrapped};

pub(crate) fn run(args: &Printed<FormulaRequest>) -> Result<()> {
    let formula = cost_api::formula(&args.request, &Disk).map_err(text)?;
    if args.output.json { output::json(&formula) } else { output::page(&page(&formula).into(), &args.output) }
}

fn page(formula: &Formula) -> String {
    let mut page = wrapped("", "  ", &format!("{} over the axes {}", formula.name, formula.axes.join(", ")));
    if !formula.sizes.is_empty() {
        let sizes: Vec<String> = formula.sizes.iter().map(|(axis, size)| format!("{axis} = {size}")).collect();
        page += &wrapped("with ", "  ", &sizes.join(", "));
    }
    let mut shown = |what: &str, formula: &str| page += &format!("\n{what}\n{}", wrapped("  ", "    ", formula));
    shown("FLOPs", &formula.flops);
    shown("in matrix products", &formula.matmul);
    shown("bytes", &formula.bytes);
    shown("intensity", &formula.intensity);
    for (axis, limit) in &formula.limits {
        shown(&format!("intensity as {axis} → ∞"), limit);
    }
    if let Some(tile) = &formula.tile {
        shown("bytes on chip for one tile of queries while it goes along blocks of t keys", tile);
    }
    if formula.kernels.len() > 1 {
        page += "\nkernels\n";
        for kernel in &formula.kernels {
            page += &wrapped("  ", "      ", &format!("{} × {}", kernel.path, kernel.repeat));
            page += &wrapped("    FLOPs ", "      ", &kernel.flops);
            page += &wrapped("    bytes ", "      ", &kernel.bytes);
        }
    }
    if !formula.exchanges.is_empty() {
        page += "\nexchanges\n";
        for it in &formula.exchanges {
            let kind = it.kind.replace('_', "-");
            page += &wrapped("  ", "      ", &format!("{} × {}: {kind} over {} ranks", it.path, it.repeat, it.ranks));
            page += &wrapped("    bytes ", "      ", &it.bytes);
            page += &wrapped("    why ", "      ", &it.reason);
        }
    }
    page + &foot(&formula.notes)
}
