//! One operator at given sizes, somewhere inside another: what its axes, tensors and shapes amount to there.

use std::borrow::Cow;

use super::kernel::Origin;
use super::num::Num;
use super::options::{Masking, Options, Pattern, Routing, Stored};
use super::size::{self, derive, inside};
use crate::check::sound;
use crate::count::{self, Rows, rows};
use crate::error::{Error, Result, TwoSizes};
use crate::format::{Class, Format, Group};
use crate::op::{Arg, Call, Dim, Input, Kind, Mask, Op, Role, Shape, Step, Tied};

/// An operator with the sizes of its axes and what its inputs are.
pub(super) struct Frame<'o, N> {
    pub(super) op: &'o Op<'o>,
    pub(super) sizes: Vec<N>,
    /// The sizes as they were given, where more are to be kept along an axis than there can be.
    pub(super) given: Option<Vec<N>>,
    pub(super) inputs: Vec<Held<'o>>,
    /// The enclosing calls, joined by dots.
    pub(super) path: String,
    /// Where it is called, if that is asked for.
    pub(super) origin: Origin,
    /// The `let` that the operator's result goes to.
    pub(super) name: String,
    /// The path of the operator's result, where it is called.
    pub(super) result: String,
    /// How often the whole operator runs.
    pub(super) repeat: N,
    /// The outermost loop that it is in: the calls and labels around it.
    pub(super) around: Option<String>,
    /// How it is routed, if it is one of many experts.
    pub(super) routed: Option<Routed<N>>,
    /// For each input the first one that is the same tensor: a call may be given one several times.
    pub(super) same: Vec<u16>,
    /// Which share of the parameters its weights count to.
    pub(super) part: Option<&'o str>,
    /// Whether anything asks for the paths of tensors.
    pub(super) names: bool,
    /// Whether the outermost operator keeps anything along an axis, or what it calls does.
    pub(super) keeps: bool,
}

/// What an input really is.
#[derive(Clone)]
pub(super) struct Held<'o> {
    pub(super) role: Role,
    pub(super) format: Format,
    /// The class in which products with it multiply, if the model says.
    pub(super) multiply: Option<Class>,
    /// Its path from the outermost operator.
    pub(super) path: String,
    pub(super) gguf: Option<&'o str>,
    pub(super) hf: Option<&'o str>,
    /// Whether this operator brings it along, rather than being given it by a call.
    pub(super) owned: bool,
    /// Whether it comes from outside of routed experts: all copies are given this one tensor.
    pub(super) shared: bool,
}

/// `top` of `experts` copies for each of so many tokens.
#[derive(Clone)]
pub(super) struct Routed<N> {
    pub(super) experts: N,
    pub(super) top: N,
    pub(super) tokens: N,
    /// The axes of the tokens, in the operator's own.
    axes: Shape,
}

impl<'o, N: Num> Frame<'o, N> {
    /// The outermost operator.
    pub(super) fn root(op: &'o Op<'o>, mut sizes: Vec<N>, options: &Options) -> Result<Self> {
        sound(op)?;
        if sizes.len() != op.axes.len() {
            return Err(Error::Sizes { op: op.name.to_owned(), expected: op.axes.len(), found: sizes.len() });
        }
        derive(op, &mut sizes)?;
        let inputs = op.inputs.iter().map(|input| owned(input, input.name.to_owned(), options));
        let mut frame = Self {
            inputs: inputs.collect(),
            op,
            sizes,
            given: None,
            path: String::new(),
            origin: Origin::default(),
            name: snake(op.name),
            result: snake(op.name),
            repeat: N::int(1),
            around: None,
            routed: None,
            same: (0..).take(op.inputs.len()).collect(),
            part: op.part,
            names: N::NAMES || options.ask_paths(),
            keeps: count::keeps(op),
        };
        frame.tie()?;
        frame.capped()?.checked()
    }

    /// The operator with no more kept along an axis than there is: what `top` finds.
    fn capped(mut self) -> Result<Self> {
        if !self.keeps {
            return Ok(self);
        }
        for (keep, of) in (0..).map_while(|n| count::kept(self.op, n)) {
            let least = self.size(keep).least(self.size(of))?;
            self.given.get_or_insert_with(|| self.sizes.clone());
            self.sizes[usize::from(keep)] = least;
        }
        self.as_derived()?;
        Ok(self)
    }

