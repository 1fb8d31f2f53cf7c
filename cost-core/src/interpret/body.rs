//! Runs the steps of one operator.

use super::array::{Buffer, Part, View};
use super::check;
use super::machine::{Machine, Routed, Site};
use super::math;
use crate::cost::Options;
use crate::error::{Error, Result};
use crate::op::{Call, Dim, Experts, Kind, Loop, Mask, Op, Role, Shape, Step};

/// An operator at work: its sizes and the values that it has so far.
pub(super) struct Body<'o> {
    pub(super) op: &'o Op<'o>,
    pub(super) sizes: Vec<usize>,
    values: Vec<Option<View>>,
    site: Site,
    options: &'o Options,
}

impl<'o> Body<'o> {
    pub(super) fn new(op: &'o Op<'o>, sizes: Vec<usize>, inputs: Vec<View>, site: Site, options: &'o Options) -> Self {
        let mut values: Vec<Option<View>> = inputs.into_iter().map(Some).collect();
        values.resize(op.inputs.len() + op.steps.len(), None);
        Self { op, sizes, values, site, options }
    }

    /// The operator at work on one position of an axis.
    pub(super) fn at(&self, axis: u8, position: usize) -> Self {
        let mut sizes = self.sizes.clone();
        sizes[usize::from(axis)] = 1;
        let values = self.values.iter().map(|view| Some(view.as_ref()?.fixed(axis, position))).collect();
        Self { op: self.op, sizes, values, site: self.site.clone(), options: self.options }
    }

    pub(super) fn set(&mut self, value: u16, view: View) {
        self.values[usize::from(value)] = Some(view);
    }

