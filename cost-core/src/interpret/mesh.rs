//! Runs an operator on all ranks of a mesh.

use super::array::Array;
use super::exchange::Seat;
use super::machine::Moved;
use super::ranks::{Rank, Ranks, Share, each_own, share, whole};
use super::{Outcome, check, checked, ran, size};
use crate::cost::Options;
use crate::error::{Error, Result};
use crate::library::{Source, spliced};
use crate::op::{Op, Shape};

/// What came of running an operator on the ranks of a mesh.
#[derive(Clone, Debug)]
pub struct MeshOutcome {
    /// What all ranks together returned, in order; axes in the order of the declaration.
    pub results: Vec<Array>,
    /// The inputs afterwards, put together.
    pub inputs: Vec<Array>,
    /// What came of each rank, the last axis of the mesh fastest: what it has of results and inputs.
    pub ranks: Vec<Outcome>,
    /// What each rank has moved: its exchanges in the order in which they first took place.
    pub moved: Vec<Vec<Moved>>,
}

/// How ranks run.
#[derive(Clone, Copy, Debug)]
pub struct Running<'r> {
    /// Number formats matter as they do in [`super::run`].
    pub options: &'r Options,
    /// Of the sequence that tensors that calls own are filled from: the same numbers as without a mesh.
    pub seed: u64,
    /// An exchange, counted in the order in which they first take place, that is left out: each rank goes on as if the others
    /// had brought nothing but zeros.
    pub without: Option<usize>,
    /// How many tensors calls have owned before, in the stages of a pipeline that come first: the sequence goes on after them.
    pub owned: u64,
}

/// Runs an operator on all ranks of a mesh, each on its share of real arrays, which they exchange as `cut` says.
///
/// `cut` is what [`crate::mesh::cut`] has made of `op` for a mesh of these axes and numbers of ranks. Sizes and inputs are those
/// of the whole operator, as [`super::run`] takes them. An error if an axis doesn't divide by its ranks, or if ranks come to have
/// different numbers of one element, which they have where a partial result is left as it falls.
pub fn run_mesh(
    op: &Source,
    cut: &Source,
    mesh: &[(String, usize)],
    sizes: &[usize],
    inputs: &[Array],
    running: Running<'_>,
) -> Result<MeshOutcome> {
    op.with(|op| {
        check::described(op)?;
        spliced(op, |op| cut.with(|cut| on_ranks(op, cut, mesh, sizes, inputs, running)))
    })
}

fn on_ranks(
    op: &Op<'_>,
    cut: &Op<'_>,
    mesh: &[(String, usize)],
    sizes: &[usize],
    inputs: &[Array],
    running: Running<'_>,
) -> Result<MeshOutcome> {
    let mut local = checked(op, sizes, inputs)?;
    let expected = op.axes.len() + mesh.len();
    let wrong = |message: String| Error::Description { op: op.name.to_owned(), message };
    if cut.axes.len() < expected || cut.axes[op.axes.len()..].iter().zip(mesh).any(|(own, (name, _))| own != name) {
        return Err(wrong("it wasn't cut for a mesh of these axes".to_owned()));
    }
    if let Some((name, _)) = mesh.iter().find(|(_, count)| *count == 0) {
        return Err(wrong(format!("the mesh has 0 ranks along {name}; expected at least 1")));
    }
    local.extend(mesh.iter().map(|(_, count)| *count));
    local.resize(cut.axes.len(), 0);
    let local = size::derived(cut, &local)?;
    let ranks = Ranks::new(mesh);
    let all = ranks.each(running.without);
    let shares: Vec<Vec<Share>> = all.iter().map(|rank| rank.shares(cut)).collect();
    for it in shares.iter().flatten() {
        let (own, of) = (local[usize::from(it.axis)], local[usize::from(it.whole)]);
        let (name, count) = (cut.axes[usize::from(it.whole)], own.checked_mul(1 + it.index));
        if count.is_none_or(|count| count > of) {
            return Err(wrong(format!("{name} is {of}, which its ranks can't share evenly")));
        }
    }
    let outcomes = together(
        &ranks,
        &all,
        |rank, own| {
            let given = inputs.iter().zip(cut.inputs);
            let given: Vec<Array> = given.map(|(it, input)| share(&it.data, &input.shape, &local, own)).collect();
            ran(cut, &local, &given, running.options, (running.seed, running.owned), Some(Seat { rank, whole: op }))
        },
        &shares,
    )?;
    let (outcomes, moved): (Vec<Outcome>, Vec<Vec<Moved>>) = outcomes.into_iter().unzip();
    let whole_of = |shape: &Shape, name: &str, of: &dyn Fn(&Outcome) -> &Array| {
        put_together(shape, &local, &shares, &outcomes, of)
            .ok_or_else(|| wrong(format!("ranks have different numbers of {name}")))
    };
    let results = cut.outputs.iter().enumerate().map(|(i, it)| whole_of(&it.shape, "a result", &|of| &of.results[i]));
    let after = cut.inputs.iter().enumerate().map(|(i, it)| whole_of(&it.shape, it.name, &|of| &of.inputs[i]));
    Ok(MeshOutcome {
        results: results.collect::<Result<_>>()?,
        inputs: after.collect::<Result<_>>()?,
        ranks: outcomes,
        moved,
    })
}

