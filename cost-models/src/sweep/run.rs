//! Going through all rows of a sweep, on all threads that there are.

use super::chunk::{Case, Chunk, cases};
use super::column::Column;
use super::error::Error;
use super::grid::Sweep;

/// Who is told how far a sweep has come, and who can end it.
#[derive(Clone, Copy)]
pub struct Watch<'w> {
    /// Told how many more rows have been done, from any thread.
    pub done: &'w (dyn Fn(u64) + Sync),
    /// Asked now and then, from any thread, whether to stop.
    pub stop: &'w (dyn Fn() -> bool + Sync),
}

impl Watch<'_> {
    /// Nobody.
    pub const NOBODY: Self = Self { done: &|_| (), stop: &|| false };
}

/// Settings that are compiled before their rows are gone through.
const COMPILED: usize = 64;

/// Parts that are listed at a time.
const WAVE: usize = 1 << 12;

/// A part of a case: from which point, and how many.
type Part = (usize, u64, usize);

/// Puts what `each` makes of the chunks together: `join` is given results of neighbours, the earlier one first.
///
/// `each` is called on any thread and `join` too.
pub(super) fn reduce<T: Send + Default>(
    sweep: &Sweep,
    wanted: &[Column],
    rows: usize,
    watch: Watch<'_>,
    each: impl Fn(&mut T, &Chunk<'_>) + Sync,
    join: impl Fn(T, T) -> T + Sync,
) -> Result<T, Error> {
    let mut all = T::default();
    for settings in groups(sweep) {
        let cases = compiled(sweep, &settings, wanted)?;
        let step = |mut sum: T, (case, start, count): &Part| {
            each(&mut sum, &evaluated(&cases[*case], *start, *count, watch)?);
            Ok::<T, Error>(sum)
        };
        let mut parts = parts(sweep, &cases, rows).peekable();
        while parts.peek().is_some() {
            let wave: Vec<Part> = parts.by_ref().take(WAVE).collect();
            all = join(all, threads::fold(&wave, &T::default, &step, &join)?);
        }
    }
    Ok(all)
}

/// Gives `take` what `each` makes of the chunks, in order. `each` is called on any thread, for a few chunks at a time.
pub(super) fn in_order<T: Send>(
    sweep: &Sweep,
    wanted: &[Column],
    rows: usize,
    watch: Watch<'_>,
    each: impl Fn(&Chunk<'_>) -> Result<T, Error> + Sync,
    mut take: impl FnMut(T) -> Result<(), Error> + Send,
) -> Result<(), Error> {
    let mut made = Vec::new();
    for settings in groups(sweep) {
        let cases = compiled(sweep, &settings, wanted)?;
        let mut parts = parts(sweep, &cases, rows).peekable();
        while parts.peek().is_some() {
            let wave: Vec<Part> = parts.by_ref().take(2 * threads::count()).collect();
            let each = |(case, start, count): &Part| each(&evaluated(&cases[*case], *start, *count, watch)?);
            // What was made before is taken meanwhile.
            let (taken, next) =
                threads::join(|| made.into_iter().try_for_each(&mut take), || threads::map(&wave, &each));
            taken?;
            made = next?;
        }
    }
    made.into_iter().try_for_each(take)
}

fn groups(sweep: &Sweep) -> impl Iterator<Item = Vec<usize>> + use<> {
    let count = sweep.settings.len();
    (0..count).step_by(COMPILED).map(move |first| (first..count.min(first + COMPILED)).collect())
}

fn compiled<'s>(sweep: &'s Sweep, settings: &[usize], wanted: &[Column]) -> Result<Vec<Case<'s>>, Error> {
    let cases = threads::map(settings, &|setting: &usize| cases(sweep, *setting, wanted))?;
    Ok(cases.into_iter().flatten().collect())
}

fn parts<'c>(sweep: &Sweep, cases: &'c [Case<'_>], rows: usize) -> impl Iterator<Item = Part> + use<'c> {
    let points = sweep.points();
    let count = move |start: u64| usize::try_from(points - start).map_or(rows, |rest| rest.min(rows));
    (0..cases.len()).flat_map(move |case| (0..points).step_by(rows).map(move |start| (case, start, count(start))))
}

fn evaluated<'s>(case: &Case<'s>, start: u64, rows: usize, watch: Watch<'_>) -> Result<Chunk<'s>, Error> {
    if (watch.stop)() {
        return Err(Error::Interrupted);
    }
    let chunk = case.chunk(start, rows)?;
    (watch.done)(rows as u64);
    Ok(chunk)
}

/// Work on all threads.
#[cfg(feature = "rayon")]
pub(super) mod threads {
    use rayon::prelude::*;

    pub(super) fn count() -> usize {
        rayon::current_num_threads()
    }

    pub(in crate::sweep) fn join<A: Send, B: Send>(
        a: impl FnOnce() -> A + Send,
        b: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        rayon::join(a, b)
    }

    pub(super) fn map<I: Sync, T: Send, E: Send>(
        items: &[I],
        each: &(impl Fn(&I) -> Result<T, E> + Sync),
    ) -> Result<Vec<T>, E> {
        items.par_iter().map(each).collect()
    }

    #[cfg(feature = "arrow")]
    pub(in crate::sweep) fn map_owned<I: Send, T: Send, E: Send>(
        items: Vec<I>,
        each: &(impl Fn(I) -> Result<T, E> + Sync),
    ) -> Result<Vec<T>, E> {
        items.into_par_iter().map(each).collect()
    }

    pub(super) fn fold<I: Sync, T: Send, E: Send>(
        items: &[I],
        start: &(impl Fn() -> T + Sync),
        step: &(impl Fn(T, &I) -> Result<T, E> + Sync),
        join: &(impl Fn(T, T) -> T + Sync),
    ) -> Result<T, E> {
        items.par_iter().try_fold(start, step).try_reduce(start, |a, b| Ok(join(a, b)))
    }
}

/// The same on the one that there is.
#[cfg(not(feature = "rayon"))]
pub(super) mod threads {
    pub(super) const fn count() -> usize {
        1
    }

    pub(in crate::sweep) fn join<A, B>(a: impl FnOnce() -> A, b: impl FnOnce() -> B) -> (A, B) {
        (a(), b())
    }

    pub(super) fn map<I, T, E>(items: &[I], each: &impl Fn(&I) -> Result<T, E>) -> Result<Vec<T>, E> {
        items.iter().map(each).collect()
    }

    #[cfg(feature = "arrow")]
    pub(in crate::sweep) fn map_owned<I, T, E>(items: Vec<I>, each: &impl Fn(I) -> Result<T, E>) -> Result<Vec<T>, E> {
        items.into_iter().map(each).collect()
    }

    pub(super) fn fold<I, T, E>(
        items: &[I],
        start: &impl Fn() -> T,
        step: &impl Fn(T, &I) -> Result<T, E>,
        _join: &impl Fn(T, T) -> T,
    ) -> Result<T, E> {
        items.iter().try_fold(start(), step)
    }
}