    pub(super) fn run(mut self, machine: &mut Machine) -> Result<View> {
        check::fits(self.op, &self.sizes)?;
        self.steps(machine, 0, self.op.steps.len(), 0)?;
        self.value(self.op.result)
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
        let apart = !it.guard || self.op.unfused || self.has_calls(&it);
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
                    let copy = Buffer { run: None, ..machine.buffers[view.buffer].clone() };
                    machine.buffers.push(copy);
                    view.buffer = machine.buffers.len() - 1;
                }
                self.values[usize::from(*carry)] = Some(view);
            }
        }
        let first = usize::from(it.start) + it.carried.len();
        if times == 0 {
            self.skip(machine, first, usize::from(it.end));
        }
        for _ in 0..times {
            self.steps(machine, first, usize::from(it.end), number + 1)?;
            let ends: Vec<View> = it.carried.iter().map(|(_, end)| self.value(*end)).collect::<Result<_>>()?;
            for ((carry, _), view) in it.carried.iter().zip(ends) {
                if apart {
                    machine.leave(&view);
                }
                self.values[usize::from(*carry)] = Some(view);
            }
            if apart {
                machine.close();
            }
        }
        Ok(())
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
        inner || steps.iter().any(|step| matches!(step.kind, Kind::Call(_) | Kind::Store))
    }

    pub(super) fn value(&self, value: u16) -> Result<View> {
        self.values[usize::from(value)].clone().ok_or_else(|| Error::Description {
            op: self.op.name.to_owned(),
            message: format!("value {value} is used before it is computed"),
        })
    }

    fn step(&mut self, machine: &mut Machine, at: usize) -> Result<()> {
        let it: Step<'o> = self.op.steps[at];
        let view = match it.kind {
            Kind::Call(call) => self.call(machine, at, &it, &call)?,
            Kind::Last { of, keep } => self.last(machine, &it, of, keep)?,
            Kind::Carry => return Ok(()),
            _ => {
                let site: Site = self.site.iter().copied().chain([at]).collect();
                let run = machine.run(&site);
                let view = self.compute(machine, run, at, &it)?;
                if matches!(it.kind, Kind::Update) {
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
        let (all, kept) = (self.sizes[usize::from(of)], self.sizes[usize::from(keep)]);
        for (axis, parts) in &mut view.axes {
            if *axis == of {
                let stride = parts.last().map_or(0, |part| part.stride);
                view.offset += (all - kept) * stride;
                *axis = keep;
                *parts = vec![Part { size: kept, stride }];
            }
        }
        Ok(view)
    }

    fn call(&self, machine: &mut Machine, at: usize, it: &Step<'o>, call: &Call<'o>) -> Result<View> {
        for arg in it.args {
            if let Some(value) = arg.value() {
                machine.leave(&self.value(value)?);
            }
        }
        machine.close();
        let mut sizes = Vec::new();
        for axis in 0..call.op.axes.len() {
            sizes.push(self.dim(&self.bound(call, axis)?)?);
        }
        let site: Site = self.site.iter().copied().chain([at]).collect();
        if let Some(experts) = call.experts {
            return self.experts(machine, at, it, call, experts, &sizes, site);
        }
        let inputs = self.inputs(machine, it, call, &sizes)?;
        let result = Body::new(call.op, sizes, inputs, site, self.options).run(machine)?;
        machine.leave(&result);
        machine.close();
        self.outside(call, &result)
    }

    fn bound(&self, call: &Call<'o>, axis: usize) -> Result<Dim<'o>> {
        self.op.bound(call, axis).ok_or_else(|| Error::Description {
            op: self.op.name.to_owned(),
            message: format!("its call of {} leaves axis {} open", call.op.name, call.op.axes[axis]),
        })
    }

    fn inputs(&self, machine: &mut Machine, it: &Step<'o>, call: &Call<'o>, sizes: &[usize]) -> Result<Vec<View>> {
        let inputs = call.op.inputs.iter().enumerate().map(|(i, input)| match self.op.passed(it, call, i) {
            Some(arg) => self.inside(call, &input.shape, &self.value(arg.value().unwrap_or_default())?),
            None => {
                let len: usize = input.shape.axes().iter().map(|axis| sizes[usize::from(*axis)]).product();
                let data: Vec<f64> = (0..len).map(|_| machine.random()).collect();
                let dequant = input.format.unwrap_or_else(|| self.options.formats.of(input.role)).dequant_flops();
                machine.buffers.push(Buffer { data, role: input.role, run: None, exists: vec![true; len], dequant });
                Ok(View::whole(machine.buffers.len() - 1, input.shape.axes(), sizes))
            }
        });
        inputs.collect()
    }

    /// A value of this operator in the axes of one that it calls.
    fn inside(&self, call: &Call<'o>, shape: &Shape, view: &View) -> Result<View> {
        let axes = shape.axes().iter().map(|axis| {
            let product = self.bound(call, usize::from(*axis))?.product().unwrap_or(Shape::SCALAR);
            Ok((*axis, product.axes().iter().flat_map(|own| view.parts(*own)).collect()))
        });
        Ok(View { axes: axes.collect::<Result<_>>()?, ..view.clone() })
    }

    /// What a called operator returns in the axes of this one.
    fn outside(&self, call: &Call<'o>, view: &View) -> Result<View> {
        let mut axes = Vec::new();
        for (axis, parts) in &view.axes {
            let product = self.bound(call, usize::from(*axis))?.product().unwrap_or(Shape::SCALAR);
            match (product.axes(), parts.as_slice()) {
                ([own], _) => axes.push((*own, parts.clone())),
                (many, [Part { stride, .. }]) => {
                    let mut stride = *stride;
                    let mut split = Vec::new();
                    for own in many.iter().rev() {
                        let size = self.sizes[usize::from(*own)];
                        split.push((*own, vec![Part { size, stride }]));
                        stride *= size;
                    }
                    split.reverse();
                    axes.extend(split);
                }
                (many, parts) => axes.extend(many.iter().copied().zip(parts.iter().map(|part| vec![*part]))),
            }
        }
        Ok(View { axes, ..view.clone() })
    }

    /// Each token through `top` of the copies: token `i` goes to copies `i`, `i + 1`, … around the circle.
    #[expect(clippy::too_many_arguments, reason = "what a call is made of")]
    fn experts(
        &self,
        machine: &mut Machine,
        at: usize,
        it: &Step<'o>,
        call: &Call<'o>,
        experts: Experts,
        sizes: &[usize],
        site: Site,
    ) -> Result<View> {
        let (count, top) = (self.sizes[usize::from(experts.count)], self.sizes[usize::from(experts.top)]);
        let own = self.op.shapes[usize::from(self.op.value_of(at))];
        let weights = call.op.inputs.iter().filter(|input| input.role == Role::Weight);
        let used = weights.fold(Shape::SCALAR, |all, input| all.union(&input.shape));
        let first = call.op.inputs.iter().find(|input| !input.role.ownable());
        let tokens = first.map_or(Shape::SCALAR, |input| input.shape.minus(&used));
        let copies = (0..count).map(|_| self.inputs(machine, it, call, sizes)).collect::<Result<Vec<_>>>()?;
        machine.experts = Some(Routed::default());
        let mut outputs: Vec<(Vec<usize>, View)> = Vec::new();
        let (mut failed, mut token) = (None, 0);
        math::each(tokens.axes(), sizes, &mut |index| {
            let mut one = sizes.to_vec();
            tokens.axes().iter().for_each(|axis| one[usize::from(*axis)] = 1);
            for choice in 0..top {
                let copy = &copies[(token + choice) % count.max(1)];
                let inputs = copy.iter().map(|view| {
                    tokens.axes().iter().fold(view.clone(), |view, axis| view.fixed(*axis, index[usize::from(*axis)]))
                });
                let body = Body::new(call.op, one.clone(), inputs.collect(), site.clone(), self.options);
                match body.run(machine) {
                    Ok(result) => {
                        machine.leave(&result);
                        outputs.push((index.to_vec(), result));
                    }
                    Err(error) => failed = Some(error),
                }
                machine.close();
            }
            token += 1;
        });
        machine.experts = None;
        if let Some(error) = failed {
            return Err(error);
        }
        self.combine(machine, it, call, experts, &own, outputs, site)
    }

    /// Adds up what the copies gave, weighed by the gates if there are any.
    #[expect(clippy::too_many_arguments, reason = "what a call is made of")]
    fn combine(
        &self,
        machine: &mut Machine,
        it: &Step<'o>,
        call: &Call<'o>,
        experts: Experts,
        own: &Shape,
        outputs: Vec<(Vec<usize>, View)>,
        site: Site,
    ) -> Result<View> {
        let site: Site = site.into_iter().chain([usize::MAX]).collect();
        let run = machine.run(&site);
        let out = self.fresh(machine, run, own);
        let gates = match it.args.last().and_then(|arg| arg.value()) {
            Some(gates) if experts.gated => Some(self.value(gates)?),
            _ => None,
        };
        if let Some(gates) = &gates {
            // Choosing the copies takes a look at every gate.
            self.each(&gates.shape(), |index| {
                machine.load(run, gates, gates.at(index), None);
            });
        }
        for (token, view) in outputs {
            let view = self.outside(call, &view)?;
            let inner = call.op.returns;
            let mut sizes = self.sizes.clone();
            let mut offset = vec![0; sizes.len()];
            for axis in inner.axes() {
                let product = self.bound(call, usize::from(*axis))?.product().unwrap_or(Shape::SCALAR);
                if view.parts(product.axis(0)) == [Part { size: 1, stride: 0 }]
                    || view.parts(product.axis(0))[0].size == 1
                {
                    sizes[usize::from(product.axis(0))] = 1;
                    offset[usize::from(product.axis(0))] = token[usize::from(*axis)];
                }
            }
            math::each(own.axes(), &sizes, &mut |index| {
                let value = machine.load(run, &view, view.at(index), None);
                let place: Vec<usize> = index.iter().zip(&offset).map(|(a, b)| a + b).collect();
                machine.buffers[out.buffer].data[out.at(&place)] += value;
                machine.counted(run).vector += 1 + u128::from(gates.is_some());
            });
        }
        machine.leave(&out);
        machine.close();
        Ok(out)
    }

    /// Room on chip for a value.
    pub(super) fn fresh(&self, machine: &mut Machine, run: usize, shape: &Shape) -> View {
        let len: usize = shape.axes().iter().map(|axis| self.sizes[usize::from(*axis)]).product();
        let view = View::whole(machine.buffers.len(), shape.axes(), &self.sizes);
        let mut exists = vec![false; len];
        self.each(shape, |index| exists[view.at(index)] = true);
        let dequant = self.options.formats.acts.dequant_flops();
        machine.buffers.push(Buffer { data: vec![0.0; len], role: Role::Act, run: Some(run), exists, dequant });
        view
    }

    /// Calls a function with the positions of every element of a shape that exists.
    pub(super) fn each(&self, shape: &Shape, mut then: impl FnMut(&[usize])) {
        math::each(shape.axes(), &self.sizes, &mut |index| {
            if self.exists(shape, index) {
                then(index);
            }
        });
    }

    /// Whether the mask leaves an element: a pair that exists, or a key that some query sees.
    pub(super) fn exists(&self, shape: &Shape, index: &[usize]) -> bool {
        let Some((s, t)) = self.op.mask.axes() else { return true };
        if !shape.has(t) {
            return true;
        }
        let past = self.sizes[usize::from(t)] - self.sizes[usize::from(s)];
        let key = index[usize::from(t)];
        let limit = self.op.mask.limit().map_or(usize::MAX, |w| self.sizes[usize::from(w)]);
        let query = shape.has(s).then(|| index[usize::from(s)]);
        match (self.op.mask, query) {
            (Mask::Selected { .. }, _) => {
                let last = self.sizes[usize::from(s)].saturating_sub(1);
                chosen(past, limit, query.unwrap_or(last), key, query.is_some())
            }
            // The first query reaches furthest back.
            (Mask::Chunked { .. }, None) => key >= past / limit * limit,
            (Mask::Chunked { .. }, Some(query)) => key <= past + query && key >= (past + query) / limit * limit,
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

    fn dim(&self, dim: &Dim<'_>) -> Result<usize> {
        let terms = match dim {
            Dim::Axis(axis) => return Ok(self.sizes[usize::from(*axis)]),
            Dim::Sum(terms) => terms,
        };
        let sum = terms.iter().try_fold(0_i128, |sum, term| {
            let sizes = term.axes.iter().map(|axis| i128::try_from(self.sizes[usize::from(*axis)]).ok());
            let mut factors = sizes.chain([Some(i128::from(term.coefficient))]);
            sum.checked_add(factors.try_fold(1_i128, |product, factor| product.checked_mul(factor?))?)
        });
        let sum = sum.ok_or(Error::Overflow { counting: "sizes" })?;
        usize::try_from(sum).map_err(|_| Error::Negative { op: self.op.name.to_owned() })
    }
}

/// Whether a query chooses a key: each takes the first keys that no query before it has chosen, then, if those that it
/// sees run out, the first ones again. Without `own`, whether it or any query before it chooses the key.
fn chosen(past: usize, most: usize, query: usize, key: usize, own: bool) -> bool {
    let (mut before, mut after): (usize, usize) = (0, 0);
    for seen in past + 1..=past + query + 1 {
        before = after;
        after = seen.min(before.saturating_add(most));
    }
    let again = most.min(past + query + 1) - (after - before);
    if own { (before..after).contains(&key) || key < again } else { key < after }
}
