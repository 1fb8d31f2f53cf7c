//! What can go wrong when an operator is evaluated.

use core::fmt;

use crate::text::short;

/// Why a number could not be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A count does not fit 128 bits.
    Overflow {
        /// What was being counted.
        counting: &'static str,
    },
    /// A size in terms of axes comes out negative.
    Negative {
        /// The operator.
        op: String,
    },
    /// An axis whose size in terms of others is none.
    Derived {
        /// The operator.
        op: String,
        /// The axis.
        axis: String,
        /// Whether it is divided by zero, and doesn't come out negative.
        divided: bool,
    },
    /// An axis whose size is given in terms of one along which `top` finds fewer than was asked for.
    DerivedOfKept {
        /// The operator.
        op: String,
        /// The axis.
        axis: String,
    },
    /// A condition's axis is neither 0 nor 1.
    Condition {
        /// The operator.
        op: String,
        /// The value found.
        found: String,
    },
    /// More query positions than key positions under a mask.
    Causal(Box<TwoSizes>),
    /// A window around each query that hasn't even the query's own position.
    EmptyWindow {
        /// The operator.
        op: String,
        /// The axis that is the window's reach.
        axis: String,
    },
    /// More positions taken of an axis than it has.
    Part(Box<TwoSizes>),
    /// More experts used than there are.
    Experts {
        /// How many are used.
        given: String,
        /// How many there are.
        experts: String,
    },
    /// Fewer distinct experts than one token uses.
    TooFewExperts {
        /// How many were given.
        found: String,
        /// How many a token uses.
        top: String,
    },
    /// More distinct experts than the tokens of a step reach.
    TooManyExperts {
        /// How many were given.
        found: String,
        /// How many there can be.
        most: String,
    },
    /// A routing of what routes to no experts, or to such alone that all work whatever comes to them.
    NothingRouted {
        /// The operator or model.
        of: String,
        /// The routing.
        found: String,
    },
    /// Division by an expression that is zero.
    ZeroDivision {
        /// What was being divided.
        dividing: &'static str,
    },
    /// The operator's declaration failed to compile or names other operators' axes wrongly.
    Description {
        /// The operator.
        op: String,
        /// What is wrong.
        message: String,
    },
    /// What stays in memory, of a plan that was made without it.
    NotHeld {
        /// The operator.
        op: String,
    },
    /// A wrong number of axis sizes.
    Sizes {
        /// The operator.
        op: String,
        /// How many axes it has.
        expected: usize,
        /// How many sizes there were.
        found: usize,
    },
    /// A size that isn't one.
    Size {
        /// The axis.
        axis: String,
        /// What was found.
        found: String,
    },
    /// A wrong number of columns.
    Columns {
        /// How many there are.
        expected: usize,
        /// How many there was room for.
        found: usize,
    },
    /// Columns of different lengths.
    Rows {
        /// The column that is longer or shorter.
        column: String,
        /// How many rows the first one has.
        expected: usize,
        /// How many rows it has.
        found: usize,
    },
    /// A step that a model can't take.
    Step {
        /// The model's name.
        model: String,
        /// What kind of step.
        found: String,
        /// What it can take.
        expected: String,
    },
    /// A number format that doesn't exist.
    Format {
        /// The text.
        text: String,
        /// What was expected.
        expected: String,
    },
    /// A class of numbers that nothing multiplies in.
    Class {
        /// The text.
        text: String,
        /// What was expected.
        expected: String,
    },
    /// A text that is no formula.
    Formula {
        /// What was found, and where.
        found: String,
        /// What was expected there.
        expected: String,
    },
    /// Hardware that isn't known.
    Hardware {
        /// The name.
        name: String,
        /// The nearest known name.
        nearest: Option<String>,
    },
    /// A hardware file that can't be read.
    HardwareFile {
        /// Which entry or field, and what is wrong with it.
        message: String,
    },
}

/// Two axes of an operator, one of which is part of the other, and their sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoSizes {
    /// The operator.
    pub op: String,
    /// The axis that is part of the other, and its size.
    pub part: (String, String),
    /// The other, and its size.
    pub whole: (String, String),
}

