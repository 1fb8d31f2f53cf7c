//! The constants of rows that are of one kind of work in one class of numbers.

use cost_core::cost::Work;
use cost_core::time::{Constants, Quality};

use crate::read::Measured;
use crate::search::least;

/// In how many parts shapes are held out.
const FOLDS: u64 = 3;

/// Rows that the sharpness of the blend is chosen by.
const FEW: usize = 300;

/// A row, as the search needs it.
struct Point {
    /// Seconds of compute and of memory traffic at the peaks; depth, units, width; the fourth power of the share of the cache
    /// that it would take; how often.
    kernels: Vec<([f64; 2], [f64; 3], f64, f64)>,
    /// Bounds of what has no constants.
    rest: f64,
    measured: f64,
    fold: u64,
}

/// What was found.
pub(crate) struct Found {
    pub(crate) constants: Constants,
    pub(crate) quality: Quality,
    /// |predicted/measured − 1| of each row held out, as they are sorted.
    pub(crate) errors: Vec<f64>,
    /// How many rows held out were in their interval.
    pub(crate) inside: u32,
    pub(crate) shapes: usize,
}

/// The numbers that are searched for, all as logarithms: launch (µs), shares of compute and memory, depth (µs) and half, unit (µs),
/// width (µs), and of warm rows the share of the cache that keeps what is read and how much faster it is there.
const NUMBERS: usize = 9;

/// Where the search begins, and which of the numbers it changes.
fn start(work: Work, shapes: bool, warm: bool) -> ([f64; NUMBERS], Vec<usize>) {
    let (values, mut free): ([f64; NUMBERS], Vec<usize>) = match work {
        Work::Gemm => ([2.5, 0.8, 0.8, 3.0, 1000.0, 5e-4, 0.0, 0.15, 2.0], vec![3, 4, 5]),
        Work::AttentionDecode | Work::LatentDecode => {
            ([6.0, 0.3, 0.8, 5.0, 500.0, 0.015, 0.01, 0.15, 2.0], vec![3, 4, 5, 6])
        }
        Work::AttentionPrefill | Work::LatentPrefill => {
            ([8.0, 0.5, 0.8, 5.0, 1000.0, 0.015, 0.01, 0.15, 2.0], vec![3, 4, 5])
        }
        Work::Experts => ([10.0, 0.6, 0.7, 0.0, 1.0, 0.05, 0.0, 0.15, 2.0], vec![5]),
        Work::Other => ([2.0, 0.8, 0.8, 0.0, 1.0, 0.0, 0.0, 0.15, 2.0], vec![]),
    };
    if !shapes {
        free.clear();
    }
    free.extend([0, 1, 2]);
    if warm {
        free.extend([7, 8]);
    }
    free.sort_unstable();
    (values, free)
}

fn constants(values: &[f64; NUMBERS], blend: u8, shapes: Option<&Constants>) -> Constants {
    let own = Constants {
        launch: values[0] * 1e-6,
        compute: values[1].min(1.5),
        memory: values[2].min(1.5),
        blend,
        depth: values[3] * 1e-6,
        half: values[4],
        unit: values[5] * 1e-6,
        width: values[6] * 1e-6,
    };
    shapes.map_or(own, |it| Constants { launch: own.launch, compute: own.compute, memory: own.memory, ..*it })
}

/// Seconds of a row by these constants; of warm ones what the cache keeps moves so much faster.
fn predicted(point: &Point, constants: &Constants, cached: Option<(f64, f64)>) -> f64 {
    let each = point.kernels.iter().map(|([compute, memory], shape, share, repeat)| {
        let memory = match cached {
            Some((kept, faster)) => {
                let from = share / (share + kept);
                memory * (from + (1.0 - from) / faster)
            }
            None => *memory,
        };
        constants.seconds(*compute, memory, *shape) * repeat
    });
    each.sum::<f64>() + point.rest
}

