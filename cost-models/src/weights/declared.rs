//! What an architecture declares: its weights, layer by layer, by the names that they have in files.

use cost_core::cost::{Formats, Options, Pattern, Rounds, Tensor};
use cost_core::format::Format;
use cost_core::op::Role;

use crate::error::Error;
use crate::model::{Model, Workload};

/// A weight of an architecture.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) tensor: Tensor<u128>,
    /// The layers that have one; none if it is outside of them.
    pub(crate) layers: Vec<u64>,
}

/// Where the modules of a layer are.
const LAYER: &str = "model.layers.*.";

impl Declared {
    /// The name of the module that it belongs to, in one of its layers: its tensor's name in safetensors files without the
    /// last part, or its path if it has none. Of experts the first is named.
    pub(crate) fn module(&self, layer: Option<u64>) -> String {
        let Some(name) = &self.tensor.hf else { return self.tensor.path.clone() };
        let name = name.strip_suffix(".weight").unwrap_or(name).replacen('*', "0", 1);
        match layer {
            Some(layer) => LAYER.replacen('*', &layer.to_string(), 1) + &name,
            None => name,
        }
    }
}

/// The weights that a model declares, in order.
pub(crate) fn declared(model: &Model) -> Result<Vec<Declared>, Error> {
    let tensors = model.tensors(&Workload::decode(1, 1), &Options::default())?;
    let weights = tensors.into_iter().filter(|tensor| tensor.role == Role::Weight);
    weights.map(|tensor| Ok(Declared { layers: layers(model, &tensor)?, tensor })).collect()
}

/// The layers that have a tensor: those that its loop stands for, or all there are.
fn layers(model: &Model, tensor: &Tensor<u128>) -> Result<Vec<u64>, Error> {
    let Some(place) = &tensor.place else { return Ok(Vec::new()) };
    let rounds = tensor.copies / tensor.experts.unwrap_or(1).max(1);
    let label = place.rsplit('.').next().unwrap_or_default();
    let listed = model.layers.iter().find(|(other, _)| *other == label).map(|(_, layers)| layers.clone());
    match listed {
        Some(layers) if layers.len() as u128 != rounds => {
            let expected = format!("{rounds}, as often as the loop runs");
            Err(Error::field(&format!("layers of {}", tensor.path), layers.len().to_string(), expected))
        }
        Some(layers) => Ok(layers),
        None => Ok((0..u64::try_from(rounds).unwrap_or(u64::MAX)).collect()),
    }
}

/// A model's formats, given those of its weights in each layer; nothing where a weight is as the roles have it.
pub(crate) fn formats(
    declared: &[Declared],
    of: impl Fn(&Declared, Option<u64>) -> Result<Option<Format>, Error>,
) -> Result<Formats, Error> {
    let mut formats = Formats::default();
    let entry = |it: &Declared, layer| Ok(of(it, layer)?.map(|format| (Pattern::new(&it.tensor.path), format)));
    for it in declared.iter().filter(|it| it.layers.is_empty()) {
        formats.own.extend(entry(it, None)?);
    }
    let mut places: Vec<&str> = declared.iter().filter_map(|it| it.tensor.place.as_deref()).collect();
    places.dedup();
    for place in places {
        let inside = declared.iter().filter(|it| it.tensor.place.as_deref() == Some(place));
        let inside: Vec<&Declared> = inside.collect();
        let Some(first) = inside.first() else { continue };
        let mut rounds: Vec<Rounds> = Vec::new();
        for layer in &first.layers {
            let own =
                inside.iter().filter_map(|it| entry(it, Some(*layer)).transpose()).collect::<Result<_, Error>>()?;
            match rounds.iter_mut().find(|other| other.own == own) {
                Some(same) => same.times += 1,
                None => rounds.push(Rounds { place: place.to_owned(), times: 1, own }),
            }
        }
        match rounds.as_mut_slice() {
            [all] => formats.own.append(&mut all.own),
            _ => formats.rounds.append(&mut rounds),
        }
    }
    Ok(formats)
}