#[cfg(feature = "plan")]
impl Error {
    /// The error with the sizes that it is about, where it names any: what has to be at most the other, and the other.
    pub(crate) fn with_sizes(mut self, small: &str, large: &str) -> Self {
        let texts: [(&mut String, &str); 2] = match &mut self {
            Self::Causal(it) | Self::Part(it) => {
                let TwoSizes { part, whole, .. } = &mut **it;
                [(&mut part.1, small), (&mut whole.1, large)]
            }
            Self::Experts { given, experts } => [(given, small), (experts, large)],
            Self::TooFewExperts { found, top } => [(top, small), (found, large)],
            Self::TooManyExperts { found, most } => [(found, small), (most, large)],
            Self::Condition { found, .. } => {
                found.replace_range(.., small);
                return self;
            }
            _ => return self,
        };
        for (text, size) in texts {
            text.replace_range(.., size);
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overflow { counting } => write!(f, "{counting} do not fit in 128 bits: the sizes are too large"),
            Self::Negative { op } => write!(f, "a size inside {op} comes out negative"),
            Self::Derived { op, axis, divided: true } => {
                write!(f, "the size that {op} gives its axis {axis} in terms of others is divided by zero")
            }
            Self::Derived { op, axis, divided: false } => {
                write!(f, "the size that {op} gives its axis {axis} in terms of others comes out negative")
            }
            Self::DerivedOfKept { op, axis } => write!(
                f,
                "{op} gives its axis {axis} a size in terms of an axis that `top` keeps; expected no more to be kept than there are"
            ),
            Self::Condition { op, found } => {
                write!(f, "a condition of {op} is {found}; expected 0 or 1")
            }
            Self::Causal(it) => {
                let TwoSizes { op, part: (s, new), whole: (t, all) } = &**it;
                write!(
                    f,
                    "{op} has a mask with {s} = {new} new positions out of {t} = {all}; expected {s} to be at most {t}"
                )
            }
            Self::EmptyWindow { op, axis } => {
                write!(f, "{op} has a window with {axis} = 0; expected at least 1, a query's own position")
            }
            Self::Part(it) => {
                let TwoSizes { op, part: (o, taken), whole: (s, all) } = &**it;
                write!(f, "{op} takes the last {o} = {taken} positions of {s} = {all}; expected {o} to be at most {s}")
            }
            Self::Experts { given, experts } => {
                write!(f, "{given} distinct experts are used; expected at most the {experts} that there are")
            }
            Self::TooFewExperts { found, top } => {
                write!(f, "routing: found {found} distinct experts, expected at least the {top} that each token uses")
            }
            Self::TooManyExperts { found, most } => {
                write!(
                    f,
                    "routing: found {found} distinct experts, expected at most the {most} that a step's tokens reach"
                )
            }
            Self::NothingRouted { of, found } => {
                write!(f, "routing: found {found}, expected none: {of} has no experts whose number depends on it")
            }
            Self::ZeroDivision { dividing } => write!(f, "{dividing}: division by zero"),
            Self::Description { op, message } => {
                write!(f, "the description of {op} is wrong: {message}")
            }
            Self::NotHeld { op } => write!(
                f,
                "the plan of {op} knows nothing of what stays in memory; expected one that was made with `with_memory`"
            ),
            Self::Sizes { op, expected, found } => {
                write!(f, "{op} has {expected} axes and was given {found} sizes")
            }
            Self::Size { axis, found } => {
                write!(f, "the size of axis {axis} is {found}; expected a number from 0 to 2^53")
            }
            Self::Columns { expected, found } => {
                write!(f, "there are {expected} columns of results and room for {found}")
            }
            Self::Rows { column, expected, found } => {
                write!(f, "column {column} has {found} rows; expected {expected} as in the first")
            }
            Self::Step { model, found, expected } => write!(f, "{model}: found {found}, expected {expected}"),
            Self::Format { text, expected } => {
                let text = short(text, 100);
                write!(f, "unknown number format `{text}`; expected {expected}")
            }
            Self::Class { text, expected } => write!(f, "products multiply in no `{text}`; expected {expected}"),
            Self::Formula { found, expected } => write!(f, "a formula: found {found}, expected {expected}"),
            Self::Hardware { name, nearest } => {
                let name = short(name, 100);
                write!(f, "unknown hardware `{name}`")?;
                match nearest {
                    Some(nearest) => write!(f, " (did you mean `{nearest}`?)"),
                    None => Ok(()),
                }?;
                f.write_str("; expected a name that `cost hardware` lists, or a .toml file")
            }
            Self::HardwareFile { message } => f.write_str(message),
        }
    }
}

impl core::error::Error for Error {}

/// The result of an evaluation.
pub type Result<T, E = Error> = core::result::Result<T, E>;
