//! Batches: what takes longer than a request.

use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{Client, in_json};
use crate::started::{Started, face};

const ENROL: &str = "/v1/galleries/staff/enrollments";

/// A person with one picture.
fn person(number: u32) -> Value {
    json!({ "external_id": format!("p{number}"), "pictures": [in_json(&face(number, 1))] })
}

/// A job when it has ended.
pub(crate) fn ended(client: &Client, place: &str) -> Value {
    loop {
        let job = client.get(place).expect(200);
        if !job["ended_ms"].is_null() {
            return job;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn many_people_are_enrolled_as_a_job() {
    let server = Started::new();
    let client = &server.client;
    let mut people: Vec<Value> = (0..30).map(person).collect();
    // A second picture that is none, and a picture that somebody else has.
    people[3]["pictures"] = json!([in_json(&face(3, 1)), in_json(b"no picture")]);
    people[7]["pictures"] = json!([in_json(&face(2, 1))]);
    let batch = json!({ "people": people });
    let asked = client.json("POST", ENROL, &batch);
    let place = asked.header("location").unwrap().to_owned();
    let job = asked.expect(202);
    assert_eq!(place, format!("/v1/jobs/{}", job["job"].as_str().unwrap()));
    assert_eq!(
        (&job["kind"], &job["of"]),
        (&json!("enrollment"), &json!(30))
    );

    let job = ended(client, &place);
    let counts = ["state", "done", "templates", "known", "rejected"].map(|name| &job[name]);
    assert_eq!(json!(counts), json!(["done", 30, 29, 0, 2]), "{job}");
    let of = |at: usize| {
        let one = &job["rejections"][at];
        json!([one["person"], one["picture"], one["problem"]["code"]])
    };
    assert_eq!(
        (of(0), of(1)),
        (
            json!([3, 1, "image_invalid"]),
            json!([7, 0, "duplicate_face"])
        )
    );
    let people = client.get("/v1/galleries/staff").expect(200)["people"].clone();
    assert_eq!(people, 29);

    // The same again changes nothing.
    let again = client.json("POST", ENROL, &batch);
    let again = ended(client, again.header("location").unwrap());
    assert_eq!(
        (&again["templates"], &again["known"]),
        (&json!(0), &json!(29))
    );

    // Whoever is named in what went wrong is named no longer when somebody is deleted.
    assert!(job.to_string().contains("p2"));
    client.delete("/v1/galleries/staff/persons/1").expect(204);
    let job = client.get(&place).expect(200);
    assert_eq!(
        (&job["rejected"], &job["rejections"]),
        (&json!(2), &json!([]))
    );

    client.delete(&place).expect(204);
    client.get(&place).is_problem(404, "not_found");
    let left = client.get("/v1/jobs").expect(200);
    assert_eq!(left["jobs"].as_array().unwrap().len(), 1);
}

#[test]
fn a_batch_is_refused_as_a_whole_and_says_where_it_is_wrong() {
    let server = Started::new();
    let client = &server.client;
    let nameless = json!({ "people": [person(1), { "external_id": "", "pictures": [] }] });
    let refused = client.json("POST", ENROL, &nameless);
    let detail = refused.json()["detail"].to_string();
    refused.is_problem(422, "invalid");
    assert!(detail.contains("people[1]: external_id"), "{detail}");
    for wrong in [
        json!({ "people": [] }),
        json!({ "people": [{ "external_id": "nobody", "pictures": [] }] }),
        json!({ "people": [person(1)], "name": "x" }),
        json!({}),
    ] {
        client
            .json("POST", ENROL, &wrong)
            .is_problem(422, "invalid");
    }
    assert_eq!(client.get("/v1/galleries/staff").expect(200)["people"], 0);
}

#[test]
fn jobs_are_bounded_cancelled_and_told_of_at_the_end() {
    let server = Started::with(tempfile::tempdir().unwrap(), |settings| {
        settings.limits.jobs = 2;
        settings.limits.stop_time = Duration::ZERO;
    });
    let client = &server.client;
    let batch = json!({ "people": (0..400).map(person).collect::<Vec<_>>() });
    let start = || client.json("POST", ENROL, &batch);
    // Who holds the file lets no job end before it is asked to.
    let holder = rusqlite::Connection::open(server.folder.path().join("staff.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let [first, second] = [start(), start()].map(|job| job.header("location").unwrap().to_owned());
    start().is_problem(503, "busy");
    // The second waits for the first, and never begins.
    client.delete(&second).expect(202);
    let second = ended(client, &second);
    assert_eq!(
        (&second["state"], &second["done"]),
        (&json!("cancelled"), &json!(0))
    );
    client.delete(&first).expect(202);
    holder.execute_batch("ROLLBACK").unwrap();
    let first = ended(client, &first);
    assert_eq!(first["state"], "cancelled", "{first}");
    assert!(first["done"].as_u64().unwrap() < 400);
    // What was done until then stays.
    let people = client.get("/v1/galleries/staff").expect(200)["people"].clone();
    assert_eq!(people, first["done"]);

    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let third = start().expect(202)["job"].as_str().unwrap().to_owned();
    let log = server.log.clone();
    server.end();
    let log = log.lock().unwrap();
    assert!(
        log.iter()
            .any(|line| line.contains(&third) && line.contains("broken off")),
        "{log:?}"
    );
}

#[test]
fn accepted_jobs_are_finished_before_the_end() {
    let server = Started::new();
    let batch = json!({ "people": (0..20).map(person).collect::<Vec<_>>() });
    server.client.json("POST", ENROL, &batch).expect(202);
    let folder = server.end();
    let opened =
        siamese_use::Opened::open(&folder.path().join("staff.db").into(), None, u64::MAX).unwrap();
    assert_eq!(opened.gallery.count_people(), 20);
}
