//! Requests as JSON.

use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value};

use super::{
    BalanceRequest, CalibrateRequest, DecodeRequest, DiffRequest, ExplainRequest, FitRequest, FormulaRequest,
    HardwareRequest, MeshRequest, ModelsRequest, PublishedRequest, ReportRequest, Request, RooflineRequest,
    SweepRequest,
};
use crate::error::{Error, Kind, Result};

/// What a command's options look like.
struct Command {
    name: &'static str,
    schema: fn() -> Value,
}

const COMMANDS: [Command; 14] = [
    Command { name: "report", schema: schema::<ReportRequest> },
    Command { name: "formula", schema: schema::<FormulaRequest> },
    Command { name: "explain", schema: schema::<ExplainRequest> },
    Command { name: "balance", schema: schema::<BalanceRequest> },
    Command { name: "fit", schema: schema::<FitRequest> },
    Command { name: "decode", schema: schema::<DecodeRequest> },
    Command { name: "mesh", schema: schema::<MeshRequest> },
    Command { name: "sweep", schema: schema::<SweepRequest> },
    Command { name: "diff", schema: schema::<DiffRequest> },
    Command { name: "roofline", schema: schema::<RooflineRequest> },
    Command { name: "calibrate", schema: schema::<CalibrateRequest> },
    Command { name: "models", schema: schema::<ModelsRequest> },
    Command { name: "hardware", schema: schema::<HardwareRequest> },
    Command { name: "published", schema: schema::<PublishedRequest> },
];

impl Request {
    /// Reads a request from JSON: an object with its `command` and its options.
    ///
    /// An option that the command doesn't have is an error.
    pub fn from_json(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text).map_err(|error| wrong(&error))?;
        if let Value::Object(request) = &value {
            check(request)?;
        }
        serde_json::from_value(value).map_err(|error| wrong(&error))
    }

    /// The JSON Schema of requests.
    pub fn schema() -> Value {
        schema::<Self>()
    }
}

fn wrong(error: &serde_json::Error) -> Error {
    Error::new(Kind::Request, format!("not a request: {error}"))
}

/// An error if the request names a command or an option that there isn't.
fn check(request: &Map<String, Value>) -> Result<()> {
    let Some(Value::String(command)) = request.get("command") else { return Ok(()) };
    let Some(known) = COMMANDS.iter().find(|known| known.name == command) else {
        return Err(unknown("command", command, COMMANDS.iter().map(|known| known.name)));
    };
    let schema = (known.schema)();
    let Some(known) = schema.get("properties").and_then(Value::as_object) else { return Ok(()) };
    match request.keys().find(|key| *key != "command" && !known.contains_key(*key)) {
        Some(key) => Err(unknown(&format!("option of {command}"), key, known.keys().map(String::as_str))),
        None => Ok(()),
    }
}

fn unknown<'n>(what: &str, found: &str, known: impl Iterator<Item = &'n str> + Clone) -> Error {
    let nearest = cost_core::nearest(found, known.clone());
    let expected = format!("one of {}", known.collect::<Vec<_>>().join(", "));
    let near = nearest.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
    let message = format!("unknown {what} `{}`{near}; expected {expected}", cost_core::text::short(found, 100));
    let error = Error { found: Some(found.to_owned()), expected: Some(expected), ..Error::new(Kind::Request, message) };
    error.near(nearest)
}

fn schema<T: JsonSchema>() -> Value {
    schema_for!(T).to_value()
}
