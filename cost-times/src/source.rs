//! How others name columns: only names and units are changed, so that a row says the same.

use std::collections::HashMap;

use crate::error::{Error, Result};

/// Whose columns a file has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// This project's: `operator`, `at`, `us`, and maybe `formats`, `multiply`, `cache`, `engine`, `kernel`, `device`, `note`.
    #[default]
    Own,
    /// The perf files of aiconfigurator's collectors (`gemm_perf`, `context_attention_perf`, `generation_attention_perf`,
    /// `context_mla_perf`, `generation_mla_perf`, `moe_perf`, `nccl_perf`), and selections of them.
    AiConfigurator,
    /// Vidur's `attention.csv`.
    Vidur,
    /// What the programs of nccl-tests print.
    NcclTests,
}

/// A row in this project's terms.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Renamed {
    pub(crate) device: Option<String>,
    pub(crate) engine: String,
    pub(crate) kernel: String,
    pub(crate) note: String,
    /// An operator's name, or that of a collective.
    pub(crate) operator: String,
    pub(crate) at: Vec<(String, String)>,
    pub(crate) formats: Vec<(String, String)>,
    pub(crate) multiply: Option<String>,
    pub(crate) us: f64,
    pub(crate) warm: bool,
}

/// A row as it stands in a file.
pub(crate) struct Row<'r> {
    pub(crate) line: u64,
    pub(crate) columns: &'r HashMap<String, usize>,
    pub(crate) record: &'r csv::StringRecord,
}

impl<'r> Row<'r> {
    /// The first of these columns that there is.
    fn get(&self, names: &[&str]) -> Option<&'r str> {
        names.iter().find_map(|name| self.columns.get(*name)).and_then(|at| self.record.get(*at)).map(str::trim)
    }

    fn need(&self, names: &[&str]) -> Result<&'r str> {
        self.get(names)
            .ok_or_else(|| Error::line(self.line, format!("found no column {}; expected it", names.join(" or "))))
    }

    fn number(&self, names: &[&str]) -> Result<u64> {
        let text = self.need(names)?;
        text.parse().map_err(|_| {
            Error::line(self.line, format!("{}: found `{}`; expected a whole number", names[0], short(text)))
        })
    }

    /// A time in microseconds, from a column in some unit.
    fn time(&self, name: &str, scale: f64) -> Result<f64> {
        let text = self.need(&[name])?;
        let us = text.parse::<f64>().ok().filter(|us| us.is_finite() && *us > 0.0);
        us.map(|us| us * scale).ok_or_else(|| {
            let unit = if scale > 1.0 { "milliseconds" } else { "microseconds" };
            Error::line(
                self.line,
                format!("{name}: found `{}`; expected a positive number of {unit}, without a unit", short(text)),
            )
        })
    }
}

pub(crate) fn short(text: &str) -> String {
    cost_core::text::short(text, 60)
}

fn axes<const N: usize>(pairs: [(&str, u64); N]) -> Vec<(String, String)> {
    pairs.into_iter().map(|(axis, size)| (axis.to_owned(), size.to_string())).collect()
}

fn formats(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(pattern, format)| ((*pattern).to_owned(), (*format).to_owned())).collect()
}

impl Source {
    /// The source of that name.
    pub fn named(name: &str) -> Option<Self> {
        [
            ("own", Self::Own),
            ("aiconfigurator", Self::AiConfigurator),
            ("vidur", Self::Vidur),
            ("nccl-tests", Self::NcclTests),
        ]
        .into_iter()
        .find(|(own, _)| *own == name)
        .map(|(_, source)| source)
    }

    /// A row in this project's terms; nothing if it is about something that isn't read.
    pub(crate) fn renamed(self, row: &Row<'_>) -> Result<Option<Renamed>> {
        match self {
            Self::Own => own(row).map(Some),
            Self::AiConfigurator => aiconfigurator(row).map(Some),
            Self::Vidur => vidur(row),
            Self::NcclTests => Err(Error::file("nccl-tests prints no CSV")),
        }
    }
}

fn own(row: &Row<'_>) -> Result<Renamed> {
    for other in ["ms", "latency", "latency_ms", "seconds", "s", "ns", "time"] {
        if row.columns.contains_key(other) {
            return Err(Error::line(
                1,
                format!("found a column {other}; expected times in microseconds, in one column us"),
            ));
        }
    }
    let list = |column: &str| -> Result<Vec<(String, String)>> {
        let text = row.get(&[column]).unwrap_or_default();
        let parts = text.split([';', ' ', ',']).filter(|part| !part.is_empty());
        parts
            .map(|part| match part.split_once('=') {
                Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
                None => Err(Error::line(row.line, format!("{column}: found `{}`; expected NAME=VALUE", short(part)))),
            })
            .collect()
    };
    let warm = match row.get(&["cache"]).unwrap_or_default() {
        "warm" => true,
        "" | "cold" => false,
        other => return Err(Error::line(row.line, format!("cache: found `{}`; expected warm or cold", short(other)))),
    };
    let text = |column: &str| row.get(&[column]).unwrap_or_default().to_owned();
    Ok(Renamed {
        device: row.get(&["device"]).filter(|text| !text.is_empty()).map(str::to_owned),
        engine: text("engine"),
        kernel: text("kernel"),
        note: text("note"),
        operator: row.need(&["operator"])?.to_owned(),
        at: list("at")?,
        formats: list("formats")?,
        multiply: row.get(&["multiply"]).filter(|text| !text.is_empty()).map(str::to_owned),
        us: row.time("us", 1.0)?,
        warm,
    })
}

