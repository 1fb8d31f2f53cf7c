//! `cost explain`

use cost_api::ExplainRequest;
use cost_api::response::{Explain, ExplainedOperand, ExplainedStep, ExplainedTime, ExplainedUnit};

use crate::args::Printed;
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::table::{digits, foot, grouped, seconds, si, wrapped};

pub(crate) fn run(args: &Printed<ExplainRequest>) -> Result<()> {
    let explain = cost_api::explain(&args.request, &Disk).map_err(text)?;
    if args.output.json { output::json(&explain) } else { output::page(&page(&explain).into(), &args.output) }
}

fn page(it: &Explain) -> String {
    let mut page = wrapped("", "  ", &it.of);
    page += &wrapped("", "  ", &format!("{}, a kernel of {}", it.kernel, it.operator));
    let list = |pairs: Vec<String>| pairs.join(", ");
    if !it.axes.is_empty() {
        page +=
            &wrapped("there ", "  ", &list(it.axes.iter().map(|(axis, size)| format!("{axis} = {size}")).collect()));
    }
    if !it.sizes.is_empty() {
        page +=
            &wrapped("with ", "  ", &list(it.sizes.iter().map(|(axis, size)| format!("{axis} = {size}")).collect()));
    }
    page += "\nFLOPs\n";
    it.steps.iter().for_each(|step| page += &of_step(step));
    page += &sum(&it.flops_formula, &grouped(it.flops));
    page += "\nbytes\n";
    it.operands.iter().for_each(|operand| page += &of_operand(operand));
    page += &sum(&it.bytes_formula, &exact(it.bytes));
    page += &format!("\nintensity   {} FLOP/byte\n", digits(it.intensity));
    let number = grouped(it.repeat);
    let formula = if it.repeat_formula == number { String::new() } else { format!("{} = ", it.repeat_formula) };
    page += &wrapped("runs        ", "            ", &format!("{formula}{number} ×"));
    it.hardware.iter().for_each(|on| page += &of_device(on));
    page + &foot(&it.notes)
}

fn of_step(step: &ExplainedStep) -> String {
    let name = if step.text.starts_with(&step.name) { String::new() } else { format!("{} = ", step.name) };
    let class = step.class.map_or_else(|| "vector units".to_owned(), |class| format!("multiplies in {class}"));
    let mut page = wrapped("  ", "      ", &format!("{name}{}", step.text));
    let only = step.only.iter().fold(String::new(), |only, words| only + "; " + words);
    let over =
        if step.over.is_empty() { "one element".to_owned() } else { format!("each of {}", step.over.join(" × ")) };
    page += &wrapped("    ", "      ", &format!("{} for {over}: {}{only}; {class}", step.per_element, step.why));
    page + &wrapped("    = ", "      ", &format!("{} = {}", step.flops_formula, grouped(step.flops)))
}

fn of_operand(operand: &ExplainedOperand) -> String {
    let verb = if operand.written { "writes" } else { "reads" };
    let shape = format!("{}<{}>", operand.role, operand.shape.join(", "));
    let names: Vec<&str> = [&operand.gguf, &operand.hf].into_iter().flatten().map(String::as_str).collect();
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let bits = if operand.bits == "1" { "1 bit".to_owned() } else { format!("{} bits", operand.bits) };
    let mut page = wrapped("  ", "      ", &format!("{verb} {}: {shape}{names}", operand.path));
    page += &wrapped("    ", "      ", &format!("in {}, {bits} each; {}", operand.format, operand.rule));
    page + &wrapped("    = ", "      ", &format!("{} = {}", operand.bytes_formula, exact(operand.bytes)))
}

fn sum(formula: &str, number: &str) -> String {
    wrapped("  in all ", "      ", &format!("{formula} = {number}"))
}

fn exact(size: cost_models::report::Bytes) -> String {
    size.whole().map_or_else(|| size.to_f64().to_string(), grouped)
}

fn of_device(on: &ExplainedTime) -> String {
    let unit = |it: &ExplainedUnit, what: &str| {
        format!("{} {}{what} / {}{what}/s = {}", it.unit, spaced(it.amount), spaced(it.rate), seconds(it.seconds))
    };
    let products: Vec<String> = on.products.iter().map(|it| unit(it, "FLOP")).collect();
    let products = if products.is_empty() { String::new() } else { format!("{}; ", products.join(" then ")) };
    let said = format!("{products}{}; {}", unit(&on.vector, "FLOP"), unit(&on.memory, "B"));
    let head = format!("\non {}: at least {}, {} bound\n", on.name, seconds(on.lower_bound_s), on.bound);
    head + &wrapped("  the largest of ", "    ", &said)
}

/// A number before a unit.
fn spaced(number: f64) -> String {
    let number = si(number);
    if number.contains(' ') { number } else { number + " " }
}