    /// An error if an axis has its size in terms of one along which there are fewer than was asked for.
    fn as_derived(&self) -> Result<()> {
        let Some(asked) = self.given.as_ref().filter(|_| !self.op.derived.is_empty()) else { return Ok(()) };
        let mut again = self.sizes.clone();
        derive(self.op, &mut again)?;
        self.op.derived.iter().map(|derived| usize::from(derived.axis)).try_for_each(|axis| {
            let error = || Error::DerivedOfKept { op: self.op.name.to_owned(), axis: self.op.axes[axis].to_owned() };
            again[axis].at_most(&asked[axis], error)?;
            asked[axis].at_most(&again[axis], error)
        })
    }

    /// Makes weights that are tied the same tensor.
    fn tie(&mut self) -> Result<()> {
        for (i, input) in self.op.inputs.iter().enumerate() {
            let Some(tied) = input.tied.filter(|_| self.inputs[i].owned) else { continue };
            let other = &self.inputs[usize::from(tied.to)];
            if self.untied(tied)?.is_zero() {
                self.inputs[i] = Held { owned: false, ..other.clone() };
                self.same[i] = self.same[usize::from(tied.to)];
            } else if other.format != self.inputs[i].format {
                self.size(tied.when).at_most(&N::int(0), || {
                    let axis = self.op.axes[usize::from(tied.when)];
                    let message =
                        format!("{} has another format where {axis} is 1, so {axis} can't be free", input.name);
                    Error::Description { op: self.op.name.to_owned(), message }
                })?;
            }
        }
        Ok(())
    }

    /// 1 where a weight is one of its own, 0 where it is another one.
    pub(super) fn untied(&self, tied: Tied) -> Result<N> {
        let when = self.size(tied.when);
        when.at_most(&N::int(1), || Error::Condition { op: self.op.name.to_owned(), found: when.text(&[]) })?;
        N::int(1).minus(when)
    }

