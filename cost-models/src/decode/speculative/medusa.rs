//! Medusa's heads.

use cost_macros::cost;

use crate::decode::step::Deployment;
use crate::error::Error;
use crate::model::Model;
use crate::ops::{Linear, LmHead};

/// One of Medusa's heads (arXiv:2401.10774, section 2.1.1): a residual block of the model's width, then logits of a later
/// token.
#[cost]
pub fn MedusaHead<b, o, d, v>(x: Act<b, o, d>) -> Act<b, o, v> {
    let turned = Linear { b, s: o, d, f: d }(x);
    let hidden = x + silu(turned);
    let logits = LmHead { b, s: o, o, d, v }(hidden);
    logits
}

/// A head for a model, where that runs; an error if the model's width or vocabulary isn't known.
pub fn medusa_head(target: &Deployment) -> Result<Deployment, Error> {
    let model = target.model();
    let size = |axis: &'static str| {
        let found = model.fixed().find(|(name, _)| *name == axis).map(|(_, size)| size);
        found.ok_or_else(|| Error::field(&format!("axis {axis} of {}", model.name), "nothing", "a size"))
    };
    Ok(target.with(Model::new(&MedusaHead { b: 1, o: 1, d: size("d")?, v: size("v")? })))
}
