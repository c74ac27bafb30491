//! People, templates and what is kept of them.

use gallery::Store;
use serde_json::json;

use crate::http::{Part, in_json};
use crate::started::{Started, face};

const PERSONS: &str = "/v1/galleries/staff/persons";

#[test]
fn a_person_is_enrolled_found_changed_and_forgotten() {
    let server = Started::new();
    let client = &server.client;
    let enrol = |id: &str, pictures: &[u32], person| {
        let pictures: Vec<_> = pictures
            .iter()
            .map(|&one| in_json(&face(person, one)))
            .collect();
        let document = json!({ "external_id": id, "name": "Somebody", "pictures": pictures });
        client.json("POST", "/v1/galleries/staff/enrollments", &document)
    };
    let ada = enrol("ada", &[1, 2], 1).expect(201);
    assert_eq!(
        (&ada["new"], ada["pictures"].as_array().unwrap().len()),
        (&json!(true), 2)
    );
    let grace = enrol("grace", &[1], 2).expect(201);
    // The same pictures again are the same templates.
    let again = enrol("ada", &[1, 2], 1).expect(200);
    assert_eq!(
        again["pictures"][0]["template"],
        ada["pictures"][0]["template"]
    );

    let (probe, path) = (face(1, 3), "/v1/galleries/staff/identify?top=2");
    let found = client
        .form(path, &[("picture", Part::File(&probe))])
        .expect(200);
    assert_eq!(found["candidates"][0]["external_id"], "ada", "{found}");
    assert_eq!(found["candidates"][0]["name"], "Somebody");
    assert_eq!(
        (&found["decision"], &found["threshold"]),
        (&json!("none"), &json!(null))
    );
    assert_eq!(found["gallery_size"], 2);
    let gap = found["candidates"][1]["distance"].as_f64().unwrap()
        - found["candidates"][0]["distance"].as_f64().unwrap();
    assert!(gap > 0.0 && gap == found["gap"].as_f64().unwrap());

    let claim = json!({ "external_id": "grace", "picture": in_json(&probe) });
    let verified = client
        .json("POST", "/v1/galleries/staff/verify", &claim)
        .expect(200);
    assert_eq!(verified["person"], grace["person"]);
    assert!(verified["distance"].as_f64() > found["candidates"][0]["distance"].as_f64());
    let both = json!({ "external_id": "grace", "person": 1, "picture": in_json(&probe) });
    client
        .json("POST", "/v1/galleries/staff/verify", &both)
        .is_problem(422, "invalid");
    let nobody = json!({ "external_id": "alan", "picture": in_json(&probe) });
    client
        .json("POST", "/v1/galleries/staff/verify", &nobody)
        .is_problem(404, "not_found");

    let place = format!("{PERSONS}/{}", ada["person"]);
    let templates = client.get(&format!("{place}/templates")).expect(200);
    assert_eq!(templates["templates"].as_array().unwrap().len(), 2);
    let one = format!(
        "{place}/templates/{}",
        templates["templates"][1]["template"]
    );
    // It was not kept, and it is nobody else's.
    client
        .get(&format!("{one}/picture"))
        .is_problem(404, "not_found");
    let elsewhere = one.replace(&place, &format!("{PERSONS}/{}", grace["person"]));
    client.delete(&elsewhere).is_problem(404, "not_found");
    client.delete(&one).expect(204);
    client.delete(&one).is_problem(404, "not_found");
    let exported = client.get(&format!("{place}/export")).expect(200);
    assert_eq!(exported["templates"].as_array().unwrap().len(), 1);
    assert!(exported["templates"][0]["vector"].as_array().unwrap().len() > 10);

    client.delete(&place).expect(204);
    client.get(&place).is_problem(404, "not_found");
    let found = client
        .form(path, &[("picture", Part::File(&probe))])
        .expect(200);
    assert_eq!(
        (
            &found["gallery_size"],
            &found["candidates"][0]["external_id"]
        ),
        (&json!(1), &json!("grace"))
    );
}

