//! What holds for every model type that is declared: the smallest model of it does what is counted, and no field is ignored.

use cost_core::Options;
use cost_core::cost::Routing;
use cost_models::report::report;
use cost_models::{Family, Holds, Model, Workload};
use cost_tests::counted::{agree, most_agrees};
use cost_tests::tiny::{fields as tiny_fields, tiny};
use serde_json::{Map, Value, json};

fn read(config: &Map<String, Value>) -> Result<Model, String> {
    let text = Value::Object(config.clone()).to_string();
    Model::from_config("it", &text).map_err(|error| error.to_string())
}

/// Types whose experts attend: the interpreter hands an expert its tokens without their places, and can't mask them.
const UNMASKED: &[&str] = &["jetmoe"];

/// The interpreter runs a prompt and a step of decoding.
#[test]
fn the_smallest_models_do_what_is_counted() {
    for model_type in Family::built_in_types() {
        let config = tiny(model_type);
        let model = read(&config).unwrap_or_else(|error| panic!("{model_type}: {error}\n{config:?}"));
        let further = model.predictor().map(|(_, model)| model);
        for model in std::iter::once(&model).chain(further) {
            // What takes whole inputs doesn't decode; a tower has a patch at least.
            let steps = [Workload::prefill(2, 3), Workload::decode(2, 4)];
            for step in steps.into_iter().take(if model.is_encoder() { 1 } else { 2 }) {
                let sizes: Vec<usize> = model.sizes(&step).unwrap().iter().map(|size| *size as usize).collect();
                let result = model.architecture().with(|op| {
                    if UNMASKED.contains(&model_type) {
                        return Ok(());
                    }
                    agree(op, &sizes, Routing::Worst).and_then(|()| most_agrees(op, &sizes))
                });
                assert!(result.is_ok(), "{model_type} {step:?}: {}", result.unwrap_err());
            }
        }
    }
}

/// What is known of a config: everything that is counted, or that it is refused, and what is said beside it.
fn known(config: &Map<String, Value>) -> String {
    let model = match read(config) {
        Ok(model) => model,
        Err(error) => return error,
    };
    let step = Workload::prefill(1, model.positions().unwrap_or(16));
    match report(&model, &step, &Options::default(), &[]) {
        Ok(report) => serde_json::to_string(&report).unwrap(),
        Err(error) => error.to_string(),
    }
}

/// Other values of a field, of which one at least is to make a difference.
fn others(holds: &Holds<'_>, value: &Value) -> Vec<Value> {
    let number = value.as_u64().unwrap_or_default();
    match holds {
        Holds::Size | Holds::Count => [1, 2, 3, 5].map(|more| json!(number + more)).to_vec(),
        Holds::Flag => vec![json!(value == false)],
        // Whether there is a cap is what is counted.
        Holds::Cap => vec![Value::Null],
        Holds::Share => [2.0, 3.0, 5.0, 9.0].map(|share| json!(share)).to_vec(),
        Holds::Text(texts) => texts.iter().filter(|text| value != **text).map(|text| json!(text)).collect(),
        Holds::Names(_) | Holds::Numbers | Holds::Layers => Vec::new(),
    }
}

/// What rightly makes no difference: the pattern of one layer, a number of which only it matters whether it is there, what
/// another field decides, and the order of the same work; of models with a source how many
/// words a decoder has whose words are its encoder's, room for more tokens than there are, and how many layers have experts
/// where it is said which.
const RIGHTLY: &[&str] = &[
    "falcon: multi_query changed",
    "RefinedWeb: multi_query changed",
    "RefinedWebModel: multi_query changed",
    "gpt_neox: use_parallel_residual changed",
    "cohere2_moe: prefix_dense_sliding_window_pattern changed",
    "cohere2_moe: rms_norm_eps changed",
    "cohere2_moe: rms_norm_eps of another kind",
    "marian: decoder_vocab_size changed",
    "marian: decoder_vocab_size of another kind",
    "nllb-moe: moe_eval_capacity_token_fraction changed",
    "switch_transformers: num_sparse_encoder_layers changed",
    "switch_transformers: num_sparse_encoder_layers of another kind",
    "switch_transformers: num_sparse_decoder_layers changed",
    "switch_transformers: num_sparse_decoder_layers of another kind",
];

