//! From a file's text to rows that know their kernels.

use std::collections::{BTreeMap, HashMap};

use cost_core::Options;
use cost_core::cost::{Formats, Kernel, Pattern, Routing, Work, kernels};
use cost_core::format::{Class, Format};
use cost_core::hardware::{self, Hardware};
use cost_core::library;
use cost_core::op::Op;
use cost_core::time::Features;

use crate::error::{Error, Result};
use crate::operators;
use crate::source::{Renamed, Row, Source, short};

/// Most rows of a file.
const MOST: usize = 1 << 21;

/// A measured time of kernels.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Where it stands in the file.
    pub line: u64,
    /// Who ran it.
    pub engine: String,
    /// By which kernel.
    pub kernel: String,
    /// The kind of work that it is an example of, and its class.
    pub work: Work,
    /// The class in which it multiplies.
    pub class: Class,
    /// The formats that it is stored in, where they aren't those of its class; else empty.
    pub stored: String,
    /// The operator and the sizes of its axes: what rows are held out by.
    pub shape: String,
    /// What ran, and how often each.
    pub kernels: Vec<(Features, f64)>,
    /// Seconds.
    pub seconds: f64,
    /// Whether what it reads may have been in the cache.
    pub warm: bool,
}

/// A measured time of a collective.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchanged {
    /// Where it stands in the file.
    pub line: u64,
    /// `all_reduce` and its like.
    pub kind: String,
    /// How many ranks.
    pub ranks: u64,
    /// Bytes of the whole array.
    pub bytes: u64,
    /// Seconds.
    pub seconds: f64,
}

/// What a file says of one device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Times of kernels.
    pub kernels: Vec<Measured>,
    /// Times of collectives.
    pub exchanges: Vec<Exchanged>,
    /// Rows with a note, which are no evidence, by the note.
    pub noted: BTreeMap<String, u64>,
    /// Rows of other devices.
    pub elsewhere: u64,
    /// Seconds of rows that were run kernel by kernel, without a graph, by engine.
    pub eager: Vec<(String, f64)>,
}

/// Finds the operators of a user's own files by the name that a row has.
pub type Resolve<'a> = dyn Fn(&str) -> core::result::Result<Option<library::Source>, String> + 'a;

const KINDS: [&str; 4] = ["all_reduce", "all_gather", "reduce_scatter", "all_to_all"];

/// Reads the rows of a device. An error names the line.
pub fn read(text: &str, source: Source, device: &Hardware, resolve: &Resolve<'_>) -> Result<Rows> {
    if source == Source::NcclTests {
        return nccl_tests(text);
    }
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| Error::file(short(&error.to_string())))?;
    let columns: HashMap<String, usize> = headers.iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
    let mut rows = Rows::default();
    let mut known: HashMap<String, Vec<Kernel<u128>>> = HashMap::new();
    let mut names: HashMap<String, bool> = HashMap::new();
    for (i, record) in reader.records().enumerate() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(i as u64 + 2, csv::Position::line);
            Error::line(line, cost_core::text::short(error, 200))
        })?;
        if i >= MOST {
            return Err(Error::file(format!("found more than {MOST} rows; expected at most as many")));
        }
        let line = record.position().map_or(i as u64 + 2, csv::Position::line);
        let Some(row) = source.renamed(&Row { line, columns: &columns, record: &record })? else { continue };
        if let Some(name) = &row.device {
            let own = match names.get(name) {
                Some(own) => *own,
                None => {
                    let found = hardware::find(name).is_ok_and(|it| it.id == device.id);
                    *names.entry(name.clone()).or_insert(found || *name == device.id)
                }
            };
            if !own {
                rows.elsewhere += 1;
                continue;
            }
        }
        if !row.note.is_empty() {
            if row.note == "eager" {
                rows.eager.push((row.engine.clone(), row.us * 1e-6));
            }
            *rows.noted.entry(row.note).or_default() += 1;
            continue;
        }
        if KINDS.contains(&row.operator.as_str()) {
            rows.exchanges.push(exchanged(line, &row)?);
        } else {
            rows.kernels.push(measured(line, row, device, resolve, &mut known)?);
        }
    }
    if rows.kernels.is_empty() && rows.exchanges.is_empty() {
        let device = &device.id;
        let elsewhere = rows.elsewhere;
        return Err(Error::file(format!(
            "found no row of {device} ({elsewhere} of other devices); expected at least {}",
            crate::FEWEST
        )));
    }
    Ok(rows)
}

