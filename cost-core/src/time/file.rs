//! Constants as they stand in a device's file.

use core::fmt::Write;

use serde::{Deserialize, Serialize};

use super::{Constants, Entry, Exchange, Gap, Quality, Times};
use crate::cost::Work;
use crate::error::{Error, Result};
use crate::format::Class;
use crate::text::short;

/// What a file of constants holds; times in microseconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    device: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    gap: Vec<GapRow>,
    #[serde(default)]
    work: Vec<WorkRow>,
    #[serde(default)]
    exchange: Vec<ExchangeRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GapRow {
    engine: String,
    graph_us: f64,
    eager_us: Option<f64>,
    #[serde(default)]
    source: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkRow {
    engine: String,
    work: String,
    class: String,
    launch_us: f64,
    compute: f64,
    memory: f64,
    blend: u8,
    depth_us: f64,
    half: f64,
    unit_us: f64,
    width_us: f64,
    rows: u32,
    mape: f64,
    median: f64,
    low: f64,
    high: f64,
    coverage: f64,
    flops: [f64; 2],
    bytes: [f64; 2],
    depth: [f64; 2],
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExchangeRow {
    kind: String,
    latency_us: f64,
    hop: f64,
    share: f64,
    half_bytes: f64,
    rows: u32,
    mape: f64,
    low: f64,
    high: f64,
    bytes: [f64; 2],
    ranks: [f64; 2],
}

/// Reads the constants of one device from TOML, as [`text`] writes them. An error names the entry and the field.
pub fn parse(contents: &str) -> Result<Times> {
    let file: File = toml::from_str(contents).map_err(|error| Error::HardwareFile { message: short(error, 1000) })?;
    file.times()
}

impl File {
    /// What it says, checked.
    pub(crate) fn times(self) -> Result<Times> {
        let gaps = self.gap.into_iter().map(|row| {
            positive(
                "gap",
                &row.engine,
                &[("graph_us", row.graph_us, 1e9), ("eager_us", row.eager_us.unwrap_or_default(), 1e9)],
                true,
            )?;
            Ok(Gap {
                engine: row.engine,
                graph: row.graph_us * 1e-6,
                eager: row.eager_us.map(|us| us * 1e-6),
                source: row.source,
            })
        });
        Ok(Times {
            gaps: gaps.collect::<Result<_>>()?,
            entries: self.work.into_iter().map(entry).collect::<Result<_>>()?,
            exchanges: self.exchange.into_iter().map(exchange).collect::<Result<_>>()?,
            device: self.device,
            source: self.source,
        })
    }
}

fn wrong(of: &str, name: &str, field: &str, found: &str, expected: &str) -> Error {
    let message = format!("{of} `{}`: {field} is {}; expected {expected}", short(name, 100), short(found, 100));
    Error::HardwareFile { message }
}

/// An error unless all fields are positive (or zero, where that may be) and at most so much.
fn positive(of: &str, name: &str, fields: &[(&str, f64, f64)], zero: bool) -> Result<()> {
    let outside = fields
        .iter()
        .find(|(_, value, most)| !(value.is_finite() && *value <= *most && (*value > 0.0 || zero && *value == 0.0)));
    match outside {
        Some((field, value, most)) => {
            let from = if zero { "from 0 to" } else { "a positive number up to" };
            Err(wrong(of, name, field, &value.to_string(), &format!("{from} {most}")))
        }
        None => Ok(()),
    }
}

fn entry(row: WorkRow) -> Result<Entry> {
    let name = format!("{} {} {}", row.engine, row.work, row.class);
    let kinds = || Work::ALL.map(Work::name).join(", ");
    let work = Work::named(&row.work)
        .ok_or_else(|| wrong("work", &name, "work", &row.work, &format!("one of {}", kinds())))?;
    let class: Class = row.class.parse()?;
    positive(
        "work",
        &name,
        &[
            ("compute", row.compute, 2.0),
            ("memory", row.memory, 2.0),
            ("half", row.half, 1e12),
            ("low", row.low, 1e3),
            ("high", row.high, 1e3),
        ],
        false,
    )?;
    let times = [
        ("launch_us", row.launch_us, 1e9),
        ("depth_us", row.depth_us, 1e9),
        ("unit_us", row.unit_us, 1e9),
        ("width_us", row.width_us, 1e9),
        ("mape", row.mape, 1e6),
        ("coverage", row.coverage, 1.0),
    ];
    positive("work", &name, &times, true)?;
    if ![1, 2, 4, 8].contains(&row.blend) {
        return Err(wrong("work", &name, "blend", &row.blend.to_string(), "1, 2, 4 or 8"));
    }
    Ok(Entry {
        engine: row.engine,
        work,
        class,
        constants: Constants {
            launch: row.launch_us * 1e-6,
            compute: row.compute,
            memory: row.memory,
            blend: row.blend,
            depth: row.depth_us * 1e-6,
            half: row.half,
            unit: row.unit_us * 1e-6,
            width: row.width_us * 1e-6,
        },
        quality: Quality {
            rows: row.rows,
            mape: row.mape,
            median: row.median,
            low: row.low,
            high: row.high,
            coverage: row.coverage,
            flops: row.flops,
            bytes: row.bytes,
            depth: row.depth,
        },
    })
}

fn exchange(row: ExchangeRow) -> Result<Exchange> {
    positive("exchange", &row.kind, &[("latency_us", row.latency_us, 1e9), ("share", row.share, 2.0)], false)?;
    positive("exchange", &row.kind, &[("hop", row.hop, 1e3), ("half_bytes", row.half_bytes, 1e15)], true)?;
    Ok(Exchange {
        kind: row.kind,
        latency: row.latency_us * 1e-6,
        hop: row.hop,
        share: row.share,
        half: row.half_bytes,
        rows: row.rows,
        mape: row.mape,
        low: row.low,
        high: row.high,
        bytes: row.bytes,
        ranks: row.ranks,
    })
}

/// The constants as TOML, with five digits of each: what [`parse`] reads. `inside` is what stands before the names of its
/// tables, as in `device.times.`
pub fn text(times: &Times, inside: &str) -> String {
    let quoted = |text: &str| {
        let plain: String = text.chars().filter(|c| !c.is_control()).collect();
        format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
    };
    let mut out = format!("device = {}\nsource = {}\n", quoted(&times.device), quoted(&times.source));
    for Gap { engine, graph, eager, source } in &times.gaps {
        let _ = write!(
            out,
            "\n[[{inside}gap]]\nengine = {}\ngraph_us = {}\n{}source = {}\n",
            quoted(engine),
            five(graph * 1e6),
            eager.map_or_else(String::new, |eager| format!("eager_us = {}\n", five(eager * 1e6))),
            quoted(source)
        );
    }
    for Entry { engine, work, class, constants: c, quality: q } in &times.entries {
        let _ = write!(
            out,
            "\n[[{inside}work]]\nengine = {}\nwork = \"{}\"\nclass = \"{}\"\nlaunch_us = {}\ncompute = {}\nmemory = {}\nblend = {}\n\
             depth_us = {}\nhalf = {}\nunit_us = {}\nwidth_us = {}\nrows = {}\nmape = {}\nmedian = {}\nlow = {}\nhigh = {}\n\
             coverage = {}\nflops = {}\nbytes = {}\ndepth = {}\n",
            quoted(engine),
            work.name(),
            class.name(),
            five(c.launch * 1e6),
            five(c.compute),
            five(c.memory),
            c.blend,
            five(c.depth * 1e6),
            five(c.half),
            five(c.unit * 1e6),
            five(c.width * 1e6),
            q.rows,
            five(q.mape),
            five(q.median),
            five(q.low),
            five(q.high),
            five(q.coverage),
            pair(q.flops),
            pair(q.bytes),
            pair(q.depth),
        );
    }
    for it in &times.exchanges {
        let _ = write!(
            out,
            "\n[[{inside}exchange]]\nkind = \"{}\"\nlatency_us = {}\nhop = {}\nshare = {}\nhalf_bytes = {}\nrows = {}\nmape = {}\n\
             low = {}\nhigh = {}\nbytes = {}\nranks = {}\n",
            it.kind,
            five(it.latency * 1e6),
            five(it.hop),
            five(it.share),
            five(it.half),
            it.rows,
            five(it.mape),
            five(it.low),
            five(it.high),
            pair(it.bytes),
            pair(it.ranks),
        );
    }
    out
}

fn pair([least, most]: [f64; 2]) -> String {
    format!("[{}, {}]", five(least), five(most))
}

/// A number with five digits, as TOML writes numbers with a fraction.
fn five(value: f64) -> String {
    let rounded: f64 = format!("{value:.4e}").parse().unwrap_or(value);
    format!("{rounded:?}")
}
