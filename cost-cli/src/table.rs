//! Texts of at most 100 columns, and numbers that a person can read.

use cost_models::Note;

pub(crate) use cost_api::number::{bytes, digits, grouped, seconds, si};

/// The widest that a table or a text gets.
pub(crate) const WIDTH: u16 = 100;

/// What is to be said beside the numbers.
pub(crate) fn foot(notes: &[Note]) -> String {
    let lines: String = notes.iter().map(|note| wrapped(&format!("{}: ", note.level), "  ", &note.text)).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
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
