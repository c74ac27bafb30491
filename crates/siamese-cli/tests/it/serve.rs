//! `siamese serve` and `siamese keys`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::faces::Place;
#[cfg(feature = "train")]
use crate::faces::{IMAGES, PEOPLE};
use crate::used::place;

/// Asks a server at an address such as `127.0.0.1:8080`.
struct Client(String);

impl Client {
    /// Asks, and gives the status and the document of the answer.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.0).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
            self.0,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    fn get(&self, path: &str, headers: &str) -> (u16, Value) {
        self.ask("GET", path, headers, b"")
    }

    /// Sends a picture in a form, of the person with this external id if one is given.
    fn send(&self, path: &str, headers: &str, who: Option<&str>, picture: &[u8]) -> (u16, Value) {
        let part = "--cut\r\nContent-Disposition: form-data; name=";
        let mut body = Vec::new();
        if let Some(who) = who {
            body.extend(format!("{part}\"external_id\"\r\n\r\n{who}\r\n").into_bytes());
        }
        body.extend(format!("{part}\"picture\"; filename=\"x\"\r\n\r\n").into_bytes());
        body.extend(picture);
        body.extend(b"\r\n--cut--\r\n");
        let headers = format!("{headers}Content-Type: multipart/form-data; boundary=cut\r\n");
        self.ask("POST", path, &headers, &body)
    }
}

/// A server that runs until it is told to end, or this is dropped.
struct Serving {
    child: Child,
    client: Client,
}

