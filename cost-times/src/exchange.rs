//! The constants of collectives of one kind.

use cost_core::hardware::Hardware;
use cost_core::time::Exchange;

use crate::read::Exchanged;
use crate::search::least;

/// In how many parts sizes are held out.
const FOLDS: u64 = 3;

/// Bytes that cross a device's link at least, where devices add: 2(n − 1)/n of the array in an all-reduce, else (n − 1)/n.
pub(crate) fn sent(kind: &str, ranks: f64, bytes: f64) -> f64 {
    let others = (ranks - 1.0) / ranks;
    bytes * others * if kind == "all_reduce" { 2.0 } else { 1.0 }
}

/// The bandwidth that a group of so many ranks has: within a domain, or beyond it.
pub(crate) fn link(device: &Hardware, ranks: u64) -> Option<f64> {
    let figures = &device.figures;
    let domain = figures.link_domain.map_or(u64::MAX, u64::from);
    let speed = if ranks <= domain { figures.link_gb_s } else { figures.link_beyond_gb_s };
    speed.map(|speed| speed * 1e9)
}

/// The constants, and |predicted/measured − 1| of each row held out.
pub(crate) fn fit(kind: &str, rows: &[&Exchanged], device: &Hardware) -> (Exchange, Vec<f64>) {
    let of = |at: &[f64]| {
        let value = |i: usize| at[i].clamp(-35.0, 35.0).exp();
        Exchange {
            kind: kind.to_owned(),
            latency: value(0) * 1e-6,
            hop: value(1),
            share: value(2).min(1.5),
            half: value(3),
            rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            mape: 0.0,
            low: 1.0,
            high: 1.0,
            bytes: [0.0; 2],
            ranks: [0.0; 2],
        }
    };
    let seconds = |it: &Exchange, row: &Exchanged| {
        it.seconds(
            row.ranks as f64,
            sent(kind, row.ranks as f64, row.bytes as f64),
            link(device, row.ranks).unwrap_or(1.0),
        )
    };
    let start = [10.0_f64.ln(), 0.1_f64.ln(), 0.7_f64.ln(), 1e6_f64.ln()];
    let search = |some: &[&Exchanged]| {
        let mut off = |at: &[f64]| {
            let constants = of(at);
            let each = some.iter().map(|row| ((seconds(&constants, row) / row.seconds).min(20.0) - 1.0).abs());
            each.sum::<f64>() / some.len() as f64
        };
        let (at, _) = least(&start, 0.5, 600, &mut off);
        of(&least(&at, 0.5, 600, &mut off).0)
    };
    let fold = |row: &Exchanged| (u64::from(row.bytes.trailing_zeros()) + row.ranks * 7 + row.bytes % 3) % FOLDS;
    let mut ratios = vec![1.0; rows.len()];
    for part in 0..FOLDS {
        let others: Vec<&Exchanged> = rows.iter().filter(|row| fold(row) != part).copied().collect();
        if others.is_empty() {
            continue;
        }
        let constants = search(&others);
        for (ratio, row) in ratios.iter_mut().zip(rows).filter(|(_, row)| fold(row) == part) {
            *ratio = row.seconds / seconds(&constants, row);
        }
    }
    let errors: Vec<f64> = ratios.iter().map(|ratio| (1.0 / ratio - 1.0).abs()).collect();
    ratios.sort_by(f64::total_cmp);
    let last = ratios.len() - 1;
    let range = |of: fn(&Exchanged) -> f64| {
        let all = rows.iter().map(|row| of(row));
        all.fold([f64::INFINITY, 0.0_f64], |[least, most], value| [least.min(value), most.max(value)])
    };
    let found = Exchange {
        mape: errors.iter().sum::<f64>() / errors.len() as f64,
        low: ratios[last / 10],
        high: ratios[last - last / 10],
        bytes: range(|row| row.bytes as f64),
        ranks: range(|row| row.ranks as f64),
        ..search(rows)
    };
    (found, errors)
}
