//! Numbers that a person can read.

use cost_models::report::Bytes;

/// A count with three significant digits and a decimal prefix: `13.5 G`.
pub fn si(value: f64) -> String {
    const PREFIXES: [&str; 8] = ["", "k", "M", "G", "T", "P", "E", "Z"];
    let (mut value, mut prefix) = (value, 0);
    while value >= 999.5 && prefix + 1 < PREFIXES.len() {
        value /= 1000.0;
        prefix += 1;
    }
    let text = digits(value);
    if prefix == 0 { text } else { format!("{text} {}", PREFIXES[prefix]) }
}

/// Bytes with three significant digits and a decimal prefix: `13.5 GB`.
pub fn bytes(bytes: Bytes) -> String {
    let text = si(bytes.to_f64());
    if text.contains(' ') { text + "B" } else { text + " B" }
}

/// Seconds with three significant digits and a prefix: `4.02 ms`.
pub fn seconds(value: f64) -> String {
    for (unit, scale) in [("s", 1.0), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9)] {
        if value * scale >= 0.9995 || unit == "ns" {
            return format!("{} {unit}", digits(value * scale));
        }
    }
    String::new()
}

/// Three significant digits; whole numbers below a thousand as they are.
pub fn digits(value: f64) -> String {
    if value.fract() == 0.0 && value < 1000.0 {
        format!("{value:.0}")
    } else if value < 9.995 {
        format!("{value:.2}")
    } else if value < 99.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

/// A whole number with its thousands apart: `6,738,415,616`.
pub fn grouped(value: u128) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
