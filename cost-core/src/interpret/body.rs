//! Runs the steps of one operator.

use super::array::{Buffer, Part, View};
use super::check;
use super::exchange::Seat;
use super::machine::{Machine, Site, within_one};
use super::math;
use super::memory::Life;
use super::ranks::{self, Share};
use super::size;
use crate::cost::Options;
use crate::count::works_on;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::op::{Call, Count, Dim, Input, Kind, Loop, Mask, OnMesh, Op, Role, Shape, Step, Windows};
use crate::random::Random;
use std::collections::BTreeMap;

/// An operator at work: its sizes and the values that it has so far.
pub(super) struct Body<'o> {
    pub(super) op: &'o Op<'o>,
    pub(super) sizes: Vec<usize>,
    pub(super) values: Vec<Option<View>>,
    pub(super) site: Site,
    pub(super) options: &'o Options,
    /// The windows that the step at work sees, but for what is in their padding.
    pub(super) windows: Vec<Windows>,
    /// For each axis, at which positions of the tokens' axes it stands for, where one token is at work.
    pub(super) token: Vec<Vec<usize>>,
    /// Where it is, if it runs on a rank of a mesh.
    pub(super) seat: Option<Seat<'o>>,
    /// Its axes that are this rank's shares of others.
    pub(super) shares: Vec<Share>,
    /// Values of which a normalisation sees whole rows, and the axes of the mesh that those are cut over.
    pub(super) statistics: BTreeMap<u16, &'o str>,
}

impl<'o> Body<'o> {
    pub(super) fn new(
        op: &'o Op<'o>,
        sizes: Vec<usize>,
        inputs: Vec<View>,
        site: Site,
        options: &'o Options,
        seat: Option<Seat<'o>>,
    ) -> Self {
        let mut values: Vec<Option<View>> = inputs.into_iter().map(Some).collect();
        values.resize(op.inputs.len() + op.steps.len(), None);
        let token = vec![Vec::new(); sizes.len()];
        let shares = seat.map(|seat| seat.rank.shares(op)).unwrap_or_default();
        let (windows, statistics) = Default::default();
        Self { op, sizes, values, site, options, windows, token, seat, shares, statistics }
    }

    /// The operator at work on one position of an axis.
    pub(super) fn at(&self, axis: u8, position: usize) -> Self {
        let mut sizes = self.sizes.clone();
        sizes[usize::from(axis)] = 1;
        let values = self.values.iter().map(|view| Some(view.as_ref()?.fixed(axis, position))).collect();
        let (site, token, shares) = (self.site.clone(), self.token.clone(), self.shares.clone());
        let (windows, statistics) = (Vec::new(), self.statistics.clone());
        Self {
            op: self.op,
            sizes,
            values,
            site,
            options: self.options,
            windows,
            token,
            seat: self.seat,
            shares,
            statistics,
        }
    }

    pub(super) fn set(&mut self, value: u16, view: View) {
        self.values[usize::from(value)] = Some(view);
    }

    /// Runs the body; gives what the operator returns.
    pub(super) fn run(mut self, machine: &mut Machine) -> Result<Vec<View>> {
        let whole = self.seat.map_or(self.op, |seat| seat.whole);
        check::fits(whole, &self.sizes[..whole.axes.len()])?;
        self.steps(machine, 0, self.op.steps.len(), 0)?;
        self.op.outputs.iter().map(|output| self.value(output.value)).collect()
    }

    /// Runs the steps from `at` to `end`, and the loops from number `from` on that begin among them.
    fn steps(&mut self, machine: &mut Machine, at: usize, end: usize, from: usize) -> Result<()> {
        let mut at = at;
        while at < end {
            let next = (from..self.op.loops.len()).find(|i| usize::from(self.op.loops[*i].start) == at);
            match next {
                Some(i) if usize::from(self.op.loops[i].end) <= end => {
                    self.rounds(machine, i)?;
                    at = usize::from(self.op.loops[i].end);
                }
                _ => {
                    self.step(machine, at)?;
                    at += 1;
                }
            }
        }
        Ok(())
    }

