//! Logarithmic axes.

/// A logarithmic axis: whole decades from one number to another, on a stretch of the picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// The powers of ten at its ends.
    decades: (i32, i32),
    /// Where these are.
    ends: (f64, f64),
}

impl Scale {
    /// An axis that has room for all of these numbers; those that aren't positive need none.
    pub(crate) fn around(numbers: impl IntoIterator<Item = f64>, ends: (f64, f64)) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for number in numbers.into_iter().filter(|number| *number > 0.0 && number.is_finite()) {
            (low, high) = (low.min(number.log10()), high.max(number.log10()));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        #[expect(clippy::cast_possible_truncation, reason = "logarithms of doubles are small")]
        let (low, high) = (low.floor() as i32, high.ceil() as i32);
        Self { decades: (low, high.max(low + 1)), ends }
    }

    /// Where a number is.
    pub(crate) fn at(self, number: f64) -> f64 {
        let (low, high) = (f64::from(self.decades.0), f64::from(self.decades.1));
        let part = (number.log10() - low) / (high - low);
        self.ends.0 + part * (self.ends.1 - self.ends.0)
    }

    /// The numbers at its ends.
    pub(crate) fn range(self) -> (f64, f64) {
        (10_f64.powi(self.decades.0), 10_f64.powi(self.decades.1))
    }

    /// The powers of ten on it, of many only each second or third.
    pub(crate) fn ticks(self, most: i32) -> impl Iterator<Item = f64> {
        let (low, high) = self.decades;
        let step = (high - low).div_euclid(most) + 1;
        (low..=high).filter(move |power| power.rem_euclid(step) == 0).map(|power| 10_f64.powi(power))
    }
}
