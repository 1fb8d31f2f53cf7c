//! Labels that don't overlap.

/// A rectangle of the picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Area {
    /// That of a circle.
    pub(crate) fn around(x: f64, y: f64, r: f64) -> Self {
        Self { left: x - r, top: y - r, right: x + r, bottom: y + r }
    }

    fn meets(self, other: Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    fn holds(self, other: Self) -> bool {
        self.left <= other.left && self.top <= other.top && self.right >= other.right && self.bottom >= other.bottom
    }
}

/// The size of letters, and the most that one of them is wide in it, in what fonts there are for an interface.
pub(crate) const SIZE: f64 = 11.0;
pub(crate) const WIDE: f64 = 0.62;

/// What is taken of a picture.
#[derive(Debug)]
pub(crate) struct Taken {
    inside: Area,
    areas: Vec<Area>,
}

impl Taken {
    pub(crate) fn nothing(inside: Area) -> Self {
        Self { inside, areas: Vec::new() }
    }

    /// Takes an area, whatever is there.
    pub(crate) fn take(&mut self, area: Area) {
        self.areas.push(area);
    }

    /// Takes room for a text near a point, with what is drawn there of that radius: where its left end and its baseline are.
    /// Nothing if there is no room.
    pub(crate) fn label(&mut self, text: &str, (x, y): (f64, f64), r: f64) -> Option<(f64, f64)> {
        let (wide, high) = (text.chars().count() as f64 * SIZE * WIDE, SIZE * 1.2);
        let spots = [0.0, 14.0, 28.0, 42.0, 56.0].into_iter().flat_map(|far| {
            let (above, below) = (y - r - 2.0 - high - far, y + r + 2.0 + far);
            let (left, right) = (x - r - 4.0 - wide, x + r + 4.0);
            let middle = x - wide / 2.0;
            [
                (right, y - high / 2.0 - far),
                (right, y - high / 2.0 + far),
                (left, y - high / 2.0 - far),
                (left, y - high / 2.0 + far),
                (middle, above),
                (middle, below),
                (x, below),
                (x - wide, above),
            ]
        });
        for (left, top) in spots {
            let area = Area { left, top, right: left + wide, bottom: top + high };
            if self.inside.holds(area) && !self.areas.iter().any(|taken| taken.meets(area)) {
                self.areas.push(area);
                return Some((left, top + SIZE));
            }
        }
        None
    }
}
