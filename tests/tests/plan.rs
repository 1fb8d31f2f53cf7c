//! What a plan evaluates is what the derivation counts.

use cost_core::cost::{Formats, Kernel, Masking, Pattern, Routing, Totals, Traffic, kernels, totals};
use cost_core::expr::{Expr, Rational};
use cost_core::format::{Class, Format};
use cost_core::hardware::{self, Hardware};
use cost_core::op::{Op, Role};
use cost_core::plan::{Column, Count, Row};
use cost_core::roofline::total_time;
use cost_core::{Error, Operator, Options, Plan, Result};
use cost_models::ops::{Attention, GqaAttention, Linear};
use cost_models::{Model, Steps, Workload, catalogue};
use cost_tests::conditions::conditions;
use cost_tests::random::{Case, RANK, cases};
use proptest::prelude::*;
use serde_json::json;

/// Rows that something is left of: a kernel that doesn't run, or does nothing, may be left out.
fn counted(kernels: &[Kernel<u128>]) -> Result<Vec<Row<u128>>> {
    let rows = kernels.iter().map(|it| Ok(Row { repeat: it.repeat, flops: it.flops.clone(), bits: it.bits()? }));
    rows.collect::<Result<Vec<_>>>().map(|rows| rows.into_iter().filter(counts).collect())
}

fn counts(row: &Row<u128>) -> bool {
    let Row { repeat, flops, bits } = row;
    let work = flops.by_class.iter().any(|n| *n > 0) || flops.vector > 0;
    *repeat > 0 && (work || bits.total() != Ok(0))
}

/// A plan whose free axes are those of the operator that are marked, the others fixed.
fn plan(op: &Op<'_>, sizes: &[u64], free: &[bool], options: &Options) -> (Result<Plan>, Vec<u64>) {
    let (mut names, mut exprs, mut at) = (vec![], vec![], vec![]);
    for ((name, size), free) in op.axes.iter().zip(sizes).zip(free) {
        exprs.push(if *free {
            names.push(*name);
            at.push(*size);
            Expr::axis(u16::try_from(at.len() - 1).unwrap())
        } else {
            Expr::int(i128::from(*size))
        });
    }
    (Plan::new(op, &names, &exprs, options), at)
}

/// What is derived and what a plan gives, which are the same to the last bit; nothing where both are errors.
fn exactly(op: &Op<'_>, sizes: &[u64], free: &[bool], options: &Options) -> Result<Option<Planned>, TestCaseError> {
    let wide: Vec<u128> = sizes.iter().map(|size| u128::from(*size)).collect();
    let derived = kernels(op, &wide, options).and_then(|kernels| Ok((totals(&kernels)?, kernels)));
    let (plan, at) = plan(op, sizes, free, options);
    let found = plan.and_then(|plan| {
        let rows = plan.table::<u128>().at(&at)?.to_vec();
        Ok((rows, plan.summary::<u128>().at(&at)?, plan))
    });
    let ((total, kernels), (rows, sum, plan)) = match (derived, found) {
        (Ok(derived), Ok(found)) => (derived, found),
        // Of several things that are wrong, either may be named.
        (Err(_), Err(_)) => return Ok(None),
        (derived, found) => {
            prop_assert!(false, "derived {derived:?}\nplanned {found:?}");
            return Ok(None);
        }
    };
    let rows: Vec<_> = rows.into_iter().filter(counts).collect();
    prop_assert_eq!(&rows, &counted(&kernels).unwrap());
    prop_assert_eq!(&sum, &total);
    Ok(Some(Planned { kernels, plan, at, sum }))
}

/// A plan, a point of it and what both evaluations give there.
struct Planned {
    kernels: Vec<Kernel<u128>>,
    plan: Plan,
    at: Vec<u64>,
    sum: Totals<u128>,
}

