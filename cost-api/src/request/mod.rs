//! Requests: one definition each for the command line's help, JSON and its schema.

mod balance;
mod calibrate;
pub mod choice;
mod decode;
mod diff;
mod explain;
mod fit;
mod formula;
mod hardware;
mod json;
pub mod mesh;
mod models;
mod options;
mod published;
mod report;
mod roofline;
pub mod search;
mod sweep;
mod what;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use balance::BalanceRequest;
pub use calibrate::{CalibrateRequest, TimeOptions};
pub use decode::{BatchingOptions, DecodeRequest, DraftOptions, Method, MethodOptions, TaskOptions};
pub use diff::DiffRequest;
pub use explain::ExplainRequest;
pub use fit::FitRequest;
pub use formula::FormulaRequest;
pub use hardware::HardwareRequest;
pub use mesh::{MeshOptions, TimingOptions};
pub use models::ModelsRequest;
pub use options::{
    CountingOptions, FormatOptions, HostOptions, OffloadOptions, ReadingOptions, RuleOptions, SetOptions,
};
pub use published::PublishedRequest;
pub use report::ReportRequest;
pub use roofline::RooflineRequest;
pub use search::MeshRequest;
pub use sweep::{ChoiceOptions, RowOptions, StepsOptions, SweepRequest, Values};
pub use what::What;

/// Whatever can be asked; in JSON an object with its `command` and its options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "command", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Request {
    /// What a step of a model costs, or an operator at sizes.
    Report(Box<ReportRequest>),
    /// What a model or an operator costs, as closed formulas.
    Formula(FormulaRequest),
    /// Where a kernel's figures come from.
    Explain(ExplainRequest),
    /// Where an intensity meets the ridge points of devices.
    Balance(BalanceRequest),
    /// What fits the memory of devices.
    Fit(FitRequest),
    /// What a generation costs by the method that decodes it.
    Decode(Box<DecodeRequest>),
    /// Which mesh to take.
    Mesh(MeshRequest),
    /// What steps of many sizes cost.
    Sweep(Box<SweepRequest>),
    /// What changed between two costs.
    Diff(Box<DiffRequest>),
    /// The kernels of a step under the roofs of devices.
    Roofline(RooflineRequest),
    /// Constants of a device, from measured times.
    Calibrate(CalibrateRequest),
    /// The built-in models.
    Models(ModelsRequest),
    /// The figures of devices.
    Hardware(HardwareRequest),
    /// Published figures beside the derived ones.
    Published(PublishedRequest),
}
