//! Expectations over how many of some sequences do something.

use super::cost::Mean;
use super::task::at_most;
use crate::error::Error;

/// Most sequences that an expectation is over.
pub(super) const MOST: u64 = 1 << 20;

/// Most numbers of sequences whose cost is asked for. Between two of them, which are then few of many apart, costs are
/// taken to grow evenly; up to some 700 sequences all that matter are asked for.
const ASKED: usize = 256;

/// The expected cost if each of `n` sequences takes part with probability `p`, independently of the others, and `cost` says
/// what so many together cost; none cost nothing.
pub(super) fn expected(n: u64, p: f64, mut cost: impl FnMut(u64) -> Result<Mean, Error>) -> Result<Mean, Error> {
    at_most("sequences", n, MOST, "any number of which may take part")?;
    if p >= 1.0 {
        return cost(n);
    }
    let mut sum = Mean::default();
    for (count, share) in asked(&binomial(n, p)) {
        if count > 0 {
            sum = sum.plus_share(share, &cost(count)?);
        }
    }
    Ok(sum)
}

/// Some of the numbers, in order and with the first and the last among them, and what the shares of all come to if each is
/// divided between the two that it lies between, so that the mean stays what it is.
fn asked(shares: &[(u64, f64)]) -> Vec<(u64, f64)> {
    let step = shares.len().div_ceil(ASKED).max(1);
    let last = shares.len().saturating_sub(1);
    let mut weights = vec![0.0; last.div_ceil(step) + 1];
    for (i, (_, share)) in shares.iter().enumerate() {
        let (before, from) = (i / step, i / step * step);
        let to = (from + step).min(last);
        // The last one may lie closer.
        let part = if i == last && from != last { 1.0 } else { (i - from) as f64 / (to - from).max(1) as f64 };
        weights[before] += share * (1.0 - part);
        if let Some(after) = weights.get_mut(before + 1) {
            *after += share * part;
        }
    }
    let places = (0..).step_by(step).map(|place: usize| place.min(last));
    places.zip(weights).map(|(place, weight)| (shares[place].0, weight)).collect()
}

/// The probabilities of the binomial distribution but for those that don't matter, `p < 1`, in order.
fn binomial(n: u64, p: f64) -> Vec<(u64, f64)> {
    /// Beside the likeliest number, what is less likely than this is left out.
    const LEAST: f64 = 1e-18;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to about n")]
    let likeliest = ((n as f64 + 1.0) * p).floor().min(n as f64) as u64;
    let odds = p / (1.0 - p);
    // From the likeliest number up and down, in relation to it.
    let up = (likeliest..n).scan(1.0, |share, k| {
        *share *= (n - k) as f64 / (k + 1) as f64 * odds;
        Some((k + 1, *share)).filter(|(_, share)| *share > LEAST)
    });
    let down = (1..=likeliest).rev().scan(1.0, |share, k| {
        *share *= k as f64 / (n - k + 1) as f64 / odds;
        Some((k - 1, *share)).filter(|(_, share)| *share > LEAST)
    });
    let mut shares: Vec<(u64, f64)> = down.collect();
    shares.reverse();
    shares.push((likeliest, 1.0));
    shares.extend(up);
    let sum: f64 = shares.iter().map(|(_, share)| share).sum();
    for (_, share) in &mut shares {
        *share /= sum;
    }
    shares
}