/// FNV-1a: the same on every machine.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Fits the constants. `shipped` are those that stand in for shape terms where rows are too few for their own.
pub(crate) fn fit(work: Work, rows: &[&Measured], cache: f64, shipped: Option<&Constants>) -> Found {
    let warm = cache > 0.0 && rows.iter().any(|row| row.warm);
    let points: Vec<Point> = rows.iter().map(|row| point(row, work, cache)).collect();
    let (from, free) = start(work, shipped.is_none(), warm);
    let logs: Vec<f64> = free.iter().map(|at| from[*at].ln()).collect();
    let values = |at: &[f64]| {
        let mut values = from;
        for (place, log) in free.iter().zip(at) {
            values[*place] = log.clamp(-35.0, 35.0).exp();
        }
        values
    };
    let cached = |values: &[f64; NUMBERS]| warm.then(|| (values[7].powi(4), values[8].max(0.05)));
    let search = |some: &[&Point], blend: u8, begin: &[f64], evaluations: usize| {
        let mut off = |at: &[f64]| {
            let values = values(at);
            let constants = constants(&values, blend, shipped);
            let cached = cached(&values);
            let each = some.iter().map(|it| ((predicted(it, &constants, cached) / it.measured).min(20.0) - 1.0).abs());
            let pull: f64 = at.iter().zip(&logs).map(|(at, start)| (at - start).powi(2)).sum();
            each.sum::<f64>() / some.len() as f64 + 1e-4 * pull
        };
        let (at, _) = least(begin, 0.3, evaluations / 2, &mut off);
        least(&at, 0.3, evaluations / 2, &mut off)
    };
    let sparse = points.len().div_ceil(FEW);
    let few: Vec<&Point> = points.iter().step_by(sparse).collect();
    let blends: &[u8] = if let Some(it) = shipped { &[it.blend] } else { &[1, 2, 4, 8] };
    let tried = blends.iter().map(|blend| (*blend, search(&few, *blend, &logs, 700)));
    let best = tried.min_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let (blend, (begin, _)) = best.unwrap_or((2, (logs.clone(), 0.0)));
    // Held out: each part by constants that were fitted, from the start, to the others.
    let mut ratios = vec![1.0; points.len()];
    for fold in 0..FOLDS {
        let others: Vec<&Point> = points.iter().filter(|it| it.fold != fold).collect();
        if others.is_empty() {
            continue;
        }
        let sparse = others.len().div_ceil(1200);
        let others: Vec<&Point> = others.into_iter().step_by(sparse).collect();
        let (at, _) = search(&others, blend, &logs, 900);
        let values = values(&at);
        let constants = constants(&values, blend, shipped);
        for (ratio, it) in ratios.iter_mut().zip(&points).filter(|(_, it)| it.fold == fold) {
            *ratio = it.measured / predicted(it, &constants, cached(&values));
        }
    }
    let sparse = points.len().div_ceil(1500);
    let all: Vec<&Point> = points.iter().step_by(sparse).collect();
    let (at, _) = search(&all, blend, &begin, 900);
    let errors: Vec<f64> = ratios.iter().map(|ratio| (1.0 / ratio - 1.0).abs()).collect();
    let [low, high] = interval(ratios.iter().copied());
    let inside = (0..FOLDS).map(|fold| {
        let of = |own: bool| {
            ratios.iter().zip(&points).filter(move |(_, it)| (it.fold == fold) == own).map(|(ratio, _)| *ratio)
        };
        let [low, high] = interval(of(false));
        of(true).filter(|ratio| (low..=high).contains(ratio)).count()
    });
    let inside = u32::try_from(inside.sum::<usize>()).unwrap_or(u32::MAX);
    let mut sorted = errors.clone();
    sorted.sort_by(f64::total_cmp);
    let range = |of: fn(&cost_core::time::Features) -> f64| {
        let own = rows.iter().flat_map(|row| &row.kernels).filter(|(it, _)| it.work == work).map(|(it, _)| of(it));
        own.fold([f64::INFINITY, 0.0_f64], |[least, most], value| [least.min(value), most.max(value)])
    };
    let mut shapes: Vec<&str> = rows.iter().map(|row| row.shape.as_str()).collect();
    shapes.dedup();
    Found {
        constants: constants(&values(&at), blend, shipped),
        quality: Quality {
            rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            mape: errors.iter().sum::<f64>() / errors.len() as f64,
            median: sorted[sorted.len() / 2],
            low,
            high,
            coverage: f64::from(inside) / errors.len() as f64,
            flops: range(|it| it.flops),
            bytes: range(|it| it.bytes),
            depth: range(|it| it.shape[0]),
        },
        errors,
        inside,
        shapes: shapes.len(),
    }
}

fn point(row: &Measured, work: Work, cache: f64) -> Point {
    let mut rest = 0.0;
    let mut kernels = Vec::with_capacity(row.kernels.len());
    for (it, repeat) in &row.kernels {
        if it.work == work {
            // What has to come from memory anyway counts as larger than any cache.
            let share = if row.warm && cache > 0.0 { (it.bytes / cache).powi(4) } else { 1e30 };
            kernels.push(([it.compute, it.memory], it.shape, share, *repeat));
        } else {
            rest += it.bound() * repeat;
        }
    }
    Point { kernels, rest, measured: row.seconds, fold: hash(&row.shape) % FOLDS }
}

/// What a tenth is below, and a tenth above.
fn interval(of: impl Iterator<Item = f64>) -> [f64; 2] {
    let mut sorted: Vec<f64> = of.collect();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() {
        return [1.0, 1.0];
    }
    let last = sorted.len() - 1;
    [sorted[last / 10], sorted[last - last / 10]]
}
