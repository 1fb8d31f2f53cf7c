//! Meshes as they are asked for.

use cost_core::hardware::Hardware;
use cost_core::text::short;
use cost_models::Mesh;
use cost_models::mesh::link;
use cost_models::report::Timing;

use super::devices;
use crate::error::{Error, Result};
use crate::request::mesh::{Latency, Overlap};
use crate::request::{MeshOptions, TimingOptions};
use crate::sources::Sources;

/// A mesh and how its exchanges are timed.
pub(crate) struct Asked {
    pub(crate) mesh: Mesh,
    pub(crate) timing: Timing,
}

/// The mesh that is asked for, if one is, and how its exchanges are timed.
pub(crate) fn asked(options: &MeshOptions, timing: &TimingOptions) -> Result<Option<Asked>> {
    let Some(mesh) = mesh(options)? else {
        let given = [("overlap", timing.overlap.is_some()), ("latency", timing.latency.is_some())];
        return match given.iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Error::option(option, "about nothing without --mesh")),
            None => Ok(None),
        };
    };
    Ok(Some(Asked { mesh, timing: timed(timing) }))
}

/// How exchanges are timed.
pub(crate) fn timed(options: &TimingOptions) -> Timing {
    let latency = if options.latency == Some(Latency::None) { link::Latency::None } else { link::Latency::Measured };
    Timing { latency, in_turn: options.overlap == Some(Overlap::None) }
}

/// The mesh that is asked for, if one is.
pub(crate) fn mesh(options: &MeshOptions) -> Result<Option<Mesh>> {
    if options.mesh.is_empty() {
        let others = [
            ("shard", !options.shard.is_empty()),
            ("sp", options.sp),
            ("leave-cut", options.leave_cut),
            ("microbatches", options.microbatches.is_some()),
        ];
        return match others.iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Error::option(option, "about nothing without --mesh")),
            None => Ok(None),
        };
    }
    let axes = options.mesh.iter().map(|text| axis(text)).collect::<Result<Vec<_>>>()?;
    let shards = options.shard.iter().map(|text| shard(text)).collect::<Result<Vec<_>>>()?;
    for (option, names) in [("mesh", names(&axes)), ("shard", names(&shards))] {
        if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            return Err(Error::found(option, format_args!("{} twice", short(twice.1, 100)), "each axis once"));
        }
    }
    if options.sp && !axes.iter().any(|(name, _)| name == "tp") {
        return Err(Error::option("sp", "positions are cut over tp, which the mesh doesn't have"));
    }
    super::positive("microbatches", options.microbatches)?;
    let (scattered, leave_cut, microbatches) = (options.sp, options.leave_cut, options.microbatches);
    Ok(Some(Mesh { axes, shards, scattered, leave_cut, microbatches }))
}

fn names<T>(pairs: &[(String, T)]) -> Vec<&str> {
    pairs.iter().map(|(name, _)| name.as_str()).collect()
}

fn axis(text: &str) -> Result<(String, u64)> {
    let wrong = || Error::found("mesh", short(text, 100), "an axis and its ranks, as in tp=8");
    let (name, ranks) = text.split_once('=').ok_or_else(wrong)?;
    let ranks = ranks.trim().parse().ok().filter(|ranks| *ranks > 0).ok_or_else(wrong)?;
    let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if named { Ok((name.to_owned(), ranks)) } else { Err(wrong()) }
}

fn shard(text: &str) -> Result<(String, Vec<String>)> {
    let wrong = || Error::found("shard", short(text, 100), "an axis and what cuts it, as in e=dp+tp");
    let (name, over) = text.split_once('=').ok_or_else(wrong)?;
    let over: Vec<String> = over.split('+').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    if name.is_empty() { Err(wrong()) } else { Ok((name.to_owned(), over)) }
}

/// Devices that may each be said how many there are of, as in `8xh100`: as many as the mesh has.
pub(crate) fn counted(names: &[String], mesh: Option<&Mesh>, sources: &dyn Sources) -> Result<Vec<Hardware>> {
    let mut plain = Vec::new();
    for name in names {
        let (count, device) = several(name);
        match (count, mesh) {
            (Some(count), None) => {
                let said = format!("{count} devices need a mesh: say how they share the work, as in --mesh tp={count}");
                return Err(Error::option("on", said));
            }
            (Some(count), Some(mesh)) if mesh.devices() != Some(count) => {
                let all = mesh.devices().map_or_else(|| "more than fit".to_owned(), |all| all.to_string());
                let product: Vec<String> = mesh.axes.iter().map(|(_, ranks)| ranks.to_string()).collect();
                let said = format!("{all}, the product {} of its axes", product.join(" · "));
                return Err(Error::found("mesh", said, format_args!("{count}, as many as --on has")));
            }
            _ => plain.push(device.to_owned()),
        }
    }
    devices(&plain, sources)
}

/// So many devices of one kind, of `64xh100`.
pub(crate) fn of_one_kind(text: &str, sources: &dyn Sources) -> Result<(u64, Hardware)> {
    let (count, device) = several(text);
    let wrong = || {
        Error::found(
            "on",
            short(text, 100),
            "a number of devices, at least 1 and at most 65536, and one device, as in 64xh100",
        )
    };
    let count = count.filter(|count| (1..=65_536).contains(count)).ok_or_else(wrong)?;
    let [device] = <[Hardware; 1]>::try_from(devices(&[device.to_owned()], sources)?).map_err(|_| wrong())?;
    Ok((count, device))
}

/// A number of devices and the device, of `8xh100`; a name without a number is a device.
fn several(name: &str) -> (Option<u64>, &str) {
    match name.split_once(['x', 'X']) {
        Some((count, device)) if !count.is_empty() && !device.is_empty() => match count.parse() {
            Ok(count) => (Some(count), device),
            Err(_) => (None, name),
        },
        _ => (None, name),
    }
}
