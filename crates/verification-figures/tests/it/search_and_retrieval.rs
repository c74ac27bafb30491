//! Identification, retrieval and episodes against NumPy and by hand.
//!
//! The expected numbers come from these lines:
//!
//! ```python
//! n, d = 60, 5; subjects = (np.arange(n) * 7) % 13
//! u = lcg(13 * d + n * d)          # as `uniform` below
//! x = (1.5 * u[:13*d].reshape(13, d)[subjects] + u[13*d:].reshape(n, d)).astype(np.float32)
//! # Retrieval: the formulas of pytorch-metric-learning's AccuracyCalculator.
//! dist = pairwise_distances(x.astype(float), metric=metric) + np.diag(np.full(n, np.inf))
//! relevant = subjects[np.argsort(dist, axis=1)] == subjects[:, None]
//! for row, r in zip(relevant, [(subjects == s).sum() - 1 for s in subjects]):
//!     top = row[:r]; p1 += row[0]; rp += top.mean()
//!     mapr += (np.cumsum(top) / np.arange(1, r + 1) * top).sum() / r
//! # Search: probes 40.., gallery those of the first 30 with a subject below 8.
//! best = [[row[g == s].min() for s in enrolled] for row in dist]
//! ranks = [1 + (b < b[enrolled == s]).sum() for b, s in zip(best, p) if s in enrolled]
//! fpir = (strangers < t).mean(); fnir = ((mates >= t) | (ranks > k)).mean()
//! ```

use proptest::prelude::*;
use verification_figures::{
    Direction, Embeddings, EpisodeOutcome, Episodes, Error, Identification, Jackknife, Metric,
    PairKind, Retrieval, RetrievalFigure, SampleScores, ScoreMatrix, ShotRule,
};

const DIMENSIONS: usize = 5;

fn subjects() -> Vec<u32> {
    (0..60).map(|k| (k * 7) % 13).collect()
}

fn uniform(count: usize) -> Vec<f64> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 2.0_f64.powi(32)
    };
    (0..count).map(|_| next()).collect()
}

fn values() -> Vec<f32> {
    let drawn = uniform(13 * DIMENSIONS + 60 * DIMENSIONS);
    let (centres, noise) = drawn.split_at(13 * DIMENSIONS);
    let mut values = Vec::new();
    for (row, &subject) in noise.chunks(DIMENSIONS).zip(&subjects()) {
        let centre = &centres[subject as usize * DIMENSIONS..][..DIMENSIONS];
        values.extend(row.iter().zip(centre).map(|(x, c)| (1.5 * c + x) as f32));
    }
    values
}

fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 1e-12,
        "found {found}, expected {expected}"
    );
}

#[test]
fn retrieval_equals_the_published_formulas() {
    let (values, subjects) = (values(), subjects());
    let embeddings = Embeddings::new(&values, DIMENSIONS, &subjects).unwrap();
    for (metric, p1, r_precision, map_at_r) in [
        (
            Metric::Euclidean,
            0.516_666_666_666_666_7,
            0.486_111_111_111_111_05,
            0.392_013_888_888_888_9,
        ),
        (
            Metric::Manhattan,
            0.5,
            0.465_277_777_777_777_73,
            0.375_115_740_740_740_8,
        ),
        (
            Metric::Cosine,
            0.316_666_666_666_666_65,
            0.365_277_777_777_777_76,
            0.252_777_777_777_777_7,
        ),
    ] {
        let scores = SampleScores::from_embeddings(metric, embeddings).unwrap();
        let found = Retrieval::new(&scores).unwrap();
        close(found.mean(RetrievalFigure::PrecisionAt1), p1);
        close(found.mean(RetrievalFigure::RPrecision), r_precision);
        close(found.mean(RetrievalFigure::MapAtR), map_at_r);
        assert_eq!((found.queries(), found.lone()), (60, 0));
        let interval = found
            .interval(RetrievalFigure::MapAtR, &Jackknife::default())
            .unwrap();
        close(interval.estimate, map_at_r);
        assert!(interval.low < map_at_r && map_at_r < interval.high);
        assert_eq!(interval.subjects, 13);
    }
}

