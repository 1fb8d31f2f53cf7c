//! Names of tensors in released files, where they differ between models of one architecture.

/// The name of a tensor where modules go by other names: the first of the pairs that begins it says which.
pub(crate) fn released(own: &str, names: &[(&str, &str)]) -> String {
    let rest = |module: &str| own.strip_prefix(module).filter(|rest| rest.starts_with('.'));
    let other = names.iter().find_map(|(module, other)| rest(module).map(|rest| format!("{other}{rest}")));
    other.unwrap_or_else(|| own.to_owned())
}
