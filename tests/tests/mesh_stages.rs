//! Pipelines: which layers stages have, what goes from one to the next, how long it takes, and that together they do what one
//! device does.

use cost_core::Options;
use cost_core::cost::{Exchanged, collectives};
use cost_core::interpret::{Array, Running, inputs, run, run_mesh};
use cost_core::library::Source;
use cost_core::mesh::{Stage, layers, staged};
use cost_core::op::Role;
use cost_models::mesh::stages::step_s;
use cost_models::{Family, Mesh, Model, Phase, Workload, catalogue};
use cost_tests::counted::in_elements;
use cost_tests::ranks::alike;
use cost_tests::tiny::tiny;
use serde_json::Value;

fn mesh(axes: &[(&str, u64)]) -> Mesh {
    Mesh { axes: axes.iter().map(|(name, ranks)| ((*name).to_owned(), *ranks)).collect(), ..Mesh::default() }
}

fn parameters(model: &Model) -> u128 {
    let tensors = model.tensors(&Workload::decode(1, 0), &Options::default()).expect("it can be counted");
    tensors.iter().filter(|it| it.role == Role::Weight).map(|it| it.elements * it.copies).sum()
}

/// DeepSeek-V3 has 61 layers, the first 3 of them dense (arXiv:2412.19437, section 4.2). Over 4 stages: 16, 15, 15 and 15. By
/// hand: attention of 187,107,328 parameters, two norms of 7,168; a dense network of 3 · 7,168 · 18,432; a router of 256 rows of
/// 7,168 and as many biases, 257 experts of 3 · 7,168 · 2,048; embedding and head of 129,280 rows; the last norm.
#[test]
fn stages_have_as_many_layers_or_one_more() {
    let model = catalogue::find("deepseek-v3").expect("it is in the catalogue");
    let stages = model.stages(&mesh(&[("pp", 4)])).expect("it can be cut");
    assert_eq!(stages.iter().map(|it| it.layers).collect::<Vec<_>>(), [16, 15, 15, 15]);
    let attention: u128 = 7168 * 1536 + 1536 + 1536 * 128 * 192 + 7168 * 576 + 512 + 512 * 128 * 256 + 128 * 128 * 7168;
    let (norms, dense) = (2 * 7168, 3 * 7168 * 18_432);
    let sparse = 256 * 7168 + 257 * 3 * 7168 * 2048;
    let (rows, of) = (129_280 * 7168, |dense_layers: u128, sparse_layers: u128| {
        (dense_layers + sparse_layers) * (attention + norms) + dense_layers * dense + sparse_layers * sparse
    });
    // Biases of routers are buffers of theirs, 256 a layer.
    let biases = |sparse_layers: u128| 256 * sparse_layers;
    let expected = [
        rows + of(3, 13) + biases(13),
        of(0, 15) + biases(15),
        of(0, 15) + biases(15),
        of(0, 15) + biases(15) + 7168 + rows,
    ];
    assert_eq!(stages.iter().map(|it| parameters(&it.model)).collect::<Vec<_>>(), expected);
    // With tied embeddings the last stage has a table of its own.
    let tied = catalogue::find("qwen2.5-0.5b").or_else(|_| catalogue::find("llama-3.2-1b")).expect("a small model");
    let all: u128 =
        tied.stages(&mesh(&[("pp", 2)])).expect("it can be cut").iter().map(|it| parameters(&it.model)).sum();
    let table = |name: &str| u128::from(tied.axis_named(name).and_then(|axis| tied.size_of(axis)).expect("a size"));
    assert_eq!(all, parameters(&tied) + table("v") * table("d"));
}