/// Probes 40.. against those of the first 30 with a subject below 8.
fn search() -> Identification {
    let (values, subjects) = (values(), subjects());
    let enrolled: Vec<usize> = (0..30).filter(|&k| subjects[k] < 8).collect();
    let gallery_values: Vec<f32> = enrolled
        .iter()
        .flat_map(|&k| values[k * DIMENSIONS..][..DIMENSIONS].to_vec())
        .collect();
    let gallery_subjects: Vec<u32> = enrolled.iter().map(|&k| subjects[k]).collect();
    let probes = Embeddings::new(&values[40 * DIMENSIONS..], DIMENSIONS, &subjects[40..]).unwrap();
    let gallery = Embeddings::new(&gallery_values, DIMENSIONS, &gallery_subjects).unwrap();
    Identification::new(&ScoreMatrix::from_embeddings(Metric::Euclidean, probes, gallery).unwrap())
}

#[test]
fn cmc_equals_numpy() {
    let found = search();
    assert_eq!(
        (found.mated(), found.unmated(), found.enrolled()),
        (12, 8, 8)
    );
    let cmc = found.cmc().unwrap();
    let expected = [0.75, 11.0 / 12.0, 11.0 / 12.0, 1.0, 1.0, 1.0, 1.0, 1.0];
    assert_eq!(cmc, expected);
    for (k, rate) in cmc.iter().enumerate() {
        assert_eq!(found.rank_rate(k + 1), Ok(*rate));
    }
    // Eight subjects are too few for an interval.
    let few = Err(Error::TooFewSubjects {
        found: 8,
        needed: 10,
    });
    assert_eq!(found.rank_interval(1, &Jackknife::default()), few);
}

#[test]
fn open_set_rates_equal_numpy() {
    let found = search();
    for (threshold, fpir, fnir_1, fnir_3) in [
        (0.4, 0.0, 11.0 / 12.0, 11.0 / 12.0),
        (0.5, 0.125, 10.0 / 12.0, 10.0 / 12.0),
        (0.6, 0.25, 9.0 / 12.0, 9.0 / 12.0),
        (0.7, 0.25, 7.0 / 12.0, 6.0 / 12.0),
        (0.8, 0.5, 5.0 / 12.0, 4.0 / 12.0),
    ] {
        let point = found.open_set_at(threshold, 1).unwrap();
        close(point.fpir.rate(), fpir);
        close(point.fnir.rate(), fnir_1);
        close(point.tpir(), 1.0 - fnir_1);
        close(found.open_set_at(threshold, 3).unwrap().fnir.rate(), fnir_3);
    }
    let at_half = found.fnir_at_fpir(0.5, 3).unwrap();
    close(at_half.fpir.rate(), 0.5);
    assert!(at_half.fnir.rate() <= 4.0 / 12.0);
    let few = found.fnir_interval(0.7, 1, &Jackknife::default());
    assert!(matches!(few, Err(Error::TooFewSubjects { .. })));
    // Eight strangers cannot show a rate of one in a hundred.
    let refused = found.fnir_at_fpir(0.01, 1).unwrap_err();
    assert!(
        refused.to_string().contains("8 unmated probes"),
        "{refused}"
    );
}

#[test]
fn ties_never_flatter_a_search_or_a_retrieval() {
    let people = vec![1_u32, 1, 2, 2, 3, 3];
    let matrix = ScoreMatrix::new(
        Direction::Similarity,
        people.clone(),
        vec![1, 2, 3],
        vec![0.5; 18],
    );
    assert_eq!(
        Identification::new(&matrix.unwrap()).cmc().unwrap(),
        [0.0, 0.0, 1.0]
    );
    let scores = SampleScores::from_matrix(Direction::Distance, &people, vec![0.5; 36]).unwrap();
    let found = Retrieval::new(&scores).unwrap();
    assert_eq!(found.mean(RetrievalFigure::PrecisionAt1), 0.0);
    let episodes = Episodes::new(3, 1, 50);
    assert_eq!(episodes.run(&scores).unwrap().accuracy(), 0.0);
}

