//! Random choices.

use cost_core::random::Random;

/// Sizes at which things go wrong.
pub const EXTREMES: [u64; 24] = [
    0,
    1,
    2,
    3,
    7,
    8,
    16,
    64,
    127,
    1000,
    4096,
    65_535,
    65_536,
    65_537,
    (1 << 31) - 1,
    1 << 31,
    1 << 32,
    (1 << 53) - 1,
    1 << 53,
    1 << 62,
    1 << 63,
    u64::MAX - 1,
    u64::MAX,
    10_000_000_000,
];

/// Numbers as text that are more than a size, or none.
pub const NUMBERS: [&str; 22] = [
    "-1",
    "-0",
    "0.5",
    "1e308",
    "-1e308",
    "1e309",
    "1e-308",
    "1e-320",
    "5e-324",
    "1e400",
    "NaN",
    "nan",
    "inf",
    "Infinity",
    "-Infinity",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "1_000",
    "0x10",
    "1e3",
    "+1",
    "00",
];

/// A number below another; 0 if that is 0.
pub fn below(random: &mut Random, end: usize) -> usize {
    usize::try_from(random.below(end as u64)).unwrap_or(0)
}

/// Whether something that happens one time of so many does.
pub fn one_in(random: &mut Random, times: u64) -> bool {
    random.below(times) == 0
}

/// One of a list that isn't empty.
pub fn one<'l, T>(random: &mut Random, list: &'l [T]) -> &'l T {
    &list[below(random, list.len())]
}

/// A size: mostly small, sometimes one at which things go wrong, or near it.
pub fn size(random: &mut Random) -> u64 {
    match random.below(4) {
        0 => *one(random, &EXTREMES),
        1 => one(random, &EXTREMES).wrapping_add(random.below(3)).wrapping_sub(1),
        2 => random.below(300),
        _ => 1 << random.below(64),
    }
}

/// A number as text.
pub fn number(random: &mut Random) -> String {
    match random.below(5) {
        0 => (*one(random, &NUMBERS)).to_owned(),
        1 => format!("{:?}", f64::from_bits(random.bits())),
        2 => format!("{:.3}", random.unit()),
        _ => size(random).to_string(),
    }
}

/// How many of something: mostly few, now and then very many.
pub fn count(random: &mut Random, many: usize) -> usize {
    match random.below(200) {
        0 => many,
        1..=9 => below(random, many.min(2000) + 1),
        _ => below(random, 6),
    }
}

/// A text that somebody may have written into a file.
pub fn text(random: &mut Random) -> String {
    const TEXTS: [&str; 16] = [
        "",
        " ",
        "a",
        "é",
        "\u{202e}abc",
        "\u{1b}[31m",
        "\0",
        "a.b.c",
        "..",
        "*",
        "%s",
        "../../x",
        "\"",
        "\\",
        "\n",
        "𝕏",
    ];
    let piece = *one(random, &TEXTS);
    let times = if one_in(random, 40) { count(random, 100_000) } else { 1 };
    piece.repeat(times)
}
