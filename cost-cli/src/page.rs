//! What a command prints: texts and tables, for a terminal or for others to read.

use std::ops::{Add, AddAssign};

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, TableStyle};

use crate::args::Table;
use crate::cell::Cell;
use crate::colour::Tone;
use crate::failure::Result;
use crate::table::WIDTH;

/// Texts and tables, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Table(Grid),
}

/// A table; all columns but the first `left` are aligned to the right.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    headings: Vec<String>,
    left: usize,
    rows: Vec<Vec<Cell>>,
    fit: Fit,
}

/// What is done about a table that is too wide.
#[derive(Clone, Copy, Debug)]
enum Fit {
    /// Long cells are broken into lines.
    Broken,
    /// Last columns are left out, but never the first ones, so many. No cell is broken.
    First(usize),
    /// As the first, but without the last column if that would make it too wide.
    WithoutLast,
}

/// A table with these headings, whose long cells are broken into lines.
pub(crate) fn table(headings: Vec<String>, left: usize, rows: impl IntoIterator<Item = Vec<Cell>>) -> Page {
    grid(headings, left, rows, Fit::Broken)
}

/// A table of which the last columns are left out for a terminal while it is too wide, but never the first `needed`.
pub(crate) fn fitting(headings: Vec<String>, left: usize, needed: usize, rows: Vec<Vec<Cell>>) -> Page {
    grid(headings, left, rows, Fit::First(needed))
}

/// A table whose last column is left out for a terminal that has no room for it.
pub(crate) fn with_last(headings: Vec<String>, left: usize, rows: impl IntoIterator<Item = Vec<Cell>>) -> Page {
    grid(headings, left, rows, Fit::WithoutLast)
}

fn grid(headings: Vec<String>, left: usize, rows: impl IntoIterator<Item = Vec<Cell>>, fit: Fit) -> Page {
    Page { parts: vec![Part::Table(Grid { headings, left, rows: rows.into_iter().collect(), fit })] }
}

impl Page {
    /// The page as it is asked for. An error if that is tables alone and there is none.
    pub(crate) fn shown(&self, as_a: Table) -> Result<String> {
        match as_a {
            Table::Plain => Ok(self.plain()),
            Table::Markdown => Ok(self.markdown()),
            Table::Csv => self.csv(),
        }
    }

    /// For a terminal.
    pub(crate) fn plain(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => told(text),
            Part::Table(grid) => grid.plain(),
        });
        parts.collect()
    }

    /// For a comment or a page.
    fn markdown(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => {
                let lines = text.trim_matches('\n').lines().map(|line| match line.trim() {
                    "" => String::new(),
                    line => format!("{}  ", escaped(line)),
                });
                lines.collect::<Vec<_>>().join("\n")
            }
            Part::Table(grid) => grid.markdown(),
        });
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        parts.join("\n\n") + "\n"
    }

    fn csv(&self) -> Result<String> {
        let tables = self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Table(grid) => Some(grid.csv()),
        });
        let tables: Vec<String> = tables.collect();
        if tables.is_empty() {
            return Err("--table: found csv, expected plain or markdown: there is no table in this answer".to_owned());
        }
        Ok(tables.join("\n"))
    }
}

impl Grid {
    fn plain(&self) -> String {
        let narrow = |text: &str| text.lines().all(|line| width(line) <= usize::from(WIDTH));
        let all = self.headings.len();
        match self.fit {
            Fit::Broken => self.arranged(ContentArrangement::Dynamic, all),
            Fit::WithoutLast => {
                let whole = self.arranged(ContentArrangement::Disabled, all);
                if narrow(&whole) { whole } else { self.arranged(ContentArrangement::Dynamic, all - 1) }
            }
            Fit::First(needed) => {
                let mut shown = all;
                loop {
                    let table = self.arranged(ContentArrangement::Disabled, shown);
                    if shown <= needed || narrow(&table) {
                        return table;
                    }
                    shown -= 1;
                }
            }
        }
    }