#[test]
fn figures_without_probes_to_count_are_undefined() {
    let strangers = ScoreMatrix::new(Direction::Distance, vec![9], vec![1], vec![0.5]).unwrap();
    let found = Identification::new(&strangers);
    assert!(matches!(found.cmc(), Err(Error::Undefined { .. })));
    assert!(matches!(found.rank_rate(1), Err(Error::Undefined { .. })));
    assert!(matches!(
        found.open_set_at(0.5, 1),
        Err(Error::Undefined { .. })
    ));
    let mated = ScoreMatrix::new(Direction::Distance, vec![1], vec![1], vec![0.5]).unwrap();
    let found = Identification::new(&mated);
    assert!(matches!(
        found.fnir_at_fpir(0.5, 1),
        Err(Error::Undefined { .. })
    ));
    assert!(found.rank_rate(0).is_err());
    let lone = SampleScores::from_matrix(Direction::Distance, &[1, 2], vec![0.0; 4]).unwrap();
    assert!(matches!(
        Retrieval::new(&lone),
        Err(Error::Undefined { .. })
    ));
}

#[test]
fn lone_samples_are_counted_and_not_asked() {
    let people = [1, 1, 2];
    let far = vec![0.0, 0.5, 0.1, 0.5, 0.0, 0.9, 0.1, 0.9, 0.0];
    let scores = SampleScores::from_matrix(Direction::Distance, &people, far).unwrap();
    let found = Retrieval::new(&scores).unwrap();
    assert_eq!((found.queries(), found.lone()), (2, 1));
    assert_eq!(found.mean(RetrievalFigure::MapAtR), 0.5);
}

#[test]
fn bad_matrices_and_embeddings_are_refused() {
    let wrong = ScoreMatrix::new(Direction::Distance, vec![1, 2], vec![1], vec![0.5]);
    assert!(matches!(
        wrong,
        Err(Error::LengthMismatch {
            left_len: 1,
            right_len: 2,
            ..
        })
    ));
    let nan = ScoreMatrix::new(
        Direction::Distance,
        vec![1, 2],
        vec![2],
        vec![0.5, f32::NAN],
    );
    let expected = (PairKind::Genuine, 1);
    assert!(matches!(nan, Err(Error::NotFinite { kind, index, .. }) if (kind, index) == expected));
    let broken = [0.0, 1.0, f32::NAN, 0.0];
    let refused = Embeddings::new(&broken, 2, &[1, 2]);
    assert!(matches!(
        refused,
        Err(Error::NotFiniteEmbedding {
            index: 1,
            dimension: 0,
            ..
        })
    ));
    let ragged = Embeddings::new(&broken, 3, &[1]);
    assert!(matches!(
        ragged,
        Err(Error::LengthMismatch {
            left_len: 4,
            right_len: 3,
            ..
        })
    ));
    assert!(Embeddings::new(&[], 0, &[]).is_err());
    let flat = [1.0, 0.0, 0.0, 0.0];
    let flat = Embeddings::new(&flat, 2, &[1, 1]).unwrap();
    let refused = SampleScores::from_embeddings(Metric::Cosine, flat).err();
    assert_eq!(refused, Some(Error::ZeroEmbedding { index: 1 }));
    let huge = [3e38, 3e38, -3e38, -3e38];
    let huge = Embeddings::new(&huge, 2, &[1, 1]).unwrap();
    let scores = SampleScores::from_embeddings(Metric::Euclidean, huge).unwrap();
    assert!(matches!(
        Retrieval::new(&scores),
        Err(Error::ScoreOverflow { .. })
    ));
    // The diagonal of a square matrix is never looked at.
    let nan = vec![f32::NAN, 0.5, 0.5, f32::NAN];
    assert!(SampleScores::from_matrix(Direction::Distance, &[1, 1], nan).is_ok());
}

