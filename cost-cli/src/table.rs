//! Tables and texts of at most 100 columns, and numbers that a person can read.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use cost_models::Note;
use cost_models::report::Bytes;

/// The widest that a table gets.
const WIDTH: u16 = 100;

/// What is to be said beside the numbers.
pub(crate) fn foot(notes: &[Note]) -> String {
    let lines: String = notes.iter().map(|note| wrapped(&format!("{}: ", note.level), "  ", &note.text)).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// A line under the headings and nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// A table with these headings; all columns but the first `left` are aligned to the right.
pub(crate) fn table(headings: Vec<String>, left: usize, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    arranged(ContentArrangement::Dynamic, headings, left, rows)
}

/// A table of these columns, headings first, of which the last ones are left out while it is too wide, but never the first
/// `needed`. No cell is broken into lines.
pub(crate) fn fitting(columns: &[Vec<String>], left: usize, needed: usize) -> String {
    let mut shown = columns.len();
    loop {
        let line = |row: usize| columns[..shown].iter().filter_map(|column| column.get(row).cloned()).collect();
        let count = columns.first().map_or(0, Vec::len);
        let table = arranged(ContentArrangement::Disabled, line(0), left, (1..count).map(line));
        if shown <= needed || table.lines().all(|line| line.chars().count() <= usize::from(WIDTH)) {
            return table;
        }
        shown -= 1;
    }
}

fn arranged(
    arrangement: ContentArrangement,
    headings: Vec<String>,
    left: usize,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(arrangement).set_width(WIDTH);
    table.set_header(headings);
    for row in rows {
        table.add_row(row);
    }
    for (i, column) in table.column_iter_mut().enumerate() {
        // Two spaces between columns leave room for paths.
        column.set_padding((1, 0));
        if i >= left {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}

/// Text in lines of at most 100 columns, the first of which begins with `first` and all others with `others`: broken at
/// spaces, in formulas before an operator and not around `=`. A word that is wider by itself, such as an address, stays
/// whole, unless it is a product in LaTeX.
pub(crate) fn wrapped(first: &str, others: &str, text: &str) -> String {
    let (mut page, mut width) = (first.to_owned(), first.chars().count());
    let mut begun = false;
    for word in words(text) {
        let wide = others.chars().count() + word.chars().count() > usize::from(WIDTH);
        let parts: Vec<&str> = if wide { word.split_inclusive("\\,").collect() } else { vec![&word] };
        for (i, part) in parts.into_iter().enumerate() {
            let space = usize::from(begun && i == 0);
            let columns = part.chars().count();
            if begun && width + space + columns > usize::from(WIDTH) {
                page += &format!("\n{others}");
                width = others.chars().count();
            } else if space > 0 {
                page.push(' ');
                width += 1;
            }
            page += part;
            width += columns;
            begun = true;
        }
    }
    page + "\n"
}

/// The words of a text, an operator with what follows it.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for next in text.split(' ') {
        let operator = matches!(next, "+" | "-" | "/" | "=");
        match words.last_mut() {
            Some(word) if open || next == "=" => *word += &format!(" {next}"),
            _ => words.push(next.to_owned()),
        }
        open = operator;
    }
    words
}

/// Headings as a table takes them.
pub(crate) fn headings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A count with three significant digits and a decimal prefix: `13.5 G`.
pub(crate) fn si(value: f64) -> String {
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
pub(crate) fn bytes(bytes: Bytes) -> String {
    let text = si(bytes.to_f64());
    if text.contains(' ') { text + "B" } else { text + " B" }
}

/// Seconds with three significant digits and a prefix: `4.02 ms`.
pub(crate) fn seconds(value: f64) -> String {
    for (unit, scale) in [("s", 1.0), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9)] {
        if value * scale >= 0.9995 || unit == "ns" {
            return format!("{} {unit}", digits(value * scale));
        }
    }
    String::new()
}

/// Three significant digits; whole numbers below a thousand as they are.
pub(crate) fn digits(value: f64) -> String {
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
pub(crate) fn grouped(value: u128) -> String {
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
