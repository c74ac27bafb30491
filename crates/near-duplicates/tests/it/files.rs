//! Pictures in files.
#![cfg(feature = "files")]
use std::fs;
use std::path::PathBuf;

use image_stack::{Reading, StackError, open};
use near_duplicates::{Fingerprint, Likeness, NearDuplicates, fingerprints};
use pgm_io::Encoding;
use tempfile::TempDir;

use crate::photos::{Photo, photo, trimmed};

fn saved(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_jpeg_of_a_photo_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let photos: Vec<Photo> = (0..20).map(photo).collect();
    let paths: Vec<PathBuf> = (0..20)
        .map(|k| folder.path().join(format!("{k}.jpg")))
        .collect();
    for (photo, path) in photos.iter().zip(&paths) {
        let pixels = photo.pixels.clone();
        let grey = image::GrayImage::from_raw(92, 112, pixels).unwrap();
        let file = fs::File::create(path).unwrap();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(file, 30);
        grey.write_with_encoder(encoder).unwrap();
    }
    let copies = fingerprints(&paths, &Reading::default()).unwrap();
    let originals: Vec<Fingerprint> = photos.iter().map(Photo::fingerprint).collect();
    let found = NearDuplicates::default()
        .between(&copies, &originals)
        .unwrap();
    assert_eq!(found.len(), 20);
    assert!(found.iter().all(|pair| pair.first == pair.second));
}

/// A picture whose blue is a little darker is near to the grey one, but has other pixels.
#[test]
fn near_duplicates_see_brightness_and_equality_sees_colours() {
    let folder = tempfile::tempdir().unwrap();
    let picture = |turned: bool| -> Vec<u8> {
        let pixel = |i: usize| {
            let (y, x) = (i / 40, i % 40);
            let value = (y * 3 % 37 * 4 + x) as u8;
            if turned {
                [value; 3]
            } else {
                [value, value, value.saturating_sub(4)]
            }
        };
        let samples: Vec<u8> = (0..1600).flat_map(pixel).collect();
        [b"P6 40 40 255 ".to_vec(), samples].concat()
    };
    let paths = [
        saved(&folder, "a", &picture(false)),
        saved(&folder, "b", &picture(true)),
        saved(&folder, "c", &picture(false)),
    ];
    let found = fingerprints(&paths, &Reading::default()).unwrap();
    assert!(!found[0].has_same_pixels(&found[1]));
    assert!(found[0].has_same_pixels(&found[2]));
    let near = NearDuplicates::default().within(&found).unwrap();
    assert!(matches!(near[0].likeness, Likeness::Near { .. }));
    // Three equal channels are the grey image.
    assert_eq!(
        found[1],
        Fingerprint::of((&open(&paths[1], &Reading::default()).unwrap().grey()).into())
    );
}

#[test]
fn files_of_any_size_are_read_and_all_bad_ones_named() {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, bytes: Vec<u8>| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let reading = Reading::default();
    let mut paths = vec![
        save("a", photo(3).encoded(Encoding::Raw)),
        save(
            "b",
            trimmed(&photo(4), [9, 0, 0, 30]).encoded(Encoding::Plain),
        ),
    ];
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build()
            .unwrap()
            .install(|| fingerprints(&paths, &reading))
    };
    let found = with_threads(1).unwrap();
    assert_eq!(found, with_threads(5).unwrap());
    let read = |path: &PathBuf| Fingerprint::of((&open(path, &reading).unwrap()).into());
    assert_eq!(found, paths.iter().map(read).collect::<Vec<_>>());

    paths.push(save("short", b"P5 4 4 255\n".to_vec()));
    paths.push(folder.path().join("missing"));
    let Err(StackError::Files { errors, files: 4 }) = fingerprints(&paths, &reading) else {
        unreachable!("two of the four files are no images");
    };
    let bad: Vec<_> = errors.iter().map(|error| error.path.clone()).collect();
    assert_eq!(bad, paths[2..]);
}
