//! Groups of tokens at a time.

use cost_models::decode::parallel::grouped;
use cost_models::decode::{Part, Task, generation};
use proptest::prelude::*;

use crate::setup::{deployed, said, same};

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn groups_take_so_many_passes(prompt in 1..50_u64, output in 1..40_u64, group in 1..50_u64, again in 0..3_u64) {
        let deployment = deployed("llama-3.2-1b", "h100");
        let task = Task { sequences: 2, prompt, output };
        let found = grouped(&deployment, &task, group, again).unwrap();
        prop_assert_eq!(found.steps, output.div_ceil(group.min(output)) * (1 + again));
        prop_assert_eq!(found.tokens, 2 * output);
        let plain = generation(&deployment, &task).unwrap();
        prop_assert!(same(&found.plain, &plain.total));
        if group == 1 && again == 0 {
            prop_assert!(same(&found.total, &plain.total));
        }
        if again == 0 {
            prop_assert!(found.total.bits.weights <= plain.total.bits.weights.max(found.prefill.bits.weights));
        }
    }
}

#[test]
fn groups_by_hand() {
    let deployment = deployed("llama-3.2-1b", "h100");
    let step = |part: Part| deployment.step(&[part]).unwrap();
    let task = Task { sequences: 1, prompt: 20, output: 10 };
    // Four tokens from the prompt, four from them, and two: the last pass takes in four and gives two.
    let found = grouped(&deployment, &task, 4, 0).unwrap();
    let passes = [
        step(Part { outputs: 4, ..Part::prefill(1, 20) }),
        step(Part::all(1, 4, 20)),
        step(Part { outputs: 2, ..Part::all(1, 4, 24) }),
    ];
    let sum = passes[0].clone().plus(&passes[1]).unwrap().plus(&passes[2]).unwrap();
    assert!(same(&found.total, &sum) && same(&found.prefill, &passes[0]));
    // Each refinement takes the group in again.
    let refined = grouped(&deployment, &task, 4, 2).unwrap();
    let again = [step(Part::all(1, 4, 20)), step(Part::all(1, 4, 24)), step(Part::all(1, 2, 28))];
    let sum = again.iter().try_fold(sum, |sum, pass| sum.plus(&pass.times(2)?)).unwrap();
    assert!(same(&refined.total, &sum));
    assert_eq!(refined.steps, 9);
    // All at once: the prompt gives the answer, filled up if it is shorter.
    let once = grouped(&deployment, &Task { prompt: 3, ..task }, 10, 0).unwrap();
    assert_eq!(once.steps, 1);
    assert!(same(&once.total, &step(Part { outputs: 10, ..Part::prefill(1, 10) })));
    said(grouped(&deployment, &task, 0, 0), "group: found 0, expected at least 1");
    said(grouped(&deployment, &task, 2, u64::MAX), "do not fit");
}