fn exchanged(line: u64, row: &Renamed) -> Result<Exchanged> {
    let number = |axis: &str| {
        let text = row.at.iter().find(|(name, _)| name == axis).map(|(_, size)| size.as_str());
        let found = text.unwrap_or("nothing");
        text.and_then(|text| text.parse::<u64>().ok()).filter(|size| *size > 0).ok_or_else(|| {
            Error::line(line, format!("{axis}: found {}; expected a positive whole number", short(found)))
        })
    };
    if let Some((axis, _)) = row.at.iter().find(|(axis, _)| axis != "ranks" && axis != "bytes") {
        return Err(Error::line(
            line,
            format!("{} has no axis `{}`; expected ranks and bytes", row.operator, short(axis)),
        ));
    }
    let ranks = number("ranks")?;
    if ranks < 2 {
        return Err(Error::line(line, format!("ranks: found {ranks}; expected at least 2")));
    }
    Ok(Exchanged { line, kind: row.operator.clone(), ranks, bytes: number("bytes")?, seconds: row.us * 1e-6 })
}

fn measured(
    line: u64,
    row: Renamed,
    device: &Hardware,
    resolve: &Resolve<'_>,
    known: &mut HashMap<String, Vec<Kernel<u128>>>,
) -> Result<Measured> {
    let mut at: Vec<String> = row.at.iter().map(|(axis, size)| format!("{axis}={size}")).collect();
    at.sort();
    let shape = format!("{} {}", row.operator, at.join(","));
    let key = format!("{shape} {:?} {:?}", row.formats, row.multiply);
    let derived = match known.get(&key) {
        Some(derived) => derived,
        None => {
            let derived = derive(&row, resolve).map_err(|message| Error::line(line, message))?;
            known.entry(key).or_insert(derived)
        }
    };
    let of = |kernel: &Kernel<u128>| Ok((Features::of(kernel, device)?, kernel.repeat as f64));
    let kernels: Vec<(Features, f64)> = derived
        .iter()
        .map(of)
        .collect::<cost_core::Result<_>>()
        .map_err(|error| Error::line(line, error.to_string()))?;
    let most = kernels
        .iter()
        .filter(|(it, _)| it.work != Work::Other)
        .max_by(|(a, _), (b, _)| a.bound().total_cmp(&b.bound()));
    let (work, class) = most.or(kernels.first()).map_or((Work::Other, Class::F16), |(it, _)| (it.work, it.class));
    let stored = stored(&row, class);
    Ok(Measured {
        stored,
        line,
        engine: row.engine,
        kernel: row.kernel,
        work,
        class,
        shape,
        kernels,
        seconds: row.us * 1e-6,
        warm: row.warm,
    })
}

