//! The figures of devices.

use serde::Serialize;

/// A device's figures; null where they aren't known.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceFigures {
    /// The name that it is asked for by.
    pub id: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// What its maker calls it.
    pub name: String,
    /// When it came out.
    pub year: Option<u16>,
    /// Dense f32 TFLOP/s.
    pub f32_tflops: Option<f64>,
    /// Dense bf16 TFLOP/s.
    pub bf16_tflops: Option<f64>,
    /// Dense fp8 TFLOP/s.
    pub fp8_tflops: Option<f64>,
    /// Dense int8 TOP/s.
    pub int8_tops: Option<f64>,
    /// Dense fp4 TFLOP/s.
    pub fp4_tflops: Option<f64>,
    /// Dense int4 TOP/s.
    pub int4_tops: Option<f64>,
    /// GB of memory.
    pub memory_gb: Option<f64>,
    /// GB/s of memory.
    pub bandwidth_gb_s: Option<f64>,
    /// KiB on chip of a block.
    pub shared_kib: Option<f64>,
    /// MiB of the last cache.
    pub l2_mib: Option<f64>,
    /// GB/s to other devices.
    pub link_gb_s: Option<f64>,
    /// How many devices are one domain: those that reach each other over these links.
    pub link_domain: Option<u32>,
    /// GB/s to devices beyond the domain.
    pub link_beyond_gb_s: Option<f64>,
    /// Microseconds that a collective in a domain takes however little it moves.
    pub link_latency_us: Option<f64>,
    /// Whether the switches of a domain add, so that an all-reduce sends an array once.
    pub link_reduces: Option<bool>,
    /// GB/s to the memory of its host.
    pub host_gb_s: Option<f64>,
    /// The ridge point at bf16, FLOP per byte.
    pub ridge: f64,
    /// Where the figures are from.
    pub source: String,
    /// Where those of links are from.
    pub link_source: String,
    /// What there is to say.
    pub note: String,
}