#[test]
fn an_export_holds_what_earlier_models_and_refused_pictures_left() {
    let server = Started::new();
    let client = &server.client;
    let document = json!({ "external_id": "ada", "pictures": [in_json(&face(1, 1))] });
    client
        .json("POST", "/v1/galleries/staff/enrollments", &document)
        .expect(201);
    let path = server.folder.path().join("staff.db");
    let mut store = gallery::SqliteStore::open(&path).unwrap();
    let now = store.active_generation().unwrap();
    let mut template = store.templates_of(1, now.number).unwrap().remove(0).given;
    let mut other = now.made_for;
    other.contract = "of another model".to_owned();
    template.generation = store.add_generation(&other, 1).unwrap();
    let rejection = gallery::Rejection {
        person: Some(1),
        picture: template.picture,
        reason: "blurred".to_owned(),
        at_ms: 5,
    };
    store.enrol(&[template], 1).unwrap();
    store.reject(&rejection).unwrap();

    let exported = client.get(&format!("{PERSONS}/1/export")).expect(200);
    let templates = exported["templates"].as_array().unwrap();
    assert_eq!(templates.len(), 2);
    assert_eq!(templates[1]["contract"], "of another model");
    let rejected = &exported["rejected_pictures"];
    assert_eq!(
        (&rejected[0]["reason"], &rejected[0]["at_ms"], &rejected[1]),
        (&json!("blurred"), &json!(5), &json!(null))
    );
}

#[test]
fn nobody_overwrites_what_they_have_not_seen() {
    let server = Started::new();
    let client = &server.client;
    let added = client.json(
        "POST",
        PERSONS,
        &json!({ "external_id": "ada", "metadata": { "floor": 3 } }),
    );
    let place = added.header("location").unwrap().to_owned();
    let (tag, shown) = (added.header("etag").unwrap(), client.get(&place));
    assert_eq!(shown.header("etag"), Some(tag));
    assert_eq!(shown.expect(200)["metadata"]["floor"], 3);
    client
        .with(&format!("If-None-Match: {tag}"))
        .get(&place)
        .expect(304);
    client
        .json("POST", PERSONS, &json!({ "external_id": "ada" }))
        .is_problem(409, "duplicate_person");

    let careful = client.with(&format!("If-Match: {tag}"));
    let new = json!({ "external_id": "ada", "name": "Ada" });
    careful.json("PUT", &place, &new).expect(200);
    careful
        .json("PUT", &place, &new)
        .is_problem(412, "precondition_failed");
    careful
        .delete(&place)
        .is_problem(412, "precondition_failed");
    // What was not given again is gone, and nobody is bound to be careful.
    assert_eq!(client.get(&place).expect(200)["metadata"], json!({}));
    client.delete(&place).expect(204);
}

#[test]
fn values_that_cannot_be_are_refused() {
    let server = Started::new();
    let client = &server.client;
    for wrong in [
        json!({ "external_id": "" }),
        json!({ "external_id": "a\u{0}" }),
        json!({ "external_id": "x".repeat(201) }),
        json!({ "external_id": "a", "name": "x".repeat(201) }),
        json!({ "external_id": "a", "expires_ms": -1 }),
        json!({ "external_id": "a", "metadata": { "x": "y".repeat(20_000) } }),
        json!({ "external_id": "a", "unknown": 1 }),
        json!({ "name": "a" }),
        json!({ "external_id": 7 }),
    ] {
        client
            .json("POST", PERSONS, &wrong)
            .is_problem(422, "invalid");
    }
    client
        .send("POST", PERSONS, "application/json", b"{")
        .is_problem(400, "bad_request");
    client
        .send("POST", PERSONS, "text/plain", b"{}")
        .is_problem(415, "unsupported_media_type");
    for path in [
        "/nothing",
        "/v1/galleries/other",
        "/v1/galleries/staff/persons/x",
        "/v1/galleries/staff/persons/18446744073709551615",
    ] {
        client.get(path).is_problem(404, "not_found");
    }
    for path in ["?limit=0", "?limit=x", "?unknown=1"] {
        client
            .get(&format!("{PERSONS}{path}"))
            .is_problem(422, "invalid");
    }
    let wrong = client.send("PATCH", PERSONS, "", b"");
    wrong.is_problem(405, "method_not_allowed");
    assert!(wrong.header("allow").unwrap().contains("POST"));
}

