//! Keys, sessions, hosts and sites.

use serde_json::json;
use siamese_serve::{Error, KeyFile, Scope, Server, Settings};

use crate::http::{Client, in_json};
use crate::started::{Started, face};

/// A server with keys of each scope, the first for another gallery.
fn with_keys() -> (Started, [String; 4]) {
    with_keys_and(|_| {})
}

fn with_keys_and(change: impl FnOnce(&mut Settings)) -> (Started, [String; 4]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let mut keys = KeyFile::read_or_new(&path).unwrap();
    let mut add = |scope, galleries: &[String]| keys.add("test", scope, galleries, 1).unwrap().key;
    let made = [
        add(Scope::Admin, &["other".to_owned()]),
        add(Scope::Read, &["staff".to_owned()]),
        add(Scope::Enrol, &[]),
        add(Scope::Admin, &[]),
    ];
    let audit = folder.path().join("audit.jsonl");
    let server = Started::with(folder, |settings| {
        settings.keys = Some(path);
        settings.audit = Some(audit);
        change(settings);
    });
    (server, made)
}

fn with_key(client: &Client, key: &str) -> Client {
    client.with(&format!("Authorization: Bearer {key}"))
}

#[test]
fn a_key_allows_what_its_scope_and_its_galleries_say() {
    let (server, keys) = with_keys();
    let client = &server.client;
    let [other, read, enrol, admin] = keys.each_ref().map(|key| with_key(client, key));
    let gallery = "/v1/galleries/staff";
    let refused = client.get(gallery);
    refused.is_problem(401, "unauthorized");
    assert!(refused.header("www-authenticate").is_some());
    with_key(client, "siamese_0_x")
        .get(gallery)
        .is_problem(401, "unauthorized");
    other.get(gallery).is_problem(403, "forbidden");
    assert_eq!(
        other.get("/v1/galleries").expect(200)["galleries"],
        json!([])
    );
    read.get(gallery).expect(200);
    let ada = json!({ "external_id": "ada" });
    let persons = format!("{gallery}/persons");
    read.json("POST", &persons, &ada)
        .is_problem(403, "forbidden");
    enrol.json("POST", &persons, &ada).expect(201);
    let calibration = json!({ "direction": "distance", "fusion": "best", "templates_per_subject": 1, "made": { "how": "by hand", "subjects": 1 }, "comparisons": [] });
    let place = format!("{gallery}/calibrations");
    enrol
        .json("PUT", &place, &calibration)
        .is_problem(403, "forbidden");
    admin.json("PUT", &place, &calibration).expect(200);
    // Whether it runs may be asked by anybody, and how busy it is may not.
    client.get("/healthz").expect(200);
    client.get("/metrics").is_problem(401, "unauthorized");
    // They are of all galleries.
    read.get("/metrics").is_problem(403, "forbidden");
    let metrics = enrol.get("/metrics");
    let text = String::from_utf8(metrics.body).unwrap();
    assert!(
        text.contains("siamese_people{gallery=\"staff\"} 1") && text.ends_with("# EOF\n"),
        "{text}"
    );
    assert!(!text.contains("ada"));

    let id = keys[2].split('_').nth(1).unwrap();
    let path = server.folder.path().join("keys.json");
    KeyFile::read(&path).unwrap().revoke(id).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1200));
    enrol.get(gallery).is_problem(401, "unauthorized");
    read.get(gallery).expect(200);

    let audit = std::fs::read_to_string(server.folder.path().join("audit.jsonl")).unwrap();
    assert!(
        audit.contains(&format!("\"key\":\"{id}\"")) && audit.contains("\"gallery\":\"staff\"")
    );
    assert!(
        // Hexadecimal ids may hold the three letters.
        !audit.contains("\"ada") && !audit.contains("siamese_"),
        "{audit}"
    );
}

#[test]
fn whoever_asks_too_often_waits_and_nobody_else_does() {
    let (server, keys) = with_keys_and(|settings| {
        settings.limits.rate = 1;
        settings.limits.burst = 5;
    });
    let client = &server.client;
    let [read, enrol] = [1, 2].map(|at: usize| with_key(client, &keys[at]));
    let gallery = "/v1/galleries/staff";
    let refused = (0..1000)
        .map(|_| read.get(gallery))
        .find(|answer| answer.status != 200)
        .unwrap();
    refused.is_problem(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), Some("1"));
    enrol.get(gallery).expect(200);
    client.get("/healthz").expect(200);
    // A wrong key takes all that a bucket of so few holds.
    let wrong = with_key(client, "siamese_0_x");
    let refused = (0..1000)
        .map(|_| wrong.get(gallery))
        .find(|answer| answer.status != 401)
        .unwrap();
    refused.is_problem(429, "rate_limited");
    enrol.get(gallery).expect(200);
}

