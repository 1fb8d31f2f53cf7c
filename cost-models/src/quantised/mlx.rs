//! MLX: integers of a few bits with a scale and a shift for each group, or microscaled numbers, of linear layers, routers,
//! the output head and embeddings alike (`nn.quantize` of <https://github.com/ml-explore/mlx>).
//!
//! Settings of single modules stand under their names beside those of all others. A weight whose rows aren't whole groups
//! stays as it is (`quantize_model` in mlx-lm's `utils.py`). Nothing multiplies in fewer than 16 bits.

use cost_core::cost::Stored;
use serde_json::Value;

use super::Quantised;
use super::methods::{format, number};
use super::modules::{Modules, named};
use crate::config::{Fields, unexpected};
use crate::error::Error;

pub(super) fn read(fields: &mut Fields, dtype: &str) -> Result<Quantised, Error> {
    let all = stored(fields, dtype)?;
    let modules: Vec<(String, Value)> =
        fields.unread().filter(|(name, _)| name.contains('.') || is_settings(fields, name)).map(owned).collect();
    let mut rules = Vec::new();
    for (name, settings) in &modules {
        fields.passed(&[name]);
        let stored = match settings {
            Value::Bool(quantised) => quantised.then_some(all),
            Value::Object(_) => {
                let mut settings = Fields::of_value(name, settings)?;
                let read = stored(&mut settings, dtype).and_then(|read| settings.known().map(|()| read));
                Some(read.map_err(|error| error.inside(name))?)
            }
            other => return Err(unexpected(name, other, "true, false or an object with group_size and bits")),
        };
        rules.push((named(name, &of_files(name))?, stored));
    }
    rules.push((Modules::All, Some(all)));
    let rules = rules.into_iter().collect();
    Ok(Quantised { rules, embeddings: true, only_whole_groups: true, ..Quantised::default() })
}

fn owned((name, value): (&str, &Value)) -> (String, Value) {
    (name.to_owned(), value.clone())
}

/// Whether a field without dots holds the settings of a module, such as the head.
fn is_settings(fields: &Fields, name: &str) -> bool {
    fields.unread().any(|(field, value)| field == name && (value.is_object() || value.is_boolean()))
}

/// What is stored by settings of all modules or of one.
fn stored(fields: &mut Fields, dtype: &str) -> Result<Stored, Error> {
    let mode = fields.only("mode", "affine", &["affine", "mxfp4", "mxfp8", "nvfp4"])?;
    let (group, bits) = (number(fields, "group_size")?, number(fields, "bits")?);
    let (widths, text) = match mode.as_str() {
        "mxfp4" => (&[4][..], format!("fp4:g{group}:e8m0")),
        "mxfp8" => (&[8][..], format!("fp8:g{group}:e8m0")),
        "nvfp4" => (&[4][..], format!("fp4:g{group}:fp8")),
        _ => (&[2, 3, 4, 5, 6, 8][..], format!("int{bits}:g{group}:{dtype}:{dtype}")),
    };
    if !widths.contains(&bits) {
        let known: Vec<String> = widths.iter().map(i64::to_string).collect();
        return Err(unexpected("bits", &Value::from(bits), &format!("one of {} in mode \"{mode}\"", known.join(", "))));
    }
    Ok(format("group_size", &group.to_string(), &text)?.into())
}

/// A module as other files call it: MLX has all experts of a layer in one, and one name for their projections.
fn of_files(name: &str) -> String {
    let Some((layer, projection)) = name.split_once(".switch_mlp.") else { return name.to_owned() };
    let own = match projection {
        "gate_proj" if layer.ends_with("block_sparse_moe") => "w1",
        "down_proj" if layer.ends_with("block_sparse_moe") => "w2",
        "up_proj" if layer.ends_with("block_sparse_moe") => "w3",
        other => other,
    };
    format!("{layer}.experts.0.{own}")
}