/// With 2 ways and 1 shot an episode is a draw of two subjects, a genuine and
/// an impostor comparison, so the share of all such triples that are right is
/// what accuracies approach.
#[test]
fn two_way_episodes_approach_the_share_of_right_triples() {
    let (values, subjects) = (values(), subjects());
    let embeddings = Embeddings::new(&values, DIMENSIONS, &subjects).unwrap();
    let scores = SampleScores::from_embeddings(Metric::Euclidean, embeddings).unwrap();
    let distance = |i: usize, j: usize| {
        Metric::Euclidean
            .score(embeddings.row(i), embeddings.row(j))
            .unwrap()
    };
    let of = |s: u32| -> Vec<usize> { (0..60).filter(|&k| subjects[k] == s).collect() };
    let (mut expected, mut couples) = (0.0, 0.0);
    for asked in 0..13 {
        for other in (0..13).filter(|&o| o != asked) {
            let (own, others) = (of(asked), of(other));
            let (mut right, mut all) = (0.0, 0.0);
            for &query in &own {
                for &mate in own.iter().filter(|&&m| m != query) {
                    for &stranger in &others {
                        right +=
                            f64::from(u8::from(distance(query, mate) < distance(query, stranger)));
                        all += 1.0;
                    }
                }
            }
            expected += right / all;
            couples += 1.0;
        }
    }
    expected /= couples;
    let plan = Episodes::new(2, 1, 20_000)
        .with_rule(ShotRule::Mean)
        .with_seed(3);
    let outcome = plan.run(&scores).unwrap();
    // Four standard errors.
    let tolerance = 4.0 * (expected * (1.0 - expected) / 20_000.0).sqrt();
    assert!(
        (outcome.accuracy() - expected).abs() < tolerance,
        "{} {expected}",
        outcome.accuracy()
    );
    assert_eq!((outcome.eligible(), outcome.excluded()), (13, 0));
}

#[test]
fn episodes_are_seeded_and_more_shots_help() {
    let (values, subjects) = (values(), subjects());
    let embeddings = Embeddings::new(&values, DIMENSIONS, &subjects).unwrap();
    let scores = SampleScores::from_embeddings(Metric::Euclidean, embeddings).unwrap();
    let plan = |ways, shots, episodes| {
        Episodes::new(ways, shots, episodes)
            .with_rule(ShotRule::Mean)
            .with_seed(3)
    };
    let run = |plan: Episodes, threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| plan.run(&scores)).unwrap()
    };
    let once = run(plan(10, 1, 2000), 1);
    assert_eq!(once, run(plan(10, 1, 2000), 3));
    assert_ne!(once, run(plan(10, 1, 2000).with_seed(4), 1));
    let other = run(plan(10, 1, 500).with_seed(4), 1);
    let pooled = EpisodeOutcome::pooled([&once, &other]).unwrap();
    let weighted = (2000.0 * once.accuracy() + 500.0 * other.accuracy()) / 2500.0;
    assert!((pooled.accuracy() - weighted).abs() < 1e-12);
    assert_eq!(pooled.eligible(), 26);
    assert_eq!(EpisodeOutcome::pooled([]), Err(Error::Empty));
    let more = run(plan(10, 3, 2000), 2);
    assert!(more.accuracy() > once.accuracy() + 0.05);
    let interval = once.interval(&Jackknife::default()).unwrap();
    assert!(interval.low < once.accuracy() && once.accuracy() < interval.high);
    // Eight of the thirteen subjects have five samples, the others four.
    let long = plan(8, 4, 2000);
    assert_eq!(run(long, 2).excluded(), 5);
    for bad in [
        plan(9, 4, 2000),
        plan(1, 1, 2000),
        plan(10, 0, 2000),
        plan(10, 1, 0),
    ] {
        assert!(
            matches!(bad.run(&scores), Err(Error::Argument { .. })),
            "{bad:?}"
        );
    }
}

#[test]
fn all_pairs_hold_each_pair_once() {
    let (values, subjects) = (values(), subjects());
    let embeddings = Embeddings::new(&values, DIMENSIONS, &subjects).unwrap();
    let scores = SampleScores::from_embeddings(Metric::Cosine, embeddings).unwrap();
    let pairs = scores.all_pairs().unwrap();
    assert_eq!(pairs.len(), 60 * 59 / 2);
    assert_eq!(pairs.subjects().len(), 13);
    let genuine = pairs.scores().count(PairKind::Genuine);
    assert_eq!(genuine, 8 * 10 + 5 * 6);
}

