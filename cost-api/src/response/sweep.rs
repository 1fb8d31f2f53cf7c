//! What steps of many sizes cost.

use cost_models::Note;
use serde::Serialize;

/// A note and the model that it is about.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoteOf {
    /// The model's name.
    pub model: String,
    /// The note.
    #[serde(flatten)]
    pub note: Note,
}

/// The rows of a sweep: objects with the columns that were asked for.
#[cfg(feature = "schema")]
pub(super) fn rows(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    use cost_models::sweep::{Column, Kind};
    use serde_json::{Map, Value, json};

    let column = |column: &Column| {
        let of = match column.kind() {
            Kind::Text => json!("string"),
            Kind::Whole => json!("integer"),
            // One that there isn't is null.
            Kind::Number => json!(["number", "null"]),
            Kind::Truth => json!("boolean"),
        };
        (column.name().to_owned(), json!({"type": of, "description": column.doc()}))
    };
    let columns: Map<String, Value> = Column::ALL.iter().map(column).collect();
    schemars::json_schema!({
        "type": "array",
        "items": {"type": "object", "properties": columns, "additionalProperties": false},
    })
}
