//! Answers. As JSON each is what its command prints.

mod balance;
mod fit;
mod formula;
mod report;

use serde::Serialize;

pub use balance::{Balance, DeviceBalance, JudgedValue};
pub use fit::{DeviceFit, Fits};
pub use formula::{Formula, KernelFormula};
pub use report::{Report, Reported};

/// The answer to a request.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Response {
    /// What a step costs, or an operator at sizes.
    Report(Report),
    /// Closed formulas.
    Formula(Formula),
    /// Where an intensity meets ridge points.
    Balance(Balance),
    /// What fits devices.
    Fit(Fits),
}
