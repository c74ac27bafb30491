//! A set of images of which some stay decoded and the others are decoded when they are wanted.

use std::hash::{DefaultHasher, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::source::ImageSource;
use crate::error::Error;

/// Share of the memory that images are decoded ahead into; the rest keeps images decoded.
const AHEAD_SHARE: usize = 4;
/// More than this is not decoded ahead: it is many batches of any network.
const MOST_AHEAD: usize = 256 << 20;
/// How many unusable files an error lists.
const LISTED: usize = 10;

/// How a set is streamed, see [`ImageStack::streaming`](crate::ImageStack::streaming).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streaming {
    /// Images that stay decoded.
    pub kept: usize,
    /// Images that may be decoded ahead of their use, at most.
    pub ahead: usize,
    /// Threads that decode.
    pub threads: usize,
}

/// Images behind a bounded amount of memory.
pub(super) struct Stream {
    pub(super) source: Box<dyn ImageSource>,
    pub(super) image_bytes: usize,
    how: Streaming,
    /// The images that stay decoded, one after the other.
    kept: Vec<u8>,
    /// Of every image's pixels when they were first decoded.
    digests: Vec<u64>,
    pub(super) pool: ThreadPool,
    /// Images that may still be decoded ahead.
    pub(super) free: AtomicUsize,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("Stream");
        debug.field("how", &self.how).finish_non_exhaustive()
    }
}

impl Stream {
    /// Decodes every image once, in order, and hands the bytes of one after the other to `see`.
    pub(super) fn new(
        source: Box<dyn ImageSource>,
        memory: u64,
        threads: usize,
        mut see: impl FnMut(&[u8]),
    ) -> Result<Self, Error> {
        let threads = threads.max(1);
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("decode-{i}"))
            .build()
            .map_err(|error| Error::Image(format!("cannot start threads to decode: {error}")))?;
        let len = source.len();
        let image_bytes = source.shape().iter().product::<usize>().max(1);
        let memory = usize::try_from(memory).unwrap_or(usize::MAX);
        let ahead = (memory / AHEAD_SHARE).min(MOST_AHEAD);
        let kept = (memory - ahead) / image_bytes;
        let how = Streaming {
            kept: kept.min(len),
            ahead: (ahead / image_bytes).clamp(1, len.max(1)),
            threads,
        };
        let mut stream = Self {
            image_bytes,
            kept: room(how.kept.saturating_mul(image_bytes))?,
            digests: Vec::with_capacity(len),
            free: AtomicUsize::new(how.ahead),
            source,
            how,
            pool,
        };
        let mut part = room(how.ahead.saturating_mul(image_bytes))?;
        let mut errors = Vec::new();
        for first in (0..len).step_by(how.ahead) {
            let count = how.ahead.min(len - first);
            let part = &mut part[..count * image_bytes];
            let decode = |(i, out): (usize, &mut [u8])| {
                stream.source.decode(first + i, out)?;
                Ok(digest(out))
            };
            let found: Vec<Result<u64, String>> = stream.pool.install(|| {
                let images = part.par_chunks_exact_mut(image_bytes);
                images.enumerate().map(decode).collect()
            });
            for (i, (found, image)) in found
                .into_iter()
                .zip(part.chunks_exact(image_bytes))
                .enumerate()
            {
                match found {
                    Ok(digest) => stream.digests.push(digest),
                    Err(error) => {
                        errors.push(error);
                        continue;
                    }
                }
                see(image);
                if let Some(place) = stream.kept_place(first + i) {
                    stream.kept[place * image_bytes..][..image_bytes].copy_from_slice(image);
                }
            }
        }
        if errors.is_empty() {
            Ok(stream)
        } else {
            Err(Error::Image(unusable(&errors, len)))
        }
    }

    pub(super) fn how(&self) -> Streaming {
        self.how
    }

    /// Where an image stands among those that stay decoded, which are spread evenly over all.
    pub(super) fn kept_place(&self, number: usize) -> Option<usize> {
        let place = |number: usize| {
            (number as u128 * self.how.kept as u128 / self.source.len() as u128) as usize
        };
        let before = place(number);
        (place(number + 1) > before).then_some(before)
    }

    /// Writes an image that stays decoded; `false` where it is none.
    pub(super) fn copy_kept(&self, number: usize, out: &mut [u8]) -> bool {
        let Some(place) = self.kept_place(number) else {
            return false;
        };
        out.copy_from_slice(&self.kept[place * self.image_bytes..][..self.image_bytes]);
        true
    }

    /// Decodes an image, which must be what it was at first.
    pub(super) fn decode(&self, number: usize, out: &mut [u8]) -> Result<(), String> {
        self.source.decode(number, out)?;
        if digest(out) == self.digests[number] {
            Ok(())
        } else {
            Err(format!(
                "{}: its pixels are no longer what they were at first: restore the file, or start again with the new \
                 one",
                self.source.name(number)
            ))
        }
    }

    /// Takes one of the places for images decoded ahead, if one is free.
    pub(super) fn take_place(&self) -> bool {
        let one_less = |free: usize| free.checked_sub(1);
        self.free
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .is_ok()
    }

    pub(super) fn give_back(&self, places: usize) {
        self.free.fetch_add(places, Ordering::Relaxed);
    }
}

/// Tells pixels that have changed from those that have not; not kept beyond the process.
fn digest(pixels: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(pixels);
    hasher.finish()
}

/// Zeroed memory, or an error.
pub(super) fn room(bytes: usize) -> Result<Vec<u8>, Error> {
    let mut room = Vec::new();
    room.try_reserve_exact(bytes).map_err(|_| {
        Error::Image(format!(
            "no memory for {bytes} bytes of pixels: allow less with --memory, or make the images smaller with data.resize"
        ))
    })?;
    room.resize(bytes, 0);
    Ok(room)
}

fn unusable(errors: &[String], files: usize) -> String {
    let mut text = format!("{} of {files} files cannot be used:", errors.len());
    for error in errors.iter().take(LISTED) {
        text.push_str(&format!("\n  {error}"));
    }
    if errors.len() > LISTED {
        text.push_str(&format!("\n  ... and {} more", errors.len() - LISTED));
    }
    text
}