    /// How often a step's call runs, and how it is counted: rounds of a loop whose tensors have formats of their own come
    /// apart.
    pub(super) fn rounds<'c>(&self, step: usize, options: &'c Options) -> Result<Vec<(N, Cow<'c, Options>)>> {
        let repeat = self.repeats(step)?;
        if options.formats.rounds.is_empty() {
            return Ok(vec![(repeat, Cow::Borrowed(options))]);
        }
        let place = self.place(step);
        let own = self.looped(step) && !repeat.is_zero();
        let rounds = options.formats.rounds.iter().filter(|rounds| own && rounds.place == place);
        let rounds = rounds.map(|rounds| {
            let times = self.repeat.times(&N::int(rounds.times))?;
            Ok((times, Cow::Owned(options.within(rounds))))
        });
        let rounds = rounds.collect::<Result<Vec<_>>>()?;
        if rounds.is_empty() {
            return Ok(vec![(repeat, Cow::Borrowed(options))]);
        }
        let total = rounds.iter().try_fold(N::int(0), |sum, (times, _)| sum.plus(times))?;
        let error = || {
            let (found, expected) = (total.text(self.op.axes), repeat.text(self.op.axes));
            let message = format!("formats are given for {found} rounds of its loop `{place}`; expected {expected}");
            Error::Description { op: self.op.name.to_owned(), message }
        };
        total.at_most(&repeat, error)?;
        repeat.at_most(&total, error)?;
        Ok(rounds)
    }

    /// Whether a loop repeats a step.
    fn looped(&self, step: usize) -> bool {
        self.op.loops.iter().any(|it| !it.guard && it.encloses(step))
    }

    /// The operator that a step calls.
    pub(super) fn enter(&self, step: usize, call: &Call<'o>, options: &Options) -> Result<Self> {
        let it = &self.op.steps[step];
        let path = join(&self.place(step), &snake(call.op.name));
        let (sizes, given) = self.sizes_inside(call)?;
        let args = self.op.all_passed(it, call);
        let inputs = call.op.inputs.iter().zip(&args).map(|(input, arg)| match arg {
            Some(arg) => {
                let held = self.held(*arg, options);
                Held { owned: false, shared: held.shared || call.experts.is_some(), ..held }
            }
            None => owned(input, self.named(|| join(&path, input.name)), options),
        });
        let inputs = inputs.collect();
        let tensor = |arg: &Option<Arg>| arg.and_then(Arg::value).map(|value| self.tensor(value));
        let tensors: Vec<Option<u16>> = args.iter().map(tensor).collect();
        let same = tensors.iter().zip(0..).map(|(tensor, own)| {
            let first = || tensors.iter().zip(0..).find(|(other, _)| *other == tensor);
            tensor.and_then(|_| first()).map_or(own, |(_, first)| first)
        });
        let same = same.collect();
        let repeat = self.repeats(step)?;
        let mut frame = Self {
            op: call.op,
            sizes,
            given,
            inputs,
            path,
            origin: Origin::default(),
            name: self.name_of(step),
            result: self.named(|| self.path_of(step)),
            repeat,
            around: self.around.clone().or_else(|| self.looped(step).then(|| self.place(step))),
            routed: self.routed.as_ref().map(|routed| routed.inside(self.op, call)),
            same,
            part: call.op.part.or(self.part),
            names: self.names,
            keeps: self.keeps,
        };
        if let Some(experts) = call.experts {
            if self.routed.is_some() {
                let message = "routed experts inside routed experts are not supported".to_owned();
                return Err(Error::Description { op: self.op.name.to_owned(), message });
            }
            let (experts, top) = (self.size(experts.count).clone(), self.size(experts.top).clone());
            top.at_most(&experts, || Error::Experts { given: top.text(&[]), experts: experts.text(&[]) })?;
            let axes = token_axes(call.op);
            frame.routed = Some(Routed { experts, top, tokens: frame.product(&axes)?, axes });
        }
        frame.tie()?;
        frame.capped()?.checked()
    }

    /// The sizes of a callee's axes, and those as they were given if that is something else.
    fn sizes_inside(&self, call: &Call<'_>) -> Result<(Vec<N>, Option<Vec<N>>)> {
        let given = self.given.as_ref().map(|given| inside(self.op, call, given)).transpose()?;
        Ok((inside(self.op, call, &self.sizes)?, given))
    }

    fn checked(self) -> Result<Self> {
        let named = |axis: u8| (self.op.axes[usize::from(axis)].to_owned(), self.size(axis).text(&[]));
        let sizes =
            |part, whole| Box::new(TwoSizes { op: self.op.name.to_owned(), part: named(part), whole: named(whole) });
        if let Some((s, t)) = self.op.mask.axes() {
            self.size(s).at_most(self.size(t), || Error::Causal(sizes(s, t)))?;
        }
        if let Mask::Chunked { w, .. } = self.op.mask {
            N::int(1).at_most(self.size(w), || Error::ZeroDivision { dividing: "tokens into chunks" })?;
        }
        if let Mask::Around { w, .. } = self.op.mask {
            let named =
                || Error::EmptyWindow { op: self.op.name.to_owned(), axis: self.op.axes[usize::from(w)].to_owned() };
            N::int(1).at_most(self.size(w), named)?;
        }
        for step in self.op.steps {
            if let Kind::Last { of, keep } = step.kind {
                self.size(keep).at_most(self.size(of), || Error::Part(sizes(keep, of)))?;
            }
        }
        Ok(self)
    }

    pub(super) fn size(&self, axis: u8) -> &N {
        &self.sizes[usize::from(axis)]
    }

    /// The product of the sizes of axes, whatever a mask leaves of them.
    fn product(&self, axes: &Shape) -> Result<N> {
        axes.axes().iter().try_fold(N::int(1), |product, axis| product.times(self.size(*axis)))
    }

    /// The tensor that a value shows: the same number for all names that it goes by here.
    pub(super) fn tensor(&self, value: u16) -> u16 {
        let value = count::origin(self.op, value);
        self.same.get(usize::from(value)).copied().unwrap_or(value)
    }

    /// A size in terms of the operator's axes.
    pub(super) fn dim(&self, dim: &Dim<'_>) -> Result<N> {
        size::dim(self.op, dim, &self.sizes)
    }

    /// What a value is: an input, or an activation of its own.
    pub(super) fn held(&self, arg: Arg, options: &Options) -> Held<'o> {
        let Some(value) = arg.value() else {
            return computed(String::new(), options);
        };
        let value = count::origin(self.op, value);
        match self.op.step_of(value) {
            None => self.inputs[usize::from(value)].clone(),
            Some(step) => computed(self.named(|| self.path_of(step)), options),
        }
    }

    /// The path of a tensor, if anything asks for it.
    fn named(&self, path: impl FnOnce() -> String) -> String {
        if self.names { path() } else { String::new() }
    }

    /// The path of what a step computes: the same here and where it is handed back to.
    fn path_of(&self, step: usize) -> String {
        if self.op.result == self.op.value_of(step) && self.op.steps[step].name.is_empty() {
            return self.result.clone();
        }
        join(&self.place(step), &self.label(step))
    }

    /// The path of what a step is part of: the enclosing calls, then the labels of the loops around it.
    pub(super) fn place(&self, step: usize) -> String {
        let around = self.op.loops.iter().filter(|it| it.encloses(step));
        around.fold(self.path.clone(), |path, it| join(&path, it.label))
    }

    /// The class of numbers in which a step of a kernel multiplies its operands.
    pub(super) fn multiplies(&self, step: usize, kernel: &str, options: &Options) -> Class {
        let [a, b] = *self.op.steps[step].args else { return Class::F16 };
        if !options.multiply.is_empty() {
            let operands = [self.held(a, options), self.held(b, options)];
            let named = |pattern: &Pattern| {
                let mut names = operands.iter().flat_map(|it| [Some(it.path.as_str()), it.gguf, it.hf]).flatten();
                pattern.matches(kernel) || names.any(|name| pattern.matches(name))
            };
            if let Some(class) = options.multiply(named) {
                return class;
            }
        }
        let own = |arg: Arg| arg.value().and_then(|value| self.inputs.get(usize::from(count::origin(self.op, value))));
        let said = [own(a), own(b)].into_iter().flatten().find_map(|held| held.multiply);
        said.unwrap_or_else(|| self.format(a, options).base.class.common(self.format(b, options).base.class))
    }

    /// The number format of a value.
    pub(super) fn format(&self, arg: Arg, options: &Options) -> Format {
        let computed = |path: &str| options.formats.of_tensor(Role::Act, path).format;
        let Some(value) = arg.value() else { return computed("") };
        let value = count::origin(self.op, value);
        match self.op.step_of(value) {
            None => self.inputs[usize::from(value)].format,
            Some(step) => computed(&self.named(|| self.path_of(step))),
        }
    }

    /// The name of what a step computes: its `let`, or its operation.
    pub(super) fn label(&self, step: usize) -> String {
        let name = self.name_of(step);
        if name.is_empty() { operation(&self.op.steps[step]) } else { name }
    }

    /// The `let` that a step's value goes to, here or in the caller; empty if none.
    pub(super) fn name_of(&self, step: usize) -> String {
        let it = &self.op.steps[step];
        if !it.name.is_empty() {
            it.name.to_owned()
        } else if self.op.result == self.op.value_of(step) {
            self.name.clone()
        } else {
            String::new()
        }
    }

    /// How often a step's kernel or call runs.
    pub(super) fn repeats(&self, step: usize) -> Result<N> {
        self.multiplied(self.repeat.clone(), count::repeats(self.op, step))
    }

    pub(super) fn multiplied<'l>(&self, start: N, loops: impl Iterator<Item = &'l crate::op::Loop<'o>>) -> Result<N>
    where
        'o: 'l,
    {
        let mut product = start;
        for it in loops {
            let times = self.dim(&it.times)?;
            if it.guard {
                let error = || Error::Condition { op: self.op.name.to_owned(), found: times.text(&[]) };
                times.at_most(&N::int(1), error)?;
            }
            product = product.times(&times)?;
        }
        Ok(product)
    }

    /// 1 if any use of an input is left by the conditions around it, here and in what it is handed to; 0 if none is.
    pub(super) fn read_at_all(&self, value: u16, options: &Options) -> Result<N> {
        let (op, one) = (self.op, N::int(1));
        let always = self.multiplied(one.clone(), count::presence(op, value))?;
        let mut none = one.clone();
        let mut uses = op.steps.iter().enumerate().filter(|(_, it)| it.args.contains(&Arg::Value(value))).peekable();
        if always.is_zero() || op.result == value || uses.peek().is_none() {
            return Ok(always);
        }
        for (step, it) in uses {
            let mut used = self.multiplied(one.clone(), count::further_conditions(op, step, value))?;
            if let Kind::Call(call) = it.kind
                && !used.is_zero()
            {
                let (inner, mut unread) = (self.enter(step, &call, options)?, one.clone());
                for input in (0..).take(call.op.inputs.len()) {
                    if op.passed(it, &call, usize::from(input)) == Some(Arg::Value(value)) {
                        unread = unread.times(&one.minus(&inner.read_at_all(input, options)?)?)?;
                    }
                }
                used = used.times(&one.minus(&unread)?)?;
            }
            let unused = one.minus(&used)?;
            if unused.is_zero() {
                return Ok(always);
            }
            none = none.times(&unused)?;
        }
        always.times(&one.minus(&none)?)
    }

    /// The number of elements of a shape, of which a mask may leave only some.
    pub(super) fn elements(&self, shape: &Shape, options: &Options) -> Result<N> {
        let mut product = N::int(1);
        let pair = self.op.mask.axes();
        let both = pair.is_some_and(|(s, t)| shape.has(s) && shape.has(t));
        for axis in shape.axes() {
            let size = match pair {
                Some((s, _)) if both && *axis == s => continue,
                Some((_, t)) if both && *axis == t => self.pairs(options)?,
                Some((_, t)) if *axis == t => self.keys()?,
                _ => self.size(*axis).clone(),
            };
            product = product.times(&size)?;
        }
        Ok(product)
    }

    /// The size of an axis as it was given, whether or not there are so many to keep: a number of keys that the mask lets a
    /// query see, say.
    fn limit(&self, axis: u8) -> &N {
        &self.given.as_ref().unwrap_or(&self.sizes)[usize::from(axis)]
    }

    /// Positions that any query sees.
    fn keys(&self) -> Result<N> {
        match self.op.mask {
            Mask::Window { s, t, w } | Mask::Around { s, t, w } => {
                // The first query's window reaches w − 1 positions back; an empty window sees nothing.
                self.size(t).least(&self.size(s).plus(self.size(w))?.before()?)
            }
            Mask::Selected { s, t, w } => self.size(t).least(&self.size(s).times(self.limit(w))?),
            Mask::Chunked { s, t, w } => {
                // From the start of the chunk that the first query is in.
                let past = self.size(t).minus(self.size(s))?;
                self.size(t).minus(&past.floor_div(self.size(w))?.times(self.size(w))?)
            }
            Mask::None | Mask::Causal { .. } => {
                Ok(self.op.mask.axes().map_or_else(|| N::int(1), |(_, t)| self.size(t).clone()))
            }
        }
    }

    /// Positions that are kept for the steps to come: a window needs its own length but for the token that it is for, a
    /// chunk what has been seen of it.
    fn kept(&self) -> Result<N> {
        match self.op.mask {
            Mask::Window { t, w, .. } | Mask::Around { t, w, .. } => self.size(t).least(&self.size(w).before()?),
            Mask::Selected { t, .. } => Ok(self.size(t).clone()),
            Mask::Chunked { t, w, .. } => {
                let (t, w) = (self.size(t), self.size(w));
                t.minus(&t.floor_div(w)?.times(w)?)
            }
            _ => self.keys(),
        }
    }

    /// The number of elements of a cache that are kept.
    pub(super) fn cached(&self, shape: &Shape) -> Result<N> {
        let key = self.op.mask.axes().map(|(_, t)| t);
        shape.axes().iter().try_fold(N::int(1), |product, axis| {
            product.times(&if Some(*axis) == key { self.kept()? } else { self.size(*axis).clone() })
        })
    }

    /// Query–key pairs.
    fn pairs(&self, options: &Options) -> Result<N> {
        let Some((s, t)) = self.op.mask.axes() else {
            return Ok(N::int(1));
        };
        let (s, t) = (self.size(s), self.size(t));
        if options.masking == Masking::Dense {
            return s.times(&self.keys()?);
        }
        match self.op.mask {
            Mask::Chunked { w, .. } => {
                let (w, past) = (self.size(w), t.minus(s)?);
                chunks(t, w)?.minus(&chunks(&past, w)?)
            }
            Mask::Window { w, .. } | Mask::Selected { w, .. } => windows(s, t, self.limit(w)),
            // So many up to a query's own position, and after it min(t − p, w − 1) in the same way: from none for the last
            // query to min(s − 1, w − 1) for the first.
            Mask::Around { w, .. } => {
                let w = self.size(w);
                windows(s, t, w)?.plus(&upto(&s.before()?, &w.before()?)?)
            }
            _ => s.times(t)?.minus(&s.before()?.triangle()?),
        }
    }

    /// Bits of so many elements of that shape, scales and zero points included.
    pub(super) fn bits(&self, shape: &Shape, rows: &Shape, format: &Format, options: &Options) -> Result<N> {
        self.packed(shape, rows, format, &|shape| self.elements(shape, options))
    }

    /// Bits of the elements of a cache that are kept.
    pub(super) fn cached_bits(&self, shape: &Shape, rows: &Shape, format: &Format) -> Result<N> {
        self.packed(shape, rows, format, &|shape| self.cached(shape))
    }

    fn packed(&self, shape: &Shape, rows: &Shape, format: &Format, count: &dyn Fn(&Shape) -> Result<N>) -> Result<N> {
        let elements = count(shape)?;
        let own = elements.times(&N::int(u64::from(format.base.bits)))?;
        if format.group_bits() == 0 {
            return Ok(own);
        }
        let masked = self.op.mask.axes().is_some_and(|(s, t)| shape.has(s) && shape.has(t));
        let row = || count(&shape.minus(&shape.minus(rows)));
        let groups = match format.group {
            Group::Tensor => N::int(1),
            Group::Of(n) if masked => elements.ceil_div(&N::int(u64::from(n)))?,
            Group::Block(rows, columns) if masked => {
                elements.ceil_div(&N::int(u64::from(rows) * u64::from(columns)))?
            }
            Group::Row => count(&shape.minus(rows))?,
            Group::Of(n) => count(&shape.minus(rows))?.times(&row()?.ceil_div(&N::int(u64::from(n)))?)?,
            Group::Block(high, wide) => {
                let high = count(&shape.minus(rows))?.ceil_div(&N::int(u64::from(high)))?;
                high.times(&row()?.ceil_div(&N::int(u64::from(wide)))?)?
            }
        };
        let bits = own.plus(&groups.times(&N::int(format.group_bits()))?)?;
        let Some(outer) = format.outer else { return Ok(bits) };
        let scales = match outer.scales {
            Some(n) => groups.ceil_div(&N::int(u64::from(n)))?,
            None => N::int(1),
        };
        bits.plus(&scales.times(&N::int(u64::from(outer.scale.bits)))?)
    }

    /// Along which axes the rows of a value run.
    pub(super) fn rows(&self, value: u16) -> Shape {
        if usize::from(value) < self.op.inputs.len() {
            return rows(self.op, usize::from(value));
        }
        match self.op.shapes[usize::from(value)].axes() {
            [.., last] => Shape::of(&[*last]),
            [] => Shape::SCALAR,
        }
    }

    /// Bits of the rows that ids name: no more of them than there are.
    pub(super) fn gathered(&self, table: u16, from: Rows, format: &Format, options: &Options) -> Result<N> {
        let shape = self.op.shapes[usize::from(table)];
        let ids = self.op.shapes[usize::from(from.ids)].minus(&shape);
        let distinct = self.elements(&ids, options)?.least(self.size(from.of))?;
        self.packed(&shape, &self.rows(table), format, &|shape| {
            let others = self.elements(&shape.minus(&Shape::of(&[from.of])), options)?;
            if shape.has(from.of) { others.times(&distinct) } else { Ok(others) }
        })
    }

    /// What all experts move of a tensor, from what one moves of it for all tokens, in that shape.
    ///
    /// What they are given exists once. What an expert computes exists for each token that goes through it. What it brings
    /// along is there once, and moved if any token goes through it; tokens that have a part of their own of it (a state for
    /// each sequence) touch that part alone.
    pub(super) fn of_experts(&self, bits: N, held: &Held<'_>, shape: &Shape, options: &Options) -> Result<N> {
        let Some(Routed { experts, top, tokens, axes }) = &self.routed else { return Ok(bits) };
        if held.shared {
            return Ok(bits);
        }
        if !held.role.ownable() {
            return bits.times(top);
        }
        let shared = axes.minus(shape);
        if shared.same(axes) {
            return bits.routed(experts, top, tokens, options.routing);
        }
        let tokens = self.product(&shared)?;
        match options.routing {
            Routing::Given(count) => bits.times(&N::int(count).least(&top.times(&tokens)?)?),
            routing => bits.routed(experts, top, &tokens, routing),
        }
    }
}

