//! Encrypted connections. The server that tests have may have been built without TLS, so what encrypts stands before it.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gallery::{PostgresAddress, PostgresStore, Store};
use rcgen::{CertifiedKey, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::shared;
use crate::made::{NOW, generation, person};

/// What a client of PostgreSQL sends first where it wants TLS: its length, and a number.
const WISH: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Takes encrypted connections for a server, as PostgreSQL does, and passes on what is in them.
struct Before {
    port: u16,
    /// Connections that were encrypted.
    encrypted: Arc<AtomicUsize>,
}

impl Before {
    /// `certified` is what it shows; without it, it refuses to encrypt.
    fn start(server: &Path, certified: Option<&CertifiedKey<KeyPair>>) -> Self {
        let config = certified.map(|CertifiedKey { cert, signing_key }| {
            let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![cert.der().clone()], key);
            Arc::new(config.unwrap())
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (socket, encrypted) = (server.join(".s.PGSQL.5432"), Arc::<AtomicUsize>::default());
        let counted = encrypted.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (config, counted) = (config.clone(), counted.clone());
                let server = UnixStream::connect(&socket).unwrap();
                // A client that goes away ends its connection alone.
                std::thread::spawn(move || passed_on(client?, server, config, &counted));
            }
        });
        Self { port, encrypted }
    }

    fn address(&self, host: &str, rest: &str) -> PostgresAddress {
        let port = self.port;
        let address = format!("postgres://siamese@{host}:{port}/postgres?gallery=encrypted&{rest}");
        PostgresAddress::parse(&address).unwrap()
    }
}

fn passed_on(
    mut client: TcpStream,
    mut server: UnixStream,
    config: Option<Arc<ServerConfig>>,
    counted: &AtomicUsize,
) -> std::io::Result<()> {
    let mut wish = [0; 8];
    client.read_exact(&mut wish)?;
    client.set_nodelay(true)?;
    match config {
        Some(config) if wish == WISH => {
            client.write_all(b"S")?;
            let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
            let mut client = StreamOwned::new(connection, client);
            while client.conn.is_handshaking() {
                client.conn.complete_io(&mut client.sock)?;
            }
            counted.fetch_add(1, Ordering::Relaxed);
            client.sock.set_read_timeout(Some(TURN))?;
            both_ways(client, server)
        }
        None if wish == WISH => client.write_all(b"N"),
        _ => {
            server.write_all(&wish)?;
            client.set_read_timeout(Some(TURN))?;
            both_ways(client, server)
        }
    }
}

/// How long one side is listened to before it is the other's turn.
const TURN: Duration = Duration::from_millis(1);

fn both_ways(mut client: impl Read + Write, mut server: UnixStream) -> std::io::Result<()> {
    server.set_read_timeout(Some(TURN))?;
    loop {
        if !pass(&mut client, &mut server)? || !pass(&mut server, &mut client)? {
            return Ok(());
        }
    }
}

/// Passes on what has come; says whether more may come.
fn pass(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<bool> {
    let mut bytes = [0; 1 << 14];
    match from.read(&mut bytes) {
        Ok(0) => Ok(false),
        Ok(read) => {
            to.write_all(&bytes[..read])?;
            to.flush()?;
            Ok(true)
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

/// An error with all its causes.
fn refused(address: &PostgresAddress) -> String {
    let error = PostgresStore::open(address).unwrap_err();
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| {
        error.source()
    });
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[test]
fn a_connection_is_encrypted_and_the_server_is_known_by_its_certificate() {
    let Some(server) = shared() else { return };
    let [good, other] =
        [(), ()].map(|()| rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let by = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap().replace('/', "%2F");
        format!("sslmode=verify-full&sslrootcert={path}")
    };
    let (by_good, by_other) = (
        by("good.pem", &good.cert.pem()),
        by("other.pem", &other.cert.pem()),
    );
    let before = Before::start(server.folder(), Some(&good));

    let address = before.address("localhost", &by_good);
    let mut store = PostgresStore::create(&address, &generation(), NOW).unwrap();
    let (told, heard) = std::sync::mpsc::channel();
    let watch = store.watch(Box::new(move || told.send(()).unwrap_or(())));
    let _watch = watch.unwrap();
    heard.recv().unwrap();
    store.add_person(&person("ada"), NOW).unwrap();
    heard.recv().unwrap();
    // That which asks, and that which listens.
    assert_eq!(before.encrypted.load(Ordering::Relaxed), 2);

    let said = refused(&before.address("localhost", &by_other));
    assert!(said.contains("certificate"), "{said}");
    let said = refused(&before.address("127.0.0.1", &by_good));
    assert!(said.contains("not valid for name"), "{said}");
    let said = refused(&before.address("localhost", &by("nothing.pem", "no certificate")));
    assert!(
        said.contains("nothing.pem") && said.contains("expected certificates in PEM"),
        "{said}"
    );
    std::fs::remove_file(folder.path().join("nothing.pem")).unwrap();
    let nowhere = by_good.replace("good.pem", "nowhere.pem");
    let said = refused(&before.address("localhost", &nowhere));
    assert!(said.contains("nowhere.pem"), "{said}");

    // Whoever answers is taken for the server.
    let anybody = PostgresStore::open(&before.address("127.0.0.1", "sslmode=require")).unwrap();
    assert_eq!(anybody.people().unwrap().len(), 1);
    assert_eq!(before.encrypted.load(Ordering::Relaxed), 3);
    // On this machine nothing is encrypted unless somebody asks for it.
    let plain = PostgresStore::open(&before.address("127.0.0.1", "")).unwrap();
    assert_eq!(plain.people().unwrap().len(), 1);
    assert_eq!(before.encrypted.load(Ordering::Relaxed), 3);

    let without = Before::start(server.folder(), None);
    for rest in [&by_good, "sslmode=require"] {
        let said = refused(&without.address("localhost", rest));
        assert!(said.contains("does not support TLS"), "{said}");
    }
}
