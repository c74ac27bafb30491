//! Comparing, embedding, thresholds, and pictures that cannot be used.

use serde_json::json;

use crate::http::{Part, in_json};
use crate::started::{Started, face};

#[test]
fn two_pictures_are_compared_as_a_form_and_as_json() {
    let server = Started::new();
    let client = &server.client;
    let (one, same, other) = (face(1, 1), face(1, 2), face(2, 1));
    let compare = |a: &[u8], b: &[u8]| {
        let parts = [("probe", Part::File(a)), ("reference", Part::File(b))];
        client.form("/v1/compare", &parts).expect(200)
    };
    let (near, far) = (compare(&one, &same), compare(&one, &other));
    assert!(near["distance"].as_f64() < far["distance"].as_f64());
    assert!(near["similarity"].as_f64() > far["similarity"].as_f64());
    assert_eq!(near["decision"], "none");
    let document = json!({ "probe": in_json(&one), "reference": in_json(&same) });
    assert_eq!(
        client.json("POST", "/v1/compare", &document).expect(200),
        near
    );
    for wrong in ["?fmr=0", "?fmr=1", "?fmr=NaN", "?fmr=x", "?rate=0.1"] {
        client
            .json("POST", &format!("/v1/compare{wrong}"), &document)
            .is_problem(422, "invalid");
    }
}

#[test]
fn a_box_is_cut_out() {
    let server = Started::new();
    let client = &server.client;
    // The face in the middle of a larger picture.
    let (face_file, (width, height)) = (face(3, 1), (46, 56));
    let pixels = &face_file[face_file.len() - width * height..];
    let mut large = b"P5 100 90 255\n".to_vec();
    for y in 0..90 {
        for x in 0..100 {
            let inside = (20..20 + width).contains(&x) && (10..10 + height).contains(&y);
            large.push(if inside {
                pixels[(y - 10) * width + x - 20]
            } else {
                128
            });
        }
    }
    let parts = [
        ("box", Part::Text("20,10,46,56")),
        ("probe", Part::File(&large)),
        ("reference", Part::File(&face_file)),
    ];
    let same = client.form("/v1/compare", &parts).expect(200);
    assert!(same["distance"].as_f64().unwrap().abs() < 1e-6, "{same}");
    let mut probe = in_json(&large);
    probe["box"] = json!({ "x": 20, "y": 10, "width": 46, "height": 56 });
    let document = json!({ "probe": probe, "reference": in_json(&face_file) });
    assert_eq!(
        client.json("POST", "/v1/compare", &document).expect(200)["distance"],
        same["distance"]
    );
    let beyond = [("box", Part::Text("90,10,46,56")), parts[1], parts[2]];
    client
        .form("/v1/compare", &beyond)
        .is_problem(422, "image_invalid");
    let wrong = [("box", Part::Text("1,2,3")), parts[1], parts[2]];
    client
        .form("/v1/compare", &wrong)
        .is_problem(422, "invalid");
}

#[test]
fn embeddings_come_in_order_with_what_failed() {
    let server = Started::new();
    let client = &server.client;
    let (one, two) = (face(1, 1), face(2, 1));
    let parts = [
        ("picture", Part::File(&one)),
        ("picture", Part::File(b"no picture")),
        ("picture", Part::File(&two)),
    ];
    let all = client.form("/v1/embeddings", &parts).expect(200);
    let all = all["embeddings"].as_array().unwrap();
    assert_eq!(all[1]["problem"]["code"], "image_invalid");
    let alone = client.form("/v1/embeddings", &parts[2..]).expect(200);
    assert_eq!(alone["embeddings"][0], all[2]);
    client
        .form("/v1/embeddings", &[])
        .is_problem(422, "invalid");
}

#[test]
fn poor_pictures_are_not_enrolled_and_say_why() {
    let server = Started::new();
    let client = &server.client;
    let mut flat = b"P5 46 56 255\n".to_vec();
    flat.extend([90; 46 * 56]);
    let enrol = |query: &str, id: &str, picture: &[u8]| {
        let parts = [
            ("external_id", Part::Text(id)),
            ("picture", Part::File(picture)),
        ];
        client.form(&format!("/v1/galleries/staff/enrollments{query}"), &parts)
    };
    enrol("", "ada", &flat).is_problem(422, "low_quality");
    enrol("", "ada", b"P5 9").is_problem(422, "image_invalid");
    assert_eq!(client.get("/v1/galleries/staff").expect(200)["people"], 0);
    enrol("", "ada", &face(1, 1)).expect(201);
    // The same face under another name.
    enrol("", "alan", &face(1, 1)).is_problem(422, "duplicate_face");
    let warned = enrol("?on_duplicate=warn", "alan", &face(1, 1)).expect(201);
    assert_eq!(
        warned["pictures"][0]["remarks"].as_array().unwrap().len(),
        1
    );
    enrol("?on_duplicate=perhaps", "alan", &face(1, 1)).is_problem(422, "invalid");
}

#[test]
fn decisions_are_made_by_the_calibration() {
    let server = Started::new();
    let client = &server.client;
    let picture = face(1, 1);
    let parts = [
        ("external_id", Part::Text("ada")),
        ("picture", Part::File(&picture)),
    ];
    client
        .form("/v1/galleries/staff/enrollments", &parts)
        .expect(201);
    let place = "/v1/galleries/staff/calibrations";
    let before = client.get(place);
    assert_eq!(before.expect(200)["calibrated"], false);
    let calibration = json!({
        "direction": "distance", "fusion": "best", "templates_per_subject": 1,
        "made": { "how": "by hand", "subjects": 400 },
        "comparisons": [{ "fmr": 0.001, "threshold": 0.3 }, { "fmr": 0.01, "threshold": 0.5 }],
    });
    let careful = client.with(&format!("If-Match: {}", before.header("etag").unwrap()));
    let after = careful.json("PUT", place, &calibration).expect(200);
    assert_eq!(
        (&after["calibrated"], &after["made"]),
        (&json!(true), &json!("by hand"))
    );
    assert!((after["comparisons"][0]["distance"].as_f64().unwrap() - 0.3).abs() < 1e-9);
    careful
        .json("PUT", place, &calibration)
        .is_problem(412, "precondition_failed");
    client
        .json("PUT", place, &json!({ "fusion": "best" }))
        .is_problem(422, "invalid");

    let probe = [("picture", Part::File(&picture[..]))];
    let found = client
        .form("/v1/galleries/staff/identify?fpir=0.01", &probe)
        .expect(200);
    assert_eq!(
        (&found["decision"], &found["person"]),
        (&json!("match"), &json!(1)),
        "{found}"
    );
    assert_eq!(found["threshold"]["calibration"], after["calibration"]);
    assert_eq!(found["threshold"]["target_met"], true);
    let verify = [
        ("person", Part::Text("1")),
        ("picture", Part::File(&picture[..])),
    ];
    let verified = client
        .form("/v1/galleries/staff/verify?fmr=0.0001", &verify)
        .expect(200);
    // Nothing as strict was measured, and the answer says so.
    assert_eq!(verified["decision"], "match");
    assert_eq!(verified["threshold"]["target_met"], false);
    assert_eq!(verified["threshold"]["fmr"], 0.001);
}