fn same(op: &Op<'_>, sizes: &[u64], free: &[bool], options: &Options) -> Result<(), TestCaseError> {
    let Some(Planned { kernels, plan, at, sum }) = exactly(op, sizes, free, options)? else { return Ok(()) };
    let floats: Vec<f64> = at.iter().map(|size| *size as f64).collect();
    let near = plan.summary::<f64>().at(&floats).unwrap();
    for (exact, near) in sum.flops.by_class.iter().zip(&near.flops.by_class) {
        prop_assert!(close(*exact, *near), "{exact} {near}");
    }
    prop_assert!(close(sum.flops.vector, near.flops.vector));
    prop_assert!(close(sum.bits.acts_read, near.bits.acts_read));
    // Each tensor of an expert is rounded to whole bits.
    let rounded: f64 = kernels.iter().map(|it| it.repeat as f64 * it.operands.len() as f64 / 2.0).sum();
    for (exact, near) in [
        (sum.bits.weights, near.bits.weights),
        (sum.bits.cache_read, near.bits.cache_read),
        (sum.bits.cache_written, near.bits.cache_written),
    ] {
        prop_assert!((exact as f64 - near).abs() <= rounded + 1e-9 * near, "{exact} {near}");
    }
    Ok(())
}

fn close(exact: u128, near: f64) -> bool {
    (exact as f64 - near).abs() <= 1e-9 * near
}

fn options() -> impl Strategy<Value = Options> {
    let format = prop::sample::select(vec![
        "bf16",
        "int8:g3:f16",
        "int4:g2:f16:int4",
        "mxfp4",
        "fp8:row:f32",
        "int8:tensor:f32",
    ]);
    let routing = prop_oneof![Just(Routing::Expected), Just(Routing::Worst), (0..4_u64).prop_map(Routing::Given)];
    let pattern = prop::sample::select(vec!["a", "*.own", "m", "*.z", "random", "callee*", "nothing"]);
    let set = prop::collection::vec((pattern, format.clone()), 0..3);
    let formats = (format.clone(), format.clone(), format, set).prop_map(|(weights, acts, cache, set)| {
        let [weights, acts, cache] = [weights, acts, cache].map(|text| Some(Format::known(text)));
        let set = set.into_iter().map(|(pattern, format)| (Pattern::new(pattern), Format::known(format))).collect();
        Formats { weights, acts, cache, set, ..Formats::default() }
    });
    let pattern = prop::sample::select(vec!["*", "m", "*.z", "random*"]).prop_map(Pattern::new);
    let multiply = prop::collection::vec((pattern, prop::sample::select(Class::ALL.to_vec())), 0..2);
    (formats, any::<bool>(), routing, multiply).prop_map(|(formats, dense, routing, multiply)| {
        let masking = if dense { Masking::Dense } else { Masking::Exact };
        Options { formats, masking, routing, multiply }
    })
}

proptest! {
    #![proptest_config(cost_tests::config::tried(2000))]

    #[test]
    fn plans_are_the_derivation(case in cases(), free in prop::collection::vec(any::<bool>(), RANK), options in options()) {
        let Case { op, sizes } = case;
        let sizes: Vec<u64> = sizes.iter().map(|size| *size as u64).collect();
        same(op, &sizes, &free, &options)?;
    }

    /// Sizes that nothing was made sure of: the errors are the same too.
    #[test]
    fn plans_fail_as_the_derivation_does(
        case in cases(), sizes in prop::collection::vec(0..5_u64, RANK), free in prop::collection::vec(any::<bool>(), RANK),
        options in options(),
    ) {
        same(case.op, &sizes, &free, &options)?;
    }

    /// Counts of more than 64 bits are exact, those of more than 128 errors.
    #[test]
    fn plans_are_the_derivation_beyond_64_bits(
        case in cases(), factors in prop::collection::vec(factor(), RANK), options in options(),
        free in prop::collection::vec(any::<bool>(), RANK),
    ) {
        let Case { op, sizes } = case;
        let at = |name: &str| op.axis_named(name).map_or(0, usize::from);
        let mut larger: Vec<u64> = sizes.iter().zip(factors).map(|(size, factor)| factor.saturating_mul(*size as u64)).collect();
        // Expectations are made of few experts.
        for axis in [at("e"), at("top")].into_iter().chain(conditions(op).into_iter().map(usize::from)) {
            larger[axis] = sizes[axis] as u64;
        }
        larger[at("t")] = larger[at("t")].max(larger[at("s")]);
        exactly(op, &larger, &free, &options)?;
    }
}