impl Serving {
    /// Starts one and waits until it listens.
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        let address = said["listening"].as_str().unwrap();
        let address = address.strip_prefix("http://").unwrap().trim_matches('/');
        let client = Client(address.to_owned());
        Self { child, client }
    }

    fn on(place: &Place, more: &[&str]) -> Self {
        let args = ["serve", "--listen", "127.0.0.1:0", "--json"];
        Self::start(place.command(&[&args[..], more].concat()))
    }

    /// Sends a signal by its name, and gives the exit code.
    fn end(mut self, signal: &str) -> Option<i32> {
        let number = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &number]).status();
        assert!(sent.unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const ENROL: &str = "/v1/galleries/staff/enrollments?on_duplicate=allow";
const IDENTIFY: &str = "/v1/galleries/staff/identify?top=1";

#[test]
fn it_answers_until_a_signal_and_keeps_what_it_acknowledged() {
    let place = place(None);
    let staff = ["--gallery", "staff.db", "--model", "model.safetensors"];
    for (signal, who) in [("TERM", "p1"), ("INT", "p2")] {
        let server = Serving::on(&place, &staff);
        assert_eq!(server.client.get("/healthz", "").0, 200);
        let (status, ready) = server.client.get("/readyz", "");
        assert_eq!((status, &ready["ready"]), (200, &Value::Bool(true)));
        let picture = place.bytes(&format!("faces/{who}/1.pgm"));
        let (status, said) = server.client.send(ENROL, "", Some(who), &picture);
        assert_eq!(status, 201, "{said}");
        let (status, found) = server.client.send(IDENTIFY, "", None, &picture);
        assert_eq!(status, 200, "{found}");
        assert_eq!(found["candidates"][0]["external_id"], who);
        assert_eq!(server.end(signal), Some(0));
    }
    let listed = place
        .siamese(&["gallery", "list", "staff.db", "--json"])
        .done();
    assert!(listed.stdout.contains("\"p1\"") && listed.stdout.contains("\"p2\""));
    // The file alone is left: what belongs to an open one is gone.
    assert!(!place.path("staff.db-wal").exists());
}

#[test]
fn it_says_why_it_cannot_start() {
    let place = place(None);
    let serve =
        |more: &[&str]| place.siamese(&[&["serve", "--listen", "127.0.0.1:0"], more].concat());
    serve(&[]).failed(2, &["--gallery"]);
    serve(&["--gallery", "nowhere.db"]).failed(1, &["nowhere.db", "--model"]);
    let model = ["--model", "model.safetensors"];
    serve(&[&model[..], &["--listen", "0.0.0.0:0"]].concat()).failed(2, &["--listen"]);
    let open = ["serve", "--listen", "0.0.0.0:0"];
    place
        .siamese(&[&open[..], &model].concat())
        .failed(1, &["0.0.0.0:0", "siamese keys add"]);
    serve(&[&model[..], &["--keys", "none.json"]].concat()).failed(1, &["none.json"]);
}

#[test]
fn a_device_that_is_not_there_is_refused() {
    let place = place(None);
    let start = |device: &str| {
        let model = [
            "serve",
            "--model",
            "model.safetensors",
            "--listen",
            "127.0.0.1:0",
        ];
        place.siamese(&[&model[..], &["--device", device]].concat())
    };
    let server = Serving::on(&place, &["--model", "model.safetensors", "--device", "cpu"]);
    assert_eq!(server.end("TERM"), Some(0));
    if cfg!(not(feature = "train")) {
        start("cuda").failed(2, &["without libtorch", "say cpu"]);
    } else if !Path::new("/dev/nvidiactl").exists() {
        start("cuda").failed(1, &["cuda"]);
    }
    assert_ne!(start("toaster").code, Some(0));
}

#[test]
fn keys_are_made_listed_and_revoked() {
    let place = place(None);
    let keys = |args: &[&str]| place.siamese(&[&["keys"], args, &["--keys", "keys.json"]].concat());
    keys(&["list"]).failed(1, &["keys.json"]);
    let read = keys(&["add", "--label", "front door", "--gallery", "staff"]).done();
    assert!(read.stderr.contains("not shown again"), "{read:?}");
    let read = read.stdout.trim().to_owned();
    let enrol = keys(&["add", "--scope", "enrol", "--json"]).done().json();
    let [enrol, id] = ["key", "id"].map(|name| enrol[name].as_str().unwrap().to_owned());
    let listed = keys(&["list"]).done().stdout;
    for words in ["front door", "staff", "read", "enrol", &id] {
        assert!(listed.contains(words), "{words}: {listed}");
    }
    let kept = place.text("keys.json");
    assert!(!kept.contains(&read) && !kept.contains(&enrol), "{kept}");

    let staff = [
        "--gallery",
        "staff.db",
        "--model",
        "model.safetensors",
        "--keys",
        "keys.json",
    ];
    let server = Serving::on(&place, &staff);
    let with = |key: &str| format!("Authorization: Bearer {key}\r\n");
    let at = "/v1/galleries/staff";
    assert_eq!(server.client.get(at, "").0, 401);
    assert_eq!(server.client.get(at, &with(&read)).0, 200);
    let picture = place.bytes("faces/p1/1.pgm");
    let enrolled = |key: &str| {
        server
            .client
            .send(ENROL, &with(key), Some("p1"), &picture)
            .0
    };
    assert_eq!((enrolled(&read), enrolled(&enrol)), (403, 201));

    keys(&["revoke", "nobody"]).failed(1, &["nobody", "siamese keys list"]);
    keys(&["revoke", &id]).done();
    assert!(!keys(&["list"]).done().stdout.contains(&id));
    // It looks at the file now and then, so whoever waits long enough is refused.
    while server.client.get(at, &with(&enrol)).0 != 401 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(server.client.get(at, &with(&read)).0, 200);
    assert_eq!(server.end("TERM"), Some(0));
}

/// What docs/serve.md shows of a demonstration, on the AT&T faces where they have been fetched.
#[test]
#[allow(
    clippy::print_stdout,
    reason = "a test that is not run says so by name"
)]
fn the_demonstration_answers_as_the_docs_print() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let curl = Command::new("curl").arg("--version").output().is_ok();
    if !curl || !root.join("datasets/orl_faces/s1").is_dir() {
        println!(
            "NOT RUN: the_demonstration_answers_as_the_docs_print: it takes curl, and the AT&T faces in datasets/orl_faces"
        );
        return;
    }
    let place = Place::new();
    let mut command = place.command(&["serve", "--demo", "--listen", "127.0.0.1:0", "--json"]);
    command.current_dir(&root);
    let server = Serving::start(command);
    for page in ["README.md", "docs/serve.md"] {
        let text = std::fs::read_to_string(root.join(page)).unwrap();
        let examples = answered(&text);
        assert!(!examples.is_empty(), "{page}");
        for (asked, printed) in examples {
            let asked = asked.replace("127.0.0.1:8080", &server.client.0);
            let shell = Command::new("sh")
                .args(["-c", &asked])
                .current_dir(&root)
                .output();
            let answer = String::from_utf8(shell.unwrap().stdout).unwrap();
            let mut rest = answer.as_str();
            for part in printed.split("...") {
                let found = rest.find(part);
                let at = found.unwrap_or_else(|| panic!("{page}: {part} is not in {answer}"));
                rest = &rest[at + part.len()..];
            }
        }
    }
    assert_eq!(server.end("TERM"), Some(0));
}

