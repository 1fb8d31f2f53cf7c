//! What attention and a decode step read and write.

use cost_core::Operator;
use cost_core::cost::{Kernel, totals};
use cost_core::expr::Expr;
use cost_core::op::Role;

use crate::error::Error;
use crate::model::Workload;
use crate::ops::{GqaAttention, UnfusedAttention};
use crate::published::digits::{GIBI, grouped, printed};
use crate::published::findings::Findings;
use crate::published::measure::{bytes, dense, formats, formulas, text};
use crate::published::models::qwen3_32b;

pub(super) fn scores() -> Result<Findings, Error> {
    let sizes: Vec<Expr> = (0..6).map(Expr::axis).collect();
    let unfused = totals(&formulas::<UnfusedAttention>(&sizes, &dense())?)?;
    let fused = totals(&formulas::<GqaAttention>(&sizes, &dense())?)?;
    let more = text(&bytes(&unfused)?.sub(&bytes(&fused)?)?, UnfusedAttention::OP.axes);
    let (s, t) = (32_768, 32_768);
    let kernels = UnfusedAttention { b: 1, s, t, n: 1, g: 1, k: 128 }.kernels(&dense())?;
    let matrix = kernels.iter().flat_map(|kernel| &kernel.operands).find(|operand| operand.path == "scores");
    let gib = matrix.map_or(0.0, |operand| operand.bits as f64 / 8.0 / GIBI);
    let same = unfused.flops.total()? == fused.flops.total()?;
    Ok(Findings::new()
        .statement(same, format!("{more} byte more than fused, the same FLOPs"))
        .statement(printed("2").is(gib), format!("32K × 32K scores: {gib} GiB a head")))
}

/// The weights of a layer that the document names, by their names in GGUF files.
const NAMED: [&str; 11] = [
    "attn_norm",
    "attn_q",
    "attn_k",
    "attn_v",
    "attn_q_norm",
    "attn_k_norm",
    "attn_output",
    "ffn_norm",
    "ffn_gate",
    "ffn_up",
    "ffn_down",
];

/// Bytes that a kernel list reads of the operands that are wanted, repetitions included.
fn read(kernels: &[Kernel<u128>], wanted: impl Fn(&str, Role) -> bool) -> f64 {
    let one = |kernel: &Kernel<u128>| -> u128 {
        let read = kernel.operands.iter().filter(|it| !it.written && wanted(it.gguf.as_deref().unwrap_or(""), it.role));
        read.map(|it| it.bits).sum::<u128>() * kernel.repeat
    };
    kernels.iter().map(|kernel| one(kernel) as f64 / 8.0).sum()
}

pub(super) fn decode_weights() -> Result<Findings, Error> {
    let kernels = qwen3_32b()?.kernels(&Workload::decode(1, 4096), &formats("int8", "bf16")?)?;
    let each = NAMED.map(|name| (name, read(&kernels, |gguf, _| gguf == format!("blk.*.{name}.weight"))));
    let blocks = read(&kernels, |gguf, _| gguf.starts_with("blk."));
    let named: f64 = each.iter().map(|(_, bytes)| bytes).sum();
    let cache = read(&kernels, |_, role| role == Role::Cache);
    let all = each.iter().all(|(_, bytes)| *bytes > 0.0) && grouped(named) == grouped(blocks);
    let list: Vec<String> = each.iter().map(|(name, bytes)| format!("{name} {}", grouped(*bytes))).collect();
    Ok(Findings::new()
        .statement(
            all && cache > 0.0,
            format!("{} byte of 11 tensors a layer, {} of cache", grouped(named), grouped(cache)),
        )
        .note(format!("bytes over all layers: {}", list.join(", "))))
}
