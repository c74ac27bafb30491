//! What is encoded decodes to itself.
use pgm_io::{Encoding, Graymap, Limits, decode, encode, images};
use proptest::collection::vec;
use proptest::prelude::*;

fn graymap() -> impl Strategy<Value = Graymap> {
    let maxval = prop_oneof![
        Just(1_u16),
        Just(255),
        Just(256),
        Just(u16::MAX),
        1..=255_u16,
        256..=u16::MAX
    ];
    (1..40_usize, 1..12_usize, maxval).prop_flat_map(|(width, height, maxval)| {
        vec(0..=maxval, width * height).prop_map(move |samples| {
            if maxval <= 255 {
                let samples: Vec<u8> = samples.iter().map(|&s| s as u8).collect();
                Graymap::new(width, height, maxval, samples).unwrap()
            } else {
                Graymap::new(width, height, maxval, samples).unwrap()
            }
        })
    })
}

fn encoding() -> impl Strategy<Value = Encoding> {
    prop_oneof![Just(Encoding::Plain), Just(Encoding::Raw)]
}

proptest! {
    #[test]
    fn decode_undoes_encode(image in graymap(), encoding in encoding()) {
        let bytes = encode(&image, encoding);
        prop_assert_eq!(decode(&bytes, &Limits::default()), Ok(image));
    }

    #[test]
    fn files_of_several_images_come_apart_again(
        film in vec((graymap(), encoding()), 1..5),
    ) {
        let bytes: Vec<u8> = film.iter().flat_map(|(image, e)| encode(image, *e)).collect();
        let decoded: Result<Vec<_>, _> = images(&bytes, &Limits::default()).collect();
        let expected: Vec<_> = film.into_iter().map(|(image, _)| image).collect();
        prop_assert_eq!(decoded, Ok(expected));
    }

    #[test]
    fn plain_lines_stay_within_70_bytes(image in graymap()) {
        let bytes = encode(&image, Encoding::Plain);
        let text = String::from_utf8(bytes).unwrap();
        prop_assert!(text.lines().all(|line| line.len() <= 70 && !line.ends_with(' ')));
    }

    #[test]
    fn scaling_is_the_nearest_and_keeps_the_order(image in graymap()) {
        let maxval = f64::from(image.maxval());
        let samples: Vec<f64> = match image.samples() {
            pgm_io::Samples::U8(samples) => samples.iter().map(|&s| f64::from(s)).collect(),
            pgm_io::Samples::U16(samples) => samples.iter().map(|&s| f64::from(s)).collect(),
        };
        for ((&exact, &byte), &word) in
            samples.iter().zip(image.to_u8().iter()).zip(image.to_u16().iter())
        {
            prop_assert!((exact * 255.0 / maxval - f64::from(byte)).abs() <= 0.5 + 1e-9);
            prop_assert!((exact * 65_535.0 / maxval - f64::from(word)).abs() <= 0.5 + 1e-9);
        }
    }

    #[test]
    fn every_cut_of_a_file_is_refused(image in graymap(), encoding in encoding(), cut in 0.0..1.0) {
        let mut bytes = encode(&image, encoding);
        // The last line end of P2 may go, and with it a digit more would leave a valid number.
        let digits = bytes.iter().rev().skip(1).take_while(|b| b.is_ascii_digit()).count();
        let keep = if encoding == Encoding::Plain { digits } else { 0 };
        let length = ((bytes.len() - 1 - keep) as f64 * cut) as usize;
        bytes.truncate(length);
        prop_assert!(decode(&bytes, &Limits::default()).is_err());
    }
}
