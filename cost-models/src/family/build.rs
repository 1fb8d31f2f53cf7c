//! From the layers and sizes of a config to a stack of blocks.

use cost_core::op::{Dim, Kind, Loop, Op};

use super::Blocks;
use super::declare::{Block, Family};
use super::expr::Expr;
use super::layers;
use super::read::Reader;
use crate::error::Error;
use crate::model::Model;
use crate::stack::{Bound, Group, Placed, Stack, frames};

/// The axes that are the step's.
const STEP: &[&str] = &["b", "s", "t", "o", "u", "absorbed", "src", "read", "encodes"];

/// The blocks that layers are made of: the first halves, what stands between, and the second halves.
#[derive(Clone, Copy)]
pub(super) struct Made<'f> {
    mixers: &'f [Block],
    between: Option<&'f Block>,
    networks: &'f [Block],
}

/// Whether an axis is the step's to say.
pub(super) fn is_of_step(axis: &str) -> bool {
    STEP.contains(&axis)
}

impl Family {
    /// The model of all layers.
    pub(super) fn stack(
        &self,
        reader: &mut Reader<'_>,
        blocks: &Blocks,
        kinds: &[(usize, Option<usize>)],
    ) -> Result<Model, Error> {
        let mut groups = self.groups(reader, blocks, self.made(), kinds)?;
        // What layers take of earlier ones is there before them.
        groups.sort_by_key(|group| group.blocks.iter().any(|placed| placed.shares.is_some()));
        let mut frame = frames::FIRST;
        for (when, name) in &self.frames {
            if when.as_ref().map_or(Ok(1), |when| reader.value(when))? != 0 {
                frame = frames::find(name).unwrap_or(frames::FIRST);
                break;
            }
        }
        let source = match self.encoder.as_ref().filter(|_| frames::reads_source(frame)) {
            None => Vec::new(),
            Some(encoder) => {
                let kinds = layers::of_encoder(reader, encoder)?;
                let made = Made { mixers: &encoder.mixers, between: None, networks: &encoder.networks };
                self.groups(reader, blocks, made, &kinds)?
            }
        };
        let model = self.model(reader, blocks, frame, source, groups)?;
        match self.encoder.as_ref().and_then(|encoder| encoder.positions.as_ref()) {
            _ if frames::is_encoder(frame) => Ok(model.encoder()),
            Some(positions) if model.reads_source() => Ok(model.of_positions(reader.value(positions)?)),
            _ => Ok(model),
        }
    }

