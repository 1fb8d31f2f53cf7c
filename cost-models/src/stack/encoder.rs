//! What stands around the layers of an encoder: embeddings of words, positions and types, and on top what the class has.

use cost_core::Operator;
use cost_core::op::Op;
use cost_macros::cost;

use super::frames::Layers;
use crate::families::encoder::{Bottleneck, Classifier, EncoderNorm, Pooler, TokenTransform, WordHead, WordScores};

/// Where layers stand that share a table of biases by distance. Blocks that have what is named here beside `x` are given it.
#[cost]
pub fn RelativeLayers<b, s, d, n, r>(x: Act<b, s, d>, relative: Weight<r, n>, places: Ids<s>) -> Act<b, s, d> {
    let y = x + sum::<n>(gather::<r>(relative, places));
    y
}

macro_rules! encoder {
    (
        $(#[$doc:meta])* $name:ident, [$($axis:ident),*], $words:ident, $width:ident,
        [$($more:tt)*], [$($head:tt)*], [$($front:tt)*], [$($layers:tt)*], [$($top:tt)*]
    ) => {
        $(#[$doc])*
        ///
        /// Axes that are 0 or 1, of what comes before the layers: `learned` where positions are looked up, `typed` where
        /// types of tokens are, `embed_norm` where the sum is normalised. Of what comes after: `final_norm`, `pooler`, behind
        /// it `pooled_scores` of `labels` labels for a sequence, `token_scores` of as many for each token, `masked_lm` where
        /// words are scored by [`WordHead`], whose conditions are the others; `first_transform` and `token_transform` where one
        /// position's scores, or all positions', come after a [`TokenTransform`].
        #[cost]
        pub fn $name<
            b, s, d, v, m, c, labels, $($axis,)* learned, typed, embed_norm, rms, shifted, final_norm, head_shifted, pooler, first_transform, token_transform, pooled_scores, token_scores, masked_lm, dense_bias, normed, word_bias, head_gelu, head_gelu_tanh,
            head_relu, head_silu,
        >(
            ids: Ids<b, s>,
            positions: Ids<s>,
            types: Ids<b, s>,
            $($more)*
            #[part(embedding)]
            #[hf("bert.embeddings.word_embeddings.weight")]
            #[gguf("token_embd.weight")]
            embed: Weight<v, $words>,
            #[part(other)]
            #[hf("bert.embeddings.position_embeddings.weight")]
            #[gguf("position_embd.weight")]
            position_table: Weight<m, $width>,
            #[part(other)]
            #[hf("bert.embeddings.token_type_embeddings.weight")]
            #[gguf("token_types.weight")]
            type_table: Weight<c, $width>,
            #[part(norm)]
            #[hf("bert.embeddings.LayerNorm.weight")]
            #[gguf("token_embd_norm.weight")]
            scale: Weight<$width>,
            #[part(norm)]
            #[hf("bert.embeddings.LayerNorm.bias")]
            #[gguf("token_embd_norm.bias")]
            shift: Weight<$width>,
            #[part(norm)]
            #[hf("encoder.ln.weight")]
            final_scale: Weight<d>,
            #[part(norm)]
            #[hf("encoder.ln.bias")]
            final_shift: Weight<d>,
            $($head)*
        ) -> Act<b, s, d> {
            $($front)*
            let x = $($layers)*;
            if final_norm {
                x = EncoderNorm { .. }(x, final_scale, final_shift);
            }
            if pooler {
                let pooled = Pooler { b, s, o: 1, d, r: d }(x);
                if pooled_scores {
                    let _scores = Classifier { b, s: 1, d, c: labels }(pooled);
                }
            }
            if first_transform {
                let first = TokenTransform {
                    b, s, o: 1, d, r: d, dense_bias, normed, shifted: head_shifted, gelu: head_gelu, gelu_tanh: head_gelu_tanh,
                    relu: head_relu, silu: head_silu,
                }(x);
                let _scores = Classifier { b, s: 1, d, c: labels }(first);
            }
            let scored = x;
            if token_transform {
                scored = TokenTransform {
                    b, s, o: s, d, r: d, dense_bias, normed, shifted: head_shifted, gelu: head_gelu, gelu_tanh: head_gelu_tanh,
                    relu: head_relu, silu: head_silu,
                }(x);
            }
            if token_scores {
                let _scores = Classifier { b, s, d, c: labels }(scored);
            }
            $($top)*
            x
        }
    };
}

encoder! {
    /// An encoder that gives the last layer's states: words, `m` learned positions and `c` types of tokens are looked up, added
    /// and normalised. `tied` is 1 where words are scored by the embedding table; before that they may go through a width `p`
    /// (`bottleneck`), or be scored without a projection (`plain_lm`).
    EncoderFrame, [p, tied, bottleneck, plain_lm], d, d,
    [],
    [
        #[part(lm_head)]
        #[hf("lm_head.decoder.weight")]
        #[tied(embed, tied)]
        head: Weight<v, d>,
    ],
    [
        let looked_up = gather::<v>(embed, ids);
        if learned {
            looked_up = looked_up + gather::<m>(position_table, positions);
        }
        if typed {
            looked_up = looked_up + gather::<c>(type_table, types);
        }
        let embedded = looked_up;
        if embed_norm {
            embedded = EncoderNorm { .. }(looked_up, scale, shift);
        }
    ],
    [Layers { b, s, t: s, u: s, d }(embedded)],
    [
        let head_in = x;
        if bottleneck {
            head_in = Bottleneck { .. }(x);
        }
        if masked_lm {
            let _logits = WordHead {
                b, s, d, r: d, v, dense_bias, normed, shifted: head_shifted, word_bias, gelu: head_gelu, gelu_tanh: head_gelu_tanh,
                relu: head_relu, silu: head_silu,
            }(head_in, head);
        }
        if plain_lm {
            let _logits = WordScores { .. }(head_in, head);
        }
    ]
}

encoder! {
    /// [`EncoderFrame`] whose layers share a table of biases by distance, `r` for each of `n` heads (MPNet, arXiv:2004.09297).
    RelativeEncoderFrame, [n, r], d, d,
    [distances: Ids<s>,],
    [
        #[part(attention)]
        #[hf("encoder.relative_attention_bias.weight")]
        relative: Weight<r, n>,
    ],
    [
        let looked_up = gather::<v>(embed, ids);
        if learned {
            looked_up = looked_up + gather::<m>(position_table, positions);
        }
        if typed {
            looked_up = looked_up + gather::<c>(type_table, types);
        }
        let embedded = looked_up;
        if embed_norm {
            embedded = EncoderNorm { .. }(looked_up, scale, shift);
        }
    ],
    [RelativeLayers { b, s, d, n, r }(embedded, relative, distances)],
    [
        if masked_lm {
            let _logits = WordHead {
                b, s, d, r: d, v, dense_bias, normed, shifted: head_shifted, word_bias, gelu: head_gelu, gelu_tanh: head_gelu_tanh,
                relu: head_relu, silu: head_silu,
            }(x, embed);
        }
    ]
}

encoder! {
    /// [`EncoderFrame`] whose tables have rows of width `e`, projected to the layers' width (ALBERT, arXiv:1909.11942; ELECTRA,
    /// arXiv:2003.10555). Words are scored by the embedding table, or where `untied_lm` is 1 by one of width `q`.
    NarrowEncoderFrame, [e, q, widen_bias, untied_lm], e, e,
    [],
    [
        #[part(other)]
        #[hf("bert.embeddings_project.weight")]
        widen: Weight<e, d>,
        #[part(other)]
        #[hf("bert.embeddings_project.bias")]
        widen_shift: Weight<d>,
        #[part(lm_head)]
        #[hf("cls.predictions.decoder.weight")]
        head: Weight<v, q>,
    ],
    [
        let looked_up = gather::<v>(embed, ids);
        if learned {
            looked_up = looked_up + gather::<m>(position_table, positions);
        }
        if typed {
            looked_up = looked_up + gather::<c>(type_table, types);
        }
        let narrow = looked_up;
        if embed_norm {
            narrow = EncoderNorm { b, s, d: e, rms, shifted }(looked_up, scale, shift);
        }
        let embedded = dot::<e>(narrow, widen);
        if widen_bias {
            embedded = embedded + widen_shift;
        }
    ],
    [Layers { b, s, t: s, u: s, d }(embedded)],
    [
        if masked_lm {
            let _logits = WordHead {
                b, s, d, r: e, v, dense_bias, normed, shifted: head_shifted, word_bias, gelu: head_gelu, gelu_tanh: head_gelu_tanh,
                relu: head_relu, silu: head_silu,
            }(x, embed);
        }
        if untied_lm {
            let _logits = WordHead {
                b, s, d, r: q, v, dense_bias, normed, shifted: head_shifted, word_bias, gelu: head_gelu, gelu_tanh: head_gelu_tanh,
                relu: head_relu, silu: head_silu,
            }(x, head);
        }
    ]
}

encoder! {
    /// [`EncoderFrame`] for words on a page, of which `z` places from the left and from above, heights and widths are looked up
    /// too (LayoutLM, arXiv:1912.13318).
    PageEncoderFrame, [z], d, d,
    [boxes: Ids<b, s>,],
    [
        #[part(other)]
        #[hf("bert.embeddings.x_position_embeddings.weight")]
        x_table: Weight<z, d>,
        #[part(other)]
        #[hf("bert.embeddings.y_position_embeddings.weight")]
        y_table: Weight<z, d>,
        #[part(other)]
        #[hf("bert.embeddings.h_position_embeddings.weight")]
        height_table: Weight<z, d>,
        #[part(other)]
        #[hf("bert.embeddings.w_position_embeddings.weight")]
        width_table: Weight<z, d>,
    ],
    [
        let looked_up = gather::<v>(embed, ids);
        if learned {
            looked_up = looked_up + gather::<m>(position_table, positions);
        }
        if typed {
            looked_up = looked_up + gather::<c>(type_table, types);
        }
        // Of each word where it begins and ends.
        let across = gather::<z>(x_table, boxes) + gather::<z>(x_table, boxes) + gather::<z>(width_table, boxes);
        let down = gather::<z>(y_table, boxes) + gather::<z>(y_table, boxes) + gather::<z>(height_table, boxes);
        looked_up = looked_up + across + down;
        let embedded = looked_up;
        if embed_norm {
            embedded = EncoderNorm { .. }(looked_up, scale, shift);
        }
    ],
    [Layers { b, s, t: s, u: s, d }(embedded)],
    [
        if masked_lm {
            let _logits = WordHead {
                b, s, d, r: d, v, dense_bias, normed, shifted: head_shifted, word_bias, gelu: head_gelu, gelu_tanh: head_gelu_tanh,
                relu: head_relu, silu: head_silu,
            }(x, embed);
        }
    ]
}

encoder! {
    /// [`EncoderFrame`] for characters: their shapes (`z` of them, of width `h`) and sounds (`y`, of width `w`) are looked up too,
    /// and projected with the words, of width `e`, to the layers' width (RoCBert, <https://aclanthology.org/2022.acl-long.65>).
    GlyphEncoderFrame, [e, z, h, y, w], e, d,
    [shapes: Ids<b, s>, sounds: Ids<b, s>,],
    [
        #[part(other)]
        #[hf("bert.embeddings.shape_embed.weight")]
        shape_table: Weight<z, h>,
        #[part(other)]
        #[hf("bert.embeddings.pronunciation_embed.weight")]
        sound_table: Weight<y, w>,
        #[part(other)]
        #[hf("bert.embeddings.map_inputs_layer.weight")]
        word_map: Weight<e, d>,
        #[part(other)]
        #[hf("bert.embeddings.map_inputs_layer.weight")]
        shape_map: Weight<h, d>,
        #[part(other)]
        #[hf("bert.embeddings.map_inputs_layer.weight")]
        sound_map: Weight<w, d>,
        #[part(other)]
        #[hf("bert.embeddings.map_inputs_layer.bias")]
        map_shift: Weight<d>,
    ],
    [
        let word = dot::<e>(gather::<v>(embed, ids), word_map);
        let shape = dot::<h>(gather::<z>(shape_table, shapes), shape_map);
        let sound = dot::<w>(gather::<y>(sound_table, sounds), sound_map);
        let looked_up = word + shape + sound + map_shift;
        if learned {
            looked_up = looked_up + gather::<m>(position_table, positions);
        }
        if typed {
            looked_up = looked_up + gather::<c>(type_table, types);
        }
        let embedded = looked_up;
        if embed_norm {
            embedded = EncoderNorm { .. }(looked_up, scale, shift);
        }
    ],
    [Layers { b, s, t: s, u: s, d }(embedded)],
    [
        if masked_lm {
            let _logits = WordHead {
                b, s, d, r: e, v, dense_bias, normed, shifted: head_shifted, word_bias, gelu: head_gelu, gelu_tanh: head_gelu_tanh,
                relu: head_relu, silu: head_silu,
            }(x, embed);
        }
    ]
}

/// The frames of encoders, by the names that declarations give them.
pub(super) const FRAMES: [(&str, &Op<'static>); 5] = [
    ("encoder", EncoderFrame::OP),
    ("relative_encoder", RelativeEncoderFrame::OP),
    ("narrow_encoder", NarrowEncoderFrame::OP),
    ("page_encoder", PageEncoderFrame::OP),
    ("glyph_encoder", GlyphEncoderFrame::OP),
];
