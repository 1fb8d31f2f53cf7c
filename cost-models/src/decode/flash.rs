//! Attention by tiles (FlashAttention, arXiv:2205.14135 and 2307.08691): the scores never leave the chip, and keys and
//! values are read once for each block of queries.

use cost_core::Operator;
use cost_core::cost::{Num, Options, axes, kernels, on_chip, totals};
use cost_core::expr::{Expr, Notation};
use cost_core::op::Op;
use cost_core::roofline::total_time;
use cost_macros::cost;
use serde::Serialize;

use super::cost::Cost;
use super::step::{Deployment, Part};
use super::task::at_least_one;
use crate::error::Error;
use crate::ops::{
    FlashAttention, GqaAttention, MlaAbsorbedAttention, MlaAbsorbedFlash, MlaAbsorbedUnfused, UnfusedAttention,
};
use crate::report::{Bytes, bytes_of};

/// The attention of `c` queries of each of `g` heads over `r` keys of width `k` that these heads share: a round
/// of the loop over blocks of keys. All pairs are there, whatever the mask leaves of them.
#[cost]
pub fn AttentionTile<c, r, g, k>(q: Act<c, g, k>, keys: Cache<r, k>, values: Cache<r, k>) -> Act<c, g, k> {
    let scores = scale(dot::<k>(q, keys));
    dot::<r>(softmax::<r>(scores), values)
}

/// [`AttentionTile`] of `h` heads over latent vectors of width `c` with rotary parts of width `p`; `z` queries.
#[cost]
pub fn LatentTile<z, r, h, c, p>(
    q: Act<z, h, c>,
    q_rope: Act<z, h, p>,
    latent: Cache<r, c>,
    rope_keys: Cache<r, p>,
) -> Act<z, h, c> {
    let scores = scale(dot::<c>(q, latent) + dot::<p>(q_rope, rope_keys));
    dot::<r>(softmax::<r>(scores), latent)
}

/// A block of queries and a block of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tile {
    /// Queries: tokens, with all heads that share their keys.
    pub queries: u64,
    /// Keys.
    pub keys: u64,
}

/// The axis of a tile's keys.
const KEYS: u8 = 1;

/// What attention costs by a tile.
#[derive(Clone, Debug, Serialize)]
pub struct Tiled {
    /// The tile.
    #[serde(flatten)]
    pub tile: Tile,
    /// What it needs on chip: the queries, their results and, for each row of scores, its running maximum and sum
    /// throughout, one block of keys, scores or values beside them; all in the formats of operands and activations.
    pub on_chip: Bytes,
    /// Whether a thread block of the device has as much; nothing if that isn't known.
    pub fits: Option<bool>,
    /// The attention of a layer.
    pub cost: Cost,
}

/// What the attention of a layer costs unfused, fused and by tiles.
#[derive(Clone, Debug, Serialize)]
pub struct Flash {
    /// Every step a kernel: the scores go to memory and back between them.
    pub unfused: Cost,
    /// One kernel that reads everything once, as if all of it fitted on the chip.
    pub fused: Cost,
    /// By tiles.
    pub tiles: Vec<Tiled>,
    /// The tile that moves least among those that fit, and among these the one with most keys.
    pub best: Option<Tile>,
    /// What a thread block of the device has on chip.
    pub on_chip: Option<Bytes>,
    /// Bytes moved, in the axes of the tiled operator.
    pub bytes_formula: String,
    /// Bytes on chip, in the axes of the tile.
    pub on_chip_formula: String,
}

/// The forms of one attention.
struct Forms {
    unfused: &'static Op<'static>,
    fused: &'static Op<'static>,
    /// By blocks of queries, whose length is its last axis.
    tiled: &'static Op<'static>,
    /// One round, whose first axes are its queries and keys.
    tile: &'static Op<'static>,
    /// The model's axes that are its sizes, and what they are if the model has none of that name.
    sizes: &'static [(&'static str, Option<u64>)],
    /// Axes of the model that must have the same size if both are there.
    same: Option<(&'static str, &'static str)>,
}

const FORMS: &[Forms] = &[
    Forms {
        unfused: MlaAbsorbedUnfused::OP,
        fused: MlaAbsorbedAttention::OP,
        tiled: MlaAbsorbedFlash::OP,
        tile: LatentTile::OP,
        sizes: &[("h", None), ("c", None), ("p", None)],
        same: None,
    },
    Forms {
        unfused: UnfusedAttention::OP,
        fused: GqaAttention::OP,
        tiled: FlashAttention::OP,
        tile: AttentionTile::OP,
        sizes: &[("n", None), ("g", Some(1)), ("k", None)],
        same: Some(("h", "k")),
    },
];

