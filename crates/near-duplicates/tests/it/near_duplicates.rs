//! One picture in other files is found again, and other pictures are not taken for it.
//!
//! The numbers of `signs_and_correlation_equal_numpy` come from these lines:
//!
//! ```python
//! def cover(old, new):
//!     i, j = np.arange(new)[:, None], np.arange(old)
//!     return np.clip(np.minimum((i+1)*old, (j+1)*new) - np.maximum(i*old, j*new), 0, None) / old
//! def area(a, h, w): return cover(a.shape[0], h) @ a @ cover(a.shape[1], w).T
//! def smooth(t):
//!     u = np.pad(t, 1, mode="edge"); u = u[:-2] + 2*u[1:-1] + u[2:]
//!     return u[:, :-2] + 2*u[:, 1:-1] + u[:, 2:]
//! def signs(a): return np.r_[(np.diff(area(a, 8, 9), axis=1) > 0).ravel(),
//!                            (np.diff(area(a, 9, 8), axis=0) > 0).ravel()]
//! y, x = np.mgrid[:50, :40]
//! a, b = ((x*x*p + y*y*q + x*y*3) // 16 % 200 for p, q in [(1, 2), (2, 1)])
//! (signs(a) != signs(b)).sum(), np.corrcoef(*(smooth(area(c, 24, 24)).ravel() for c in (a, b)))
//! ```

use near_duplicates::{
    Duplicate, DuplicatesError, Fingerprint, Likeness, NearDuplicates, Picture, PictureError,
};
use proptest::prelude::*;

use crate::photos::{Photo, image, mapped, noisy, photo, resized, trimmed, uniform};

type Change = fn(&Photo) -> Photo;

fn all(images: &[Photo]) -> Vec<Fingerprint> {
    images.iter().map(Photo::fingerprint).collect()
}

/// Of one row of samples.
fn line(samples: &[u16]) -> Fingerprint {
    Fingerprint::of(Picture::grey(samples.len(), 1, samples).unwrap())
}

#[test]
fn a_changed_copy_is_found_and_no_other_picture() {
    let photos: Vec<Photo> = (0..60).map(photo).collect();
    let originals = all(&photos);
    let changes: [(&str, Change); 10] = [
        ("noise", |photo| noisy(photo, 8.0)),
        ("half the size", |photo| resized(photo, 46, 56)),
        ("twice the size", |photo| resized(photo, 184, 224)),
        ("another shape", |photo| resized(photo, 100, 100)),
        ("brighter", |photo| {
            mapped(photo, |value| 0.8 * value + 40.0)
        }),
        ("little contrast", |photo| {
            mapped(photo, |value| 0.1 * value + 9.0)
        }),
        ("one row less", |photo| trimmed(photo, [1, 0, 0, 0])),
        ("two columns less", |photo| trimmed(photo, [0, 0, 0, 2])),
        ("a smaller frame", |photo| trimmed(photo, [2, 2, 2, 2])),
        ("all at once", |photo| {
            let smaller = resized(&trimmed(photo, [1, 0, 2, 1]), 70, 90);
            noisy(&mapped(&smaller, |value| 0.9 * value + 15.0), 3.0)
        }),
    ];
    for (name, change) in changes {
        let copies: Vec<Photo> = photos.iter().map(change).collect();
        let found = NearDuplicates::default().between(&all(&copies), &originals);
        let pairs: Vec<_> = found.unwrap().iter().map(|d| (d.first, d.second)).collect();
        let expected: Vec<_> = (0..photos.len()).map(|k| (k, k)).collect();
        assert_eq!(pairs, expected, "{name}");
    }
    assert_eq!(NearDuplicates::default().within(&originals), Ok(vec![]));
}

/// A person with the eyes shut: the same photo but for a few per cent of its area.
#[test]
fn a_small_local_change_makes_another_picture() {
    let original = photo(5);
    let pixels = &original.pixels;
    let changed = image(92, 112, |place| {
        let (x, y) = (place % 92, place / 92);
        let eye = (40..50).contains(&y) && ((20..36).contains(&x) || (56..72).contains(&x));
        f64::from(pixels[place]) + if eye { 45.0 } else { 0.0 }
    });
    let [original, changed] = [original, changed].map(|image| image.fingerprint());
    let correlation = original.correlation(&changed).unwrap();
    assert!(correlation > 0.9 && correlation < NearDuplicates::default().correlation);
}

