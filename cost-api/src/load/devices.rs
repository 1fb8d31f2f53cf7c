//! Devices by their names.

use std::collections::HashSet;
use std::path::Path;

use cost_core::hardware::{self, Hardware};
use cost_core::text::short;

use super::FILE_LIMIT;
use crate::error::{Error, Kind, Result};
use crate::sources::Sources;

/// The devices of these names; a name that ends in .toml is a file of devices.
pub(crate) fn devices(names: &[String], sources: &dyn Sources) -> Result<Vec<Hardware>> {
    let mut found = Vec::new();
    for name in names {
        if Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("toml")) {
            let contents = sources.text(name, FILE_LIMIT)?;
            found.extend(hardware::parse(&contents).map_err(|error| Error::from(error).about(name))?);
        } else {
            found.push(hardware::find(name)?);
        }
    }
    each_once("on", "--on", found.iter().map(|device| device.id.as_ref()))?;
    Ok(found)
}

/// An error about a field, shown as `what`, if something of a list comes twice: what is made of it would, too.
pub(crate) fn each_once<'n>(field: &str, what: &str, names: impl IntoIterator<Item = &'n str>) -> Result<()> {
    let mut known = HashSet::new();
    match names.into_iter().find(|name| !known.insert(*name)) {
        Some(name) => {
            let message = format!("{what}: found {} twice, expected each once", short(name, 100));
            Err(Error { field: Some(field.to_owned()), ..Error::new(Kind::Request, message) })
        }
        None => Ok(()),
    }
}
