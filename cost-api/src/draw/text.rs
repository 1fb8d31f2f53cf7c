//! Texts in pictures.

use cost_core::text::printable;

/// A share as a percentage.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 9.95 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

/// A number with at most three digits, a space and a prefix: `3.35 T`, `4.6 m`.
pub(crate) fn si(number: f64) -> String {
    const PREFIXES: [(f64, &str); 11] = [
        (1e18, "E"),
        (1e15, "P"),
        (1e12, "T"),
        (1e9, "G"),
        (1e6, "M"),
        (1e3, "k"),
        (1.0, ""),
        (1e-3, "m"),
        (1e-6, "µ"),
        (1e-9, "n"),
        (1e-12, "p"),
    ];
    let (scale, prefix) = PREFIXES.into_iter().find(|(scale, _)| number >= scale * 0.9995).unwrap_or((1.0, ""));
    let scaled = number / scale;
    let digits = if scaled >= 99.95 {
        format!("{scaled:.0}")
    } else if scaled >= 9.995 {
        format!("{scaled:.1}")
    } else {
        format!("{scaled:.2}")
    };
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
    format!("{digits} {prefix}")
}

/// The end of a path, which tells kernels apart.
pub(crate) fn tail(path: &str, most: usize) -> String {
    let count = path.chars().count();
    if count <= most {
        path.to_owned()
    } else {
        format!("…{}", path.chars().skip(count + 1 - most).collect::<String>())
    }
}

/// The beginning of a text that is longer than so many characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

/// A text as XML and HTML have it, between tags and in attributes.
pub(crate) fn escaped(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
