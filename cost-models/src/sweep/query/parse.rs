//! Reading queries.

use super::super::column::{Column, Kind};
use super::super::error::Error;
use super::{Binary, Node};
use cost_core::nearest;

/// A token and where it starts, in characters.
#[derive(Clone, Debug, PartialEq)]
struct Token {
    at: usize,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Number(f64),
    Text(String),
    Name(String),
    Sign(&'static str),
    End,
}

/// The signs that there are, longer ones first.
const SIGNS: &[&str] = &["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "(", ")"];

/// The binary operators by how strongly they bind, weakest first.
const LEVELS: &[&[(&str, Binary)]] = &[
    &[("||", Binary::Or)],
    &[("&&", Binary::And)],
    &[
        ("==", Binary::Equal),
        ("!=", Binary::NotEqual),
        ("<", Binary::Less),
        ("<=", Binary::LessEqual),
        (">", Binary::Greater),
        (">=", Binary::GreaterEqual),
    ],
    &[("+", Binary::Add), ("-", Binary::Sub)],
    &[("*", Binary::Mul), ("/", Binary::Div)],
];

/// The level of comparisons, which can't be chained.
const COMPARISONS: usize = 2;

/// Most parentheses and signs inside one another.
const DEPTH: usize = 100;

/// Most tokens of a query.
const LONGEST: usize = 1000;

/// A query that has values of that kind.
pub(super) fn parse(text: &str, kind: Kind) -> Result<Node, Error> {
    let tokens = tokens(text)?;
    if tokens.len() > LONGEST {
        let message = format!("more than {LONGEST} numbers, columns and signs");
        return Err(Error::Query { text: text.to_owned(), at: tokens[LONGEST].at, message });
    }
    let mut parser = Parser { text, tokens, next: 0, depth: 0 };
    let node = parser.binary(0)?;
    let rest = parser.peek().clone();
    if rest.what != What::End {
        return Err(parser.wrong(rest.at, format!("expected an operator or the end, found {}", rest.what.shown())));
    }
    parser.expect(0, &node, kind)?;
    Ok(node)
}

fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let wrong = |at, message: String| Err(Error::Query { text: text.to_owned(), at, message });
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(c) = chars.get(at) {
        let run = |of: &dyn Fn(char) -> bool| chars[at..].iter().take_while(|c| of(**c)).collect::<String>();
        let start = at;
        let what = if c.is_whitespace() {
            at += 1;
            continue;
        } else if c.is_ascii_digit() || *c == '.' {
            let mut number = run(&|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
            // The sign of an exponent.
            if number.ends_with(['e', 'E']) && matches!(chars.get(at + number.len()), Some('+' | '-')) {
                number.push(chars[at + number.len()]);
                let from = at + number.len();
                number.extend(chars[from..].iter().take_while(|c| c.is_ascii_digit()));
            }
            at += number.len();
            match number.replace('_', "").parse::<f64>() {
                Ok(n) if n.is_finite() => What::Number(n),
                _ => return wrong(start, format!("expected a number such as 0.02 or 1e9, found `{number}`")),
            }
        } else if c.is_alphabetic() || *c == '_' {
            let name = run(&|c| c.is_alphanumeric() || c == '_');
            at += name.chars().count();
            What::Name(name)
        } else if *c == '"' || *c == '\'' {
            let inside: Vec<char> = chars[at + 1..].iter().copied().take_while(|next| next != c).collect();
            at += inside.len() + 2;
            if at > chars.len() {
                return wrong(start, "this text has no end: a quote is missing".to_owned());
            }
            What::Text(inside.into_iter().collect())
        } else {
            let rest: String = chars[at..].iter().take(2).collect();
            let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) else {
                let hint = match c {
                    '=' => "; equality is `==`",
                    '&' | '|' => "; it is written twice",
                    _ => "",
                };
                return wrong(start, format!("`{c}` means nothing here{hint}"));
            };
            at += sign.len();
            What::Sign(sign)
        };
        found.push(Token { at: start, what });
    }
    found.push(Token { at: chars.len(), what: What::End });
    Ok(found)
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    /// The next token; the last one is the end, and is never passed.
    fn peek(&self) -> &Token {
        &self.tokens[self.next]
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        if token.what != What::End {
            self.next += 1;
        }
        token
    }

    fn wrong(&self, at: usize, message: String) -> Error {
        Error::Query { text: self.text.to_owned(), at, message }
    }

    fn binary(&mut self, level: usize) -> Result<Node, Error> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let start = self.peek().at;
        let mut left = self.binary(level + 1)?;
        loop {
            let Token { at, what: What::Sign(sign) } = self.peek() else { return Ok(left) };
            let (at, sign) = (*at, *sign);
            let Some((_, op)) = operators.iter().find(|(name, _)| *name == sign) else { return Ok(left) };
            self.take();
            let from = self.peek().at;
            let right = self.binary(level + 1)?;
            self.fit(*op, (start, &left), (from, &right), at)?;
            left = Node::Binary(*op, Box::new((left, right)));
            if level == COMPARISONS
                && let Token { at, what: What::Sign(sign) } = self.peek()
                && operators.iter().any(|(name, _)| name == sign)
            {
                let message = "comparisons can't be chained; join two with `&&`".to_owned();
                return Err(self.wrong(*at, message));
            }
        }
    }

