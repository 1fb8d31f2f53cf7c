//! Distributions of lengths.

use core::fmt;
use std::str::FromStr;

use cost_core::random::Random;

use crate::error::Error;

/// How lengths are distributed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lengths {
    /// All the same.
    Fixed(u64),
    /// Equally likely from the first to the second, both included.
    Uniform(u64, u64),
    /// Each token is the last one with the same probability, so that they are this many in the mean.
    Geometric(f64),
}

impl Lengths {
    /// The mean.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Fixed(length) => length as f64,
            Self::Uniform(from, to) => f64::midpoint(from as f64, to as f64),
            Self::Geometric(mean) => mean,
        }
    }

    /// The smallest length that can be drawn.
    pub const fn least(&self) -> u64 {
        match *self {
            Self::Fixed(length) | Self::Uniform(length, _) => length,
            Self::Geometric(_) => 1,
        }
    }

    /// A length.
    pub fn draw(&self, random: &mut Random) -> u64 {
        match *self {
            Self::Fixed(length) => length,
            Self::Uniform(from, to) => from + random.below((to - from).saturating_add(1)),
            Self::Geometric(mean) => {
                let longer = (1.0 - 1.0 / mean).ln();
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; saturates")]
                let more = ((1.0 - random.unit()).ln() / longer) as u64;
                more.saturating_add(1)
            }
        }
    }
}

/// `512`, `uniform:128:2048` or `geometric:300`.
impl FromStr for Lengths {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let whole = |text: &str| text.parse().ok().filter(|length| *length > 0);
        let parts: Vec<&str> = text.split(':').collect();
        let read = match parts.as_slice() {
            [length] => whole(length).map(Self::Fixed),
            ["uniform", from, to] => {
                whole(from).zip(whole(to)).filter(|(from, to)| from <= to).map(|(from, to)| Self::Uniform(from, to))
            }
            ["geometric", mean] => {
                let mean = mean.parse().ok().filter(|mean: &f64| mean.is_finite() && *mean >= 1.0);
                mean.map(|mean| if mean > 1.0 { Self::Geometric(mean) } else { Self::Fixed(1) })
            }
            _ => None,
        };
        let expected = "a length such as 512, uniform:FROM:TO or geometric:MEAN, of at least 1 token";
        read.ok_or_else(|| Error::field("lengths", format!("`{text}`"), expected))
    }
}

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(length) => write!(f, "{length}"),
            Self::Uniform(from, to) => write!(f, "uniform:{from}:{to}"),
            Self::Geometric(mean) => write!(f, "geometric:{mean}"),
        }
    }
}