/// Every field changed, with another name, taken out, of another kind: what is counted changes, or something is said.
fn ignored(
    model_type: &str,
    family: &Family,
    config: &Map<String, Value>,
    known: &dyn Fn(&Map<String, Value>) -> String,
) -> Vec<String> {
    let (before, mut silent) = (known(config), Vec::new());
    for field in family.fields().iter().filter(|field| config.contains_key(field.name)) {
        let mut without = config.clone();
        let value = without.remove(field.name).unwrap();
        let given = |name: &str, value: Value| {
            let mut edited = without.clone();
            edited.insert(name.to_owned(), value);
            known(&edited) != before
        };
        let others = others(&field.holds, &value);
        let changes = [
            ("changed", others.is_empty() || others.into_iter().any(|other| given(field.name, other))),
            ("of another kind", given(field.name, json!("x"))),
            ("renamed", given(&format!("{}_of_mine", field.name), value)),
            ("taken out", known(&without) != before || field.optional),
        ];
        let ignored = changes.into_iter().filter(|(_, told)| !told);
        silent.extend(ignored.map(|(what, _)| format!("{model_type}: {} {what}", field.name)));
    }
    silent
}

#[test]
fn no_field_is_ignored() {
    let mut silent = Vec::new();
    for model_type in Family::built_in_types() {
        let family = Family::built_in(model_type).unwrap().unwrap();
        silent.extend(ignored(model_type, &family, &tiny(model_type), &known));
    }
    silent.retain(|it| !RIGHTLY.contains(&it.as_str()));
    assert_eq!(silent, Vec::<String>::new());
}

/// A model of text and something else, of the smallest parts.
fn tiny_whole(model_type: &str, family: &Family) -> Map<String, Value> {
    let mut config = tiny_fields(family);
    config.retain(|field, _| !field.contains('.'));
    config.insert("model_type".to_owned(), json!(model_type));
    for (field, of) in family.parts() {
        config.insert(field.to_owned(), Value::Object(tiny(of)));
    }
    config
}

/// What is known of a prompt with an image or a sound.
fn known_whole(config: &Map<String, Value>) -> String {
    let model = match read(config) {
        Ok(model) => model,
        Err(error) => return error,
    };
    let with = |model: &Model| {
        let images = model.clone().with_images(1, None).or_else(|_| model.clone().with_images(1, Some(4)));
        images.or_else(|_| model.clone().with_audio(30.0))
    };
    let model = with(&model).unwrap_or(model);
    match report(&model, &Workload::prefill(1, 64), &Options::default(), &[]) {
        Ok(report) => serde_json::to_string(&report).unwrap(),
        Err(error) => error.to_string(),
    }
}

/// The same of whole models: of their own fields, and of their towers'.
#[test]
fn no_field_of_a_whole_is_ignored() {
    let mut silent = Vec::new();
    for model_type in Family::built_in_wholes() {
        let family = Family::built_in_whole(model_type).unwrap().unwrap();
        let config = tiny_whole(model_type, &family);
        assert!(
            !read(&config).unwrap_or_else(|error| panic!("{model_type}: {error}")).towers().is_empty(),
            "{model_type}"
        );
        silent.extend(ignored(model_type, &family, &config, &known_whole));
        // What a text part is read from is tested above.
        for (field, of) in family.parts().into_iter().filter(|(field, _)| *field != "text_config") {
            let inside = |inner: &Map<String, Value>| {
                let mut config = config.clone();
                config.insert(field.to_owned(), Value::Object(inner.clone()));
                known_whole(&config)
            };
            let family = Family::built_in(of).unwrap().unwrap();
            silent.extend(ignored(&format!("{model_type}.{field}"), &family, &tiny(of), &inside));
        }
    }
    silent.retain(|it| !RIGHTLY.contains(&it.as_str()));
    assert_eq!(silent, Vec::<String>::new());
}

/// What makes tokens does what is counted, of the smallest parts.
#[test]
fn what_makes_tokens_does_what_is_counted() {
    for model_type in Family::built_in_wholes() {
        let family = Family::built_in_whole(model_type).unwrap().unwrap();
        let model = read(&tiny_whole(model_type, &family)).unwrap();
        for tower in model.towers() {
            let step = Workload::prefill(2, 3);
            let sizes: Vec<usize> = tower.projector.sizes(&step).unwrap().iter().map(|size| *size as usize).collect();
            let result = tower
                .projector
                .architecture()
                .with(|op| agree(op, &sizes, Routing::Worst).and_then(|()| most_agrees(op, &sizes)));
            assert!(result.is_ok(), "{model_type}: {}", result.unwrap_err());
        }
    }
}
