//! What changed as comma-separated values: a row for each figure.

use cost_api::response::{Change, Changed, Changes, Value};

use crate::page::quoted;

pub(super) fn page(of: &Changes) -> String {
    let mut page = String::from("of,workload,kernel,figure,old,new\n");
    for changed in &of.changed {
        changed.figures.iter().for_each(|change| page += &row(changed, "", change));
        for kernel in changed.kernels.iter().chain(&changed.exchanges) {
            kernel.figures.iter().for_each(|change| page += &row(changed, &kernel.path, change));
        }
    }
    page
}

fn row(of: &Changed, kernel: &str, change: &Change) -> String {
    let workload: Vec<String> =
        of.workload.iter().map(|(name, value)| format!("{name}={}", exact(Some(value)))).collect();
    let (old, new) = (exact(change.old.as_ref()), exact(change.new.as_ref()));
    let cells = [&of.of, &workload.join(" "), kernel, &change.figure, &old, &new].map(quoted);
    cells.join(",") + "\n"
}

/// A figure with all its digits; nothing if it isn't there.
fn exact(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Whole(whole)) => whole.to_string(),
        Some(Value::Real(real)) => real.to_string(),
        Some(Value::Text(text)) => text.clone(),
    }
}
