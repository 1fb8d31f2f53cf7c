//! Methods that leave out layers: early exit, mixture of depths.

use cost_core::random::Random;
use cost_models::decode::early_exit::{EarlyExit, ExitClassifier, Exits, early_exit, implied_exit, pass};
use cost_models::decode::mixture_of_depths::{Depths, MixtureOfDepths, capacity_that_saves, mixture_of_depths};
use cost_models::decode::{Deployment, Mean, Part, Task};
use cost_models::{Model, catalogue};

use crate::setup::{Sample, alone, close, deployed, near, on, said};

const TASK: Task = Task { sequences: 1, prompt: 60, output: 9 };

fn exits(shares: &[(u64, f64)]) -> Exits {
    Exits::new(shares.to_vec()).unwrap()
}

/// Layers of BERT-base's shape (arXiv:1810.04805: 12 layers of width 768, 12 heads, 3072 in between), GPT-2's.
fn base() -> Deployment {
    on(catalogue::find("gpt2").unwrap(), "v100")
}

#[test]
fn six_of_twelve_layers_take_half() {
    let part = Part::prefill(1, 128);
    let found = pass(&base(), &part, &exits(&[(6, 1.0)]), Some(2)).unwrap();
    assert!(close(found.layers_speed_up, 2.0));
    // By the kernels themselves: the stack of six is half the stack of twelve.
    let stack = |layers| {
        let with = |l| base().with(base().model().resized("l", l).unwrap()).step(&[part]).unwrap().matmul;
        with(layers) - with(0)
    };
    assert_eq!(stack(12), 2 * stack(6));
    assert!(close(implied_exit(12, 2.0), 6.0) && close(implied_exit(12, 2.54), 12.0 / 2.54));
}

