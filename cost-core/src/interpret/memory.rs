//! Which activations are in memory when.

use super::array::Buffer;
use crate::op::Role;

/// The time that has passed, in runs of kernels, and what was in memory then.
#[derive(Default)]
pub(super) struct Memory {
    /// The moments so far.
    count: usize,
    /// The latest moment in the order of the program.
    now: Option<usize>,
    /// Buffers that are there from the next moment on.
    waiting: Vec<usize>,
    /// What was there and is there in another size now.
    past: Vec<Life>,
}

/// Elements in memory from one moment to another.
#[derive(Clone, Copy, Default)]
pub(super) struct Life {
    pub(super) elements: u128,
    from: Option<usize>,
    /// The last moment at which anything uses them; nothing if nothing does.
    to: Option<usize>,
    /// Whether anything has really used them, rather than held on to them.
    read: bool,
}

impl Memory {
    /// The number that the next moment would have.
    pub(super) const fn next(&self) -> usize {
        self.count
    }

    /// The latest moment; nothing before the first.
    pub(super) const fn now(&self) -> Option<usize> {
        self.now
    }

    /// Goes on to a moment: a new one, or one that other tokens have been at before.
    pub(super) fn go_to(&mut self, moment: usize, buffers: &mut [Buffer]) {
        self.count = self.count.max(moment + 1);
        self.now = Some(moment);
        for buffer in self.waiting.drain(..) {
            buffers[buffer].life.from = Some(moment);
        }
    }

    /// Something has needed a buffer until now.
    pub(super) fn held(&self, buffer: &mut Buffer) {
        if buffer.life.from.is_some() {
            buffer.life.to = buffer.life.to.max(self.now);
        }
    }

    /// A buffer has so many elements in memory from the next moment on.
    pub(super) fn resize(&mut self, buffer: usize, life: &mut Life, elements: u128) {
        let before = core::mem::replace(life, Life { elements, ..Life::default() });
        self.past.push(before);
        self.waiting.push(buffer);
    }

    /// The most elements of activations in memory at one moment, but for those that are there throughout.
    pub(super) fn most(&self, buffers: &[Buffer], throughout: usize) -> u128 {
        let acts = buffers.iter().skip(throughout).filter(|buffer| matches!(buffer.role, Role::Act | Role::Ids));
        let lives: Vec<Life> = acts.map(|buffer| buffer.life).chain(self.past.iter().copied()).collect();
        let there = |life: &&Life, moment: usize| {
            life.from.is_some_and(|from| from <= moment) && life.to.is_some_and(|to| moment <= to)
        };
        let at = |moment| lives.iter().filter(|life| there(life, moment)).map(|life| life.elements).sum();
        (0..self.count).map(at).max().unwrap_or_default()
    }
}

impl Life {
    /// Elements that are there from the start.
    pub(super) const fn of_input(elements: u128) -> Self {
        Self { elements, from: Some(0), to: None, read: false }
    }

    /// A kernel of that moment stores so many elements, which are in memory from then on.
    pub(super) fn stored(&mut self, moment: usize, elements: u128) {
        if elements > 0 {
            self.elements += elements;
            self.from = self.from.or(Some(moment));
            self.used(moment);
        }
    }

    /// A kernel of that moment uses them.
    pub(super) fn used(&mut self, moment: usize) {
        self.to = self.to.max(Some(moment));
        self.read = true;
    }

    /// They are taken over at a moment; nothing before the first, which needs them no longer.
    pub(super) fn taken(&mut self, now: Option<usize>) {
        self.to = self.to.max(now);
        self.read = true;
    }

    /// Whether anything has used them after a moment.
    pub(super) fn used_after(&self, moment: Option<usize>) -> bool {
        self.to > moment
    }

    /// Whether anything has used them.
    pub(super) const fn read(&self) -> bool {
        self.read
    }
}