/// The formats of a name of aiconfigurator's, and the class that it multiplies in.
fn dtype(row: &Row<'_>, name: &str) -> Result<(&'static str, &'static str, Option<&'static str>)> {
    Ok(match name {
        "bfloat16" | "float16" | "half" => ("bf16", "bf16", None),
        "int8_wo" => ("bf16", "int8", None),
        "int4_wo" => ("bf16", "int4", None),
        "w4a16_mxfp4" => ("bf16", "mxfp4", None),
        "w4a8_mxfp4_mxfp8" => ("fp8", "mxfp4", Some("fp8")),
        "sq" => ("int8", "int8", None),
        "fp8" | "fp8_block" => ("fp8", "fp8", Some("fp8")),
        "nvfp4" => ("nvfp4", "nvfp4", Some("fp4")),
        other => {
            return Err(Error::line(row.line, format!("dtype: found `{}`; expected one that is known", short(other))));
        }
    })
}

/// Collectors replay a graph of a kernel on the same tensors, so what fits the cache is in it.
fn aiconfigurator(row: &Row<'_>) -> Result<Renamed> {
    let us = match (row.get(&["us"]), row.get(&["latency"])) {
        (Some(_), None) => row.time("us", 1.0)?,
        (None, Some(_)) => row.time("latency", 1000.0)?,
        (Some(_), Some(_)) => return Err(Error::line(1, "found columns us and latency; expected one of them")),
        (None, None) => return Err(Error::line(1, "found no column us or latency; expected one of them")),
    };
    let mut renamed = Renamed {
        device: row.get(&["gpu"]).map(str::to_owned),
        engine: row.get(&["backend", "framework"]).unwrap_or_default().to_lowercase(),
        kernel: row.get(&["kernel", "kernel_source"]).unwrap_or_default().to_owned(),
        note: row.get(&["note"]).unwrap_or_default().to_owned(),
        us,
        warm: true,
        ..Renamed::default()
    };
    let has = |name: &str| row.columns.contains_key(name);
    if has("m") && has("n") && has("k") {
        let (x, w, class) = dtype(row, row.need(&["gemm_dtype", "dtype"])?)?;
        let [m, n, k] = [row.number(&["m"])?, row.number(&["n"])?, row.number(&["k"])?];
        "Linear".clone_into(&mut renamed.operator);
        renamed.at = axes([("b", 1), ("s", m), ("d", k), ("f", n)]);
        renamed.formats = formats(&[("x", x), ("w", w)]);
        renamed.multiply = class.map(str::to_owned);
    } else if has("topk") {
        experts(row, &mut renamed)?;
    } else if has("gpus") || has("num_gpus") {
        let op = row.need(&["op", "op_name"])?;
        if op == "alltoall" { "all_to_all" } else { op }.clone_into(&mut renamed.operator);
        renamed.at =
            axes([("ranks", row.number(&["gpus", "num_gpus"])?), ("bytes", row.number(&["bytes", "message_size"])?)]);
        renamed.warm = false;
    } else {
        attention(row, &mut renamed)?;
    }
    Ok(renamed)
}

fn experts(row: &Row<'_>, renamed: &mut Renamed) -> Result<()> {
    let (x, w, class) = dtype(row, row.need(&["moe_dtype", "dtype"])?)?;
    let inter = row.number(&["inter", "inter_size"])?;
    let tp = row.number(&["tp", "moe_tp_size"])?.max(1);
    if row.get(&["moe_ep_size"]).is_some_and(|ep| ep != "1") {
        "experts over ranks".clone_into(&mut renamed.note);
    }
    "RoutedSwiGlu".clone_into(&mut renamed.operator);
    renamed.at = axes([
        ("b", 1),
        ("s", row.number(&["tokens", "num_tokens"])?),
        ("d", row.number(&["hidden", "hidden_size"])?),
        ("f", inter / tp),
        ("e", row.number(&["experts", "num_experts"])?),
        ("top", row.number(&["topk"])?),
    ]);
    renamed.formats = formats(&[("*swi_glu.*", w), ("x", x)]);
    renamed.multiply = class.map(str::to_owned);
    Ok(())
}