    /// What its own layers are made of.
    pub(super) fn made(&self) -> Made<'_> {
        let between = self.encoder.as_ref().and_then(|encoder| encoder.cross.as_ref());
        Made { mixers: &self.mixers, between, networks: &self.networks }
    }

    /// Layers that are made of these, by what they have.
    fn groups(
        &self,
        reader: &mut Reader<'_>,
        blocks: &Blocks,
        made: Made<'_>,
        kinds: &[(usize, Option<usize>)],
    ) -> Result<Vec<Group>, Error> {
        let networks = (0..made.networks.len()).map(Some).chain(made.networks.is_empty().then_some(None));
        let mut groups = Vec::new();
        for network in networks {
            for mixer in 0..made.mixers.len() {
                let kind = (mixer, network);
                let places: Vec<u64> = (0..).zip(kinds).filter(|(_, own)| **own == kind).map(|(i, _)| i).collect();
                for (number, places) in self.alike(reader, made, kind, places)?.into_iter().enumerate() {
                    let mut group = self.group(reader, blocks, made, kind, places)?;
                    if number > 0 {
                        group.label = format!("{}_{}", group.count, number + 1);
                        group.count.clone_from(&group.label);
                    }
                    groups.push(group);
                }
            }
        }
        Ok(groups)
    }

    /// Layers with the same blocks, by what differs between them.
    fn alike(
        &self,
        reader: &mut Reader<'_>,
        made: Made<'_>,
        (mixer, network): (usize, Option<usize>),
        places: Vec<u64>,
    ) -> Result<Vec<Vec<u64>>, Error> {
        let mut differs: Vec<Expr> = Vec::new();
        for block in made.of(mixer, network) {
            let own = |name: &str| name == "layer" || self.by_layer.iter().any(|(own, _)| own == name);
            let bound = |name: &str| block.bind.iter().any(|(axis, _)| axis == name);
            block.bind.iter().for_each(|(_, expr)| {
                let mut by_layer = false;
                expr.names(&mut |name| by_layer |= own(name));
                differs.extend(by_layer.then(|| expr.clone()));
            });
            let axis = |name: &str| self.blocks.find(&block.operator).is_some_and(|it| it.axis_named(name).is_some());
            let lists = self.by_layer.iter().map(|(name, _)| name.as_str());
            differs.extend(lists.filter(|name| !bound(name) && axis(name)).map(|name| Expr::Name(name.to_owned())));
        }
        if differs.is_empty() {
            return Ok(if places.is_empty() { Vec::new() } else { vec![places] });
        }
        let mut alike: Vec<(Vec<u64>, Vec<u64>)> = Vec::new();
        for layer in places {
            let values = differs.iter().map(|expr| reader.of_layer(expr, layer));
            let values = values.collect::<Result<Vec<u64>, _>>()?;
            match alike.iter_mut().find(|(own, _)| *own == values) {
                Some((_, layers)) => layers.push(layer),
                None => alike.push((values, vec![layer])),
            }
        }
        Ok(alike.into_iter().map(|(_, layers)| layers).collect())
    }

    pub(super) fn group(
        &self,
        reader: &mut Reader<'_>,
        blocks: &Blocks,
        made: Made<'_>,
        (mixer, network): (usize, Option<usize>),
        places: Vec<u64>,
    ) -> Result<Group, Error> {
        let labels = [&*made.mixers[mixer].label, network.map_or("", |network| &made.networks[network].label)];
        let label = labels.iter().copied().filter(|label| !label.is_empty()).collect::<Vec<_>>().join("_");
        let count = if label.is_empty() { "l".to_owned() } else { label.clone() };
        reader.about(places.first().copied());
        let blocks =
            made.of(mixer, network).map(|block| self.placed(reader, blocks, block)).collect::<Result<_, _>>()?;
        reader.about(None);
        Ok(Group { label, count, places, blocks })
    }

    pub(super) fn placed(&self, reader: &mut Reader<'_>, blocks: &Blocks, block: &Block) -> Result<Placed, Error> {
        let source = blocks
            .find(&block.operator)
            .ok_or_else(|| Error::Unknown { name: block.operator.clone(), nearest: None })?;
        let mut bind = Vec::new();
        let mut left = Vec::new();
        for (at, axis) in source.axes().enumerate() {
            if source.with(|op| op.derives(at)) {
                continue;
            }
            let bound = match block.bind.iter().find(|(own, _)| own == axis) {
                Some((_, expr)) => Some(bound(reader, expr)?),
                None => self.condition(reader, axis)?,
            };
            match bound {
                Some(bound) => bind.push((axis.to_owned(), bound)),
                None => left.push(axis.to_owned()),
            }
        }
        let known = |axis: &str| {
            match bind.iter().find(|(own, _)| own == axis).map(|(_, bound)| bound) {
                Some(Bound::Number(number)) => Some(*number),
                // What nothing is said of is off.
                None => Some(0),
                Some(Bound::Axis(_)) => None,
            }
        };
        // What only parts have that are off needs no size.
        let needed = source.with(|op| {
            let sizes = sizes(op, &|axis| known(op.axes[axis]));
            left.iter().map(|axis| op.axis_named(axis).is_some_and(|at| sizes[usize::from(at)])).collect::<Vec<_>>()
        });
        for (axis, on) in left.into_iter().zip(needed) {
            let bound = if on { self.size_of(reader, block, &axis)? } else { Bound::Number(0) };
            bind.push((axis, bound));
        }
        Ok(Placed { block: source, bind, keeps: block.keeps.clone(), shares: block.shares.clone() })
    }

    /// The condition that an axis is whose block doesn't say: the one of that name, or what most have.
    fn condition(&self, reader: &mut Reader<'_>, axis: &str) -> Result<Option<Bound>, Error> {
        if STEP.contains(&axis) {
            return Ok(Some(Bound::Axis(axis.to_owned())));
        }
        if self.sizes.iter().any(|(own, _)| own == axis) {
            return reader.is_flag(axis).then(|| reader.named(axis).map(Bound::Number)).transpose();
        }
        Ok(matches!(axis, "pre_norm" | "rotary").then_some(Bound::Number(1)))
    }

    /// The size that an axis is whose block doesn't say: the one of that name, or what most have.
    fn size_of(&self, reader: &mut Reader<'_>, block: &Block, axis: &str) -> Result<Bound, Error> {
        let there = |name: &str| {
            self.sizes.iter().any(|(own, _)| own == name) || self.by_layer.iter().any(|(own, _)| own == name)
        };
        let name = match axis {
            axis if there(axis) => axis,
            "w" => "u",
            "h" if there("k") => "k",
            _ => {
                let expected = format!("a size of that name in the declaration, or `{axis} = …` beside the block");
                return Err(Error::field(&format!("axis {axis} of {}", block.operator), "nothing", expected));
            }
        };
        bound(reader, &Expr::Name(name.to_owned()))
    }

    pub(super) fn model(
        &self,
        reader: &mut Reader<'_>,
        blocks: &Blocks,
        frame: &'static Op<'static>,
        source: Vec<Group>,
        groups: Vec<Group>,
    ) -> Result<Model, Error> {
        let placed = || source.iter().chain(&groups).flat_map(|group| &group.blocks);
        let is_bound = |axis: &str| {
            let is = |(_, bound): &(String, Bound)| *bound == Bound::Axis(axis.to_owned());
            placed().flat_map(|placed| &placed.bind).any(is)
        };
        let mut sizes = Vec::new();
        for (name, _) in &self.sizes {
            if frame.axis_named(name).is_some() || is_bound(name) {
                sizes.push((name.clone(), reader.named(name)?));
            }
        }
        // A window stands beside the tokens that it is of.
        let windows: Vec<&str> = placed().flat_map(Placed::windows).collect();
        sizes.sort_by_key(|(name, _)| !windows.contains(&name.as_str()));
        if is_bound("absorbed") {
            sizes.push(("absorbed".to_owned(), 0));
        }
        // A size that the frame needs and that the declaration doesn't have.
        let given = |axis: &&&str| STEP.contains(*axis) || sizes.iter().any(|(own, _)| own == **axis);
        // What nothing is said of is off.
        let known = |axis: &str| {
            let own = sizes.iter().find(|(own, _)| own == axis).map(|(_, size)| *size);
            own.or_else(|| (!STEP.contains(&axis)).then_some(0))
        };
        let derived = |axis: &str| frame.axis_named(axis).is_some_and(|at| frame.derives(usize::from(at)));
        let needed = self::sizes(frame, &|axis| known(frame.axes[axis]));
        let lacks = |(axis, needed): &(&&str, bool)| *needed && !given(axis) && !derived(axis);
        if let Some((axis, _)) = frame.axes.iter().zip(needed).find(lacks) {
            let expected = format!("a size of that name in the declaration, as the frame {} has", frame.name);
            return Err(Error::field(&format!("axis {axis}"), "nothing", expected));
        }
        let model = Stack { frame, sizes, groups, source, library: blocks.library() }.model()?;
        let shown = self.sizes.iter().filter_map(|(name, size)| Some((name, size.shown_as.as_ref()?)));
        Ok(shown.fold(model, |model, (name, other)| model.alias(name, other)))
    }
}