impl<N: Clone> Routed<N> {
    /// The same for what an operator calls.
    fn inside(&self, op: &Op<'_>, call: &Call<'_>) -> Self {
        let tokens = |axis: &u8| op.placed(call, *axis).is_ok_and(|axes| axes.rank() > 0 && self.axes.covers(&axes));
        #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer than 256 axes")]
        let axes = (0..call.op.axes.len() as u8).filter(tokens).fold(Shape::SCALAR, Shape::with);
        Self { axes, ..self.clone() }
    }
}

/// An input that an operator brings along.
fn owned<'o>(input: &Input<'o>, path: String, options: &Options) -> Held<'o> {
    let Stored { format, multiply } = options.formats.of_input(input, &path);
    Held { role: input.role, format, multiply, path, gguf: input.gguf, hf: input.hf, owned: true, shared: false }
}

/// An activation of that path.
fn computed<'o>(path: String, options: &Options) -> Held<'o> {
    let Stored { format, multiply } = options.formats.of_tensor(Role::Act, &path);
    Held { role: Role::Act, format, multiply, path, gguf: None, hf: None, owned: true, shared: false }
}

/// Pairs of `s` queries at the end of `t` positions with the last `w` positions up to their own: position p, counted from 1,
/// sees min(p, w), and the queries' are t − s < p ≤ t.
fn windows<N: Num>(s: &N, t: &N, w: &N) -> Result<N> {
    upto(t, w)?.minus(&upto(&t.minus(s)?, w)?)
}

