//! Galleries that are made, deleted and moved to other models over HTTP.

use std::path::PathBuf;

use serde_json::{Value, json};
use siamese_serve::{KeyFile, Scope};

use crate::http::{Part, in_json};
use crate::jobs::ended;
use crate::started::{Started, face};

/// A server with a folder for galleries.
fn with_folder() -> Started {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("galleries")).unwrap();
    started(folder)
}

fn started(folder: tempfile::TempDir) -> Started {
    let galleries = folder.path().join("galleries");
    Started::with(folder, |settings| {
        settings.galleries_folder = Some(galleries);
        let model = settings.model.clone().unwrap();
        settings.models.insert("demo".to_owned(), model);
    })
}

#[test]
fn a_gallery_is_made_served_again_and_deleted() {
    let server = with_folder();
    let client = &server.client;
    let made = client.json("POST", "/v1/galleries", &json!({ "name": "guests" }));
    assert_eq!(made.header("location"), Some("/v1/galleries/guests"));
    assert_eq!(made.expect(201)["people"], 0);
    let taken = |name: &str| client.json("POST", "/v1/galleries", &json!({ "name": name }));
    taken("guests").is_problem(409, "gallery_exists");
    taken("staff").is_problem(409, "gallery_exists");
    for name in ["", "../guests", "a/b", ".hidden", "a b", &"x".repeat(65)] {
        taken(name).is_problem(422, "invalid");
    }
    let by_other = json!({ "name": "more", "model": "unknown" });
    client
        .json("POST", "/v1/galleries", &by_other)
        .is_problem(422, "invalid");
    let by_name = json!({ "name": "more", "model": "demo" });
    client.json("POST", "/v1/galleries", &by_name).expect(201);

    let folder = server.end();
    let server = started(folder);
    let client = &server.client;
    let listed = client.get("/v1/galleries").expect(200);
    let names = listed["galleries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"]);
    assert_eq!(
        json!(names.collect::<Vec<_>>()),
        json!(["guests", "more", "staff"])
    );

    let guests = "/v1/galleries/guests";
    let seen = client.get(guests).header("etag").unwrap().to_owned();
    client
        .delete(guests)
        .is_problem(428, "precondition_required");
    let ada = json!({ "external_id": "ada", "pictures": [in_json(&face(1, 1))] });
    client
        .json("POST", &format!("{guests}/enrollments"), &ada)
        .expect(201);
    let unseen = client.with(&format!("If-Match: {seen}"));
    unseen.delete(guests).is_problem(412, "precondition_failed");
    let seen = client.get(guests).header("etag").unwrap().to_owned();
    let all = client.with(&format!("If-Match: {seen}"));
    all.delete(guests).expect(204);
    client.get(guests).is_problem(404, "not_found");
    client.get("/readyz").expect(200);
    let files: Vec<_> = server
        .folder
        .path()
        .join("galleries")
        .read_dir()
        .unwrap()
        .collect();
    assert!(
        files.iter().all(|file| !file
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("guests")),
        "{files:?}"
    );
    // Its name is free again.
    client
        .json("POST", "/v1/galleries", &json!({ "name": "guests" }))
        .expect(201);

    // What the operator named is the operator's.
    let seen = client
        .get("/v1/galleries/staff")
        .header("etag")
        .unwrap()
        .to_owned();
    let staff = client.with(&format!("If-Match: {seen}"));
    staff
        .delete("/v1/galleries/staff")
        .is_problem(403, "forbidden");
}

#[test]
fn galleries_are_made_by_whoever_may_and_where_there_is_a_folder() {
    let server = Started::new();
    let document = json!({ "name": "guests" });
    server
        .client
        .json("POST", "/v1/galleries", &document)
        .is_problem(403, "forbidden");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let galleries = folder.path().to_owned();
    let mut keys = KeyFile::read_or_new(&path).unwrap();
    let enrol = keys.add("", Scope::Enrol, &[], 1).unwrap().key;
    let of_guests = keys
        .add("", Scope::Admin, &["guests".to_owned()], 1)
        .unwrap()
        .key;
    let server = Started::with(folder, |settings| {
        settings.keys = Some(path);
        settings.galleries.clear();
        settings.galleries_folder = Some(galleries);
    });
    let with = |key: &str| server.client.with(&format!("Authorization: Bearer {key}"));
    let refused = with(&enrol).json("POST", "/v1/galleries", &document);
    refused.is_problem(403, "forbidden");
    let other = with(&of_guests).json("POST", "/v1/galleries", &json!({ "name": "other" }));
    other.is_problem(403, "forbidden");
    with(&of_guests)
        .json("POST", "/v1/galleries", &document)
        .expect(201);
}

/// Another model of the same kind: the same file with other weights.
fn other_model(server: &Started) -> Vec<u8> {
    let model = server.folder.path().join("model.safetensors");
    let mut bytes = std::fs::read(model).unwrap();
    let head = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    // The lowest bit of each fourth byte from the end: numbers stay what they are, nearly.
    for at in (8 + head..bytes.len()).step_by(4) {
        bytes[at] ^= 1;
    }
    bytes
}