#[test]
fn listings_go_on_by_signed_cursors() {
    let server = Started::new();
    let client = &server.client;
    for number in 0..5 {
        client
            .json(
                "POST",
                PERSONS,
                &json!({ "external_id": format!("p{number}") }),
            )
            .expect(201);
    }
    let mut seen = Vec::new();
    let mut path = format!("{PERSONS}?limit=2");
    loop {
        let page = client.get(&path).expect(200);
        for person in page["persons"].as_array().unwrap() {
            seen.push(person["external_id"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{PERSONS}?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["p0", "p1", "p2", "p3", "p4"]);
    for cursor in ["x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ""] {
        client
            .get(&format!("{PERSONS}?cursor={cursor}"))
            .is_problem(400, "cursor_invalid");
    }
    let one = client.get(&format!("{PERSONS}?external_id=p3")).expect(200);
    assert_eq!(one["persons"].as_array().unwrap().len(), 1);
}

#[test]
fn the_same_request_twice_is_done_once() {
    let server = Started::new();
    let client = server.client.with("Idempotency-Key: order-7");
    let ada = json!({ "external_id": "ada" });
    let first = client.json("POST", PERSONS, &ada);
    let second = client.json("POST", PERSONS, &ada);
    assert_eq!(
        (first.expect(201), first.header("etag")),
        (second.expect(201), second.header("etag"))
    );
    client
        .json("POST", PERSONS, &json!({ "external_id": "alan" }))
        .is_problem(409, "idempotency_conflict");
    // A refusal is not kept: the reason may be gone.
    let other = server.client.with("Idempotency-Key: order-8");
    other
        .json("POST", PERSONS, &ada)
        .is_problem(409, "duplicate_person");
    server.client.delete(&format!("{PERSONS}/1")).expect(204);
    other.json("POST", PERSONS, &ada).expect(201);
}

#[test]
fn an_answer_does_not_outlive_the_person_it_tells_of() {
    let server = Started::new();
    let client = server.client.with("Idempotency-Key: order-7");
    let ada = json!({ "external_id": "ada", "name": "Ada Lovelace" });
    client.json("POST", PERSONS, &ada).expect(201);
    client.json("POST", PERSONS, &ada).expect(201);
    server.client.delete(&format!("{PERSONS}/1")).expect(204);
    // That it was done is known, and asking again brings nobody back.
    let again = client.json("POST", PERSONS, &ada);
    again.is_problem(409, "idempotency_conflict");
    assert!(!String::from_utf8_lossy(&again.body).contains("Lovelace"));
    assert_eq!(server.client.get(PERSONS).expect(200)["persons"], json!([]));

    // Another program deletes, as the sweep of whoever has expired does: the log of changes tells.
    let client = server.client.with("Idempotency-Key: order-8");
    client.json("POST", PERSONS, &ada).expect(201);
    let path = server.folder.path().join("staff.db");
    let mut other = siamese_use::Opened::open(&path.as_path().into(), None, u64::MAX).unwrap();
    other.gallery.forget(2, 1).unwrap();
    server.client.get("/readyz").expect(200);
    client
        .json("POST", PERSONS, &ada)
        .is_problem(409, "idempotency_conflict");
}

#[test]
fn a_request_is_not_done_twice_by_a_server_that_was_started_since() {
    let server = Started::new();
    let picture = face(1, 1);
    let enrol = |server: &Started, key: &str| {
        let client = server.client.with(&format!("Idempotency-Key: {key}"));
        let parts = [
            ("external_id", Part::Text("ada")),
            ("picture", Part::File(&picture)),
        ];
        client.form("/v1/galleries/staff/enrollments", &parts)
    };
    let number = enrol(&server, "order-7").expect(201)["person"].clone();
    assert_eq!(number, 1);
    enrol(&server, "order-7").expect(201);
    let server = Started::with(server.end(), |_| {});
    enrol(&server, "order-7").is_problem(409, "idempotency_conflict");
    // Another request is none that was done; that the picture is known already makes it harmless.
    let again = enrol(&server, "order-8").expect(200);
    assert_eq!((&again["new"], &again["person"]), (&json!(false), &number));
    // Nobody who was deleted comes back.
    server.client.delete(&format!("{PERSONS}/1")).expect(204);
    let server = Started::with(server.end(), |_| {});
    for key in ["order-7", "order-8"] {
        enrol(&server, key).is_problem(409, "idempotency_conflict");
    }
    assert_eq!(server.client.get(PERSONS).expect(200)["persons"], json!([]));
    // A refusal was not noted.
    let client = server.client.with("Idempotency-Key: order-9");
    let nobody = json!({ "external_id": "" });
    client
        .json("POST", PERSONS, &nobody)
        .is_problem(422, "invalid");
    let server = Started::with(server.end(), |_| {});
    let client = server.client.with("Idempotency-Key: order-9");
    client
        .json("POST", PERSONS, &json!({ "external_id": "eve" }))
        .expect(201);
}

#[test]
fn what_was_enrolled_is_there_after_a_restart() {
    let server = Started::with(tempfile::tempdir().unwrap(), |settings| {
        settings.keep_pictures = true
    });
    let picture = face(4, 1);
    let parts = [
        ("external_id", Part::Text("ada")),
        ("picture", Part::File(&picture)),
    ];
    let enrolled = server
        .client
        .form("/v1/galleries/staff/enrollments", &parts)
        .expect(201);
    let place = format!(
        "{PERSONS}/{}/templates/{}/picture",
        enrolled["person"], enrolled["pictures"][0]["template"]
    );
    assert_eq!(server.client.get(&place).body, picture);
    let folder = server.end();

    // A gallery keeps its model.
    let server = Started::with(folder, |settings| settings.model = None);
    let probe = [("picture", Part::File(&picture[..]))];
    let found = server
        .client
        .form("/v1/galleries/staff/identify", &probe)
        .expect(200);
    assert_eq!(found["candidates"][0]["external_id"], "ada");
    assert!(found["candidates"][0]["distance"].as_f64().unwrap().abs() < 1e-6);
    let ready = server.client.get("/readyz").expect(200);
    assert_eq!(ready["ready"], true);
}

#[test]
fn an_excluded_person_is_not_found_with_that_picture() {
    let server = Started::new();
    let client = &server.client;
    let picture = face(5, 1);
    let parts = [
        ("external_id", Part::Text("ada")),
        ("picture", Part::File(&picture)),
    ];
    let ada = client
        .form("/v1/galleries/staff/enrollments", &parts)
        .expect(201);
    let probe = [("picture", Part::File(&picture[..]))];
    let found = client
        .form("/v1/galleries/staff/identify", &probe)
        .expect(200);
    let exclusion = json!({ "person": ada["person"], "picture": found["picture"] });
    client
        .json("POST", "/v1/galleries/staff/exclusions", &exclusion)
        .expect(201);
    let found = client
        .form("/v1/galleries/staff/identify", &probe)
        .expect(200);
    assert_eq!(found["candidates"], json!([]));
    let listed = client.get("/v1/galleries/staff/exclusions").expect(200);
    assert_eq!(listed["exclusions"][0]["picture"], found["picture"]);
    let nobody = json!({ "person": 99, "picture": found["picture"] });
    client
        .json("POST", "/v1/galleries/staff/exclusions", &nobody)
        .is_problem(404, "not_found");
}
