//! Models, devices, and plans that are compiled once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use cost_core::Options;
use cost_core::cost::Formats;
use cost_core::format::Format;
use cost_core::hardware::{self, Hardware};

use super::super::chunk::{Evaluator, planned};
use super::super::column::{Column, Needs};
use super::super::error::Error;
use super::super::setting::Setting;
use super::input::{Case, FORMATS, Shape};
use crate::catalogue;
use crate::model::{Logits, Model, Phase};
use crate::plan::Steps;

/// What [`with_costs`](super::with_costs) looks names up in, and the plans that it has compiled.
///
/// A plan stays for each combination of names and columns that was asked for, so there should be one of these for as long
/// as batches come. Threads can share it.
#[derive(Debug, Default)]
pub struct Known {
    options: Options,
    models: Vec<Model>,
    devices: Vec<Hardware>,
    compiled: RwLock<HashMap<Key, Arc<Compiled>>>,
}

/// What a plan was compiled for.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    model: String,
    device: Option<String>,
    formats: [Option<String>; 3],
    phase: Phase,
    shape: Shape,
    columns: Vec<Column>,
}

/// A model in number formats on a device, compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) setting: Setting,
    pub(super) device: Option<Hardware>,
    pub(super) evaluator: Evaluator,
}

impl Known {
    /// The built-in models and devices, counted as `options` say; of its number formats only the exceptions count.
    pub fn new(options: Options) -> Self {
        Self { options, ..Self::default() }
    }

    /// With another model, found by its name before a built-in one.
    #[must_use]
    pub fn with_model(mut self, model: Model) -> Self {
        self.models.push(model);
        self
    }

    /// With another device, found by its id before a built-in one.
    #[must_use]
    pub fn with_device(mut self, device: Hardware) -> Self {
        self.devices.push(device);
        self
    }

    /// The plan of a case, compiled now if it isn't there yet.
    pub(super) fn compiled(&self, case: &Case<'_>, columns: &[Column]) -> Result<Arc<Compiled>, Error> {
        let key = Key {
            model: case.model.to_owned(),
            device: case.device.map(str::to_owned),
            formats: case.formats.map(|format| format.map(str::to_owned)),
            phase: case.phase,
            shape: case.shape,
            columns: columns.to_vec(),
        };
        // A thread that panicked has left the map as it was.
        if let Some(found) = self.compiled.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(found));
        }
        let compiled = Arc::new(self.compile(case, columns)?);
        let mut all = self.compiled.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(all.entry(key).or_insert(compiled)))
    }

    fn compile(&self, case: &Case<'_>, columns: &[Column]) -> Result<Compiled, Error> {
        let own = self.models.iter().rev().find(|model| model.name == case.model);
        let model = own.map_or_else(|| catalogue::find(case.model), |model| Ok(model.clone()))?;
        let device = case.device.map(|name| {
            let own = self.devices.iter().rev().find(|device| device.id == name);
            own.map_or_else(|| hardware::find(name), |device| Ok(device.clone()))
        });
        let device = device.transpose()?;
        if let (true, Some(device)) = (columns.iter().any(|it| it.needs() == Needs::Memory), &device)
            && device.figures.memory_gb.is_none()
        {
            let message = format!("the memory of {} is not known", device.id);
            return Err(Error::Column { name: Column::Hardware.name().to_owned(), message });
        }
        let format = |i: usize| {
            let parsed = case.formats[i].map(str::parse::<Format>).transpose();
            parsed.map_err(|error| Error::Column { name: FORMATS[i].name().to_owned(), message: error.to_string() })
        };
        let asked = &self.options.formats;
        let formats = Formats {
            weights: format(0)?.or(asked.weights),
            acts: format(1)?.or(asked.acts),
            cache: format(2)?.or(asked.cache),
            ..asked.clone()
        };
        let setting = Setting::new(model, Options { formats, ..self.options.clone() })?;
        let steps = Steps {
            phase: case.phase,
            logits: Logits::Last,
            batch: None,
            tokens: (case.shape == Shape::OneToken).then_some(1),
            past: (case.shape == Shape::NoPast).then_some(0),
        };
        let evaluator = Evaluator::new(&planned(&setting, &steps, columns)?, device.as_ref(), columns)?;
        Ok(Compiled { setting, device, evaluator })
    }
}
