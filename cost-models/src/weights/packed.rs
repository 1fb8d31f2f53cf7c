//! The tensors of a safetensors file that make up one quantised weight: its numbers and their scales.

use std::collections::HashMap;

use super::Stored;

/// What the numbers of a weight are called, and whether that says that they are packed.
const NUMBERS: &[(&str, bool)] = &[
    ("weight", false),
    ("weight_packed", true),
    ("qweight", true),
    ("q_weight", true),
    ("trellis", true),
    ("codes", true),
    ("W_q", true),
];

/// Numbers that have more or fewer bits row by row: EXL2's.
const MIXED: &str = "q_weight";

/// What belongs to them: scales and zero points of DeepSeek's fp8, compressed-tensors, `ModelOpt`, GPTQ and AWQ, MLX,
/// bitsandbytes, EXL2 and EXL3, HQQ, EETQ.
const SCALES: &[&str] = &[
    "weight_scale_inv",
    "weight_scale",
    "weight_zero_point",
    "weight_global_scale",
    "weight_scale_2",
    "scales",
    "biases",
    "qzeros",
    "weight.absmax",
    "weight.nested_absmax",
    "SCB",
    "q_scale",
    "q_scale_max",
    "svh",
    "scale",
    "zero",
    "weight_scales",
];

/// What stands beside them and isn't counted: sizes, orders, tables, scales of activations.
const ASIDE: &[&str] = &[
    "g_idx",
    "weight_g_idx",
    "weight_shape",
    "weight_format",
    "weight.quant_map",
    "weight.nested_quant_map",
    "weight.quant_state.bitsandbytes__fp4",
    "weight.quant_state.bitsandbytes__nf4",
    "input_scale",
    "input_zero_point",
    "input_global_scale",
    "output_scale",
    "pre_quant_scale",
    "codebooks",
    "q_groups",
    "q_group_map",
    "q_invperm",
    "q_perm",
    "suh",
    "su",
    "sv",
    "mcg",
    "mul1",
    "axis",
    "channel_wise",
    "compute_dtype",
    "encoded_state_dict",
    "group_size",
    "nbits",
    "offload_meta",
    "optimize",
    "packing",
    "quant_scale",
    "quant_zero",
    "round_zero",
    "shape",
    "stores_quant_config",
    "unpack_view_dtype",
    "view_as_float",
];

/// A weight as it is stored.
pub(super) struct Whole<'f> {
    /// Its numbers.
    pub(super) numbers: &'f Stored,
    /// Their scales and zero points.
    pub(super) scales: Vec<&'f Stored>,
    /// What isn't counted.
    pub(super) aside: Vec<&'f Stored>,
    /// Whether the shape of its numbers isn't its own.
    pub(super) packed: bool,
    /// Whether its numbers have more or fewer bits row by row.
    pub(super) mixed: bool,
}

impl<'f> Whole<'f> {
    /// A weight that is one tensor.
    pub(super) fn plain(numbers: &'f Stored) -> Self {
        Self { numbers, scales: Vec::new(), aside: Vec::new(), packed: false, mixed: false }
    }

    /// The tensors that it is made of.
    pub(super) fn tensors(&self) -> impl Iterator<Item = &'f Stored> {
        [self.numbers].into_iter().chain(self.scales.iter().copied()).chain(self.aside.iter().copied())
    }

    /// The bytes of its numbers, scales and zero points.
    pub(super) fn bytes(&self) -> u128 {
        u128::from(self.numbers.bytes) + self.scales.iter().map(|scales| u128::from(scales.bytes)).sum::<u128>()
    }
}

/// The weight of that name in a safetensors file, whichever tensors it is made of.
pub(super) fn find<'f>(tensors: &HashMap<&str, &'f Stored>, name: &str) -> Option<Whole<'f>> {
    let get = |name: String| tensors.get(name.as_str()).copied();
    let Some(module) = name.strip_suffix("weight") else {
        // gpt-oss's experts, all in one: blocks of numbers, and their scales.
        return get(name.to_owned()).map(Whole::plain).or_else(|| {
            let scales = get(format!("{name}_scales"))?;
            let numbers = get(format!("{name}_blocks"))?;
            Some(Whole { scales: vec![scales], packed: true, ..Whole::plain(numbers) })
        });
    };
    let found = NUMBERS.iter().find_map(|(end, packed)| Some((get(format!("{module}{end}"))?, *packed, *end == MIXED)));
    let all = |ends: &[&str]| ends.iter().filter_map(|end| get(format!("{module}{end}"))).collect::<Vec<_>>();
    found.map(|(numbers, packed, mixed)| {
        let scales = all(SCALES);
        Whole { numbers, packed: packed || !scales.is_empty(), mixed, scales, aside: all(ASIDE) }
    })
}
