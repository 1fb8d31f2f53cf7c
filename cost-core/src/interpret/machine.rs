//! Memory, kernels and what they count.

use std::collections::{BTreeMap, BTreeSet};

use super::array::{Buffer, View};
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

/// Where in the text of the operators a kernel begins: the steps of the enclosing calls, then its own first step.
pub(super) type Site = Vec<usize>;

pub(super) struct Machine {
    pub(super) buffers: Vec<Buffer>,
    pub(super) kernels: Vec<(Site, Counted)>,
    runs: Vec<Run>,
    /// The run that steps now add to.
    open: Option<usize>,
    pub(super) experts: Option<Routed>,
    random: Random,
}

/// What the copies of routed experts have done so far, kept while their tokens are processed.
#[derive(Default)]
pub(super) struct Routed {
    ran: BTreeSet<Site>,
    loaded: BTreeMap<(Site, usize), Vec<bool>>,
}

/// One run of a kernel.
struct Run {
    kernel: usize,
    /// What it has loaded, by buffer and by how often: a tiled kernel loads what has no tiled axis once for each tile.
    loaded: BTreeMap<(usize, Option<u128>), Vec<bool>>,
    stored: BTreeMap<usize, Vec<bool>>,
    /// Whether it has run over the axis that is cut into tiles.
    tiled: bool,
}

impl Machine {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            buffers: Vec::new(),
            kernels: Vec::new(),
            runs: Vec::new(),
            open: None,
            experts: None,
            random: Random::new(seed),
        }
    }

    /// A number between −1 and 1, the next of a fixed sequence.
    pub(super) fn random(&mut self) -> f64 {
        self.random.bits() as f64 / u64::MAX as f64 * 2.0 - 1.0
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
        // All tokens and copies of routed experts together are one run.
        let again = self.experts.as_mut().is_some_and(|experts| !experts.ran.insert(site.clone()));
        self.kernels[kernel].1.runs += u128::from(!again);
        self.runs.push(Run { kernel, loaded: BTreeMap::new(), stored: BTreeMap::new(), tiled: false });
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
        if buffer.run != Some(run) {
            let len = buffer.data.len();
            self.runs[run].loaded.entry((view.buffer, tiles)).or_insert_with(|| vec![false; len])[place] = true;
            self.leave(view);
        }
        self.buffers[view.buffer].data[place]
    }

    /// Notes that a value is needed outside the kernel that computes it, which therefore stores it.
    pub(super) fn leave(&mut self, view: &View) {
        let buffer = &self.buffers[view.buffer];
        let Some(run) = buffer.run else { return };
        let places = if view.later { (0..buffer.data.len()).collect() } else { view.places() };
        let stored = self.runs[run].stored.entry(view.buffer).or_insert_with(|| vec![false; buffer.data.len()]);
        let mut new = 0;
        for place in places {
            new += u128::from(!stored[place] && buffer.exists[place]);
            stored[place] = true;
        }
        let kernel = self.runs[run].kernel;
        *self.kernels[kernel].1.stored.entry(buffer.role).or_default() += new;
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
        let Run { kernel, loaded, tiled, .. } = &mut self.runs[run];
        let (site, counted) = &mut self.kernels[*kernel];
        for ((buffer, tiles), touched) in core::mem::take(loaded) {
            let role = self.buffers[buffer].role;
            let mut elements = touched.iter().filter(|touched| **touched).count() as u128;
            if let (Some(experts), Role::Weight) = (&mut self.experts, role) {
                // A copy's weights are read once for all the tokens that go through it.
                let before = experts.loaded.entry((site.clone(), buffer)).or_insert_with(|| vec![false; touched.len()]);
                elements = 0;
                for (seen, touched) in before.iter_mut().zip(&touched) {
                    elements += u128::from(*touched && !*seen);
                    *seen |= touched;
                }
            }
            *counted.loaded.entry(role).or_default() += elements * tiles.filter(|_| *tiled).unwrap_or(1);
        }
    }
}
