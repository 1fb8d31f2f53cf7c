//! Weights that are left in the memory of a device's host.

use cost_core::cost::Pattern;
use cost_core::hardware::{Hardware, parse};
use cost_core::{Options, hardware};
use cost_models::fit::{Headroom, Wanted, fit};
use cost_models::offload::{Offload, On};
use cost_models::report::{Report, report, report_beside};
use cost_models::{Model, Workload, catalogue};

const STEP: Workload = Workload::decode(1, 4096);

fn left(model: &Model, patterns: &[&str]) -> Result<Options, String> {
    let patterns: Vec<Pattern> = patterns.iter().map(|text| Pattern::new(text)).collect();
    let formats = model.leaving(None, &[], &patterns).map_err(|error| error.to_string())?;
    Ok(Options { formats, ..Options::default() })
}

/// A device of 1 TB/s and a link of 10 GB/s to a host of 100 GB/s, none of which computes for long.
fn machine() -> [Hardware; 2] {
    let text = "[[device]]\nid = \"device\"\nbf16_tflops = 1e9\nbandwidth_gb_s = 1000\nhost_gb_s = 10\nmemory_gb = 10\n\
        [[device]]\nid = \"host\"\nbf16_tflops = 1e9\nbandwidth_gb_s = 100\n";
    parse(text).unwrap().try_into().unwrap()
}

fn beside(model: &Model, options: &Options, compute: On) -> Report {
    let [device, host] = machine();
    let offload = Offload { host: &host, compute };
    report_beside(model, &STEP, options, core::slice::from_ref(&device), Some(&offload)).unwrap()
}

/// Llama-3.1-8B's down projections: 32 of 4,096 × 14,336 numbers of two bytes.
const DOWN: u64 = 32 * 4096 * 14_336 * 2;

#[test]
fn weights_move_to_the_hosts_memory() {
    let model = catalogue::find("llama-3.1-8b").unwrap();
    let before = report(&model, &STEP, &Options::default(), &[]).unwrap();
    for (patterns, host) in [
        (&["blk.*.ffn_down.weight"][..], DOWN),
        (&["*.gated_mlp.down"], DOWN),
        (&["model.layers.*.mlp.down_proj.weight"], DOWN),
        (&["blk.{0..8}.ffn_down.weight"], DOWN / 4),
        (&["blk.{24..}.ffn_down.weight"], DOWN / 4),
        (&["blk.{0..=7}.ffn_down.weight", "blk.3.ffn_down.weight"], DOWN / 4),
        (&["blk.31.ffn_down.weight"], DOWN / 32),
    ] {
        let after = report(&model, &STEP, &left(&model, patterns).unwrap(), &[]).unwrap();
        assert_eq!(after.memory.host.whole(), Some(u128::from(host)), "{patterns:?}");
        let weights = before.memory.weights.bits() - u128::from(host) * 8;
        assert_eq!(after.memory.weights.bits(), weights, "{patterns:?}");
        assert_eq!(before.memory.total.bits() - after.memory.total.bits(), u128::from(host) * 8, "{patterns:?}");
        // What is computed and read is the same, wherever it lies.
        assert_eq!((&after.bytes, after.flops.total), (&before.bytes, before.flops.total), "{patterns:?}");
    }
}

