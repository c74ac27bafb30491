//! All of many 128-bit words within a Hamming distance of one, without a look at most of them.
//!
//! Multi-index hashing: words that differ in few bits agree, or nearly so, in one of a few parts.
//! M. Norouzi, A. Punjani and D. J. Fleet, "Fast search in Hamming space with multi-index hashing",
//! CVPR 2012. With 8 parts of 16 bits, looking up part `k` within radius `r_k` misses only words
//! that differ in `r_k + 1` bits or more in every part, so the sum of all `r_k + 1` is their least
//! distance.

/// Parts of a word.
const PARTS: usize = 8;
/// Bits of a part.
const BITS: u32 = 16;
/// Values of a part.
const VALUES: usize = 1 << BITS;

/// The largest radius that a search takes: 3 in each part.
pub(crate) const LARGEST_RADIUS: u32 = 4 * PARTS as u32 - 1;

/// An index of words for one radius.
pub(crate) struct HammingIndex {
    words: Vec<u128>,
    radius: u32,
    parts: Vec<Part>,
}

/// Where the words are that have a value in one part.
struct Part {
    number: usize,
    /// Bits to flip in the value of a query.
    flips: Vec<u16>,
    /// Words with value `v` are `places[starts[v]..starts[v + 1]]`.
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl HammingIndex {
    /// An index of fewer than 2^32 words, for a radius up to [`LARGEST_RADIUS`].
    pub(crate) fn new(words: Vec<u128>, radius: u32) -> Self {
        // Part radii plus one, which add up to the least distance that may be missed.
        let (each, more) = ((radius + 1) / PARTS as u32, (radius + 1) as usize % PARTS);
        let parts = (0..PARTS)
            .map(|number| (number, each + u32::from(number < more)))
            .filter(|&(_, radius_plus_one)| radius_plus_one > 0)
            .map(|(number, radius_plus_one)| Part::new(&words, number, radius_plus_one - 1))
            .collect();
        Self {
            words,
            radius,
            parts,
        }
    }

    /// Puts into `found` the places of all words within the radius of `query`, ascending.
    pub(crate) fn search(&self, query: u128, found: &mut Vec<u32>) {
        found.clear();
        for part in &self.parts {
            let value = value_of(query, part.number);
            for flip in &part.flips {
                let value = usize::from(value ^ flip);
                let bucket = part.starts[value] as usize..part.starts[value + 1] as usize;
                let near = |&&place: &&u32| {
                    (self.words[place as usize] ^ query).count_ones() <= self.radius
                };
                found.extend(part.places[bucket].iter().filter(near));
            }
        }
        found.sort_unstable();
        found.dedup();
    }
}

impl Part {
    fn new(words: &[u128], number: usize, radius: u32) -> Self {
        let mut starts = vec![0_u32; VALUES + 1];
        for &word in words {
            starts[usize::from(value_of(word, number)) + 1] += 1;
        }
        for value in 0..VALUES {
            starts[value + 1] += starts[value];
        }
        let mut next = starts.clone();
        let mut places = vec![0; words.len()];
        for (place, &word) in (0..).zip(words) {
            let next = &mut next[usize::from(value_of(word, number))];
            places[*next as usize] = place;
            *next += 1;
        }
        Self {
            number,
            flips: (0..=u16::MAX)
                .filter(|flip| flip.count_ones() <= radius)
                .collect(),
            starts,
            places,
        }
    }
}

fn value_of(word: u128, part: usize) -> u16 {
    (word >> (part * BITS as usize)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// Words around few centres, so that all distances occur.
        #[test]
        fn a_search_finds_what_a_look_at_all_words_finds(
            centres in prop::collection::vec(any::<u128>(), 1..4),
            changes in prop::collection::vec((0..4_usize, prop::collection::vec(0..128_u32, 0..40)), 1..60),
            radius in 0..=LARGEST_RADIUS,
        ) {
            let words: Vec<u128> = changes
                .iter()
                .map(|(centre, bits)| {
                    bits.iter().fold(centres[centre % centres.len()], |word, bit| word ^ (1 << bit))
                })
                .collect();
            let index = HammingIndex::new(words.clone(), radius);
            let mut found = Vec::new();
            for &query in words.iter().chain(&centres) {
                index.search(query, &mut found);
                let near = |place: &u32| (words[*place as usize] ^ query).count_ones() <= radius;
                let expected: Vec<u32> = (0..words.len() as u32).filter(near).collect();
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
