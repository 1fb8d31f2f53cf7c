//! What differs between two costs.

use super::cost::{Cost, Kernel};
use crate::error::{Error, Kind, Result};
use crate::response::{Change, ChangeKind, Changed, KernelChange, Value};

/// What differs between two costs. An error if they are of different workloads, which says what differs.
pub(super) fn compared(old: &Cost, new: &Cost) -> Result<Changed> {
    same_workload(old, new)?;
    Ok(Changed {
        of: new.of.clone(),
        was: (old.of != new.of).then(|| old.of.clone()),
        workload: new.workload.clone(),
        figures: figures(&old.figures, &new.figures, true),
        kernels: kernels(&old.kernels, &new.kernels),
        exchanges: kernels(&old.exchanges, &new.exchanges),
    })
}

/// Whether anything differs.
pub(super) fn any(changed: &Changed) -> bool {
    !(changed.figures.is_empty() && changed.kernels.is_empty() && changed.exchanges.is_empty())
}

fn same_workload(old: &Cost, new: &Cost) -> Result<()> {
    let error = |found: String| {
        let names = if old.of == new.of { new.of.clone() } else { format!("{} and {}", old.of, new.of) };
        let message = format!("{names}: found different workloads, {found}; expected the same of both");
        Error { found: Some(found), ..Error::new(Kind::Request, message) }
    };
    if old.operator != new.operator {
        let what = |cost: &Cost| if cost.operator { "an operator" } else { "a model" };
        return Err(error(format!("{} and {}", what(old), what(new))));
    }
    if old.workload.is_empty() != new.workload.is_empty() {
        return Err(error("sizes for one and formulas alone for the other".to_owned()));
    }
    let devices = |cost: &Cost| match cost.asked("devices") {
        Some(count) => format!("one of {} devices", shown(count)),
        None => "one device".to_owned(),
    };
    if old.asked("devices").is_some() != new.asked("devices").is_some() {
        return Err(error(format!("{} and {}", devices(old), devices(new))));
    }
    let both = old.workload.iter().filter_map(|(name, was)| Some((name, was, new.asked(name)?)));
    let differ = both.filter(|(_, was, is)| was != is);
    let differ: Vec<String> =
        differ.map(|(name, was, is)| format!("{name} {} and {}", shown(was), shown(is))).collect();
    if differ.is_empty() { Ok(()) } else { Err(error(differ.join(", "))) }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Whole(whole) => whole.to_string(),
        Value::Real(real) => real.to_string(),
        Value::Text(text) => text.clone(),
    }
}

/// The figures that differ. Where whole groups of figures are known only of one (times on a device, what a later version
/// counts), there is nothing to compare; a figure that is left out of a group is 0.
fn figures(old: &[(String, Value)], new: &[(String, Value)], grouped: bool) -> Vec<Change> {
    let find = |of: &[(String, Value)], name: &str| of.iter().find(|(known, _)| known == name).map(|(_, v)| v.clone());
    let has_group = |of: &[(String, Value)], name: &str| of.iter().any(|(known, _)| group(known) == group(name));
    let fresh = new.iter().filter(|(name, _)| old.iter().all(|(known, _)| known != name));
    let mut changes = Vec::new();
    for (name, value) in old.iter().chain(fresh) {
        let absent = |of| match value {
            _ if !grouped => Some(None),
            Value::Text(_) => None,
            _ => has_group(of, name).then_some(Some(Value::Whole(0))),
        };
        let side = |of| find(of, name).map(Some).or_else(|| absent(of));
        let (Some(was), Some(is)) = (side(old), side(new)) else { continue };
        if was != is {
            changes.push(change(name, was, is));
        }
    }
    changes
}

/// The first of the names that lead to a figure.
fn group(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// A figure that changed.
pub(super) fn change(name: &str, old: Option<Value>, new: Option<Value>) -> Change {
    let number = |value: &Option<Value>| value.as_ref().and_then(Value::number);
    let change = match (number(&old), number(&new)) {
        (Some(was), Some(is)) if was != 0.0 => Some(grown(old.as_ref(), new.as_ref()).unwrap_or(is - was) / was),
        _ => None,
    };
    Change { figure: name.to_owned(), old, new, change }
}

/// By how much a whole number grew, exact before it is rounded.
pub(super) fn grown(old: Option<&Value>, new: Option<&Value>) -> Option<f64> {
    match (old, new) {
        (Some(Value::Whole(old)), Some(Value::Whole(new))) if new >= old => Some((new - old) as f64),
        (Some(Value::Whole(old)), Some(Value::Whole(new))) => Some(-((old - new) as f64)),
        (Some(old), Some(new)) => Some(new.number()? - old.number()?),
        _ => None,
    }
}

fn kernels(old: &[Kernel], new: &[Kernel]) -> Vec<KernelChange> {
    let find = |of: &[Kernel], path: &str| of.iter().find(|kernel| kernel.path == path).cloned();
    let gone = old.iter().filter(|kernel| find(new, &kernel.path).is_none());
    let gone = gone.map(|kernel| of_kernel(kernel, ChangeKind::Removed, figures(&kernel.figures, &[], false)));
    let now = new.iter().filter_map(|kernel| match find(old, &kernel.path) {
        None => Some(of_kernel(kernel, ChangeKind::Added, figures(&[], &kernel.figures, false))),
        Some(was) => {
            let figures = figures(&was.figures, &kernel.figures, false);
            (!figures.is_empty()).then(|| of_kernel(kernel, ChangeKind::Changed, figures))
        }
    });
    now.chain(gone).collect()
}

fn of_kernel(kernel: &Kernel, kind: ChangeKind, figures: Vec<Change>) -> KernelChange {
    KernelChange { path: kernel.path.clone(), kind, figures }
}
