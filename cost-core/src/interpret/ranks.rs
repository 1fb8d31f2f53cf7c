//! The ranks of a mesh: where each of them is, and how those of a group hand each other what they have.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::array::Array;
use super::math;
use crate::op::{Op, Shape};

/// The axes that the ranks of a group differ in, and where they are along the others.
type Apart = (Vec<usize>, Vec<usize>);

/// All ranks, which run the same steps.
pub(super) struct Ranks {
    /// The axes of the mesh and how many ranks there are along each.
    axes: Vec<(String, usize)>,
    /// Where groups meet.
    meetings: Mutex<BTreeMap<Apart, Arc<Meeting>>>,
    /// Whether one of them has failed, so that nobody waits for it.
    broken: AtomicBool,
    /// Where those are that have run all their steps.
    ended: Mutex<Vec<Vec<usize>>>,
}

/// One rank.
#[derive(Clone)]
pub(super) struct Rank<'m> {
    ranks: &'m Ranks,
    /// Where it is along each axis of the mesh.
    at: Vec<usize>,
    /// The exchange, in the order in which they first take place, at which it hears nothing of the others.
    pub(super) deaf: Option<usize>,
}

/// A rank among those of its group.
pub(super) struct Group {
    pub(super) index: usize,
    pub(super) count: usize,
    names: String,
    meeting: Arc<Meeting>,
}

/// What an operator's axis is a rank's share of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) axis: u8,
    pub(super) whole: u8,
    /// Which of the shares it is.
    pub(super) index: usize,
}

impl Ranks {
    pub(super) fn new(axes: &[(String, usize)]) -> Self {
        Self {
            axes: axes.to_vec(),
            meetings: Mutex::default(),
            broken: AtomicBool::new(false),
            ended: Mutex::default(),
        }
    }

    /// Every rank, the last axis of the mesh fastest.
    pub(super) fn each(&self, deaf: Option<usize>) -> Vec<Rank<'_>> {
        let mut all = vec![Vec::new()];
        for (_, count) in &self.axes {
            all = all.iter().flat_map(|at| (0..*count).map(|i| [at.as_slice(), &[i]].concat())).collect();
        }
        all.into_iter().map(|at| Rank { ranks: self, at, deaf }).collect()
    }

    /// Nobody waits any more.
    pub(super) fn stop(&self) {
        self.broken.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// Nobody waits for a rank any more that has run all its steps.
    pub(super) fn end(&self, rank: &Rank<'_>) {
        held(&self.ended).push(rank.at.clone());
        self.wake();
    }

    fn wake(&self) {
        for meeting in held(&self.meetings).values() {
            let _round = held(&meeting.round);
            meeting.turn.notify_all();
        }
    }
}

impl Rank<'_> {
    /// The rank in the group of those that differ along some axes of the mesh, whose names are joined by `+`.
    pub(super) fn group(&self, names: &str) -> Group {
        let (index, count) = self.place(names);
        let along = |axis: &usize| names.split('+').any(|name| name == self.ranks.axes[*axis].0);
        let (over, others): (Vec<usize>, Vec<usize>) = (0..self.at.len()).partition(along);
        let key = (over, others.into_iter().map(|axis| self.at[axis]).collect());
        let mut meetings = held(&self.ranks.meetings);
        let meeting = meetings.entry(key).or_insert_with(|| Arc::new(Meeting::of(count)));
        Group { index, count, names: names.to_owned(), meeting: Arc::clone(meeting) }
    }

    /// Which rank it is along some axes of the mesh, and of how many.
    fn place(&self, names: &str) -> (usize, usize) {
        let along = self.ranks.axes.iter().zip(&self.at);
        let along = along.filter(|((own, _), _)| names.split('+').any(|name| name == own));
        along.fold((0, 1), |(index, count), ((_, ranks), at)| (index * ranks + at, count * ranks))
    }

    /// Hands an array to the others of a group; gives those of all, in order. Nothing if one of them has failed, or has run all its
    /// steps.
    pub(super) fn meet(&self, group: &Group, array: Vec<f64>) -> Option<Arc<Vec<Vec<f64>>>> {
        let gone = |index: usize| {
            let member = |at: &Vec<usize>| Rank { at: at.clone(), ..self.clone() }.is_of(self, group, index);
            held(&self.ranks.ended).iter().any(member)
        };
        let missing = |round: &Round| (0..group.count).any(|index| round.brought[index].is_none() && gone(index));
        let going_on =
            |round: &Round| !self.ranks.broken.load(Ordering::SeqCst) && (round.all.is_some() || !missing(round));
        group.meeting.meet(group.index, array, &going_on)
    }

    /// Whether it has a place in the group of another.
    fn is_of(&self, other: &Self, group: &Group, index: usize) -> bool {
        let along = |axis: usize| group.names.split('+').any(|name| name == self.ranks.axes[axis].0);
        let beside = (0..self.at.len()).all(|axis| along(axis) || self.at[axis] == other.at[axis]);
        beside && self.place(&group.names).0 == index
    }

    /// Which axes of an operator that has been cut are shares of others of its own.
    pub(super) fn shares(&self, op: &Op<'_>) -> Vec<Share> {
        let share = |(axis, name): (u8, &&str)| {
            let (whole, over) = name.split_once('/')?;
            Some(Share { axis, whole: op.axis_named(whole)?, index: self.place(over).0 })
        };
        (0..=u8::MAX).zip(op.axes).filter_map(share).collect()
    }
}

