//! Pareto fronts of many points.

use std::cmp::Ordering;

/// What a point has (less is better) and its number. Nothing is NaN or negative zero.
pub(super) type Point<const N: usize> = ([f64; N], u64);

/// A front while points are still added.
#[derive(Debug)]
pub(super) struct Front<const N: usize> {
    /// Points none of which is better than another one, then points that have been added since.
    points: Vec<Point<N>>,
    /// How many the former are.
    front: usize,
}

/// Points that are looked at before a new one is added: most are no better than one of these.
const FEW: usize = 32;

/// Points that are added before the front is found again, unless it is larger.
const ADDED: usize = 1 << 12;

/// Pairs that are compared one by one.
const PAIRS: usize = 1 << 10;

impl<const N: usize> Default for Front<N> {
    fn default() -> Self {
        Self { points: Vec::new(), front: 0 }
    }
}

impl<const N: usize> Front<N> {
    /// Adds a point. `stop` says whether the result is still wanted.
    pub(super) fn add(&mut self, point: Point<N>, stop: &dyn Fn() -> bool) {
        let few = self.front.min(FEW);
        if let Some(at) = self.points[..few].iter().position(|kept| covers(kept, &point)) {
            // What is better than this point is likely to be better than the next ones.
            self.points.swap(at, at / 2);
            return;
        }
        self.points.push(point);
        if self.points.len() - self.front >= ADDED.max(self.front) {
            self.settle(stop);
        }
    }

    /// Adds those of another front.
    pub(super) fn join(&mut self, other: Self, stop: &dyn Fn() -> bool) {
        self.points.extend(other.points);
        if self.points.len() - self.front >= ADDED.max(self.front) {
            self.settle(stop);
        }
    }

    /// The front, in the order of the first amounts, then of the others.
    pub(super) fn points(mut self, stop: &dyn Fn() -> bool) -> Vec<Point<N>> {
        self.settle(stop);
        self.points.sort_unstable_by(in_order);
        self.points
    }

    fn settle(&mut self, stop: &dyn Fn() -> bool) {
        let points = &mut self.points;
        points.sort_unstable_by(in_order);
        // Of equal points the first.
        points.dedup_by(|next, kept| next.0.iter().zip(&kept.0).all(|(a, b)| a.total_cmp(b) == Ordering::Equal));
        *points = front(core::mem::take(points), stop);
        self.front = points.len();
        // Points from all of the front are looked at first.
        let few = FEW.min(self.front);
        for i in 0..few {
            points.swap(i, i * (self.front / few));
        }
    }
}

/// Whether a point is as good in everything, and earlier if it is equal.
fn covers<const N: usize>(a: &Point<N>, b: &Point<N>) -> bool {
    as_good(&a.0, &b.0, 0) && (a.1 < b.1 || !as_good(&b.0, &a.0, 0))
}

/// Whether it is as good in everything from an amount on.
fn as_good<const N: usize>(a: &[f64; N], b: &[f64; N], from: usize) -> bool {
    a[from..].iter().zip(&b[from..]).all(|(a, b)| a <= b)
}

fn in_order<const N: usize>(a: &Point<N>, b: &Point<N>) -> Ordering {
    a.0.iter().zip(&b.0).fold(Ordering::Equal, |order, (a, b)| order.then(a.total_cmp(b))).then(a.1.cmp(&b.1))
}

/// The front of points that are in order and differ: no later one is better than an earlier one, so the front of the
/// later half is only held against that of the earlier one (H. T. Kung, F. Luccio, F. P. Preparata, "On Finding the
/// Maxima of a Set of Vectors", J. ACM 22(4), 1975).
fn front<const N: usize>(mut points: Vec<Point<N>>, stop: &dyn Fn() -> bool) -> Vec<Point<N>> {
    if points.len() < 2 || stop() {
        return points;
    }
    let mut later = front(points.split_off(points.len() / 2), stop);
    let mut earlier = front(points, stop);
    later = left(&mut earlier, later, 1);
    earlier.append(&mut later);
    earlier
}

/// Those of `points` that none of `others` is as good as from an amount on.
fn left<const N: usize>(others: &mut [Point<N>], mut points: Vec<Point<N>>, from: usize) -> Vec<Point<N>> {
    if others.is_empty() || points.is_empty() {
        return points;
    }
    if others.len() * points.len() <= PAIRS {
        points.retain(|point| !others.iter().any(|other| as_good(&other.0, &point.0, from)));
        return points;
    }
    let by = |a: &Point<N>, b: &Point<N>| a.0[from].total_cmp(&b.0[from]);
    if from + 1 == N {
        let least = others.iter().fold(f64::INFINITY, |least, other| least.min(other.0[from]));
        points.retain(|point| point.0[from] < least);
        return points;
    }
    others.sort_unstable_by(by);
    if from + 2 == N {
        points.sort_unstable_by(by);
        // The least last amount of the others up to where the points are.
        let (mut next, mut least) = (0, f64::INFINITY);
        points.retain(|point| {
            while let Some(other) = others.get(next).filter(|other| other.0[from] <= point.0[from]) {
                least = least.min(other.0[from + 1]);
                next += 1;
            }
            // Until there are any, none is as good, not even as something infinite.
            next == 0 || point.0[from + 1] < least
        });
        return points;
    }
    let middle = others[others.len() / 2].0[from];
    let (small, large): (Vec<_>, Vec<_>) = points.into_iter().partition(|point| point.0[from] < middle);
    let below = others.partition_point(|other| other.0[from] < middle);
    let above = others.partition_point(|other| other.0[from] <= middle);
    // What is no larger than the middle is as good in this amount as all from the middle on.
    let large = left(&mut others[above..], large, from);
    let mut small = left(&mut others[..below], small, from);
    small.append(&mut left(&mut others[..above], large, from + 1));
    small
}