/// What makes sizes so large that some products and sums are about as large as words.
fn factor() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => Just(1),
        3 => (0..56_u32).prop_map(|shift| 1 << shift),
        1 => (0..64_u32, any::<u64>()).prop_map(|(shift, any)| any >> shift),
    ]
}

/// Lengths about as large as words, each with each: what attention counts of them fits 128 bits or doesn't.
#[test]
fn lengths_as_large_as_words_are_exact_or_errors() {
    let large =
        [1 << 31, 1 << 32, 1 << 63, u64::MAX].into_iter().flat_map(|size| [size - 1, size, size.saturating_add(1)]);
    let sizes: Vec<u64> = [1, 2].into_iter().chain(large).collect();
    let formats = ["bf16", "int8:g3:f16"].map(|format| Some(Format::known(format)));
    for (s, t) in sizes.iter().flat_map(|s| sizes.iter().map(move |t| (*s, *t))) {
        for (cache, masking) in formats.iter().flat_map(|cache| [(*cache, Masking::Exact), (*cache, Masking::Dense)]) {
            let options = Options { formats: Formats { cache, ..Formats::default() }, masking, ..Options::default() };
            exactly(GqaAttention::OP, &[1, s, t, 1, 1, 1], &[true; 6], &options).unwrap();
            for w in &sizes {
                exactly(Attention::OP, &[1, s, t, *w, 1, 1, 1, 1, 0, 0], &[true; 10], &options).unwrap();
            }
        }
    }
}

/// Sizes in terms of others that may come out negative, or be divided by zero.
#[cost_macros::cost(p = (h + 2 - r) / q + 1, m = ceil(p * h / r) - 1)]
fn Windows<h, r, q, p, m>(x: Act<h>, w: Weight<p, r>, v: Weight<q, m>) -> Act<h, p, r, m> {
    x * w * sum::<q>(v)
}

proptest! {
    #[test]
    fn sizes_in_terms_of_others_are_the_derivations(
        sizes in prop::collection::vec(0..7_u64, 5), free in prop::collection::vec(any::<bool>(), 5), options in options(),
    ) {
        same(Windows::OP, &sizes, &free, &options)?;
    }
}

/// Every count, and the times on two devices.
fn every(devices: &[Hardware]) -> Vec<Column<'_>> {
    let counts = COUNTS.into_iter().map(Column::Count);
    let times = devices.iter().flat_map(|it| [Column::Compute(it), Column::Memory(it), Column::LowerBound(it)]);
    counts.chain(times).collect()
}

const COUNTS: [Count; 10] = [
    Count::Flops,
    Count::Matmul,
    Count::Of(Class::F16),
    Count::Vector,
    Count::Bits,
    Count::Weights,
    Count::ActsRead,
    Count::ActsWritten,
    Count::CacheRead,
    Count::CacheWritten,
];

fn devices() -> [Hardware; 2] {
    ["h100", "h20"].map(|name| hardware::find(name).unwrap())
}

/// Columns at each of these points, one by one and all at once.
fn alone_and_together(plan: &Plan, points: &[Vec<u64>]) -> [Result<Vec<Vec<f64>>>; 2] {
    let devices = devices();
    let wanted = every(&devices);
    let mut columns = plan.columns(&wanted).unwrap();
    let axes: Vec<Vec<f64>> =
        (0..plan.axes().len()).map(|axis| points.iter().map(|it| it[axis] as f64).collect()).collect();
    let axes: Vec<&[f64]> = axes.iter().map(Vec::as_slice).collect();
    let mut together = vec![vec![0.0; points.len()]; wanted.len()];
    let mut slices: Vec<&mut [f64]> = together.iter_mut().map(Vec::as_mut_slice).collect();
    let filled = columns.fill_parallel(&axes, &mut slices);
    let mut alone = vec![vec![0.0; points.len()]; wanted.len()];
    let mut out = vec![0.0; wanted.len()];
    let mut each = || {
        for (row, point) in points.iter().enumerate() {
            let point: Vec<f64> = point.iter().map(|size| *size as f64).collect();
            columns.at(&point, &mut out)?;
            for (column, value) in alone.iter_mut().zip(&out) {
                column[row] = *value;
            }
        }
        Ok(())
    };
    let found = each();
    [found.map(|()| alone), filled.map(|()| together)]
}

