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

use std::fs;
use std::path::PathBuf;

use pgm_io::{
    Duplicate, DuplicatesError, Encoding, Fingerprint, Graymap, Likeness, Limits, NearDuplicates,
    Resize, StackError, decode_stack, encode, fingerprints, read,
};
use proptest::prelude::*;

/// Numbers in 0..1 that depend on the seed alone.
fn uniform(seed: u32) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(747_796_405).wrapping_add(1);
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    }
}

fn image(width: usize, height: usize, pixel: impl FnMut(usize) -> f64) -> Graymap {
    let pixels = (0..width * height)
        .map(pixel)
        .map(|value| value.round().clamp(0.0, 255.0) as u8);
    Graymap::new(width, height, 255, pixels.collect::<Vec<u8>>()).unwrap()
}

/// Soft spots of all sizes on a grey ground, 92 x 112, as different for each seed as photos are.
fn photo(seed: u32) -> Graymap {
    let mut next = uniform(seed);
    let spots: Vec<[f64; 4]> = (0..40)
        .map(|_| {
            let radius = 3.0 + 20.0 * next() * next();
            [
                92.0 * next(),
                112.0 * next(),
                radius,
                160.0 * (next() - 0.5),
            ]
        })
        .collect();
    image(92, 112, |place| {
        let (x, y) = ((place % 92) as f64, (place / 92) as f64);
        let spot = |[cx, cy, radius, height]: &[f64; 4]| {
            height * (-((x - cx).powi(2) + (y - cy).powi(2)) / radius.powi(2)).exp()
        };
        120.0 + spots.iter().map(spot).sum::<f64>()
    })
}

/// Without `[top, bottom, left, right]` rows and columns.
fn trimmed(of: &Graymap, [top, bottom, left, right]: [usize; 4]) -> Graymap {
    let (width, height) = (of.width() - left - right, of.height() - top - bottom);
    let pixels = of.to_u8();
    image(width, height, |place| {
        pixels[(top + place / width) * of.width() + left + place % width].into()
    })
}

fn mapped(of: &Graymap, map: impl Fn(f64) -> f64) -> Graymap {
    let pixels = of.to_u8();
    image(of.width(), of.height(), |place| map(pixels[place].into()))
}

/// Each pixel up to `most` brighter or darker.
fn noisy(of: &Graymap, most: f64) -> Graymap {
    let mut next = uniform(99);
    let pixels = of.to_u8();
    image(of.width(), of.height(), |place| {
        f64::from(pixels[place]) + most * (2.0 * next() - 1.0)
    })
}

fn resized(of: &Graymap, width: usize, height: usize) -> Graymap {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.pgm");
    fs::write(&path, encode(of, Encoding::Raw)).unwrap();
    let area = Resize::Area { height, width };
    let stack = decode_stack(&[path], area, &Limits::default()).unwrap();
    Graymap::new(width, height, 255, stack.into_raw_vec_and_offset().0).unwrap()
}

type Change = fn(&Graymap) -> Graymap;

fn all(images: &[Graymap]) -> Vec<Fingerprint> {
    images.iter().map(Fingerprint::of).collect()
}

#[test]
fn a_changed_copy_is_found_and_no_other_picture() {
    let photos: Vec<Graymap> = (0..60).map(photo).collect();
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
        let copies: Vec<Graymap> = photos.iter().map(change).collect();
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
    let pixels = original.to_u8();
    let changed = image(92, 112, |place| {
        let (x, y) = (place % 92, place / 92);
        let eye = (40..50).contains(&y) && ((20..36).contains(&x) || (56..72).contains(&x));
        f64::from(pixels[place]) + if eye { 45.0 } else { 0.0 }
    });
    let [original, changed] = [original, changed].map(|image| Fingerprint::of(&image));
    let correlation = original.correlation(&changed).unwrap();
    assert!(correlation > 0.9 && correlation < NearDuplicates::default().correlation);
}

#[cfg(feature = "formats")]
#[test]
fn a_jpeg_of_a_photo_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let photos: Vec<Graymap> = (0..20).map(photo).collect();
    let paths: Vec<PathBuf> = (0..20)
        .map(|k| folder.path().join(format!("{k}.jpg")))
        .collect();
    for (photo, path) in photos.iter().zip(&paths) {
        let pixels = photo.to_u8().into_owned();
        let grey = image::GrayImage::from_raw(92, 112, pixels).unwrap();
        let file = fs::File::create(path).unwrap();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(file, 30);
        grey.write_with_encoder(encoder).unwrap();
    }
    let copies = fingerprints(&paths, &Limits::default()).unwrap();
    let found = NearDuplicates::default()
        .between(&copies, &all(&photos))
        .unwrap();
    assert_eq!(found.len(), 20);
    assert!(found.iter().all(|pair| pair.first == pair.second));
}

