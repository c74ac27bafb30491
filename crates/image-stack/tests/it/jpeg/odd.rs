//! Files that are whole, but not plain.

use image::codecs::jpeg::JpegEncoder;
use image::{ImageBuffer, Rgb};

use super::{FILES, PROGRESSIVE, RESTARTS, colours, decoded, places, segment, with};

/// All files, changed in the same way, have the pixels that they had.
fn same_pixels(change: impl Fn(&[u8]) -> Vec<u8>) {
    for (name, file) in FILES {
        let changed = change(file);
        let image = decoded(&changed).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(colours(&image), colours(&decoded(file).unwrap()), "{name}");
    }
}

#[test]
fn a_thumbnail_is_not_the_image() {
    let thumbnail = [&b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"[..], RESTARTS].concat();
    same_pixels(|file| with(file, &segment(0xe1, &thumbnail)));
}

#[test]
fn what_lies_behind_the_image_is_left_alone() {
    let maker = b"\0\0\xff\xda\xff\xd8 SEFT".repeat(20);
    same_pixels(|file| [file, &maker].concat());
    same_pixels(|file| [file, &[0xff][..]].concat());
}

#[test]
fn of_several_images_the_first_is_read() {
    // As in files with a gain map, and in multi-picture files, which name the others in a segment.
    let index = segment(0xe2, b"MPF\0MM\0*\0\0\0\x08\0\0\0\0\0\0");
    same_pixels(|file| [&with(file, &index), PROGRESSIVE].concat());
    // The second one cut.
    same_pixels(|file| [file, &PROGRESSIVE[..100]].concat());
    same_pixels(|file| [file, &vec![0; 512], RESTARTS].concat());
}

#[test]
fn fillers_before_markers_are_read() {
    same_pixels(|file| {
        let mut filled = file[..2].to_vec();
        for pair in file[2..].windows(2) {
            filled.push(pair[0]);
            if pair[0] == 0xff && pair[1] > 0xd7 {
                filled.extend([0xff; 3]);
            }
        }
        filled.extend(file.last());
        filled
    });
}

#[test]
fn comments_and_unknown_segments_are_read_over() {
    let segments = [
        segment(0xfe, b"a comment with \xff\xd9 in it"),
        segment(0xef, &[0xff; 300]),
        segment(0xe2, b"ICC_PROFILE\0\x01\x01not a profile"),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
    ];
    same_pixels(|file| with(file, &segments.concat()));
}

#[test]
fn bytes_between_the_last_block_and_the_end_are_left_out() {
    same_pixels(|file| [&file[..file.len() - 2], &[0; 40], &file[file.len() - 2..]].concat());
}

#[test]
fn a_number_of_lines_behind_the_scan_is_refused_by_name() {
    let place = places(RESTARTS, 0xc0)[0];
    let mut later = RESTARTS.to_vec();
    later[place + 5..place + 7].fill(0);
    let end = RESTARTS.len() - 2;
    let again = [&RESTARTS[..end], &segment(0xdc, &[0, 29]), &RESTARTS[end..]].concat();
    for file in [later, again] {
        let error = decoded(&file).unwrap_err().to_string();
        assert!(
            error.contains("found a number of lines behind the first scan"),
            "{error}"
        );
    }
}

#[test]
fn frames_of_video_need_not_repeat_their_tables() {
    let picture = ImageBuffer::from_fn(37, 29, |x, y| {
        Rgb([4 * x, 8 * y, 255 - 3 * (x + y)].map(|v| v as u8))
    });
    let mut whole = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut whole, 80);
    picture.write_with_encoder(encoder).unwrap();
    let mut bare = whole.clone();
    while let Some(&place) = places(&bare, 0xc4).first() {
        let length = usize::from(u16::from_be_bytes([bare[place + 2], bare[place + 3]]));
        bare.drain(place..place + 2 + length);
    }
    assert!(decoded(&bare).is_err());
    let frame = with(&bare, &segment(0xe0, b"AVI1\0\0\0\0\0\0\0\0\0\0"));
    assert_eq!(
        colours(&decoded(&frame).unwrap()),
        colours(&decoded(&whole).unwrap())
    );
    assert!(decoded(&frame[..frame.len() - 9]).is_err());
}

#[test]
fn an_end_inside_a_segment_is_no_end() {
    let comment = segment(0xfe, b"\xff\xd9");
    let place = places(RESTARTS, 0xda)[0];
    let changed = [&RESTARTS[..place], &comment, &RESTARTS[place..]].concat();
    assert_eq!(
        colours(&decoded(&changed).unwrap()),
        colours(&decoded(RESTARTS).unwrap())
    );
}
