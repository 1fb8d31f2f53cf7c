//! Measured kernel times held against their derived lower bounds: `cargo run --release -p cost-tests --example measured -- DIR`.
//!
//! `DIR` holds CSV files of kernels as benchmarks measured them: `gemm.csv` (`gpu, dtype, m, n, k, us, note`),
//! `attn_context.csv` and `attn_decode.csv` (`attn_dtype, kv_dtype, batch, seq` or `kv_len, heads, kv_heads, head_dim,
//! window`), `mla_context.csv` and `mla_decode.csv` (`dtype, kv_dtype, batch, seq` or `kv_len, heads`; DeepSeek-V3's sizes),
//! `moe.csv` (`dtype, tokens, hidden, inter, topk, experts, tp`). A row with a `note` is no evidence and is passed over.
//!
//! Benchmarks that don't flush the L2 cache find in it what fits, so that only traffic beyond its size is a bound for them:
//! a row that is faster than that is a fault, of the measurement or of the bound. The table says how many rows are faster
//! than the whole bound (`L2 faster`) and than what is left of it (`faster`), the least measured time over the latter, and
//! percentiles over the former.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use cost_core::cost::{Formats, Kernel, Pattern, Routing};
use cost_core::format::{Class, Format};
use cost_core::hardware::{self, Hardware};
use cost_core::roofline::time_of;
use cost_core::{Operator, Options};
use cost_macros::cost;
use cost_models::ops::{Attention, Linear, MlaAbsorbedAttention, MlaPlainAttention, SwiGlu};

type Row = BTreeMap<String, String>;
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Routed feed-forward networks on tokens that come with their choice.
#[cost]
fn Experts<b, s, d, f, e, top>(x: Act<b, s, d>, gates: Act<b, s, top>) -> Act<b, s, d> {
    experts::<e, top>(SwiGlu { .. }(x), gates)
}

/// How the rows of a file become kernels.
type Derive = fn(&Row) -> Result<Vec<Kernel<u128>>>;

const FILES: [(&str, Derive); 6] = [
    ("gemm", gemm),
    ("attn_context", prefill),
    ("attn_decode", decode),
    ("mla_context", latent_prefill),
    ("mla_decode", latent_decode),
    ("moe", experts),
];

