//! Parameters of the built-in models against the counts that were published for them.

use cost_core::Options;
use cost_models::report::params;
use cost_models::{Workload, catalogue};

/// Exact counts, typed from: [k] keras-hub's presets; [s] the totals of the released safetensors, as the model hub gives
/// them; [t] PyTorch's count of the released architecture's tensors; [p] the paper's or model card's rounded figure.
const PUBLISHED: &[(&str, u128, &str)] = &[
    ("gpt2", 124_439_808, "[t]"),
    ("llama-7b", 6_738_415_616, "[p] 6.7B, arXiv:2302.13971 table 2"),
    ("llama-13b", 13_015_864_320, "[p] 13.0B, arXiv:2302.13971 table 2"),
    ("llama-30b", 32_528_943_616, "[p] 32.5B, arXiv:2302.13971 table 2"),
    ("llama-65b", 65_285_660_672, "[p] 65.2B, arXiv:2302.13971 table 2"),
    ("llama-2-7b", 6_738_415_616, "[k] [t]"),
    ("llama-2-13b", 13_015_864_320, "[p] 13B, arXiv:2307.09288 table 1"),
    ("llama-2-70b", 68_976_648_192, "[t]"),
    ("codellama-34b", 33_743_970_304, "[p] 34B, arXiv:2308.12950"),
    ("llama-3-8b", 8_030_261_248, "[k]"),
    ("llama-3-70b", 70_553_706_496, "[s] of Llama 3.1 70B, whose shapes are the same"),
    ("llama-3.1-8b", 8_030_261_248, "[s] [t]"),
    ("llama-3.1-70b", 70_553_706_496, "[s]"),
    ("llama-3.1-405b", 405_853_388_800, "[s]"),
    ("llama-3.2-1b", 1_235_814_400, "[s]"),
    ("llama-3.2-3b", 3_212_749_824, "[s]"),
    ("llama-3.3-70b", 70_553_706_496, "[s]"),
    ("tinyllama-1.1b", 1_100_048_384, "[p] 1.1B, model card"),
    ("deepseek-llm-7b", 6_910_365_696, "[p] 7B, arXiv:2401.02954 table 2"),
    ("yi-6b", 6_061_035_520, "[s] of Yi-1.5-6B, whose shapes are the same"),
    ("yi-1.5-34b", 34_388_917_248, "[s]"),
    ("mistral-7b-v0.1", 7_241_732_096, "[k] [t]"),
    ("mistral-7b-v0.3", 7_248_023_552, "[k]"),
    ("mistral-nemo-12b", 12_247_782_400, "[p] 12B, model card"),
    ("mistral-small-24b", 23_572_403_200, "[p] 24B, model card"),
    ("qwen3-0.6b", 596_049_920, "[t]"),
    ("qwen3-32b", 32_762_123_264, "[t]"),
];

#[test]
fn every_model_has_as_many_parameters_as_was_published() {
    let named: Vec<&str> = PUBLISHED.iter().map(|(name, ..)| *name).collect();
    let built_in: Vec<&str> = catalogue::ENTRIES.iter().map(|entry| entry.name).collect();
    assert_eq!(named, built_in);
    for (name, published, source) in PUBLISHED {
        let model = catalogue::find(name).expect("it is in the catalogue");
        let counted = params(&model, &Workload::decode(1, 0), &Options::default()).expect("it can be counted");
        assert_eq!(counted.total, *published, "{name} {source}");
        assert_eq!(counted.active, counted.total, "{name} is dense");
        assert_eq!(model.warnings, Vec::<String>::new(), "{name}");
    }
}