proptest! {
    /// The rank counts subjects, and negating a matrix of the other direction
    /// changes nothing.
    #[test]
    fn ranks_equal_a_naive_count(
        probes in prop::collection::vec(0..5_u32, 1..12),
        gallery in prop::collection::vec(0..5_u32, 1..12),
        seed in any::<u32>(),
    ) {
        let scores: Vec<f32> = (0..probes.len() * gallery.len())
            .map(|k| ((k as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) >> 27) as f32)
            .collect();
        let best = |row: usize, subject: u32| {
            let columns = gallery.iter().enumerate().filter(|&(_, &g)| g == subject);
            columns.map(|(j, _)| scores[row * gallery.len() + j]).reduce(f32::min)
        };
        let mut ranks = Vec::new();
        for (row, &subject) in probes.iter().enumerate() {
            if let Some(mate) = best(row, subject) {
                let worse = |other: &u32| best(row, *other).is_some_and(|b| b <= mate);
                ranks.push((0..5_u32).filter(worse).count());
            }
        }
        let matrix = ScoreMatrix::new(Direction::Distance, probes.clone(), gallery.clone(), scores.clone());
        let found = Identification::new(&matrix.unwrap());
        let negated = scores.iter().map(|s| -s).collect();
        let mirrored = ScoreMatrix::new(Direction::Similarity, probes, gallery, negated);
        let mirrored = Identification::new(&mirrored.unwrap());
        prop_assert_eq!(found.mated(), ranks.len());
        if !ranks.is_empty() {
            for k in 1..=5 {
                let within = ranks.iter().filter(|&&rank| rank <= k).count();
                prop_assert_eq!(found.rank_rate(k), Ok(within as f64 / ranks.len() as f64));
            }
            prop_assert_eq!(found.cmc(), mirrored.cmc());
            if found.unmated() > 0 {
                let (a, b) = (found.open_set_at(9.0, 2).unwrap(), mirrored.open_set_at(-9.0, 2).unwrap());
                prop_assert_eq!((a.fpir, a.fnir), (b.fpir, b.fnir));
            }
        }
    }
}

#[test]
fn episodes_within_groups_ask_among_the_alike() {
    // Two images of each of seven subjects, in groups of three, three and one. Within a group all are as far apart as a
    // subject's own two images, so every episode there is a tie.
    let subjects: Vec<u32> = (0..14).map(|image| image / 2).collect();
    let group = |subject: u32| subject / 3;
    let mut square = vec![1.0; 196];
    for a in 0..14 {
        for b in 0..14 {
            if group(subjects[a]) != group(subjects[b]) {
                square[a * 14 + b] = 5.0;
            }
        }
    }
    let scores = SampleScores::from_matrix(Direction::Distance, &subjects, square).unwrap();
    let plan = Episodes::new(2, 1, 500).with_seed(1);
    assert!(plan.run(&scores).unwrap().accuracy() > 0.5);
    let within = plan.run_in_groups(&scores, group).unwrap();
    assert_eq!(
        (within.accuracy(), within.errors(), within.trials()),
        (0.0, 500, 500)
    );
    assert_eq!((within.eligible(), within.excluded()), (6, 1));
    assert_eq!(within, plan.run_in_groups(&scores, group).unwrap());
    // One group of all is no other plan.
    let one = plan.run_in_groups(&scores, |_| 0).unwrap();
    assert!((one.accuracy() - plan.run(&scores).unwrap().accuracy()).abs() < 0.15);
    let too_many = Episodes::new(4, 1, 500).run_in_groups(&scores, group);
    assert!(matches!(
        too_many,
        Err(Error::Argument {
            argument: "ways",
            ..
        })
    ));
}

#[test]
fn trials_drawn_elsewhere_have_intervals_over_what_they_share() {
    let trials = (0..20_u32).flat_map(|run| (0..20).map(move |trial| (run, trial >= run % 3)));
    let outcome = EpisodeOutcome::of_trials(trials).unwrap();
    assert_eq!(
        (outcome.trials(), outcome.errors(), outcome.eligible()),
        (400, 19, 20)
    );
    let interval = outcome.interval(&Jackknife::default()).unwrap();
    assert!(interval.low < outcome.accuracy() && outcome.accuracy() < interval.high);
    assert!(matches!(EpisodeOutcome::of_trials([]), Err(Error::Empty)));
}
