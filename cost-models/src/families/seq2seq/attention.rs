//! Attention within the source, within the text that is decoded, and from one to the other, each added to its input.

use cost_macros::cost;

use super::cores::{BiasedLocalCore, BiasedSourceCore, BiasedTargetCore, CrossCore};
use crate::families::encoder::{EncoderNorm, GroupedEncoderAttention};
use crate::ops::GqaAttention;

/// Projections around an attention, and the norm before or after them.
macro_rules! half {
    (
        $(#[$doc:meta])* $name:ident, [$($axis:ident),*], ($($given:ident: $kind:ty),*),
        $norm:tt $norm_shift:tt $q:tt $q_bias:tt $k:tt $v:tt $o:tt $o_bias:tt,
        ($($derived:tt)*), ($($own:tt)*), { $($attend:tt)* }
    ) => {
        $(#[$doc])*
        ///
        /// `n` key/value heads with `g` queries each, of `k` numbers. Axes that are 0 or 1: `pre_norm` and `post_norm` where
        /// the input and the sum are normalised, as `rms` and `shifted` say; `qkv_bias` and `o_bias` where the projections
        /// of queries and values, and the last one, have biases.
        #[cost(part = attention $($derived)*)]
        pub fn $name<
            b, s, $($axis,)* d, n, g, k, pre_norm, post_norm, rms, shifted, qkv_bias, o_bias,
        >(
            x: Act<b, s, d>,
            $($given: $kind,)*
            #[part(norm)]
            #[hf($norm)]
            norm: Weight<d>,
            #[part(norm)]
            #[hf($norm_shift)]
            norm_shift: Weight<d>,
            #[hf($q)]
            wq: Weight<d, n, g, k>,
            #[hf($q_bias)]
            bq: Weight<n, g, k>,
            #[hf($k)]
            wk: Weight<d, n, k>,
            #[hf($v)]
            wv: Weight<d, n, k>,
            #[hf($o)]
            wo: Weight<n, g, k, d>,
            #[hf($o_bias)]
            bo: Weight<d>,
            $($own)*
        ) -> Act<b, s, d> {
            let attn_in = x;
            if pre_norm {
                attn_in = EncoderNorm { .. }(x, norm, norm_shift);
            }
            let q = dot::<d>(attn_in, wq);
            if qkv_bias {
                q = q + bq;
            }
            $($attend)*
            let attn_out = x + dot::<(n, g, k)>(attended, wo);
            if o_bias {
                attn_out = attn_out + bo;
            }
            if post_norm {
                attn_out = EncoderNorm { .. }(attn_out, norm, norm_shift);
            }
            attn_out
        }
    };
}

/// Attention within one text.
macro_rules! own {
    (
        $(#[$doc:meta])* $name:ident, [$($axis:ident),*], $given:tt, ($($own:tt)*), $attend:tt
    ) => {
        half! {
            $(#[$doc])*
            ///
            /// Where `key_bias` is 1, the projection of keys has one too.
            $name, [$($axis,)* key_bias], $given,
            "self_attn_layer_norm.weight" "self_attn_layer_norm.bias"
            "self_attn.q_proj.weight" "self_attn.q_proj.bias" "self_attn.k_proj.weight" "self_attn.v_proj.weight"
            "self_attn.out_proj.weight" "self_attn.out_proj.bias",
            (),
            (
                #[hf("self_attn.k_proj.bias")]
                bk: Weight<n, k>,
                #[hf("self_attn.v_proj.bias")]
                bv: Weight<n, k>,
                $($own)*
            ),
            $attend
        }
    };
}

/// Attention within the source, in which no position is hidden from another.
macro_rules! source {
    (
        $(#[$doc:meta])* $name:ident, $axes:tt, $given:tt, $own:tt, $core:ident, [$($size:ident),*], ($($biased:ident),*)
    ) => {
        own! {
            $(#[$doc])* $name, $axes, $given, $own, {
                let keys = dot::<d>(attn_in, wk);
                let values = dot::<d>(attn_in, wv);
                if key_bias {
                    keys = keys + bk;
                }
                if qkv_bias {
                    values = values + bv;
                }
                let attended = $core { b, s, t: s, n, g, k, $($size),* }(q, keys, values $(, $biased)*);
            }
        }
    };
}

/// Attention within the text that is decoded, to the tokens before.
macro_rules! target {
    (
        $(#[$doc:meta])* $name:ident, $axes:tt, $given:tt, ($($own:tt)*),
        $core:ident, [$($size:ident),*], ($($biased:ident),*)
    ) => {
        own! {
            $(#[$doc])* $name, $axes, $given, ($($own)* keys: Cache<b, t, n, k>, values: Cache<b, t, n, k>,), {
                let new_keys = dot::<d>(attn_in, wk);
                let new_values = dot::<d>(attn_in, wv);
                if key_bias {
                    new_keys = new_keys + bk;
                }
                if qkv_bias {
                    new_values = new_values + bv;
                }
                let keys = append::<t>(keys, new_keys);
                let values = append::<t>(values, new_values);
                let attended = $core { b, s, t, n, g, k, $($size),* }(q, keys, values $(, $biased)*);
            }
        }
    };
}

/// Attention to the source, given what its keys and values are.
macro_rules! cross {
    ($(#[$doc:meta])* $name:ident, ($($own:tt)*), $keys:expr, $values:expr) => {
        half! {
            $(#[$doc])*
            ///
            /// Where `encodes` is 1, the step reads the source, all `src` positions of it: its keys and values are computed and kept
            /// for the steps to come, which only read them. Scores are scaled where `scaled` is 1.
            $name, [src, read, encodes, scaled], (source: Act<b, read, d>),
            "encoder_attn_layer_norm.weight" "encoder_attn_layer_norm.bias"
            "encoder_attn.q_proj.weight" "encoder_attn.q_proj.bias" "encoder_attn.k_proj.weight" "encoder_attn.v_proj.weight"
            "encoder_attn.out_proj.weight" "encoder_attn.out_proj.bias",
            (, read = encodes * src),
            ($($own)* keys: Cache<b, src, n, k>, values: Cache<b, src, n, k>,),
            {
                let kept_keys = keys;
                let kept_values = values;
                if encodes {
                    kept_keys = append::<src>(keys, $keys);
                    kept_values = append::<src>(values, $values);
                }
                let attended = CrossCore { b, s, src, n, g, k, scaled }(q, kept_keys, kept_values);
            }
        }
    };
}

source! {
    /// Attention of all positions of a source to all.
    SourceAttention, [], (), (), GroupedEncoderAttention, [], ()
}

source! {
    /// [`SourceAttention`] with a bias by distance, whose table all layers share (T5, arXiv:1910.10683).
    RelativeSourceAttention, [r], (relative: Weight<r, n>, places: Ids<s>), (),
    BiasedSourceCore, [r], (relative, places)
}

source! {
    /// [`RelativeSourceAttention`] to positions less than `w` away (LongT5, arXiv:2112.07916).
    RelativeLocalAttention, [w, r], (relative: Weight<r, n>, places: Ids<s>), (),
    BiasedLocalCore, [w, r], (relative, places)
}

source! {
    /// [`SourceAttention`] with a bias by distance, of which each layer has a table (UMT5, arXiv:2304.09151).
    OwnRelativeSourceAttention, [r], (places: Ids<s>),
    (
        #[hf("self_attn.relative_attention_bias.weight")]
        own_relative: Weight<r, n>,
    ),
    BiasedSourceCore, [r], (own_relative, places)
}

target! {
    /// Attention of new tokens to those before them.
    TargetAttention, [t], (), (), GqaAttention, [], ()
}

target! {
    /// [`TargetAttention`] with a bias by distance, whose table all layers share (T5, arXiv:1910.10683).
    RelativeTargetAttention, [t, r], (relative: Weight<r, n>, places: Ids<t>), (),
    BiasedTargetCore, [r], (relative, places)
}

target! {
    /// [`TargetAttention`] with a bias by distance, of which each layer has a table (UMT5, arXiv:2304.09151).
    OwnRelativeTargetAttention, [t, r], (places: Ids<t>),
    (
        #[hf("self_attn.relative_attention_bias.weight")]
        own_relative: Weight<r, n>,
    ),
    BiasedTargetCore, [r], (own_relative, places)
}

cross! {
    /// Attention of new tokens to a source, whose keys and values are projected without biases (T5, arXiv:1910.10683).
    CrossAttention, (), dot::<d>(source, wk), dot::<d>(source, wv)
}

cross! {
    /// [`CrossAttention`] with biases of values (Whisper, arXiv:2212.04356).
    ValueBiasedCrossAttention,
    (
        #[hf("encoder_attn.v_proj.bias")]
        bv: Weight<n, k>,
    ),
    dot::<d>(source, wk), dot::<d>(source, wv) + bv
}

cross! {
    /// [`CrossAttention`] with biases of keys and values (arXiv:1706.03762; BART, arXiv:1910.13461).
    BiasedCrossAttention,
    (
        #[hf("encoder_attn.k_proj.bias")]
        bk: Weight<n, k>,
        #[hf("encoder_attn.v_proj.bias")]
        bv: Weight<n, k>,
    ),
    dot::<d>(source, wk) + bk, dot::<d>(source, wv) + bv
}