fn attention(row: &Row<'_>, renamed: &mut Renamed) -> Result<()> {
    let b = row.number(&["batch", "batch_size"])?;
    let heads = row.number(&["heads", "num_heads"])?;
    let kv = dtype(row, row.need(&["kv_dtype", "kv_cache_dtype"])?)?.1;
    let decode =
        row.columns.contains_key("kv_len") || row.get(&["op_name"]).is_some_and(|op| op.starts_with("generation"));
    let (s, t) = if decode {
        let before = row
            .get(&["kv_len"])
            .map_or_else(|| Ok(row.number(&["isl"])? + row.number(&["step"])?), |_| row.number(&["kv_len"]))?;
        (1, before)
    } else {
        let s = row.number(&["seq", "isl"])?;
        let before = row.get(&["step"]).map_or(Ok(0), |_| row.number(&["step"]))?;
        (s, s + before)
    };
    let class = |kv: &str| (kv == "fp8").then(|| "fp8".to_owned());
    if !row.columns.contains_key("head_dim") {
        // DeepSeek's sizes: queries in the latent space while decoding, plain heads before.
        if decode { "MlaAbsorbedAttention" } else { "MlaPlainAttention" }.clone_into(&mut renamed.operator);
        renamed.at = if decode {
            axes([("b", b), ("s", s), ("t", t), ("h", heads), ("c", 512), ("p", 64)])
        } else {
            axes([("b", b), ("s", s), ("t", t), ("h", heads), ("k", 128), ("v", 128), ("p", 64)])
        };
        renamed.formats = formats(&[("keys", kv), ("values", kv), ("latent", kv), ("rope_keys", kv)]);
        renamed.multiply = class(kv);
        return Ok(());
    }
    let n = row.number(&["kv_heads", "num_key_value_heads"])?;
    // A multi-head row may say 0.
    let n = if n == 0 { heads } else { n };
    if n == 0 || !heads.is_multiple_of(n) {
        return Err(Error::line(
            row.line,
            format!("kv_heads: found {n} for {heads} heads; expected a divisor of them"),
        ));
    }
    let k = row.number(&["head_dim"])?;
    let window = row.get(&["window", "window_size"]).map_or(Ok(0), |_| row.number(&["window", "window_size"]))?;
    let acts = dtype(row, row.need(&["attn_dtype"])?)?.0;
    "Attention".clone_into(&mut renamed.operator);
    renamed.at = axes([
        ("b", b),
        ("s", s),
        ("t", t),
        ("w", if window == 0 { t } else { window.min(t) }),
        ("n", n),
        ("g", heads / n),
        ("k", k),
        // Heads of 192 have values of 128.
        ("h", if k == 192 { 128 } else { k }),
        ("capped", 0),
        ("sinks", 0),
    ]);
    renamed.formats = formats(&[("q", acts), ("keys", kv), ("values", kv)]);
    renamed.multiply = class(acts);
    Ok(())
}

/// Attention as Vidur profiles it: milliseconds, heads of all ranks over `num_tensor_parallel_workers`.
fn vidur(row: &Row<'_>) -> Result<Option<Renamed>> {
    let (column, prefill) = match row.need(&["is_prefill"])? {
        "True" | "true" => ("time_stats.attn_prefill.median", true),
        "False" | "false" => ("time_stats.attn_decode.median", false),
        other => {
            return Err(Error::line(row.line, format!("is_prefill: found `{}`; expected True or False", short(other))));
        }
    };
    let ranks = row.number(&["num_tensor_parallel_workers"])?.max(1);
    let [width, heads, n] = [row.number(&["n_embd"])?, row.number(&["n_q_head"])?, row.number(&["n_kv_head"])?];
    let [b, chunk, past] =
        [row.number(&["batch_size"])?, row.number(&["prefill_chunk_size"])?, row.number(&["kv_cache_size"])?];
    if heads == 0 || n == 0 || !heads.is_multiple_of(n) {
        return Err(Error::line(
            row.line,
            format!("n_kv_head: found {n} for {heads} heads; expected a divisor of them"),
        ));
    }
    let s = if prefill { chunk } else { 1 };
    if s == 0 || b == 0 {
        return Ok(None);
    }
    let t = past + s;
    let k = width / heads;
    Ok(Some(Renamed {
        engine: "vidur".to_owned(),
        kernel: row.get(&["attention_backend"]).unwrap_or_default().to_owned(),
        operator: "Attention".to_owned(),
        at: axes([
            ("b", b),
            ("s", s),
            ("t", t),
            ("w", t),
            ("n", n.div_ceil(ranks)),
            ("g", heads / n),
            ("k", k),
            ("h", k),
            ("capped", 0),
            ("sinks", 0),
        ]),
        us: row.time(column, 1000.0)?,
        warm: true,
        ..Renamed::default()
    }))
}
