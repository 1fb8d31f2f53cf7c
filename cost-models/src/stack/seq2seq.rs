//! What stands around the layers of a model that reads a source and decodes another text from it: embeddings of both, the
//! norms after both stacks of layers, the head.
//!
//! A first step, in which `encodes` is 1, reads the `src` positions of the source. Later ones read 0 of them: what came of the
//! source is in the layers' caches, and nothing of the encoder runs.

use cost_core::Operator;
use cost_core::op::Op;
use cost_macros::cost;

use crate::families::encoder::EncoderNorm;
use crate::families::seq2seq::SpeechFront;
use crate::ops::LmHead;

/// Where the layers stand that read the source, of `read` positions.
#[cost]
pub fn SourceLayers<b, read, d>(x: Act<b, read, d>) -> Act<b, read, d> {
    neg(x)
}

/// [`SourceLayers`] that are given places from one position to all, and a table of biases by distance.
#[cost]
pub fn RelativeSourceLayers<b, read, d, n, r>(
    x: Act<b, read, d>,
    relative: Weight<r, n>,
    places: Ids<read>,
) -> Act<b, read, d> {
    let y = x + sum::<n>(gather::<r>(relative, places));
    y
}

/// [`SourceLayers`] that are given places from one position to all.
#[cost]
pub fn PlacedSourceLayers<b, read, d>(x: Act<b, read, d>, places: Ids<read>, rows: Weight<read>) -> Act<b, read, d> {
    neg(x) + gather::<read>(rows, places)
}

/// Where the layers stand that decode: of `s` new tokens over `t` in all, and over what the source came to.
#[cost(window(s, t, u))]
pub fn TargetLayers<b, s, t, u, read, d>(
    x: Act<b, s, d>,
    source: Act<b, read, d>,
    seen: Cache<b, t, d>,
) -> Act<b, s, d> {
    dot::<t>(softmax::<t>(dot::<d>(x, seen)), seen) + sum::<read>(source)
}

/// [`TargetLayers`] that are given places of all tokens, and a table of biases by distance.
#[cost(window(s, t, u))]
pub fn RelativeTargetLayers<b, s, t, u, read, d, n, r>(
    x: Act<b, s, d>,
    source: Act<b, read, d>,
    relative: Weight<r, n>,
    places: Ids<t>,
    seen: Cache<b, t, d>,
) -> Act<b, s, d> {
    let scores = dot::<d>(x, seen) + sum::<n>(gather::<r>(relative, places));
    dot::<t>(softmax::<t>(scores), seen) + sum::<read>(source)
}

/// [`TargetLayers`] that are given places of all tokens.
#[cost(window(s, t, u))]
pub fn PlacedTargetLayers<b, s, t, u, read, d>(
    x: Act<b, s, d>,
    source: Act<b, read, d>,
    places: Ids<t>,
    rows: Weight<t>,
    seen: Cache<b, t, d>,
) -> Act<b, s, d> {
    let scores = dot::<d>(x, seen) + gather::<t>(rows, places);
    dot::<t>(softmax::<t>(scores), seen) + sum::<read>(source)
}

