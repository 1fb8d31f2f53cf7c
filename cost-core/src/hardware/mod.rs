//! What devices can do: dense peaks by number format, bandwidth, memory.

#[cfg(feature = "toml")]
mod file;
mod host;
mod table;

use std::borrow::Cow;

#[cfg(feature = "toml")]
pub use file::{parse, text};

use crate::error::{Error, Result};
use crate::format::Class;
use crate::suggest::nearest;

/// A device.
#[derive(Clone, Debug, PartialEq)]
pub struct Hardware {
    /// The name that it is asked for by.
    pub id: Cow<'static, str>,
    /// Shorter names.
    pub aliases: Vec<Cow<'static, str>>,
    /// The vendor's name.
    pub name: Cow<'static, str>,
    /// The year it came out, if known.
    pub year: Option<u16>,
    /// What it can do.
    pub figures: Figures,
    /// Where the figures are from.
    pub source: Cow<'static, str>,
    /// Where the figures of its links are from, if not from the same place.
    pub link_source: Cow<'static, str>,
    /// Where the figure of the link to its host is from, likewise.
    pub host_source: Cow<'static, str>,
    /// Where sources disagree.
    pub note: Cow<'static, str>,
    /// How long kernels take on it, if that was measured and is asked for: see [`Hardware::read_times`].
    pub times: Option<std::sync::Arc<crate::time::Times>>,
}

/// What a device can do. Peaks are dense, with 32-bit accumulation for floating point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// 32-bit floating point, TFLOP/s.
    pub f32: Option<f64>,
    /// 16-bit floating point, TFLOP/s.
    pub bf16: Option<f64>,
    /// 8-bit floating point, TFLOP/s.
    pub fp8: Option<f64>,
    /// 8-bit integers, TOP/s.
    pub int8: Option<f64>,
    /// 4-bit floating point, TFLOP/s.
    pub fp4: Option<f64>,
    /// 4-bit integers, TOP/s.
    pub int4: Option<f64>,
    /// Everything that is no matrix product, TFLOP/s; the 16-bit peak where it isn't given.
    pub vector: Option<f64>,
    /// Memory, GB (1e9 byte).
    pub memory_gb: Option<f64>,
    /// Memory bandwidth, GB/s (1e9 byte per second).
    pub bandwidth_gb_s: Option<f64>,
    /// Memory on chip that one thread block can take, KiB.
    pub shared_kib: Option<f64>,
    /// L2 cache (or what stands for it), MiB.
    pub l2_mib: Option<f64>,
    /// Streaming multiprocessors or compute units.
    pub sms: Option<f64>,
    /// Links to the other devices of its domain, GB/s in each direction, all of them together; in a torus,
    /// one of them.
    pub link_gb_s: Option<f64>,
    /// How many devices are one domain: those that reach each other over these links.
    pub link_domain: Option<u32>,
    /// Links to devices beyond the domain, GB/s in each direction.
    pub link_beyond_gb_s: Option<f64>,
    /// What a collective among devices of a domain takes however little it moves, µs.
    pub link_latency_us: Option<f64>,
    /// Whether the switches of a domain add, so that an all-reduce sends an array once.
    pub link_reduces: Option<bool>,
    /// The link to the memory of its host, GB/s in each direction.
    pub host_gb_s: Option<f64>,
}

impl Figures {
    /// Nothing known.
    pub const NONE: Self = Self {
        f32: None,
        bf16: None,
        fp8: None,
        int8: None,
        fp4: None,
        int4: None,
        vector: None,
        memory_gb: None,
        bandwidth_gb_s: None,
        shared_kib: None,
        l2_mib: None,
        sms: None,
        link_gb_s: None,
        link_domain: None,
        link_beyond_gb_s: None,
        link_latency_us: None,
        link_reduces: None,
        host_gb_s: None,
    };
}

/// One row of the built-in table.
struct Row {
    id: &'static str,
    aliases: &'static [&'static str],
    name: &'static str,
    year: u16,
    figures: Figures,
    source: &'static str,
    note: &'static str,
    link_source: &'static str,
}

impl From<&'static Row> for Hardware {
    fn from(row: &'static Row) -> Self {
        Self {
            id: row.id.into(),
            aliases: row.aliases.iter().map(|alias| Cow::Borrowed(*alias)).collect(),
            name: row.name.into(),
            year: Some(row.year),
            figures: Figures { host_gb_s: host::link(row.id).map(|(speed, _)| speed), ..row.figures },
            source: row.source.into(),
            link_source: row.link_source.into(),
            host_source: host::link(row.id).map_or("", |(_, source)| source).into(),
            note: row.note.into(),
            times: None,
        }
    }
}

impl Hardware {
    /// Reads the constants that come with a built-in device, if it has any and none of its own. Few ask for times, and reading
    /// takes longer than a report.
    #[cfg(feature = "toml")]
    pub fn read_times(&mut self) {
        let own = |row: &Row| row.id == self.id && row.source == self.source;
        if self.times.is_none() && table::DEVICES.iter().any(own) {
            // They are tested to be read.
            self.times = crate::time::shipped(&self.id).ok().flatten().map(std::sync::Arc::new);
        }
    }
}

/// The built-in devices.
pub fn all() -> impl Iterator<Item = Hardware> {
    table::DEVICES.iter().map(Hardware::from)
}

/// The built-in device with this id or alias; an error with the nearest name if there is none.
pub fn find(name: &str) -> Result<Hardware> {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    let named = |row: &&Row| is(row.id) || row.aliases.iter().any(|alias| is(alias));
    let names = || table::DEVICES.iter().flat_map(|row| row.aliases.iter().chain([&row.id]).copied());
    table::DEVICES
        .iter()
        .find(named)
        .map(Hardware::from)
        .ok_or_else(|| Error::Hardware { name: name.to_owned(), nearest: nearest(name, names()).map(str::to_owned) })
}

impl Hardware {
    /// Bits of memory, if they are known.
    pub fn memory_bits(&self) -> Option<u128> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and a device's memory fits"
        )]
        self.figures.memory_gb.map(|giga| (giga * 8e9) as u128)
    }

    /// Peak for products of this class, FLOP/s. A class without units of its own, or with slower ones, runs as the
    /// one it is widened to; 32-bit products, where nothing is known of them, are at most as fast as 16-bit ones.
    pub fn peak(&self, class: Class) -> f64 {
        let own = match class {
            Class::F32 => self.figures.f32.or(self.figures.bf16),
            Class::F16 => self.figures.bf16,
            Class::F8 => self.figures.fp8,
            Class::I8 => self.figures.int8,
            Class::F4 => self.figures.fp4,
            Class::I4 => self.figures.int4,
        };
        let own = own.map_or(0.0, |tera| tera * 1e12);
        class.widened().map_or(own, |wider| own.max(self.peak(wider)))
    }

    /// Peak for everything that is no matrix product, FLOP/s.
    pub fn vector_peak(&self) -> f64 {
        self.figures.vector.map_or_else(|| self.peak(Class::F16), |tera| tera * 1e12)
    }

    /// Memory bandwidth, byte/s.
    pub fn bandwidth(&self) -> f64 {
        self.figures.bandwidth_gb_s.unwrap_or_default() * 1e9
    }

    /// The link to its host, byte/s in each direction; 0 if it isn't known.
    pub fn host_link(&self) -> f64 {
        self.figures.host_gb_s.unwrap_or_default() * 1e9
    }

    /// Ridge point for products of this class, FLOP/byte: below it an operator is bound by memory.
    pub fn ridge(&self, class: Class) -> f64 {
        self.peak(class) / self.bandwidth()
    }
}
