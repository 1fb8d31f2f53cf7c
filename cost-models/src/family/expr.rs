//! The language of declarations: arithmetic and conditions over a config's sizes.
//!
//! Whole numbers, 0 or more; a condition is 0 or 1. `a / b` divides without a rest, `a // b` rounds down, `a % b` is the rest;
//! `==` and its like compare; `not`, `and`, `or` and `a if c else b` are as in Python; `min(a, b)` and `max(a, b)`.

use std::fmt;

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expr {
    Number(u64),
    Name(String),
    Not(Box<Self>),
    Two(Two, Box<Self>, Box<Self>),
    /// Condition, then, else.
    If(Box<[Self; 3]>),
}

/// What two operands give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Two {
    Or,
    And,
    Equal,
    Differs,
    Less,
    AtMost,
    More,
    AtLeast,
    Plus,
    Minus,
    Times,
    /// Without a rest.
    Over,
    RoundedDown,
    Rest,
    Min,
    Max,
}

/// Operators by how strongly they bind, the loosest first.
const LEVELS: [&[(&str, Two)]; 5] = [
    &[("or", Two::Or)],
    &[("and", Two::And)],
    &[
        ("==", Two::Equal),
        ("!=", Two::Differs),
        ("<=", Two::AtMost),
        (">=", Two::AtLeast),
        ("<", Two::Less),
        (">", Two::More),
    ],
    &[("+", Two::Plus), ("-", Two::Minus)],
    &[("*", Two::Times), ("//", Two::RoundedDown), ("/", Two::Over), ("%", Two::Rest)],
];

/// How deep an expression can be.
const MOST_DEPTH: usize = 32;

/// Why an expression has no value: an operation whose operands, with what they are, it can't take.
#[derive(Debug)]
pub(crate) struct Fault<'e> {
    pub(crate) operation: Two,
    pub(crate) operands: [(&'e Expr, u64); 2],
}

impl Expr {
    /// Reads an expression; else what is wrong with the text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text, depth: 0 };
        let expr = parser.choice()?;
        parser.space();
        if parser.rest.is_empty() { Ok(expr) } else { Err(parser.unexpected("an operator")) }
    }

    /// Its value, given what names stand for.
    pub(crate) fn value<E>(
        &self,
        of: &mut dyn FnMut(&str) -> Result<u64, E>,
        wrong: &mut dyn FnMut(Fault<'_>) -> E,
    ) -> Result<u64, E> {
        Ok(match self {
            Self::Number(number) => *number,
            Self::Name(name) => of(name)?,
            Self::Not(operand) => u64::from(operand.value(of, wrong)? == 0),
            Self::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let taken = if condition.value(of, wrong)? == 0 { otherwise } else { then };
                taken.value(of, wrong)?
            }
            Self::Two(operation, left, right) => {
                let a = left.value(of, wrong)?;
                // What is decided needs no second look, whose names may not have a value then.
                match operation {
                    Two::Or if a != 0 => return Ok(1),
                    Two::And if a == 0 => return Ok(0),
                    _ => {}
                }
                let b = right.value(of, wrong)?;
                let fault = || Fault { operation: *operation, operands: [(&**left, a), (&**right, b)] };
                operation.apply(a, b).ok_or_else(|| wrong(fault()))?
            }
        })
    }

    /// Whether its value is a condition, by its form.
    pub(crate) fn is_condition(&self) -> bool {
        match self {
            Self::Not(_) => true,
            Self::Two(operation, ..) => operation.is_condition(),
            Self::If(parts) => parts[1].is_condition() && parts[2].is_condition(),
            Self::Number(_) | Self::Name(_) => false,
        }
    }

    /// Looks at all names that are in it.
    pub(crate) fn names<'e>(&'e self, look: &mut dyn FnMut(&'e str)) {
        match self {
            Self::Number(_) => {}
            Self::Name(name) => look(name),
            Self::Not(operand) => operand.names(look),
            Self::Two(_, left, right) => {
                left.names(look);
                right.names(look);
            }
            Self::If(parts) => parts.iter().for_each(|part| part.names(look)),
        }
    }
}

impl Two {
    const fn is_condition(self) -> bool {
        matches!(
            self,
            Self::Or | Self::And | Self::Equal | Self::Differs | Self::Less | Self::AtMost | Self::More | Self::AtLeast
        )
    }

