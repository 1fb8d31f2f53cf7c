//! Devices with the figures that the documents give, which are not always the vendors'.

use cost_core::Result;
use cost_core::expr::Rational;
use cost_core::format::Class;
use cost_core::hardware::{Figures, Hardware};

/// A device's peak and bandwidth as a document gives them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Device {
    pub(super) name: &'static str,
    /// The name in the library's own table; empty if it has none.
    pub(super) known: &'static str,
    /// TFLOP/s.
    pub(super) tera: u32,
    /// GB/s.
    pub(super) giga: u32,
    /// The numbers that the peak is for.
    pub(super) class: Class,
    pub(super) source: &'static str,
}

impl Device {
    const fn new(name: &'static str, known: &'static str, figures: (u32, u32), source: &'static str) -> Self {
        Self { name, known, tera: figures.0, giga: figures.1, class: Class::F16, source }
    }

    /// The device as the library describes one.
    pub(super) fn hardware(&self) -> Hardware {
        let peak = Some(f64::from(self.tera));
        let figures = match self.class {
            Class::I8 => Figures { int8: peak, ..Figures::NONE },
            _ => Figures { bf16: peak, ..Figures::NONE },
        };
        Hardware {
            id: self.name.into(),
            aliases: Vec::new(),
            name: self.name.into(),
            year: None,
            figures: Figures { bandwidth_gb_s: Some(f64::from(self.giga)), ..figures },
            source: self.source.into(),
            link_source: "".into(),
            host_source: "".into(),
            note: "".into(),
            times: None,
        }
    }

    /// The ridge point.
    pub(super) fn ridge(&self) -> f64 {
        self.hardware().ridge(self.class)
    }

    /// The ridge point as an exact fraction.
    pub(super) fn exact_ridge(&self) -> Result<Rational> {
        Rational::new(i128::from(self.tera) * 1000, i128::from(self.giga))
    }
}

const MYTH: &str = "document 000: The myth of decoding large models";
const HEADS: &str = "document 002: table of bandwidths";

/// H100 of documents 000 and 001.
pub(super) const H100: Device = Device::new("H100", "h100", (989, 3350), MYTH);
/// H20 of document 000.
pub(super) const H20: Device = Device::new("H20", "h20", (148, 4000), MYTH);
/// RTX 5090 of document 000.
pub(super) const RTX_5090: Device = Device::new("RTX 5090", "5090", (209, 1790), MYTH);
/// AI MAX 395 of document 000, with 8-bit integers.
pub(super) const AI_MAX: Device = Device { class: Class::I8, ..Device::new("AI MAX 395", "", (50, 250), MYTH) };
/// A100 of documents 002 and 003.
pub(super) const A100: Device = Device::new("A100", "a100", (312, 2039), HEADS);
/// A100 with the bandwidth that document 002 calculates with.
pub(super) const A100_ROUNDED: Device = Device { giga: 2000, ..A100 };

/// The table of document 002.
pub(super) const GPUS: &[Device] = &[
    Device::new("Tesla V100", "v100", (125, 900), HEADS),
    Device::new("Titan RTX", "titan_rtx", (130, 672), HEADS),
    A100,
    Device::new("RTX 3090 Ti", "3090ti", (160, 1008), HEADS),
    Device::new("H100 (SXM)", "h100", (989, 3352), HEADS),
    Device::new("RTX 4090", "4090", (330, 1008), HEADS),
];