/// Where the ranks of a group meet, again and again.
struct Meeting {
    round: Mutex<Round>,
    turn: Condvar,
}

struct Round {
    brought: Vec<Option<Vec<f64>>>,
    /// What all have brought, until all have taken it.
    all: Option<Arc<Vec<Vec<f64>>>>,
    taken: usize,
}

impl Meeting {
    fn of(count: usize) -> Self {
        Self { round: Mutex::new(Round { brought: vec![None; count], all: None, taken: 0 }), turn: Condvar::new() }
    }

    fn meet(&self, number: usize, array: Vec<f64>, going_on: &dyn Fn(&Round) -> bool) -> Option<Arc<Vec<Vec<f64>>>> {
        let wait = |round, until: fn(&Round) -> bool| {
            let waiting = self.turn.wait_while(round, |round| going_on(round) && !until(round));
            waiting.unwrap_or_else(PoisonError::into_inner)
        };
        let mut round = wait(held(&self.round), |round| round.all.is_none());
        round.brought[number] = Some(array);
        if round.brought.iter().all(Option::is_some) {
            let all = round.brought.iter_mut().filter_map(Option::take).collect();
            (round.all, round.taken) = (Some(Arc::new(all)), 0);
            self.turn.notify_all();
        }
        let mut round = wait(round, |round| round.all.is_some());
        let all = round.all.clone().filter(|_| going_on(&round))?;
        round.taken += 1;
        if round.taken == round.brought.len() {
            round.all = None;
            self.turn.notify_all();
        }
        Some(all)
    }
}

/// What a lock holds: whoever has failed while it held it has only read it.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sizes and axes of the whole of a tensor of which a rank has a share.
pub(super) fn whole(shape: &Shape, shares: &[Share]) -> Shape {
    let own = |axis: &u8| shares.iter().find(|it| it.axis == *axis).map_or(*axis, |it| it.whole);
    shape.axes().iter().map(own).fold(Shape::SCALAR, Shape::with)
}

/// Calls a function with the place of each of a rank's elements in the whole array, and its place in its own.
pub(super) fn each_own(shape: &Shape, sizes: &[usize], shares: &[Share], then: &mut impl FnMut(usize, usize)) {
    let mut own = 0;
    math::each(shape.axes(), sizes, &mut |index| {
        let mut place = 0;
        for axis in shape.axes() {
            let (size, at) = (sizes[usize::from(*axis)], index[usize::from(*axis)]);
            place = match shares.iter().find(|it| it.axis == *axis) {
                Some(it) => place * sizes[usize::from(it.whole)] + it.index * size + at,
                None => place * size + at,
            };
        }
        then(place, own);
        own += 1;
    });
}

/// A rank's share of an array, which has a shape of these sizes.
pub(super) fn share(array: &[f64], shape: &Shape, sizes: &[usize], shares: &[Share]) -> Array {
    let mut own = Array::zeros(shape.axes().iter().map(|axis| sizes[usize::from(*axis)]).collect());
    each_own(shape, sizes, shares, &mut |place, at| own.data[at] = array[place]);
    own
}
