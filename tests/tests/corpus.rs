//! Inputs that something was wrong with once, and a few that are right: none of them does harm.

use std::time::{Duration, Instant};

use cost_tests::fuzz::TARGETS;

#[test]
fn inputs_of_the_corpus_do_no_harm() {
    for target in TARGETS {
        let seeds = target.seeds();
        assert!(!seeds.is_empty(), "no inputs in {}", target.corpus().display());
        for (name, input) in seeds {
            let began = Instant::now();
            target.run(&input);
            // Tests aren't optimised.
            assert!(began.elapsed() < Duration::from_mins(1), "{}/{name} takes {:?}", target.name, began.elapsed());
        }
    }
}

#[test]
fn cases_are_the_same_each_time() {
    for target in TARGETS {
        let seeds: Vec<Vec<u8>> = target.seeds().into_iter().map(|(_, seed)| seed).collect();
        for case in 0..20 {
            let input = target.input(1, case, &seeds);
            assert_eq!(input, target.input(1, case, &seeds), "{} {case}", target.name);
        }
        assert_ne!(target.input(1, 0, &seeds), target.input(2, 0, &seeds), "{}", target.name);
    }
}
