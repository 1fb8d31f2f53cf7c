//! The smallest model of each declared type, on the ranks of small meshes, does what it does on one device.

use cost_core::interpret::{Array, MeshOutcome, Outcome, Running, inputs, run, run_mesh};
use cost_core::library::Source;
use cost_models::{Family, Mesh, Model, Workload};
use cost_tests::counted::in_elements;
use cost_tests::ranks::alike;
use cost_tests::tiny::tiny;
use serde_json::Value;

/// Types whose experts attend: the interpreter hands an expert its tokens without their places, and can't mask them.
const UNMASKED: &[&str] = &["jetmoe"];

/// Why a model can't be cut or run so, where that is known.
const KNOWN: &[&str] = &["can't be cut", "share evenly", "can't be run", "expected an axis that cuts something"];

fn mesh(axis: &str, scattered: bool) -> Mesh {
    Mesh { axes: vec![(axis.to_owned(), 2)], scattered, ..Mesh::default() }
}

/// A model without a mesh and on one, at the sizes of a step.
struct Both<'m> {
    whole: &'m Source,
    on: Model,
    axes: Vec<(String, usize)>,
    sizes: Vec<usize>,
    given: Vec<Array>,
    alone: Outcome,
}

impl<'m> Both<'m> {
    fn of(model: &'m Model, mesh: &Mesh, step: &Workload) -> Result<Self, String> {
        let on = model.on_mesh(mesh).map_err(|error| error.to_string())?;
        let sizes = |model: &Model| -> Result<Vec<usize>, String> {
            Ok(model.sizes(step).map_err(|error| error.to_string())?.iter().map(|size| *size as usize).collect())
        };
        let (whole, local, sizes) = (model.architecture(), sizes(&on)?, sizes(model)?);
        let axes = on.architecture().axes().zip(&local).skip(sizes.len()).take_while(|(name, _)| !name.contains('/'));
        let axes = axes.map(|(name, ranks)| (name.to_owned(), *ranks)).collect();
        let given = whole.with(|op| inputs(op, &sizes, 1));
        let alone = whole.with(|op| run(op, &sizes, &given, &in_elements(), 2)).map_err(|error| error.to_string())?;
        Ok(Self { whole, on, axes, sizes, given, alone })
    }

    /// Runs all ranks, without one of the exchanges if that is said; an error if that doesn't come to the same results and caches.
    fn same(&self, without: Option<usize>) -> Result<MeshOutcome, String> {
        let options = in_elements();
        let running = Running { options: &options, seed: 2, without, owned: 0 };
        let together = run_mesh(self.whole, self.on.architecture(), &self.axes, &self.sizes, &self.given, running);
        let together = together.map_err(|error| error.to_string())?;
        let results = self.alone.results.iter().zip(&together.results);
        results.chain(self.alone.inputs.iter().zip(&together.inputs)).try_for_each(|(a, b)| alike(a, b))?;
        Ok(together)
    }
}

fn smallest(model_type: &str) -> Model {
    let text = Value::Object(tiny(model_type)).to_string();
    Model::from_config("it", &text).unwrap_or_else(|error| panic!("{model_type}: {error}"))
}

#[test]
fn the_smallest_models_are_the_same_on_a_mesh() {
    let (mut ran, mut wrong) = (0, Vec::new());
    for model_type in Family::built_in_types().filter(|it| !UNMASKED.iter().any(|own| own == it)) {
        let model = smallest(model_type);
        for (axis, scattered) in [("tp", false), ("tp", true), ("dp", false), ("ep", false)] {
            for step in [Workload::prefill(2, 4), Workload::decode(2, 3)] {
                match Both::of(&model, &mesh(axis, scattered), &step).and_then(|both| both.same(None)) {
                    Ok(_) => ran += 1,
                    Err(error) if KNOWN.iter().any(|it| error.contains(it)) => {}
                    Err(error) => wrong.push(format!("{model_type} on {axis} {scattered} {step:?}: {error}")),
                }
            }
        }
    }
    println!("{ran} ran");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(ran > 100, "only {ran} could be run");
}

/// Without any one of its exchanges a model is another function.
#[test]
fn no_exchange_can_be_left_out() {
    for (model_type, axis, scattered, expected) in
        [("llama", "tp", false, 4), ("llama", "tp", true, 4), ("mixtral", "ep", false, 1)]
    {
        let model = smallest(model_type);
        let both = Both::of(&model, &mesh(axis, scattered), &Workload::prefill(2, 4)).expect("it can be cut");
        let exchanges = both.same(None).expect("it is the same").moved[0].len();
        assert!(exchanges >= expected, "{model_type} on {axis}: {exchanges}");
        for without in 0..exchanges {
            assert!(both.same(Some(without)).is_err(), "{model_type} on {axis} is the same without {without}");
        }
    }
}
