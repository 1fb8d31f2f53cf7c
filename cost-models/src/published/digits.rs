//! Numbers as the documents print them.

/// Digits after the point from which a printed figure is taken for a floating-point number in full.
const FULL: usize = 12;

/// A number as a document prints it: its digits and the unit that they are in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printed {
    /// The digits.
    pub(super) digits: &'static str,
    /// What 1 stands for.
    pub(super) unit: f64,
}

/// Digits of a figure without a unit of its own.
pub(super) const fn printed(digits: &'static str) -> Printed {
    Printed { digits, unit: 1.0 }
}

/// 1e3: kilobytes.
pub(super) const KILO: f64 = 1e3;
/// 1e6: megabytes, millions of parameters.
pub(super) const MEGA: f64 = 1e6;
/// 1e9: gigabytes.
pub(super) const GIGA: f64 = 1e9;
/// 1e12: TFLOP/s.
pub(super) const TERA: f64 = 1e12;
/// 2³⁰: gibibytes.
pub(super) const GIBI: f64 = 1_073_741_824.0;
/// Milliseconds, of a value in seconds.
pub(super) const MILLI: f64 = 1e-3;

impl Printed {
    /// The same digits, in a unit.
    pub(super) const fn of(self, unit: f64) -> Self {
        Self { unit, ..self }
    }

    fn places(self) -> usize {
        self.digits.split_once('.').map_or(0, |(_, fraction)| fraction.len())
    }

    /// A value with as many digits after the point as are printed.
    pub(super) fn alike(self, value: f64) -> String {
        let value = value / self.unit;
        let places = self.places();
        if places >= FULL { value.to_string() } else { format!("{value:.places$}") }
    }

    /// A value cut to as many digits after the point as are printed.
    pub(super) fn cut(self, value: f64) -> f64 {
        let scale = 10_f64.powi(i32::try_from(self.places()).unwrap_or(i32::MAX));
        (value / self.unit * scale).trunc() / scale
    }

    /// Whether the value has the printed digits.
    pub(super) fn is(self, value: f64) -> bool {
        self.alike(value) == self.digits
    }

    /// Whether the value has the printed digits when it is rounded or cut.
    pub(super) fn is_about(self, value: f64) -> bool {
        self.is(value) || self.alike(self.cut(value) * self.unit) == self.digits
    }

    /// A value to read beside a rounded one, in the printed unit; a whole number of a larger unit in full.
    pub(super) fn beside_rounded(self, value: f64) -> String {
        significant(if self.unit > 1.0 { value } else { value / self.unit })
    }

    /// A value to read beside the printed one: a whole number of a larger unit in full, else at least three digits after
    /// the point, or all of them where all are printed.
    pub(super) fn beside(self, value: f64) -> String {
        let places = self.places();
        if value.fract().abs() < f64::EPSILON && (self.unit > 1.0 || places == 0) {
            grouped(value)
        } else if places >= FULL {
            self.alike(value)
        } else {
            let (value, places) = (value / self.unit, places.max(3));
            format!("{value:.places$}")
        }
    }
}

/// A number with seven significant digits, or all of a whole one.
pub(super) fn significant(value: f64) -> String {
    if value.fract().abs() < f64::EPSILON {
        return grouped(value);
    }
    let mut places = 6;
    let mut rest = value.abs();
    while rest >= 10.0 && places > 0 {
        rest /= 10.0;
        places -= 1;
    }
    while rest < 1.0 && places < FULL {
        rest *= 10.0;
        places += 1;
    }
    let text = format!("{value:.places$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A whole number with its thousands apart.
pub(super) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
