//! What `cost explain` says of a kernel adds up to what is derived of it: of every kernel of every built-in model and operator.

use cost_core::Options;
use cost_core::cost::{At, Kernel, Num, Pattern, axes};
use cost_core::op::Op;
use cost_models::{Phase, Workload, catalogue, operators};

fn check<N: Num + core::fmt::Debug>(name: &str, op: &Op<'_>, sizes: &[N], options: &Options) -> usize {
    At::with(op, sizes, options, |at| {
        let kernels = at.kernels()?;
        for kernel in &kernels {
            let it = at.explained(kernel)?;
            let sum = it.steps.iter().try_fold(N::int(0), |sum, step| sum.plus(&step.flops))?;
            assert_eq!(sum, kernel.flops.total()?, "{name}: {}", kernel.path);
            for (class, flops) in cost_core::format::Class::ALL.iter().zip(&kernel.flops.by_class) {
                let of = it.steps.iter().filter(|step| step.class == Some(*class));
                let sum = of.map(|step| &step.flops).try_fold(N::int(0), |sum, flops| sum.plus(flops))?;
                assert_eq!(sum, *flops, "{name}: {} in {}", kernel.path, class.name());
            }
            let moved: Vec<_> = it.moved.iter().map(|moved| operand(&moved.operand)).collect();
            assert_eq!(moved, kernel.operands.iter().map(operand).collect::<Vec<_>>(), "{name}: {}", kernel.path);
            assert!(
                it.steps.iter().all(|step| !step.why.is_empty() && step.per_element > 0),
                "{name}: {}",
                kernel.path
            );
        }
        Ok(kernels.len())
    })
    .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn operand<N: Clone>(it: &cost_core::cost::Operand<N>) -> (String, bool, N) {
    (it.path.clone(), it.written, it.bits.clone())
}

#[test]
fn steps_add_up_to_kernels() {
    let mut count = 0;
    for model in catalogue::ENTRIES.iter().map(|entry| entry.model().unwrap()) {
        let options = model.options(&Options::default()).into_owned();
        let step = if model.is_encoder() { Workload::prefill(2, 64) } else { Workload::decode(3, 100) };
        let (sizes, symbols) = (model.sizes(&step).unwrap(), model.symbols(step.phase).unwrap());
        model.architecture().with(|op| {
            count += check(&model.name, op, &sizes, &options);
            count += check(&model.name, op, &symbols, &options);
        });
    }
    for op in operators() {
        count += check(op.name, op, &axes(op), &Options::default());
    }
    // A check of nothing would hold too.
    assert!(count > 2000, "{count} kernels");
}

/// Patterns of classes and formats, layers that are stored apart, and dense masks.
#[test]
fn steps_add_up_as_they_are_asked_for() {
    let model = catalogue::find("mixtral-8x7b").unwrap();
    let mut asked = Options {
        masking: cost_core::cost::Masking::Dense,
        multiply: vec![(Pattern::new("*.expert.*"), cost_core::format::Class::F8)],
        ..Options::default()
    };
    asked.formats.set.push((Pattern::new("blk.0.*"), "int8".parse().unwrap()));
    let options = model.options(&asked).into_owned();
    for phase in [Phase::Decode, Phase::Prefill] {
        let step = if phase == Phase::Decode { Workload::decode(8, 1000) } else { Workload::prefill(2, 77) };
        let sizes = model.sizes(&step).unwrap();
        model.architecture().with(|op| check(&model.name, op, &sizes, &options));
    }
}

/// A kernel that isn't there is an error, not another kernel.
#[test]
fn another_operators_kernel_is_refused() {
    let linear = operators().find(|op| op.name == "Linear").unwrap();
    let llama = catalogue::find("llama-2-7b").unwrap();
    let step = Workload::decode(1, 1);
    let kernels: Vec<Kernel<u128>> = llama.kernels(&step, &Options::default()).unwrap();
    let inner = kernels.iter().find(|kernel| kernel.path.contains('.')).unwrap();
    let found = At::with(linear, &[1_u128, 2, 3, 4], &Options::default(), |at| at.explained(inner));
    assert!(found.unwrap_err().to_string().contains("no such kernel"));
}
