//! Many at once.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::http::{Answer, Part, in_json};
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
    let mut server = Started::new();
    let client = server.client.clone();
    let pictures = vec![in_json(&face(1, 1)); 60];
    let body = json!({ "pictures": pictures }).to_string();
    let head = format!(
        "POST /v1/embeddings HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Expect: 100-continue\r\nConnection: close\r\n\r\n",
        client.address,
        body.len()
    );
    let mut stream = TcpStream::connect(client.address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    // It asks for the body, so it has accepted the request.
    let mut goes_on = [0; 25];
    stream.read_exact(&mut goes_on).unwrap();
    assert_eq!(&goes_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.ask_to_end();
    while TcpStream::connect(client.address).is_ok() {
        std::thread::sleep(Duration::from_millis(5));
    }
    stream.write_all(body.as_bytes()).unwrap();
    let answer = Answer::read(&mut stream).unwrap().expect(200);
    assert_eq!(answer["embeddings"].as_array().unwrap().len(), 60);
    server.end();
}

#[test]
fn a_client_that_goes_finds_its_answer_when_it_asks_again() {
    let server = Started::new();
    let client = server.client.with("Idempotency-Key: batch-1");
    let pictures: Vec<_> = (0..40).map(|picture| in_json(&face(1, picture))).collect();
    let document = json!({ "external_id": "ada", "pictures": pictures });
    let path = "/v1/galleries/staff/enrollments";
    let body = document.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n",
        client.address,
        body.len(),
        client.headers
    );
    let mut stream = TcpStream::connect(client.address).unwrap();
    stream
        .write_all(&[head.as_bytes(), body.as_bytes()].concat())
        .unwrap();
    drop(stream);
    let answer = loop {
        let answer = client.json("POST", path, &document);
        match answer.status {
            // It is being answered.
            409 => std::thread::sleep(Duration::from_millis(20)),
            _ => break answer,
        }
    };
    // As if nobody had gone: the person came with these pictures.
    assert_eq!(answer.expect(201)["new"], true);
}

#[test]
fn connections_are_counted_until_they_close() {
    let server = Started::new();
    let count = || {
        let text = String::from_utf8(server.client.get("/metrics").body).unwrap();
        let line = text
            .lines()
            .find(|line| line.starts_with("siamese_connections "));
        line.unwrap()
            .split_once(' ')
            .unwrap()
            .1
            .parse::<u32>()
            .unwrap()
    };
    let open: Vec<TcpStream> = (0..5)
        .map(|_| TcpStream::connect(server.client.address).unwrap())
        .collect();
    while count() < 6 {
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(open);
    // The one that asks is left.
    while count() > 1 {
        std::thread::sleep(Duration::from_millis(5));
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
    let limits = siamese_use::QualityLimits::usual(other.embedder.recipe(), None);
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