    fn rounds(&mut self, machine: &mut Machine, number: usize) -> Result<()> {
        let it: Loop<'o> = self.op.loops[number];
        let times = self.dim(&it.times)?;
        if it.guard && times > 1 {
            return Err(Error::Condition { op: self.op.name.to_owned(), found: times.to_string() });
        }
        let apart = !(it.guard || it.fused) || self.op.unfused || self.has_calls(&it);
        if apart {
            machine.close();
        }
        for (carry, _) in it.carried {
            if let Some(step) = self.op.step_of(*carry)
                && let Some(before) = self.op.steps[step].args[0].value()
            {
                let mut view = self.value(before)?;
                let cache = machine.buffers[view.buffer].role.ownable();
                if apart && !cache {
                    // The variable is a value of its own, even if no round changes it.
                    machine.leave(&view);
                    machine.take(&view);
                    let copy = Buffer { run: None, life: Life::default(), ..machine.buffers[view.buffer].clone() };
                    machine.buffers.push(copy);
                    view.buffer = machine.buffers.len() - 1;
                    machine.resize(view.buffer, self.count(&view));
                }
                self.values[usize::from(*carry)] = Some(view);
            }
        }
        let first = usize::from(it.start) + it.carried.len();
        let begun = machine.memory.now();
        if times == 0 {
            self.skip(machine, first, usize::from(it.end));
        }
        for _ in 0..times {
            self.steps(machine, first, usize::from(it.end), number + 1)?;
            let ends: Vec<View> = it.carried.iter().map(|(_, end)| self.value(*end)).collect::<Result<_>>()?;
            for ((carry, _), view) in it.carried.iter().zip(ends) {
                if apart {
                    machine.leave(&view);
                    machine.hold(&view);
                }
                self.values[usize::from(*carry)] = Some(view);
            }
            if apart {
                machine.close();
            }
        }
        if times > 0 && apart && !it.guard {
            self.hold_for_rounds(machine, &it, begun);
        }
        Ok(())
    }

    /// What a loop uses from outside is there until it ends: another round may need it.
    fn hold_for_rounds(&self, machine: &mut Machine, it: &Loop<'_>, begun: Option<usize>) {
        let (start, end) = (usize::from(it.start), usize::from(it.end));
        let args = self.op.steps[start + it.carried.len()..end].iter().flat_map(|step| step.args);
        let outside =
            args.filter_map(|arg| arg.value()).filter(|value| self.op.step_of(*value).is_none_or(|at| at < start));
        for view in outside.filter_map(|value| self.values[usize::from(value)].as_ref()) {
            if machine.buffers[view.buffer].life.used_after(begun) {
                machine.hold(view);
            }
        }
    }

    /// What a part that doesn't run would have used is stored for it all the same: kernels don't change with sizes.
    fn skip(&self, machine: &mut Machine, start: usize, end: usize) {
        let args = self.op.steps[start..end].iter().flat_map(|step| step.args);
        for view in args.filter_map(|arg| self.values[usize::from(arg.value()?)].as_ref()) {
            machine.leave_for_another(view);
        }
    }

    fn has_calls(&self, it: &Loop<'_>) -> bool {
        let own = |i: &Loop<'_>| (i.start, i.end) == (it.start, it.end);
        let inner = self.op.loops.iter().any(|i| !own(i) && it.start <= i.start && i.end <= it.end);
        let steps = &self.op.steps[usize::from(it.start)..usize::from(it.end)];
        let ends = |kind: &Kind<'_>| matches!(kind, Kind::Call(_)) && !kind.is_view() || matches!(kind, Kind::Store);
        inner || steps.iter().any(|step| ends(&step.kind))
    }

    pub(super) fn value(&self, value: u16) -> Result<View> {
        self.values[usize::from(value)].clone().ok_or_else(|| Error::Description {
            op: self.op.name.to_owned(),
            message: format!("value {value} is used before it is computed"),
        })
    }

