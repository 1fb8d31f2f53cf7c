//! The format of a quantised weight from the headers of its tensors alone, where no config says it or one that says otherwise.

use cost_core::format::{Base, Format};

use super::packed::Whole;

/// The format of a weight of so many copies of a matrix of rows, if its tensors have the bytes of one that there is.
pub(super) fn format(whole: &Whole<'_>, (rows, row): (u128, u128), copies: u128) -> Option<Format> {
    let all = rows.checked_mul(row)?.checked_mul(copies)?.checked_mul(8)?;
    let elements = all / 8;
    let bits = u128::from(whole.numbers.bytes).checked_mul(8)?;
    if whole.mixed {
        return average(whole.bytes().checked_mul(8)?, elements);
    }
    if elements == 0 || !bits.is_multiple_of(elements) {
        return None;
    }
    // The tensor of as many numbers as there are groups, and what else is as long.
    let scales = whole.scales.iter().filter(|it| it.format.base.is_float() || it.format.base.bits == 8);
    let scale = scales.max_by_key(|it| elements_of(&it.shape))?;
    let groups = elements_of(&scale.shape);
    let base = base(bits / elements, &whole.numbers.format.base, &scale.format.base)?;
    let of_scale = match scale.format.base.name {
        // Exponents, which no type of their own says to be.
        "int8" => "e8m0",
        other => other,
    };
    let mut text = format!("{base}:{}:{of_scale}", group(groups / copies, &scale.shape, (rows, row))?);
    for other in whole.scales.iter().filter(|it| it.name != scale.name) {
        let count = elements_of(&other.shape);
        if count <= copies && other.format.base.is_float() {
            text += &format!(":tensor:{}", other.format.base.name);
        } else if other.format.base.is_float() {
            text += &format!(":{}", other.format.base.name);
        } else {
            text += &format!(":int{}", (u128::from(other.bytes) * 8).checked_div(groups)?);
        }
    }
    let format: Format = text.parse().ok()?;
    let expected = format.bits(rows, row)?.checked_mul(copies)?;
    (expected == whole.bytes() * 8).then_some(format)
}

fn elements_of(shape: &[u64]) -> u128 {
    shape.iter().map(|size| u128::from(*size)).product()
}

/// The type of numbers of so many bits that are packed into ones of a type, by what scales them.
fn base(bits: u128, packed: &Base, scale: &Base) -> Option<String> {
    if u128::from(packed.bits) == bits {
        return Some(packed.name.to_owned());
    }
    // Bytes hold two 4-bit floating-point numbers where 8-bit scales go with them.
    let float = bits == 4 && scale.bits == 8 && packed.bits == 8;
    matches!(bits, 1..=8).then(|| if float { "fp4".to_owned() } else { format!("int{bits}") })
}

/// What shares a scale where a matrix has so many of them, in a tensor of that shape.
fn group(scales: u128, shape: &[u64], (rows, row): (u128, u128)) -> Option<String> {
    if scales == 1 {
        return Some("tensor".to_owned());
    }
    if scales == rows {
        return Some("row".to_owned());
    }
    if scales.is_multiple_of(rows) && row.is_multiple_of(scales / rows) {
        return Some(format!("g{}", row / (scales / rows)));
    }
    let [.., high, wide] = *shape else { return None };
    (high > 0 && wide > 0).then(|| format!("b{}x{}", rows.div_ceil(high.into()), row.div_ceil(wide.into())))
}

/// So many bits over all numbers, some of which have more than others: the whole ones of each, and what 128 have besides.
fn average(bits: u128, elements: u128) -> Option<Format> {
    let each = bits.checked_mul(128)?.checked_div(elements)?;
    let whole = match each / 128 {
        whole @ 1..=6 => whole,
        7 => 6,
        8 => 8,
        _ => return None,
    };
    let more = each - whole * 128;
    let text = if more == 0 { format!("int{whole}") } else { format!("int{whole}:g128+{more}") };
    text.parse().ok()
}