/// What a function makes of each rank, all at once. Of errors the first that isn't that another rank has stopped.
fn together<T: Send>(
    ranks: &Ranks,
    all: &[Rank<'_>],
    run: impl Fn(&Rank<'_>, &[Share]) -> Result<T> + Sync,
    shares: &[Vec<Share>],
) -> Result<Vec<T>> {
    /// Lets nobody wait for a rank that has stopped, for whatever reason.
    struct Stop<'r>(&'r Ranks, bool);
    impl Drop for Stop<'_> {
        fn drop(&mut self) {
            if !self.1 {
                self.0.stop();
            }
        }
    }
    let first = std::sync::Mutex::new(None);
    let found: Vec<Option<T>> = std::thread::scope(|scope| {
        let spawned: Vec<_> = all
            .iter()
            .zip(shares)
            .map(|(rank, own)| {
                let (run, first) = (&run, &first);
                scope.spawn(move || {
                    let mut stop = Stop(ranks, false);
                    match run(rank, own) {
                        Ok(found) => {
                            stop.1 = true;
                            ranks.end(rank);
                            Some(found)
                        }
                        Err(error) => {
                            first.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(error);
                            None
                        }
                    }
                })
            })
            .collect();
        spawned.into_iter().map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    match first.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(found.into_iter().flatten().collect()),
    }
}

/// The whole of an array of which ranks have shares; nothing if two of them have different numbers of one element.
fn put_together(
    shape: &Shape,
    sizes: &[usize],
    shares: &[Vec<Share>],
    outcomes: &[Outcome],
    of: &dyn Fn(&Outcome) -> &Array,
) -> Option<Array> {
    // Of a choice among fewer than are kept there is less than its axes say.
    let mut sizes = sizes.to_vec();
    for (axis, size) in shape.axes().iter().zip(&of(outcomes.first()?).sizes) {
        sizes[usize::from(*axis)] = *size;
    }
    let sizes = sizes.as_slice();
    let axes = shares.first().map_or(*shape, |own| whole(shape, own));
    let mut array = Array::zeros(axes.axes().iter().map(|axis| sizes[usize::from(*axis)]).collect());
    let mut known = vec![false; array.data.len()];
    let most = outcomes.iter().flat_map(|it| &of(it).data).fold(0.0, |most: f64, x| most.max(x.abs()));
    let mut same = true;
    for (own, outcome) in shares.iter().zip(outcomes) {
        let part = &of(outcome).data;
        each_own(shape, sizes, own, &mut |place, at| {
            let (Some(here), Some(value)) = (array.data.get_mut(place), part.get(at)) else { return };
            let differ = (*here - value).abs() > 1e-9 * most || here.is_nan() != value.is_nan();
            same &= !known[place] || !differ;
            (*here, known[place]) = (*value, true);
        });
    }
    same.then_some(array)
}
