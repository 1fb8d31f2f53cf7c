//! How long exchanges take at least over a device's links.
//!
//! Devices are numbered so that ranks along the last axis of a mesh are neighbours. A group whose ranks lie within one domain
//! uses the links inside; a group that spans several also sends between them, each device over a link of its own.

use cost_core::cost::{Collective, Exchanged};
use cost_core::hardware::Hardware;

use super::Placed;
use crate::error::Error;

/// How an all-reduce is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Switches add: each device sends the array once.
    Switch,
    /// Devices add: each sends 2(n − 1)/n of the array, in a ring or by any other way that sends least.
    Ring,
}

impl Algorithm {
    /// What a device's links can do.
    pub fn of(device: &Hardware) -> Self {
        if device.figures.link_reduces == Some(true) { Self::Switch } else { Self::Ring }
    }

    /// `switch` or `ring`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Switch => "switch",
            Self::Ring => "ring",
        }
    }
}

/// What counts of an exchange's time beside its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Latency {
    /// No exchange is shorter than the shortest that was measured.
    #[default]
    Measured,
    /// Bytes alone.
    None,
}

/// Bytes that cross one device's link at least.
pub fn sent(it: &Collective<u128>, algorithm: Algorithm) -> f64 {
    let bytes = it.sent as f64 / 8.0;
    match (it.kind, algorithm) {
        (Exchanged::AllReduce, Algorithm::Ring) => bytes * 2.0 * others(it.ranks as f64),
        _ => bytes,
    }
}

/// (n − 1)/n
fn others(ranks: f64) -> f64 {
    (ranks - 1.0) / ranks
}

/// Where a group's ranks are: how many of them are in one domain, and how many domains it spans.
fn spread(axes: &[(String, u64)], it: &Collective<u128>, domain: u64) -> (f64, f64) {
    let named: Vec<&str> = it.axis.split('+').collect();
    let mut stride = 1_u64;
    let mut inside = 1_u64;
    for (name, ranks) in axes.iter().rev() {
        let next = stride.saturating_mul(*ranks);
        if named.contains(&name.as_str()) {
            // Of the ranks along this axis as many are neighbours as fit what is left of a domain.
            inside = inside.saturating_mul((domain / stride.max(1)).clamp(1, *ranks));
        }
        stride = next;
    }
    let ranks = it.ranks as f64;
    (inside as f64, ranks / inside as f64)
}

/// The same of what a stage hands to the next: two devices, in one domain or, for some of the stage's, in two.
fn handed(placed: &Placed, it: &Collective<u128>, domain: u64) -> (f64, f64) {
    let later = placed.axes.iter().rev().take_while(|(name, _)| *name != it.axis);
    let apart = later.fold(1_u64, |product, (_, ranks)| product.saturating_mul(*ranks));
    let first = placed.stage.unwrap_or(0).saturating_mul(apart);
    let crosses =
        |at: u64| first.saturating_add(at) / domain != first.saturating_add(at).saturating_add(apart) / domain;
    if crosses(0) || crosses(apart - 1) { (1.0, 2.0) } else { (2.0, 1.0) }
}

/// Seconds that one exchange takes at least. An error if the device has no links, or none beyond a domain that a group spans.
pub fn time(it: &Collective<u128>, placed: &Placed, device: &Hardware, latency: Latency) -> Result<f64, Error> {
    let figures = &device.figures;
    let missing = |field: &str, of: &str| {
        let expected = format!("{of}, in a device file (`{field}`) or of a device that has them");
        Error::field(field, format!("nothing for {}", device.id), expected)
    };
    let Some(link) = figures.link_gb_s else { return Err(missing("link_gb_s", "the bandwidth of its links")) };
    let domain = figures.link_domain.map_or(u64::MAX, u64::from);
    let (inside, domains) = match it.kind {
        Exchanged::Send => handed(placed, it, domain),
        _ => spread(&placed.axes, it, domain),
    };
    let algorithm = Algorithm::of(device);
    let bytes = it.bits as f64 / 8.0;
    let factor = |ranks: f64| match it.kind {
        _ if ranks <= 1.0 => 0.0,
        Exchanged::AllReduce if algorithm == Algorithm::Switch => 1.0,
        Exchanged::AllReduce => 2.0 * others(ranks),
        Exchanged::ReduceScatter | Exchanged::AllGather => others(ranks),
        Exchanged::Send => 1.0,
        // What is sent goes to all others alike.
        Exchanged::AllToAll => (ranks - 1.0) / (it.ranks as f64 - 1.0).max(1.0),
    };
    let within = bytes * factor(inside) / (link * 1e9);
    let mut seconds = within;
    if domains > 1.0 {
        let Some(beyond) = figures.link_beyond_gb_s else {
            return Err(missing("link_beyond_gb_s", "the bandwidth of its links beyond a domain"));
        };
        let crossing = match it.kind {
            Exchanged::AllToAll => bytes * (it.ranks as f64 - inside) / (it.ranks as f64 - 1.0),
            Exchanged::Send => bytes,
            // A domain's devices send what they have put together, each a part of it.
            _ => bytes * factor(domains) / inside,
        };
        seconds = seconds.max(crossing / (beyond * 1e9));
    }
    let least = match latency {
        Latency::Measured => figures.link_latency_us.unwrap_or_default() * 1e-6,
        Latency::None => 0.0,
    };
    Ok(seconds.max(least))
}

/// Bytes that cross a device's link where devices add, and the link's bandwidth, of a group within one domain or of whole domains
/// with the links beyond; nothing if the link isn't known.
pub(crate) fn inside(it: &Collective<u128>, placed: &Placed, device: &Hardware) -> Option<(f64, f64)> {
    let figures = &device.figures;
    let (_, domains) = spread(&placed.axes, it, figures.link_domain.map_or(u64::MAX, u64::from));
    let link = if domains > 1.0 { figures.link_beyond_gb_s } else { figures.link_gb_s };
    let factor = if it.kind == Exchanged::AllReduce { 2.0 } else { 1.0 };
    link.map(|link| (it.bits as f64 / 8.0 * others(it.ranks as f64) * factor, link * 1e9))
}

/// Seconds that all exchanges of a step take at least, one after the other.
pub fn total(all: &[Collective<u128>], placed: &Placed, device: &Hardware, latency: Latency) -> Result<f64, Error> {
    all.iter().try_fold(0.0, |sum, it| Ok(sum + time(it, placed, device, latency)? * it.repeat as f64))
}
