//! `quantization_config`: which weights are stored how.

use cost_core::op::Role;
use cost_core::{Options, cost::Tensor};
use cost_models::{Model, Workload};
use cost_tests::said;
use proptest::prelude::*;

/// A small dense model and a small mixture, for a quantisation to be added.
const LLAMA: &str = r#""model_type": "llama", "hidden_size": 1024, "intermediate_size": 2560, "hidden_act": "silu",
    "num_attention_heads": 8, "num_key_value_heads": 2, "num_hidden_layers": 4, "vocab_size": 32000, "tie_word_embeddings": false"#;
const MIXTURE: &str = r#""model_type": "qwen3_moe", "hidden_size": 1024, "intermediate_size": 2560, "head_dim": 128,
    "hidden_act": "silu", "num_attention_heads": 8, "num_key_value_heads": 2, "num_hidden_layers": 4,
    "vocab_size": 32000, "tie_word_embeddings": false, "num_experts": 16, "num_experts_per_tok": 2, "moe_intermediate_size": 512,
    "decoder_sparse_step": 1, "norm_topk_prob": true"#;

fn read(model: &str, quantised: &str) -> Result<Model, String> {
    let text = format!(r#"{{{model}, "quantization_config": {quantised}}}"#);
    Model::from_config("test", &text).map_err(|error| error.to_string())
}

fn weights(model: &Model) -> Vec<Tensor<u128>> {
    let options = Options::default();
    let tensors = model.tensors(&Workload::decode(1, 1), &options).unwrap();
    tensors.into_iter().filter(|tensor| tensor.role == Role::Weight).collect()
}

/// The formats of the tensors whose safetensors name ends so, and how many copies have each.
#[track_caller]
fn check(model: &str, quantised: &str, expected: &[(&str, &[(&str, u128)])]) {
    let model = read(model, quantised).unwrap();
    // Of AQLM's codebooks it is said that they aren't counted.
    let said =
        |text: &str| text.starts_with("modules that are to stay") || text.starts_with("codebooks, 1048576 bytes");
    assert_eq!(model.warnings().filter(|note| !said(&note.text)).count(), 0, "{quantised}: {:?}", model.notes);
    let tensors = weights(&model);
    for (name, formats) in expected {
        let named = tensors.iter().filter(|tensor| tensor.hf.as_ref().is_some_and(|hf| hf.ends_with(name)));
        let found: Vec<(String, u128)> = named.map(|tensor| (tensor.format.to_string(), tensor.copies)).collect();
        let expected: Vec<(String, u128)> =
            formats.iter().map(|(text, copies)| ((*text).to_owned(), *copies)).collect();
        assert_eq!(found, expected, "{name} of {quantised}");
    }
}

/// What every method leaves alone in a dense model.
const KEPT: [(&str, &[(&str, u128)]); 3] = [
    ("embed_tokens.weight", &[("bf16", 1)]),
    ("lm_head.weight", &[("bf16", 1)]),
    ("input_layernorm.weight", &[("bf16", 4)]),
];

#[test]
fn methods_set_the_formats_of_linear_layers() {
    for (quantised, format) in [
        (r#"{"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]}"#, "fp8:b128x128:f32"),
        (r#"{"quant_method": "fp8", "activation_scheme": "static"}"#, "fp8:tensor:f32"),
        (r#"{"quant_method": "fbgemm_fp8", "activation_scale_ub": 1200.0}"#, "fp8:row:f32"),
        (r#"{"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": true}"#, "int4:g128:f16:int4"),
        (r#"{"quant_method": "gptq", "bits": 8, "group_size": -1, "sym": false}"#, "int8:row:f16:int8"),
        (r#"{"quant_method": "awq", "bits": 4, "group_size": 64, "version": "GEMM"}"#, "int4:g64:f16:int4"),
        (r#"{"quant_method": "awq", "w_bit": 4, "q_group_size": 128}"#, "int4:g128:f16:int4"),
        (
            r#"{"quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_quant_type": "nf4",
                "bnb_4bit_use_double_quant": true}"#,
            "nf4:g64:int8:g256:f32",
        ),
        (r#"{"load_in_4bit": true, "load_in_8bit": false}"#, "fp4:g64:f32"),
        (r#"{"load_in_8bit": true, "llm_int8_threshold": 6.0}"#, "int8:row:f32"),
    ] {
        check(LLAMA, quantised, &KEPT);
        for name in ["q_proj.weight", "v_proj.weight", "o_proj.weight", "gate_proj.weight", "down_proj.weight"] {
            check(LLAMA, quantised, &[(name, &[(format, 4)])]);
        }
    }
}

/// Configs as their own tools write them, and the format of all linear layers.
#[test]
fn methods_of_other_tools_set_the_formats_of_linear_layers() {
    let torchao = |config: &str| format!(r#"{{"quant_method": "torchao", "quant_type": {{"default": {config}}}}}"#);
    let quark = |weight: &str| {
        format!(
            r#"{{"quant_method": "quark", "exclude": ["lm_head"], "export": {{"kv_cache_group": []}}, "layer_quant_config": {{}},
                "global_quant_config": {{"weight": {weight}, "input_tensors": null, "output_tensors": null, "bias": null}}}}"#
        )
    };
    let hqq = |weights: &str| {
        format!(
            r#"{{"quant_method": "hqq", "skip_modules": ["lm_head"], "quant_config": {{"weight_quant_params": {weights},
            "scale_quant_params": null, "zero_quant_params": null, "offload_meta": false}}}}"#
        )
    };
    for (quantised, format) in [
        (r#"{"quant_method": "modelopt", "quant_algo": "FP8", "ignore": ["lm_head"]}"#.to_owned(), "fp8:tensor:f32"),
        (r#"{"quant_algo": "nvfp4", "group_size": 16, "ignore": ["lm_head"]}"#.to_owned(), "fp4:g16:fp8:tensor:f32"),
        (r#"{"quant_method": "modelopt", "quant_algo": "MXFP8", "ignore": ["lm_head"]}"#.to_owned(), "mxfp8"),
        (
            r#"{"quant_method": "modelopt", "quantization": {"quant_algo": "W4A16_AWQ", "group_size": 64,
                "has_zero_point": false, "exclude_modules": ["lm_head"]}}"#.to_owned(),
            "int4:g64:f32",
        ),
        (
            r#"{"quant_method": "auto-round", "bits": 4, "group_size": 128, "sym": true, "data_type": "int",
                "packing_format": "auto_round:auto_gptq", "iters": 0}"#.to_owned(),
            "int4:g128:f16:int4",
        ),
        (r#"{"quant_method": "intel/auto-round", "bits": 2, "group_size": 32, "sym": false}"#.to_owned(), "int2:g32:f16:int2"),
        (torchao(r#"{"_type": "Int4WeightOnlyConfig", "_data": {"group_size": 128, "use_hqq": true}}"#), "int4:g128:bf16:bf16"),
        (torchao(r#"{"_type": "Int8WeightOnlyConfig", "_data": {"group_size": null}, "_version": 2}"#), "int8:row:bf16"),
        (
            torchao(r#"{"_type": "Float8DynamicActivationFloat8WeightConfig", "_data": {"granularity": [
                {"_type": "PerRow", "_data": {}}, {"_type": "PerRow", "_data": {}}]}}"#),
            "fp8:row:f32",
        ),
        (r#"{"quant_method": "torchao", "quant_type": "int4_weight_only", "quant_type_kwargs": {"group_size": 64}}"#.to_owned(), "int4:g64:bf16:bf16"),
        (quark(r#"{"dtype": "fp8_e4m3", "qscheme": "per_tensor", "is_dynamic": false}"#), "fp8:tensor:f32"),
        (quark(r#"{"dtype": "fp4", "qscheme": "per_group", "group_size": 32, "scale_format": "e8m0"}"#), "mxfp4"),
        (
            quark(r#"[{"dtype": "fp8_e4m3", "qscheme": "per_tensor"}, {"dtype": "int4", "qscheme": "per_channel"}]"#),
            "int4:row:bf16",
        ),
        (hqq(r#"{"nbits": 4, "group_size": 64, "axis": 1}"#), "int4:g64:bf16:bf16"),
        // Ten of three bits in 32: 13 bits more for 64.
        (hqq(r#"{"nbits": 3, "group_size": 64, "axis": 0}"#), "int3:g64+13:bf16:bf16"),
        (
            r#"{"quant_method": "aqlm", "in_group_size": 8, "out_group_size": 1, "num_codebooks": 1, "nbits_per_codebook": 16,
                "linear_weights_not_to_quantize": ["model.embed_tokens.weight", "lm_head.weight"]}"#.to_owned(),
            "code2:row:f16",
        ),
        (r#"{"quant_method": "eetq", "weights": "int8", "modules_to_not_convert": null}"#.to_owned(), "int8:row:f16"),
        (
            r#"{"quant_method": "bitnet", "linear_class": "autobitlinear", "quantization_mode": "offline"}"#.to_owned(),
            "int2:tensor:bf16",
        ),
    ] {
        check(LLAMA, &quantised, &KEPT);
        for name in ["q_proj.weight", "v_proj.weight", "o_proj.weight", "gate_proj.weight", "down_proj.weight"] {
            check(LLAMA, &quantised, &[(name, &[(format, 4)])]);
        }
    }
}

/// Which layers have other settings, which stay as they are, and what of the head and the embedding table.
#[test]
fn layers_of_other_tools_have_settings_of_their_own() {
    let mlx = |rest: &str| format!(r#"{{"group_size": 64, "bits": 4 {rest}}}"#);
    let modelopt = |rest: &str| format!(r#"{{"quant_method": "modelopt", {rest}}}"#);
    let round = |extra: &str| {
        format!(
            r#"{{"quant_method": "auto-round", "bits": 4, "group_size": 128, "sym": true, "extra_config": {{{extra}}}}}"#
        )
    };
    let named = |rest: &str| {
        format!(
            r#"{{"quant_method": "torchao", "quant_type": {{"default": {{"_type": "FqnToConfig", "_data": {{"fqn_to_config":
                {{"_default": {{"_type": "Int8WeightOnlyConfig", "_data": {{}}}}, {rest}}}}}}}}}}}"#
        )
    };
    let (four, fp8, fp4, round4) =
        ("int4:g64:bf16:bf16", "fp8:tensor:f32", "fp4:g16:fp8:tensor:f32", "int4:g128:f16:int4");
    let mixed = r#""quant_algo": "MIXED_PRECISION", "quantized_layers": {
        "model.layers.0.self_attn.q_proj": {"quant_algo": "FP8"}, "model.language_model.layers.1.self_attn.q_proj":
        {"quant_algo": "NVFP4", "group_size": 16}, "lm_head": {"quant_algo": "W4A16_NVFP4"}}"#;
    for (quantised, name, formats) in [
        (mlx(""), "embed_tokens.weight", &[(four, 1)][..]),
        (mlx(""), "lm_head.weight", &[(four, 1)]),
        (mlx(r#", "lm_head": {"group_size": 32, "bits": 8}"#), "lm_head.weight", &[("int8:g32:bf16:bf16", 1)]),
        (
            mlx(r#", "model.layers.1.mlp.down_proj": {"group_size": 64, "bits": 6}"#),
            "down_proj.weight",
            &[(four, 3), ("int6:g64:bf16:bf16", 1)],
        ),
        (
            mlx(r#", "language_model.model.layers.2.mlp.down_proj": false"#),
            "down_proj.weight",
            &[(four, 3), ("bf16", 1)],
        ),
        (r#"{"group_size": 32, "bits": 4, "mode": "mxfp4"}"#.to_owned(), "q_proj.weight", &[("mxfp4", 4)]),
        // A row of 1,024 isn't whole groups of 96.
        (r#"{"group_size": 96, "bits": 4}"#.to_owned(), "q_proj.weight", &[("bf16", 4)]),
        (modelopt(mixed), "q_proj.weight", &[(fp8, 1), (fp4, 1), ("bf16", 2)]),
        (modelopt(mixed), "lm_head.weight", &[(fp4, 1)]),
        (modelopt(r#""quant_algo": "FP8", "ignore": []"#), "lm_head.weight", &[(fp8, 1)]),
        (
            modelopt(r#""quant_algo": "FP8", "ignore": ["model.layers.1*", "*self_attn.k*"]"#),
            "q_proj.weight",
            &[(fp8, 3), ("bf16", 1)],
        ),
        (modelopt(r#""quant_algo": "FP8", "ignore": ["*self_attn.k*"]"#), "k_proj.weight", &[("bf16", 4)]),
        (
            round(r#""model.layers.3.mlp.up_proj": {"bits": 16, "data_type": "float"}"#),
            "up_proj.weight",
            &[(round4, 3), ("bf16", 1)],
        ),
        (round(r#"".*o_proj.*": {"bits": 8}"#), "o_proj.weight", &[("int8:g128:f16:int8", 4)]),
        (round(r#""lm_head": {"bits": 8}"#), "lm_head.weight", &[("int8:g128:f16:int8", 1)]),
        (
            named(r#""model.embed_tokens": {"_type": "IntxWeightOnlyConfig", "_data": {}}"#),
            "embed_tokens.weight",
            &[("int8:row:bf16:int8", 1)],
        ),
        (named(r#""model.layers.0.self_attn.q_proj": null"#), "q_proj.weight", &[("bf16", 1), ("int8:row:bf16", 3)]),
        (
            r#"{"quant_method": "exl2", "bits": 4.25, "head_bits": 6, "version": "0.1.8"}"#.to_owned(),
            "q_proj.weight",
            &[("int4:g128+32", 4)],
        ),
        (
            r#"{"quant_method": "exl3", "bits": 3.0, "head_bits": 6, "version": "0.0.1"}"#.to_owned(),
            "lm_head.weight",
            &[("int6", 1)],
        ),
    ] {
        check(LLAMA, &quantised, &[(name, formats)]);
    }
    // Experts stand in one module, and each by itself.
    let experts = r#"{"group_size": 64, "bits": 4, "model.layers.0.mlp.gate": {"group_size": 64, "bits": 8},
        "model.layers.1.mlp.switch_mlp.down_proj": {"group_size": 64, "bits": 6}}"#;
    check(MIXTURE, experts, &[("mlp.gate.weight", &[("int8:g64:bf16:bf16", 1), (four, 3)])]);
    check(MIXTURE, experts, &[("*.down_proj.weight", &[(four, 48), ("int6:g64:bf16:bf16", 16)])]);
}

/// The class that products multiply in, and the format of caches.
#[test]
fn classes_and_caches_of_other_tools() {
    let tokens = Workload::prefill(1, 64);
    for (quantised, class, cache) in [
        (r#"{"quant_method": "modelopt", "quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8"}"#, "fp4", "fp8"),
        (
            r#"{"quant_algo": "W4A16_NVFP4", "kv_cache_scheme": {"num_bits": 8, "type": "float", "dynamic": false}}"#,
            "bf16",
            "fp8",
        ),
        (r#"{"quant_algo": "FP8", "kv_cache_quant_algo": "NVFP4"}"#, "fp8", "nvfp4"),
        // What is narrower than the weights is widened to them.
        (
            r#"{"quant_method": "compressed-tensors", "format": "int-quantized", "config_groups": {"group_0": {"targets": ["Linear"],
                "weights": {"num_bits": 8}, "input_activations": {"num_bits": 4}}}}"#,
            "int8",
            "bf16",
        ),
        (r#"{"quant_method": "eetq"}"#, "bf16", "bf16"),
        (r#"{"quant_method": "bitnet"}"#, "int8", "bf16"),
        (r#"{"quant_method": "bitnet", "quantization_mode": "online"}"#, "int8", "bf16"),
        (r#"{"quant_method": "torchao", "quant_type": "int8_dynamic_activation_int8_weight"}"#, "int8", "bf16"),
        (
            r#"{"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp4", "qscheme": "per_group", "group_size":
                32, "scale_format": "e8m0"}, "input_tensors": {"dtype": "fp4", "is_dynamic": true}},
                "kv_cache_quant_config": {"*k_proj": {"output_tensors": {"dtype": "fp8_e4m3"}}}}"#,
            "fp4",
            "fp8",
        ),
    ] {
        let model = read(LLAMA, quantised).unwrap();
        let kernels = model.kernels(&tokens, &Options::default()).unwrap();
        let down = kernels.iter().find(|it| it.operands.iter().any(|it| it.path.ends_with("down"))).unwrap();
        assert_eq!(down.class().map(cost_core::format::Class::name), Some(class), "{quantised}");
        assert_eq!(model.formats().of(Role::Cache).to_string(), cache, "{quantised}");
    }
}

/// A compressed-tensors config with one group for linear layers.
fn compressed(layout: &str, weights: &str, rest: &str) -> String {
    format!(
        r#"{{"quant_method": "compressed-tensors", "format": "{layout}", "quantization_status": "compressed",
            "config_groups": {{"group_0": {{"targets": ["Linear"], "weights": {weights}, "input_activations": null}}}},
            "ignore": ["lm_head"] {rest}}}"#
    )
}

#[test]
fn compressed_tensors_have_formats_by_strategy() {
    for (layout, weights, format) in [
        (
            "pack-quantized",
            r#"{"num_bits": 4, "type": "int", "strategy": "group", "group_size": 128, "symmetric": true}"#,
            "int4:g128:bf16",
        ),
        ("pack-quantized", r#"{"num_bits": 4, "group_size": 32, "symmetric": false}"#, "int4:g32:bf16:int4"),
        ("pack-quantized", r#"{"num_bits": 8, "strategy": "channel", "group_size": -1}"#, "int8:row:bf16"),
        ("int-quantized", r#"{"num_bits": 8, "strategy": "channel", "scale_dtype": "torch.float32"}"#, "int8:row:f32"),
        // Integers of 4 bits that are not packed take a byte each.
        ("naive-quantized", r#"{"num_bits": 4, "strategy": "tensor"}"#, "int8:tensor:bf16"),
        ("float-quantized", r#"{"num_bits": 8, "type": "float", "strategy": "channel"}"#, "fp8:row:bf16"),
        ("naive-quantized", r#"{"num_bits": 8, "type": "float", "strategy": "tensor"}"#, "fp8:tensor:bf16"),
        (
            "float-quantized",
            r#"{"num_bits": 8, "type": "float", "strategy": "block", "block_structure": [128, 64]}"#,
            "fp8:b128x64:bf16",
        ),
        (
            "nvfp4-pack-quantized",
            r#"{"num_bits": 4, "type": "float", "strategy": "tensor_group", "group_size": 16}"#,
            "fp4:g16:fp8:tensor:f32",
        ),
        ("mxfp4-pack-quantized", r#"{"num_bits": 4, "type": "float", "strategy": "group", "group_size": 32}"#, "mxfp4"),
    ] {
        let quantised = compressed(layout, weights, "");
        check(LLAMA, &quantised, &KEPT);
        check(LLAMA, &quantised, &[("q_proj.weight", &[(format, 4)]), ("down_proj.weight", &[(format, 4)])]);
    }
}

#[test]
fn lists_leave_modules_alone() {
    let int4 = r#"{"num_bits": 4, "group_size": 128}"#;
    let fp8 = |list: &str| format!(r#"{{"quant_method": "fp8", "modules_to_not_convert": [{list}]}}"#);
    let ignored = |list: &str| compressed("pack-quantized", int4, "").replace(r#"["lm_head"]"#, &format!("[{list}]"));
    let gptq = |rest: &str| format!(r#"{{"quant_method": "gptq", "bits": 4, "group_size": 128, {rest}}}"#);
    let (fp, gq, all) = ("fp8:tensor:f32", "int4:g128:f16:int4", "int4:g128:bf16");
    for (quantised, name, formats) in [
        // One layer, part of the layers, a kind of module, a whole name, a family of names.
        (fp8(r#""model.layers.2""#), "q_proj.weight", &[(fp, 3), ("bf16", 1)][..]),
        (fp8(r#""model.layers.2.self_attn""#), "up_proj.weight", &[(fp, 4)]),
        (fp8(r#""o_proj""#), "o_proj.weight", &[("bf16", 4)]),
        (fp8(r#""proj""#), "o_proj.weight", &[(fp, 4)]),
        (fp8(r#""model.layers.1.mlp.up_proj.weight""#), "up_proj.weight", &[(fp, 3), ("bf16", 1)]),
        (fp8(r#""model.layers.*.mlp""#), "up_proj.weight", &[("bf16", 4)]),
        (ignored(r#""re:.*layers\\.(0|3)\\..*""#), "q_proj.weight", &[("bf16", 2), (all, 2)]),
        (ignored(r#""re:model.*self_attn.*""#), "q_proj.weight", &[("bf16", 4)]),
        (ignored(r#""re:.*self_attn.*""#), "up_proj.weight", &[(all, 4)]),
        (gptq(r#""lm_head": true"#), "lm_head.weight", &[(gq, 1)]),
        (gptq(r#""lm_head": false"#), "lm_head.weight", &[("bf16", 1)]),
        (gptq(r#""modules_in_block_to_quantize": [["self_attn.q_proj"]]"#), "q_proj.weight", &[(gq, 4)]),
        (gptq(r#""modules_in_block_to_quantize": [["self_attn.q_proj"]]"#), "k_proj.weight", &[("bf16", 4)]),
        (gptq(r#""dynamic": {"-:.*k_proj": {}}"#), "k_proj.weight", &[("bf16", 4)]),
        (
            gptq(r#""dynamic": {"+:.*\\.1\\..*k_proj": {"bits": 8, "group_size": 64}}"#),
            "k_proj.weight",
            &[(gq, 3), ("int8:g64:f16:int8", 1)],
        ),
    ] {
        check(LLAMA, &quantised, &[(name, formats)]);
    }
}

/// gpt-oss-20b as released: `total_size` of its `model.safetensors.index.json` is 13,761,264,768 bytes.
#[test]
fn a_released_mixture_has_its_published_bytes() {
    let config = r#""model_type": "gpt_oss", "attention_bias": true, "head_dim": 64, "hidden_act": "silu",
        "hidden_size": 2880, "intermediate_size": 2880, "num_attention_heads": 64, "num_experts_per_tok": 4,
        "num_hidden_layers": 24, "num_key_value_heads": 8, "num_local_experts": 32, "sliding_window": 128,
        "swiglu_limit": 7.0, "tie_word_embeddings": false, "vocab_size": 201088"#;
    let quantised = r#"{"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn",
        "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]}"#;
    let tensors = weights(&read(config, quantised).unwrap());
    let bits: u128 = tensors.iter().map(|tensor| tensor.bits * tensor.copies).sum();
    assert_eq!(bits, 13_761_264_768 * 8);
}

/// Routers stay as they are, and only mixtures have MXFP4 as gpt-oss has it.
#[test]
fn routers_stay_and_experts_change() {
    let fp8 = r#"{"quant_method": "fp8", "weight_block_size": [128, 128]}"#;
    check(MIXTURE, fp8, &[("mlp.gate.weight", &[("bf16", 4)]), ("*.up_proj.weight", &[("fp8:b128x128:f32", 64)])]);
    let mxfp4 = r#"{"quant_method": "mxfp4"}"#;
    check(MIXTURE, mxfp4, &[("*.up_proj.weight", &[("mxfp4", 64)]), ("q_proj.weight", &[("bf16", 4)])]);
    check(LLAMA, mxfp4, &[("up_proj.weight", &[("bf16", 4)])]);
    // Those that a group names are quantised.
    let named = compressed("int-quantized", r#"{"num_bits": 8, "strategy": "channel"}"#, "")
        .replace(r#"["Linear"]"#, r#"["Linear", "re:.*mlp.gate$"]"#);
    check(MIXTURE, &named, &[("mlp.gate.weight", &[("int8:row:bf16", 4)])]);
}

#[test]
fn caches_can_be_quantised() {
    let int4 = r#"{"num_bits": 4, "group_size": 128}"#;
    for (scheme, format) in [
        (r#"{"num_bits": 8, "type": "float", "strategy": "tensor", "dynamic": false, "symmetric": true}"#, "fp8"),
        (r#"{"num_bits": 8, "type": "int"}"#, "int8"),
        ("null", "bf16"),
    ] {
        let quantised = compressed("pack-quantized", int4, &format!(r#", "kv_cache_scheme": {scheme}"#));
        assert_eq!(read(LLAMA, &quantised).unwrap().formats().of(Role::Cache).to_string(), format, "{scheme}");
    }
}

/// What is wrong, and what the message says.
#[test]
fn what_is_not_understood_is_named() {
    let int4 = |weights: &str| compressed("pack-quantized", weights, "");
    let four = r#""num_bits": 4, "group_size": 128"#;
    for (quantised, said) in [
        ("7".to_owned(), &["quantization_config: found 7", "an object"][..]),
        (r#"{"quant_method": "spqr"}"#.to_owned(), &["quant_method: found \"spqr\"", "fp8, fbgemm_fp8, gptq, awq"]),
        (r#"{"quant_method": 4}"#.to_owned(), &["quant_method: found 4", "a text"]),
        (r#"{"quant_method": "fp8", "fmt": "e3m4"}"#.to_owned(), &["quantization_config.fmt", "\"e4m3\""]),
        (
            r#"{"quant_method": "fp8", "weight_block_size": [128]}"#.to_owned(),
            &["weight_block_size: found [128]", "two"],
        ),
        (r#"{"quant_method": "fp8", "weight_block_size": [0, 1]}"#.to_owned(), &["weight_block_size: found [0,1]"]),
        (
            r#"{"quant_method": "fp8", "weight_block_size": [1, 65537]}"#.to_owned(),
            &["weight_block_size: found fp8:b1x6"],
        ),
        (r#"{"quant_method": "fp8", "modules_to_not_convert": "a"}"#.to_owned(), &["modules_to_not_convert", "a list"]),
        (
            r#"{"quant_method": "fp8", "modules_to_not_convert": [1]}"#.to_owned(),
            &["modules_to_not_convert", "found 1"],
        ),
        (
            r#"{"quant_method": "fp8", "modules_to_not_convert": ["re:(?!a)"]}"#.to_owned(),
            &["modules_to_not_convert: found \"(?!a)\"", "a regular expression without look-around"],
        ),
        (r#"{"quant_method": "gptq", "bits": 4}"#.to_owned(), &["group_size: found null", "a whole number"]),
        (r#"{"quant_method": "gptq", "bits": 5, "group_size": 128}"#.to_owned(), &["bits: found 5", "2, 3, 4 or 8"]),
        (r#"{"quant_method": "gptq", "bits": 4, "group_size": 0}"#.to_owned(), &["group_size: found 0", "g0"]),
        (
            r#"{"quant_method": "gptq", "bits": 4, "group_size": 64, "checkpoint_format": "marlin"}"#.to_owned(),
            &["checkpoint_format: found \"marlin\"", "\"gptq\" or \"gptq_v2\""],
        ),
        (
            r#"{"quant_method": "gptq", "bits": 4, "group_size": 64, "dynamic": {"+:a": {"rank": 3}}}"#.to_owned(),
            &["quantization_config.dynamic.rank: found 3", "nothing is known"],
        ),
        (r#"{"quant_method": "awq", "bits": 4, "group_size": 64, "version": "gemv"}"#.to_owned(), &["version", "gemv"]),
        (r#"{"load_in_8bit": true, "load_in_4bit": true}"#.to_owned(), &["load_in_8bit: found true"]),
        (
            r#"{"quant_method": "compressed-tensors"}"#.to_owned(),
            &["config_groups: found null", "an object of at least one group"],
        ),
        (
            int4(&format!("{{{four}}}")).replace("[\"Linear\"]", "[]"),
            &["config_groups.group_0.targets: found []", "at least one"],
        ),
        (int4(r#"{"num_bits": 3}"#), &["config_groups.group_0.weights.num_bits: found 3", "\"pack-quantized\""]),
        (int4(r#"{"num_bits": 8, "type": "float"}"#), &["weights.num_bits: found 8", "of the type"]),
        (int4(r#"{"num_bits": 4, "strategy": "group"}"#), &["weights.group_size: found null"]),
        (int4(r#"{"num_bits": 4, "strategy": "token"}"#), &["weights.strategy: found \"token\"", "\"channel\""]),
        (int4(&format!(r#"{{{four}, "rank": 3}}"#)), &["weights.rank: found 3", "nothing is known"]),
        (
            compressed("marlin-24", &format!("{{{four}}}"), ""),
            &["weights.format: found \"marlin-24\"", "pack-quantized"],
        ),
        (
            compressed("pack-quantized", &format!("{{{four}}}"), r#", "sparsity_config": {"format": "sparse-24"}"#),
            &["sparsity_config", "dense"],
        ),
        (
            compressed("pack-quantized", &format!("{{{four}}}"), r#", "kv_cache_scheme": {"num_bits": 4}"#),
            &["kv_cache_scheme.num_bits: found 4", "8"],
        ),
    ] {
        let error = read(LLAMA, &quantised).expect_err(&quantised);
        for part in said {
            assert!(error.contains(part), "{quantised}: no {part:?} in {error}");
        }
    }
}

#[test]
fn unknown_fields_are_reported() {
    let model = read(LLAMA, r#"{"quant_method": "fp8", "rank": 4}"#).unwrap();
    assert_eq!(said(&model), ["unknown field quantization_config.rank (4) is not accounted for"]);
}

/// Something where something else is expected.
fn absurd() -> impl Strategy<Value = String> {
    let known = ["null", "true", "0", "-1", "4", "1e300", "18446744073709551615", "[]", "{}", "[128, 128]", "\"int\""];
    let more = ["\"\"", "\"re:(\"", "\"re:a{9999}{9999}\"", "[[]]", "[1]", "{\"a\": {}}", "\"Linear\"", "[\"Linear\"]"];
    prop::sample::select([&known[..], &more].concat()).prop_map(str::to_owned)
}

proptest! {
    /// Whatever a field holds, the config is read or refused.
    #[test]
    fn absurd_values_are_read_or_refused(
        method in prop::sample::select(vec!["fp8", "fbgemm_fp8", "gptq", "awq", "mxfp4", "compressed-tensors", "bitsandbytes", "modelopt",
            "mlx", "auto-round", "torchao", "quark", "hqq", "exl2", "exl3", "aqlm", "eetq", "bitnet"]),
        fields in prop::collection::vec((prop::sample::select(FIELDS), absurd()), 0..6),
        weights in prop::collection::vec((prop::sample::select(WEIGHTS), absurd()), 0..4),
    ) {
        let object = |fields: &[(&str, String)]| {
            let mut names: Vec<&str> = Vec::new();
            let once = fields.iter().filter(|(name, _)| !names.contains(name) && { names.push(name); true });
            once.map(|(name, value)| format!("\"{name}\": {value}")).collect::<Vec<_>>().join(", ")
        };
        let group = format!(r#""g": {{"targets": ["Linear"], "weights": {{{}}}}}"#, object(&weights));
        let mut all = vec![("quant_method", format!("\"{method}\"")), ("bits", "4".to_owned())];
        all.extend(fields);
        all.push(("config_groups", format!("{{{group}}}")));
        all.push(("group_size", "128".to_owned()));
        if let Ok(model) = read(LLAMA, &format!("{{{}}}", object(&all))) {
            prop_assert!(weights_bits(&model) > 0);
        }
    }
}

fn weights_bits(model: &Model) -> u128 {
    weights(model).iter().map(|tensor| tensor.bits * tensor.copies).sum()
}

const FIELDS: &[&str] = &[
    "quant_algo",
    "quantized_layers",
    "exclude_modules",
    "kv_cache_quant_algo",
    "mode",
    "extra_config",
    "data_type",
    "quant_type",
    "global_quant_config",
    "layer_quant_config",
    "quant_config",
    "head_bits",
    "in_group_size",
    "num_codebooks",
    "nbits_per_codebook",
    "bits",
    "group_size",
    "weight_block_size",
    "modules_to_not_convert",
    "fmt",
    "version",
    "zero_point",
    "dynamic",
    "lm_head",
    "modules_in_block_to_quantize",
    "config_groups",
    "ignore",
    "format",
    "kv_cache_scheme",
    "sparsity_config",
    "load_in_4bit",
    "load_in_8bit",
    "bnb_4bit_quant_type",
    "llm_int8_skip_modules",
];

const WEIGHTS: &[&str] =
    &["num_bits", "type", "strategy", "group_size", "block_structure", "symmetric", "scale_dtype", "rank"];

#[test]
fn a_method_that_finds_nothing_says_so() {
    let mxfp4 = r#"{"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]}"#;
    let skipped = r#"{"quant_method": "fp8", "weight_block_size": [128, 128], "modules_to_not_convert": ["model"]}"#;
    for (model, quantised, expected) in [
        (LLAMA, mxfp4, "quantises no weight: the model has no routed experts to be stored in mxfp4"),
        (LLAMA, skipped, "quantises no weight: the model has no linear layers that it doesn't leave as they are"),
    ] {
        let model = read(model, quantised).unwrap();
        assert!(matches!(said(&model)[..], [note] if note.contains(expected)), "{quantised}: {:?}", model.notes);
    }
    let said_of_all = "not in the config, so the class's defaults stand in: use_qk_norm true";
    assert_eq!(said(&read(MIXTURE, mxfp4).unwrap()), [said_of_all]);
}

#[test]
fn the_type_of_everything_else_is_known() {
    // GPTQ's scales are 16-bit, compressed-tensors' are of the type of everything else.
    let compressed = r#"{"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"group_0":
        {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 128,
        "symmetric": true}}}, "ignore": ["lm_head"]}"#;
    for (field, format) in [
        (r#""torch_dtype": "float16""#, "int4:g128:f16"),
        (r#""torch_dtype": "torch.float32""#, "int4:g128:f32"),
        (r#""dtype": "half""#, "int4:g128:f16"),
        (r#""dtype": "bfloat16""#, "int4:g128:bf16"),
        (r#""torch_dtype": "auto""#, "int4:g128:bf16"),
        (r#""torch_dtype": null, "dtype": "float32""#, "int4:g128:f32"),
    ] {
        check(&format!("{LLAMA}, {field}"), compressed, &[("o_proj.weight", &[(format, 4)])]);
    }
}

#[test]
fn layers_that_are_not_there_are_refused() {
    let with = |list: &str| {
        let text = format!(r#"{{{MIXTURE}, "mlp_only_layers": {list}}}"#);
        Model::from_config("test", &text).map_err(|error| error.to_string())
    };
    assert!(with("[0, 3]").is_ok() && with("[]").is_ok());
    for (list, found) in [("[4]", "found 4"), ("[0, 17]", "found 17")] {
        let error = with(list).unwrap_err();
        assert_eq!(error, format!("mlp_only_layers: {found}, expected layers below num_hidden_layers, 4"));
    }
}
