//! A client that sends exactly what a test says.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// All that comes until the server closes.
    pub(crate) fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        let end = all.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&all[..end]).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let body = all[end + 4..].to_vec();
        Some(Self { status, head, body })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}: {}", self.status, String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }

    /// The document, where the status is this one.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        match self.body.is_empty() {
            true => Value::Null,
            false => self.json(),
        }
    }

    /// Checks that it is a problem document of this kind.
    pub(crate) fn is_problem(&self, status: u16, code: &str) {
        let document = self.expect(status);
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(
            (&document["code"], &document["status"]),
            (&json!(code), &json!(status))
        );
        assert_eq!(document["request_id"].as_str(), self.header("x-request-id"));
        assert!(!document["detail"].as_str().unwrap().is_empty());
    }
}

/// A client of one server.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) headers: String,
}

impl Client {
    pub(crate) fn with(&self, header: &str) -> Self {
        Self {
            headers: format!("{}{header}\r\n", self.headers),
            ..self.clone()
        }
    }

    /// Sends bytes as they are and reads until the server closes.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        // A server that refuses a body may close before it has all of it.
        let _ = stream.write_all(bytes);
        Answer::read(&mut stream)
    }

    pub(crate) fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let host = match self.headers.to_ascii_lowercase().contains("host: ") {
            true => String::new(),
            false => format!("Host: {}\r\n", self.address),
        };
        let kind = match kind {
            "" => String::new(),
            kind => format!("Content-Type: {kind}\r\n"),
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\n{host}{kind}{}Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.headers,
            body.len()
        );
        self.raw(&[head.as_bytes(), body].concat())
            .expect("an answer")
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", b"")
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, "", b"")
    }

    pub(crate) fn json(&self, method: &str, path: &str, document: &Value) -> Answer {
        self.send(
            method,
            path,
            "application/json",
            document.to_string().as_bytes(),
        )
    }

    pub(crate) fn form(&self, path: &str, parts: &[(&str, Part<'_>)]) -> Answer {
        let mut body = Vec::new();
        for (name, part) in parts {
            let (file, bytes) = match part {
                Part::Text(text) => ("", text.as_bytes()),
                Part::File(bytes) => ("; filename=\"x\"", *bytes),
            };
            let head =
                format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
            body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        }
        body.extend(b"--cut--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=cut", &body)
    }
}

/// A part of a form.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'a> {
    Text(&'a str),
    File(&'a [u8]),
}

/// A picture in a JSON document.
pub(crate) fn in_json(bytes: &[u8]) -> Value {
    json!({ "data": base64::engine::general_purpose::STANDARD.encode(bytes) })
}
