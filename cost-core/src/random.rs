//! Random numbers that are the same everywhere for the same seed.

/// A sequence of random numbers: SplitMix64 (Steele, Lea and Flood, doi:10.1145/2714064.2660195). Not for secrets.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The sequence of a seed.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number, all bits of it random.
    pub const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 on, below 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number from 0 on, below another, all equally likely; 0 if the other is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        // The upper half of a product is below `end`; what would make some numbers likelier is drawn again
        // (Lemire, arXiv:1805.10941).
        let uneven = if end == 0 { 0 } else { end.wrapping_neg() % end };
        loop {
            let bits = self.bits();
            if bits.wrapping_mul(end) >= uneven {
                return ((u128::from(bits) * u128::from(end)) >> 64) as u64;
            }
        }
    }
}