/// More rows than one thread takes at a time, and a last block that isn't full.
#[test]
fn threads_share_the_rows() {
    for name in ["llama-3-70b", "deepseek-v3"] {
        let points: Vec<Vec<u64>> = (0..50_003).map(|i| vec![i % 97 + 1, i * 13 % 131_072]).collect();
        let [alone, together] = alone_and_together(&decode(name), &points);
        let bits = |columns: Vec<Vec<f64>>| columns.into_iter().flatten().map(f64::to_bits).collect::<Vec<_>>();
        assert!(bits(alone.unwrap()) == bits(together.unwrap()), "{name}");
    }
}

proptest! {
    #![proptest_config(cost_tests::config::tried(500))]

    /// The same numbers to the bit, whether by themselves or in a block; and the times that kernels have one by one.
    #[test]
    fn columns_are_the_points_one_by_one(
        case in cases(), options in options(), free in prop::collection::vec(any::<bool>(), RANK),
        batches in prop::collection::vec(1..5000_u64, 1..200),
    ) {
        let sizes: Vec<u64> = case.sizes.iter().map(|size| *size as u64).collect();
        let (plan, at) = plan(case.op, &sizes, &free, &options);
        // Without free axes there are no rows; some choices of experts are errors.
        prop_assume!(!at.is_empty() && plan.is_ok());
        let plan = plan.unwrap();
        let points: Vec<Vec<u64>> = batches
            .iter()
            .map(|batch| {
                let scaled = |(name, size): (&String, &u64)| {
                    let large = matches!(name.as_str(), "s" | "t" | "x" | "y" | "v" | "u");
                    if large { size * batch } else { *size }
                };
                plan.axes().iter().zip(&at).map(scaled).collect()
            })
            .collect();
        let [alone, together] = alone_and_together(&plan, &points);
        prop_assert_eq!(alone.is_ok(), together.is_ok(), "{:?} {:?}", alone, together);
        prop_assume!(alone.is_ok());
        let (alone, together) = (alone.unwrap(), together.unwrap());
        for (alone, together) in alone.iter().zip(&together) {
            let bits = |column: &[f64]| column.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(alone), bits(together));
        }
        for (row, point) in points.iter().enumerate().take(3) {
            let mut axes = at.iter().zip(point);
            let sizes = sizes.iter().zip(&free).map(|(size, free)| {
                if *free { axes.next().map_or(0, |(_, size)| u128::from(*size)) } else { u128::from(*size) }
            });
            let kernels = kernels(case.op, &sizes.collect::<Vec<_>>(), &options).unwrap();
            for (device, times) in devices().iter().zip(alone[COUNTS.len()..].chunks(3)) {
                let time = total_time(&kernels, device).unwrap();
                for (exact, near) in [time.compute_s, time.memory_s, time.lower_bound_s].iter().zip(times) {
                    // Routed weights are rounded to whole bits there.
                    prop_assert!((exact - near[row]).abs() <= 1e-9 * exact + 1e-10, "{exact} {}", near[row]);
                }
            }
        }
    }
}

/// Numbers that a config is made of.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    hidden: u64,
    ffn: u64,
    layers: u64,
    kv_heads: u64,
    group: u64,
    head_dim: u64,
    vocab: u64,
    experts: u64,
    top: u64,
    window: u64,
}

