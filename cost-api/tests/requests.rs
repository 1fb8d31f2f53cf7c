//! Requests as JSON: a table of them, which the command line's tests run too, and what is wrong with some.

use cost_api::{Error, Kind, NoFiles, Request, answer};
use serde_json::{Value, json};

/// A few requests of each command.
fn table() -> Vec<Value> {
    let rows: Vec<Value> = serde_json::from_str(include_str!("requests.json")).unwrap();
    rows.into_iter().map(|row| row["request"].clone()).collect()
}

#[test]
fn requests_are_answered() {
    for row in table() {
        let request = Request::from_json(&row.to_string()).unwrap_or_else(|error| panic!("{row}: {error}"));
        let answer = answer(&request, &NoFiles).unwrap_or_else(|error| panic!("{row}: {error}"));
        assert!(!serde_json::to_value(&answer).unwrap().is_null(), "{row}");
    }
}

/// What a request is written as is the same request, and has what it was read from.
#[test]
fn requests_are_written_as_they_are_read() {
    for row in table() {
        let request = Request::from_json(&row.to_string()).unwrap();
        let written = serde_json::to_value(&request).unwrap();
        assert_eq!(Request::from_json(&written.to_string()).unwrap(), request, "{row}");
        for (key, value) in row.as_object().unwrap() {
            assert_eq!(written[key], *value, "{row}");
        }
    }
}

#[test]
fn a_config_is_a_model() {
    let config = json!({"model_type": "gpt2", "n_embd": 64, "n_head": 4, "n_layer": 2, "vocab_size": 100, "odd": null});
    let request = |strict| {
        let request = json!({"command": "report", "what": config, "strict": strict}).to_string();
        answer(&Request::from_json(&request).unwrap(), &NoFiles)
    };
    let report = serde_json::to_value(request(false).unwrap()).unwrap();
    assert_eq!(report["model"], "config");
    assert!(report["notes"].as_array().unwrap().iter().any(|note| note["field"] == "odd"), "{report}");
    let refused = request(true).unwrap_err();
    assert_eq!((refused.kind, refused.field.as_deref()), (Kind::Config, Some("odd")), "{refused}");
}

/// A source has a length of its own: a step has one that stands in, a generation must be given it.
#[test]
fn a_source_is_as_long_as_is_asked() {
    let config = json!({"model_type": "t5", "d_model": 64, "d_kv": 16, "num_heads": 4, "num_layers": 2, "d_ff": 96, "vocab_size": 300,
        "tie_word_embeddings": true});
    let asked = |request: Value| {
        let answer = answer(&Request::from_json(&request.to_string())?, &NoFiles)?;
        Ok::<_, Error>(serde_json::to_value(&answer).unwrap())
    };
    let step = |source: Option<u64>| {
        asked(json!({"command": "report", "what": config, "phase": "decode", "past": 9, "source": source})).unwrap()
    };
    // Two layers, keys and values of 64 numbers, 2 bytes each.
    let row = 2 * 2 * 64 * 2;
    let said = |report: &Value| report["notes"].as_array().unwrap().iter().any(|note| note["field"] == "source");
    let (given, other) = (step(Some(100)), step(None));
    assert_eq!(given["cache"]["bytes_total"], row * (100 + 10));
    assert_eq!(other["cache"]["bytes_total"], row * (10 + 10));
    assert_eq!((said(&given), said(&other)), (false, true));
    let decode = json!({"command": "decode", "model": config, "on": "h100", "output": 8});
    assert_eq!(refused(&decode).field.as_deref(), Some("source"));
    let mut whole = decode;
    whole["source"] = json!(100);
    // What is kept at the end: of the source all, of the text all but the last token.
    assert_eq!(asked(whole).unwrap()["memory"]["cache"], row * (100 + 8));
}

#[track_caller]
fn refused(request: &Value) -> Error {
    let asked = Request::from_json(&request.to_string());
    asked.and_then(|request| answer(&request, &NoFiles)).expect_err(&request.to_string())
}

#[test]
fn what_is_unknown_is_refused_with_the_nearest_name() {
    for (request, found, nearest) in [
        (json!({"command": "reprot", "what": "llama-2-7b"}), "reprot", "report"),
        (json!({"command": "report", "what": "llama-2-7b", "tokns": 1}), "tokns", "tokens"),
        (json!({"command": "report", "what": "llama-2-7c"}), "llama-2-7c", "llama-2-7b"),
        (json!({"command": "report", "what": "GqaAtention"}), "GqaAtention", "GqaAttention"),
        (json!({"command": "hardware", "devices": ["h10"]}), "h10", "h100"),
        (json!({"command": "balance", "what": "GqaAttention", "solve": "tt", "on": ["h100"]}), "tt", "t"),
    ] {
        let error = refused(&request);
        assert_eq!(error.found.as_deref(), Some(found), "{request}: {error:?}");
        assert!(
            error.nearest.as_deref().is_some_and(|near| near == nearest || near.len() == nearest.len()),
            "{error:?}"
        );
        assert!(error.message.contains("did you mean"), "{error}");
    }
}

