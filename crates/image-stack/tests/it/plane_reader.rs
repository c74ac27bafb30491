//! Images of a set, one at a time.
use std::fs;
use std::path::PathBuf;

use image_stack::{Channels, PlaneReader, ReadError, Reading, Resize, StackError, decode_planes};
use pgm_io::{Encoding, Graymap, encode};
use tempfile::TempDir;

/// Six images, every second one in colour; all of one size but where `odd` says otherwise.
fn files(folder: &TempDir, odd: bool) -> Vec<PathBuf> {
    let one = |i: usize| {
        let (width, height) = if odd && i == 3 { (7, 9) } else { (8, 5) };
        let samples = |channels: usize| -> Vec<u8> {
            let count = channels * width * height;
            (0..count).map(|k| (k * 37 + i * 11) as u8).collect()
        };
        let bytes = if i.is_multiple_of(2) {
            let image = Graymap::new(width, height, 255, samples(1)).unwrap();
            encode(&image, Encoding::Raw)
        } else {
            [
                format!("P6 {width} {height} 255\n").into_bytes(),
                samples(3),
            ]
            .concat()
        };
        let path = folder.path().join(i.to_string());
        fs::write(&path, bytes).unwrap();
        path
    };
    (0..6).map(one).collect()
}

#[test]
fn each_image_is_what_it_is_among_all() {
    let folder = tempfile::tempdir().unwrap();
    let reading = Reading::default();
    for (resize, odd) in [
        (Resize::None, false),
        (Resize::Stride(2), false),
        (
            Resize::Area {
                height: 4,
                width: 3,
            },
            true,
        ),
    ] {
        let paths = files(&folder, odd);
        for channels in [Channels::Grey, Channels::Rgb] {
            let all = decode_planes(&paths, channels, resize, &reading)
                .unwrap()
                .pixels;
            let reader = PlaneReader::new(&paths, channels, resize, &reading).unwrap();
            assert_eq!(reader.shape(), all.shape()[1..]);
            let mut out = vec![0; reader.shape().iter().product()];
            for (path, expected) in paths.iter().zip(all.outer_iter()) {
                reader.read(path, &mut out).unwrap();
                assert!(expected.iter().eq(&out), "{resize:?}, {channels:?}");
            }
        }
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let paths = files(&folder, true);
    let reading = Reading::default();
    let reader = PlaneReader::new(&paths, Channels::Grey, Resize::None, &reading).unwrap();
    let mut out = [0; 40];
    let error = reader.read(&paths[3], &mut out).unwrap_err();
    assert!(matches!(
        error.source,
        ReadError::Size {
            expected: (8, 5),
            found: (7, 9)
        }
    ));
    assert!(
        error
            .to_string()
            .starts_with(&paths[3].display().to_string())
    );
    fs::remove_file(&paths[4]).unwrap();
    let error = reader.read(&paths[4], &mut out).unwrap_err();
    assert!(matches!(error.source, ReadError::Io { .. }), "{error}");
    assert_eq!(error.path, paths[4]);

    let resize = Resize::Area {
        height: usize::MAX,
        width: 3,
    };
    let error = PlaneReader::new(&paths, Channels::Rgb, resize, &reading).unwrap_err();
    assert!(matches!(
        error,
        StackError::Memory {
            images: 6,
            channels: 3,
            width: 3,
            ..
        }
    ));

    let bad = [&paths[4], &paths[0], &paths[4]];
    let error = PlaneReader::new(&bad, Channels::Grey, Resize::None, &reading).unwrap_err();
    assert!(matches!(error, StackError::Files { errors, .. } if errors.len() == 2));
    let error = PlaneReader::new(&paths, Channels::Grey, Resize::Stride(0), &reading).unwrap_err();
    assert!(matches!(error, StackError::ZeroResize { .. }));
}
