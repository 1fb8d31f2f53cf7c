//! Document 000: The myth of decoding large models.

use cost_core::Result;
use cost_core::cost::Kernel;
use cost_core::expr::{Expr, Limit, Ratio, Rational};

use super::devices::{AI_MAX, Device, H20, H100, RTX_5090};
use super::digits::{GIGA, TERA, printed};
use super::findings::Findings;
use super::measure::{dense, formulas, int, matrix_intensity, ratio_text};
use super::row::Document::Myth;
use super::row::Row;
use super::solve::{at, reaches};
use super::verdict::Verdict::{Erratum, Exact, Rounded};
use crate::error::Error;
use crate::ops::{GqaAttention, MlaAbsorbedAttention};

/// The axis of new tokens of both operators.
const S: u16 = 1;
/// Their axis of cached tokens.
const T: u16 = 2;
/// The cached tokens of every figure.
const CACHED: u64 = 512;
/// The names of the axes that are left in the formulas.
const NAMES: &[&str] = &["b", "q", "C"];

const COUNTING: &str = "matrix products only, with dense masking over 512 tokens in all";
const OUTPUT_OF_4: &str = "the output's bytes are those of q = 4 whatever q is";
const MLA_INPUTS: &str = "128 heads, latent 512 + rope 64, 512 cached tokens, 2 byte an element";
const GQA_INPUTS: &str = "Qwen3-32B: 64 query heads, 8 key/value heads of 128; 512 cached tokens; 2 byte an element";

/// Absorbed latent attention of DeepSeek-V3, new and cached tokens left open.
fn mla() -> Result<Vec<Kernel<Expr>>> {
    formulas::<MlaAbsorbedAttention>(&[int(1), Expr::axis(S), Expr::axis(T), int(128), int(512), int(64)], &dense())
}

/// Grouped-query attention of Qwen3-32B.
fn gqa() -> Result<Vec<Kernel<Expr>>> {
    formulas::<GqaAttention>(&[int(1), Expr::axis(S), Expr::axis(T), int(8), int(8), int(128)], &dense())
}

/// The mistake of the document: as many bytes are written as for `tokens` new tokens.
fn writes_as_for(tokens: u64, mut kernels: Vec<Kernel<Expr>>) -> Result<Vec<Kernel<Expr>>> {
    for operand in kernels.iter_mut().flat_map(|kernel| &mut kernel.operands).filter(|operand| operand.written) {
        operand.bits = operand.bits.substitute(&|axis| (axis == S).then(|| int(tokens)))?;
    }
    Ok(kernels)
}

/// The intensity at `q` new tokens over the document's cache.
fn intensity(kernels: &[Kernel<Expr>], q: u64) -> Result<f64> {
    Ok(matrix_intensity(kernels)?.value(&[1, q, CACHED])?.to_f64())
}

fn mla_1() -> Result<Findings, Error> {
    let closed = ratio_text(&matrix_intensity(&mla()?)?, NAMES);
    let value = intensity(&mla()?, 1)?;
    Ok(Findings::new().exact(value, printed("164.22641509433961")).note(format!("closed form {closed}")))
}

fn mla_2() -> Result<Findings, Error> {
    let mistaken = intensity(&writes_as_for(1, mla()?)?, 2)?;
    Ok(Findings::new().erratum(intensity(&mla()?, 2)?, mistaken, printed("280.7741935483871")))
}

fn gqa_4() -> Result<Findings, Error> {
    let closed = ratio_text(&matrix_intensity(&gqa()?)?, NAMES);
    Ok(Findings::new().exact(intensity(&gqa()?, 4)?, printed("30.118")).note(format!("closed form {closed}")))
}

fn gqa_at(q: u64, digits: &'static str) -> Result<Findings, Error> {
    let mistaken = intensity(&writes_as_for(4, gqa()?)?, q)?;
    Ok(Findings::new().erratum(intensity(&gqa()?, q)?, mistaken, printed(digits)))
}

fn ridge_5090() -> Result<Findings, Error> {
    let vendor = cost_core::hardware::find(RTX_5090.known)?;
    let (peak, bandwidth) = (vendor.peak(RTX_5090.class) / TERA, vendor.bandwidth() / GIGA);
    let ridge = vendor.ridge(RTX_5090.class);
    Ok(Findings::new()
        .rounded(RTX_5090.ridge(), printed("116.760"))
        .note(format!("the vendor's {peak} TFLOP/s and {bandwidth} GB/s give {ridge:.3}")))
}

/// New tokens of the table's rows.
const TOKENS: [u64; 7] = [1, 4, 8, 16, 32, 48, 64];
/// The table's columns: M for memory bound, C for compute bound, in the order of its rows.
const COLUMNS: [(Device, &str); 4] = [(H20, "MMCCCCC"), (RTX_5090, "MMMMCCC"), (AI_MAX, "MMMMMCC"), (H100, "MMMMMMC")];

/// The cells that differ from what the intensities say.
fn wrong_cells(kernels: &[Kernel<Expr>]) -> Result<Vec<(u64, &'static str)>> {
    let mut wrong = Vec::new();
    for (device, column) in COLUMNS {
        for (q, cell) in TOKENS.into_iter().zip(column.chars()) {
            let bound = if intensity(kernels, q)? > device.ridge() { 'C' } else { 'M' };
            if bound != cell {
                wrong.push((q, device.name));
            }
        }
    }
    Ok(wrong)
}

