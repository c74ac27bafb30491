//! What is data and what it says in words.

use std::error::Error as _;

use siamese_lab::{Data, DataError, Error, Note, explain};

#[test]
fn a_folder_that_is_not_there_is_an_error_by_its_path() {
    let error = Data::find("nowhere/at/all").err().unwrap();
    match &error {
        Error::Data(DataError::Missing { path }) => {
            assert_eq!(path.to_str(), Some("nowhere/at/all"))
        }
        other => panic!("{other}"),
    }
    assert!(error.source().is_none());
    assert!(explain(&error).starts_with("nowhere/at/all does not exist"));
}

#[test]
fn a_note_is_data_and_a_sentence() {
    let note = Note::Grey {
        grey: 1200,
        images: 3400,
    };
    assert_eq!(
        note.to_string(),
        "1,200 of 3,400 images are grey: their red, green and blue are equal"
    );
}
