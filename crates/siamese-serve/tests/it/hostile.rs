//! Requests that mean no good, or are cut: refused with the right status, and the server lives on.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::http::{Answer, Part, in_json};
use crate::started::{Started, face};

fn small() -> Started {
    Started::with(tempfile::tempdir().unwrap(), |settings| {
        settings.limits.head_time = Duration::from_millis(500);
        settings.limits.body_time = Duration::from_millis(800);
        settings.limits.request_bytes = 1 << 20;
        settings.limits.picture_bytes = 200_000;
        settings.limits.pixels = 100_000;
    })
}

#[test]
fn bodies_are_measured() {
    let server = small();
    let client = &server.client;
    let path = "/v1/galleries/staff/identify";
    let large = vec![b'x'; 300_000];
    client
        .form(path, &[("picture", Part::File(&large))])
        .is_problem(413, "too_large");
    let larger = vec![b'x'; 2 << 20];
    client
        .send("POST", path, "application/json", &larger)
        .is_problem(413, "too_large");
    let person = "/v1/galleries/staff/persons";
    client
        .send("POST", person, "application/json", &large)
        .is_problem(413, "too_large");
    // A length that is a lie, and none at all.
    let host = format!(
        "Host: {}\r\nContent-Type: application/json\r\n",
        client.address
    );
    let lie = format!("POST {path} HTTP/1.1\r\n{host}Content-Length: 100000000000\r\n\r\n{{}}");
    client
        .raw(lie.as_bytes())
        .unwrap()
        .is_problem(413, "too_large");
    let mut chunked = format!(
        "POST {path} HTTP/1.1\r\n{host}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    .into_bytes();
    for _ in 0..40 {
        chunked.extend(format!("{:x}\r\n", 50_000).as_bytes());
        chunked.extend(&large[..50_000]);
        chunked.extend(b"\r\n");
    }
    chunked.extend(b"0\r\n\r\n");
    client.raw(&chunked).unwrap().is_problem(413, "too_large");
    client.get("/healthz").expect(200);
}

#[test]
fn whoever_sends_all_before_reading_learns_why_it_is_refused() {
    let server = Started::with(tempfile::tempdir().unwrap(), |settings| {
        settings.limits.request_bytes = 8 << 20;
    });
    let body = vec![b'x'; 15 << 20];
    for (path, status, code) in [
        ("/v1/galleries/staff/identify", 413, "too_large"),
        ("/v1/galleries/staff/persons", 413, "too_large"),
        ("/nowhere", 413, "too_large"),
    ] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n",
            server.client.address,
            body.len()
        );
        let mut stream = TcpStream::connect(server.client.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&body).unwrap();
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .unwrap();
        let answer = Answer::read(&mut stream).unwrap();
        assert_eq!(answer.status, status);
        let all = String::from_utf8_lossy(&answer.body);
        assert!(all.contains(code), "{all}");
        // The connection is good for another request.
        assert!(all.contains("{\"status\":\"ok\"}"), "{all}");
    }
}

#[test]
fn slow_clients_are_cut() {
    let server = small();
    let client = &server.client;
    // A head that does not end is no request: the connection closes.
    let begun = std::time::Instant::now();
    assert!(
        client
            .raw(b"GET / HTTP/1.1\r\nHost: ")
            .is_none_or(|answer| answer.status == 408)
    );
    let host = format!(
        "Host: {}\r\nContent-Type: application/json\r\n",
        client.address
    );
    let slow = format!(
        "POST /v1/galleries/staff/identify HTTP/1.1\r\n{host}Connection: close\r\nContent-Length: 1000\r\n\r\n{{"
    );
    client
        .raw(slow.as_bytes())
        .unwrap()
        .is_problem(408, "request_timeout");
    assert!(begun.elapsed() < Duration::from_secs(20));
    client.get("/healthz").expect(200);
}

#[test]
fn odd_documents_and_forms_are_refused() {
    let server = small();
    let client = &server.client;
    let path = "/v1/galleries/staff/identify";
    let deep = "[".repeat(100_000);
    client
        .send("POST", path, "application/json", deep.as_bytes())
        .is_problem(422, "invalid");
    let deep = format!("{{\"picture\":{}", "{\"a\":".repeat(10_000));
    assert!(
        client
            .send("POST", path, "application/json", deep.as_bytes())
            .status
            < 500
    );
    let metadata = format!(
        "{{\"external_id\":\"a\",\"metadata\":{}1{}}}",
        "{\"a\":".repeat(1000),
        "}".repeat(1000)
    );
    client
        .send(
            "POST",
            "/v1/galleries/staff/persons",
            "application/json",
            metadata.as_bytes(),
        )
        .is_problem(400, "bad_request");
    client
        .json(
            "POST",
            path,
            &json!({ "picture": { "data": "no base64!" } }),
        )
        .is_problem(422, "invalid");
    client
        .json("POST", path, &json!({ "picture": { "data": "" } }))
        .is_problem(422, "image_invalid");
    // Nothing is unpacked: a small body could become a large one.
    let packed = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x0b..",
        client.address
    );
    client
        .raw(packed.as_bytes())
        .unwrap()
        .is_problem(415, "unsupported_media_type");

    let picture = face(1, 1);
    let parts = vec![("picture", Part::File(&picture[..1])); 10_000];
    client.form(path, &parts).is_problem(413, "too_large");
    client
        .form(path, &[("other", Part::File(&picture))])
        .is_problem(422, "invalid");
    let twice = [("picture", Part::File(&picture[..])); 2];
    client.form(path, &twice).is_problem(422, "invalid");
    let more = [
        ("picture", Part::File(&picture[..])),
        ("unknown", Part::Text("x")),
    ];
    client.form(path, &more).is_problem(422, "invalid");
    let cut =
        b"--cut\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"x\"\r\n\r\nabc";
    client
        .send("POST", path, "multipart/form-data; boundary=cut", cut)
        .is_problem(400, "bad_request");
    client
        .send("POST", path, "multipart/form-data", cut)
        .is_problem(400, "bad_request");
}

#[test]
fn pictures_that_claim_too_much_cost_nothing() {
    let server = small();
    let client = &server.client;
    let bomb = b"P5 60000 60000 255\n".to_vec();
    let path = "/v1/galleries/staff/identify";
    client
        .form(path, &[("picture", Part::File(&bomb))])
        .is_problem(422, "image_invalid");
    let mut whole = b"P5 400 300 255\n".to_vec();
    whole.extend(vec![7; 120_000]);
    client
        .json("POST", path, &json!({ "picture": in_json(&whole) }))
        .is_problem(422, "image_invalid");
}

#[test]
fn heads_are_measured() {
    let server = small();
    let client = &server.client;
    let host = format!("Host: {}\r\n", client.address);
    let many: String = (0..200)
        .map(|number| format!("X-{number}: x\r\n"))
        .collect();
    let head = format!("GET /healthz HTTP/1.1\r\n{host}{many}\r\n");
    assert_eq!(client.raw(head.as_bytes()).unwrap().status, 431);
    let long = format!("GET /{} HTTP/1.1\r\n{host}\r\n", "x".repeat(100_000));
    assert!(
        client
            .raw(long.as_bytes())
            .is_none_or(|answer| [414, 431].contains(&answer.status))
    );
    assert!(
        client
            .raw(b"nonsense\r\n\r\n")
            .is_none_or(|answer| answer.status == 400)
    );
    client.get("/healthz").expect(200);
}
