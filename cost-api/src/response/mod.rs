//! Answers. As JSON each is what its command prints.

mod balance;
mod calibrate;
mod decode;
mod diff;
mod explain;
mod fit;
mod formula;
mod hardware;
mod models;
mod report;
mod roofline;
mod search;
mod sweep;

use cost_models::published::Outcome;
use cost_models::sweep::Rows;
use serde::Serialize;

pub use balance::{Balance, DeviceBalance, JudgedValue};
pub use calibrate::{Calibration, ExchangeFit, FasterRow, WorkGroup, WorkSummary};
pub use decode::{Compared, Comparison, Decode, DecodeAnswer, Decoded, Decoding};
pub use diff::{Beyond, Change, ChangeKind, Changed, Changes, Diff, KernelChange, Measure, Value, Verdict};
pub use explain::{Explain, ExplainedOperand, ExplainedStep, ExplainedTime, ExplainedUnit};
pub use fit::{DeviceFit, Fits};
pub use formula::{ExchangeFormula, Formula, KernelFormula};
pub use hardware::DeviceFigures;
pub use models::ModelEntry;
pub use report::{Report, Reported};
pub use roofline::{DeviceRoofs, Roof, Roofline, UnderLink, UnderRoof};
pub use search::Meshes;
pub use sweep::NoteOf;

/// The answer to a request.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
#[non_exhaustive]
pub enum Response {
    /// What a step costs, or an operator at sizes.
    Report(Report),
    /// Closed formulas.
    Formula(Formula),
    /// Where a kernel's figures come from.
    Explain(Box<Explain>),
    /// Where an intensity meets ridge points.
    Balance(Balance),
    /// What fits devices.
    Fit(Fits),
    /// What a generation costs, or how methods compare.
    Decode(#[cfg_attr(feature = "schema", schemars(with = "serde_json::Value"))] Decode),
    /// Which mesh to take.
    Mesh(Meshes),
    /// What steps of many sizes cost, row by row.
    Sweep(#[cfg_attr(feature = "schema", schemars(schema_with = "sweep::rows"))] Rows),
    /// What changed between two costs.
    Diff(Diff),
    /// The kernels of a step under the roofs of devices.
    Roofline(Roofline),
    /// Constants of a device, and how well they do.
    Calibrate(Box<Calibration>),
    /// The built-in models.
    Models(Vec<ModelEntry>),
    /// The figures of devices.
    Hardware(Vec<DeviceFigures>),
    /// Published figures beside the derived ones.
    Published(Vec<Outcome>),
}

#[cfg(feature = "schema")]
impl Response {
    /// The JSON Schema of responses.
    pub fn schema() -> serde_json::Value {
        schemars::generate::SchemaSettings::default()
            .for_serialize()
            .into_generator()
            .into_root_schema_for::<Self>()
            .to_value()
    }
}
