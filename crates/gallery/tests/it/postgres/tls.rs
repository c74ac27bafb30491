//! Encrypted connections to a server with a certificate of its own.

use std::net::TcpListener;

use gallery::{Error, PostgresAddress, PostgresStore, Store};

use super::Server;
use crate::made::{NOW, generation, person};

/// A free port of this machine.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Has the server listen on a port, with and without encryption.
fn listen(server: &Server, port: u16, encrypted: &str) {
    server.tell("stop");
    server.write("port", &port.to_string());
    let options = format!(
        "-c listen_addresses=127.0.0.1 -c ssl={encrypted} -c ssl_cert_file=good.pem -c ssl_key_file=good.key"
    );
    server.write("options", &options);
    server.tell("start");
}

#[test]
fn a_connection_is_encrypted_and_the_server_is_known_by_its_certificate() {
    let Some(server) = Server::start() else {
        return;
    };
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    server.write("data/good.pem", &made.cert.pem());
    server.write("data/good.key", &made.signing_key.serialize_pem());
    server.write("good.pem", &made.cert.pem());
    server.write("other.pem", &other.cert.pem());
    let port = free_port();
    listen(&server, port, "on");

    let roots = |name: &str| {
        let path = server.folder().join(name);
        path.to_str().unwrap().replace('/', "%2F")
    };
    let address = |host: &str, rest: &str| {
        let address = format!("postgres://siamese@{host}:{port}/postgres?gallery=staff&{rest}");
        PostgresAddress::parse(&address).unwrap()
    };
    let by = |name: &str| format!("sslmode=verify-full&sslrootcert={}", roots(name));
    let good = address("localhost", &by("good.pem"));
    let mut store = PostgresStore::create(&good, &generation(), NOW).unwrap();
    let (told, heard) = std::sync::mpsc::channel();
    let watch = store.watch(Box::new(move || told.send(()).unwrap_or(())));
    let _watch = watch.unwrap();
    store.add_person(&person("ada"), NOW).unwrap();
    heard.recv().unwrap();

    // Both connections are, and the server says so.
    let mut plain = postgres::Config::new();
    plain.host(server.folder().to_str().unwrap()).port(port);
    let mut plain = plain
        .user("siamese")
        .dbname("postgres")
        .connect(postgres::NoTls)
        .unwrap();
    let counted = "SELECT count(*) FILTER (WHERE ssl), count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                   WHERE application_name = 'siamese gallery'";
    let counted = plain.query_one(counted, &[]).unwrap();
    let counts: (i64, i64) = (counted.get(0), counted.get(1));
    assert_eq!(counts, (2, 2));

    let refused = |address: PostgresAddress| {
        let error = PostgresStore::open(&address).unwrap_err();
        let mut said = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            said = format!("{said}: {error}");
            cause = error.source();
        }
        said
    };
    let said = refused(address("localhost", &by("other.pem")));
    assert!(said.contains("certificate"), "{said}");
    let said = refused(address("127.0.0.1", &by("good.pem")));
    assert!(said.contains("not valid for name"), "{said}");
    let said = refused(address("localhost", &by("nowhere.pem")));
    assert!(said.contains("nowhere.pem"), "{said}");
    server.write("nothing.pem", "no certificate");
    let said = refused(address("localhost", &by("nothing.pem")));
    assert!(said.contains("expected certificates in PEM"), "{said}");

    // Whoever answers is taken for the server.
    let anybody = PostgresStore::open(&address("127.0.0.1", "sslmode=require")).unwrap();
    assert_eq!(anybody.people().unwrap().len(), 1);
    drop((anybody, store));

    listen(&server, port, "off");
    for mode in [by("good.pem"), "sslmode=require".to_owned()] {
        let said = refused(address("localhost", &mode));
        assert!(said.contains("TLS"), "{said}");
    }
    let bare = PostgresStore::open(&address("localhost", "sslmode=disable"));
    assert!(!matches!(bare, Err(Error::Unreachable { .. })), "{bare:?}");
}