    fn step(&mut self, machine: &mut Machine, at: usize) -> Result<()> {
        let it: Step<'o> = self.op.steps[at];
        self.windows = self.windows_at(at);
        let view = match it.kind {
            Kind::Call(call) if call.is_exchange() => match call.op.mesh {
                Some(OnMesh::Exchange(exchange)) => self.exchange(machine, at, &it, &call, &exchange)?,
                _ => return Ok(()),
            },
            Kind::Call(call) => {
                let results = self.call(machine, at, &it, &call)?;
                let values = self.op.inputs.len() + at..;
                for (value, view) in values.zip(results) {
                    self.values[value] = Some(view);
                }
                return Ok(());
            }
            Kind::Last { of, keep } => self.last(machine, &it, of, keep)?,
            Kind::View { of, to } => self.seen(machine, &it, &of, &to)?,
            Kind::Windows(windows) => self.windows(&it, &windows)?,
            // A call gives all that it returns at once.
            Kind::Carry | Kind::Output(_) => return Ok(()),
            _ => {
                let site: Site = self.site.iter().copied().chain([at]).collect();
                let run = machine.run(&site);
                let view = self.compute(machine, run, at, &it)?;
                if matches!(it.kind, Kind::Write(Role::State)) {
                    self.recur(machine, at)?;
                }
                if matches!(it.kind, Kind::Store) {
                    machine.leave(&view);
                }
                if self.op.unfused || matches!(it.kind, Kind::Store) {
                    machine.close();
                }
                view
            }
        };
        self.values[usize::from(self.op.value_of(at))] = Some(view);
        Ok(())
    }

    /// The last positions of an axis: the same elements, seen from further on.
    fn last(&self, machine: &Machine, it: &Step<'_>, of: u8, keep: u8) -> Result<View> {
        let mut view = self.value(it.args[0].value().unwrap_or_default())?;
        view.later |= !machine.at_hand(view.buffer);
        let all = view.size(of).unwrap_or_default();
        let kept = self.sizes[usize::from(keep)].min(all);
        for (axis, parts) in &mut view.axes {
            if *axis == of {
                let stride = parts.last().map_or(0, |part| part.stride);
                view.offset = view.offset.wrapping_add((all - kept) * stride);
                *axis = keep;
                *parts = vec![Part { size: kept, stride }];
            }
        }
        Ok(view)
    }

    /// The same elements along other axes.
    fn seen(&self, machine: &Machine, it: &Step<'_>, of: &Shape, to: &Shape) -> Result<View> {
        let mut view = self.value(it.args[0].value().unwrap_or_default())?;
        view.later |= !machine.at_hand(view.buffer);
        let parts: Vec<Part> = of.axes().iter().flat_map(|axis| view.parts(*axis)).collect();
        view.axes.retain(|(axis, _)| !of.has(*axis));
        view.axes.extend(self.divided(to, &parts));
        Ok(view)
    }

    /// Windows along an axis: each position of one is some position of the axis, or none in the padding.
    fn windows(&self, it: &Step<'_>, windows: &Windows) -> Result<View> {
        let mut view = self.value(it.args[0].value().unwrap_or_default())?;
        // Windows overlap: of what is stored, each element is once.
        view.later = true;
        let [Part { stride, .. }] = view.parts(windows.of)[..] else {
            return Err(Error::Description {
                op: self.op.name.to_owned(),
                message: "windows along an axis that stands for several can't be run".to_owned(),
            });
        };
        view.offset = view.offset.wrapping_sub(self.counted(windows.pad) * stride);
        view.axes.retain(|(axis, _)| *axis != windows.of);
        let part = |axis: u8, stride| (axis, vec![Part { size: self.sizes[usize::from(axis)], stride }]);
        view.axes.push(part(windows.at, self.counted(windows.stride) * stride));
        view.axes.push(part(windows.width, stride));
        Ok(view)
    }

    fn counted(&self, count: Count) -> usize {
        check::counted(count, &self.sizes)
    }

    /// The windows that a step works on.
    fn windows_at(&self, step: usize) -> Vec<Windows> {
        let all = self.op.steps.iter().filter_map(|other| match other.kind {
            Kind::Windows(it) => Some(it),
            _ => None,
        });
        all.filter(|it| works_on(self.op, step, it)).collect()
    }

    /// Whether a position of each window is one of the axis, and not in the padding.
    fn in_windows(&self, shape: &Shape, index: &[usize]) -> bool {
        self.windows.iter().all(|it| {
            if !shape.has(it.at) || !shape.has(it.width) {
                return true;
            }
            let place = index[usize::from(it.at)] * self.counted(it.stride) + index[usize::from(it.width)];
            let pad = self.counted(it.pad);
            (pad..pad + self.sizes[usize::from(it.of)]).contains(&place)
        })
    }