/// Sizes by the names of axes.
type Sizes = Vec<(&'static str, u128)>;

/// The attention of one layer over a part of a step by these tiles; by powers of two if there are none.
///
/// An error if the model has no attention that is known, or if a tile is empty.
pub fn flash(deployment: &Deployment, part: &Part, tiles: &[Tile]) -> Result<Flash, Error> {
    at_least_one("sequences", part.sequences)?;
    at_least_one("new tokens", part.new)?;
    let (options, device) = (deployment.options(), deployment.device());
    let (forms, mut sizes) = forms(deployment)?;
    let all = u128::from(part.past).plus(&u128::from(part.new))?;
    sizes.extend([("b", u128::from(part.sequences)), ("s", u128::from(part.new)), ("t", all)]);
    let run = |op: &Op<'_>, queries: u64| -> Result<Cost, Error> {
        let mut placed = placed(op, &sizes);
        if op.tile.is_some()
            && let Some(block) = placed.last_mut()
        {
            *block = u128::from(queries);
        }
        let kernels = kernels(op, &placed, options)?;
        let (sum, time) = (totals(&kernels)?, total_time(&kernels, device)?);
        Ok(Cost { matmul: sum.flops.matmul()?, vector: sum.flops.vector, bits: sum.bits, time })
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and a few hundred KiB")]
    let limit = device.figures.shared_kib.map(|kib| (kib * 8192.0) as u128);
    let powers = powers_of_two(part.new, all);
    let tiles = if tiles.is_empty() { &powers } else { tiles };
    let tiles = tiles.iter().map(|tile| {
        at_least_one("tile", tile.queries.min(tile.keys))?;
        let mut placed = placed(forms.tile, &sizes);
        placed[..2].copy_from_slice(&[u128::from(tile.queries), u128::from(tile.keys)]);
        let bits = on_chip(forms.tile, &placed, options, Some(KEYS))?;
        let cost = run(forms.tiled, tile.queries)?;
        Ok(Tiled { tile: *tile, on_chip: Bytes::of_bits(bits), fits: limit.map(|limit| bits <= limit), cost })
    });
    let tiles = tiles.collect::<Result<Vec<Tiled>, Error>>()?;
    let fitting = tiles.iter().filter(|it| it.fits == Some(true));
    let best = fitting.min_by(|a, b| {
        let moved = |it: &Tiled| it.cost.bits.total().unwrap_or(u128::MAX);
        moved(a).cmp(&moved(b)).then(b.tile.keys.cmp(&a.tile.keys)).then(a.tile.queries.cmp(&b.tile.queries))
    });
    Ok(Flash {
        unfused: run(forms.unfused, 1)?,
        fused: run(forms.fused, 1)?,
        best: best.map(|it| it.tile),
        tiles,
        on_chip: limit.map(Bytes::of_bits),
        bytes_formula: shown(forms.tiled, &traffic(forms.tiled, options)?)?,
        on_chip_formula: shown(forms.tile, &on_chip(forms.tile, &axes(forms.tile), options, Some(KEYS))?)?,
    })
}

/// The attention of a model's layers, and its sizes.
fn forms(deployment: &Deployment) -> Result<(&'static Forms, Sizes), Error> {
    let model = deployment.model();
    let fixed: Vec<(&str, u64)> = model.fixed().collect();
    let size_of = |(axis, default): &(&'static str, Option<u64>)| {
        let known = fixed.iter().find(|(name, _)| name == axis).map(|(_, size)| *size);
        Some((*axis, u128::from(known.or(*default)?)))
    };
    let sized = |forms: &'static Forms| Some((forms, forms.sizes.iter().map(size_of).collect::<Option<Sizes>>()?));
    // Heads whose values are not as wide as their keys are of another form.
    let size = |axis| size_of(&(axis, None)).map(|(_, size)| size);
    let same =
        |(forms, _): &(&Forms, Sizes)| forms.same.is_none_or(|(a, b)| size(a).zip(size(b)).is_none_or(|(a, b)| a == b));
    FORMS.iter().filter_map(sized).find(same).ok_or_else(|| {
        let expected = "heads whose values are as wide as their keys, or latent vectors with rotary parts";
        Error::field(&format!("attention of {}", model.name), "another kind", expected)
    })
}

/// The sizes in the order of an operator's axes; 1 for those that aren't among them.
fn placed(op: &Op<'_>, sizes: &Sizes) -> Vec<u128> {
    let size = |axis: &&str| sizes.iter().find(|(name, _)| name == axis).map_or(1, |(_, size)| *size);
    op.axes.iter().map(size).collect()
}

/// Tiles of up to as many queries and keys as there are; at least 16 keys, as few as matrix units take at once.
fn powers_of_two(queries: u64, keys: u128) -> Vec<Tile> {
    let most = |power: u32, count: u128| power == 0 || 1_u128 << (power - 1) < count;
    let of_queries = (0..=12).take_while(|power| most(*power, queries.into()));
    let of_keys: Vec<u32> = (4..=12).take_while(|power| *power == 4 || most(*power, keys)).collect();
    of_queries
        .flat_map(|queries| of_keys.iter().map(move |keys| Tile { queries: 1 << queries, keys: 1 << keys }))
        .collect()
}

/// Bits that an operator moves, as a formula.
fn traffic(op: &Op<'_>, options: &Options) -> Result<Expr, Error> {
    Ok(totals(&kernels::<Expr>(op, &axes(op), options)?)?.bits.total()?)
}

/// A formula in bits as text in bytes.
fn shown(op: &Op<'_>, bits: &Expr) -> Result<String, Error> {
    Ok(bytes_of(bits)?.show(op.axes, Notation::Text).to_string())
}
