//! Many files to one array.
use std::fs;
use std::path::{Path, PathBuf};

use image_stack::{
    DecodeError, Limits, RasterSamples, ReadError, Reading, Resize, StackError, decode_stack, open,
};
use pgm_io::{Encoding, Graymap, encode};
use proptest::prelude::*;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// An image whose pixels differ from those of any other `seed`.
fn image(width: usize, height: usize, maxval: u16, seed: usize) -> Graymap {
    let range = usize::from(maxval) + 1;
    let samples = (0..width * height).map(|i| (i * 7919 + seed * 104_729 + i * i) % range);
    if maxval <= 255 {
        Graymap::new(
            width,
            height,
            maxval,
            samples.map(|s| s as u8).collect::<Vec<_>>(),
        )
        .unwrap()
    } else {
        Graymap::new(
            width,
            height,
            maxval,
            samples.map(|s| s as u16).collect::<Vec<_>>(),
        )
        .unwrap()
    }
}

fn save(folder: &Path, name: &str, image: &Graymap, encoding: Encoding) -> PathBuf {
    save_bytes(folder, name, &encode(image, encoding))
}

fn save_bytes(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn images_stand_in_the_order_of_their_paths() {
    let folder = folder();
    let images: Vec<_> = (0..150).map(|i| image(9, 7, 255, i)).collect();
    let mut order: Vec<usize> = (0..150).collect();
    order.sort_by_key(|i| i * 37 % 150);
    let paths: Vec<_> = order
        .iter()
        .map(|&i| {
            let encoding = if i % 3 == 0 {
                Encoding::Plain
            } else {
                Encoding::Raw
            };
            save(folder.path(), &format!("{i}.pgm"), &images[i], encoding)
        })
        .collect();
    let stack = decode_stack(&paths, Resize::None, &Reading::default()).unwrap();
    assert_eq!(stack.shape(), [150, 7, 9]);
    for (layer, &i) in stack.outer_iter().zip(&order) {
        assert_eq!(layer.as_slice().unwrap(), &*images[i].to_u8());
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = folder();
    let paths: Vec<_> = (0..40)
        .map(|i| {
            save(
                folder.path(),
                &i.to_string(),
                &image(20, 10, 255, i),
                Encoding::Raw,
            )
        })
        .collect();
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| decode_stack(&paths, Resize::Stride(3), &Reading::default()).unwrap())
    };
    assert_eq!(with_threads(1), with_threads(7));
}

#[test]
fn any_maxval_is_spread_over_the_bytes() {
    let folder = folder();
    for (i, maxval) in [1, 9, 254, 255, 256, 999, 65_535].into_iter().enumerate() {
        let image = image(5, 4, maxval, i);
        for encoding in [Encoding::Plain, Encoding::Raw] {
            let path = save(folder.path(), "image", &image, encoding);
            let stack = decode_stack(&[path], Resize::None, &Reading::default()).unwrap();
            assert_eq!(
                stack.as_slice().unwrap(),
                &*image.to_u8(),
                "maxval {maxval}"
            );
        }
    }
}

#[test]
fn no_paths_make_an_empty_stack() {
    let none: [&Path; 0] = [];
    let stack = |resize| decode_stack(&none, resize, &Reading::default()).unwrap();
    assert_eq!(stack(Resize::None).shape(), [0, 0, 0]);
    assert_eq!(
        stack(Resize::Area {
            height: 3,
            width: 2
        })
        .shape(),
        [0, 3, 2]
    );
}

#[test]
fn steps_and_sides_of_zero_are_refused() {
    let none: [&Path; 0] = [];
    for resize in [
        Resize::Stride(0),
        Resize::Area {
            height: 0,
            width: 1,
        },
        Resize::Area {
            height: 1,
            width: 0,
        },
    ] {
        let error = decode_stack(&none, resize, &Reading::default()).unwrap_err();
        assert!(matches!(error, StackError::ZeroResize { .. }));
    }
}

