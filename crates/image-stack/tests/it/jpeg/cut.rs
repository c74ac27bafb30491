//! Files that lack something.

use image_stack::ReadError;

use super::{FILES, PROGRESSIVE, RESTARTS, decoded, places, segment, with};

fn refusal(bytes: &[u8]) -> String {
    match decoded(bytes) {
        Err(error @ ReadError::Foreign { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_is_refused_wherever_it_is_cut() {
    for (name, file) in FILES {
        assert!(decoded(file).is_ok(), "{name}");
        let file = with(file, &segment(0xe1, b"Exif\0\0MM\0*\0\0\0\x08\0\0"));
        assert!(decoded(&file).is_ok(), "{name} with EXIF");
        for length in 0..file.len() {
            assert!(
                decoded(&file[..length]).is_err(),
                "{name} cut to {length} bytes"
            );
        }
    }
}

#[test]
fn a_cut_file_with_an_end_put_behind_it_is_refused() {
    for (name, file) in FILES {
        let scans = places(file, 0xda);
        for length in scans[0] + 2..file.len() - 2 {
            let mended = [&file[..length], &[0xff, 0xd9]].concat();
            // Where a scan of several ends, nothing shows that more followed.
            let between = name.starts_with("progressive") && is_between_scans(file, length);
            assert!(
                between || decoded(&mended).is_err(),
                "{name} cut to {length} bytes"
            );
        }
    }
}

/// Whether no scan is begun and unfinished in that many bytes of a file, or one is whose bits all were read.
fn is_between_scans(file: &[u8], length: usize) -> bool {
    let mut starts = places(file, 0xda)
        .into_iter()
        .filter(|&start| start + 2 <= length);
    let start = starts.next_back().unwrap();
    let header = start + 2 + usize::from(u16::from_be_bytes([file[start + 2], file[start + 3]]));
    let is_marker = |at: &usize| file[*at] == 0xff && !matches!(file[at + 1], 0 | 0xd0..=0xd7);
    let end = (header..file.len() - 1).find(is_marker);
    end.is_some_and(|end| length >= end)
}

#[test]
fn the_refusal_says_where_the_file_ends() {
    let exif = with(PROGRESSIVE, &segment(0xe1, &[0; 100]));
    let tables = places(PROGRESSIVE, 0xc4)[0] + 8;
    let scan = PROGRESSIVE.len() - 5;
    for (file, length, expected) in [
        (
            &exif[..],
            50,
            "byte 50, inside the EXIF or XMP block; the file has been cut",
        ),
        (PROGRESSIVE, tables, "inside a table; the file has been cut"),
        (
            PROGRESSIVE,
            scan,
            "inside the pixels; the file has been cut",
        ),
        (PROGRESSIVE, 4, "inside metadata; the file has been cut"),
    ] {
        let refusal = refusal(&file[..length]);
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn a_lost_part_between_restart_markers_is_missed() {
    let restarts: Vec<_> = (0xd0..=0xd7)
        .flat_map(|marker| places(RESTARTS, marker))
        .collect();
    assert!(restarts.len() >= 2, "{restarts:?}");
    let lost = [&RESTARTS[..restarts[0]], &RESTARTS[restarts[1]..]].concat();
    let refusal = refusal(&lost);
    assert!(
        refusal.contains("expected the next restart marker at byte"),
        "{refusal}"
    );
}

#[test]
fn fewer_codes_than_blocks_are_counted() {
    let start = places(RESTARTS, 0xda)[0];
    let first = places(RESTARTS, 0xd0)[0];
    let refusal = refusal(&[&RESTARTS[..first - 4], &RESTARTS[RESTARTS.len() - 2..]].concat());
    let expected = "expected 6 units of pixels in the scan that begins at byte";
    assert!(refusal.contains(expected), "{start}: {refusal}");
}

#[test]
fn a_component_without_a_scan_is_missed() {
    // The end of the image behind the first scan, which has no more than the DC coefficients of the brightness.
    let grey_first = PROGRESSIVE.to_vec();
    let scans = places(&grey_first, 0xda);
    let mut file = grey_first[..scans[0]].to_vec();
    file.extend([0xff, 0xd9]);
    assert!(
        refusal(&file).contains("expected a scan"),
        "{}",
        refusal(&file)
    );
}

#[test]
fn damage_that_makes_no_codes_is_refused() {
    let (name, file) = FILES[0];
    let start = places(file, 0xda)[0] + 14;
    let mut found = 0;
    let mut damaged = file.to_vec();
    for at in start..file.len() - 2 {
        damaged[at] = 0xfe;
        found += usize::from(decoded(&damaged).is_err());
        damaged[at] = file[at];
    }
    // Most of it. What makes other codes cannot be told from an image.
    assert!(2 * found > file.len() - 2 - start, "{name}: {found}");
}