/// A model of random sizes: grouped queries, sliding windows, routed experts, latent attention, a recurrence.
fn random_model(family: &str, it: Numbers) -> Model {
    let mut config = json!({
        "model_type": family, "hidden_size": it.hidden, "intermediate_size": it.ffn, "num_hidden_layers": it.layers,
        "num_attention_heads": it.kv_heads * it.group, "num_key_value_heads": it.kv_heads, "head_dim": it.head_dim,
        "vocab_size": it.vocab,
    });
    let more = match family {
        "mixtral" => json!({ "num_local_experts": it.experts, "num_experts_per_tok": it.top }),
        "mistral" => json!({ "sliding_window": it.window }),
        "gemma2" => json!({ "sliding_window": it.window, "query_pre_attn_scalar": 1 }),
        "deepseek_v3" => json!({
            "num_key_value_heads": it.kv_heads * it.group, "q_lora_rank": it.ffn, "kv_lora_rank": it.head_dim * 4,
            "qk_nope_head_dim": it.head_dim, "qk_rope_head_dim": 8, "v_head_dim": it.head_dim,
            "n_routed_experts": it.experts * 8, "n_group": 1, "topk_group": 1, "num_experts_per_tok": it.top,
            "moe_intermediate_size": it.window, "n_shared_experts": 1, "first_k_dense_replace": it.layers / 2,
            "head_dim": null,
        }),
        "mamba2" => json!({
            "num_heads": it.kv_heads * 2, "head_dim": it.head_dim, "expand": 2, "state_size": it.ffn, "n_groups": 1,
            "hidden_size": it.kv_heads * it.head_dim, "num_attention_heads": null, "num_key_value_heads": null,
            "intermediate_size": null,
        }),
        _ => json!({}),
    };
    let fields = config.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    // What the family has no such field for.
    fields.retain(|_, value| !value.is_null());
    Model::from_config("random", &config.to_string()).unwrap()
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let sizes = (1..64_u64, 1..200_u64, 1..90_u64, 1..9_u64, 1..9_u64, 1..17_u64);
    (sizes, 100..200_000_u64, 8..65_u64, 1..9_u64, 1..5000_u64).prop_map(|(sizes, vocab, experts, top, window)| {
        let (hidden, ffn, layers, kv_heads, group, head_dim) = sizes;
        let (hidden, ffn, head_dim) = (hidden * 64, ffn * 32, head_dim * 8);
        Numbers { hidden, ffn, layers, kv_heads, group, head_dim, vocab, experts, top, window }
    })
}

proptest! {
    #![proptest_config(cost_tests::config::tried(200))]

    /// On random models, in random formats, at random steps: the closed formulas, the exact derivation, the compiled plan
    /// exactly and in floating point.
    #[test]
    fn four_evaluations_are_one_count(
        family in prop::sample::select(vec!["llama", "mistral", "gemma2", "mixtral", "deepseek_v3", "mamba2"]),
        numbers in numbers(), options in options(), prefill in any::<bool>(),
        batch in 1..300_u64, tokens in 1..5000_u64, past in 0..200_000_u64,
    ) {
        let model = random_model(family, numbers);
        let (workload, steps, at) = if prefill {
            (Workload { past, ..Workload::prefill(batch, tokens) }, Steps::chunks(), vec![batch, tokens, past])
        } else {
            (Workload::decode(batch, past), Steps::decode(), vec![batch, past])
        };
        let derived = model.kernels(&workload, &options);
        let plan = model.plan(&steps, &options);
        // More distinct experts than there are, or fewer than one token uses.
        prop_assume!(derived.is_ok() && plan.is_ok());
        let (derived, plan) = (totals(&derived.unwrap()).unwrap(), plan.unwrap());
        prop_assert_eq!(&plan.summary::<u128>().at(&at).unwrap(), &derived);

        let formulas = totals(&model.formulas(workload.phase, &options).unwrap()).unwrap();
        let sizes: Vec<u64> = model.sizes(&workload).unwrap().into_iter().map(|n| u64::try_from(n).unwrap()).collect();
        let floats: Vec<f64> = sizes.iter().map(|size| *size as f64).collect();
        let point: Vec<f64> = at.iter().map(|size| *size as f64).collect();
        let near = plan.summary::<f64>().at(&point).unwrap();
        let all = |it: &Totals<u128>| {
            let Traffic { weights, acts_read, acts_written, cache_read, cache_written } = it.bits;
            [it.flops.matmul().unwrap(), it.flops.vector, acts_read, acts_written, cache_read, cache_written, weights]
        };
        let Traffic { weights, acts_read, acts_written, cache_read, cache_written } = &formulas.bits;
        let matmul = formulas.flops.matmul().unwrap();
        let symbolic = [&matmul, &formulas.flops.vector, acts_read, acts_written, cache_read, cache_written, weights];
        let Traffic { weights, acts_read, acts_written, cache_read, cache_written } = near.bits;
        let floating =
            [near.flops.by_class.iter().sum(), near.flops.vector, acts_read, acts_written, cache_read, cache_written, weights];
        // What a tensor of an expert takes is rounded to whole bits: once for each of a layer's.
        let rounded = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 8.0 * numbers.layers as f64];
        for (((exact, formula), floating), rounded) in all(&derived).into_iter().zip(symbolic).zip(floating).zip(rounded) {
            let value = formula.to_f64(&floats);
            prop_assert!((value - exact as f64).abs() <= rounded + 1e-9 * value, "{exact} {value}");
            prop_assert!((floating - exact as f64).abs() <= rounded + 1e-9 * value, "{exact} {floating}");
            // Expectations have no exact value where there are many tokens.
            if let Ok(value) = formula.value(&sizes)
                && rounded == 0.0
            {
                prop_assert_eq!(value, Rational::int(i128::try_from(exact).unwrap()));
            }
        }
    }
}

