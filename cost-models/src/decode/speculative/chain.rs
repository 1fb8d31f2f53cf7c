//! What a chain of equally likely tokens gives, in closed form (arXiv:2211.17192, section 3.1).

/// The tokens of a round in the mean, `(1 − α^(γ+1)) / (1 − α)`: γ tokens are drafted, each accepted with probability α if
/// those before it are, and the model adds one of its own.
pub fn expected_tokens(acceptance: f64, gamma: u64) -> f64 {
    let tokens = gamma as f64 + 1.0;
    // 1 − α^(γ+1) without cancellation near α = 1.
    let numerator = -(tokens * acceptance.ln()).exp_m1();
    if acceptance >= 1.0 { tokens } else { numerator / (1.0 - acceptance) }
}

/// The acceptance at which a round of γ drafted tokens gives so many tokens in the mean; nothing if none does.
pub fn acceptance_for(tokens: f64, gamma: u64) -> Option<f64> {
    if !(1.0..=gamma as f64 + 1.0).contains(&tokens) {
        return None;
    }
    let (mut low, mut high) = (0.0, 1.0);
    // Each round gains a bit.
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        *(if expected_tokens(middle, gamma) < tokens { &mut low } else { &mut high }) = middle;
    }
    Some(high)
}
