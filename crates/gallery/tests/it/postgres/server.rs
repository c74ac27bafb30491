//! PostgreSQL servers to test with: each in a folder of its own, gone with the test, and as an ordinary user, since the server
//! refuses root.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use gallery::{Place, PostgresAddress};

/// The folder of PostgreSQL's programs, pgvector beside them; `scripts/tests/postgres.py` says where it has put one.
const PROGRAMS: &str = "GALLERY_TEST_POSTGRES";

/// Whoever runs servers where the tests are run by root: nobody.
const NOBODY: u32 = 65_534;

/// Does what it is told, a line at a time, and says when it is done. When nobody can tell it more, because the test has ended in
/// any way, the server ends too.
const KEEPER: &str = r#"
cd "$1"; programs=$2
"$programs/initdb" -D data -U siamese --auth=trust --no-sync --encoding=UTF8 --locale=C >log 2>&1 || { cat log >&2; exit 1; }
start() {
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        "$programs/postgres" -D data -k "$1" -c listen_addresses= -c max_connections=60 >>log 2>&1 & server=$!
        while kill -0 $server 2>/dev/null; do
            "$programs/pg_isready" -q -h "$1" && return
            sleep 0.05
        done
        sleep 0.5    # what is left of a crash still holds its memory
    done
    cat log >&2; exit 1
}
while read -r what number; do
    case $what in
        start) start "$1" ;;
        stop) kill -INT $server; wait $server ;;
        crash) kill -KILL $server; wait $server ;;
        kill) kill -KILL "$number" ;;
    esac 2>/dev/null
    echo done
done
kill -QUIT $server; wait $server; rm -rf data log
"#;

/// A server that runs until this is dropped.
pub(crate) struct Server {
    folder: PathBuf,
    keeper: Child,
    says: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
}

impl Server {
    /// Starts one; nothing where there are no programs.
    pub(crate) fn start() -> Option<Self> {
        available().then(Self::new)
    }

    fn new() -> Self {
        let programs = std::env::var_os(PROGRAMS).unwrap();
        let folder = tempfile::tempdir().unwrap().keep();
        let mut keeper = Command::new("sh");
        keeper
            .args(["-c", KEEPER, "keeper"])
            .arg(&folder)
            .arg(programs);
        if fs::metadata(&folder).unwrap().uid() == 0 {
            chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
            keeper.uid(NOBODY).gid(NOBODY);
        }
        let mut keeper = keeper
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let ends = (
            keeper.stdin.take().unwrap(),
            BufReader::new(keeper.stdout.take().unwrap()),
        );
        let server = Self {
            folder,
            keeper,
            says: Mutex::new(Some(ends)),
        };
        server.tell("start");
        server
    }

    /// Tells the keeper what to do: `start`, `stop`, `crash` (kill -9 of the postmaster), `kill PID`.
    pub(crate) fn tell(&self, what: &str) {
        let mut says = self.says.lock().unwrap();
        let (to, from) = says.as_mut().unwrap();
        writeln!(to, "{what}").unwrap();
        let mut done = String::new();
        from.read_line(&mut done).unwrap();
        assert_eq!(done, "done\n", "the server did not {what}");
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The gallery of this name.
    pub(crate) fn address(&self, gallery: &str) -> PostgresAddress {
        let folder = self.folder.to_str().unwrap().replace('/', "%2F");
        let address = format!("postgres://siamese@{folder}/postgres?gallery={gallery}");
        PostgresAddress::parse(&address).unwrap()
    }

    pub(crate) fn place(&self, gallery: &str) -> Place {
        self.address(gallery).into()
    }

    /// A connection that knows nothing of galleries.
    pub(crate) fn client(&self) -> postgres::Client {
        postgres::Config::new()
            .host(self.folder.to_str().unwrap())
            .user("siamese")
            .dbname("postgres")
            .options("-c search_path=siamese_gallery,public")
            .connect(postgres::NoTls)
            .unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends the server when it is told nothing more.
        drop(self.says.get_mut().unwrap().take());
        let _ = self.keeper.wait();
        let _ = fs::remove_dir(&self.folder);
    }
}

/// The server that tests share which harm no other.
pub(crate) fn shared() -> Option<&'static Server> {
    static SHARED: OnceLock<Server> = OnceLock::new();
    match available() {
        true => Some(SHARED.get_or_init(Server::new)),
        false => None,
    }
}

/// Whether there are programs; says which test is not run where there are none.
fn available() -> bool {
    let available = std::env::var_os(PROGRAMS).is_some();
    if !available {
        let test = std::thread::current();
        let test = test.name().unwrap_or("a test");
        // Not by a macro, whose words are kept back where a test ends well.
        let mut out = std::io::stderr();
        writeln!(out, "NOT RUN for want of PostgreSQL ({PROGRAMS}): {test}").unwrap();
    }
    available
}