fn bound_table() -> Result<Findings, Error> {
    let (right, mistaken) = (gqa()?, writes_as_for(4, gqa()?)?);
    let (wrong, cells) = (wrong_cells(&right)?, TOKENS.len() * COLUMNS.len());
    let (at_64, ridge) = (intensity(&right, 64)?, H100.ridge());
    let holds = wrong == [(64, H100.name)] && wrong_cells(&mistaken)?.is_empty() && at_64 < ridge;
    let text =
        format!("{} of {cells} cells; q=64 on H100 is memory bound ({at_64:.1} < {ridge:.1})", cells - wrong.len());
    Ok(Findings::new().erratum_in(holds, text).note("with the mistake of the intensities all 28 cells come out"))
}

/// Where the quotient in `q` reaches the ridge point of the H100.
fn on_h100(ratio: &Ratio) -> Result<f64> {
    let ridge = H100.exact_ridge()?;
    Ok(reaches(ratio, S, ridge)?.map_or(f64::NAN, Rational::to_f64))
}

fn limit(kernels: &[Kernel<Expr>]) -> Result<Ratio> {
    match matrix_intensity(kernels)?.limit(T)? {
        Limit::Value(ratio) => Ok(ratio),
        Limit::Infinite => Err(cost_core::Error::ZeroDivision { dividing: "the traffic of a long cache" }),
    }
}

fn balance() -> Result<Findings, Error> {
    let solved = |kernels: &[Kernel<Expr>]| on_h100(&at(&matrix_intensity(kernels)?, T, CACHED)?);
    let (latent, grouped) = (limit(&mla()?)?, limit(&gqa()?)?);
    let (long, grouped_text) = (on_h100(&latent)?, ratio_text(&grouped, NAMES));
    let (latent_text, right) = (ratio_text(&latent, NAMES), solved(&mla()?)?);
    Ok(Findings::new()
        .erratum(right, solved(&writes_as_for(1, mla()?)?)?, printed("2"))
        .statement(long < right, format!("{long:.3} as C → ∞"))
        .note(format!("as C → ∞ the intensity tends to {latent_text} for MLA and {grouped_text} for GQA"))
        .note(format!("GQA's balance tends to q = {:.3}", on_h100(&grouped)?)))
}

const fn latent(id: &'static str, figure: &'static str, published: &'static str) -> Row {
    Row::pending(Myth, id, figure, published).at("decoding MLA").given(MLA_INPUTS).counting(COUNTING)
}

const fn grouped(id: &'static str, figure: &'static str, published: &'static str) -> Row {
    Row::pending(Myth, id, figure, published).at("decoding GQA").given(GQA_INPUTS).counting(COUNTING)
}

const fn ridge(id: &'static str, figure: &'static str, published: &'static str) -> Row {
    Row::pending(Myth, id, figure, published).at("decoding GQA, densities of hardware")
}

/// The rows of the document.
pub(super) const ROWS: &[Row] = &[
    latent("000-mla-q1", "MLA decode intensity, q = 1", "164.22641509433961").is(Exact, mla_1),
    latent("000-mla-q2", "MLA decode intensity, q = 2", "280.7741935483871")
        .because("the output's bytes are not multiplied by q")
        .is(Erratum, mla_2),
    grouped("000-gqa-q1", "GQA decode intensity, q = 1", "7.699")
        .because(OUTPUT_OF_4)
        .is(Erratum, || gqa_at(1, "7.699")),
    grouped("000-gqa-q4", "GQA decode intensity, q = 4", "30.118").is(Exact, gqa_4),
    grouped("000-gqa-q8", "GQA decode intensity, q = 8", "58.514")
        .because(OUTPUT_OF_4)
        .is(Erratum, || gqa_at(8, "58.514")),
    grouped("000-gqa-q16", "GQA decode intensity, q = 16", "110.703")
        .because(OUTPUT_OF_4)
        .is(Erratum, || gqa_at(16, "110.703")),
    grouped("000-gqa-q32", "GQA decode intensity, q = 32", "199.805")
        .because(OUTPUT_OF_4)
        .is(Erratum, || gqa_at(32, "199.805")),
    grouped("000-gqa-q48", "GQA decode intensity, q = 48", "273.067")
        .because(OUTPUT_OF_4)
        .is(Erratum, || gqa_at(48, "273.067")),
    grouped("000-gqa-q64", "GQA decode intensity, q = 64", "334.367")
        .because(OUTPUT_OF_4)
        .is(Erratum, || gqa_at(64, "334.367")),
    ridge("000-ridge-h100", "ridge point of the H100", "295.224 (295.2238805970149)")
        .given("989 TFLOP/s dense bf16, 3,350 GB/s")
        .is(Exact, || Ok(Findings::new().exact(H100.ridge(), printed("295.2238805970149")))),
    ridge("000-ridge-h20", "ridge point of the H20", "37.000")
        .given("148 TFLOP/s dense bf16, 4,000 GB/s")
        .is(Exact, || Ok(Findings::new().exact(H20.ridge(), printed("37.000")))),
    ridge("000-ridge-5090", "ridge point of the RTX 5090", "116.760")
        .given("209 TFLOP/s dense bf16, 1,790 GB/s")
        .because("the inputs are themselves rounded")
        .is(Rounded, ridge_5090),
    ridge("000-ridge-aimax", "ridge point of the AI MAX 395, int8", "200.000")
        .given("50 TOP/s of 8-bit integers, 250 GB/s")
        .because("the document doesn't give the inputs; 51.2 TOP/s and 256 GB/s have the same quotient")
        .is(Exact, || Ok(Findings::new().exact(AI_MAX.ridge(), printed("200.000")))),
    grouped("000-bound-table", "what bounds GQA at 7 values of q on 4 devices", "28 cells; q=64 on H100 compute bound")
        .because("follows from the intensities: one cell is wrong")
        .is(Erratum, bound_table),
    latent("000-balance", "new tokens at which MLA is balanced on the H100", "q=2 (280.77 ≈ 295.22)")
        .because("follows from 000-mla-q2")
        .is(Erratum, balance),
];