/// Commands of a page that upload a picture, and what the page says that they answer: shortened where it has "...".
fn answered(page: &str) -> Vec<(String, String)> {
    let mut examples = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(first) = line.strip_prefix("    curl -F ") else {
            continue;
        };
        let mut asked = format!("curl -s -F {first}");
        while asked.ends_with('\\') {
            asked.pop();
            asked += lines.next().unwrap();
        }
        let printed = lines.by_ref().skip_while(|line| line.is_empty());
        let printed: String = printed
            .take_while(|line| !line.is_empty())
            .map(str::trim)
            .collect();
        if printed.starts_with('{') {
            examples.push((asked, printed));
        }
    }
    examples
}

/// The server on libtorch, which a GPU would compute with, decides as the one on `siamese-infer`.
#[cfg(feature = "train")]
#[test]
fn libtorch_on_the_cpu_decides_as_the_server_without_it() {
    use std::sync::Arc;

    use siamese_lab::model::{Device, Model};
    use siamese_net::{EmbeddingModel, ModelFile};
    use siamese_serve::{Server, Settings};

    let place = place(None);
    let model = ["calibrate", "model.safetensors", "--data", "faces"];
    place
        .siamese(&[&model[..], &["--out", "calibrated.safetensors"]].concat())
        .done();
    let answers = |libtorch: bool| -> Vec<Value> {
        let name = format!("staff-{libtorch}");
        let gallery = place.path(&format!("{name}.db"));
        let mut settings = Settings::new(([127, 0, 0, 1], 0).into(), vec![gallery.into()]);
        settings.model = Some(place.path("calibrated.safetensors"));
        if libtorch {
            settings.compute = Some(Arc::new(|file: &ModelFile, path: &Path| {
                let model = Model::of_file(file, path, Device::Cpu)?;
                assert_eq!(model.engine().name, "libtorch");
                Ok(Box::new(model) as Box<dyn EmbeddingModel>)
            }));
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let server = runtime.block_on(Server::bind(settings, |_| {})).unwrap();
        let client = Client(server.address().to_string());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = runtime.spawn(server.run(async { drop(stopped.await) }));
        let picture = |person: usize, picture: usize| {
            let name = format!("faces/p{person}/{picture}.pgm");
            place.bytes(&name)
        };
        let at = format!("/v1/galleries/{name}");
        for person in 1..PEOPLE {
            let path = format!("{at}/enrollments?on_duplicate=allow");
            let who = format!("p{person}");
            let (status, said) = client.send(&path, "", Some(&who), &picture(person, 1));
            assert_eq!(status, 201, "{said}");
        }
        let path = format!("{at}/identify?fpir=0.1&top=3");
        let probes = (1..=PEOPLE).flat_map(|person| (2..=IMAGES).map(move |image| (person, image)));
        let found = probes.map(|(person, image)| {
            let (status, found) = client.send(&path, "", None, &picture(person, image));
            assert_eq!(status, 200, "{found}");
            found
        });
        let found = found.collect();
        drop(stop);
        runtime.block_on(running).unwrap();
        found
    };
    let (without, with) = (answers(false), answers(true));
    let mut decided = 0;
    for (a, b) in without.iter().zip(&with) {
        for part in ["decision", "person", "gallery_size", "threshold"] {
            assert_eq!(a[part], b[part], "{a} {b}");
        }
        decided += usize::from(a["decision"] == "match");
        let candidates = |found: &Value| found["candidates"].as_array().unwrap().clone();
        for (a, b) in candidates(a).iter().zip(&candidates(b)) {
            assert_eq!(a["external_id"], b["external_id"]);
            let [a, b] = [a, b].map(|one| one["distance"].as_f64().unwrap());
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
    }
    assert!(decided > 0, "nobody was found");
}