#[test]
fn every_bad_file_is_reported_in_order() {
    let folder = folder();
    let good = save(
        folder.path(),
        "good.pgm",
        &image(4, 4, 255, 0),
        Encoding::Raw,
    );
    let png = save_bytes(folder.path(), "png.pgm", b"\x89PNG\r\n\x1a\n");
    let short = save_bytes(folder.path(), "short.pgm", b"P5 4 4 255\n\x00");
    let missing = folder.path().join("missing.pgm");
    let paths = [&png, &good, &short, &good, &missing];
    let error = decode_stack(&paths, Resize::None, &Reading::default()).unwrap_err();
    let message = error.to_string();
    let StackError::Files { errors, files } = error else {
        panic!("{error}")
    };
    assert_eq!(files, 5);
    let reported: Vec<_> = errors.iter().map(|error| &error.path).collect();
    assert_eq!(reported, [&png, &short, &missing]);
    assert!(matches!(errors[2].source, ReadError::Io { .. }));
    assert!(
        message.starts_with("3 of 5 files cannot be used:\n"),
        "{message}"
    );
    for path in [&png, &short, &missing] {
        assert!(message.contains(&path.display().to_string()), "{message}");
    }
}

#[test]
fn a_bad_first_file_hides_no_other() {
    let folder = folder();
    let good = save(
        folder.path(),
        "good.pgm",
        &image(4, 4, 255, 0),
        Encoding::Raw,
    );
    let bad = folder.path().join("missing.pgm");
    for paths in [[&bad, &good, &bad], [&good, &bad, &bad]] {
        match decode_stack(&paths, Resize::None, &Reading::default()) {
            Err(StackError::Files { errors, files: 3 }) => assert_eq!(errors.len(), 2),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_long_list_of_bad_files_is_cut_with_a_count() {
    let folder = folder();
    let paths: Vec<_> = (0..25)
        .map(|i| folder.path().join(format!("missing-{i}")))
        .collect();
    let error = decode_stack(&paths, Resize::None, &Reading::default()).unwrap_err();
    let message = error.to_string();
    assert_eq!(message.lines().count(), 12, "{message}");
    assert!(message.ends_with("\n  ... and 15 more"), "{message}");
    assert!(matches!(error, StackError::Files { errors, .. } if errors.len() == 25));
}

#[test]
fn sizes_that_differ_are_listed_with_examples() {
    let folder = folder();
    let mut paths = Vec::new();
    for i in 0..3 {
        paths.push(save(
            folder.path(),
            &format!("s{i}"),
            &image(8, 9, 255, i),
            Encoding::Raw,
        ));
    }
    for i in 0..5 {
        paths.push(save(
            folder.path(),
            &format!("l{i}"),
            &image(10, 9, 255, i),
            Encoding::Plain,
        ));
    }
    for resize in [Resize::None, Resize::Stride(4)] {
        let error = decode_stack(&paths, resize, &Reading::default()).unwrap_err();
        let message = error.to_string();
        let StackError::Sizes { groups } = error else {
            panic!("{error}")
        };
        assert_eq!(groups.len(), 2);
        assert_eq!(
            (groups[0].width, groups[0].height, groups[0].count),
            (10, 9, 5)
        );
        assert_eq!(groups[0].examples, paths[3..6]);
        assert_eq!((groups[1].width, groups[1].count), (8, 3));
        assert!(
            message.contains("10x9 (width x height): 5 files"),
            "{message}"
        );
        assert!(message.contains("use `Resize::Area`"), "{message}");
    }
    let area = Resize::Area {
        height: 3,
        width: 4,
    };
    let stack = decode_stack(&paths, area, &Reading::default()).unwrap();
    assert_eq!(stack.shape(), [8, 3, 4]);
}

#[test]
fn limits_hold_for_files_as_for_bytes() {
    let folder = folder();
    let path = save(
        folder.path(),
        "8x8.pgm",
        &image(8, 8, 255, 0),
        Encoding::Raw,
    );
    let narrow = Limits::new().with_max_width(7);
    let error = open(&path, &narrow.into()).unwrap_err();
    assert!(matches!(
        error.source,
        ReadError::Decode(DecodeError::Limit { .. })
    ));
    assert!(
        error
            .to_string()
            .contains("8x8.pgm: byte 3: expected a width of at most 7, found 8")
    );
    let small = Limits::new().with_max_file_bytes(74);
    let error = open(&path, &small.into()).unwrap_err();
    assert!(
        matches!(error.source, ReadError::TooLong { limit: 74 }),
        "{error}"
    );
    let enough = Limits::new().with_max_file_bytes(75);
    assert!(open(&path, &enough.into()).is_ok());
}

#[test]
fn files_longer_than_the_first_read_come_whole() {
    let folder = folder();
    for (width, height) in [(256, 256), (1000, 700), (65_524, 1), (65_523, 1)] {
        let image = image(width, height, 255, 3);
        let path = save(folder.path(), "large.pgm", &image, Encoding::Raw);
        let found = open(&path, &Reading::default()).unwrap();
        assert_eq!((found.width(), found.height()), (width, height));
        assert_eq!(*found.samples(), RasterSamples::U8(image.to_u8()));
    }
}

#[test]
fn folders_and_missing_files_say_what_to_do() {
    let folder = folder();
    let message = open(folder.path(), &Reading::default())
        .unwrap_err()
        .to_string();
    assert!(
        message.ends_with("give the files in the folder"),
        "{message}"
    );
    let message = open(folder.path().join("x"), &Reading::default())
        .unwrap_err()
        .to_string();
    assert!(message.ends_with("check the path"), "{message}");
}

/// The mean over the area under each new pixel, in floating point and without separation.
fn area_oracle(pixels: &[u8], (w, h): (usize, usize), (nw, nh): (usize, usize)) -> Vec<f64> {
    let overlap = |i: usize, new: usize, j: usize, old: usize| {
        let scale = old as f64 / new as f64;
        let (start, end) = (i as f64 * scale, (i + 1) as f64 * scale);
        (end.min((j + 1) as f64) - start.max(j as f64)).max(0.0)
    };
    let mut means = Vec::new();
    for y in 0..nh {
        for x in 0..nw {
            let (mut sum, mut area) = (0.0, 0.0);
            for row in 0..h {
                for column in 0..w {
                    let part = overlap(y, nh, row, h) * overlap(x, nw, column, w);
                    sum += part * f64::from(pixels[row * w + column]);
                    area += part;
                }
            }
            means.push(sum / area);
        }
    }
    means
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn stride_is_every_kth_row_and_column(
        width in 1..30_usize, height in 1..30_usize, step in 1..12_usize,
        maxval in prop_oneof![Just(255_u16), 1..1000_u16], seed in 0..100_usize,
    ) {
        let folder = folder();
        let image = image(width, height, maxval, seed);
        let path = save(folder.path(), "image", &image, Encoding::Raw);
        let stack = decode_stack(&[path], Resize::Stride(step), &Reading::default()).unwrap();
        let pixels = image.to_u8();
        let naive: Vec<u8> = (0..height)
            .step_by(step)
            .flat_map(|y| (0..width).step_by(step).map(move |x| (y, x)))
            .map(|(y, x)| pixels[y * width + x])
            .collect();
        prop_assert_eq!(stack.shape(), [1, height.div_ceil(step), width.div_ceil(step)]);
        prop_assert_eq!(stack.as_slice().unwrap(), naive);
    }

    #[test]
    fn area_is_the_mean_of_what_each_pixel_covers(
        size in (1..24_usize, 1..24_usize), new in (1..24_usize, 1..24_usize), seed in 0..100_usize,
    ) {
        let folder = folder();
        let image = image(size.0, size.1, 255, seed);
        let path = save(folder.path(), "image", &image, Encoding::Raw);
        let resize = Resize::Area { height: new.1, width: new.0 };
        let stack = decode_stack(&[path], resize, &Reading::default()).unwrap();
        prop_assert_eq!(stack.shape(), [1, new.1, new.0]);
        for (&found, mean) in stack.iter().zip(area_oracle(&image.to_u8(), size, new)) {
            prop_assert!((f64::from(found) - mean).abs() <= 0.5 + 1e-9, "{} for {}", found, mean);
        }
    }
}

#[test]
fn area_of_16_bit_samples_is_rounded_once() {
    let folder = folder();
    // Rounded to bytes first, these would be 0 and 1, and their mean 1.
    let image = Graymap::new(2, 1, 65_535, vec![0_u16, 129]).unwrap();
    let path = save(folder.path(), "image", &image, Encoding::Raw);
    let resize = Resize::Area {
        height: 1,
        width: 1,
    };
    let stack = decode_stack(&[path], resize, &Reading::default()).unwrap();
    assert_eq!(stack.as_slice().unwrap(), [0]);
}

#[test]
fn no_images_of_an_absurd_size_are_an_error_and_no_panic() {
    let area = Resize::Area {
        height: usize::MAX,
        width: 3,
    };
    let none: [&str; 0] = [];
    let error = decode_stack(&none, area, &Reading::default()).unwrap_err();
    assert!(matches!(error, StackError::Memory { images: 0, .. }));
}