/// Σ min(p, w) for p from 1 to n: a triangle up to w, then w for each.
fn upto<N: Num>(n: &N, w: &N) -> Result<N> {
    let short = n.least(w)?;
    short.triangle()?.plus(&w.times(&n.minus(&short)?)?)
}

/// Pairs of the first `n` positions in chunks of `w`: a triangle for each.
fn chunks<N: Num>(n: &N, w: &N) -> Result<N> {
    let whole = n.floor_div(w)?;
    let rest = n.minus(&whole.times(w)?)?;
    whole.times(&w.triangle()?)?.plus(&rest.triangle()?)
}

/// The axes of an operator's tokens: those of its first activation that no weight has.
fn token_axes(op: &Op<'_>) -> Shape {
    let first = op.inputs.iter().find(|input| !input.role.ownable());
    first.map_or(Shape::SCALAR, |input| input.shape.minus(&weight_axes(op)))
}

/// The axes of an operator that its weights have, its callees' included.
fn weight_axes(op: &Op<'_>) -> Shape {
    let own = op.inputs.iter().filter(|input| input.role == Role::Weight).map(|input| input.shape);
    let mut shape = own.fold(Shape::SCALAR, |all, shape| all.union(&shape));
    for step in op.steps {
        if let Kind::Call(call) = step.kind {
            let theirs = weight_axes(call.op);
            let placed = theirs.axes().iter().filter_map(|axis| op.placed(&call, *axis).ok());
            shape = placed.fold(shape, |all, axes| all.union(&axes));
        }
    }
    shape
}

