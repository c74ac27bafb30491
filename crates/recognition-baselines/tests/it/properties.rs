//! What holds for any images.

use ndarray::{Array3, Axis, s};
use proptest::prelude::*;
use recognition_baselines::{Baselines, MOST_PCA_IMAGES, Method};

/// Images per person in [`faces`].
const EACH: usize = 3;

/// So many people with [`EACH`] square images: a pattern for each person, and noise drawn by `seed`.
fn faces(people: usize, side: usize, seed: u32) -> Array3<u8> {
    Array3::from_shape_fn((people * EACH, side, side), |(image, y, x)| {
        let person = (image / EACH) as u32 + seed % 5;
        let (y, x) = (y as u32, x as u32);
        let mut noise = seed ^ (image as u32 * 7919 + y * 131 + x);
        for _ in 0..2 {
            noise = (noise ^ noise >> 15).wrapping_mul(0x2c1b_3c6d);
        }
        ((y * (person + 1) + x * (person * 3 % 7 + 1)) % 60 + (noise >> 26)) as u8
    })
}

fn subjects(images: &Array3<u8>) -> Vec<u32> {
    (0..images.dim().0 as u32)
        .map(|image| image / EACH as u32)
        .collect()
}

/// The distances of all pairs of images, by the methods in order, when the first half is learnt from.
fn distances(images: &Array3<u8>) -> Vec<Vec<f32>> {
    let count = images.dim().0;
    let subjects = subjects(images);
    let training: Vec<usize> = (0..count / 2).collect();
    let judged: Vec<usize> = (0..count).collect();
    let pairs: Vec<[usize; 2]> = judged
        .iter()
        .flat_map(|&i| (0..count).map(move |j| [i, j]))
        .collect();
    let baselines = Baselines::new(images.view(), &subjects).unwrap();
    let mut fold = baselines.fold(&training, &judged).unwrap();
    Method::ALL
        .into_iter()
        .map(|method| fold.templates(method).unwrap().distances(&pairs).unwrap())
        .collect()
}

fn of(all: &[Vec<f32>], method: Method) -> &[f32] {
    let place = Method::ALL.iter().position(|&other| other == method);
    &all[place.unwrap()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn distances_are_symmetric_finite_and_zero_for_a_copy(people in 4..8_usize, side in 11..20_usize, seed: u32) {
        let mut images = faces(people, side, seed);
        let count = people * EACH;
        let copied = images.slice(s![1, .., ..]).to_owned();
        images.slice_mut(s![count - 1, .., ..]).assign(&copied);
        for (method, found) in Method::ALL.into_iter().zip(distances(&images)) {
            for i in 0..count {
                for j in 0..count {
                    let distance = found[i * count + j];
                    prop_assert!(distance.is_finite() && distance >= 0.0);
                    prop_assert_eq!(distance.to_bits(), found[j * count + i].to_bits());
                    prop_assert!(i != j || distance == 0.0, "{}", method);
                }
            }
            let from_copy = &found[(count - 1) * count..];
            prop_assert_eq!(from_copy, &found[count..2 * count], "{}", method);
        }
    }

    /// Pixels have no neighbours for these methods, and sums of their products are exact.
    #[test]
    fn the_order_of_pixels_changes_nothing_but_patterns(seed: u32) {
        let images = faces(6, 13, seed);
        let mut shuffled = images.clone();
        for (image, mut other) in images.outer_iter().zip(shuffled.outer_iter_mut()) {
            for (place, pixel) in image.iter().enumerate() {
                let moved = place * 50 % 169;
                other[[moved / 13, moved % 13]] = *pixel;
            }
        }
        let (found, other) = (distances(&images), distances(&shuffled));
        for method in [Method::RawPixels, Method::Eigenfaces, Method::WhitenedPca, Method::Fisherfaces] {
            prop_assert_eq!(of(&found, method), of(&other, method));
        }
        prop_assert_ne!(of(&found, Method::Lbp), of(&other, Method::Lbp));
    }

    /// Light and contrast change grey values, and patterns do not see it.
    #[test]
    fn patterns_do_not_change_with_light_and_contrast(seed: u32, shift in 0..10_u8) {
        let images = faces(6, 14, seed);
        let brighter = images.mapv(|grey| 2 * grey + shift);
        let (found, other) = (distances(&images), distances(&brighter));
        for method in [Method::Lbp, Method::LbpLda] {
            prop_assert_eq!(of(&found, method), of(&other, method));
        }
        prop_assert_ne!(of(&found, Method::RawPixels), of(&other, Method::RawPixels));
        // Twice as far, exactly, without a shift or with one.
        let doubled: Vec<f32> = of(&found, Method::RawPixels).iter().map(|d| 2.0 * d).collect();
        for (a, b) in of(&other, Method::RawPixels).iter().zip(doubled) {
            prop_assert!((a - b).abs() <= 1e-6 * b);
        }
    }

    /// A quarter turn takes cells to cells where the side is 4 more than a multiple of 7.
    #[test]
    fn turning_all_images_turns_no_distance(seed: u32, cell in 1..4_usize) {
        let images = faces(6, 7 * cell + 4, seed);
        let mut turned = images.clone().reversed_axes();
        turned.swap_axes(0, 2);
        turned.swap_axes(1, 2);
        turned.invert_axis(Axis(1));
        let turned = turned.as_standard_layout().into_owned();
        prop_assert_eq!(images[[2, 0, 3]], turned[[2, 7 * cell, 0]]);
        let (found, other) = (distances(&images), distances(&turned));
        for (method, (found, other)) in Method::ALL.into_iter().zip(found.iter().zip(&other)) {
            for (a, b) in found.iter().zip(other) {
                prop_assert!((a - b).abs() <= 1e-4 * b.max(1.0), "{}: {} {}", method, a, b);
            }
        }
    }
}

#[test]
fn threads_and_orders_change_no_byte() {
    // Enough images for several tiles.
    let images = faces(60, 12, 5);
    let subjects = subjects(&images);
    let run = |threads: usize, reversed: bool, methods: &[Method]| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            let mut training: Vec<usize> = (0..150).collect();
            if reversed {
                training.reverse();
            }
            let judged: Vec<usize> = (150..180).collect();
            let pairs: Vec<[usize; 2]> = (150..180)
                .flat_map(|i| (150..i).map(move |j| [i, j]))
                .collect();
            let baselines = Baselines::new(images.view(), &subjects).unwrap();
            let mut fold = baselines.fold(&training, &judged).unwrap();
            let mut found: Vec<(String, Vec<u32>)> = methods
                .iter()
                .map(|&method| {
                    let distances = fold.templates(method).unwrap().distances(&pairs).unwrap();
                    let bits = distances.into_iter().map(f32::to_bits).collect();
                    (method.to_string(), bits)
                })
                .collect();
            found.sort();
            found
        })
    };
    let expected = run(1, false, &Method::ALL);
    assert_eq!(run(3, false, &Method::ALL), expected);
    let mut backwards = Method::ALL;
    backwards.reverse();
    assert_eq!(run(2, true, &backwards), expected);
}

