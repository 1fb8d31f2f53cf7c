//! Where an intensity meets the ridge points of devices.

use cost_models::Note;
use serde::Serialize;

/// Where an intensity meets the ridge points of devices.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Balance {
    /// The model or operator.
    pub what: String,
    /// The axis that was solved for.
    pub axis: String,
    /// The intensity in terms of the axis.
    pub intensity: String,
    /// What it tends to as the axis grows; null if it grows without bound, or if the axis can't.
    pub limit: Option<f64>,
    /// The smallest value that the axis can have.
    pub from: f64,
    /// The largest; null if there is none.
    pub to: Option<f64>,
    /// Device by device.
    pub devices: Vec<DeviceBalance>,
    /// The values of the axis that were asked about.
    pub values: Vec<JudgedValue>,
    /// What is to be said beside the numbers.
    pub notes: Vec<Note>,
}

/// Where the intensity meets the ridge point of a device.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceBalance {
    /// The device's id.
    pub name: String,
    /// Its ridge point, FLOP per byte.
    pub ridge: f64,
    /// The value of the axis; null if there is none.
    pub balance: Option<f64>,
    /// How it was found, or why there is none: `exact`, `bracketed`, `start`, `never`.
    pub kind: &'static str,
}

/// A value of the axis.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JudgedValue {
    /// The value.
    pub value: u64,
    /// The intensity there.
    pub intensity: f64,
    /// `memory` or `compute`, by device.
    pub bounds: Vec<&'static str>,
}
