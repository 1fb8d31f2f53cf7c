//! The layers of Llama-2-7B and GPT-2 in numbers.

use cost_core::Operator;
use cost_core::cost::Tensor;
use cost_core::op::Role;

use crate::error::Error;
use crate::model::Workload;
use crate::ops::{Linear, SwiGlu};
use crate::published::digits::{KILO, MEGA, Printed, grouped, printed};
use crate::published::findings::Findings;
use crate::published::measure::{formats, matmul};
use crate::published::models::{gpt2, llama_2_7b};

/// The weights of one layer of Llama-2-7B that count to a part, in 8 bits.
fn llama_layer(part: &str) -> Result<Vec<Tensor<u128>>, Error> {
    let tensors = llama_2_7b()?.tensors(&Workload::decode(1, 0), &formats("int8", "f16")?)?;
    Ok(tensors.into_iter().filter(|it| it.role == Role::Weight && it.part.as_deref() == Some(part)).collect())
}

/// The elements of one of these matrices, all of which are as large, and how many there are.
fn each_of(tensors: &[Tensor<u128>], each: Printed) -> Findings {
    let first = tensors.first().map_or(0.0, |it| it.elements as f64);
    let same = tensors.iter().all(|it| each.is_about(it.elements as f64));
    Findings::new().rounded(first, each).statement(same, format!("{} of them", tensors.len()))
}

pub(super) fn llama_ffn() -> Result<Findings, Error> {
    Ok(each_of(&llama_layer("ffn")?, printed("45.1").of(MEGA)))
}

pub(super) fn llama_attention() -> Result<Findings, Error> {
    let tensors = llama_layer("attention")?;
    let sum: u128 = tensors.iter().map(|it| it.bits / 8).sum();
    Ok(each_of(&tensors, printed("16.8").of(MEGA)).rounded(sum as f64, printed("67.1").of(MEGA)))
}

pub(super) fn llama_ffn_total() -> Result<Findings, Error> {
    let bytes: u128 = llama_layer("ffn")?.iter().map(|it| it.bits / 8).sum();
    Ok(Findings::new().rounded(bytes as f64, printed("135.3").of(MEGA)))
}

/// One token through one feed-forward network of Llama-2-7B.
const FFN: SwiGlu = SwiGlu { b: 1, s: 1, d: 4096, f: 11_008 };
/// One token through one of its projections.
const PROJECTION: Linear = Linear { b: 1, s: 1, d: 4096, f: 11_008 };
/// What the document prints for one projection.
const ONE_PROJECTION: Printed = printed("90.1").of(MEGA);

pub(super) fn projection_flops() -> Result<Findings, Error> {
    Ok(Findings::new().rounded(matmul(&PROJECTION)?, ONE_PROJECTION))
}

pub(super) fn ffn_flops() -> Result<Findings, Error> {
    let mistaken = 3.0 * ONE_PROJECTION.cut(matmul(&PROJECTION)?) * MEGA;
    Ok(Findings::new().erratum(matmul(&FFN)?, mistaken, printed("270.3").of(MEGA)))
}

/// Bytes of the network's input, of the stored product and of its result, each once, and of its weights.
fn ffn_bytes() -> Result<([f64; 3], f64), Error> {
    let kernels = FFN.kernels(&formats("int8", "f16")?)?;
    let (mut acts, mut weights) = (Vec::new(), 0.0);
    for (i, kernel) in kernels.iter().enumerate() {
        for operand in &kernel.operands {
            let bytes = operand.bits as f64 / 8.0;
            match operand.role {
                Role::Weight => weights += bytes,
                _ if operand.written || i == 0 => acts.push(bytes),
                _ => {}
            }
        }
    }
    let acts = <[f64; 3]>::try_from(acts).unwrap_or_default();
    Ok((acts, weights))
}

pub(super) fn ffn_acts() -> Result<Findings, Error> {
    let ([input, product, output], _) = ffn_bytes()?;
    let parts =
        printed("8.2").of(KILO).is(input) && printed("22").of(KILO).is(product) && printed("8.2").of(KILO).is(output);
    Ok(Findings::new()
        .statement(parts, format!("{} + {} + {}", grouped(input), grouped(product), grouped(output)))
        .exact(input + product + output, printed("38.4").of(KILO)))
}

pub(super) fn ffn_intensity() -> Result<Findings, Error> {
    let (acts, weights) = ffn_bytes()?;
    let flops = matmul(&FFN)?;
    let value = flops / (weights + acts.iter().sum::<f64>());
    Ok(Findings::new()
        .rounded(value, printed("2.0"))
        .note(format!("{value:.5} with activations, {:.1} with weights only", flops / weights)))
}

pub(super) fn gpt2_sizes() -> Result<Findings, Error> {
    let tensors = gpt2(12)?.tensors(&Workload::decode(1, 0), &formats("int8", "bf16")?)?;
    let of = |part: &str| -> Vec<f64> {
        let owned = tensors.iter().filter(|it| it.part.as_deref() == Some(part));
        let matrices = owned.filter(|it| it.hf.as_deref().is_some_and(|name| name.ends_with(".weight")));
        matrices.map(|it| it.bits as f64 / 8.0).collect()
    };
    let (ffn, attention) = (of("ffn"), of("attention").iter().sum::<f64>());
    let (one, all) = (ffn.first().copied().unwrap_or_default(), ffn.iter().sum::<f64>());
    Ok(Findings::new()
        .rounded(one, printed("2.36").of(MEGA))
        .rounded(all, printed("4.72").of(MEGA))
        .rounded(attention, printed("2.36").of(MEGA))
        .exact(all / attention, printed("2")))
}
