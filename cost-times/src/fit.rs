//! All constants of a device, from its rows.

use std::collections::BTreeMap;

use cost_core::cost::Work;
use cost_core::format::Class;
use cost_core::hardware::Hardware;
use cost_core::time::{ANY, Constants, Entry, Exchange, Gap, Quality, Times, shipped};

use crate::error::{Error, Result};
use crate::read::{Exchanged, Measured, Rows};
use crate::{exchange, group};

/// Fewer rows, or shapes, than this tell nothing.
pub const FEWEST: usize = 8;

/// Fewer rows than this have shape terms of other devices.
const SHAPES: usize = 32;

/// Most rows that are named as faster than their bound.
const NAMED: usize = 10;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The constants.
    pub times: Times,
    /// How each group of rows does: a kind of work in a class, by an engine's kernel, or by all.
    pub groups: Vec<GroupAnswer>,
    /// By kind of work and class, over groups of one kernel.
    pub summary: Vec<SummaryAnswer>,
    /// By kind of collective.
    pub exchanges: Vec<ExchangeAnswer>,
    /// The first rows that are faster than what their bound leaves without the cache.
    pub faster: Vec<Faster>,
    /// How many there are.
    pub faster_rows: u64,
    /// What is to be said beside.
    pub notes: Vec<String>,
}

/// How a group of rows does, held out by shape.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupAnswer {
    /// The engine, or `any` for all rows.
    pub engine: String,
    /// The kernel, where rows of one were fitted.
    pub kernel: String,
    /// What it reads is stored in these formats, where they aren't those of its class.
    pub stored: String,
    /// The kind of work.
    pub work: Work,
    /// The class of numbers.
    pub class: Class,
    /// How many shapes.
    pub shapes: usize,
    /// Whether shape terms are those of shipped constants.
    pub borrowed: bool,
    /// The constants.
    pub constants: Constants,
    /// How they do.
    pub quality: Quality,
}

/// What groups of one kernel have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryAnswer {
    /// The kind of work.
    pub work: Work,
    /// The class of numbers.
    pub class: Class,
    /// How many groups.
    pub groups: usize,
    /// How many rows.
    pub rows: usize,
    /// The median over groups of their mean error.
    pub mape: f64,
    /// The median error of all their rows.
    pub median: f64,
    /// The share of rows in their intervals.
    pub coverage: f64,
}

/// How a collective does, held out by size.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeAnswer {
    /// Its constants and errors.
    pub exchange: Exchange,
    /// Rows beyond the links that are known of the device.
    pub left_out: usize,
}

/// A row faster than its bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Faster {
    /// Its line.
    pub line: u64,
    /// What it is.
    pub what: String,
    /// Seconds measured.
    pub seconds: f64,
    /// Seconds at least.
    pub bound: f64,
}

/// A group of rows.
struct Group<'r> {
    engine: &'r str,
    kernel: &'r str,
    stored: &'r str,
    rows: Vec<&'r Measured>,
}