#[test]
fn what_is_wrong_is_said_by_field() {
    for (request, kind, field) in [
        (json!({"command": "report", "what": "llama-2-7b", "batch": 0}), Kind::Request, "batch"),
        (json!({"command": "report", "what": "llama-2-7b", "mla": "plain"}), Kind::Request, "mla"),
        (json!({"command": "report", "what": "Linear", "strict": true}), Kind::Request, "strict"),
        (json!({"command": "report", "what": "Linear", "weights_file": "x"}), Kind::Request, "weights_file"),
        (json!({"command": "report", "what": "llama-2-7b", "weights": "int9"}), Kind::Request, "weights"),
        (json!({"command": "report", "what": "mixtral-8x7b", "routing": "1"}), Kind::Request, "routing"),
        (
            json!({"command": "report", "what": {"model_type": "llama", "num_hidden_layers": -1}}),
            Kind::Config,
            "num_hidden_layers",
        ),
        (json!({"command": "decode", "model": "gpt2", "on": "h100", "slots": 3}), Kind::Request, "slots"),
        (
            json!({"command": "decode", "model": "gpt2", "on": "h100", "method": ["static"], "rate": 3}),
            Kind::Request,
            "rate",
        ),
        (json!({"command": "decode", "model": "gpt2", "on": "h100", "method": ["tree"]}), Kind::Request, "tree"),
        (json!({"command": "fit", "model": "llama-2-7b", "on": []}), Kind::Request, "on"),
        (
            json!({"command": "fit", "model": "llama-2-7b", "on": ["h100"], "past": 1, "batch": 1}),
            Kind::Request,
            "past",
        ),
        (json!({"command": "sweep", "models": []}), Kind::Request, "models"),
        (json!({"command": "sweep", "models": ["gpt2", "gpt2"]}), Kind::Request, "models"),
        (json!({"command": "sweep", "models": ["all"], "mla": "plain"}), Kind::Request, "mla"),
        (json!({"command": "sweep", "models": ["gpt2"], "batch": 0}), Kind::Request, "batch"),
        (json!({"command": "sweep", "models": ["gpt2"], "batch": []}), Kind::Request, "batch"),
        (json!({"command": "sweep", "models": ["gpt2"], "past": [1, 1]}), Kind::Request, "past"),
        (json!({"command": "sweep", "models": ["gpt2"], "past": "8..4"}), Kind::Request, "past"),
        (json!({"command": "sweep", "models": ["gpt2"], "acts": ["int9"]}), Kind::Request, "acts"),
        (json!({"command": "sweep", "models": ["gpt2"], "where": "batch >"}), Kind::Request, "where"),
        (json!({"command": "sweep", "models": ["gpt2"], "top": 0, "by": "batch"}), Kind::Request, "top"),
        (json!({"command": "sweep", "models": ["gpt2"], "top": 1}), Kind::Request, "top"),
        (json!({"command": "sweep", "models": ["gpt2"], "by": "batch"}), Kind::Request, "by"),
        (json!({"command": "sweep", "models": ["gpt2"], "pareto": ["batch"]}), Kind::Request, "pareto"),
        (
            json!({"command": "sweep", "models": ["gpt2"], "top": 1, "by": "past", "pareto": ["past", "batch"]}),
            Kind::Request,
            "top",
        ),
        (json!({"command": "sweep", "models": ["gpt2"], "columns": ["flop"]}), Kind::Request, "columns"),
    ] {
        let error = refused(&request);
        assert_eq!((error.kind, error.field.as_deref()), (kind, Some(field)), "{request}: {error}");
    }
    let draft = json!({"command": "decode", "model": "gpt2", "on": "h100", "method": ["speculative"], "draft": "gpt3"});
    assert_eq!(refused(&draft).kind, Kind::Unknown);
    assert!(refused(&json!({"command": "report"})).message.contains("missing field `what`"));
    assert!(refused(&json!({"what": "llama-2-7b"})).message.contains("command"));
}

/// What is kept in memory has a bound, whatever a sweep goes through.
#[test]
fn more_rows_than_are_kept_are_refused() {
    let request = |options: Value| {
        let mut request = json!({"command": "sweep", "models": ["gpt2"], "batch": "1..=1000", "columns": ["past"]});
        request.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        request
    };
    let error = refused(&request(json!({"past": "0..=100"})));
    assert!(error.message.contains("more than 100000 rows"), "{error}");
    let kept = request(json!({"past": "0..=100", "where": "batch < 500"}));
    let rows = answer(&Request::from_json(&kept.to_string()).unwrap(), &NoFiles).unwrap();
    assert_eq!(serde_json::to_value(rows).unwrap().as_array().unwrap().len(), 499 * 101);
}

#[test]
fn files_are_whoever_asks_to_open() {
    for request in [
        json!({"command": "report", "what": "dir/config.json"}),
        json!({"command": "report", "what": "layer.rs"}),
        json!({"command": "report", "what": "llama-2-7b", "weights_file": "w.gguf"}),
        json!({"command": "report", "what": {"model_type": "own"}, "family": "own.toml"}),
        json!({"command": "hardware", "devices": ["mine.toml"]}),
    ] {
        let error = refused(&request);
        assert_eq!(error.kind, Kind::File, "{request}: {error}");
        assert!(error.message.contains("files can't be opened here"), "{error}");
    }
}
