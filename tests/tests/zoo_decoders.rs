//! Decoders against independent counts: PyTorch's of the released classes (transformers 5.24).

use std::fs;
use std::path::Path;

use cost_core::cost::{Masking, Options};
use cost_models::report::{Report, report};
use cost_models::{Logits, Model, Workload};
use serde_json::Value;

/// Configs in `tests/zoo`; parameters, floating-point operations in matrix products of 16 tokens with square masks and all
/// logits, and bytes of the cache a token in bf16. Counted on the meta device.
///
/// DBRX's, JetMoE's, GLM-5's and Solar Open's operations couldn't be counted there.
#[rustfmt::skip]
const ZOO: &[(&str, u128, Option<u128>, Option<u128>)] = &[
    ("afm-4.5b", 4_619_184_640, Some(137_416_212_480), Some(73_728)),
    ("afmoe", 19_232_600_000, Some(104_652_079_104), Some(262_144)),
    ("apertus1p5_text", 8_091_086_912, Some(224_076_496_896), Some(524_288)),
    ("biogpt", 346_763_264, Some(11_077_681_152), Some(98_304)),
    ("bitnet", 2_741_155_840, Some(77_274_808_320), Some(76_800)),
    ("codegen-350m", 356_712_448, Some(9_751_756_800), Some(81_920)),
    ("cohere2_moe", 190_004_928_512, Some(1_828_464_885_760), Some(1_310_720)),
    ("command-a", 111_057_580_032, Some(3_554_622_308_352), Some(262_144)),
    ("command-r7b", 8_028_033_024, Some(257_026_949_120), Some(131_072)),
    ("ctrl", 1_637_964_550, Some(52_439_531_520), Some(245_760)),
    ("dbrx", 131_596_523_520, None, None),
    ("ernie-4.5-21b-a3b", 21_825_437_888, Some(107_337_482_240), Some(57_344)),
    ("ernie4_5", 360_748_032, Some(11_580_473_344), Some(18_432)),
    ("exaone", 7_818_448_896, Some(236_894_289_920), Some(131_072)),
    ("exaone4", 9_429_069_824, Some(288_433_897_472), Some(524_288)),
    ("exaone_moe", 28_550_639_616, Some(201_318_203_392), Some(524_288)),
    ("flex_olmo", 33_270_665_216, Some(774_599_868_416), Some(524_288)),
    ("glm-4-9b-0414", 9_400_279_040, Some(281_085_476_864), Some(40_960)),
    ("glm-4-9b", 9_399_951_360, Some(281_085_476_864), Some(40_960)),
    ("glm4_moe_lite", 29_943_390_976, Some(114_784_468_992), Some(54_144)),
    ("glm_moe_dsa", 743_911_199_232, None, None),
    ("gpt-j-6b", 6_050_882_784, Some(187_112_095_744), Some(458_752)),
    ("gpt-sw3", 124_439_808, Some(3_962_462_208), Some(36_864)),
    ("gptj", 6_050_882_784, Some(187_112_095_744), Some(458_752)),
    ("granite-3.1-1b-a400m", 1_334_628_352, Some(13_740_638_208), Some(49_152)),
    ("granitemoeshared", 37_039_116_288, Some(350_106_943_488), Some(524_288)),
    ("hyperclovax", 6_738_677_760, Some(211_560_693_760), Some(524_288)),
    ("jetmoe", 4_293_888_000, None, None),
    ("laguna", 33_189_975_808, Some(82_132_860_928), Some(163_840)),
    ("mellum", 12_149_923_072, Some(70_915_194_880), Some(57_344)),
    ("minicpm3", 4_073_875_968, Some(130_554_920_960), Some(35_712)),
    ("ministral3", 8_489_553_920, Some(254_619_418_624), Some(139_264)),
    ("minitron-4b", 4_190_509_056, Some(109_018_349_568), Some(131_072)),
    ("mpt-7b", 6_649_286_656, Some(212_902_871_040), Some(524_288)),
    ("nanochat", 256_573_440, Some(6_983_516_160), Some(36_864)),
    ("olmo-3-7b", 7_298_011_136, Some(220_510_027_776), Some(524_288)),
    ("olmo", 6_888_095_744, Some(213_959_835_648), Some(524_288)),
    ("olmoe-1b-7b", 6_919_161_856, Some(37_757_124_608), Some(131_072)),
    ("openai-gpt", 116_534_784, Some(3_722_133_504), None),
    ("persimmon", 9_397_175_296, Some(266_438_967_296), Some(589_824)),
    ("sarvam_moe", 32_152_648_064, Some(110_373_109_760), Some(19_456)),
    ("seed-oss-36b", 36_151_104_512, Some(1_132_042_649_600), Some(262_144)),
    ("seed_oss", 28_921_040_896, Some(905_768_337_408), Some(262_144)),
    ("smollm3-3b", 3_075_098_624, Some(98_473_869_312), Some(73_728)),
    ("solar_open", 102_651_793_408, None, Some(196_608)),
    ("stablelm-2-1.6b", 1_644_515_328, Some(46_087_012_352), Some(196_608)),
    ("stablelm", 2_795_443_200, Some(85_406_515_200), Some(327_680)),
];

fn counted(name: &str, config: &str) -> Report {
    let model = Model::from_config(name, config).unwrap_or_else(|error| panic!("{name}: {error}"));
    let step = Workload { logits: Logits::All, ..Workload::prefill(1, 16) };
    let options = Options { masking: Masking::Dense, ..Options::default() };
    report(&model, &step, &options, &[]).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn at(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("zoo").join(name)).unwrap()
}

#[test]
fn released_classes() {
    for (name, parameters, matmul, cache) in ZOO {
        let found = counted(name, &at(&format!("{name}.json")));
        assert_eq!(found.params.total, *parameters, "{name}");
        if let Some(matmul) = matmul {
            assert_eq!(found.flops.matmul, *matmul, "{name}");
        }
        if let Some(cache) = cache {
            assert_eq!(found.cache.bytes_per_token.whole(), Some(*cache), "{name}");
        }
    }
}

/// Small configs, a line each, of the same types and of those that the table lacks, with other values of the fields that say
/// what there is: counted by running the classes. Operations of delta nets, which the classes do in chunks, are not there.
#[test]
fn what_fields_change() {
    for line in at("decoders.jsonl").lines() {
        let it: Value = serde_json::from_str(line).unwrap();
        let config = it["config"].to_string();
        let name = it["config"]["model_type"].as_str().unwrap();
        let found = counted(name, &config);
        assert_eq!(Some(found.params.total), it["parameters"].as_u64().map(u128::from), "{config}");
        if let Some(matmul) = it["matmul"].as_u64() {
            assert_eq!(found.flops.matmul, u128::from(matmul), "{config}");
        }
    }
}
