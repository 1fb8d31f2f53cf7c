//! What an architecture declares: its weights, layer by layer, by the names that they have in files.

use std::collections::HashMap;
use std::sync::Arc;

use cost_core::cost::{Formats, Options, Pattern, Rounds, Stored, Tensor, tensors};
use cost_core::op::Role;

use super::Naming;
use crate::error::Error;
use crate::families::decoder::MOST_LAYERS;
use crate::model::{Model, Workload};
use crate::names::Names;

/// A weight of an architecture.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) tensor: Tensor<u128>,
    /// The layers that have one; none if it is outside of them.
    pub(crate) layers: Vec<u64>,
    names: Arc<Names>,
    /// The name of its module, relative to its layer; none if its tensor has no name in safetensors files.
    module: Option<String>,
}

impl Declared {
    fn new(tensor: Tensor<u128>, layers: Vec<u64>, names: Arc<Names>) -> Self {
        let name = tensor.hf.as_ref().map(|hf| names.module(&tensor.path, tensor.place.as_deref(), hf));
        let module = name.map(|name| name.strip_suffix(".weight").map_or_else(|| name.clone(), str::to_owned));
        Self { tensor, layers, names, module }
    }

    /// The layers that have one, or nothing once if it is outside of them.
    pub(crate) fn places(&self) -> Vec<Option<u64>> {
        if self.layers.is_empty() { vec![None] } else { self.layers.iter().copied().map(Some).collect() }
    }

    /// Its name in files; a `*` that is left stands for each expert's number.
    pub(crate) fn name(&self, naming: Naming, layer: Option<u64>) -> Option<String> {
        let Tensor { path, hf, gguf, .. } = &self.tensor;
        let name = match naming {
            Naming::Gguf => self.names.gguf(path, gguf.as_ref()?),
            Naming::Modules => {
                let place = self.tensor.place.as_deref();
                let name = self.names.module(path, place, hf.as_ref()?);
                match layer {
                    Some(_) => format!("{}{name}", self.names.layer(place)),
                    None => name,
                }
            }
        };
        Some(layer.map_or_else(|| name.clone(), |layer| name.replacen('*', &layer.to_string(), 1)))
    }

    /// The name of the module that it belongs to, in one of its layers: its tensor's name in safetensors files without the
    /// last part, or its path if it has none. Of experts the first is named.
    pub(crate) fn module(&self, layer: Option<u64>) -> String {
        let Some(module) = &self.module else { return self.tensor.path.clone() };
        let layer = layer.map(|layer| layer.to_string());
        let prefix = if layer.is_some() { self.names.layer(self.tensor.place.as_deref()) } else { "" };
        // The first star is the layer's number, and the next one the expert's.
        let mut numbers = layer.as_deref().into_iter().chain(["0"]);
        let mut name = String::with_capacity(prefix.len() + module.len() + 4);
        for part in [prefix, module] {
            for (star, piece) in part.split('*').enumerate() {
                if star > 0 {
                    name.push_str(numbers.next().unwrap_or("*"));
                }
                name.push_str(piece);
            }
        }
        name
    }
}

/// The weights that a model declares, in order, with rows as they are in files: those of latent attention in its plain
/// form.
pub(crate) fn declared(model: &Model) -> Result<Vec<Declared>, Error> {
    let names = model.names();
    let declared = |tensor| {
        let layers = layers(model, &tensor)?;
        Ok(Declared::new(tensor, layers, names.clone()))
    };
    weights(model)?.into_iter().map(declared).collect()
}

/// The weights of the modules of a model that predict further tokens, each of which is one more layer.
pub(crate) fn predictors(model: &Model) -> Result<Vec<Declared>, Error> {
    let Some((count, predictor)) = model.predictor() else { return Ok(Vec::new()) };
    let first = model.layers.iter().flat_map(|(_, layers)| layers).max().map_or(0, |last| last.saturating_add(1));
    let Some(end) = first.checked_add(count).filter(|_| count <= MOST_LAYERS) else {
        return Err(Error::field("layers that predict further tokens", count, format!("at most {MOST_LAYERS}")));
    };
    let (layers, names) = ((first..end).collect::<Vec<_>>(), model.names());
    let declared = weights(predictor)?.into_iter();
    Ok(declared.map(|tensor| Declared::new(tensor, layers.clone(), names.clone())).collect())
}

fn weights(model: &Model) -> Result<Vec<Tensor<u128>>, Error> {
    // As the architecture has them, whatever is known of their formats.
    let sizes = model.sizes(&Workload::prefill(1, 1))?;
    let tensors = model.architecture().with(|op| tensors(op, &sizes, &Options::default()))?;
    Ok(tensors.into_iter().filter(|tensor| tensor.role == Role::Weight).collect())
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
        None => match u64::try_from(rounds) {
            Ok(rounds) if rounds <= MOST_LAYERS => Ok((0..rounds).collect()),
            _ => {
                let expected = format!("at most {MOST_LAYERS}");
                Err(Error::field(&format!("layers of {}", tensor.path), rounds.to_string(), expected))
            }
        },
    }
}

/// The most kinds of layers that a loop may have by their formats. Each is derived by itself; files that mix formats have
/// a few.
const MOST_KINDS: usize = 512;

/// A model's formats, given how its weights, by their number, are stored in each layer; nothing where a weight is as the
/// roles have it.
pub(crate) fn formats(
    declared: &[Declared],
    of: impl Fn(usize, &Declared, Option<u64>) -> Option<Stored>,
) -> Result<Formats, Error> {
    let mut formats = Formats::default();
    let entry = |it: &Declared, stored| (Pattern::new(&it.tensor.path), stored);
    for (which, it) in declared.iter().enumerate().filter(|(_, it)| it.layers.is_empty()) {
        formats.own.extend(of(which, it, None).map(|format| entry(it, format)));
    }
    let mut places: Vec<&str> = declared.iter().filter_map(|it| it.tensor.place.as_deref()).collect();
    places.dedup();
    for place in places {
        let inside = declared.iter().enumerate().filter(|(_, it)| it.tensor.place.as_deref() == Some(place));
        let inside: Vec<(usize, &Declared)> = inside.collect();
        let (mut rounds, mut known): (Vec<Rounds>, HashMap<Vec<Option<Stored>>, usize>) = Default::default();
        // Neighbours are mostly of one kind.
        let mut before: Option<(Vec<Option<Stored>>, usize)> = None;
        for layer in inside.first().map_or(&[][..], |(_, first)| &first.layers) {
            let stored: Vec<Option<Stored>> = inside.iter().map(|(which, it)| of(*which, it, Some(*layer))).collect();
            let kind = match &before {
                Some((before, kind)) if *before == stored => Some(*kind),
                _ => known.get(&stored).copied(),
            };
            if let Some(kind) = kind {
                rounds[kind].times += 1;
                before = Some((stored, kind));
                continue;
            }
            if rounds.len() == MOST_KINDS {
                let expected = format!("at most {MOST_KINDS} kinds of layers by how their weights are stored");
                return Err(Error::field("formats of weights", "more", expected));
            }
            let own = inside.iter().zip(&stored).filter_map(|((_, it), format)| Some(entry(it, (*format)?))).collect();
            known.insert(stored.clone(), rounds.len());
            before = Some((stored, rounds.len()));
            rounds.push(Rounds { place: place.to_owned(), times: 1, own });
        }
        match rounds.as_mut_slice() {
            [all] => formats.own.append(&mut all.own),
            _ => formats.rounds.append(&mut rounds),
        }
    }
    Ok(formats)
}
