//! A cost as its JSON has it: figures by their names, kernel by kernel.

use super::json::Json;
use crate::response::Value;

/// A cost: of a model's step, of an operator at sizes, or an operator's formulas.
#[derive(Clone, Debug)]
pub(super) struct Cost {
    /// What it is of.
    pub(super) of: String,
    /// Whether that is an operator.
    pub(super) operator: bool,
    /// What is asked for: the step or the sizes.
    pub(super) workload: Vec<(String, Value)>,
    /// What it comes to.
    pub(super) figures: Vec<(String, Value)>,
    /// Kernel by kernel.
    pub(super) kernels: Vec<Kernel>,
    /// The devices that it is judged on.
    pub(super) devices: Vec<String>,
    /// What devices of a mesh exchange, exchange by exchange.
    pub(super) exchanges: Vec<Kernel>,
}

/// A kernel of a cost, or an exchange, for one repetition.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    pub(super) path: String,
    pub(super) figures: Vec<(String, Value)>,
}

/// The fields that say what is asked for.
const WORKLOAD: [&str; 8] = ["phase", "batch", "past", "tokens", "at", "mesh", "devices", "shard"];

/// The fields that follow from others or are no figures.
const APART: [&str; 10] =
    ["model", "operator", "name", "kernels", "collectives", "exchanges", "hardware", "notes", "schema", "axes"];

impl Cost {
    /// Of a report, or of an operator's formulas; nothing if it is something else.
    pub(super) fn of(json: &Json) -> Option<Self> {
        let Json::Object(fields) = json else { return None };
        let (kernels, Some(_)) = (json.get("kernels")?.items(), json.get("flops")) else { return None };
        let of = ["model", "operator", "name"].iter().find_map(|name| json.get(name)?.text())?;
        let mut cost = Self {
            of: of.to_owned(),
            operator: json.get("model").is_none(),
            workload: Vec::new(),
            figures: Vec::new(),
            kernels: kernels.iter().filter_map(Kernel::of).collect(),
            devices: Vec::new(),
            exchanges: exchanges(json),
        };
        for (name, value) in fields {
            match name.as_str() {
                "at" => flatten("", value, &mut cost.workload),
                "shard" => cuts(value, &mut cost.workload),
                name if WORKLOAD.contains(&name) => flatten(name, value, &mut cost.workload),
                name if APART.contains(&name) => {}
                name => flatten(name, value, &mut cost.figures),
            }
        }
        for device in json.get("hardware").map_or(&[][..], Json::items) {
            let Some(name) = device.get("name").and_then(Json::text) else { continue };
            cost.devices.push(name.to_owned());
            for field in ["lower_bound_s", "bound", "fits", "link_s"] {
                device
                    .get(field)
                    .iter()
                    .for_each(|value| flatten(&format!("{name}.{field}"), value, &mut cost.figures));
            }
        }
        Some(cost)
    }

    /// The phase of a model's step.
    pub(super) fn phase(&self) -> Option<&str> {
        match self.asked("phase") {
            Some(Value::Text(phase)) => Some(phase),
            _ => None,
        }
    }

    /// What is asked for under that name.
    pub(super) fn asked(&self, name: &str) -> Option<&Value> {
        self.workload.iter().find(|(asked, _)| asked == name).map(|(_, value)| value)
    }

    /// What it is of, and the phase.
    pub(super) fn title(&self) -> String {
        match self.phase() {
            Some(phase) => format!("{}, {phase}", self.of),
            None => self.of.clone(),
        }
    }
}

/// The exchanges of a report on a mesh. Several of one path are numbered, as kernels are.
fn exchanges(json: &Json) -> Vec<Kernel> {
    let mut found: Vec<Kernel> = Vec::new();
    let list = json.get("collectives").or_else(|| json.get("exchanges"));
    for mut next in list.map_or(&[][..], Json::items).iter().filter_map(Kernel::of) {
        // Reasons are words about the shapes.
        next.figures.retain(|(name, _)| name != "reason");
        let same = found.iter().filter(|known| known.path.split('#').next() == Some(&next.path)).count();
        if same > 0 {
            next.path = format!("{}#{}", next.path, same + 1);
        }
        found.push(next);
    }
    found
}

/// Which axes of a mesh cut each axis: `shard.f` is `dp+tp`.
fn cuts(value: &Json, into: &mut Vec<(String, Value)>) {
    let Json::Object(axes) = value else { return };
    for (axis, over) in axes {
        let over: Vec<&str> = over.items().iter().filter_map(Json::text).collect();
        into.push((format!("shard.{axis}"), Value::Text(over.join("+"))));
    }
}

impl Kernel {
    fn of(json: &Json) -> Option<Self> {
        let mut figures = Vec::new();
        flatten("", json, &mut figures);
        // An intensity follows from the two that it is of.
        figures.retain(|(name, _)| !matches!(name.as_str(), "path" | "intensity"));
        Some(Self { path: json.get("path")?.text()?.to_owned(), figures })
    }
}

/// Everything in a value that is a number or a text, by the names that lead there.
fn flatten(name: &str, value: &Json, into: &mut Vec<(String, Value)>) {
    match value {
        Json::Value(value) => into.push((name.strip_suffix(".total").unwrap_or(name).to_owned(), value.clone())),
        Json::Object(fields) => {
            for (field, value) in fields {
                let name = if name.is_empty() { field.clone() } else { format!("{name}.{field}") };
                flatten(&name, value, into);
            }
        }
        Json::Null | Json::List(_) => {}
    }
}
