//! Searches of several galleries, and of galleries without the person searched for.
//!
//! The expected numbers of `rotations_equal_numpy` come from these lines, with `lcg` as `uniform`:
//!
//! ```python
//! n, d = 60, 5; subjects = (np.arange(n) * 7) % 13; u = lcg(13 * d + n * d)
//! x = (1.5 * u[:13*d].reshape(13, d)[subjects] + u[13*d:].reshape(n, d)).astype(np.float32)
//! dist = np.sqrt(((x[:, None].astype(float) - x) ** 2).sum(2))
//! number = np.array([(subjects[:k] == s).sum() for k, s in enumerate(subjects)])
//! for turn in range(5):
//!     g = np.flatnonzero(number == turn)
//!     for p in np.flatnonzero(number != turn):
//!         row, own = dist[p, g], subjects[g] == subjects[p]
//!         if own.any(): ranks.append(1 + (row < row[own]).sum()); mates.append(row[own][0])
//!         strangers.append(row[~own].min())
//! [(ranks <= k).sum() for k in (1, 2, 3, 8)]
//! t = np.sort(strangers)[int(0.1 * len(strangers))]
//! ((mates >= t) | (ranks > 1)).sum(), (strangers < t).sum()
//! ```

use proptest::prelude::*;
use verification_figures::{
    Direction, Embeddings, Error, Evidence, Identification, Jackknife, Metric, SampleScores,
    ScoreMatrix,
};

fn uniform(count: usize) -> Vec<f64> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 2.0_f64.powi(32)
    };
    (0..count).map(|_| next()).collect()
}

/// All rotations of 60 samples of 13 people, 8 of whom have 5 samples and the others 4.
fn rotations() -> Vec<Identification> {
    let subjects: Vec<u32> = (0..60).map(|k| (k * 7) % 13).collect();
    let drawn = uniform(13 * 5 + 60 * 5);
    let (centres, noise) = drawn.split_at(13 * 5);
    let mut values = Vec::new();
    for (row, &subject) in noise.chunks(5).zip(&subjects) {
        let centre = &centres[subject as usize * 5..][..5];
        values.extend(row.iter().zip(centre).map(|(x, c)| (1.5 * c + x) as f32));
    }
    let embeddings = Embeddings::new(&values, 5, &subjects).unwrap();
    let scores = SampleScores::from_embeddings(Metric::Euclidean, embeddings).unwrap();
    let search = |turn| Identification::leaving_one_out(&scores.rotation(turn).unwrap()).unwrap();
    let rotations = (0..5).map(search).collect();
    assert!(matches!(scores.rotation(5), Err(Error::Argument { .. })));
    rotations
}

#[test]
fn rotations_equal_numpy() {
    let rotations = rotations();
    let enrolled: Vec<usize> = rotations.iter().map(Identification::enrolled).collect();
    assert_eq!(enrolled, [13, 13, 13, 13, 8]);
    let found = Identification::pooled(&rotations).unwrap();
    assert_eq!(
        (found.enrolled(), found.mated(), found.unmated()),
        (8, 220, 240)
    );
    let cmc = found.cmc().unwrap();
    assert_eq!(cmc.len(), 8);
    for (k, expected) in [(1, 131.0), (2, 172.0), (3, 196.0), (8, 220.0)] {
        assert_eq!(cmc[k - 1], expected / 220.0);
        assert_eq!(found.rank_rate(k), Ok(expected / 220.0));
    }
    let evidence = |errors, comparisons| Evidence {
        errors,
        comparisons,
    };
    let at = found.fnir_at_fpir(0.1, 1).unwrap();
    assert_eq!((at.fnir, at.fpir), (evidence(189, 220), evidence(24, 240)));

    let interval = found.rank_interval(1, &Jackknife::default()).unwrap();
    assert_eq!((interval.estimate, interval.subjects), (131.0 / 220.0, 13));
    let free = found
        .fnir_at_fpir_interval(0.1, 1, &Jackknife::default())
        .unwrap();
    assert_eq!((free.estimate, free.subjects), (189.0 / 220.0, 13));
    assert!(free.low < free.estimate && free.estimate < free.high);
    // A threshold that is chosen anew each time adds to what is not known.
    let fixed = found
        .fnir_interval(at.threshold, 1, &Jackknife::default())
        .unwrap();
    assert!(free.high - free.low > fixed.high - fixed.low);
}

#[test]
fn ranks_beyond_the_smallest_gallery_count_as_not_found() {
    let search = |gallery: Vec<u32>, distances: Vec<f32>| {
        let matrix = ScoreMatrix::new(Direction::Distance, vec![1], gallery, distances);
        Identification::new(&matrix.unwrap())
    };
    let small = search(vec![1, 2], vec![0.1, 0.2]);
    let large = search(vec![1, 2, 3, 4], vec![0.9, 0.2, 0.3, 0.4]);
    let found = Identification::pooled([&large, &small]).unwrap();
    assert_eq!(found.cmc(), Ok(vec![0.5, 0.5]));
    assert_eq!(found.rank_rate(4), Ok(1.0));
    assert_eq!(Identification::pooled([&small]).as_ref(), Ok(&small));
}

