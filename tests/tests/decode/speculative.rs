//! Drafts and their verification.

use cost_core::random::Random;
use cost_models::decode::speculative::{
    Draft, Node, Speculation, Tree, acceptance_for, chain, expected_tokens, medusa_head, speculation,
};
use cost_models::decode::{Deployment, Mean, Part, Task, fit};
use cost_models::report::params;
use cost_models::{Workload, catalogue};
use proptest::prelude::*;

use crate::setup::{Sample, close, deployed, on};

const TASK: Task = Task { sequences: 1, prompt: 50, output: 14 };

fn pair() -> (Deployment, Deployment) {
    (deployed("llama-3.2-3b", "h100"), deployed("llama-3.2-1b", "h100"))
}

fn chained(task: &Task, gamma: u64, acceptance: f64) -> Speculation {
    let (target, draft) = pair();
    chain(&target, &Draft::Model(&draft), task, (gamma, acceptance), 2.0).unwrap()
}

/// Trees of up to nine nodes, the children of each with probabilities that add up to at most 1.
fn tree() -> impl Strategy<Value = Tree> {
    proptest::collection::vec((0..9_usize, 0.0..=1.0_f64), 0..9).prop_map(|choices| {
        let mut left = vec![1.0; choices.len() + 1];
        let mut nodes = Vec::new();
        for (i, (parent, share)) in choices.into_iter().enumerate() {
            let parent = parent.checked_sub(1).filter(|parent| *parent < i);
            let rest: &mut f64 = &mut left[parent.map_or(0, |parent| parent + 1)];
            let acceptance = *rest * share;
            *rest -= acceptance;
            nodes.push(Node { parent, acceptance });
        }
        Tree::new(nodes).unwrap()
    })
}

/// A round as it happens: at most one child of each accepted node is what the model wants.
fn tokens(tree: &Tree, random: &mut Random) -> u64 {
    let (mut tokens, mut at) = (1, None);
    loop {
        let mut drawn = random.unit();
        let children = (0..).zip(tree.nodes()).filter(|(_, node)| node.parent == at);
        let wanted = children.map(|(i, node): (usize, &Node)| (i, node.acceptance)).find(|(_, acceptance)| {
            drawn -= acceptance;
            drawn < 0.0
        });
        match wanted {
            Some((i, _)) => (tokens, at) = (tokens + 1, Some(i)),
            None => return tokens,
        }
    }
}

