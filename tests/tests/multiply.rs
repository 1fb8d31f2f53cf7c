//! In which class of numbers products multiply, and what that makes of lower bounds.

use cost_core::cost::Pattern;
use cost_core::format::{Class, Format};
use cost_core::hardware;
use cost_core::{Options, cost::Formats};
use cost_models::report::{KernelReport, Report, report};
use cost_models::{Model, Workload, catalogue};

/// A mixture with a head of its own, and a place for how its weights are stored.
fn mixture(quantised: &str) -> Model {
    let config = format!(
        r#"{{"model_type": "qwen3_moe", "hidden_size": 256, "intermediate_size": 512, "moe_intermediate_size": 128,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 64, "vocab_size": 1000,
            "num_experts": 8, "num_experts_per_tok": 2, "decoder_sparse_step": 1, "norm_topk_prob": true,
            "tie_word_embeddings": false, "hidden_act": "silu", "torch_dtype": "bfloat16"{quantised}}}"#
    );
    Model::from_config("mixture", &config).unwrap_or_else(|error| panic!("{quantised}: {error}"))
}

fn own(model: &Model) -> Options {
    Options { formats: model.formats().clone(), ..Options::default() }
}

fn kernel<'r>(report: &'r Report, end: &str) -> &'r KernelReport {
    report.kernels.iter().find(|kernel| kernel.path.ends_with(end)).unwrap_or_else(|| panic!("no {end}"))
}

/// The classes of the projections, of attention, of the router, of the experts and of the head.
fn classes(model: &Model, options: &Options) -> [&'static str; 5] {
    let report = report(model, &Workload::prefill(1, 16), options, &[]).unwrap();
    ["q+keys+values", "attended", "gates", "expert.h", "logits"].map(|end| kernel(&report, end).class.unwrap_or("none"))
}

#[test]
fn configs_say_what_products_multiply_in() {
    let packed = |weights: &str, format: &str, acts: &str| {
        format!(
            r#", "quantization_config": {{"quant_method": "compressed-tensors", "format": "{format}", "ignore": ["lm_head"],
            "config_groups": {{"group_0": {{"targets": ["Linear"], "weights": {weights}, "input_activations": {acts}}}}}}}"#
        )
    };
    let int8 = r#"{"num_bits": 8, "type": "int", "strategy": "channel", "symmetric": true}"#;
    let int4 = r#"{"num_bits": 4, "type": "int", "strategy": "group", "group_size": 128, "symmetric": true}"#;
    let fp4 = r#"{"num_bits": 4, "type": "float", "strategy": "tensor_group", "group_size": 16, "symmetric": true}"#;
    let (token8, token4) = (
        r#"{"num_bits": 8, "type": "int", "strategy": "token", "dynamic": true, "symmetric": true}"#,
        r#"{"num_bits": 4, "type": "float", "strategy": "tensor_group", "group_size": 16, "dynamic": "local"}"#,
    );
    let fp8 = r#", "quantization_config": {"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": [128, 128]}"#;
    let unsaid = r#", "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}"#;
    let awq = r#", "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "version": "gemm"}"#;
    let int8_rows = r#", "quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": true}"#;
    for (quantised, expected) in [
        // Weights and activations that are both quantised multiply as they are; attention, router and head do not.
        (fp8, ["fp8", "bf16", "bf16", "fp8", "bf16"]),
        (unsaid, ["fp8", "bf16", "bf16", "fp8", "bf16"]),
        (packed(int8, "int-quantized", token8).as_str(), ["int8", "bf16", "bf16", "int8", "bf16"]),
        (packed(fp4, "nvfp4-pack-quantized", token4).as_str(), ["fp4", "bf16", "bf16", "fp4", "bf16"]),
        (int8_rows, ["int8", "bf16", "bf16", "int8", "bf16"]),
        // Weights alone are widened.
        (packed(int4, "pack-quantized", "null").as_str(), ["bf16"; 5]),
        (packed(int8, "int-quantized", "null").as_str(), ["bf16"; 5]),
        (awq, ["bf16"; 5]),
        ("", ["bf16"; 5]),
    ] {
        let model = mixture(quantised);
        assert_eq!(classes(&model, &own(&model)), expected, "{quantised}");
    }
}