#[test]
fn searches_that_do_not_go_together_are_refused() {
    let matrix = |direction| ScoreMatrix::new(direction, vec![1], vec![1], vec![0.5]).unwrap();
    let distance = matrix(Direction::Distance);
    let [a, b] = [&distance, &matrix(Direction::Similarity)].map(Identification::new);
    assert_eq!(
        Identification::pooled([&a, &b]),
        Err(Error::MixedDirections)
    );
    assert_eq!(Identification::pooled([]), Err(Error::Empty));
    let alone = Identification::leaving_one_out(&distance);
    assert!(matches!(alone, Err(Error::Undefined { .. })));
    let lone = SampleScores::from_matrix(Direction::Distance, &[1, 2], vec![0.0; 4]).unwrap();
    assert_eq!(lone.rotation(0), Err(Error::Empty));
}

proptest! {
    /// Who is left out might as well never have been enrolled.
    #[test]
    fn leaving_one_out_equals_a_search_without_the_subject(
        probes in prop::collection::vec(0..5_u32, 1..12),
        gallery in prop::collection::vec(0..5_u32, 2..12),
        seed in any::<u32>(),
        threshold in 0.0..32.0_f64,
        similar in any::<bool>(),
    ) {
        prop_assume!(gallery.iter().any(|&subject| subject != gallery[0]));
        let direction = if similar { Direction::Similarity } else { Direction::Distance };
        let score = |k: usize| ((k as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) >> 27) as f32;
        let columns = gallery.len();
        let scores = (0..probes.len() * columns).map(score).collect();
        let matrix = ScoreMatrix::new(direction, probes.clone(), gallery.clone(), scores).unwrap();
        let closed = Identification::new(&matrix);
        let found = Identification::leaving_one_out(&matrix).unwrap();
        prop_assert_eq!(found.unmated(), probes.len());
        prop_assert_eq!(found.cmc(), closed.cmc());
        // Each probe alone, against the others.
        let mut alarms = 0;
        for (row, &subject) in probes.iter().enumerate() {
            let others = (0..columns).filter(|&j| gallery[j] != subject);
            let accepted = |j: usize| direction.accepts(score(row * columns + j), threshold);
            alarms += u64::from(others.into_iter().any(accepted));
        }
        if found.mated() > 0 {
            prop_assert_eq!(found.open_set_at(threshold, 1).unwrap().fpir.errors, alarms);
        }
    }
}

/// Two methods that searched the same probes: each subject's probes are left out for both.
#[test]
fn methods_are_compared_on_the_same_probes() {
    let searched = |noise: u32| {
        let subjects: Vec<u32> = (0..60).map(|k| (k * 7) % 12).collect();
        let value = |k: u32| {
            let jitter = k.wrapping_mul(2_654_435_761) >> 24;
            ((k * 7) % 12) as f32 + jitter as f32 * noise as f32 / 2_000.0
        };
        let values: Vec<f32> = (0..60).map(value).collect();
        let embeddings = Embeddings::new(&values, 1, &subjects).unwrap();
        let scores = SampleScores::from_embeddings(Metric::Euclidean, embeddings).unwrap();
        let turns =
            (0..5).map(|turn| Identification::leaving_one_out(&scores.rotation(turn).unwrap()));
        let turns: Vec<Identification> = turns.collect::<Result<_, _>>().unwrap();
        Identification::pooled(&turns).unwrap()
    };
    let (good, bad) = (searched(6), searched(20));
    let jackknife = Jackknife::default();
    let rank = bad.rank_difference(&good, 1, &jackknife).unwrap();
    assert_eq!(
        (rank.first, rank.second),
        (bad.rank_rate(1).unwrap(), good.rank_rate(1).unwrap())
    );
    assert!((rank.interval.estimate - (rank.first - rank.second)).abs() < 1e-12);
    assert!(rank.is_clear() && rank.interval.high < 0.0, "{rank:?}");
    let fnir = bad.fnir_at_fpir_difference(&good, 0.1, 1, &jackknife);
    let fnir = fnir.unwrap();
    assert_eq!(fnir.first, bad.fnir_at_fpir(0.1, 1).unwrap().fnir.rate());
    assert!(fnir.is_clear() && fnir.interval.low > 0.0, "{fnir:?}");
    // A method does not differ from itself.
    let none = good.rank_difference(&good, 1, &jackknife).unwrap();
    assert!(none.interval.is_degenerate() && !none.is_clear());
    let none = good.fnir_at_fpir_difference(&good, 0.1, 1, &jackknife);
    assert_eq!(none.unwrap().interval.high, 0.0);
    // Other probes are refused by the first subject in which they differ.
    let fewer = Identification::pooled([&good, &good]).unwrap();
    let refused = Err(Error::OtherProbes { subject: 0 });
    assert_eq!(fewer.rank_difference(&good, 1, &jackknife), refused);
    assert_eq!(
        fewer.fnir_at_fpir_difference(&good, 0.1, 1, &jackknife),
        refused
    );
}

#[test]
fn several_templates_of_a_subject_take_their_turn_together() {
    let values = [0.0, 0.1, 0.2, 1.0, 1.1, 1.2, 5.0];
    let subjects = [1, 1, 1, 2, 2, 2, 3];
    let embeddings = Embeddings::new(&values, 1, &subjects).unwrap();
    let scores = SampleScores::from_embeddings(Metric::Euclidean, embeddings).unwrap();
    let found = scores.rotation_of(0, 2).unwrap();
    assert_eq!(found.probes(), [1, 2, 3]);
    assert_eq!(found.gallery(), [1, 1, 2, 2]);
    // Nobody has four samples.
    assert!(matches!(
        scores.rotation_of(1, 2),
        Err(Error::Argument { .. })
    ));
    assert_eq!(scores.rotation_of(2, 1), scores.rotation(2));
}
