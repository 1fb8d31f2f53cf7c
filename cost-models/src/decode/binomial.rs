//! Expectations over how many of some sequences do something.

use super::cost::Mean;
use crate::error::Error;

/// The expected cost if each of `n` sequences takes part with probability `p`, independently of the others, and `cost` says
/// what so many together cost; none cost nothing.
pub(super) fn expected(n: u64, p: f64, mut cost: impl FnMut(u64) -> Result<Mean, Error>) -> Result<Mean, Error> {
    if p >= 1.0 {
        return cost(n);
    }
    let mut sum = Mean::default();
    for (count, share) in binomial(n, p) {
        if count > 0 {
            sum = sum.plus_share(share, &cost(count)?);
        }
    }
    Ok(sum)
}

/// The probabilities of the binomial distribution but for those that don't matter, `p < 1`.
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
    let mut shares: Vec<(u64, f64)> = core::iter::once((likeliest, 1.0)).chain(up).chain(down).collect();
    let sum: f64 = shares.iter().map(|(_, share)| share).sum();
    for (_, share) in &mut shares {
        *share /= sum;
    }
    shares
}
