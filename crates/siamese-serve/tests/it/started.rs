//! Servers to test.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use siamese_serve::{Server, Settings};
use tempfile::TempDir;

use crate::http::Client;

/// A server that runs until it is dropped.
pub(crate) struct Started {
    pub(crate) client: Client,
    pub(crate) folder: TempDir,
    /// What the operator was told.
    pub(crate) log: Arc<Mutex<Vec<String>>>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// The model for demonstrations without what belongs to real faces: its calibration, and what its training images look like.
pub(crate) fn model_in(folder: &Path) -> PathBuf {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/demo.safetensors");
    let bytes = std::fs::read(demo).unwrap();
    // A file of safetensors begins with the length of its header.
    let (length, rest) = bytes.split_first_chunk::<8>().unwrap();
    let (header, tensors) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let mut header: Value = serde_json::from_slice(header).unwrap();
    let card = &mut header["__metadata__"]["siamese"];
    let mut read: Value = serde_json::from_str(card.as_str().unwrap()).unwrap();
    for of_real_faces in ["calibration", "domain"] {
        read[of_real_faces] = Value::Null;
    }
    *card = read.to_string().into();
    let mut header = header.to_string();
    header.extend(std::iter::repeat_n(
        ' ',
        header.len().next_multiple_of(8) - header.len(),
    ));
    let path = folder.join("model.safetensors");
    let length = (header.len() as u64).to_le_bytes();
    std::fs::write(&path, [&length, header.as_bytes(), tensors].concat()).unwrap();
    path
}

impl Started {
    /// With an empty gallery `staff`.
    pub(crate) fn new() -> Self {
        Self::with(tempfile::tempdir().unwrap(), |_| {})
    }

    pub(crate) fn with(folder: TempDir, change: impl FnOnce(&mut Settings)) -> Self {
        let gallery = folder.path().join("staff.db");
        let mut settings = Settings::new(([127, 0, 0, 1], 0).into(), vec![gallery]);
        settings.model = Some(model_in(folder.path()));
        settings.threads = 2;
        change(&mut settings);
        let log = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (tell, address) = std::sync::mpsc::channel();
        let told = log.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let log = move |line: &str| told.lock().unwrap().push(line.to_owned());
                let server = Server::bind(settings, log).await.unwrap();
                tell.send(server.address()).unwrap();
                server.run(async { drop(stopped.await) }).await;
            });
        });
        let client = Client {
            address: address.recv().unwrap(),
            headers: String::new(),
        };
        Self {
            client,
            folder,
            log,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Ends the server and leaves its files.
    pub(crate) fn end(mut self) -> TempDir {
        self.stop_it();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// Asks it to end, and does not wait.
    pub(crate) fn ask_to_end(&mut self) {
        drop(self.stop.take());
    }

    fn stop_it(&mut self) {
        self.ask_to_end();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.stop_it();
    }
}

/// A picture of a made-up face: which person, and which of that person's pictures.
pub(crate) fn face(person: u32, picture: u32) -> Vec<u8> {
    let (width, height) = (46, 56);
    let mut bytes = format!("P5 {width} {height} 255\n").into_bytes();
    let mut state = person.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut draw = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    let waves: Vec<[f32; 4]> = (0..6).map(|_| [draw(), draw(), draw(), draw()]).collect();
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (x as f32 / 46.0, y as f32 / 56.0);
            let wave = |[a, b, c, d]: &[f32; 4]| {
                ((12.0 * a - 6.0) * u + (12.0 * b - 6.0) * v + 6.3 * c).sin() * (0.3 + d)
            };
            let sum: f32 = waves.iter().map(wave).sum();
            // The same person in a little more or less light, with some noise.
            let noise = ((x * 7 + y * 13 + picture as usize * 29) % 11) as f32 - 5.0;
            let value = 128.0 + 28.0 * sum + 2.0 * noise + picture as f32;
            bytes.push(value.clamp(5.0, 250.0) as u8);
        }
    }
    bytes
}