fn decode(name: &str) -> Plan {
    catalogue::find(name).unwrap().plan(&Steps::decode(), &Options::default()).unwrap()
}

/// Every built-in model, at steps of each kind, is what its kernels are.
#[test]
fn models_plan_what_they_count() {
    for entry in catalogue::ENTRIES {
        let model = catalogue::find(entry.name).unwrap();
        let options = Options::default();
        for (steps, workload, at) in [
            (Steps::decode(), Workload::decode(7, 4096), vec![7, 4096]),
            (Steps::prefill(), Workload::prefill(3, 512), vec![3, 512]),
            (Steps::chunks(), Workload { past: 9000, ..Workload::prefill(2, 300) }, vec![2, 300, 9000]),
        ] {
            let kernels = model.kernels(&workload, &options).unwrap();
            let plan = model.plan(&steps, &options).unwrap();
            let mut table = plan.table::<u128>();
            assert_eq!(table.at(&at).unwrap(), counted(&kernels).unwrap(), "{}", entry.name);
            let paths: Vec<&String> = kernels.iter().map(|kernel| &kernel.path).collect();
            assert_eq!(table.paths().iter().collect::<Vec<_>>(), paths);
            assert_eq!(plan.summary::<u128>().at(&at).unwrap(), totals(&kernels).unwrap(), "{}", entry.name);
            let plan = model.plan_with_memory(&steps, &options).unwrap();
            let mut held = [0; 5];
            let wanted =
                [Count::HeldWeights, Count::HeldCaches, Count::HeldStates, Count::HeldActivations, Count::Held];
            plan.exact_columns(&wanted).unwrap().at(&at, &mut held).unwrap();
            let tensors = model.tensors(&workload, &options).unwrap();
            let of = |role| tensors.iter().filter(|it| it.role == role).map(|it| it.bits * it.copies).sum::<u128>();
            let peak = model.peak(&workload, &options).unwrap();
            let parts = [of(Role::Weight), of(Role::Cache), of(Role::State), peak];
            assert_eq!((&held[..4], held[4]), (&parts[..], parts.iter().sum()), "{}", entry.name);
        }
    }
}

/// Counts of more than 64 bits, and of more than 128.
#[test]
fn large_counts_are_exact_or_errors() {
    let plan = decode("llama-2-7b");
    let model = catalogue::find("llama-2-7b").unwrap();
    let mut summary = plan.summary::<u128>();
    for (batch, past) in [(1, 1), (1 << 30, 1 << 30), (1 << 40, 1 << 40), (1, u64::MAX), (u64::MAX, 1 << 30)] {
        let kernels = model.kernels(&Workload::decode(batch, past), &Options::default()).unwrap();
        assert_eq!(summary.at(&[batch, past]).unwrap(), totals(&kernels).unwrap(), "{batch} {past}");
    }
    let found = summary.at(&[u64::MAX, u64::MAX]);
    assert!(matches!(found, Err(Error::Overflow { .. })), "{found:?}");
    // Nothing is left of the error.
    assert!(summary.at(&[1, 1]).is_ok());
}

