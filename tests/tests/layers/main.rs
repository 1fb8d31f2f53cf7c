//! Layers of papers, each declared once: what the compiler makes of a file of operators is what reading it as text gives,
//! and what they cost is what one works out by hand from the paper.

#[path = "../../layers/attention.rs"]
pub mod attention;
#[path = "../../layers/experts.rs"]
pub mod experts;
#[path = "../../layers/hyper.rs"]
pub mod hyper;
#[path = "../../layers/mixer.rs"]
pub mod mixer;
#[path = "../../layers/quantised.rs"]
pub mod quantised;
#[path = "../../layers/recommend.rs"]
pub mod recommend;
#[path = "../../layers/recurrent.rs"]
pub mod recurrent;
#[path = "../../layers/shared.rs"]
pub mod shared;
#[path = "../../layers/sparse.rs"]
pub mod sparse;
#[path = "../../layers/training.rs"]
pub mod training;
#[path = "../../layers/vision.rs"]
pub mod vision;

mod blocks;
mod cases;
mod routed;

use cases::{Case, Figures};
use cost_core::cost::{Masking, Routing, axes, kernels, tensors, totals};
use cost_core::op::{Op, Role};
use cost_core::{Operator, Options, Plan};
use cost_models::{cost, operators};
use cost_syntax::text::read;
use cost_tests::counted::{agree, most_agrees};
use cost_tests::steps::{arrays, close, decoded, picked, result, sizes};
use mixer::{DitBlock, MixerBlock};
use recurrent::{
    CausalConv, KimiDeltaRule, Mamba, Mlstm, Rwkv6TimeMix, Rwkv7TimeMix, SelectiveScan, StateSpaceDual, Wkv6, Wkv7,
};
use sparse::NativeSparseAttention;
use vision::Convolution;

/// The files, as text.
const FILES: [&str; 11] = [
    include_str!("../../layers/attention.rs"),
    include_str!("../../layers/experts.rs"),
    include_str!("../../layers/hyper.rs"),
    include_str!("../../layers/mixer.rs"),
    include_str!("../../layers/quantised.rs"),
    include_str!("../../layers/recommend.rs"),
    include_str!("../../layers/recurrent.rs"),
    include_str!("../../layers/shared.rs"),
    include_str!("../../layers/sparse.rs"),
    include_str!("../../layers/training.rs"),
    include_str!("../../layers/vision.rs"),
];

/// What all layers cost, by hand.
fn cases() -> impl Iterator<Item = &'static Case> {
    cases::CASES.iter().chain(blocks::CASES).chain(routed::CASES)
}

/// Holds what a case says against what is derived, and both against what the interpreter counts as it runs the operator.
fn check(op: &Op<'_>, case: &Case) {
    let (given, wanted) = ((case.sizes)(), case.figures);
    let wide: Vec<u128> = given.iter().copied().map(u128::from).collect();
    let sizes: Vec<usize> = given.iter().map(|size| usize::try_from(*size).expect("a small size")).collect();
    let options = Options { routing: Routing::Worst, ..Options::default() };
    let all = kernels(op, &wide, &options).and_then(|all| totals(&all)).unwrap();
    let tensors = tensors(op, &wide, &options).unwrap();
    let params = tensors.iter().filter(|it| it.role == Role::Weight).map(|it| it.elements * it.copies).sum();
    let found = Figures {
        matmul: all.flops.matmul().unwrap(),
        vector: all.flops.vector,
        params,
        weights: wanted.weights.map(|_| all.bits.weights / 8),
        kept: wanted.kept.map(|_| (all.bits.cache_read / 8, all.bits.cache_written / 8)),
    };
    assert_eq!(found, wanted, "{} {sizes:?}", op.name);
    let plan = Plan::new(op, op.axes, &axes(op), &options).unwrap();
    assert_eq!(plan.summary::<u128>().at(&given).unwrap(), all, "the plan of {} {sizes:?}", op.name);
    let counted = agree(op, &sizes, Routing::Worst).and_then(|()| most_agrees(op, &sizes));
    assert_eq!(counted, Ok(()), "{} {sizes:?}", op.name);
}

#[test]
fn layers_cost_what_their_papers_say() {
    for case in cases() {
        check(case.of, case);
    }
}

/// Convolutions of all kinds of widths, strides and paddings see what they show, and read each position once; but for those
/// some of whose weights only ever meet padding, which a kernel needn't read.
#[test]
fn windows_of_all_kinds_see_what_they_show() {
    for (t, r, stride) in (1..8).flat_map(|t| (1..5).flat_map(move |r| (1..5).map(move |stride| (t, r, stride)))) {
        for pad in (0..r).filter(|pad| t + 2 * pad >= r) {
            for p in 1..=(t + 2 * pad - r) / stride + 1 {
                let met = |tap: usize| (0..p).any(|at| (pad..pad + t).contains(&(at * stride + tap)));
                if !(0..r).all(met) {
                    continue;
                }
                let sizes = sizes(AnyWindows::OP, &[("t", t), ("r", r), ("p", p), ("stride", stride), ("pad", pad)]);
                let counted = agree(AnyWindows::OP, &sizes, Routing::Worst);
                assert_eq!(counted, Ok(()), "{t} {r} {stride} {pad} {p}");
            }
        }
    }
}

/// With all products, those with padding too, as other counters have it (PyTorch's `FlopCounterMode`).
#[test]
fn padding_is_counted_where_masks_are_dense() {
    let convolution = Convolution { b: 2, c: 3, h: 5, w: 7, r: 3, u: 3, o: 4 };
    let dense = Options { masking: Masking::Dense, ..Options::default() };
    assert_eq!(convolution.totals(&dense).unwrap().flops.matmul(), Ok(2 * 2 * 3 * 4 * (3 * 5) * (3 * 7)));
}

