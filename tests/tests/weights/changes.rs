//! Files that differ from what the architecture declares.

use cost_tests::files::{Tensor, tensor};

use crate::cases::{Case, compressed, families, methods, opened};

/// What is done to the tensors, and what is said.
type Change = (&'static str, fn(&mut Vec<Tensor>), &'static [&'static str]);

const CHANGES: &[Change] = &[
    (
        "plain",
        |tensors| tensors.retain(|it| !it.name.contains("layers.1.mlp.up_proj")),
        &["1 missing: model.layers.1.mlp.up_proj.weight"],
    ),
    (
        "plain",
        |tensors| tensors.push(tensor("model.layers.2.mlp.up_proj.weight", &[256, 128], "BF16")),
        &["1 that the model doesn't have: model.layers.2.mlp.up_proj.weight"],
    ),
    (
        "plain",
        |tensors| renamed(tensors, "layers.0.self_attn.q_proj", "layers.0.self_attn.query"),
        &[
            "1 missing: model.layers.0.self_attn.q_proj.weight",
            "1 that the model doesn't have: model.layers.0.self_attn.q",
        ],
    ),
    (
        "plain",
        |tensors| shaped(tensors, "layers.0.self_attn.k_proj", &[128, 128]),
        &["1 of another shape: model.layers.0.self_attn.k_proj.weight (found [128, 128], expected [64, 128])"],
    ),
    (
        "plain",
        |tensors| shaped(tensors, "lm_head", &[512 * 128]),
        &["lm_head.weight (found [65536], expected [512, 128])"],
    ),
    ("plain", |tensors| tensors.clear(), &["21 missing: lm_head.weight, model.embed_tokens.weight"]),
    (
        "plain",
        |tensors| tensors.push(tensor("model.layers.0.mlp.up_proj.weight_scale", &[256, 1], "BF16")),
        &["model.layers.0.mlp.up_proj.weight (found model.layers.0.mlp.up_proj.weight_scale", "a quantization_config"],
    ),
    (
        "fp8 blocks",
        |tensors| shaped(tensors, "layers.0.mlp.up_proj.weight_scale_inv", &[10]),
        &["layers.0.mlp.up_proj.weight (found 32808 bytes with its scales, expected 32816 as fp8:b48x100:f32)"],
    ),
    (
        "gptq",
        |tensors| shaped(tensors, "layers.1.mlp.up_proj.qzeros", &[5, 7]),
        &["layers.1.mlp.up_proj.weight (found 18572 bytes with its scales, expected 18944 as int4:g32:f16:int4)"],
    ),
    (
        "nf4",
        |tensors| shaped(tensors, "0.mlp.up_proj.weight", &[16_385, 1]),
        &["0.mlp.up_proj.weight (found 16905 bytes"],
    ),
    (
        "mixtral",
        |tensors| tensors.retain(|it| !it.name.contains("layers.1.block_sparse_moe.experts.2.w1")),
        &["1 missing: model.layers.1.block_sparse_moe.experts.2.w1.weight"],
    ),
    (
        "mixtral",
        |tensors| typed(tensors, "layers.1.block_sparse_moe.experts.2.w1", "F32"),
        &["experts.2.w1.weight (found f32, expected bf16 as of the experts before it)"],
    ),
    (
        "phi3",
        |tensors| shaped(tensors, "layers.0.self_attn.qkv_proj", &[128, 128]),
        &["layers.0.self_attn.qkv_proj.weight (found [128, 128], expected [256, 128])"],
    ),
    (
        "gpt_oss",
        |tensors| shaped(tensors, "layers.0.mlp.experts.down_proj_blocks", &[3, 128, 2, 17]),
        &["layers.0.mlp.experts.down_proj (found 13824 bytes with its scales, expected 13056 as mxfp4)"],
    ),
    ("gpt2", |tensors| shaped(tensors, "h.1.mlp.c_fc.weight", &[128, 511]), &["h.1.mlp.c_fc.weight (found [128, 511]"]),
];

fn named<'t>(tensors: &'t mut [Tensor], part: &str) -> &'t mut Tensor {
    tensors.iter_mut().find(|tensor| tensor.name.contains(part)).unwrap()
}

fn renamed(tensors: &mut [Tensor], part: &str, to: &str) {
    let tensor = named(tensors, part);
    tensor.name = tensor.name.replace(part, to);
}

fn shaped(tensors: &mut [Tensor], part: &str, shape: &[u64]) {
    named(tensors, part).shape = shape.to_vec();
}

fn typed(tensors: &mut [Tensor], part: &str, kind: &'static str) {
    named(tensors, part).kind = kind;
}

/// A config that says more than any file can hold is refused at once.
#[test]
fn absurd_numbers_of_experts_are_missing() {
    let mixtral = families().into_iter().find(|case| case.name == "mixtral").unwrap();
    let config = mixtral.config.replace(r#""num_local_experts": 3"#, r#""num_local_experts": 1000000000000"#);
    let error = opened(&Case { config, ..mixtral }).err().unwrap_or_default();
    assert!(error.contains("model.layers.0.block_sparse_moe.experts.*.w1.weight"), "{error}");
}

#[test]
fn tensors_that_differ_are_listed() {
    let cases: Vec<Case> = methods().into_iter().chain(compressed()).chain(families()).collect();
    for (name, change, said) in CHANGES {
        let case = cases.iter().find(|case| case.name == *name).unwrap();
        let mut changed = Case { tensors: case.tensors.clone(), config: case.config.clone(), ..*case };
        change(&mut changed.tensors);
        let error = opened(&changed).err().unwrap_or_else(|| panic!("{name} is read, where {said:?} should be said"));
        for part in *said {
            assert!(error.contains(part), "{name}: no {part:?} in {error}");
        }
    }
}