/// 4 experts of 8 for a token, 6 of 2 axes free: what is required of sizes is required at each point.
#[test]
fn points_that_make_no_sense_are_errors() {
    let free = |op: &Op<'_>| {
        let axes: Vec<Expr> = (0..).map(Expr::axis).take(op.axes.len()).collect();
        Plan::new(op, op.axes, &axes, &Options::default()).unwrap()
    };
    let causal = free(GqaAttention::OP).summary::<u128>().at(&[1, 5, 4, 1, 1, 1]);
    let text = "GqaAttention has a mask with s = 5 new positions out of t = 4; expected s to be at most t";
    assert_eq!(causal.unwrap_err().to_string(), text);
    let causal = free(GqaAttention::OP).summary::<f64>().at(&[1.0, 5.0, 4.0, 1.0, 1.0, 1.0]);
    assert_eq!(causal.unwrap_err().to_string(), text);
    let mut columns = decode("llama-2-7b").columns(&[Column::Count(Count::Flops)]).unwrap();
    let negative = decode("llama-2-7b").summary::<f64>().at(&[-1.0, 0.0]).unwrap_err().to_string();
    assert_eq!(negative, "the size of axis batch is -1; expected a number from 0 to 2^53");
    let mut one = |sizes: &[f64]| columns.at(sizes, &mut [0.0]).unwrap_err().to_string();
    assert_eq!(one(&[-1.0, 0.0]), "the size of axis batch is -1; expected a number from 0 to 2^53");
    assert_eq!(one(&[1e300, 0.0]), format!("the size of axis batch is {}; expected a number from 0 to 2^53", 1e300));
    let held = decode("llama-2-7b").columns(&[Column::Count(Count::HeldCaches)]).unwrap_err().to_string();
    assert!(held.starts_with("the plan of Decoder knows nothing of what stays in memory"), "{held}");
    assert_eq!(one(&[1.0, f64::NAN]), "the size of axis past is NaN; expected a number from 0 to 2^53");
    assert_eq!(one(&[1.0]), "the plan of Decoder has 2 axes and was given 1 sizes");
    let [mut a, mut b] = [[0.0; 3], [0.0; 3]];
    let many = |sizes: &[&[f64]], out: &mut [&mut [f64]]| columns.fill(sizes, out).unwrap_err().to_string();
    let text = "column past has 2 rows; expected 3 as in the first";
    assert_eq!(many(&[&[1.0; 3], &[1.0; 2]], &mut [&mut a]), text);
    assert_eq!(many(&[&[1.0; 2], &[1.0; 2]], &mut [&mut a]), "column result 1 has 3 rows; expected 2 as in the first");
    let text = "there are 1 columns of results and room for 2";
    assert_eq!(many(&[&[1.0; 3], &[1.0; 3]], &mut [&mut a, &mut b]), text);
    let half = Expr::axis(0).scaled(Rational::new(1, 2).unwrap()).unwrap();
    let found = Plan::new(Linear::OP, &["b"], &[half.clone(), half.clone(), half.clone(), half], &Options::default());
    let text = "the description of Linear is wrong: the size of its axis b is no whole number";
    assert_eq!(found.unwrap_err().to_string(), text);
}

/// At a new point nothing is allocated, of any of what evaluates points; by columns only once for all rows.
#[test]
fn points_allocate_nothing() {
    let allocated = |run: &mut dyn FnMut()| allocation_counter::measure(run).count_total;
    for name in ["llama-3-70b", "deepseek-v3", "qwen3-next-80b-a3b"] {
        let (plan, device) = (decode(name), hardware::find("h100").unwrap());
        let mut table = plan.table::<u128>();
        let mut exact = plan.summary::<u128>();
        let mut floating = plan.summary::<f64>();
        let mut step = plan.on(&device).unwrap();
        let mut points = || {
            for past in [0_u32, 1, 4096, 131_072] {
                table.at(&[3, past.into()]).unwrap();
                exact.at(&[3, past.into()]).unwrap();
                floating.at(&[3.0, past.into()]).unwrap();
                step.at(&[3.0, past.into()]).unwrap();
            }
        };
        assert_eq!(allocated(&mut points), 0, "{name}");
        assert!(allocated(&mut || drop(decode(name))) > 0);
        let columns = plan.columns(&[Column::Count(Count::Flops), Column::LowerBound(&device)]).unwrap();
        let fill = |rows: usize| {
            let (sizes, mut flops, mut times) = (vec![7.0; rows], vec![0.0; rows], vec![0.0; rows]);
            allocated(&mut || columns.fill(&[&sizes, &sizes], &mut [&mut flops, &mut times]).unwrap())
        };
        assert_eq!(fill(10_000), fill(1), "{name}");
    }
}