/// A stage hands over a row of 8,192 numbers of two bytes for each token, whatever tensor parallel ranks there are: each rank
/// to its own in the next stage.
#[test]
fn a_stage_hands_on_what_the_next_needs() {
    let model = catalogue::find("llama-3-70b").expect("it is in the catalogue");
    for axes in [&[("pp", 4)][..], &[("pp", 4), ("tp", 8)]] {
        let stages = model.stages(&mesh(axes)).expect("it can be cut");
        for (number, stage) in stages.iter().enumerate() {
            let all = stage.model.collectives(&Workload::prefill(2, 512), &Options::default()).expect("counted");
            let sent: Vec<u128> = all.iter().filter(|it| it.kind == Exchanged::Send).map(|it| it.bits / 8).collect();
            assert_eq!(sent, if number == 3 { vec![] } else { vec![2 * 512 * 8192 * 2] }, "stage {number}");
        }
    }
    // Scattered over positions, each hands on its share.
    let scattered = Mesh { scattered: true, ..mesh(&[("pp", 4), ("tp", 8)]) };
    let stages = model.stages(&scattered).expect("it can be cut");
    let all = stages[0].model.collectives(&Workload::prefill(1, 512), &Options::default()).expect("counted");
    let sent: Vec<u128> = all.iter().filter(|it| it.kind == Exchanged::Send).map(|it| it.bits / 8).collect();
    assert_eq!(sent, [512 * 8192 * 2 / 8]);
}

/// Bubbles of (p − 1)/m of the ideal time where all stages take as long (arXiv:2104.04473, section 2.2.1): 8 stages, 64 parts.
#[test]
fn a_pipeline_waits_while_it_fills() {
    let stages = [1.0; 8];
    let (whole, bubble) = step_s(Phase::Prefill, &stages, 64);
    assert_eq!((whole, bubble), (71.0, 7.0));
    // Steps that decode follow each other: with as many parts as stages nobody waits, with fewer all do.
    assert_eq!(step_s(Phase::Decode, &stages, 8), (8.0, 0.0));
    assert_eq!(step_s(Phase::Decode, &stages, 2), (8.0, 6.0));
    // The slowest stage decides: 1 + 3 + 2, then 3 for each further part.
    assert_eq!(step_s(Phase::Prefill, &[1.0, 3.0, 2.0], 3), (12.0, 3.0));
}

#[test]
fn what_is_no_pipeline_is_said() {
    let llama = catalogue::find("llama-3-70b").expect("it is in the catalogue");
    let refused = |model: &Model, mesh: &Mesh, said: &str| {
        let Err(error) = model.stages(mesh) else { panic!("{said}") };
        let error = error.to_string();
        assert!(error.contains(said), "{error}");
    };
    refused(&llama, &mesh(&[("pp", 81)]), "at most 80, as there are 80 layers");
    let both = Mesh {
        shards: vec![("l".to_owned(), vec!["pp".to_owned(), "tp".to_owned()])],
        ..mesh(&[("pp", 2), ("tp", 2)])
    };
    refused(&llama, &both, "one axis of the mesh");
    // Layers that take the keys and values of earlier ones.
    let sharing = Model::from_config("it", &Value::Object(tiny("gemma3n_text")).to_string()).expect("a small one");
    refused(&sharing, &mesh(&[("pp", 2)]), "stages can't have a share");
}

