//! The best rows of a sweep, without keeping the others.

use std::cmp::Ordering;

use super::column::Column;
use super::error::Error;
use super::front::{Front, Point};
use super::grid::Sweep;
use super::query::Query;
use super::rows::{Rows, Selection, numbered, selected};
use super::run::{Watch, reduce};

/// Rows of a chunk: enough that starting one costs nothing, few enough that its columns stay in the cache.
const ROWS: usize = 1 << 11;

/// What rows are compared by, and whether more of it is better.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    amount: Query,
    high: bool,
}

impl Order {
    /// By an amount: `lower_bound_s`, `intensity`, `bytes / batch`. More is better where it is a column of which more is
    /// better, or where `:high` comes after it; `:low` says the opposite.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (amount, high) = match text.trim_end() {
            text if text.ends_with(":high") => (text.trim_end_matches(":high"), Some(true)),
            text if text.ends_with(":low") => (text.trim_end_matches(":low"), Some(false)),
            text => (text, None),
        };
        let amount = Query::amount(amount)?;
        let high = high.unwrap_or_else(|| amount.column().is_some_and(Column::high));
        Ok(Self { amount, high })
    }

    /// What rows are compared by.
    pub fn amount(&self) -> &Query {
        &self.amount
    }
}

/// A row that is kept.
type Kept = Point<1>;

/// The best rows that a condition holds for, the best one first; of equal ones those that come first in the sweep.
///
/// Rows whose amount is no number are left out.
pub fn top(
    sweep: &Sweep,
    count: usize,
    by: &Order,
    condition: Option<&Query>,
    columns: &[Column],
    watch: Watch<'_>,
) -> Result<Rows, Error> {
    check(sweep, std::slice::from_ref(by), condition, columns)?;
    let keep = |kept: &mut Vec<Kept>| {
        if kept.len() > count {
            kept.select_nth_unstable_by(count, better);
            kept.truncate(count);
        }
    };
    // The kept rows and, once there are enough, what a row has to be better than.
    let each = |(kept, worst): &mut (Vec<Kept>, Option<Kept>), amounts: &[[f64; 1]], rows: &Selection, first: u64| {
        for (amount, row) in amounts.iter().zip(rows.rows()) {
            // Nearly all rows are worse by their amount alone.
            if amount[0].is_nan() || worst.is_some_and(|worst| amount[0] > worst.0[0]) {
                continue;
            }
            let row = (*amount, first + row as u64);
            if worst.is_none_or(|worst| better(&row, &worst) == Ordering::Less) {
                kept.push(row);
                // Sorted out seldom, so that it costs little.
                if kept.len() >= 2 * count.max(32) {
                    keep(kept);
                    *worst = kept.iter().copied().max_by(better);
                }
            }
        }
    };
    let join = |(mut a, _): (Vec<Kept>, _), (b, _): (Vec<Kept>, _)| {
        a.extend(b);
        keep(&mut a);
        let worst = if a.len() < count { None } else { a.iter().copied().max_by(better) };
        (a, worst)
    };
    let (mut kept, _) = kept(sweep, [by], condition, watch, each, join)?;
    keep(&mut kept);
    kept.sort_unstable_by(better);
    numbered(sweep, &kept.iter().map(|(_, row)| *row).collect::<Vec<_>>(), columns, watch)
}

fn better(a: &Kept, b: &Kept) -> Ordering {
    a.0[0].total_cmp(&b.0[0]).then(a.1.cmp(&b.1))
}

/// The rows that a condition holds for and that no other such row is better than: at least as good by each order, and
/// better by one. Of rows that are equal by all orders the first in the sweep is kept. The rows come in the first order.
pub fn pareto(
    sweep: &Sweep,
    by: &[Order],
    condition: Option<&Query>,
    columns: &[Column],
    watch: Watch<'_>,
) -> Result<Rows, Error> {
    check(sweep, by, condition, columns)?;
    match by {
        [a, b] => front(sweep, [a, b], condition, columns, watch),
        [a, b, c] => front(sweep, [a, b, c], condition, columns, watch),
        [a, b, c, d] => front(sweep, [a, b, c, d], condition, columns, watch),
        _ => {
            let name = by.iter().map(|by| by.amount.text()).collect::<Vec<_>>().join(",");
            Err(Error::Column { name, message: "a Pareto front is by two, three or four amounts".to_owned() })
        }
    }
}

fn front<const N: usize>(
    sweep: &Sweep,
    by: [&Order; N],
    condition: Option<&Query>,
    columns: &[Column],
    watch: Watch<'_>,
) -> Result<Rows, Error> {
    let stop = watch.stop;
    let each = |front: &mut Front<N>, amounts: &[[f64; N]], rows: &Selection, first: u64| {
        for (amounts, row) in amounts.iter().zip(rows.rows()) {
            if !amounts.iter().any(|amount| amount.is_nan()) {
                front.add((*amounts, first + row as u64), stop);
            }
        }
    };
    let join = |mut a: Front<N>, b: Front<N>| {
        a.join(b, stop);
        a
    };
    let points = kept(sweep, by, condition, watch, each, join)?.points(stop);
    numbered(sweep, &points.iter().map(|(_, row)| *row).collect::<Vec<_>>(), columns, watch)
}

fn check(sweep: &Sweep, by: &[Order], condition: Option<&Query>, columns: &[Column]) -> Result<(), Error> {
    sweep.has_all(columns)?;
    by.iter().map(|by| &by.amount).chain(condition).try_for_each(|query| sweep.check(query))
}

/// Goes through the rows that a condition holds for with their amounts, less of which is better.
fn kept<const N: usize, T: Send + Default>(
    sweep: &Sweep,
    by: [&Order; N],
    condition: Option<&Query>,
    watch: Watch<'_>,
    each: impl Fn(&mut T, &[[f64; N]], &Selection, u64) + Sync,
    join: impl Fn(T, T) -> T + Sync,
) -> Result<T, Error> {
    let queries = by.iter().map(|by| &by.amount).chain(condition);
    let wanted: Vec<Column> = queries.flat_map(Query::columns).collect();
    let each = |sum: &mut T, chunk: &super::chunk::Chunk<'_>| {
        let rows = selected(chunk, condition);
        if rows.count() == 0 {
            return;
        }
        let amounts = by.map(|by| by.amount.numbers(chunk));
        let signs = by.map(|by| if by.high { -1.0 } else { 1.0 });
        // Adding zero makes a negative one positive.
        let at = |row: usize| core::array::from_fn(|i| signs[i] * amounts[i].at(row) + 0.0);
        let amounts: Vec<[f64; N]> = rows.rows().map(at).collect();
        each(sum, &amounts, &rows, chunk.first);
    };
    reduce(sweep, &wanted, ROWS, watch, each, join)
}