#[test]
fn signs_and_correlation_equal_numpy() {
    let picture = |p: usize, q: usize| {
        let image = image(40, 50, |place| {
            let (x, y) = (place % 40, place / 40);
            ((x * x * p + y * y * q + x * y * 3) / 16 % 200) as f64
        });
        image.fingerprint()
    };
    let (a, b) = (picture(1, 2), picture(2, 1));
    assert_eq!(a.distance(&b), 40);
    // Thumbnails have 256 levels.
    assert!((a.correlation(&b).unwrap() - 0.436_711).abs() < 1e-3);
}

#[test]
fn an_even_image_equals_its_like_and_is_near_nothing() {
    let even = |width, height, value: u8| image(width, height, |_| value.into());
    let images = [
        even(1, 1, 0),
        even(9, 7, 100),
        even(9, 7, 101),
        even(7, 9, 100),
        even(9, 7, 100),
        even(1, 1, 0),
        even(500, 1, 255),
        noisy(&even(64, 64, 100), 1.0),
    ];
    let images = all(&images);
    assert!(images.iter().all(Fingerprint::is_featureless));
    assert_eq!(images[0].correlation(&images[0]), None);
    let found = NearDuplicates::default().within(&images).unwrap();
    let pairs: Vec<_> = found
        .iter()
        .map(|d| (d.first, d.second, d.likeness))
        .collect();
    let equal = |first, second| (first, second, Likeness::Equal);
    assert_eq!(pairs, [equal(0, 5), equal(1, 4)]);
}

#[test]
fn images_of_a_few_pixels_and_of_16_bits_are_taken() {
    let tall = image(1, 3, |place| [0.0, 9.0, 200.0][place]).fingerprint();
    let images = [line(&[7, 60_000]), tall, line(&[9, 50_000])];
    assert!(!images.iter().any(Fingerprint::is_featureless));
    let found = NearDuplicates::default().within(&images).unwrap();
    // Two pixels have no more to show than which is the brighter one.
    assert_eq!((found.len(), found[0].first, found[0].second), (1, 0, 2));
    let eight = photo(1);
    let pixels: Vec<u16> = eight.pixels.iter().map(|&p| u16::from(p) * 257).collect();
    let eight = eight.fingerprint();
    let sixteen = Fingerprint::of(Picture::grey(92, 112, &pixels[..]).unwrap());
    assert!(!eight.has_same_pixels(&sixteen));
    assert_eq!(eight.correlation(&sixteen), Some(1.0));
}

/// A picture whose blue is a little darker is near to the grey one, but has other pixels.
#[test]
fn colours_count_for_equality_and_brightness_for_likeness() {
    let grey: Vec<u8> = (0..1600)
        .map(|k| (k / 40 * 3 % 37 * 4 + k % 40) as u8)
        .collect();
    let coloured: Vec<u8> = grey
        .iter()
        .flat_map(|&v| [v, v, v.saturating_sub(4)])
        .collect();
    let three: Vec<u8> = grey.iter().flat_map(|&v| [v; 3]).collect();
    let of_rgb = |pixels: &[u8]| Fingerprint::of(Picture::rgb(40, 40, pixels).unwrap());
    let grey = Fingerprint::of(Picture::grey(40, 40, &grey[..]).unwrap());
    assert_eq!(
        of_rgb(&three),
        grey,
        "three equal channels are the grey image"
    );
    let coloured = of_rgb(&coloured);
    assert!(!coloured.has_same_pixels(&grey));
    let found = NearDuplicates::default().within(&[coloured, grey]).unwrap();
    assert!(matches!(found[0].likeness, Likeness::Near { .. }));
}

#[test]
fn a_maxval_is_part_of_the_pixels_and_not_of_the_looks() {
    let samples: Vec<u8> = (0..600).map(|k| (k * k / 7 % 100) as u8).collect();
    let picture = Picture::grey(30, 20, &samples[..]).unwrap();
    let [dim, full] = [picture, picture.with_maxval(99).unwrap()].map(Fingerprint::of);
    assert!(!dim.has_same_pixels(&full));
    assert!(dim.correlation(&full).unwrap() > 0.9999);
}

