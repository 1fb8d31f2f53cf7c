//! Parameters of the built-in models against the counts that were published for them.

use cost_core::Options;
use cost_models::report::params;
use cost_models::{Workload, catalogue};

/// Exact counts, typed from: [k] keras-hub's presets; [s] the totals of the released safetensors, as the model hub gives
/// them; [t] PyTorch's count of the released architecture's tensors; [p] the paper's or model card's rounded figure.
const PUBLISHED: &[(&str, u128, u128, &str)] = &[
    ("gpt2", 124_439_808, 0, "[t]"),
    ("llama-7b", 6_738_415_616, 0, "[p] 6.7B, arXiv:2302.13971 table 2"),
    ("llama-13b", 13_015_864_320, 0, "[p] 13.0B, arXiv:2302.13971 table 2"),
    ("llama-30b", 32_528_943_616, 0, "[p] 32.5B, arXiv:2302.13971 table 2"),
    ("llama-65b", 65_285_660_672, 0, "[p] 65.2B, arXiv:2302.13971 table 2"),
    ("llama-2-7b", 6_738_415_616, 0, "[k] [t]"),
    ("llama-2-13b", 13_015_864_320, 0, "[p] 13B, arXiv:2307.09288 table 1"),
    ("llama-2-70b", 68_976_648_192, 0, "[t]"),
    ("codellama-34b", 33_743_970_304, 0, "[p] 34B, arXiv:2308.12950"),
    ("llama-3-8b", 8_030_261_248, 0, "[k]"),
    ("llama-3-70b", 70_553_706_496, 0, "[s] of Llama 3.1 70B, whose shapes are the same"),
    ("llama-3.1-8b", 8_030_261_248, 0, "[s] [t]"),
    ("llama-3.1-70b", 70_553_706_496, 0, "[s]"),
    ("llama-3.1-405b", 405_853_388_800, 0, "[s]"),
    ("llama-3.2-1b", 1_235_814_400, 0, "[s]"),
    ("llama-3.2-3b", 3_212_749_824, 0, "[s]"),
    ("llama-3.3-70b", 70_553_706_496, 0, "[s]"),
    ("tinyllama-1.1b", 1_100_048_384, 0, "[p] 1.1B, model card"),
    ("deepseek-llm-7b", 6_910_365_696, 0, "[p] 7B, arXiv:2401.02954 table 2"),
    ("yi-6b", 6_061_035_520, 0, "[s] of Yi-1.5-6B, whose shapes are the same"),
    ("yi-1.5-34b", 34_388_917_248, 0, "[s]"),
    ("mistral-7b-v0.1", 7_241_732_096, 0, "[k] [t]"),
    ("mistral-7b-v0.3", 7_248_023_552, 0, "[k]"),
    ("mistral-nemo-12b", 12_247_782_400, 0, "[p] 12B, model card"),
    ("mistral-small-24b", 23_572_403_200, 0, "[p] 24B, model card"),
    ("qwen3-0.6b", 596_049_920, 0, "[t]"),
    ("qwen3-32b", 32_762_123_264, 0, "[t]"),
    ("mixtral-8x7b", 46_702_792_704, 12_879_925_248, "[t]; 46.7B, 12.9B active, arXiv:2401.04088"),
    ("mixtral-8x22b", 140_620_634_112, 39_152_031_744, "[s]; 141B, 39B active, model card"),
    ("qwen2-0.5b", 494_032_768, 0, "[s] of Qwen2.5-0.5B, whose shapes are the same"),
    ("qwen2.5-7b", 7_615_616_512, 0, "[s]"),
    ("qwen2.5-32b", 32_763_876_352, 0, "[p] 32.5B, arXiv:2412.15115 rounds 32.76"),
    ("qwen2.5-72b", 72_706_203_648, 0, "[s]"),
    ("qwen1.5-moe-a2.7b", 14_315_784_192, 2_689_173_504, "[s]; 14.3B, 2.7B active, model card"),
    ("qwen2-57b-a14b", 57_408_658_944, 14_249_270_784, "[p] 57B, 14B active, arXiv:2407.10671"),
    ("qwen3-8b", 8_190_735_360, 0, "[s]"),
    ("qwen3-30b-a3b", 30_532_122_624, 3_353_032_704, "[s] [t]; 30.5B, 3.3B active, model card"),
    ("qwen3-235b-a22b", 235_093_634_560, 22_190_763_520, "[s]; 235B, 22B active, model card"),
    ("qwen3-coder-480b-a35b", 480_154_875_392, 35_474_765_312, "[p] 480B, 35B active, model card"),
    ("qwen3-next-80b-a3b", 79_674_391_296, 3_874_929_408, "[t]; 80B, 3B active, model card"),
    ("phi-3-mini-4k", 3_821_079_552, 0, "[s] [t]"),
    ("phi-4", 14_659_507_200, 0, "[s]"),
    ("gemma-2-2b", 2_614_341_888, 0, "[s]"),
    ("gemma-2-9b", 9_241_705_984, 0, "[s] [t]"),
    ("gemma-2-27b", 27_227_128_320, 0, "[s]"),
    ("gemma-3-1b", 999_885_952, 0, "[s]"),
    ("gemma-3-27b", 27_009_346_304, 0, "[t] of the text part; 27,432,406,640 with the vision tower [s]"),
    ("olmo-2-7b", 7_298_617_344, 0, "[s]"),
    ("gpt-oss-20b", 20_914_757_184, 4_187_440_704, "[t]; 20.91B, 3.61B active without the embedding, arXiv:2508.10925"),
    (
        "gpt-oss-120b",
        116_829_156_672,
        5_711_982_912,
        "[s]; 116.83B, 5.13B active without the embedding, arXiv:2508.10925",
    ),
    (
        "glm-4.5-air",
        106_852_245_504,
        13_424_123_904,
        "[t]; 110,468,824,832 with the further-token module and buffers [s]",
    ),
    ("minimax-m2.5", 228_689_748_992, 11_030_537_216, "[s] 228,689,764,864 with 15,872 numbers of buffers"),
    (
        "llama-4-scout",
        107_769_861_120,
        17_172_894_720,
        "[t] of the text part; 108,641,793,536 with the vision tower [s]",
    ),
    (
        "llama-4-maverick",
        400_711_848_960,
        17_184_691_200,
        "[t] of the text part; 401,583,781,376 with the vision tower [s]",
    ),
    ("mimo-v2-flash", 308_778_768_832, 15_445_924_288, "[t]; 309B, 15B active, model card"),
    ("deepseek-v2-lite", 15_706_484_224, 2_661_150_208, "[s]; 15.7B, 2.4B active, model card"),
    (
        "deepseek-v2.5",
        235_741_434_880,
        21_375_800_320,
        "[s] of DeepSeek-V2, whose shapes are the same; 236B, 21B active, arXiv:2405.04434",
    ),
    ("deepseek-v3", 671_026_404_352, 37_552_282_624, "[t]; 671B, 37B active, arXiv:2412.19437"),
    (
        "deepseek-r1",
        671_026_404_352,
        37_552_282_624,
        "[s] 684,531,386,000 less further-token module, buffers and scales",
    ),
    (
        "deepseek-v3.2",
        671_877_929_216,
        38_403_807_488,
        "[s] 685,396,921,376 less further-token module, buffers and scales",
    ),
    (
        "kimi-k2",
        1_026_408_209_408,
        32_861_477_888,
        "[s] 1,026,408,235,864 less buffers; 1T, 32B active, arXiv:2507.20534",
    ),
    ("mamba2-2.7b", 2_702_599_680, 0, "[t]; 2.7B, arXiv:2405.21060"),
    ("mamba-codestral-7b", 7_285_403_648, 0, "[p] 7,285,403,648, announcement of July 16, 2024"),
];

#[test]
fn every_model_has_as_many_parameters_as_was_published() {
    let named: Vec<&str> = PUBLISHED.iter().map(|(name, ..)| *name).collect();
    let built_in: Vec<&str> = catalogue::ENTRIES.iter().map(|entry| entry.name).collect();
    assert_eq!(named, built_in);
    for (name, published, active, source) in PUBLISHED {
        let model = catalogue::find(name).expect("it is in the catalogue");
        let counted = params(&model, &Workload::decode(1, 0), &Options::default()).expect("it can be counted");
        assert_eq!(counted.total, *published, "{name} {source}");
        let active = if *active == 0 { *published } else { *active };
        assert_eq!(counted.active, active, "{name} {source}");
        assert_eq!(model.warnings().count(), 0, "{name}");
    }
}