/// Runs the stages one after the other, and compares with what one device does.
fn piped(model: &Model, mesh: &Mesh, step: &Workload) -> Result<(), String> {
    let stages = model.stages(mesh).map_err(|error| error.to_string())?;
    let whole = model.architecture();
    let sizes = |model: &Model| -> Result<Vec<usize>, String> {
        Ok(model.sizes(step).map_err(|error| error.to_string())?.iter().map(|size| *size as usize).collect())
    };
    let own = sizes(model)?;
    let given = whole.with(|op| inputs(op, &own, 1));
    let names: Vec<String> = whole.with(|op| op.inputs.iter().map(|input| input.name.to_owned()).collect());
    let options = in_elements();
    let alone = whole.with(|op| run(op, &own, &given, &options, 2)).map_err(|error| error.to_string())?;
    let layers: Vec<String> =
        whole.with(|op| layers(op).iter().map(|(axis, _)| op.axes[usize::from(*axis)].to_owned()).collect());
    let (mut received, mut owned): (Vec<Array>, u64) = (Vec::new(), 0);
    for stage in &stages {
        let (first, last) = (stage.number == 0, stage.number + 1 == stage.of);
        let of = Stage { over: "pp".to_owned(), layers: layers.clone(), first, last };
        let source: Source = staged(whole, &of).map_err(|error| error.to_string())?;
        let cut = stage.model.architecture();
        let local = sizes(&stage.model)?;
        let axes = cut.axes().zip(&local).skip(own.len()).take_while(|(name, _)| !name.contains('/'));
        let axes: Vec<(String, usize)> = axes.map(|(name, ranks)| (name.to_owned(), *ranks)).collect();
        let mut handed = received.drain(..);
        let mine: Vec<Array> = source.with(|op| {
            let mut one = |input: &cost_core::op::Input<'_>| match names.iter().position(|name| name == input.name) {
                Some(at) => Some(given[at].clone()),
                None => handed.next(),
            };
            op.inputs.iter().map(|input| one(input).expect("it is handed over")).collect()
        });
        let running = Running { options: &options, seed: 2, without: None, owned };
        let together = run_mesh(&source, cut, &axes, &local[..own.len()], &mine, running);
        let together = together.map_err(|error| format!("stage {}: {error}", stage.number))?;
        let bytes = cost_core::cost::Formats::bytes();
        let counted = Options { formats: bytes, ..in_elements() };
        let wide: Vec<u128> = local.iter().map(|size| *size as u128).collect();
        let derived = cut.with(|op| collectives::<u128>(op, &wide, &counted)).map_err(|error| error.to_string())?;
        let sent: Vec<u128> = derived.iter().filter(|it| it.kind == Exchanged::Send).map(|it| it.bits / 8).collect();
        let moved = together.moved[0].iter().filter(|it| it.kind == Exchanged::Send);
        let moved: Vec<u128> = moved.map(|it| it.elements).collect();
        if sent != moved || sent.is_empty() != last {
            return Err(format!("stage {} sends {moved:?}, derived {sent:?}", stage.number));
        }
        owned = together.ranks[0].owned;
        drop(handed);
        received = together.results;
    }
    alone.results.iter().zip(&received).try_for_each(|(a, b)| alike(a, b))
}

#[test]
fn stages_together_do_what_one_device_does() {
    const KNOWN: &[&str] = &[
        "can't be cut",
        "share evenly",
        "can't be run",
        "can't have a share",
        "expected an axis that cuts something",
        "layers that are stored alike",
        "expected layers to cut",
        "at most 1, as",
    ];
    let (mut ran, mut wrong) = (0, Vec::new());
    for model_type in Family::built_in_types().filter(|it| *it != "jetmoe") {
        let text = Value::Object(tiny(model_type)).to_string();
        let model = Model::from_config("it", &text).unwrap_or_else(|error| panic!("{model_type}: {error}"));
        // Layers of one kind: those of several are run kind after kind, and fill what they own in that order.
        let kinds = model.architecture().with(|op| layers(op).len());
        if kinds != 1 {
            continue;
        }
        for axes in [&[("pp", 2)][..], &[("pp", 2), ("tp", 2)]] {
            for step in [Workload::prefill(2, 4), Workload::decode(2, 3)] {
                match piped(&model, &mesh(axes), &step) {
                    Ok(()) => ran += 1,
                    Err(error) if KNOWN.iter().any(|it| error.contains(it)) => {}
                    Err(error) => wrong.push(format!("{model_type} on {axes:?} {step:?}: {error}")),
                }
            }
        }
    }
    println!("{ran} ran");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(ran > 60, "only {ran} could be run");
}
