//! The schemas that are kept are those of the types. `cargo bless` writes them.

use std::path::Path;

use serde_json::Value;

#[track_caller]
fn check(name: &str, schema: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    let text = serde_json::to_string_pretty(schema).unwrap() + "\n";
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{} is not what the types say: `cargo bless`", path.display());
}

#[test]
fn requests() {
    check("request.json", &cost_api::Request::schema());
}

#[cfg(feature = "schema")]
#[test]
fn responses() {
    check("response.json", &cost_api::Response::schema());
}