    fn call(&self, machine: &mut Machine, at: usize, it: &Step<'o>, call: &Call<'o>) -> Result<Vec<View>> {
        for arg in it.args {
            if let Some(value) = arg.value() {
                machine.leave(&self.value(value)?);
            }
        }
        machine.close();
        let sizes = size::inside(self.op, &self.sizes, call)?;
        let site: Site = self.site.iter().copied().chain([at]).collect();
        let results = if let Some(experts) = call.experts {
            vec![self.experts(machine, at, it, call, experts, &sizes, site)?]
        } else {
            let inputs = self.inputs(machine, it, call, &sizes, 0)?;
            let token = self.token_inside(call);
            let body = Body { token, ..Body::new(call.op, sizes, inputs, site, self.options, self.seat_inside(at)?) };
            let results = body.run(machine)?;
            for result in &results {
                machine.leave(result);
            }
            machine.close();
            let results: Vec<View> = results.iter().map(|result| self.outside(call, result)).collect();
            for result in &results {
                machine.hold(result);
            }
            results
        };
        // Whoever calls holds on to what it has handed over.
        for value in it.args.iter().filter_map(|arg| arg.value()) {
            machine.hold(&self.value(value)?);
        }
        for result in &results {
            let elements = self.count(result);
            let act = matches!(machine.buffers[result.buffer].role, Role::Act | Role::Ids);
            if act && machine.elements(result) != elements {
                machine.resize(result.buffer, elements);
            }
        }
        Ok(results)
    }

    /// The positions of tokens' axes that the axes of a callee stand for.
    fn token_inside(&self, call: &Call<'o>) -> Vec<Vec<usize>> {
        let axes = (0..=u8::MAX).take(call.op.axes.len()).map(|axis| self.placed(call, axis));
        axes.map(|axes| axes.axes().iter().flat_map(|own| self.token[usize::from(*own)].iter().copied()).collect())
            .collect()
    }

    /// The axes here that one of a callee stands for: none for what stays inside.
    pub(super) fn placed(&self, call: &Call<'o>, axis: u8) -> Shape {
        self.op.placed(call, axis).unwrap_or(Shape::SCALAR)
    }

    /// What a callee, or one copy of it, is given and owns.
    pub(super) fn inputs(
        &self,
        machine: &mut Machine,
        it: &Step<'o>,
        call: &Call<'o>,
        sizes: &[usize],
        copy: usize,
    ) -> Result<Vec<View>> {
        let inputs = call.op.inputs.iter().enumerate().map(|(i, input)| match self.op.passed(it, call, i) {
            Some(arg) => {
                let view = self.value(arg.value().unwrap_or_default())?;
                let seen = |axis: &u8| input.shape.axes().iter().any(|own| self.placed(call, *own).has(*axis));
                // Copies have a slice each of what is along their axis, unless they see that axis themselves.
                let view = match call.experts.map(|experts| experts.count).filter(|axis| !seen(axis)) {
                    Some(axis) => view.fixed(axis, copy),
                    None => view,
                };
                Ok(self.inside(call, &input.shape, &view))
            }
            None => {
                let dequant = input.format.unwrap_or_else(|| self.options.formats.of(input.role)).dequant_flops();
                let token = self.token_inside(call);
                let place = input.shape.axes().iter().map(|axis| token[usize::from(*axis)].clone()).collect();
                let buffer = machine.owned(place, |random| {
                    Buffer::given(self.filled(call.op, input, sizes, &token, random), input.role, dequant)
                });
                Ok(View::whole(buffer, input.shape.axes(), sizes))
            }
        });
        inputs.collect()
    }

    /// Numbers for a tensor that a callee owns: on a rank of a mesh its share of the same ones.
    fn filled(
        &self,
        op: &Op<'_>,
        input: &Input<'_>,
        sizes: &[usize],
        token: &[Vec<usize>],
        random: &mut Random,
    ) -> Vec<f64> {
        let shares = self.seat.map(|seat| seat.rank.shares(op)).unwrap_or_default();
        // Where one token is at work it is all that there is along its axes.
        let shares: Vec<Share> = shares.into_iter().filter(|it| token[usize::from(it.axis)].is_empty()).collect();
        let all = ranks::whole(&input.shape, &shares);
        let len: usize = all.axes().iter().map(|axis| sizes[usize::from(*axis)]).product();
        let data: Vec<f64> = (0..len).map(|_| within_one(random)).collect();
        ranks::share(&data, &input.shape, sizes, &shares).data
    }

