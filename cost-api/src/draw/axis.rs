//! Axes of plots: linear, or logarithmic where numbers span much.

/// From how many times the smallest number on the largest one makes an axis logarithmic.
const SPAN: f64 = 40.0;

/// An axis from one number to another, on a stretch of the picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    log: bool,
    ends: (f64, f64),
}

impl Axis {
    /// An axis with room for all of these numbers: logarithmic if they are positive and span much, else from 0 if that is near.
    pub(crate) fn around(numbers: impl IntoIterator<Item = f64>, ends: (f64, f64)) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for number in numbers.into_iter().filter(|number| number.is_finite()) {
            (low, high) = (low.min(number), high.max(number));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let log = low > 0.0 && high / low >= SPAN;
        if !log {
            if low > 0.0 && low < high * 0.6 {
                low = 0.0;
            }
            if low >= high {
                let around = if low == 0.0 { 1.0 } else { low.abs() * 0.5 };
                (low, high) = (low - around, high + around);
            }
            // Whole steps, so that the ends are ticks.
            let step = step((high - low) / 5.0);
            (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        }
        Self { low, high, log, ends }
    }

    /// Whether it is logarithmic.
    pub(crate) const fn is_log(self) -> bool {
        self.log
    }

    /// Where a number is.
    pub(crate) fn at(self, number: f64) -> f64 {
        let part = if self.log {
            (number / self.low).ln() / (self.high / self.low).ln()
        } else {
            (number - self.low) / (self.high - self.low)
        };
        self.ends.0 + part * (self.ends.1 - self.ends.0)
    }

    /// At most so many round numbers on it, evenly spread.
    pub(crate) fn ticks(self, most: usize) -> Vec<f64> {
        if !self.log {
            let mut step = step((self.high - self.low) / 6.0);
            while (self.high - self.low) / step > most as f64 {
                step = self::step(step * 1.5);
            }
            let first = (self.low / step - 1e-9).ceil();
            let ticks = (0..=most).map(|n| (first + n as f64) * step);
            return ticks.take_while(|tick| *tick <= self.high + step * 1e-9).collect();
        }
        #[expect(clippy::cast_possible_truncation, reason = "logarithms of doubles are small")]
        let (from, to) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
        let decades = |each: &[f64], every: i32| -> Vec<f64> {
            let powers = (from..=to).filter(|power| power.rem_euclid(every) == 0);
            let ticks = powers.flat_map(|power| each.iter().map(move |digit| digit * 10_f64.powi(power)));
            ticks.filter(|tick| (self.low * 0.9999..=self.high * 1.0001).contains(tick)).collect()
        };
        let mut ticks = decades(&[1.0, 2.0, 5.0], 1);
        let mut every = 1;
        while ticks.len() > most {
            ticks = decades(&[1.0], every);
            every += 1;
        }
        ticks
    }
}

/// The least of 1, 2, 5 times a power of ten that isn't below a number.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= least * 0.9999)
        .unwrap_or(power * 10.0)
}