/// The formats of a row's tensors, where any isn't what its class multiplies.
fn stored(row: &Renamed, class: Class) -> String {
    let mut names: Vec<&str> = row.formats.iter().map(|(_, format)| format.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let own = |name: &&str| name.parse::<Format>().is_ok_and(|format| format.base.class == class);
    if names.iter().all(own) { String::new() } else { names.join("+") }
}

fn derive(row: &Renamed, resolve: &Resolve<'_>) -> core::result::Result<Vec<Kernel<u128>>, String> {
    if let Some(own) = resolve(&row.operator)? {
        return own.with(|op| derived(op, row));
    }
    let op = operators::named(&row.operator).ok_or_else(|| {
        let nearest = cost_core::nearest(&row.operator, operators::names().chain(KINDS));
        let near = nearest.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("operator: found `{}`; expected an operator's or a collective's name{near}", short(&row.operator))
    })?;
    derived(op, row)
}

fn derived(op: &Op<'_>, row: &Renamed) -> core::result::Result<Vec<Kernel<u128>>, String> {
    let mut sizes: Vec<Option<u128>> = vec![None; op.axes.len()];
    for (axis, size) in &row.at {
        let place = op
            .axis_named(axis)
            .ok_or_else(|| format!("{} has no axis `{}`; expected {}", op.name, short(axis), op.axes.join(", ")))?;
        let number = size.parse().map_err(|_| format!("{axis}: found `{}`; expected a whole number", short(size)))?;
        if sizes[usize::from(place)].replace(number).is_some() {
            return Err(format!("{axis}: found twice; expected one size"));
        }
    }
    let missing: Vec<&str> = (0..op.axes.len())
        .filter(|axis| sizes[*axis].is_none() && op.size_of(*axis).is_none())
        .map(|axis| op.axes[axis])
        .collect();
    if !missing.is_empty() {
        return Err(format!("found no size for {} of {}; expected one for each axis", missing.join(", "), op.name));
    }
    let sizes: Vec<u128> = sizes.into_iter().map(|size| size.unwrap_or(0)).collect();
    let set = row.formats.iter().map(|(pattern, format)| {
        let format: Format = format.parse().map_err(|error: cost_core::Error| format!("formats: {error}"))?;
        Ok::<_, String>((Pattern::new(pattern), format))
    });
    let formats = Formats { set: set.collect::<core::result::Result<_, _>>()?, ..Formats::default() };
    let multiply = match &row.multiply {
        Some(class) => vec![(Pattern::new("*"), class.parse::<Class>().map_err(|error| format!("multiply: {error}"))?)],
        None => vec![],
    };
    // Balanced routing: tokens reach as many experts as they can.
    let options = Options { formats, multiply, routing: Routing::Worst, ..Options::default() };
    kernels(op, &sizes, &options).map_err(|error| error.to_string())
}

/// The tables that nccl-tests prints: the collective from the line that names the program, or that says which it is; ranks from
/// the lines `# Rank …`; bytes and out-of-place microseconds from each row.
fn nccl_tests(text: &str) -> Result<Rows> {
    let mut rows = Rows::default();
    let (mut kind, mut ranks) = (None, 0_u64);
    for (line, text) in (1..).zip(text.lines()) {
        let plain = text.trim();
        if plain.starts_with('#') || plain.contains("_perf") {
            if plain.contains("Rank ") && plain.contains(" Pid ") {
                ranks += 1;
            }
            let program = ["all_reduce", "all_gather", "reduce_scatter", "alltoall"];
            if let Some(named) = program.iter().find(|name| plain.contains(&format!("{name}_perf"))) {
                kind = Some(if *named == "alltoall" { "all_to_all" } else { named });
                ranks = 0;
            }
            continue;
        }
        let fields: Vec<&str> = plain.split_whitespace().collect();
        let [bytes, _, _, _, _, time, ..] = fields.as_slice() else { continue };
        let Ok(bytes) = bytes.parse::<u64>() else { continue };
        let us = time.parse::<f64>().ok().filter(|us| us.is_finite() && *us > 0.0);
        let us = us.ok_or_else(|| {
            Error::line(line, format!("time: found `{}`; expected positive microseconds", short(time)))
        })?;
        let kind = kind.ok_or_else(|| {
            Error::line(line, "found no program before; expected a line with its name, as in # all_reduce_perf")
        })?;
        if ranks < 2 {
            return Err(Error::line(
                line,
                format!("found {ranks} lines `# Rank … Pid …` before; expected one for each rank"),
            ));
        }
        if bytes > 0 {
            rows.exchanges.push(Exchanged { line, kind: kind.to_owned(), ranks, bytes, seconds: us * 1e-6 });
        }
    }
    if rows.exchanges.is_empty() {
        return Err(Error::file("found no row of nccl-tests; expected at least 8"));
    }
    Ok(rows)
}