    fn arranged(&self, arrangement: ContentArrangement, shown: usize) -> String {
        /// A line under the headings and nothing else.
        const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));
        let mut table = comfy_table::Table::new();
        table.load_style(STYLE).set_content_arrangement(arrangement).set_width(WIDTH);
        table.set_header(&self.headings[..shown]);
        for row in &self.rows {
            table.add_row(row.iter().take(shown).map(in_a_terminal));
        }
        for (i, column) in table.column_iter_mut().enumerate() {
            // Two spaces between columns leave room for paths.
            column.set_padding((1, 0));
            if i >= self.left {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
        let rule = lines.iter().position(|line| line.starts_with('─')).unwrap_or(0);
        lines[..rule].iter_mut().for_each(|line| *line = Tone::Heading.of(line));
        if let Some(line) = lines.get_mut(rule) {
            *line = Tone::Soft.of(line);
        }
        lines.join("\n") + "\n"
    }

    fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
        let headings = self.headings.iter().map(|heading| escaped(heading)).collect();
        let rule = (0..self.headings.len()).map(|at| if at < self.left { "---" } else { "--:" }.to_owned()).collect();
        let mut lines = vec![line(headings), line(rule)];
        lines.extend(self.rows.iter().map(|row| line(row.iter().map(|cell| escaped(&cell.shown)).collect())));
        lines.join("\n")
    }

    fn csv(&self) -> String {
        let mut text = self.headings.iter().map(|heading| quoted(heading)).collect::<Vec<_>>().join(",") + "\n";
        for row in &self.rows {
            text += &row.iter().map(|cell| quoted(cell.exact())).collect::<Vec<_>>().join(",");
            text.push('\n');
        }
        text
    }
}

/// How many columns a line takes.
fn width(line: &str) -> usize {
    crate::colour::shown(line, false).chars().count()
}

fn in_a_terminal(cell: &Cell) -> String {
    let text = match cell.bar {
        Some(share) => format!("{} {:>6}", Tone::Memory.of(&bar(share)), cell.shown),
        None => cell.shown.clone(),
    };
    cell.tone.of(&text)
}

/// A share as a bar that is five columns wide at most, in eighths of a column.
fn bar(share: f64) -> String {
    const PARTS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 40")]
    let eighths = (share.clamp(0.0, 1.0) * 40.0).round() as usize;
    (0..5).map(|at| PARTS[eighths.saturating_sub(at * 8).min(8)]).collect()
}

/// A text whose warnings stand out.
fn told(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| match line.strip_prefix("warning:") {
            Some(rest) => Tone::Warning.of("warning:") + rest,
            None => line.to_owned(),
        })
        .collect()
}

/// A text that markdown shows as it is.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        match c {
            '\n' => shown.push(' '),
            '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '\\' | '~' | '#' | '@' => shown.extend(['\\', c]),
            c => shown.push(c),
        }
    }
    shown
}

/// A cell as RFC 4180 has it.
pub(crate) fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

impl From<String> for Page {
    fn from(text: String) -> Self {
        Self { parts: vec![Part::Text(text)] }
    }
}

impl AddAssign<&str> for Page {
    fn add_assign(&mut self, more: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push_str(more),
            _ => self.parts.push(Part::Text(more.to_owned())),
        }
    }
}

impl AddAssign<&String> for Page {
    fn add_assign(&mut self, more: &String) {
        *self += more.as_str();
    }
}

impl AddAssign<Page> for Page {
    fn add_assign(&mut self, more: Page) {
        for part in more.parts {
            match part {
                Part::Text(text) => *self += &text,
                table @ Part::Table(_) => self.parts.push(table),
            }
        }
    }
}

impl<More> Add<More> for Page
where
    Page: AddAssign<More>,
{
    type Output = Page;

    fn add(mut self, more: More) -> Page {
        self += more;
        self
    }
}