    /// The value; nothing if there is none.
    fn apply(self, a: u64, b: u64) -> Option<u64> {
        match self {
            Self::Or => Some(u64::from(a != 0 || b != 0)),
            Self::And => Some(u64::from(a != 0 && b != 0)),
            Self::Equal => Some(u64::from(a == b)),
            Self::Differs => Some(u64::from(a != b)),
            Self::Less => Some(u64::from(a < b)),
            Self::AtMost => Some(u64::from(a <= b)),
            Self::More => Some(u64::from(a > b)),
            Self::AtLeast => Some(u64::from(a >= b)),
            Self::Plus => a.checked_add(b),
            Self::Minus => a.checked_sub(b),
            Self::Times => a.checked_mul(b),
            Self::Over => a.checked_div(b).filter(|_| a.is_multiple_of(b)),
            Self::RoundedDown => a.checked_div(b),
            Self::Rest => a.checked_rem(b),
            Self::Min => Some(a.min(b)),
            Self::Max => Some(a.max(b)),
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "==",
            Self::Differs => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "·",
            Self::Over => "/",
            Self::RoundedDown => "//",
            Self::Rest => "%",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

/// As people write it, for messages.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => f.write_str(name),
            Self::Not(operand) => write!(f, "not {operand}"),
            Self::Two(operation @ (Two::Min | Two::Max), a, b) => write!(f, "{}({a}, {b})", operation.sign()),
            Self::Two(operation, a, b) => write!(f, "{a} {} {b}", operation.sign()),
            Self::If(parts) => write!(f, "{} if {} else {}", parts[1], parts[0], parts[2]),
        }
    }
}

struct Parser<'t> {
    rest: &'t str,
    depth: usize,
}

impl Parser<'_> {
    fn choice(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(format!("an expression is at most {MOST_DEPTH} levels deep"));
        }
        let then = self.level(0)?;
        let choice = if self.word("if") {
            let condition = self.level(0)?;
            if !self.word("else") {
                return Err(self.unexpected("`else`"));
            }
            Expr::If(Box::new([condition, then, self.choice()?]))
        } else {
            then
        };
        self.depth -= 1;
        Ok(choice)
    }

    fn level(&mut self, at: usize) -> Result<Expr, String> {
        let Some(level) = LEVELS.get(at) else { return self.operand() };
        if at == 2 && self.word("not") {
            return Ok(Expr::Not(Box::new(self.level(at)?)));
        }
        let mut left = self.level(at + 1)?;
        while let Some((_, operation)) = level.iter().find(|(sign, _)| self.sign(sign)) {
            left = Expr::Two(*operation, Box::new(left), Box::new(self.level(at + 1)?));
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expr, String> {
        if self.sign("(") {
            let inner = self.choice()?;
            return if self.sign(")") { Ok(inner) } else { Err(self.unexpected("`)`")) };
        }
        let length = self.rest.find(|next: char| !(next.is_ascii_alphanumeric() || next == '_'));
        let (found, rest) = self.rest.split_at(length.unwrap_or(self.rest.len()));
        if found.is_empty() || ["if", "else", "and", "or", "not"].contains(&found) {
            return Err(self.unexpected("a number, a name or `(`"));
        }
        if found.starts_with(|first: char| first.is_ascii_digit()) {
            let digits = found.replace('_', "");
            let number = digits.parse().map_err(|_| format!("`{found}` is no whole number that fits 64 bits"))?;
            self.rest = rest;
            return Ok(Expr::Number(number));
        }
        self.rest = rest;
        let operation = match found {
            "min" => Two::Min,
            "max" => Two::Max,
            name => return Ok(Expr::Name(name.to_owned())),
        };
        if !self.sign("(") {
            return Err(self.unexpected("`(`"));
        }
        let first = self.choice()?;
        if !self.sign(",") {
            return Err(self.unexpected("`,`"));
        }
        let second = self.choice()?;
        if !self.sign(")") {
            return Err(self.unexpected("`)`"));
        }
        Ok(Expr::Two(operation, Box::new(first), Box::new(second)))
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes a sign or a word if it is next.
    fn sign(&mut self, sign: &str) -> bool {
        if sign.starts_with(char::is_alphabetic) {
            return self.word(sign);
        }
        self.space();
        match self.rest.strip_prefix(sign) {
            // What is longer is tried first among those of a level.
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(word) {
            Some(rest) if !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_') => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn unexpected(&mut self, expected: &str) -> String {
        self.space();
        match self.rest.chars().next() {
            Some(found) => format!("`{found}` where {expected} was expected"),
            None => format!("it ends where {expected} was expected"),
        }
    }
}
