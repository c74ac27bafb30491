//! The best so far.

/// A vector or an owner, and how well it did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ranked {
    pub(super) likeness: f64,
    pub(super) key: u64,
    /// The vector that did it, where one did.
    pub(super) id: u64,
}

impl Ranked {
    /// Whether this one comes before the other: more alike, or as alike and of a smaller number.
    fn before(&self, other: &Self) -> bool {
        self.likeness > other.likeness
            || (self.likeness == other.likeness && (self.key, self.id) < (other.key, other.id))
    }
}

/// The best few of all that were offered, each key once.
#[derive(Debug, Clone)]
pub(super) struct Top {
    most: usize,
    ranked: Vec<Ranked>,
}

impl Top {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            ranked: Vec::new(),
        }
    }

    /// What a bound must reach so that the vector may still be among the best; rounded down to an `f32`.
    pub(super) fn least(&self) -> f32 {
        match self.ranked.last() {
            Some(last) if self.ranked.len() == self.most => {
                let rounded = last.likeness as f32;
                if f64::from(rounded) > last.likeness {
                    rounded.next_down()
                } else {
                    rounded
                }
            }
            // Not minus infinity, which is the bound of free slots.
            _ => f32::MIN,
        }
    }

    pub(super) fn offer(&mut self, new: Ranked) {
        let place = self.ranked.partition_point(|old| old.before(&new));
        if place >= self.most {
            return;
        }
        if self.ranked[..place].iter().any(|old| old.key == new.key) {
            return;
        }
        match self.ranked[place..]
            .iter()
            .position(|old| old.key == new.key)
        {
            Some(worse) => drop(self.ranked.remove(place + worse)),
            None if self.ranked.len() == self.most => drop(self.ranked.pop()),
            None => {}
        }
        self.ranked.insert(place, new);
    }

    pub(super) fn merge(mut self, other: Self) -> Self {
        for ranked in other.ranked {
            self.offer(ranked);
        }
        self
    }

    pub(super) fn into_ranked(self) -> Vec<Ranked> {
        self.ranked
    }
}