#[test]
fn images_may_lie_in_memory_in_any_order() {
    let images = faces(6, 22, 3);
    let sparse = images.slice(s![.., ..;2, ..;2]);
    let subjects = subjects(&images);
    let of = |images| {
        let baselines = Baselines::new(images, &subjects).unwrap();
        let mut fold = baselines.fold(&[0, 1, 2, 3, 4, 5], &[6, 9]).unwrap();
        let templates = fold.templates(Method::FisherfacesAndLbpLda).unwrap();
        templates.distance(6, 9).unwrap()
    };
    assert_eq!(of(sparse), of(sparse.as_standard_layout().view()));
}

/// PCA learns from a draw, LDA from all; people of one image each help neither and harm neither.
#[test]
fn more_training_images_than_pca_learns_from() {
    let people = MOST_PCA_IMAGES / EACH + 20;
    let images = faces(people, 11, 9);
    let mut subjects = subjects(&images);
    subjects[..30].copy_from_slice(&(5000..5030).collect::<Vec<u32>>());
    let training: Vec<usize> = (0..images.dim().0 - 30).collect();
    let judged: Vec<usize> = (training.len()..images.dim().0).collect();
    let baselines = Baselines::new(images.view(), &subjects).unwrap();
    let mut fold = baselines.fold(&training, &judged).unwrap();
    assert!(training.len() > MOST_PCA_IMAGES);
    assert_eq!(fold.pca_images(), MOST_PCA_IMAGES);
    let templates = fold.templates(Method::Fisherfaces).unwrap();
    let mean = |pairs: Vec<[usize; 2]>| {
        let distances = templates.distances(&pairs).unwrap();
        distances.iter().sum::<f32>() / distances.len() as f32
    };
    let first = judged[0];
    let genuine = mean(
        (0..10)
            .map(|k| [first + 3 * k, first + 3 * k + 1])
            .collect(),
    );
    let impostor = mean((0..9).map(|k| [first + 3 * k, first + 3 * k + 4]).collect());
    assert!(genuine < 0.8 * impostor, "{genuine} {impostor}");
}

/// The mean of two training images lies nowhere in particular, and is compared without complaint.
#[test]
fn an_image_at_the_mean_is_at_a_right_angle_to_others() {
    let side = 12;
    let images = Array3::from_shape_fn((5, side, side), |(image, y, x)| {
        let pattern = [[10, 30], [50, 70]][y % 2][x % 2];
        let other = [[5, 1], [3, 9]][x / 2 % 2][y / 2 % 2];
        [100, 100 + pattern, 100 - pattern, 100 + other, 100 - other][image] as u8
    });
    let subjects = [9, 1, 1, 2, 2];
    let baselines = Baselines::new(images.view(), &subjects).unwrap();
    let mut fold = baselines.fold(&[1, 2, 3, 4], &[0, 1, 2, 3]).unwrap();
    let templates = fold.templates(Method::WhitenedPca).unwrap();
    assert_eq!(templates.distance(0, 0).unwrap(), 0.0);
    for other in [1, 2, 3] {
        assert_eq!(templates.distance(0, other).unwrap(), 1.0);
    }
    assert_eq!(templates.distance(1, 2).unwrap(), 2.0);
}
