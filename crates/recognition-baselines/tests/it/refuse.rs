//! What is refused, and by which error.

use ndarray::{Array3, s};
use recognition_baselines::{Baselines, Error, Method, Role};

/// Two images each of `people` people, all of them different.
fn images(people: usize, side: usize) -> (Array3<u8>, Vec<u32>) {
    let images = Array3::from_shape_fn((2 * people, side, side), |(image, y, x)| {
        let person = image / 2;
        (person * 40 + (y * (person + 1) + x * 5) % 19 + (image * 13 + y * x * 7) % 11) as u8
    });
    let subjects = (0..2 * people as u32).map(|image| image / 2).collect();
    (images, subjects)
}

/// The methods that refuse this training, with their errors.
fn refusals(images: &Array3<u8>, subjects: &[u32], training: &[usize]) -> Vec<(Method, Error)> {
    let judged: Vec<usize> = (0..subjects.len()).collect();
    let baselines = Baselines::new(images.view(), subjects).unwrap();
    let mut fold = baselines.fold(training, &judged).unwrap();
    Method::ALL
        .into_iter()
        .filter_map(|method| Some((method, fold.templates(method).err()?)))
        .collect()
}

const LEARNING: [Method; 5] = [
    Method::Eigenfaces,
    Method::WhitenedPca,
    Method::Fisherfaces,
    Method::LbpLda,
    Method::FisherfacesAndLbpLda,
];
const DISCRIMINANT: [Method; 3] = [
    Method::Fisherfaces,
    Method::LbpLda,
    Method::FisherfacesAndLbpLda,
];

#[test]
fn images_without_pixels() {
    for shape in [(0, 9, 9), (2, 0, 9), (2, 9, 0)] {
        let empty = Array3::zeros(shape);
        let (images, height, width) = shape;
        assert_eq!(
            Baselines::new(empty.view(), &[0, 1]).unwrap_err(),
            Error::NoPixels {
                images,
                height,
                width
            }
        );
    }
}

#[test]
fn another_number_of_subjects_than_of_images() {
    let (images, subjects) = images(2, 12);
    let error = Baselines::new(images.view(), &subjects[..3]).unwrap_err();
    assert_eq!(
        error,
        Error::SubjectCount {
            images: 4,
            subjects: 3
        }
    );
}

#[test]
fn images_that_do_not_exist_or_are_named_twice() {
    let (images, subjects) = images(2, 12);
    let baselines = Baselines::new(images.view(), &subjects).unwrap();
    let refused = |training: &[usize], judged: &[usize]| {
        baselines.fold(training, judged).map(|_| ()).unwrap_err()
    };
    assert_eq!(
        refused(&[0, 1], &[3, 4, 2]),
        Error::UnknownImage {
            role: Role::Judged,
            image: 4,
            images: 4
        }
    );
    assert_eq!(
        refused(&[1, 0, 1], &[3]),
        Error::RepeatedImage {
            role: Role::Training,
            image: 1
        }
    );
    let mut fold = baselines.fold(&[], &[3, 1]).unwrap();
    let templates = fold.templates(Method::RawPixels).unwrap();
    assert_eq!(templates.images(), [1, 3]);
    let not_judged = Error::NotJudged {
        image: 2,
        judged: 2,
    };
    assert_eq!(templates.distance(1, 2), Err(not_judged.clone()));
    assert_eq!(templates.distances(&[[1, 3], [2, 3]]), Err(not_judged));
}

#[test]
fn images_too_small_for_the_grid_but_not_for_the_rest() {
    let (images, subjects) = images(3, 12);
    let narrow = images.slice(s![.., .., ..10]).to_owned();
    let refused = refusals(&narrow, &subjects, &[0, 1, 2, 3]);
    let methods = [Method::Lbp, Method::LbpLda, Method::FisherfacesAndLbpLda];
    let expected = methods.map(|method| {
        let error = Error::TooSmall {
            method,
            height: 12,
            width: 10,
            smallest: 11,
        };
        (method, error)
    });
    assert_eq!(refused, expected);
    assert_eq!(refusals(&images, &subjects, &[0, 1, 2, 3]), []);
}

#[test]
fn fewer_than_two_training_images() {
    assert!(
        Method::ALL
            .iter()
            .filter(|method| method.needs_training())
            .eq(&LEARNING)
    );
    let (images, subjects) = images(2, 12);
    for training in [&[][..], &[3]] {
        let found = training.len();
        let expected = LEARNING.map(|method| (method, Error::TooFewImages { method, found }));
        assert_eq!(refusals(&images, &subjects, training), expected);
    }
}

#[test]
fn training_images_that_are_all_alike() {
    let images = Array3::from_elem((4, 12, 12), 77);
    let expected = LEARNING.map(|method| (method, Error::AllAlike { method, found: 3 }));
    assert_eq!(refusals(&images, &[0, 0, 1, 1], &[0, 1, 2]), expected);
}

#[test]
fn a_single_training_person() {
    let (images, subjects) = images(2, 12);
    let expected = DISCRIMINANT.map(|method| (method, Error::TooFewSubjects { method, found: 1 }));
    assert_eq!(refusals(&images, &subjects, &[0, 1]), expected);
}

#[test]
fn training_people_with_one_image_each_or_copies_of_it() {
    let (mut images, subjects) = images(3, 12);
    let expected = |images, subjects| {
        DISCRIMINANT.map(|method| {
            let error = Error::NoVariation {
                method,
                images,
                subjects,
            };
            (method, error)
        })
    };
    assert_eq!(refusals(&images, &subjects, &[0, 2, 4]), expected(3, 3));
    for person in 0..3 {
        let first = images.slice(s![2 * person, .., ..]).to_owned();
        images.slice_mut(s![2 * person + 1, .., ..]).assign(&first);
    }
    assert_eq!(
        refusals(&images, &subjects, &[0, 1, 2, 3, 4, 5]),
        expected(6, 3)
    );
}

#[test]
fn training_people_with_the_same_images() {
    let (images, _) = images(2, 12);
    let order = [0, 1, 1, 0];
    let images = images.select(ndarray::Axis(0), &order);
    let expected = DISCRIMINANT.map(|method| {
        (
            method,
            Error::SameMeans {
                method,
                subjects: 2,
            },
        )
    });
    assert_eq!(refusals(&images, &[0, 0, 1, 1], &[0, 1, 2, 3]), expected);
}

#[test]
fn errors_say_what_to_do() {
    let error = Error::TooSmall {
        method: Method::Lbp,
        height: 12,
        width: 10,
        smallest: 11,
    };
    assert_eq!(
        error.to_string(),
        "lbp divides an image into 7x7 cells and needs at least 11x11 pixels, found 12x10; \
         use larger images or leave this method out"
    );
}