    /// Where what a step calls runs.
    pub(super) fn seat_inside(&self, at: usize) -> Result<Option<Seat<'o>>> {
        let Some(seat) = self.seat else { return Ok(None) };
        let missing = || self.wrong("it wasn't cut from the operator that it is run beside".to_owned());
        seat.inside(self.op, at).ok_or_else(missing).map(Some)
    }

    /// Where an axis is at these positions, counted over all ranks; nothing if the shape has neither it nor a share of it.
    pub(super) fn position(&self, shape: &Shape, index: &[usize], axis: u8) -> Option<usize> {
        if shape.has(axis) {
            return Some(index[usize::from(axis)]);
        }
        let share = self.shares.iter().find(|it| it.whole == axis && shape.has(it.axis))?;
        Some(share.index * self.sizes[usize::from(share.axis)] + index[usize::from(share.axis)])
    }

    /// The axis of which one is a share; the axis itself if it isn't one.
    pub(super) fn whole(&self, axis: u8) -> u8 {
        self.shares.iter().find(|it| it.axis == axis).map_or(axis, |it| it.whole)
    }

    /// Which query–key pairs exist: on a rank of a mesh of all those that there are without one.
    pub(super) fn mask(&self) -> Mask {
        self.seat.map_or(self.op.mask, |seat| seat.whole.mask)
    }

    /// A value of this operator in the axes of one that it calls.
    fn inside(&self, call: &Call<'o>, shape: &Shape, view: &View) -> View {
        let axes = shape.axes().iter().map(|axis| {
            let placed = self.placed(call, *axis);
            (*axis, placed.axes().iter().flat_map(|own| view.parts(*own)).collect())
        });
        View { axes: axes.collect(), ..view.clone() }
    }

    /// What a called operator returns in the axes of this one.
    pub(super) fn outside(&self, call: &Call<'o>, view: &View) -> View {
        let axes = view.axes.iter().flat_map(|(axis, parts)| self.divided(&self.placed(call, *axis), parts));
        View { axes: axes.collect(), ..view.clone() }
    }

    /// Parts of one axis as those of the axes that it flattens.
    fn divided(&self, into: &Shape, parts: &[Part]) -> Vec<(u8, Vec<Part>)> {
        match (into.axes(), parts) {
            ([own], _) => vec![(*own, parts.to_vec())],
            (many, [Part { stride, .. }]) => {
                let mut stride = *stride;
                let mut split = Vec::new();
                for own in many.iter().rev() {
                    let size = self.sizes[usize::from(*own)];
                    split.push((*own, vec![Part { size, stride }]));
                    stride *= size;
                }
                split.reverse();
                split
            }
            (many, parts) => many.iter().copied().zip(parts.iter().map(|part| vec![*part])).collect(),
        }
    }

    /// How many positions of each axis a step sees: those of its operands that have fewest.
    pub(super) fn extent<'v>(&self, operands: impl Iterator<Item = &'v View>) -> Vec<usize> {
        let mut sizes = self.sizes.clone();
        for view in operands {
            for (axis, _) in &view.axes {
                let size = &mut sizes[usize::from(*axis)];
                *size = view.size(*axis).map_or(*size, |own| own.min(*size));
            }
        }
        sizes
    }

    /// Room on chip for a value.
    pub(super) fn fresh(
        &self,
        machine: &mut Machine,
        run: usize,
        shape: &Shape,
        extent: &[usize],
        format: Option<Format>,
    ) -> View {
        let len: usize = shape.axes().iter().map(|axis| extent[usize::from(*axis)]).product();
        let view = View::whole(machine.buffers.len(), shape.axes(), extent);
        let mut exists = vec![false; len];
        math::each(shape.axes(), extent, &mut |index| exists[view.at(index)] = self.in_memory(shape, index));
        let dequant = format.unwrap_or_else(|| self.options.formats.of(Role::Act)).dequant_flops();
        let life = Life::default();
        let padding = false;
        machine.buffers.push(Buffer {
            data: vec![0.0; len],
            role: Role::Act,
            run: Some(run),
            exists,
            dequant,
            padding,
            life,
        });
        view
    }

    /// Calls a function with the positions of every element of a shape that exists.
    pub(super) fn each(&self, shape: &Shape, extent: &[usize], mut then: impl FnMut(&[usize])) {
        math::each(shape.axes(), extent, &mut |index| {
            if self.exists(shape, index) {
                then(index);
            }
        });
    }

    /// How many elements of a value exist.
    pub(super) fn count(&self, view: &View) -> u128 {
        let mut count = 0;
        let shape = view.shape();
        math::each(shape.axes(), &self.extent([view].into_iter()), &mut |index| {
            count += u128::from(self.in_memory(&shape, index));
        });
        count
    }

    /// Whether the mask leaves an element: a pair that exists, or a key that some query sees.
    pub(super) fn exists(&self, shape: &Shape, index: &[usize]) -> bool {
        self.in_windows(shape, index) && self.in_memory(shape, index)
    }

    /// Whether the mask leaves an element.
    pub(super) fn in_memory(&self, shape: &Shape, index: &[usize]) -> bool {
        let mask = self.mask();
        let Some((s, t)) = mask.axes() else { return true };
        let Some(key) = self.position(shape, index, t) else { return true };
        let query = self.position(shape, index, s);
        let (s, t) = mask.positions().unwrap_or((s, t));
        let past = self.sizes[usize::from(t)] - self.sizes[usize::from(s)];
        let limit = mask.limit().map_or(usize::MAX, |w| self.sizes[usize::from(w)]);
        let last = self.sizes[usize::from(s)].saturating_sub(1);
        match (mask, query) {
            (Mask::Selected { block, .. }, _) => {
                let block = block.map_or(1, |block| self.counted(block));
                chosen(past, limit, block, query.unwrap_or(last), key, query.is_some())
            }
            // The last of a block's tokens has been.
            (Mask::Blocks { width, stride, .. }, _) => {
                key * self.counted(stride) + self.counted(width) <= past + query.unwrap_or(last) + 1
            }
            // The first query reaches furthest back.
            (Mask::Chunked { .. } | Mask::Within { .. }, None) => key >= past / limit * limit,
            (Mask::Chunked { .. }, Some(query)) => key <= past + query && key >= (past + query) / limit * limit,
            (Mask::Within { .. }, Some(query)) => key / limit == (past + query) / limit,
            (Mask::Around { .. }, Some(query)) => key.abs_diff(past + query) < limit,
            (Mask::Around { .. }, None) => (past..self.sizes[usize::from(t)]).any(|query| key.abs_diff(query) < limit),
            (_, Some(query)) => key <= past + query && past + query - key < limit,
            (_, None) => key >= past || past - key < limit,
        }
    }

    /// How often a value is loaded in a tiled kernel.
    pub(super) fn tiles(&self, view: &View) -> Option<u128> {
        self.tiles_of(&view.shape())
    }

    /// How often what has this shape is loaded in a tiled kernel; nothing if it has the tiled axis.
    pub(super) fn tiles_of(&self, shape: &Shape) -> Option<u128> {
        let tile = self.op.tile.as_ref().filter(|tile| !shape.has(tile.axis))?;
        let length = self.dim(&tile.size).unwrap_or(1).max(1);
        Some(self.sizes[usize::from(tile.axis)].div_ceil(length) as u128)
    }

    fn dim(&self, it: &Dim<'_>) -> Result<usize> {
        size::dim(self.op, &self.sizes, it)
    }
}

/// Whether a query chooses a key, with `most` blocks of keys to choose: its own block up to itself, then the first blocks
/// that no query before it has chosen, and if those that it sees run out, the first ones of the others again. Without `own`,
/// whether it or any query before it chooses the key.
fn chosen(past: usize, most: usize, block: usize, query: usize, key: usize, own: bool) -> bool {
    if most == 0 {
        return false;
    }
    // Blocks that no query is in are taken in order; the others have been by whoever is in them.
    let (free, mut before, mut after): (usize, usize, usize) = (past / block, 0, 0);
    for _ in 0..=query {
        before = after;
        after = free.min(before.saturating_add(most - 1));
    }
    let (at, here) = (key / block, (past + query) / block);
    if !own {
        return key <= past + query && (at < after || at >= free);
    }
    let again = (most - 1).min(here) - (after - before);
    let fresh = (before..after).contains(&at);
    let other = if at < before { at } else { at.saturating_sub(after - before) };
    at == here && key <= past + query || at < here && (fresh || other < again)
}
