//! Decoders and encoders with LayerNorm against counts of the real ones: parameters, caches, products, names of tensors,
//! bad configs.

mod bad;
mod configs;
mod decoders;
mod encoders;
mod names;
mod parameters;

use cost_models::Model;

/// The config with its class.
fn with(config: &str, class: &str) -> String {
    if class.is_empty() {
        config.to_owned()
    } else {
        config.replacen('{', &format!(r#"{{"architectures": ["{class}"], "#), 1)
    }
}

fn model(config: &str) -> Model {
    Model::from_config("model", config).unwrap_or_else(|error| panic!("{config}: {error}"))
}
