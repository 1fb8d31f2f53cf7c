//! Hybrid and recurrent model types against independent counts: of PyTorch, by running the classes of transformers 5.24.
//!
//! Those of files without `small` in their names were counted on the meta device, the others on a processor, by
//! `torch.utils.flop_counter`: one sequence of 16 tokens, full square masks, the logits of all tokens.

use std::fs;
use std::path::Path;

use cost_core::Options;
use cost_core::cost::Masking;
use cost_models::report::{Report, report};
use cost_models::{Logits, Model, Workload};

fn counted(file: &str) -> Report {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("zoo").join(format!("{file}.json"));
    let model = Model::from_config(file, &fs::read_to_string(path).unwrap()).unwrap();
    let step = Workload { logits: Logits::All, ..Workload::prefill(1, 16) };
    let dense = Options { masking: Masking::Dense, ..Options::default() };
    // What attends to nothing has no mask.
    report(&model, &step, &dense, &[]).or_else(|_| report(&model, &step, &Options::default(), &[])).unwrap()
}

/// Convolutions of `w` taps by channel that the reference computes and counts, over 16 tokens and the `w − 1` that it pads
/// them by.
const fn padded(layers: u128, channels: u128, w: u128) -> u128 {
    2 * layers * channels * w * (16 + w - 1)
}

/// Files, parameters, FLOPs in products, how many more the reference counts, and bytes of cache a token.
const WHOLE: &[(&str, u128, u128, u128, u128)] = &[
    // All the same.
    ("gemma3n_text", 6_835_235_568, 143_666_011_648, 0, 40_960),
    ("gemma3n_text.small", 922_780, 26_990_592, 0, 1_344),
    ("gemma4_text", 5_077_177_856, 98_106_867_712, 0, 143_360),
    ("gemma4_text.small", 735_892, 21_270_528, 0, 1_440),
    ("gemma4_text-moe.small", 827_860, 18_124_800, 0, 1_152),
    ("rwkv-4-169m", 169_342_464, 4_180_008_960, 0, 0),
    ("rwkv.small", 411_936, 10_002_432, 0, 0),
    // Of convolutions that are among the products, the positions past the last token that the class cuts off again.
    ("lfm2-1.2b", 1_170_340_608, 37_461_540_864, 2 * 10 * 2048 * 3 * 2, 12_288),
    ("lfm2-8b-a1b", 8_339_929_856, 49_857_478_656, 2 * 18 * 2048 * 3 * 2, 12_288),
    ("lfm2.small", 719_968, 23_157_120, 2 * 3 * 96 * 3 * 2, 256),
    ("lfm2_moe.small", 639_616, 16_208_256, 2 * 3 * 96 * 3 * 2, 256),
    // The convolutions, which are no products here.
    ("mamba-2.8b", 2_768_345_600, 88_558_141_440, padded(64, 5120, 4), 0),
    ("mamba", 159_308_544, 5_093_523_456, padded(32, 1536, 4), 0),
    ("mamba.small", 399_456, 9_610_752, padded(3, 192, 4), 0),
    ("falcon-mamba-7b", 7_272_665_088, 224_156_188_672, padded(64, 8192, 4), 0),
    ("jamba.small", 1_345_744, 30_941_184, padded(8, 192, 4), 128),
    ("recurrent_gemma", 2_010_263_040, 64_326_656_000, padded(18, 2560, 4), 81_920),
    ("recurrent_gemma.small", 425_792, 13_614_144, padded(5, 120, 4), 128),
    // Two lightning layers of 6 heads of 24 numbers by blocks: attention of all 16 tokens, then keys times values; the state
    // read out is in both.
    ("minimax.small", 1_020_576, 19_663_872, 2 * 6 * (4 * 16 * 16 * 24 + 2 * 16 * 24 * 24), 576),
];

#[test]
fn parameters_products_and_caches() {
    for (file, params, products, more, cache) in WHOLE {
        let report = counted(file);
        assert_eq!(report.params.total, *params, "{file}: parameters");
        assert_eq!(report.flops.matmul + more, *products, "{file}: FLOPs in products");
        assert_eq!(report.cache.bytes_per_token.whole(), Some(*cache), "{file}: bytes of cache a token");
    }
}

/// Where the reference scans by padded chunks, and no count of a scan is to be compared: files, parameters, bytes of cache a
/// token, and, of the small ones, FLOPs in products with weights (`aten.mm` and `aten.addmm`).
const SCANNED: &[(&str, u128, u128, Option<u128>)] = &[
    ("qwen3_5_text", 8_953_803_264, 32_768, None),
    ("qwen3_5_text.small", 561_880, 160, Some(14_745_600)),
    ("qwen3_5_moe_text", 34_660_610_688, 20_480, None),
    ("qwen3_5_moe_text.small", 784_120, 160, Some(15_959_040)),
    ("nemotron_h", 1_968_355_712, 4_096, None),
    ("nemotron_h.small", 470_200, 160, Some(6_623_232 + 4_349_952)),
    ("falcon_h1", 8_514_961_408, 131_072, None),
    ("falcon_h1.small", 486_672, 384, Some(9_179_136 + 3_072_000)),
    ("bamba.small", 570_960, 256, Some(6_598_656 + 8_331_264)),
    ("granitemoehybrid.small", 1_459_980, 256, Some(21_319_680)),
    ("kimi_linear.small", 1_347_219, 192, Some(25_584_640)),
    ("xlstm.small", 684_944, 0, Some(17_727_488 + 65_536)),
];

/// Kernels whose products are of activations alone.
const CORES: &[&str] = &[
    "attention.attended",
    "mla_plain_attention.attended",
    "selective_scan.scanned",
    "gated_delta_rule.changed",
    "kimi_delta_rule.changed",
    "mlstm_cell.read",
];

#[test]
fn projections_around_scans() {
    for (file, params, cache, products) in SCANNED {
        let report = counted(file);
        assert_eq!(report.params.total, *params, "{file}: parameters");
        assert_eq!(report.cache.bytes_per_token.whole(), Some(*cache), "{file}: bytes of cache a token");
        let Some(products) = products else { continue };
        let outside = report.kernels.iter().filter(|kernel| !CORES.iter().any(|core| kernel.path.ends_with(core)));
        let found: u128 = outside.map(|kernel| kernel.matmul * kernel.repeat).sum();
        assert_eq!(found, *products, "{file}: FLOPs in products with weights");
    }
}