#[test]
fn a_picture_is_checked_when_made() {
    let bytes = [0_u8, 1, 2, 3, 4, 5];
    assert!(Picture::grey(3, 2, &bytes[..]).is_ok());
    assert!(Picture::rgb(2, 1, &bytes[..]).is_ok());
    for (width, height) in [(2, 2), (0, 6), (usize::MAX, 6)] {
        let error = Picture::grey(width, height, &bytes[..]).unwrap_err();
        assert!(matches!(error, PictureError::Size { found: 6, .. }));
    }
    assert!(Picture::rgb(3, 2, &bytes[..]).is_err());
    assert!(Picture::grey(0, 0, &bytes[..0]).is_err());
    let picture = Picture::grey(3, 2, &bytes[..]).unwrap();
    assert!(picture.with_maxval(5).is_ok());
    let over = PictureError::Sample {
        index: 5,
        maxval: 4,
        found: 5,
    };
    assert_eq!(picture.with_maxval(4), Err(over));
    let words = [0_u16, 1];
    let wide = Picture::grey(2, 1, &words[..]).unwrap();
    for maxval in [0, 256] {
        assert!(matches!(
            picture.with_maxval(maxval),
            Err(PictureError::Maxval { bits: 8, .. })
        ));
    }
    assert!(matches!(
        wide.with_maxval(255),
        Err(PictureError::Maxval { bits: 16, .. })
    ));
}

#[test]
fn equal_images_make_a_star_and_not_all_pairs() {
    let near = mapped(&photo(1), |value| 0.9 * value + 9.0);
    let set = all(&[photo(0), photo(1), photo(0), near, photo(0), photo(1)]);
    let places = |found: Vec<Duplicate>| -> Vec<_> {
        let kind = |d: &Duplicate| (d.first, d.second, d.likeness == Likeness::Equal);
        found.iter().map(kind).collect()
    };
    let settings = NearDuplicates::default();
    let found = places(settings.within(&set).unwrap());
    assert_eq!(
        found,
        [(0, 2, true), (0, 4, true), (1, 3, false), (1, 5, true)]
    );
    let found = places(settings.between(&set[2..4], &set).unwrap());
    assert_eq!(found, [(0, 0, true), (1, 1, false), (1, 3, true)]);
    let none: [Fingerprint; 0] = [];
    assert_eq!(settings.between(&set, &none), Ok(vec![]));
    assert_eq!(settings.within(&none), Ok(vec![]));

    let few = settings.with_max_pairs(3);
    let refused = few.within(&set).unwrap_err();
    assert_eq!(refused, DuplicatesError::TooManyPairs { limit: 3 });
    assert!(refused.to_string().contains("max_pairs"), "{refused}");
}

#[test]
fn pairs_across_groups_are_those_of_all_pairs() {
    let photos: Vec<Photo> = (0..8).map(photo).collect();
    let copies: Vec<Photo> = photos.iter().map(|photo| noisy(photo, 4.0)).collect();
    let images = [all(&photos), all(&copies), all(&photos)].concat();
    let groups: Vec<u32> = (0..24).map(|i| i / 10).collect();
    let search = NearDuplicates::default();
    let mut expected = search.within(&images).unwrap();
    assert_eq!(expected.len(), 8 + 8);
    expected.retain(|pair| groups[pair.first] != groups[pair.second]);
    assert_eq!(search.across(&images, &groups).unwrap(), expected);
    assert!(search.across(&images, &[7; 24]).unwrap().is_empty());
}

