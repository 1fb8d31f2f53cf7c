//! Memory, kernels and what they count.

use std::collections::BTreeMap;

use super::array::{Buffer, View};
use super::experts::Routed;
use super::memory::Memory;
use crate::cost::Exchanged;
use crate::op::Role;
use crate::random::Random;

/// What all runs of one kernel executed and touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How often it ran.
    pub runs: u128,
    /// FLOPs in summed products.
    pub matmul: u128,
    /// FLOPs in everything else.
    pub vector: u128,
    /// Elements loaded from memory, by role; in one run each counts once.
    pub loaded: BTreeMap<Role, u128>,
    /// Elements stored to memory, by role.
    pub stored: BTreeMap<Role, u128>,
}

/// What one rank of a mesh has moved in all runs of one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The kind of the exchange.
    pub kind: Exchanged,
    /// What the array is for.
    pub role: Role,
    /// How many ranks are in a group.
    pub ranks: usize,
    /// How often it took place; inside routed experts for each token and copy.
    pub runs: u128,
    /// Elements of the whole array, in all runs: of what the rank had where results are put together, of what it has got where
    /// they were cut.
    pub elements: u128,
    /// Those of them that others kept of what it had, or that it has got from others; all where everyone gets the sum of all.
    pub sent: u128,
    /// Whether they are numbers in single precision, whatever format the elements have.
    pub single: bool,
    /// Whether it is inside routed experts.
    pub routed: bool,
}

/// Where in the text of the operators a kernel begins: the steps of the enclosing calls, then its own first step.
pub(super) type Site = Vec<usize>;

/// Elements by buffer, and how often each was touched.
pub(super) type Touched = BTreeMap<usize, Vec<u128>>;

pub(super) struct Machine {
    pub(super) buffers: Vec<Buffer>,
    pub(super) kernels: Vec<(Site, Counted)>,
    pub(super) memory: Memory,
    runs: Vec<Run>,
    /// The run that steps now add to.
    open: Option<usize>,
    pub(super) experts: Option<Routed>,
    random: Random,
    seed: u64,
    /// How many tensors calls own, but for those inside routed experts.
    owned: u64,
    /// What has been exchanged with other ranks, by where, in the order in which it first was.
    pub(super) moves: Vec<(Site, Moved)>,
}

/// One run of a kernel.
struct Run {
    kernel: usize,
    /// Which of the runs of its kernel it is; tokens and copies of routed experts have it in common.
    turn: usize,
    /// When it runs.
    moment: usize,
    /// What it has loaded: a tiled kernel loads what has no tiled axis once for each tile.
    loaded: Touched,
    stored: BTreeMap<usize, Vec<bool>>,
    /// What its steps have written to caches and states, by step and buffer.
    kept: BTreeMap<(usize, usize), Vec<bool>>,
    /// Whether it has run over the axis that is cut into tiles.
    tiled: bool,
}