/// Seconds by hand: what is left at the host's 100 GB/s, or over the link's 10 GB/s; all else at 1 TB/s.
#[test]
fn times_are_those_of_two_memories() {
    let model = catalogue::find("llama-3.1-8b").unwrap();
    let options = left(&model, &["blk.*.ffn_down.weight"]).unwrap();
    let [device, _] = machine();
    let all = report(&model, &STEP, &Options::default(), core::slice::from_ref(&device)).unwrap();
    let down = |it: &Report| it.kernels.iter().position(|kernel| kernel.path.ends_with("gated_mlp.y")).unwrap();
    let (there, kernel) = (&all.hardware[0], &all.kernels[down(&all)]);
    let rest = there.lower_bound_s - 32.0 * there.kernels[down(&all)].lower_bound_s;
    let one = DOWN as f64 / 32.0;
    // What the kernel reads and writes besides crosses the link while the host computes, in less time.
    let others = kernel.bytes.to_f64() - one;
    assert!(others / 10e9 < one / 100e9);
    for (compute, kernel_s, all_s, bound) in [
        (On::Host, one / 100e9, rest + DOWN as f64 / 100e9, "host"),
        // Weights for later layers cross while others run: the link alone, or the device's own traffic.
        (On::Device, one / 10e9, DOWN as f64 / 10e9, "link"),
    ] {
        let it = beside(&model, &options, compute);
        let (found, kernel) = (&it.hardware[0], &it.hardware[0].kernels[down(&it)]);
        assert!((kernel.lower_bound_s / kernel_s - 1.0).abs() < 1e-9, "{compute:?}: {}", kernel.lower_bound_s);
        assert!((found.lower_bound_s / all_s - 1.0).abs() < 1e-9, "{compute:?}: {}", found.lower_bound_s);
        assert_eq!((kernel.bound, found.bound), (bound, bound), "{compute:?}");
    }
    // With nothing left there, everything is as without.
    let plain = beside(&model, &Options::default(), On::Host);
    assert!((plain.hardware[0].lower_bound_s / there.lower_bound_s - 1.0).abs() < 1e-12);
}

/// Mixtral's experts on the host leave a card of 24 GB room: 94 GB in all, 3.2 GB without the experts.
#[test]
fn more_fits_beside_a_host() {
    let model = catalogue::find("mixtral-8x7b").unwrap();
    let device = hardware::find("rtx_4090").unwrap();
    let of =
        |options: &Options| fit(&model, &device, options, Headroom::default(), Wanted::Context { batch: 1 }).unwrap();
    assert_eq!(of(&Options::default()).context, 0);
    let experts = left(&model, &["blk.*.ffn_*_exps.weight"]).unwrap();
    let found = of(&experts);
    assert_eq!(Some(found.context), model.context);
    // 32 layers of 8 experts of three matrices of 4,096 × 14,336.
    assert_eq!(found.memory.host.whole(), Some(32 * 8 * 3 * 4096 * 14_336 * 2));
}

/// A part of the experts of which a token touches two in eight.
#[test]
fn experts_are_read_where_they_lie() {
    let model = catalogue::find("mixtral-8x7b").unwrap();
    let options = left(&model, &["blk.*.ffn_*_exps.weight"]).unwrap();
    let it = beside(&model, &options, On::Host);
    let host: f64 = it.hardware[0]
        .kernels
        .iter()
        .zip(&it.kernels)
        .filter(|(on, _)| on.bound == "host")
        .map(|(on, kernel)| on.lower_bound_s * kernel.repeat as f64)
        .sum();
    let bytes = 32.0 * 2.0 * 3.0 * 4096.0 * 14_336.0 * 2.0;
    assert!((host / (bytes / 100e9) - 1.0).abs() < 1e-9, "{host}");
}

#[test]
fn patterns_that_leave_nothing_are_refused() {
    let model = catalogue::find("llama-3.1-8b").unwrap();
    for (patterns, said) in [
        (&["blk.*.ffn_dwn.weight"][..], &["`blk.*.ffn_dwn.weight`", "did you mean `blk.*.ffn_down.weight`"][..]),
        (&["blk.*.ffn_down.weight", "blk.32.*"], &["`blk.32.*`", "a pattern that matches"]),
        (&["blk.{32..}.*"], &["`blk.{32..}.*`"]),
        (&["*"], &["all weights", "left to the device"]),
        (&["blk.{3..3}.*"], &["numbers of layers in braces"]),
        (&["blk.{3.*"], &["numbers of layers in braces"]),
        (&["blk.{a..b}.*"], &["numbers of layers in braces"]),
        (&["blk.{0..=18446744073709551615}.*"], &["numbers of layers in braces"]),
    ] {
        let error = left(&model, patterns).unwrap_err();
        for part in said {
            assert!(error.contains(part), "{patterns:?}: no {part:?} in {error}");
        }
    }
}
