//! Where safetensors headers and a config disagree on how weights are stored, the headers are believed, and it is said.

use cost_models::{Model, Workload};
use cost_tests::files::safetensors;

use crate::cases::{Case, LLAMA, case, llama, opened, quantised};
use crate::models::bytes;

/// The formats of the down projections, layer by layer.
fn down(model: &Model) -> Vec<String> {
    let tensors = model.tensors(&Workload::decode(1, 1), &cost_core::Options::default()).unwrap();
    let down = tensors.iter().filter(|it| it.hf.as_ref().is_some_and(|hf| hf.ends_with("down_proj.weight")));
    down.flat_map(|it| std::iter::repeat_n(it.format.to_string(), usize::try_from(it.copies).unwrap())).collect()
}

#[test]
fn headers_are_believed() {
    let fp8 = quantised(LLAMA, r#"{"quant_method": "fp8", "weight_block_size": [128, 128]}"#);
    let plain = || llama(|rows, row| vec![("weight", vec![rows, row], "BF16")]);
    let rows = || llama(|rows, row| vec![("weight", vec![rows, row], "I8"), ("weight_scale", vec![rows, 1], "F16")]);
    let groups = || {
        llama(|rows, row| {
            let scales = vec![rows, row / 32];
            vec![
                ("weight", vec![rows, row / 16 * 3], "U16"),
                ("scales", scales.clone(), "F16"),
                ("biases", scales, "F16"),
            ]
        })
    };
    // Three bits a number in the layers' trellises, with their scales by row; of another length in the last layer.
    let trellis = || {
        let mut tensors = llama(|rows, row| {
            vec![
                ("trellis", vec![row / 16, rows / 16, 48], "I16"),
                ("suh", vec![row], "F16"),
                ("svh", vec![rows], "F16"),
            ]
        });
        for tensor in tensors.iter_mut().filter(|it| it.name.contains("layers.1") && it.name.ends_with("trellis")) {
            *tensor.shape.last_mut().unwrap() = 64;
        }
        tensors
    };
    let exl3 = quantised(LLAMA, r#"{"quant_method": "exl3", "bits": 3.5, "head_bits": 6}"#);
    let signs = |tensors: &[cost_tests::files::Tensor]| {
        let suh = tensors.iter().filter(|it| it.name.ends_with("suh"));
        suh.map(|it| it.shape[0] * 2).sum()
    };
    for (Case { name, config, tensors, aside }, formats, said) in [
        (case("other", &fp8, rows(), 0), ["int8:row:f16"; 2], "is in int8:row:f16, not fp8:b128x128:f32"),
        (case("plain", &fp8, plain(), 0), ["bf16"; 2], "is in bf16, not fp8:b128x128:f32"),
        (case("silent", LLAMA, groups(), 0), ["int3:g32:f16:f16"; 2], "is in int3:g32:f16:f16, not as it is"),
        (case("exl3", &exl3, trellis(), signs(&trellis())), ["int3:row:f16", "int4:row:f16"], "not int3:g128+64"),
    ] {
        let data = safetensors(&tensors).data - aside;
        let model = opened(&Case { name, config, tensors, aside }).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(down(&model), formats, "{name}");
        assert_eq!(bytes(&model), u128::from(data), "{name}");
        let warnings: Vec<&str> = model.warnings().map(|note| note.text.as_str()).collect();
        let all = "the files' headers say otherwise than the config, and are believed: ";
        assert!(matches!(warnings[..], [text] if text.starts_with(all) && text.contains(said)), "{name}: {warnings:?}");
    }
}
