//! Derived costs against what the reference interpreter counts.

use std::collections::BTreeMap;

use cost_core::Options;
use cost_core::cost::{Formats, Kernel, Pattern, Routing, axes, counts, kernels, peak, totals};
use cost_core::expr::{Expr, Rational};
use cost_core::format::Format;
use cost_core::interpret::{Counted, inputs, run};
use cost_core::op::{Op, Role};

/// Counting in elements: one byte for each.
pub fn in_elements() -> Options {
    // Formats that declarations fix, too.
    let formats = Formats { set: vec![(Pattern::new("*"), Format::BYTE)], ..Formats::bytes() };
    Options { formats, ..Options::default() }
}

/// Runs an operator at these sizes and compares every kernel's counted FLOPs, loads and stores with the derived ones,
/// and the derived ones with their formulas and with constant evaluation. The error says what differs.
pub fn agree(op: &Op<'_>, sizes: &[usize], routing: Routing) -> Result<(), String> {
    let options = Options { routing, ..in_elements() };
    let wide: Vec<u128> = sizes.iter().map(|size| *size as u128).collect();
    let derived = kernels(op, &wide, &options).map_err(|error| error.to_string())?;
    let outcome = run(op, sizes, &inputs(op, sizes, 1), &options, 2).map_err(|error| error.to_string())?;
    let want: Vec<Counted> = outcome.kernels;
    let have: Vec<Counted> = derived.iter().map(counted).collect::<Result<_, _>>()?;
    if have.len() != want.len() {
        let paths: Vec<&str> = derived.iter().map(|kernel| kernel.path.as_str()).collect();
        return Err(format!("derived {} kernels {paths:?}, ran {}: {want:#?}", have.len(), want.len()));
    }
    for ((kernel, have), want) in derived.iter().zip(&have).zip(&want) {
        if have != want {
            return Err(format!("kernel {}: derived {have:#?}, counted {want:#?}", kernel.path));
        }
    }
    formulas_agree(op, sizes, &derived, &options)?;
    constants_agree(op, sizes, &derived)
}

/// Runs an operator at these sizes and compares the most activations that were in memory with what is derived. The error
/// says what differs.
pub fn most_agrees(op: &Op<'_>, sizes: &[usize]) -> Result<(), String> {
    let options = Options { routing: Routing::Worst, ..in_elements() };
    let wide: Vec<u128> = sizes.iter().map(|size| *size as u128).collect();
    let derived = peak(op, &wide, &options).map_err(|error| error.to_string())? / 8;
    let found = run(op, sizes, &inputs(op, sizes, 1), &options, 2).map_err(|error| error.to_string())?.peak;
    if derived == found { Ok(()) } else { Err(format!("most in memory: derived {derived}, measured {found}")) }
}

/// A derived kernel, all its repetitions together, as the interpreter would count it.
pub fn counted(kernel: &Kernel<u128>) -> Result<Counted, String> {
    let matmul = kernel.flops.matmul().map_err(|error| error.to_string())?;
    let mut sum = Counted { runs: kernel.repeat, matmul: matmul * kernel.repeat, ..Counted::default() };
    sum.vector = kernel.flops.vector * kernel.repeat;
    for operand in &kernel.operands {
        let side: &mut BTreeMap<Role, u128> = if operand.written { &mut sum.stored } else { &mut sum.loaded };
        *side.entry(operand.role).or_default() += operand.bits / 8 * kernel.repeat;
    }
    Ok(sum)
}

/// The formulas' values at the sizes equal the integers.
fn formulas_agree(op: &Op<'_>, sizes: &[usize], derived: &[Kernel<u128>], options: &Options) -> Result<(), String> {
    let formulas = kernels::<Expr>(op, &axes(op), options).map_err(|error| error.to_string())?;
    let sizes: Vec<u64> = sizes.iter().map(|size| *size as u64).collect();
    let (formula, integer) = (totals(&formulas), totals(derived));
    let (formula, integer) = (formula.map_err(|error| error.to_string())?, integer.map_err(|error| error.to_string())?);
    let pairs = [
        ("matmul", formula.flops.matmul(), integer.flops.matmul()),
        ("vector", Ok(formula.flops.vector), Ok(integer.flops.vector)),
        ("bits", formula.bits.total(), integer.bits.total()),
    ];
    for (what, formula, integer) in pairs {
        let (formula, integer) =
            (formula.map_err(|error| error.to_string())?, integer.map_err(|error| error.to_string())?);
        let value = formula.value(&sizes).map_err(|error| error.to_string())?;
        if value != Rational::int(i128::try_from(integer).map_err(|error| error.to_string())?) {
            return Err(format!("{what}: formula {value}, integer {integer}"));
        }
    }
    Ok(())
}

/// What the compiler would count equals the integers.
fn constants_agree(op: &Op<'_>, sizes: &[usize], derived: &[Kernel<u128>]) -> Result<(), String> {
    let sizes: Vec<u64> = sizes.iter().map(|size| *size as u64).collect();
    let constant = counts(op, &sizes).ok_or("constant counts overflow")?;
    let integer = totals(derived).map_err(|error| error.to_string())?.flops;
    let matmul = integer.matmul().map_err(|error| error.to_string())?;
    if (constant.matmul, constant.vector) == (matmul, integer.vector) {
        Ok(())
    } else {
        Err(format!("constant {constant:?}, integer {matmul} and {}", integer.vector))
    }
}
