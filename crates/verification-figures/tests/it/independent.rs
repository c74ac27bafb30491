//! Intervals from scores alone.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use verification_figures::{
    Bootstrap, Direction, Error, Figure, Scores, normal_deviate, normal_probability,
};

/// Independent scores of two normal distributions, two deviations apart.
fn sample(rng: &mut impl Rng, genuine: usize, impostor: usize) -> Scores {
    let mut normal = |mean: f64, count: usize| -> Vec<f32> {
        let mut draw = || normal_deviate(rng.random_range(1e-12..1.0 - 1e-12)).unwrap() + mean;
        (0..count).map(|_| draw() as f32).collect()
    };
    let (genuine, impostor) = (normal(0.0, genuine), normal(2.0, impostor));
    Scores::new(Direction::Distance, genuine, impostor).unwrap()
}

#[test]
fn the_interval_of_independent_scores_holds_the_truth_as_often_as_it_says() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let truth = normal_probability(-1.0);
    let bootstrap = Bootstrap::default()
        .with_replicates(200)
        .with_confidence(0.9);
    let samples = 400;
    let held = (0..samples)
        .filter(|_| {
            let scores = sample(&mut rng, 150, 300);
            let found = scores
                .interval_if_independent(Figure::Eer, &bootstrap)
                .unwrap();
            (found.low..=found.high).contains(&truth)
        })
        .count();
    let share = held as f64 / f64::from(samples);
    // Three deviations of the simulation itself are 0.045.
    assert!((0.85..=0.95).contains(&share), "held {share}, promised 0.9");
}

#[test]
fn the_interval_depends_on_the_seed_alone_and_names_what_it_is_of() {
    let scores = sample(&mut ChaCha8Rng::seed_from_u64(1), 40, 70);
    let of = |seed| {
        scores.interval_if_independent(Figure::DPrime, &Bootstrap::default().with_seed(seed))
    };
    assert_eq!(of(3), of(3));
    assert_ne!(of(3), of(4));
    let found = of(3).unwrap();
    assert_eq!((found.genuine, found.impostor), (40, 70));
    assert_eq!(found.estimate, scores.d_prime().unwrap());
}

#[test]
fn an_error_rate_has_about_the_binomial_interval() {
    let genuine: Vec<f32> = (0..400).map(|i| if i < 80 { 1.0 } else { 0.0 }).collect();
    let scores = Scores::new(Direction::Distance, genuine, vec![1.0]).unwrap();
    let bootstrap = Bootstrap::default().with_replicates(4000);
    let found = scores
        .interval_if_independent(Figure::FnmrAt(0.5), &bootstrap)
        .unwrap();
    // 0.2 and 1.96 times sqrt(0.2 * 0.8 / 400).
    assert!(
        (found.low - 0.161).abs() < 0.005 && (found.high - 0.239).abs() < 0.005,
        "{found:?}"
    );
}

#[test]
fn a_figure_that_is_undefined_has_no_interval() {
    let scores = Scores::new(Direction::Distance, vec![0.1, 0.2], vec![]).unwrap();
    let found = scores.interval_if_independent(Figure::Eer, &Bootstrap::default());
    assert!(matches!(found, Err(Error::Missing { .. })));
    let settings = Bootstrap::default().with_confidence(1.0);
    let found = scores.interval_if_independent(Figure::FnmrAt(0.5), &settings);
    assert!(matches!(found, Err(Error::Argument { .. })));
}
