//! The kernels of a step under the roofs of devices.

use serde::Serialize;

/// The kernels of a step, or of an operator at sizes, under the roofs of devices.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Roofline {
    /// Of what, in words.
    pub of: String,
    /// Device by device.
    pub devices: Vec<DeviceRoofs>,
}

/// A device's roofs, and the kernels under them.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceRoofs {
    /// The device's id.
    pub name: String,
    /// The vendor's name.
    pub title: String,
    /// Bytes per second of its memory.
    pub bandwidth: f64,
    /// Its peaks, highest first.
    pub roofs: Vec<Roof>,
    /// Seconds that the step takes at least.
    pub lower_bound_s: f64,
    /// What the step waits for: `memory`, `compute` or, on a mesh, `link`.
    pub bound: &'static str,
    /// What the exchanges of a step allow it, on a mesh where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<UnderLink>,
    /// The kernels, those with the largest share of the time first.
    pub kernels: Vec<UnderRoof>,
}

/// A peak.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Roof {
    /// The classes of products that have it, and `vector` for what is no product.
    pub classes: Vec<&'static str>,
    /// FLOP per second.
    pub peak: f64,
    /// Where it meets the slant of memory, FLOP per byte.
    pub ridge: f64,
    /// Whether a kernel of the step multiplies in one of its classes.
    pub used: bool,
}

/// A kernel under the roofs.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnderRoof {
    /// Its path.
    pub path: String,
    /// How often it runs.
    pub repeat: u128,
    /// The class that most of its products multiply in.
    pub class: Option<&'static str>,
    /// FLOP per byte; 0 where it moves or computes nothing.
    pub intensity: f64,
    /// FLOP per second at most.
    pub flop_s: f64,
    /// Its share of the least time of the step, all repetitions together.
    pub share: f64,
    /// What it waits for.
    pub bound: &'static str,
}

/// The exchanges of a step under the slant of a device's links.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnderLink {
    /// Bytes per second of a device's links within a domain, one way.
    pub bandwidth: f64,
    /// FLOP of the step per byte that crosses a device's link.
    pub intensity: f64,
    /// FLOP of the step per second that exchanges take at least.
    pub flop_s: f64,
    /// Seconds that they take at least.
    pub seconds: f64,
}
