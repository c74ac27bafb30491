//! A place to run `siamese` in: synthetic faces, a recipe of their size, and what a command said.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pgm_io::{Encoding, Graymap, encode};
use tempfile::TempDir;

pub(crate) const PEOPLE: usize = 8;
pub(crate) const IMAGES: usize = 4;
pub(crate) const HEIGHT: usize = 16;
pub(crate) const WIDTH: usize = 12;

/// Small enough that a training is over in a blink, with dropout and normalisation, so that it has a state.
pub(crate) const RECIPE: &str = r#"name = "tiny"
seed = 3

[protocol]
name = "k-fold:4"

[pairs]
per_kind = 30

[encoder]
input = [1, 16, 12]
layers = [
  { conv = 4, kernel = 3 }, "relu", { max_pool = 2 }, { dropout = 0.1 },
  "flatten", { dense = 8 }, "batch_norm",
]

[loss]
kind = "contrastive"

[optimizer]
kind = "adam"
lr = 0.003

[train]
epochs = 3
batch = 16
"#;

/// Of `tiny.toml`'s six training people three are not learnt from and say which of five epochs is the best.
pub(crate) const HELD_OUT: [&str; 6] = [
    "--set",
    "protocol.validation_people=3",
    "--set",
    "pairs.per_kind=18",
    "--set",
    "train.epochs=5",
];

/// Far beyond what any of these commands takes, even on a busy machine: only a hanging one meets it.
const PATIENCE: Duration = Duration::from_secs(240);

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// The one JSON document on standard output.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("not one JSON document ({error}): {self:?}"))
    }

    /// Asserts success.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Asserts a failure of this code whose message has each of `words`, and that nobody sees how it is made.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in {self:?}");
        }
        for word in ["panicked", "RUST_BACKTRACE", "stack backtrace", "frame #"] {
            assert!(!self.stderr.contains(word), "{self:?}");
        }
        self
    }
}

/// A folder with `faces/` and `tiny.toml`, in which commands run; it goes when dropped.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self(TempDir::new().unwrap());
        place.write("tiny.toml", RECIPE);
        write_faces(&place.path("faces"));
        place
    }

    /// Faces that are hard to tell apart: a weak pattern of each person's in strong noise.
    pub(crate) fn hard() -> Self {
        let place = Self::new();
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as usize
        };
        for person in 0..PEOPLE {
            for image in 0..IMAGES {
                let at = |y: usize, x: usize| (y * (person + 1) * 13 + x * (7 * person + 3)) % 64;
                let places = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (y, x)));
                let samples = places
                    .map(|(y, x)| (at(y, x) + noise() * 3 / 4) as u8)
                    .collect();
                let name = format!("faces/p{}/{}.pgm", person + 1, image + 1);
                place.write(&name, pgm(WIDTH, HEIGHT, samples));
            }
        }
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The recipe with one text replaced, as `name`.
    pub(crate) fn recipe(&self, name: &str, from: &str, to: &str) {
        assert!(RECIPE.contains(from), "{from}");
        self.write(name, RECIPE.replace(from, to));
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    /// The command, in this folder, with nothing inherited that could help or disturb it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_siamese"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env_remove("SIAMESE_DATA")
            .env_remove("LD_LIBRARY_PATH")
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null());
        command
    }

    /// Runs the command to its end.
    pub(crate) fn siamese(&self, args: &[&str]) -> Said {
        let mut command = assert_cmd::Command::from_std(self.command(args));
        let output = command.timeout(PATIENCE).output().unwrap();
        Said {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// A JSON file.
    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.bytes(name)).unwrap()
    }

    /// Sweeps `tiny.toml` on the faces into `out`, with more arguments.
    pub(crate) fn sweep(&self, more: &[&str]) -> Said {
        let mut args = vec!["sweep", "tiny.toml", "--data", "faces", "--out", "out"];
        args.extend(more);
        self.siamese(&args)
    }

    /// Trains `tiny.toml` on the faces into `out`, with more arguments.
    pub(crate) fn train(&self, out: &str, more: &[&str]) -> Said {
        let mut args = vec!["train", "tiny.toml", "--data", "faces", "--out", out];
        args.extend(more);
        self.siamese(&args)
    }

    /// Starts the same and lets it run; what it says goes to `out` with the ending `.said`.
    pub(crate) fn start(&self, out: &str, more: &[&str]) -> Running<'_> {
        let mut args = vec!["train", "tiny.toml", "--data", "faces", "--out", out];
        args.extend(more);
        self.start_with(&args, out)
    }

    /// Starts a command that writes into `out`, and lets it run.
    pub(crate) fn start_with(&self, args: &[&str], out: &str) -> Running<'_> {
        self.start_command(self.command(args), out)
    }

    /// Starts what writes into `out`, in a process group of its own as a shell does, and lets it run.
    pub(crate) fn start_command(&self, mut command: Command, out: &str) -> Running<'_> {
        let said = self.path(&format!("{out}.said"));
        command
            .stdout(Stdio::null())
            .stderr(fs::File::create(&said).unwrap());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Running {
            child: command.spawn().unwrap(),
            said,
            place: self,
        }
    }
}

