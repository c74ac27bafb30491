//! Many at once.

use std::time::Duration;

use serde_json::json;

use crate::http::Part;
use crate::started::{Started, face};

#[test]
fn many_clients_get_their_own_answers() {
    let server = Started::new();
    for person in 0..8 {
        let (id, picture) = (format!("p{person}"), face(person, 1));
        let parts = [
            ("external_id", Part::Text(&id)),
            ("picture", Part::File(&picture)),
        ];
        server
            .client
            .form("/v1/galleries/staff/enrollments", &parts)
            .expect(201);
    }
    std::thread::scope(|scope| {
        for thread in 0..16_u32 {
            let client = server.client.clone();
            scope.spawn(move || {
                for turn in 0..10 {
                    let person = (thread + turn) % 8;
                    let picture = face(person, 1);
                    let probe = [("picture", Part::File(&picture[..]))];
                    let found = client
                        .form("/v1/galleries/staff/identify", &probe)
                        .expect(200);
                    assert_eq!(found["candidates"][0]["external_id"], format!("p{person}"));
                }
            });
        }
    });
}

#[test]
fn what_does_not_fit_is_refused_at_once() {
    let server = Started::with(tempfile::tempdir().unwrap(), |settings| {
        settings.limits.queue = 4;
        settings.limits.memory = 64 << 10;
    });
    let client = &server.client;
    let picture = face(1, 1);
    let parts = [("picture", Part::File(&picture[..])); 5];
    let busy = client.form("/v1/embeddings", &parts);
    busy.is_problem(503, "busy");
    assert_eq!(busy.header("retry-after"), Some("1"));
    let document = json!({ "pictures": [], "x": "y".repeat(40_000) });
    client
        .json("POST", "/v1/embeddings", &document)
        .is_problem(503, "busy");
    client.form("/v1/embeddings", &parts[..4]).expect(200);
}

#[test]
fn what_was_accepted_is_answered_after_the_end_was_asked_for() {
    let server = Started::new();
    let client = server.client.clone();
    let asking = std::thread::spawn(move || {
        let picture = face(1, 1);
        let parts = [("picture", Part::File(&picture[..])); 60];
        client.form("/v1/embeddings", &parts).expect(200)
    });
    std::thread::sleep(Duration::from_millis(30));
    server.end();
    // It was answered, or came too late to be accepted.
    if let Ok(answer) = asking.join() {
        assert_eq!(answer["embeddings"].as_array().unwrap().len(), 60);
    }
}

#[test]
fn what_another_program_enrols_is_found() {
    let server = Started::new();
    let path = server.folder.path().join("staff.db");
    let mut other = siamese_use::Opened::open(&path.into(), None, u64::MAX).unwrap();
    let file = server.folder.path().join("a.pgm");
    std::fs::write(&file, face(6, 1)).unwrap();
    let person = gallery::NewPerson {
        external_id: "ada".to_owned(),
        ..Default::default()
    };
    let entries = siamese_use::entries_of_images(&person, &[file]);
    let limits = siamese_use::QualityLimits::of_recipe(other.embedder.recipe());
    let settings = siamese_use::EnrolSettings::new(limits);
    siamese_use::enrol(
        &mut other.gallery,
        &other.embedder,
        &entries,
        &settings,
        1,
        &mut |_| {},
    )
    .unwrap();
    std::thread::sleep(Duration::from_millis(1100));
    let picture = face(6, 2);
    let probe = [("picture", Part::File(&picture[..]))];
    let found = server
        .client
        .form("/v1/galleries/staff/identify", &probe)
        .expect(200);
    assert_eq!(found["candidates"][0]["external_id"], "ada");
}