/// Exact columns are the exact totals, row by row.
#[test]
fn exact_columns_are_the_totals() {
    let plan = decode("llama-3-70b");
    let (mut columns, mut summary) = (plan.exact_columns(&COUNTS).unwrap(), plan.summary::<u128>());
    let (batches, pasts) = ([1, 2, 1 << 40, 64], [0, 131_072, 1 << 30, 1]);
    let mut out = [[0; 4]; COUNTS.len()];
    let mut slices: Vec<&mut [u128]> = out.iter_mut().map(<[_; 4]>::as_mut_slice).collect();
    columns.fill(&[&batches, &pasts], &mut slices).unwrap();
    for row in 0..4 {
        let totals = summary.at(&[batches[row], pasts[row]]).unwrap();
        let matmul = totals.flops.matmul().unwrap();
        let Traffic { weights, acts_read, acts_written, cache_read, cache_written } = totals.bits;
        let (flops, bits) = (totals.flops.total().unwrap(), totals.bits.total().unwrap());
        let f16 = *totals.flops.of(Class::F16);
        let vector = totals.flops.vector;
        let expected = [flops, matmul, f16, vector, bits, weights, acts_read, acts_written, cache_read, cache_written];
        assert_eq!(out.map(|column| column[row]), expected);
    }
}

/// Two products.
#[cost_macros::cost]
fn Twice<c, d, f, g>(x: Act<d>, first: Weight<d, f>, y: Act<c>, second: Weight<c, g>) -> Act<f, g> {
    dot::<d>(x, first) * dot::<c>(y, second)
}

/// 16·2⁴⁰·2¹⁹ = 2⁶³ bits of each weight fit in 64 bits. The sum, 2⁶⁴, doesn't, and nothing else is that large.
#[test]
fn sums_beyond_64_bits_are_exact() {
    let op = Twice { c: 1 << 40, d: 1 << 40, f: 1 << 19, g: 1 << 19 };
    let (plan, at) = plan(Twice::OP, &op.given(), &[true; 4], &Options::default());
    let found = plan.unwrap().summary::<u128>().at(&at).unwrap();
    assert_eq!((found.bits.weights, found.bits.acts_read), (1 << 64, 1 << 45));
}

/// A table that is its own head where `tied` is 1.
#[cost_macros::cost]
fn TiedHead<b, d, v, tied>(x: Act<b, d>, embed: Weight<v, d>, #[tied(embed, tied)] head: Weight<v, d>) -> Act<b, v> {
    let y = dot::<d>(x, embed);
    y + dot::<d>(x, head)
}

/// A weight in a format of its own is no longer the one that it is tied to: where that is free, a plan can't say.
#[test]
fn tied_weights_of_two_formats_are_errors() {
    let set = vec![(Pattern::new("head"), Format::known("int8"))];
    let options = Options { formats: Formats { set, ..Formats::default() }, ..Options::default() };
    let sizes = |tied| [2, 3, 5, tied];
    // 16 and 8 bits of 15 elements; tied, there is only the one of 16.
    let weights = |tied| {
        let totals = totals(&kernels::<u128>(TiedHead::OP, &sizes(tied).map(u128::from), &options).unwrap()).unwrap();
        totals.bits.weights
    };
    assert_eq!((weights(0), weights(1)), (24 * 15, 16 * 15));
    let at = |tied| {
        let (plan, at) = plan(TiedHead::OP, &sizes(tied), &[false, false, false, true], &options);
        plan.and_then(|plan| plan.summary::<u128>().at(&at))
    };
    assert_eq!(at(0).unwrap().bits.weights, 24 * 15);
    let found = at(1);
    assert!(
        matches!(&found, Err(Error::Description { message, .. }) if message.contains("another format")),
        "{found:?}"
    );
}
