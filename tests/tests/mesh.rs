//! What the devices of a mesh exchange, and what each of them holds.

use cost_core::Options;
use cost_core::op::Role;
use cost_models::{Mesh, Model, Workload, catalogue};

const LLAMA: &str = "llama-3-70b";
const V3: &str = "deepseek-v3";

/// A model on a mesh: `tp=8`, `dp=8,tp=4 e=dp+tp`, or `tp=4 sp`.
fn on(name: &str, mesh: &str) -> Model {
    let model = catalogue::find(name).expect("it is in the catalogue");
    let mut it = Mesh::default();
    for word in mesh.split(' ') {
        match word {
            "sp" => it.scattered = true,
            _ if it.axes.is_empty() => {
                let axes = word.split(',').map(|axis| axis.split_once('=').expect("a mesh axis and its ranks"));
                it.axes = axes.map(|(axis, ranks)| (axis.to_owned(), ranks.parse().expect("a number"))).collect();
            }
            _ => {
                let (axis, over) = word.split_once('=').expect("an axis and what cuts it");
                let over = over.split('+').filter(|name| !name.is_empty());
                it.shards.push((axis.to_owned(), over.map(str::to_owned).collect()));
            }
        }
    }
    model.on_mesh(&it).expect("it can be cut so")
}