fn reembedded(server: &Started, parts: &[(&str, Part<'_>)]) -> Value {
    let asked = server.client.form("/v1/galleries/staff/reembed", parts);
    let place = asked
        .header("location")
        .unwrap_or_else(|| panic!("{}", asked.json()))
        .to_owned();
    ended(&server.client, &place)
}

#[test]
fn a_gallery_moves_to_an_uploaded_model_and_back_by_name() {
    let server = Started::with(tempfile::tempdir().unwrap(), |settings| {
        let model = settings.model.clone().unwrap();
        settings.models.insert("demo".to_owned(), model);
        settings.keep_pictures = true;
    });
    let client = &server.client;
    let people: Vec<_> = (0..5)
        .map(|one| json!({ "external_id": format!("p{one}"), "pictures": [in_json(&face(one, 1)), in_json(&face(one, 2))] }))
        .collect();
    let enrolling = client.json(
        "POST",
        "/v1/galleries/staff/enrollments",
        &json!({ "people": people }),
    );
    assert_eq!(
        ended(client, enrolling.header("location").unwrap())["templates"],
        10
    );
    let contract = || client.get("/v1/galleries/staff").expect(200)["contract"].clone();
    let (old, other) = (contract(), other_model(&server));

    client
        .form(
            "/v1/galleries/staff/reembed",
            &[("model", Part::File(b"no model"))],
        )
        .is_problem(422, "model_invalid");
    let job = reembedded(&server, &[("model", Part::File(&other))]);
    let said = ["kind", "state", "templates", "done", "rejected"].map(|name| &job[name]);
    assert_eq!(
        json!(said),
        json!(["reembedding", "done", 10, 10, 0]),
        "{job}"
    );
    let new = contract();
    assert_ne!(new, old);
    let picture = face(3, 1);
    let found = client
        .form(
            "/v1/galleries/staff/identify",
            &[("picture", Part::File(&picture))],
        )
        .expect(200);
    assert_eq!(found["candidates"][0]["external_id"], "p3");
    assert_eq!(found["gallery_size"], 5);

    // The old templates were kept, so the way back makes none.
    let job = reembedded(
        &server,
        &[("model", Part::Text("demo")), ("prune", Part::Text("true"))],
    );
    let said = ["state", "templates", "known"].map(|name| &job[name]);
    assert_eq!(json!(said), json!(["done", 0, 10]), "{job}");
    assert_eq!(contract(), old);
    let path: PathBuf = server.folder.path().join("staff.db");
    let store = gallery::SqliteStore::open(&path).unwrap();
    assert_eq!(gallery::Store::generations(&store).unwrap().len(), 1);
}

#[test]
fn what_belongs_to_no_gallery_follows_the_model_of_the_first() {
    let server = Started::with(tempfile::tempdir().unwrap(), |settings| {
        settings.keep_pictures = true;
    });
    let ada = json!({ "external_id": "ada", "pictures": [in_json(&face(1, 1))] });
    let enrolled = server
        .client
        .json("POST", "/v1/galleries/staff/enrollments", &ada);
    enrolled.expect(201);
    let server = Started::with(server.end(), |settings| settings.model = None);
    let embed = || {
        let picture = face(1, 1);
        let answer = server
            .client
            .form("/v1/embeddings", &[("picture", Part::File(&picture))]);
        answer.expect(200)["contract"].clone()
    };
    let old = embed();
    let other = other_model(&server);
    assert_eq!(
        reembedded(&server, &[("model", Part::File(&other))])["state"],
        "done"
    );
    assert_ne!(embed(), old);
}

#[test]
fn a_gallery_without_its_pictures_stays_where_it_is_unless_told() {
    let server = Started::new();
    let client = &server.client;
    for (id, keep) in [("ada", "true"), ("grace", "false")] {
        let picture = face(u32::from(keep == "true"), 1);
        let parts = [
            ("external_id", Part::Text(id)),
            ("picture", Part::File(&picture)),
        ];
        let path = format!("/v1/galleries/staff/enrollments?keep_pictures={keep}");
        client.form(&path, &parts).expect(201);
    }
    let contract = || client.get("/v1/galleries/staff").expect(200)["contract"].clone();
    let (old, other) = (contract(), other_model(&server));
    let job = reembedded(&server, &[("model", Part::File(&other))]);
    assert_eq!(
        (
            &job["state"],
            &job["problem"]["code"],
            &job["rejections"][0]["template"]
        ),
        (&json!("failed"), &json!("pictures_missing"), &json!(2)),
        "{job}"
    );
    assert_eq!(contract(), old);
    let parts = [
        ("model", Part::File(&other[..])),
        ("leave_out", Part::Text("true")),
    ];
    let job = reembedded(&server, &parts);
    assert_eq!(
        (&job["state"], &job["rejected"]),
        (&json!("done"), &json!(1)),
        "{job}"
    );
    assert_ne!(contract(), old);
}
