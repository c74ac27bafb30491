//! Images on their way from files to a network.

use std::fs;
use std::path::Path;

use image::{Rgba, RgbaImage};
use siamese_lab::{Data, DataSource, Note, Suggestion};
use siamese_net::Recipe;

const RECIPE: &str = r#"name = "inks"
[data]
resize = { area = [8, 8] }
[protocol]
name = "k-fold:2"
[encoder]
input = [1, 8, 8]
layers = ["flatten", { dense = 4 }]
[loss]
kind = "contrastive"
[optimizer]
kind = "adam"
[train]
epochs = 1
batch = 16
"#;

/// Strokes of black ink, another one in each image, on paper of that colour and opacity.
fn signatures(folder: &Path, paper: [u8; 4]) {
    for subject in 0..4_u32 {
        let of_one = folder.join(format!("s{subject}"));
        fs::create_dir_all(&of_one).unwrap();
        for number in 0..4_u32 {
            let stroke = 1 + 4 * subject + number;
            let image = RgbaImage::from_fn(20, 20, |x, y| match x == stroke || y == stroke {
                true => Rgba([0, 0, 0, 255]),
                false => Rgba(paper),
            });
            image.save(of_one.join(format!("{number}.png"))).unwrap();
        }
    }
}

/// The checksum of the pixels, and what is said of them.
fn read(folder: &Path, memory: Option<u64>, overrides: &[&str]) -> (String, Vec<Note>) {
    let recipe = Recipe::parse(RECIPE, "inks", overrides).unwrap();
    let data = Data::find(folder).unwrap().within(memory);
    let loaded = data.load(&recipe).unwrap();
    (loaded.stack.sha256().to_owned(), loaded.notes())
}

#[test]
fn black_ink_on_transparent_black_is_seen_on_white_where_the_recipe_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (clear, white) = (folder.path().join("clear"), folder.path().join("white"));
    signatures(&clear, [0; 4]);
    signatures(&white, [255; 4]);
    // All at once, and streamed.
    for memory in [None, Some(500)] {
        let on_white = ["data.background=white"];
        let (found, notes) = read(&clear, memory, &on_white);
        assert_eq!(found, read(&white, memory, &on_white).0);
        assert!(!notes.iter().any(|note| matches!(note, Note::Flat { .. })));

        // A recipe from before there were backgrounds sees black alone, and says so.
        let (found, notes) = read(&clear, memory, &[]);
        assert_ne!(found, read(&white, memory, &[]).0);
        let said: Vec<String> = notes.iter().map(Note::to_string).collect();
        let opacity = "note: 16 of 16 images have transparent pixels, whose opacity is ignored";
        assert!(said[0].starts_with(opacity), "{}", said[0]);
        assert!(
            said[0].contains("--set data.background=white"),
            "{}",
            said[0]
        );
        let flat = "note: 16 of 16 images show nothing: all their pixels have one colour: ";
        assert!(said[1].starts_with(flat), "{}", said[1]);
        assert!(
            said[1].contains("s0/0.png") && said[1].ends_with(" and 13 more"),
            "{}",
            said[1]
        );
    }
}

#[test]
fn a_suggested_recipe_sees_transparent_images_on_white() {
    let folder = tempfile::tempdir().unwrap();
    let (clear, white) = (folder.path().join("clear"), folder.path().join("white"));
    signatures(&clear, [0; 4]);
    signatures(&white, [255; 4]);
    let [clear, white] =
        [&clear, &white].map(|set| Suggestion::new(&Data::find(set).unwrap(), "inks").unwrap());
    assert_eq!(
        (clear.survey.mean, clear.survey.sd),
        (white.survey.mean, white.survey.sd)
    );
    assert!(clear.survey.mean > 0.8, "{}", clear.survey.mean);
    assert_eq!(
        (clear.survey.transparent, white.survey.transparent),
        (16, 0)
    );
    assert_eq!(clear.survey.notes, []);
    // Scans of pure black and white are ink on paper as well.
    assert!(white.survey.is_ink());
    assert!(white.text.contains("flip = 0.0"), "{}", white.text);
    assert!(
        clear.text.contains("background = \"white\""),
        "{}",
        clear.text
    );
    assert!(
        clear
            .text
            .contains("16 of 16 images have transparent pixels"),
        "{}",
        clear.text
    );
}