/// Windows of any kind.
#[cost]
fn AnyWindows<b, t, c, r, p, stride, pad>(x: Act<b, t, c>, w: Weight<c, r>) -> Act<b, p, r> {
    dot::<c>(windows::<t, r, p>(x, stride = stride, pad = pad), w)
}

/// Every operator of the files has a case, and is the same as text.
#[test]
fn files_are_the_same_as_text() {
    for text in FILES {
        let file = read(text, &|name| operators().find(|op| op.name == name)).unwrap_or_else(|it| panic!("{it:#?}"));
        for name in file.names() {
            let case = cases().find(|case| case.of.name == name).unwrap_or_else(|| panic!("{name} has no case"));
            file.find(name).expect("an operator of the file").with(|op| {
                assert_eq!(format!("{op:?}"), format!("{:?}", case.of));
                check(op, case);
            });
        }
    }
}

/// Tokens one after the other give what all at once do, and leave the same states.
#[test]
fn states_are_handed_on() {
    let (tokens, named) = (4, [("b", 2), ("c", 3), ("h", 2), ("k", 3), ("n", 2), ("p", 3), ("v", 2), ("w", 3)]);
    let at_once = [&named[..], &[("s", tokens)]].concat();
    for op in [CausalConv::OP, SelectiveScan::OP, StateSpaceDual::OP, Wkv6::OP, Wkv7::OP, KimiDeltaRule::OP, Mlstm::OP]
    {
        let (last, left) = decoded(op, &named, tokens, 1);
        let sizes = sizes(op, &at_once);
        let (all, after) = result(op, &sizes, &arrays(op, &sizes, 1));
        assert_eq!(close(&picked(&all, 1, tokens - 1), &last), Ok(()), "{}", op.name);
        for ((input, after), left) in op.inputs.iter().zip(&after).zip(&left).filter(|it| it.0.0.role == Role::State) {
            assert_eq!(close(after, left), Ok(()), "{} {}", op.name, input.name);
        }
    }
}

/// Table 4 of arXiv:2502.11089, tokens whose keys and values a decode step reads: a sixteenth of all, 16 blocks of 64 and the
/// last 512. The first compressed block ends with the 32nd token, so of those there is one less than it says.
#[test]
fn native_sparse_attention_reads_as_little_as_published() {
    for (t, published) in [(8192, 2048), (16_384, 2560), (32_768, 3584), (65_536, 5632)] {
        let layer =
            NativeSparseAttention { b: 1, s: 1, t, d: 8, n: 1, g: 1, k: 1, a: 16, u: 1, r: 1, p: 4, w: 16, v: 512 };
        let kernels = layer.kernels(&Options::default()).unwrap();
        let attention = ["compressed_attention", "chosen_attention", "recent_attention"];
        let read = kernels.iter().filter(|kernel| attention.iter().any(|name| kernel.path.contains(name)));
        let bits = read.map(|kernel| kernel.bits().unwrap().cache_read).sum::<u128>();
        assert_eq!(bits, 16 * 2 * (published - 1), "{t}");
    }
}

/// Released models whose layers are declared here, and by hand what is around them.
#[test]
fn parameters_are_the_published_ones() {
    // Mixer-B/16: 12 blocks between an embedding of patches of 16 × 16 × 3 and a norm and 1000 classes.
    let block = MixerBlock { b: 1, s: 196, c: 768, p: 384, f: 3072 }.params();
    assert_eq!(12 * block + (16 * 16 * 3 + 1) * 768 + 2 * 768 + (768 + 1) * 1000, 59_880_472);

    // DiT-XL/2: 28 blocks between embeddings of patches of 2 × 2 × 4, of timesteps, of 1001 classes and of 256 places, and
    // 2 × 2 × 8 numbers on an adaptive norm.
    let d = 1152;
    let block = DitBlock { b: 1, s: 1, d, n: 16, k: 72 }.params();
    let embeddings = (2 * 2 * 4 + 1) * d + (256 + 1) * d + (d + 1) * d + 1001 * d + 256 * d;
    assert_eq!(28 * block + u128::from(embeddings + (d + 1) * 2 * d + (d + 1) * 2 * 2 * 8), 675_129_632);

    // mamba-130m: 24 blocks, a norm, and a table that is the head, too.
    let block = Mamba { b: 1, s: 1, d: 768, n: 16, w: 4 }.params();
    assert_eq!(24 * block + 768 + 50_280 * 768, 129_135_360);

    // Finch 1.6B: 24 layers with a channel mix 3.5 times as wide and two norms; two more norms, a table and a head.
    let (d, mix) = (2048, Rwkv6TimeMix { b: 1, s: 1, h: 32, k: 64, r: 32, z: 64 }.params());
    assert_eq!(24 * (mix + 8 * d * d + 2 * d + 4 * d) + 4 * d + 2 * 65_536 * d, 1_599_873_024);

    // Goose 0.1B: 12 layers with a channel mix 4 times as wide and two norms, the first without a share of its own values;
    // two more norms, a table and a head.
    let (d, mix) = (768, Rwkv7TimeMix { b: 1, s: 1, h: 12, k: 64, rw: 64, ra: 64, rv: 32, rg: 128 }.params());
    let share = 2 * 32 * d + d;
    assert_eq!(12 * (mix + 8 * d * d + d + 4 * d) - share + 4 * d + 2 * 65_536 * d, 191_034_624);
}
