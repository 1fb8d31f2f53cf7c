//! What stands around the layers of a tower: patches of an image as its tokens, positions, and on top what the class has.

use cost_core::Operator;
use cost_core::op::Op;
use cost_macros::cost;

use super::frames::Layers;
use crate::families::audio::MelFront;
use crate::families::encoder::{EncoderNorm, Pooler};
use crate::families::vision::{ClassRows, FirstNorm, FirstProjection, ImageScores, PatchEmbedding, ProbePooling};

macro_rules! tower {
    ($(#[$doc:meta])* $name:ident, [$($attr:tt)*], [$($axis:ident),*], [$($ids:tt)*], [$($joined:tt)*], $patches:ident) => {
        $(#[$doc])*
        ///
        /// A patch has `z` numbers. Axes that are 0 or 1: `patch_bias` where the patches' product has a bias, `learned` where
        /// rows of a table of `m` positions are added, `embed_norm` and `final_norm` where what goes into the layers and comes
        /// out of them is normalised, as `rms` and `shifted` say. On top: `first_norm` where the first position is normalised,
        /// `projected` where that is then projected to a width `j`; `probe` where a learned query attends to all positions, as
        /// [`ProbePooling`] does; `pooler` where a product of width `j` with a tanh is made of the first; `scored` where
        /// `labels` labels are scored by the first, and by the mean of all where `mean_scored` is 1.
        #[cost($($attr)*)]
        pub fn $name<
            b, s, d, z, m, n, k, f, j, labels, $($axis,)* patch_bias, learned, embed_norm, final_norm, rms, shifted, first_norm,
            projected, probe, gelu, gelu_tanh, pooler, scored, mean_scored,
        >(
            pixels: Act<b, $patches, z>,
            positions: Ids<s>,
            which: Ids<b>,
            $($ids)*
            #[part(other)]
            #[hf("vision_model.embeddings.position_embedding.weight")]
            position_table: Weight<m, d>,
            #[part(norm)]
            #[hf("vision_model.pre_layrnorm.weight")]
            embed_scale: Weight<d>,
            #[part(norm)]
            #[hf("vision_model.pre_layrnorm.bias")]
            embed_shift: Weight<d>,
            #[part(norm)]
            #[hf("vision_model.post_layernorm.weight")]
            final_scale: Weight<d>,
            #[part(norm)]
            #[hf("vision_model.post_layernorm.bias")]
            final_shift: Weight<d>,
        ) -> Act<b, s, d> {
            let patches = PatchEmbedding { b, p: $patches, z, d, patch_bias }(pixels);
            let embedded = $($joined)*;
            if learned {
                embedded = store(embedded + gather::<m>(position_table, positions));
            }
            if embed_norm {
                embedded = EncoderNorm { .. }(embedded, embed_scale, embed_shift);
            }
            let x = Layers { b, s, t: s, u: s, d }(embedded);
            if final_norm {
                x = EncoderNorm { .. }(x, final_scale, final_shift);
            }
            if first_norm {
                let first = FirstNorm { b, s, o: 1, d }(x);
                if projected {
                    let _projected = FirstProjection { b, o: 1, d, j }(first);
                }
            }
            if probe {
                let _pooled = ProbePooling { b, s, y: 1, d, n, k, f, gelu, gelu_tanh }(x, which);
            }
            if pooler {
                let _pooled = Pooler { b, s, o: 1, d, r: j }(x);
            }
            if scored {
                let _scores = ImageScores { b, s, o: 1, d, labels, mean: mean_scored }(x);
            }
            x
        }
    };
}

tower! {
    /// A tower that gives a vector for each patch.
    Tower, [], [], [], [patches], s
}

tower! {
    /// A tower with `c` learned rows before the patches, `s` in all; its table of them has `y` rows, of which one may only be for
    /// training.
    LedTower, [p = s - c], [c, y, p], [rows: Ids<b, s>, places: Act<p>,], [ClassRows { b, c, y, p, d }(patches, rows, places)], p
}

/// A tower of sound: [`MelFront`] of `q` mel channels, and the rows of a table of `m` positions.
#[cost(t = 2 * s)]
pub fn SoundTower<b, s, t, d, q, m>(
    mel: Act<b, t, q>,
    positions: Ids<s>,
    #[part(other)]
    #[hf("audio_tower.embed_positions.weight")]
    position_table: Weight<m, d>,
) -> Act<b, s, d> {
    let heard = MelFront { b, s, c: q, d }(mel);
    let embedded = store(heard + gather::<m>(position_table, positions));
    let x = Layers { b, s, t: s, u: s, d }(embedded);
    x
}

/// The frames of towers, by the names that declarations give them.
pub(super) const FRAMES: [(&str, &Op<'static>); 3] =
    [("tower", Tower::OP), ("led_tower", LedTower::OP), ("sound_tower", SoundTower::OP)];
