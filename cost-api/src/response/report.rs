//! What a step costs, or an operator at sizes.

use cost_core::hardware::Hardware;
use cost_models::report::{self, AtSizes, Step};
use serde::Serialize;

/// What a step of a model costs, or an operator at sizes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Report {
    /// Of a model.
    Step(Box<Reported<Step>>),
    /// Of an operator.
    Operator(Box<Reported<AtSizes>>),
}

impl Report {
    /// The devices that it judges.
    pub fn devices(&self) -> &[Hardware] {
        match self {
            Self::Step(it) => &it.devices,
            Self::Operator(it) => &it.devices,
        }
    }
}

/// A report, and the devices that it judges.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Reported<Of> {
    /// The report.
    pub report: report::Report<Of>,
    /// The devices, in the order of its verdicts.
    #[serde(skip)]
    pub devices: Vec<Hardware>,
}

impl<Of> std::ops::Deref for Reported<Of> {
    type Target = report::Report<Of>;

    fn deref(&self) -> &Self::Target {
        &self.report
    }
}