#[test]
fn signs_and_correlation_equal_numpy() {
    let picture = |p: usize, q: usize| {
        Fingerprint::of(&image(40, 50, |place| {
            let (x, y) = (place % 40, place / 40);
            ((x * x * p + y * y * q + x * y * 3) / 16 % 200) as f64
        }))
    };
    let (a, b) = (picture(1, 2), picture(2, 1));
    assert_eq!(a.distance(&b), 40);
    // Thumbnails have 256 levels.
    assert!((a.correlation(&b).unwrap() - 0.436_711).abs() < 1e-3);
}

#[test]
fn an_even_image_equals_its_like_and_is_near_nothing() {
    let even = |width, height, value: u8| {
        Graymap::new(width, height, 255, vec![value; width * height]).unwrap()
    };
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
    let equal = |first, second| Duplicate {
        first,
        second,
        likeness: Likeness::Equal,
    };
    let found = NearDuplicates::default().within(&images);
    assert_eq!(found, Ok(vec![equal(0, 5), equal(1, 4)]));
}

#[test]
fn images_of_a_few_pixels_and_of_16_bits_are_taken() {
    let line = |samples: Vec<u16>| Graymap::new(samples.len(), 1, 65_535, samples).unwrap();
    let tall = Graymap::new(1, 3, 255, vec![0_u8, 9, 200]).unwrap();
    let images = all(&[line(vec![7, 60_000]), tall, line(vec![9, 50_000])]);
    assert!(!images.iter().any(Fingerprint::is_featureless));
    let found = NearDuplicates::default().within(&images).unwrap();
    // Two pixels have no more to show than which is the brighter one.
    assert_eq!((found.len(), found[0].first, found[0].second), (1, 0, 2));
    let eight = Fingerprint::of(&photo(1));
    let pixels: Vec<u16> = photo(1)
        .to_u8()
        .iter()
        .map(|&p| u16::from(p) * 257)
        .collect();
    let sixteen = Fingerprint::of(&Graymap::new(92, 112, 65_535, pixels).unwrap());
    assert!(!eight.has_same_pixels(&sixteen));
    assert_eq!(eight.correlation(&sixteen), Some(1.0));
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

    let few = NearDuplicates {
        max_pairs: 3,
        ..settings
    };
    let refused = few.within(&set).unwrap_err();
    assert_eq!(refused, DuplicatesError::TooManyPairs { limit: 3 });
    assert!(refused.to_string().contains("max_pairs"), "{refused}");
}

#[test]
fn settings_out_of_range_are_refused() {
    let settings = NearDuplicates::default();
    for correlation in [0.5, 1.1, f64::NAN] {
        let refused = NearDuplicates {
            correlation,
            ..settings
        }
        .within(&[]);
        assert!(matches!(refused, Err(DuplicatesError::Correlation { .. })));
    }
    let refused = NearDuplicates {
        radius: 32,
        ..settings
    }
    .within(&[]);
    let expected = DuplicatesError::Radius {
        largest: 31,
        found: 32,
    };
    assert_eq!(refused, Err(expected));
}

#[test]
fn files_of_any_size_are_read_and_all_bad_ones_named() {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, bytes: Vec<u8>| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let limits = Limits::default();
    let mut paths = vec![
        save("a", encode(&photo(3), Encoding::Raw)),
        save(
            "b",
            encode(&trimmed(&photo(4), [9, 0, 0, 30]), Encoding::Plain),
        ),
    ];
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build()
            .unwrap()
            .install(|| fingerprints(&paths, &limits))
    };
    let found = with_threads(1).unwrap();
    assert_eq!(found, with_threads(5).unwrap());
    let read = |path: &PathBuf| Fingerprint::of(&read(path, &limits).unwrap());
    assert_eq!(found, paths.iter().map(read).collect::<Vec<_>>());

    paths.push(save("short", b"P5 4 4 255\n".to_vec()));
    paths.push(folder.path().join("missing"));
    let Err(StackError::Files { errors, files: 4 }) = fingerprints(&paths, &limits) else {
        unreachable!("two of the four files are no images");
    };
    let bad: Vec<_> = errors.iter().map(|error| error.path.clone()).collect();
    assert_eq!(bad, paths[2..]);
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
            Fingerprint::of(&image(width, height, |_| 255.0 * next()))
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
        let [dim, bright] = [dim, bright].map(|image| Fingerprint::of(&image));
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
            Fingerprint::of(&image(8, 8, value))
        };
        let images: Vec<Fingerprint> = seeds.iter().map(near).collect();
        let settings = NearDuplicates { radius, correlation: 0.95, max_pairs: 1000 };
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