/// A training under way; killed when dropped.
pub(crate) struct Running<'a> {
    child: Child,
    said: PathBuf,
    place: &'a Place,
}

impl Running<'_> {
    /// Waits until `out/history.jsonl` has so many lines, or the training has ended.
    pub(crate) fn wait_for_epochs(&mut self, out: &str, epochs: usize) {
        let history = self.place.path(out).join("history.jsonl");
        let start = Instant::now();
        loop {
            let lines = fs::read_to_string(&history).map_or(0, |text| text.lines().count());
            if lines >= epochs || self.child.try_wait().unwrap().is_some() {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "no epoch ended");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Sends a signal by its name, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        self.kill(name, &self.child.id().to_string());
    }

    /// Sends a signal to the whole process group, as a terminal does.
    pub(crate) fn signal_group(&self, name: &str) {
        self.kill(name, &format!("-{}", self.child.id()));
    }

    fn kill(&self, name: &str, whom: &str) {
        // A child that is gone cannot be told; what it left says so.
        Command::new("kill")
            .args([&format!("-{name}"), "--", whom])
            .stderr(Stdio::null())
            .status()
            .unwrap();
    }

    /// How it ended, and what it said on standard error; `code` is absent where a signal ended it.
    pub(crate) fn end(mut self) -> Said {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(2));
        };
        Said {
            code: status.code(),
            stdout: String::new(),
            stderr: fs::read_to_string(&self.said).unwrap(),
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Each person is a pattern of their own, each image that pattern with a little noise.
pub(crate) fn face(person: usize, image: usize) -> Vec<u8> {
    let mut state = (1 + person * IMAGES + image) as u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 27) as usize
    };
    let pixel = |y, x| (y * (person + 1) * 13 + x * (7 * person + 3)) % 200;
    let mut samples = Vec::with_capacity(HEIGHT * WIDTH);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            samples.push((pixel(y, x) + noise()) as u8);
        }
    }
    pgm(WIDTH, HEIGHT, samples)
}

pub(crate) fn pgm(width: usize, height: usize, samples: Vec<u8>) -> Vec<u8> {
    encode(
        &Graymap::new(width, height, 255, samples).unwrap(),
        Encoding::Raw,
    )
}

/// `PEOPLE` folders p1, p2, ... of `IMAGES` files 1.pgm, 2.pgm, ...
pub(crate) fn write_faces(folder: &Path) {
    for person in 0..PEOPLE {
        let own = folder.join(format!("p{}", person + 1));
        fs::create_dir_all(&own).unwrap();
        for image in 0..IMAGES {
            fs::write(own.join(format!("{}.pgm", image + 1)), face(person, image)).unwrap();
        }
    }
}
