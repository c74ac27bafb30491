//! CompreFace's paths, as its clients ask them.

use serde_json::{Value, json};
use siamese_serve::{KeyFile, Scope};

use crate::http::{Answer, Client, Part};
use crate::started::{Started, face};

const FACES: &str = "/api/v1/recognition/faces";

/// A server with two galleries, and clients with keys of scope `enrol` for one and for both.
fn started() -> (Started, [Client; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let mut keys = KeyFile::read_or_new(&path).unwrap();
    let one = ["staff".to_owned()];
    let keys = [&one[..], &[]].map(|of| keys.add("", Scope::Enrol, of, 1).unwrap().key);
    let other = folder.path().join("other.db");
    let audit = folder.path().join("audit.jsonl");
    let server = Started::with(folder, |settings| {
        settings.keys = Some(path);
        settings.keep_pictures = true;
        settings.audit = Some(audit);
        settings.galleries.push(other.into());
    });
    let clients = keys.map(|key| server.client.with(&format!("x-api-key: {key}")));
    (server, clients)
}

fn add(client: &Client, subject: &str, picture: &[u8]) -> Answer {
    client.form(
        &format!("{FACES}?subject={subject}"),
        &[("file", Part::File(picture))],
    )
}

/// An error in their shape.
fn is_error(answer: &Answer, status: u16, code: u8) {
    let document = answer.expect(status);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(document["code"], code, "{document}");
    assert!(!document["message"].as_str().unwrap().is_empty());
}

#[test]
fn faces_are_added_recognized_verified_and_deleted() {
    let (_server, [client, _]) = started();
    let mut ids = Vec::new();
    for (subject, person) in [("ada", 1), ("grace", 2), ("ada", 3)] {
        let added = add(&client, subject, &face(person, 1)).expect(201);
        assert_eq!(added["subject"], subject);
        ids.push(added["image_id"].as_str().unwrap().to_owned());
    }
    let listed = client.get(&format!("{FACES}?page=1&size=2")).expect(200);
    let expected = json!({ "faces": [{ "image_id": ids[2], "subject": "ada" }], "page_number": 1, "page_size": 2,
        "total_pages": 2, "total_elements": 3 });
    assert_eq!(listed, expected);
    let of_ada = client.get(&format!("{FACES}?subject=ada")).expect(200);
    let listed = |id| json!({ "image_id": id, "subject": "ada" });
    assert_eq!(of_ada["faces"], json!([listed(&ids[0]), listed(&ids[2])]));
    assert_eq!(of_ada["total_elements"], 2);
    assert_eq!(client.get(&format!("{FACES}?subject=eve")).status, 404);

    let probe = face(2, 2);
    let file = [("file", Part::File(&probe[..]))];
    let path = "/api/v1/recognition/recognize?limit=0&prediction_count=2&face_plugins=age,calculator&status=true";
    let found = client.form(path, &file).expect(200)["result"][0].clone();
    assert_eq!(found["subjects"][0]["subject"], "grace");
    assert_eq!(found["subjects"].as_array().unwrap().len(), 2);
    assert_eq!(
        (
            &found["box"]["x_max"],
            &found["box"]["y_max"],
            &found["decision"],
            &found["threshold"]
        ),
        (&json!(46), &json!(56), &json!("none"), &Value::Null)
    );
    assert!(found["embedding"].as_array().unwrap().len() > 10);
    let in_base64 = json!({ "file": crate::http::in_json(&probe)["data"] });
    let same = client
        .json("POST", "/api/v1/recognition/recognize", &in_base64)
        .expect(200);
    assert_eq!(same["result"][0]["subjects"], json!([found["subjects"][0]]));

    let likeness = |id: &str| {
        let answer = client.form(&format!("{FACES}/{id}/verify"), &file);
        answer.expect(200)["result"][0]["similarity"]
            .as_f64()
            .unwrap()
    };
    assert!(likeness(&ids[1]) > likeness(&ids[0]));
    let first = face(2, 1);
    let pair = [
        ("source_image", Part::File(&first[..])),
        ("target_image", Part::File(&probe[..])),
    ];
    let compared = client
        .form("/api/v1/verification/verify", &pair)
        .expect(200)["result"][0]
        .clone();
    assert!(compared["face_matches"][0]["similarity"].as_f64().unwrap() > likeness(&ids[0]));
    assert_eq!(compared["source_image_face"]["box"]["probability"], 1.0);

    assert_eq!(
        client.get(&format!("{FACES}/{}/img", ids[0])).body,
        face(1, 1)
    );
    let gone = client.delete(&format!("{FACES}/{}", ids[0])).expect(200);
    assert_eq!(gone, json!({ "image_id": ids[0], "subject": "ada" }));
    is_error(&client.delete(&format!("{FACES}/{}", ids[0])), 404, 11);
    let several = client
        .json("POST", &format!("{FACES}/delete"), &json!([ids[0], ids[2]]))
        .expect(200);
    assert_eq!(several, json!([{ "image_id": ids[2], "subject": "ada" }]));
    assert_eq!(
        client.delete(&format!("{FACES}?subject=grace")).expect(200),
        json!({ "deleted": 1 })
    );
    assert_eq!(client.get(FACES).expect(200)["total_elements"], 0);
}

#[test]
fn subjects_are_people_by_external_id() {
    let (_server, [client, both]) = started();
    let path = "/api/v1/recognition/subjects";
    let ada = json!({ "subject": "Ada Lovelace" });
    assert_eq!(client.json("POST", path, &ada).expect(201), ada);
    is_error(&client.json("POST", path, &ada), 409, 0);
    let place = format!("{path}/Ada%20Lovelace");
    let renamed = client.json(
        "PUT",
        &place,
        &json!({ "subject": "Ada", "api_endpoint": "x" }),
    );
    assert_eq!(renamed.expect(200), json!({ "updated": true }));
    assert_eq!(
        client.get(&format!("{path}/")).expect(200),
        json!({ "subjects": ["Ada"] })
    );
    let people = client.get("/v1/galleries/staff/persons").expect(200);
    assert_eq!(people["persons"][0]["external_id"], "Ada");
    is_error(&client.delete(&place), 404, 11);
    assert_eq!(
        client.delete(&format!("{path}/Ada")).expect(200),
        json!({ "subject": "Ada" })
    );
    client.json("POST", path, &ada).expect(201);
    assert_eq!(client.delete(path).expect(200), json!({ "deleted": 1 }));

    // Which collection is meant must be clear.
    is_error(&both.get(path), 400, 26);
}

#[test]
fn what_is_wrong_is_said_as_their_clients_expect() {
    let (server, [client, _]) = started();
    is_error(&server.client.get(FACES), 401, 0);
    let wrong = server
        .client
        .with("x-api-key: 00000000-0000-0000-0000-000000000002");
    is_error(&wrong.get(FACES), 401, 0);
    is_error(&add(&client, "ada", b"no picture"), 400, 21);
    let flat = [&b"P5 46 56 255\n"[..], &[9; 46 * 56]].concat();
    is_error(&add(&client, "ada", &flat), 400, 28);
    is_error(&client.form(FACES, &[]), 400, 26);
    is_error(&client.get(&format!("{FACES}/7/img")), 404, 11);
    is_error(&client.get("/api/v1/detection/detect"), 404, 11);
    assert_eq!(client.get(FACES).expect(200)["faces"], json!([]));
    let picture = face(1, 1);
    let file = [("file", Part::File(&picture[..]))];
    for count in ["0", "101"] {
        let path = format!("/api/v1/recognition/recognize?prediction_count={count}");
        is_error(&client.form(&path, &file), 400, 26);
        is_error(&client.get(&format!("{FACES}?size={count}0")), 400, 26);
    }
}

#[test]
fn the_audit_log_names_the_gallery_that_was_meant() {
    let (server, [client, both]) = started();
    client.get(FACES).expect(200);
    is_error(&both.get(FACES), 400, 26);
    let audit = std::fs::read_to_string(server.folder.path().join("audit.jsonl")).unwrap();
    let galleries: Vec<Value> = audit
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["gallery"].clone())
        .collect();
    assert_eq!(galleries, [json!("staff"), Value::Null]);
}
