//! A gallery that another process moves to a new model while it is in use.

use siamese_use::gallery::{Error as GalleryError, Store};
use siamese_use::{
    EnrolSettings, Error, Opened, PictureReader, QualityLimits, enrol, entries_of_folder, identify,
};

use crate::people::{another_model, enrolled};

#[test]
fn vectors_of_the_old_model_do_not_meet_those_of_the_new_one() {
    let place = enrolled();
    another_model(&place);
    let mut opened = Opened::open(&place.path("staff.db").into(), None, 1 << 30).unwrap();
    let moves = [
        "reembed",
        "--gallery",
        "staff.db",
        "--model",
        "other.safetensors",
    ];
    place
        .siamese(&[&moves[..], &["--pictures", "staff"]].concat())
        .done();

    let limits = QualityLimits::usual(opened.embedder.recipe(), opened.embedder.domain());
    let entries = entries_of_folder(&place.path("faces")).unwrap();
    let count = |opened: &Opened| {
        let store = opened.gallery.store();
        [1, 2].map(|generation| store.count_templates(generation).unwrap())
    };
    let before = count(&opened);
    let settings = EnrolSettings::new(limits);
    let (gallery, embedder) = (&mut opened.gallery, &opened.embedder);
    let said = enrol(gallery, embedder, &entries, &settings, 0, &mut |_| {});
    let refused = |error: &Error| matches!(error, Error::Gallery(GalleryError::Contract { .. }));
    assert!(refused(said.as_ref().unwrap_err()), "{said:?}");
    assert_eq!(count(&opened), before);

    opened.gallery.refresh().unwrap();
    let key = opened.gallery.store().digest_key();
    let reader = PictureReader::new(opened.embedder.recipe(), key, limits);
    let picture = reader.of_file(&place.path("staff/p1/1.pgm"), None);
    let said = identify(
        &opened.gallery,
        &opened.embedder,
        vec![picture],
        1,
        0.01,
        0,
        None,
    );
    assert!(refused(said.as_ref().unwrap_err()), "{said:?}");
}
