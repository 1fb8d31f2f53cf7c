//! Lower bounds of time as steps of a floating-point program.

use super::FIELDS;
use super::graph::{Graph, Product, Rows, Term};
use super::hash::HashMap;
use super::program::{Builder, Form, Register, Step};
use crate::error::Result;
use crate::format::{CLASSES, Class};
use crate::hardware::Hardware;

/// Seconds: a sum of products with floating-point coefficients, none of which is negative; sorted.
type Seconds = Vec<(Product, f64)>;

/// What one kernel takes on a device, in all its repetitions.
pub(super) struct KernelTimes {
    matmul: Seconds,
    vector: Seconds,
    memory: Seconds,
}

/// Seconds on the busiest of the units, of memory traffic, and in all, over all kernels.
pub(super) struct Times {
    pub(super) compute: Form,
    pub(super) memory: Form,
    pub(super) lower_bound: Form,
}

/// The times of each kernel. `graph` gains the products that they are made of.
pub(super) fn times(graph: &mut Graph, kernels: &Rows, hardware: &Hardware) -> Result<Vec<KernelTimes>> {
    let bandwidth = hardware.bandwidth() * 8.0;
    let each = kernels.of::<FIELDS>().map(|[repeat, rest @ ..]| {
        let mut sum = |parts: &[(&[Term], f64)]| {
            parts.iter().try_fold(Seconds::new(), |sum, (terms, rate)| {
                let all = graph.times(repeat, terms)?;
                Ok(plus(&sum, &all.into_iter().map(|(product, n)| (product, n as f64 / rate)).collect()))
            })
        };
        let (classes, rest) = rest.split_at(CLASSES);
        let (vector, moved) = rest.split_at(1);
        // Products of different classes run one after the other, each at its own peak.
        let matmul: Vec<_> = classes.iter().copied().zip(Class::ALL.map(|class| hardware.peak(class))).collect();
        let vector: Vec<_> = vector.iter().map(|terms| (*terms, hardware.vector_peak())).collect();
        let moved: Vec<_> = moved.iter().map(|terms| (*terms, bandwidth)).collect();
        Ok(KernelTimes { matmul: sum(&matmul)?, vector: sum(&vector)?, memory: sum(&moved)? })
    });
    each.collect()
}

/// The sums over kernels of the larger of their times.
pub(super) fn sums(builder: &mut Builder<'_, f64>, kernels: &[KernelTimes]) -> Option<Times> {
    let mut known = HashMap::default();
    let compute = largest(builder, &mut known, kernels.iter().map(|it| vec![&it.matmul, &it.vector]))?;
    let memory = largest(builder, &mut known, kernels.iter().map(|it| vec![&it.memory]))?;
    let all = kernels.iter().map(|it| vec![&it.matmul, &it.vector, &it.memory]);
    let lower_bound = largest(builder, &mut known, all)?;
    Some(Times { compute, memory, lower_bound })
}

/// The sum of the largest of each.
fn largest<'k>(
    builder: &mut Builder<'_, f64>,
    known: &mut Known,
    each: impl Iterator<Item = Vec<&'k Seconds>>,
) -> Option<Form> {
    let (mut always, mut varying) = (Seconds::new(), Vec::new());
    for times in each {
        match undominated(&times).as_slice() {
            [] => {}
            // Where one is the largest whatever the axes are, it only adds to a sum.
            [one] => always = plus(&always, one),
            [first, rest @ ..] => {
                let mut most = register(builder, known, first)?;
                for other in rest {
                    let other = register(builder, known, other)?;
                    most = builder.step(Step::Max(most, other));
                }
                varying.push((most, 1.0));
            }
        }
    }
    builder.form_and(&always, &varying)
}

/// Registers of sums that there are already, by their terms.
type Known = HashMap<Vec<(Product, u64)>, Register>;

fn register(builder: &mut Builder<'_, f64>, known: &mut Known, seconds: &Seconds) -> Option<Register> {
    let key: Vec<_> = seconds.iter().map(|(product, n)| (*product, n.to_bits())).collect();
    if let Some(register) = known.get(&key) {
        return Some(*register);
    }
    let form = builder.form_and(seconds, &[])?;
    let register = builder.step(Step::Sum(form));
    known.insert(key, register);
    Some(register)
}

/// Those that may be the largest somewhere: products are never negative, so what has no larger coefficient than another
/// is never larger.
fn undominated<'k>(times: &[&'k Seconds]) -> Vec<&'k Seconds> {
    let mut kept: Vec<&Seconds> = Vec::new();
    for one in times {
        if !kept.iter().any(|other| covers(other, one)) {
            kept.retain(|other| !covers(one, other));
            kept.push(*one);
        }
    }
    kept
}

fn covers(large: &Seconds, small: &Seconds) -> bool {
    let of = |product| large.iter().find(|(other, _)| *other == product).map_or(0.0, |(_, n)| *n);
    small.iter().all(|(product, n)| *n <= of(*product))
}

fn plus(a: &Seconds, b: &Seconds) -> Seconds {
    let mut sum = a.clone();
    for (product, n) in b {
        match sum.binary_search_by_key(product, |(product, _)| *product) {
            Ok(at) => sum[at].1 += n,
            Err(at) => sum.insert(at, (*product, *n)),
        }
    }
    sum
}
