//! Decoders whose tokens see later ones too, as models of embeddings are made of them.

use cost_core::Operator;
use cost_core::op::Mask;

use crate::error::Error;
use crate::model::Model;
use crate::note::Note;
use crate::stack::frames;

const fn to_both_sides(mask: Mask) -> Mask {
    match mask {
        Mask::Window { s, t, w } => Mask::Around { s, t, w },
        other => other,
    }
}

/// A decoder whose layers see to both sides what they saw before: all, or fewer than `w` tokens away.
pub(crate) fn both_ways(model: Model, field: &str) -> Model {
    let text =
        "tokens see later ones too: a step takes whole texts, and no other one reads the keys and values it writes";
    let model = model.rewritten(&|operator| operator.mask = to_both_sides(operator.mask));
    model.encoder().noted(Note::new(text).about(field))
}

/// What `is_causal: false` makes of a model: in the code released for decoders all tokens see each other, in layers with
/// windows those that are up to a window's length away (`create_sliding_window_causal_mask` of transformers). Encoders are
/// so anyway; an error for whatever else there is.
pub(crate) fn not_causal(model: Model) -> Result<Model, Error> {
    const FIELD: &str = "is_causal";
    let size = |axis: &str| model.fixed().find(|(name, _)| *name == axis).map(|(_, size)| size);
    let chunks = model.layers.iter().any(|(label, _)| label.starts_with("chunked"));
    if model.architecture().name() == frames::Decoder::OP.name && !chunks && !model.is_latent() {
        let reach = size("w").map(|w| w.saturating_add(1));
        let model = reach.and_then(|reach| model.resized("w", reach)).unwrap_or(model);
        return Ok(both_ways(model, FIELD));
    }
    if model.is_encoder() {
        return Ok(model);
    }
    Err(Error::field(FIELD, "false", "true: what is seen of later tokens isn't known of this architecture"))
}