#[test]
fn what_is_asked_for_decides() {
    let fp8 = r#", "quantization_config": {"quant_method": "fp8", "activation_scheme": "static"}"#;
    let model = mixture(fp8);
    let asked = |multiply: &[(&str, Class)]| {
        let multiply = multiply.iter().map(|(pattern, class)| (Pattern::new(pattern), *class)).collect();
        classes(&model, &Options { multiply, ..own(&model) })
    };
    assert_eq!(asked(&[("*", Class::F16)]), ["bf16"; 5]);
    assert_eq!(asked(&[("*", Class::F8)]), ["fp8"; 5]);
    // The last that matches, by a tensor's name in files, by its path or by the kernel's.
    assert_eq!(
        asked(&[("*", Class::I8), ("*.wk", Class::F16), ("lm_head.weight", Class::F4)]),
        ["int8", "int8", "int8", "int8", "fp4"]
    );
    assert_eq!(asked(&[("*.attended", Class::F8)]), ["fp8", "fp8", "bf16", "fp8", "bf16"]);
    // Weights in a format that is asked for are stored so, and multiply in the wider of the two.
    let formats = model.formats().clone().with_weights(Format::known("fp8"));
    assert_eq!(classes(&model, &Options { formats, ..Options::default() }), ["bf16"; 5]);
    let formats =
        Formats { acts: Some(Format::known("fp8")), ..model.formats().clone().with_weights(Format::known("fp8")) };
    assert_eq!(classes(&model, &Options { formats, ..Options::default() })[0], "fp8");
}

/// DeepSeek-V3's prefill of 4,096 tokens on an H200 (989.5 and 1,979 TFLOP/s, 4.8 TB/s).
#[test]
fn deepseek_v3_is_bounded_by_what_it_multiplies_in() {
    let (model, device) = (catalogue::find("deepseek-v3").unwrap(), hardware::find("h200").unwrap());
    let step = Workload::prefill(1, 4096);
    let found = report(&model, &step, &own(&model), core::slice::from_ref(&device)).unwrap();
    let time = |end: &str| {
        let verdicts = &found.hardware[0].kernels;
        verdicts.iter().find(|kernel| kernel.path.ends_with(end)).unwrap().lower_bound_s
    };
    // The output projection, 128 heads of 128 to 7,168: 2·4096·16384·7168 FLOP at the fp8 peak.
    let output = 2.0 * 4096.0 * 16_384.0 * 7168.0;
    assert_eq!(kernel(&found, "mla_block.mla.o").flops, 2 * 4096 * 16_384 * 7168);
    assert!((time("mla_block.mla.o") / (output / 1.979e15) - 1.0).abs() < 1e-3);
    // Attention multiplies in 16 bits: 4096·4097/2 pairs, 128 heads of 192 and 128.
    let attended = 4096.0 * 4097.0 * 128.0 * (192.0 + 128.0);
    assert!((time("mla_plain_attention.attended") / (attended / 9.895e14) - 1.0).abs() < 1e-2);
    // Some 273 ms if each expert kernel read its tokens once for each of their eight experts; they are read once for all:
    // 58 layers · 7/8 of 470 MB at 4.8 TB/s, 5 ms less.
    let bound = found.hardware[0].lower_bound_s;
    assert!((bound - 0.268).abs() < 0.001, "{bound}");
    // With every product in 16 bits, however its operands are stored.
    let options = Options { multiply: vec![(Pattern::new("*"), Class::F16)], ..own(&model) };
    let wide = report(&model, &step, &options, core::slice::from_ref(&device)).unwrap();
    assert!(wide.hardware[0].lower_bound_s > 1.25 * bound);
    assert_eq!(wide.bytes, found.bytes);
}
