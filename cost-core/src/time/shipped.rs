//! The constants that come with the built-in devices.

use super::{Times, file};
use crate::error::Result;

/// A device's id, and its constants as `cost calibrate` has written them.
const SHIPPED: [(&str, &str); 4] = [
    ("a100_sxm", include_str!("shipped/a100_sxm.toml")),
    ("h100_sxm", include_str!("shipped/h100_sxm.toml")),
    ("gb200", include_str!("shipped/gb200.toml")),
    ("rtx_pro_6000_server", include_str!("shipped/rtx_pro_6000_server.toml")),
];

/// The ids of devices that come with constants.
pub fn devices() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(id, _)| *id)
}

/// The constants of a built-in device, if it has any.
pub fn shipped(id: &str) -> Result<Option<Times>> {
    SHIPPED.iter().find(|(own, _)| *own == id).map(|(_, text)| file::parse(text)).transpose()
}