#[test]
fn a_suggestion_names_images_of_one_colour_and_every_bad_one() {
    let folder = tempfile::tempdir().unwrap();
    signatures(folder.path(), [255; 4]);
    let blank = folder.path().join("s1/0.png");
    RgbaImage::from_pixel(9, 9, Rgba([7; 4]))
        .save(&blank)
        .unwrap();
    let found = Suggestion::new(&Data::find(folder.path()).unwrap(), "inks").unwrap();
    let [note] = &found.survey.notes[..] else {
        panic!("{:?}", found.survey.notes)
    };
    assert!(
        note.to_string().contains("1 of 16 images show nothing"),
        "{note}"
    );
    assert!(note.to_string().ends_with("s1/0.png"), "{note}");

    for bad in ["s2/1.png", "s3/0.png"] {
        fs::write(folder.path().join(bad), b"\x89PNG\r\n\x1a\n").unwrap();
    }
    let error = Suggestion::new(&Data::find(folder.path()).unwrap(), "inks")
        .err()
        .unwrap();
    let text = siamese_lab::explain(&error);
    assert!(
        text.contains("s2/1.png") && text.contains("s3/0.png"),
        "{text}"
    );
}

#[test]
fn every_bad_image_is_named_and_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    signatures(folder.path(), [255; 4]);
    let bad = ["s1/2.png", "s3/0.png", "s3/1.png", "s3/2.png", "s3/3.png"];
    for file in bad {
        let path = folder.path().join(file);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 3]).unwrap();
    }
    let recipe = Recipe::parse::<&str>(RECIPE, "inks", &[]).unwrap();
    // All at once, and streamed.
    for memory in [None, Some(500)] {
        let data = Data::find(folder.path()).unwrap().within(memory);
        let error = data.load(&recipe).err().unwrap();
        let text = siamese_lab::explain(&error);
        assert!(text.starts_with("5 of 16 files cannot be used:"), "{text}");
        assert!(bad.iter().all(|file| text.contains(file)), "{text}");
        assert!(text.contains("--skip-bad"), "{text}");

        let mut source = DataSource::new(folder.path());
        source.skip_bad = true;
        let data = Data::find(source).unwrap().within(memory);
        assert_eq!((data.catalog.subjects(), data.catalog.len()), (3, 11));
        assert_eq!(
            data.skipped().unwrap(),
            "skipped: 5 unreadable images (1 of s1, 4 of s3, which has no other)"
        );
        let loaded = data.load(&recipe).unwrap();
        assert_eq!(loaded.stack.len(), 11);
        let said: Vec<String> = loaded.notes().iter().map(Note::to_string).collect();
        let unread = said
            .iter()
            .find(|said| said.contains("cannot be read"))
            .unwrap();
        assert!(unread.starts_with("note: 5 of 16 images"), "{unread}");
        assert!(bad.iter().all(|file| unread.contains(file)), "{unread}");
    }
}

#[test]
fn errors_speak_of_options_and_not_of_the_library() {
    let folder = tempfile::tempdir().unwrap();
    signatures(folder.path(), [255; 4]);
    let recipe = Recipe::parse::<&str>(RECIPE, "inks", &[]).unwrap();
    let mut source = DataSource::new(folder.path());
    source.max_pixels = Some(399);
    let error = Data::find(source).unwrap().load(&recipe).err().unwrap();
    let text = siamese_lab::explain(&error);
    assert!(
        text.contains("--max-pixels") && !text.contains("Limits::"),
        "{text}"
    );
    assert!(text.contains("... and 6 more"), "{text}");
}

#[test]
fn what_is_no_image_is_counted_by_its_ending() {
    let folder = tempfile::tempdir().unwrap();
    signatures(folder.path(), [255; 4]);
    let subject = fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    for name in ["a.heic", "b.HEIC", "notes.txt"] {
        fs::write(subject.join(name), "").unwrap();
    }
    let said = Data::find(folder.path()).unwrap().skipped().unwrap();
    assert_eq!(said, "skipped: 3 not images (2 .heic, 1 .txt)");
}
