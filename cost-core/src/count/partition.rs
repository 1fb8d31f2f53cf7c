//! Which kernel each step of a body belongs to.

use crate::op::{Arg, Kind, Loop, Op};

/// The kernel of a step that belongs to none: calls, loop variables, views of what is in memory.
pub const NO_KERNEL: u16 = u16::MAX;

/// The kernels of a body, numbered in the order in which they run.
///
/// A kernel is a maximal run of primitives: calls and loops end it, `store` ends it after itself, and with `unfused`
/// every step is one. A condition around primitives and a fused loop don't end it.
#[derive(Clone, Debug)]
pub struct Partition {
    count: u16,
    steps: Vec<Placed>,
    /// Whether each loop stays in the kernel around it.
    stays: Vec<bool>,
}

/// A step.
#[derive(Clone, Copy, Debug)]
struct Placed {
    /// Its kernel.
    of: u16,
    /// Whether any loop around it stays in its kernel.
    guarded: bool,
    /// The value whose data its value shows.
    origin: u16,
    /// Whether its value is a cache, a state or a parameter.
    owned: bool,
    /// Whether its value is used outside its kernel, as far as that can be told without following views.
    leaves: Leaves,
}

#[derive(Clone, Copy, Debug)]
enum Leaves {
    No,
    Yes,
    /// Views show it.
    IfViewsDo,
}

impl Partition {
    /// Divides a body.
    pub fn new(op: &Op<'_>) -> Self {
        let placed = Placed { of: NO_KERNEL, guarded: false, origin: 0, owned: false, leaves: Leaves::No };
        let stays = op.loops.iter().map(|it| stays(op, it)).collect();
        let mut parts = Self { count: 0, steps: vec![placed; op.steps.len()], stays };
        for (it, _) in op.loops.iter().zip(&parts.stays).filter(|(_, stays)| **stays) {
            parts.steps[usize::from(it.start)..usize::from(it.end)].iter_mut().for_each(|step| step.guarded = true);
        }
        let mut open = false;
        let mut step = 0;
        while step < op.steps.len() {
            (parts.steps[step].origin, parts.steps[step].owned) = parts.shown(op, step);
            let cut = parts.cuts(op, step);
            let kind = &op.steps[step].kind;
            if open && (cut || matches!(kind, Kind::Call(_)) && !kind.is_view()) {
                parts.count += 1;
                open = false;
            }
            let inside = match kind {
                _ if kind.is_view() => match op.steps[step].args[0] {
                    Arg::Value(value) => open && parts.home(op, value) == parts.count,
                    Arg::Number(_) => open,
                },
                Kind::Call(_) | Kind::Output(_) => false,
                Kind::Carry => parts.in_fused_guard(op, step),
                _ => true,
            };
            if inside {
                parts.steps[step].of = parts.count;
                open = true;
                let kind = &op.steps[step].kind;
                let ends = op.unfused && !kind.is_view() && !matches!(kind, Kind::Carry);
                if ends || matches!(op.steps[step].kind, Kind::Store) {
                    parts.count += 1;
                    open = false;
                }
            }
            step += 1;
        }
        if open {
            parts.count += 1;
        }
        parts.mark_uses(op);
        parts
    }

    /// The value whose data a step's value shows, and whether that is a cache, a state or a parameter.
    fn shown(&self, op: &Op<'_>, step: usize) -> (u16, bool) {
        let own = op.value_of(step);
        let kind = &op.steps[step].kind;
        if !matches!(kind, Kind::Append(_) | Kind::Write(_) | Kind::Carry) && !kind.is_view() {
            return match op.steps[step].kind {
                Kind::Call(_) | Kind::Output(_) => match op.handed_back(own) {
                    Some(of) => self.of_operand(op, step, of),
                    None => (own, op.role_of(Arg::Value(own)).ownable()),
                },
                _ => (own, false),
            };
        }
        let [Arg::Value(of), ..] = *op.steps[step].args else {
            return (own, false);
        };
        let (origin, owned) = self.of_operand(op, step, of);
        // What a loop makes of a cache is still the cache.
        if matches!(op.steps[step].kind, Kind::Carry) && !owned { (own, false) } else { (origin, owned) }
    }

    /// The same of a value that a step uses.
    fn of_operand(&self, op: &Op<'_>, step: usize, of: u16) -> (u16, bool) {
        match op.step_of(of) {
            None => (of, op.inputs[of as usize].role.ownable()),
            Some(before) if before < step => (self.steps[before].origin, self.steps[before].owned),
            Some(_) => (op.value_of(step), false),
        }
    }

    /// Finds out which values are used outside their kernels.
    fn mark_uses(&mut self, op: &Op<'_>) {
        let mut step = 0;
        while step < op.steps.len() {
            let mut arg = 0;
            while arg < op.steps[step].args.len() {
                if let Arg::Value(used) = op.steps[step].args[arg]
                    && let Some(at) = op.step_of(used)
                    && (self.steps[at].of != self.steps[step].of || matches!(op.steps[step].kind, Kind::Windows(_)))
                {
                    self.steps[at].leaves = match (op.steps[step].kind, self.steps[at].leaves) {
                        (kind, Leaves::No | Leaves::IfViewsDo) if kind.is_view() => Leaves::IfViewsDo,
                        _ => Leaves::Yes,
                    };
                }
                arg += 1;
            }
            step += 1;
        }
        let becomes = op.loops.iter().flat_map(|it| it.carried).map(|(carry, end)| (*end, Some(*carry)));
        for (value, carry) in becomes.chain(op.outputs.iter().map(|output| (output.value, None))) {
            if let Some(at) = op.step_of(value)
                && carry.is_none_or(|carry| self.home(op, carry) != self.steps[at].of)
            {
                self.steps[at].leaves = Leaves::Yes;
            }
        }
    }

