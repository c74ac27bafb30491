//! Galleries drawn from a pool of subjects: shares of all that can be drawn.

/// Galleries of one size, drawn from others than the probe's subject without replacement.
///
/// Shares are quotients of binomial coefficients, multiplied up factor by factor, so that none overflows.
pub(crate) struct Draws {
    size: usize,
}

impl Draws {
    pub(crate) fn new(size: usize) -> Self {
        Self { size }
    }

    /// The share of galleries drawn from `others` in which the one whom `nearer` others are nearer than is drawn, and none
    /// of the nearer ones: `C(others - nearer - 1, size - 1) / C(others, size)`.
    pub(crate) fn first(&self, others: u32, nearer: u32) -> f64 {
        let drawn = self.size as f64 / f64::from(others);
        drawn * spared(others as usize - 1, nearer as usize, self.size - 1)
    }

    /// The share of galleries that are drawn from `others` beside the mate, and hold none of the `nearer` ones:
    /// `C(others - nearer, size - 1) / C(others, size - 1)`.
    pub(crate) fn unbeaten(&self, others: u32, nearer: u32) -> f64 {
        spared(others as usize, nearer as usize, self.size - 1)
    }
}

/// The share of draws of `drawn` from `pool` that hold none of `avoided`: `C(pool - avoided, drawn) / C(pool, drawn)`.
fn spared(pool: usize, avoided: usize, drawn: usize) -> f64 {
    if avoided + drawn > pool {
        return 0.0;
    }
    // The same with the two exchanged; the shorter product is taken.
    let (factors, other) = (avoided.min(drawn), avoided.max(drawn));
    let factors = (0..factors).map(|i| (pool - other - i) as f64 / (pool - i) as f64);
    factors.product()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts subsets, written as bits.
    #[test]
    fn shares_are_those_of_all_galleries_that_can_be_drawn() {
        for others in 1..=9_u32 {
            for size in 1..=others {
                let draws = Draws::new(size as usize);
                let drawn =
                    |size: u32| (0..1_u32 << others).filter(move |set| set.count_ones() == size);
                let all = drawn(size).count() as f64;
                for nearer in 0..others {
                    let first = drawn(size)
                        .filter(|set| set.trailing_zeros() == nearer)
                        .count();
                    let found = draws.first(others, nearer);
                    assert!((found - first as f64 / all).abs() < 1e-12);
                }
                let beside = drawn(size - 1).count() as f64;
                for nearer in 0..=others {
                    let spared = drawn(size - 1)
                        .filter(|set| set.trailing_zeros() >= nearer)
                        .count();
                    let found = draws.unbeaten(others, nearer);
                    assert!(
                        (found - spared as f64 / beside).abs() < 1e-12,
                        "{others} {size} {nearer}"
                    );
                }
            }
        }
    }
}