    fn unary(&mut self) -> Result<Node, Error> {
        self.depth += 1;
        let token = self.take();
        if self.depth > DEPTH {
            return Err(self.wrong(token.at, format!("more than {DEPTH} parentheses and signs inside one another")));
        }
        let node = match token.what {
            What::Number(n) => Node::Number(n),
            What::Text(text) => Node::Text(text),
            What::Name(name) if name == "true" || name == "false" => Node::Truth(name == "true"),
            What::Name(name) => Node::Column(self.column(token.at, &name)?),
            What::Sign("!") => {
                let (at, inner) = (self.peek().at, self.unary()?);
                self.expect(at, &inner, Kind::Truth)?;
                Node::Not(Box::new(inner))
            }
            What::Sign("-") => {
                let (at, inner) = (self.peek().at, self.unary()?);
                self.expect(at, &inner, Kind::Number)?;
                Node::Minus(Box::new(inner))
            }
            What::Sign("(") => {
                let inner = self.binary(0)?;
                let end = self.take();
                if end.what != What::Sign(")") {
                    return Err(self.wrong(end.at, format!("expected `)`, found {}", end.what.shown())));
                }
                inner
            }
            other => {
                let message = format!("expected a column, a number or a text in quotes, found {}", other.shown());
                return Err(self.wrong(token.at, message));
            }
        };
        self.depth -= 1;
        Ok(node)
    }

    fn column(&self, at: usize, name: &str) -> Result<Column, Error> {
        let known = Column::ALL.iter().copied().find(|column| column.name() == name);
        known.ok_or_else(|| {
            let near = nearest(name, Column::names()).map_or_else(String::new, |near| format!("`{near}` or "));
            self.wrong(at, format!("there is no column `{name}`; did you mean {near}the text \"{name}\"?"))
        })
    }

    /// Whether an operator can take its operands.
    fn fit(&self, op: Binary, left: (usize, &Node), right: (usize, &Node), at: usize) -> Result<(), Error> {
        match op {
            Binary::Or | Binary::And => {
                self.expect(left.0, left.1, Kind::Truth)?;
                self.expect(right.0, right.1, Kind::Truth)
            }
            Binary::Equal | Binary::NotEqual if left.1.kind() != right.1.kind() => {
                let (a, b) = (shown(left.1.kind()), shown(right.1.kind()));
                Err(self.wrong(at, format!("{a} can't be compared with {b}")))
            }
            Binary::Equal | Binary::NotEqual => self.known(left, right).and_then(|()| self.known(right, left)),
            _ => {
                self.expect(left.0, left.1, Kind::Number)?;
                self.expect(right.0, right.1, Kind::Number)
            }
        }
    }

    /// Whether a text that a column is compared with is one that it can be.
    fn known(&self, column: (usize, &Node), text: (usize, &Node)) -> Result<(), Error> {
        let (Node::Column(column), (at, Node::Text(text))) = (column.1, text) else { return Ok(()) };
        let texts = match column {
            Column::Bound => ["memory", "compute"],
            Column::Phase => ["prefill", "decode"],
            _ => return Ok(()),
        };
        if texts.contains(&text.as_str()) {
            return Ok(());
        }
        let [a, b] = texts;
        Err(self.wrong(at, format!("{} is \"{a}\" or \"{b}\", never \"{text}\"", column.name())))
    }

    fn expect(&self, at: usize, node: &Node, kind: Kind) -> Result<(), Error> {
        if node.kind() == kind {
            return Ok(());
        }
        Err(self.wrong(at, format!("expected {}, found {}", shown(kind), shown(node.kind()))))
    }
}

fn shown(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Whole | Kind::Number => "a number",
        Kind::Truth => "a condition",
    }
}

impl What {
    fn shown(&self) -> String {
        match self {
            Self::Number(n) => format!("`{n}`"),
            Self::Text(text) => format!("\"{text}\""),
            Self::Name(name) => format!("`{name}`"),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".to_owned(),
        }
    }
}
