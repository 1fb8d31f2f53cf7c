//! Cascades of models.

use cost_core::random::Random;
use cost_models::decode::cascade::cascade;
use cost_models::decode::{Deployment, Mean, Part, Task};
use proptest::prelude::*;

use crate::setup::{Sample, alone, close, deployed, near, said};

const TASK: Task = Task { sequences: 1, prompt: 60, output: 9 };

fn models() -> Vec<Deployment> {
    ["qwen3-0.6b", "llama-3.2-1b", "llama-3.2-3b"].map(|name| deployed(name, "h100")).to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn a_simulated_cascade_costs_as_much(a in 0.0..=1.0_f64, b in 0.0..=1.0_f64, seed: u64) {
        let judge = deployed("gpt2", "h100");
        let found = cascade(&models(), &[a, b], Some(&judge), &TASK).unwrap();
        let mut random = Random::new(seed);
        let (mut seconds, mut bytes) = (Sample::default(), Sample::default());
        for _ in 0..20_000 {
            let mut cost = Mean::default();
            for stage in &found.stages {
                cost = cost.plus(&stage.cost);
                if random.unit() < stage.acceptance {
                    break;
                }
            }
            seconds.add(cost.lower_bound_s * 1e3);
            bytes.add(cost.bytes / 1e9);
        }
        prop_assert!(seconds.agrees(found.total.lower_bound_s * 1e3), "{:?}, {:?}", seconds, found.total);
        prop_assert!(bytes.agrees(found.total.bytes / 1e9));
        prop_assert_eq!(found.tokens, TASK.output);
    }
}

#[test]
fn a_cascade_by_hand() {
    let models = models();
    let costs: Vec<Mean> = models.iter().map(|model| alone(model, &TASK)).collect();
    let at = |a, b| cascade(&models, &[a, b], None, &TASK).unwrap();
    assert!(near(&at(1.0, 0.5).total, &costs[0]));
    assert!(near(&at(0.0, 1.0).total, &costs[0].plus(&costs[1])));
    assert!(near(&at(0.0, 0.0).total, &at(0.3, 0.7).worst));
    // 1, 1 − 0.6 and 0.4·(1 − 0.5) of the answers get to the models.
    let expected = costs[0].plus_share(0.4, &costs[1]).plus_share(0.2, &costs[2]);
    assert!(near(&at(0.6, 0.5).total, &expected));
    let even = at(0.6, 0.5).break_even.unwrap();
    assert!(close(at(even, even).speed_up, 1.0), "{even}");
    // A judge that reads prompt and answer comes on top of each model but the last.
    let judge = deployed("gpt2", "h100");
    let judged = cascade(&models, &[0.6, 0.5], Some(&judge), &TASK).unwrap().total;
    let look = Mean::from(&judge.step(&[Part::prefill(1, 69)]).unwrap());
    assert!(near(&judged, &expected.plus_share(1.4, &look)));
    // The largest first never pays.
    let turned: Vec<Deployment> = models.iter().rev().cloned().collect();
    assert_eq!(cascade(&turned, &[0.9, 0.9], None, &TASK).unwrap().break_even, None);
}

#[test]
fn wrong_cascades_are_refused() {
    let models = models();
    said(cascade(&models[..1], &[], None, &TASK), "cascade: found 1 models, expected at least 2");
    said(
        cascade(&models, &[0.5], None, &TASK),
        "acceptance: found 1 numbers, expected 2, one for each model but the last",
    );
    said(cascade(&models, &[0.5, 1.5], None, &TASK), "acceptance: found 1.5, expected a probability");
    said(cascade(&models, &[0.5, 0.5], None, &Task { output: 0, ..TASK }), "output: found 0");
}
