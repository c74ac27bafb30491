//! What is made of a picture, and what is refused.

use gallery::{Fusion, Metric, NewGeneration, SqliteStore, Store};
use ndarray::Array4;
use siamese_net::{Domain, ImageStack, Recipe};
use siamese_use::{Fault, PictureReader, QualityLimits, Remark};

fn recipe() -> Recipe {
    let text = "name = 'small'\n[data]\nresize = { area = [16, 12] }\n[encoder]\ninput = [1, 16, 12]\nlayers = ['flatten']\n\
                [loss]\nkind = 'contrastive'\n[optimizer]\nkind = 'adam'\n[train]\nepochs = 1";
    Recipe::parse::<&str>(text, "small.toml", &[]).unwrap()
}

/// A grey picture of these pixels.
fn pgm(width: usize, height: usize, pixel: impl Fn(usize, usize) -> usize) -> Vec<u8> {
    let mut bytes = format!("P5 {width} {height} 255 ").into_bytes();
    for y in 0..height {
        bytes.extend((0..width).map(|x| pixel(y, x) as u8));
    }
    bytes
}

fn noise(y: usize, x: usize) -> usize {
    (y * 7919 + x * 104_729 + x * y * 31) % 251
}

fn with_reader<T>(limits: Option<QualityLimits>, test: impl FnOnce(PictureReader<'_>) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let made_for = NewGeneration {
        contract: "any".to_owned(),
        dimension: 2,
        metric: Metric::Cosine,
        fusion: Fusion::Best,
    };
    let store = SqliteStore::create(&folder.path().join("a.db"), &made_for, 0).unwrap();
    let recipe = recipe();
    let limits = limits.unwrap_or_else(|| QualityLimits::usual(&recipe, None));
    test(PictureReader::new(&recipe, store.digest_key(), limits))
}

#[test]
fn each_limit_refuses_what_is_beyond_it_and_none_lets_it_pass() {
    let poor = [
        (pgm(24, 32, |_, _| 9), "one colour"),
        (
            pgm(5, 16, noise),
            "too small: 16x5 pixels (height x width), expected at least 8x6",
        ),
        (pgm(12, 7, noise), "too small"),
        (
            pgm(24, 32, |y, x| 100 + noise(y, x) % 9),
            "too little contrast",
        ),
        (
            pgm(24, 32, |y, x| noise(y, x) / 126 * 255),
            "100 % of its pixels are black or white",
        ),
        (pgm(96, 128, |y, x| y + x), "blurred"),
    ];
    with_reader(None, |reader| {
        for (bytes, words) in &poor {
            let fault = reader
                .of_bytes(bytes.clone(), None)
                .unwrap_err()
                .to_string();
            assert!(fault.contains(words), "{fault}");
        }
        assert!(reader.of_bytes(pgm(24, 32, noise), None).is_ok());
        let fault = reader.of_bytes(b"no image".to_vec(), None).unwrap_err();
        assert!(matches!(fault, Fault::Read(_)), "{fault}");
    });
    with_reader(Some(QualityLimits::none()), |reader| {
        for (bytes, words) in poor {
            let read = reader.of_bytes(bytes, None);
            assert_eq!(read.is_err(), words == "one colour", "{words}");
        }
    });
}

#[test]
fn ink_on_paper_is_taken_by_a_model_that_learnt_from_ink_on_paper() {
    let ink = |shift: usize| move |y: usize, x: usize| noise(y + shift, x) / 126 * 255;
    let planes = Array4::from_shape_fn((40, 1, 16, 12), |(at, _, y, x)| ink(at)(y, x) as u8);
    let images = ImageStack::of_planes(planes).unwrap();
    let numbers: Vec<i64> = (0..40).collect();
    let subjects: Vec<u32> = (0..40).map(|at| at / 4).collect();
    let domain = Domain::fit(&images, &numbers, &subjects).unwrap();
    let limits = QualityLimits::usual(&recipe(), domain.as_ref());
    with_reader(Some(limits), |reader| {
        assert!(reader.of_bytes(pgm(24, 32, ink(0)), None).is_ok());
        let blurred = reader.of_bytes(pgm(96, 128, |y, x| y + x), None);
        assert!(blurred.is_err(), "the other limits are as they were");
    });
}

#[test]
fn a_picture_is_known_by_its_pixels_however_they_are_stored() {
    with_reader(None, |reader| {
        let reader = reader.keeping(true);
        let plain = reader.of_bytes(pgm(24, 32, noise), None).unwrap();
        let mut text = "P2 24 32 255\n".to_owned();
        for (y, x) in (0..32).flat_map(|y| (0..24).map(move |x| (y, x))) {
            text.push_str(&format!("{} ", noise(y, x)));
        }
        let other = reader.of_bytes(text.into_bytes(), None).unwrap();
        assert_eq!(plain.digest, other.digest);
        assert_eq!(plain.planes, other.planes);

        // A box of a larger picture, and the file that is kept of it.
        let large = pgm(50, 40, |y, x| noise((y + 40 - 3) % 40, (x + 50 - 6) % 50));
        let part = reader
            .of_bytes(large, Some("6,3,24,32".parse().unwrap()))
            .unwrap();
        assert_eq!((part.digest, &part.planes), (plain.digest, &plain.planes));
        let kept = reader.of_bytes(part.file.unwrap(), None).unwrap();
        assert_eq!(kept.digest, plain.digest);
    });
}

#[test]
fn a_shape_far_from_the_models_is_remarked() {
    with_reader(None, |reader| {
        let remarks = |width, height| {
            reader
                .of_bytes(pgm(width, height, noise), None)
                .unwrap()
                .remarks
        };
        assert_eq!(remarks(24, 32), []);
        assert_eq!(remarks(32, 32), []);
        let expected = Remark::Shape {
            found: [30, 40],
            expected: [16, 12],
        };
        assert_eq!(remarks(40, 30), [expected]);
        assert_eq!(remarks(20, 60).len(), 1);
    });
}