    /// Whether a loop, by its index, is a condition around primitives only, or one that is fused, which stay in the kernel
    /// around them.
    pub(crate) fn stays(&self, of: usize) -> bool {
        self.stays[of]
    }

    /// Whether a step is under any condition inside its kernel.
    pub(crate) fn guarded(&self, step: usize) -> bool {
        self.steps[step].guarded
    }

    /// The loops around a step, outermost first, that repeat or condition its whole kernel.
    pub(crate) fn repeats(&self, op: &Op<'_>, step: usize) -> impl Iterator<Item = usize> {
        (0..op.loops.len()).filter(move |it| !self.stays[*it] && op.loops[*it].encloses(step))
    }

    /// The conditions around a step inside its kernel; a fused loop is one that holds if it has any round.
    pub(crate) fn guards(&self, op: &Op<'_>, step: usize) -> impl Iterator<Item = usize> {
        let loops = if self.guarded(step) { op.loops.len() } else { 0 };
        (0..loops).filter(move |it| self.stays[*it] && op.loops[*it].encloses(step))
    }

    /// Whether a loop's edge lies right before a step and ends a kernel.
    fn cuts(&self, op: &Op<'_>, step: usize) -> bool {
        let edge = |it: &Loop<'_>| usize::from(it.start) == step || usize::from(it.end) == step;
        op.loops.iter().zip(&self.stays).any(|(it, stays)| !stays && edge(it))
    }

    /// Whether the innermost loop around a step stays in its kernel.
    fn in_fused_guard(&self, op: &Op<'_>, step: usize) -> bool {
        op.loops.iter().rposition(|it| it.encloses(step)).is_some_and(|it| self.stays[it])
    }

    /// The value that holds the data of another: see [`super::origin`].
    pub fn origin(&self, op: &Op<'_>, value: u16) -> u16 {
        match op.step_of(value) {
            None => value,
            Some(step) => self.steps[step].origin,
        }
    }

    /// Whether a step's value is a cache, a state or a parameter.
    pub(super) fn owned(&self, step: usize) -> bool {
        self.steps[step].owned
    }

    /// How many kernels there are.
    pub const fn count(&self) -> u16 {
        self.count
    }

    /// The kernel of a step.
    pub fn of(&self, step: usize) -> u16 {
        self.steps[step].of
    }

    /// The last step of a step's kernel; the step itself if it belongs to none.
    pub fn last(&self, op: &Op<'_>, step: usize) -> usize {
        let same = |other: &usize| self.of(*other) == self.of(step) && self.of(step) != NO_KERNEL;
        (step..op.steps.len()).rev().find(same).unwrap_or(step)
    }

    /// The kernel on whose chip a value is computed; [`NO_KERNEL`] if it only ever is in memory.
    pub fn home(&self, op: &Op<'_>, value: u16) -> u16 {
        match op.step_of(value) {
            None => NO_KERNEL,
            Some(step) => match op.steps[step].kind {
                Kind::Append(_) | Kind::Write(_) => NO_KERNEL,
                Kind::Carry if self.steps[step].owned => NO_KERNEL,
                _ => self.of(step),
            },
        }
    }

    /// Whether anything outside a kernel uses a value: another kernel, a call, a loop, or the caller.
    pub fn leaves(&self, op: &Op<'_>, value: u16, kernel: u16) -> bool {
        let mut step = match op.step_of(value) {
            Some(at) if self.of(at) == kernel => match self.steps[at].leaves {
                Leaves::Yes => return true,
                Leaves::No => return false,
                Leaves::IfViewsDo => at,
            },
            _ if op.output(value).is_some() => return true,
            _ => 0,
        };
        while step < op.steps.len() {
            let mut arg = 0;
            while arg < op.steps[step].args.len() {
                if let Arg::Value(used) = op.steps[step].args[arg]
                    && used == value
                    && (self.of(step) != kernel || matches!(op.steps[step].kind, Kind::Windows(_)))
                {
                    // A view of it in memory is a use only if something uses the view. Windows overlap, so that what they are of
                    // is stored, and not they.
                    let view = op.steps[step].kind.is_view();
                    if !view || self.leaves(op, op.value_of(step), kernel) {
                        return true;
                    }
                }
                arg += 1;
            }
            step += 1;
        }
        let mut i = 0;
        while i < op.loops.len() {
            let mut j = 0;
            while j < op.loops[i].carried.len() {
                let (carry, end) = op.loops[i].carried[j];
                if end == value && self.home(op, carry) != kernel {
                    return true;
                }
                j += 1;
            }
            i += 1;
        }
        false
    }
}

/// Whether a loop is a condition around primitives only, or one that is fused, which stay in the kernel around them.
const fn stays(op: &Op<'_>, it: &Loop<'_>) -> bool {
    if !(it.guard || it.fused) || op.unfused {
        return false;
    }
    let mut i = 0;
    while i < op.loops.len() {
        let inner = &op.loops[i];
        let same = inner.start == it.start && inner.end == it.end;
        if it.start <= inner.start && inner.end <= it.end && !same {
            return false;
        }
        i += 1;
    }
    let mut step = it.start as usize;
    while step < it.end as usize {
        let kind = &op.steps[step].kind;
        if matches!(kind, Kind::Call(_)) && !kind.is_view() || matches!(kind, Kind::Store) {
            return false;
        }
        step += 1;
    }
    true
}