impl Machine {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            buffers: Vec::new(),
            kernels: Vec::new(),
            memory: Memory::default(),
            runs: Vec::new(),
            open: None,
            experts: None,
            random: Random::new(seed),
            seed,
            owned: 0,
            moves: Vec::new(),
        }
    }

    /// The same, where calls have owned so many tensors already.
    pub(super) fn after(seed: u64, owned: u64) -> Self {
        Self { owned, ..Self::new(seed) }
    }

    /// How many tensors calls own.
    pub(super) fn owned_so_far(&self) -> u64 {
        self.owned
    }

    /// A number between −1 and 1, the next of a fixed sequence.
    pub(super) fn random(&mut self) -> f64 {
        within_one(&mut self.random)
    }

    /// A machine with the same memory, to try what isn't to be counted.
    pub(super) fn scratch(&self) -> Self {
        let buffers = self.buffers.iter().map(|buffer| Buffer { run: None, ..buffer.clone() }).collect();
        Self { buffers, random: self.random.clone(), ..Self::new(0) }
    }

    /// Takes over what another machine with the same memory has made of the numbers in it.
    pub(super) fn take_numbers(&mut self, other: Self) {
        for (buffer, other) in self.buffers.iter_mut().zip(other.buffers) {
            buffer.data = other.data;
        }
    }

    /// Ends the kernel that is running.
    pub(super) fn close(&mut self) {
        if let Some(run) = self.open.take() {
            self.finish(run);
        }
    }

    /// The run of the kernel at this site, opened if none is.
    pub(super) fn run(&mut self, site: &Site) -> usize {
        if let Some(run) = self.open {
            return run;
        }
        let kernel = self.kernels.iter().position(|(known, _)| known == site).unwrap_or_else(|| {
            self.kernels.push((site.clone(), Counted::default()));
            self.kernels.len() - 1
        });
        let next = self.memory.next();
        let (turn, moment) = match &mut self.experts {
            Some(experts) => experts.turn(site, next),
            None => (0, next),
        };
        // All tokens and copies of routed experts together are one run.
        self.kernels[kernel].1.runs += u128::from(moment == next);
        self.memory.go_to(moment, &mut self.buffers);
        let (loaded, stored, kept) = Default::default();
        self.runs.push(Run { kernel, turn, moment, loaded, stored, kept, tiled: false });
        self.open = Some(self.runs.len() - 1);
        self.runs.len() - 1
    }

    /// Notes that a run goes over the axis that is cut into tiles.
    pub(super) fn tiled(&mut self, run: usize) {
        self.runs[run].tiled = true;
    }

    pub(super) fn counted(&mut self, run: usize) -> &mut Counted {
        &mut self.kernels[self.runs[run].kernel].1
    }

    /// Loads an element: from the chip for free, from memory once in a run.
    pub(super) fn load(&mut self, run: usize, view: &View, place: usize, tiles: Option<u128>) -> f64 {
        let buffer = &self.buffers[view.buffer];
        if buffer.run != Some(run) && !buffer.padding {
            let len = buffer.data.len();
            let it = &mut self.runs[run];
            let times = &mut it.loaded.entry(view.buffer).or_insert_with(|| vec![0; len])[place];
            *times = tiles.unwrap_or(1).max(*times);
            self.buffers[view.buffer].life.used(it.moment);
            self.leave(view);
        }
        self.number(view, place)
    }

    /// The number at a place.
    pub(super) fn number(&self, view: &View, place: usize) -> f64 {
        if view.zero { 0.0 } else { self.buffers[view.buffer].data[place] }
    }

    /// Notes an exchange with other ranks.
    pub(super) fn moved(&mut self, site: Site, moved: Moved) {
        match self.moves.iter_mut().find(|(known, _)| *known == site) {
            Some((_, before)) => {
                before.runs += moved.runs;
                before.elements += moved.elements;
                before.sent += moved.sent;
            }
            None => self.moves.push((site, moved)),
        }
    }

    /// Notes that a step writes an element of a cache or a state.
    pub(super) fn keep(&mut self, run: usize, step: usize, view: &View, place: usize) {
        let len = self.buffers[view.buffer].data.len();
        self.runs[run].kept.entry((step, view.buffer)).or_insert_with(|| vec![false; len])[place] = true;
    }

    /// Notes that a value is needed outside the kernel that computes it, which therefore stores it.
    pub(super) fn leave(&mut self, view: &View) {
        let buffer = &mut self.buffers[view.buffer];
        let Some(run) = buffer.run else { return };
        let places = if view.later { (0..buffer.data.len()).collect() } else { view.places() };
        let stored = self.runs[run].stored.entry(view.buffer).or_insert_with(|| vec![false; buffer.data.len()]);
        let mut new = 0;
        for place in places {
            new += u128::from(!stored[place] && buffer.exists[place]);
            stored[place] = true;
        }
        buffer.life.stored(self.runs[run].moment, new);
        let kernel = self.runs[run].kernel;
        *self.kernels[kernel].1.stored.entry(buffer.role).or_default() += new;
    }

    /// A tensor that a call owns; the copies of a routed expert have one each, and find it again for every token.
    ///
    /// `place` is where the token is on the axes that the tensor has in common with the tokens.
    ///
    /// What it is filled from depends on nothing but which tensor it is, so that another rank, which has others, fills it alike.
    pub(super) fn owned(&mut self, place: Vec<Vec<usize>>, new: impl FnOnce(&mut Random) -> Buffer) -> usize {
        let key = self.experts.as_mut().map(|experts| experts.next_owned(place));
        let known = key.as_ref().and_then(|key| self.experts.as_ref()?.owned.get(key));
        if let Some(buffer) = known {
            return *buffer;
        }
        self.owned += u64::from(key.is_none());
        let inside = key.iter().flat_map(|(copy, next, place)| [copy, next].into_iter().chain(place.iter().flatten()));
        let numbers = core::iter::once(self.owned).chain(inside.map(|number| *number as u64));
        let seed = numbers.fold(self.seed, |seed, number| Random::new(seed ^ number).bits());
        let buffer = new(&mut Random::new(seed));
        self.buffers.push(buffer);
        let number = self.buffers.len() - 1;
        if let (Some(experts), Some(key)) = (&mut self.experts, key) {
            experts.owned.insert(key, number);
        }
        number
    }

    /// Notes that something has needed a value in memory until now.
    pub(super) fn hold(&mut self, view: &View) {
        self.memory.held(&mut self.buffers[view.buffer]);
    }

    /// Notes that a variable, or whoever has asked for the result, takes over a value.
    pub(super) fn take(&mut self, view: &View) {
        self.buffers[view.buffer].life.taken(self.memory.now());
    }

    /// How many elements of a value are in memory.
    pub(super) fn elements(&self, view: &View) -> u128 {
        self.buffers[view.buffer].life.elements
    }

    /// From the next moment on so many elements of a buffer are in memory.
    pub(super) fn resize(&mut self, buffer: usize, elements: u128) {
        self.memory.resize(buffer, &mut self.buffers[buffer].life, elements);
    }

    /// Whether a value is on the chip of the kernel that is running, or was never on any.
    pub(super) fn at_hand(&self, buffer: usize) -> bool {
        self.buffers[buffer].run.is_none() || self.buffers[buffer].run == self.open
    }

    /// Notes that a kernel other than the one that is running needs a value.
    pub(super) fn leave_for_another(&mut self, view: &View) {
        if self.buffers[view.buffer].run != self.open {
            self.leave(view);
        }
    }

    fn finish(&mut self, run: usize) {
        let Run { kernel, turn, loaded, kept, tiled, .. } = &mut self.runs[run];
        let (site, counted) = &mut self.kernels[*kernel];
        let (mut loads, mut stores) = (core::mem::take(loaded), core::mem::take(kept));
        if !*tiled {
            loads.values_mut().flatten().for_each(|times| *times = (*times).min(1));
        }
        if let Some(experts) = &mut self.experts {
            // An element is moved once for all the tokens and copies that touch it.
            experts.further(&(site.clone(), *turn), &mut loads, &mut stores);
        }
        for (buffer, times) in loads {
            *counted.loaded.entry(self.buffers[buffer].role).or_default() += times.iter().sum::<u128>();
        }
        for ((_, buffer), touched) in stores {
            let elements = touched.iter().filter(|touched| **touched).count() as u128;
            *counted.stored.entry(self.buffers[buffer].role).or_default() += elements;
        }
    }
}

/// A number between −1 and 1, the next of a sequence.
pub(super) fn within_one(random: &mut Random) -> f64 {
    random.bits() as f64 / u64::MAX as f64 * 2.0 - 1.0
}