#[test]
fn settings_out_of_range_are_refused() {
    let settings = NearDuplicates::default();
    for correlation in [0.5, 1.1, f64::NAN] {
        let refused = settings.with_correlation(correlation).within(&[]);
        assert!(matches!(refused, Err(DuplicatesError::Correlation { .. })));
    }
    let refused = settings.with_radius(32).within(&[]);
    let expected = DuplicatesError::Radius {
        largest: 31,
        found: 32,
    };
    assert_eq!(refused, Err(expected));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn an_image_is_itself_and_the_order_of_two_does_not_matter(
        a in (1..30_usize, 1..30_usize, any::<u32>()),
        b in (1..30_usize, 1..30_usize, any::<u32>()),
    ) {
        let [a, b] = [a, b].map(|(width, height, seed)| {
            let mut next = uniform(seed);
            image(width, height, |_| 255.0 * next()).fingerprint()
        });
        prop_assert_eq!(a.distance(&a), 0);
        prop_assert!(a.has_same_pixels(&a));
        if !a.is_featureless() {
            prop_assert_eq!(a.correlation(&a), Some(1.0));
        }
        prop_assert_eq!(a.distance(&b), b.distance(&a));
        prop_assert_eq!(a.correlation(&b), b.correlation(&a));
        prop_assert!(a.correlation(&b).is_none_or(|found| (-1.0..=1.0).contains(&found)));
    }

    /// Twice the contrast and some brightness, with no level lost.
    #[test]
    fn brightness_and_contrast_change_nothing(seed in any::<u32>(), offset in 0..55_u8) {
        let mut next = uniform(seed);
        let dim = image(20, 16, |_| 100.0 * next());
        let bright = mapped(&dim, |value| 2.0 * value + f64::from(offset));
        let [dim, bright] = [dim, bright].map(|image| image.fingerprint());
        // Cells that are equally bright differ by a rounding afterwards.
        prop_assert!(dim.distance(&bright) <= 2);
        prop_assert!(dim.correlation(&bright).unwrap() > 0.9999);
    }

    /// The index finds what a look at all pairs finds.
    #[test]
    fn a_search_finds_all_pairs_within_the_settings(
        seeds in prop::collection::vec((0..5_u32, 0..40_u32), 1..25),
        radius in 0..=31_u32,
    ) {
        let near = |&(seed, noise): &(u32, u32)| {
            let mut next = uniform(seed);
            let mut noise_next = uniform(1000 + noise);
            let value = |_| 200.0 * next() + f64::from(noise) * noise_next();
            image(8, 8, value).fingerprint()
        };
        let images: Vec<Fingerprint> = seeds.iter().map(near).collect();
        let settings = NearDuplicates::default().with_radius(radius).with_correlation(0.95).with_max_pairs(1000);
        let alike = |a: &Fingerprint, b: &Fingerprint| {
            a.has_same_pixels(b)
                || a.distance(b) <= radius && a.correlation(b).is_some_and(|found| found >= 0.95)
        };
        let is_first = |place: usize| !images[..place].iter().any(|i| i.has_same_pixels(&images[place]));
        let mut expected = Vec::new();
        for first in 0..images.len() {
            for second in (0..images.len()).filter(|&second| is_first(second)) {
                if alike(&images[first], &images[second]) {
                    expected.push((first, second));
                }
            }
        }
        let found = settings.between(&images, &images).unwrap();
        prop_assert_eq!(found.iter().map(|d| (d.first, d.second)).collect::<Vec<_>>(), expected);
    }
}

/// A pattern in the hue that `hue` gives to each brightness, as red, green and blue.
fn shirt(hue: impl Fn(f64) -> [f64; 3]) -> Vec<u8> {
    let brightness = |k: usize| (40 + (k / 40 * 5 % 37 * 3 + k % 40) % 80) as f64;
    (0..1600)
        .flat_map(|k| hue(brightness(k)).map(|sample| sample.round() as u8))
        .collect()
}

#[test]
fn what_differs_in_hue_alone_is_no_copy() {
    // Luma by ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue.
    let red = shirt(|luma| [luma * 1.6, luma * 0.8, luma * 0.45]);
    let blue = shirt(|luma| [luma * 0.8, luma * 0.935, luma * 1.86]);
    let of_rgb = |pixels: &[u8]| Fingerprint::of(Picture::rgb(40, 40, pixels).unwrap());
    let prints = [of_rgb(&red), of_rgb(&blue)];
    assert!(prints[0].correlation(&prints[1]).unwrap() > 0.998);
    assert!(!prints[0].has_like_colours(&prints[1]));
    assert_eq!(NearDuplicates::default().within(&prints).unwrap(), []);

    let darker: Vec<u8> = red.iter().map(|&sample| sample / 2).collect();
    let grey: Vec<u8> = red
        .as_chunks::<3>()
        .0
        .iter()
        .map(|&[r, g, b]| {
            (0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)).round() as u8
        })
        .collect();
    let trimmed: Vec<u8> = red
        .chunks_exact(120)
        .flat_map(|row| &row[3..])
        .copied()
        .collect();
    for copy in [
        of_rgb(&darker),
        Fingerprint::of(Picture::grey(40, 40, &grey[..]).unwrap()),
        Fingerprint::of(Picture::rgb(39, 40, &trimmed[..]).unwrap()),
    ] {
        let found = NearDuplicates::default()
            .within(&[prints[0].clone(), copy])
            .unwrap();
        assert!(
            matches!(found[0].likeness, Likeness::Near { .. }),
            "{found:?}"
        );
    }
}
