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
    /// The same from the first number of tokens on, so that they are as many as the second says in the mean.
    GeometricFrom(u64, f64),
}

impl Lengths {
    /// The mean.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Fixed(length) => length as f64,
            Self::Uniform(from, to) => f64::midpoint(from as f64, to as f64),
            Self::Geometric(mean) | Self::GeometricFrom(_, mean) => mean,
        }
    }

    /// The smallest length that can be drawn.
    pub const fn least(&self) -> u64 {
        match *self {
            Self::Fixed(length) | Self::Uniform(length, _) | Self::GeometricFrom(length, _) => length,
            Self::Geometric(_) => 1,
        }
    }

    /// A length.
    pub fn draw(&self, random: &mut Random) -> u64 {
        match *self {
            Self::Fixed(length) => length,
            Self::Uniform(from, to) => from + random.below((to - from).saturating_add(1)),
            Self::Geometric(mean) => geometric(mean, random).saturating_add(1),
            Self::GeometricFrom(from, mean) => {
                // One token of the mean is the first one itself.
                geometric(mean - from as f64 + 1.0, random).saturating_add(from)
            }
        }
    }
}

/// How many tokens there are after the first, if there are so many with it in the mean.
fn geometric(mean: f64, random: &mut Random) -> u64 {
    let longer = (1.0 - 1.0 / mean).ln();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; saturates")]
    let more = ((1.0 - random.unit()).ln() / longer) as u64;
    more
}

/// `512`, `uniform:128:2048`, `geometric:300` or, of at least 100, `geometric:300:100`.
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
            ["geometric", mean, from] => {
                let mean = mean.parse().ok().filter(|mean: &f64| mean.is_finite());
                whole(from).zip(mean).filter(|(from, mean)| *from as f64 <= *mean).map(|(from, mean)| {
                    if mean > from as f64 { Self::GeometricFrom(from, mean) } else { Self::Fixed(from) }
                })
            }
            _ => None,
        };
        let expected =
            "a length such as 512, uniform:FROM:TO, geometric:MEAN or geometric:MEAN:FROM, of at least 1 token";
        read.ok_or_else(|| Error::field("lengths", format!("`{text}`"), expected))
    }
}

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(length) => write!(f, "{length}"),
            Self::Uniform(from, to) => write!(f, "uniform:{from}:{to}"),
            Self::Geometric(mean) => write!(f, "geometric:{mean}"),
            Self::GeometricFrom(from, mean) => write!(f, "geometric:{mean}:{from}"),
        }
    }
}
