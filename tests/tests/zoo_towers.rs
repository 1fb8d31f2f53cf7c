//! Models of text and images against independent counts: PyTorch's of the released classes (transformers 5.24).

use std::fs;
use std::path::Path;

use cost_core::cost::{Masking, Options};
use cost_models::report::{Report, report};
use cost_models::{Logits, Model, Reading, Workload};
use serde_json::{Value, json};

/// The lines of a file in `tests/zoo`, each a config and what the class of it was counted to have and do.
fn lines(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("zoo").join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn read(config: &Value, text_only: bool) -> Model {
    let model = Model::from_config_as("it", &config.to_string(), &Reading { text_only, ..Reading::default() });
    model.unwrap_or_else(|error| panic!("{error}\n{config}"))
}

fn counted(model: &Model, tokens: u64, masking: Masking) -> Report {
    let step = Workload { logits: Logits::All, ..Workload::prefill(1, tokens) };
    report(model, &step, &Options { masking, ..Options::default() }, &[]).unwrap()
}

fn number(line: &Value, field: &str) -> Option<u128> {
    line[field].as_u64().map(u128::from)
}

fn warnings(model: &Model) -> Vec<String> {
    model.warnings().map(|note| note.text.clone()).collect()
}

/// The model for prompts with so many times what a line's prompt has.
fn asked(model: Model, line: &Value, times: u64) -> Model {
    match line["audio_seconds"].as_f64() {
        Some(seconds) => model.with_audio(seconds * times as f64).unwrap(),
        None => model.with_images(times, line["image_tokens"].as_u64()).unwrap(),
    }
}

/// Text parts by themselves: parameters, operations of 16 tokens with square masks and all logits, bytes of the cache a token.
///
/// Llama 4's operations aren't there: its class multiplies every expert with every token.
#[test]
fn text_parts_of_released_classes() {
    for line in lines("image_text.jsonl").iter().filter(|line| line.get("text").is_some()) {
        let model = read(&line["config"], true);
        let (found, name) = (counted(&model, 16, Masking::Dense), &line["config"]["model_type"]);
        assert_eq!(Some(found.params.total), number(line, "text"), "{name}");
        assert_eq!(warnings(&model), Vec::<String>::new(), "{name}");
        for (field, found) in [("matmul", Some(found.flops.matmul)), ("cache", found.cache.bytes_per_token.whole())] {
            if line.get(field).is_some() {
                assert_eq!(found, number(line, field), "{name}: {field}");
            }
        }
    }
}

/// Where not all of a config is read, and nobody asked for that, a warning says what isn't.
#[test]
fn what_is_left_out_is_a_warning() {
    for line in lines("image_text.jsonl") {
        let (model, alone) = (read(&line["config"], false), read(&line["config"], true));
        let name = &line["config"]["model_type"];
        let left_out = warnings(&model).iter().any(|text| text.contains("left out"));
        let has_towers = line["config"]
            .as_object()
            .unwrap()
            .iter()
            .any(|(field, value)| field.ends_with("_config") && field != "text_config" && value.is_object());
        assert_eq!(left_out, has_towers && model.towers().is_empty(), "{name}");
        assert!(alone.towers().is_empty() && !alone.notes.is_empty(), "{name}");
        if let Some(parameters) = number(&line, "parameters") {
            assert_eq!(counted(&model, 16, Masking::Exact).params.total, parameters, "{name}");
        }
    }
}

/// Towers by themselves, of one image.
#[test]
fn towers_of_released_classes() {
    for line in lines("towers.jsonl") {
        let model = read(&line["config"], false);
        let found = counted(&model, model.positions().unwrap(), Masking::Exact);
        assert_eq!(Some(found.params.total), number(&line, "parameters"), "{}", line["config"]);
        if line.get("matmul").is_some() {
            assert_eq!(Some(found.flops.matmul), number(&line, "matmul"), "{}", line["config"]);
        }
    }
}

/// Whole models of small sizes that read a prompt with one image, or half a minute of sound: square masks, all logits.
#[test]
fn whole_models_of_released_classes() {
    for line in lines("images.jsonl") {
        let (name, tokens) = (line["config"]["model_type"].as_str().unwrap(), line["tokens"].as_u64().unwrap());
        let model = asked(read(&line["config"], false), &line, 1);
        // The windows of this tower are no mask in the class, which doesn't look outside of them.
        let windowed = name == "qwen2_5_vl";
        let found = counted(&model, tokens, if windowed { Masking::Exact } else { Masking::Dense });
        assert_eq!(Some(found.params.total), number(&line, "parameters"), "{name}");
        // Of the text's queries and keys half the pairs don't exist, in 2 layers of 4 heads of 16 numbers.
        let hidden = if windowed { u128::from(tokens * (tokens - 1) / 2 * 4 * 4 * 16 * 2) } else { 0 };
        assert_eq!(Some(found.flops.matmul + hidden), number(&line, "matmul"), "{name}");
        assert_eq!(warnings(&model), Vec::<String>::new(), "{name}");
    }
}

/// A tower runs with the prompt, once for each image, and never again; its parameters are there all the time.
#[test]
fn towers_run_with_the_prompt() {
    for line in lines("images.jsonl") {
        let plain = read(&line["config"], false);
        let with = |times| asked(plain.clone(), &line, times);
        let of = |model: &Model, step: Workload| report(model, &step, &Options::default(), &[]).unwrap();
        let prompt = Workload::prefill(2, 200);
        let (none, one, two) = (of(&plain, prompt), of(&with(1), prompt), of(&with(2), prompt));
        // What isn't read once for all is as much again.
        assert_eq!(two.flops.total - one.flops.total, one.flops.total - none.flops.total);
        assert!(one.flops.total > none.flops.total);
        let decode = Workload::decode(2, 200);
        assert_eq!(of(&plain, decode).flops.total, of(&with(2), decode).flops.total);
        for other in [&one, &two, &of(&plain, decode)] {
            assert_eq!(other.params, none.params);
            assert_eq!(other.memory.weights, none.memory.weights);
        }
        let kernels = |report: &Report| report.kernels.iter().filter(|it| it.path.contains("encoder.")).count();
        assert_eq!(kernels(&none), 0);
        assert_eq!(kernels(&one), kernels(&two));
        let parts = one.kernels.iter().map(|it| it.flops * it.repeat).sum::<u128>();
        assert_eq!(parts, one.flops.total);
    }
}

/// A tower of another type, sizes that can't be, images of a size that they can't have.
#[test]
fn what_is_wrong_with_towers_is_said() {
    let llava = &lines("images.jsonl")[0]["config"];
    let with = |field: &str, value: Value| {
        let mut config = llava.clone();
        config["vision_config"][field] = value;
        config
    };
    let error = |config: &Value| Model::from_config("it", &config.to_string()).unwrap_err().to_string();
    let text = error(&with("hidden_size", json!(-1)));
    assert!(text.contains("vision_config.hidden_size: found -1"), "{text}");
    let text = error(&with("image_size", json!([1, 2, 3])));
    assert!(text.contains("vision_config.image_size") && text.contains("a list of two"), "{text}");
    let unknown = read(&with("model_type", json!("my_tower")), false);
    assert!(unknown.towers().is_empty());
    assert!(warnings(&unknown).iter().any(|text| text.contains("\"my_tower\"")), "{:?}", unknown.notes);
    let fixed = read(llava, false).with_images(1, Some(7)).unwrap_err().to_string();
    assert!(fixed.contains("expected 16"), "{fixed}");
    let text = read(llava, true).with_images(1, None).unwrap_err().to_string();
    assert!(text.contains("takes none"), "{text}");
    let any = lines("images.jsonl").into_iter().find(|line| line["config"]["model_type"] == "qwen2_vl").unwrap();
    let text = read(&any["config"], false).with_images(1, None).unwrap_err().to_string();
    assert!(text.contains("any size"), "{text}");
}
