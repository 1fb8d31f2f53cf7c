//! What files call the formats of their tensors.

use cost_core::format::{Format, Group};

/// GGUF's types: `enum ggml_type` of `ggml.h`, and from 133 on that of <https://github.com/ikawrakow/ik_llama.cpp>. Numbers
/// that are missing stand for types that files no longer have, or that only caches and activations have.
const GGML: &[(u32, Format)] = &[
    (0, Format::known("f32")),
    (1, Format::known("f16")),
    (2, Format::known("q4_0")),
    (3, Format::known("q4_1")),
    (6, Format::known("q5_0")),
    (7, Format::known("q5_1")),
    (8, Format::known("q8_0")),
    (9, Format::known("q8_1")),
    (10, Format::known("q2_k")),
    (11, Format::known("q3_k")),
    (12, Format::known("q4_k")),
    (13, Format::known("q5_k")),
    (14, Format::known("q6_k")),
    (15, Format::known("q8_k")),
    (16, Format::known("iq2_xxs")),
    (17, Format::known("iq2_xs")),
    (18, Format::known("iq3_xxs")),
    (19, Format::known("iq1_s")),
    (20, Format::known("iq4_nl")),
    (21, Format::known("iq3_s")),
    (22, Format::known("iq2_s")),
    (23, Format::known("iq4_xs")),
    (24, Format::known("int8")),
    (25, Format::known("int16")),
    (26, Format::known("int32")),
    (27, Format::known("int64")),
    (28, Format::known("f64")),
    (29, Format::known("iq1_m")),
    (30, Format::known("bf16")),
    (34, Format::known("tq1_0")),
    (35, Format::known("tq2_0")),
    (39, Format::known("mxfp4")),
    (40, Format::known("nvfp4")),
    (41, Format::known("q1_0")),
    (42, Format::known("q2_0")),
    // Those of ik_llama.cpp.
    (133, Format::known("q6_0")),
    (134, Format::known("iq1_bn")),
    (135, Format::known("iq2_bn")),
    (137, Format::known("iq2_k")),
    (138, Format::known("iq3_k")),
    (139, Format::known("iq4_k")),
    (140, Format::known("iq5_k")),
    (141, Format::known("iq6_k")),
    (144, Format::known("iq4_ks")),
    (145, Format::known("iq2_ks")),
    (146, Format::known("iq4_kss")),
    (152, Format::known("iq5_ks")),
    (153, Format::known("iq2_kt")),
    (154, Format::known("iq3_kt")),
    (155, Format::known("iq4_kt")),
    (156, Format::known("iq3_ks")),
    (157, Format::known("iq2_kl")),
    (158, Format::known("iq1_kt")),
    // The same with 4, 8 or 16 rows interleaved.
    (202, Format::known("q4_0")),
    (206, Format::known("q5_0")),
    (208, Format::known("q8_0")),
    (210, Format::known("q2_k")),
    (211, Format::known("q3_k")),
    (212, Format::known("q4_k")),
    (213, Format::known("q5_k")),
    (214, Format::known("q6_k")),
    (216, Format::known("iq2_xxs")),
    (217, Format::known("iq2_xs")),
    (218, Format::known("iq3_xxs")),
    (219, Format::known("iq1_s_r4")),
    (220, Format::known("iq4_nl")),
    (221, Format::known("iq3_s")),
    (222, Format::known("iq2_s")),
    (223, Format::known("iq4_xs")),
    (229, Format::known("iq1_m_r4")),
    (230, Format::known("bf16")),
    (233, Format::known("q6_0")),
    (335, Format::known("iq2_bn")),
    (337, Format::known("iq2_k")),
    (338, Format::known("iq3_k")),
    (339, Format::known("iq4_k")),
    (340, Format::known("iq5_k")),
    (344, Format::known("iq4_ks")),
    (352, Format::known("iq5_ks")),
    (399, Format::known("q8_k_r8")),
];

/// Safetensors' types: `enum Dtype` of the crate `safetensors`. A type without a sign has the format of the one with it,
/// and all kinds of 8-bit floating-point numbers that of the others.
const SAFETENSORS: &[(&str, Format)] = &[
    ("F64", Format::known("f64")),
    ("F32", Format::known("f32")),
    ("F16", Format::known("f16")),
    ("BF16", Format::known("bf16")),
    ("F8_E4M3", Format::known("fp8")),
    ("F8_E5M2", Format::known("fp8")),
    ("F8_E4M3FNUZ", Format::known("fp8")),
    ("F8_E5M2FNUZ", Format::known("fp8")),
    ("F8_E8M0", Format::known("e8m0")),
    ("F6_E2M3", Format::known("fp6")),
    ("F6_E3M2", Format::known("fp6")),
    ("F4", Format::known("fp4")),
    ("I64", Format::known("int64")),
    ("I32", Format::known("int32")),
    ("I16", Format::known("int16")),
    ("I8", Format::known("int8")),
    ("I4", Format::known("int4")),
    ("U64", Format::known("int64")),
    ("U32", Format::known("int32")),
    ("U16", Format::known("int16")),
    ("U8", Format::known("int8")),
    ("U4", Format::known("int4")),
    ("BOOL", Format::known("int8")),
];

/// The format of a GGUF type.
pub(super) fn ggml(id: u32) -> Option<Format> {
    GGML.iter().find(|(other, _)| *other == id).map(|(_, format)| *format)
}

/// The GGUF types, as text.
pub(super) fn ggml_types() -> String {
    GGML.iter().map(|(id, format)| format!("{id} ({format})")).collect::<Vec<_>>().join(", ")
}

/// The format of a safetensors type.
pub(super) fn safetensors(name: &str) -> Option<Format> {
    SAFETENSORS.iter().find(|(other, _)| *other == name).map(|(_, format)| *format)
}

/// The safetensors types, as text.
pub(super) fn safetensors_types() -> String {
    SAFETENSORS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Elements that are stored together.
pub(super) fn block(format: &Format) -> u64 {
    match format.group {
        Group::Of(n) => u64::from(n),
        _ => 1,
    }
}