macro_rules! seq2seq {
    (
        $(#[$doc:meta])* $name:ident ($($derived:tt)*), [$($axis:ident),*], ($($input:tt)*), { $($embed:tt)* }, { $($source_layers:tt)* }, { $($target_layers:tt)* }
    ) => {
        $(#[$doc])*
        ///
        /// Axes that are 0 or 1: `learned` where rows of tables of `source_places` and `places` rows, one a position, are added to
        /// embeddings, `computed` where the rows are sinusoids that are counted as parameters but in no file, `sinusoidal` where
        /// they are no parameters; `embed_scale` where embeddings are
        /// scaled, `embed_norm` where they are normalised; `final_norm` where what layers give is; `rms` and `shifted` say
        /// how; `tied` where the head is the embedding table, `tied_scale` where what goes into it is scaled, `logit_shift`
        /// where a constant is added to logits.
        #[cost(read = encodes * src $($derived)*)]
        pub fn $name<
            b, s, t, o, u, src, read, d, v, $($axis,)* places, encodes, learned, sinusoidal, computed, embed_scale, embed_norm, final_norm, rms, shifted,
            tied, tied_scale, logit_shift,
        >(
            ids: Ids<b, s>,
            positions: Ids<s>,
            #[part(embedding)]
            #[hf("model.shared.weight")]
            #[gguf("token_embd.weight")]
            embed: Weight<v, d>,
            #[part(other)]
            #[hf("model.decoder.embed_positions.weight")]
            #[gguf("position_embd.weight")]
            position_table: Weight<places, d>,
            #[part(other)] computed_rows: Weight<places, d>,
            #[part(buffer)] position_rows: Weight<places, d>,
            #[part(norm)]
            #[hf("model.decoder.layernorm_embedding.weight")]
            embed_norm_scale: Weight<d>,
            #[part(norm)]
            #[hf("model.decoder.layernorm_embedding.bias")]
            embed_norm_shift: Weight<d>,
            #[part(norm)]
            #[hf("model.encoder.layer_norm.weight")]
            #[gguf("enc.output_norm.weight")]
            source_norm: Weight<d>,
            #[part(norm)]
            #[hf("model.encoder.layer_norm.bias")]
            #[gguf("enc.output_norm.bias")]
            source_norm_shift: Weight<d>,
            #[part(norm)]
            #[hf("model.decoder.layer_norm.weight")]
            #[gguf("dec.output_norm.weight")]
            norm: Weight<d>,
            #[part(norm)]
            #[hf("model.decoder.layer_norm.bias")]
            #[gguf("dec.output_norm.bias")]
            norm_shift: Weight<d>,
            #[part(lm_head)]
            #[hf("lm_head.weight")]
            #[gguf("output.weight")]
            #[tied(embed, tied)]
            head: Weight<v, d>,
            #[part(buffer)]
            #[hf("final_logits_bias")]
            logit_rows: Weight<v>,
            encoded: Act<b, read, d>,
            $($input)*
        ) -> Act<b, o, v> {
            let source = encoded;
            if encodes {
                $($embed)*
                let encoder_out = $($source_layers)*;
                source = encoder_out;
                if final_norm {
                    source = EncoderNorm { b, s: read, d, rms, shifted }(encoder_out, source_norm, source_norm_shift);
                }
            }
            let embedded = gather::<v>(embed, ids);
            if embed_scale {
                embedded = scale(embedded);
            }
            if learned {
                embedded = embedded + gather::<places>(position_table, positions);
            }
            if computed {
                embedded = embedded + gather::<places>(computed_rows, positions);
            }
            if sinusoidal {
                embedded = embedded + gather::<places>(position_rows, positions);
            }
            if embed_norm {
                embedded = EncoderNorm { b, s, d, rms, shifted }(embedded, embed_norm_scale, embed_norm_shift);
            }
            let x = $($target_layers)*;
            let head_in = x;
            if final_norm {
                head_in = EncoderNorm { b, s, d, rms, shifted }(x, norm, norm_shift);
            }
            if tied_scale {
                head_in = scale(head_in);
            }
            let logits = LmHead { b, s, o, d, v }(head_in, head);
            if logit_shift {
                logits = logits + logit_rows;
            }
            logits
        }
    };
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, [$($axis:ident),*], ($($input:tt)*), $source_layers:tt, $target_layers:tt) => {
        seq2seq! {
            $(#[$doc])* $name (), [source_places, x, apart $(, $axis)*],
            (
                source_ids: Ids<b, read>,
                source_positions: Ids<read>,
                #[part(embedding)]
                #[hf("model.encoder.embed_tokens.weight")]
                source_embed: Weight<x, d>,
                #[part(other)]
                #[hf("model.encoder.embed_positions.weight")]
                source_table: Weight<source_places, d>,
                #[part(other)] computed_source_rows: Weight<source_places, d>,
                #[part(buffer)] source_rows: Weight<source_places, d>,
                #[part(norm)]
                #[hf("model.encoder.layernorm_embedding.weight")]
                source_embed_norm_scale: Weight<d>,
                #[part(norm)]
                #[hf("model.encoder.layernorm_embedding.bias")]
                source_embed_norm_shift: Weight<d>,
                $($input)*
            ),
            {
                let source_words = gather::<v>(embed, source_ids);
                if apart {
                    source_words = gather::<x>(source_embed, source_ids);
                }
                if embed_scale {
                    source_words = scale(source_words);
                }
                if learned {
                    source_words = source_words + gather::<source_places>(source_table, source_positions);
                }
                if computed {
                    source_words = source_words + gather::<source_places>(computed_source_rows, source_positions);
                }
                if sinusoidal {
                    source_words = source_words + gather::<source_places>(source_rows, source_positions);
                }
                if embed_norm {
                    source_words = EncoderNorm { b, s: read, d, rms, shifted }(
                        source_words, source_embed_norm_scale, source_embed_norm_shift,
                    );
                }
            },
            $source_layers, $target_layers
        }
    };
}

text! {
    /// An encoder of words and a decoder (BART, arXiv:1910.13461). Where `apart` is 1, the words of the source are of a
    /// vocabulary of their own, of `x`.
    EncoderDecoder, [], (),
    { SourceLayers { b, read, d }(source_words) },
    { TargetLayers { b, s, t, u, read, d }(embedded, source) }
}

text! {
    /// [`EncoderDecoder`] whose layers have biases by distance, of which each has a table (UMT5, arXiv:2304.09151).
    PlacedEncoderDecoder, [], (source_distances: Ids<read>, distances: Ids<t>,),
    { PlacedSourceLayers { b, read, d }(source_words, source_distances) },
    { PlacedTargetLayers { b, s, t, u, read, d }(embedded, source, distances) }
}

text! {
    /// [`EncoderDecoder`] whose layers have biases by distance, of `r` that are told apart, for each of `n` heads: a table for
    /// the layers of either side (T5, arXiv:1910.10683).
    RelativeEncoderDecoder, [n, r],
    (
        source_distances: Ids<read>,
        distances: Ids<t>,
        #[part(attention)]
        #[hf("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight")]
        source_relative: Weight<r, n>,
        #[part(attention)]
        #[hf("decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight")]
        relative: Weight<r, n>,
    ),
    { RelativeSourceLayers { b, read, d, n, r }(source_words, source_relative, source_distances) },
    { RelativeTargetLayers { b, s, t, u, read, d, n, r }(embedded, source, relative, distances) }
}

seq2seq! {
    /// An encoder of sound, of `c` mel channels, that begins with convolutions, and a decoder (Whisper, arXiv:2212.04356).
    SpeechEncoderDecoder (, frames = 2 * read), [source_places, c, frames],
    (
        mel: Act<b, frames, c>,
        source_positions: Ids<read>,
        #[part(other)]
        #[hf("model.encoder.embed_positions.weight")]
        source_table: Weight<source_places, d>,
    ),
    {
        let heard = SpeechFront { b, src: read, c, d }(mel) + gather::<source_places>(source_table, source_positions);
    },
    { SourceLayers { b, read, d }(heard) },
    { TargetLayers { b, s, t, u, read, d }(embedded, source) }
}

/// The frames of encoders with decoders, by the names that declarations give them.
pub(super) const FRAMES: [(&str, &Op<'static>); 4] = [
    ("encoder_decoder", EncoderDecoder::OP),
    ("placed_encoder_decoder", PlacedEncoderDecoder::OP),
    ("relative_encoder_decoder", RelativeEncoderDecoder::OP),
    ("speech_encoder_decoder", SpeechEncoderDecoder::OP),
];

/// What stands where the layers of an encoder do.
pub(super) const SOURCE_MARKS: [&Op<'static>; 3] = [SourceLayers::OP, PlacedSourceLayers::OP, RelativeSourceLayers::OP];

/// What stands where the layers do that decode.
pub(super) const TARGET_MARKS: [&Op<'static>; 3] = [TargetLayers::OP, PlacedTargetLayers::OP, RelativeTargetLayers::OP];
