//! Formulas and reports as tables that a person reads before accepting them.

use std::fmt::Write;

use cost_core::cost::{axes, kernels, totals};
use cost_core::expr::{Expr, Notation};
use cost_core::hardware;
use cost_core::op::Op;
use cost_core::{Operator, Options};
use cost_models::families::decoder::Decoder;
use cost_models::report::{bytes_of, report};
use cost_models::{Workload, catalogue};

/// The widest line of a table.
const WIDTH: usize = 118;

/// An operator's axes, and what it computes and moves at 16 bits, kernel by kernel. Of an architecture, whose layers are
/// operators of their own, only what fits on a line.
fn formulas(op: &Op<'_>, whole: bool) -> String {
    let kernels = kernels::<Expr>(op, &axes(op), &Options::default()).unwrap();
    let show = |expr: &Expr| expr.show(op.axes, Notation::Text).to_string();
    let mut text = format!("{}\n", broken(&format!("{} over ", op.name), &op.axes.join(", "), ", ", "    "));
    let mut line = |what: &str, flops: &Expr, bits: &Expr| {
        let bytes = bytes_of(bits).unwrap();
        let _ = writeln!(text, "  {what}");
        for (what, formula) in [("    FLOPs ", show(flops)), ("    bytes ", show(&bytes))] {
            if whole || what.len() + formula.chars().count() <= WIDTH {
                let _ = writeln!(text, "{}", broken(what, &formula, " ", "        "));
            }
        }
    };
    if kernels.len() == 1 {
        let totals = totals(&kernels).unwrap();
        line("in all", &totals.flops.total().unwrap(), &totals.bits.total().unwrap());
        return text;
    }
    for kernel in &kernels {
        let what = format!("{} × {}", kernel.path, show(&kernel.repeat));
        line(&what, &kernel.flops.total().unwrap(), &kernel.bits().unwrap().total().unwrap());
    }
    text
}

/// A text behind a heading, broken after separators into lines that a person can read.
fn broken(heading: &str, text: &str, separator: &str, indent: &str) -> String {
    let (mut lines, mut line) = (String::new(), heading.to_owned());
    for part in text.split_inclusive(separator) {
        if line.chars().count() + part.trim_end().chars().count() > WIDTH {
            let _ = writeln!(lines, "{}", line.trim_end());
            indent.clone_into(&mut line);
        }
        line.push_str(part);
    }
    lines + line.trim_end()
}

/// The operators that can be asked for by name, in tables of a page or so.
const TABLES: [(&str, &[&str]); 6] = [
    ("latent", &["Mla", "Latent", "Indexe", "Selected"]),
    ("recurrent", &["Mamba", "Delta", "Scan"]),
    ("layers", &["Layer", "SelfAttention", "FeedForward"]),
    ("mixtures", &["Moe", "Expert", "Router", "Weighted"]),
    ("attention", &["Attention", "Step", "Tile"]),
    ("others", &[""]),
];

#[test]
fn operators() {
    for (table, _) in TABLES {
        let belongs = |op: &&Op<'_>| {
            let of = TABLES.iter().find(|(_, names)| names.iter().any(|name| op.name.contains(name)));
            of.is_some_and(|(own, _)| *own == table)
        };
        let all: Vec<String> = cost_models::operators().filter(belongs).map(|op| formulas(op, true)).collect();
        insta::assert_snapshot!(format!("operators_{table}"), all.join("\n"));
    }
}

#[test]
fn architectures() {
    insta::assert_snapshot!(formulas(Decoder::OP, false));
}

/// Numbers in full, one kernel a line, for two devices.
fn table(model: &str, workload: &Workload) -> String {
    let devices = ["h100", "a100"].map(|name| hardware::find(name).unwrap());
    let report = report(&catalogue::find(model).unwrap(), workload, &Options::default(), &devices).unwrap();
    let whole = |bytes: cost_models::report::Bytes| bytes.whole().unwrap();
    let mut text = format!("{} {}: {workload:?}\n\n", report.of.model, report.of.phase);
    let _ =
        writeln!(text, "{:34}{:>4}{:>18}{:>16}{:>10}  bound on {}", "kernel", "×", "FLOPs", "bytes", "FLOP/byte", {
            report.hardware.iter().map(|on| on.name.as_str()).collect::<Vec<_>>().join(", ")
        });
    for (i, kernel) in report.kernels.iter().enumerate() {
        let bounds: Vec<&str> = report.hardware.iter().map(|on| on.kernels[i].bound).collect();
        let (path, repeat, flops, bytes) = (&kernel.path, kernel.repeat, kernel.flops, whole(kernel.bytes));
        let _ = writeln!(
            text,
            "{path:34}{repeat:>4}{flops:>18}{bytes:>16}{:>10.3}  {}",
            kernel.intensity,
            bounds.join(", ")
        );
    }
    let (flops, bytes) = (&report.flops, &report.bytes);
    let _ = writeln!(text, "\nFLOPs {} = matmul {} + vector {}", flops.total, flops.matmul, flops.vector);
    let parts = [bytes.weights, bytes.acts_read, bytes.acts_written, bytes.cache_read, bytes.cache_written].map(whole);
    let [weights, acts_read, acts_written, cache_read, cache_written] = parts;
    let _ = writeln!(
        text,
        "bytes {} = weights {weights} + activations {acts_read} read, {acts_written} written",
        whole(bytes.total)
    );
    let _ = writeln!(text, "    + cache {cache_read} read, {cache_written} written");
    let _ = writeln!(text, "activations in memory at most {}", whole(report.memory.activations));
    for on in &report.hardware {
        let _ = writeln!(
            text,
            "{}: at least {:.3} ms, {} bound, ridge {:.2}",
            on.name,
            on.lower_bound_s * 1e3,
            on.bound,
            on.ridge
        );
    }
    text
}

#[test]
fn llama_2_7b_decodes() {
    insta::assert_snapshot!(table("llama-2-7b", &Workload::decode(1, 4095)));
}

#[test]
fn llama_3_1_8b_prefills() {
    insta::assert_snapshot!(table("llama-3.1-8b", &Workload::prefill(1, 2048)));
}
