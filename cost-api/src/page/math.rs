//! Formulas as MathML.

use crate::draw::text::escaped;

/// A formula in the notation of reports, `2·b·s·d² + min(t, w)`, as MathML; as it is where it is written otherwise.
pub(super) fn math(formula: &str) -> String {
    let mut reader = Reader { rest: formula, depth: 0 };
    match reader.sum() {
        Some(sum) if reader.rest.trim().is_empty() => format!("<math>{sum}</math>"),
        _ => format!("<code>{}</code>", escaped(formula)),
    }
}

/// The deepest that parentheses are in each other.
const DEPTH: usize = 32;

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start();
        let found = rest.strip_prefix(token);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn word(&mut self, of: impl Fn(char) -> bool) -> Option<String> {
        let rest = self.rest.trim_start();
        let end = rest.find(|c| !of(c)).unwrap_or(rest.len());
        self.rest = &rest[end..];
        (end > 0).then(|| rest[..end].to_owned())
    }

    fn sum(&mut self) -> Option<String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let mut sum = if self.take("-") { "<mo>−</mo>".to_owned() } else { String::new() };
        sum += &self.quotient()?;
        loop {
            sum += if self.take("+") {
                "<mo>+</mo>"
            } else if self.take("-") {
                "<mo>−</mo>"
            } else {
                self.depth -= 1;
                return Some(sum);
            };
            sum += &self.quotient()?;
        }
    }

    /// A product, over another one if ` / ` stands between them.
    fn quotient(&mut self) -> Option<String> {
        let above = self.product()?;
        if self.take("/") { Some(over(&above, &self.product()?)) } else { Some(above) }
    }

    fn product(&mut self) -> Option<String> {
        let mut product = self.power()?;
        while self.take("·") {
            product += "<mo>·</mo>";
            product += &self.power()?;
        }
        Some(product)
    }

    fn power(&mut self) -> Option<String> {
        let base = self.factor()?;
        let power: String = self.rest.chars().map_while(superscript).collect();
        self.rest = &self.rest[power.chars().map(|_| ()).zip(self.rest.chars()).map(|((), c)| c.len_utf8()).sum()..];
        if power.is_empty() { Some(base) } else { Some(format!("<msup><mrow>{base}</mrow><mn>{power}</mn></msup>")) }
    }

    fn factor(&mut self) -> Option<String> {
        if self.take("(") {
            let inner = self.sum()?;
            return self.take(")").then(|| format!("<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>"));
        }
        if let Some(number) = self.word(|c| c.is_ascii_digit() || c == '.') {
            // A coefficient that is a fraction has no spaces around its bar.
            let below = self.rest.strip_prefix('/').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            return Some(match below {
                Some(rest) => {
                    self.rest = rest;
                    let below = self.word(|c| c.is_ascii_digit())?;
                    over(&format!("<mn>{number}</mn>"), &format!("<mn>{below}</mn>"))
                }
                None => format!("<mn>{number}</mn>"),
            });
        }
        let name = self.word(|c| c.is_alphanumeric() || c == '_')?;
        if !self.take("(") {
            return Some(format!("<mi>{}</mi>", escaped(&name)));
        }
        let mut args = vec![self.sum()?];
        while self.take(",") {
            args.push(self.sum()?);
        }
        if !self.take(")") {
            return None;
        }
        called(&name, &args)
    }
}

fn called(name: &str, args: &[String]) -> Option<String> {
    Some(match (name, args) {
        ("min" | "max", args) => format!("<mi>{name}</mi><mo>(</mo>{}<mo>)</mo>", args.join("<mo>,</mo>")),
        ("ceil_div", [above, below]) => format!("<mrow><mo>⌈</mo>{}<mo>⌉</mo></mrow>", over(above, below)),
        // What a step of so many tokens touches of experts.
        ("distinct", [experts, top, tokens]) => {
            let missed = format!(
                "<msup><mrow><mo>(</mo><mn>1</mn><mo>−</mo>{}<mo>)</mo></mrow><mrow>{tokens}</mrow></msup>",
                over(top, experts)
            );
            format!("<mrow>{}<mo>(</mo><mn>1</mn><mo>−</mo>{missed}<mo>)</mo></mrow>", grouped(experts))
        }
        _ => return None,
    })
}

/// A sum or a product in parentheses; a single letter or number as it is.
fn grouped(inner: &str) -> String {
    if inner.contains("<mo>") { format!("<mo>(</mo>{inner}<mo>)</mo>") } else { inner.to_owned() }
}

fn over(above: &str, below: &str) -> String {
    format!("<mfrac><mrow>{above}</mrow><mrow>{below}</mrow></mfrac>")
}

fn superscript(c: char) -> Option<char> {
    let digit = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|it| it == c)?;
    char::from_digit(u32::try_from(digit).ok()?, 10)
}