#[test]
fn a_browser_signs_in_and_proves_that_its_page_asks() {
    let (server, keys) = with_keys();
    let client = &server.client;
    assert_eq!(client.get("/v1/session").expect(200)["keys_needed"], true);
    client
        .json("POST", "/v1/session", &json!({ "key": "wrong" }))
        .is_problem(401, "unauthorized");
    let begun = client.json("POST", "/v1/session", &json!({ "key": keys[2] }));
    let cookie = begun.header("set-cookie").unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let token = begun.expect(200)["csrf_token"].as_str().unwrap().to_owned();
    let browser = client.with(&format!(
        "Cookie: a=b; {}",
        cookie.split(';').next().unwrap()
    ));
    assert_eq!(browser.get("/v1/session").expect(200)["scope"], "enrol");
    let (persons, ada) = (
        "/v1/galleries/staff/persons",
        json!({ "external_id": "ada" }),
    );
    browser
        .json("POST", persons, &ada)
        .is_problem(403, "forbidden");
    let page = browser.with(&format!("X-CSRF-Token: {token}"));
    page.json("POST", persons, &ada).expect(201);
    page.delete("/v1/session").expect(204);
    page.get("/v1/galleries/staff")
        .is_problem(401, "unauthorized");
    client.get("/v1/nothing/grace").expect(401);

    // The audit log says who signed in, and that somebody asked for what is not there.
    let audit = std::fs::read_to_string(server.folder.path().join("audit.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = audit
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |route: &str, method: &str, status: u16| {
        let mut found = lines.iter().filter(|line| {
            line["route"] == route && line["method"] == method && line["status"] == status
        });
        found.next().unwrap_or_else(|| panic!("{audit}"))["key"].clone()
    };
    let id = keys[2].split('_').nth(1).unwrap();
    assert_eq!(of("/v1/session", "POST", 401), "-");
    assert_eq!(of("/v1/session", "POST", 200), id);
    assert_eq!(of("-", "GET", 401), "-");
    assert!(!audit.contains("grace"));
}

#[test]
fn a_file_of_keys_that_cannot_be_read_is_told_once() {
    let (server, keys) = with_keys();
    std::fs::write(server.folder.path().join("keys.json"), "{").unwrap();
    let client = with_key(&server.client, &keys[3]);
    let told = || {
        let log = server.log.lock().unwrap();
        log.iter().filter(|line| line.contains("keys.json")).count()
    };
    while told() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(100));
        client.get("/v1/galleries").expect(200);
    }
    std::thread::sleep(std::time::Duration::from_millis(1200));
    client.get("/v1/galleries").expect(200);
    assert_eq!(told(), 1);
}

#[test]
fn other_names_and_other_sites_are_refused_even_on_loopback() {
    let server = Started::new();
    let client = &server.client;
    let gallery = "/v1/galleries/staff";
    client
        .with("Host: evil.example")
        .get(gallery)
        .is_problem(421, "host_forbidden");
    client.with("Host: localhost").get(gallery).expect(200);
    let ada = json!({ "external_id": "ada" });
    let persons = format!("{gallery}/persons");
    for site in ["https://evil.example", "null", "http://localhost:1"] {
        let page = client.with(&format!("Origin: {site}"));
        page.json("POST", &persons, &ada)
            .is_problem(403, "origin_forbidden");
    }
    let own = client.with(&format!("Origin: http://{}", client.address));
    own.json("POST", &persons, &ada).expect(201);
    client
        .with("Sec-Fetch-Site: cross-site")
        .get(gallery)
        .is_problem(403, "origin_forbidden");
    let link = client
        .with("Sec-Fetch-Site: cross-site")
        .with("Sec-Fetch-Mode: navigate");
    let page = link.get("/");
    assert_eq!(page.status, 200);
    for name in [
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "x-request-id",
    ] {
        assert!(page.header(name).is_some(), "{name}");
    }
}

#[test]
fn nothing_but_loopback_is_served_without_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(
        ([0, 0, 0, 0], 0).into(),
        vec![folder.path().join("staff.db")],
    );
    settings.model = Some(crate::started::model_in(folder.path()));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let refused = runtime
        .block_on(Server::bind(settings, |_| {}))
        .unwrap_err();
    assert!(matches!(refused, Error::Open { .. }), "{refused}");
    assert!(!folder.path().join("staff.db").exists());
}

#[test]
fn what_fails_inside_is_told_to_the_operator_alone() {
    let server = Started::new();
    let client = &server.client;
    let path = server.folder.path().join("staff.db");
    let other = rusqlite::Connection::open(path).unwrap();
    other
        .execute_batch("ALTER TABLE template RENAME TO gone")
        .unwrap();
    let document = json!({ "external_id": "ada", "pictures": [in_json(&face(1, 1))] });
    let failed = client.json("POST", "/v1/galleries/staff/enrollments", &document);
    assert!(failed.status >= 500, "{}", failed.status);
    let text = String::from_utf8(failed.body).unwrap();
    assert!(!text.contains("staff.db"), "{text}");
    assert!(
        server
            .log
            .lock()
            .unwrap()
            .iter()
            .any(|line| line.contains("staff.db"))
    );
}