fn main() -> ExitCode {
    match std::env::args().nth(1).ok_or_else(|| "expected a folder of CSV files".into()).and_then(|dir| all(&dir)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Prints a line for each file and device; whether no row is faster than what its bound leaves without the L2 cache.
fn all(dir: &str) -> Result<bool> {
    println!(
        "{:<13} {:<20} {:>6} {:>9} {:>6} {:>6} {:>6} {:>6} {:>6}",
        "kernels", "device", "rows", "L2 faster", "faster", "least", "10 %", "median", "90 %"
    );
    let mut faster = 0;
    for (name, derive) in FILES {
        for (device, ratios) in ratios(&Path::new(dir).join(name).with_extension("csv"), derive)? {
            faster += ratios.print(name, &device);
        }
    }
    println!("\n{faster} rows are faster than their bounds");
    Ok(faster == 0)
}

/// Measured times over bounds, sorted: with what the L2 cache can hold taken off, and without.
#[derive(Default)]
struct Ratios {
    warm: Vec<f64>,
    cold: Vec<f64>,
}

impl Ratios {
    fn print(mut self, name: &str, device: &str) -> usize {
        self.warm.sort_by(f64::total_cmp);
        self.cold.sort_by(f64::total_cmp);
        let below = |ratios: &[f64]| ratios.iter().filter(|ratio| **ratio < 1.0).count();
        let share = |tenths: usize| self.cold[(self.cold.len() - 1) * tenths / 10];
        let (rows, cold, faster) = (self.warm.len(), below(&self.cold), below(&self.warm));
        println!(
            "{name:<13} {device:<20} {rows:>6} {cold:>9} {faster:>6} {:>6.3} {:>6.2} {:>6.2} {:>6.1}",
            self.warm[0],
            share(1),
            share(5),
            share(9)
        );
        faster
    }
}

fn ratios(path: &Path, derive: Derive) -> Result<BTreeMap<String, Ratios>> {
    let mut reader = csv::Reader::from_path(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut found: BTreeMap<String, Ratios> = BTreeMap::new();
    for (line, row) in reader.deserialize::<Row>().enumerate() {
        let row = row?;
        if !text(&row, "note")?.is_empty() {
            continue;
        }
        let kernels = derive(&row).map_err(|error| format!("{}, row {}: {error}", path.display(), line + 2))?;
        let device = hardware::find(text(&row, "gpu")?)?;
        let measured = text(&row, "us")?.parse::<f64>()? * 1e-6;
        let ratios = found.entry(device.id.to_string()).or_default();
        let l2 = device.figures.l2_mib.unwrap_or_default() * f64::from(1 << 23);
        ratios.warm.push(measured / bound(&kernels, &device, l2)?);
        ratios.cold.push(measured / bound(&kernels, &device, 0.0)?);
    }
    Ok(found)
}

/// Seconds that kernels take at least, where so many bits of what each moves needn't come from memory.
fn bound(kernels: &[Kernel<u128>], device: &Hardware, cached: f64) -> Result<f64> {
    let times = kernels.iter().map(|kernel| {
        let bits = (kernel.bits()?.total()? as f64 - cached).max(0.0);
        let by_class = kernel.flops.by_class.map(|flops| flops as f64);
        Ok(time_of(by_class, 0.0, bits, device).lower_bound_s * kernel.repeat as f64)
    });
    times.sum()
}

fn gemm(row: &Row) -> Result<Vec<Kernel<u128>>> {
    let (x, w) = match text(row, "dtype")? {
        "bfloat16" => ("bf16", "bf16"),
        "int8_wo" => ("bf16", "int8"),
        "int4_wo" => ("bf16", "int4"),
        "sq" => ("int8", "int8"),
        "fp8" | "fp8_block" => ("fp8", "fp8"),
        "nvfp4" => ("nvfp4", "nvfp4"),
        other => return Err(format!("dtype {other}").into()),
    };
    let [m, n, k] = sizes(row, ["m", "n", "k"])?;
    stored(&Linear { b: 1, s: m, d: k, f: n }, &[("x", x), ("w", w)], None)
}

fn prefill(row: &Row) -> Result<Vec<Kernel<u128>>> {
    let [s] = sizes(row, ["seq"])?;
    attention(row, s, s)
}

fn decode(row: &Row) -> Result<Vec<Kernel<u128>>> {
    let [t] = sizes(row, ["kv_len"])?;
    attention(row, 1, t)
}

/// Heads of 192 have values of 128.
fn attention(row: &Row, s: u64, t: u64) -> Result<Vec<Kernel<u128>>> {
    let [b, heads, n, k, window] = sizes(row, ["batch", "heads", "kv_heads", "head_dim", "window"])?;
    let w = if window == 0 { t } else { window.min(t) };
    let h = if k == 192 { 128 } else { k };
    let op = Attention { b, s, t, w, n, g: heads / n, k, h, capped: 0, sinks: 0 };
    let (acts, cache) = (dtype(row, "attn_dtype")?, dtype(row, "kv_dtype")?);
    stored(&op, &[("q", acts), ("keys", cache), ("values", cache)], class(acts))
}

fn latent_prefill(row: &Row) -> Result<Vec<Kernel<u128>>> {
    let [b, s, h] = sizes(row, ["batch", "seq", "heads"])?;
    let op = MlaPlainAttention { b, s, t: s, h, k: 128, v: 128, p: 64 };
    latent(row, &op)
}

fn latent_decode(row: &Row) -> Result<Vec<Kernel<u128>>> {
    let [b, t, h] = sizes(row, ["batch", "kv_len", "heads"])?;
    let op = MlaAbsorbedAttention { b, s: 1, t, h, c: 512, p: 64 };
    latent(row, &op)
}

fn latent<O: Operator>(row: &Row, op: &O) -> Result<Vec<Kernel<u128>>> {
    let cache = dtype(row, "kv_dtype")?;
    let named = ["keys", "values", "latent", "rope_keys"].map(|name| (name, cache));
    stored(op, &named, class(cache))
}

/// Balanced routing: tokens reach as many experts as they can.
fn experts(row: &Row) -> Result<Vec<Kernel<u128>>> {
    let (acts, weights) = match text(row, "dtype")? {
        "bfloat16" => ("bf16", "bf16"),
        "int4_wo" => ("bf16", "int4"),
        "w4a16_mxfp4" => ("bf16", "mxfp4"),
        "w4a8_mxfp4_mxfp8" => ("fp8", "mxfp4"),
        "fp8" | "fp8_block" => ("fp8", "fp8"),
        "nvfp4" => ("nvfp4", "nvfp4"),
        other => return Err(format!("dtype {other}").into()),
    };
    let [tokens, d, inter, top, e, tp] = sizes(row, ["tokens", "hidden", "inter", "topk", "experts", "tp"])?;
    let op = Experts { b: 1, s: tokens, d, f: inter / tp, e, top };
    let class = if acts == "bf16" { None } else { class(acts) };
    stored(&op, &[("*swi_glu.*", weights), ("x", acts)], class)
}

/// The kernels of an operator whose tensors are stored so, and whose products multiply in a class.
fn stored<O: Operator>(op: &O, named: &[(&str, &str)], class: Option<Class>) -> Result<Vec<Kernel<u128>>> {
    let set = named.iter().map(|(name, format)| Ok((Pattern::new(name), format.parse::<Format>()?)));
    let formats = Formats { set: set.collect::<Result<_>>()?, ..Formats::default() };
    let multiply = class.map(|class| (Pattern::new("*"), class)).into_iter().collect();
    Ok(op.kernels(&Options { formats, multiply, routing: Routing::Worst, ..Options::default() })?)
}

/// The class that quantised activations multiply in; nothing for what isn't quantised.
fn class(format: &str) -> Option<Class> {
    match format {
        "fp8" => Some(Class::F8),
        "nvfp4" => Some(Class::F4),
        _ => None,
    }
}

fn dtype(row: &Row, column: &str) -> Result<&'static str> {
    match text(row, column)? {
        "bfloat16" => Ok("bf16"),
        "fp8" => Ok("fp8"),
        other => Err(format!("{column} {other}").into()),
    }
}

fn sizes<const N: usize>(row: &Row, columns: [&str; N]) -> Result<[u64; N]> {
    let mut found = [0; N];
    for (size, column) in found.iter_mut().zip(columns) {
        *size = text(row, column)?.parse().map_err(|error| format!("{column}: {error}"))?;
    }
    Ok(found)
}

fn text<'r>(row: &'r Row, column: &str) -> Result<&'r str> {
    row.get(column).map(String::as_str).ok_or_else(|| format!("no column {column}").into())
}