/// The constants of a device. The same rows in another order give the same, to the last digit.
///
/// An error if there are fewer than [`FEWEST`] rows, or shapes, of everything.
pub fn fit(rows: &Rows, device: &Hardware, from: &str) -> Result<Answer> {
    let mut kernels: Vec<&Measured> = rows.kernels.iter().collect();
    kernels.sort_by(|a, b| {
        let key = |it: &Measured| {
            (it.work, it.class as usize, it.shape.clone(), it.engine.clone(), it.kernel.clone(), it.stored.clone())
        };
        key(a).cmp(&key(b)).then(a.seconds.total_cmp(&b.seconds)).then(a.warm.cmp(&b.warm))
    });
    let mut exchanges: Vec<&Exchanged> = rows.exchanges.iter().collect();
    exchanges.sort_by(|a, b| {
        let key = |it: &Exchanged| (it.kind.clone(), it.ranks, it.bytes);
        key(a).cmp(&key(b)).then(a.seconds.total_cmp(&b.seconds))
    });
    let mut kinds: BTreeMap<(Work, usize), Vec<&Measured>> = BTreeMap::new();
    for row in &kernels {
        kinds.entry((row.work, row.class as usize)).or_default().push(row);
    }
    let mut notes = Vec::new();
    let mut groups: Vec<((Work, Class), Group<'_>)> = Vec::new();
    for ((work, class), rows) in &kinds {
        let class = Class::ALL[*class];
        let shapes = distinct(rows);
        if rows.len() < FEWEST || shapes < FEWEST {
            let (rows, work, class) = (rows.len(), work.name(), class.name());
            notes.push(format!(
                "{work} in {class}: found {rows} rows of {shapes} shapes; expected at least {FEWEST} of each"
            ));
            continue;
        }
        let mut own: BTreeMap<(&str, &str, &str), Vec<&Measured>> = BTreeMap::new();
        for row in rows {
            own.entry((&row.engine, &row.kernel, &row.stored)).or_default().push(row);
        }
        if own.len() > 1 {
            for ((engine, kernel, stored), rows) in own {
                if rows.len() >= SHAPES && distinct(&rows) >= FEWEST {
                    groups.push(((*work, class), Group { engine, kernel, stored, rows }));
                }
            }
        }
        // What is stored otherwise has kernels of its own.
        let plain: Vec<&Measured> = rows.iter().filter(|row| row.stored.is_empty()).copied().collect();
        let all = if plain.len() >= SHAPES && distinct(&plain) >= FEWEST { plain } else { rows.clone() };
        groups.push(((*work, class), Group { engine: ANY, kernel: "", stored: "", rows: all }));
    }
    let cache = device.figures.l2_mib.unwrap_or_default() * f64::from(1 << 20);
    let found = each(&groups, cache)?;
    let (exchanges, left_out) = fitted_exchanges(&exchanges, device, &mut notes);
    if groups.is_empty() && exchanges.is_empty() {
        return Err(Error::file(match notes.as_slice() {
            [] => "found no rows that can be fitted".to_owned(),
            notes => notes.join("; "),
        }));
    }
    let summary = summarised(&groups, &found);
    let mut answer = Answer {
        times: Times { device: device.id.to_string(), source: from.to_owned(), ..Times::default() },
        groups: Vec::new(),
        summary,
        exchanges: Vec::new(),
        faster: Vec::new(),
        faster_rows: 0,
        notes,
    };
    entries(&groups, found, &mut answer);
    answer.times.gaps = gaps(rows);
    for (exchange, left_out) in exchanges.into_iter().zip(left_out) {
        answer.times.exchanges.push(exchange.clone());
        answer.exchanges.push(ExchangeAnswer { exchange, left_out });
    }
    faster(&kernels, device, cache, &mut answer);
    Ok(answer)
}

fn distinct(rows: &[&Measured]) -> usize {
    let mut shapes: Vec<&str> = rows.iter().map(|row| row.shape.as_str()).collect();
    shapes.sort_unstable();
    shapes.dedup();
    shapes.len()
}

/// Fits all groups, on as many threads as there are.
fn each(groups: &[((Work, Class), Group<'_>)], cache: f64) -> Result<Vec<(group::Found, bool)>> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(groups.len().max(1));
    // The largest first, so that none is left alone in the end.
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|at| core::cmp::Reverse(groups[*at].1.rows.len()));
    let next = std::sync::atomic::AtomicUsize::new(0);
    let one = |at: usize| -> Result<(group::Found, bool)> {
        let ((work, class), group) = &groups[at];
        let borrowed = if group.rows.len() < SHAPES { Some(medians(*work, *class)?) } else { None };
        let borrowed = borrowed.flatten();
        Ok((group::fit(*work, &group.rows, cache, borrowed.as_ref()), borrowed.is_some()))
    };
    let mut found: Vec<(usize, Result<(group::Found, bool)>)> = std::thread::scope(|scope| {
        let work = || {
            let mut own = Vec::new();
            while let Some(at) = order.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                own.push((*at, one(*at)));
            }
            own
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap_or_default()).collect()
    });
    found.sort_by_key(|(at, _)| *at);
    if found.len() != groups.len() {
        return Err(Error::file("a thread of the search ended early"));
    }
    found.into_iter().map(|(_, found)| found).collect()
}

/// The medians over shipped devices of the shape terms of a kind of work: of its class, or else of any; nothing if none has any.
fn medians(work: Work, class: Class) -> Result<Option<Constants>> {
    let mut all: Vec<(Class, Constants)> = Vec::new();
    for device in cost_core::time::devices() {
        let times = shipped(device).map_err(|error| Error::file(error.to_string()))?.unwrap_or_default();
        all.extend(
            times.entries.iter().filter(|it| it.engine == ANY && it.work == work).map(|it| (it.class, it.constants)),
        );
    }
    if all.iter().any(|(own, _)| *own == class) {
        all.retain(|(own, _)| *own == class);
    }
    let median = |of: fn(&Constants) -> f64| {
        let mut sorted: Vec<f64> = all.iter().map(|(_, it)| of(it)).collect();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied()
    };
    let mut blends: Vec<u8> = all.iter().map(|(_, it)| it.blend).collect();
    blends.sort_unstable();
    let Some(blend) = blends.get(blends.len() / 2).copied() else { return Ok(None) };
    let of = |value: fn(&Constants) -> f64| median(value).unwrap_or_default();
    Ok(Some(Constants {
        launch: of(|it| it.launch),
        compute: of(|it| it.compute),
        memory: of(|it| it.memory),
        blend,
        depth: of(|it| it.depth),
        half: of(|it| it.half),
        unit: of(|it| it.unit),
        width: of(|it| it.width),
    }))
}

fn fitted_exchanges(rows: &[&Exchanged], device: &Hardware, notes: &mut Vec<String>) -> (Vec<Exchange>, Vec<usize>) {
    let mut kinds: BTreeMap<&str, Vec<&Exchanged>> = BTreeMap::new();
    for row in rows {
        kinds.entry(&row.kind).or_default().push(row);
    }
    let (mut found, mut left) = (Vec::new(), Vec::new());
    for (kind, all) in kinds {
        let known: Vec<&Exchanged> =
            all.iter().filter(|row| exchange::link(device, row.ranks).is_some()).copied().collect();
        let left_out = all.len() - known.len();
        let mut sizes: Vec<(u64, u64)> = known.iter().map(|row| (row.ranks, row.bytes)).collect();
        sizes.dedup();
        if sizes.len() < FEWEST {
            let (rows, sizes) = (known.len(), sizes.len());
            let beyond =
                if left_out > 0 { format!(", {left_out} over links that aren't known") } else { String::new() };
            notes.push(format!(
                "{kind}: found {rows} rows of {sizes} sizes{beyond}; expected at least {FEWEST} of each"
            ));
            continue;
        }
        found.push(exchange::fit(kind, &known, device).0);
        left.push(left_out);
    }
    (found, left)
}

/// What the groups of one kernel have in common; where all rows are of one, that group.
fn summarised(groups: &[((Work, Class), Group<'_>)], found: &[(group::Found, bool)]) -> Vec<SummaryAnswer> {
    let mut kinds: BTreeMap<(Work, usize), Vec<(&Group<'_>, &group::Found)>> = BTreeMap::new();
    for (((work, class), group), (found, _)) in groups.iter().zip(found) {
        kinds.entry((*work, *class as usize)).or_default().push((group, found));
    }
    let each = kinds.into_iter().map(|((work, class), all)| {
        let kept = all.iter().any(|(group, _)| group.engine != ANY && group.stored.is_empty());
        let single: Vec<_> =
            all.iter().filter(|(group, _)| group.engine != ANY && (group.stored.is_empty() || !kept)).collect();
        let of: Vec<&group::Found> = if single.is_empty() {
            all.iter().map(|it| it.1).collect()
        } else {
            single.iter().map(|it| it.1).collect()
        };
        let mut means: Vec<f64> = of.iter().map(|it| it.quality.mape).collect();
        means.sort_by(f64::total_cmp);
        let mut errors: Vec<f64> = of.iter().flat_map(|it| it.errors.iter().copied()).collect();
        errors.sort_by(f64::total_cmp);
        let middle = means.len() / 2;
        let mape = if means.len() % 2 == 1 { means[middle] } else { f64::midpoint(means[middle - 1], means[middle]) };
        let inside: f64 = of.iter().map(|it| f64::from(it.inside)).sum();
        SummaryAnswer {
            work,
            class: Class::ALL[class],
            groups: of.len(),
            rows: errors.len(),
            mape,
            median: errors[errors.len() / 2],
            coverage: inside / errors.len() as f64,
        }
    });
    each.collect()
}

/// Says each group, and keeps the constants of all rows and, by engine, of the kernel with the most.
fn entries(groups: &[((Work, Class), Group<'_>)], found: Vec<(group::Found, bool)>, answer: &mut Answer) {
    let mut best: BTreeMap<(Work, usize, String), (bool, usize)> = BTreeMap::new();
    for (((work, class), group), (found, borrowed)) in groups.iter().zip(found) {
        let entry = Entry {
            engine: group.engine.to_owned(),
            work: *work,
            class: *class,
            constants: found.constants,
            quality: found.quality,
        };
        let rows = (group.stored.is_empty(), group.rows.len());
        let most = best.entry((*work, *class as usize, group.engine.to_owned())).or_default();
        if rows > *most {
            *most = rows;
            let same = |it: &Entry| it.engine == entry.engine && it.work == entry.work && it.class == entry.class;
            answer.times.entries.retain(|it| !same(it));
            answer.times.entries.push(entry.clone());
        }
        answer.groups.push(GroupAnswer {
            engine: group.engine.to_owned(),
            kernel: group.kernel.to_owned(),
            stored: group.stored.to_owned(),
            work: *work,
            class: *class,
            shapes: found.shapes,
            borrowed,
            constants: found.constants,
            quality: found.quality,
        });
    }
}

/// What a launch takes: in a graph no more than the shortest kernel does; by itself what the shortest of those that the host was
/// too slow for have taken.
fn gaps(rows: &Rows) -> Vec<Gap> {
    let mut engines: BTreeMap<&str, f64> = BTreeMap::new();
    for row in &rows.kernels {
        for engine in [ANY, row.engine.as_str()] {
            let least = engines.entry(engine).or_insert(f64::INFINITY);
            *least = least.min(row.seconds);
        }
    }
    let each = engines.into_iter().filter(|(engine, _)| !engine.is_empty()).map(|(engine, graph)| {
        let shortest = |of: &dyn Fn(&str) -> bool| {
            let mut all: Vec<f64> = rows.eager.iter().filter(|(engine, _)| of(engine)).map(|(_, it)| *it).collect();
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 10).copied()
        };
        let own = shortest(&|of| of == engine);
        let eager = own.or_else(|| shortest(&|_| true));
        let said = match (own, eager) {
            (_, None) => "",
            (Some(_), _) => "; eager: a tenth of the calls without a graph were shorter",
            (None, Some(_)) => "; eager: the same of all engines' calls without a graph",
        };
        Gap { engine: engine.to_owned(), graph, eager, source: format!("graph: the shortest row{said}") }
    });
    each.collect()
}

fn faster(rows: &[&Measured], device: &Hardware, cache: f64, answer: &mut Answer) {
    let mut found: Vec<Faster> = Vec::new();
    for row in rows {
        let bound: f64 = row
            .kernels
            .iter()
            .map(|(it, repeat)| {
                let kept = if row.warm { cache } else { 0.0 };
                it.compute.max((it.bytes - kept).max(0.0) / device.bandwidth()) * repeat
            })
            .sum();
        if row.seconds < bound {
            let what = format!("{} {}", row.kernel, row.shape);
            found.push(Faster { line: row.line, what: what.trim().to_owned(), seconds: row.seconds, bound });
        }
    }
    found.sort_by_key(|it| it.line);
    answer.faster_rows = found.len() as u64;
    found.truncate(NAMED);
    answer.faster = found;
}