/// Kind, how often, ranks, and bytes of the whole array of each exchange.
type Exchange = (&'static str, u128, u128, u128);

#[track_caller]
fn exchanges(name: &str, mesh: &str, workload: &Workload, expected: &[Exchange]) {
    let found = on(name, mesh).collectives(workload, &Options::default()).expect("it can be counted");
    let found: Vec<_> = found.iter().map(|it| (it.kind.name(), it.repeat, it.ranks, it.bits / 8)).collect();
    assert_eq!(found, expected, "{name} on {mesh}");
}

/// Two all-reduces a layer (Megatron-LM, arXiv:1909.08053, section 3) of one row of 8,192 numbers of two bytes, one after the
/// embedding that is cut over the vocabulary; the logits, 128,256 of them, are gathered.
#[test]
fn tensor_parallel_layers_reduce_twice() {
    let row = 8192 * 2;
    let reduced = |ranks| {
        vec![
            ("all_reduce", 1, ranks, row),
            ("all_reduce", 80, ranks, row),
            ("all_reduce", 80, ranks, row),
            ("all_gather", 1, ranks, 128_256 * 2),
        ]
    };
    exchanges(LLAMA, "tp=8", &Workload::decode(1, 0), &reduced(8));
    // Eight key/value heads over 16 ranks: pairs of ranks share one, and the queries of a group are cut between them.
    exchanges(LLAMA, "tp=16", &Workload::decode(1, 0), &reduced(16));
    exchanges(LLAMA, "tp=1", &Workload::decode(1, 0), &[]);
}

/// The same sums are scattered over positions and gathered again before the products (arXiv:2205.05198, section 4.2.2).
#[test]
fn scattered_positions_are_gathered_before_products() {
    let all = 1024 * 8192 * 2;
    let expected = [
        ("reduce_scatter", 1, 4, all),
        ("all_gather", 80, 4, all),
        ("reduce_scatter", 80, 4, all),
        ("all_gather", 80, 4, all),
        ("reduce_scatter", 80, 4, all),
        // Only the last position's logits are computed.
        ("all_gather", 1, 4, 8192 * 2),
        ("all_gather", 1, 4, 128_256 * 2),
    ];
    exchanges(LLAMA, "tp=4 sp", &Workload::prefill(1, 1024), &expected);
}

/// Keys and values of all positions are gathered (Llama 3, arXiv:2407.21783, section 3.3.2): 1,024 positions of 8 heads of 128.
#[test]
fn positions_gather_keys_and_values() {
    let keys = 1024 * 8 * 128 * 2;
    let expected = [("all_gather", 80, 4, keys), ("all_gather", 80, 4, keys), ("all_gather", 1, 4, 8192 * 2)];
    exchanges(LLAMA, "cp=4", &Workload::prefill(1, 1024), &expected);
}

/// Experts over all devices, attention data parallel (DeepSeek-V3, arXiv:2412.19437, section 3.4.2), four sequences each: a
/// token's row of 7,168 numbers goes to the ranks that hold one of its 8 of 256 experts, 8 on each of 32: by the chance that
/// a rank holds none of them, C(248, 8)/C(256, 8) = 0.772 858…, to 31 · 0.227 141… = 7.041 4 others on average.
#[test]
fn tokens_go_to_the_ranks_of_their_experts() {
    let missed: f64 = (0..8).map(|i| f64::from(248 - i) / f64::from(256 - i)).product();
    let expected = 4.0 * 7168.0 * 2.0 * 31.0 * (1.0 - missed);
    let model = on(V3, "dp=32 e=dp");
    let found = model.collectives(&Workload::decode(128, 4096), &Options::default()).expect("it can be counted");
    assert_eq!(found.len(), 2, "one way and back");
    for it in found {
        assert_eq!((it.kind.name(), it.repeat, it.ranks), ("all_to_all", 58, 32));
        assert!((it.bits as f64 / 8.0 - expected).abs() < 1.0, "{} is not {expected}", it.bits / 8);
    }
}

/// The deployment for decoding of the same report (section 3.4.2): 320 devices, attention data parallel, experts over all of them. 256
/// experts over 320 devices are one on each of the busiest: a token goes to each of its 8 experts' devices but its own, of 319 others
/// by the chance of 1 − 248/256… that is 8/256 each. Caches of 2 sequences each: 61 layers of 512 + 64 numbers of two bytes.
#[test]
fn a_device_for_every_expert() {
    let model = on(V3, "dp=320 e=dp");
    let step = Workload::decode(640, 4095);
    let found = model.collectives(&step, &Options::default()).expect("it can be counted");
    let missed: f64 = (0..8).map(|i| f64::from(255 - i) / f64::from(256 - i)).product();
    assert!((missed - 248.0 / 256.0).abs() < 1e-12);
    let expected = 2.0 * 7168.0 * 2.0 * 319.0 * (1.0 - missed);
    for it in &found {
        assert_eq!((it.kind.name(), it.repeat, it.ranks), ("all_to_all", 58, 320));
        assert!((it.bits as f64 / 8.0 - expected).abs() < 1.0, "{} is not {expected}", it.bits / 8);
    }
    assert_eq!(found.len(), 2);
    let cached = model.cache_bits(&step, &Options::default()).expect("it can be counted");
    assert_eq!(cached / 8, 2 * 4096 * 61 * (512 + 64) * 2);
    // On 32 devices (section 3.4.1 prefills on as many) four sequences each, and 8 experts of each layer.
    let step = Workload::decode(128, 4095);
    let cached = on(V3, "dp=32 e=dp").cache_bits(&step, &Options::default()).expect("it can be counted");
    assert_eq!(cached / 8, 4 * 4096 * 61 * (512 + 64) * 2);
}

/// Parameters of the busiest device, by hand.
#[test]
fn each_device_holds_its_share() {
    let parameters = |model: &Model| -> u128 {
        let tensors = model.tensors(&Workload::decode(1, 0), &Options::default()).expect("it can be counted");
        tensors.iter().filter(|it| it.role == Role::Weight).map(|it| it.elements * it.copies).sum()
    };
    // A layer of Llama 3 70B: queries and output 8,192², keys and values 1,024 · 8,192 each, three matrices of 28,672 · 8,192,
    // two norms; the embedding, the head and the last norm.
    let layer =
        |tp: u128, heads: u128| 2 * 8192 * 8192 / tp + 2 * heads * 128 * 8192 + 3 * 28_672 * 8192 / tp + 2 * 8192;
    let llama = |tp: u128, heads: u128, rows: u128| 80 * layer(tp, heads) + 2 * rows * 8192 + 8192;
    assert_eq!(parameters(&on(LLAMA, "tp=1")), 70_553_706_496);
    assert_eq!(parameters(&on(LLAMA, "tp=8")), llama(8, 1, 16_032));
    assert_eq!(parameters(&on(LLAMA, "tp=16")), llama(16, 1, 8016));
    // 128,256 rows over 7 devices: 18,322 and a bit, so the busiest has 18,323.
    assert_eq!(parameters(&on(LLAMA, "tp=7 n= g= f= v=tp")), 80 * layer(1, 8) + 2 * 18_323 * 8192 + 8192);
    // Of DeepSeek-V3 (671,026,419,200 parameters) 58 · 256 experts of 3 · 7,168 · 2,048; the rest is on every device.
    let expert: u128 = 3 * 7168 * 2048;
    let rest = 671_026_419_200 - 58 * 256 * expert;
    assert_eq!(parameters(&on(V3, "dp=32 e=dp")), rest + 58 * 8 * expert);
    assert_eq!(parameters(&on(V3, "dp=320 e=dp")), rest + 58 * expert);
}