fn operation(step: &Step<'_>) -> String {
    match step.kind {
        Kind::Dot(_) => "dot".to_owned(),
        Kind::Zip(zip) => match zip.name() {
            "+" => "add".to_owned(),
            "-" => "sub".to_owned(),
            "*" => "mul".to_owned(),
            "/" => "div".to_owned(),
            name => name.to_owned(),
        },
        Kind::Map(map) => map.name().to_owned(),
        Kind::Reduce(reduce, _) => reduce.name().to_owned(),
        Kind::Norm(norm, _) => norm.name().to_owned(),
        Kind::Gather(_) => "gather".to_owned(),
        Kind::Append(_) => "append".to_owned(),
        Kind::Top { .. } => "top".to_owned(),
        Kind::Among { .. } => "among".to_owned(),
        Kind::Before(_) => "before".to_owned(),
        Kind::Slide { .. } => "slide".to_owned(),
        Kind::Update => "update".to_owned(),
        Kind::Last { .. } => "last".to_owned(),
        Kind::View { of, to } => Kind::view_name(&of, &to).to_owned(),
        Kind::Store => "store".to_owned(),
        Kind::Dequant => "dequant".to_owned(),
        Kind::Carry => "carry".to_owned(),
        Kind::Call(call) => snake(call.op.name),
    }
}

pub(super) fn join(path: &str, name: &str) -> String {
    match (path.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => path.to_owned(),
        _ => [path, ".", name].concat(),
    }
}

/// `RmsNorm` as `rms_norm`.
pub(super) fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for (i, c) in name.char_indices() {
        if c.is_ascii_uppercase() && i > 0 {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}