/// The rows of 6 layers in document 003's table, by the models themselves; ALBERT's layers share their weights.
#[test]
fn half_of_an_encoder_takes_half() {
    let shape = r#""num_hidden_layers": 12, "hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072,
        "max_position_embeddings": 512"#;
    for (model_type, own) in [
        ("bert", r#""vocab_size": 30522, "hidden_act": "gelu""#),
        ("albert", r#""vocab_size": 30000, "embedding_size": 128, "hidden_act": "gelu_new""#),
    ] {
        let config = format!(r#"{{"model_type": "{model_type}", {shape}, {own}}}"#);
        let deployment = on(Model::from_config(model_type, &config).unwrap(), "v100");
        let task = Task { sequences: 4, prompt: 128, output: 1 };
        let found = early_exit(&deployment, &task, &exits(&[(6, 1.0)]), Some(2)).unwrap();
        assert_eq!((found.layers, found.tokens), (12, 4));
        assert!(close(found.step.layers_speed_up, 2.0), "{model_type}");
        // What is around the layers is there all the same.
        assert!(found.speed_up > 1.9 && found.speed_up < 2.0, "{model_type}: {}", found.speed_up);
        assert!(near(&found.plain, &Mean::from(&deployment.step(&[Part::prefill(4, 128)]).unwrap())));
        said(early_exit(&deployment, &Task { output: 2, ..task }, &exits(&[(6, 1.0)]), None), "expected 1: an encoder");
        said(deployment.step(&[Part::decode(1, 0)]), "expected prefill with nothing cached");
        said(deployment.step(&[Part { past: 9, ..Part::prefill(1, 5) }]), "prefill over 9 cached tokens");
    }
}

#[test]
fn no_early_exit_costs_the_classifiers() {
    let deployment = base();
    let part = Part::prefill(3, 50);
    let found = pass(&deployment, &part, &exits(&[(12, 1.0)]), Some(3)).unwrap();
    let full = Mean::from(&deployment.step(&[part]).unwrap());
    let classifier = Model::new(&ExitClassifier { b: 1, o: 1, d: 768, c: 3 });
    let classifier = Mean::from(&deployment.with(classifier).step(&[part]).unwrap());
    assert!(near(&found.full, &full));
    assert!(near(&found.classifiers, &classifier.times(11.0)));
    assert!(near(&found.expected, &full.plus_share(11.0, &classifier)));
    // 2 FLOP for each of 768·3 weights and sequence, and what the entropy takes.
    assert!(classifier.flops >= 3.0 * 2.0 * 768.0 * 3.0);
}

/// Every layer is derived with the model cut after it, whatever kinds of layers there are before.
#[test]
fn layers_of_all_kinds_are_counted() {
    let deployment = deployed("deepseek-v2-lite", "h100");
    let part = Part::decode(1, 100);
    let at = |exit| pass(&deployment, &part, &exits(&[(exit, 1.0)]), Some(2)).unwrap();
    let layers = |exit| at(exit).expected.minus(&at(exit).classifiers).weights;
    // The first of 27 layers is dense, the others are mixtures (arXiv:2405.04434, appendix B).
    let (dense, sparse) = (layers(2) - layers(1), layers(26) - layers(25));
    assert!(close(dense, layers(3) - layers(2)) && close(dense, sparse));
    assert!(layers(1) > 0.0 && at(27).full.weights > 26.0 * sparse);
}

/// Sequences of a batch leave on their own; a layer is read as long as one is there.
#[test]
fn a_simulated_batch_costs_as_much() {
    let deployment = base();
    let shares = [(2, 0.3), (5, 0.5), (12, 0.2)];
    let part = Part::decode(6, 40);
    let found = pass(&deployment, &part, &exits(&shares), Some(2)).unwrap();
    let steps = |model: &Deployment, outputs: u64| -> Vec<Mean> {
        let of = |sequences| match sequences {
            0 => Mean::default(),
            _ => Mean::from(&model.step(&[Part { sequences, outputs, ..part }]).unwrap()),
        };
        (0..=6).map(of).collect()
    };
    let resized = |l| deployment.with(deployment.model().resized("l", l).unwrap());
    let (without, with) = (steps(&resized(0), 1), steps(&resized(1), 1));
    let body = steps(&resized(0), 0);
    let classifier = steps(&deployment.with(Model::new(&ExitClassifier { b: 1, o: 1, d: 768, c: 2 })), 1);
    let mut random = Random::new(3);
    let (mut bytes, mut seconds) = (Sample::default(), Sample::default());
    for _ in 0..20_000 {
        let leaves: Vec<u64> = (0..6)
            .map(|_| {
                let mut drawn = random.unit();
                shares
                    .iter()
                    .find(|(_, share)| {
                        drawn -= share;
                        drawn < 0.0
                    })
                    .map_or(12, |(layer, _)| *layer)
            })
            .collect();
        let mut cost = body[6];
        for layer in 1..=12 {
            let left = leaves.iter().filter(|exit| **exit >= layer).count();
            cost = cost.plus(&with[left].minus(&without[left]));
            cost = cost.plus(&if layer < 12 { classifier[left] } else { without[left].minus(&body[left]) });
        }
        bytes.add(cost.bytes / 1e6);
        seconds.add(cost.lower_bound_s * 1e6);
    }
    assert!(bytes.agrees(found.expected.bytes / 1e6), "{bytes:?}, {:?}", found.expected);
    assert!(seconds.agrees(found.expected.lower_bound_s * 1e6), "{seconds:?}, {:?}", found.expected);
}

#[test]
fn a_generation_with_exits_is_its_passes() {
    let deployment = deployed("llama-3.2-1b", "h100");
    let exits = exits(&[(8, 0.5), (16, 0.5)]);
    let EarlyExit { total, plain, tokens, mean_layer, classes, .. } =
        early_exit(&deployment, &TASK, &exits, None).unwrap();
    assert_eq!((tokens, classes), (9, 128_256));
    assert!(close(mean_layer, 12.0) && near(&plain, &alone(&deployment, &TASK)));
    let mut sum = Mean::from(&deployment.step(&[Part::prefill(1, 60)]).unwrap());
    for past in 60..68 {
        sum = sum.plus(&pass(&deployment, &Part::decode(1, past), &exits, None).unwrap().expected);
    }
    assert!(near(&sum, &total));
}

#[test]
fn wrong_exits_are_refused() {
    for (shares, part) in [
        (vec![(3, 0.5)], "exits: found shares that add up to 0.5, expected shares that add up to 1"),
        (vec![(3, 0.5), (3, 0.5)], "exits: found layer 3 twice, expected each layer once"),
        (vec![(0, 1.0)], "exits, layer: found 0, expected at least 1"),
        (vec![(3, 1.5), (4, -0.5)], "exits, layer 3: found 1.5, expected a probability"),
        (vec![], "shares that add up to 0"),
    ] {
        said(Exits::new(shares), part);
    }
    let late = exits(&[(13, 1.0)]);
    said(pass(&base(), &Part::decode(1, 1), &late, Some(2)), "exits, layer: found 13, expected at most 12");
    said(pass(&base(), &Part::decode(1, 1), &exits(&[(1, 1.0)]), Some(0)), "classes: found 0");
}

fn depths(task: &Task, capacity: f64, every: u64) -> MixtureOfDepths {
    mixture_of_depths(&base(), task, &Depths { capacity, every }).unwrap()
}

#[test]
fn all_tokens_through_all_layers_is_the_model_and_its_routers() {
    let found = depths(&TASK, 1.0, 1);
    // A router is a product by a vector of 768 for each token, and its weight is multiplied with each of 768 results.
    let tokens = 60.0 + 8.0;
    assert!(close(found.total.flops, found.plain.flops + 12.0 * tokens * (2.0 * 768.0 + 768.0)));
    assert!(found.total.lower_bound_s > found.plain.lower_bound_s);
    assert_eq!(found.tokens, TASK.output);
}

#[test]
fn half_is_saved_at_most_by_every_other_layer() {
    let task = Task { sequences: 1, prompt: 500, output: 1 };
    let every_other = depths(&task, 0.125, 2);
    assert_eq!((every_other.routed, every_other.layers), (6, 12));
    assert!(
        every_other.saved > 0.4 && every_other.saved < every_other.saved_at_most && every_other.saved_at_most < 0.5
    );
    assert_eq!(every_other.capacity_for_half, None);
    // In all layers about half of the tokens: attention, which grows with the square, leaves room for some more, the head
    // and the routers for fewer.
    let all = depths(&task, 0.5, 1);
    let capacity = all.capacity_for_half.unwrap();
    assert!((0.5..0.55).contains(&capacity), "{capacity}");
    assert!(depths(&task, capacity, 1).saved >= 0.5);
    assert!(depths(&task, capacity + 1.0 / 500.0, 1).saved < 0.5);
    let part = Part::prefill(1, 500);
    assert_eq!(capacity_that_saves(&base(), &part, 1, 0.5).unwrap(), Some(capacity));
    assert_eq!(capacity_that_saves(&base(), &part, 2, 0.5).unwrap(), None);
    let quarter = capacity_that_saves(&base(), &part, 2, 0.25).unwrap().unwrap();
    assert!(depths(&task, quarter, 2).saved >= 0.25);
}

/// Single tokens go through with the capacity's probability.
#[test]
fn simulated_depths_cost_as_much() {
    let deployment = base();
    let task = Task { sequences: 5, prompt: 100, output: 2 };
    let found = depths(&task, 0.3, 2);
    let decode = found.total.minus(&found.prefill);
    // Layers at 30 past tokens that went through, for so many sequences.
    let resized = |l| deployment.with(deployment.model().resized("l", l).unwrap());
    let (none, one) = (resized(0), resized(1));
    let step = |it: &Deployment, sequences, past| Mean::from(&it.step(&[Part::decode(sequences, past)]).unwrap());
    let layer = |sequences, past| step(&one, sequences, past).minus(&step(&none, sequences, past));
    let through: Vec<Mean> = (1..=5).map(|sequences| layer(sequences, 30)).collect();
    let fixed = step(&none, 5, 100).plus_share(6.0, &layer(5, 100));
    let mut random = Random::new(9);
    let mut weights = Sample::default();
    for _ in 0..20_000 {
        let mut cost = fixed;
        for _ in 0..6 {
            let count = (0..5).filter(|_| random.unit() < 0.3).count();
            if count > 0 {
                cost = cost.plus(&through[count - 1]);
            }
        }
        weights.add(cost.weights / 1e6);
    }
    // And a router of 768 numbers of 2 byte in each of six layers.
    assert!(weights.agrees((decode.weights - 6.0 * 768.0 * 2.0) / 1e6), "{weights:?}, {decode:?}");
}

#[test]
fn wrong_depths_are_refused() {
    let at = |capacity, every| mixture_of_depths(&base(), &TASK, &Depths { capacity, every });
    said(at(0.0, 2), "capacity: found 0, expected a share of the tokens: more than 0 and at most 1");
    said(at(1.5, 2), "capacity: found 1.5");
    said(at(f64::NAN, 2), "capacity: found NaN");
    said(at(0.5, 0), "every: found 0, expected from 1 to 12");
    said(at(0.5, 13), "every: found 13, expected from 1 to 12");
}