proptest! {
    #[test]
    fn the_closed_form_is_the_sum_over_a_chain(acceptance in 0.0..=1.0_f64, gamma in 1..12_u64) {
        // 1 + α + … + α^γ (arXiv:2211.17192, equation 1).
        let sum: f64 = (0..=i32::try_from(gamma).unwrap()).map(|i| acceptance.powi(i)).sum();
        prop_assert!(close(expected_tokens(acceptance, gamma), sum));
        prop_assert!(close(Tree::chain(gamma, acceptance).unwrap().expected_tokens(), sum));
        let back = acceptance_for(sum, gamma).unwrap();
        prop_assert!(close(expected_tokens(back, gamma), sum));
    }

    #[test]
    fn the_tokens_of_a_round_are_distributed(tree in tree()) {
        let distribution = tree.distribution();
        prop_assert!(close(distribution.iter().sum::<f64>(), 1.0));
        prop_assert!(distribution.iter().all(|share| *share > -1e-12));
        prop_assert_eq!(tree.widths().iter().sum::<u64>(), tree.nodes().len() as u64);
        let most = tree.depth() as f64 + 1.0;
        prop_assert!((1.0..=most + 1e-9).contains(&tree.expected_tokens()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_simulated_round_brings_as_many_tokens(tree in tree(), seed: u64) {
        let mut random = Random::new(seed);
        let sample: Sample = (0..20_000).map(|_| tokens(&tree, &mut random) as f64).collect();
        prop_assert!(sample.agrees(tree.expected_tokens()), "{sample:?}, {}", tree.expected_tokens());
    }

    /// Nothing that is drafted is ever wanted: each step brings one token and the draft comes on top.
    #[test]
    fn without_acceptance_it_costs_more_than_without_a_draft(gamma in 1..6_u64, output in 1..9_u64, sequences in 1..5_u64) {
        let found = chained(&Task { output, sequences, ..TASK }, gamma, 0.0);
        prop_assert!(close(found.tokens_per_round, 1.0) && close(found.rounds, (output - 1) as f64));
        let (total, plain) = (found.total, found.plain);
        prop_assert!(total.lower_bound_s >= plain.lower_bound_s && total.flops >= plain.flops && total.bytes >= plain.bytes);
        prop_assert!(found.speed_up <= 1.0 && found.speed_up_per_token <= 1.0);
        prop_assert_eq!(found.tokens, sequences * output);
    }

    #[test]
    fn with_every_token_accepted_a_round_brings_all_of_them(gamma in 1..6_u64, output in 1..30_u64) {
        let found = chained(&Task { output, ..TASK }, gamma, 1.0);
        prop_assert!(close(found.tokens_per_round, gamma as f64 + 1.0));
        prop_assert!(close(found.rounds, (output - 1).div_ceil(gamma + 1) as f64));
        prop_assert_eq!(found.tokens, output);
    }
}

/// The answer's rounds as they happen, priced one by one, cost what is expected of them in the mean.
#[test]
fn a_simulated_generation_costs_as_much() {
    let (target, draft) = pair();
    let cartesian = Tree::product(&[vec![0.5, 0.2], vec![0.6, 0.1]]).unwrap();
    for tree in [Tree::chain(3, 0.7).unwrap(), cartesian] {
        let widths = tree.widths();
        let round = |there: u64| {
            let past = TASK.prompt + there - 1;
            let mean =
                |deployment: &Deployment, new, past| Mean::from(&deployment.step(&[Part::all(1, new, past)]).unwrap());
            let mut cost = mean(&target, 1 + tree.nodes().len() as u64, past);
            let mut before = past;
            for width in [1].iter().chain(&widths).take(widths.len()) {
                cost = cost.plus(&mean(&draft, *width, before));
                before += width;
            }
            cost
        };
        let costs: Vec<Mean> = (1..TASK.output).map(round).collect();
        let found = speculation(&target, &Draft::Model(&draft), &TASK, &tree, 2.0).unwrap();
        let mut random = Random::new(11);
        let (mut rounds, mut seconds, mut bytes) = (Sample::default(), Sample::default(), Sample::default());
        for _ in 0..20_000 {
            let (mut there, mut count, mut cost) = (1, 0.0, found.prefill);
            while there < TASK.output {
                cost = cost.plus(&costs[usize::try_from(there).unwrap() - 1]);
                count += 1.0;
                there += tokens(&tree, &mut random);
            }
            rounds.add(count);
            seconds.add(cost.lower_bound_s * 1e3);
            bytes.add(cost.bytes / 1e9);
        }
        assert!(rounds.agrees(found.rounds), "{rounds:?}, {}", found.rounds);
        assert!(seconds.agrees(found.total.lower_bound_s * 1e3), "{seconds:?}, {:?}", found.total);
        assert!(bytes.agrees(found.total.bytes / 1e9), "{bytes:?}, {:?}", found.total);
    }
}

/// Leviathan et al. (arXiv:2211.17192, table 1 and figure 2) give the tokens of a round for α = 0.8: γ = 5, 3.69.
#[test]
fn expected_tokens_by_hand() {
    // (1 − 0.8⁶)/(1 − 0.8) = (1 − 0.262144)/0.2, (1 − 0.5⁴)/0.5, and the ends.
    for (acceptance, gamma, tokens) in [(0.8, 5, 3.689_28), (0.5, 3, 1.875), (0.0, 7, 1.0), (1.0, 7, 8.0)] {
        assert!(close(expected_tokens(acceptance, gamma), tokens), "{acceptance} {gamma}");
    }
    assert_eq!(acceptance_for(5.1, 4), None);
    assert_eq!(acceptance_for(0.9, 4), None);
}

#[test]
fn the_best_draft_and_the_goal_are_what_they_say() {
    // Its middle is where that of an answer of two tokens to a prompt of 1,023 is.
    let task = Task { sequences: 1, prompt: 1000, output: 48 };
    let (target, draft) = pair();
    let draft = Draft::Model(&draft);
    let speed_up = |gamma, acceptance| {
        let tree = Tree::chain(gamma, acceptance).unwrap();
        speculation(&target, &draft, &Task { prompt: 1023, output: 2, ..task }, &tree, 1.5).unwrap().speed_up_per_token
    };
    for acceptance in [0.2, 0.7] {
        let found = chain(&target, &draft, &task, (4, acceptance), 1.1).unwrap();
        let best = found.chain.unwrap();
        let all: Vec<f64> = (1..=32).map(|gamma| speed_up(gamma, acceptance)).collect();
        let most = all.iter().copied().fold(1.0, f64::max);
        assert!(close(best.best_speed_up, most), "{acceptance}: {best:?}, {most}");
        let gamma = usize::try_from(best.best_gamma.unwrap()).unwrap();
        assert!(if gamma == 0 { most <= 1.0 } else { close(all[gamma - 1], most) }, "{acceptance}: {best:?}");
        let needed = found.goal.acceptance.unwrap();
        assert!((speed_up(4, needed) - 1.1).abs() < 1e-6, "{acceptance}: {needed}");
    }
}

/// What is beyond a search is no answer: the search's end isn't either.
#[test]
fn the_end_of_a_search_is_no_answer() {
    let (target, draft) = (deployed("llama-2-7b", "h100"), deployed("gpt2", "h100"));
    let task = Task { sequences: 1, prompt: 20, output: 20 };
    let found = |acceptance| chain(&target, &Draft::Model(&draft), &task, (4, acceptance), 2.0).unwrap().chain.unwrap();
    // Each further token of a draft that is always right makes a round better: it reads a fiftieth of the parameters.
    let sure = found(1.0);
    assert_eq!((sure.best_gamma, sure.best_gamma_more_than), (None, Some(32)));
    assert!(sure.best_speed_up > 10.0);
    let unsure = found(0.5);
    assert!(unsure.best_gamma.is_some_and(|gamma| (1..32).contains(&gamma)) && unsure.best_gamma_more_than.is_none());
    // Beside 1024 tokens of cache for each sequence a draft pays for as many sequences as are tried.
    let (target, draft) = (deployed("llama-2-7b", "h100"), deployed("tinyllama-1.1b", "h100"));
    let found = chain(&target, &Draft::Model(&draft), &Task { prompt: 1024, ..task }, (4, 0.8), 2.0).unwrap();
    assert_eq!((found.slower_from_batch, found.slower_from_batch_more_than), (None, Some(1 << 20)));
}

/// The shapes are those of Llama 2 (arXiv:2307.09288) and TinyLlama's config.json: 22 layers, 4 key/value heads of 64.
#[test]
fn the_model_and_its_draft_are_in_memory_together() {
    let (target, draft) = (deployed("llama-2-7b", "h100"), deployed("tinyllama-1.1b", "h100"));
    let task = Task { sequences: 3, prompt: 1000, output: 24 };
    let both = chain(&target, &Draft::Model(&draft), &task, (4, 0.8), 2.0).unwrap().memory;
    assert_eq!(both.weights.whole(), Some(2 * (6_738_415_616 + 1_100_048_384)));
    // When one token is missing, 1022 are cached; then the model's cache gets the last one and 4 drafted ones, the
    // draft's those but the last one drafted.
    let (own, drafting) = (32 * 2 * 4096 * 2, 22 * 2 * 4 * 64 * 2);
    assert_eq!(both.cache.whole(), Some(3 * ((1022 + 5) * own + (1022 + 4) * drafting)));
    assert_eq!(both.activations, fit(&target, &task).unwrap().activations, "one runs after the other");
    // 26.0 and 13.5 GB of parameters on 32 GB: each by itself fits.
    let (large, small) = (deployed("llama-2-13b", "v100"), deployed("llama-2-7b", "v100"));
    let together = chain(&large, &Draft::Model(&small), &task, (4, 0.8), 2.0).unwrap().memory;
    let task = Task { sequences: 1, ..task };
    assert_eq!([&large, &small].map(|it| fit(it, &task).unwrap().fits), [Some(true); 2]);
    assert_eq!((together.fits, together.max_batch), (Some(false), Some(0)));
    // Two of Medusa's heads have no caches; each has 4096² + 4096·32000 parameters (arXiv:2401.10774, section 2.1.1).
    let head = medusa_head(&target).unwrap();
    let tree = Tree::chain(2, 0.5).unwrap();
    let heads = speculation(&target, &Draft::Heads { head: &head, count: 2 }, &task, &tree, 2.0).unwrap().memory;
    assert_eq!(heads.weights.whole(), Some(2 * (6_738_415_616 + 2 * (4096 * 4096 + 4096 * 32_000))));
    assert_eq!(heads.cache.whole(), Some((1022 + 3) * own));
    // A single token needs no round; the draft has read the prompt by then.
    let once = chain(&target, &Draft::Model(&draft), &Task { output: 1, ..task }, (4, 0.8), 2.0).unwrap().memory;
    assert_eq!(once.cache.whole(), Some(1000 * (own + drafting)));
    // Each of two modules has a cache and parameters of its own.
    let modules = Draft::Modules { module: &draft, count: 2 };
    let modules = chain(&target, &modules, &task, (2, 0.8), 2.0).unwrap().memory;
    assert_eq!(modules.weights.whole(), Some(2 * (6_738_415_616 + 2 * 1_100_048_384)));
    assert_eq!(modules.cache.whole(), Some((1022 + 3) * own + 2 * (1022 + 2) * drafting));
}

#[test]
fn large_batches_stop_paying() {
    let (target, draft) = (deployed("llama-3.1-70b", "h200"), deployed("llama-3.2-1b", "h200"));
    let at = |sequences| {
        let task = Task { sequences, prompt: 100, output: 20 };
        chain(&target, &Draft::Model(&draft), &task, (5, 0.7), 2.0).unwrap()
    };
    let batch = at(1).slower_from_batch.unwrap();
    assert!(at(1).speed_up_per_token > 2.0);
    assert!(at(batch - 1).speed_up_per_token >= 1.0 && at(batch).speed_up_per_token < 1.0, "{batch}");
}

#[test]
fn a_head_of_medusa_costs_its_layers() {
    // A square of the width and a table of the vocabulary (arXiv:2401.10774, section 2.1.1): 4096² + 4096·32000.
    let target = deployed("llama-2-7b", "a100");
    let head = medusa_head(&target).unwrap();
    let sum = params(head.model(), &Workload::decode(1, 0), head.options()).unwrap();
    assert_eq!(sum.total, 4096 * 4096 + 4096 * 32_000);
    let step = head.step(&[Part::decode(3, 9)]).unwrap();
    assert_eq!(step.bits.weights / 16, 4096 * 4096 + 4096 * 32_000);
    assert_eq!(step.matmul, 3 * 2 * (4096 * 4096 + 4096 * 32_000));
    let tree = Tree::product(&[vec![0.6, 0.2], vec![0.5, 0.2, 0.1]]).unwrap();
    let task = Task { sequences: 1, prompt: 100, output: 30 };
    let found = speculation(&target, &Draft::Heads { head: &head, count: 2 }, &task, &tree, 2.2).unwrap();
    // 2 + 2·3 nodes; 1 + 0.8 + 0.8·0.8 tokens.
    assert_eq!((found.drafted, found.depth), (8, 2));
    assert!(close(found.tokens_per_round, 1.0 + 0.8 + 0.64));
    assert!(close(found.round.draft.weights, 2.0 * 2.0 * (4096.0 * 4096.0 + 4096.0 * 32_000.0)));
    // The prompt is read by the model alone.
    let prompt = Mean::from(&target.step(&[Part::prefill(1, 100)]).unwrap());
    assert_eq!(found.prefill, prompt);
}

#[test]
fn odd_drafts_are_warned_of() {
    let warned = |target: &str, draft: &str| {
        let (target, draft) = (deployed(target, "h100"), deployed(draft, "h100"));
        chain(&target, &Draft::Model(&draft), &Task { output: 2, ..TASK }, (1, 0.5), 2.0).unwrap().warnings
    };
    assert_eq!(warned("llama-2-13b", "llama-2-7b"), Vec::<String>::new());
    let larger = warned("llama-2-7b", "llama-2-13b");
    assert_eq!(larger.len(), 1);
    assert!(larger[0].contains("more than the 6738415616 of llama-2-7b"), "{larger:?}");
    let other = warned("llama-3.1-8b", "llama-2-7b");
    assert_eq!(other, ["the draft llama-2-7b has a vocabulary of 32000, llama-3.1-8b one of 128256"]);
}

#[test]
fn trees_are_read_from_csv() {
    let tree = Tree::from_csv("node,parent,acceptance\na,,0.6\nb,,0.3\nc,a,0.5\n").unwrap();
    let node = |parent, acceptance| Node { parent, acceptance };
    assert_eq!(tree.nodes(), [node(None, 0.6), node(None, 0.3), node(Some(0), 0.5)]);
    assert!(close(tree.expected_tokens(), 1.0 + 0.6 + 0.3 + 0.3));
    for (text, said) in [
        ("a,b,0.5\n", "line 3, parent: found `b`, expected the name of a node in a line before, or nothing"),
        ("a,a,0.5\n", "line 3, parent: found `a`"),
        ("r,,0.5\n", "line 3, node: found `r`, expected a name that no line before has"),
        (",,0.5\n", "line 3, node: found nothing"),
        ("a,r,1.5\n", "line 3, acceptance: found `1.5`, expected a probability"),
        ("a,r,-0.1\n", "line 3, acceptance: found `-0.1`"),
        ("a,r,x\n", "line 3, acceptance: found `x`"),
        ("a,r,nan\n", "line 3, acceptance: found `nan`"),
        ("a,r\n", "line 3: found 2 columns, expected 3"),
        ("a,,0.7\n", "node 2, acceptance: found 1.2 with those that follow the same token, expected at most 1"),
    ] {
        let error = Tree::from_csv(&format!("node,parent,acceptance\nr,,0.5\n{text}")).unwrap_err().to_string();
        assert!(error.contains(said), "{text:?}: {error}");
    }
}

#[test]
fn wrong_drafts_are_refused() {
    let (target, draft) = pair();
    let draft = Draft::Model(&draft);
    let chained = |gamma, acceptance, goal| chain(&target, &draft, &TASK, (gamma, acceptance), goal);
    for (result, said) in [
        (chained(0, 0.5, 2.0), "gamma: found 0, expected at least 1 drafted token"),
        (chained(3, 1.5, 2.0), "acceptance: found 1.5, expected a probability: a number from 0 to 1"),
        (chained(3, -0.1, 2.0), "acceptance: found -0.1"),
        (chained(3, f64::NAN, 2.0), "acceptance: found NaN"),
        (chained(3, 0.5, 0.0), "goal: found 0, expected a positive number"),
        (chained(1 << 20, 0.5, 2.0), "gamma: found 1048576, expected at most 16384 drafted tokens"),
    ] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    for (nodes, said) in [
        (vec![Node { parent: Some(0), acceptance: 0.5 }], "node 1, parent: found node 1, expected a node before it"),
        (vec![Node { parent: Some(7), acceptance: 0.5 }], "node 1, parent: found node 8"),
        (vec![Node { parent: None, acceptance: 2.0 }], "node 1, acceptance: found 2, expected a probability"),
    ] {
        let error = Tree::new(nodes).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert!(Tree::product(&[vec![0.001; 300], vec![0.001; 300]]).unwrap_err().to_string().contains("at most 65536"));
    let small = on(catalogue::find("gpt2").unwrap(), "h100");
    let long = Task { sequences: 1, prompt: 1000, output: 50 };
    assert!(chain(&small, &draft, &long, (1, 0.5), 2.0).unwrap_err().to_string().contains("expected at most 1024"));
}