impl<'f> Made<'f> {
    /// The blocks of layers with these halves, in order.
    fn of(&self, mixer: usize, network: Option<usize>) -> impl Iterator<Item = &'f Block> + use<'f> {
        let Self { mixers, between, networks } = *self;
        std::iter::once(&mixers[mixer]).chain(between).chain(network.map(|network| &networks[network]))
    }
}

/// What an expression stands for: a size by its name, or a number.
fn bound(reader: &mut Reader<'_>, expr: &Expr) -> Result<Bound, Error> {
    match expr {
        Expr::Name(name) if STEP.contains(&&**name) => Ok(Bound::Axis(name.clone())),
        Expr::Name(name) if reader.is_size(name) => {
            reader.named(name)?;
            Ok(Bound::Axis(name.clone()))
        }
        expr => reader.value(expr).map(Bound::Number),
    }
}

/// Which axes are the size of something, here or in what is called, where conditions are what is known of them; the others
/// only say whether something is there.
fn sizes(op: &Op<'_>, known: &dyn Fn(usize) -> Option<u64>) -> Vec<bool> {
    let mut sizes = vec![false; op.axes.len()];
    let mut all = |axes: &[u8]| axes.iter().for_each(|axis| sizes[usize::from(*axis)] = true);
    let off = |it: &&Loop<'_>| it.guard && number(&it.times, known) == Some(0);
    let off: Vec<&Loop<'_>> = op.loops.iter().filter(off).collect();
    op.loops.iter().filter(|it| !it.guard).for_each(|it| mentioned(&it.times, &mut all));
    all(op.mask.limit().as_slice());
    op.mask.axes().iter().for_each(|(s, t)| all(&[*s, *t]));
    for (step, it) in op.steps.iter().enumerate().filter(|(step, _)| !off.iter().any(|it| it.encloses(*step))) {
        it.args.iter().filter_map(|arg| arg.value()).for_each(|value| all(op.shapes[usize::from(value)].axes()));
        let Kind::Call(call) = it.kind else {
            all(op.shapes[usize::from(op.value_of(step))].axes());
            continue;
        };
        call.experts.iter().for_each(|experts| all(&[experts.count, experts.top]));
        let bound: Vec<Option<Dim<'_>>> = (0..call.op.axes.len()).map(|own| op.bound(&call, own)).collect();
        let inner = self::sizes(call.op, &|own| number(bound[own].as_ref()?, known));
        let needed = inner.iter().zip(&bound).filter(|(needed, _)| **needed);
        needed.for_each(|(_, dim)| dim.iter().for_each(|dim| mentioned(dim, &mut all)));
    }
    sizes
}

/// The axes that a size mentions.
fn mentioned(dim: &Dim<'_>, all: &mut impl FnMut(&[u8])) {
    match dim {
        Dim::Axis(own) => all(&[*own]),
        Dim::Sum(terms) => terms.iter().for_each(|term| all(term.axes)),
    }
}

/// What a size is by what is known of axes.
fn number(dim: &Dim<'_>, known: &dyn Fn(usize) -> Option<u64>) -> Option<u64> {
    let known = |axis: &u8| known(usize::from(*axis));
    let terms = match dim {
        Dim::Axis(own) => return known(own),
        Dim::Sum(terms) => terms,
    };
    let sum = terms.iter().try_fold(0_i64, |sum, term| {
        let times = |product: i64, axis: &u8| product.checked_mul(i64::try_from(known(axis)?).ok()?);
        let product = term.axes.iter().try_fold(term.coefficient, times)?;
        if term.quotients.is_empty() { sum.checked_add(product) } else { None }
    });
    u64::try_from(sum?).ok()
}
